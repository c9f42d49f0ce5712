/*
 * image.c - how a guest kernel of some type is started: the table of types,
 * their command lines, and the files opened and checked as descriptors.
 */
#include "engine/guest/image.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Xen's start-of-day page has 1024 bytes with the NUL, and cuts silently. */
#define PV_CMDLINE_MAX 1023
/* NetBSD/xen copies 256 bytes with the NUL, and ignores the rest. */
#define NETBSD_CMDLINE_MAX 255

/* Appends "KEYVALUE" as one more argument; NULL adds nothing. */
static void
add_arg(struct buf *out, const char *key, const char *value)
{
    if (value == NULL)
        return;
    if (out->len > 0)
        buf_chr(out, ' ');
    buf_str(out, key);
    buf_str(out, value);
}

static void
linux_cmdline(const struct config_image *im, struct buf *out)
{
    add_arg(out, "root=", im->root);
    add_arg(out, "ip=", im->ip);
    add_arg(out, "", im->args);
}

/* NetBSD knows its root as a device and partition, "xbd0a", never by a path;
 * a prefix of /dev/ would match no device. */
static void
netbsd_cmdline(const struct config_image *im, struct buf *out)
{
    const char *root = im->root;

    if (root != NULL && strncmp(root, "/dev/", 5) == 0)
        root += 5;
    add_arg(out, "bootdev=", root);
    add_arg(out, "ip=", im->ip);
    add_arg(out, "", im->args);
}

static const struct image_type types[] = {
    { .name = "linux",
      .ostype = "linux",
      .cmdline_max = PV_CMDLINE_MAX,
      .cmdline = linux_cmdline },
    { .name = "netbsd",
      .ostype = "netbsd",
      .cmdline_max = NETBSD_CMDLINE_MAX,
      .cmdline = netbsd_cmdline },
};

#define N_TYPES (sizeof types / sizeof types[0])

const struct image_type *
image_type_find(const char *name)
{
    size_t i;

    for (i = 0; i < N_TYPES; i++)
        if (strcmp(types[i].name, name) == 0)
            return &types[i];
    return NULL;
}

void
image_type_names(struct buf *out)
{
    size_t i;

    for (i = 0; i < N_TYPES; i++)
        buf_fmt(out, "%s%s", i > 0 ? ", " : "", types[i].name);
}

/* The setting that a command line comes from, most of it. */
static const char *
cmdline_part(const struct domain_config *c)
{
    if (config_seen_find(c, "image.args") != NULL)
        return "image.args";
    return config_seen_find(c, "image.root") != NULL ? "image.root" : "image";
}

int
image_cmdline(const struct domain_config *c, struct buf *out, struct err *e)
{
    const struct image_type *t = image_type_find(c->image.type);
    struct buf text = { 0 };
    int rc = 0;

    if (t == NULL)
        return config_refuse(c, "image.type", ERR_INVALID, e,
                             "found \"%s\", which is not a type of image",
                             c->image.type);
    t->cmdline(&c->image, &text);
    if (text.len > t->cmdline_max)
        rc = config_refuse(c, cmdline_part(c), ERR_RANGE, e,
                           "found a %s command line of %zu bytes (root, ip and "
                           "args), allowed %zu",
                           t->name, text.len, t->cmdline_max);
    else
        buf_add(out, buf_text(&text), text.len);
    buf_free(&text);
    return rc;
}

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
