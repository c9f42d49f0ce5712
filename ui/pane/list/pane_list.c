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
#include "ui/draw/ui_text.h"
#include "ui/pane/list/list_int.h"

struct row {
    uint64_t id;
    size_t at; /* in the engine's table, until the next birth or death */
    uint32_t domid;
    double key;
    const char *name; /* valid while sorting only */
};

struct list_pane {
    struct pane base;
    struct row *rows;
    size_t n_rows, cap, total;
    size_t row, top;
    uint8_t uuid[16]; /* of the domain where the user has put the cursor */
    bool strayed;     /* that one is gone: the cursor is on a neighbour */
    int sort;
    bool reverse;
    bool long_names; /* there is one that wants more than LIST_NAME_COLS */
    bool stale;      /* order, filter or contents must be worked out anew */
    struct rates_want want;
    char filter[128];
    char search[128];
    uint64_t origin; /* where an incremental search began */
};

static struct list_pane *
pane_list_list_of(struct pane *p)
{
    return container_of(p, struct list_pane, base);
}

static const struct list_pane *
list_const(const struct pane *p)
{
    return (const struct list_pane *)(const void *)p;
}

static int
pane_list_compare(const void *a, const void *b, void *arg)
{
    const struct row *ra = a, *rb = b;
    const struct list_pane *lp = arg;
    const struct list_col *c = list_col_at(lp->sort);
    int r;

    if (c->key == NULL)
        r = strcasecmp(ra->name, rb->name);
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
    size_t i;

    lp->total = engine_dom_count(en);
    if (lp->total > lp->cap) {
        lp->cap = lp->total + 64;
        lp->rows = xrealloc(lp->rows, lp->cap, sizeof(*lp->rows));
    }
    lp->n_rows = 0;
    lp->long_names = false;
    for (i = 0; i < lp->total; i++) {
        const struct dom *d = engine_dom_at(en, i);

        if (d == NULL ||
            (lp->filter[0] != '\0' && strcasestr(d->name, lp->filter) == NULL))
            continue;
        if (strlen(d->name) > LIST_NAME_COLS)
            lp->long_names = true;
        lp->rows[lp->n_rows++] =
            (struct row){ .id = d->id,
                          .at = i,
                          .domid = d->domid,
                          .key = c->key != NULL ? c->key(d) : 0,
                          .name = d->name };
    }
    if (lp->sort != 0 || lp->reverse) /* the engine's own order is by domid */
        qsort_r(lp->rows, lp->n_rows, sizeof(*lp->rows), pane_list_compare, lp);
}

