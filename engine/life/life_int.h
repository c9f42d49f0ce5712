/*
 * life_int.h - the state of engine/life: definitions, autostart, the end of
 * the host.
 */
#ifndef XENDECK_ENGINE_LIFE_INT_H
#define XENDECK_ENGINE_LIFE_INT_H

#include "engine/host/domains.h"
#include "engine/record/record.h"
#include "engine/task/tasks.h"
#include "src/base/loop.h"

struct def;

#define LIVES_KEPT 64
#define GONE_KEPT  64

/* A domain whose next life was begun: the last one as it was listed. */
struct last_life {
    struct dom d; /* id 0: none */
};

struct life_room {
    struct engine *en;
    struct def *defs; /* definitions (define.h) */
    size_t n_defs;
    bool defs_read;           /* once at least */
    struct def **offs;        /* of these, who is off, by name */
    const struct dom **shown; /* the same, for the list of domains */
    size_t n_offs;
    struct loop_fd defs_lf;
    struct loop_timer defs_timer;
    struct loop_timer autostart;
    uint64_t autostart_op, autostart_delay_ms;
    uint8_t autostart_uuid[16];         /* of autostart_op */
    struct list_node late;              /* starts that failed (autostart.c) */
    struct last_life lives[LIVES_KEPT]; /* a ring */
    size_t next_life;                   /* where the next one goes */
    struct task *host_stop;   /* at work, NULL: none; woken by each end */
    struct list_node retries; /* restarts that failed (retry.h) */
    uint32_t gone[GONE_KEPT]; /* domids of ours, for the next sweep */
    size_t n_gone;
    struct dom_observer doms;
    struct record_observer record;
    struct task_observer tasks;
};

static inline struct life_room *
life_room(const struct engine *en)
{
    return engine_room(en, ROOM_LIFE);
}

/* define.c: who is off, after births and deaths. */
void defs_refresh(struct life_room *r);
/* The id a domain that is born takes over from its definition; 0: none. */
uint64_t defs_take_id(struct life_room *r, const uint8_t uuid[16]);
void defs_stop(struct life_room *r);
/* autostart.c: starts what is marked so, once a boot, in its order. */
void autostart_begin(struct life_room *r);
/* A definition could not be read at the start of the engine: once it can be,
 * it is started if it asks for that. */
void autostart_left_out(struct life_room *r, const uint8_t uuid[16]);
/* Has its start with the host failed, and is it tried again? */
bool autostart_late(const struct life_room *r, const uint8_t uuid[16]);
void autostart_close(struct life_room *r);
/* life_verbs.c: one that a listing has: reaped if it has ended, finished or
 * undone if it is half-built. */
void life_listed(struct dom_observer *o, struct dom_entry *de);
/* destroy.c: for dom_observer.between. */
const struct dom *life_between(struct dom_observer *o, const char *name,
                               uint64_t id);
/* takeover.c */
void life_renamed(struct dom_observer *o, struct dom_entry *de);
/* life_recover.c */
void life_recover_enter(struct engine *en);

#endif
