/*
 * loop_child.c - the end of child processes, told by pidfds.
 * A pidfd names one process for good: no race with a pid used again, and no
 * SIGCHLD handler that reaps what a library forked.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "src/base/loop_int.h"
#include "src/base/xalloc.h"

static void
child_ready(struct loop_fd *lf, unsigned ready)
{
    struct loop_child *lc = container_of(lf, struct loop_child, lf);
    int status = -1;
    pid_t r;

    (void)ready;
    do
        r = waitpid(lc->pid, &status, WNOHANG);
    while (r < 0 && errno == EINTR);
    if (r == 0)
        return;
    if (r < 0)
        status = -1;
    loop_child_del(lc);
    lc->cb(lc, status);
}

int
loop_child_add(struct loop *lp, struct loop_child *lc, pid_t pid,
               loop_child_cb cb)
{
    int saved;

    loop_child_del(lc);
    lc->pidfd = pidfd_open(pid, 0); /* always close-on-exec */
    if (lc->pidfd < 0)
        return -1;
    if (loop_fd_add(lp, &lc->lf, lc->pidfd, LOOP_READ, child_ready) < 0) {
        saved = errno;
        close(lc->pidfd);
        errno = saved;
        return -1;
    }
    lc->lp = lp;
    lc->pid = pid;
    lc->cb = cb;
    loop_hold(lp);
    return 0;
}

void
loop_child_del(struct loop_child *lc)
{
    struct loop *lp = lc->lp;

    if (lp == NULL)
        return;
    lc->lp = NULL;
    loop_fd_del(&lc->lf);
    close(lc->pidfd);
    lc->pidfd = -1;
    if (!lc->resting)
        loop_release(lp);
    lc->resting = false;
}

void
loop_child_rest(struct loop_child *lc, bool resting)
{
    if (lc->lp == NULL || lc->resting == resting)
        return;
    lc->resting = resting;
    if (resting)
        loop_release(lc->lp);
    else
        loop_hold(lc->lp);
}

static void
reaped(struct loop_child *lc, int status)
{
    (void)status;
    free(lc);
}

void
loop_child_reap(struct loop *lp, pid_t pid)
{
    struct loop_child *lc;

    if (waitpid(pid, NULL, WNOHANG) != 0)
        return;
    lc = xcalloc(1, sizeof(*lc));
    if (loop_child_add(lp, lc, pid, reaped) < 0)
        free(lc); /* no descriptor: it stays a zombie until we end */
}

bool
loop_child_fini(struct loop_fd *lf)
{
    struct loop_child *lc;

    if (lf->cb != child_ready)
        return false;
    lc = container_of(lf, struct loop_child, lf);
    loop_child_del(lc);
    if (lc->cb == reaped)
        free(lc);
    return true;
}
