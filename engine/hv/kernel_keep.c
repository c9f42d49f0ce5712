/*
 * kernel_keep.c - see kernel_keep.h.
 * An entry is a file NAME.kernel: a page with its head, the packed file, the
 * kernel, each from the beginning of a page. It grows as NAME.part under a lock
 * and gets its name when it is whole. Whoever finds it compares the packed file
 * byte by byte: the name is a sum that anybody can hit, and proves nothing.
 */
#include "engine/hv/kernel_keep.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/hv/kernel_keep_dir.h"
#include "src/base/buf.h"
#include "src/base/fdio.h"
#include "src/base/maker.h"

#define READ_BYTES (1024U * 1024)
#define SPARE_KIB  (64U * 1024) /* of the file system, for others */
#define TRIES_MAX  100

/* --- sums */

#define SUM_PRIME UINT64_C(0x9E3779B97F4A7C15)

/* Four lanes, that the processor has more than one multiplication at work. Good
 * against damage, not against malice. */
uint64_t
kernel_keep_sum(const void *bytes, size_t n)
{
    const unsigned char *p = bytes;
    uint64_t lane[4] = { 1, 2, 3, n }, word, sum = n;
    size_t i;

    for (i = 0; i + 8 <= n; i += 8) {
        memcpy(&word, p + i, 8);
        lane[i / 8 % 4] = (lane[i / 8 % 4] ^ word) * SUM_PRIME;
    }
    for (; i < n; i++)
        lane[0] = (lane[0] ^ p[i]) * SUM_PRIME;
    for (i = 0; i < 4; i++)
        sum = ((sum ^ lane[i] ^ lane[i] >> 29) * SUM_PRIME) + i;
    return sum;
}

/* --- an entry that is there */

static uint64_t
keep_pages(uint64_t n)
{
    return (n + KEEP_PAGE - 1) / KEEP_PAGE * KEEP_PAGE;
}

bool
kernel_keep_head(int fd, const char *boot, struct kernel_keep_head *out)
{
    struct stat sb;

    return fstat(fd, &sb) == 0 && S_ISREG(sb.st_mode) &&
           sb.st_uid == geteuid() && (sb.st_mode & 022) == 0 &&
           pread(fd, out, sizeof(*out), 0) == (ssize_t)sizeof(*out) &&
           memcmp(out->magic, KEEP_MAGIC, sizeof(out->magic)) == 0 &&
           strncmp(out->boot, boot, sizeof(out->boot)) == 0 &&
           out->packed_bytes <= KEEP_BYTES_MAX &&
           out->kernel_bytes <= KEEP_BYTES_MAX && out->kernel_bytes > 0 &&
           (uint64_t)sb.st_size == KEEP_PAGE + keep_pages(out->packed_bytes) +
                                       keep_pages(out->kernel_bytes);
}

/* Is it the entry of k's packed file, and whole? */
static bool
keep_fits(const struct kernel_keep *k, const struct kernel_keep_head *h,
          const char *map)
{
    const char *kernel = map + KEEP_PAGE + keep_pages(h->packed_bytes);

    return h->packed_bytes == k->packed_bytes &&
           memcmp(map + KEEP_PAGE, k->packed, k->packed_bytes) == 0 &&
           kernel_keep_sum(kernel, h->kernel_bytes) == h->kernel_sum;
}

static bool
keep_map(struct kernel_keep *k, int fd, const struct kernel_keep_head *h)
{
    size_t n = (size_t)(KEEP_PAGE + keep_pages(h->packed_bytes) +
                        keep_pages(h->kernel_bytes));
    char *map = mmap(NULL, n, PROT_READ, MAP_PRIVATE, fd, 0);

    if (map == MAP_FAILED)
        return false;
    if (!keep_fits(k, h, map)) {
        (void)munmap(map, n);
        return false;
    }
    k->map = map;
    k->map_bytes = n;
    k->kernel = map + KEEP_PAGE + keep_pages(h->packed_bytes);
    k->kernel_bytes = (size_t)h->kernel_bytes;
    return true;
}

