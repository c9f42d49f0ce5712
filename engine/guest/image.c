/*
 * image.c - the files of a guest's kernel, opened once and checked as
 * descriptors.
 */
#include "engine/guest/image.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What a file is instead of one that can be used, or NULL. */
static const char *
unfit(const struct stat *st)
{
    switch (st->st_mode & S_IFMT) {
    case S_IFREG:
        return st->st_size == 0 ? "an empty file" : NULL;
    case S_IFDIR:
        return "a directory";
    case S_IFIFO:
        return "a fifo";
    case S_IFSOCK:
        return "a socket";
    default:
        return "a device";
    }
}

static int
refuse(const struct domain_config *c, const char *setting, const char *path,
       struct err *e)
{
    int errnum = errno;
    char why[128];

    config_refuse(c, setting, err_code_of_errno(errnum), e,
                  "found %s (%s), allowed a readable regular file", path,
                  strerror_r(errnum, why, sizeof why));
    if (e != NULL)
        e->sys = errnum;
    return -1;
}

/* The descriptor of a file that fits, or -1. Opening never blocks, and the
 * checks are made on what was opened. */
static int
open_file(const struct domain_config *c, const char *setting, const char *path,
          struct err *e)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    const char *what;
    struct stat st;

    if (fd < 0)
        return refuse(c, setting, path, e);
    if (fstat(fd, &st) < 0) {
        refuse(c, setting, path, e);
    } else {
        what = unfit(&st);
        if (what == NULL)
            return fd;
        config_refuse(c, setting, ERR_INVALID, e,
                      "found %s, %s, allowed a readable regular file", path,
                      what);
    }
    close(fd);
    return -1;
}

int
image_open(const struct domain_config *c, struct image_files *out,
           struct err *e)
{
    const struct config_image *im = &c->image;
    struct image_files f = { .kernel_fd = -1, .ramdisk_fd = -1 };

    f.kernel_fd = open_file(c, "image.kernel", im->kernel, e);
    if (f.kernel_fd < 0)
        return -1;
    if (im->ramdisk != NULL) {
        f.ramdisk_fd = open_file(c, "image.ramdisk", im->ramdisk, e);
        if (f.ramdisk_fd < 0) {
            image_close(&f);
            return -1;
        }
    }
    *out = f;
    return 0;
}

void
image_close(struct image_files *f)
{
    if (f->kernel_fd >= 0)
        close(f->kernel_fd);
    if (f->ramdisk_fd >= 0)
        close(f->ramdisk_fd);
    f->kernel_fd = f->ramdisk_fd = -1;
}
