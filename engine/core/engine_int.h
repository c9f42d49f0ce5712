/*
 * engine_int.h - the engine from inside: engine/core alone includes it.
 */
#ifndef XENDECK_ENGINE_INT_H
#define XENDECK_ENGINE_INT_H

#include "engine/core/actor.h"
#include "engine/core/changes.h"
#include "engine/core/engine.h"
#include "engine/core/engine_options.h"
#include "engine/core/parts.h"
#include "engine/core/paths.h"

struct engine {
    struct engine_parts parts;
    struct engine_opts opts;
    struct engine_paths paths;
    bool flags[ENGINE_FLAGS];
    void *rooms[ENGINE_ROOMS];

    struct list_node duties;
    struct list_node listeners;
    unsigned changed; /* ENGINE_CH_ bits to tell at the end of the turn */
    struct loop_timer tell;

    struct log *trace; /* NULL: off */
    char who[WHO_MAX];
    struct actor actor;
};

/* paths.c */
int engine_paths_init(struct engine *en, struct err *e);
void engine_paths_fini(struct engine *en);

#endif
