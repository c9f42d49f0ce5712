/*
 * list_draw.c - the domain list on the screen: its title, the headings and a
 * row for each domain.
 */
#include <string.h>

#include "ui/desk/paint.h"
#include "ui/desk/past.h"
#include "ui/draw/ui_text.h"
#include "ui/pane/list/list_int.h"
#include "ui/pane/list/list_marks.h"

#define GRAPH_MAX 40 /* columns of one */

int
list_gutter(const struct list_pane *lp)
{
    return lp->n_marks > 0 ? 2 : 0;
}

void
list_widths(const struct list_pane *lp, int widths[LIST_COLS_MAX])
{
    list_col_fit(&(struct list_fit){ .layout = &lp->layout,
                                     .room = lp->base.cols - list_gutter(lp),
                                     .sort = lp->sort,
                                     .long_names = lp->long_names,
                                     .tags = lp->tags },
                 widths);
}

void
list_title(const struct pane *p, struct buf *out)
{
    const struct list_pane *lp = list_const(p);
    char when[48];

    if (dom_filter_empty(&lp->filter))
        buf_fmt(out, "domains (%zu)", lp->total);
    else
        buf_fmt(out, "domains %zu of %zu", lp->n_rows, lp->total);
    if (lp->n_marks > 0)
        buf_fmt(out, ", %zu marked", lp->n_marks);
    if (!dom_filter_empty(&lp->filter))
        buf_fmt(out, " \\%s", lp->filter.line);
    ui_past_text(p->ui, when, sizeof(when));
    if (when[0] != '\0')
        buf_fmt(out, " PAST %s", when);
    if (lp->n_rows + 1 > (size_t)p->rows) /* more than can be seen */
        buf_fmt(out, " at %zu", lp->row + 1);
}

static void
draw_headings(const struct list_pane *lp, WINDOW *w, const int *widths)
{
    struct ui *ui = lp->base.ui;
    int i, k, x;

    ui_role(ui, w, ROLE_COLUMN);
    x = ui_text(w, 0, 0, list_gutter(lp), "", true);
    for (k = 0; k < lp->layout.n; k++) {
        const struct list_col *c = list_col_at(i = lp->layout.at[k].col);
        bool down = c->big_first != lp->reverse;
        char text[32];
        int pad;

        if (widths[i] == 0)
            continue;
        text_fmt(text, sizeof(text), "%s%s", c->head,
                 i != lp->sort    ? ""
                 : ui_unicode(ui) ? (down ? "\u25be" : "\u25b4")
                                  : (down ? "v" : "^"));
        pad = c->right ? widths[i] - ui_text_cols(text) : 0;
        ui_role(ui, w, ROLE_COLUMN);
        if (pad > 0)
            x += ui_text(w, 0, x, pad, "", true);
        else
            pad = 0;
        if (i == lp->sort)
            ui_role(ui, w, ROLE_COLUMN_SORT);
        x += ui_text(w, 0, x, widths[i] - pad, text, true);
        ui_role(ui, w, ROLE_COLUMN);
        x += ui_text(w, 0, x, 1, " ", true);
    }
    ui_text(w, 0, x, getmaxx(w), "", true);
}

/* What counts as the whole height: all of its processors, all that it may own,
 * or the most of what is shown. */
static double
graph_top(const struct list_col *c, const struct dom *d, const double *v, int n)
{
    double top = 1;
    int i;

    if (c->graph[0] == HISTORY_CPU)
        return 100.0 * (d->vcpus_online > 0 ? d->vcpus_online : 1);
    if (c->graph[0] == HISTORY_MEM && d->max_kib != UINT64_MAX)
        return (double)d->max_kib * 1024;
    for (i = 0; i < n; i++)
        top = v[i] > top ? v[i] : top;
    return top;
}

