/*
 * loader_image.c - see loader_image.h. The process shows that the file is there
 * by the greeting of its monitor, which is the last of its options: it works
 * them off in order. Its death, or ours, leaves a mount that answers nothing,
 * so that it is always taken away, and never looked at from here.
 */
#include "engine/dom0/linux/loader/loader_image.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/dom0/linux/loader/loader_program.h"
#include "engine/dom0/linux/loader/loader_spawn.h"
#include "src/base/xalloc.h"

#define OPENER   "qemu-storage-daemon"
#define FUSE     "/dev/fuse"
#define COUNT(a) (sizeof(a) / sizeof(a)[0])

struct loader_image {
    struct dom0_loader *l;
    struct loop *lp;
    const struct loader_image_owner *owner;
    struct dom0_loader_job job;
    struct buf args;
    char *program, *disk, *dir, *answer, *image; /* of the job */
    char tty[64];
    pid_t pid; /* 0: it has ended */
    struct loop_child child;
    struct loop_fd greeting;
    bool opened;
};

/* A format as configurations name it, and QEMU's driver. */
static const struct {
    const char *format, *driver;
} drivers[] = { { "qcow2", "qcow2" }, { "vhd", "vpc" }, { "qed", "qed" } };

static const char *
loader_image_driver(const char *format)
{
    size_t i;

    for (i = 0; i < COUNT(drivers); i++)
        if (strcmp(drivers[i].format, format) == 0)
            return drivers[i].driver;
    return NULL;
}

int
loader_image_can_open(const char *format, struct err *e)
{
    char path[512];

    if (loader_image_driver(format) == NULL)
        return err_set(e, ERR_UNSUPPORTED,
                       "nothing on this host shows a %s image to a boot "
                       "loader",
                       format);
    if (loader_program_find(OPENER, path, sizeof(path), NULL) < 0)
        return err_set(e, ERR_UNSUPPORTED,
                       "this host has no " OPENER ", which would show a %s "
                       "image to it",
                       format);
    if (access(FUSE, F_OK) < 0)
        return err_set(e, ERR_UNSUPPORTED,
                       "this host has no " FUSE ", by which a %s image would "
                       "be shown to it: modprobe fuse",
                       format);
    return 0;
}

/* --- its process --- */

static void
loader_image_ended(struct loop_child *lc, int status)
{
    struct loader_image *im = container_of(lc, struct loader_image, child);

    im->pid = 0;
    if (!im->opened)
        im->owner->failed(im->l, status);
}

/* The boot loader is started from here; the process goes on. */
static void
loader_image_greets(struct loop_fd *lf, unsigned ready)
{
    struct loader_image *im = container_of(lf, struct loader_image, greeting);
    char bytes[512];
    ssize_t n = read(lf->fd, bytes, sizeof(bytes));
    int fd = lf->fd;

    (void)ready;
    if (n < 0)
        return;
    loop_fd_del(lf);
    close(fd);
    if (n == 0)
        return; /* its end is told otherwise */
    im->opened = true;
    im->owner->opened(im->l, im->lp);
}

/* A comma in an option of QEMU's ends a value, two are one of a value. */
static void
loader_image_value(struct buf *out, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == ',')
            buf_chr(out, ',');
        buf_chr(out, *text);
    }
}

/* Whoever reads it may be nobody. A file of dom0 alone: no "nbd:" is meant. */
static void
loader_image_words(const struct dom0_loader_job *j, struct buf out[3])
{
    buf_str(&out[0], "driver=file,node-name=file,read-only=on,filename=");
    loader_image_value(&out[0], j->image);
    buf_fmt(&out[1], "driver=%s,node-name=disk,read-only=on,file=file",
            loader_image_driver(j->format));
    buf_str(&out[2], "type=fuse,id=disk,node-name=disk,writable=off,"
                     "allow-other=on,mountpoint=");
    loader_image_value(&out[2], j->disk);
}

