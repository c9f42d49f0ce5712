/*
 * view.c - rows that scroll and are searched.
 * Invariant after view_end and view_scroll: top <= view_top_max.
 */
#include "ui/pane/view.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/xalloc.h"

void
view_row_clear(struct view_row *r)
{
    buf_clear(&r->text);
    r->from = 0;
    r->to = UINT32_MAX;
    r->indent = 0;
    r->n_spans = 0;
}

void
view_put(struct view_row *r, enum role role, const char *fmt, ...)
{
    va_list ap;

    if (r->n_spans < VIEW_SPANS_MAX) {
        r->span[r->n_spans].at = r->text.len;
        r->span[r->n_spans++].role = role;
    }
    va_start(ap, fmt);
    buf_vfmt(&r->text, fmt, ap);
    va_end(ap);
}

void
view_put_bar(struct view_row *r, double used, int width)
{
    char cells[64];
    int in = width - 2, fill;

    if (in < 1)
        return;
    if (in > (int)sizeof cells - 1)
        in = (int)sizeof cells - 1;
    fill = used >= 1 ? in : used > 0 ? (int)(used * in + 0.5) : 0;
    view_put(r, ROLE_BORDER, "[");
    memset(cells, '|', sizeof cells);
    view_put(r, ROLE_BAR_USED, "%.*s", fill, cells);
    memset(cells, ' ', sizeof cells);
    view_put(r, ROLE_BAR_FREE, "%.*s", in - fill, cells);
    view_put(r, ROLE_BORDER, "]");
}

/* --- segments --- */

void
view_begin(struct view *v)
{
    bool any = v->top < v->n;

    v->keep_item = any ? v->seg[v->top].item : 0;
    v->keep_from = any ? v->seg[v->top].from : 0;
    /* The match keeps its distance from the top. */
    v->keep_hit = v->hit == VIEW_NONE ? VIEW_NONE : v->hit - v->top;
    v->n = 0;
}

void
view_add(struct view *v, uint64_t item, uint32_t from, uint32_t to)
{
    if (v->n == v->cap) {
        v->cap = v->cap == 0 ? 64 : 2 * v->cap;
        v->seg = xrealloc(v->seg, v->cap, sizeof v->seg[0]);
    }
    v->seg[v->n++] = (struct view_seg){ item, from, to };
}

void
view_wrap(struct view *v, uint64_t item, const char *text, int first, int rest,
          bool words)
{
    size_t at = 0, n;
    int cols = first;

    do {
        n = ui_text_fit(text + at, cols > 1 ? cols : 1, words);
        view_add(v, item, (uint32_t)at, (uint32_t)(at + n));
        at += words ? ui_text_next(text + at, n) : n;
        cols = rest;
    } while (text[at] != '\0');
}

void
view_end(struct view *v, int rows)
{
    size_t i = 0;

    v->rows = rows;
    if (v->follow) {
        v->top = view_top_max(v);
    } else {
        while (i + 1 < v->n && (v->seg[i].item < v->keep_item ||
                                (v->seg[i].item == v->keep_item &&
                                 v->seg[i].from < v->keep_from)))
            i++;
        v->top = i < view_top_max(v) ? i : view_top_max(v);
    }
    if (v->keep_hit != VIEW_NONE) {
        v->hit = v->top + v->keep_hit;
        if (v->hit >= v->n)
            v->hit = VIEW_NONE;
    }
}

void
view_reset(struct view *v)
{
    v->n = v->top = v->origin = 0;
    v->hit = v->keep_hit = VIEW_NONE;
    v->typing = v->follow = false;
    v->sought[0] = '\0';
}

void
view_fini(struct view *v)
{
    free(v->seg);
    v->seg = NULL;
    v->n = v->cap = 0;
}

size_t
view_top_max(const struct view *v)
{
    size_t rows = v->rows > 0 ? (size_t)v->rows : 1;

    return v->n > rows ? v->n - rows : 0;
}

void
view_rows(struct view *v, int rows)
{
    v->rows = rows;
    if (v->follow || v->top > view_top_max(v))
        v->top = view_top_max(v);
}

/* --- moving and searching --- */

void
view_scroll(struct view *v, long lines)
{
    long top = (long)v->top + lines, max = (long)view_top_max(v);

    v->top = (size_t)(top < 0 ? 0 : top > max ? max : top);
    v->typing = false;
    /* The next search begins where the eyes are. */
    if (v->hit != VIEW_NONE &&
        (v->hit < v->top || v->hit >= v->top + (size_t)v->rows))
        v->hit = VIEW_NONE;
}

/* A match belongs to the row it begins in. */
static bool
view_row_matches(const struct view *v, const struct pane *p, size_t i,
                 struct view_row *r)
{
    size_t at, end;

    view_row_clear(r);
    v->format(p, &v->seg[i], r);
    at = r->from;
    return text_match(buf_text(&r->text), v->sought, &at, &end) && at < r->to;
}

static void
view_show_hit(struct view *v, size_t i)
{
    size_t rows = v->rows > 0 ? (size_t)v->rows : 1, max = view_top_max(v);

    v->hit = i;
    if (i < v->top || i >= v->top + rows)
        v->top = i > rows / 2 ? i - rows / 2 : 0;
    if (v->top > max)
        v->top = max;
    v->follow = v->follow && v->top == max;
}

/* Round the end to the other. skip: not the row at itself. */
static bool
view_find(struct view *v, const struct pane *p, size_t at, int dir, bool skip)
{
    struct view_row r = { 0 };
    bool found = false;
    size_t k, i;

    for (k = skip ? 1 : 0; k <= v->n && !found; k++) {
        i = dir > 0 ? (at + k) % v->n : (at + v->n - k % v->n) % v->n;
        found = view_row_matches(v, p, i, &r);
        if (found)
            view_show_hit(v, i);
    }
    buf_free(&r.text);
    return found;
}

bool
view_search(struct view *v, const struct pane *p, const char *text, int dir,
            bool incremental)
{
    size_t at = v->hit < v->n ? v->hit : v->top;
    bool skip = text == NULL && v->hit < v->n;

    if (incremental && !v->typing)
        v->origin = at;
    if (incremental || v->typing)
        at = v->origin;
    v->typing = incremental;
    if (text != NULL)
        text_fmt(v->sought, sizeof v->sought, "%s", text);
    if (v->sought[0] == '\0' || v->n == 0)
        return false;
    return view_find(v, p, at < v->n ? at : v->n - 1, dir, skip);
}
