/*
 * sim_dom0.h - the simulated dom0: operations of its boundary, bridges,
 * disks.
 */
#ifndef XENDECK_ENGINE_SIM_DOM0_H
#define XENDECK_ENGINE_SIM_DOM0_H

#include "engine/sim/sim_int.h"

/* The operations of dom0's boundary, in engine/sim/dom0. */
extern const struct dom0_ops sim_dom0_ops;
#define DOM0_OP(name, params, args, ...) int sim_dom0_##name params;
#define DOM0_DO(name, params, args, ...) void sim_dom0_##name params;
#include "engine/dom0/dom0_ops.def"
enum life sim_dom0_model_serves(struct dom0 *d, uint32_t domid, uint64_t pid);
int sim_dom0_places(struct dom0 *d, const char *state, const char *run,
                    struct engine_paths *out, struct err *e);
unsigned sim_disk_minor(const char *path);
void sim_disk_look(struct sim *s, const char *path, struct dom0_disk *out);

#define SIM_BRIDGE "xenbr0" /* there from the start */
void sim_net_free(struct sim *s);

/* sim_tap.c: interfaces of emulated cards, as scripts put them on bridges. A
 * tap is there while its model runs; a port of its name stays until a script
 * removes it, as in Open vSwitch. */
int sim_tap_join(struct sim *s, const char *tap, struct err *e);
void sim_tap_leave(struct sim *s, const char *tap);
/* On its bridge, and there. */
bool sim_tap_is_on(const struct sim *s, const char *tap);
void sim_taps_dump(const struct sim *s, struct buf *out);

#endif
