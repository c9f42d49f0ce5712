/*
 * term_view.c - lines above and on the screen as one text: scrolling, reading,
 * searching. Line 0 is the oldest of the scrollback.
 */
#include <string.h>
#include <wctype.h>

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

/* Adds a copy of the cells of another row. */
static void
row_append(struct row *r, const struct row *more)
{
    if (more->len == 0)
        return;
    row_reserve(r, r->len + more->len);
    memcpy(r->cells + r->len, more->cells,
           (size_t)more->len * sizeof(*r->cells));
    r->len += more->len;
}

/* The alternate screen does not go on from the scrollback. */
bool
term_goes_on(const struct term *t, size_t line, const struct row *r)
{
    return r->wraps && line + 1 < t->sb.rows + (size_t)t->rows &&
           (!t->alt || line + 1 != t->sb.rows);
}

const struct row *
term_row_on(const struct term *t, size_t line, int extra, struct row *work,
            struct row *next)
{
    const struct row *r = term_row(t, line, work), *more = r;
    int want = r != NULL ? r->len + extra : 0;

    if (r == NULL || extra == 0 || !term_goes_on(t, line, r))
        return r;
    if (r != work) {
        work->len = 0;
        row_append(work, r);
    }
    while (work->len < want && term_goes_on(t, line, more)) {
        more = term_row(t, ++line, next);
        row_append(work, more);
    }
    return work;
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
pattern_set(struct pattern *p, const char *text)
{
    size_t n = text == NULL ? 0 : strlen(text), at = 0;
    uint32_t cp;
    int len;

    p->n = 0;
    p->fold = true;
    while (at < n && p->n < (int)(sizeof(p->cp) / sizeof(p->cp[0]))) {
        len = utf8_get(text + at, n - at, &cp);
        if (len <= 0)
            return;
        if (iswupper((wint_t)cp))
            p->fold = false;
        p->cp[p->n++] = cp;
        at += (size_t)len;
    }
}

int
pattern_at(const struct pattern *p, const struct row *r, int from)
{
    int i, col = from;

    for (i = 0; i < p->n; i++) {
        uint32_t ch;

        if (col >= r->len || (r->cells[col].attrs & CELL_TAIL))
            return -1;
        ch = r->cells[col].ch == 0 ? ' ' : r->cells[col].ch;
        if (ch != p->cp[i] &&
            !(p->fold && (uint32_t)towlower((wint_t)ch) == p->cp[i]))
            return -1;
        col += r->cells[col].attrs & CELL_WIDE ? 2 : 1;
    }
    return col;
}

/* A match begins in the row. */
static bool
term_view_row_matches(const struct term *t, const struct pattern *p,
                      size_t line, struct row *work, struct row *next)
{
    const struct row *r = term_row(t, line, work);
    int len = r != NULL ? r->len : 0, col;

    r = term_row_on(t, line, 2 * p->n, work, next);
    for (col = 0; col < len; col++)
        if (pattern_at(p, r, col) >= 0)
            return true;
    return false;
}

/* Brings a line into view, a third down from the top. */
static void
show_line(struct term *t, size_t line)
{
    size_t top = t->sb.rows - t->view, third = (size_t)t->rows / 3;

    if (line >= top && line < top + (size_t)t->rows)
        return;
    line = line > third ? line - third : 0;
    set_view(t, line >= t->sb.rows ? 0 : t->sb.rows - line);
}

/* Where a search begins: beyond the last match while that is in view. */
static size_t
search_start(const struct term *t, int dir)
{
    size_t top = t->sb.rows - t->view, all = t->sb.rows + (size_t)t->rows;
    size_t at;

    if (t->hit_valid && t->hit >= t->sb.gone) {
        at = (size_t)(t->hit - t->sb.gone);
        if (at >= top && at < top + (size_t)t->rows)
            return (at + (dir > 0 ? 1 : all - 1)) % all;
    }
    return dir > 0 ? top : top + (size_t)t->rows - 1;
}

bool
term_search(struct term *t, const char *text, int dir)
{
    size_t all = t->sb.rows + (size_t)t->rows, at, i;
    struct row work = { 0 }, next = { 0 };
    struct pattern p;
    bool found = false;

    pattern_set(&p, text);
    if (p.n == 0)
        return false;
    if (t->hit_text != term_text_hash(text))
        t->hit_valid = false;
    t->hit_text = term_text_hash(text);
    at = search_start(t, dir);
    for (i = 0; i < all; i++) {
        found = term_view_row_matches(t, &p, at, &work, &next);
        if (found)
            break;
        at = (at + (dir > 0 ? 1 : all - 1)) % all;
    }
    row_free(&work);
    row_free(&next);
    t->hit_valid = found;
    if (!found)
        return false;
    t->hit = t->sb.gone + at;
    show_line(t, at);
    t->any_dirty = true;
    return true;
}
