/*
 * pane.c - what all panes share, and what they ask of the front end.
 */
#include "ui/desk/pane.h"

#include "ui/desk/desk_int.h"

void
pane_dirty(struct pane *p)
{
    p->dirty = true;
    if (!p->hidden) /* a flood that nobody sees costs no frames */
        ui_mark(p->ui);
}

const char *
pane_mark_text(enum pane_mark m)
{
    static const char *const text[] = { "", "~", "#", "!" };

    return text[m];
}

struct pane *
ui_pane_find(struct ui *ui, enum pane_kind kind, uint64_t dom_id)
{
    const struct desk *f = ui_desk(ui);

    return f->ops != NULL && f->ops->pane_find != NULL
               ? f->ops->pane_find(ui, kind, dom_id)
               : NULL;
}

void
ui_pane_close(struct ui *ui, struct pane *p)
{
    if (ui_desk(ui)->ops != NULL)
        ui_desk(ui)->ops->pane_close(ui, p);
}

void
ui_cursor_moved(struct ui *ui)
{
    if (ui_desk(ui)->ops != NULL)
        ui_desk(ui)->ops->cursor_moved(ui);
}

void
ui_bell(struct ui *ui)
{
    if (ui_desk(ui)->ops != NULL && ui_desk(ui)->ops->bell != NULL)
        ui_desk(ui)->ops->bell(ui);
}

void
ui_page(struct ui *ui, const char *title, const char *text)
{
    if (ui_desk(ui)->ops != NULL)
        ui_desk(ui)->ops->page(ui, title, text);
}
