/*
 * model.h - what a host, a domain, a vcpu, an operation and an event look like
 * from outside the engine: plain data. Borrowed by readers until the next loop
 * turn; every text is bounded and safe to show (no control bytes, valid UTF-8).
 */
#ifndef XENDECK_ENGINE_MODEL_H
#define XENDECK_ENGINE_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/base/err.h"

#define MODEL_NAME_MAX 64

enum dom_kind { DOM_PV, DOM_PVH, DOM_HVM };

enum {
    DOM_F_DYING = 1,
    DOM_F_SHUTDOWN = 2,
    DOM_F_PAUSED = 4,
    DOM_F_BLOCKED = 8,
    DOM_F_RUNNING = 16
};

/* Why a domain ended; the first six are Xen's numbers. */
enum dom_reason {
    DOM_POWEROFF = 0,
    DOM_REBOOT = 1,
    DOM_SUSPEND = 2,
    DOM_CRASH = 3,
    DOM_WATCHDOG = 4,
    DOM_SOFT_RESET = 5,
    DOM_DESTROYED = 100, /* by an operator */
    DOM_REASON_UNKNOWN = 101
};

#define DOM_NO_DOMID UINT32_MAX

/* Per second; < 0: not known (yet). */
struct dom_rates {
    double rx_bytes, tx_bytes; /* as the guest sees them */
    double rd_bytes, wr_bytes;
};

struct dom {
    uint64_t id; /* this instance; never reused: cursors and clients keep it */
    uint32_t domid; /* DOM_NO_DOMID: defined, not running (off) */
    uint8_t uuid[16];
    char name[MODEL_NAME_MAX]; /* "(null)" while it has none, as xl shows */
    enum dom_kind kind;
    unsigned flags;            /* DOM_F_ bits */
    enum dom_reason reason;    /* with DOM_F_SHUTDOWN */
    uint64_t mem_kib, max_kib; /* max_kib UINT64_MAX: no limit */
    uint64_t target_kib;       /* balloon target, 0: unknown */
    uint64_t cpu_ns;
    double cpu_pct; /* of one cpu, may exceed 100; < 0: not known yet */
    unsigned vcpus_online, vcpus_max;
    unsigned cpupool;
    double start_wall_s; /* seconds since the epoch; 0: unknown */
    bool owned;          /* made or adopted by xendeck: reaped by it */
    bool building;       /* half-built */
    bool off;            /* defined, not running: name, uuid, sizes only */
    bool preserved;      /* dead, and kept as its configuration asks */
    unsigned restarts;   /* lives before this one, ended by its policy */
    bool refused;        /* off: its restart was, or failed */
    char last_end[16];   /* of the life before, as dom_reason_name; "": none */
    double last_end_wall_s;
    bool driver_domain; /* serves backends to others */
    bool autostart;
    struct dom_rates rates;
    uint64_t op; /* operation at work on it, 0: none */
};

struct dom_vcpu {
    unsigned id;
    bool online, blocked, running;
    unsigned cpu;
    uint64_t cpu_ns;
    double cpu_pct; /* < 0: not known yet */
    char hard[64];  /* affinity as a cpu list, "all" */
    char soft[64];
};

struct host {
    char driver[16]; /* "xen" or "sim" */
    char version[64];
    char scheduler[16];
    char caps[256];
    char hostname[64];
    unsigned cpus, nodes, cores_per_socket, threads_per_core;
    uint64_t cpu_khz;
    uint64_t total_kib, free_kib;
    double load_pct; /* busy part of all physical cpus; < 0: unknown */
    unsigned doms, doms_running, doms_paused, doms_dead;
    bool store_lost;           /* xenstored is gone: nothing can be changed */
    bool observer;             /* another engine reaps and restarts */
    char record[64];           /* which: "pid 812 (xendeck)", with observer */
    char problem[ERR_MSG_MAX]; /* why statistics are stale, or "" */
};

enum op_state { OP_QUEUED, OP_RUNNING, OP_DONE, OP_FAILED, OP_CANCELLED };

enum op_verb {
    OP_CREATE,
    OP_SHUTDOWN,
    OP_REBOOT,
    OP_SUSPEND,
    OP_DESTROY,
    OP_REAP,
    OP_PAUSE,
    OP_UNPAUSE,
    OP_DEVICE_ADD,
    OP_DEVICE_REMOVE,
    OP_MEMORY,
    OP_VCPUS,
    OP_TUNE,
    OP_DUMP,
    OP_RENAME,
    OP_ADOPT,
    OP_DISOWN,
    OP_NETWORK,
    OP_HOST_STOP,
    OP_VERBS
};

struct op {
    uint64_t id; /* from 1, never reused */
    enum op_verb verb;
    uint64_t dom_id; /* struct dom.id; 0: not made yet */
    uint32_t domid;  /* 0: not made yet */
    char name[MODEL_NAME_MAX];
    char label[64]; /* the step at work, "build" */
    int percent;    /* -1: not known */
    enum op_state state;
    struct err err;            /* with OP_FAILED and OP_CANCELLED */
    uint64_t start_ms, end_ms; /* loop clock */
    bool cancellable;
    bool offer_destroy; /* the guest did not obey in time: destroy it? */
    bool offer_force;   /* a device did not go: remove it by force? */
    char who[32];       /* who asked: "root@pts/3", "engine" for its own */
    char xl[192];       /* the equal xl line, "" where there is none */
    uint64_t next;      /* the operation that carries on after it, 0: none */
    uint8_t uuid[16];   /* of the domain; all 0: not known (yet) */
};

