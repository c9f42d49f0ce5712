/*
 * detail.c - one domain in full, by tabs. Follows the list's cursor while it
 * is open; of a domain that is gone it keeps the last facts until the cursor
 * moves on or the pane is entered anew, and it finds a restarted domain again
 * by its uuid.
 * Invariant after sync: the view's segments belong to the tab and the domain
 * that are shown.
 */
#include "ui/pane/detail/detail.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/xalloc.h"
#include "src/command/command.h"
#include "ui/desk/paint.h"
#include "ui/desk/past.h"
#include "ui/pane/detail/detail_tabs.h"
#include "ui/pane/detail/detail_text.h"
#include "ui/pane/log/event_row.h"
#include "ui/pane/view_text.h"

#define LOOK_MS 1000 /* between two looks at the devices on screen */

static struct detail_pane *
detail_of(struct pane *p)
{
    return container_of(p, struct detail_pane, base);
}

static const struct detail_pane *
detail_const(const struct pane *p)
{
    return (const struct detail_pane *)(const void *)p; /* first member */
}

/* --- which domain --- */

static void
show_dom(struct detail_pane *dp, uint64_t id)
{
    bool follow = dp->tab == DETAIL_EVENTS;

    if (id == dp->base.dom_id)
        return;
    dp->base.dom_id = id;
    dp->facts = (struct detail_facts){ 0 };
    dp->n_vcpus = 0;
    dp->tune = (struct detail_tune){ 0 };
    dp->n_devs = dp->dev_at = 0;
    buf_clear(&dp->text);
    dp->new_text = true;
    view_reset(&dp->view);
    dp->view.follow = follow;
    dp->stale = true;
}

/* A restarted domain is a new instance with the uuid of the old. */
static uint64_t
find_again(const struct detail_pane *dp)
{
    static const uint8_t none[16] = { 0 };
    struct engine *en = ui_engine(dp->base.ui);
    const struct dom *d;
    size_t i;

    if (!dp->facts.known || memcmp(dp->facts.d.uuid, none, sizeof none) == 0)
        return 0;
    for (i = 0; (d = engine_dom_at(en, i)) != NULL; i++)
        if (memcmp(d->uuid, dp->facts.d.uuid, sizeof d->uuid) == 0)
            return d->id;
    return 0;
}

static void
choose_dom(struct detail_pane *dp)
{
    struct pane *list = ui_pane_find(dp->base.ui, PANE_LIST, 0);
    uint64_t at = list != NULL ? list->dom_id : 0, again;
    bool moved = at != dp->list_dom, entered;

    entered = dp->base.focused && !dp->was_focused;
    dp->was_focused = dp->base.focused;
    dp->list_dom = at;
    if (dp->base.dom_id == 0) {
        show_dom(dp, at);
        return;
    }
    if (engine_dom_by_id(ui_engine(dp->base.ui), dp->base.dom_id) != NULL) {
        if (moved && at != 0)
            show_dom(dp, at);
        return;
    }
    /* The list's cursor leaves a domain that dies by itself: that is no move
     * of the user's. */
    if (!dp->facts.gone)
        moved = false;
    again = find_again(dp);
    if (again != 0)
        show_dom(dp, again);
    else if (at != 0 && (moved || entered || !dp->facts.known))
        show_dom(dp, at);
}

static void detail_look_again(struct detail_pane *dp);

static void
detail_look_due(struct loop_timer *lt)
{
    struct detail_pane *dp = container_of(lt, struct detail_pane, look);

    if (dp->base.hidden || dp->tab != DETAIL_DEVICES)
        return;
    dp->stale = true;
    detail_read(dp, 0);
    detail_look_again(dp);
    pane_dirty(&dp->base);
}

/* A device that connects or goes tells nobody: with slow statistics its state
 * would stand there long after. */
static void
detail_look_again(struct detail_pane *dp)
{
    if (dp->tab == DETAIL_DEVICES && !dp->base.hidden)
        loop_timer_arm(ui_loop(dp->base.ui), &dp->look, LOOK_MS,
                       detail_look_due);
}

