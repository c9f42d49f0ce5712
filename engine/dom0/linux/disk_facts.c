/*
 * disk_facts.c - see disk_facts.h. All is read from /proc and /sys, which
 * answer at once.
 */
#include "engine/dom0/linux/disk_facts.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "engine/dom0/same_file.h"
#include "src/base/buf.h"
#include "src/base/fdio.h"
#include "src/base/loop.h"

#define MOUNTS_MAX (4U << 20)
#define SYSFS_MAX  65536 /* a file there claims to be a page long */
#define FIELDS     5     /* of a mount before its options: id .. mount point */

/* What is found, and whether all could be looked at: a directory that cannot be
 * opened, as at the limit of descriptors, does not prove that a disk is free.
 */
struct facts {
    struct dom0_disk *out;
    const char *mounts;
    int blind; /* errno of the first look that failed, 0: none */
};

static DIR *
facts_opendir(struct facts *f, const char *path)
{
    DIR *d = opendir(path);

    if (d == NULL && errno != ENOENT && f->blind == 0)
        f->blind = errno;
    return d;
}

/* False: there is no such file, or it cannot be read now. */
static bool
facts_read(struct facts *f, const char *path, size_t max, struct buf *b)
{
    struct err e = { 0 };

    if (fd_read_file(path, max, b, &e) == 0)
        return true;
    if (e.sys != ENOENT && f->blind == 0)
        f->blind = e.sys != 0 ? e.sys : EIO;
    return false;
}

/* --- mounts --- */

/* One line of mountinfo, which is taken apart. */
static bool
line_is(char *line, unsigned major, unsigned minor, const char *source,
        struct dom0_disk *out)
{
    char *f[FIELDS], *save = NULL, *tail = strstr(line, " - "), *from, *opts;
    unsigned ma, mi;
    size_t i;

    if (tail == NULL)
        return false;
    *tail = '\0';
    tail += 3;
    for (i = 0; i < FIELDS; i++) {
        f[i] = strtok_r(i == 0 ? line : NULL, " ", &save);
        if (f[i] == NULL)
            return false;
    }
    if (strtok_r(tail, " ", &save) == NULL)
        return false; /* the type */
    from = strtok_r(NULL, " ", &save);
    opts = strtok_r(NULL, " ", &save);
    if (sscanf(f[2], "%u:%u", &ma, &mi) != 2)
        return false;
    if ((ma != major || mi != minor) &&
        (source == NULL || from == NULL || strcmp(from, source) != 0))
        return false;
    mount_unescape(f[4]);
    text_fmt(out->user, sizeof(out->user), "mounted on %s", f[4]);
    out->used_rw = opts == NULL || strncmp(opts, "ro", 2) != 0 ||
                   (opts[2] != ',' && opts[2] != '\0');
    return true;
}

bool
disk_mounted(const char *mountinfo, unsigned major, unsigned minor,
             const char *source, struct dom0_disk *out)
{
    const char *s = mountinfo;
    char line[4096];

    for (; *s != '\0'; s += strcspn(s, "\n"), s += *s == '\n') {
        text_fmt(line, sizeof(line), "%.*s", (int)strcspn(s, "\n"), s);
        if (line_is(line, major, minor, source, out))
            return true;
    }
    return false;
}

/* --- block devices --- */

/* "sda1" of /sys/dev/block/8:1, a link to its place below the parent. */
static bool
sys_place(unsigned major, unsigned minor, char *dst, size_t n)
{
    char path[64], real[PATH_MAX];

    text_fmt(path, sizeof(path), "/sys/dev/block/%u:%u", major, minor);
    if (realpath(path, real) == NULL || strlen(real) >= n)
        return false;
    text_fmt(dst, n, "%s", real);
    return true;
}

static bool
read_dev(struct facts *f, const char *place, unsigned *major, unsigned *minor)
{
    struct buf b = { 0 };
    char path[PATH_MAX];
    bool ok;

    text_fmt(path, sizeof(path), "%s/dev", place);
    ok = facts_read(f, path, SYSFS_MAX, &b) &&
         sscanf(buf_text(&b), "%u:%u", major, minor) == 2;
    buf_free(&b);
    return ok;
}

