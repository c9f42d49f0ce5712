/*
 * term_hunt.h - term_search in pieces: one through millions of rows would hold
 * everybody up. Part of term.h.
 */
#ifndef XENDECK_UI_TERM_HUNT_H
#define XENDECK_UI_TERM_HUNT_H

#include <stddef.h>

#include "ui/term/find/term_found.h"

struct term;

/* As term_search, but nothing is looked at yet. One that is under way is given
 * up. */
void term_hunt_begin(struct term *t, const char *text, int dir);
/* Goes on until that has cost so much (FIND_TURN_COST). */
enum term_found term_hunt_go(struct term *t, size_t cost);
unsigned term_hunt_percent(const struct term *t);
/* Idempotent. */
void term_hunt_end(struct term *t);

#endif
