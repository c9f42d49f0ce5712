/*
 * fd_kind.c - see fd_kind.h. The kernel fixes the type of a file when it first
 * sees it, and a device belongs to its driver whatever its node lies on: both
 * are true also where a server lies about the rest.
 */
#include "src/base/sys/fd_kind.h"

#include <fcntl.h>
#include <linux/major.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/base/fdio.h"

#define DRIVERS     "/proc/tty/drivers"
#define DRIVERS_MAX (64 * 1024)
#define MOUNTS      "/proc/self/mountinfo"
#define MOUNTS_MAX  (4U << 20)
#define MEM_NULL    3 /* minor numbers of MEM_MAJOR */
#define MEM_ZERO    5
#define MEM_FULL    7

static bool
fd_kind_look(int fd, struct statx *out)
{
    return statx(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC,
                 STATX_TYPE | STATX_MNT_ID, out) == 0;
}

/* Known without a look, for which there may be no descriptor left. */
static bool
is_common(unsigned major)
{
    return major == TTY_MAJOR || major == TTYAUX_MAJOR ||
           (major >= UNIX98_PTY_SLAVE_MAJOR &&
            major < UNIX98_PTY_SLAVE_MAJOR + UNIX98_PTY_MAJOR_COUNT);
}

/* A line is: name, path, major number, minor numbers, kind. The fields are
 * read from behind: only the name may have blanks. */
static bool
drives_terminals(unsigned major)
{
    struct buf text = { 0 };
    char *at, *line;
    bool found = false;

    if (is_common(major))
        return true;
    if (fd_read_file(DRIVERS, DRIVERS_MAX, &text, NULL) < 0)
        return false;
    at = text.data;
    while (!found && (line = strsep(&at, "\n")) != NULL) {
        const char *path = strstr(line, " /dev/");
        unsigned n;

        found = path != NULL && sscanf(path, " %*s %u", &n) == 1 && n == major;
    }
    buf_free(&text);
    return found;
}

static bool
is_of_terminal(const struct statx *sx)
{
    return S_ISCHR(sx->stx_mode) && drives_terminals(sx->stx_rdev_major);
}

bool
fd_is_terminal(int fd)
{
    struct statx sx;

    return fd_kind_look(fd, &sx) && is_of_terminal(&sx) && isatty(fd);
}

/* With O_PATH it is a place in a file system, and of no driver. */
static bool
is_open(int fd)
{
    int flags = fcntl(fd, F_GETFL);

    return flags >= 0 && (flags & O_PATH) == 0;
}

/* /dev/null and its kin, that a batch has in place of a terminal. */
static bool
is_sink(const struct statx *sx)
{
    return S_ISCHR(sx->stx_mode) && sx->stx_rdev_major == MEM_MAJOR &&
           (sx->stx_rdev_minor == MEM_NULL || sx->stx_rdev_minor == MEM_ZERO ||
            sx->stx_rdev_minor == MEM_FULL);
}

/* Of those that the kernel keeps by itself. */
static bool
is_kept_here(const char *type)
{
    static const char *const types[] = { "ext2",  "ext3", "ext4",  "xfs",
                                         "btrfs", "f2fs", "tmpfs", "overlay" };
    size_t i, n = strcspn(type, " ");

    for (i = 0; i < sizeof(types) / sizeof(types[0]); i++)
        if (strlen(types[i]) == n && strncmp(types[i], type, n) == 0)
            return true;
    return false;
}

/* A line is: number of the mount, others, " - ", type of the file system. A
 * mount that is not listed is of another namespace, and anybody's. */
static bool
is_of_local_file(const struct statx *sx)
{
    struct buf text = { 0 };
    char *at, *line;
    bool local = false;

    if (!S_ISREG(sx->stx_mode) || (sx->stx_mask & STATX_MNT_ID) == 0 ||
        fd_read_file(MOUNTS, MOUNTS_MAX, &text, NULL) < 0)
        return false;
    at = text.data;
    while ((line = strsep(&at, "\n")) != NULL) {
        const char *type = strstr(line, " - ");
        unsigned long long id;

        if (type == NULL || sscanf(line, "%llu", &id) != 1 ||
            id != sx->stx_mnt_id)
            continue;
        local = is_kept_here(type + 3);
        break;
    }
    buf_free(&text);
    return local;
}

bool
fd_closes_alone(int fd)
{
    struct statx sx;

    if (!fd_kind_look(fd, &sx))
        return false;
    return S_ISFIFO(sx.stx_mode) || S_ISSOCK(sx.stx_mode) ||
           fcntl(fd, F_GET_SEALS) >= 0 ||
           /* or hung up: no isatty */
           ((is_of_terminal(&sx) || is_sink(&sx) || is_of_local_file(&sx)) &&
            is_open(fd));
}
