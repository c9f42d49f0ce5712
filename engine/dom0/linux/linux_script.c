/*
 * linux_script.c - hotplug scripts as children of this process. There are no
 * udev rules for it in Xen 4.17: the toolstack runs these scripts itself. They
 * get xenstore by their own connection, serialise among themselves with locks,
 * and send their own stderr to /var/log/xen/xen-hotplug.log as soon as they
 * have begun; what they could not do they write into the backend's
 * hotplug-error.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/dom0/linux/linux_int.h"
#include "src/base/fdio.h"

#define N_ENV      8
#define PIPE_READS 64 /* of a KiB: what a pipe of Linux holds */
#define ENV_MAX    320

static void
words_close(struct hotplug *hp)
{
    int fd = hp->lf.fd;

    loop_fd_del(&hp->lf);
    close(fd);
}

/* Only the last bytes are of use: errors come at the end. A whole pipe at a
 * time: one who writes without end would keep the loop here. */
static void
take_words(struct hotplug *hp)
{
    char bytes[1024];
    ssize_t n = -1;
    int i;

    for (i = 0; i < PIPE_READS; i++) {
        n = read(hp->lf.fd, bytes, sizeof(bytes));
        if (n <= 0)
            break;
        buf_add(&hp->said, bytes, (size_t)n);
        if (hp->said.len > HOTPLUG_SAID_MAX)
            buf_consume(&hp->said, hp->said.len - HOTPLUG_SAID_MAX);
    }
    if (n == 0) /* all who had it are gone */
        words_close(hp);
}

static void
words_ready(struct loop_fd *lf, unsigned ready)
{
    (void)ready;
    take_words(container_of(lf, struct hotplug, lf));
}

/* A child that it left behind may hold the pipe: it is not waited for. */
static void
words_end(struct hotplug *hp)
{
    if (hp->lf.lp != NULL)
        take_words(hp);
    if (hp->lf.lp != NULL)
        words_close(hp);
}

static void
child_ended(struct loop_child *lc, int status)
{
    struct hotplug *hp = container_of(lc, struct hotplug, child);

    words_end(hp);
    hotplug_ended(hp, status);
}

static int
spawn(const struct hotplug_job *j, int err_fd, char *const *envp,
      pid_t *pid_out)
{
    char *argv[] = { (char *)(uintptr_t)j->script, (char *)(uintptr_t)j->verb,
                     (char *)(uintptr_t)j->arg, NULL };
    posix_spawn_file_actions_t fa;
    posix_spawnattr_t at;
    sigset_t none, dfl;
    int r;

    sigemptyset(&none);
    sigemptyset(&dfl);
    sigaddset(&dfl, SIGPIPE);
    posix_spawn_file_actions_init(&fa);
    posix_spawn_file_actions_addopen(&fa, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&fa, 1, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_adddup2(&fa, err_fd, 2);
    posix_spawnattr_init(&at);
    posix_spawnattr_setsigmask(&at, &none);
    posix_spawnattr_setsigdefault(&at, &dfl);
    posix_spawnattr_setpgroup(&at, 0);
    posix_spawnattr_setflags(&at, POSIX_SPAWN_SETSIGMASK |
                                      POSIX_SPAWN_SETSIGDEF |
                                      POSIX_SPAWN_SETPGROUP);
    r = posix_spawn(pid_out, j->script, &fa, &at, argv, envp);
    posix_spawn_file_actions_destroy(&fa);
    posix_spawnattr_destroy(&at);
    return r;
}

static int
spawn_with_env(const struct hotplug_job *j, int err_fd, pid_t *pid_out)
{
    char env[N_ENV][ENV_MAX];
    char *envp[N_ENV + 1] = { NULL };
    size_t i, n = 0;

    text_fmt(env[n++], ENV_MAX, "script=%s", j->script);
    text_fmt(env[n++], ENV_MAX, "XENBUS_TYPE=%s", j->kind);
    text_fmt(env[n++], ENV_MAX, "XENBUS_PATH=%s", strstr(j->back, "backend/"));
    text_fmt(env[n++], ENV_MAX, "XENBUS_BASE_PATH=backend");
    text_fmt(env[n++], ENV_MAX, "PATH=/usr/sbin:/usr/bin:/sbin:/bin");
    if (j->ifname != NULL)
        text_fmt(env[n++], ENV_MAX, "vif=%s", j->ifname);
    for (i = 0; i < n; i++)
        envp[i] = env[i];
    return spawn(j, err_fd, envp, pid_out);
}

int
linux_script_start(struct dom0 *d, struct hotplug *hp,
                   const struct hotplug_job *j, struct err *e)
{
    int fds[2], r;
    pid_t pid;

    if (pipe2(fds, O_CLOEXEC | O_NONBLOCK) < 0)
        return err_sys(e, errno, "script %s", j->script);
    /* The script writes to a pipe as any other: without O_NONBLOCK. */
    (void)fcntl(fds[1], F_SETFL, 0);
    r = spawn_with_env(j, fds[1], &pid);
    close(fds[1]);
    if (r != 0) {
        close(fds[0]);
        return err_sys(e, r, "script %s", j->script);
    }
    if (loop_child_add(d->lp, &hp->child, pid, child_ended) < 0) {
        r = errno;
        (void)kill(-pid, SIGKILL);
        loop_child_reap(d->lp, pid);
        close(fds[0]);
        return err_sys(e, r, "script %s", j->script);
    }
    if (loop_fd_add(d->lp, &hp->lf, fds[0], LOOP_READ, words_ready) < 0)
        close(fds[0]);
    return 0;
}

/* The whole group: a script's own children hold its locks. Its end comes
 * through the child handler. */
void
linux_script_kill(struct dom0 *d, struct hotplug *hp)
{
    (void)d;
    (void)kill(-hp->child.pid, SIGKILL);
}

void
linux_script_stop(struct dom0 *d, struct hotplug *hp)
{
    pid_t pid = hp->child.pid;

    (void)kill(-pid, SIGKILL);
    loop_child_del(&hp->child);
    loop_child_reap(d->lp, pid);
    words_end(hp);
}

int
linux_script_errno(struct dom0 *d, const char *path)
{
    (void)d;
    return access(path, X_OK) < 0 ? errno : 0;
}
