/*
 * event_file.c - see event_file.h. Lines are appended with O_APPEND in one
 * write each, so that those of several processes never mix; whoever finds the
 * file full rotates it under a lock, the others see the new one by its inode.
 */
#include "engine/event/event_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/event/event_follow.h"
#include "src/base/fdio.h"
#include "src/base/xalloc.h"

#define MAX_DEFAULT  (1024U * 1024)
#define KEEP_DEFAULT 4
#define RETRY_MS     30000
#define NAME_ROOM    320

struct event_file {
    struct event_file_opts o;
    char dir[256];
    char path[NAME_ROOM];
    int fd; /* -1: not open */
    ino_t ino;
    bool torn; /* the file ends inside a line of ours */
    uint64_t retry_ms;
    unsigned long long lost;
    struct err err;
    struct event_follow *follow;
};

/* nth 0: the file itself. */
static void
event_file_path_of(const struct event_file *f, unsigned nth, char *dst)
{
    if (nth == 0)
        text_fmt(dst, NAME_ROOM, "%s", f->path);
    else
        text_fmt(dst, NAME_ROOM, "%.290s.%u", f->path, nth);
}

static void
event_file_file_close(struct event_file *f)
{
    if (f->fd >= 0)
        close(f->fd);
    f->fd = -1;
    f->torn = false;
}

static int
event_file_file_open(struct event_file *f)
{
    struct stat sb;

    f->fd = open(f->path,
                 O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW |
                     O_NOCTTY | O_NONBLOCK,
                 0600);
    if (f->fd < 0 || fstat(f->fd, &sb) < 0)
        return err_sys(&f->err, errno, "journal %s", f->path);
    if (!S_ISREG(sb.st_mode)) {
        event_file_file_close(f);
        return err_set(&f->err, ERR_INVALID, "journal %s: no regular file",
                       f->path);
    }
    f->ino = sb.st_ino;
    return 0;
}

static void
event_file_file_fail(struct event_file *f)
{
    bool first = f->retry_ms == 0;

    f->lost++;
    if (f->fd >= 0 && !f->torn)
        event_file_file_close(f);
    f->retry_ms = loop_now_ms(f->o.lp) + RETRY_MS;
    if (first && f->o.failed != NULL)
        f->o.failed(f->o.arg, f->err.msg);
}

static void
move_all(const struct event_file *f)
{
    char from[NAME_ROOM], to[NAME_ROOM];
    unsigned i;

    for (i = f->o.keep; i > 0; i--) {
        event_file_path_of(f, i - 1, from);
        event_file_path_of(f, i, to);
        (void)rename(from, to);
    }
}