/* The last width samples of a domain, up to the second that is shown. */
static void
graph_text(const struct list_pane *lp, const struct list_col *c,
           const struct dom *d, int width, char out[128])
{
    double v[GRAPH_MAX] = { 0 }, more[GRAPH_MAX] = { 0 }, top;
    int i, n = width < GRAPH_MAX ? width : GRAPH_MAX;
    struct buf text = { 0 };

    ui_past_history(lp->base.ui, d->id, c->graph[0], v, (size_t)n);
    if (c->graph[1] != c->graph[0]) {
        ui_past_history(lp->base.ui, d->id, c->graph[1], more, (size_t)n);
        for (i = 0; i < n; i++)
            v[i] = v[i] < 0 || more[i] < 0 ? -1 : v[i] + more[i];
    }
    top = graph_top(c, d, v, n);
    for (i = 0; i < n; i++)
        buf_str(&text, text_spark(v[i] < 0 ? -1 : v[i] / top,
                                  ui_unicode(lp->base.ui)));
    text_fmt(out, 128, "%s", buf_text(&text));
    buf_free(&text);
}

/* The colour of a cell; the cursor's row has one for all. */
static enum role
cell_role(const struct list_col *c, const struct dom *d)
{
    if (c->state)
        return list_state_role(d);
    if (c->width == 0 && !d->owned && d->domid != 0)
        return ROLE_FOREIGN;
    return ROLE_TEXT;
}

/* Behind the name: what has happened in its console since it was looked at. */
static const char *
console_news(struct ui *ui, const struct dom *d)
{
    const struct pane *p = ui_pane_find(ui, PANE_CONSOLE, d->id);

    return p != NULL ? pane_mark_text(p->mark) : "";
}

static void
pane_list_draw_row(const struct list_pane *lp, WINDOW *w, int y,
                   const struct dom *d, const int *widths)
{
    struct ui *ui = lp->base.ui;
    bool here = d->id == lp->base.dom_id;
    enum role mark = lp->base.focused ? ROLE_SELECTED : ROLE_SELECTED_IDLE;
    double wall_s = ui_past_wall_s(ui);
    int i, k, x, pad;
    char text[128];

    ui_role(ui, w, here ? mark : ROLE_WARN);
    x = ui_text(w, y, 0, list_gutter(lp),
                list_is_marked(&lp->base, d->id) ? "*" : "", true);
    for (k = 0; k < lp->layout.n; k++) {
        const struct list_col *c = list_col_at(i = lp->layout.at[k].col);

        if (widths[i] == 0)
            continue;
        if (c->text != NULL)
            c->text(d, wall_s, text, sizeof(text));
        else
            graph_text(lp, c, d, widths[i], text);
        ui_role(ui, w, here ? mark : cell_role(c, d));
        pad = c->right ? widths[i] - (int)strlen(text) : 0;
        if (pad > 0)
            x += ui_text(w, y, x, pad, "", true);
        else
            pad = 0;
        ui_text_cut(ui, w, y, x, widths[i] - pad, text);
        x += widths[i] - pad;
        ui_role(ui, w, here ? mark : ROLE_TEXT);
        x +=
            ui_text(w, y, x, 1, c->width == 0 ? console_news(ui, d) : "", true);
    }
    ui_text(w, y, x, getmaxx(w), "", true);
}

void
list_draw(const struct pane *p, WINDOW *w)
{
    const struct list_pane *lp = list_const(p);
    int y, rows = getmaxy(w), widths[LIST_COLS_MAX];

    list_widths(lp, widths);
    draw_headings(lp, w, widths);
    for (y = 1; y < rows; y++) {
        struct dom then;
        const struct dom *d = ui_past_dom(
            p->ui, list_dom_of_row(lp, lp->top + (size_t)y - 1), &then);

        if (d != NULL) {
            pane_list_draw_row(lp, w, y, d, widths);
            continue;
        }
        ui_role(p->ui, w, ROLE_DIM);
        ui_text(w, y, 0, getmaxx(w),
                y == 1 && lp->n_rows == 0
                    ? (dom_filter_empty(&lp->filter)
                           ? "no domains"
                           : "no domain matches the filter")
                    : "",
                true);
    }
}
