/*
 * events.h - what happens is told here by all rooms of the engine: into the
 * ring, the log, the journal and to the hooks.
 */
#ifndef XENDECK_ENGINE_EVENTS_H
#define XENDECK_ENGINE_EVENTS_H

#include <stdbool.h>

#include "engine/core/engine.h"
#include "engine/model/event.h"
#include "src/base/list.h"

void event_add(struct engine *en, enum event_kind k, enum event_level l,
               const struct dom *d, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));
/* All facts given; who, op, uuid are filled in where head has none and they are
 * known. */
void event_add_head(struct engine *en, const struct event *head,
                    const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* The same for a domain that is not in the table (yet, or any more). */
void event_add_for(struct engine *en, enum event_kind k, enum event_level l,
                   uint32_t domid, const char *name, const char *fmt, ...)
    __attribute__((format(printf, 6, 7)));
/* Of the engine's own means (journal, hooks): ring and log only. */
void event_note(struct engine *en, enum event_level l, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* A room above that knows more of an event than who tells it does. Embedded in
 * its owner, zeroed means idle; the last one to enter is asked first. */
struct event_witness {
    /* Fills in what head has not: the number and uuid of the domain, or the
     * operation (event_take_op). NULL: nothing. */
    void (*fill)(struct event_witness *w, struct event *ev);
    struct list_node node;
};

void events_ask(struct engine *en, struct event_witness *w);
void events_forget(struct event_witness *w); /* idempotent */
/* It is of this operation (NULL: of none). */
void event_take_op(struct event *ev, const struct op *o);

/* Opens journal and hooks; events before that go to the log alone. */
void events_open(struct engine *en);
void events_close(struct engine *en);

#endif