/* Only one process moves the files; one that comes second finds them moved. */
static void
event_file_rotate(struct event_file *f)
{
    char lock[NAME_ROOM];
    struct stat sb;
    int fd;

    text_fmt(lock, sizeof(lock), "%s/.lock", f->dir);
    fd = open(lock, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return;
    if (flock(fd, LOCK_EX | LOCK_NB) == 0 && stat(f->path, &sb) == 0 &&
        sb.st_ino == f->ino)
        move_all(f);
    close(fd);
}

/* The file that bears the name now, with room for n bytes. */
static int
file_ready(struct event_file *f, size_t n)
{
    struct stat sb;
    bool there = stat(f->path, &sb) == 0;

    if (f->fd >= 0 && (!there || sb.st_ino != f->ino))
        event_file_file_close(f);
    if (f->fd < 0 && event_file_file_open(f) < 0)
        return -1;
    if (!there || (size_t)sb.st_size + n <= f->o.max_bytes || sb.st_size == 0)
        return 0;
    event_file_rotate(f);
    event_file_file_close(f);
    return event_file_file_open(f);
}

void
event_file_add(struct event_file *f, const char *line, size_t n)
{
    struct buf b = { 0 };
    size_t own;
    off_t end;

    if (n > EVENT_FILE_LINE_MAX ||
        (f->retry_ms != 0 && loop_now_ms(f->o.lp) < f->retry_ms)) {
        f->lost++;
        return;
    }
    if (file_ready(f, n + 2) < 0) {
        event_file_file_fail(f);
        return;
    }
    buf_add(&b, line, n);
    buf_chr(&b, '\n');
    own = b.len + f->torn;
    if (fd_append_lines(f->fd, &f->torn, "\n", b.data, b.len) < 0) {
        err_sys(&f->err, errno, "journal %s", f->path);
        event_file_file_fail(f);
    } else {
        f->retry_ms = 0;
        err_clear(&f->err);
        end = lseek(f->fd, 0, SEEK_CUR);
        if (end > 0)
            event_follow_own(f->follow, f->ino, (uint64_t)end, own);
    }
    buf_free(&b);
}

struct event_file *
event_file_open(const struct event_file_opts *o, struct err *e)
{
    struct event_file *f;
    struct stat sb;

    if (strlen(o->dir) >= sizeof(f->dir))
        return err_set(e, ERR_RANGE, "journal: the path %s is too long",
                       o->dir),
               NULL;
    if (mkdir(o->dir, 0700) < 0 && errno != EEXIST)
        return err_sys(e, errno, "journal %s", o->dir), NULL;
    if (lstat(o->dir, &sb) < 0 || !S_ISDIR(sb.st_mode))
        return err_set(e, ERR_INVALID, "journal %s: no directory", o->dir),
               NULL;
    f = xcalloc(1, sizeof(*f));
    f->o = *o;
    f->fd = -1;
    text_fmt(f->dir, sizeof(f->dir), "%s", o->dir);
    text_fmt(f->path, sizeof(f->path), "%s/" EVENT_FILE_NAME, f->dir);
    f->o.dir = f->dir;
    if (o->max_bytes == 0)
        f->o.max_bytes = MAX_DEFAULT;
    if (o->keep == 0)
        f->o.keep = KEEP_DEFAULT;
    return f;
}

void
event_file_close(struct event_file *f)
{
    if (f == NULL)
        return;
    event_follow_free(f->follow);
    event_file_file_close(f);
    free(f);
}

int
event_file_follow(struct event_file *f, struct err *e)
{
    if (f->follow == NULL)
        f->follow = event_follow_new(&f->o, f->path, e);
    return f->follow != NULL ? 0 : -1;
}

const char *
event_file_error(const struct event_file *f)
{
    return f->err.code == ERR_NONE ? NULL : f->err.msg;
}

unsigned long long
event_file_lost(const struct event_file *f)
{
    return f->lost;
}

/* --- the newest lines --- */

/* Puts the end of a file before what *out has, as much as is allowed. */
static void
prepend(const char *path, size_t max_bytes, struct buf *out)
{
    int fd =
        open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
    struct buf b = { 0 };
    char chunk[16384];
    struct stat sb;
    off_t at = 0;
    ssize_t r;

    if (fd < 0)
        return;
    if (fstat(fd, &sb) == 0 && S_ISREG(sb.st_mode)) {
        if ((size_t)sb.st_size > max_bytes)
            at = sb.st_size - (off_t)max_bytes;
        while (b.len < max_bytes &&
               (r = pread(fd, chunk, sizeof(chunk), at)) > 0) {
            buf_add(&b, chunk, (size_t)r);
            at += r;
        }
    }
    close(fd);
    buf_add(&b, out->data != NULL ? out->data : "", out->len);
    buf_free(out);
    *out = b;
}

static size_t
count_lines(const struct buf *b)
{
    size_t i, n = 0;

    for (i = 0; i < b->len; i++)
        n += b->data[i] == '\n';
    return n;
}

int
event_file_tail(struct event_file *f, size_t max, struct buf *out,
                struct err *e)
{
    struct buf all = { 0 };
    char path[NAME_ROOM];
    size_t from, n = 0;
    unsigned i;

    (void)e; /* a file that is not there has no lines */
    for (i = 0; i <= f->o.keep && count_lines(&all) <= max; i++) {
        event_file_path_of(f, i, path);
        prepend(path, f->o.max_bytes, &all);
    }
    for (from = all.len; from > 0; from--)
        if (all.data[from - 1] == '\n' && n++ == max)
            break;
    buf_add(out, all.data != NULL ? all.data + from : "", all.len - from);
    buf_free(&all);
    return 0;
}
