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

static bool
fd_kind_look(int fd, struct statx *out)
{
    return statx(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_TYPE, out) ==
           0;
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

bool
fd_closes_alone(int fd)
{
    struct statx sx;

    if (!fd_kind_look(fd, &sx))
        return false;
    return S_ISFIFO(sx.stx_mode) || S_ISSOCK(sx.stx_mode) ||
           fcntl(fd, F_GET_SEALS) >= 0 ||
           (is_of_terminal(&sx) && is_open(fd)); /* or hung up: no isatty */
}
