/*
 * linux_model.c - device models that run as processes of this dom0: whether a
 * recorded pid still is one, its end, its control socket, what it leaves.
 */
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "engine/dom0/linux/linux_int.h"
#include "engine/dom0/linux/linux_model.h"
#include "src/base/fdio.h"
#include "src/base/sys/passwd.h"

#define STATUS_MS 1000 /* from the sentinel's end to the process's */

/* --- what runs already --- */

/* Has it this argument, with one behind it whose first n bytes are value's? A
 * line that is too long to be read (no errno) is no model's: nobody's can keep
 * us from looking. */
static enum life
model_has_arg(uint64_t pid, const char *name, const char *value, size_t n)
{
    char path[64];
    struct buf b = { 0 };
    struct err e = { 0 };
    const char *s;
    bool found = false;

    text_fmt(path, sizeof(path), "/proc/%llu/cmdline", (unsigned long long)pid);
    if (fd_read_file(path, 64 * 1024, &b, &e) < 0)
        return e.sys == ENOENT || e.sys == ESRCH || e.sys == 0 ? LIFE_GONE
                                                               : LIFE_UNKNOWN;
    if (b.len > 0)
        for (s = b.data; s != NULL && s < b.data + b.len && !found;
             s += strlen(s) + 1)
            if (strcmp(s, name) == 0 && s + strlen(s) + 1 < b.data + b.len)
                found = strncmp(s + strlen(s) + 1, value, n) == 0;
    buf_free(&b);
    return found ? LIFE_ALIVE : LIFE_GONE;
}

static enum life
model_is_of(uint32_t domid, uint64_t pid)
{
    char id[16];

    text_fmt(id, sizeof(id), "%u", domid);
    return model_has_arg(pid, "-xen-domid", id, sizeof(id));
}

/* By either of the options that give it one (dom0_model_probe.h). */
static bool
model_has_root(uint64_t pid)
{
    static const char with[] = "chroot=";

    return model_has_arg(pid, "-chroot", "", 0) == LIFE_ALIVE ||
           model_has_arg(pid, "-run-with", with, sizeof(with) - 1) ==
               LIFE_ALIVE;
}

enum life
linux_model_serves(struct dom0 *d, uint32_t domid, uint64_t pid)
{
    return linux_sentinel_look(d, domid) == SENTINEL_DEAD
               ? LIFE_GONE
               : model_is_of(domid, pid);
}

/* The first that is one, 0: none; *blind: not all could be looked at. */
static pid_t
model_among(DIR *dir, uint32_t domid, bool *blind)
{
    enum life life = LIFE_GONE;
    unsigned long long pid = 0;
    struct dirent *de;

    while (life != LIFE_ALIVE && (errno = 0, de = readdir(dir)) != NULL) {
        if (!text_u64(de->d_name, 2, DOM0_MODEL_PID_MAX, &pid))
            continue;
        life = model_is_of(domid, pid);
        *blind |= life == LIFE_UNKNOWN;
    }
    if (life == LIFE_ALIVE)
        return (pid_t)pid;
    *blind |= errno != 0;
    return 0;
}

int
linux_model_find(struct dom0 *d, uint32_t domid, pid_t *pid_out, struct err *e)
{
    DIR *dir = opendir("/proc");
    bool blind = false;

    (void)d;
    *pid_out = 0;
    if (dir == NULL)
        return err_sys(e, errno, "/proc");
    *pid_out = model_among(dir, domid, &blind);
    closedir(dir);
    if (*pid_out == 0 && blind)
        return err_set(e, ERR_BUSY,
                       "not all processes of dom0 can be looked at now: try "
                       "again");
    return 0;
}

/* --- its end --- */

static void
model_unwatch(struct dom0_model *m)
{
    if (m->child.lp != NULL)
        loop_child_del(&m->child);
    loop_timer_del(&m->late);
    loop_fd_del(&m->sentinel_lf);
    if (m->has_sentinel)
        close(m->sentinel);
    m->has_sentinel = false;
}

static void
model_tell_end(struct dom0_model *m, int status)
{
    model_unwatch(m);
    m->ended(m, status);
}

static void
model_child_ended(struct loop_child *lc, int status)
{
    model_tell_end(container_of(lc, struct dom0_model, child), status);
}

/* It has let go of its sentinel and yet it lives: nothing that QEMU does. */
static void
model_no_status(struct loop_timer *lt)
{
    struct dom0_model *m = container_of(lt, struct dom0_model, late);

    (void)kill(m->pid, SIGKILL);
    model_tell_end(m, -1);
}

/* The process is about to be a zombie: its status is a moment away. */
static void
model_sentinel_ready(struct loop_fd *lf, unsigned ready)
{
    struct dom0_model *m = container_of(lf, struct dom0_model, sentinel_lf);
    struct loop *lp = lf->lp;
    char said[512];

    if (!(ready & LOOP_HUP) && read(m->sentinel, said, sizeof(said)) > 0)
        return;
    loop_fd_del(lf);
    loop_timer_arm(lp, &m->late, STATUS_MS, model_no_status);
}

