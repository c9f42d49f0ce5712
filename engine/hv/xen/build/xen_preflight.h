/*
 * xen_preflight.h - the preconditions of xen.h, with the machine as a
 * parameter so that tests can show it another one.
 */
#ifndef XENDECK_ENGINE_HV_XEN_PREFLIGHT_H
#define XENDECK_ENGINE_HV_XEN_PREFLIGHT_H

#include <stdbool.h>

#include "src/base/buf.h"

struct preflight {
    const char *root;   /* "" for this machine, else a directory like it */
    const char *socket; /* of xenstored, below root */
    unsigned uid;
    int store_wait_ms; /* for an answer of xenstored */
};

/* As xen_preflight. */
int preflight_run(const struct preflight *p, struct buf *why, bool *on_xen_out);
/* As xen_console_runs. */
bool preflight_console(const struct preflight *p);

#endif
