/*
 * pane_log.c - what happened: the events, the operations, the engine's own log,
 * Xen's log; newest at the bottom. Follows the end unless it is scrolled up;
 * may be filtered. Among events and operations one is chosen, for its details,
 * its domain, and to be cancelled: of operations it stays the same one,
 * whatever begins meanwhile. Invariant after sync: the segments name lines of
 * the ring or text shown; a ring that has moved on since is drawn as blank rows
 * until the next sync.
 */
#include "ui/pane/log/pane_log.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/xalloc.h"
#include "src/command/command.h"
#include "src/command/event_filter.h"
#include "ui/pane/log/event_row.h"
#include "ui/pane/log/op_row.h"
#include "ui/pane/view_text.h"
#include "ui/widget/notice.h"

#define XEN_EACH_MS 1000

enum log_tab { LOG_EVENTS, LOG_OPS, LOG_ENGINE, LOG_XEN, N_LOGS };

struct log_pane {
    struct pane base;
    enum log_tab tab;
    struct view view;
    char line[VIEW_SEARCH_MAX]; /* the filter as it was typed */
    struct event_filter filter;
    uint64_t cursor; /* seq or id of the one chosen; 0: the newest */
    uint64_t xen_ms;
    bool stale; /* the view was changed: read at once */
    struct err err;
};

static struct log_pane *
pane_log_log_of(struct pane *p)
{
    return container_of(p, struct log_pane, base);
}

static const struct log_pane *
log_const(const struct pane *p)
{
    return (const struct log_pane *)(const void *)p; /* first member */
}

/* --- segments --- */

static void
pane_log_seg_events(struct log_pane *lp)
{
    const struct engine *en = ui_engine(lp->base.ui);
    int cols = lp->base.cols - event_row_head(lp->base.cols, true);
    size_t i, n = engine_event_count(en);

    for (i = 0; i < n; i++) {
        const struct event *ev = engine_event_at(en, i);

        if (event_filter_match(&lp->filter, ev))
            view_wrap(&lp->view, ev->seq, ev->text, cols, cols, true);
    }
}

static enum event_level
op_level(const struct op *op)
{
    if (op->state == OP_FAILED)
        return EVENT_ERROR;
    return op->state == OP_CANCELLED ? EVENT_WARN : EVENT_INFO;
}

static void
seg_operations(struct log_pane *lp)
{
    const struct engine *en = ui_engine(lp->base.ui);
    struct buf words = { 0 };
    const struct op *op;
    size_t i;

    for (i = 0; (op = engine_op_at(en, i)) != NULL; i++) {
        buf_clear(&words);
        op_row_words(op, &words);
        if (event_filter_text(&lp->filter, op_level(op), buf_text(&words)))
            op_row_segments(&lp->view, op, lp->base.cols);
    }
    buf_free(&words);
    if (lp->cursor == 0 && lp->view.n > 0)
        lp->cursor = lp->view.seg[lp->view.n - 1].item;
}

static enum event_level
pane_log_level_of(enum log_level l)
{
    if (l == LOGL_ERROR)
        return EVENT_ERROR;
    return l == LOGL_WARN ? EVENT_WARN : EVENT_INFO;
}

static void
seg_engine(struct log_pane *lp)
{
    const struct log *lg = engine_log(ui_engine(lp->base.ui));
    int cols = lp->base.cols - event_row_head(lp->base.cols, false);
    size_t i, n = lg != NULL ? log_count(lg) : 0;

    for (i = 0; i < n; i++) {
        struct log_line l = log_at(lg, i);

        if (event_filter_text(&lp->filter, pane_log_level_of(l.level), l.text))
            view_wrap(&lp->view, l.seq, l.text, cols, cols, true);
    }
}

/* The engine reads it as it grows; where no interrupt tells of that, it is
 * asked, but not at each frame. */
