/*
 * step.h - what attaching and detaching a device share. Private to
 * engine/device.
 */
#ifndef XENDECK_ENGINE_DEVICE_STEP_H
#define XENDECK_ENGINE_DEVICE_STEP_H

#include "engine/device/device.h"

/* Where a device stands, as recorded below /libxl. */
struct device_place {
    uint32_t back_domid;
    char back_kind[16];
    char back[160], copy[96];
};

/* False: there is none, or the record is not one of just this device (both
 * ERR_NOENT), or it could not be read. */
bool device_place_read(struct engine *en, uint32_t domid, const char *kind,
                       uint32_t devid, struct device_place *out, struct err *e);

/* Adds the device that stands so in xenstore. NULL: as device_place_read, or
 * there are too many. */
struct device *device_add_standing(struct devices *ds, const char *kind,
                                   uint32_t devid, struct err *e);

/* Can this domain serve devices, now or once it is resumed? */
bool device_server_lives(struct engine *en, uint32_t domid);
/* Served by a domain that has ended, or has lost it by that: the backend's
 * nodes are gone. False where xenstore does not tell. */
bool device_is_lost(struct engine *en, const struct device_place *at);
/* The task is woken when the backend's state changes. */
int device_watch(struct device *d, struct err *e);
/* d->late is set, and the task woken, after this long. */
void device_limit(struct device *d, uint64_t ms);
/* --- script/device_script.c --- */
/* Starts the script of d in its hotplug; the task is woken when it ends. card:
 * for the interface of its emulated card, else for its own. */
int device_script_start(struct device *d, bool add, bool card, struct err *e);
/* Refuses with its words if it has failed; of: "" or " for its ...". */
int device_script_check(struct device *d, const char *of, struct err *e);
/* Runs the script for its emulated card, if it has one: call again after each
 * wake-up. */
enum step_rc device_card_advance(struct device *d, struct err *e);
/* At a removal, once the device's own script is over: begins that of its
 * emulated card. False: there is none (any more). */
bool device_card_leaves(struct device *d);
/* Events for the set's warnings, which are cleared. */
void devices_tell_warnings(struct devices *ds);
/* All of them, which may be looked for anew; of the set the rest stays. */
void devices_drop(struct devices *ds);

/* The transactions of the common ways, for a handler with its own: the nodes
 * of a new device; online 0 and state 5 (force: the frontend goes first); no
 * node is left. */
int device_write(struct device *d, struct err *e);
int device_ask_close(struct device *d, struct err *e);
int device_erase(struct device *d, struct err *e);

#endif