static const struct dom *
dom_of_row(const struct list_pane *lp, size_t i)
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
    const struct dom *d = dom_of_row(lp, lp->row);

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
        const struct dom *d = dom_of_row(lp, i);

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

    for (i = 0; lp->filter[0] != '\0' && i < lp->total; i++) {
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

/* Counters are read only while a column shows them. */
static void
want_rates(struct list_pane *lp)
{
    int i, widths[LIST_COLS_MAX];
    const struct list_col *c;
    bool wanted = false;

    list_col_fit(lp->base.cols, lp->sort, lp->long_names, widths);
    for (i = 0; (c = list_col_at(i)) != NULL; i++)
        wanted = wanted || (c->rates && widths[i] > 0);
    if (!wanted)
        engine_rates_unwant(&lp->want);
    else if (lp->want.en == NULL)
        engine_rates_want(ui_engine(lp->base.ui), &lp->want, RATES_DEVICES);
}

static void
list_sync(struct pane *p, unsigned changed)
{
    struct list_pane *lp = pane_list_list_of(p);

    if ((changed & (ENGINE_CH_DOMS | ENGINE_CH_STATS)) || lp->stale) {
        uint64_t was = p->dom_id;

        lp->stale = false;
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
    struct list_pane *lp = pane_list_list_of(p);
    size_t n = (size_t)(lines < 0 ? -lines : lines);

    if (lines < 0)
        set_row(lp, lp->row > n ? lp->row - n : 0);
    else
        set_row(lp, n < lp->n_rows - lp->row ? lp->row + n : lp->n_rows);
}

void
list_select(struct pane *list, uint64_t dom_id)
{
    struct list_pane *lp = pane_list_list_of(list);
    size_t i;

    reread(lp); /* it may be just born */
    for (i = 0; i < lp->n_rows; i++)
        if (lp->rows[i].id == dom_id)
            set_row(lp, i);
}

void
list_sort(struct pane *list, const char *column, bool reverse_again)
{
    struct list_pane *lp = pane_list_list_of(list);
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

/* The columns on screen only. */
void
list_sort_step(struct pane *list, int dir)
{
    struct list_pane *lp = pane_list_list_of(list);
    int i = lp->sort, n = 0, widths[LIST_COLS_MAX];

    list_col_fit(list->cols, lp->sort, lp->long_names, widths);
    do
        n++;
    while (list_col_at(n) != NULL);
    do {
        i = (i + dir + n) % n;
    } while (i != lp->sort && (list_col_at(i)->name == NULL || widths[i] == 0));
    list_sort(list, list_col_at(i)->name, false);
}

void
list_filter(struct pane *list, const char *text)
{
    struct list_pane *lp = pane_list_list_of(list);

    text_fmt(lp->filter, sizeof(lp->filter), "%s", text != NULL ? text : "");
    reread(lp);
}

static bool
list_search(struct pane *p, const char *text, int dir, bool incremental)
{
    struct list_pane *lp = pane_list_list_of(p);
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
        d = dom_of_row(lp, n);
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
    int i, at = 0, widths[LIST_COLS_MAX];
    const struct list_col *c;

    list_col_fit(lp->base.cols, lp->sort, lp->long_names, widths);
    for (i = 0; (c = list_col_at(i)) != NULL; i++) {
        if (widths[i] == 0)
            continue;
        if (x >= at && x <= at + widths[i] && c->name != NULL)
            list_sort(&lp->base, c->name, true);
        at += widths[i] + 1;
    }
}

static bool
list_mouse(struct pane *p, const struct mouse *m)
{
    struct list_pane *lp = pane_list_list_of(p);
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

/* Esc takes one step back: from the filtered list to the whole one. */
static bool
list_key(struct pane *p, const struct key *k)
{
    if (k->code != K_ESC || k->mods != 0 ||
        pane_list_list_of(p)->filter[0] == '\0')
        return false;
    list_filter(p, NULL);
    return true;
}

static void
list_title(const struct pane *p, struct buf *out)
{
    const struct list_pane *lp = list_const(p);

    if (lp->filter[0] == '\0')
        buf_fmt(out, "domains (%zu)", lp->total);
    else
        buf_fmt(out, "domains %zu/%zu \\%s", lp->n_rows, lp->total, lp->filter);
    if (lp->n_rows + 1 > (size_t)p->rows) /* more than can be seen */
        buf_fmt(out, " at %zu", lp->row + 1);
}

static void
draw_headings(const struct list_pane *lp, WINDOW *w, const int *widths)
{
    struct ui *ui = lp->base.ui;
    const struct list_col *c;
    int i, x = 0;

    for (i = 0; (c = list_col_at(i)) != NULL; i++) {
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

static void
pane_list_draw_row(const struct list_pane *lp, WINDOW *w, int y,
                   const struct dom *d, const int *widths)
{
    struct ui *ui = lp->base.ui;
    bool here = d->id == lp->base.dom_id;
    enum role mark = lp->base.focused ? ROLE_SELECTED : ROLE_SELECTED_IDLE;
    double wall_s = loop_wall_s(ui_loop(ui));
    const struct list_col *c;
    int i, x = 0, pad;
    char text[128];

    for (i = 0; (c = list_col_at(i)) != NULL; i++) {
        if (widths[i] == 0)
            continue;
        c->text(d, wall_s, text, sizeof(text));
        ui_role(ui, w, here ? mark : cell_role(c, d));
        pad = c->right ? widths[i] - (int)strlen(text) : 0;
        if (pad > 0)
            x += ui_text(w, y, x, pad, "", true);
        else
            pad = 0;
        ui_text_cut(ui, w, y, x, widths[i] - pad, text);
        x += widths[i] - pad;
        ui_role(ui, w, here ? mark : ROLE_TEXT);
        x += ui_text(w, y, x, 1, "", true);
    }
    ui_text(w, y, x, getmaxx(w), "", true);
}

static void
list_draw(const struct pane *p, WINDOW *w)
{
    const struct list_pane *lp = list_const(p);
    int y, rows = getmaxy(w), widths[LIST_COLS_MAX];

    list_col_fit(p->cols, lp->sort, lp->long_names, widths);
    draw_headings(lp, w, widths);
    for (y = 1; y < rows; y++) {
        const struct dom *d = dom_of_row(lp, lp->top + (size_t)y - 1);

        if (d != NULL) {
            pane_list_draw_row(lp, w, y, d, widths);
            continue;
        }
        ui_role(p->ui, w, ROLE_DIM);
        ui_text(w, y, 0, getmaxx(w),
                y == 1 && lp->n_rows == 0
                    ? (lp->filter[0] != '\0' ? "no domain matches the filter"
                                             : "no domains")
                    : "",
                true);
    }
}

static void
list_free(struct pane *p)
{
    struct list_pane *lp = pane_list_list_of(p);

    engine_rates_unwant(&lp->want);
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
    return &lp->base;
}
