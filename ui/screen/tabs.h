/*
 * tabs.h - at the right end of a console's title: the consoles that stand in
 * the same cell, with a mark of what has happened there: # it has said
 * something, ! its bell rang, ~ it has fallen silent.
 */
#ifndef XENDECK_UI_TABS_H
#define XENDECK_UI_TABS_H

#include "ui/screen/frame.h"

/* Before titles are made: how many columns the tabs of each pane take. */
void tabs_sync(struct frame *fr);
/* Onto the title's window of a slot. */
void tabs_draw(const struct frame *fr, const struct slot *s);
/* The slot whose tab stands in this column of the title; NULL: none. */
struct slot *tabs_at(struct frame *fr, const struct slot *s, int x);

#endif
