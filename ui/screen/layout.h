/*
 * layout.h - where everything stands on the screen: the tree of splits that the
 * panes stand in, and the lines around it. A function of the sizes and of what
 * is shown, without curses.
 */
#ifndef XENDECK_UI_LAYOUT_H
#define XENDECK_UI_LAYOUT_H

#include <stdbool.h>

#include "ui/screen/split.h"

#define LAYOUT_MIN_ROWS 10
#define LAYOUT_MIN_COLS 40

/* The leaves of the tree. */
enum layout_part { LAYOUT_LIST, LAYOUT_SIDE, LAYOUT_LOG };

struct layout_in {
    int rows, cols;
    bool side;    /* a pane beside (or below) the list is shown */
    bool console; /* it is a console: room counts more than company */
    bool help;    /* it is the help: as many lines as can be had */
    bool log;     /* the log pane is shown */
    bool zoom;    /* the focused part gets the screen */
    enum layout_part focus;
};

struct layout {
    bool too_small;
    bool bare;          /* zoomed console: status stands on its title */
    struct split *tree; /* the panes, with their title lines */
    struct rect header, status, bar;
};

/* Below LAYOUT_BESIDE_COLS a focused console is zoomed unless told not to. */
bool layout_auto_zoom(const struct layout_in *in);
/* out: zeroed, or made before. */
void layout_make(const struct layout_in *in, struct layout *out);
void layout_fini(struct layout *l);
/* The place of a part; rows 0: it is not shown. */
struct rect layout_rect(const struct layout *l, enum layout_part part);

#endif
