/*
 * sim_fault.h - calls of a simulated host that fail, are counted or take
 * their time: for tests and for --sim-fault.
 */
#ifndef XENDECK_ENGINE_SIM_FAULT_H
#define XENDECK_ENGINE_SIM_FAULT_H

#include "engine/sim/sim.h"

/* Makes the nth use (from 1, counted from now) of one call fail with errnum,
 * once. call: an operation of a boundary ("hv.create", "store.tx_end",
 * "dom0.disk"; hv_ops.def, dom0_ops.def), "hv.*", "store.*", "dom0.*" (any of
 * them), "*". */
void sim_fault_add(struct sim *s, const char *call, unsigned nth, int errnum);
/* "CALL:NTH:ERRNO", ERRNO a name (ENOMEM, EIO, EBUSY...) or a number, or
 * KILL: the process dies in place of the call; or
 * "guest.die:MS:REASON": so many milliseconds from now all guests end at once
 * ("poweroff", "reboot", "crash", "watchdog"). */
int sim_fault_parse(struct sim *s, const char *spec, struct err *e);
void sim_fault_clear(struct sim *s);
/* Calls counted since sim_new or the last sim_fault_add. */
unsigned sim_calls(const struct sim *s, const char *call);
/* The name of the nth call, from 1 ("hv.create"), NULL if there were fewer;
 * only calls made while sim_trace is on; turning it on starts afresh. */
void sim_trace(struct sim *s, bool on);
const char *sim_trace_at(const struct sim *s, unsigned nth);
/* Calls cb before the nth call from now, once. A test kills the engine there by
 * a jump; if cb returns, the call is made. 0: never. */
void sim_kill_at(struct sim *s, unsigned nth, void (*cb)(void *), void *arg);
/* Adds ms to what the host does in its own time: "console.tty" (xenconsoled
 * writes the tty node), "guest.ack" (of control/shutdown), "guest.boot" (from
 * the unpause to the first line), "guest.shutdown" (from the acknowledgement
 * to the end), "dev.backend" (each answer of a device's driver), "dev.script"
 * (a hotplug script's work), "dm.qmp" (each answer of a device model). The last
 * three are also calls that can fail: a driver that is not there, a script that
 * ends with status 1, a command that is refused; or hangs if the errno is
 * ETIMEDOUT; as is "dm.start", a device model coming up. */
void sim_delay_add(struct sim *s, const char *what, uint64_t ms);

/* /proc cannot be read for the moment, as at the limit of descriptors. */
void sim_hide_processes(struct sim *s, bool hide);

#endif