/* What dom0 stacked upon it: LVM, RAID, dm-crypt. */
static bool
disk_facts_held(struct facts *f, const char *place)
{
    struct dom0_disk *out = f->out;
    char path[PATH_MAX];
    struct dirent *de;
    bool found = false;
    DIR *d;

    text_fmt(path, sizeof(path), "%s/holders", place);
    d = facts_opendir(f, path);
    if (d == NULL)
        return false;
    while (!found && (de = readdir(d)) != NULL) {
        found = de->d_name[0] != '.';
        if (found)
            text_fmt(out->user, sizeof(out->user), "part of /dev/%s",
                     de->d_name);
    }
    closedir(d);
    out->used_rw |= found;
    return found;
}

static bool
swapped(struct facts *f, unsigned major, unsigned minor)
{
    struct dom0_disk *out = f->out;
    struct buf b = { 0 };
    char *text, *line, *save = NULL;
    bool found = false;
    struct stat st;

    if (!facts_read(f, "/proc/swaps", MOUNTS_MAX, &b))
        return false;
    text = buf_take(&b);
    for (line = strtok_r(text, "\n", &save); line != NULL && !found;
         line = strtok_r(NULL, "\n", &save)) {
        line[strcspn(line, " \t")] = '\0';
        mount_unescape(line);
        found = line[0] == '/' && stat(line, &st) == 0 && S_ISBLK(st.st_mode) &&
                major(st.st_rdev) == major && minor(st.st_rdev) == minor;
    }
    free(text);
    if (found)
        text_fmt(out->user, sizeof(out->user), "swap space of dom0");
    out->used_rw |= found;
    return found;
}

static bool
disk_facts_used(struct facts *f, const char *place, const char *source)
{
    unsigned ma, mi;

    return read_dev(f, place, &ma, &mi) &&
           (disk_mounted(f->mounts, ma, mi, source, f->out) ||
            swapped(f, ma, mi) || disk_facts_held(f, place));
}

/* Partitions are directories below their disk's. */
static bool
partition_used(struct facts *f, const char *place)
{
    char path[PATH_MAX], mark[PATH_MAX];
    struct dirent *de;
    bool found = false;
    DIR *d = facts_opendir(f, place);

    while (d != NULL && !found && (de = readdir(d)) != NULL) {
        if (de->d_name[0] == '.')
            continue;
        text_fmt(path, sizeof(path), "%s/%s", place, de->d_name);
        text_fmt(mark, sizeof(mark), "%s/partition", path);
        found = access(mark, F_OK) == 0 && disk_facts_used(f, path, NULL);
    }
    if (d != NULL)
        closedir(d);
    return found;
}

static void
add_also(struct facts *f, const char *place)
{
    struct dom0_disk *out = f->out;
    struct dom0_disk_number n;

    if (out->n_also < DOM0_DISK_ALSO && read_dev(f, place, &n.major, &n.minor))
        out->also[out->n_also++] = n;
}

static void
add_partitions(struct facts *f, const char *place)
{
    char path[PATH_MAX], mark[PATH_MAX];
    struct dirent *de;
    DIR *d = facts_opendir(f, place);

    while (d != NULL && (de = readdir(d)) != NULL) {
        text_fmt(path, sizeof(path), "%s/%s", place, de->d_name);
        text_fmt(mark, sizeof(mark), "%s/partition", path);
        if (de->d_name[0] != '.' && access(mark, F_OK) == 0)
            add_also(f, path);
    }
    if (d != NULL)
        closedir(d);
}

static void
file_is(const char *file, struct dom0_disk *out)
{
    struct stat st;

    if (stat(file, &st) < 0 || !S_ISREG(st.st_mode))
        return;
    out->file_dev = st.st_dev;
    out->file_ino = st.st_ino;
}

/* Of a loop device, the file that it shows. */
static void
disk_facts_add_file(struct facts *f, const char *place)
{
    struct buf b = { 0 };
    char path[PATH_MAX];

    text_fmt(path, sizeof(path), "%s/loop/backing_file", place);
    if (facts_read(f, path, SYSFS_MAX, &b) && b.len > 1) {
        b.data[b.len - 1] = '\0'; /* the end of the line */
        /* A look at a file of another host could take for ever. */
        if (!path_is_remote(f->mounts, b.data))
            file_is(b.data, f->out);
    }
    buf_free(&b);
}

