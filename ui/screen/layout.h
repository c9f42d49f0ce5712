/*
 * layout.h - where everything stands on the screen: a function of the sizes
 * and of what is shown, without state and without curses.
 */
#ifndef XENDECK_UI_LAYOUT_H
#define XENDECK_UI_LAYOUT_H

#include <stdbool.h>

#include "ui/draw/rect.h"

#define LAYOUT_MIN_ROWS 10
#define LAYOUT_MIN_COLS 40

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

/* Parts include their title line. */
struct layout {
    bool too_small;
    bool bare;   /* zoomed console: status stands on its title */
    bool beside; /* side is beside the list, not below */
    struct rect header, list, side, divider, log, status, bar;
};

/* Below LAYOUT_BESIDE_COLS a focused console is zoomed unless told not to. */
bool layout_auto_zoom(const struct layout_in *in);
void layout_make(const struct layout_in *in, struct layout *out);

#endif
