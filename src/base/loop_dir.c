/*
 * loop_dir.c - see loop_dir.h.
 * Invariant: the kernel's watch wd exists exactly while a handler has it; its
 * mask has all bits of these handlers, and may have bits of former ones.
 */
#include "src/base/loop_dir.h"

#include <errno.h>
#include <stddef.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "src/base/loop_int.h"

#define READ_MAX 4096

static void
loop_dir_mark(struct loop *lp, const struct inotify_event *ev)
{
    struct list_node *it;

    list_foreach (it, &lp->dirs) {
        struct loop_dir *ld = list_entry(it, struct loop_dir, node);

        if ((ev->mask & IN_Q_OVERFLOW) != 0 ||
            (ld->wd == ev->wd && (ev->mask & ld->mask) != 0))
            ld->changed = true;
    }
}

static void
loop_dir_read(struct loop *lp)
{
    char bytes[READ_MAX] __attribute__((aligned(8)));
    const struct inotify_event *ev;
    ssize_t n, at;

    while ((n = read(lp->dir_lf.fd, bytes, sizeof(bytes))) > 0)
        for (at = 0; at < n; at += (ssize_t)(sizeof(*ev) + ev->len)) {
            ev = (const void *)(bytes + at);
            loop_dir_mark(lp, ev);
        }
}

static struct loop_dir *
loop_dir_next_changed(struct loop *lp)
{
    struct list_node *it;

    list_foreach (it, &lp->dirs) {
        struct loop_dir *ld = list_entry(it, struct loop_dir, node);

        if (ld->changed)
            return ld;
    }
    return NULL;
}

/* A callback may delete any handler. */
static void
loop_dirs_ready(struct loop_fd *lf, unsigned ready)
{
    struct loop *lp = lf->lp;
    struct loop_dir *ld;

    (void)ready;
    loop_dir_read(lp);
    while ((ld = loop_dir_next_changed(lp)) != NULL) {
        ld->changed = false;
        ld->cb(ld);
    }
}

static int
loop_dirs_open(struct loop *lp)
{
    int fd, saved;

    if (lp->dir_lf.lp != NULL)
        return 0;
    fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (fd < 0)
        return -1;
    if (loop_fd_add(lp, &lp->dir_lf, fd, LOOP_READ, loop_dirs_ready) == 0)
        return 0;
    saved = errno;
    close(fd);
    errno = saved;
    return -1;
}

int
loop_dir_add(struct loop *lp, struct loop_dir *ld, const char *path,
             uint32_t mask, loop_dir_cb cb)
{
    loop_dir_del(ld);
    if (loop_dirs_open(lp) < 0)
        return -1;
    ld->wd =
        inotify_add_watch(lp->dir_lf.fd, path, mask | IN_ONLYDIR | IN_MASK_ADD);
    if (ld->wd < 0)
        return -1;
    ld->lp = lp;
    ld->mask = mask;
    ld->changed = false;
    ld->cb = cb;
    list_append(&lp->dirs, &ld->node);
    return 0;
}

static bool
loop_dir_is_watched(const struct loop *lp, int wd)
{
    const struct list_node *it;

    list_foreach (it, &lp->dirs)
        if (container_of(it, const struct loop_dir, node)->wd == wd)
            return true;
    return false;
}

void
loop_dir_del(struct loop_dir *ld)
{
    struct loop *lp = ld->lp;

    if (lp == NULL)
        return;
    ld->lp = NULL;
    list_del(&ld->node);
    if (!loop_dir_is_watched(lp, ld->wd))
        (void)inotify_rm_watch(lp->dir_lf.fd, ld->wd);
}

void
loop_dirs_fini(struct loop *lp)
{
    int fd = lp->dir_lf.fd;

    while (!list_empty(&lp->dirs))
        loop_dir_del(container_of(lp->dirs.next, struct loop_dir, node));
    if (lp->dir_lf.lp == NULL)
        return;
    loop_fd_del(&lp->dir_lf);
    close(fd);
}
