/*
 * task_lock.h - the lock of a domain, RUN_DIR/dom-DOMID.lock, so that two
 * engines never work on one domain at the same time. A task holds it from its
 * start to its end.
 */
#ifndef XENDECK_ENGINE_TASK_LOCK_H
#define XENDECK_ENGINE_TASK_LOCK_H

#include "engine/task/task.h"

/* ERR_BUSY: another engine has it. */
int task_lock(struct task *t, struct err *e);
/* Before the task is over: for an operation that leaves the rest to the engine
 * of record. */
void task_unlock(struct task *t);
/* Path of the file. Its content names a life that was destroyed; leave.c reads
 * it. */
void task_lock_path(const struct engine *en, uint32_t domid, char *dst,
                    size_t n);
/* The domain whose lock has this file name, 0: it is no lock. */
uint32_t task_lock_domid(const char *name);
/* Removes that of a domain that is gone, unless somebody holds it. */
void task_lock_remove(const struct engine *en, uint32_t domid);

#endif
