/*
 * engine.h - the toolstack as the front end sees it. With model.h the only
 * header of the engine that ui/ and src/ include.
 *
 * Single-threaded: all calls from the loop's thread. Nothing here blocks for
 * long: what takes time is an operation (struct op) that the loop advances.
 */
#ifndef XENDECK_ENGINE_ENGINE_H
#define XENDECK_ENGINE_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/model/model.h"
#include "src/base/buf.h"
#include "src/base/err.h"
#include "src/base/list.h"
#include "src/base/log.h"
#include "src/base/loop.h"

struct engine;

enum engine_host { ENGINE_XEN, ENGINE_SIM };

struct engine_opts {
    struct loop *lp; /* borrowed */
    struct log *log; /* borrowed, may be NULL */
    enum engine_host host;
    unsigned sim_domains; /* ENGINE_SIM: demo guests, 0..1000 */
    bool sim_lively;
    const char *sim_faults;  /* "hv.create:1:ENOMEM,store.write:3:EIO"; NULL */
    const char *state_dir;   /* NULL: /var/lib/xendeck (sim: a fresh temporary
                                directory, removed by engine_close) */
    const char *run_dir;     /* NULL: /run/xendeck (sim: likewise) */
    bool one_shot;           /* -e: no statistics tick, no console capture,
                                no reaping of others' dead domains */
    bool warm_helper;        /* one_shot: a creation is about to come */
    unsigned tick_ms;        /* statistics; 0: 1000 */
    unsigned shutdown_ack_s; /* wait for the acknowledgement; 0: 60 */
    unsigned shutdown_end_s; /* then for the end; 0: 120 */
    const char *helper_exe;  /* NULL: this program */
    const char *who;         /* for events and the journal; NULL: the user and
                                terminal of this process */
    unsigned restart_min_s;  /* where a domain sets none; 0: 20 */
    bool restart_min_set;    /* restart_min_s is meant, even if it is 0 */
    const char *hook_dir;    /* NULL: /etc/xendeck/hooks (sim: none) */
    const char *event_dir;   /* journal of events; NULL: STATE_DIR/events */
    bool autostart;          /* start what is marked so (--headless) */
};

/* Sentences, one a line, on what keeps this program from running the Xen host
 * it is on; returns their number. 0: ENGINE_XEN can be opened. on_xen_out
 * (may be NULL): a hypervisor is beneath us. */
int engine_preflight(struct buf *why, bool *on_xen_out);

/* Opens the host, lists its domains, takes back the owned ones. NULL with *e
 * in plain words. */
struct engine *engine_open(const struct engine_opts *o, struct err *e);
/* Undoes creations at work, leaves domains running. NULL is allowed. */
void engine_close(struct engine *en);
/* True while operations run; engine_close would undo or abandon them. */
bool engine_busy(const struct engine *en);

/* The program re-executed as a helper lands here (main passes argv on when
 * argv[1] is ENGINE_HELPER_ARG). Returns the exit status. */
#define ENGINE_HELPER_ARG "--helper"
int engine_helper_main(int argc, char **argv);

/* --- listening: what changed, told once at the end of the turn --- */
enum {
    ENGINE_CH_DOMS = 1,  /* births, deaths, names, states */
    ENGINE_CH_STATS = 2, /* a statistics tick */
    ENGINE_CH_OPS = 4,
    ENGINE_CH_EVENTS = 8,
    ENGINE_CH_HOST = 16,
    ENGINE_CH_XENLOG = 32
};

struct engine_listener {
    void (*changed)(struct engine_listener *l, unsigned what);
    struct list_node node;
};

void engine_listen(struct engine *en, struct engine_listener *l);
void engine_unlisten(struct engine_listener *l); /* idempotent */

/* --- reading --- */
const struct host *engine_host_info(const struct engine *en);
size_t engine_dom_count(const struct engine *en);
/* By ascending domid, dom0 first. NULL past the end. */
const struct dom *engine_dom_at(const struct engine *en, size_t i);
const struct dom *engine_dom_by_id(const struct engine *en, uint64_t id);
const struct dom *engine_dom_by_domid(const struct engine *en, uint32_t domid);
/* name: a name, a domid in decimal, or a uuid. NULL with *e: not found, or
 * ambiguous. */
const struct dom *engine_dom_find(const struct engine *en, const char *name,
                                  struct err *e);
