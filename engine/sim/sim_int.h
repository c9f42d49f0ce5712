/*
 * sim_int.h - what the files of the simulated host share. One struct sim holds
 * everything: the hypervisor's domains, xenstored's tree and connections, the
 * xenconsoled's ptys and the guests. Nothing outside engine/sim includes it
 * but the sim's own tests.
 */
#ifndef XENDECK_ENGINE_SIM_INT_H
#define XENDECK_ENGINE_SIM_INT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/dom0/dom0_driver.h"
#include "engine/hv/hv_driver.h"
#include "engine/sim/sim.h"
#include "engine/sim/store/sim_tree.h"
#include "src/base/buf.h"
#include "src/base/list.h"
#include "src/base/loop.h"

#define SIM_NS_PER_MS   1000000ULL
#define SIM_NS_PER_S    1000000000ULL
#define SIM_XEN_KIB     (512ULL * 1024) /* what Xen keeps for itself */
#define SIM_DOM0_KIB    (4096ULL * 1024)
#define SIM_TTY_LAZY    "/dev/pts/#" /* seeded: made at the first read */
#define SIM_OUT_MAX     (64U * 1024) /* a console's unread output */
#define SIM_FLOOD_CHUNK (16U * 1024)
#define SIM_LINE_MAX    256
#define SIM_BUSY        4
#define SIM_POOLS_MAX   8
#define SIM_GUEST_NODES 1000U
#define SIM_GUEST_VALUE 2048U
#define SIM_GUEST_PATH  1024U

/* Loads in thousandths of one physical cpu. */
enum {
    SIM_LOAD_IDLE = 2,
    SIM_LOAD_TOP = 15,
    SIM_LOAD_DOM0 = 40,
    SIM_LOAD_BOOT = 700,
    SIM_LOAD_FULL = 1000
};

/* What is counted and can be made to fail: the operations of the boundaries,
 * and what the host does in its own time. */
enum sim_call {
#define HV_OP(name, ...) SIM_CALL_hv_##name,
#include "engine/hv/hv_ops.def"
#define DOM0_OP(name, ...) SIM_CALL_dom0_##name,
#include "engine/dom0/dom0_ops.def"
    SIM_DEV_BACKEND,
    SIM_DEV_SCRIPT,
    SIM_DM_START,
    SIM_ST_TX_BEGIN,
    SIM_ST_TX_END,
    SIM_ST_READ,
    SIM_ST_WRITE,
    SIM_ST_MKDIR,
    SIM_ST_RM,
    SIM_ST_LIST,
    SIM_ST_GET_PERMS,
    SIM_ST_SET_PERMS,
    SIM_ST_WATCH,
    SIM_ST_UNWATCH,
    SIM_ST_INTRODUCE,
    SIM_ST_RESUME,
    SIM_CALLS
};

enum sim_delay {
    SIM_DELAY_TTY,
    SIM_DELAY_ACK,
    SIM_DELAY_BOOT,
    SIM_DELAY_SHUTDOWN,
    SIM_DELAY_BACKEND,
    SIM_DELAY_SCRIPT,
    SIM_DELAYS
};

/* What a guest has ahead of it; one due time each, one timer for all. */
enum sim_due {
    SIM_DUE_BOOT,    /* next line of the boot log */
    SIM_DUE_ACK,     /* acknowledge control/shutdown */
    SIM_DUE_HALT,    /* stop for good */
    SIM_DUE_BALLOON, /* next step towards memory/target */
    SIM_DUE_VCPUS,   /* look at cpu/N/availability */
    SIM_DUE_SYSRQ,   /* take the key from control/sysrq */
    SIM_DUE_TOP,     /* next repaint */
    SIM_DUE_GONE,    /* a dying domain's last reference; runs while paused */
    SIM_DUES
};

enum sim_guest_state {
    SIM_GUEST_OFF,
    SIM_GUEST_BOOTING,
    SIM_GUEST_UP,
    SIM_GUEST_STOPPING,
    SIM_GUEST_DOWN
};

