/*
 * trace.c - see trace.h; and the verb's switch. Calls of helper processes are
 * their own and not in it.
 */
#include "engine/trace.h"

#include <stdarg.h>
#include <string.h>
#include <time.h>

#include "engine/engine_int.h"
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
    log_line(t->log, LOGL_DEBUG, "%s = %d%s%s %llu us", buf_text(&b), rc,
             rc < 0 ? " " : "",
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

static void
trace_path(const struct engine *en, char *dst, size_t n)
{
    if (en->opts.trace_file != NULL)
        text_fmt(dst, n, "%s", en->opts.trace_file);
    else
        text_fmt(dst, n, "%s/trace", en->paths.run);
}

static void
stop(struct engine *en)
{
    if (en->hv != NULL)
        hv_trace_stop(en->hv);
    if (en->st != NULL)
        store_trace_stop(en->st);
    log_free(en->trace);
    en->trace = NULL;
}

int
engine_trace(struct engine *en, bool on, struct err *e)
{
    char path[512];
    struct log_opts lo = { .path = path,
                           .max_bytes = TRACE_BYTES,
                           .keep = TRACE_KEEP,
                           .ring_lines = RING_LINES,
                           .level = LOGL_DEBUG };
    struct err why = { 0 };

    if (!on) {
        stop(en);
        return 0;
    }
    if (en->trace != NULL)
        return 0;
    trace_path(en, path, sizeof(path));
    en->trace = log_new(&lo, &why);
    if (why.code != ERR_NONE) {
        stop(en);
        return err_set(e, why.code, "trace: %s", why.msg);
    }
    hv_trace_start(en->hv, en->trace);
    store_trace_start(en->st, en->trace);
    return 0;
}

bool
engine_trace_on(const struct engine *en)
{
    return en->trace != NULL;
}

void
engine_trace_path(const struct engine *en, char *dst, size_t n)
{
    trace_path(en, dst, n);
}
