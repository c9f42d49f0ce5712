/*
 * layout.c - where everything stands on the screen.
 * Invariant: shown parts never overlap, lie inside the screen and have at
 * least a title line and one row.
 */
#include "ui/screen/layout.h"

#define BESIDE_COLS   120 /* from here list and pane stand side by side */
#define LOG_ROWS      40  /* from here the log has a place of its own */
#define LIST_MIN_COLS 38
#define STACK_ROWS    14 /* less than this for two panes: only one is shown */

static int
clamp(int v, int low, int high)
{
    if (v > high)
        v = high;
    return v < low ? low : v;
}

bool
layout_auto_zoom(const struct layout_in *in)
{
    return in->console && in->focus == LAYOUT_SIDE && in->cols < BESIDE_COLS;
}

/* List and side pane share the main area r. */
static void
split(const struct layout_in *in, struct rect r, struct layout *out)
{
    /* A console that is not in use is not squeezed: its guest would see a
     * new size each time the focus moves. Help is read and closed again. */
    bool whole = (in->console || in->help) && in->rows < LOG_ROWS;
    bool one = r.rows < STACK_ROWS || whole;

    out->list = r;
    if (!in->side)
        return;
    if (in->cols >= BESIDE_COLS) {
        /* 80 columns for the pane first, then the list gets its share. */
        int cols = clamp(r.cols * 2 / 5, LIST_MIN_COLS, r.cols - 81);

        cols = clamp(cols, LIST_MIN_COLS, r.cols / 2);
        out->beside = true;
        out->list.cols = cols;
        out->divider = (struct rect){ r.y, r.x + cols, r.rows, 1 };
        out->side =
            (struct rect){ r.y, r.x + cols + 1, r.rows, r.cols - cols - 1 };
    } else if (!one) {
        int rows = clamp(r.rows / 3, 6, 16);

        out->list.rows = rows;
        out->side = (struct rect){ r.y + rows, r.x, r.rows - rows, r.cols };
    } else if (in->focus == LAYOUT_SIDE) {
        out->side = r;
        out->list.rows = 0;
    }
}

static void
zoom(const struct layout_in *in, struct rect all, struct layout *out)
{
    struct rect *r = in->focus == LAYOUT_LIST   ? &out->list
                     : in->focus == LAYOUT_SIDE ? &out->side
                                                : &out->log;

    if (in->focus == LAYOUT_SIDE && in->console) {
        out->bare = true;
        out->status = (struct rect){ 0, 0, 1, in->cols };
        out->bar.rows = 0;
        *r = (struct rect){ 0, 0, in->rows, in->cols };
        return;
    }
    *r = all;
}

void
layout_make(const struct layout_in *in, struct layout *out)
{
    struct rect main = { 0, 0, in->rows - 2, in->cols };
    int head = in->rows < 16 ? 1 : 2;

    *out = (struct layout){ 0 };
    if (in->rows < LAYOUT_MIN_ROWS || in->cols < LAYOUT_MIN_COLS) {
        out->too_small = true;
        return;
    }
    out->status = (struct rect){ in->rows - 2, 0, 1, in->cols };
    out->bar = (struct rect){ in->rows - 1, 0, 1, in->cols };
    if (in->zoom) {
        zoom(in, main, out);
        return;
    }
    out->header = (struct rect){ 0, 0, head, in->cols };
    main.y = head;
    main.rows -= head;
    if (in->log && in->rows >= LOG_ROWS) {
        int rows = clamp(in->rows / 5, 7, 14);

        main.rows -= rows;
        out->log = (struct rect){ main.y + main.rows, 0, rows, in->cols };
    } else if (in->log && in->focus == LAYOUT_LOG) {
        /* No room for a place of its own: it takes the side pane's. */
        struct layout_in as_side = *in;

        as_side.side = true;
        as_side.console = as_side.help = false;
        as_side.focus = LAYOUT_SIDE;
        split(&as_side, main, out);
        out->log = out->side;
        out->side.rows = 0;
        return;
    }
    split(in, main, out);
}
