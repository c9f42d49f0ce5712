/*
 * record.h - the engine of record, which reaps, restarts and captures consoles:
 * a host has one engine. It holds a lock on RUN_DIR/engine.lock for life; the
 * kernel lets go of it with the process, however that ends, and the next engine
 * takes over what it left. One that is one_shot does without the lock.
 */
#ifndef XENDECK_ENGINE_RECORD_H
#define XENDECK_ENGINE_RECORD_H

#include <stdbool.h>

#include "src/base/err.h"
#include "src/base/list.h"

struct dom_entry;
struct engine;

/* A room above that works on what is ours. Embedded in its owner, zeroed means
 * idle; told in the order of entering. Each function may be NULL. */
struct record_observer {
    /* A domain is ours, and whole: found so when this engine took over, or its
     * mark was written by another process. */
    void (*own)(struct record_observer *o, struct dom_entry *de);
    /* It is ours no more. */
    void (*disown)(struct record_observer *o, struct dom_entry *de);
    /* Recovery is about to take up what dead engines had at work. */
    void (*begins)(struct record_observer *o);
    /* Recovery has taken up what was half-done, or a domain of ours is gone:
     * what nobody owns or works on may go now. */
    void (*sweep)(struct record_observer *o);
    /* Recovery is over. */
    void (*recovered)(struct record_observer *o);
    struct list_node node;
};

void record_open(struct engine *en);
void record_observe(struct engine *en, struct record_observer *o);
void record_unobserve(struct record_observer *o); /* idempotent */
/* Follows the marks of ownership (mark.h): a process that is not this engine,
 * as a one_shot one or an administrator's xenstore-write, finishes a domain's
 * making, adopts it, lets go of it. */
int record_follow_marks(struct engine *en, struct err *e);
/* Takes the lock of the host's engine, unless this one is one_shot. -1 with
 * ERR_BUSY: the host's engine has it already. If it cannot be had for another
 * reason the engine tries each second, reaps nothing until then, and
 * ENGINE_UNLOCKED is set. */
int record_start(struct engine *en, struct err *e);
/* No more watches and timers; what is ours stays ours. */
void record_quiet(struct engine *en);
/* The last: whoever takes over finds all closed. */
void record_close(struct engine *en);

/* Writes into the lock that this engine is ending (maker_add_closing). */
void record_say_closing(struct engine *en);

bool record_ours(const struct engine *en);
/* Whether this engine reaps, restarts and undoes what others left, now. */
bool record_reaps(const struct engine *en);

#endif
