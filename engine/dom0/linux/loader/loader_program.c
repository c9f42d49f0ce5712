/*
 * loader_program.c - see loader_program.h. The child is the leader of a session
 * whose terminal it has: should this process be killed, the terminal hangs up,
 * and all that the boot loader has started ends with it.
 */
#include "engine/dom0/linux/loader/loader_program.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/dom0/linux/linux_int.h"
#include "engine/dom0/linux/loader/loader_image.h"
#include "engine/dom0/linux/loader/loader_spawn.h"
#include "src/base/fdio.h"
#include "src/base/xalloc.h"

#define SEARCH_PATH                                                            \
    "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
#define TTY_ROWS 24
#define TTY_COLS 80

/* --- which program --- */

static bool
loader_program_in(const char *dir, size_t dir_len, const char *name, char *dst,
                  size_t n)
{
    text_fmt(dst, n, "%.*s/%s", (int)dir_len, dir, name);
    return access(dst, X_OK) == 0;
}

/* Where this host's Xen keeps programs that only toolstacks call. */
static bool
loader_program_of_xen(const char *name, char *dst, size_t n)
{
    static const char *const dirs[] = { "/usr/lib/xen/bin",
                                        "/usr/libexec/xen/bin",
                                        "/usr/local/lib/xen/bin" };
    char version[24], own[64];
    size_t i;

    linux_xen_version(version, sizeof(version));
    text_fmt(own, sizeof(own), "/usr/lib/xen-%s/bin", version);
    if (loader_program_in(own, strlen(own), name, dst, n))
        return true;
    for (i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
        if (loader_program_in(dirs[i], strlen(dirs[i]), name, dst, n))
            return true;
    return false;
}

static bool
loader_program_in_path(const char *name, char *dst, size_t n)
{
    const char *s = SEARCH_PATH;
    size_t len;

    for (; *s != '\0'; s += len + (s[len] == ':')) {
        len = strcspn(s, ":");
        if (loader_program_in(s, len, name, dst, n))
            return true;
    }
    return false;
}

/* A file that was written for another host has the path of that one's. */
static int
loader_program_missing(const char *name, int errnum, struct err *e)
{
    const char *slash = strrchr(name, '/');
    char other[512], why[128];

    if (slash != NULL && (loader_program_of_xen(slash + 1, other, 512) ||
                          loader_program_in_path(slash + 1, other, 512)))
        return err_set(e, ERR_NOENT, "%s; this host has %s, which \"%s\" names",
                       strerror_r(errnum, why, sizeof(why)), other, slash + 1);
    return err_set(e, ERR_NOENT, "%s",
                   slash != NULL ? strerror_r(errnum, why, sizeof(why))
                                 : "this host has no such program, neither "
                                   "among Xen's nor in " SEARCH_PATH);
}

int
loader_program_find(const char *name, char *dst, size_t n, struct err *e)
{
    if (name[0] == '/') {
        text_fmt(dst, n, "%s", name);
        if (access(name, X_OK) == 0)
            return 0;
        return loader_program_missing(name, errno, e);
    }
    if (strchr(name, '/') != NULL)
        return err_set(e, ERR_INVALID, "neither a name nor an absolute path");
    if (loader_program_of_xen(name, dst, n) ||
        loader_program_in_path(name, dst, n))
        return 0;
    return loader_program_missing(name, ENOENT, e);
}

/* --- its start --- */

static int
loader_open_tty(char *tty, size_t n, struct err *e)
{
    const struct winsize ws = { .ws_row = TTY_ROWS, .ws_col = TTY_COLS };
    int fd = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);

    if (fd >= 0 && grantpt(fd) == 0 && unlockpt(fd) == 0 &&
        ptsname_r(fd, tty, n) == 0 && ioctl(fd, TIOCSWINSZ, &ws) == 0)
        return fd;
    err_sys(e, errno, "a terminal for the boot loader");
    if (fd >= 0)
        close(fd);
    return -1;
}

/* "/opt/xen" of "/opt/xen/bin/pygrub", which has modules in "/opt/xen/lib". */
static void
loader_home(const char *program, char *dst, size_t n)
{
    char *file = realpath(program, NULL), *slash;
    int i;

    text_fmt(dst, n, "%s", file != NULL ? file : program);
    free(file);
    for (i = 0; i < 2; i++) {
        slash = strrchr(dst, '/');
        if (slash != NULL && slash != dst)
            *slash = '\0';
    }
}