enum event_kind {
    EVENT_BIRTH,
    EVENT_DEATH,
    EVENT_REAPED,
    EVENT_OP_START,
    EVENT_OP_END,
    EVENT_CONSOLE,
    EVENT_ENGINE,
    EVENT_ALARM,
    EVENT_RESTART, /* a domain restarts */
    EVENT_REFUSED, /* it will not */
    EVENT_DEVICE,
    EVENT_INJECTED, /* by an operator: `event inject` */
    EVENT_KINDS
};

enum event_level { EVENT_INFO, EVENT_WARN, EVENT_ERROR };

struct event {
    uint64_t seq; /* from 1, never reused */
    double wall_s;
    enum event_kind kind;
    enum event_level level;
    uint32_t domid; /* 0 with name "": the host */
    char name[MODEL_NAME_MAX];
    char text[256];
    char who[32];         /* who asked for it, "" where nobody did */
    char reason[32];      /* EVENT_DEATH, EVENT_RESTART: dom_reason_name;
                             EVENT_INJECTED: the kind that was asked for */
    uint64_t op;          /* operation, 0: none */
    enum op_verb verb;    /* with op */
    enum op_state result; /* EVENT_OP_END */
    uint64_t duration_ms; /* EVENT_OP_END */
    uint8_t uuid[16];     /* of the domain; all 0: not known */
    char xl[192];         /* EVENT_OP_START, EVENT_OP_END: as in struct op */
    bool foreign;         /* told by another process: op is its number */
    bool hook;            /* caused by a hook: runs none */
};

/* A device of a domain, from what no guest can write. */
#define DOM_DEVICES_MAX 64

struct dom_device {
    char kind[16]; /* "vbd", "vif", "pci", "console", "vkbd", "vfb" */
    unsigned devid;
    char name[32]; /* vbd: "xvda"; vif: "vif3.0"; pci: "0000:01:00.0" */
    uint32_t backend_domid;
    char back_kind[16]; /* "vbd", "qdisk", ... */
    unsigned state;     /* xenbus state of the backend; 0: unknown */
    char detail[192];   /* "phy:/dev/vg/web1 w", "00:16:3e:.. xenbr0" */
    char error[128];    /* hotplug-error, "" */
    bool cdrom;
    bool have_counters;
    /* vif: bytes, packets, errors, drops; as the guest sees them. */
    uint64_t rx_bytes, tx_bytes, rx_packets, tx_packets;
    uint64_t rx_errors, tx_errors, rx_drops, tx_drops;
    /* vbd */
    uint64_t rd_req, wr_req, rd_sectors, wr_sectors;
    struct dom_rates rates; /* rd/wr for vbd, rx/tx for vif */
    double rd_reqs, wr_reqs, rx_pkts, tx_pkts; /* per second, < 0 unknown */
};

const char *xenbus_state_name(unsigned state); /* "connected" */

/* A PCI device that pciback holds for domains. */
struct pci_free {
    char name[16]; /* "0000:01:00.0" */
    unsigned vendor, device;
    uint32_t domid; /* who has it, DOM_NO_DOMID: nobody */
};

/* A virtual network (xend's vnet): a bridge of dom0. */
struct vnet {
    char name[16];
    bool up;
    bool ours; /* made by `vnet create` */
    unsigned n_members;
    char members[256]; /* "eth0 vif3.0", cut to fit */
};

enum sched_kind {
    SCHEDULER_CREDIT,
    SCHEDULER_CREDIT2,
    SCHEDULER_RTDS,
    SCHEDULER_NULL,
    SCHEDULER_ARINC653,
    SCHEDULER_OTHER
};

struct sched_params {
    enum sched_kind kind;          /* of the domain's pool */
    unsigned weight, cap;          /* credit, credit2 */
    unsigned period_us, budget_us; /* rtds */
    bool extratime;                /* rtds */
};

struct cpupool {
    unsigned id;
    char name[MODEL_NAME_MAX];
    enum sched_kind sched;
    unsigned n_doms;
    char cpus[64]; /* as a list */
};

const char *sched_kind_name(enum sched_kind k); /* "credit2" */

/* Words for enums: "pv", "poweroff", "create", "running"... never NULL. */
const char *dom_kind_name(enum dom_kind k);
const char *dom_reason_name(enum dom_reason r);
const char *op_verb_name(enum op_verb v);
const char *op_state_name(enum op_state s);
const char *event_kind_name(enum event_kind k);
const char *event_level_name(enum event_level l);
/* "rbpscd" as xl list shows it, 6 letters or '-', terminated: out[7]. */
void dom_state_letters(const struct dom *d, char out[7]);
/* One word: "running", "blocked", "paused", "crashed", "poweroff", "dying",
 * "building"... */
const char *dom_state_word(const struct dom *d);

#endif