/* Fills at most max vcpus; the percentages need two calls a while apart. */
int engine_vcpus(struct engine *en, uint64_t dom_id, struct dom_vcpu *out,
                 size_t max, size_t *n_out, struct err *e);
/* The configuration in the native format: as created for an owned domain, else
 * what the host knows of it as comments. */
int engine_config_text(struct engine *en, uint64_t dom_id, struct buf *out,
                       struct err *e);
/* The subtree below /local/domain/DOMID, /libxl/DOMID and /vm/UUID, made safe,
 * one "path = value" a line; at most max_lines lines and 12 levels. */
int engine_store_text(struct engine *en, uint64_t dom_id, size_t max_lines,
                      struct buf *out, struct err *e);
/* Xen's own log (xl dmesg), made safe, newest at the end. */
int engine_xen_log(struct engine *en, struct buf *out, struct err *e);
/* The same by lines, numbered from 1 and never anew: takes over what is new.
 * After the first call it follows by itself (ENGINE_CH_XENLOG). */
int engine_xen_log_read(struct engine *en, struct err *e);
/* The number of the oldest line that is kept, and how many there are. */
uint64_t engine_xen_log_range(const struct engine *en, size_t *n_out);
/* Borrowed until the next read. NULL: not kept (any more). */
const char *engine_xen_log_line(const struct engine *en, uint64_t nth);
/* As if typed on Xen's serial console: what they print is in its log. */
int engine_debug_keys(struct engine *en, const char *keys, struct err *e);
/* What the engine holds: descriptors, timers, watches, memory: for `info`. */
void engine_info_text(struct engine *en, struct buf *out);
/* What the host has, in xl info's words: "NAME : VALUE" a line; cpu and
 * numa_node come once each. */
int engine_node_text(struct engine *en, struct buf *out, struct err *e);

/* The ring gets the end of the journal, and from now on what others write
 * there. An engine that is not one_shot does it by itself at the start. */
void engine_events_load(struct engine *en);
size_t engine_event_count(const struct engine *en); /* in the ring */
const struct event *engine_event_at(const struct engine *en, size_t i);

size_t engine_op_count(const struct engine *en); /* live and the last ended */
const struct op *engine_op_at(const struct engine *en, size_t i);
const struct op *engine_op_by_id(const struct engine *en, uint64_t id);
struct log *engine_log(struct engine *en);

/* --- verbs: each begins an operation; *op_out (may be NULL) is its id --- */
struct engine_create_opts {
    bool paused; /* leave it paused */
};

/* Loads and checks the file at once (errors in *e), then creates. */
int engine_create(struct engine *en, const char *path,
                  const struct engine_create_opts *o, uint64_t *op_out,
                  struct err *e);
/* Loads and checks only. en may be NULL. Warnings (settings that are not
 * honoured), one a line, are appended to warn_out (may be NULL). */
int engine_check(struct engine *en, const char *path, struct buf *warn_out,
                 struct err *e);
/* --- formats: recognised by content; format: "conf", "xl", "sxp", "json" ---
 */
int engine_convert(const char *path, const char *format, struct buf *out,
                   struct buf *warn_out, struct err *e);
/* The configuration of a domain on record. */
int engine_export(struct engine *en, uint64_t dom_id, const char *format,
                  struct buf *out, struct buf *warn_out, struct err *e);

/* --- defined domains, ownership --- */
/* Keeps a configuration without starting it (`define`), starts a defined one,
 * forgets a defined one that is off. */
int engine_define(struct engine *en, const char *path, struct err *e);
int engine_start(struct engine *en, uint64_t dom_id, bool paused,
                 uint64_t *op_out, struct err *e);
int engine_undefine(struct engine *en, uint64_t dom_id, struct err *e);
int engine_set_autostart(struct engine *en, uint64_t dom_id, bool on,
                         struct err *e);
/* Takes in a domain made by others: from now on it is reaped (and restarted,
 * with a configuration file or what libxl left of it). Disown: the reverse. */
int engine_adopt(struct engine *en, uint64_t dom_id, const char *path,
                 uint64_t *op_out, struct err *e);
int engine_disown(struct engine *en, uint64_t dom_id, uint64_t *op_out,
                  struct err *e);

/* --- devices --- */
/* At most max; n_out: how many there are. No rates without two calls a while
 * apart (or a list that shows them). */
int engine_devices(struct engine *en, uint64_t dom_id, struct dom_device *out,
                   size_t max, size_t *n_out, struct err *e);
