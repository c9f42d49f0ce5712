/*
 * fd_copy.c - see fd_copy.h.
 */
#include "src/base/sys/fd_copy.h"

#include <errno.h>
#include <linux/fs.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include "src/base/sys/clock.h"
#include "src/base/xalloc.h"

#define CHUNK  (1U << 20)
#define GRAIN  65536U /* zeros of this length become a hole */
#define SAY_MS 500
#define MIB(n) ((unsigned long long)(n) >> 20)

struct copying {
    const struct fd_copy *c;
    uint64_t size;
    int64_t said_ms;
    char *bytes; /* CHUNK of them */
};

static int
copy_size(int fd, uint64_t *out, struct err *e)
{
    struct stat sb;

    if (fstat(fd, &sb) < 0)
        return err_sys(e, errno, "size of a disk");
    *out = (uint64_t)sb.st_size;
    if (S_ISBLK(sb.st_mode) && ioctl(fd, BLKGETSIZE64, out) < 0)
        return err_sys(e, errno, "size of a disk");
    return 0;
}

/* What is there of the source as it stands on the disk. */
static int
copy_check_room(const struct copying *k, struct err *e)
{
    struct stat sb;
    struct statvfs vfs;
    uint64_t need, room;

    if (fstat(k->c->from, &sb) < 0 || !S_ISREG(sb.st_mode) ||
        fstatvfs(k->c->to, &vfs) < 0 || vfs.f_blocks == 0)
        return 0; /* it is seen while it is written */
    need = (uint64_t)sb.st_blocks * 512;
    need = need < k->size ? need : k->size;
    room = (uint64_t)vfs.f_bavail * vfs.f_frsize;
    if (room >= need)
        return 0;
    return err_set(e, ERR_NOMEM,
                   "the copy needs %llu MiB, found %llu MiB free there",
                   MIB(need) + 1, MIB(room));
}

static int
copy_check_size(const struct copying *k, struct err *e)
{
    uint64_t size = 0;

    if (k->c->fresh)
        return copy_check_room(k, e);
    if (copy_size(k->c->to, &size, e) < 0)
        return -1;
    if (size >= k->size)
        return 0;
    return err_set(e, ERR_RANGE, "found %llu MiB to copy to, needed are %llu",
                   MIB(size), MIB(k->size));
}

static void
copy_say(struct copying *k, uint64_t done)
{
    int64_t now = clock_now_ms();

    if (done < k->size && now < k->said_ms + SAY_MS)
        return;
    k->said_ms = now;
    k->c->progress(done, k->size);
}

static bool
copy_is_zero(const char *p, size_t n)
{
    return n == 0 || (p[0] == 0 && memcmp(p, p + 1, n - 1) == 0);
}

static int
copy_write(const struct copying *k, const char *p, size_t n, uint64_t at,
           struct err *e)
{
    while (n > 0) {
        ssize_t r = pwrite(k->c->to, p, n, (off_t)at);

        if (r < 0 && errno == EINTR)
            continue;
        if (r <= 0)
            return err_sys(e, r < 0 ? errno : ENOSPC, "writing the copy");
        p += r;
        at += (uint64_t)r;
        n -= (size_t)r;
    }
    return 0;
}

static int
copy_bytes(const struct copying *k, size_t n, uint64_t at, struct err *e)
{
    size_t i, len;

    if (!k->c->fresh)
        return copy_write(k, k->bytes, n, at, e);
    for (i = 0; i < n; i += len) {
        len = n - i < GRAIN ? n - i : GRAIN;
        if (!copy_is_zero(k->bytes + i, len) &&
            copy_write(k, k->bytes + i, len, at + i, e) < 0)
            return -1;
    }
    return 0;
}

/* Where data begins at or behind at; a source that knows no holes is data. */
static uint64_t
copy_next_data(const struct copying *k, uint64_t at)
{
    off_t next = k->c->fresh ? lseek(k->c->from, (off_t)at, SEEK_DATA) : -1;

    if (next >= 0)
        return (uint64_t)next;
    return k->c->fresh && errno == ENXIO ? k->size : at;
}

static void
copy_pace(const struct copying *k, uint64_t n)
{
    uint64_t ms = k->size > 0 ? k->c->pace_ms * n / k->size : 0;
    struct timespec ts = { .tv_sec = (time_t)(ms / 1000),
                           .tv_nsec = (long)(ms % 1000) * 1000000 };

    if (ms > 0)
        nanosleep(&ts, NULL);
}

static int
copy_all(struct copying *k, struct err *e)
{
    uint64_t at = 0, next;
    size_t want;
    ssize_t n;

    while ((next = copy_next_data(k, at)) < k->size) {
        want = k->size - next < CHUNK ? (size_t)(k->size - next) : CHUNK;
        n = pread(k->c->from, k->bytes, want, (off_t)next);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_sys(e, errno, "reading what is copied");
        if (n == 0)
            return err_set(e, ERR_LOST,
                           "what is copied became shorter meanwhile");
        if (copy_bytes(k, (size_t)n, next, e) < 0)
            return -1;
        copy_pace(k, next + (uint64_t)n - at);
        at = next + (uint64_t)n;
        copy_say(k, at);
    }
    copy_pace(k, k->size - at);
    return 0;
}

/* What a guest wrote through blkback went past the page cache of dom0, which
 * may have older bytes of the device. */
static int
copy_drop_cache(int fd, struct err *e)
{
    struct stat sb;

    if (fstat(fd, &sb) == 0 && S_ISBLK(sb.st_mode) &&
        ioctl(fd, BLKFLSBUF, 0) < 0)
        return err_sys(e, errno, "dropping what is cached of a disk");
    return 0;
}

int
fd_copy_run(const struct fd_copy *c, struct err *e)
{
    struct copying k = { .c = c };
    int rc;

    if (copy_size(c->from, &k.size, e) < 0 || copy_drop_cache(c->from, e) < 0)
        return -1;
    if (!c->fresh || ioctl(c->to, FICLONE, c->from) < 0) {
        if (copy_check_size(&k, e) < 0)
            return -1;
        k.bytes = xcalloc(1, CHUNK);
        rc = copy_all(&k, e);
        free(k.bytes);
        if (rc < 0)
            return -1;
        if (c->fresh && ftruncate(c->to, (off_t)k.size) < 0)
            return err_sys(e, errno, "size of the copy");
    }
    if (fsync(c->to) < 0 && errno != EINVAL)
        return err_sys(e, errno, "writing the copy to its disk");
    copy_say(&k, k.size);
    return 0;
}
