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
#define SIM_CPU_WORDS   4
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
    SIM_DM_QMP,
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
    SIM_DELAY_QMP,
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
    bool bare;              /* HVM: it has no PV drivers */
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
    bool iommu;   /* it was made for devices of the host */
    bool held;    /* another domain maps its memory: it dies, but not wholly */
    bool running; /* cpu time counts: not paused, shut down or dying */
    unsigned reason;
    unsigned pauses;
    unsigned max_vcpus, online;
    unsigned ports; /* event channels handed out */
    uint64_t mem_kib, max_kib;
    uint64_t card_kib; /* of mem_kib, in an emulated screen's card: not the
                          balloon's */
    struct cpuid_leaf *cpuid; /* n_cpuid leaves that are other than Xen's */
    size_t n_cpuid;
    uint64_t pool_kib; /* Xen's for its page tables; 0 of a PV domain */
    uint64_t cpu_ns, cpu_base_ns, since_ns; /* cpu_ns is true at since_ns */
    uint64_t ran_ns; /* how long it has run since its boot; at since_ns */
    unsigned load;   /* thousandths of a cpu, all vcpus together */
    int64_t boot_ms; /* on the loop's clock; before it for seeded guests */
    uint64_t store_mfn;
    bool host_map;          /* it sees the holes of the host's memory */
    uint64_t generation[2]; /* that a restore has told it of; 0: none has */
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
    int firmware_fd; /* one file stands for all; 0: not made yet */
    struct hv hv;
    struct store store;
    struct dom0 dom0;
    bool run_with;       /* its models know -run-with, not -chroot and -runas */
    bool run_with_known; /* somebody has asked */
    char **bridges;      /* by name */
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
    struct list_node backs, fronts, scripts, models;
    struct sim_disk *disks; /* that dom0 uses itself */
    size_t n_disks;
    bool xl_receives;   /* a process of xl receives a domain */
    bool procs_hidden;  /* nobody can look at the processes of dom0 */
    bool loaders_wait;  /* for keys: the clock runs meanwhile */
    char far_dir[128];  /* another host serves what is below it; "": none */
    char announced[64]; /* the last address that dom0 made known */
    struct buf ports;   /* of taps on bridges, each NUL-terminated */
    int (*peer)(void *arg, const char *line); /* see sim_join */
    void *peer_arg;
    bool shadow;  /* Xen has shadow paging */
    bool old_cpu; /* its processors lack what those of other hosts have */

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

/* sim.c */
uint64_t sim_rand(struct sim *s);
uint64_t sim_now_ms(const struct sim *s);
void sim_uuid_text(const uint8_t *uuid, char *dst /* 37 */);

#endif
