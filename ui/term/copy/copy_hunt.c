/*
 * copy_hunt.c - the matches of a search, counted: all rows are walked through,
 * some of them a turn. Rows have numbers here (sb.h), so that those that are
 * dropped and those that come meanwhile do no harm.
 */
#include "ui/term/copy/copy_hunt.h"

#include <stdlib.h>

#include "src/base/xalloc.h"
#include "ui/term/copy/copy_int.h"
#include "ui/term/find/finder.h"

struct match {
    uint64_t row;
    int col;
    unsigned number; /* from 1; 0: none */
};

struct copy_hunt {
    struct finder f;
    int dir, cols;
    bool here;
    uint64_t next; /* the row that is looked at next */
    int col;       /* and from where; 0: it was not looked at yet */
    struct match first, last, before, after, at;
    unsigned n;
};

static bool
is_behind(const struct copy *c, const struct match *m)
{
    return m->row > c->row || (m->row == c->row && m->col > c->col);
}

static void
hunt_found(struct copy_hunt *h, const struct copy *c, int col)
{
    struct match m = { .row = h->next, .col = col, .number = ++h->n };

    if (h->n == 1)
        h->first = m;
    h->last = m;
    if (m.row == c->row && col == c->col)
        h->at = m;
    else if (!is_behind(c, &m))
        h->before = m;
    else if (h->after.number == 0)
        h->after = m;
}

/* All is walked through: the cursor goes to the match that was meant. */
static bool
hunt_over(struct copy_hunt *h, struct copy *c)
{
    struct match m = h->dir > 0 ? h->after : h->before;

    if (h->here && h->at.number > 0)
        m = h->at;
    if (m.number == 0)
        m = h->dir > 0 ? h->first : h->last;
    if (m.number == 0)
        return false;
    c->found = m.number;
    c->total = h->n;
    copy_to(c, copy_index(c, m.row), m.col);
    c->want = c->col;
    return true;
}

static void
hunt_start(struct copy_hunt *h, const struct copy *c)
{
    h->first = h->last = h->before = h->after = h->at = (struct match){ 0 };
    h->n = 0;
    h->next = c->t->sb.gone;
    h->col = 0;
    h->cols = c->t->cols;
}

void
copy_hunt_end(struct copy *c)
{
    if (c->hunt == NULL)
        return;
    finder_close(&c->hunt->f);
    free(c->hunt);
    c->hunt = NULL;
}

void
copy_hunt_begin(struct copy *c, const char *text, int dir, bool here)
{
    copy_hunt_end(c);
    c->found = c->total = 0;
    c->hunt = xcalloc(1, sizeof(*c->hunt));
    finder_open(&c->hunt->f, c->t, text);
    c->hunt->dir = dir;
    c->hunt->here = here;
    hunt_start(c->hunt, c);
}

/* What is left of a row, or what its matches allow: each costs. */
static void
hunt_row(struct copy_hunt *h, const struct copy *c, size_t cost)
{
    struct ere_match m = { 0 };

    if (h->next >= c->t->sb.gone &&
        finder_row(&h->f, (size_t)(h->next - c->t->sb.gone)))
        while (finder_next(&h->f, h->col, &m)) {
            hunt_found(h, c, m.start);
            h->col = m.end;
            if (h->f.cost >= cost)
                return;
        }
    h->col = 0;
    h->next++;
}

enum term_found
copy_hunt_go(struct copy *c, size_t cost)
{
    struct copy_hunt *h = c->hunt;
    bool found;

    if (h == NULL)
        return TERM_FOUND_NONE;
    if (h->cols != c->t->cols)
        hunt_start(h, c); /* the rows are others */
    if (h->next < c->t->sb.gone) {
        h->next = c->t->sb.gone;
        h->col = 0;
    }
    for (h->f.cost = 0; h->f.n > 0 && h->f.cost < cost;)
        if (h->next - c->t->sb.gone < copy_rows(c))
            hunt_row(h, c, cost);
        else
            break;
    if (h->f.n > 0 && h->next - c->t->sb.gone < copy_rows(c))
        return TERM_FOUND_LATER;
    found = hunt_over(h, c);
    copy_hunt_end(c);
    return found ? TERM_FOUND_ONE : TERM_FOUND_NONE;
}

unsigned
copy_hunt_percent(const struct copy *c)
{
    return c->hunt == NULL || c->hunt->next < c->t->sb.gone
               ? 0
               : (unsigned)((c->hunt->next - c->t->sb.gone) * 100 /
                            copy_rows(c));
}

bool
copy_search(struct copy *c, const char *text, int dir, bool here)
{
    copy_hunt_begin(c, text, dir, here);
    return copy_hunt_go(c, SIZE_MAX) == TERM_FOUND_ONE;
}
