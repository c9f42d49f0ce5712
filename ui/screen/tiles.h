/*
 * tiles.h - the consoles' part of the screen. It is cut into cells; each holds
 * one console or more, of which the one used last is shown and the others are
 * its tabs. For ui/app, which opens and closes panes, and for the frame.
 */
#ifndef XENDECK_UI_TILES_H
#define XENDECK_UI_TILES_H

#include "ui/screen/frame.h"
#include "ui/screen/reshape.h"

/* Less is not worth to be shown: a title and three rows. */
#define TILE_MIN_ROWS 4
#define TILE_MIN_COLS 20

/* Whether the pane of a slot stands in a cell. */
bool tiles_has(const struct slot *s);
/* A console is open now: it stands in the cell that was used last. */
void tiles_enter(struct frame *fr, struct slot *s);
/* It is closed: a cell without another one goes. */
void tiles_leave(struct frame *fr, const struct slot *s);

/* The console used last, of a cell or (0) of all; NULL: none. */
struct slot *tiles_front(struct frame *fr, int cell);
/* How many consoles stand in a cell. */
size_t tiles_depth(const struct frame *fr, int cell);
size_t tiles_cells(struct frame *fr);
/* The leaf of a console. Never NULL for one that is open. */
struct split *tiles_leaf(struct frame *fr, const struct slot *s);

/* Cuts the cell used last in two; s gets the second part. False: there is no
 * room, or s is alone in that cell; nothing was done. */
bool tiles_split(struct frame *fr, struct slot *s, enum split_way way);
/* Each console gets a cell of its own, or the cells are arranged anew. False:
 * there is no room, nothing was done. */
bool tiles_spread(struct frame *fr, enum split_shape shape);
bool tiles_arrange(struct frame *fr, enum split_shape shape);
/* All consoles in one cell. */
void tiles_stack(struct frame *fr);
/* A form that was read becomes that of the screen (taken). Cells that no
 * console stands in go; consoles without a cell stand in its first one. */
void tiles_take(struct frame *fr, struct split *form);

/* For the frame: gives the cells their places in r. */
void tiles_place(struct frame *fr, struct rect r);
struct rect tiles_rect(struct frame *fr, const struct slot *s);

#endif
