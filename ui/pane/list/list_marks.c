/*
 * list_marks.c - the marks of the domain list.
 * Invariant: marks holds ids of domains that the engine has, each once; after
 * each sync in the order of its table.
 */
#include "ui/pane/list/list_marks.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/xalloc.h"
#include "ui/pane/list/list_int.h"

size_t
list_marks(const struct pane *list, const uint64_t **ids_out)
{
    const struct list_pane *lp = list_const(list);

    *ids_out = lp->marks;
    return lp->n_marks;
}

static bool
marks_find(const struct list_pane *lp, uint64_t id, size_t *at_out)
{
    size_t i;

    for (i = 0; i < lp->n_marks; i++)
        if (lp->marks[i] == id) {
            *at_out = i;
            return true;
        }
    return false;
}

bool
list_is_marked(const struct pane *list, uint64_t dom_id)
{
    size_t at;

    return marks_find(list_const(list), dom_id, &at);
}

static void
marks_set(struct list_pane *lp, uint64_t id, bool on)
{
    size_t at = 0;

    if (marks_find(lp, id, &at) == on || id == 0)
        return;
    if (on) {
        if (lp->n_marks == lp->marks_cap) {
            lp->marks_cap = lp->marks_cap * 2 + 16;
            lp->marks = xrealloc(lp->marks, lp->marks_cap, sizeof(uint64_t));
        }
        lp->marks[lp->n_marks++] = id;
    } else {
        memmove(&lp->marks[at], &lp->marks[at + 1],
                (--lp->n_marks - at) * sizeof(uint64_t));
    }
}

/* In the order of the table, without those that are gone: one walk over it. */
void
list_marks_sync(struct list_pane *lp)
{
    struct engine *en = ui_engine(lp->base.ui);
    const struct dom *d;
    size_t i, at, kept = 0;

    for (i = 0; kept < lp->n_marks && (d = engine_dom_at(en, i)) != NULL; i++) {
        uint64_t id = d->id;

        if (!marks_find(lp, id, &at) || at < kept)
            continue;
        lp->marks[at] = lp->marks[kept];
        lp->marks[kept++] = id;
    }
    lp->n_marks = kept;
}

static void
marks_changed(struct list_pane *lp)
{
    list_marks_sync(lp);
    pane_dirty(&lp->base);
}

static bool
is_domain0(const struct list_pane *lp, size_t row)
{
    const struct dom *d = list_dom_of_row(lp, row);

    return d == NULL || d->domid == 0;
}

void
list_mark_step(struct pane *list)
{
    struct list_pane *lp = list_of_pane(list);

    lp->anchor = list->dom_id;
    marks_set(lp, list->dom_id, !list_is_marked(list, list->dom_id));
    marks_changed(lp);
    list->ops->scroll(list, 1);
}

void
list_mark_range(struct pane *list)
{
    struct list_pane *lp = list_of_pane(list);
    size_t i, from = lp->row, to = lp->row;

    for (i = 0; i < lp->n_rows; i++)
        if (lp->rows[i].id == lp->anchor)
            from = i;
    if (from > to) {
        to = from;
        from = lp->row;
    }
    for (i = from; i <= to && i < lp->n_rows; i++)
        if (!is_domain0(lp, i) || from == to)
            marks_set(lp, lp->rows[i].id, true);
    lp->anchor = list->dom_id;
    marks_changed(lp);
}

void
list_mark_all(struct pane *list)
{
    struct list_pane *lp = list_of_pane(list);
    size_t i;

    for (i = 0; i < lp->n_rows; i++)
        if (!is_domain0(lp, i))
            marks_set(lp, lp->rows[i].id, true);
    marks_changed(lp);
}

void
list_mark_invert(struct pane *list)
{
    struct list_pane *lp = list_of_pane(list);
    size_t i;

    for (i = 0; i < lp->n_rows; i++)
        if (!is_domain0(lp, i))
            marks_set(lp, lp->rows[i].id,
                      !list_is_marked(list, lp->rows[i].id));
    marks_changed(lp);
}

void
list_mark_none(struct pane *list)
{
    struct list_pane *lp = list_of_pane(list);

    lp->n_marks = 0;
    pane_dirty(list);
}

long
list_mark_where(struct pane *list, const char *line, bool try, struct err *e)
{
    struct list_pane *lp = list_of_pane(list);
    double now_s = loop_wall_s(ui_loop(list->ui));
    struct dom_filter f = { 0 };
    const struct dom *d;
    long n = 0;
    size_t i;

    if (dom_filter_set(&f, line, e) < 0)
        return -1;
    for (i = 0; (d = engine_dom_at(ui_engine(list->ui), i)) != NULL; i++) {
        if (d->domid == 0 || !dom_filter_match(&f, d, now_s))
            continue;
        n++;
        if (!try)
            marks_set(lp, d->id, true);
    }
    dom_filter_fini(&f);
    marks_changed(lp);
    return n;
}
