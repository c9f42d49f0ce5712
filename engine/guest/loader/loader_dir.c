/*
 * loader_dir.c - see loader_dir.h.
 *
 *   STATE/boot/XXXXXX/lock     locked while its engine lives
 *   STATE/boot/XXXXXX/answer   the boot loader's to write, not to replace
 *   STATE/boot/XXXXXX/files/   the boot loader's
 *   STATE/boot/XXXXXX/disk     the guest's disk, where it is an image
 */
#include "engine/guest/loader/loader_dir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/core/paths.h"
#include "engine/dom0/dom0.h"
#include "src/base/fdio.h"

#define NAME_LEN 6 /* mkdtemp's */

static void
loader_dir_parent(const struct engine *en, char *dst, size_t n)
{
    text_fmt(dst, n, "%s/boot", engine_paths(en)->state);
}

static int
loader_dir_make_file(const char *path, struct err *e)
{
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

    return fd < 0 ? err_sys(e, errno, "%s", path) : fd;
}

static int
loader_dir_make_empty(const char *path, struct err *e)
{
    int fd = loader_dir_make_file(path, e);

    if (fd >= 0)
        close(fd);
    return fd < 0 ? -1 : 0;
}

static int
loader_dir_fill(struct loader_dir *d, struct err *e)
{
    char lock[320];

    text_fmt(lock, sizeof(lock), "%s/lock", d->top);
    text_fmt(d->out, sizeof(d->out), "%s/files", d->top);
    text_fmt(d->answer, sizeof(d->answer), "%s/answer", d->top);
    text_fmt(d->disk, sizeof(d->disk), "%s/disk", d->top);
    d->lock_fd = loader_dir_make_file(lock, e);
    if (d->lock_fd < 0)
        return -1;
    if (fd_lock(d->lock_fd) < 0)
        return err_sys(e, errno, "lock of %s", lock);
    if (loader_dir_make_empty(d->answer, e) < 0 ||
        loader_dir_make_empty(d->disk, e) < 0)
        return -1;
    return mkdir(d->out, 0700) < 0 ? err_sys(e, errno, "directory %s", d->out)
                                   : 0;
}

int
loader_dir_make(struct loader_dir *d, struct engine *en, struct err *e)
{
    char parent[280];

    d->lock_fd = -1;
    loader_dir_parent(en, parent, sizeof(parent));
    if (mkdir(parent, 0700) < 0 && errno != EEXIST)
        return err_sys(e, errno, "directory %s", parent);
    text_fmt(d->top, sizeof(d->top), "%s/XXXXXX", parent);
    if (mkdtemp(d->top) == NULL) {
        d->top[0] = '\0';
        return err_sys(e, errno, "a directory below %s", parent);
    }
    if (loader_dir_fill(d, e) == 0)
        return 0;
    loader_dir_end(d, false);
    return -1;
}

void
loader_dir_end(struct loader_dir *d, bool left)
{
    if (d->top[0] == '\0')
        return;
    if (!left)
        fd_remove_tree(d->top);
    d->top[0] = '\0';
    if (d->lock_fd >= 0)
        close(d->lock_fd);
    d->lock_fd = -1;
}

int
loader_dir_read(const struct loader_dir *d, struct loader_answer *out,
                struct err *e)
{
    struct buf text = { 0 };
    int rc = fd_read_file(d->answer, LOADER_ANSWER_MAX, &text, e);

    if (rc == 0)
        rc = loader_answer_parse(text.data, text.len, out, e);
    buf_free(&text);
    return rc;
}

/* Is it a name of just this directory? */
static bool
loader_dir_has(const struct loader_dir *d, const char *path)
{
    size_t n = strlen(d->out);

    return strncmp(path, d->out, n) == 0 && path[n] == '/' &&
           strchr(path + n + 1, '/') == NULL;
}

/* A link out of its directory, of either kind, would be read with the rights of
 * the engine. */
int
loader_dir_open(const struct loader_dir *d, const char *what, const char *path,
                bool anywhere, int *fd_out, struct err *e)
{
    bool own = loader_dir_has(d, path);
    struct stat st;
    int fd;

    if (!own && (!anywhere || path[0] != '/'))
        return err_set(e, ERR_INVALID,
                       "its answer names the %s %s, allowed one that it has "
                       "written below %s",
                       what, path, d->out);
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY |
                        (own ? O_NOFOLLOW : 0));
    if (fd < 0)
        return err_sys(e, errno, "its %s %s", what, path);
    if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) ||
        (own && st.st_nlink != 1)) {
        close(fd);
        return err_set(e, ERR_INVALID,
                       "its %s %s is no regular file of its own", what, path);
    }
    if (st.st_size == 0)
        close(fd);
    else
        *fd_out = fd;
    return 0;
}

/* --- what was left --- */

static bool
loader_dir_is_left(const char *top)
{
    char lock[320];
    int fd, r;

    text_fmt(lock, sizeof(lock), "%s/lock", top);
    fd = open(lock, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT; /* killed before it was made */
    r = fd_lock(fd);
    close(fd);
    return r == 0;
}

static void
loader_dir_remove(struct engine *en, const char *top)
{
    char disk[320];

    text_fmt(disk, sizeof(disk), "%s/disk", top);
    dom0_loader_let_go(engine_dom0(en), disk);
    fd_remove_tree(top);
}

void
loader_dirs_sweep(struct engine *en)
{
    char parent[280], top[300];
    struct dirent *de;
    DIR *dir;

    loader_dir_parent(en, parent, sizeof(parent));
    dir = opendir(parent);
    if (dir == NULL)
        return;
    while ((de = readdir(dir)) != NULL) {
        if (de->d_name[0] == '.' || strlen(de->d_name) != NAME_LEN)
            continue;
        text_fmt(top, sizeof(top), "%s/%.8s", parent, de->d_name);
        if (loader_dir_is_left(top))
            loader_dir_remove(en, top);
    }
    closedir(dir);
}
