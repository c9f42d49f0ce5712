/*
 * sim_guest.h - the life of simulated guests: boot, end, and what their
 * kernels do when they are told something.
 */
#ifndef XENDECK_ENGINE_SIM_GUEST_H
#define XENDECK_ENGINE_SIM_GUEST_H

#include "engine/sim/sim_int.h"

/* Runs the guest if it may run and has not begun. */
void sim_guest_start(struct sim_dom *d);
/* A guest that has been up for a while. */
void sim_guest_seed(struct sim_dom *d, const char *host, uint64_t uptime_s);
void sim_guest_schedule(struct sim_dom *d);
void sim_guest_due(struct sim_dom *d, enum sim_due what, uint64_t delay_ms);
void sim_guest_store_changed(struct sim_dom *d, const char *rest);
void sim_guest_stop(struct sim_dom *d, enum hv_reason r); /* in its time */
/* Back from a suspend that came to nothing. */
void sim_guest_resume(struct sim_dom *d);
void sim_guest_panic(struct sim_dom *d); /* at once */
bool sim_guest_alive(const struct sim_dom *d);
/* The i-th line of the boot log with its time in ms; false: no more. */
bool sim_boot_line(const struct sim_dom *d, unsigned i, unsigned *at_ms_out,
                   struct buf *out);
void sim_boot_log(struct sim_dom *d); /* prints it all */

/* --- sim_obey.c --- */
/* A node of its home changed that its kernel may watch. */
void sim_guest_told(struct sim_dom *d, const char *rest);
void sim_guest_vcpus(struct sim_dom *d);
void sim_guest_sysrq(struct sim_dom *d);
/* vcpu: of an NMI. */
void sim_guest_trigger(struct sim_dom *d, enum hv_trigger what, unsigned vcpu);

#endif
