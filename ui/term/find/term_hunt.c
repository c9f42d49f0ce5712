/*
 * term_hunt.c - the next match of a search in a terminal's lines, looked for
 * some rows a turn.
 */
#include "ui/term/find/term_hunt.h"

#include <stdlib.h>

#include "src/base/xalloc.h"
#include "ui/term/find/finder.h"

struct term_hunt {
    struct finder f;
    int dir, cols;
    uint64_t at; /* number (sb.h) of the row that is looked at next */
    size_t left, all;
};

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

static void
term_hunt_start(struct term_hunt *h, const struct term *t)
{
    h->all = h->left = t->sb.rows + (size_t)t->rows;
    h->at = t->sb.gone + search_start(t, h->dir);
    h->cols = t->cols;
}

void
term_hunt_end(struct term *t)
{
    if (t->hunt == NULL)
        return;
    finder_close(&t->hunt->f);
    free(t->hunt);
    t->hunt = NULL;
}

void
term_hunt_begin(struct term *t, const char *text, int dir)
{
    term_hunt_end(t);
    t->hunt = xcalloc(1, sizeof(*t->hunt));
    t->hunt->dir = dir;
    finder_open(&t->hunt->f, t, text);
    if (t->hit_text != term_text_hash(text))
        t->hit_valid = false;
    t->hit_text = term_text_hash(text);
    term_hunt_start(t->hunt, t);
}

/* Whether the next row has a match; the one behind it is then the next. */
static bool
term_hunt_row(struct term_hunt *h, const struct term *t, size_t *line_out)
{
    size_t all = t->sb.rows + (size_t)t->rows, at;
    struct ere_match m;

    at = h->at > t->sb.gone ? (size_t)(h->at - t->sb.gone) % all : 0;
    h->left--;
    h->at = t->sb.gone + (at + (h->dir > 0 ? 1 : all - 1)) % all;
    *line_out = at;
    return finder_row(&h->f, at) && finder_next(&h->f, 0, &m);
}

enum term_found
term_hunt_go(struct term *t, size_t cost)
{
    struct term_hunt *h = t->hunt;
    bool found = false;
    size_t line = 0;

    if (h == NULL)
        return TERM_FOUND_NONE;
    if (h->cols != t->cols)
        term_hunt_start(h, t); /* the rows are others */
    for (h->f.cost = 0; !found && h->left > 0 && h->f.n > 0;) {
        if (h->f.cost >= cost)
            return TERM_FOUND_LATER;
        found = term_hunt_row(h, t, &line);
    }
    term_hunt_end(t);
    t->hit_valid = found;
    if (!found)
        return TERM_FOUND_NONE;
    t->hit = t->sb.gone + line;
    term_show_line(t, line);
    t->any_dirty = true;
    return TERM_FOUND_ONE;
}

unsigned
term_hunt_percent(const struct term *t)
{
    const struct term_hunt *h = t->hunt;

    return h == NULL ? 0 : (unsigned)((h->all - h->left) * 100 / h->all);
}

bool
term_search(struct term *t, const char *text, int dir)
{
    term_hunt_begin(t, text, dir);
    return term_hunt_go(t, SIZE_MAX) == TERM_FOUND_ONE;
}
