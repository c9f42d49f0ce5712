/*
 * sim.h - a simulated Xen host: a hypervisor and a xenstore in memory, guests
 * with consoles on real ptys, faults on demand. It keeps real state, refuses
 * what Xen would refuse, and runs on the loop's clock, real or virtual.
 * A behaviour that only the sim has is a bug in the sim.
 */
#ifndef XENDECK_ENGINE_SIM_H
#define XENDECK_ENGINE_SIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/dom0/dom0.h"
#include "engine/hv/hv.h"
#include "engine/store/store.h"
#include "src/base/buf.h"
#include "src/base/log.h"
#include "src/base/loop.h"

struct sim;

struct sim_opts {
    unsigned domains;    /* demo guests beside dom0, 0..1000 */
    bool lively;         /* they boot, compute and log; else they idle */
    uint64_t total_kib;  /* host memory; 0: 64 GiB (or what the guests need) */
    unsigned cpus;       /* 0: 8 */
    uint64_t seed;       /* of all that varies; same seed, same host */
    uint32_t last_domid; /* given out before the start; 0: none but demos */
    bool quick_boot;     /* guests print their boot log at once */
};

/* NULL with *e if the host cannot be made. lp is borrowed. Demo guests carry
 * the ownership mark of mark.h, as if this toolstack had made them before. */
struct sim *sim_new(struct loop *lp, const struct sim_opts *o, struct err *e);
void sim_free(struct sim *s);

/* The drivers of the three boundaries; they live as long as the sim, to close
 * them is legal and leaves the host running. */
struct hv *sim_hv(struct sim *s);
struct store *sim_store(struct sim *s);
struct dom0 *sim_dom0(struct sim *s);
/* From here on the host ends when its dom0 is closed, which is the last of the
 * three to be closed. */
void sim_leave(struct sim *s);

/* Makes the nth use (from 1, counted from now) of one call fail with errnum,
 * once. call: an operation of a boundary ("hv.create", "store.tx_end",
 * "dom0.disk"; hv_ops.def, dom0_ops.def), "hv.*", "store.*", "dom0.*" (any of
 * them), "*". */
void sim_fault_add(struct sim *s, const char *call, unsigned nth, int errnum);
/* "CALL:NTH:ERRNO", ERRNO a name (ENOMEM, EIO, EBUSY...) or a number; or
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
/* Calls cb instead of the nth call from now, once; it does not return: a test
 * kills the engine there. 0: never. */
void sim_kill_at(struct sim *s, unsigned nth, void (*cb)(void *), void *arg);
/* Adds ms to what the host does in its own time: "console.tty" (xenconsoled
 * writes the tty node), "guest.ack" (of control/shutdown), "guest.boot" (from
 * the unpause to the first line), "guest.shutdown" (from the acknowledgement
 * to the end), "dev.backend" (each answer of a device's driver), "dev.script"
 * (a hotplug script's work). The last two are also calls that can fail: a
 * driver that is not there, a script that ends with status 1, or hangs if the
 * errno is ETIMEDOUT; as is "dm.start", a device model coming up. */
void sim_delay_add(struct sim *s, const char *what, uint64_t ms);

/* xenstored goes away: every later call fails with ERR_LOST. */
void sim_store_die(struct sim *s);
/* Guests: as if from inside. 0, or -1 if there is no such running guest. */
int sim_guest_shutdown(struct sim *s, uint32_t domid, enum hv_reason r);
int sim_guest_ignore_control(struct sim *s, uint32_t domid, bool ignore);
/* It does not balloon, nor take vcpus or sysrq keys: no drivers for it. */
int sim_guest_ignore_tuning(struct sim *s, uint32_t domid, bool ignore);
int sim_guest_input(struct sim *s, uint32_t domid, const char *text);
/* A guest made behind our back, as by xl (not owned). */
int sim_foreign_guest(struct sim *s, const char *name, uint32_t *domid_out);
/* A cpupool of n cpus from first on, taken from Pool-0, as if made by xl.
 * Returns its id, -1 if there are no such cpus. */
int sim_pool_add(struct sim *s, const char *name, enum sched_kind sched,
                 unsigned first, unsigned n);
/* A hypervisor for a helper process, which has no simulated host of its own: it
 * parses kernels (complaints go to say) and writes core dumps, an ELF header
 * and a hole. */
struct hv *sim_open_helper(void (*say)(void *arg, enum log_level level,
                                       const char *text),
                           void *arg, struct err *e);
/* Xen writes a line into its log (VIRQ_CON_RING), or has no memory left for
 * itself (VIRQ_ENOMEM). */
void sim_xen_says(struct sim *s, const char *text);
void sim_xen_no_memory(struct sim *s);
/* New guests get no console tty (a dead xenconsoled). */
void sim_no_consoled(struct sim *s, bool dead);

/* A running guest's drivers no longer let go of devices. */
int sim_guest_hold_devices(struct sim *s, uint32_t domid, bool hold);
/* Another domain keeps pages of it mapped: destroyed, it stays listed as dying
 * until it is no longer held. */
int sim_guest_hold_memory(struct sim *s, uint32_t domid, bool hold);
/* A domain's device model is killed: 0, or -1 if it has none. */
int sim_model_kill(struct sim *s, uint32_t domid);
/* dom0 itself uses this disk ("mounted on /srv"); "": not any more. */
void sim_disk_use(struct sim *s, const char *path, const char *user);

/* Domains and the whole xenstore with permissions, in a stable order: two
 * hosts in the same state give the same bytes. Counters that only time moves
 * (cpu time, watch tokens) are left out. */
void sim_dump(struct sim *s, struct buf *out);

#endif
