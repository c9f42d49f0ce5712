/*
 * helper_spawn.c - the start of a helper's process, which has one socket for
 * its three standard descriptors.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/task/helper_int.h"
#include "engine/task/helper_main.h"
#include "src/base/xalloc.h"

#define START_STACK (64 * 1024)

struct start {
    const char *exe;
    char *const *argv;
    int sock;
    int failed; /* errno, if there was nothing to execute */
};

/* In the child, which borrows the parent's memory until it executes: nothing
 * but system calls. The three standard descriptors are one socket. */
static int
become_helper(void *arg)
{
    struct start *st = arg;
    sigset_t none;
    int i;

    sigemptyset(&none);
    /* A group of its own: ^C in a terminal is the engine's to handle. */
    (void)setpgid(0, 0);
    (void)signal(SIGPIPE, SIG_DFL); /* ignored signals survive an exec */
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    for (i = 0; i < 3; i++)
        if (dup2(st->sock, i) < 0)
            break;
    /* Now, as the kernel closes them only when the parent runs again: until
     * then the locks of an engine that was killed would still be held. */
    (void)close_range(3, ~0U, 0);
    if (i == 3)
        execve(st->exe, st->argv, environ);
    st->failed = errno;
    return 127;
}

/* As posix_spawn does it, which also asks for the handler of each of 64
 * signals: a tenth of a second under emulation. Returns 0 or an errno. */
static int
helper_spawn_of(struct helper *h, int sock)
{
    char arg[] = ENGINE_HELPER_ARG, name[] = "xendeck-helper", driver[8];
    char *argv[] = { name, arg, driver, NULL };
    struct start st = { .exe = h->pool->exe, .argv = argv, .sock = sock };
    char *stack = xcalloc(1, START_STACK);

    text_fmt(driver, sizeof(driver), "%s", h->pool->driver);
    h->pid = clone(become_helper, stack + START_STACK,
                   CLONE_VM | CLONE_VFORK | SIGCHLD, &st);
    if (h->pid < 0)
        st.failed = errno;
    else if (st.failed != 0)
        (void)waitpid(h->pid, NULL, 0);
    if (st.failed != 0)
        h->pid = 0;
    free(stack);
    return st.failed;
}

int
helper_spawn(struct helper *h, struct err *e)
{
    int pair[2], child, r;

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
        return err_sys(e, errno, "socket to a helper process");
    h->fd = pair[0];
    /* Above the numbers that it becomes: a dup2 onto itself would keep its
     * close-on-exec flag. */
    child = fcntl(pair[1], F_DUPFD_CLOEXEC, 3);
    close(pair[1]);
    r = child < 0 ? errno : helper_spawn_of(h, child);
    if (child >= 0)
        close(child);
    if (r != 0)
        return err_sys(e, r, "start of the helper process %s", h->pool->exe);
    return 0;
}
