/*
 * tile.h - what verbs do with the consoles' part of the screen, and with the
 * order in which panes are used. For ui/app.
 */
#ifndef XENDECK_UI_APP_TILE_H
#define XENDECK_UI_APP_TILE_H

#include "ui/app/ui_int.h"
#include "ui/screen/tiles.h"

/* The open pane of a console, or NULL. */
struct pane *tile_find(const struct ui *ui, uint64_t dom_id, unsigned number);
/* Opens a console if it is not open, without giving it the keys; NULL with *e.
 */
struct slot *tile_open(struct ui *ui, uint64_t dom_id, unsigned number,
                       struct err *e);
/* The same in a new cell, the second part of the one used last; it gets the
 * keys. -1 with *e: nothing was done. */
int tile_split(struct ui *ui, uint64_t dom_id, unsigned number,
               enum split_way way, struct err *e);
/* The console that was used last of those that are not shown, or NULL. */
struct slot *tile_hidden(struct ui *ui);
/* The console used before the one that has the keys, or NULL. */
struct slot *tile_last(struct ui *ui);
/* The next console where something has happened, a bell first; NULL: none. */
struct slot *tile_active(struct ui *ui);
/* The next one (dir 1) or the one before (-1) of the same cell, or NULL. */
struct slot *tile_tab(struct ui *ui, int dir);
/* The pane on this side of the one that has the keys, or NULL. */
struct pane *tile_toward(struct ui *ui, enum split_side side);
/* Moves a border of the console that has the keys. */
bool tile_resize(struct ui *ui, enum split_side side, int n);
/* Lays the consoles out as they are, as if none had the screen alone; for what
 * follows borders. False: they are not all shown, or there is none. */
bool tile_place_all(struct ui *ui);
/* Changes places with the next cell (dir 1) or the one before. */
bool tile_swap(struct ui *ui, int dir);
/* "no room for another console...": what is allowed. */
int tile_no_room(struct err *e);

/* --- ui_panes.c --- */
/* The pane (taken) is open from here on, if it was not: a console stands in the
 * cell used last. It is not focused. */
struct slot *panes_add(struct ui *ui, struct pane *p);
/* A border was moved by hand: it stays there. */
void panes_border_moved(struct ui *ui, const struct split *node);

#endif
