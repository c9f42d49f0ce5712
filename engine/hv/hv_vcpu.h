/*
 * hv_vcpu.h - vcpus of domains, their scheduler, and cpu pools.
 */
#ifndef XENDECK_ENGINE_HV_VCPU_H
#define XENDECK_ENGINE_HV_VCPU_H

#include "engine/hv/hv_types.h"

struct hv_vcpu {
    bool online, blocked, running;
    unsigned cpu; /* last or current physical cpu */
    uint64_t cpu_ns;
    uint8_t hard[HV_CPUS_MAX / 8]; /* affinity masks, bit n = cpu n */
    uint8_t soft[HV_CPUS_MAX / 8];
};

/* What a vcpu has in its registers. */
struct hv_regs {
    uint64_t ip, sp, flags;
    uint64_t ax, bx, cx, dx, si, di, bp, r[8]; /* r: r8 to r15 */
    uint64_t cr0, cr2, cr3, cr4;
    unsigned cs, ss;
};

/* A cpupool: its scheduler, the cpus it owns. */
struct hv_pool {
    unsigned id;
    enum sched_kind sched;
    unsigned n_doms;
    uint8_t cpus[HV_CPUS_MAX / 8];
};

int hv_vcpu(struct hv *h, uint32_t domid, unsigned vcpu, struct hv_vcpu *out,
            struct err *e);
/* ERR_NOENT as well for a vcpu that the guest has never started. Xen holds a
 * domain that runs for the moment of the call. */
int hv_vcpu_regs(struct hv *h, uint32_t domid, unsigned vcpu,
                 struct hv_regs *out, struct err *e);
/* Processor time that each of the first n vcpus has had, online or not: what
 * the statistics tick reads, without state and affinity. ERR_NOENT if there is
 * no vcpu n - 1. */
int hv_vcpu_times(struct hv *h, uint32_t domid, uint64_t *ns, unsigned n,
                  struct err *e);
/* n: the max_vcpus of hv_create (Xen wants the same number). */
int hv_set_max_vcpus(struct hv *h, uint32_t domid, unsigned n, struct err *e);
/* Masks of HV_CPUS_MAX / 8 bytes; NULL: as it is. ERR_INVALID if no cpu of the
 * pool is in hard. soft is a preference: it may name any cpu. */
int hv_set_affinity(struct hv *h, uint32_t domid, unsigned vcpu,
                    const uint8_t *hard, const uint8_t *soft, struct err *e);
/* The parameters that the scheduler of the domain's pool knows; others are 0.
 * vcpu: rtds only, else HV_ALL_VCPUS (rtds then tells those of vcpu 0). */
int hv_sched_get(struct hv *h, uint32_t domid, unsigned vcpu,
                 struct sched_params *out, struct err *e);
/* p->kind must be what hv_sched_get said: Xen refuses any other. */
int hv_sched_set(struct hv *h, uint32_t domid, unsigned vcpu,
                 const struct sched_params *p, struct err *e);
/* Ascending by id; at most max, n_out: how many there are. */
int hv_pools(struct hv *h, struct hv_pool *out, size_t max, size_t *n_out,
             struct err *e);
/* ERR_DENIED for dom0; ERR_INVALID for a pool without cpus. */
int hv_pool_move(struct hv *h, uint32_t domid, unsigned pool, struct err *e);
/* vcpu: of an NMI. Xen has no buttons for PV (an error) and none that anybody
 * sees for PVH (none). */
int hv_trigger(struct hv *h, uint32_t domid, enum hv_trigger what,
               unsigned vcpu, struct err *e);

#endif
