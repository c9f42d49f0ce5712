/*
 * detail_graph.c - see detail_graph.h. A point of a curve is the highest of the
 * samples that it covers: a short peak is seen. Points begin at fixed moments,
 * so that a curve moves by whole points and keeps its shape.
 */
#include "ui/pane/detail/detail_graph.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/xalloc.h"
#include "ui/desk/paint.h"
#include "ui/desk/past.h"
#include "ui/draw/graph.h"
#include "ui/pane/detail/detail_int.h"
#include "ui/pane/log/event_row.h"

#define HEAD_COLS  20
#define COLS_MIN   8
#define ROWS_MIN   2
#define ROWS_MAX   6
#define ROWS_APART 4
#define AXIS_ROWS  1
#define MS_PER_S   1000
#define LEAST_RATE 1024.0

/* Seconds that a point covers. */
static const unsigned zooms[] = { 1, 2, 5, 10, 20, 30, 60 };

#define N_ZOOMS    (sizeof zooms / sizeof zooms[0])
#define ZOOM_FIRST 2 /* of a pane that is new: some ten minutes */
#define N_AMOUNTS  (sizeof amounts / sizeof amounts[0])

static const struct {
    const char *label;
    enum history_what what;
} amounts[] = { { "cpu", HISTORY_CPU },      { "memory", HISTORY_MEM },
                { "net in", HISTORY_RX },    { "net out", HISTORY_TX },
                { "disk read", HISTORY_RD }, { "disk write", HISTORY_WR } };

struct detail_curve {
    char label[16];
    unsigned what;
    double last, mean, peak; /* < 0: unknown */
    double top;
};

/* --- how much of the past --- */

static unsigned
point_span(const struct detail_graph *g)
{
    return zooms[ZOOM_FIRST + g->zoom];
}

void
detail_graph_zoom(struct detail_pane *dp, int dir)
{
    int to = ZOOM_FIRST + dp->graph.zoom + dir;

    if (to < 0 || to >= (int)N_ZOOMS)
        return;
    dp->graph.zoom += dir;
    dp->stale = true;
}

/* Samples that a point covers: at least one. */
static size_t
samples_of_point(const struct detail_graph *g)
{
    size_t n = point_span(g) / (g->step_s > 0 ? g->step_s : 1);

    return n > 0 ? n : 1;
}

static int
graph_cols(const struct detail_pane *dp)
{
    int cols = dp->base.cols - HEAD_COLS;

    return cols < COLS_MIN ? COLS_MIN : cols;
}

static int
curve_rows(const struct detail_pane *dp)
{
    int rows = (dp->base.rows - DETAIL_TAB_ROWS - AXIS_ROWS) / (int)N_AMOUNTS;

    return rows < ROWS_MIN ? ROWS_MIN : rows > ROWS_MAX ? ROWS_MAX : rows;
}

/* --- reading --- */

/* The last point may have but some of its samples yet. */
static size_t
samples_of_last(const struct detail_graph *g, uint64_t at_ms)
{
    uint64_t slot = at_ms / MS_PER_S / g->step_s;

    return (size_t)(slot % samples_of_point(g)) + 1;
}

static void
squeeze(const double *v, size_t n, size_t each, double *out, size_t points)
{
    size_t i, k;

    for (i = 0; i < points; i++) {
        out[i] = -1;
        for (k = i * each; k < (i + 1) * each && k < n; k++)
            out[i] = v[k] > out[i] ? v[k] : out[i];
    }
}

static void
sum_up(struct detail_curve *c, const double *v, size_t n)
{
    double sum = 0;
    size_t i, known = 0;

    c->last = c->mean = c->peak = -1;
    for (i = 0; i < n; i++) {
        if (v[i] < 0)
            continue;
        known++;
        sum += v[i];
        c->peak = v[i] > c->peak ? v[i] : c->peak;
    }
    if (n > 0)
        c->last = v[n - 1];
    if (known > 0)
        c->mean = sum / (double)known;
}