enum sim_shell_mode { SIM_SH_PROMPT, SIM_SH_TOP, SIM_SH_FLOOD };

struct sim_guest {
    enum sim_guest_state state;
    enum sim_shell_mode mode;
    bool ignore;            /* control/shutdown is not obeyed */
    bool holds;             /* devices are not let go of */
    bool deaf;              /* nor balloon, vcpus, sysrq */
    bool cr;                /* the last byte typed was a CR */
    enum hv_reason halting; /* why it stops, in SIM_GUEST_STOPPING */
    unsigned boot_line;
    unsigned esc;              /* inside an escape sequence of the keyboard */
    uint64_t due_ms[SIM_DUES]; /* 0: nothing ahead */
    uint64_t stopped_ms;       /* when it was paused; 0: it runs */
    uint64_t flood_next, flood_left; /* line number; bytes (0: no limit) */
    size_t line_len;
    char line[SIM_LINE_MAX];
    char host[64]; /* its idea of its name */
};

struct sim_cons {
    struct sim *s;
    struct sim_dom *dom; /* NULL: the domain is gone, draining */
    int master, slave;   /* -1: no pty yet */
    char tty[32];
    unsigned waits;
    struct loop_fd lf;
    struct loop_timer tm;
    struct buf out;        /* not yet taken by the pty */
    struct buf in;         /* typed, not yet taken by the guest */
    struct list_node node; /* sim.draining, when dom is NULL */
};

struct sim_dom {
    struct sim *s;
    uint32_t domid;
    uint8_t uuid[16];
    enum hv_kind kind;
    bool vcpus_made, built, introduced, released, dying, shutdown;
    bool held;    /* another domain maps its memory: it dies, but not wholly */
    bool running; /* cpu time counts: not paused, shut down or dying */
    unsigned reason;
    unsigned pauses;
    unsigned max_vcpus, online;
    unsigned ports; /* event channels handed out */
    uint64_t mem_kib, max_kib;
    uint64_t cpu_ns, cpu_base_ns, since_ns; /* cpu_ns is true at since_ns */
    unsigned load;   /* thousandths of a cpu, all vcpus together */
    int64_t boot_ms; /* on the loop's clock; before it for seeded guests */
    uint64_t store_mfn;
    uint32_t store_port;
    uint8_t *hard, *soft; /* max_vcpus masks, NULL: all cpus */
    unsigned pool;
    unsigned weight, cap;      /* weight 0: the default */
    struct sched_params *rtds; /* of each vcpu, NULL: the defaults */
    char *cmdline;
    struct loop_timer tm;
    struct sim_guest guest;
    struct sim_cons *cons;
};

struct sim_watch {
    char *path, *token;
};

struct sim_event {
    const struct sim_watch *w;
    char *path;
};

struct sim_tx {
    uint32_t id;
    struct sim_node *base; /* the tree as it was at the start */
    struct sim_tree view;
    struct sim_access *acc; /* what the body looked at or changed */
    size_t n_acc, cap_acc;
    struct sim_change *chg; /* what it changed, in order */
    size_t n_chg, cap_chg;
    struct list_node node;
};

/* Since when a device of a guest counts: its cpu time then, which is what
 * traffic grows with. */
struct sim_dev {
    struct dom0_dev dev;
    uint64_t gen; /* of the attachment; another: it was attached anew */
    uint64_t base_ns;
};

#define SIM_PCI_DEVICES 3

struct sim_pci {
    struct dom0_pci info;
    uint32_t owner; /* 0: nobody, or dom0's driver */
};

enum sim_right_kind { SIM_RIGHT_IOPORT, SIM_RIGHT_IOMEM, SIM_RIGHT_IRQ };

struct sim_right {
    uint32_t domid;
    enum sim_right_kind kind;
    uint64_t first, n;
};

struct sim_disk;

struct sim_fault {
    char call[24];
    unsigned left;
    int errnum;
};

struct sim {
    struct hv hv;
    struct store store;
    struct dom0 dom0;
    char **bridges; /* by name */
    size_t n_bridges;
    struct loop *lp;
    bool left; /* see sim_leave */
    struct sim_opts o;
    uint64_t rng;

