/*
 * task_lock.c - see task_lock.h. A file whose domain is gone is removed by
 * whoever holds its lock; who has locked one looks whether it is still there.
 */
#include "engine/task/task_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/task/task_int.h"

#define LOCK_TRIES 16

void
task_lock_path(const struct engine *en, uint32_t domid, char *dst, size_t n)
{
    text_fmt(dst, n, "%s/dom-%u.lock", engine_paths(en)->run, domid);
}

uint32_t
task_lock_domid(const char *name)
{
    unsigned long long domid;
    char word[16];

    if (strncmp(name, "dom-", 4) != 0 || strlen(name) >= 4 + sizeof(word))
        return 0;
    text_fmt(word, sizeof(word), "%.*s", (int)strcspn(name + 4, "."), name + 4);
    if (strcmp(name + 4 + strlen(word), ".lock") != 0 ||
        !text_u64(word, 1, UINT32_MAX, &domid))
        return 0;
    return (uint32_t)domid;
}

/* A lock on a file that nobody else can find protects nothing. */
static bool
lock_is_there(const char *path, int fd)
{
    struct stat a, b;

    return stat(path, &a) == 0 && fstat(fd, &b) == 0 && a.st_ino == b.st_ino &&
           a.st_dev == b.st_dev;
}

/* A descriptor that holds the lock, -1 with errno: EWOULDBLOCK, another has
 * it. */
static int
lock_file(const char *path, int flags)
{
    int fd, errnum, tries;

    for (tries = 0; tries < LOCK_TRIES; tries++) {
        fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | flags, 0600);
        if (fd < 0)
            return -1;
        if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
            errnum = errno;
            close(fd);
            errno = errnum;
            return -1;
        }
        if (lock_is_there(path, fd))
            return fd;
        close(fd); /* removed between the two calls */
    }
    errno = EWOULDBLOCK;
    return -1;
}

void
task_lock_remove(const struct engine *en, uint32_t domid)
{
    char path[512];
    int fd;

    task_lock_path(en, domid, path, sizeof(path));
    fd = lock_file(path, 0);
    if (fd < 0)
        return;
    (void)unlink(path);
    close(fd);
}

/* The lock of a domain's uuid, so that two engines never work on one domain at
 * the same time. Taken for the life of the task, dropped with the process. */
int
task_lock(struct task *t, struct err *e)
{
    const struct dom *d = task_dom(t->en, t->op->dom_id);
    char path[512];
    int fd;

    if (d == NULL || t->lock_fd >= 0)
        return 0; /* one to be made has no identity yet */
    if (engine_paths_run(t->en, e) < 0)
        return -1;
    task_lock_path(t->en, d->domid, path, sizeof(path));
    fd = lock_file(path, O_CREAT);
    if (fd < 0 && errno == EWOULDBLOCK)
        return err_set(e, ERR_BUSY, "another xendeck is at work on domain %u",
                       d->domid);
    if (fd < 0)
        return err_sys(e, errno, "lock %s", path);
    t->lock_fd = fd;
    (void)!ftruncate(fd, 0); /* what was said of an earlier domain */
    return 0;
}

void
task_unlock(struct task *t)
{
    if (t->lock_fd >= 0)
        close(t->lock_fd);
    t->lock_fd = -1;
}
