/*
 * dom0_model_probe.h - which options a device model's program knows. QEMU 9.0
 * took -chroot away and 10.0 -runas; -run-with is there since 8.1 (chroot=) and
 * 9.1 (user=).
 */
#ifndef XENDECK_ENGINE_DOM0_MODEL_PROBE_H
#define XENDECK_ENGINE_DOM0_MODEL_PROBE_H

#include <stdbool.h>
#include <sys/types.h>
#include <time.h>

#include "src/base/buf.h"
#include "src/base/err.h"
#include "src/base/loop.h"

struct dom0;

/* A question; embedded in whoever asks, zeroed but for done. */
struct dom0_model_probe {
    /* From the loop, once, unless the answer was there at once. */
    void (*done)(struct dom0_model_probe *p);
    bool asked; /* done is to come */
    bool known; /* the answer is there */
    bool run_with_chroot, run_with_user;
    /* the driver's */
    struct dom0 *d;
    dev_t dev; /* of the program's file, as it was asked */
    ino_t ino;
    struct timespec changed;
    struct loop_child child;
    struct loop_fd lf;
    struct loop_timer limit;
    struct buf said;
};

/* program: NULL for the host's own. 0: p->known, or p->asked. One that says
 * nothing of its options is taken for an old one. */
int dom0_model_probe(struct dom0 *d, struct dom0_model_probe *p,
                     const char *program, struct err *e);
/* Nothing is told any more. One that was not asked is left alone. */
void dom0_model_probe_stop(struct dom0 *d, struct dom0_model_probe *p);

#endif
