/*
 * linux_model_start.c - the start of a device model as a process: the program,
 * its log, what it inherits. It is a child with a session of its own, and
 * inherits nothing but its sentinel.
 */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/dom0/linux/linux_int.h"
#include "engine/dom0/linux/linux_model.h"
#include "src/base/xalloc.h"

#define SENTINEL_FD 3 /* in the model */
#define LOG_BYTES   262144
#define SECTOR_MAX  4096U

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

int
linux_model_program(const char *program, char *dst, size_t n, struct err *e)
{
    if (program == NULL)
        return model_program(dst, n)
                   ? 0
                   : err_set(e, ERR_NOENT, "this host has no device model");
    text_fmt(dst, n, "%s", program);
    if (access(program, X_OK) < 0)
        return err_sys(e, errno, "device model %s", program);
    return 0;
}

/* --- its log --- */

/* As libxl: NAME.log becomes NAME.log.1, that becomes NAME.log.2... */
static void
linux_model_rotate(const char *path, unsigned kept)
{
    char from[160], to[160];
    unsigned i;

    for (i = kept; i > 0; i--) {
        text_fmt(to, sizeof(to), "%s.%u", path, i);
        if (i > 1)
            text_fmt(from, sizeof(from), "%s.%u", path, i - 1);
        else
            text_fmt(from, sizeof(from), "%s", path);
        (void)rename(from, to);
    }
    if (kept == 0)
        (void)unlink(path);
}

void
linux_model_log_end(struct dom0 *d, const char *log, size_t max,
                    struct buf *out)
{
    char piece[4096];
    off_t size, at;
    ssize_t got;
    int fd;

