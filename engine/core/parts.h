/*
 * parts.h - makes and frees the engine's core: for who opens an engine
 * (engine/api/engine.c). The rooms are opened on it afterwards, and closed
 * before it is freed.
 */
#ifndef XENDECK_ENGINE_PARTS_H
#define XENDECK_ENGINE_PARTS_H

#include "engine/core/engine_options.h"
#include "src/base/err.h"

struct dom0;
struct engine;
struct hv;
struct store;

/* The boundaries. */
struct engine_parts {
    struct hv *hv;
    struct store *st;
    struct dom0 *dom0;
};

/* Copies *o and completes it, takes the parts, makes the directories. NULL
 * with *e: the parts stay the caller's. */
struct engine *core_new(const struct engine_opts *o,
                        const struct engine_parts *p, struct err *e);
/* The parts stay the caller's : core_close leaves them. */
void core_let_go(struct engine *en);
/* Closes the boundaries, unless they are to be kept. */
void core_close(struct engine *en);
/* The last: removes the temporary directory, unless abandoned. */
void core_free(struct engine *en);

#endif
