/*
 * dom0_memory.h - memory that a new domain needs and domain 0 has: whether it
 * may be taken, and the target of its balloon.
 */
#ifndef XENDECK_ENGINE_DOM0_MEMORY_H
#define XENDECK_ENGINE_DOM0_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/base/err.h"

struct engine;
struct hv_host;

/* Do the settings (xendeck.conf's, xl.conf's) allow it? */
bool dom0_memory_may_go(struct engine *en, const struct hv_host *h);
/* KiB that domain 0 could give at most: down to dom0_min of the settings. */
uint64_t dom0_memory_spare(const struct engine *en);
/* What an operator can do where the host lacks this much memory: a part of a
 * sentence. Debian gives domain 0 all of it, and domain 0 can give it back. */
void dom0_memory_remedy(const struct engine *en, uint64_t lack_kib, char *dst,
                        size_t n);
/* Moves the target of domain 0's balloon by this many KiB, within dom0_min and
 * its maximum; *moved_out is by how many it was. Domain 0 follows over seconds.
 */
int dom0_memory_move(struct engine *en, int64_t kib, int64_t *moved_out,
                     struct err *e);

#endif
