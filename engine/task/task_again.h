/*
 * task_again.h - what an operation could not do for a reason that passes (a
 * helper that died, a script that failed, xenstore that did not answer) is
 * tried again by it, a few times, a second after each other: else it would
 * leave remnants for good. That is told once.
 */
#ifndef XENDECK_ENGINE_TASK_AGAIN_H
#define XENDECK_ENGINE_TASK_AGAIN_H

#include "engine/task/task.h"

/* Embedded in what is tried; zeroed: not tried yet. */
struct task_again {
    unsigned tries;
    uint64_t due_ms; /* 0: it is not waited for */
};

/* It has failed: true, if it is to be tried again, and the step is to wait; the
 * task is woken then. False: so often did it fail. what: said with why in the
 * event of the first time, "nodes of domain 7". */
bool task_again_later(struct task_again *a, struct task *t, const char *what,
                      const struct err *why);
/* Is that time still to come? */
bool task_again_waits(struct task_again *a, struct task *t);

#endif