static void
read_xen(struct log_pane *lp)
{
    uint64_t now = loop_now_ms(ui_loop(lp->base.ui));

    if (!lp->stale && now - lp->xen_ms < XEN_EACH_MS)
        return;
    lp->xen_ms = now;
    err_clear(&lp->err);
    (void)engine_xen_log_read(ui_engine(lp->base.ui), &lp->err);
}

static void
seg_xen(struct log_pane *lp)
{
    const struct engine *en = ui_engine(lp->base.ui);
    int cols = lp->base.cols;
    const char *line;
    uint64_t nth;
    size_t n;

    read_xen(lp);
    for (nth = engine_xen_log_range(en, &n);
         (line = engine_xen_log_line(en, nth)) != NULL; nth++)
        if (event_filter_text(&lp->filter, EVENT_INFO, line))
            view_wrap(&lp->view, nth, line, cols, cols, false);
}

static void
log_sync(struct pane *p, unsigned changed)
{
    static void (*const segment[N_LOGS])(struct log_pane *) = {
        pane_log_seg_events, seg_operations, seg_engine, seg_xen
    };
    struct log_pane *lp = pane_log_log_of(p);

    (void)changed; /* the engine's log grows without saying so */
    view_begin(&lp->view);
    segment[lp->tab](lp);
    view_end(&lp->view, p->rows);
    lp->stale = false;
    p->dirty = true;
    if (p->focused && !p->hidden)
        notice_refused_seen(p->ui);
}

/* --- drawing --- */

static bool
has_cursor(const struct log_pane *lp)
{
    return lp->tab == LOG_EVENTS || lp->tab == LOG_OPS;
}

/* The event or operation under the cursor; 0: none. */
static uint64_t
pane_log_chosen(const struct log_pane *lp)
{
    const struct view *v = &lp->view;

    if (!has_cursor(lp) || v->n == 0)
        return 0;
    return lp->cursor != 0 ? lp->cursor : v->seg[v->n - 1].item;
}

static void
mark_chosen(const struct log_pane *lp, const struct view_seg *s,
            struct view_row *r)
{
    size_t i;

    if (s->item == pane_log_chosen(lp) && lp->base.focused)
        for (i = 0; i < r->n_spans; i++)
            r->span[i].role = ROLE_SELECTED;
}

static void
format_op(const struct log_pane *lp, const struct view_seg *s,
          struct view_row *r)
{
    const struct op *op = engine_op_by_id(ui_engine(lp->base.ui), s->item);

    if (op == NULL)
        return;
    op_row(op, s, lp->base.cols, loop_now_ms(ui_loop(lp->base.ui)), r);
    mark_chosen(lp, s, r);
}

static void
format_event(const struct log_pane *lp, const struct view_seg *s,
             struct view_row *r)
{
    const struct engine *en = ui_engine(lp->base.ui);
    const struct event *first = engine_event_at(en, 0);
    const struct event *ev = NULL;

    /* Sequence numbers have no gaps in the ring. */
    if (first != NULL && s->item >= first->seq &&
        s->item - first->seq < engine_event_count(en))
        ev = engine_event_at(en, (size_t)(s->item - first->seq));
    if (ev == NULL)
        return;
    event_row(ev, s, lp->base.cols, true, r);
    mark_chosen(lp, s, r);
}

static void
pane_log_format_line(const struct log_pane *lp, const struct view_seg *s,
                     struct view_row *r)
{
    static const enum role roles[] = { ROLE_DIM, ROLE_TEXT, ROLE_WARN,
                                       ROLE_ERROR };
    const struct log *lg = engine_log(ui_engine(lp->base.ui));
    struct log_line l;
    uint64_t first;

    if (lg == NULL || log_count(lg) == 0)
        return;
    first = log_at(lg, 0).seq;
    if (s->item < first || s->item - first >= log_count(lg))
        return;
    l = log_at(lg, (size_t)(s->item - first));
    event_row_log(&l, roles[l.level], s, lp->base.cols, r);
}

static void
pane_log_format(const struct pane *p, const struct view_seg *s,
                struct view_row *r)
{
    const struct log_pane *lp = log_const(p);
    const char *line;

