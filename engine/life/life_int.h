/*
 * life_int.h - the state of engine/life: definitions, autostart, the end of
 * the host.
 */
#ifndef XENDECK_ENGINE_LIFE_INT_H
#define XENDECK_ENGINE_LIFE_INT_H

#include "engine/core/duties.h"
#include "engine/host/domains.h"
#include "engine/hv/hv_types.h"
#include "engine/life/migrate/left_incoming.h"
#include "engine/record/record.h"
#include "engine/task/file_look.h"
#include "engine/task/tasks.h"
#include "src/base/loop.h"

struct def;
struct move_listener;

#define LIVES_KEPT 64

/* A domain whose next life was begun: the last one as it was listed. */
struct last_life {
    struct dom d; /* id 0: none */
};

struct life_room {
    struct engine *en;
    struct def *defs; /* definitions (define.h) */
    size_t n_defs;
    bool defs_read;   /* once at least */
    bool defs_unread; /* something of them could not be read now */
    char defs_nameless[ERR_MSG_MAX]; /* why one was never read, or "" */
    struct def **offs;               /* of these, who is off, by name */
    const struct dom **shown;        /* the same, for the list of domains */
    size_t n_offs;
    struct loop_dir defs_dir;
    struct loop_timer defs_timer;
    struct loop_timer autostart;
    uint64_t autostart_op, autostart_delay_ms;
    uint8_t autostart_uuid[16]; /* of autostart_op */
    struct look autostart_look; /* at the file that it is saved in */
    struct list_node late;      /* starts that failed (autostart.c) */
    struct buf unnoted;         /* started, "UUID\n", and not in the list yet */
    struct loop_timer noting;   /* writes them again */
    bool unread_told;           /* that the list cannot be read */
    bool clone_told;            /* that a copy cannot get its name */
    struct last_life lives[LIVES_KEPT]; /* a ring */
    size_t next_life;                   /* where the next one goes */
    struct task *host_stop;     /* at work, NULL: none; woken by each end */
    bool host_goes_down;        /* it has done its work */
    struct list_node incomings; /* that come from other hosts (incoming.h) */
    struct left_incoming left;  /* by receivers of xl */
    struct move_listener *listener; /* under TLS, NULL: none */
    struct list_node retries;       /* restarts that failed (retry.h) */
    /* Domids of ours that went, for the next sweep: a bit each. */
    uint8_t gone[HV_DOMID_MAX / 8 + 1];
    bool any_gone;
    struct dom_observer doms;
    struct record_observer record;
    struct task_observer tasks;
    struct engine_duty duty; /* restarts and starts that are still to come */
};

static inline struct life_room *
life_room(const struct engine *en)
{
    return engine_room(en, ROOM_LIFE);
}

static inline bool
life_is_gone(const struct life_room *r, uint32_t domid)
{
    return domid <= HV_DOMID_MAX && (r->gone[domid / 8] >> domid % 8 & 1) != 0;
}

/* define.c: who is off, after births and deaths. */
void defs_refresh(struct life_room *r);
/* The same when one definition was read, or is gone. */
void defs_refresh_one(struct life_room *r, const uint8_t uuid[16]);
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
/* Is anything still to be started with the host? */
bool autostart_goes_on(const struct life_room *r);
void autostart_close(struct life_room *r);
/* life_verbs.c: one that a listing has: reaped if it has ended, finished or
 * undone if it is half-built. */
void life_listed(struct dom_observer *o, struct dom_entry *de);
/* destroy.c: for dom_observer.between. */
const struct dom *life_between(struct dom_observer *o, const char *name,
                               uint64_t id);
/* takeover.c */
void life_renamed(struct dom_observer *o, struct dom_entry *de,
                  const char *before);
/* life_recover.c */
void life_recover_enter(struct engine *en);

#endif
