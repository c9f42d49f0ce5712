/*
 * xl_lock.c - see xl_lock.h. The file goes while it is held, as libxl does:
 * whoever waits for it then finds another inode and tries again.
 */
#include "engine/task/xl_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/config/core/config.h"
#include "src/base/buf.h"
#include "src/base/sys/lock_holder.h"

static void
xl_lock_lock_path(char *dst, size_t n, const char *dir, uint32_t domid,
                  const uint8_t uuid[16], const char *name)
{
    char text[37];

    uuid_print_text(uuid, text);
    text_fmt(dst, n, "%s/userdata-l.%u.%s.%s", dir, domid, text, name);
}

static bool
xl_lock_same_file(int fd, const char *path)
{
    struct stat a, b;

    return fstat(fd, &a) == 0 && stat(path, &b) == 0 && a.st_dev == b.st_dev &&
           a.st_ino == b.st_ino;
}

static int
lock_busy(const char *path, int fd, struct err *e)
{
    char who[96];

    lock_holder(fd, who, sizeof(who));
    close(fd);
    return err_set(e, ERR_BUSY, "%s holds the lock %s", who, path);
}

int
xl_lock_file(const char *path, struct err *e)
{
    int fd, errnum;

    fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
    if (fd < 0)
        return err_sys(e, errno, "lock %s", path);
    if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
        errnum = errno;
        if (errnum == EWOULDBLOCK)
            return lock_busy(path, fd, e);
        close(fd);
        return err_sys(e, errnum, "lock %s", path);
    }
    if (xl_lock_same_file(fd, path))
        return fd;
    return lock_busy(path, fd, e);
}

int
xl_lock(const char *dir, uint32_t domid, const uint8_t uuid[16],
        const char *name, struct err *e)
{
    char path[512];
    struct err why = { 0 };
    int fd;

    xl_lock_lock_path(path, sizeof(path), dir, domid, uuid, name);
    fd = xl_lock_file(path, &why);
    if (fd >= 0)
        return fd;
    if (why.code == ERR_BUSY)
        return err_set(e, ERR_BUSY, "xl is changing domain %u", domid);
    if (e != NULL)
        *e = why;
    return -1;
}

void
xl_unlock(const char *dir, uint32_t domid, const uint8_t uuid[16],
          const char *name, int fd)
{
    char path[512];

    if (fd < 0)
        return;
    xl_lock_lock_path(path, sizeof(path), dir, domid, uuid, name);
    (void)unlink(path);
    close(fd);
}
