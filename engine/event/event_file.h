/*
 * event_file.h - a journal of lines on disk that several processes append to
 * and follow: whole lines only, rotated and bounded. It knows nothing of what
 * the lines say.
 *
 * Never fails its user: what cannot be written is dropped, said once (failed),
 * and tried again after a while.
 */
#ifndef XENDECK_ENGINE_EVENT_FILE_H
#define XENDECK_ENGINE_EVENT_FILE_H

#include <stddef.h>

#include "src/base/buf.h"
#include "src/base/err.h"
#include "src/base/loop.h"

#define EVENT_FILE_NAME     "events.json"
#define EVENT_FILE_LINE_MAX 8192

struct event_file_opts {
    struct loop *lp;  /* borrowed */
    const char *dir;  /* made with mode 0700 if need be */
    size_t max_bytes; /* of the file before it is rotated; 0: 1 MiB */
    unsigned keep;    /* rotated files: events.json.1 ..; 0: 4 */
    /* A line of any process, this one's too, without its end. */
    void (*line)(void *arg, const char *line, size_t n);
    /* Once for each time that writing ceased to work. */
    void (*failed)(void *arg, const char *why);
    void *arg;
};

struct event_file;

/* NULL with *e if the directory cannot be used at all. */
struct event_file *event_file_open(const struct event_file_opts *o,
                                   struct err *e);
void event_file_close(struct event_file *f); /* NULL is allowed */
/* line has no newline and at most EVENT_FILE_LINE_MAX bytes. */
void event_file_add(struct event_file *f, const char *line, size_t n);
/* Appends the newest max lines, oldest first, each with its end. */
int event_file_tail(struct event_file *f, size_t max, struct buf *out,
                    struct err *e);
/* Lines that come from now on go to opts.line, from the loop; those of this
 * process may be left out. */
int event_file_follow(struct event_file *f, struct err *e);
/* Why it is not being written, NULL: it is. */
const char *event_file_error(const struct event_file *f);
/* Lines dropped since it was opened. */
unsigned long long event_file_lost(const struct event_file *f);

#endif
