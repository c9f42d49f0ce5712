/*
 * next_life.h - the next life that a domain was to have when its engine died.
 */
#ifndef XENDECK_ENGINE_NEXT_LIFE_H
#define XENDECK_ENGINE_NEXT_LIFE_H

#include "engine/life/ending.h"

/* restart.c: what a dead engine had still to do of it. */
void restart_take_up(struct ending *x, const struct oplog_entry *j);
/* The same goes on record for the next one. */
void restart_note(struct ending *x);

#endif