static void
detail_sync(struct pane *p, unsigned changed)
{
    struct detail_pane *dp = detail_of(p);

    choose_dom(dp);
    detail_read(dp, changed);
    if (!loop_timer_active(&dp->look))
        detail_look_again(dp);
    p->dirty = true;
}

/* --- drawing --- */

static const struct event *
event_of(const struct engine *en, uint64_t seq)
{
    const struct event *first = engine_event_at(en, 0);
    size_t i;

    if (first == NULL || seq < first->seq)
        return NULL;
    i = (size_t)(seq - first->seq); /* without gaps in the ring */
    return i < engine_event_count(en) ? engine_event_at(en, i) : NULL;
}

/* "path = value": the path is the same in many rows, the value is not. */
static void
put_line(const struct detail_pane *dp, const struct view_seg *s,
         struct view_row *r)
{
    const char *line = buf_text(&dp->text) + s->item;
    const char *eq = strstr(line, " = ");

    r->from = s->from;
    r->to = s->to;
    if (line[0] == '#') {
        view_put(r, ROLE_DIM, "%s", line);
    } else if (eq == NULL) {
        view_put(r, ROLE_TEXT, "%s", line);
    } else {
        view_put(r, ROLE_DIM, "%.*s = ", (int)(eq - line), line);
        view_put(r, ROLE_TEXT, "%s", eq + 3);
    }
}

static void
detail_format(const struct pane *p, const struct view_seg *s,
              struct view_row *r)
{
    const struct detail_pane *dp = detail_const(p);
    const struct event *ev;

    switch (dp->tab) {
    case DETAIL_OVERVIEW:
        detail_overview_row(&dp->facts, (size_t)s->item, r);
        break;
    case DETAIL_GRAPHS:
        detail_graph_row(dp, (size_t)s->item, r);
        break;
    case DETAIL_VCPUS:
        if (s->item < dp->n_vcpus)
            detail_vcpu_row(&dp->vcpu[s->item], r);
        break;
    case DETAIL_TUNE:
        detail_tune_row(dp, (size_t)s->item, r);
        break;
    case DETAIL_DEVICES:
        detail_dev_row(dp, s, r);
        break;
    case DETAIL_EVENTS:
        ev = event_of(ui_engine(p->ui), s->item);
        if (ev != NULL)
            event_row(ev, s, p->cols, false, r);
        break;
    default:
        put_line(dp, s, r);
        break;
    }
}

/* The names of the tabs, short ones where room is short: where tab t begins,
 * its columns in *cols_out. */
static const char *
tab_place(const struct pane *p, int t, int *x_out, int *cols_out)
{
    static const char *const names[2][DETAIL_TABS] = {
        { " overview ", " vcpus ", " tune ", " devices ", " configuration ",
          " xenstore ", " events ", " graphs " },
        { " over ", " vcpu ", " tune ", " dev ", " conf ", " store ", " ev ",
          " graph " },
    };
    int i, x = 0, whole = 0, small;

    for (i = 0; i < DETAIL_TABS; i++)
        whole += (int)strlen(names[0][i]);
    small = whole > p->cols;
    for (i = 0; i < t; i++)
        x += (int)strlen(names[small][i]);
    *x_out = x;
    *cols_out = (int)strlen(names[small][t]);
    return names[small][t];
}

static void
draw_tabs(const struct detail_pane *dp, WINDOW *w)
{
    int t, x = 0, cols = 0;

    for (t = 0; t < DETAIL_TABS; t++) {
        const char *name = tab_place(&dp->base, t, &x, &cols);

        if (t != (int)dp->tab)
            ui_role(dp->base.ui, w, ROLE_KEY_LABEL);
        else if (dp->base.focused)
            ui_role(dp->base.ui, w, ROLE_SELECTED);
        else
            ui_role(dp->base.ui, w, ROLE_SELECTED_IDLE);
        ui_text(w, 0, x, dp->base.cols - x, name, false);
    }
    ui_role(dp->base.ui, w, ROLE_TEXT);
    ui_text(w, 0, x + cols, dp->base.cols - x - cols, "", true);
}

