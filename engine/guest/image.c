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
image_refuse(const struct domain_config *c, const char *setting,
             const char *path, struct err *e)
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
image_open_file(const struct domain_config *c, const char *setting,
                const char *path, struct err *e)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    const char *what;
    struct stat st;

    if (fd < 0)
        return image_refuse(c, setting, path, e);
    if (fstat(fd, &st) < 0) {
        image_refuse(c, setting, path, e);
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
image_open_own(const struct domain_config *c, const char *setting,
               const char *path, int *fd, struct err *e)
{
    if (path != NULL)
        *fd = image_open_file(c, setting, path, e);
    return path != NULL && *fd < 0 ? -1 : 0;
}

int
image_open(const struct domain_config *c, struct image_files *out,
           struct err *e)
{
    struct image_files f = IMAGE_NO_FILES;
    const struct {
        const char *setting, *path;
        int *fd;
    } files[] = {
        { "image.kernel", c->image.kernel, &f.kernel_fd },
        { "image.ramdisk", c->image.ramdisk, &f.ramdisk_fd },
        { "image.loader", c->image.loader, &f.loader_fd },
        { "image.firmware_path", c->image.firmware_path, &f.firmware_fd },
        { "machine.acpi_firmware", c->machine.acpi_firmware, &f.acpi_fd },
        { "machine.smbios_firmware", c->machine.smbios_firmware, &f.smbios_fd },
    };
    size_t i;

    for (i = 0; i < sizeof(files) / sizeof(files[0]); i++)
        if (image_open_own(c, files[i].setting, files[i].path, files[i].fd, e) <
            0) {
            image_close(&f);
            return -1;
        }
    *out = f;
    return 0;
}

void
image_files_each(const struct domain_config *c,
                 void (*cb)(void *arg, const char *setting, const char *path),
                 void *arg)
{
    const struct {
        const char *setting, *path;
    } files[] = {
        { "image.kernel", c->image.kernel },
        { "image.ramdisk", c->image.ramdisk },
        { "image.loader", c->image.loader },
        { "image.firmware_path", c->image.firmware_path },
        { "machine.acpi_firmware", c->machine.acpi_firmware },
        { "machine.smbios_firmware", c->machine.smbios_firmware },
    };
    size_t i;

    for (i = 0; i < sizeof(files) / sizeof(files[0]); i++)
        if (files[i].path != NULL)
            cb(arg, files[i].setting, files[i].path);
}

void
image_close(struct image_files *f)
{
    int *fds[] = { &f->kernel_fd,   &f->ramdisk_fd, &f->loader_fd,
                   &f->firmware_fd, &f->acpi_fd,    &f->smbios_fd };
    size_t i;

    for (i = 0; i < sizeof(fds) / sizeof(fds[0]); i++) {
        if (*fds[i] >= 0)
            close(*fds[i]);
        *fds[i] = -1;
    }
}
