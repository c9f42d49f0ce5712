/*
 * log.c - what happened: the events, the engine's own log, Xen's log; newest
 * at the bottom. Follows the end unless it is scrolled up; may be filtered by
 * a text.
 * Invariant after sync: the segments name lines of the ring or text shown; a
 * ring that has moved on since is drawn as blank rows until the next sync.
 */
#include <stdlib.h>
#include <string.h>

#include "src/base/xalloc.h"
#include "ui/command/command.h"
#include "ui/pane/view.h"
#include "ui/ui_int.h"

#define XEN_EACH_MS 1000

enum log_tab { LOG_EVENTS, LOG_ENGINE, LOG_XEN, N_LOGS };

struct log_pane {
    struct pane base;
    enum log_tab tab;
    struct view view;
    char filter[VIEW_SEARCH_MAX];
    struct buf xen; /* its lines ended by NUL */
    uint64_t xen_ms;
    bool stale; /* the view was changed: read at once */
    struct err err;
};

static struct log_pane *
log_of(struct pane *p)
{
    return container_of(p, struct log_pane, base);
}

static const struct log_pane *
log_const(const struct pane *p)
{
    return (const struct log_pane *)(const void *)p; /* first member */
}

static bool
passes(const struct log_pane *lp, const char *text)
{
    size_t at = 0, end;

    return lp->filter[0] == '\0' || view_match(text, lp->filter, &at, &end);
}

/* --- segments --- */

static void
seg_events(struct log_pane *lp)
{
    const struct engine *en = ui_engine(lp->base.ui);
    int cols = lp->base.cols - event_row_head(lp->base.cols, true);
    size_t i, n = engine_event_count(en);

    for (i = 0; i < n; i++) {
        const struct event *ev = engine_event_at(en, i);

        if (passes(lp, ev->text) || passes(lp, ev->name))
            view_wrap(&lp->view, ev->seq, ev->text, cols, cols, true);
    }
}

static void
seg_engine(struct log_pane *lp)
{
    const struct log *lg = engine_log(ui_engine(lp->base.ui));
    int cols = lp->base.cols - event_row_head(lp->base.cols, false);
    size_t i, n = lg != NULL ? log_count(lg) : 0;

    for (i = 0; i < n; i++) {
        struct log_line l = log_at(lg, i);

        if (passes(lp, l.text))
            view_wrap(&lp->view, l.seq, l.text, cols, cols, true);
    }
}

/* Reading it copies the whole ring out of the hypervisor: not at each frame. */
static void
read_xen(struct log_pane *lp)
{
    uint64_t now = loop_now_ms(ui_loop(lp->base.ui));

    if (!lp->stale && now - lp->xen_ms < XEN_EACH_MS)
        return;
    lp->xen_ms = now;
    buf_clear(&lp->xen);
    err_clear(&lp->err);
    if (engine_xen_log(ui_engine(lp->base.ui), &lp->xen, &lp->err) < 0)
        buf_clear(&lp->xen);
}

static void
seg_xen(struct log_pane *lp)
{
    int cols = lp->base.cols;
    size_t at = 0, end;

    read_xen(lp);
    while (at < lp->xen.len) {
        char *line = lp->xen.data + at;

        end = at + strcspn(line, "\n");
        lp->xen.data[end] = '\0'; /* each line is a text from here on */
        if (passes(lp, line))
            view_wrap(&lp->view, at, line, cols, cols, false);
        at = end + 1;
    }
}

static void
log_sync(struct pane *p, unsigned changed)
{
    static void (*const segment[N_LOGS])(
        struct log_pane *) = { seg_events, seg_engine, seg_xen };
    struct log_pane *lp = log_of(p);

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
    if (ev != NULL)
        event_row(ev, s, lp->base.cols, true, r);
}

static void
format_line(const struct log_pane *lp, const struct view_seg *s,
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
format(const struct pane *p, const struct view_seg *s, struct view_row *r)
{
    const struct log_pane *lp = log_const(p);

    switch (lp->tab) {
    case LOG_EVENTS:
        format_event(lp, s, r);
        break;
    case LOG_ENGINE:
        format_line(lp, s, r);
        break;
    default:
        view_put(r, ROLE_TEXT, "%s", buf_text(&lp->xen) + s->item);
        r->from = s->from;
        r->to = s->to;
        break;
    }
}

static void
draw_nothing(const struct log_pane *lp, WINDOW *w)
{
    struct view_row r = { 0 };

    view_row_clear(&r);
    if (lp->tab == LOG_XEN && lp->err.code != ERR_NONE)
        view_put(&r, ROLE_ERROR, "%s", lp->err.msg);
    else if (lp->filter[0] != '\0')
        view_put(&r, ROLE_DIM, "no line has '%s'", lp->filter);
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
        draw_nothing(lp, w);
}

static void
log_title(const struct pane *p, struct buf *out)
{
    static const char *const names[N_LOGS] = { "events", "engine log",
                                               "Xen log" };
    const struct log_pane *lp = log_const(p);
    const struct view *v = &lp->view;

    buf_str(out, names[lp->tab]);
    if (lp->filter[0] != '\0')
        buf_fmt(out, " with '%s'", lp->filter);
    if (!v->follow && view_top_max(v) > 0)
        buf_fmt(out, " %zu/%zu", v->top + (size_t)v->rows, v->n);
}

/* --- what the user does --- */

static void
log_scroll(struct pane *p, long lines)
{
    struct view *v = &log_of(p)->view;

    view_scroll(v, lines);
    v->follow = v->top == view_top_max(v);
    pane_dirty(p);
}

static bool
log_search(struct pane *p, const char *text, int dir, bool incremental)
{
    pane_dirty(p);
    return view_search(&log_of(p)->view, p, text, dir, incremental);
}

static void
pane_free(struct pane *p)
{
    struct log_pane *lp = log_of(p);

    view_fini(&lp->view);
    buf_free(&lp->xen);
    free(lp);
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
    lp->stale = true;
    log_sync(&lp->base, 0);
    pane_dirty(&lp->base);
}

void
log_tab_step(struct pane *log, int dir)
{
    struct log_pane *lp = log_of(log);
    int t = (int)lp->tab + dir;

    lp->tab = (enum log_tab)((t % N_LOGS + N_LOGS) % N_LOGS);
    anew(lp);
}

void
log_filter(struct pane *log, const char *text)
{
    struct log_pane *lp = log_of(log);

    text_fmt(lp->filter, sizeof lp->filter, "%s", text != NULL ? text : "");
    anew(lp);
}

/* Esc takes one step back: from the filtered log to the whole one. */
static bool
log_key(struct pane *p, const struct key *k)
{
    if (k->code != K_ESC || k->mods != 0 || log_of(p)->filter[0] == '\0')
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
    .scroll = log_scroll,
};

struct pane *
log_pane_new(struct ui *ui)
{
    struct log_pane *lp = xcalloc(1, sizeof *lp);

    lp->base.ops = &ops;
    lp->base.ui = ui;
    lp->base.dirty = true;
    lp->view.format = format;
    view_reset(&lp->view);
    lp->view.follow = true;
    return &lp->base;
}