    /* hypervisor */
    struct sim_dom **doms; /* ascending by domid */
    size_t n_doms, cap_doms;
    uint32_t rover; /* domid given out last */
    uint64_t total_kib;
    uint64_t dead_cpu_ns;         /* of domains gone since the start */
    uint64_t start_ns, uptime_ns; /* of Xen at the start */
    uint64_t *idle_ns;
    struct hv_pool pools[SIM_POOLS_MAX];
    size_t n_pools;
    int virq_fd;
    unsigned virqs;
    struct buf ring;
    uint32_t ring_base;

    /* xenstored */
    struct sim_tree tree;
    uint64_t gen;
    uint32_t *owned;
    uint32_t last_tx;
    struct list_node txs;
    struct sim_watch **watches; /* sorted by path, then token */
    size_t n_watches, cap_watches;
    struct sim_event *events; /* a queue in events[ev_head..ev_tail) */
    size_t ev_head, ev_tail, ev_cap;
    int event_fd;
    bool store_dead, store_closed;

    /* what domains do and may do with devices */
    struct sim_dev *devs;
    size_t n_devs, cap_devs;
    struct sim_pci pci[SIM_PCI_DEVICES];
    struct sim_right *rights;
    size_t n_rights, cap_rights;

    /* xenconsoled and the lively host */
    bool no_consoled;
    struct list_node draining;
    struct loop_timer lively;
    uint32_t busy[SIM_BUSY]; /* who works for the moment */
    bool seeding;

    /* kernel drivers and scripts of dom0 */
    struct list_node backs, scripts, models;
    struct sim_disk *disks; /* that dom0 uses itself */
    size_t n_disks;

    /* faults */
    struct sim_fault *faults;
    size_t n_faults;
    unsigned calls[SIM_CALLS];
    bool tracing;
    uint8_t *trace;
    size_t n_trace, cap_trace;
    uint64_t delay_ms[SIM_DELAYS];
    struct loop_timer die; /* of all guests at once */
    enum hv_reason die_of;
    unsigned kill_left;
    void (*kill_cb)(void *arg);
    void *kill_arg;
};

/* sim_fault.c: counts the call; -1 with *e if it has to fail. */
int sim_call(struct sim *s, enum sim_call c, struct err *e);

/* sim_net.c */
#define SIM_BRIDGE "xenbr0" /* there from the start */
void sim_net_free(struct sim *s);

/* sim.c */
uint64_t sim_rand(struct sim *s);
uint64_t sim_now_ms(const struct sim *s);

/* sim_hv.c, sim_dom.c */
extern const struct hv_ops sim_hv_ops;
/* Finds the domain of a call; NULL with *e. _guest: for what Xen refuses on the
 * control domain with EINVAL. */
struct sim_dom *sim_enter(struct hv *h, uint32_t domid, struct err *e);
struct sim_dom *sim_enter_guest(struct hv *h, uint32_t domid, struct err *e);
#define HV_OP(name, params, args, ...) int sim_hv_##name params;
#include "engine/hv/hv_ops.def"
struct sim_dom *sim_dom_find(const struct sim *s, uint32_t domid);
struct sim_dom *sim_dom_need(const struct sim *s, uint32_t domid,
                             struct err *e);
/* The first place with a domid of at least first. */
size_t sim_dom_at(const struct sim *s, uint32_t first);
/* NULL: no domid is free. fixed: 0, or the domid wanted, which is free. */
struct sim_dom *sim_dom_add(struct sim *s, uint32_t fixed);
void sim_dom_free(struct sim_dom *d);
uint64_t sim_dom_cpu(const struct sim_dom *d);
void sim_dom_load(struct sim_dom *d, unsigned load);
/* After any change of pauses, shutdown, dying: lets the guest run or stops
 * its clock. */
