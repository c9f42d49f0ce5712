/*
 * ui_cells.h - text onto a window.
 */
#ifndef XENDECK_UI_CELLS_H
#define XENDECK_UI_CELLS_H

#include <stdbool.h>

#include "ui/draw/curses.h"

/* Writes text (UTF-8, safe) at y,x in at most width columns, padded with
 * blanks if pad; wide characters never half. Returns columns used. */
int ui_text(WINDOW *w, int y, int x, int width, const char *text, bool pad);

#endif
