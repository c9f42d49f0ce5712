/*
 * task_int.h - what the files of engine/task share.
 */
#ifndef XENDECK_ENGINE_TASK_INT_H
#define XENDECK_ENGINE_TASK_INT_H

#include "engine/core/actor.h"
#include "engine/core/changes.h"
#include "engine/core/duties.h"
#include "engine/core/engine_options.h"
#include "engine/core/paths.h"
#include "engine/event/events.h"
#include "engine/task/helper.h"
#include "engine/task/operations.h"
#include "engine/task/tasks.h"

#define ENGINE_OPS_KEPT    64 /* ended operations that can still be read */
#define ENGINE_OPS_SEEN_MS 2000

/* This engine's file of operations at work (oplog.c). */
struct oplog {
    int fd;          /* -1: none yet */
    bool failed;     /* told; until it can be written again */
    bool torn;       /* the file ends in a fragment (fd_append_lines) */
    struct buf owed; /* what it had no room for, in order */
    char name[32];
    char boot[64];   /* of this boot, "": not known yet */
    bool boot_put;   /* the file names it */
    unsigned live;   /* operations begun and not ended */
    struct buf dead; /* names of dead engines' files that were read */
    size_t bytes;
};

struct task_room {
    struct engine *en;
    struct op **ops; /* by id; live and the last ended */
    size_t n_ops, cap_ops;
    uint64_t next_op;
    struct list_node tasks; /* live, in order of arrival */
    struct list_node woken; /* tasks to be advanced, in order of waking */
    struct loop_timer run;  /* advances them */
    unsigned turn_steps;    /* done by it in this turn */
    uint64_t turn_ns;       /* when this turn's began */
    struct list_node observers;
    const struct task_domains *domains;
    struct event_witness witness;
    struct helper_pool helpers;
    struct oplog oplog;
    struct engine_duty duty; /* operations at work */
};

static inline struct task_room *
task_room(const struct engine *en)
{
    return engine_room(en, ROOM_TASK);
}

/* The domain with this id, NULL if it is not listed. */
const struct dom *task_dom(const struct engine *en, uint64_t dom_id);

/* tasks.c: to those who observe. */
void tasks_tell_works(struct task *t, uint64_t op);
void tasks_tell_undoing(struct task *t);
void tasks_tell_ending(struct task *t);
void tasks_tell_ended(struct task *t);

/* task.c */
/* Ends it where it stands, as if the engine were killed. */
void task_abandon(struct task *t);

/* op.c: the list of struct op, which outlive their tasks. */
struct op *op_new(struct task_room *r, enum op_verb verb, const struct dom *d,
                  const char *name);
void ops_free(struct task_room *r);
void op_tell_start(struct task *t);
void op_tell_end(struct task *t);

/* Sets the xl line of a verb that takes only a name (xl_line.c). */
void op_xl(struct op *o);

#endif