    switch (lp->tab) {
    case LOG_EVENTS:
        format_event(lp, s, r);
        break;
    case LOG_OPS:
        format_op(lp, s, r);
        break;
    case LOG_ENGINE:
        pane_log_format_line(lp, s, r);
        break;
    default:
        line = engine_xen_log_line(ui_engine(lp->base.ui), s->item);
        view_put(r, ROLE_TEXT, "%s", line != NULL ? line : "");
        r->from = s->from;
        r->to = s->to;
        break;
    }
}

static void
pane_log_draw_nothing(const struct log_pane *lp, WINDOW *w)
{
    struct view_row r = { 0 };

    view_row_clear(&r);
    if (lp->tab == LOG_XEN && lp->err.code != ERR_NONE)
        view_put(&r, ROLE_ERROR, "%s", lp->err.msg);
    else if (lp->line[0] != '\0')
        view_put(&r, ROLE_DIM, "no line has '%s'", lp->line);
    else
        view_put(&r, ROLE_DIM, "nothing yet");
    view_draw_row(lp->base.ui, w, 0, &r, "");
    buf_free(&r.text);
}

static void
log_draw(const struct pane *p, WINDOW *w)
{
    const struct log_pane *lp = log_const(p);

    view_draw(&lp->view, p, w, 0);
    if (lp->view.n == 0)
        pane_log_draw_nothing(lp, w);
}

static void
log_title(const struct pane *p, struct buf *out)
{
    static const char *const names[N_LOGS] = { "events", "operations",
                                               "engine log", "Xen log" };
    const struct log_pane *lp = log_const(p);
    const struct view *v = &lp->view;

    buf_str(out, names[lp->tab]);
    if (lp->line[0] != '\0')
        buf_fmt(out, " with '%s'", lp->line);
    if (!v->follow && view_top_max(v) > 0)
        buf_fmt(out, " %zu/%zu", v->top + (size_t)v->rows, v->n);
}

/* --- what the user does --- */

/* The rows of the one chosen: the first and the one after the last. */
static bool
chosen_rows(const struct log_pane *lp, size_t *from, size_t *to)
{
    const struct view *v = &lp->view;
    uint64_t seq = pane_log_chosen(lp);
    size_t i = 0;

    while (i < v->n && v->seg[i].item < seq)
        i++;
    if (i == v->n)
        return false;
    *from = i;
    while (i < v->n && v->seg[i].item == v->seg[*from].item)
        i++;
    *to = i;
    return true;
}

static void
pane_log_choose(struct log_pane *lp, size_t row)
{
    struct view *v = &lp->view;

    lp->cursor = v->seg[row].item;
    if (lp->tab == LOG_EVENTS && lp->cursor == v->seg[v->n - 1].item &&
        v->top == view_top_max(v))
        lp->cursor = 0; /* goes on with the newest */
}

/* One on, the view with it. */
static void
cursor_step(struct log_pane *lp, long dir)
{
    struct view *v = &lp->view;
    size_t from, to, rows = v->rows > 0 ? (size_t)v->rows : 1;

    if (!chosen_rows(lp, &from, &to) || (dir < 0 ? from == 0 : to == v->n))
        return;
    lp->cursor = v->seg[dir < 0 ? from - 1 : to].item;
    (void)chosen_rows(lp, &from, &to);
    if (from < v->top)
        view_scroll(v, -(long)(v->top - from));
    else if (to > v->top + rows)
        view_scroll(v, (long)(to - v->top - rows));
    pane_log_choose(lp, from);
}

/* Onto the screen again, after it was moved under the cursor. */
static void
cursor_clamp(struct log_pane *lp)
{
    struct view *v = &lp->view;
    size_t from, to, rows = v->rows > 0 ? (size_t)v->rows : 1;

    if (!chosen_rows(lp, &from, &to))
        return;
    if (to <= v->top)
        pane_log_choose(lp, v->top);
    else if (from >= v->top + rows)
        pane_log_choose(lp, v->top + rows - 1);
    else
        pane_log_choose(lp, from);
}

