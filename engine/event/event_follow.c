/*
 * event_follow.c - see event_follow.h.
 * Invariant: all before `at` of the file behind fd has been told or skipped;
 * the file is left for the one that bears its name now only when read to its
 * end.
 */
#include "engine/event/event_follow.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/base/xalloc.h"

#define CHUNK      16384
#define CHUNKS_MAX 16 /* a turn */

struct event_follow {
    const struct event_file_opts *o;
    char path[320];
    int fd; /* -1: not there yet */
    ino_t ino;
    uint64_t at;
    struct buf part; /* a line whose end has not come */
    bool skipping;   /* it is longer than a line may be */
    struct loop_dir dir;
    struct loop_timer more;
};

static bool
event_follow_file_open(struct event_follow *fl)
{
    struct stat sb;

    fl->fd = open(fl->path,
                  O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
    fl->at = 0;
    if (fl->fd < 0)
        return false;
    if (fstat(fl->fd, &sb) < 0 || !S_ISREG(sb.st_mode)) {
        close(fl->fd);
        fl->fd = -1;
        return false;
    }
    fl->ino = sb.st_ino;
    return true;
}

static void
event_follow_take(struct event_follow *fl, const char *p, size_t n)
{
    size_t i;

    for (i = 0; i < n; i++) {
        if (p[i] != '\n') {
            if (fl->part.len < EVENT_FILE_LINE_MAX)
                buf_chr(&fl->part, p[i]);
            else
                fl->skipping = true;
            continue;
        }
        if (!fl->skipping && fl->part.len > 0)
            fl->o->line(fl->o->arg, fl->part.data, fl->part.len);
        fl->skipping = false;
        buf_clear(&fl->part);
    }
}

/* Another file bears the name, and this one is read. */
static bool
next_file(struct event_follow *fl)
{
    struct stat sb;

    if (stat(fl->path, &sb) < 0 || (fl->fd >= 0 && sb.st_ino == fl->ino))
        return false;
    if (fl->fd >= 0)
        close(fl->fd);
    buf_clear(&fl->part);
    fl->skipping = false;
    return event_follow_file_open(fl);
}

static void read_more(struct event_follow *fl);

static void
more_due(struct loop_timer *lt)
{
    read_more(container_of(lt, struct event_follow, more));
}

static void
read_more(struct event_follow *fl)
{
    char chunk[CHUNK];
    ssize_t r;
    int i;

    for (i = 0; i < CHUNKS_MAX; i++) {
        r = fl->fd >= 0 ? pread(fl->fd, chunk, sizeof(chunk), (off_t)fl->at)
                        : 0;
        if (r <= 0) {
            if (!next_file(fl))
                return;
            continue;
        }
        fl->at += (uint64_t)r;
        event_follow_take(fl, chunk, (size_t)r);
    }
    loop_timer_arm(fl->o->lp, &fl->more, 0, more_due);
}

static void
dir_changed(struct loop_dir *ld)
{
    read_more(container_of(ld, struct event_follow, dir));
}

void
event_follow_own(struct event_follow *fl, ino_t ino, uint64_t end, size_t n)
{
    if (fl != NULL && fl->fd >= 0 && fl->ino == ino && fl->part.len == 0 &&
        fl->at + n == end)
        fl->at = end;
}

void
event_follow_free(struct event_follow *fl)
{
    if (fl == NULL)
        return;
    loop_timer_del(&fl->more);
    loop_dir_del(&fl->dir);
    if (fl->fd >= 0)
        close(fl->fd);
    buf_free(&fl->part);
    free(fl);
}

struct event_follow *
event_follow_new(const struct event_file_opts *o, const char *path,
                 struct err *e)
{
    struct event_follow *fl = xcalloc(1, sizeof(*fl));
    struct stat sb;

    fl->o = o;
    fl->fd = -1;
    text_fmt(fl->path, sizeof(fl->path), "%s", path);
    if (loop_dir_add(o->lp, &fl->dir, o->dir,
                     IN_MODIFY | IN_CREATE | IN_MOVED_TO, dir_changed) < 0) {
        err_sys(e, errno, "following %s", path);
        event_follow_free(fl);
        return NULL;
    }
    if (event_follow_file_open(fl) && fstat(fl->fd, &sb) == 0)
        fl->at = (uint64_t)sb.st_size;
    return fl;
}
