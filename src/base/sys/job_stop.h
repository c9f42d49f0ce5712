/*
 * job_stop.h - a program on a terminal stops as ^Z would stop it.
 */
#ifndef XENDECK_BASE_JOB_STOP_H
#define XENDECK_BASE_JOB_STOP_H

/* Returns once the process was continued, with the handler and the mask that it
 * had; at once if it has no shell that would continue it. */
void job_stop(void);
/* Returns when the terminal is this process's to use. In the background (`bg',
 * `&') it stops, as the kernel stops whoever sets a terminal's modes there,
 * until the shell brings it to the foreground. At once if fd is not the
 * terminal of this job, or if there is no shell. */
void job_wait_foreground(int fd);

#endif
