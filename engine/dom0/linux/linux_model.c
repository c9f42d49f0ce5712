/*
 * linux_model.c - device models as processes of this dom0: the program, its
 * start, its log, and whether a recorded pid still is one.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/dom0/linux/linux_int.h"
#include "src/base/fdio.h"
#include "src/base/xalloc.h"

#define LOGS_KEPT 5
#define TAIL      2048

/* --- its program --- */

static bool
model_program(char *dst, size_t n)
{
    static const char *const places[] = {
        "/usr/libexec/xen-qemu-system-i386", /* Debian */
        "/usr/lib/xen*/bin/qemu-system-i386",
        "/usr/libexec/xen/bin/qemu-system-i386",
        "/usr/local/lib/xen/bin/qemu-system-i386",
    };
    bool found = false;
    size_t i, k;
    glob_t g;

    for (i = 0; i < sizeof(places) / sizeof(places[0]) && !found; i++) {
        if (glob(places[i], 0, NULL, &g) != 0)
            continue;
        for (k = 0; k < g.gl_pathc && !found; k++) {
            found = access(g.gl_pathv[k], X_OK) == 0;
            text_fmt(dst, n, "%s", g.gl_pathv[k]);
        }
        globfree(&g);
    }
    return found;
}

bool
linux_has_model_program(struct dom0 *d)
{
    char program[256];

    (void)d;
    return model_program(program, sizeof(program));
}

/* --- its log --- */

/* As libxl: NAME.log becomes NAME.log.1, that becomes NAME.log.2... */
static void
rotate(const char *path)
{
    char from[160], to[160];
    int i;

    for (i = LOGS_KEPT - 1; i >= 0; i--) {
        text_fmt(to, sizeof(to), "%s.%d", path, i + 1);
        if (i > 0)
            text_fmt(from, sizeof(from), "%s.%d", path, i);
        else
            text_fmt(from, sizeof(from), "%s", path);
        (void)rename(from, to);
    }
}

