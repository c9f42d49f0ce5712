/*
 * detail_read.c - what the detail pane shows, read from the engine: the facts
 * of its domain, and the contents of its tab cut into rows.
 */
#include <math.h>
#include <string.h>

#include "src/base/xalloc.h"
#include "ui/desk/past.h"
#include "ui/pane/detail/detail_tabs.h"
#include "ui/pane/detail/detail_text.h"
#include "ui/pane/log/event_row.h"

#define STORE_LINES   5000
#define VCPUS_MAX     1024
#define STORE_EACH_MS 1000

int
detail_head_rows(const struct detail_pane *dp)
{
    return DETAIL_TAB_ROWS + (dp->tab == DETAIL_VCPUS && dp->n_vcpus > 0) +
           (dp->tab == DETAIL_DEVICES && dp->n_devs > 0);
}

/* --- what is known of it --- */

/* The newest that has ended; NULL: none is known any more. */
static const struct op *
last_op_of(const struct engine *en, uint64_t dom_id)
{
    const struct op *op, *last = NULL;
    size_t i;

    for (i = 0; (op = engine_op_at(en, i)) != NULL; i++)
        if (op->dom_id == dom_id && op->state > OP_RUNNING &&
            (last == NULL || op->id > last->id))
            last = op;
    return last;
}

/* The second that is shown, where that is not this one. */
static void
detail_read_take_past(struct detail_pane *dp)
{
    struct ui *ui = dp->base.ui;
    struct detail_facts *f = &dp->facts;
    uint64_t at = ui_past_ms(ui);
    struct dom then;

    f->n_cpu = DETAIL_HISTORY;
    f->past = at != 0 && dp->tab == DETAIL_OVERVIEW;
    ui_past_history(ui, f->d.id, HISTORY_CPU, f->cpu, DETAIL_HISTORY);
    if (!f->past)
        return;
    f->d = *ui_past_dom(ui, &f->d, &then);
    f->wall_s = ui_past_wall_s(ui);
    f->has_op = f->has_model = f->has_use = false;
}

static void
detail_read_take_facts(struct detail_pane *dp)
{
    struct ui *ui = dp->base.ui;
    struct detail_facts *f = &dp->facts;
    const struct dom *d = engine_dom_by_id(ui_engine(ui), dp->base.dom_id);
    const struct op *op = NULL;
    char name[MODEL_NAME_MAX];

    f->cols = dp->base.cols;
    f->unicode = ui_unicode(ui);
    if (d == NULL) {
        f->gone = f->known;
        f->has_op = false;
        return;
    }
    /* The end takes the name from the store before the domain goes. */
    if (f->known && strcmp(d->name, "(null)") == 0)
        text_fmt(name, sizeof name, "%s", f->d.name);
    else
        text_fmt(name, sizeof name, "%s", d->name);
    f->gone = false;
    f->known = true;
    f->d = *d;
    text_fmt(f->d.name, sizeof f->d.name, "%s", name);
    f->wall_s = loop_wall_s(ui_loop(ui));
    f->now_ms = loop_now_ms(ui_loop(ui));
    if (d->op != 0)
        op = engine_op_by_id(ui_engine(ui), d->op);
    else
        op = last_op_of(ui_engine(ui), d->id);
    f->has_op = op != NULL;
    f->has_use = !d->off && dp->tab == DETAIL_OVERVIEW &&
                 engine_memory_use(ui_engine(ui), d->id, &f->use);
    f->has_model = engine_model(ui_engine(ui), d->id, &f->model);
    if (op != NULL)
        f->op = *op;
    detail_read_take_past(dp);
}

static void
read_vcpus(struct detail_pane *dp)
{
    size_t max = dp->facts.d.vcpus_max, n = 0;

    if (max == 0 || max > VCPUS_MAX)
        max = max == 0 ? 1 : VCPUS_MAX;
    dp->vcpu = xrealloc(dp->vcpu, max, sizeof dp->vcpu[0]);
    if (engine_vcpus(ui_engine(dp->base.ui), dp->base.dom_id, dp->vcpu, max, &n,
                     &dp->err) == 0)
        dp->n_vcpus = n;
    else
        dp->n_vcpus = 0;
}

static void
detail_read_read_devices(struct detail_pane *dp)
{
    struct dom_device list[DOM_DEVICES_MAX];
    size_t n = 0;

    if (engine_devices(ui_engine(dp->base.ui), dp->base.dom_id, list,
                       DOM_DEVICES_MAX, &n, &dp->err) < 0)
        n = 0;
    detail_dev_take(dp, list, n < DOM_DEVICES_MAX ? n : DOM_DEVICES_MAX);
}

static void
read_text(struct detail_pane *dp)
{
    struct engine *en = ui_engine(dp->base.ui);
    struct buf b = { 0 };
    int rc;

    dp->new_text = true;
    if (dp->tab == DETAIL_CONFIG)
        rc = engine_config_text(en, dp->base.dom_id, &b, &dp->err);
    else
        rc = engine_store_text(en, dp->base.dom_id, STORE_LINES, &b, &dp->err);
    if (rc == 0) {
        buf_free(&dp->text);
        dp->text = b;
        return;
    }
    buf_clear(&dp->text);
    buf_free(&b);
}

