/*
 * ui_panes.c - which panes are open, which is focused, which has the side
 * place. Invariant: the list is slots[0], the focus is an open pane.
 */
#include "src/base/xalloc.h"
#include "ui/app/tile/tile.h"

#include <string.h>

/* What the consoles need, and whether they have the screen. */
static void
layout_consoles(struct ui *ui, struct layout_in *in)
{
    bool focused = in->focus == LAYOUT_SIDE, whole = ui->whole && in->console;

    if (!in->console)
        return;
    in->tiled = tiles_cells(&ui->fr) > 1;
    in->least_rows = split_min(ui->fr.tiles, SPLIT_ROWS);
    in->least_cols = split_min(ui->fr.tiles, SPLIT_COLS);
    in->side = !whole || focused;
    in->zoom = whole && focused && ui->zoom == ZOOM_AUTO;
}

void
panes_layout(struct ui *ui, struct layout_in *in)
{
    struct slot *side = frame_part(&ui->fr, LAYOUT_SIDE);

    *in = (struct layout_in){ .side = side != NULL,
                              .log = frame_part(&ui->fr, LAYOUT_LOG) != NULL,
                              .focus = frame_part_of(ui->fr.focus) };
    in->console = side != NULL && side->p->ops->kind == PANE_CONSOLE;
    in->help = side != NULL && side->p->ops->kind == PANE_HELP;
    if (ui->owner->cells != NULL)
        ui->tty.cells_max = ui->owner->cells(ui->owner_arg);
    tty_size(&ui->tty, &in->rows, &in->cols);
    in->share[LAYOUT_SHARE_BESIDE] = ui->share[LAYOUT_SHARE_BESIDE];
    in->share[LAYOUT_SHARE_ABOVE] = ui->share[LAYOUT_SHARE_ABOVE];
    in->share[LAYOUT_SHARE_LOG] = ui->share[LAYOUT_SHARE_LOG];
    layout_consoles(ui, in);
    in->zoom |=
        ui->zoom == ZOOM_ON || (ui->zoom == ZOOM_AUTO && layout_auto_zoom(in));
    ui->fr.alone = ui->zoom == ZOOM_ON;
}

void
panes_border_moved(struct ui *ui, const struct split *node)
{
    enum layout_share share = layout_share_of(&ui->fr.lay, node);

    if (share < LAYOUT_SHARES)
        ui->share[share] = node->size;
}

struct pane *
ui_focused(struct ui *ui)
{
    return ui->fr.focus;
}

void
ui_focus(struct ui *ui, struct pane *p)
{
    struct slot *s = frame_slot(&ui->fr, p);

    if (s == NULL)
        return;
    s->used = ++ui->use_clock;
    ui->moved = true;
    if (p == ui->fr.focus)
        return;
    ui->fr.focus->focused = false;
    pane_dirty(ui->fr.focus);
    p->focused = true;
    ui->fr.focus = p;
    ui->zoom = ZOOM_AUTO;
    ui->fr.prefix = false;
    pane_dirty(p);
    ui_relayout(ui);
}

/* The panes that the keys go round, in the order of the screen. */
static size_t
focus_ring(struct ui *ui, struct pane **ring)
{
    struct slot *side = frame_part(&ui->fr, LAYOUT_SIDE),
                *log = frame_part(&ui->fr, LAYOUT_LOG);
    struct split *cell[SPLIT_LEAVES_MAX];
    size_t i, cells, n = 0;

    ring[n++] = ui->list;
    if (side != NULL && tiles_has(side)) {
        cells = split_leaves(ui->fr.tiles, cell, SPLIT_LEAVES_MAX);
        for (i = 0; i < cells; i++)
            ring[n++] = tiles_front(&ui->fr, cell[i]->id)->p;
    } else if (side != NULL) {
        ring[n++] = side->p;
    }
    if (log != NULL)
        ring[n++] = log->p;
    return n;
}

void
ui_focus_step(struct ui *ui, int dir)
{
    struct pane *ring[SPLIT_LEAVES_MAX + 2];
    size_t n = focus_ring(ui, ring), at = 0, i;

    for (i = 0; i < n; i++)
        if (ring[i] == ui->fr.focus)
            at = i;
    if (n > 0)
        ui_focus(ui, ring[(at + (dir > 0 ? 1 : n - 1)) % n]);
}

struct pane *
panes_find(struct ui *ui, enum pane_kind kind, uint64_t dom_id)
{
    struct slot *best = NULL;
    size_t i;

    for (i = 0; i < ui->fr.n_slots; i++) {
        struct slot *s = &ui->fr.slots[i];

        if (s->p->ops->kind == kind &&
            (dom_id == 0 || s->p->dom_id == dom_id) &&
            (best == NULL || s->used > best->used))
            best = s;
    }
    return best != NULL ? best->p : NULL;
}

