/*
 * tiles.c - the cells that consoles stand in.
 * Invariant: frame.tiles is NULL while no console is open; else each console's
 * cell is a leaf of it, and each leaf is the cell of a console.
 */
#include "ui/screen/tiles.h"

bool
tiles_has(const struct slot *s)
{
    return s->p->ops->kind == PANE_CONSOLE;
}

struct slot *
tiles_front(struct frame *fr, int cell)
{
    struct slot *best = NULL;
    size_t i;

    for (i = 0; i < fr->n_slots; i++) {
        struct slot *s = &fr->slots[i];

        if (tiles_has(s) && s->cell != 0 && (cell == 0 || s->cell == cell) &&
            (best == NULL || s->used > best->used))
            best = s;
    }
    return best;
}

size_t
tiles_depth(const struct frame *fr, int cell)
{
    size_t i, n = 0;

    for (i = 0; i < fr->n_slots; i++)
        n += tiles_has(&fr->slots[i]) && fr->slots[i].cell == cell;
    return n;
}

size_t
tiles_cells(struct frame *fr)
{
    struct split *leaf[SPLIT_LEAVES_MAX];

    return split_leaves(fr->tiles, leaf, SPLIT_LEAVES_MAX);
}

struct split *
tiles_leaf(struct frame *fr, const struct slot *s)
{
    return split_find(fr->tiles, s->cell);
}

/* The least number that no cell has. */
static int
tiles_new_id(struct frame *fr)
{
    int id = 1;

    while (split_find(fr->tiles, id) != NULL)
        id++;
    return id;
}

static struct split *
new_cell(struct frame *fr)
{
    return split_leaf(tiles_new_id(fr), TILE_MIN_ROWS, TILE_MIN_COLS);
}

void
tiles_enter(struct frame *fr, struct slot *s)
{
    struct slot *front = tiles_front(fr, 0);

    if (front == NULL)
        fr->tiles = new_cell(fr);
    s->cell = front != NULL ? front->cell : fr->tiles->id;
}

/* A cell that no console stands in any more goes. */
static void
drop_if_empty(struct frame *fr, int cell)
{
    struct split *leaf = split_find(fr->tiles, cell);

    if (leaf != NULL && tiles_depth(fr, cell) == 0)
        split_remove(&fr->tiles, leaf);
}

void
tiles_leave(struct frame *fr, const struct slot *s)
{
    if (!tiles_has(s))
        return;
    if (tiles_depth(fr, s->cell) == 1)
        split_remove(&fr->tiles, tiles_leaf(fr, s));
}

/* The whole screen can be the consoles'. */
static bool
tiles_fit(const struct split *root)
{
    return split_min(root, SPLIT_ROWS) <= LINES &&
           split_min(root, SPLIT_COLS) <= COLS;
}

/* Takes the tree, if the screen has room for it. */
static bool
adopt(struct frame *fr, struct split *tree)
{
    if (!tiles_fit(tree)) {
        split_free(tree);
        return false;
    }
    split_free(fr->tiles);
    fr->tiles = tree;
    return true;
}

bool
tiles_split(struct frame *fr, struct slot *s, enum split_way way)
{
    const struct split_size half = { .num = 1, .den = 2 };
    const struct slot *front = tiles_front(fr, 0);
    bool alone = tiles_depth(fr, s->cell) == 1;
    struct split *tree, *leaf;

    if (alone && s->cell == front->cell)
        return false;
    leaf = new_cell(fr);
    tree = split_copy(fr->tiles);
    split_insert(&tree, split_find(tree, front->cell), way, leaf, &half);
    if (alone)
        split_remove(&tree, split_find(tree, s->cell));
    if (!adopt(fr, tree))
        return false;
    s->cell = leaf->id;
    return true;
}

bool
tiles_arrange(struct frame *fr, enum split_shape shape)
{
    struct split *tree = split_copy(fr->tiles);

    split_arrange(&tree, shape);
    return adopt(fr, tree);
}

bool
tiles_spread(struct frame *fr, enum split_shape shape)
{
    const struct split_size half = { .num = 1, .den = 2 };
    struct split *tree = NULL;
    size_t i;
    int n = 0;

    for (i = 0; i < fr->n_slots; i++) {
        struct split *leaf;

        if (!tiles_has(&fr->slots[i]))
            continue;
        leaf = split_leaf(++n, TILE_MIN_ROWS, TILE_MIN_COLS);
        if (tree == NULL)
            tree = leaf;
        else
            split_insert(&tree, tree, SPLIT_ROWS, leaf, &half);
    }
    split_arrange(&tree, shape);
    if (!adopt(fr, tree))
        return false;
    for (n = 0, i = 0; i < fr->n_slots; i++)
        if (tiles_has(&fr->slots[i]))
            fr->slots[i].cell = ++n;
    return true;
}

void
tiles_stack(struct frame *fr)
{
    struct slot *front = tiles_front(fr, 0);
    size_t i;
    int cell;

    if (front == NULL)
        return;
    cell = front->cell;
    split_free(fr->tiles);
    fr->tiles = split_leaf(cell, TILE_MIN_ROWS, TILE_MIN_COLS);
    for (i = 0; i < fr->n_slots; i++)
        if (tiles_has(&fr->slots[i]))
            fr->slots[i].cell = cell;
}

void
tiles_take(struct frame *fr, struct split *form)
{
    struct split *leaf[SPLIT_LEAVES_MAX];
    size_t i, n = split_leaves(form, leaf, SPLIT_LEAVES_MAX);

    if (tiles_front(fr, 0) == NULL) {
        split_free(form);
        return;
    }
    split_free(fr->tiles);
    fr->tiles = form;
    for (i = 0; i < fr->n_slots; i++)
        if (tiles_has(&fr->slots[i]) &&
            split_find(form, fr->slots[i].cell) == NULL)
            fr->slots[i].cell = leaf[0]->id;
    for (i = 0; i < n; i++)
        drop_if_empty(fr, leaf[i]->id);
}

void
tiles_place(struct frame *fr, struct rect r)
{
    int cell = tiles_front(fr, 0)->cell;

    if (fr->alone)
        split_zoom(fr->tiles, r, cell);
    else
        split_place(fr->tiles, r, cell);
}

struct rect
tiles_rect(struct frame *fr, const struct slot *s)
{
    return tiles_front(fr, s->cell) == s ? tiles_leaf(fr, s)->r
                                         : (struct rect){ 0 };
}
