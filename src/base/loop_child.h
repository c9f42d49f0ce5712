/*
 * loop_child.h - the ends of child processes as events of the loop.
 */
#ifndef XENDECK_BASE_LOOP_CHILD_H
#define XENDECK_BASE_LOOP_CHILD_H

#include <stdbool.h>
#include <sys/types.h>

#include "src/base/loop_fd.h"

struct loop_child;

/* status: as waitpid gives it, or -1 when somebody else reaped the process
 * (-1 is neither WIFEXITED nor WIFSIGNALED). Called once; the handler is idle
 * by then. */
typedef void (*loop_child_cb)(struct loop_child *lc, int status);

struct loop_child {
    struct loop *lp;
    pid_t pid;
    int pidfd;
    bool resting;
    loop_child_cb cb;
    struct loop_fd lf;
};

/* Watches a child of this process through a pidfd and reaps it; of a process
 * that is no child only the end is told (status -1). Takes a hold
 * on the virtual clock until the child ends. del leaves the child unreaped:
 * the caller then owns waitpid. 0, or -1 with errno. */
int loop_child_add(struct loop *lp, struct loop_child *lc, pid_t pid,
                   loop_child_cb cb);
void loop_child_del(struct loop_child *lc);
/* A child that waits for this process is not at work: a virtual clock runs
 * until it is again. Idempotent; an idle handler is left alone. */
void loop_child_rest(struct loop_child *lc, bool resting);
/* Reaps a killed child when it ends, and tells nobody. It may take long: a
 * process that waits for a dead disk ends when the disk answers. */
void loop_child_reap(struct loop *lp, pid_t pid);

#endif
