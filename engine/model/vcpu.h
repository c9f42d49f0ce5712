/*
 * vcpu.h - a virtual processor, and how it is scheduled, as both look from
 * outside the engine. Plain data.
 */
#ifndef XENDECK_MODEL_VCPU_H
#define XENDECK_MODEL_VCPU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/model/domain.h"

struct dom_vcpu {
    unsigned id;
    bool online, blocked, running;
    unsigned cpu;
    uint64_t cpu_ns;
    double cpu_pct; /* < 0: not known yet */
    char hard[64];  /* affinity as a cpu list, "all" */
    char soft[64];
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

#endif
