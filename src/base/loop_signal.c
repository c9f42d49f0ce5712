/*
 * loop_signal.c - signals as a descriptor of the loop.
 * Invariant: a signal is in taken, blocked in the process and read from the
 * signalfd exactly while it has a handler.
 */
#include <errno.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "src/base/loop_int.h"

static void signalfd_ready(struct loop_fd *lf, unsigned ready);

void
loop_signals_init(struct loop *lp)
{
    list_init(&lp->signals);
    list_init(&lp->ready_signals);
    sigemptyset(&lp->taken);
    sigemptyset(&lp->was_blocked);
}

static bool
has_handler(const struct loop *lp, int signo)
{
    const struct list_node *heads[] = { &lp->signals, &lp->ready_signals };
    const struct list_node *it;
    size_t i;

    for (i = 0; i < 2; i++)
        list_foreach (it, heads[i])
            if (container_of(it, const struct loop_signal, node)->signo ==
                signo)
                return true;
    return false;
}

/* Makes the signalfd read what taken says. */
static int
signalfd_update(struct loop *lp)
{
    int fd, saved;

    if (lp->signal_lf.lp != NULL)
        return signalfd(lp->signal_lf.fd, &lp->taken, 0) < 0 ? -1 : 0;
    fd = signalfd(-1, &lp->taken, SFD_NONBLOCK | SFD_CLOEXEC);
    if (fd < 0)
        return -1;
    if (loop_fd_add(lp, &lp->signal_lf, fd, LOOP_READ, signalfd_ready) == 0)
        return 0;
    saved = errno;
    close(fd);
    errno = saved;
    return -1;
}

static void
signalfd_close(struct loop *lp)
{
    int fd = lp->signal_lf.fd;

    if (lp->signal_lf.lp == NULL)
        return;
    loop_fd_del(&lp->signal_lf);
    close(fd);
}

/* Back to the mask before the first handler of signo. */
static void
release_signal(struct loop *lp, int signo)
{
    sigset_t one;

    sigdelset(&lp->taken, signo);
    if (list_empty(&lp->signals) && list_empty(&lp->ready_signals))
        signalfd_close(lp);
    else
        signalfd_update(lp);
    if (sigismember(&lp->was_blocked, signo))
        return;
    sigemptyset(&one);
    sigaddset(&one, signo);
    sigprocmask(SIG_UNBLOCK, &one, NULL);
}

static int
take_signal(struct loop *lp, int signo)
{
    sigset_t one, old;

    sigemptyset(&one);
    if (sigaddset(&one, signo) < 0 || sigprocmask(SIG_BLOCK, &one, &old) < 0)
        return -1;
    if (sigismember(&old, signo))
        sigaddset(&lp->was_blocked, signo);
    else
        sigdelset(&lp->was_blocked, signo);
    sigaddset(&lp->taken, signo);
    if (signalfd_update(lp) == 0)
        return 0;
    release_signal(lp, signo);
    return -1;
}

int
loop_signal_add(struct loop *lp, struct loop_signal *ls, int signo,
                loop_signal_cb cb)
{
    if (signo <= 0 || signo == SIGKILL || signo == SIGSTOP || cb == NULL) {
        errno = EINVAL;
        return -1;
    }
    loop_signal_del(ls);
    if (!has_handler(lp, signo) && take_signal(lp, signo) < 0)
        return -1;
    ls->lp = lp;
    ls->signo = signo;
    ls->cb = cb;
    list_append(&lp->signals, &ls->node);
    return 0;
}

void
loop_signal_del(struct loop_signal *ls)
{
    struct loop *lp = ls->lp;

    if (lp == NULL)
        return;
    ls->lp = NULL;
    list_del(&ls->node);
    if (!has_handler(lp, ls->signo))
        release_signal(lp, ls->signo);
}

/* Moves the handlers of every signal that arrived to ready_signals. */
static void
loop_signal_collect(struct loop *lp)
{
    struct signalfd_siginfo si[8];
    struct list_node *it, *tmp;
    sigset_t arrived;
    size_t i, n;
    ssize_t r;

    sigemptyset(&arrived);
    while ((r = read(lp->signal_lf.fd, si, sizeof si)) > 0) {
        n = (size_t)r / sizeof si[0];
        for (i = 0; i < n; i++)
            sigaddset(&arrived, (int)si[i].ssi_signo);
    }
    list_foreach_safe (it, tmp, &lp->signals) {
        struct loop_signal *ls = container_of(it, struct loop_signal, node);

        if (!sigismember(&arrived, ls->signo))
            continue;
        list_del(it);
        list_append(&lp->ready_signals, it);
    }
}

static void
signalfd_ready(struct loop_fd *lf, unsigned ready)
{
    struct loop *lp = lf->lp;

    (void)ready;
    loop_signal_collect(lp);
    while (!list_empty(&lp->ready_signals)) {
        struct loop_signal *ls =
            container_of(lp->ready_signals.next, struct loop_signal, node);

        list_del(&ls->node);
        list_append(&lp->signals, &ls->node);
        lp->called++;
        ls->cb(ls); /* may free its owner, and delete any other */
    }
}

void
loop_signals_fini(struct loop *lp)
{
    while (!list_empty(&lp->ready_signals))
        loop_signal_del(
            container_of(lp->ready_signals.next, struct loop_signal, node));
    while (!list_empty(&lp->signals))
        loop_signal_del(
            container_of(lp->signals.next, struct loop_signal, node));
}