void
linux_model_log_tail(struct dom0 *d, const char *log, char *dst, size_t n)
{
    char text[TAIL], *s, *end;
    ssize_t got;
    off_t size;
    int fd;

    (void)d;
    fd = open(log, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return;
    size = lseek(fd, 0, SEEK_END);
    got = pread(fd, text, sizeof(text), size > TAIL ? size - TAIL : 0);
    close(fd);
    if (got <= 0)
        return;
    for (end = text + got; end > text && end[-1] == '\n'; end--)
        ;
    for (s = end; s > text && s[-1] != '\n'; s--)
        ;
    (void)text_safe(dst, n, s, (size_t)(end - s));
}

/* --- its start --- */

static int
open_log(const char *path, struct err *e)
{
    int fd;

    rotate(path);
    fd = open(path,
              O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_NONBLOCK |
                  O_CLOEXEC,
              0640);
    if (fd < 0)
        return err_sys(e, errno, "device model: its log %s", path);
    return fd;
}

/* In no file and in no argument: a pipe that holds it. */
static int
open_password(const char *password, struct err *e)
{
    int fds[2];

    if (pipe2(fds, O_CLOEXEC) < 0)
        return err_sys(e, errno, "device model");
    (void)fd_write_all(fds[1], password, strlen(password)); /* 8 bytes */
    close(fds[1]);
    return fds[0];
}

static void
set_up(posix_spawn_file_actions_t *fa, posix_spawnattr_t *at, int log_fd,
       int password_fd)
{
    sigset_t none, dfl;

    sigemptyset(&none);
    sigfillset(&dfl);
    posix_spawn_file_actions_init(fa);
    posix_spawn_file_actions_addopen(fa, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(fa, log_fd, 1);
    posix_spawn_file_actions_adddup2(fa, log_fd, 2);
    if (password_fd >= 0)
        posix_spawn_file_actions_adddup2(fa, password_fd,
                                         DOM0_MODEL_PASSWORD_FD);
    posix_spawn_file_actions_addclosefrom_np(
        fa,
        password_fd >= 0 ? DOM0_MODEL_PASSWORD_FD + 1 : DOM0_MODEL_PASSWORD_FD);
    posix_spawnattr_init(at);
    posix_spawnattr_setsigmask(at, &none);
    posix_spawnattr_setsigdefault(at, &dfl);
    posix_spawnattr_setflags(at, POSIX_SPAWN_SETSIGMASK |
                                     POSIX_SPAWN_SETSIGDEF |
                                     POSIX_SPAWN_SETSID);
}

static int
run(const char *program, const struct dom0_model_job *j, int log_fd,
    int password_fd, pid_t *pid_out)
{
    /* XSA-180: what a guest makes it say is bounded. */
    char limit[] = "XEN_QEMU_CONSOLE_LIMIT=1048576";
    char path[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
    char *envp[] = { limit, path, NULL }, **argv, *s;
    posix_spawn_file_actions_t fa;
    posix_spawnattr_t at;
    size_t i;
    int r;

    argv = xcalloc(j->n_args + 2, sizeof(*argv));
    argv[0] = (char *)(uintptr_t)program;
    for (i = 1, s = j->args->data; i <= j->n_args; i++, s += strlen(s) + 1)
        argv[i] = s;
    set_up(&fa, &at, log_fd, password_fd);
    r = posix_spawn(pid_out, program, &fa, &at, argv, envp);
    posix_spawn_file_actions_destroy(&fa);
    posix_spawnattr_destroy(&at);
    free(argv);
    return r;
}

int
linux_model_start(struct dom0 *d, const struct dom0_model_job *j,
                  pid_t *pid_out, struct err *e)
{
    int log_fd, password_fd = -1, r;
    char program[256];

    (void)d;
    if (!model_program(program, sizeof(program)))
        return err_set(e, ERR_NOENT, "this host has no device model");
    log_fd = open_log(j->log, e);
    if (log_fd < 0)
        return -1;
    if (j->password != NULL) {
        password_fd = open_password(j->password, e);
        if (password_fd < 0) {
            close(log_fd);
            return -1;
        }
    }
    r = run(program, j, log_fd, password_fd, pid_out);
    close(log_fd);
    if (password_fd >= 0)
        close(password_fd);
    if (r != 0)
        return err_sys(e, r, "device model %s", program);
    return 0;
}

/* --- what runs already --- */

bool
linux_model_serves(struct dom0 *d, uint32_t domid, uint64_t pid)
{
    char path[64], id[16];
    struct buf b = { 0 };
    const char *s;
    bool found = false;

    (void)d;
    text_fmt(path, sizeof(path), "/proc/%llu/cmdline", (unsigned long long)pid);
    text_fmt(id, sizeof(id), "%u", domid);
    if (fd_read_file(path, 64 * 1024, &b, NULL) == 0)
        for (s = b.data; s != NULL && s < b.data + b.len && !found;
             s += strlen(s) + 1)
            if (strcmp(s, "-xen-domid") == 0 &&
                s + strlen(s) + 1 < b.data + b.len)
                found = strcmp(s + strlen(s) + 1, id) == 0;
    buf_free(&b);
    return found;
}

pid_t
linux_model_find(struct dom0 *d, uint32_t domid)
{
    DIR *dir = opendir("/proc");
    unsigned long long pid;
    struct dirent *de;
    pid_t found = 0;

    while (dir != NULL && found == 0 && (de = readdir(dir)) != NULL)
        if (text_u64(de->d_name, 2, DOM0_MODEL_PID_MAX, &pid) &&
            linux_model_serves(d, domid, pid))
            found = (pid_t)pid;
    if (dir != NULL)
        closedir(dir);
    return found;
}

static void
model_child_ended(struct loop_child *lc, int status)
{
    struct dom0_model *m = container_of(lc, struct dom0_model, child);

    m->ended(m, status);
}

int
linux_model_watch(struct dom0 *d, struct dom0_model *m, struct err *e)
{
    if (loop_child_add(d->lp, &m->child, m->pid, model_child_ended) < 0)
        return err_sys(e, errno, "device model, process %d", (int)m->pid);
    return 0;
}

void
linux_model_unwatch(struct dom0 *d, struct dom0_model *m)
{
    (void)d;
    if (m->child.lp != NULL)
        loop_child_del(&m->child);
}

/* SIGHUP is libxl's signal: QEMU closes its images and ends. */
void
linux_model_end(struct dom0 *d, const struct dom0_model *m, bool at_once)
{
    (void)d;
    (void)kill(m->pid, at_once ? SIGKILL : SIGHUP);
}

void
linux_model_clean(struct dom0 *d, uint32_t domid)
{
    static const char *const sockets[] = { "qmp-libxl", "qmp-libxenstat" };
    char path[96];
    size_t i;

    (void)d;
    for (i = 0; i < 2; i++) {
        text_fmt(path, sizeof(path), "/var/run/xen/%s-%u", sockets[i], domid);
        (void)unlink(path);
    }
}
