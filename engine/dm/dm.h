/*
 * dm.h - device models: one QEMU a domain serves what no driver of dom0's
 * kernel does: an HVM domain's whole machine, of a PV domain qcow2 disks and
 * the framebuffer.
 * A model outlives its engine: the next one finds it by the pid that stands in
 * xenstore and watches it. That it has died, or does not answer, is told, and
 * its domain crashes, is made again or is left, as its configuration says.
 */
#ifndef XENDECK_ENGINE_DM_H
#define XENDECK_ENGINE_DM_H

#include "engine/device/device.h"
#include "engine/device/model_server.h"

struct dom_entry;
struct model;

#define MODEL_STATUS_UNKNOWN (-1) /* of a process that was no child of ours */

/* Does a model have to serve this device? */
bool dm_serves(const struct device *d);
/* Is there a program to be started? Refuses, naming its package. */
int dm_check(const struct device *d, struct err *e);

/* The same of a domain that has one in any case, or none: may its model run as
 * the configuration asks? */
int dm_check_config(struct engine *en, const struct domain_config *c,
                    struct err *e);
/* Refuses a model of its own (device_model_override) that cannot be run, where
 * the domain or its devices, which have been prepared, need one. Looks at the
 * file. */
int dm_check_program(const struct devices *ds, const struct domain_config *c,
                     struct err *e);

/* Can it emulate the disks of a new domain? QEMU has no read-only IDE or AHCI
 * disks: refuses one, as libxl does. A domain that ran before may have got such
 * a one while it ran: in its next life it is paravirtual, as it was. */
int dm_check_disks(const struct domain_config *c, struct err *e);

/* Starts one for what ds has attached, unless none is needed or one runs; call
 * again after each wake-up. The limit of time is the step's. */
enum step_rc dm_start_run(struct dm_start *s, struct devices *ds,
                          const struct dm_want *want, struct err *e);
/* It was started, and is there still: before the domain runs. */
int dm_start_check(const struct dm_start *s, struct err *e);
enum step_rc dm_start_undo(struct dm_start *s);
void dm_start_fini(struct dm_start *s);

/* Is the process that is on record as the domain's model one still, or can that
 * not be told? */
bool dm_may_run(struct engine *en, uint32_t domid);
/* Ends a domain's model, if it has one, and waits for its end: any domain's,
 * only a process that is one of just this domain. All tasks are woken then.
 * STEP_FAIL: whether it has one cannot be told; nothing is done. */
enum step_rc dm_stop(struct engine *en, uint32_t domid, struct err *e);
/* A domain of ours is taken in: its model, if it has one, is watched from here
 * on, or as soon as it can be looked at. One that is gone is told. */
void dm_own(struct dom_entry *de);
void dm_open(struct engine *en);
void dm_close(struct engine *en);

#endif