    (void)d;
    fd = open(log, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return;
    size = lseek(fd, 0, SEEK_END);
    at = size > (off_t)max ? size - (off_t)max : 0;
    while (at < size && (got = pread(fd, piece, sizeof(piece), at)) > 0) {
        if (got > size - at)
            got = (ssize_t)(size - at); /* it grows */
        buf_add(out, piece, (size_t)got);
        at += got;
    }
    close(fd);
}

static int
open_log(const struct dom0_model_job *j, struct err *e)
{
    int fd;

    linux_model_rotate(j->log, j->logs_kept);
    fd = open(j->log,
              O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_NONBLOCK |
                  O_CLOEXEC,
              0640);
    if (fd < 0)
        return err_sys(e, errno, "device model: its log %s", j->log);
    return fd;
}

/* --- its start --- */

/* What it inherits, from above the numbers that it has there; -1: not. */
struct model_fds {
    int log, sentinel, state;
    int *files;
    size_t n_files;
    int above;
    uint64_t largest; /* of the files that it may write, bytes */
};

void
linux_model_spawn_attr(posix_spawnattr_t *at, short more)
{
    sigset_t none, dfl;

    sigemptyset(&none);
    sigfillset(&dfl);
    posix_spawnattr_init(at);
    posix_spawnattr_setsigmask(at, &none);
    posix_spawnattr_setsigdefault(at, &dfl);
    posix_spawnattr_setflags(
        at, (short)(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | more));
}

static void
linux_model_set_up(posix_spawn_file_actions_t *fa, posix_spawnattr_t *at,
                   const struct model_fds *f)
{
    size_t i;

    posix_spawn_file_actions_init(fa);
    posix_spawn_file_actions_addopen(fa, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(fa, f->log, 1);
    posix_spawn_file_actions_adddup2(fa, f->log, 2);
    posix_spawn_file_actions_adddup2(fa, f->sentinel, SENTINEL_FD);
    if (f->state >= 0)
        posix_spawn_file_actions_adddup2(fa, f->state, DOM0_MODEL_STATE_FD);
    else
        posix_spawn_file_actions_addclose(fa, DOM0_MODEL_STATE_FD);
    for (i = 0; i < f->n_files; i++)
        posix_spawn_file_actions_adddup2(fa, f->files[i],
                                         DOM0_MODEL_FILES_FD + (int)i);
    posix_spawn_file_actions_addclosefrom_np(fa, f->above);
    linux_model_spawn_attr(at, POSIX_SPAWN_SETSID);
}

/* libxl's limit, which is for the log. Linux holds each write to it, also one
 * that makes no file longer: the disks must be below it, with the last sector
 * of one whose size is odd, which QEMU writes as a whole. */
static void
model_file_limit(const struct dom0_model_job *j, const struct model_fds *f,
                 char *dst, size_t n)
{
    uint64_t limit = f->largest > LOG_BYTES ? f->largest : LOG_BYTES;

    if (j->files != NULL && j->files->grow)
        text_fmt(dst, n, "--fsize=unlimited");
    else
        text_fmt(dst, n, "--fsize=%llu",
                 (unsigned long long)(limit + SECTOR_MAX - 1) / SECTOR_MAX *
                     SECTOR_MAX);
}

/* What libxl gives a restricted model, but for the limit of files. Each of
 * these programs becomes the next one, so that the process stays the same. */
static size_t
model_confine(char **argv, char *fsize)
{
    static const char *const before[] = {
        "/usr/bin/unshare", "--mount",  "--ipc",        "--",
        "/usr/bin/prlimit", "--core=0", "--msgqueue=0", "--locks=0",
        "--memlock=0",
    };
    size_t i, n = sizeof(before) / sizeof(before[0]);

    for (i = 0; i < n; i++)
        argv[i] = (char *)(uintptr_t)before[i];
    argv[n] = fsize;
    argv[n + 1] = (char *)(uintptr_t) "--";
    return n + 2;
}

#define CONFINE_MAX 16

static int
linux_model_run(const char *program, const struct dom0_model_job *j,
                const struct model_fds *f, pid_t *pid_out)
{
    /* XSA-180: what a guest makes it say is bounded. */
    char limit[] = "XEN_QEMU_CONSOLE_LIMIT=1048576", id[32];
    char path[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
    char *envp[] = { path, limit, j->hvm ? id : NULL, NULL }, **argv, *s;
    char fsize[40];
    posix_spawn_file_actions_t fa;
    posix_spawnattr_t at;
    size_t i = 0, k;
    int r;

    text_fmt(id, sizeof(id), "XEN_DOMAIN_ID=%u", j->domid);
    argv = xcalloc(CONFINE_MAX + j->n_args + 2, sizeof(*argv));
    model_file_limit(j, f, fsize, sizeof(fsize));
    if (j->confined)
        i = model_confine(argv, fsize);
    argv[i++] = (char *)(uintptr_t)program;
    for (k = 0, s = j->args->data; k < j->n_args; k++, s += strlen(s) + 1)
        argv[i++] = s;
    linux_model_set_up(&fa, &at, f);
    r = posix_spawn(pid_out, argv[0], &fa, &at, argv, envp);
    posix_spawn_file_actions_destroy(&fa);
    posix_spawnattr_destroy(&at);
    free(argv);
    return r;
}

/* An empty directory that nobody may enter. */
static int
model_make_root(struct dom0 *d, uint32_t domid, struct err *e)
{
    char root[160];

    dom0_model_root(d, domid, root, sizeof(root));
    if (mkdir(root, 0) < 0 && errno != EEXIST)
        return err_sys(e, errno, "device model: %s", root);
    return 0;
}

/* Away from the numbers that the model's own have. */
static int
model_fd_high(const struct model_fds *f, int *fd, struct err *e)
{
    int high = fcntl(*fd, F_DUPFD_CLOEXEC, f->above);

    close(*fd);
    *fd = high;
    return high < 0 ? err_sys(e, errno, "device model") : 0;
}

static void
model_fds_close(struct model_fds *f)
{
    size_t i;

    if (f->log >= 0)
        close(f->log);
    if (f->sentinel >= 0)
        close(f->sentinel);
    if (f->state >= 0)
        close(f->state);
    for (i = 0; i < f->n_files; i++)
        if (f->files[i] >= 0)
            close(f->files[i]);
    free(f->files);
}

/* What was checked may be another thing by now: a FIFO, for which the model
 * would wait for ever. */
static int
model_file_check(struct model_fds *f, int fd,
                 const struct dom0_model_file *file, struct err *e)
{
    struct stat st;

    if (fstat(fd, &st) < 0 || fcntl(fd, F_SETFL, 0) < 0)
        return err_sys(e, errno, "device model: %s", file->path);
    if (!S_ISREG(st.st_mode) && !S_ISBLK(st.st_mode))
        return err_set(e, ERR_INVALID,
                       "device model: found %s, allowed a block device or a "
                       "file",
                       file->path);
    if (file->writable && S_ISREG(st.st_mode) &&
        (uint64_t)st.st_size > f->largest)
        f->largest = (uint64_t)st.st_size;
    return 0;
}

static int
model_file_open(struct model_fds *f, const struct dom0_model_file *file,
                struct err *e)
{
    int fd = open(file->path, (file->writable ? O_RDWR : O_RDONLY) |
                                  O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

    if (fd < 0)
        return err_sys(e, errno, "device model: %s", file->path);
    f->files[f->n_files++] = fd;
    return model_file_check(f, fd, file, e) < 0
               ? -1
               : model_fd_high(f, &f->files[f->n_files - 1], e);
}

static int
model_files_open(const struct dom0_model_job *j, struct model_fds *f,
                 struct err *e)
{
    size_t i;

    for (i = 0; j->files != NULL && i < j->files->n; i++)
        if (model_file_open(f, &j->files->at[i], e) < 0)
            return -1;
    return 0;
}

static int
model_fds_open(struct dom0 *d, const struct dom0_model_job *j,
               struct model_fds *f, struct err *e)
{
    size_t n = j->files != NULL ? j->files->n : 0;

    f->above = DOM0_MODEL_FILES_FD + (int)n;
    f->files = xcalloc(n + 1, sizeof(*f->files));
    if (model_files_open(j, f, e) < 0)
        return -1;
    f->log = open_log(j, e);
    if (f->log < 0 || model_fd_high(f, &f->log, e) < 0 ||
        linux_sentinel_make(d, j->domid, &f->sentinel, e) < 0 ||
        model_fd_high(f, &f->sentinel, e) < 0)
        return -1;
    if (!j->has_state)
        return 0;
    f->state = fcntl(j->state_fd, F_DUPFD_CLOEXEC, f->above);
    return f->state < 0 ? err_sys(e, errno, "device model") : 0;
}

int
linux_model_start(struct dom0 *d, const struct dom0_model_job *j,
                  pid_t *pid_out, struct err *e)
{
    struct model_fds f = { .log = -1, .sentinel = -1, .state = -1 };
    char program[256];
    int r = -1;

    if (linux_model_program(j->program, program, sizeof(program), e) < 0 ||
        (j->confined && model_make_root(d, j->domid, e) < 0))
        return -1;
    if (model_fds_open(d, j, &f, e) == 0) {
        r = linux_model_run(program, j, &f, pid_out);
        if (r != 0)
            err_sys(e, r, "device model %s", program);
    }
    model_fds_close(&f);
    return r == 0 ? 0 : -1;
}
