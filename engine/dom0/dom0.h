/*
 * dom0.h - the boundary to the kernel and the programs of the domain that this
 * process runs in: a const table of operations with two drivers, linux and sim
 * (in memory). As with hv.h, callers use the wrappers; what a driver lacks is
 * refused there with one sentence. Hotplug scripts are started through
 * hotplug.h. The table itself is in dom0_driver.h.
 */
#ifndef XENDECK_ENGINE_DOM0_H
#define XENDECK_ENGINE_DOM0_H

#include "engine/dom0/dom0_device.h"
#include "engine/dom0/dom0_model.h"
#include "engine/dom0/places.h"

#define DOM0_SHUTDOWN_EXE "/sbin/shutdown"

/* The host going down; embedded in its owner. */
struct dom0_power {
    void (*ended)(struct dom0_power *p, int status); /* as waitpid's */
    struct loop_child child;                         /* the driver's */
};

void dom0_close(struct dom0 *d); /* NULL is allowed */
/* state, run: directories to be used instead of this host's own, or NULL. A
 * simulated host makes a temporary tree unless both are given. */
int dom0_places(struct dom0 *d, const char *state, const char *run,
                struct engine_paths *out, struct err *e);
/* 0, or the errno that says why this hotplug script cannot be run. */
int dom0_script_errno(struct dom0 *d, const char *path);
/* Powers the host off or reboots it: p->ended when the program that does so has
 * ended, perhaps before this returns. */
int dom0_power(struct dom0 *d, struct dom0_power *p, bool reboot,
               struct err *e);
/* A host that only says that it goes down. */
bool dom0_stays_up(const struct dom0 *d);

#endif
