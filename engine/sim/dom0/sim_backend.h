/*
 * sim_backend.h - drivers of devices on both sides, and their hotplug
 * scripts.
 */
#ifndef XENDECK_ENGINE_SIM_BACKEND_H
#define XENDECK_ENGINE_SIM_BACKEND_H

#include "engine/sim/sim_int.h"

/* A node below a backend's or a domain's directory changed. */
void sim_back_changed(struct sim *s, const char *path);
/* The guest runs again, or is up: its drivers look around. */
void sim_back_kick(struct sim *s, uint32_t domid);
/* The guest is gone, and with it what its kernel knew of its devices. */
void sim_back_forget(struct sim *s, uint32_t domid);
void sim_backs_free(struct sim *s);
/* Does the script of a backend of this kind look up a disk? */
bool sim_back_has_disk(const char *kind);
void sim_scripts_free(struct sim *s);

#endif
