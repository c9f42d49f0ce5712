/*
 * listeners.h - who hears of what changed in the engine, once at the end of
 * the turn.
 */
#ifndef XENDECK_ENGINE_LISTENERS_H
#define XENDECK_ENGINE_LISTENERS_H

#include "src/base/list.h"

struct engine;

enum {
    ENGINE_CH_DOMS = 1,  /* births, deaths, names, states */
    ENGINE_CH_STATS = 2, /* a statistics tick */
    ENGINE_CH_OPS = 4,
    ENGINE_CH_EVENTS = 8,
    ENGINE_CH_HOST = 16,
    ENGINE_CH_XENLOG = 32
};

/* Embedded in its owner; zeroed means idle. */
struct engine_listener {
    void (*changed)(struct engine_listener *l, unsigned what);
    struct list_node node;
};

void engine_listen(struct engine *en, struct engine_listener *l);
void engine_unlisten(struct engine_listener *l); /* idempotent */

#endif
