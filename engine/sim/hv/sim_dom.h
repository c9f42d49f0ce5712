/*
 * sim_dom.h - the domains of the simulated hypervisor.
 */
#ifndef XENDECK_ENGINE_SIM_DOM_H
#define XENDECK_ENGINE_SIM_DOM_H

#include "engine/sim/sim_int.h"

struct sim_dom *sim_dom_find(const struct sim *s, uint32_t domid);
struct sim_dom *sim_dom_need(const struct sim *s, uint32_t domid,
                             struct err *e);
/* The first place with a domid of at least first. */
size_t sim_dom_at(const struct sim *s, uint32_t first);
/* NULL: no domid is free. fixed: 0, or the domid wanted, which is free. */
struct sim_dom *sim_dom_add(struct sim *s, uint32_t fixed);
void sim_dom_free(struct sim_dom *d);
uint64_t sim_dom_cpu(const struct sim_dom *d);
uint64_t sim_dom_ran(const struct sim_dom *d); /* ns since its boot */
void sim_dom_load(struct sim_dom *d, unsigned load);
/* After any change of pauses, shutdown, dying: lets the guest run or stops
 * its clock. */
void sim_dom_schedule(struct sim_dom *d);
uint64_t sim_free_kib(const struct sim *s);
/* Gives or takes memory; false: not free, or above the maximum. */
bool sim_dom_set_mem(struct sim_dom *d, uint64_t kib);
void sim_dom_shutdown(struct sim_dom *d, enum hv_reason r);
void sim_dom_destroy(struct sim_dom *d);
void sim_dom_gone(struct sim_dom *d); /* frees d */

#endif
