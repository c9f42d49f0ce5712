/*
 * shrink_plan.h - which domains could give the memory that a new one lacks.
 */
#ifndef XENDECK_ENGINE_SHRINK_PLAN_H
#define XENDECK_ENGINE_SHRINK_PLAN_H

#include <stddef.h>
#include <stdint.h>

struct dom;
struct engine;

#define SHRINK_MAX 3 /* more are no advice */

/* What a domain would be set to. */
struct shrink {
    const struct dom *d; /* borrowed until the next turn */
    uint64_t to_kib;
};

/* The fewest domains that together free lack_kib: domain 0 as far as dom0_min
 * allows, then the largest of those that run and have a memory target, none
 * below half of what it has. Gives their number; 0: these cannot do it. Whether
 * a guest can do without is for its owner to know. */
size_t shrink_plan(const struct engine *en, uint64_t lack_kib,
                   struct shrink out[SHRINK_MAX]);
#define SHRINK_TEXT_MAX 320 /* room for any plan, of the longest names */
/* Into dst: "`mem-set 0 512M', `mem-set db1 2048M'", of which a command that
 * has no room is left out, and those behind it. */
void shrink_text(const struct engine *en, const struct shrink *plan, size_t n,
                 char *dst, size_t dst_size);

#endif
