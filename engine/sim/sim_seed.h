/*
 * sim_seed.h - what stands on a simulated host from its start.
 */
#ifndef XENDECK_ENGINE_SIM_SEED_H
#define XENDECK_ENGINE_SIM_SEED_H

#include "engine/sim/sim_int.h"

int sim_seed_host(struct sim *s, struct err *e);
struct sim_dom *sim_seed_guest(struct sim *s, const char *name,
                               uint64_t mem_kib, unsigned vcpus, bool ours);
void sim_seed_lively(struct sim *s);
/* sim_seed_dev.c: a disk and a network interface, connected. */
void sim_seed_devices(struct sim_dom *d, const char *name);
/* Of its network interface; mac: 18 bytes. */
void sim_seed_mac(const struct sim_dom *d, char *mac);
/* The configurations of the host's guests, below state, and their kernel, below
 * top. */
int sim_seed_records(struct sim *s, const char *top, const char *state,
                     struct err *e);

#endif
