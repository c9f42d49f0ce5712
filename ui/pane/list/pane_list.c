/*
 * pane_list.c - the domain list. The cursor is a domain, not a row: it follows
 * its domain over refreshes and sorting, and goes to the neighbour when the
 * domain is gone. It goes back when that domain lives again, as after a
 * restart, unless the user has moved it. Row 0 of the contents has the
 * headings. Invariant after sync: row < n_rows (or both 0), top <= row, the
 * cursor is in view, base.dom_id is rows[row].id.
 */
#include "ui/pane/list/pane_list.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/xalloc.h"
#include "src/command/command.h"
#include "ui/desk/paint.h"
#include "ui/desk/past.h"
#include "ui/draw/ui_text.h"
#include "ui/pane/list/list_int.h"
#include "ui/pane/list/list_marks.h"

static int
pane_list_compare(const void *a, const void *b, void *arg)
{
    const struct list_row *ra = a, *rb = b;
    const struct list_pane *lp = arg;
    const struct list_col *c = list_col_at(lp->sort);
    int r;

    if (c->key == NULL)
        r = strcasecmp(ra->text, rb->text);
    else
        r = (ra->key > rb->key) - (ra->key < rb->key);
    if (c->big_first != lp->reverse)
        r = -r;
    /* Equal ones keep one order, or rows would dance at each tick. */
    return r != 0 ? r : (ra->domid > rb->domid) - (ra->domid < rb->domid);
}

static void
collect_rows(struct list_pane *lp)
{
    struct engine *en = ui_engine(lp->base.ui);
    const struct list_col *c = list_col_at(lp->sort);
    double now_s = ui_past_wall_s(lp->base.ui);
    size_t i;

    lp->total = engine_dom_count(en);
    if (lp->total > lp->cap) {
        lp->cap = lp->total + 64;
        lp->rows = xrealloc(lp->rows, lp->cap, sizeof(*lp->rows));
    }
    lp->n_rows = 0;
    lp->long_names = lp->tags = false;
    for (i = 0; i < lp->total; i++) {
        const struct dom *now = engine_dom_at(en, i);
        struct dom then;
        const struct dom *d = ui_past_dom(lp->base.ui, now, &then);

        if (d == NULL || !dom_filter_match(&lp->filter, d, now_s))
            continue;
        lp->tags = lp->tags || d->tags[0] != '\0';
        if (strlen(d->name) > LIST_NAME_COLS)
            lp->long_names = true;
        lp->rows[lp->n_rows++] =
            (struct list_row){ .id = d->id,
                               .at = i,
                               .domid = d->domid,
                               .key = c->key != NULL ? c->key(d) : 0,
                               .text = c->key_text != NULL ? c->key_text(now)
                                                           : now->name };
    }
    if (lp->sort != 0 || lp->reverse) /* the engine's own order is by domid */
        qsort_r(lp->rows, lp->n_rows, sizeof(*lp->rows), pane_list_compare, lp);
}

const struct dom *
list_dom_of_row(const struct list_pane *lp, size_t i)
{
    struct engine *en = ui_engine(lp->base.ui);
    const struct dom *d;

    if (i >= lp->n_rows)
        return NULL;
    d = engine_dom_at(en, lp->rows[i].at);
    /* A birth or death this list has not been told of yet moves the table. */
    if (d == NULL || d->id != lp->rows[i].id)
        d = engine_dom_by_id(en, lp->rows[i].id);
    return d;
}

/* The cursor is where the user wants it. */
static void
pane_list_settle(struct list_pane *lp)
{
    const struct dom *d = list_dom_of_row(lp, lp->row);

    lp->strayed = false;
    if (d != NULL)
        memcpy(lp->uuid, d->uuid, sizeof(lp->uuid));
}

static bool
pane_list_find(const struct list_pane *lp, uint64_t id, size_t *row_out)
{
    size_t i;

    for (i = 0; i < lp->n_rows; i++)
        if (lp->rows[i].id == id) {
            *row_out = i;
            return true;
        }
    return false;
}

/* Another life of the domain that the cursor was on. */
static bool
pane_list_find_next_life(const struct list_pane *lp, size_t *row_out)
{
    static const uint8_t none[sizeof(lp->uuid)];
    size_t i;

    if (memcmp(lp->uuid, none, sizeof(none)) == 0)
        return false;
    for (i = 0; i < lp->n_rows; i++) {
        const struct dom *d = list_dom_of_row(lp, i);

        if (d != NULL && memcmp(d->uuid, lp->uuid, sizeof(lp->uuid)) == 0) {
            *row_out = i;
            return true;
        }
    }
    return false;
}

/* Only the filter keeps the cursor's domain from the rows. */
static bool
pane_list_is_filtered(const struct list_pane *lp)
{
    const struct dom *d;
    size_t i;

    for (i = 0; !dom_filter_empty(&lp->filter) && i < lp->total; i++) {
        d = engine_dom_at(ui_engine(lp->base.ui), i);
        if (d != NULL && d->id == lp->base.dom_id)
            return true;
    }
    return false;
}