static bool
curve_is_share(unsigned what)
{
    return what == HISTORY_CPU || what >= HISTORY_WHATS;
}

static double
curve_top(const struct detail_pane *dp, const struct detail_curve *c)
{
    const struct dom *d = &dp->facts.d;
    double max = d->max_kib != UINT64_MAX ? (double)d->max_kib * 1024 : 0;

    if (curve_is_share(c->what))
        return graph_scale(c->peak, 1);
    if (c->what == HISTORY_MEM && max > 0 && max >= c->peak)
        return max;
    return graph_scale_bytes(c->peak, LEAST_RATE);
}

static void
read_curve(struct detail_pane *dp, size_t i, uint64_t at_ms, double *samples)
{
    struct detail_graph *g = &dp->graph;
    struct detail_curve *c = &g->curve[i];
    size_t each = samples_of_point(g);
    size_t n = (g->n_points - 1) * each + samples_of_last(g, at_ms);
    size_t can = HISTORY_SPAN_S / (g->step_s > 0 ? g->step_s : 1) + 1;
    size_t before = n > can ? n - can : 0, k; /* what nobody keeps */

    for (k = 0; k < before; k++)
        samples[k] = -1;
    engine_history_until(ui_engine(dp->base.ui), dp->base.dom_id, c->what,
                         at_ms, samples + before, n - before);
    sum_up(c, samples, n);
    squeeze(samples, n, each, g->v + i * g->n_points, g->n_points);
    c->top = curve_top(dp, c);
}

/* Which curves there are: of one vcpu the domain's is enough. */
static void
name_curves(struct detail_pane *dp)
{
    struct detail_graph *g = &dp->graph;
    unsigned i,
        n = engine_history_vcpus(ui_engine(dp->base.ui), dp->base.dom_id);

    n = n > 1 ? n : 0;
    g->n_curves = N_AMOUNTS + n;
    g->curve = xrealloc(g->curve, g->n_curves, sizeof *g->curve);
    for (i = 0; i < N_AMOUNTS; i++) {
        text_fmt(g->curve[i].label, sizeof g->curve[i].label, "%s",
                 amounts[i].label);
        g->curve[i].what = amounts[i].what;
    }
    for (i = 0; i < n; i++) {
        text_fmt(g->curve[N_AMOUNTS + i].label, sizeof g->curve[0].label,
                 "vcpu %u", i);
        g->curve[N_AMOUNTS + i].what = HISTORY_VCPU(i);
    }
}

/* Vcpus are compared: they have one scale. */
static void
level_vcpus(struct detail_graph *g)
{
    double top = 0;
    size_t i;

    for (i = N_AMOUNTS; i < g->n_curves; i++)
        top = g->curve[i].top > top ? g->curve[i].top : top;
    for (i = N_AMOUNTS; i < g->n_curves; i++)
        g->curve[i].top = top;
}

void
detail_graph_read(struct detail_pane *dp)
{
    struct detail_graph *g = &dp->graph;
    struct ui *ui = dp->base.ui;
    uint64_t first = 0, last = 0, at = ui_past_ms(ui);
    double *samples;
    size_t i;

    g->step_s = engine_history_step(ui_engine(ui));
    if (g->step_s == 0 || !engine_history_span(ui_engine(ui), &first, &last)) {
        g->n_curves = 0;
        return;
    }
    g->past = at != 0;
    at = g->past ? at : last;
    event_stamp(ui_past_wall_s(ui), false, g->until, sizeof g->until);
    g->cols = graph_cols(dp);
    g->n_points = graph_points(ui_graph_style(ui), g->cols);
    name_curves(dp);
    g->v = xrealloc(g->v, g->n_curves * g->n_points, sizeof *g->v);
    samples = xcalloc(g->n_points * samples_of_point(g), sizeof *samples);
    for (i = 0; i < g->n_curves; i++)
        read_curve(dp, i, at, samples);
    level_vcpus(g);
    free(samples);
}

