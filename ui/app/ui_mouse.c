/*
 * ui_mouse.c - where a click or the wheel goes. Never the only way to
 * anything.
 */
#include "ui/app/tile/tile.h"
#include "ui/screen/tabs.h"

#define DOUBLE_MS 400

static bool
inside(struct rect r, const struct mouse *m)
{
    return m->y >= r.y && m->y < r.y + r.rows && m->x >= r.x &&
           m->x < r.x + r.cols;
}

/* A second press on the same cell soon after the first is a double click, a
 * third one a triple one. */
static void
count_clicks(struct ui *ui, struct mouse *m)
{
    uint64_t now = loop_now_ms(ui->desk.lp);

    if (m->what != MOUSE_PRESS)
        return;
    if (m->y == ui->click.y && m->x == ui->click.x &&
        m->button == ui->click.button && ui->click_ms != 0 &&
        now - ui->click_ms <= DOUBLE_MS) {
        m->what = ui->clicks == 1 ? MOUSE_DOUBLE : MOUSE_TRIPLE;
        ui->click_ms = ui->clicks == 1 ? now : 0;
        ui->clicks++;
        return;
    }
    ui->click = *m;
    ui->click_ms = now;
    ui->clicks = 1;
}

/* --- borders --- */

/* The tree whose border is at this cell, and its node; NULL: none. */
static struct split *
border_at(struct ui *ui, int y, int x)
{
    const struct slot *side = frame_part(&ui->fr, LAYOUT_SIDE);
    struct split *s = NULL;

    if (side != NULL && tiles_has(side) && !ui->fr.alone)
        s = split_line_at(ui->fr.tiles, y, x);
    return s != NULL ? s : split_line_at(ui->fr.lay.tree, y, x);
}

/* The border follows when the button goes up: a terminal that reports each
 * step would send more than a slow line carries. */
static void
border_drop(struct ui *ui, const struct mouse *m)
{
    struct split *node = border_at(ui, ui->drag.y, ui->drag.x);
    int by;

    ui->dragging = false;
    if (node == NULL)
        return;
    by = node->way == SPLIT_ROWS ? m->y - ui->drag.y : m->x - ui->drag.x;
    if (by == 0 || !split_move_line(node, by))
        return;
    panes_border_moved(ui, node);
    ui->moved = true;
    ui_relayout(ui);
}

/* True: nobody else gets it. A press on a title takes hold of it, too. */
static bool
border_mouse(struct ui *ui, const struct mouse *m)
{
    const struct split *node;

    if (ui->dragging && m->what == MOUSE_RELEASE) {
        border_drop(ui, m);
        return true;
    }
    if (m->what != MOUSE_PRESS || m->button != 1)
        return false;
    node = border_at(ui, m->y, m->x);
    ui->dragging = node != NULL;
    ui->drag = *m;
    return node != NULL && node->way == SPLIT_COLS;
}

/* --- panes --- */

static void
title_mouse(struct ui *ui, const struct slot *s, const struct mouse *m)
{
    struct slot *tab = tabs_at(&ui->fr, s, m->x);

    if (m->what == MOUSE_PRESS && tab != NULL)
        ui_focus(ui, tab->p);
}

static void
slot_mouse(struct ui *ui, struct slot *s, struct mouse m)
{
    struct pane *p = s->p;
    int rows = p->rows;

    if (m.what == MOUSE_PRESS && p != ui->fr.focus)
        ui_focus(ui, p);
    m.y -= s->r.y + 1;
    m.x -= s->r.x;
    if (m.y == -1)
        title_mouse(ui, s, &m);
    if (m.y < 0 || m.y >= rows)
        return;
    if (p->ops->mouse != NULL && p->ops->mouse(p, &m))
        return;
    if (m.what == MOUSE_WHEEL && p->ops->scroll != NULL)
        p->ops->scroll(p, m.wheel);
}

static void
bar_mouse(struct ui *ui, const struct mouse *m)
{
    size_t i;

    if (m->what != MOUSE_PRESS && m->what != MOUSE_DOUBLE &&
        m->what != MOUSE_TRIPLE)
        return;
    for (i = 0; i < ui->fr.n_bar; i++)
        if (m->x >= ui->fr.bar[i].x &&
            m->x < ui->fr.bar[i].x + ui->fr.bar[i].cols) {
            struct key k = ui->fr.bar[i].key;

            ui_dispatch(ui, &k);
            return;
        }
}

void
ui_mouse_key(struct ui *ui, const struct key *k)
{
    struct mouse m = k->mouse;
    size_t i;

    if (ui->fr.lay.too_small || overlay_mouse(ui, &m))
        return;
    count_clicks(ui, &m);
    if (inside(ui->fr.lay.bar, &m)) {
        bar_mouse(ui, &m);
        return;
    }
    if (border_mouse(ui, &m))
        return;
    for (i = 0; i < ui->fr.n_slots; i++)
        if (ui->fr.slots[i].win != NULL && inside(ui->fr.slots[i].r, &m)) {
            slot_mouse(ui, &ui->fr.slots[i], m);
            return;
        }
}
