/*
 * dm_fate.h - is a device model alive, what is told of its end, and what
 * follows for its domain.
 */
#ifndef XENDECK_ENGINE_DM_FATE_H
#define XENDECK_ENGINE_DM_FATE_H

#include "engine/dm/dm_int.h"

/* How it ended, in words, with the end of its log. */
void dm_end_words(const struct model *m, char *dst, size_t n);
void dm_fate_ended(struct model *m);
void dm_fate_hung(struct model *m);
void dm_fate_missing(struct dom_entry *de);

/* dm_beat.c: is it alive? Asked again and again, from now on. */
void dm_beat_start(struct model *m);

#endif
