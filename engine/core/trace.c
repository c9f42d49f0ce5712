/*
 * trace.c - see trace.h; and the verb's switch. Calls of helper processes are
 * their own and not in it.
 */
#include "engine/core/trace.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "engine/core/engine_int.h"
#include "engine/hv/hv_trace.h"
#include "engine/store/store_trace.h"
#include "src/base/buf.h"

#define RING_LINES 1 /* the file is what is wanted */

static uint64_t
now_ns(void)
{
    struct timespec ts = { 0 };

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (uint64_t)ts.tv_sec * 1000000000U + (uint64_t)ts.tv_nsec;
}

struct trace_call
trace_begin(struct log *log)
{
    return (struct trace_call){ .log = log, .began_ns = now_ns() };
}

int
trace_end(const struct trace_call *t, int rc, const struct err *e,
          const char *fmt, ...)
{
    unsigned long long us = (now_ns() - t->began_ns) / 1000;
    struct buf b = { 0 };
    va_list ap;

    va_start(ap, fmt);
    buf_vfmt(&b, fmt, ap);
    va_end(ap);
    log_line(t->log, LOGL_DEBUG, "[%d] %s = %d%s%s %llu us", (int)getpid(),
             buf_text(&b), rc, rc < 0 ? " " : "",
             rc == 0     ? ""
             : e != NULL ? e->msg
                         : "(nobody asked why)",
             us);
    buf_free(&b);
    return rc;
}

void
trace_overlay(void *ops, const void *tracing, size_t size)
{
    const char *from = tracing;
    char *to = ops;
    void (*old)(void), (*new)(void);
    size_t at;

    for (at = 0; at + sizeof(old) <= size; at += sizeof(old)) {
        memcpy(&old, to + at, sizeof(old));
        memcpy(&new, from + at, sizeof(new));
        if (old != NULL && new != NULL)
            memcpy(to + at, &new, sizeof(new));
    }
}

/* --- the switch --- */

void
engine_trace_path(const struct engine *en, char *dst, size_t n)
{
    text_fmt(dst, n, "%s/trace", en->paths.run);
}

/* As long as this file is there every program of the host traces. */
static void
switch_path(const struct engine *en, char *dst, size_t n)
{
    text_fmt(dst, n, "%s/trace.on", en->paths.run);
}

void
trace_stop(struct engine *en)
{
    if (en->hv != NULL)
        hv_trace_stop(en->hv);
    if (en->st != NULL)
        store_trace_stop(en->st);
    log_free(en->trace);
    en->trace = NULL;
}

static int
start(struct engine *en, struct err *e)
{
    char path[512];
    struct log_opts lo = { .path = path,
                           .max_bytes = TRACE_BYTES,
                           .keep = TRACE_KEEP,
                           .ring_lines = RING_LINES,
                           .level = LOGL_DEBUG };
    struct err why = { 0 };

    engine_trace_path(en, path, sizeof(path));
    en->trace = log_new(&lo, &why);
    if (why.code != ERR_NONE) {
        trace_stop(en);
        return err_set(e, why.code, "trace: %s", why.msg);
    }
    hv_trace_start(en->hv, en->trace);
    store_trace_start(en->st, en->trace);
    return 0;
}

static int
switch_on(const char *path, struct err *e)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);

    if (fd < 0)
        return err_sys(e, errno, "trace: %s", path);
    close(fd);
    return 0;
}

int
engine_trace(struct engine *en, bool on, struct err *e)
{
    char path[512];

    switch_path(en, path, sizeof(path));
    if (on)
        return (en->trace == NULL && start(en, e) < 0) ? -1
                                                       : switch_on(path, e);
    trace_stop(en);
    if (unlink(path) < 0 && errno != ENOENT)
        return err_sys(e, errno, "trace: %s", path);
    return 0;
}

/* Whoever switched it on has seen whether the file can be written. */
void
trace_follow(struct engine *en)
{
    char path[512];
    bool on;

    switch_path(en, path, sizeof(path));
    on = access(path, F_OK) == 0;
    if (on && en->trace == NULL)
        (void)start(en, NULL);
    else if (!on && en->trace != NULL)
        trace_stop(en);
}

bool
engine_trace_on(const struct engine *en)
{
    return en->trace != NULL;
}