static int
loader_image_spawn(struct loader_image *im, const char *program, int out_fd)
{
    char blockdev[] = "--blockdev", export[] = "--export",
         chardev[] = "--chardev", stdio[] = "stdio,id=monitor,signal=off",
         monitor[] = "--monitor", to[] = "chardev=monitor", *envp[] = { NULL };
    struct buf w[3] = { { 0 }, { 0 }, { 0 } };
    struct loader_spawn st = {
        .program = program, .tty = im->tty, .out_fd = out_fd, .envp = envp
    };
    size_t i;
    int r;

    loader_image_words(&im->job, w);
    {
        char *argv[] = { (char *)(uintptr_t)program,
                         blockdev,
                         (char *)(uintptr_t)buf_text(&w[0]),
                         blockdev,
                         (char *)(uintptr_t)buf_text(&w[1]),
                         export,
                         (char *)(uintptr_t)buf_text(&w[2]),
                         chardev,
                         stdio,
                         monitor,
                         to,
                         NULL };

        st.argv = argv;
        r = loader_spawn_beside(&st, &im->pid);
    }
    for (i = 0; i < COUNT(w); i++)
        buf_free(&w[i]);
    return r;
}

static int
loader_image_run(struct loader_image *im, const char *program, struct err *e)
{
    int fds[2], r;

    if (pipe2(fds, O_CLOEXEC | O_NONBLOCK) < 0)
        return err_sys(e, errno, OPENER);
    (void)fcntl(fds[1], F_SETFL, 0);
    r = loader_image_spawn(im, program, fds[1]);
    close(fds[1]);
    if (r != 0) {
        im->pid = 0;
        close(fds[0]);
        return err_sys(e, r, "%s", program);
    }
    if (loop_child_add(im->lp, &im->child, im->pid, loader_image_ended) < 0) {
        r = errno;
        (void)kill(im->pid, SIGKILL);
        loop_child_reap(im->lp, im->pid);
        im->pid = 0;
        close(fds[0]);
        return err_sys(e, r, "%s", program);
    }
    if (loop_fd_add(im->lp, &im->greeting, fds[0], LOOP_READ,
                    loader_image_greets) == 0)
        return 0;
    r = errno;
    close(fds[0]);
    return err_sys(e, r, "%s", program);
}

/* --- the whole --- */

static void
loader_image_copy(struct loader_image *im, const struct dom0_loader_job *j)
{
    im->job = *j;
    im->job.program = im->program = xstrdup(j->program);
    im->job.disk = im->disk = xstrdup(j->disk);
    im->job.dir = im->dir = xstrdup(j->dir);
    im->job.answer = im->answer = xstrdup(j->answer);
    im->job.image = im->image = xstrdup(j->image);
    buf_add(&im->args, j->args->data, j->args->len);
    im->job.args = &im->args;
}

int
loader_image_start(struct loop *lp, struct dom0_loader *l,
                   const struct dom0_loader_job *j, const char *tty,
                   const struct loader_image_owner *o, struct err *e)
{
    struct loader_image *im;
    char program[512];

    if (loader_image_can_open(j->format, e) < 0 ||
        loader_program_find(OPENER, program, sizeof(program), e) < 0)
        return -1;
    im = xcalloc(1, sizeof(*im));
    im->l = l;
    im->lp = lp;
    im->owner = o;
    loader_image_copy(im, j);
    text_fmt(im->tty, sizeof(im->tty), "%s", tty);
    if (loader_image_run(im, program, e) < 0) {
        loader_image_free(im);
        return -1;
    }
    l->image = im;
    return 0;
}

const struct dom0_loader_job *
loader_image_job(const struct loader_image *im)
{
    return &im->job;
}

const char *
loader_image_tty(const struct loader_image *im)
{
    return im->tty;
}

void
loader_image_let_go(const char *disk)
{
    (void)umount2(disk, MNT_DETACH | UMOUNT_NOFOLLOW);
}

void
loader_image_free(struct loader_image *im)
{
    int fd = im->greeting.fd;

    if (im->greeting.lp != NULL) {
        loop_fd_del(&im->greeting);
        close(fd);
    }
    if (im->pid > 0) {
        (void)kill(im->pid, SIGKILL);
        loop_child_del(&im->child);
        loop_child_reap(im->lp, im->pid);
    }
    loader_image_let_go(im->disk);
    buf_free(&im->args);
    free(im->program);
    free(im->disk);
    free(im->dir);
    free(im->answer);
    free(im->image);
    free(im);
}
