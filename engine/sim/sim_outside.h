/*
 * sim_outside.h - what happens on a simulated host without its toolstack:
 * guests end or disobey, daemons die, Xen complains, other tools act.
 */
#ifndef XENDECK_ENGINE_SIM_OUTSIDE_H
#define XENDECK_ENGINE_SIM_OUTSIDE_H

#include "engine/sim/sim.h"

/* xenstored goes away: every later call fails with ERR_LOST. */
void sim_store_die(struct sim *s);
/* Guests: as if from inside. 0, or -1 if there is no such running guest. */
int sim_guest_shutdown(struct sim *s, uint32_t domid, enum hv_reason r);
int sim_guest_ignore_control(struct sim *s, uint32_t domid, bool ignore);
/* It does not balloon, nor take vcpus or sysrq keys: no drivers for it. */
int sim_guest_ignore_tuning(struct sim *s, uint32_t domid, bool ignore);
/* An HVM guest without PV drivers: it knows of no xenstore. */
int sim_guest_bare(struct sim *s, uint32_t domid, bool bare);
int sim_guest_input(struct sim *s, uint32_t domid, const char *text);
/* A guest made behind our back, as by xl (not owned). */
int sim_foreign_guest(struct sim *s, const char *name, uint32_t *domid_out);
/* A cpupool of n cpus from first on, taken from Pool-0, as if made by xl.
 * Returns its id, -1 if there are no such cpus. */
int sim_pool_add(struct sim *s, const char *name, enum sched_kind sched,
                 unsigned first, unsigned n);
/* Xen writes a line into its log (VIRQ_CON_RING), or has no memory left for
 * itself (VIRQ_ENOMEM). */
void sim_xen_says(struct sim *s, const char *text);
void sim_xen_no_memory(struct sim *s);
/* New guests get no console tty (a dead xenconsoled). */
void sim_no_consoled(struct sim *s, bool dead);

/* A running guest's drivers no longer let go of devices. */
int sim_guest_hold_devices(struct sim *s, uint32_t domid, bool hold);
/* Another domain keeps pages of it mapped: destroyed, it stays listed as dying
 * until it is no longer held. */
int sim_guest_hold_memory(struct sim *s, uint32_t domid, bool hold);

#endif
