/*
 * dm_process.c - a device model as a process of dom0: its program, its start,
 * its log, and whether a recorded pid still is one.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <netdb.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "engine/dm/dm_int.h"
#include "src/base/fdio.h"
#include "src/base/xalloc.h"

#define LOG_DIR   "/var/log/xen"
#define LOGS_KEPT 5
#define TAIL      2048
#define DISPLAYS  100 /* libxl's "to=99" */

/* --- its program --- */

bool
dm_program(char *dst, size_t n)
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

/* --- where its VNC server may listen --- */

static bool
port_free(const struct addrinfo *ai)
{
    int fd = socket(ai->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
    bool ok;

    if (fd < 0)
        return true; /* for the model to find out */
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    ok = bind(fd, ai->ai_addr, ai->ai_addrlen) == 0 || errno != EADDRINUSE;
    close(fd);
    return ok;
}

bool
dm_display_find(struct dm_vnc *v, bool (*taken)(void *arg, unsigned port),
                void *arg)
{
    const struct addrinfo hint = { .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
                                   .ai_socktype = SOCK_STREAM };
    unsigned i, port;
    struct addrinfo *ai;
    char text[16];
    bool ok;

    for (i = 0; i < DISPLAYS; i++) {
        port = DM_VNC_BASE + v->display + i;
        text_fmt(text, sizeof(text), "%u", port);
        if (port > 65535 || getaddrinfo(v->host, text, &hint, &ai) != 0)
            return false; /* a name: looking it up may take long */
        ok = !taken(arg, port) && port_free(ai);
        freeaddrinfo(ai);
        if (ok) {
            v->display += i;
            v->unused = false;
            return true;
        }
    }
    return false;
}

/* --- its log --- */

void
dm_log_path(const char *name, char *dst, size_t n)
{
    char *s;

    text_fmt(dst, n, LOG_DIR "/qemu-dm-%s.log", name);
    for (s = dst + sizeof(LOG_DIR); *s != '\0'; s++)
        if (*s == '/')
            *s = '_';
}

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
dm_log_tail(const char *name, char *dst, size_t n)
{
    char path[160], text[TAIL], *s, *end;
    ssize_t got;
    off_t size;
    int fd;

    dst[0] = '\0';
    dm_log_path(name, path, sizeof(path));
    fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
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
open_log(const char *name, struct err *e)
{
    char path[160];
    int fd;

    dm_log_path(name, path, sizeof(path));
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
        posix_spawn_file_actions_adddup2(fa, password_fd, DM_PASSWORD_FD);
    posix_spawn_file_actions_addclosefrom_np(
        fa, password_fd >= 0 ? DM_PASSWORD_FD + 1 : DM_PASSWORD_FD);
    posix_spawnattr_init(at);
    posix_spawnattr_setsigmask(at, &none);
    posix_spawnattr_setsigdefault(at, &dfl);
    posix_spawnattr_setflags(at, POSIX_SPAWN_SETSIGMASK |
                                     POSIX_SPAWN_SETSIGDEF |
                                     POSIX_SPAWN_SETSID);
}

static int
run(const struct dm_args *a, int log_fd, int password_fd, pid_t *pid_out)
{
    /* XSA-180: what a guest makes it say is bounded. */
    char limit[] = "XEN_QEMU_CONSOLE_LIMIT=1048576";
    char path[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
    char *envp[] = { limit, path, NULL }, **argv, *s;
    posix_spawn_file_actions_t fa;
    posix_spawnattr_t at;
    struct buf text = { 0 };
    size_t i, n = dm_args_fill(a, &text);
    int r;

    argv = xcalloc(n + 1, sizeof(*argv));
    for (i = 0, s = text.data; i < n; i++, s += strlen(s) + 1)
        argv[i] = s;
    set_up(&fa, &at, log_fd, password_fd);
    r = posix_spawn(pid_out, a->program, &fa, &at, argv, envp);
    posix_spawn_file_actions_destroy(&fa);
    posix_spawnattr_destroy(&at);
    free(argv);
    buf_free(&text);
    return r;
}

int
dm_spawn(const struct dm_args *a, const char *password, pid_t *pid_out,
         struct err *e)
{
    int log_fd = open_log(a->name, e), password_fd = -1, r;

    if (log_fd < 0)
        return -1;
    if (password != NULL) {
        password_fd = open_password(password, e);
        if (password_fd < 0) {
            close(log_fd);
            return -1;
        }
    }
    r = run(a, log_fd, password_fd, pid_out);
    close(log_fd);
    if (password_fd >= 0)
        close(password_fd);
    if (r != 0)
        return err_sys(e, r, "device model %s", a->program);
    return 0;
}

/* --- what runs already --- */

/* A recorded pid may have been given to another process since. */
bool
dm_is_model_of(uint64_t pid, uint32_t domid)
{
    char path[64], id[16];
    struct buf b = { 0 };
    const char *s;
    bool found = false;

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
dm_find_process(uint32_t domid)
{
    DIR *dir = opendir("/proc");
    unsigned long long pid;
    struct dirent *de;
    pid_t found = 0;

    while (dir != NULL && found == 0 && (de = readdir(dir)) != NULL)
        if (text_u64(de->d_name, 2, 1 << 22, &pid) &&
            dm_is_model_of(pid, domid))
            found = (pid_t)pid;
    if (dir != NULL)
        closedir(dir);
    return found;
}

void
dm_unlink_sockets(uint32_t domid)
{
    static const char *const sockets[] = { "qmp-libxl", "qmp-libxenstat" };
    char path[96];
    size_t i;

    for (i = 0; i < 2; i++) {
        text_fmt(path, sizeof(path), "/var/run/xen/%s-%u", sockets[i], domid);
        (void)unlink(path);
    }
}
