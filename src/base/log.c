/*
 * log.c - the ring of log lines, and the file that follows it.
 * Invariant: every line enters the ring first; `written` is the last seq that
 * the file has (or will never have: gap). The file only ever catches up, so a
 * disk that is full costs no line before the ring itself overflows.
 */
#include "src/base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "src/base/buf.h"
#include "src/base/fdio.h"
#include "src/base/xalloc.h"

#define TEXT_MAX      2000 /* bytes of a line's text */
#define CHECK_LINES   100
#define CHECK_SECONDS 30.0

struct log {
    struct log_opts opts; /* path is ours */
    struct log_line *ring;
    size_t head, count; /* head: the oldest */
    uint64_t seq;       /* of the newest line */

    int fd; /* -1: not open */
    uint64_t written;
    bool torn; /* the file ends inside a line */
    struct err file_err;
    unsigned lines_since_check;
    double checked_s;
};

static double
wall_now(const struct log *lg)
{
    struct timespec ts = { 0 };

    if (lg->opts.wall != NULL)
        return lg->opts.wall(lg->opts.wall_arg);
    clock_gettime(CLOCK_REALTIME, &ts);
    return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void
log_file_close(struct log *lg)
{
    if (lg->fd >= 0)
        close(lg->fd);
    lg->fd = -1;
}

static int
log_file_fail(struct log *lg, int errnum, const char *what)
{
    err_sys(&lg->file_err, errnum, "log file %s: %s", lg->opts.path, what);
    log_file_close(lg);
    return -1;
}

static int
log_file_open(struct log *lg)
{
    struct stat st;

    /* O_NONBLOCK: a fifo put in its place must not hang us */
    lg->fd = open(lg->opts.path,
                  O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW |
                      O_NOCTTY | O_NONBLOCK,
                  0600);
    if (lg->fd < 0)
        return log_file_fail(lg, errno, "open");
    if (fstat(lg->fd, &st) < 0)
        return log_file_fail(lg, errno, "stat");
    if (!S_ISREG(st.st_mode)) {
        log_file_close(lg);
        return err_set(&lg->file_err, ERR_INVALID,
                       "log file %s: not a regular file", lg->opts.path);
    }
    return 0;
}

/* True if path no longer names the file that is open. */
static bool
file_replaced(const struct log *lg)
{
    struct stat ours, named;

    if (fstat(lg->fd, &ours) < 0 || lstat(lg->opts.path, &named) < 0)
        return true;
    return ours.st_dev != named.st_dev || ours.st_ino != named.st_ino;
}

static int
file_open_anew(struct log *lg)
{
    log_file_close(lg);
    lg->torn = false;
    return log_file_open(lg);
}

/* path.2 becomes path.3, path.1 path.2, path path.1; a new path is opened. */
static int
file_rename(struct log *lg)
{
    unsigned i;

    for (i = lg->opts.keep; i > 0; i--) {
        char *to = xasprintf("%s.%u", lg->opts.path, i);
        char *from = i == 1 ? xstrdup(lg->opts.path)
                            : xasprintf("%s.%u", lg->opts.path, i - 1);
        int r = rename(from, to), errnum = errno;

        free(from);
        free(to);
        if (r < 0 && errnum != ENOENT)
            return log_file_fail(lg, errnum, "rotate");
    }
    return file_open_anew(lg);
}

/* Several processes may write one log. The lock is on the file that is full:
 * who gets it after another has renamed that file finds a new one in its place
 * and takes that. While another holds it this process writes on where it is. */
static int
file_rotate(struct log *lg)
{
    if (flock(lg->fd, LOCK_EX | LOCK_NB) < 0)
        return 0;
    return file_replaced(lg) ? file_open_anew(lg) : file_rename(lg);
}

/* Whether n bytes more are too many for the file, with what others wrote. */
static bool
file_is_full(const struct log *lg, size_t n)
{
    struct stat st;

    return fstat(lg->fd, &st) == 0 && st.st_size > 0 &&
           (size_t)st.st_size + n > lg->opts.max_bytes;
}

/* Appends one line; a file that would grow too large is rotated first. */
static int
file_append(struct log *lg, struct buf *line)
{
    if (file_is_full(lg, line->len) && file_rotate(lg) < 0)
        return -1;
    if (fd_append_lines(lg->fd, &lg->torn, "\n", line->data, line->len) < 0)
        return log_file_fail(lg, errno, "write");
    return 0;
}

static void
log_format_line(struct buf *out, const struct log_line *l)
{
    bool sane = l->wall_s >= 0 && l->wall_s < 2.5e11; /* year 9892 */
    long long ms = sane ? (long long)(l->wall_s * 1000 + 0.5) : 0;
    time_t t = (time_t)(ms / 1000);
    struct tm tm = { 0 };
    char stamp[64];

    gmtime_r(&t, &tm);
    strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%S", &tm);
    buf_clear(out);
    buf_fmt(out, "%s.%03dZ %s %s\n", stamp, (int)(ms % 1000),
            log_level_name(l->level), l->text);
}

/* Says in the file that lines are missing from it. */
static int
append_gap(struct log *lg, struct buf *b)
{
    uint64_t lost = lg->seq - lg->count - lg->written;
    char text[96];
    struct log_line l = { .level = LOGL_WARN, .text = text };

    if (lg->written + lg->count >= lg->seq)
        return 0;
    text_fmt(text, sizeof text,
             "%llu lines are missing: the file could not be written",
             (unsigned long long)lost);
    l.wall_s = wall_now(lg);
    log_format_line(b, &l);
    if (file_append(lg, b) < 0)
        return -1;
    lg->written += lost;
    return 0;
}

/* Writes what the ring has and the file has not. */
static void
file_catch_up(struct log *lg)
{
    struct buf b = { 0 };

    if (append_gap(lg, &b) < 0)
        goto out;
    while (lg->written < lg->seq) {
        size_t behind = (size_t)(lg->seq - lg->written);
        struct log_line l = log_at(lg, lg->count - behind);

        log_format_line(&b, &l);
        if (file_append(lg, &b) < 0)
            goto out;
        lg->written++;
    }
    err_clear(&lg->file_err);
out:
    buf_free(&b);
}

static bool
check_is_due(struct log *lg, double now_s)
{
    double passed = now_s - lg->checked_s;

    if (++lg->lines_since_check < CHECK_LINES && passed >= 0 &&
        passed < CHECK_SECONDS)
        return false;
    lg->lines_since_check = 0;
    lg->checked_s = now_s;
    return true;
}

static void
file_follow(struct log *lg, double now_s)
{
    bool check;

    if (lg->opts.path == NULL)
        return;
    check = check_is_due(lg, now_s);
    if (lg->fd < 0 && (!check || log_file_open(lg) < 0))
        return;
    if (check && file_replaced(lg) && file_open_anew(lg) < 0)
        return;
    file_catch_up(lg);
}

struct log *
log_new(const struct log_opts *o, struct err *e)
{
    struct log *lg = xcalloc(1, sizeof *lg);

    lg->opts = *o;
    lg->fd = -1;
    if (o->max_bytes == 0)
        lg->opts.max_bytes = 1U << 20;
    if (o->keep == 0)
        lg->opts.keep = 3;
    if (o->ring_lines == 0)
        lg->opts.ring_lines = 500;
    lg->ring = xcalloc(lg->opts.ring_lines, sizeof *lg->ring);
    lg->checked_s = wall_now(lg);
    if (o->path == NULL)
        return lg;
    lg->opts.path = xstrdup(o->path);
    if (log_file_open(lg) < 0 && e != NULL)
        *e = lg->file_err;
    return lg;
}

/* The ring owns the texts that log_line only lends. */
static void
slot_free(struct log_line *l)
{
    free((void *)(uintptr_t)l->text);
    *l = (struct log_line){ 0 };
}

void
log_reopen(struct log *lg)
{
    if (lg == NULL || lg->opts.path == NULL)
        return;
    if (file_open_anew(lg) == 0)
        err_clear(&lg->file_err);
}

void
log_free(struct log *lg)
{
    size_t i;

    if (lg == NULL)
        return;
    for (i = 0; i < lg->opts.ring_lines; i++)
        slot_free(&lg->ring[i]);
    log_file_close(lg);
    free(lg->ring);
    free((void *)(uintptr_t)lg->opts.path);
    free(lg);
}

/* takes text */
static void
ring_push(struct log *lg, enum log_level level, double wall_s, const char *text)
{
    size_t cap = lg->opts.ring_lines;
    struct log_line *l = &lg->ring[(lg->head + lg->count) % cap];

    if (lg->count == cap)
        lg->head = (lg->head + 1) % cap;
    else
        lg->count++;
    slot_free(l);
    *l = (struct log_line){ ++lg->seq, wall_s, level, text };
}

/* The text as one safe line, cut at the limit on a whole character. */
static char *
safe_text(const char *fmt, va_list ap)
{
    struct buf raw = { 0 }, safe = { 0 };
    size_t n;

    buf_vfmt(&raw, fmt, ap);
    n = raw.len;
    while (n > 0 && raw.data[n - 1] == '\n')
        n--;
    if (n > TEXT_MAX)
        n = text_cut(raw.data, TEXT_MAX);
    buf_safe(&safe, buf_text(&raw), n);
    buf_free(&raw);
    return buf_take(&safe);
}

void
log_line(struct log *lg, enum log_level level, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    log_vline(lg, level, fmt, ap);
    va_end(ap);
}

void
log_vline(struct log *lg, enum log_level level, const char *fmt, va_list ap)
{
    int saved = errno;
    double now_s;

    if (lg == NULL || level < lg->opts.level)
        return;
    now_s = wall_now(lg);
    ring_push(lg, level, now_s, safe_text(fmt, ap));
    file_follow(lg, now_s);
    errno = saved;
}

size_t
log_count(const struct log *lg)
{
    return lg->count;
}

struct log_line
log_at(const struct log *lg, size_t i)
{
    if (i >= lg->count)
        return (struct log_line){ .text = "" };
    return lg->ring[(lg->head + i) % lg->opts.ring_lines];
}

const char *
log_file_error(const struct log *lg)
{
    return lg->file_err.code == ERR_NONE ? NULL : lg->file_err.msg;
}

const char *
log_level_name(enum log_level level)
{
    static const char *const names[] = { "debug", "info", "warn", "error" };
    size_t i = (size_t)level;

    return i < sizeof names / sizeof names[0] ? names[i] : "unknown";
}
