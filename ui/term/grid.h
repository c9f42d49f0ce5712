/*
 * grid.h - the two screens of a terminal. Private to ui/term.
 * A row of the alternate screen remembers what stands right of the edge: a
 * narrower size only hides it. Those of the main one are laid anew
 * (term_flow.c).
 */
#ifndef XENDECK_UI_TERM_GRID_H
#define XENDECK_UI_TERM_GRID_H

#include "ui/term/row.h"

/* Rows [rows, held) are hidden: what a shorter alternate screen cut off. */
struct grid {
    struct row *row;
    int rows, held;
};

void grid_init(struct grid *g, int rows);
void grid_fini(struct grid *g);
/* Number of rows shown; fresh rows are blank. Hidden rows come back. */
void grid_rows(struct grid *g, int rows);
/* Rotates rows [top, end) up by n (down: negative); rows freed are blank. */
void grid_scroll(struct grid *g, int top, int end, int n,
                 const struct cell *pen, int cols);
/* Last row that shows something, or -1. */
int grid_last(const struct grid *g);

#endif
