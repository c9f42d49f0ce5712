/*
 * proc_state.h - whether another process was stopped (proc(5), /proc/PID/stat).
 */
#ifndef XENDECK_BASE_PROC_STATE_H
#define XENDECK_BASE_PROC_STATE_H

#include <stdbool.h>
#include <sys/types.h>

/* A descriptor that tells of this process only, whoever has its number later;
 * -1: there is no such process here, or it may not be looked at. */
int proc_state_open(pid_t pid);
/* By a signal, as ^Z or kill -STOP do. False also for one that has ended, and
 * for fd -1. */
bool proc_state_stopped(int fd);

#endif