/* The cursor's domain again, its next life, or who stands in its
 * place now. */
static void
pane_list_follow(struct list_pane *lp)
{
    bool found = pane_list_find(lp, lp->base.dom_id, &lp->row);

    if (!found && lp->base.dom_id != 0 && !pane_list_is_filtered(lp))
        lp->strayed = true;
    if (lp->strayed && pane_list_find_next_life(lp, &lp->row))
        lp->strayed = false;
    if (lp->row >= lp->n_rows)
        lp->row = lp->n_rows > 0 ? lp->n_rows - 1 : 0;
    lp->base.dom_id = lp->n_rows > 0 ? lp->rows[lp->row].id : 0;
    if (!lp->strayed)
        pane_list_settle(lp);
}

static void
clamp_view(struct list_pane *lp)
{
    size_t room = lp->base.rows > 1 ? (size_t)lp->base.rows - 1 : 1;

    if (lp->row < lp->top)
        lp->top = lp->row;
    if (lp->row >= lp->top + room)
        lp->top = lp->row - room + 1;
    if (lp->top + room > lp->n_rows)
        lp->top = lp->n_rows > room ? lp->n_rows - room : 0;
}

/* Counters are read only while a column shows them, or the filter asks. */
static void
want_rates(struct list_pane *lp)
{
    int i, widths[LIST_COLS_MAX];
    unsigned wanted = dom_filter_wants_rates(&lp->filter) ? RATES_DEVICES : 0;
    const struct list_col *c;

    list_widths(lp, widths);
    for (i = 0; (c = list_col_at(i)) != NULL; i++)
        if (widths[i] > 0)
            wanted |= (c->rates ? RATES_DEVICES : 0U) |
                      (c->text == NULL ? RATES_HISTORY : 0U);
    if (wanted == 0)
        engine_rates_unwant(&lp->want);
    else if (lp->want.en == NULL || lp->want.what != wanted)
        engine_rates_want(ui_engine(lp->base.ui), &lp->want, wanted);
}

static void
list_sync(struct pane *p, unsigned changed)
{
    struct list_pane *lp = list_of_pane(p);

    if (lp->past_ms != ui_past_ms(p->ui)) {
        lp->past_ms = ui_past_ms(p->ui);
        lp->stale = true;
    }
    if ((changed & (ENGINE_CH_DOMS | ENGINE_CH_STATS)) || lp->stale) {
        uint64_t was = p->dom_id;

        lp->stale = false;
        if (changed & ENGINE_CH_DOMS)
            list_marks_sync(lp);
        collect_rows(lp);
        pane_list_follow(lp);
        p->dirty = true;
        if (p->dom_id != was)
            ui_cursor_moved(p->ui);
    }
    clamp_view(lp);
    want_rates(lp);
}

/* Something the user did: take it over now, so that a command that follows in
 * the same turn finds the cursor where it is seen. */
static void
reread(struct list_pane *lp)
{
    lp->stale = true;
    list_sync(&lp->base, 0);
    pane_dirty(&lp->base);
}

static void
set_row(struct list_pane *lp, size_t row)
{
    if (lp->n_rows == 0)
        return;
    lp->row = row < lp->n_rows ? row : lp->n_rows - 1;
    lp->base.dom_id = lp->rows[lp->row].id;
    pane_list_settle(lp);
    clamp_view(lp);
    pane_dirty(&lp->base);
    ui_cursor_moved(lp->base.ui);
}

static void
list_scroll(struct pane *p, long lines)
{
    struct list_pane *lp = list_of_pane(p);
    size_t n = (size_t)(lines < 0 ? -lines : lines);

    if (lines < 0)
        set_row(lp, lp->row > n ? lp->row - n : 0);
    else
        set_row(lp, n < lp->n_rows - lp->row ? lp->row + n : lp->n_rows);
}

void
list_select(struct pane *list, uint64_t dom_id)
{
    struct list_pane *lp = list_of_pane(list);
    size_t i;

    reread(lp); /* it may be just born */
    for (i = 0; i < lp->n_rows; i++)
        if (lp->rows[i].id == dom_id)
            set_row(lp, i);
}

void
list_sort(struct pane *list, const char *column, bool reverse_again)
{
    struct list_pane *lp = list_of_pane(list);
    int i = column != NULL ? list_col_find(column) : lp->sort;

    if (i < 0)
        return;
    if (i == lp->sort)
        lp->reverse = reverse_again ? !lp->reverse : false;
    else
        lp->reverse = false;
    lp->sort = i;
    reread(lp);
}

/* The columns on screen only, from left to right. */
void
list_sort_step(struct pane *list, int dir)
{
    struct list_pane *lp = list_of_pane(list);
    const struct list_layout *l = &lp->layout;
    int k, i = lp->sort, from = 0, widths[LIST_COLS_MAX];

    list_widths(lp, widths);
    for (k = 0; k < l->n; k++)
        if (l->at[k].col == lp->sort)
            from = k;
    for (k = 1; k <= l->n; k++) {
        i = l->at[(from + dir * k + l->n * 2) % l->n].col;
        if (widths[i] > 0 && !list_col_at(i)->unsorted)
            break;
    }
    list_sort(list, list_col_at(i)->name, false);
}

