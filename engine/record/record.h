/*
 * record.h - the engine of record: of all engines on a host one reaps,
 * restarts and captures consoles. It holds a lock on RUN_DIR/engine.lock for
 * life; the kernel lets go of it with the process, however that ends. Another
 * engine that stays is an observer of deaths and takes over then. One-shot
 * engines (-e) are neither.
 */
#ifndef XENDECK_ENGINE_RECORD_H
#define XENDECK_ENGINE_RECORD_H

#include <stdbool.h>

#include "src/base/loop.h"

struct engine;

struct record {
    int fd; /* engine.lock, locked by us; -1: not of record */
    struct loop_timer tick;
};

/* Tries to become the engine of record, and goes on trying each second unless
 * the engine is one_shot. Without it host.observer is set. */
void record_start(struct engine *en);
void record_stop(struct engine *en);
bool record_ours(const struct engine *en);
/* Whether another engine reaps and restarts at this moment; out (may be NULL)
 * gets "pid 812 (xendeck)". */
bool record_elsewhere(const struct engine *en, char *out, size_t out_size);

#endif
