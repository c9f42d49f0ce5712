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

/* The borders that the user may move. */
enum layout_share {
    LAYOUT_SHARE_BESIDE, /* of the list and the pane to its right */
    LAYOUT_SHARE_ABOVE,  /* of the list and the pane below */
    LAYOUT_SHARE_LOG,    /* of all that and the log below */
    LAYOUT_SHARES
};

struct layout_in {
    int rows, cols;
    bool side;    /* a pane beside (or below) the list is shown */
    bool console; /* it is a console: room counts more than company */
    int least_rows, least_cols; /* that the consoles need to be seen; 0: as
                                   few as any pane */
    bool tiled; /* there are several: they share the screen when in use */
    bool help;  /* it is the help: as many lines as can be had */
    bool log;   /* the log pane is shown */
    bool zoom;  /* the focused part gets the screen */
    enum layout_part focus;
    struct split_size share[LAYOUT_SHARES]; /* den 0: as is usual */
};

struct layout {
    bool too_small;
    bool bare;          /* zoomed console: status stands on its title */
    struct split *tree; /* the panes, with their title lines */
    struct split *log;  /* its node above the log; NULL: there is none */
    struct rect header, status, bar;
};

/* Where there is no room for a focused console beside the list, or for all of
 * them, the consoles are zoomed unless told not to. */
bool layout_auto_zoom(const struct layout_in *in);
/* out: zeroed, or made before. */
void layout_make(const struct layout_in *in, struct layout *out);
void layout_fini(struct layout *l);
/* Which border a node of the tree is; LAYOUT_SHARES: none of these. */
enum layout_share layout_share_of(const struct layout *l,
                                  const struct split *node);
/* The place of a part; rows 0: it is not shown. */
struct rect layout_rect(const struct layout *l, enum layout_part part);

#endif
