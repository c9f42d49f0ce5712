/*
 * event_int.h - what the files of engine/event share.
 */
#ifndef XENDECK_ENGINE_EVENT_INT_H
#define XENDECK_ENGINE_EVENT_INT_H

#include "engine/core/actor.h"
#include "engine/core/changes.h"
#include "engine/core/duties.h"
#include "engine/core/engine_options.h"
#include "engine/core/paths.h"
#include "engine/event/events.h"
#include "engine/event/hooks.h"
#include "engine/event/journal.h"

#define ENGINE_EVENTS_KEPT 1000

struct event_file;

struct event_room {
    struct engine *en;
    struct event *events; /* ring */
    size_t n_events, head_event;
    uint64_t next_event;
    struct list_node witnesses;
    struct event_file *journal; /* NULL: could not be opened */
    char journal_id[32];        /* of this engine, in the journal */
    bool loaded;                /* the journal's tail is in the ring */
    struct hooks *hooks;
    struct engine_duty duty; /* hooks at work */
};

static inline struct event_room *
event_room(const struct engine *en)
{
    return engine_room(en, ROOM_EVENT);
}

/* events.c */
/* Into the ring as it is. */
void event_keep(struct event_room *r, const struct event *ev);

/* event_log.c: the journal of events on disk */
void event_log_open(struct event_room *r);
void event_log_close(struct event_room *r);
/* An event of this engine: into the journal, and to the hooks. False: it is
 * another engine's to tell, the ring gets it from there. */
bool event_log_take(const struct event_room *r, const struct event *ev);
void event_log_add(struct event_room *r, const struct event *ev);

/* event_json.c: a line of the journal, without its end. */
void event_to_json(const struct event *ev, const char *engine, struct buf *out);
/* False: it is none. engine: who wrote it, "" if it does not say. */
bool event_from_json(const char *line, size_t n, struct event *out,
                     char *engine, size_t engine_size);

#endif
