/*
 * loader_spawn.c - see loader_spawn.h.
 */
#include "engine/dom0/linux/loader/loader_spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "src/base/xalloc.h"

#define CHILD_STACK (64 * 1024)

static void
spawn_reset_signals(void)
{
    sigset_t none;
    int sig;

    sigemptyset(&none);
    for (sig = 1; sig < 32; sig++)
        (void)signal(sig, SIG_DFL); /* ignored signals survive an exec */
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
}

/* The first terminal that the leader of a session opens becomes its own. */
static bool
loader_take_tty(const char *tty)
{
    int fd, i;

    if (setsid() < 0)
        return false;
    fd = open(tty, O_RDWR);
    if (fd < 0)
        return false;
    for (i = 0; i < 3; i++)
        if (dup2(fd, i) < 0)
            return false;
    return syscall(SYS_close_range, 3U, ~0U, 0U) == 0;
}

/* In the child, which borrows the parent's memory until it executes: nothing
 * but system calls. */
static int
loader_become(void *arg)
{
    struct loader_spawn *st = arg;
    spawn_reset_signals();
    if (loader_take_tty(st->tty) && loader_confine(&st->confine) &&
        prctl(PR_SET_PDEATHSIG, SIGKILL) == 0)
        execve(st->program, st->argv, st->envp);
    st->failed = errno;
    return 127;
}

/* Its terminal is somebody else's: what it says there is all that it has of
 * it. */
static bool
spawn_take_outputs(const struct loader_spawn *st)
{
    int null = open("/dev/null", O_RDONLY), tty;

    if (setsid() < 0 || null < 0 || dup2(st->out_fd, 1) < 0 ||
        dup2(null, 0) < 0)
        return false;
    tty = open(st->tty, O_WRONLY | O_NOCTTY);
    return tty >= 0 && dup2(tty, 2) >= 0 &&
           syscall(SYS_close_range, 3U, ~0U, 0U) == 0;
}

static int
spawn_become_beside(void *arg)
{
    struct loader_spawn *st = arg;

    spawn_reset_signals();
    if (spawn_take_outputs(st) && prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 &&
        prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0)
        execve(st->program, st->argv, st->envp);
    st->failed = errno;
    return 127;
}

/* more: flags that this host's kernel may refuse. */
static int
spawn_clone(struct loader_spawn *st, int (*become)(void *arg), int more,
            pid_t *pid_out)
{
    const int flags = CLONE_VM | CLONE_VFORK | SIGCHLD;
    char *stack = xcalloc(1, CHILD_STACK), *top = stack + CHILD_STACK;
    int pid = -1;

    if (more != 0)
        pid = clone(become, top, flags | more, st);
    if (pid < 0)
        pid = clone(become, top, flags, st);

    if (pid < 0)
        st->failed = errno;
    else if (st->failed != 0)
        (void)waitpid(pid, NULL, 0);
    free(stack);
    *pid_out = (pid_t)pid;
    return st->failed;
}

/* The end of the first process of its own namespace ends all in it; a host that
 * has none of these has boot loaders all the same. */
int
loader_spawn_leader(struct loader_spawn *st, pid_t *pid_out)
{
    return spawn_clone(st, loader_become, st->confine.drop ? CLONE_NEWPID : 0,
                       pid_out);
}

int
loader_spawn_beside(struct loader_spawn *st, pid_t *pid_out)
{
    return spawn_clone(st, spawn_become_beside, 0, pid_out);
}
