/*
 * job_stop.c - see job_stop.h.
 */
#include "src/base/sys/job_stop.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <termios.h>

void
job_stop(void)
{
    struct sigaction dfl = { .sa_handler = SIG_DFL }, was;
    sigset_t set, mask;

    sigemptyset(&set);
    sigaddset(&set, SIGTSTP);
    sigaction(SIGTSTP, &dfl, &was);
    /* Not SIGSTOP: without a shell to continue us (orphaned process group)
     * the kernel drops SIGTSTP and we go on, instead of hanging for ever. */
    raise(SIGTSTP);
    sigprocmask(SIG_UNBLOCK, &set, &mask);
    sigprocmask(SIG_SETMASK, &mask, NULL);
    sigaction(SIGTSTP, &was, NULL);
}

/* The call changes nothing here, but the kernel asks whether it may. */
void
job_wait_foreground(int fd)
{
    while (tcflow(fd, TCOON) < 0 && errno == EINTR)
        ;
}
