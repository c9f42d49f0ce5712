/*
 * devices.h - forced removal of a domain's devices, as when it is destroyed:
 * backends are told that their peer is gone, hotplug scripts clean up. Works
 * on any domain that libxl or xendeck made, from what stands below
 * /libxl/DOMID/device, which no guest can write.
 */
#ifndef XENDECK_ENGINE_DEVICES_H
#define XENDECK_ENGINE_DEVICES_H

#include "engine/life/task.h"

#define DEVICES_MAX 64

enum device_phase { DEVICE_CLOSING, DEVICE_SCRIPT, DEVICE_GONE };

struct devices;

struct device {
    struct devices *owner;
    enum device_phase phase;
    char kind[16];     /* "vbd", "vif", ... as below /libxl/DOMID/device */
    char backend[160]; /* absolute, below some /local/domain/N/backend */
    bool was_closed;
    struct loop_child child; /* hotplug script */
    struct loop_timer limit;
};

struct devices {
    struct task *task;
    uint32_t domid;
    bool begun;
    size_t n;
    struct device *list;
    struct store_watch watch; /* on the backends */
};

/* Call again after each wake-up: STEP_DONE when all are gone or given up on
 * (10 s a backend, 40 s a script; what was given up is in the event log). */
enum step_rc devices_remove(struct devices *ds, struct task *t, uint32_t domid);
void devices_fini(struct devices *ds);

/* Ends the device model recorded for a domain: only a process that is one,
 * of just this domain. */
void devices_kill_model(struct engine *en, uint32_t domid);

#endif
