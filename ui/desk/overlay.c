/*
 * overlay.c - the stack of what stands over the panes.
 * Invariant: an overlay is on the stack exactly while its ui is set.
 */
#include "ui/desk/overlay.h"

#include "ui/desk/desk_int.h"

static void
raised(struct ui *ui)
{
    struct overlay *ov = ui_desk(ui)->top;

    if (ov != NULL && ov->ops->raised != NULL)
        ov->ops->raised(ov);
}

/* at: what points to the overlay that is to be beneath it. */
static void
insert(struct ui *ui, struct overlay **at, struct overlay *ov)
{
    ov->ui = ui;
    ov->below = *at;
    *at = ov;
    if (ui_desk(ui)->closing)
        ov->ops->cancel(ov);
    else
        ui_relayout(ui);
}

void
overlay_push(struct ui *ui, struct overlay *ov)
{
    insert(ui, &ui_desk(ui)->top, ov);
}

void
overlay_queue(struct ui *ui, struct overlay *ov)
{
    struct overlay **at = &ui_desk(ui)->top;

    while (*at != NULL && (*at)->ops == ov->ops)
        at = &(*at)->below;
    insert(ui, at, ov);
}

void
overlay_remove(struct overlay *ov)
{
    struct ui *ui = ov->ui;
    struct overlay **at;
    bool was_top;

    if (ui == NULL)
        return;
    was_top = ui_desk(ui)->top == ov;
    for (at = &ui_desk(ui)->top; *at != ov; at = &(*at)->below)
        ;
    *at = ov->below;
    ov->below = NULL;
    ov->ui = NULL;
    if (was_top)
        raised(ui);
    ui_relayout(ui);
}

void
overlay_close_all(struct ui *ui)
{
    struct desk *f = ui_desk(ui);

    f->closing = true;
    while (f->top != NULL)
        f->top->ops->cancel(f->top);
}

struct overlay *
overlay_top(const struct ui *ui)
{
    return ui_desk_const(ui)->top;
}

struct overlay *
overlay_find(const struct ui *ui, const struct overlay_ops *ops)
{
    struct overlay *ov = overlay_top(ui);

    while (ov != NULL && ov->ops != ops)
        ov = ov->below;
    return ov;
}

bool
overlay_has(const struct ui *ui, unsigned where)
{
    const struct overlay *ov;

    for (ov = overlay_top(ui); ov != NULL; ov = ov->below)
        if (ov->ops->where & where)
            return true;
    return false;
}

bool
overlay_key(struct ui *ui, const struct key *k)
{
    struct overlay *ov = overlay_top(ui);

    if (ov == NULL)
        return false;
    ov->ops->key(ov, k);
    return true;
}

bool
overlay_mouse(struct ui *ui, const struct mouse *m)
{
    struct overlay *ov = overlay_top(ui);

    if (ov == NULL)
        return false;
    if (ov->ops->mouse != NULL)
        ov->ops->mouse(ov, m);
    return true;
}

/* --- drawing --- */

void
overlay_sync(struct ui *ui)
{
    struct overlay *ov;

    for (ov = overlay_top(ui); ov != NULL; ov = ov->below)
        if (ov->ops->sync != NULL)
            ov->ops->sync(ov, ui_stage(ui));
}

/* Draws ov and those beneath it, down to end. */
static void
draw_down(const struct overlay *ov, const struct overlay *end,
          const struct stage *st)
{
    const struct overlay *below;

    if (ov == end)
        return;
    for (below = ov->below; below != end && below->ops == ov->ops;)
        below = below->below;
    draw_down(below, end, st);
    ov->ops->draw(ov, st);
}

static const struct overlay *
topmost_whole(const struct ui *ui)
{
    const struct overlay *ov = overlay_top(ui);

    while (ov != NULL && (ov->ops->where & OVERLAY_WHOLE) == 0)
        ov = ov->below;
    return ov;
}

void
overlay_draw_whole(const struct ui *ui)
{
    draw_down(topmost_whole(ui), NULL, ui_stage(ui));
}

void
overlay_draw_rest(const struct ui *ui)
{
    draw_down(overlay_top(ui), topmost_whole(ui), ui_stage(ui));
}

bool
overlay_cursor(const struct ui *ui, int *y, int *x)
{
    const struct overlay *ov = overlay_top(ui);

    return ov != NULL && ov->ops->cursor != NULL &&
           ov->ops->cursor(ov, ui_stage(ui), y, x);
}

const struct stage *
ui_stage(const struct ui *ui)
{
    return &ui_desk_const(ui)->stage;
}

void
ui_stage_set(struct ui *ui, const struct stage *st)
{
    ui_desk(ui)->stage = *st;
}
