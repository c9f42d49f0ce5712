/*
 * pools.h - cpupools, with the names that the toolstack gave them in xenstore.
 */
#ifndef XENDECK_ENGINE_POOLS_H
#define XENDECK_ENGINE_POOLS_H

#include "engine/model/vcpu.h"
#include "src/base/err.h"

struct engine;

/* Fills at most max; n_out: how many there are. */
int engine_pools(struct engine *en, struct cpupool *out, size_t max,
                 size_t *n_out, struct err *e);
void pool_name(struct engine *en, unsigned id, char *dst, size_t n);
/* By name or number. */
int pool_find(struct engine *en, const char *word, unsigned *id_out,
              struct err *e);

#endif
