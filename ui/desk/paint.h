/*
 * paint.h - the marks that all of a front end is made of: roles, lines, boxes,
 * bars, names of keys.
 */
#ifndef XENDECK_UI_PAINT_H
#define XENDECK_UI_PAINT_H

#include <stdbool.h>
#include <stddef.h>

#include "ui/desk/desk.h"
#include "ui/draw/curses.h"
#include "ui/draw/graph.h"
#include "ui/draw/rect.h"
#include "ui/draw/ui_cells.h"

/* Sets attributes and colour of role r on w. */
void ui_role(struct ui *ui, WINDOW *w, enum role r);
void ui_background(struct ui *ui, WINDOW *w, enum role r);
/* As ui_text, padded; a text that does not fit ends in a cut mark. */
void ui_text_cut(struct ui *ui, WINDOW *w, int y, int x, int width,
                 const char *text);
/* What curves are drawn with on this terminal. */
enum graph_style ui_graph_style(const struct ui *ui);
/* A line of n columns. */
void ui_hline(struct ui *ui, WINDOW *w, int y, int x, int n);
/* A border around the whole window, in the role that is set. */
void box_draw(struct ui *ui, WINDOW *w);

/* Where a bar of one line stands. */
struct bar {
    WINDOW *w;
    int y, x, width;
};

/* How far an operation is; percent -1: not known, a mark wanders with time. */
void progress_draw(struct ui *ui, const struct bar *b, int percent);
/* What is used and free, used 0 to 1, with a text (ASCII) in it. */
void gauge_draw(struct ui *ui, const struct bar *b, double used,
                const char *text);

/* The first key of a verb in a context (one CMD_IN_ bit); false: none. */
bool ui_key_of(struct ui *ui, const char *verb, unsigned context, char *out,
               size_t out_size);
/* An empty window for an overlay, drawn and deleted by the caller in one go;
 * NULL: there is no room. */
WINDOW *ui_window(struct ui *ui, const struct rect *r, enum role background);

#endif
