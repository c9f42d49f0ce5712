/*
 * reshape.h - a tree of splits is given another form: borders move, leaves
 * change places or are arranged anew; and its form as text. Knows no curses
 * and no panes.
 */
#ifndef XENDECK_UI_RESHAPE_H
#define XENDECK_UI_RESHAPE_H

#include "src/base/buf.h"
#include "ui/screen/split.h"

enum split_side { SIDE_LEFT, SIDE_RIGHT, SIDE_UP, SIDE_DOWN };

enum split_shape {
    SHAPE_COLUMNS,
    SHAPE_ROWS,
    SHAPE_MAIN_LEFT, /* the first has the left half, the others the right */
    SHAPE_MAIN_TOP,
    SHAPE_TILED,
    SHAPES
};

#define SPLIT_LEAVES_MAX 64

/* --- after split_place, where all parts are shown --- */
/* Moves the line of a node by n rows or columns, as far as the least sizes
 * allow. Only the parts at the line change their sizes. False: it stays. */
bool split_move_line(struct split *node, int by);
/* Moves the border of a leaf to a side by n: its right or lower one, or where
 * it has none the left or upper one. False: nothing has moved. */
bool split_resize(struct split *leaf, enum split_side side, int n);
/* The node whose line is at this cell; between parts one above the other that
 * is the title line of the lower one. NULL: none. */
struct split *split_line_at(struct split *root, int y, int x);
/* The leaf that lies beside this one, or NULL. */
struct split *split_beside(struct split *root, const struct split *leaf,
                           enum split_side side);

/* Two leaves show what the other has shown. */
void split_swap(struct split *a, struct split *b);
/* Arranges the leaves anew, in their order. */
void split_arrange(struct split **root, enum split_shape shape);
const char *split_shape_name(enum split_shape shape);

/* The form as text: a leaf is its id, a node is "|" or "-" (cut by a line, or
 * one above the other), the share of its first part, and both parts:
 * "|1/2(1,-20/60(2,3))". */
void split_print(const struct split *root, struct buf *out);
/* Reads it, with these least sizes of each leaf. NULL: it is no such text, has
 * more than SPLIT_LEAVES_MAX leaves or one of them twice. */
struct split *split_parse(const char *text, int min_rows, int min_cols);

#endif