static void
log_scroll(struct pane *p, long lines)
{
    struct log_pane *lp = pane_log_log_of(p);
    struct view *v = &lp->view;

    if (has_cursor(lp) && (lines == 1 || lines == -1)) {
        cursor_step(lp, lines);
    } else {
        view_scroll(v, lines);
        cursor_clamp(lp);
    }
    v->follow =
        v->top == view_top_max(v) && (lp->tab == LOG_OPS || lp->cursor == 0);
    pane_dirty(p);
}

const struct event *
log_event(const struct pane *log)
{
    const struct log_pane *lp = log_const(log);
    const struct engine *en = ui_engine(log->ui);
    uint64_t seq = lp->tab == LOG_EVENTS ? pane_log_chosen(lp) : 0;
    const struct event *ev;
    size_t i = engine_event_count(en);

    while (seq != 0 && i-- > 0 && (ev = engine_event_at(en, i))->seq >= seq)
        if (ev->seq == seq)
            return ev;
    return NULL;
}

uint64_t
log_operation(const struct pane *log)
{
    const struct log_pane *lp = log_const(log);

    return lp->tab == LOG_OPS ? pane_log_chosen(lp) : 0;
}

static bool
log_search(struct pane *p, const char *text, int dir, bool incremental)
{
    pane_dirty(p);
    return view_search(&pane_log_log_of(p)->view, p, text, dir, incremental);
}

static void
pane_free(struct pane *p)
{
    struct log_pane *lp = pane_log_log_of(p);

    view_fini(&lp->view);
    free(lp);
}

static void
log_text(const struct pane *p, struct buf *out)
{
    view_text(&log_const(p)->view, p, out);
}

/* Other lines than before: from the end, keeping what is looked for. */
static void
anew(struct log_pane *lp)
{
    char sought[VIEW_SEARCH_MAX];

    text_fmt(sought, sizeof sought, "%s", lp->view.sought);
    view_reset(&lp->view);
    text_fmt(lp->view.sought, sizeof lp->view.sought, "%s", sought);
    lp->view.follow = true;
    lp->cursor = 0;
    lp->stale = true;
    log_sync(&lp->base, 0);
    pane_dirty(&lp->base);
}

void
log_tab_step(struct pane *log, int dir)
{
    struct log_pane *lp = pane_log_log_of(log);
    int t = (int)lp->tab + dir;

    lp->tab = (enum log_tab)((t % N_LOGS + N_LOGS) % N_LOGS);
    anew(lp);
}

void
log_show_operations(struct pane *log)
{
    pane_log_log_of(log)->tab = LOG_OPS;
    anew(pane_log_log_of(log));
}

void
log_filter(struct pane *log, const char *text)
{
    struct log_pane *lp = pane_log_log_of(log);

    text_fmt(lp->line, sizeof lp->line, "%s", text != NULL ? text : "");
    event_filter_line(&lp->filter, lp->line);
    anew(lp);
}

/* Esc takes one step back: from the filtered log to the whole one. */
static bool
log_key(struct pane *p, const struct key *k)
{
    if (k->code != K_ESC || k->mods != 0 || pane_log_log_of(p)->line[0] == '\0')
        return false;
    log_filter(p, NULL);
    return true;
}

static const struct pane_ops ops = {
    .kind = PANE_LOG,
    .name = "log",
    .context = CMD_IN_LOG,
    .free = pane_free,
    .sync = log_sync,
    .draw = log_draw,
    .title = log_title,
    .key = log_key,
    .search = log_search,
    .text = log_text,
    .scroll = log_scroll,
};

struct pane *
log_pane_new(struct ui *ui)
{
    struct log_pane *lp = xcalloc(1, sizeof *lp);

    lp->base.ops = &ops;
    lp->base.ui = ui;
    lp->base.dirty = true;
    lp->view.format = pane_log_format;
    view_reset(&lp->view);
    lp->view.follow = true;
    return &lp->base;
}