/* kind: "vbd", "vif", "pci", "vkbd", "vfb". words: settings as in a
 * configuration, "path=/dev/vg/x", "vdev=xvdb"; or one word in xl's own
 * syntax ("/dev/vg/x,raw,xvdb,w"; "0000:01:00.0"). */
struct device_want {
    const char *kind;
    const char *const *words;
    size_t n;
};
int engine_device_add(struct engine *en, uint64_t dom_id,
                      const struct device_want *want, uint64_t *op_out,
                      struct err *e);
/* name: "xvdb", "vif3.1", a mac, a devid. force: the frontend is not asked. */
struct device_leave {
    const char *kind, *name;
    bool force;
};
int engine_device_remove(struct engine *en, uint64_t dom_id,
                         const struct device_leave *leave, uint64_t *op_out,
                         struct err *e);
/* path NULL or "": empties the drive. */
int engine_cd_change(struct engine *en, uint64_t dom_id, const char *vdev,
                     const char *path, uint64_t *op_out, struct err *e);
/* PCI devices of the host that can be given to domains; n_out: how many there
 * are, also beyond max. */
int engine_pci_assignable(struct engine *en, struct pci_free *out, size_t max,
                          size_t *n_out, struct err *e);
/* Rates of all domains (dom.rates) are sampled with the statistics tick while
 * wanted; each call with on takes a sample at once. */
void engine_want_rates(struct engine *en, bool on);
/* Names of domains whose devices dom_id serves, blank-separated; false: none.
 */
bool engine_dependants(struct engine *en, uint64_t dom_id, struct buf *out);

/* --- tuning; every value is checked, with the range in the message --- */
/* Watches the guest balloon to the target: progress, and an end. */
int engine_mem_set(struct engine *en, uint64_t dom_id, uint64_t kib,
                   uint64_t *op_out, struct err *e);
int engine_mem_max(struct engine *en, uint64_t dom_id, uint64_t kib,
                   uint64_t *op_out, struct err *e);
int engine_vcpu_set(struct engine *en, uint64_t dom_id, unsigned online,
                    uint64_t *op_out, struct err *e);
#define ENGINE_ALL_VCPUS UINT32_MAX
/* Cpu lists or "all"; NULL: as it is. */
struct engine_pin {
    unsigned vcpu; /* or ENGINE_ALL_VCPUS */
    const char *hard, *soft;
};
int engine_vcpu_pin(struct engine *en, uint64_t dom_id,
                    const struct engine_pin *pin, uint64_t *op_out,
                    struct err *e);
int engine_sched_get(struct engine *en, uint64_t dom_id, unsigned vcpu,
                     struct sched_params *out, struct err *e);
/* n pairs of name and value as texts. Names: "weight", "cap", "period",
 * "budget", "extratime". vcpu: rtds only, else ENGINE_ALL_VCPUS. */
struct engine_sched {
    unsigned vcpu;
    const char *const *names, *const *values;
    size_t n;
};
int engine_sched_set(struct engine *en, uint64_t dom_id,
                     const struct engine_sched *want, uint64_t *op_out,
                     struct err *e);
int engine_pools(struct engine *en, struct cpupool *out, size_t max,
                 size_t *n_out, struct err *e);
int engine_pool_move(struct engine *en, uint64_t dom_id, const char *pool,
                     uint64_t *op_out, struct err *e);
int engine_rename(struct engine *en, uint64_t dom_id, const char *name,
                  uint64_t *op_out, struct err *e);
int engine_sysrq(struct engine *en, uint64_t dom_id, char key, uint64_t *op_out,
                 struct err *e);
int engine_nmi(struct engine *en, uint64_t dom_id, unsigned vcpu,
               uint64_t *op_out, struct err *e);
/* path NULL: DUMP_DIR/NAME.DATE.core. The guest is paused meanwhile. */
int engine_dump(struct engine *en, uint64_t dom_id, const char *path,
                uint64_t *op_out, struct err *e);

/* --- the host --- */
size_t engine_vnets(struct engine *en, struct vnet *out, size_t max);
int engine_vnet_create(struct engine *en, const char *name, uint64_t *op_out,
                       struct err *e);
int engine_vnet_delete(struct engine *en, const char *name, uint64_t *op_out,
                       struct err *e);