/* What else has bytes of it. */
static void
block_also(struct facts *f)
{
    struct dom0_disk *out = f->out;
    char place[PATH_MAX], mark[PATH_MAX];

    if (!sys_place(out->major, out->minor, place, sizeof(place)))
        return;
    text_fmt(mark, sizeof(mark), "%s/partition", place);
    if (access(mark, F_OK) == 0) {
        *strrchr(place, '/') = '\0';
        add_also(f, place);
    } else {
        add_partitions(f, place);
    }
    disk_facts_add_file(f, place);
}

/* The disk itself, any part of it, or the whole that it is a part of. */
static void
block_user(struct facts *f)
{
    struct dom0_disk *out = f->out;
    char place[PATH_MAX], mark[PATH_MAX];

    if (!sys_place(out->major, out->minor, place, sizeof(place))) {
        (void)disk_mounted(f->mounts, out->major, out->minor, out->path, out);
        return;
    }
    if (disk_facts_used(f, place, out->path) || partition_used(f, place))
        return;
    text_fmt(mark, sizeof(mark), "%s/partition", place);
    if (access(mark, F_OK) == 0) {
        *strrchr(place, '/') = '\0';
        (void)disk_facts_used(f, place, NULL);
    }
}

/* --- files: through the loop devices that show them --- */

static bool
loop_shows(struct facts *f, const char *name, const char *file)
{
    struct buf b = { 0 };
    char path[PATH_MAX];
    bool same;

    text_fmt(path, sizeof(path), "/sys/block/%s/loop/backing_file", name);
    if (!facts_read(f, path, SYSFS_MAX, &b))
        return false;
    same = strncmp(buf_text(&b), file, strlen(file)) == 0 &&
           strcmp(buf_text(&b) + strlen(file), "\n") == 0;
    buf_free(&b);
    return same;
}

static void
file_user(struct facts *f)
{
    struct dom0_disk *out = f->out;
    char place[PATH_MAX], user[sizeof(out->user)];
    struct dirent *de;
    DIR *d = facts_opendir(f, "/sys/block");

    while (d != NULL && (de = readdir(d)) != NULL) {
        if (strncmp(de->d_name, "loop", 4) != 0 ||
            !loop_shows(f, de->d_name, out->path))
            continue;
        text_fmt(place, sizeof(place), "/sys/block/%s", de->d_name);
        add_also(f, place);
        if (out->user[0] != '\0')
            continue;
        if (!disk_facts_used(f, place, NULL) && !partition_used(f, place))
            continue;
        text_fmt(user, sizeof(user), "%s", out->user);
        text_fmt(out->user, sizeof(out->user), "%.100s through /dev/%.32s",
                 user, de->d_name);
    }
    if (d != NULL)
        closedir(d);
}

int
disk_facts(const char *path, struct dom0_disk *out, struct err *e)
{
    struct buf mounts = { 0 };
    struct facts f = { .out = out };
    char real[PATH_MAX];
    struct stat st;

    *out = (struct dom0_disk){ .kind = DOM0_DISK_NONE };
    if (realpath(path, real) == NULL || stat(real, &st) < 0)
        return errno == ENOENT ? 0 : err_sys(e, errno, "disk %s", path);
    if (strlen(real) >= sizeof(out->path))
        return err_set(e, ERR_RANGE, "disk %s: its path is longer than %zu",
                       path, sizeof(out->path) - 1);
    text_fmt(out->path, sizeof(out->path), "%s", real);
    out->kind = S_ISBLK(st.st_mode)   ? DOM0_DISK_BLOCK
                : S_ISREG(st.st_mode) ? DOM0_DISK_FILE
                                      : DOM0_DISK_OTHER;
    if (fd_read_file("/proc/self/mountinfo", MOUNTS_MAX, &mounts, e) < 0)
        return -1;
    f.mounts = buf_text(&mounts);
    if (out->kind == DOM0_DISK_BLOCK) {
        out->major = major(st.st_rdev);
        out->minor = minor(st.st_rdev);
        block_also(&f);
        block_user(&f);
    } else if (out->kind == DOM0_DISK_FILE) {
        file_is(real, out);
        file_user(&f);
    }
    buf_free(&mounts);
    if (f.blind != 0 && out->user[0] == '\0')
        return err_sys(e, f.blind, "whether dom0 uses the disk %s", path);
    return 0;
}
