/*
 * trace.h - the trace of calls: one line a call in a log. The boundaries wrap
 * their operations with it; engine/core/trace_switch.c turns it on and off.
 */
#ifndef XENDECK_BASE_TRACE_H
#define XENDECK_BASE_TRACE_H

#include <stddef.h>
#include <stdint.h>

#include "src/base/err.h"
#include "src/base/log.h"

struct trace_call {
    struct log *log;
    uint64_t began_ns;
};

struct trace_call trace_begin(struct log *log);
/* "[PID] CALL ARGS = 0 12 us", or " = -1 SENTENCE 12 us". Returns rc. */
int trace_end(const struct trace_call *t, int rc, const struct err *e,
              const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* Replaces each operation that ops has and tracing has, too. Both are tables
 * of nothing but pointers, of this size. */
void trace_overlay(void *ops, const void *tracing, size_t size);

#endif
