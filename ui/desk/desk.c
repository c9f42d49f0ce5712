/*
 * desk.c - the handles of a front end, and what is asked of it.
 */
#include "ui/desk/desk.h"

#include <stdlib.h>

#include "src/base/xalloc.h"
#include "ui/desk/desk_int.h"

struct engine *
ui_engine(struct ui *ui)
{
    return ui_desk(ui)->en;
}

struct term_share *
ui_term_share(struct ui *ui)
{
    return &ui_desk(ui)->terms;
}

struct loop *
ui_loop(struct ui *ui)
{
    return ui_desk(ui)->lp;
}

struct settings *
ui_settings(struct ui *ui)
{
    return ui_desk(ui)->set;
}

struct session *
ui_session(struct ui *ui)
{
    return ui_desk(ui)->ses;
}

struct colors *
ui_colors(struct ui *ui)
{
    return ui_desk(ui)->colors;
}

const struct theme *
ui_theme(struct ui *ui)
{
    return &ui_desk(ui)->theme;
}

bool
ui_unicode(const struct ui *ui)
{
    return ui_desk_const(ui)->unicode;
}

void
ui_mark(struct ui *ui)
{
    struct desk *f = ui_desk(ui);

    if (f->dirty || f->ops == NULL)
        return;
    f->dirty = true;
    f->ops->frame_due(ui);
}

void
ui_mark_header(struct ui *ui)
{
    ui_desk(ui)->header_dirty = true;
    ui_mark(ui);
}

void
ui_relayout(struct ui *ui)
{
    ui_desk(ui)->relayout = true;
    ui_mark(ui);
}

void
ui_redraw(struct ui *ui)
{
    ui_desk(ui)->repaint = true;
    ui_relayout(ui);
}

void
ui_run(struct ui *ui, const char *line)
{
    if (ui_desk(ui)->ops != NULL)
        ui_desk(ui)->ops->run(ui, line);
}

bool
ui_clipboard(struct ui *ui, const char *text, size_t n)
{
    return ui_desk(ui)->ops != NULL && ui_desk(ui)->ops->clipboard(ui, text, n);
}

bool
ui_in_key(const struct ui *ui)
{
    return ui_desk_const(ui)->in_key;
}

void *
ui_part(struct ui *ui, enum ui_part which, size_t size)
{
    struct desk *f = ui_desk(ui);

    if (f->part[which] == NULL)
        f->part[which] = xcalloc(1, size);
    return f->part[which];
}

void
ui_part_free(struct ui *ui, enum ui_part which)
{
    free(ui_desk(ui)->part[which]);
    ui_desk(ui)->part[which] = NULL;
}
