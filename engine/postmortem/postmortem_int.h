/*
 * postmortem_int.h - what the files of engine/postmortem share: one domain
 * whose last words are gathered, and the room.
 */
#ifndef XENDECK_ENGINE_POSTMORTEM_INT_H
#define XENDECK_ENGINE_POSTMORTEM_INT_H

#include "engine/dm/dm_observer.h"
#include "engine/host/domains.h"
#include "engine/postmortem/postmortem_room.h"
#include "engine/record/record.h"
#include "src/base/loop.h"

/* The files of a folder, in the order in which they are read. */
enum postmortem_part {
    POSTMORTEM_CONSOLE,
    POSTMORTEM_XEN,
    POSTMORTEM_LOG, /* of its device model */
    POSTMORTEM_VCPUS,
    POSTMORTEM_CONFIG,
    POSTMORTEM_PARTS
};

/* The name of a part's file, and what it is called. */
const char *postmortem_part_file(enum postmortem_part part);
const char *postmortem_part_title(enum postmortem_part part);

struct dying {
    struct engine *en;
    struct list_node node;
    struct postmortem p;
    uint64_t xen_line;   /* of Xen's log: its first; 0: all that is left */
    char model_log[160]; /* "": it has no model */
    struct buf part[POSTMORTEM_PARTS];
    bool gathered; /* nothing more is waited for */
    bool begun;    /* its folder is there */
    unsigned at;   /* the part to be written next */
    struct loop_timer settle;
};

struct postmortem_room {
    struct engine *en;
    struct list_node dying; /* in order of their ends */
    unsigned lost;          /* too many ended at once */
    struct loop_timer write;
    struct dom_observer doms;
    struct record_observer record;
    struct dm_observer models;
};

static inline struct postmortem_room *
postmortem_room(const struct engine *en)
{
    return engine_room(en, ROOM_POSTMORTEM);
}

/* postmortem_facts.c: what is gone in a moment, and what comes to its end. */
void postmortem_freeze(struct dying *y, const struct dom_entry *de,
                       const struct postmortem_cause *c);
void postmortem_gather(struct dying *y);
/* postmortem_line.c: finds the decisive line. */
void postmortem_decide(struct dying *y);

#endif
