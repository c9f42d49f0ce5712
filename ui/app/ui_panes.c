/*
 * ui_panes.c - which panes are open, which is focused, which has the side
 * place. Invariant: the list is slots[0], the focus is an open pane.
 */
#include "ui/app/ui_int.h"

#include <string.h>

struct slot *
ui_slot(struct ui *ui, const struct pane *p)
{
    size_t i;

    for (i = 0; i < ui->n_slots; i++)
        if (ui->slots[i].p == p)
            return &ui->slots[i];
    return NULL;
}

enum layout_part
ui_part_of(const struct pane *p)
{
    if (p->ops->kind == PANE_LIST)
        return LAYOUT_LIST;
    return p->ops->kind == PANE_LOG ? LAYOUT_LOG : LAYOUT_SIDE;
}

struct slot *
ui_side_slot(struct ui *ui)
{
    struct slot *best = NULL;
    size_t i;

    for (i = 0; i < ui->n_slots; i++) {
        struct slot *s = &ui->slots[i];

        if (ui_part_of(s->p) == LAYOUT_SIDE &&
            (best == NULL || s->used > best->used))
            best = s;
    }
    return best;
}

static struct slot *
log_slot(struct ui *ui)
{
    size_t i;

    for (i = 0; i < ui->n_slots; i++)
        if (ui_part_of(ui->slots[i].p) == LAYOUT_LOG)
            return &ui->slots[i];
    return NULL;
}

void
ui_layout_in(struct ui *ui, struct layout_in *in)
{
    struct slot *side = ui_side_slot(ui);

    *in = (struct layout_in){ .side = side != NULL,
                              .log = log_slot(ui) != NULL,
                              .focus = ui_part_of(ui->focus) };
    in->console = side != NULL && side->p->ops->kind == PANE_CONSOLE;
    in->help = side != NULL && side->p->ops->kind == PANE_HELP;
    tty_size(&ui->tty, &in->rows, &in->cols);
    in->zoom =
        ui->zoom == ZOOM_ON || (ui->zoom == ZOOM_AUTO && layout_auto_zoom(in));
}

struct pane *
ui_focused(struct ui *ui)
{
    return ui->focus;
}

void
ui_focus(struct ui *ui, struct pane *p)
{
    struct slot *s = ui_slot(ui, p);

    if (s == NULL)
        return;
    s->used = ++ui->use_clock;
    if (p == ui->focus)
        return;
    ui->focus->focused = false;
    pane_dirty(ui->focus);
    p->focused = true;
    ui->focus = p;
    ui->zoom = ZOOM_AUTO;
    ui->prefix = false;
    pane_dirty(p);
    ui_relayout(ui);
}

void
ui_focus_step(struct ui *ui, int dir)
{
    struct slot *side = ui_side_slot(ui), *log = log_slot(ui);
    struct pane *ring[3] = { ui->list };
    int n = 1, at = 0, i;

    if (side != NULL)
        ring[n++] = side->p;
    if (log != NULL)
        ring[n++] = log->p;
    for (i = 0; i < n; i++)
        if (ring[i] == ui->focus)
            at = i;
    ui_focus(ui, ring[(at + dir + n) % n]);
}

struct pane *
ui_pane_find(struct ui *ui, enum pane_kind kind, uint64_t dom_id)
{
    struct slot *best = NULL;
    size_t i;

    for (i = 0; i < ui->n_slots; i++) {
        struct slot *s = &ui->slots[i];

        if (s->p->ops->kind == kind &&
            (dom_id == 0 || s->p->dom_id == dom_id) &&
            (best == NULL || s->used > best->used))
            best = s;
    }
    return best != NULL ? best->p : NULL;
}

static void
windows_free(struct slot *s)
{
    if (s->win != NULL)
        delwin(s->win);
    if (s->title != NULL)
        delwin(s->title);
    s->win = s->title = NULL;
}

/* The pane longest out of use makes room. */
static void
make_room(struct ui *ui)
{
    struct slot *old = NULL;
    size_t i;

    for (i = 1; i < ui->n_slots; i++)
        if (ui->slots[i].p != ui->focus &&
            (old == NULL || ui->slots[i].used < old->used))
            old = &ui->slots[i];
    if (old != NULL)
        ui_pane_close(ui, old->p);
}

void
ui_pane_show(struct ui *ui, struct pane *p)
{
    struct slot *s = ui_slot(ui, p);

    if (s == NULL) {
        if (ui->n_slots == UI_PANES_MAX)
            make_room(ui);
        s = &ui->slots[ui->n_slots++];
        *s = (struct slot){ .p = p, .pending = ~0U };
    }
    ui_focus(ui, p);
    ui_relayout(ui);
}

/* Who has the keys once p is closed: after help, which is read in between, the
 * pane that had them before. */
static struct pane *
heir(struct ui *ui, const struct pane *p)
{
    struct slot *best = &ui->slots[0];
    size_t i;

    if (p->ops->kind != PANE_HELP)
        return ui->list;
    for (i = 0; i < ui->n_slots; i++)
        if (ui->slots[i].p != p && ui->slots[i].used > best->used)
            best = &ui->slots[i];
    return best->p;
}

void
ui_pane_close(struct ui *ui, struct pane *p)
{
    struct slot *s = ui_slot(ui, p);

    if (s == NULL || p == ui->list) {
        ui->zoom = ZOOM_AUTO;
        ui_relayout(ui);
        return;
    }
    if (p == ui->focus)
        ui_focus(ui, heir(ui, p));
    /* The caller may be a callback of this very pane: it is freed later. */
    windows_free(s);
    if (ui->n_doomed < UI_PANES_MAX)
        ui->doomed[ui->n_doomed++] = p;
    *s = ui->slots[--ui->n_slots];
    ui_relayout(ui);
}

void
ui_reap_panes(struct ui *ui)
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

    ui_layout_in(ui, &in);
    ui->zoom = in.zoom ? ZOOM_OFF : ZOOM_ON;
    ui_relayout(ui);
}

uint64_t
ui_current_dom(struct ui *ui)
{
    return ui->focus->dom_id != 0 ? ui->focus->dom_id : ui->list->dom_id;
}

void
ui_cursor_moved(struct ui *ui)
{
    size_t i;

    for (i = 1; i < ui->n_slots; i++)
        if (ui->slots[i].p->ops->kind == PANE_DETAIL)
            ui->slots[i].pending |= ENGINE_CH_DOMS;
    ui_mark(ui);
}