/* Whether the tab's contents are to be read from the engine now. */
static bool
due(struct detail_pane *dp, unsigned changed)
{
    uint64_t now = loop_now_ms(ui_loop(dp->base.ui));

    if (dp->facts.gone || !dp->facts.known)
        return false; /* the last that was seen stays */
    switch (dp->tab) {
    case DETAIL_GRAPHS:
        return dp->stale || !detail_graph_fits(dp) ||
               (changed & ENGINE_CH_STATS) != 0;
    case DETAIL_VCPUS:
        return dp->stale || (changed & ENGINE_CH_STATS) != 0;
    case DETAIL_TUNE:
        return dp->stale || (changed & (ENGINE_CH_STATS | ENGINE_CH_OPS)) != 0;
    case DETAIL_DEVICES:
        return dp->stale || (changed & (ENGINE_CH_STATS | ENGINE_CH_DOMS |
                                        ENGINE_CH_OPS)) != 0;
    case DETAIL_CONFIG:
        return dp->stale || (changed & ENGINE_CH_DOMS) != 0;
    case DETAIL_STORE:
        if (!dp->stale && now - dp->store_ms < STORE_EACH_MS)
            return false;
        dp->store_ms = now;
        return true;
    default:
        return false;
    }
}

static void
read_tab(struct detail_pane *dp, unsigned changed)
{
    if (due(dp, changed)) {
        err_clear(&dp->err);
        if (dp->tab == DETAIL_VCPUS || dp->tab == DETAIL_TUNE)
            read_vcpus(dp);
        if (dp->tab == DETAIL_TUNE)
            detail_tune_read(dp);
        else if (dp->tab == DETAIL_GRAPHS)
            detail_graph_read(dp);
        else if (dp->tab == DETAIL_DEVICES)
            detail_read_read_devices(dp);
        else if (dp->tab != DETAIL_VCPUS)
            read_text(dp);
    }
    dp->stale = false;
}

/* --- segments --- */

static void
seg_lines(struct detail_pane *dp)
{
    size_t at = 0, end;
    int cols = dp->base.cols;

    while (at < dp->text.len) {
        char *line = dp->text.data + at;

        end = at + strcspn(line, "\n");
        dp->text.data[end] = '\0'; /* each line is a text from here on */
        view_wrap(&dp->view, at, line, cols, cols, false);
        at = end + 1;
    }
}

/* By name: a restarted domain has another number but the same past. */
static bool
is_of(const struct event *ev, const struct detail_facts *f)
{
    return f->known && ev->name[0] != '\0' && strcmp(ev->name, f->d.name) == 0;
}

static void
detail_read_seg_events(struct detail_pane *dp)
{
    const struct engine *en = ui_engine(dp->base.ui);
    int cols = dp->base.cols - event_row_head(dp->base.cols, false);
    double until = dp->past_ms != 0 ? ui_past_wall_s(dp->base.ui) : HUGE_VAL;
    size_t i, n = engine_event_count(en);

    for (i = 0; i < n; i++) {
        const struct event *ev = engine_event_at(en, i);

        if (is_of(ev, &dp->facts) && ev->wall_s <= until)
            view_wrap(&dp->view, ev->seq, ev->text, cols, cols, true);
    }
}

static bool
detail_read_is_text(const struct detail_pane *dp)
{
    return dp->tab == DETAIL_CONFIG || dp->tab == DETAIL_STORE;
}

static void
segment(struct detail_pane *dp)
{
    int rows = dp->base.rows - detail_head_rows(dp);
    size_t i, n = 0;

    if (detail_read_is_text(dp) && !dp->new_text &&
        dp->text_cols == dp->base.cols) {
        view_rows(&dp->view, rows);
        return;
    }
    dp->new_text = false;
    dp->text_cols = dp->base.cols;
    view_begin(&dp->view);
    switch (dp->tab) {
    case DETAIL_OVERVIEW:
        n = detail_overview_rows(&dp->facts);
        break;
    case DETAIL_GRAPHS:
        n = detail_graph_rows(dp);
        break;
    case DETAIL_VCPUS:
        n = dp->n_vcpus;
        break;
    case DETAIL_TUNE:
        n = detail_tune_rows(dp);
        break;
    case DETAIL_DEVICES:
        detail_dev_seg(dp);
        break;
    case DETAIL_EVENTS:
        detail_read_seg_events(dp);
        break;
    default:
        seg_lines(dp);
        break;
    }
    for (i = 0; i < n; i++)
        view_add(&dp->view, i, 0, UINT32_MAX);
    view_end(&dp->view, rows);
}

void
detail_read(struct detail_pane *dp, unsigned changed)
{
    uint64_t at = ui_past_ms(dp->base.ui);

    dp->stale = dp->stale || at != dp->past_ms;
    dp->past_ms = at;
    detail_read_take_facts(dp);
    read_tab(dp, changed);
    segment(dp);
}
