/*
 * tile.c - consoles beside and behind one another, as verbs move them.
 */
#include "ui/app/tile/tile.h"

struct pane *
tile_find(const struct ui *ui, uint64_t dom_id, unsigned number)
{
    size_t i;

    for (i = 0; i < ui->fr.n_slots; i++) {
        struct pane *p = ui->fr.slots[i].p;

        if (p->ops->kind == PANE_CONSOLE && p->dom_id == dom_id &&
            console_pane_number(p) == number)
            return p;
    }
    return NULL;
}

struct slot *
tile_open(struct ui *ui, uint64_t dom_id, unsigned number, struct err *e)
{
    struct pane *p = tile_find(ui, dom_id, number);

    if (p == NULL)
        p = console_pane_new(ui, dom_id, number, e);
    return p != NULL ? panes_add(ui, p) : NULL;
}

int
tile_no_room(struct err *e)
{
    return err_set(e, ERR_RANGE,
                   "no room for so many consoles: one needs %d rows and %d "
                   "columns; close one, or `stack' them",
                   TILE_MIN_ROWS, TILE_MIN_COLS);
}

int
tile_split(struct ui *ui, uint64_t dom_id, unsigned number, enum split_way way,
           struct err *e)
{
    bool open = tile_find(ui, dom_id, number) != NULL;
    bool first = tiles_cells(&ui->fr) == 0;
    struct slot *s = tile_open(ui, dom_id, number, e);
    struct pane *p = s != NULL ? s->p : NULL;
    bool alone;

    if (s == NULL)
        return -1;
    alone = tiles_front(&ui->fr, 0) == s && tiles_depth(&ui->fr, s->cell) == 1;
    if (!first && alone)
        return err_set(e, ERR_EXISTS,
                       "that console is shown here already; name another one");
    if (!first && !tiles_split(&ui->fr, s, way)) {
        if (!open)
            panes_close(ui, p);
        return tile_no_room(e);
    }
    ui_focus(ui, p);
    ui_relayout(ui);
    return 0;
}

/* --- which is meant --- */

struct slot *
tile_hidden(struct ui *ui)
{
    struct slot *best = NULL;
    size_t i;

    for (i = 0; i < ui->fr.n_slots; i++) {
        struct slot *s = &ui->fr.slots[i];

        if (tiles_has(s) && tiles_front(&ui->fr, s->cell) != s &&
            (best == NULL || s->used > best->used))
            best = s;
    }
    return best;
}

struct slot *
tile_last(struct ui *ui)
{
    struct slot *best = NULL;
    size_t i;

    for (i = 0; i < ui->fr.n_slots; i++) {
        struct slot *s = &ui->fr.slots[i];

        if (tiles_has(s) && s->p != ui->fr.focus &&
            (best == NULL || s->used > best->used))
            best = s;
    }
    return best;
}

/* Where the pane that has the keys stands in the order of slots. */
static size_t
focus_index(const struct ui *ui)
{
    size_t i;

    for (i = 0; i < ui->fr.n_slots && ui->fr.slots[i].p != ui->fr.focus; i++)
        ;
    return i;
}

struct slot *
tile_active(struct ui *ui)
{
    size_t i, n = ui->fr.n_slots, at = focus_index(ui);
    struct slot *best = NULL;

    for (i = 1; i < n; i++) {
        struct slot *s = &ui->fr.slots[(at + i) % n];

        if (s->p->mark != PANE_UNMARKED &&
            (best == NULL || s->p->mark > best->p->mark))
            best = s;
    }
    return best;
}

struct slot *
tile_tab(struct ui *ui, int dir)
{
    size_t i, n = ui->fr.n_slots, at = focus_index(ui);
    const struct slot *from = &ui->fr.slots[at];

    for (i = 1; i < n; i++) {
        struct slot *s = &ui->fr.slots[(at + (dir > 0 ? i : n - i)) % n];

        if (tiles_has(s) && tiles_has(from) && s->cell == from->cell)
            return s;
    }
    return NULL;
}

/* --- places --- */

bool
tile_place_all(struct ui *ui)
{
    struct rect r = layout_rect(&ui->fr.lay, LAYOUT_SIDE);
    const struct slot *front = tiles_front(&ui->fr, 0);

    if (front == NULL || r.rows == 0)
        return false;
    split_place(ui->fr.tiles, r, front->cell);
    return true;
}

static bool
lies_beside(struct rect a, struct rect b, enum split_side side)
{
    if (side == SIDE_LEFT || side == SIDE_RIGHT) {
        if (a.y >= b.y + b.rows || b.y >= a.y + a.rows)
            return false;
        return side == SIDE_LEFT ? b.x + b.cols + 1 == a.x
                                 : a.x + a.cols + 1 == b.x;
    }
    if (a.x >= b.x + b.cols || b.x >= a.x + a.cols)
        return false;
    return side == SIDE_UP ? b.y + b.rows == a.y : a.y + a.rows == b.y;
}

/* Of the panes that are on the screen. */
static struct pane *
shown_beside(struct ui *ui, struct rect from, enum split_side side)
{
    struct slot *best = NULL;
    size_t i;

    for (i = 0; i < ui->fr.n_slots; i++) {
        struct slot *s = &ui->fr.slots[i];

        if (s->win != NULL && s->p != ui->fr.focus &&
            lies_beside(from, s->r, side) &&
            (best == NULL || s->used > best->used))
            best = s;
    }
    return best != NULL ? best->p : NULL;
}

struct pane *
tile_toward(struct ui *ui, enum split_side side)
{
    struct slot *s = frame_slot(&ui->fr, ui->fr.focus);
    struct split *beside;

    if (tiles_has(s) && ui->fr.alone && tile_place_all(ui)) {
        beside = split_beside(ui->fr.tiles, tiles_leaf(&ui->fr, s), side);
        return beside != NULL ? tiles_front(&ui->fr, beside->id)->p : NULL;
    }
    return s->win != NULL ? shown_beside(ui, s->r, side) : NULL;
}

bool
tile_resize(struct ui *ui, enum split_side side, int n)
{
    struct slot *front = tiles_front(&ui->fr, 0);

    if (!tile_place_all(ui) ||
        !split_resize(tiles_leaf(&ui->fr, front), side, n))
        return false;
    ui->moved = true;
    ui_relayout(ui);
    return true;
}

bool
tile_swap(struct ui *ui, int dir)
{
    struct split *leaf[SPLIT_LEAVES_MAX];
    size_t i, at = 0, n = split_leaves(ui->fr.tiles, leaf, SPLIT_LEAVES_MAX);
    const struct slot *front = tiles_front(&ui->fr, 0);

    if (n < 2)
        return false;
    for (i = 0; i < n; i++)
        if (leaf[i]->id == front->cell)
            at = i;
    split_swap(leaf[at], leaf[(at + (dir > 0 ? 1 : n - 1)) % n]);
    ui->moved = true;
    ui_relayout(ui);
    return true;
}