/* The pane longest out of use makes room. */
static void
ui_panes_make_room(struct ui *ui)
{
    struct slot *old = NULL;
    size_t i;

    for (i = 1; i < ui->fr.n_slots; i++)
        if (ui->fr.slots[i].p != ui->fr.focus &&
            (old == NULL || ui->fr.slots[i].used < old->used))
            old = &ui->fr.slots[i];
    if (old != NULL)
        panes_close(ui, old->p);
}

struct slot *
panes_add(struct ui *ui, struct pane *p)
{
    struct slot *s = frame_slot(&ui->fr, p);

    if (s != NULL)
        return s;
    if (ui->fr.n_slots == FRAME_PANES_MAX)
        ui_panes_make_room(ui);
    s = &ui->fr.slots[ui->fr.n_slots++];
    *s = (struct slot){ .p = p, .pending = ~0U };
    p->hidden = true;
    if (tiles_has(s))
        tiles_enter(&ui->fr, s);
    return s;
}

void
ui_pane_show(struct ui *ui, struct pane *p)
{
    (void)panes_add(ui, p);
    ui_focus(ui, p);
    ui_relayout(ui);
}

/* Who has the keys once p is closed: the pane that had them before help, which
 * is read in between, or before one console of several that are shown; else the
 * list. */
static struct pane *
heir(struct ui *ui, const struct pane *p)
{
    struct slot *best = &ui->fr.slots[0];
    bool tiled = p->ops->kind == PANE_CONSOLE && tiles_cells(&ui->fr) > 1;
    size_t i;

    if (p->ops->kind != PANE_HELP && !tiled)
        return ui->list;
    for (i = 0; i < ui->fr.n_slots; i++)
        if (ui->fr.slots[i].p != p && ui->fr.slots[i].used > best->used &&
            (!tiled || tiles_has(&ui->fr.slots[i])))
            best = &ui->fr.slots[i];
    return best->p;
}

/* However many are closed in a turn: one that is forgotten would be told of its
 * domain when its front end is long gone. */
static void
doom(struct ui *ui, struct pane *p)
{
    if (ui->n_doomed == ui->doomed_cap) {
        ui->doomed_cap = ui->doomed_cap == 0 ? 8 : 2 * ui->doomed_cap;
        ui->doomed =
            xrealloc(ui->doomed, ui->doomed_cap, sizeof(ui->doomed[0]));
    }
    ui->doomed[ui->n_doomed++] = p;
}

void
panes_close(struct ui *ui, struct pane *p)
{
    struct slot *s = frame_slot(&ui->fr, p);

    if (s == NULL || p == ui->list) {
        ui->zoom = ZOOM_AUTO;
        ui_relayout(ui);
        return;
    }
    if (p == ui->fr.focus)
        ui_focus(ui, heir(ui, p));
    /* The caller may be a callback of this very pane: it is freed later. */
    slot_windows_free(s);
    doom(ui, p);
    ui->moved = true;
    tiles_leave(&ui->fr, s);
    ui->fr.n_slots--;
    memmove(s, s + 1, (size_t)(&ui->fr.slots[ui->fr.n_slots] - s) * sizeof(*s));
    ui_relayout(ui);
}

void
panes_reap(struct ui *ui)
{
    while (ui->n_doomed > 0) {
        struct pane *p = ui->doomed[--ui->n_doomed];

        p->ops->free(p);
    }
}

void
ui_zoom(struct ui *ui)
{
    struct layout_in in;

    panes_layout(ui, &in);
    /* Several consoles share the screen: one that had it gives it to all. */
    if (in.tiled && in.focus == LAYOUT_SIDE)
        ui->zoom = ui->zoom == ZOOM_ON ? ZOOM_AUTO : ZOOM_ON;
    else
        ui->zoom = in.zoom ? ZOOM_OFF : ZOOM_ON;
    ui_relayout(ui);
}

uint64_t
ui_current_dom(struct ui *ui)
{
    return ui->fr.focus->dom_id != 0 ? ui->fr.focus->dom_id : ui->list->dom_id;
}

void
panes_cursor_moved(struct ui *ui)
{
    size_t i;

    for (i = 1; i < ui->fr.n_slots; i++)
        if (ui->fr.slots[i].p->ops->kind == PANE_DETAIL)
            ui->fr.slots[i].pending |= ENGINE_CH_DOMS;
    ui_mark(ui);
}