/* libxl gives a boot loader this terminal; the rest of its environment is that
 * of whoever called xl. */
static int
loader_run(const struct dom0_loader_job *j, const char *tty, pid_t *pid_out)
{
    char path[] = "PATH=" SEARCH_PATH, term[] = "TERM=vt100";
    char *envp[] = { path, term, NULL }, **argv, *s, home[512];
    struct loader_spawn st = { .program = j->program,
                               .tty = tty,
                               .envp = envp,
                               .confine = { .drop =
                                                j->confined && geteuid() == 0,
                                            .home = home,
                                            .disk = j->disk,
                                            .dir = j->dir,
                                            .answer = j->answer } };
    size_t i, k;
    int r;

    loader_home(j->program, home, sizeof(home));
    argv = xcalloc(j->n_args + 2, sizeof(*argv));
    argv[0] = (char *)(uintptr_t)j->program;
    for (i = 1, k = 0, s = j->args->data; k < j->n_args;
         k++, s += strlen(s) + 1)
        argv[i++] = s;
    st.argv = argv;
    r = loader_spawn_leader(&st, pid_out);
    free(argv);
    return r;
}

/* What it writes is its own, whoever it becomes. */
static int
loader_give(const struct dom0_loader_job *j, struct err *e)
{
    if (!j->confined || geteuid() != 0)
        return 0;
    if (chown(j->dir, LOADER_NOBODY, LOADER_NOBODY) < 0)
        return err_sys(e, errno, "%s", j->dir);
    if (chown(j->answer, LOADER_NOBODY, LOADER_NOBODY) < 0)
        return err_sys(e, errno, "%s", j->answer);
    return 0;
}

static void
loader_program_ended(struct loop_child *lc, int status)
{
    struct dom0_loader *l = container_of(lc, struct dom0_loader, child);

    (void)kill(-l->pid, SIGKILL); /* what it has left behind */
    l->pid = 0;
    l->ended(l, status);
}

static int
loader_program_run(struct loop *lp, struct dom0_loader *l,
                   const struct dom0_loader_job *j, const char *tty,
                   struct err *e)
{
    int r = loader_run(j, tty, &l->pid);

    if (r == 0 &&
        loop_child_add(lp, &l->child, l->pid, loader_program_ended) < 0) {
        r = errno;
        (void)kill(-l->pid, SIGKILL);
        loop_child_reap(lp, l->pid);
    }
    if (r == 0)
        return 0;
    l->pid = 0;
    return err_sys(e, r, "boot loader %s", j->program);
}

/* --- with an image --- */

static void
loader_program_opened(struct dom0_loader *l, struct loop *lp)
{
    l->opening = false;
    if (loader_program_run(lp, l, loader_image_job(l->image),
                           loader_image_tty(l->image), &l->why) < 0)
        l->ended(l, 0);
}

static void
loader_program_not_opened(struct dom0_loader *l, int status)
{
    l->ended(l, status);
}

static const struct loader_image_owner owner = { loader_program_opened,
                                                 loader_program_not_opened };

int
loader_program_start(struct loop *lp, struct dom0_loader *l,
                     const struct dom0_loader_job *j, struct err *e)
{
    char tty[64];
    int rc;

    if (loader_give(j, e) < 0)
        return -1;
    l->tty = loader_open_tty(tty, sizeof(tty), e);
    if (l->tty < 0)
        return -1;
    l->opening = j->image != NULL;
    rc = l->opening ? loader_image_start(lp, l, j, tty, &owner, e)
                    : loader_program_run(lp, l, j, tty, e);
    if (rc == 0)
        return 0;
    close(l->tty);
    l->tty = 0;
    return -1;
}

void
loader_program_stop(struct dom0_loader *l)
{
    struct loop *lp = l->child.lp;

    if (l->pid > 0) {
        (void)kill(-l->pid, SIGKILL);
        loop_child_del(&l->child);
        loop_child_reap(lp, l->pid);
        l->pid = 0;
    }
    if (l->image != NULL)
        loader_image_free(l->image);
    l->image = NULL;
    l->opening = false;
    if (l->tty > 0)
        close(l->tty);
    l->tty = 0;
}
