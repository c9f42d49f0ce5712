/*
 * record_int.h - what the files of engine/record share.
 */
#ifndef XENDECK_ENGINE_RECORD_INT_H
#define XENDECK_ENGINE_RECORD_INT_H

#include "engine/host/domains.h"
#include "engine/record/record.h"
#include "engine/record/recover.h"
#include "src/base/loop.h"

struct record_room {
    struct engine *en;
    bool sweep_later; /* what is left over could not be told */
    int fd;           /* engine.lock, locked by us; -1: not of record */
    struct loop_timer tick, sweep;
    struct store_watch mark_watch;
    struct list_node observers;
    recover_fn *recover[OP_VERBS]; /* NULL: told only */
    struct dom_observer doms;
};

static inline struct record_room *
record_room(const struct engine *en)
{
    return engine_room(en, ROOM_RECORD);
}

/* record.c: to those who observe. */
void record_tell_own(struct dom_entry *de);
void record_tell_disown(struct dom_entry *de);
void record_tell_begins(struct engine *en);
void record_tell_sweep(struct engine *en);
void record_tell_recovered(struct engine *en);
/* mark.c: what the marks of a domain say. */
void mark_read(struct dom_observer *o, struct dom_entry *de);

#endif