int
list_columns(struct pane *list, const char *text, struct err *e)
{
    struct list_pane *lp = list_of_pane(list);

    if (list_layout_parse(&lp->layout, text, e) < 0)
        return -1;
    reread(lp);
    return 0;
}

void
list_columns_text(const struct pane *list, struct buf *out)
{
    list_layout_print(&list_const(list)->layout, out);
}

int
list_filter(struct pane *list, const char *line, struct err *e)
{
    struct list_pane *lp = list_of_pane(list);

    if (dom_filter_set(&lp->filter, line, e) < 0)
        return -1;
    reread(lp);
    return 0;
}

int
list_filter_typed(struct pane *list, const char *line, struct err *e)
{
    struct list_pane *lp = list_of_pane(list);
    int rc = dom_filter_type(&lp->filter, line, e);

    reread(lp);
    return rc;
}

const char *
list_filter_line(const struct pane *list)
{
    return list_const(list)->filter.line;
}

static bool
list_search(struct pane *p, const char *text, int dir, bool incremental)
{
    struct list_pane *lp = list_of_pane(p);
    size_t i, n, from = lp->row;

    if (text != NULL)
        text_fmt(lp->search, sizeof(lp->search), "%s", text);
    if (lp->search[0] == '\0' || lp->n_rows == 0)
        return false;
    if (incremental && lp->search[1] == '\0')
        lp->origin = p->dom_id;
    for (i = 0; incremental && i < lp->n_rows; i++)
        if (lp->rows[i].id == lp->origin)
            from = i;
    /* A repeated search leaves the row it is on, a new one may stay. */
    for (i = text == NULL ? 1 : 0; i <= lp->n_rows; i++) {
        const struct dom *d;

        n = dir > 0 ? (from + i) % lp->n_rows
                    : (from + 2 * lp->n_rows - i) % lp->n_rows;
        d = list_dom_of_row(lp, n);
        if (d != NULL && strcasestr(d->name, lp->search) != NULL) {
            set_row(lp, n);
            return true;
        }
    }
    if (incremental) /* not left on what matched less of the text */
        set_row(lp, from);
    return false;
}

/* A click on a heading sorts by it; again: reversed. */
static void
click_heading(struct list_pane *lp, int x)
{
    int i, k, at = list_gutter(lp), widths[LIST_COLS_MAX];

    list_widths(lp, widths);
    for (k = 0; k < lp->layout.n; k++) {
        i = lp->layout.at[k].col;
        if (widths[i] == 0)
            continue;
        if (x >= at && x <= at + widths[i] && !list_col_at(i)->unsorted)
            list_sort(&lp->base, list_col_at(i)->name, true);
        at += widths[i] + 1;
    }
}

static bool
list_mouse(struct pane *p, const struct mouse *m)
{
    struct list_pane *lp = list_of_pane(p);
    size_t row = lp->top + (size_t)(m->y > 0 ? m->y - 1 : 0);

    if (m->what == MOUSE_WHEEL)
        return false; /* scrolled as in all panes */
    if (m->button != 1 || m->what == MOUSE_RELEASE)
        return true;
    if (m->y == 0)
        click_heading(lp, m->x);
    else if (row < lp->n_rows) {
        set_row(lp, row);
        if (m->what == MOUSE_DOUBLE)
            ui_run(p->ui, "detail");
    }
    return true;
}

/* Esc takes one step back: from marks to none, from the filtered list to the
 * whole one. */
static bool
list_key(struct pane *p, const struct key *k)
{
    if (k->code != K_ESC || k->mods != 0)
        return false;
    if (list_of_pane(p)->n_marks > 0) {
        list_mark_none(p);
        return true;
    }
    if (dom_filter_empty(&list_of_pane(p)->filter))
        return false;
    return list_filter(p, NULL, NULL) == 0;
}

static void
list_free(struct pane *p)
{
    struct list_pane *lp = list_of_pane(p);

    engine_rates_unwant(&lp->want);
    dom_filter_fini(&lp->filter);
    free(lp->marks);
    free(lp->rows);
    free(lp);
}

static const struct pane_ops list_ops = {
    .kind = PANE_LIST,
    .name = "domains",
    .context = CMD_IN_LIST,
    .free = list_free,
    .sync = list_sync,
    .draw = list_draw,
    .title = list_title,
    .key = list_key,
    .mouse = list_mouse,
    .search = list_search,
    .scroll = list_scroll,
};

struct pane *
list_pane_new(struct ui *ui)
{
    struct list_pane *lp = xcalloc(1, sizeof(*lp));

    lp->base.ops = &list_ops;
    lp->base.ui = ui;
    list_layout_default(&lp->layout);
    return &lp->base;
}
