/*
 * layout.c - where everything stands on the screen.
 * Invariant: shown parts never overlap, lie inside the screen and have at
 * least a title line and one row.
 */
#include "ui/screen/layout.h"

#include <limits.h>
#include <stddef.h>

#define BESIDE_COLS   120 /* from here list and pane stand side by side */
#define LOG_ROWS      40  /* from here the log has a place of its own */
#define LIST_MIN_COLS 38
#define LIST_MIN_ROWS 6
#define LIST_MAX_ROWS 16
#define SIDE_MIN_COLS 80
#define SIDE_MIN_ROWS 8
#define LOG_MIN_ROWS  7
#define LOG_MAX_ROWS  14

static int
larger(int a, int b)
{
    return a > b ? a : b;
}

/* Below BESIDE_COLS one console may share the screen with the list, if the user
 * wants it; several do not. */
bool
layout_auto_zoom(const struct layout_in *in)
{
    int cols = larger(in->least_cols, SIDE_MIN_COLS) + 1 + LIST_MIN_COLS;
    int rows = in->least_rows + 4; /* header, status, bar */

    return in->console && in->focus == LAYOUT_SIDE &&
           (in->cols < BESIDE_COLS || in->cols < cols || in->rows < rows);
}

/* The list above the pane, a third of the rows; or to its left: 80 columns for
 * the pane first, then the list gets its share. */
static void
add_beside_list(struct layout *out, const struct layout_in *in,
                struct split *leaf)
{
    const struct split_size above = {
        .num = 1, .den = 3, .min = LIST_MIN_ROWS, .max = LIST_MAX_ROWS
    };
    const struct split_size left = {
        .num = 2, .den = 5, .min = LIST_MIN_COLS, .leave = SIDE_MIN_COLS + 1
    };
    bool beside = in->cols >= BESIDE_COLS;
    const struct split_size *moved =
        &in->share[beside ? LAYOUT_SHARE_BESIDE : LAYOUT_SHARE_ABOVE];

    if (moved->den == 0)
        moved = beside ? &left : &above;
    split_insert(&out->tree, out->tree, beside ? SPLIT_COLS : SPLIT_ROWS, leaf,
                 moved);
}

static struct split *
side_leaf(const struct layout_in *in)
{
    /* A console that is not in use is not squeezed: its guest would see a
     * new size each time the focus moves. Help is read and closed again. */
    bool whole = (in->console || in->help) && in->rows < LOG_ROWS;
    bool narrow = in->tiled && in->cols < BESIDE_COLS;

    return split_leaf(LAYOUT_SIDE,
                      whole || narrow ? INT_MAX
                                      : larger(in->least_rows, SIDE_MIN_ROWS),
                      larger(in->least_cols, SIDE_MIN_COLS));
}

/* A fifth of the screen, not only of what the panes have of it. */
static int
log_rows(const struct layout_in *in)
{
    int rows = in->rows / 5 < LOG_MAX_ROWS ? in->rows / 5 : LOG_MAX_ROWS;

    return rows < LOG_MIN_ROWS ? LOG_MIN_ROWS : rows;
}

static void
make_tree(const struct layout_in *in, struct layout *out)
{
    int rows = log_rows(in);
    const struct split_size usual = { .second = true,
                                      .min = rows,
                                      .max = rows };
    const struct split_size *moved = &in->share[LAYOUT_SHARE_LOG];

    out->tree = split_leaf(LAYOUT_LIST, LIST_MIN_ROWS, LIST_MIN_COLS);
    /* No room for a place of its own: the log takes the side pane's. */
    if (in->log && in->rows < LOG_ROWS && in->focus == LAYOUT_LOG)
        add_beside_list(out, in,
                        split_leaf(LAYOUT_LOG, SIDE_MIN_ROWS, SIDE_MIN_COLS));
    else if (in->side)
        add_beside_list(out, in, side_leaf(in));
    if (!in->log || in->rows < LOG_ROWS)
        return;
    split_insert(&out->tree, out->tree, SPLIT_ROWS,
                 split_leaf(LAYOUT_LOG, LOG_MIN_ROWS, LAYOUT_MIN_COLS),
                 moved->den > 0 ? moved : &usual);
    out->log = out->tree;
}

/* A console takes the lines around it as well. */
static void
zoom(const struct layout_in *in, struct layout *out)
{
    struct rect all = { 0, 0, in->rows - 2, in->cols };

    if (in->focus == LAYOUT_SIDE && in->console) {
        out->bare = true;
        out->status = (struct rect){ 0, 0, 1, in->cols };
        out->bar.rows = 0;
        all.rows = in->rows;
    }
    split_zoom(out->tree, all, (int)in->focus);
}

void
layout_make(const struct layout_in *in, struct layout *out)
{
    int head = in->rows < 16 ? 1 : 2;
    struct rect main = { head, 0, in->rows - head - 2, in->cols };

    layout_fini(out);
    if (in->rows < LAYOUT_MIN_ROWS || in->cols < LAYOUT_MIN_COLS) {
        out->too_small = true;
        return;
    }
    out->status = (struct rect){ in->rows - 2, 0, 1, in->cols };
    out->bar = (struct rect){ in->rows - 1, 0, 1, in->cols };
    make_tree(in, out);
    if (in->zoom) {
        zoom(in, out);
        return;
    }
    out->header = (struct rect){ 0, 0, head, in->cols };
    split_place(out->tree, main, (int)in->focus);
}

void
layout_fini(struct layout *l)
{
    split_free(l->tree);
    *l = (struct layout){ 0 };
}

enum layout_share
layout_share_of(const struct layout *l, const struct split *node)
{
    const struct split *list = split_find(l->tree, LAYOUT_LIST);

    if (node == l->log)
        return LAYOUT_SHARE_LOG;
    if (list == NULL || node != list->up)
        return LAYOUT_SHARES;
    return node->way == SPLIT_COLS ? LAYOUT_SHARE_BESIDE : LAYOUT_SHARE_ABOVE;
}

struct rect
layout_rect(const struct layout *l, enum layout_part part)
{
    const struct split *leaf = split_find(l->tree, (int)part);

    return leaf != NULL ? leaf->r : (struct rect){ 0 };
}
