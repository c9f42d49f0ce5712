/*
 * view_draw.c - rows onto a window: roles, matches, cutting.
 */
#include "ui/pane/view.h"

#include <string.h>

#include "ui/desk/paint.h"

/* Where on a row drawing stands. */
struct pen {
    struct ui *ui;
    WINDOW *w;
    int y, x, cols;
    bool cut; /* the row went on beyond the edge */
};

static enum role
role_at(const struct view_row *r, size_t at)
{
    enum role role = ROLE_TEXT;
    size_t i;

    for (i = 0; i < r->n_spans && r->span[i].at <= at; i++)
        role = r->span[i].role;
    return role;
}

/* The next place after at, before end, where a role begins. */
static size_t
next_span(const struct view_row *r, size_t at, size_t end)
{
    size_t i;

    for (i = 0; i < r->n_spans; i++)
        if (r->span[i].at > at && r->span[i].at < end)
            return r->span[i].at;
    return end;
}

static void
piece(struct pen *pen, enum role role, const char *s, size_t n)
{
    char part[256];
    size_t take;

    ui_role(pen->ui, pen->w, role);
    for (; n > 0 && !pen->cut; s += take, n -= take) {
        take = n < sizeof part ? n : text_cut(s, sizeof part - 1);
        if (take == 0) /* no UTF-8 at all: ui_text shows '?' */
            take = sizeof part - 1;
        memcpy(part, s, take);
        part[take] = '\0';
        pen->cut = ui_text_cols(part) > pen->cols - pen->x;
        pen->x +=
            ui_text(pen->w, pen->y, pen->x, pen->cols - pen->x, part, false);
    }
}

/* Plain text between matches, in its roles. */
static void
view_draw_run(struct pen *pen, const struct view_row *r, size_t from, size_t to)
{
    while (from < to) {
        size_t end = next_span(r, from, to);

        piece(pen, role_at(r, from), buf_text(&r->text) + from, end - from);
        from = end;
    }
}

static void
row_end(struct pen *pen)
{
    ui_role(pen->ui, pen->w, ROLE_TEXT);
    ui_text(pen->w, pen->y, pen->x, pen->cols - pen->x, "", true);
    if (!pen->cut)
        return;
    ui_role(pen->ui, pen->w, ROLE_DIM);
    ui_text(pen->w, pen->y, pen->cols - 1, 1,
            ui_unicode(pen->ui) ? "\u2026" : "~", true);
}

void
view_draw_row(struct ui *ui, WINDOW *w, int y, const struct view_row *r,
              const char *sought)
{
    struct pen pen = { .ui = ui, .w = w, .y = y, .cols = getmaxx(w) };
    const char *text = buf_text(&r->text);
    size_t at = 0, to = r->to < r->text.len ? r->to : r->text.len;
    size_t from = r->from, hit = 0, end = 0;

    ui_role(ui, w, ROLE_TEXT);
    if (r->indent > 0)
        pen.x = ui_text(w, y, 0, r->indent, "", true);
    /* From the start of the text: a match may begin in the row above. */
    while (from < to && text_match(text, sought, &hit, &end)) {
        at = hit > from ? hit : from;
        if (at >= to)
            break;
        view_draw_run(&pen, r, from, at);
        if (end > at) {
            from = end < to ? end : to;
            piece(&pen, ROLE_MATCH, text + at, from - at);
        }
        hit = end;
    }
    view_draw_run(&pen, r, from, to);
    row_end(&pen);
}

void
view_draw(const struct view *v, const struct pane *p, WINDOW *w, int y0)
{
    struct view_row r = { 0 };
    int y;

    for (y = 0; y < p->rows - y0; y++) {
        size_t i = v->top + (size_t)y;

        view_row_clear(&r);
        if (i < v->n)
            v->format(p, &v->seg[i], &r);
        view_draw_row(p->ui, w, y0 + y, &r, v->sought);
    }
    buf_free(&r.text);
}
