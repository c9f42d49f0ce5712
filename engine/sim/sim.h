/*
 * sim.h - a simulated Xen host: a hypervisor and a xenstore in memory, guests
 * with consoles on real ptys, faults on demand. It keeps real state, refuses
 * what Xen would refuse, and runs on the loop's clock, real or virtual.
 * A behaviour that only the sim has is a bug in the sim.
 */
#ifndef XENDECK_ENGINE_SIM_H
#define XENDECK_ENGINE_SIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/dom0/dom0.h"
#include "engine/hv/hv.h"
#include "engine/store/store.h"
#include "src/base/buf.h"
#include "src/base/log.h"
#include "src/base/loop.h"

struct sim;

struct sim_opts {
    unsigned domains;    /* demo guests beside dom0, 0..1000 */
    bool lively;         /* they boot, compute and log; else they idle */
    uint64_t total_kib;  /* host memory; 0: 64 GiB (or what the guests need) */
    unsigned cpus;       /* 0: 8 */
    uint64_t seed;       /* of all that varies; same seed, same host */
    uint32_t last_domid; /* given out before the start; 0: none but demos */
    bool quick_boot;     /* guests print their boot log at once */
};

/* NULL with *e if the host cannot be made. lp is borrowed. Demo guests carry
 * the ownership mark of mark.h, as if this toolstack had made them before. */
struct sim *sim_new(struct loop *lp, const struct sim_opts *o, struct err *e);
void sim_free(struct sim *s);

/* The drivers of the three boundaries; they live as long as the sim, to close
 * them is legal and leaves the host running. */
struct hv *sim_hv(struct sim *s);
struct store *sim_store(struct sim *s);
struct dom0 *sim_dom0(struct sim *s);
/* From here on the host ends when its dom0 is closed, which is the last of the
 * three to be closed. */
void sim_leave(struct sim *s);

/* A hypervisor for a helper process, which has no simulated host of its own: it
 * parses kernels (complaints go to say) and writes core dumps, an ELF header
 * and a hole. */
struct hv *sim_open_helper(void (*say)(void *arg, enum log_level level,
                                       const char *text),
                           void *arg, struct err *e);
/* Domains and the whole xenstore with permissions, in a stable order: two
 * hosts in the same state give the same bytes. Counters that only time moves
 * (cpu time, watch tokens) are left out. */
void sim_dump(struct sim *s, struct buf *out);

/* What its firmware shows a guest as its generation since it was restored; 0:
 * as it was. */
int sim_guest_generation(struct sim *s, uint32_t domid, uint64_t id_out[2]);
/* What a program in the guest has counted, four a second while the guest runs:
 * it lives in the guest's memory. -1: there is no such guest. */
int sim_guest_count(struct sim *s, uint32_t domid, uint64_t *out);

#endif
