/*
 * stop_int.h - the end of a host at work, shared by the files of stop/.
 */
#ifndef XENDECK_ENGINE_STOP_INT_H
#define XENDECK_ENGINE_STOP_INT_H

#include "engine/config/core/config.h"
#include "engine/dom0/dom0.h"
#include "engine/host/domains.h"
#include "engine/life/life.h"
#include "engine/model/migrate_opts.h"
#include "engine/task/task.h"

enum phase {
    PHASE_ALIVE,
    PHASE_WAKING,
    PHASE_QUEUED, /* so many others are on their way to other hosts */
    PHASE_MOVING,
    PHASE_SAVING,
    PHASE_ASKED,
    PHASE_ENDING,
    PHASE_GONE
};

struct victim {
    uint64_t dom_id;
    char name[MODEL_NAME_MAX];
    bool driver;
    enum config_host_stop how, otherwise; /* otherwise: once a move failed */
    struct config_texts to;               /* words of `migrate' */
    bool late;        /* its save or move was cancelled: it took too long */
    uint64_t mem_kib; /* to be saved or moved */
    unsigned order;
    enum phase phase;
    uint64_t op;
    uint64_t deadline_ms; /* 0: none */
};

struct host_stopping {
    struct task t;
    enum host_stop how;
    unsigned limit_s;
    struct victim *list;
    size_t n, n_planned;
    struct loop_timer limit;
    struct dom0_power power;
    bool cancelled; /* by way of one domain */
    bool spawned, ended;
    int status;
};

static inline struct host_stopping *
host_stop_self(struct task *t)
{
    return container_of(t, struct host_stopping, t);
}

void host_stop_warn(struct host_stopping *h, const struct victim *v,
                    const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* stop_plan.c: who is stopped, how, and in which order. A step. */
enum step_rc host_stop_run_plan(struct task *t, struct err *e);
/* Has it ended, and is not suspended? */
bool host_stop_has_ended(const struct dom *d);
/* Those that are stopped side by side. */
bool host_stop_same_group(const struct victim *a, const struct victim *b);

/* stop_domain.c: does for one domain what there is to do now. */
void host_stop_look_at(struct host_stopping *h, struct victim *v);
/* The whole is given up: what was begun for it is cancelled, if it can be. */
void host_stop_let_go(struct host_stopping *h, struct victim *v);
/* Its end is at work: how long it may take, from now on. */
void host_stop_set_limit(struct host_stopping *h, struct victim *v,
                         unsigned seconds);
/* Asks it to shut down; saves it, or asks it. */
void host_stop_ask(struct host_stopping *h, struct victim *v);
void host_stop_save(struct host_stopping *h, struct victim *v);
/* Destroys it. */
void host_stop_force(struct host_stopping *h, struct victim *v);
/* No more is done for it, and the host stops nevertheless. */
void host_stop_give_up(struct host_stopping *h, struct victim *v,
                       const char *why);
/* Seconds for what needs a domain's memory to pass. */
unsigned host_stop_memory_limit(const struct host_stopping *h,
                                const struct victim *v);

/* stop_move.c: to another host, when it is its turn. */
void host_stop_move(struct host_stopping *h, struct victim *v);
/* The same once its operation is over, and when it takes too long. */
void host_stop_moving_over(struct host_stopping *h, struct victim *v);
void host_stop_moving_late(struct host_stopping *h, struct victim *v);

#endif
