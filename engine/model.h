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

struct dom {
    uint64_t id; /* this instance; never reused: cursors and clients keep it */
    uint32_t domid;
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
    uint64_t op;         /* operation at work on it, 0: none */
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
    OP_UNPAUSE
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
};

enum event_kind {
    EVENT_BIRTH,
    EVENT_DEATH,
    EVENT_REAPED,
    EVENT_OP_START,
    EVENT_OP_END,
    EVENT_CONSOLE,
    EVENT_ENGINE,
    EVENT_ALARM
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
};

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
