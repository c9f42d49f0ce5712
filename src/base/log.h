/*
 * log.h - the engine's log: levels, a rotating file, and a ring that the log
 * pane shows. Nothing is ever written to stderr.
 * A log that cannot write (full disk, no permission) goes on in the ring,
 * remembers the reason, and tries again after 100 lines or 30 seconds: what
 * the ring still has is written then. A file that was removed or replaced from
 * outside is opened anew at the same interval.
 */
#ifndef XENDECK_BASE_LOG_H
#define XENDECK_BASE_LOG_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "src/base/err.h"

enum log_level { LOGL_DEBUG, LOGL_INFO, LOGL_WARN, LOGL_ERROR };

struct log;

struct log_line {
    uint64_t seq;  /* counts from 1, never reused */
    double wall_s; /* seconds since the epoch */
    enum log_level level;
    const char *text; /* one line, made safe; borrowed until the next line */
};

/* Seconds since the epoch. */
typedef double (*log_wall_cb)(void *arg);

struct log_opts {
    const char *path;     /* NULL: ring only */
    size_t max_bytes;     /* of the file before it is rotated; 0: 1 MiB */
    unsigned keep;        /* rotated files kept: path.1 .. path.keep; 0: 3 */
    size_t ring_lines;    /* 0: 500 */
    enum log_level level; /* below it nothing is kept */
    log_wall_cb wall;     /* NULL: the system's clock */
    void *wall_arg;       /* borrowed as long as the log lives */
};

/* Never fails: a file that cannot be opened is reported in *e (code set) and
 * the ring works. The file is made with mode 0600, O_NOFOLLOW. */
struct log *log_new(const struct log_opts *o, struct err *e);
void log_free(struct log *lg); /* NULL is allowed */
/* Opens the file anew, as after its rotation by others. NULL is allowed. */
void log_reopen(struct log *lg);

/* A line longer than 2,000 bytes is cut. errno is kept. lg NULL: nothing
 * happens. */
void log_line(struct log *lg, enum log_level level, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void log_vline(struct log *lg, enum log_level level, const char *fmt,
               va_list ap) __attribute__((format(printf, 3, 0)));

/* The i-th oldest line in the ring, i < log_count. */
size_t log_count(const struct log *lg);
struct log_line log_at(const struct log *lg, size_t i);
/* Why the file is not being written, or NULL while it is (or none is wanted).
 * Borrowed until the next line. */
const char *log_file_error(const struct log *lg);
const char *log_level_name(enum log_level level);

#endif
