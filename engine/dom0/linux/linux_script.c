/*
 * linux_script.c - hotplug scripts as children of this process. There are no
 * udev rules for it in Xen 4.17: the toolstack runs these scripts itself. They
 * get xenstore by their own connection, serialise among themselves with locks,
 * and send their own stderr to /var/log/xen/xen-hotplug.log as soon as they
 * have begun; what they could not do they write into the backend's
 * hotplug-error.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/dom0/linux/linux_int.h"
#include "src/base/fdio.h"
#include "src/base/maker.h"

#define N_ENV      10
#define PIPE_READS 64 /* of a KiB: what a pipe of Linux holds */
#define ENV_MAX    320
#define MAKER_VAR  "XENDECK_ENGINE=" /* who has started it */
#define PROC_MAX   (256U << 10)

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
linux_script_take_words(struct hotplug *hp)
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
    linux_script_take_words(container_of(lf, struct hotplug, lf));
}

/* A child that it left behind may hold the pipe: it is not waited for. */
static void
words_end(struct hotplug *hp)
{
    if (hp->lf.lp != NULL)
        linux_script_take_words(hp);
    if (hp->lf.lp != NULL)
        words_close(hp);
}

static void
linux_script_child_ended(struct loop_child *lc, int status)
{
    struct hotplug *hp = container_of(lc, struct hotplug, child);

    words_end(hp);
    hotplug_ended(hp, status);
}

static int
linux_script_spawn(const struct hotplug_job *j, int err_fd, char *const *envp,
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
    /* The kernel runs us again before it closes on exec: see become_helper. */
    posix_spawn_file_actions_addclosefrom_np(&fa, 3);
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
    char *envp[N_ENV + 1] = { NULL }, maker[160];
    size_t i, n = 0;

    text_fmt(env[n++], ENV_MAX, "script=%s", j->script);
    text_fmt(env[n++], ENV_MAX, "XENBUS_TYPE=%s", j->kind);
    text_fmt(env[n++], ENV_MAX, "XENBUS_PATH=%s", strstr(j->back, "backend/"));
    text_fmt(env[n++], ENV_MAX, "XENBUS_BASE_PATH=backend");
    text_fmt(env[n++], ENV_MAX, "PATH=/usr/sbin:/usr/bin:/sbin:/bin");
    maker_self(maker, sizeof(maker));
    text_fmt(env[n++], ENV_MAX, MAKER_VAR "%s", maker);
    if (j->ifname != NULL)
        text_fmt(env[n++], ENV_MAX, "vif=%s", j->ifname);
    if (j->tap != NULL)
        text_fmt(env[n++], ENV_MAX, "INTERFACE=%s", j->tap);
    if (j->netdev != NULL)
        text_fmt(env[n++], ENV_MAX, "netdev=%s", j->netdev);
    for (i = 0; i < n; i++)
        envp[i] = env[i];
    return linux_script_spawn(j, err_fd, envp, pid_out);
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
    if (loop_child_add(d->lp, &hp->child, pid, linux_script_child_ended) < 0) {
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

/* --- those of engines that are gone --- */

/* The value behind "NAME=" in a block of strings, NULL: there is none. */
static const char *
left_value(const struct buf *b, const char *name)
{
    const char *s;

    for (s = b->data; b->len > 0 && s < b->data + b->len; s += strlen(s) + 1)
        if (strncmp(s, name, strlen(name)) == 0)
            return s + strlen(name);
    return NULL;
}

static int
left_read(long pid, const char *name, struct buf *out, struct err *e)
{
    char path[64];

    text_fmt(path, sizeof(path), "/proc/%ld/%s", pid, name);
    if (fd_read_file(path, PROC_MAX, out, e) < 0)
        return -1;
    buf_chr(out, '\0'); /* whatever wrote it may have left that out */
    return 0;
}

/* The script itself, at the head of the group that it was started with. A
 * daemon that a script has started has the same environment and is to live: it
 * has a session of its own, or is no head of a group. */
static bool
is_script(long pid, const char *script, struct err *e)
{
    struct buf words = { 0 };
    bool found = false;

    if (getpgid((pid_t)pid) != pid || getsid((pid_t)pid) == pid)
        return false;
    if (script != NULL && left_read(pid, "cmdline", &words, e) == 0)
        found = left_value(&words, script) != NULL;
    buf_free(&words);
    return found;
}

/* Whoever has ended meanwhile is no failure; 0, or the errno of one. */
static int
end_if_left(long pid, dom0_left_script_cb *cb, void *arg)
{
    const char *maker, *script, *back;
    struct buf env = { 0 };
    struct err e = { 0 };

    if (left_read(pid, "environ", &env, &e) == 0) {
        maker = left_value(&env, MAKER_VAR);
        script = left_value(&env, "script=");
        back = left_value(&env, "XENBUS_PATH=");
        if (maker != NULL && maker_life(maker) == LIFE_GONE &&
            is_script(pid, script, &e) && kill((pid_t)-pid, SIGKILL) == 0)
            cb(arg, pid, script, back != NULL ? back : "");
    }
    buf_free(&env);
    return e.sys == ENOENT || e.sys == ESRCH ? 0 : e.sys;
}

int
linux_end_left_scripts(struct dom0 *d, dom0_left_script_cb *cb, void *arg,
                       struct err *e)
{
    DIR *dir = opendir("/proc");
    const struct dirent *de;
    unsigned long long pid;
    int errnum = dir == NULL ? errno : 0, r;

    (void)d;
    while (dir != NULL) {
        errno = 0;
        de = readdir(dir);
        if (de == NULL) {
            errnum = errnum == 0 ? errno : errnum;
            break;
        }
        if (!text_u64(de->d_name, 2, INT_MAX, &pid))
            continue;
        r = end_if_left((long)pid, cb, arg);
        if (r != 0 && errnum == 0)
            errnum = r;
    }
    if (dir != NULL)
        closedir(dir);
    return errnum == 0 ? 0 : err_sys(e, errnum, "scripts at work");
}

int
linux_script_errno(struct dom0 *d, const char *path)
{
    (void)d;
    return access(path, X_OK) < 0 ? errno : 0;
}
