/*
 * fdio.c - descriptors and whole files: the few calls every module needs.
 */
#include "src/base/fdio.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/uio.h>
#include <unistd.h>

int
fd_nonblock(int fd)
{
    int flags = fcntl(fd, F_GETFL);

    if (flags < 0)
        return -1;
    return fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0 ? -1 : 0;
}

int
fd_write_all(int fd, const void *p, size_t n)
{
    const char *at = p;

    while (n > 0) {
        ssize_t r = write(fd, at, n);

        if (r < 0 && errno == EINTR)
            continue;
        if (r < 0)
            return -1;
        if (r == 0) {
            errno = EIO;
            return -1;
        }
        at += r;
        n -= (size_t)r;
    }
    return 0;
}

int
fd_append_lines(int fd, bool *torn, const char *end, const void *p, size_t n)
{
    size_t ahead = *torn ? strlen(end) : 0, done;
    struct iovec v[2] = { { (void *)(uintptr_t)end, ahead },
                          { (void *)(uintptr_t)p, n } };
    ssize_t r;

    do
        r = writev(fd, v, 2);
    while (r < 0 && errno == EINTR);
    if (r < 0)
        return -1;
    if ((size_t)r < ahead) {
        errno = ENOSPC;
        return -1;
    }
    done = (size_t)r - ahead;
    *torn = done < n;
    if (done < n && fd_write_all(fd, (const char *)p + done, n - done) < 0)
        return -1;
    *torn = false;
    return 0;
}

static const char *
kind_name(mode_t mode)
{
    if (S_ISDIR(mode))
        return "a directory";
    if (S_ISFIFO(mode))
        return "a fifo";
    if (S_ISSOCK(mode))
        return "a socket";
    return S_ISCHR(mode) || S_ISBLK(mode) ? "a device" : "something else";
}

static int
check_kind(const char *path, const struct stat *st, size_t max_bytes,
           struct err *e)
{
    if (!S_ISREG(st->st_mode))
        return err_set(e, ERR_INVALID, "%s: not a regular file, but %s", path,
                       kind_name(st->st_mode));
    if ((unsigned long long)st->st_size > max_bytes)
        return err_set(e, ERR_RANGE, "%s: found %llu bytes, allowed %zu", path,
                       (unsigned long long)st->st_size, max_bytes);
    return 0;
}

/* Opens path if it is a regular file within the limit; -1 with *e set. */
static int
open_checked(const char *path, size_t max_bytes, struct err *e)
{
    struct stat st;
    int fd;

    /* before open: opening a device may act on it */
    if (stat(path, &st) < 0)
        return err_sys(e, errno, "%s", path);
    if (check_kind(path, &st, max_bytes, e) < 0)
        return -1;
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0)
        return err_sys(e, errno, "%s", path);
    if (fstat(fd, &st) < 0)
        err_sys(e, errno, "%s", path);
    else if (check_kind(path, &st, max_bytes, e) == 0)
        return fd;
    close(fd);
    return -1;
}

/* To the end of the file, at most max_bytes. */
static int
read_rest(int fd, const char *path, size_t max_bytes, struct buf *out,
          struct err *e)
{
    char chunk[32768];
    size_t got = 0;
    ssize_t r;

    for (;;) {
        r = read(fd, chunk, sizeof chunk);
        if (r < 0 && errno == EINTR)
            continue;
        if (r < 0)
            return err_sys(e, errno, "%s", path);
        if (r == 0)
            return 0;
        if ((size_t)r > max_bytes - got)
            return err_set(e, ERR_RANGE, "%s: larger than %zu bytes", path,
                           max_bytes);
        buf_add(out, chunk, (size_t)r);
        got += (size_t)r;
    }
}

int
fd_read_file(const char *path, size_t max_bytes, struct buf *out, struct err *e)
{
    size_t before = out->len;
    int rc, fd = open_checked(path, max_bytes, e);

    if (fd < 0)
        return -1;
    rc = read_rest(fd, path, max_bytes, out, e);
    close(fd);
    if (rc < 0 && out->data != NULL) {
        out->len = before;
        out->data[before] = '\0';
    }
    return rc;
}

int
fd_lock(int fd)
{
    struct flock fl = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

    return fcntl(fd, F_OFD_SETLK, &fl) < 0 ? -1 : 0;
}

int
fd_locked(int fd)
{
    struct flock fl = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

    if (fcntl(fd, F_OFD_GETLK, &fl) < 0)
        return -1;
    return fl.l_type != F_UNLCK;
}

void
fd_raise_nofile(void)
{
    struct rlimit rl;

    if (getrlimit(RLIMIT_NOFILE, &rl) < 0 || rl.rlim_cur == rl.rlim_max)
        return;
    rl.rlim_cur = rl.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &rl) < 0)
        return; /* nothing is worse than before */
}

static int
remove_one(const char *path, const struct stat *sb, int type, struct FTW *f)
{
    (void)sb;
    (void)type;
    (void)f;
    (void)remove(path);
    return 0;
}

void
fd_remove_tree(const char *path)
{
    (void)nftw(path, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

int
fd_free_kib(const char *dir, uint64_t *out, struct err *e)
{
    struct statvfs v;

    if (statvfs(dir, &v) < 0)
        return err_sys(e, errno, "directory %s", dir);
    *out = (uint64_t)v.f_bavail * v.f_frsize / 1024;
    return 0;
}

int
fd_new_file(const char *path, const char *what,
            int (*fill)(int fd, const void *arg), const void *arg,
            struct err *e)
{
    int fd =
        open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    int rc, errnum;

    if (fd < 0)
        return err_sys(e, errno, "%s to '%s'", what, path);
    rc = fill(fd, arg);
    errnum = errno;
    if (close(fd) < 0 && rc == 0) {
        rc = -1;
        errnum = errno;
    }
    if (rc < 0) {
        unlink(path);
        return err_sys(e, errnum, "%s to '%s'", what, path);
    }
    return 0;
}