/* One sentence in place of contents. */
static void
detail_draw_nothing(const struct detail_pane *dp, WINDOW *w)
{
    struct view_row r = { 0 };

    view_row_clear(&r);
    if (dp->err.code != ERR_NONE)
        view_put(&r, ROLE_ERROR, "%s", dp->err.msg);
    else if (!dp->facts.known)
        view_put(&r, ROLE_DIM, "no domain is selected");
    else if (dp->tab == DETAIL_DEVICES && !dp->facts.gone)
        view_put(&r, ROLE_DIM, "it has no devices");
    else if (dp->tab == DETAIL_EVENTS)
        view_put(&r, ROLE_DIM, "nothing happened to it since the start");
    else if (dp->tab == DETAIL_GRAPHS)
        view_put(&r, ROLE_DIM, "nothing is recorded yet");
    else if (dp->facts.gone)
        view_put(&r, ROLE_DIM, "the domain is gone");
    else
        view_put(&r, ROLE_DIM, "nothing");
    view_draw_row(dp->base.ui, w, DETAIL_TAB_ROWS, &r, "");
    buf_free(&r.text);
}

static void
detail_draw(const struct pane *p, WINDOW *w)
{
    const struct detail_pane *dp = detail_const(p);
    struct view_row r = { 0 };

    draw_tabs(dp, w);
    if (detail_head_rows(dp) > DETAIL_TAB_ROWS) {
        if (dp->tab == DETAIL_DEVICES)
            detail_dev_head(dp, &r);
        else
            detail_vcpu_head(&r);
        r.to = r.text.len;
        view_draw_row(p->ui, w, DETAIL_TAB_ROWS, &r, "");
        buf_free(&r.text);
    }
    view_draw(&dp->view, p, w, detail_head_rows(dp));
    if (dp->view.n == 0)
        detail_draw_nothing(dp, w);
}

/* Only some tabs can show another second than this one. */
static void
detail_title_past(const struct detail_pane *dp, struct buf *out)
{
    char when[48];

    if (dp->past_ms == 0)
        return;
    ui_past_text(dp->base.ui, when, sizeof when);
    if (dp->tab == DETAIL_OVERVIEW || dp->tab == DETAIL_GRAPHS ||
        dp->tab == DETAIL_EVENTS)
        buf_fmt(out, " PAST %s", when);
    else
        buf_str(out, " as it is NOW");
}

static void
detail_title(const struct pane *p, struct buf *out)
{
    const struct detail_pane *dp = detail_const(p);
    const struct view *v = &dp->view;

    if (!dp->facts.known) {
        buf_str(out, "details");
        return;
    }
    if (dp->facts.d.off)
        buf_fmt(out, "%s (off)", dp->facts.d.name);
    else
        buf_fmt(out, "%s (%u)", dp->facts.d.name, dp->facts.d.domid);
    if (dp->facts.gone)
        buf_str(out, " gone");
    detail_title_past(dp, out);
    if (view_top_max(v) > 0)
        buf_fmt(out, " %zu/%zu", v->top + (size_t)v->rows, v->n);
}

/* --- what the user does --- */

static void
detail_scroll(struct pane *p, long lines)
{
    struct view *v = &detail_of(p)->view;

    if (detail_of(p)->tab == DETAIL_TUNE) {
        detail_tune_move(detail_of(p), lines);
        pane_dirty(p);
        return;
    }
    if (detail_of(p)->tab == DETAIL_DEVICES) {
        detail_dev_move(detail_of(p), lines);
        pane_dirty(p);
        return;
    }
    view_scroll(v, lines);
    v->follow = detail_of(p)->tab == DETAIL_EVENTS && v->top == view_top_max(v);
    pane_dirty(p);
}

static bool
detail_search(struct pane *p, const char *text, int dir, bool incremental)
{
    pane_dirty(p);
    return view_search(&detail_of(p)->view, p, text, dir, incremental);
}

