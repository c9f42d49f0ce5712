/*
 * linux_transport.c - a program that carries a migration, as ssh: started
 * through the shell with a socket for its standard input and output.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "engine/dom0/linux/linux_int.h"
#include "src/base/fdio.h"

#define CARRIER_FD (STDERR_FILENO + 1)

/* Ends of the socket and of the pipe, from above the standard descriptors. */
struct transport_ends {
    int ours, theirs, err_ours, err_theirs;
};

static void
transport_drop(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static int
transport_high(int *fd)
{
    int high = fcntl(*fd, F_DUPFD_CLOEXEC, 3);

    close(*fd);
    *fd = high;
    return high < 0 ? -1 : 0;
}

static int
transport_ends_make(struct transport_ends *t)
{
    int pair[2];

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
        return -1;
    t->ours = pair[0];
    t->theirs = pair[1];
    if (pipe2(pair, O_CLOEXEC) < 0)
        return -1;
    t->err_ours = pair[0];
    t->err_theirs = pair[1];
    return transport_high(&t->theirs) < 0 || transport_high(&t->err_theirs) < 0
               ? -1
               : 0;
}

/* In a group of its own: ^C in a terminal is the engine's to handle. */
static int
transport_spawn(const struct dom0_carrier *c, const struct transport_ends *t,
                pid_t *pid)
{
    posix_spawn_file_actions_t fa;
    posix_spawnattr_t at;
    sigset_t none, dfl;
    int r;

    sigemptyset(&none);
    sigfillset(&dfl);
    posix_spawn_file_actions_init(&fa);
    posix_spawn_file_actions_adddup2(&fa, t->theirs, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&fa, t->theirs, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&fa, t->err_theirs, STDERR_FILENO);
    if (c->fd >= 0)
        posix_spawn_file_actions_adddup2(&fa, c->fd, CARRIER_FD);
    posix_spawn_file_actions_addclosefrom_np(&fa, CARRIER_FD + (c->fd >= 0));
    posix_spawnattr_init(&at);
    posix_spawnattr_setsigmask(&at, &none);
    posix_spawnattr_setsigdefault(&at, &dfl);
    posix_spawnattr_setpgroup(&at, 0);
    posix_spawnattr_setflags(&at, POSIX_SPAWN_SETSIGMASK |
                                      POSIX_SPAWN_SETSIGDEF |
                                      POSIX_SPAWN_SETPGROUP);
    r = posix_spawn(pid, c->program, &fa, &at, c->argv, environ);
    posix_spawn_file_actions_destroy(&fa);
    posix_spawnattr_destroy(&at);
    return r;
}

/* 0, or an errno. */
static int
transport_start(const struct dom0_carrier *c, struct dom0_transport *t)
{
    struct transport_ends ends = { -1, -1, -1, -1 };
    int r;

    *t = (struct dom0_transport){ .fd = -1, .err_fd = -1 };
    r = transport_ends_make(&ends) < 0 ? errno
                                       : transport_spawn(c, &ends, &t->pid);
    transport_drop(&ends.theirs);
    transport_drop(&ends.err_theirs);
    if (r != 0) {
        transport_drop(&ends.ours);
        transport_drop(&ends.err_ours);
        return r;
    }
    t->fd = ends.ours;
    t->err_fd = ends.err_ours;
    return 0;
}

int
linux_transport_open(struct dom0 *d, const char *line, struct dom0_transport *t,
                     struct err *e)
{
    char sh[] = "/bin/sh", c[] = "-c", *text = (char *)(uintptr_t)line;
    char *argv[] = { sh, c, text, NULL };
    const struct dom0_carrier shell = { .program = sh, .argv = argv, .fd = -1 };
    int r = transport_start(&shell, t);

    (void)d;
    return r != 0 ? err_sys(e, r, "start of '%s'", line) : 0;
}

int
linux_transport_run(struct dom0 *d, const struct dom0_carrier *c,
                    struct dom0_transport *t, struct err *e)
{
    int r = transport_start(c, t);

    (void)d;
    return r != 0 ? err_sys(e, r, "start of %s", c->argv[0]) : 0;
}

void
linux_transport_close(struct dom0 *d, struct dom0_transport *t)
{
    transport_drop(&t->fd);
    transport_drop(&t->err_fd);
    if (t->pid <= 0)
        return;
    (void)kill(-t->pid, SIGTERM);
    loop_child_reap(d->lp, t->pid);
    t->pid = 0;
}

/* --- receivers of xl */

/* "xl ... migrate-receive ...", by whatever path. */
static enum life
is_receiver(unsigned long long pid)
{
    struct buf b = { 0 };
    struct err e = { 0 };
    const char *s, *base;
    bool xl, receives = false;
    char path[64];

    text_fmt(path, sizeof(path), "/proc/%llu/cmdline", pid);
    if (fd_read_file(path, 64 * 1024, &b, &e) < 0)
        return e.sys == ENOENT || e.sys == ESRCH || e.sys == 0 ? LIFE_GONE
                                                               : LIFE_UNKNOWN;
    s = buf_text(&b);
    base = strrchr(s, '/');
    xl = strcmp(base != NULL ? base + 1 : s, "xl") == 0;
    for (; xl && s < b.data + b.len && !receives; s += strlen(s) + 1)
        receives = strcmp(s, "migrate-receive") == 0;
    buf_free(&b);
    return receives ? LIFE_ALIVE : LIFE_GONE;
}

int
linux_receivers(struct dom0 *d, bool *any_out, struct err *e)
{
    DIR *dir = opendir("/proc");
    const struct dirent *de;
    unsigned long long pid;
    bool blind = false;

    (void)d;
    *any_out = false;
    if (dir == NULL)
        return err_sys(e, errno, "/proc");
    while (!*any_out && (errno = 0, de = readdir(dir)) != NULL) {
        enum life life = LIFE_GONE;

        if (text_u64(de->d_name, 2, DOM0_MODEL_PID_MAX, &pid))
            life = is_receiver(pid);
        *any_out = life == LIFE_ALIVE;
        blind |= life == LIFE_UNKNOWN;
    }
    blind |= !*any_out && errno != 0;
    closedir(dir);
    return *any_out || !blind
               ? 0
               : err_set(e, ERR_BUSY,
                         "not all processes of dom0 can be looked at now: try "
                         "again");
}