int
linux_model_watch(struct dom0 *d, struct dom0_model *m, struct err *e)
{
    m->confined = model_has_root((uint64_t)m->pid);
    m->sentinel = linux_sentinel_open(d, m->domid);
    m->has_sentinel = m->sentinel >= 0;
    if (loop_child_add(d->lp, &m->child, m->pid, model_child_ended) < 0) {
        err_sys(e, errno, "device model, process %d", (int)m->pid);
        linux_model_unwatch(d, m);
        return -1;
    }
    if (m->has_sentinel)
        (void)loop_fd_add(d->lp, &m->sentinel_lf, m->sentinel, LOOP_READ,
                          model_sentinel_ready);
    else if (linux_sentinel_look(d, m->domid) == SENTINEL_DEAD)
        loop_timer_arm(d->lp, &m->late, STATUS_MS, model_no_status);
    return 0;
}

void
linux_model_unwatch(struct dom0 *d, struct dom0_model *m)
{
    (void)d;
    model_unwatch(m);
}

/* SIGHUP is libxl's signal: QEMU closes its images and ends. */
void
linux_model_end(struct dom0 *d, const struct dom0_model *m, bool at_once)
{
    (void)d;
    (void)kill(m->pid, at_once ? SIGKILL : SIGHUP);
}

/* --- its control socket --- */

static int
model_connect_to(const char *path, int *fd_out)
{
    struct sockaddr_un sa = { .sun_family = AF_UNIX };
    int fd, errnum;

    text_fmt(sa.sun_path, sizeof(sa.sun_path), "%s", path);
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return errno;
    if (connect(fd, (const struct sockaddr *)&sa, sizeof(sa)) == 0) {
        *fd_out = fd;
        return 0;
    }
    errnum = errno;
    close(fd);
    return errnum;
}

/* Ours; one that libxl has made has only libxl's. */
int
linux_model_connect(struct dom0 *d, uint32_t domid, int *fd_out,
                    bool *shared_out, struct err *e)
{
    char path[100];
    int r;

    text_fmt(path, sizeof(path), "%s/qmp-xendeck-%u", linux_model_dir(d),
             domid);
    r = model_connect_to(path, fd_out);
    *shared_out = r == ENOENT;
    if (r == ENOENT) {
        text_fmt(path, sizeof(path), "%s/qmp-libxl-%u", linux_model_dir(d),
                 domid);
        r = model_connect_to(path, fd_out);
    }
    if (r == EAGAIN)
        return err_set(e, ERR_AGAIN, "%s is busy", path);
    return r == 0 ? 0 : err_set(e, ERR_LOST, "%s: %s", path, strerror(r));
}

/* --- confinement --- */

/* libxl's users: one of a range by the domain's number, or one for all. */
void
linux_model_user(struct dom0 *d, uint32_t domid, char *dst, size_t n)
{
    uid_t uid;
    gid_t gid;

    (void)d;
    if (passwd_ids(PASSWD_FILE, "xen-qemuuser-range-base", &uid, &gid) &&
        uid != 0)
        text_fmt(dst, n, "%u:%u", (unsigned)uid + domid, (unsigned)gid);
    else if (passwd_ids(PASSWD_FILE, "xen-qemuuser-shared", &uid, &gid) &&
             uid != 0)
        text_fmt(dst, n, "xen-qemuuser-shared");
}

void
linux_model_root(struct dom0 *d, uint32_t domid, char *dst, size_t n)
{
    text_fmt(dst, n, "%s/qemu-root-%u", linux_model_dir(d), domid);
}

/* --- what it leaves --- */

void
linux_model_clean(struct dom0 *d, uint32_t domid)
{
    static const char *const sockets[] = { "libxl", "libxenstat", "xendeck" };
    char path[160];
    size_t i;

    for (i = 0; i < sizeof(sockets) / sizeof(sockets[0]); i++) {
        text_fmt(path, sizeof(path), "%s/qmp-%s-%u", linux_model_dir(d),
                 sockets[i], domid);
        (void)unlink(path);
    }
    linux_sentinel_path(d, domid, path, sizeof(path));
    (void)unlink(path);
    dom0_model_root(d, domid, path, sizeof(path));
    (void)rmdir(path);
}

/* Of ours alone: libxl's files may belong to a domain that is being made. */
static bool
model_domid_of(const char *file, uint32_t *out)
{
    static const char prefix[] = "xendeck-dm-", suffix[] = ".fifo";
    size_t n = strlen(file), at = sizeof(prefix) - 1;
    unsigned long long domid;
    char digits[8];

    if (strncmp(file, prefix, at) != 0 || n < at + sizeof(suffix) ||
        n - at - (sizeof(suffix) - 1) >= sizeof(digits) ||
        strcmp(file + n - (sizeof(suffix) - 1), suffix) != 0)
        return false;
    text_fmt(digits, sizeof(digits), "%.*s",
             (int)(n - at - (sizeof(suffix) - 1)), file + at);
    if (!text_u64(digits, 1, 65535, &domid))
        return false;
    *out = (uint32_t)domid;
    return true;
}

void
linux_model_sweep(struct dom0 *d, bool (*lives)(void *arg, uint32_t domid),
                  void *arg)
{
    DIR *dir = opendir(linux_model_dir(d));
    struct dirent *de;
    uint32_t domid;

    while (dir != NULL && (de = readdir(dir)) != NULL)
        if (model_domid_of(de->d_name, &domid) && !lives(arg, domid) &&
            linux_sentinel_look(d, domid) == SENTINEL_DEAD)
            linux_model_clean(d, domid);
    if (dir != NULL)
        closedir(dir);
}
