/*
 * hv_trace.c - every call to the hypervisor as a line of the trace: arguments,
 * result, time. The driver's table is replaced by a copy whose entries forward,
 * so that nothing is paid while it is off. What is no row of hv_ops.def is not
 * traced.
 */
#include "engine/hv/hv_trace.h"

#include <stdlib.h>

#include "engine/hv/hv_driver.h"
#include "src/base/trace.h"
#include "src/base/xalloc.h"

struct hv_trace {
    struct hv_ops ops;
    const struct hv_ops *under;
    struct log *log;
};

#define HV_OP(name, params, args, ...)                                         \
    static int trace_##name params                                             \
    {                                                                          \
        struct trace_call t = trace_begin(h->trace->log);                      \
        int rc = h->trace->under->name args;                                   \
                                                                               \
        return trace_end(&t, rc, e, "hv." #name __VA_ARGS__);                  \
    }
#include "engine/hv/hv_ops.def"

/* One statement a row of the table: as long as that is.
 * NOLINTBEGIN(readability-function-size) */
void
hv_trace_start(struct hv *h, struct log *log)
{
    struct hv_trace *t;

    if (h->trace != NULL)
        return;
    t = xcalloc(1, sizeof(*t));
    t->ops = *h->ops;
    t->under = h->ops;
    t->log = log;
    /* What the driver lacks stays lacking. */
#define HV_OP(name, params, args, ...)                                         \
    if (t->ops.name != NULL)                                                   \
        t->ops.name = trace_##name;
#include "engine/hv/hv_ops.def"
    h->trace = t;
    h->ops = &t->ops;
}
/* NOLINTEND(readability-function-size) */

void
hv_trace_stop(struct hv *h)
{
    if (h->trace == NULL)
        return;
    h->ops = h->trace->under;
    free(h->trace);
    h->trace = NULL;
}