enum host_stop { HOST_STOP_DOMAINS, HOST_POWEROFF, HOST_REBOOT };
/* Stops every domain by its policy, in the reverse of the start order, then
 * the host. limit_s: for each domain; 0: the engine's limits. */
int engine_host_stop(struct engine *en, enum host_stop how, unsigned limit_s,
                     uint64_t *op_out, struct err *e);

/* --- events, hooks, trace --- */
int engine_event_inject(struct engine *en, const char *kind, uint64_t dom_id,
                        const char *text, struct err *e);
/* One JSON object, one line with its end: as `events --json` shows it. */
void engine_event_json(const struct event *ev, struct buf *out);
/* The newest max events of the journal on disk, of this and earlier engines,
 * oldest first, appended as JSON lines. */
int engine_journal_read(struct engine *en, size_t max, struct buf *out,
                        struct err *e);
/* For every program on the host that has the same RUN_DIR: an engine that
 * runs follows within a tick, later ones at their start. Till off, or the next
 * boot. */
int engine_trace(struct engine *en, bool on, struct err *e);
bool engine_trace_on(const struct engine *en);
void engine_trace_path(const struct engine *en, char *dst, size_t n);
/* Verbs on a domain refuse dom0 (ERR_DENIED) and unknown ids (ERR_NOENT).
 * Shutdown, reboot and suspend write control/shutdown, wait for the
 * acknowledgement and then for the end; a guest that does not obey fails the
 * operation with ERR_TIMEOUT and offer_destroy set. */
int engine_pause(struct engine *en, uint64_t dom_id, uint64_t *op_out,
                 struct err *e);
int engine_unpause(struct engine *en, uint64_t dom_id, uint64_t *op_out,
                   struct err *e);
int engine_shutdown(struct engine *en, uint64_t dom_id, uint64_t *op_out,
                    struct err *e);
int engine_reboot(struct engine *en, uint64_t dom_id, uint64_t *op_out,
                  struct err *e);
int engine_suspend(struct engine *en, uint64_t dom_id, uint64_t *op_out,
                   struct err *e);
int engine_destroy(struct engine *en, uint64_t dom_id, uint64_t *op_out,
                   struct err *e);
/* Creation: undone. Waiting for a guest: the request is withdrawn. ERR_INVALID
 * if it cannot be cancelled any more. */
int engine_op_cancel(struct engine *en, uint64_t op, struct err *e);

/* --- consoles --- */
enum console_state {
    CONSOLE_WAITING, /* no tty yet */
    CONSOLE_ATTACHED,
    CONSOLE_HELD,     /* another reader has it; console_why names it */
    CONSOLE_RELEASED, /* let go on demand (console_release) */
    CONSOLE_ENDED     /* the guest is gone; its text stays */
};

struct console;
struct console_client;

/* Embedded in its owner, zeroed means idle. data: at most 64 KiB a call, may
 * be called many times a turn. state: after a change, and after a seam. */
struct console_client {
    void (*data)(struct console_client *c, const char *bytes, size_t n);
    void (*state)(struct console_client *c);
    struct console *con; /* NULL: not attached */
    struct list_node node;
};

/* Attaches to the console of a domain; the captured text (up to 1 MiB a uuid)
 * is replayed through data before this returns. Attaching to an owned domain
 * adds a client to the engine's own reader; a foreign one is opened now and
 * let go with its last client. */
int console_attach(struct engine *en, uint64_t dom_id, struct console_client *c,
                   struct err *e);
void console_detach(struct console_client *c); /* idempotent */
enum console_state console_state(const struct console_client *c);
/* A sentence for the state: the holder's pid and name, the reason of the end.
 */
const char *console_why(const struct console_client *c);
/* Between two lives of its guest: "web1: reboot, domain 3 -> 4"; "" before the
 * second. Changes before state is called for it. */
const char *console_seam(const struct console_client *c);
/* Queues bytes for the guest, written as its tty takes them (paced: PV
 * consoles take 16 at a time). Returns how many were taken; less than n when
 * 64 KiB wait already. */
size_t console_write(struct console_client *c, const char *bytes, size_t n);
/* Lets go of the tty and its lock so that `xl console` can have it. */
void console_release(struct console_client *c);
/* Tries to take it (back). */
void console_retake(struct console_client *c);
/* The terminal's size, told to the tty (TIOCSWINSZ) when attached. */
void console_resize(struct console_client *c, unsigned rows, unsigned cols);

#endif
