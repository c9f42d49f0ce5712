/*
 * kill.h - the end of a domain in the hypervisor: at once for a small one, in
 * a helper for one whose memory takes long to free. Used by destroying,
 * reaping and the undo of a creation.
 */
#ifndef XENDECK_ENGINE_KILL_H
#define XENDECK_ENGINE_KILL_H

#include "engine/task/task.h"

/* Embedded in its task; zeroed means not begun. */
struct kill {
    struct task *task;
    struct helper *helper; /* at work */
    bool done, noted;
    bool again; /* its domid goes to its own next life: not to be avoided */
    uint64_t history_until_ms; /* a wait for libxl's lock, 0: none */
    struct err err;
};

/* Call again after each wake-up of t. STEP_DONE: the domain is dying or gone
 * (a domain that never was is success). STEP_FAIL: k->err. */
enum step_rc kill_domain(struct kill *k, struct task *t, uint32_t domid);
/* It has failed, and is to be tried again. */
void kill_reset(struct kill *k);
/* Abandons a helper at work. */
void kill_fini(struct kill *k);

#endif
