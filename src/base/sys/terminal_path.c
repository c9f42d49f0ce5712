/*
 * terminal_path.c - see terminal_path.h.
 */
#include "src/base/sys/terminal_path.h"

#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "src/base/buf.h"

#define PTS_MAJOR 136

/* The kernel's own coding of a device number. */
static dev_t
decode_dev(unsigned dev)
{
    return makedev((dev >> 8) & 0xfff, (dev & 0xff) | ((dev >> 12) & 0xfff00));
}

/* sysfs links each device but pseudo terminals to a folder of its name. */
static bool
name_device(dev_t dev, char *dst, size_t n)
{
    char path[64], target[256], *slash;
    ssize_t r;

    if (major(dev) == PTS_MAJOR) {
        text_fmt(dst, n, "/dev/pts/%u", minor(dev));
        return true;
    }
    text_fmt(path, sizeof(path), "/sys/dev/char/%u:%u", major(dev), minor(dev));
    r = readlink(path, target, sizeof(target) - 1);
    target[r > 0 ? r : 0] = '\0';
    slash = strrchr(target, '/');
    if (slash == NULL)
        return false;
    text_fmt(dst, n, "/dev/%s", slash + 1);
    return true;
}

bool
terminal_path(int fd, char *dst, size_t n)
{
    struct stat sb;
    unsigned dev;

    return ioctl(fd, TIOCGDEV, &dev) == 0 &&
           name_device(decode_dev(dev), dst, n) && stat(dst, &sb) == 0 &&
           S_ISCHR(sb.st_mode) && sb.st_rdev == decode_dev(dev);
}

void
terminal_name(int fd, char *dst, size_t n)
{
    char path[300];
    struct statx own, there;

    dst[0] = '\0';
    if (terminal_path(fd, path, sizeof(path)) &&
        statx(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_INO, &own) ==
            0 &&
        statx(AT_FDCWD, path, 0, STATX_INO, &there) == 0 &&
        own.stx_dev_major == there.stx_dev_major &&
        own.stx_dev_minor == there.stx_dev_minor &&
        own.stx_ino == there.stx_ino)
        text_fmt(dst, n, "%s", path + strlen("/dev/"));
}