void sim_dom_schedule(struct sim_dom *d);
uint64_t sim_free_kib(const struct sim *s);
/* Gives or takes memory; false: not free, or above the maximum. */
bool sim_dom_set_mem(struct sim_dom *d, uint64_t kib);
void sim_dom_shutdown(struct sim_dom *d, enum hv_reason r);
void sim_dom_destroy(struct sim_dom *d);
void sim_dom_gone(struct sim_dom *d); /* frees d */
void sim_virq(struct sim *s, unsigned bits);
void sim_ring(struct sim *s, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void sim_uuid_text(const uint8_t *uuid, char *dst /* 37 */);

/* sim_helper.c: the file of a core dump. */
int sim_core_write(const struct hv_core *c, uint64_t mem_kib, struct err *e);

/* sim_tune.c */
void sim_mask_all(uint8_t *mask, unsigned cpus);
void sim_pools_init(struct sim *s);
struct hv_pool *sim_pool_find(struct sim *s, unsigned id); /* or NULL */

/* sim_obey.c */
/* A node of its home changed that its kernel may watch. */
void sim_guest_told(struct sim_dom *d, const char *rest);
void sim_guest_vcpus(struct sim_dom *d);
void sim_guest_sysrq(struct sim_dom *d);
void sim_guest_nmi(struct sim_dom *d, unsigned vcpu);

/* sim_store.c, sim_watch.c, sim_tx.c */
extern const struct store_ops sim_store_ops;
/* A change of path by xenstored or a connection: watches, then whoever of the
 * simulated host listens. below: the whole subtree went. */
void sim_fire(struct sim *s, const char *path, bool below);
void sim_watches_clear(struct sim *s);
int sim_watch_add(struct sim *s, const char *path, const char *token);
int sim_watch_del(struct sim *s, const char *path, const char *token);
bool sim_event_next(struct sim *s, struct buf *path, struct buf *token);
/* A dying domain's nodes, and @releaseDomain. */
void sim_store_release(struct sim *s, uint32_t domid);
/* As a guest, with its permissions and quotas: 0 or an errno. */
int sim_guest_write(struct sim *s, uint32_t domid, const char *path,
                    const char *val, size_t n);
int sim_guest_read(struct sim *s, uint32_t domid, const char *path,
                   struct buf *out);
/* A node below the guest's home as short text; "" if it may not read it. */
void sim_guest_home(struct sim_dom *d, const char *rest, char *dst,
                    size_t dst_size);
/* Writes as dom0 (xenconsoled), making the node; watches fire. */
void sim_dom0_write(struct sim *s, const char *path, const char *val);

enum sim_chg_kind { SIM_CHG_WRITE, SIM_CHG_MKDIR, SIM_CHG_RM, SIM_CHG_PERMS };
enum sim_acc_kind { SIM_ACC_VALUE, SIM_ACC_KIDS, SIM_ACC_DEEP, SIM_ACC_EXISTS };

struct sim_access {
    enum sim_acc_kind kind;
    char *path;
};

struct sim_change {
    enum sim_chg_kind kind;
    char *path;
    char *val; /* write */
    size_t len;
    struct sim_perms *perms; /* perms */
};

struct sim_tx *sim_tx_find(struct sim *s, uint32_t id);
void sim_tx_note(struct sim_tx *tx, enum sim_acc_kind kind, const char *path);
/* Notes c (its contents are copied) and what it touches. */
void sim_tx_log(struct sim_tx *tx, const struct sim_change *c);
/* Takes effect on t: 0 or an errno. */
int sim_change_apply(struct sim_tree *t, const struct sim_change *c);
uint32_t sim_tx_begin(struct sim *s);
/* 0, EAGAIN, or ENOENT; the transaction is over in any case. */
int sim_tx_end(struct sim *s, uint32_t id, bool commit);
void sim_tx_clear(struct sim *s);

/* sim_console.c */
/* Something under FE/console changed or the domain was introduced. */
void sim_console_check(struct sim_dom *d);
/* The pty's name, made now if it was left for later; NULL: impossible. */
const char *sim_console_want(struct sim_dom *d);
/* Guest output: newlines become CR LF. */
void sim_console_print(struct sim_dom *d, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void sim_console_put(struct sim_dom *d, const char *text, size_t n);
/* May the guest print more, or is its ring full? */
bool sim_console_room(const struct sim_dom *d);
/* Lets the guest take what was typed and print what it waits to print. */
void sim_console_kick(struct sim_dom *d);
void sim_console_release(struct sim_dom *d); /* the domain dies */
void sim_console_free(struct sim_cons *c);

/* sim_guest.c */
/* Runs the guest if it may run and has not begun. */
void sim_guest_start(struct sim_dom *d);
/* A guest that has been up for a while. */
void sim_guest_seed(struct sim_dom *d, const char *host, uint64_t uptime_s);
void sim_guest_schedule(struct sim_dom *d);
void sim_guest_due(struct sim_dom *d, enum sim_due what, uint64_t delay_ms);
void sim_guest_store_changed(struct sim_dom *d, const char *rest);
void sim_guest_stop(struct sim_dom *d, enum hv_reason r); /* in its time */
/* Back from a suspend that came to nothing. */
void sim_guest_resume(struct sim_dom *d);
void sim_guest_panic(struct sim_dom *d); /* at once */
bool sim_guest_alive(const struct sim_dom *d);
/* The i-th line of the boot log with its time in ms; false: no more. */
bool sim_boot_line(const struct sim_dom *d, unsigned i, unsigned *at_ms_out,
                   struct buf *out);
void sim_boot_log(struct sim_dom *d); /* prints it all */

/* sim_backend.c: the drivers of devices, on both sides */
/* A node below a backend's or a domain's directory changed. */
void sim_back_changed(struct sim *s, const char *path);
/* The guest runs again: its drivers look around. */
void sim_back_kick(struct sim *s, uint32_t domid);
void sim_backs_free(struct sim *s);
/* Does the script of a backend of this kind look up a disk? */
bool sim_back_has_disk(const char *kind);

/* The operations of dom0's boundary, in engine/sim/dom0. */
extern const struct dom0_ops sim_dom0_ops;
#define DOM0_OP(name, params, args, ...) int sim_dom0_##name params;
#define DOM0_DO(name, params, args, ...) void sim_dom0_##name params;
#include "engine/dom0/dom0_ops.def"
bool sim_dom0_model_serves(struct dom0 *d, uint32_t domid, uint64_t pid);
pid_t sim_dom0_model_find(struct dom0 *d, uint32_t domid);
int sim_dom0_places(struct dom0 *d, const char *state, const char *run,
                    struct engine_paths *out, struct err *e);
unsigned sim_disk_minor(const char *path);
void sim_disk_look(struct sim *s, const char *path, struct dom0_disk *out);
/* sim_script.c */
void sim_scripts_free(struct sim *s);

/* sim_model.c */
/* Does one serve this domain's devices? */
bool sim_model_serves(const struct sim *s, uint32_t domid);
void sim_models_dump(const struct sim *s, struct buf *out);
void sim_models_free(struct sim *s);

/* sim_shell.c */
void sim_shell_prompt(struct sim_dom *d);
/* Takes typed bytes; returns how many (fewer: the console is full). */
size_t sim_shell_feed(struct sim_dom *d, const char *p, size_t n);
void sim_shell_top(struct sim_dom *d); /* one repaint */
/* Prints the next part of a flood; false: there is none. */
bool sim_shell_flood(struct sim_dom *d);

/* sim_seed.c */
int sim_seed_host(struct sim *s, struct err *e);
struct sim_dom *sim_seed_guest(struct sim *s, const char *name,
                               uint64_t mem_kib, unsigned vcpus, bool ours);
void sim_seed_lively(struct sim *s);
/* sim_seed_dev.c: a disk and a network interface, connected. */
void sim_seed_devices(struct sim_dom *d, const char *name);

/* sim_pci.c */
void sim_pci_init(struct sim *s);
/* A dying domain's devices and rights go back. */
void sim_pci_release(struct sim *s, uint32_t domid);
void sim_pci_dump(const struct sim *s, struct buf *out);

#endif
