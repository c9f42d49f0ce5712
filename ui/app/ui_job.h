/*
 * ui_job.h - a line that goes on as a job of its own, as ui_run.c keeps it.
 */
#ifndef XENDECK_UI_JOB_H
#define XENDECK_UI_JOB_H

struct cmd_call;
struct cmd_job;
struct ui;

/* Shows what the job gives when it ends. Takes both: the job, and the call that
 * has begun it. */
void ui_job_watch(struct ui *ui, struct cmd_job *job, struct cmd_call *call);

#endif
