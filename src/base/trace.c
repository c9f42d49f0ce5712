/*
 * trace.c - see trace.h. Calls of helper processes are their own and not in
 * the trace.
 */
#include "src/base/trace.h"

#include <stdarg.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "src/base/buf.h"

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
