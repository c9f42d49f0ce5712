/*
 * sim_outside_dom0.h - what the dom0 of a simulated host does besides, and what
 * was done with it.
 */
#ifndef XENDECK_ENGINE_SIM_OUTSIDE_DOM0_H
#define XENDECK_ENGINE_SIM_OUTSIDE_DOM0_H

#include "engine/sim/sim.h"

/* What was announced last: "BRIDGE MAC IP", "" if nothing was. */
const char *sim_announced(const struct sim *s);
/* dom0 itself uses this disk ("mounted on /srv"); "": not any more. */
void sim_disk_use(struct sim *s, const char *path, const char *user);
/* Another host serves the files whose paths begin so; "": none any more. */
void sim_files_are_remote(struct sim *s, const char *dir);
/* Whether a process of xl receives a domain from another host. */
void sim_xl_receives(struct sim *s, bool receives);
/* Boot loaders that are started from now on wait for a key: a virtual clock
 * runs, which stands while they work. */
void sim_loaders_wait(struct sim *s, bool wait);

#endif
