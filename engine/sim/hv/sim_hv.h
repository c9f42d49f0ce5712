/*
 * sim_hv.h - the simulated hypervisor as its files see it: operations,
 * pools, interrupts and its log.
 */
#ifndef XENDECK_ENGINE_SIM_HV_H
#define XENDECK_ENGINE_SIM_HV_H

#include "engine/sim/sim_int.h"

extern const struct hv_ops sim_hv_ops;
/* Finds the domain of a call; NULL with *e. _guest: for what Xen refuses on the
 * control domain with EINVAL. */
struct sim_dom *sim_enter(struct hv *h, uint32_t domid, struct err *e);
struct sim_dom *sim_enter_guest(struct hv *h, uint32_t domid, struct err *e);
#define HV_OP(name, params, args, ...) int sim_hv_##name params;
#include "engine/hv/hv_ops.def"
void sim_virq(struct sim *s, unsigned bits);
void sim_ring(struct sim *s, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* sim_helper.c: the file of a core dump. */
int sim_core_write(const struct hv_core *c, uint64_t mem_kib, struct err *e);

/* sim_stream.c: the stream of a domain with these words, and back. */
int sim_stream_write(const struct hv_save *s, struct err *e);
int sim_stream_read(const struct hv_restore *r, struct hv_restored *out,
                    struct err *e);

void sim_mask_all(uint8_t *mask, unsigned cpus);
void sim_pools_init(struct sim *s);
struct hv_pool *sim_pool_find(struct sim *s, unsigned id); /* or NULL */

#endif