/* The time of its last change says which are used least. */
static bool
keep_find(struct kernel_keep *k)
{
    int fd = open(k->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    struct kernel_keep_head h;
    char boot[KEEP_BOOT];
    bool found;

    if (fd < 0)
        return false;
    maker_boot(boot, sizeof(boot));
    found = kernel_keep_head(fd, boot, &h) && keep_map(k, fd, &h);
    if (found)
        (void)futimens(fd, NULL);
    close(fd);
    return found;
}

/* --- the lock of who unpacks */

static bool
keep_same_file(int fd, const char *path)
{
    struct stat mine, there;

    return fstat(fd, &mine) == 0 && lstat(path, &there) == 0 &&
           mine.st_dev == there.st_dev && mine.st_ino == there.st_ino;
}

static void
keep_part_path(const struct kernel_keep *k, char *dst, size_t n)
{
    text_fmt(dst, n, "%.*s" KEEP_PART,
             (int)(strlen(k->path) - strlen(KEEP_SUFFIX)), k->path);
}

/* Waits while another has it. One that was renamed or removed meanwhile is no
 * lock: then there is an entry, or another try. */
static void
keep_lock(struct kernel_keep *k)
{
    char part[sizeof(k->path)];
    int fd, i, r;

    keep_part_path(k, part, sizeof(part));
    for (i = 0; i < TRIES_MAX && k->kernel == NULL; i++) {
        fd = open(part, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (fd < 0)
            return;
        do
            r = flock(fd, LOCK_EX);
        while (r < 0 && errno == EINTR);
        if (r == 0 && !keep_find(k) && keep_same_file(fd, part)) {
            k->part_fd = fd;
            return;
        }
        close(fd);
        if (r < 0)
            return;
    }
}

/* Under the lock nobody else has the part. */
static void
keep_unlock(struct kernel_keep *k)
{
    char part[sizeof(k->path)];

    if (k->part_fd < 0)
        return;
    keep_part_path(k, part, sizeof(part));
    if (keep_same_file(k->part_fd, part))
        (void)unlink(part);
    close(k->part_fd);
    k->part_fd = -1;
}

/* --- looking for one */

static bool
keep_read(struct kernel_keep *k, int fd)
{
    struct stat sb;
    ssize_t r = 1;
    size_t n;

    if (fstat(fd, &sb) < 0 || sb.st_size <= 0 ||
        (uint64_t)sb.st_size > KEEP_BYTES_MAX)
        return false;
    k->packed_bytes = (size_t)sb.st_size;
    k->packed = malloc(k->packed_bytes);
    for (n = 0; k->packed != NULL && n < k->packed_bytes && r > 0;) {
        r = pread(fd, k->packed + n,
                  k->packed_bytes - n < READ_BYTES ? k->packed_bytes - n
                                                   : READ_BYTES,
                  (off_t)n);
        if (r < 0 && errno == EINTR)
            r = 1;
        else if (r > 0)
            n += (size_t)r;
    }
    if (k->packed != NULL && r > 0)
        return true;
    free(k->packed);
    return false;
}

bool
kernel_keep_open(struct kernel_keep *k, int fd, const char *dir,
                 uint64_t max_bytes)
{
    *k = (struct kernel_keep){ .part_fd = -1, .max_bytes = max_bytes };
    if (!keep_read(k, fd))
        return false;
    if (strlen(dir) > sizeof(k->path) - 64)
        return true;
    text_fmt(k->path, sizeof(k->path), "%s/%016llx" KEEP_SUFFIX, dir,
             (unsigned long long)kernel_keep_sum(k->packed, k->packed_bytes));
    if (!keep_find(k) && (mkdir(dir, 0700) == 0 || errno == EEXIST))
        keep_lock(k);
    return true;
}

void
kernel_keep_close(struct kernel_keep *k)
{
    keep_unlock(k);
    if (k->map != NULL)
        (void)munmap(k->map, k->map_bytes);
    free(k->packed);
    *k = (struct kernel_keep){ .part_fd = -1 };
}

/* --- keeping one */

static int
keep_write_at(int fd, uint64_t at, const void *bytes, size_t n)
{
    return lseek(fd, (off_t)at, SEEK_SET) < 0 ? -1 : fd_write_all(fd, bytes, n);
}

static int
keep_write(const struct kernel_keep *k, const void *kernel, size_t n)
{
    struct kernel_keep_head h = { .packed_bytes = k->packed_bytes,
                                  .kernel_bytes = n,
                                  .kernel_sum = kernel_keep_sum(kernel, n) };
    uint64_t at = KEEP_PAGE + keep_pages(k->packed_bytes);

    memcpy(h.magic, KEEP_MAGIC, sizeof(h.magic));
    maker_boot(h.boot, sizeof(h.boot));
    if (h.boot[0] == '\0' || ftruncate(k->part_fd, 0) < 0 ||
        ftruncate(k->part_fd, (off_t)(at + keep_pages(n))) < 0 ||
        keep_write_at(k->part_fd, KEEP_PAGE, k->packed, k->packed_bytes) < 0 ||
        keep_write_at(k->part_fd, at, kernel, n) < 0)
        return -1;
    return keep_write_at(k->part_fd, 0, &h, sizeof(h)); /* it is whole */
}

/* The directory of the entry. */
static void
keep_dir(const struct kernel_keep *k, char *dst, size_t n)
{
    text_fmt(dst, n, "%.*s", (int)(strrchr(k->path, '/') - k->path), k->path);
}

static bool
keep_has_room(const char *dir, uint64_t bytes)
{
    uint64_t room;

    return fd_free_kib(dir, &room, NULL) == 0 &&
           room >= bytes / 1024 + SPARE_KIB;
}

void
kernel_keep_put(struct kernel_keep *k, const void *kernel, size_t n)
{
    uint64_t bytes = KEEP_PAGE + keep_pages(k->packed_bytes) + keep_pages(n);
    char part[sizeof(k->path)], dir[sizeof(k->path)];

    if (k->part_fd < 0)
        return;
    keep_dir(k, dir, sizeof(dir));
    keep_part_path(k, part, sizeof(part));
    if (n > 0 && n <= KEEP_BYTES_MAX && bytes <= k->max_bytes) {
        kernel_keep_make_room(dir, k->max_bytes - bytes);
        if (keep_has_room(dir, bytes) && keep_write(k, kernel, n) == 0)
            (void)rename(part, k->path);
    }
    keep_unlock(k);
}
