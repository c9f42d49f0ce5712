/*
 * split.h - a rectangle cut into parts: a tree whose leaves are what is shown
 * and whose nodes cut their place in two, one part above the other or beside
 * it. Where there is no room for both parts of a node, one of them has it all:
 * the one that has the focus. Knows no curses and no panes.
 */
#ifndef XENDECK_UI_SPLIT_H
#define XENDECK_UI_SPLIT_H

#include <stdbool.h>
#include <stddef.h>

#include "ui/draw/rect.h"

enum split_way {
    SPLIT_LEAF,
    SPLIT_ROWS, /* one above the other */
    SPLIT_COLS  /* side by side, with a column between them */
};

/* Rows or columns of one part of a node; the other gets what is left. */
struct split_size {
    bool second;  /* it is the second part */
    int num, den; /* its share of the whole */
    int min, max; /* both the same: fixed; max 0: no limit */
    int leave;    /* to the other and the line between, unless min is more */
};

struct split {
    enum split_way way;
    struct split *up;    /* NULL: the root */
    struct split *a, *b; /* of a node: first and second part */
    struct split_size size;
    int id;                 /* of a leaf: what it shows */
    int min_rows, min_cols; /* of a leaf: less is not worth to be shown */
    struct rect r;          /* after split_place; rows 0: not shown */
    struct rect line;       /* between the parts of SPLIT_COLS */
};

struct split *split_leaf(int id, int min_rows, int min_cols);
/* Takes both parts. */
struct split *split_node(enum split_way way, struct split *a, struct split *b,
                         const struct split_size *size);
/* The whole tree; NULL is allowed. */
void split_free(struct split *root);

/* The leaf of this id, or NULL. */
struct split *split_find(struct split *root, int id);
/* Cuts the place of the leaf in two; the new leaf (taken) is the second part.
 */
void split_insert(struct split **root, struct split *at, enum split_way way,
                  struct split *leaf, const struct split_size *size);
/* Takes a leaf out and frees it: the other part of its node gets the node's
 * place. */
void split_remove(struct split **root, struct split *leaf);

/* The least rows (SPLIT_ROWS) or columns (SPLIT_COLS) that show all parts. */
int split_min(const struct split *s, enum split_way way);
/* Gives each part its place in r. focus: the id of the leaf that is shown
 * whatever the room. */
void split_place(struct split *root, struct rect r, int focus);
/* Gives the one leaf all of r; the others are not shown. */
void split_zoom(struct split *root, struct rect r, int id);
/* All leaves, at most max of them, from the left and from above. */
size_t split_leaves(struct split *root, struct split **out, size_t max);
/* A tree of the same form, places included. */
struct split *split_copy(const struct split *root);
/* The lines between parts that are shown, at most max of them. */
size_t split_lines(const struct split *root, struct rect *out, size_t max);

#endif
