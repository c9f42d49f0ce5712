/*
 * dom0_trace.c - every call to dom0's boundary as a line of the trace; see
 * hv_trace.c.
 */
#include "engine/dom0/dom0_trace.h"

#include <stdlib.h>

#include "engine/dom0/dom0_driver.h"
#include "src/base/trace.h"
#include "src/base/xalloc.h"

struct dom0_trace {
    struct dom0_ops ops;
    const struct dom0_ops *under;
    struct log *log;
};

#define DOM0_OP(name, params, args, ...)                                       \
    static int trace_##name params                                             \
    {                                                                          \
        struct trace_call t = trace_begin(d->trace->log);                      \
        int rc = d->trace->under->name args;                                   \
                                                                               \
        return trace_end(&t, rc, e, "dom0." #name __VA_ARGS__);                \
    }
#define DOM0_DO(name, params, args, ...)                                       \
    static void trace_##name params                                            \
    {                                                                          \
        struct trace_call t = trace_begin(d->trace->log);                      \
                                                                               \
        d->trace->under->name args;                                            \
        (void)trace_end(&t, 0, NULL, "dom0." #name __VA_ARGS__);               \
    }
#include "engine/dom0/dom0_ops.def"

void
dom0_trace_start(struct dom0 *d, struct log *log)
{
    struct dom0_trace *t;

    if (d->trace != NULL)
        return;
    t = xcalloc(1, sizeof(*t));
    t->ops = *d->ops;
    t->under = d->ops;
    t->log = log;
    /* What the driver lacks stays lacking. */
#define DOM0_OP(name, params, args, ...)                                       \
    t->ops.name = t->ops.name != NULL ? trace_##name : NULL;
#define DOM0_DO DOM0_OP
#include "engine/dom0/dom0_ops.def"
    d->trace = t;
    d->ops = &t->ops;
}

void
dom0_trace_stop(struct dom0 *d)
{
    if (d->trace == NULL)
        return;
    d->ops = d->trace->under;
    free(d->trace);
    d->trace = NULL;
}
