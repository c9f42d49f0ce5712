/*
 * copy_hunt.h - a search of copy mode in pieces: one through millions of rows
 * would hold everybody up. Part of copy.h.
 */
#ifndef XENDECK_UI_TERM_COPY_HUNT_H
#define XENDECK_UI_TERM_COPY_HUNT_H

#include "ui/term/copy/copy.h"

/* As copy_search, but nothing is looked at yet. One that is under way is given
 * up. The cursor stays where it is meanwhile. */
void copy_hunt_begin(struct copy *c, const char *text, int dir, bool here);
/* Goes on until that has cost so much (FIND_TURN_COST). */
enum term_found copy_hunt_go(struct copy *c, size_t cost);
unsigned copy_hunt_percent(const struct copy *c);
/* Idempotent. */
void copy_hunt_end(struct copy *c);

#endif