bool
detail_graph_fits(const struct detail_pane *dp)
{
    return dp->graph.cols == graph_cols(dp);
}

void
detail_graph_fini(struct detail_graph *g)
{
    free(g->curve);
    free(g->v);
}

/* --- rows --- */

size_t
detail_graph_rows(const struct detail_pane *dp)
{
    const struct detail_graph *g = &dp->graph;

    if (g->n_curves == 0)
        return 0;
    return AXIS_ROWS + g->n_curves * (size_t)curve_rows(dp);
}

static void
value_text(unsigned what, double v, char *out, size_t out_size)
{
    if (v >= 0 && curve_is_share(what))
        text_fmt(out, out_size, "%.1f%%", v);
    else if (v >= 0 && what == HISTORY_MEM)
        text_bytes(out, out_size, (unsigned long long)v);
    else
        text_rate(out, out_size, v);
}

static bool
curve_is_rate(unsigned what)
{
    return !curve_is_share(what) && what != HISTORY_MEM;
}

/* What stands before row k of a curve: its value, what fills the rows, what it
 * was in the time that is shown. */
static void
put_curve_head(const struct detail_curve *c, int k, struct view_row *r)
{
    static const char *const words[] = { NULL, "top", "mean", "peak" };
    const double values[] = { c->last, c->peak < 0 ? -1 : c->top, c->mean,
                              c->peak };
    char text[16];

    if (k >= (int)(sizeof values / sizeof values[0])) {
        view_put(r, ROLE_TEXT, "%*s", HEAD_COLS, "");
        return;
    }
    value_text(c->what, values[k], text, sizeof text);
    view_put(r, k == 0 ? ROLE_TITLE : ROLE_DIM, "%-11s",
             k == 0 ? c->label : words[k]);
    view_put(r, k == 0 ? ROLE_TEXT : ROLE_DIM, "%6s%-3s", text,
             curve_is_rate(c->what) && values[k] >= 0 ? "/s" : "");
}

/* When the curves begin and end. */
static void
put_axis(const struct detail_pane *dp, struct view_row *r)
{
    const struct detail_graph *g = &dp->graph;
    char each[16], span[16], head[32], left[32];
    unsigned point_s = (unsigned)samples_of_point(g) * g->step_s;
    int end;

    text_span(each, sizeof each, point_s);
    text_span(span, sizeof span, (unsigned long long)g->n_points * point_s);
    text_fmt(head, sizeof head, "a point is %s", each);
    text_fmt(left, sizeof left, "%s before", span);
    end = g->cols - (int)strlen(left);
    view_put(r, ROLE_DIM, "%-*s%s", HEAD_COLS, head, left);
    if (g->past)
        view_put(r, ROLE_WARN, "%*s", end, g->until);
    else
        view_put(r, ROLE_DIM, "%*s", end, "now");
}

void
detail_graph_row(const struct detail_pane *dp, size_t i, struct view_row *r)
{
    const struct detail_graph *g = &dp->graph;
    int rows = curve_rows(dp), k, drawn;
    struct buf cells = { 0 };
    const struct detail_curve *c;

    if (i < AXIS_ROWS) {
        put_axis(dp, r);
        return;
    }
    i -= AXIS_ROWS;
    k = (int)(i % (size_t)rows);
    drawn = rows >= ROWS_APART ? rows - 1 : rows; /* a blank row below */
    i /= (size_t)rows;
    if (i >= g->n_curves)
        return;
    c = &g->curve[i];
    put_curve_head(c, k, r);
    if (k >= drawn)
        return;
    graph_row(&(struct graph){ .style = ui_graph_style(dp->base.ui),
                               .v = g->v + i * g->n_points,
                               .cols = g->cols,
                               .rows = drawn,
                               .top = c->top },
              k, &cells);
    view_put(r, ROLE_BAR_USED, "%s", buf_text(&cells));
    buf_free(&cells);
}
