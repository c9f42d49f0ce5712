/*
 * domain.h - a domain as it looks from outside the engine. Plain data, borrowed
 * by readers until the next loop turn.
 */
#ifndef XENDECK_MODEL_DOMAIN_H
#define XENDECK_MODEL_DOMAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MODEL_NAME_MAX 64
#define DOM_TAGS_BYTES 128 /* of the tags of a domain, with the NUL */

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
    DOM_REASON_UNKNOWN = 101,
    DOM_SAVED = 102,   /* into a file, and removed */
    DOM_MIGRATED = 103 /* it runs on another host */
};

#define DOM_NO_DOMID UINT32_MAX

/* Per second; < 0: not known (yet). */
struct dom_rates {
    double rx_bytes, tx_bytes; /* as the guest sees them */
    double rd_bytes, wr_bytes;
};

/* What toolstacks let a domain own beyond its maximum (libxl's
 * LIBXL_MAXMEM_CONSTANT): of Xen's limit, not of what is set or shown. */
#define DOM_SLACK_KIB 1024

struct dom {
    uint64_t id; /* this instance; never reused: cursors and clients keep it */
    uint32_t domid; /* DOM_NO_DOMID: defined, not running (off) */
    uint8_t uuid[16];
    char name[MODEL_NAME_MAX]; /* "(null)" while it has none, as xl shows */
    enum dom_kind kind;
    unsigned flags;         /* DOM_F_ bits */
    enum dom_reason reason; /* with DOM_F_SHUTDOWN */
    uint64_t mem_kib;
    uint64_t max_kib; /* may own, DOM_SLACK_KIB aside; UINT64_MAX: no limit */
    uint64_t target_kib; /* balloon target, 0: unknown */
    uint64_t cpu_ns;
    double cpu_pct; /* of one cpu, may exceed 100; < 0: not known yet */
    unsigned vcpus_online, vcpus_max;
    unsigned cpupool;
    double start_wall_s; /* seconds since the epoch; 0: unknown */
    bool owned;          /* made or adopted by xendeck: reaped by it */
    bool building;       /* half-built */
    bool off;            /* defined or saved: name, uuid, sizes only */
    bool saved;          /* off: its memory and state are in a file */
    bool preserved;      /* dead, and kept as its configuration asks */
    bool left;           /* paused by a receiver of xl, which is gone */
    unsigned restarts;   /* lives before this one, ended by its policy */
    bool refused;        /* off: its restart was, or failed */
    char last_end[16];   /* of the life before, as dom_reason_name; "": none */
    double last_end_wall_s;
    bool driver_domain; /* serves backends to others */
    bool autostart;
    char tags[DOM_TAGS_BYTES]; /* sorted, with commas between; "": none */
    struct dom_rates rates;
    uint64_t op; /* operation at work on it, 0: none */
};

/* Words for enums, never NULL: "pv"; "poweroff". */
const char *dom_kind_name(enum dom_kind k);
const char *dom_reason_name(enum dom_reason r);
/* What names it on record: it never changes. */
unsigned dom_reason_id(enum dom_reason r);
/* False: this version knows none of this id. */
bool dom_reason_of_id(unsigned long long id, enum dom_reason *out);
/* "rbpscd" as xl list shows it, 6 letters or '-', terminated: out[7]. */
void dom_state_letters(const struct dom *d, char out[7]);
/* One word: "running", "blocked", "paused", "crashed", "poweroff", "dying",
 * "building"... */
const char *dom_state_word(const struct dom *d);

#endif