static bool
detail_mouse(struct pane *p, const struct mouse *m)
{
    int t, x = 0, cols = 0;

    if (m->what == MOUSE_PRESS && m->y >= DETAIL_TAB_ROWS &&
        detail_of(p)->tab == DETAIL_TUNE) {
        detail_tune_click(detail_of(p), m->y - DETAIL_TAB_ROWS);
        pane_dirty(p);
        return true;
    }
    if (m->what == MOUSE_PRESS && m->y >= DETAIL_TAB_ROWS &&
        detail_of(p)->tab == DETAIL_DEVICES) {
        detail_dev_click(detail_of(p), m->y - detail_head_rows(detail_of(p)));
        pane_dirty(p);
        return true;
    }
    if (m->what != MOUSE_PRESS || m->y >= DETAIL_TAB_ROWS)
        return false;
    for (t = 0; t < DETAIL_TABS; t++) {
        tab_place(p, t, &x, &cols);
        if (m->x >= x && m->x < x + cols)
            detail_tab(p, t);
    }
    return true;
}

static void
detail_text(const struct pane *p, struct buf *out)
{
    const struct detail_pane *dp = detail_const(p);
    struct view_row r = { 0 };

    view_row_clear(&r);
    if (dp->tab == DETAIL_DEVICES)
        detail_dev_head(dp, &r);
    else if (dp->tab == DETAIL_VCPUS)
        detail_vcpu_head(&r);
    if (r.text.len > 0)
        buf_fmt(out, "%s\n", buf_text(&r.text));
    buf_free(&r.text);
    view_text(&dp->view, p, out);
}

static void
detail_free(struct pane *p)
{
    struct detail_pane *dp = detail_of(p);

    engine_rates_unwant(&dp->want);
    detail_graph_fini(&dp->graph);
    loop_timer_del(&dp->look);
    view_fini(&dp->view);
    buf_free(&dp->text);
    free(dp->vcpu);
    free(dp);
}

void
detail_tab(struct pane *detail, int index)
{
    struct detail_pane *dp = detail_of(detail);
    char sought[VIEW_SEARCH_MAX];

    if (index < 0 || index >= DETAIL_TABS || index == (int)dp->tab)
        return;
    dp->tab = (enum detail_tab_kind)index;
    detail->tab = index;
    dp->n_vcpus = dp->n_devs = 0;
    buf_clear(&dp->text);
    dp->new_text = true;
    err_clear(&dp->err);
    /* What was looked for in one tab may be looked for in the next. */
    text_fmt(sought, sizeof sought, "%s", dp->view.sought);
    view_reset(&dp->view);
    text_fmt(dp->view.sought, sizeof dp->view.sought, "%s", sought);
    dp->view.follow = dp->tab == DETAIL_EVENTS;
    dp->stale = true;
    detail_sync(detail, 0);
    pane_dirty(detail);
}

void
detail_tab_step(struct pane *detail, int dir)
{
    int t = (int)detail_of(detail)->tab + dir;

    detail_tab(detail, (t % DETAIL_TABS + DETAIL_TABS) % DETAIL_TABS);
}

void
detail_zoom(struct pane *detail, int dir)
{
    struct detail_pane *dp = detail_of(detail);

    detail_graph_zoom(dp, dir);
    if (dp->tab != DETAIL_GRAPHS)
        detail_tab(detail, DETAIL_GRAPHS);
    detail_read(dp, 0);
    pane_dirty(detail);
}

const struct dom_device *
detail_device(const struct pane *detail)
{
    const struct detail_pane *dp = detail_const(detail);

    return dp->tab == DETAIL_DEVICES ? detail_dev_cursor(dp) : NULL;
}

static const struct pane_ops ops = {
    .kind = PANE_DETAIL,
    .name = "details",
    .context = CMD_IN_DETAIL,
    .free = detail_free,
    .sync = detail_sync,
    .draw = detail_draw,
    .title = detail_title,
    .mouse = detail_mouse,
    .search = detail_search,
    .text = detail_text,
    .scroll = detail_scroll,
};

struct pane *
detail_pane_new(struct ui *ui)
{
    struct detail_pane *dp = xcalloc(1, sizeof *dp);

    dp->base.ops = &ops;
    dp->base.ui = ui;
    dp->base.dirty = true;
    dp->view.format = detail_format;
    engine_rates_want(ui_engine(ui), &dp->want, RATES_HISTORY);
    view_reset(&dp->view);
    return &dp->base;
}
