/*
 * term_view.c - lines above and on the screen as one text: scrolling, reading.
 * Line 0 is the oldest of the scrollback.
 */
#include "ui/term/term_int.h"

size_t
term_view(const struct term *t)
{
    return t->view;
}

size_t
term_lines(const struct term *t)
{
    return t->sb.rows;
}

size_t
term_bytes(const struct term *t)
{
    return t->sb.bytes;
}

static void
set_view(struct term *t, size_t view)
{
    if (view > t->sb.rows)
        view = t->sb.rows;
    if (view == t->view)
        return;
    t->view = view;
    t->any_dirty = t->all_dirty = true;
}

void
term_scroll(struct term *t, long lines)
{
    size_t up;

    if (lines > 0) {
        set_view(t, t->view > (size_t)lines ? t->view - (size_t)lines : 0);
        return;
    }
    up = (size_t)0 - (size_t)lines;
    set_view(t, up > t->sb.rows ? t->sb.rows : t->view + up);
}

void
term_hold(struct term *t, bool on)
{
    t->held = on;
}

void
term_select(struct term *t, struct term_selection s)
{
    const struct term_selection *was = &t->sel;

    if (s.shape != was->shape ||
        (s.shape != 0 && (s.first != was->first || s.last != was->last ||
                          s.from != was->from || s.to != was->to)))
        t->any_dirty = t->all_dirty = true;
    t->sel = s;
}

const struct row *
term_row(const struct term *t, size_t line, struct row *work)
{
    const struct grid *g = &t->grid[t->alt];

    if (line < t->sb.rows) {
        sb_get(&t->sb, line, work);
        return work;
    }
    line -= t->sb.rows;
    return line < (size_t)g->rows ? &g->row[line] : NULL;
}

/* The alternate screen does not go on from the scrollback. */
bool
term_goes_on(const struct term *t, size_t line, const struct row *r)
{
    return r->wraps && line + 1 < t->sb.rows + (size_t)t->rows &&
           (!t->alt || line + 1 != t->sb.rows);
}

bool
term_line_part(const struct term *t, size_t line, struct buf *out, bool *on)
{
    struct row work = { 0 };
    const struct row *r = term_row(t, line, &work);

    *on = r != NULL && term_goes_on(t, line, r);
    if (r != NULL)
        row_text(r, *on, out);
    row_free(&work);
    return r != NULL;
}

bool
term_line_text(const struct term *t, size_t line, struct buf *out)
{
    struct row work = { 0 };
    const struct row *r = term_row(t, line, &work);

    if (r != NULL)
        row_text(r, false, out);
    row_free(&work);
    return r != NULL;
}

unsigned
term_text_hash(const char *s)
{
    unsigned h = 5381;

    for (; s != NULL && *s != '\0'; s++)
        h = h * 33U + (unsigned char)*s;
    return s == NULL ? 0 : h;
}

void
term_show_line(struct term *t, size_t line)
{
    size_t top = t->sb.rows - t->view, third = (size_t)t->rows / 3;

    if (line >= top && line < top + (size_t)t->rows)
        return;
    line = line > third ? line - third : 0;
    set_view(t, line >= t->sb.rows ? 0 : t->sb.rows - line);
}
