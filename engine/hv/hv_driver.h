/*
 * hv_driver.h - what a driver of the hypervisor's boundary fills in. Only
 * drivers, the wrappers and the trace include it.
 */
#ifndef XENDECK_ENGINE_HV_DRIVER_H
#define XENDECK_ENGINE_HV_DRIVER_H

#include "engine/hv/hv.h"

struct hv_ops {
    const char *name; /* "xen", "sim": shown in the title bar */
    /* See hv_opens_slowly, hv_destroys_slowly, hv_pace_ms. */
    bool opens_slowly, destroys_slowly;
    unsigned (*pace_ms)(const struct hv *);
    void (*close)(struct hv *);
    int (*virq_fd)(struct hv *);
    unsigned (*virq_drain)(struct hv *);
    unsigned (*virq_bound)(const struct hv *);
    int (*build)(struct hv *, const struct hv_build *, struct hv_built *out,
                 struct err *); /* NULL: only helpers build */
#define HV_OP(name, params, args, ...) int(*name) params;
#include "engine/hv/hv_ops.def"
};

/* First member of each driver's own struct. */
struct hv {
    const struct hv_ops *ops;
    struct hv_trace *trace; /* while calls are traced */
};

#endif
