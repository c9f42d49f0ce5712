/*
 * kernel_keep_dir.c - what is in the directory of kept kernels, and what gives
 * way. An entry that is removed serves on whoever has it open.
 */
#include "engine/hv/kernel_keep_dir.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/hv/kernel_keep.h"
#include "src/base/buf.h"
#include "src/base/maker.h"

static bool
keep_ends_in(const char *name, const char *end)
{
    size_t n = strlen(name), m = strlen(end);

    return n > m && strcmp(name + n - m, end) == 0;
}

/* What all entries have together, and the one that was used least. */
struct keep_total {
    uint64_t bytes;
    char oldest[256]; /* "": there is none */
    struct timespec used;
};

static bool
keep_is_before(const struct timespec *a, const struct timespec *b)
{
    return a->tv_sec < b->tv_sec ||
           (a->tv_sec == b->tv_sec && a->tv_nsec < b->tv_nsec);
}

static void
keep_count(struct keep_total *t, const char *name, const struct stat *sb)
{
    t->bytes += (uint64_t)sb->st_size;
    if (t->oldest[0] != '\0' && !keep_is_before(&sb->st_mtim, &t->used))
        return;
    text_fmt(t->oldest, sizeof(t->oldest), "%s", name);
    t->used = sb->st_mtim;
}

static struct keep_total
keep_add_up(DIR *d)
{
    struct keep_total t = { 0 };
    const struct dirent *de;
    struct stat sb;

    rewinddir(d);
    while ((de = readdir(d)) != NULL)
        if (keep_ends_in(de->d_name, KEEP_SUFFIX) &&
            fstatat(dirfd(d), de->d_name, &sb, AT_SYMLINK_NOFOLLOW) == 0)
            keep_count(&t, de->d_name, &sb);
    return t;
}

/* Ends where nothing can be removed. */
static void
keep_make_room_in(DIR *d, uint64_t max_bytes)
{
    struct keep_total t = keep_add_up(d);

    while (t.bytes > max_bytes && t.oldest[0] != '\0' &&
           unlinkat(dirfd(d), t.oldest, 0) == 0)
        t = keep_add_up(d);
}

void
kernel_keep_make_room(const char *dir, uint64_t max_bytes)
{
    DIR *d = opendir(dir);

    if (d == NULL)
        return;
    keep_make_room_in(d, max_bytes);
    closedir(d);
}

/* A part whose lock nobody has is of a process that was killed. */
static bool
keep_is_left(int fd)
{
    return flock(fd, LOCK_EX | LOCK_NB) == 0;
}

static void
keep_sweep_one(DIR *d, const char *name, const char *boot)
{
    bool part = keep_ends_in(name, KEEP_PART);
    struct kernel_keep_head h;
    int fd;

    if (!part && !keep_ends_in(name, KEEP_SUFFIX))
        return;
    fd = openat(dirfd(d), name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0 || (part ? keep_is_left(fd) : !kernel_keep_head(fd, boot, &h)))
        (void)unlinkat(dirfd(d), name, 0);
    if (fd >= 0)
        close(fd);
}

void
kernel_keep_sweep(const char *dir, uint64_t max_bytes)
{
    DIR *d = opendir(dir);
    const struct dirent *de;
    char boot[KEEP_BOOT];

    if (d == NULL)
        return;
    maker_boot(boot, sizeof(boot));
    while ((de = readdir(d)) != NULL)
        keep_sweep_one(d, de->d_name, boot);
    keep_make_room_in(d, max_bytes);
    closedir(d);
}
