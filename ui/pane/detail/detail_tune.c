/*
 * detail_tune.c - the tune tab: what can be set on the domain as rows under a
 * cursor, each with the command line that changes it. Ballooning is a bar that
 * moves towards the target.
 */
#include <string.h>

#include "src/command/command.h"
#include "ui/pane/balloon.h"
#include "ui/pane/detail/detail.h"
#include "ui/pane/detail/detail_tabs.h"
#include "ui/widget/dialog.h"

#define LABEL_COLS 11
#define BAR_COLS   30
#define BAR_MIN    8
#define POOLS_MAX  64

/* --- reading --- */

static void
read_pool(struct detail_pane *dp)
{
    struct cpupool p[POOLS_MAX];
    struct detail_tune *t = &dp->tune;
    size_t i, n = 0;

    text_fmt(t->pool, sizeof t->pool, "%u", dp->facts.d.cpupool);
    if (engine_pools(ui_engine(dp->base.ui), p, POOLS_MAX, &n, NULL) < 0)
        return;
    for (i = 0; i < n && i < POOLS_MAX; i++)
        if (p[i].id == dp->facts.d.cpupool)
            text_fmt(t->pool, sizeof t->pool, "%s", p[i].name);
}

void
detail_tune_read(struct detail_pane *dp)
{
    dp->tune.sched_known =
        engine_sched_get(ui_engine(dp->base.ui), dp->base.dom_id,
                         ENGINE_ALL_VCPUS, &dp->tune.sched, NULL) == 0;
    dp->tune.max_kib =
        engine_mem_max_kept(ui_engine(dp->base.ui), dp->base.dom_id);
    read_pool(dp);
}

/* --- values --- */

static void
put_kib(struct view_row *r, enum role role, uint64_t kib)
{
    char text[16];

    text_kib(text, sizeof text, kib);
    view_put(r, role, "%s", text);
}

static void
detail_tune_put_name(const struct detail_pane *dp, struct view_row *r)
{
    view_put(r, ROLE_TEXT, "%s", dp->facts.d.name);
}

static void
detail_tune_put_target(const struct detail_pane *dp, struct view_row *r)
{
    const struct dom *d = &dp->facts.d;

    if (d->target_kib > 0)
        put_kib(r, ROLE_TEXT, d->target_kib);
    else
        view_put(r, ROLE_DIM, "not known");
}

static void
detail_tune_put_bar(const struct detail_pane *dp, double used,
                    struct view_row *r)
{
    int cols = (dp->base.cols - LABEL_COLS) / 2;

    if (cols > BAR_COLS)
        cols = BAR_COLS;
    if (cols < BAR_MIN)
        return;
    view_put_bar(r, used, cols);
    view_put(r, ROLE_TEXT, " ");
}

/* What it owns of what it may; on its way to the target while it balloons. */
static void
detail_tune_put_memory(const struct detail_pane *dp, struct view_row *r)
{
    const struct dom *d = &dp->facts.d;
    uint64_t whole = d->max_kib != UINT64_MAX ? d->max_kib : d->mem_kib;

    if (whole < d->target_kib)
        whole = d->target_kib;
    detail_tune_put_bar(dp, whole > 0 ? (double)d->mem_kib / (double)whole : 0,
                        r);
    put_kib(r, ROLE_TEXT, d->mem_kib);
    if (dp->facts.has_op && dp->facts.op.state <= OP_RUNNING &&
        dp->facts.op.verb == OP_MEMORY && dp->facts.op.percent >= 0) {
        view_put(r, ROLE_BUILDING, " balloons to ");
        put_kib(r, ROLE_BUILDING, d->target_kib);
        view_put(r, ROLE_BUILDING, ": %d%%", dp->facts.op.percent);
    } else if (ui_ballooning(d)) {
        view_put(r, ROLE_PAUSED, " not at its target of ");
        put_kib(r, ROLE_PAUSED, d->target_kib);
    }
}

static void
put_max(const struct detail_pane *dp, struct view_row *r)
{
    uint64_t now_kib = dp->facts.d.max_kib;

    if (dp->tune.max_kib == UINT64_MAX)
        view_put(r, ROLE_DIM, "no limit");
    else
        put_kib(r, ROLE_TEXT, dp->tune.max_kib);
    if (now_kib != dp->tune.max_kib && now_kib != UINT64_MAX &&
        !dp->facts.d.off) { /* a target has set it */
        view_put(r, ROLE_DIM, ", now ");
        put_kib(r, ROLE_DIM, now_kib);
    }
}

static void
detail_tune_put_vcpus(const struct detail_pane *dp, struct view_row *r)
{
    view_put(r, ROLE_TEXT, "%u online of %u", dp->facts.d.vcpus_online,
             dp->facts.d.vcpus_max);
}

static void
detail_tune_put_pool(const struct detail_pane *dp, struct view_row *r)
{
    view_put(r, ROLE_TEXT, "%s", dp->tune.pool);
}

static void
put_sched(const struct detail_pane *dp, struct view_row *r)
{
    const struct sched_params *p = &dp->tune.sched;

    if (!dp->tune.sched_known) {
        view_put(r, ROLE_DIM, "not known");
        return;
    }
    view_put(r, ROLE_TEXT, "%s", sched_kind_name(p->kind));
    if (p->kind <= SCHEDULER_CREDIT2) {
        view_put(r, ROLE_TEXT, "  weight %u", p->weight);
        if (p->cap > 0)
            view_put(r, ROLE_TEXT, "  cap %u%%", p->cap);
        else
            view_put(r, ROLE_DIM, "  no cap");
    } else if (p->kind == SCHEDULER_RTDS) {
        view_put(r, ROLE_TEXT, "  budget %u of %u us%s", p->budget_us,
                 p->period_us, p->extratime ? ", and extra time" : "");
    }
}

/* --- the lines that change them --- */

static void
line_name(const struct detail_pane *dp, const char *dom, struct buf *out)
{
    buf_fmt(out, "rename %s %s", dom, dp->facts.d.name);
}

static void
line_target(const struct detail_pane *dp, const char *dom, struct buf *out)
{
    const struct dom *d = &dp->facts.d;

    buf_fmt(
        out, "mem-set %s %llu", dom,
        (unsigned long long)(d->target_kib > 0 ? d->target_kib : d->mem_kib) /
            1024);
}

static void
line_max(const struct detail_pane *dp, const char *dom, struct buf *out)
{
    uint64_t kib = dp->tune.max_kib;

    buf_fmt(
        out, "mem-max %s %llu", dom,
        (unsigned long long)(kib != UINT64_MAX ? kib : dp->facts.d.mem_kib) /
            1024);
}

static void
line_vcpus(const struct detail_pane *dp, const char *dom, struct buf *out)
{
    buf_fmt(out, "vcpu-set %s %u", dom, dp->facts.d.vcpus_online);
}

static void
line_pool(const struct detail_pane *dp, const char *dom, struct buf *out)
{
    buf_fmt(out, "cpupool-migrate %s %s", dom, dp->tune.pool);
}

static void
line_sched(const struct detail_pane *dp, const char *dom, struct buf *out)
{
    const struct sched_params *p = &dp->tune.sched;

    if (!dp->tune.sched_known || p->kind > SCHEDULER_RTDS)
        return;
    buf_fmt(out, "sched-%s %s", sched_kind_name(p->kind), dom);
    if (p->kind == SCHEDULER_RTDS)
        buf_fmt(out, " -p %u -b %u -e %d", p->period_us, p->budget_us,
                p->extratime);
    else
        buf_fmt(out, " -w %u -c %u", p->weight, p->cap);
}

static const struct {
    const char *label;
    void (*put)(const struct detail_pane *dp, struct view_row *r);
    void (*line)(const struct detail_pane *dp, const char *dom,
                 struct buf *out);
} fields[] = {
    { "name", detail_tune_put_name, line_name },
    { "target", detail_tune_put_target, line_target },
    { "memory", detail_tune_put_memory, line_target },
    { "maximum", put_max, line_max },
    { "vcpus", detail_tune_put_vcpus, line_vcpus },
    { "cpu pool", detail_tune_put_pool, line_pool },
    { "scheduler", put_sched, line_sched },
};

#define N_FIELDS (sizeof fields / sizeof fields[0])

/* --- rows: the fields, one for all vcpus, one for each --- */

size_t
detail_tune_rows(const struct detail_pane *dp)
{
    if (!dp->facts.known)
        return 0;
    return N_FIELDS + (dp->n_vcpus > 0 ? 1 + dp->n_vcpus : 0);
}

static void
put_pins(const struct detail_pane *dp, size_t i, struct view_row *r)
{
    const struct dom_vcpu *v;

    if (i == 0) {
        view_put(r, ROLE_DIM, "affinity of all vcpus at once");
        return;
    }
    v = &dp->vcpu[i - 1];
    view_put(r, v->online ? ROLE_TEXT : ROLE_DIM, "%-8s",
             v->online ? "online" : "offline");
    view_put(r, ROLE_TEXT, " runs on %s", v->hard);
    view_put(r, ROLE_DIM, ", prefers ");
    view_put(r, ROLE_TEXT, "%s", v->soft);
}

static void
put_label(const struct detail_pane *dp, size_t i, struct view_row *r)
{
    char label[24];
    enum role role = ROLE_DIM;

    if (i < N_FIELDS)
        text_fmt(label, sizeof label, "%s", fields[i].label);
    else if (i == N_FIELDS)
        text_fmt(label, sizeof label, "vcpu all");
    else
        text_fmt(label, sizeof label, "vcpu %zu", i - N_FIELDS - 1);
    if (i == dp->tune.at)
        role = dp->base.focused ? ROLE_SELECTED : ROLE_SELECTED_IDLE;
    view_put(r, role, "%-*s", LABEL_COLS - 1, label);
    view_put(r, ROLE_TEXT, " ");
}

void
detail_tune_row(const struct detail_pane *dp, size_t i, struct view_row *r)
{
    if (i >= detail_tune_rows(dp))
        return;
    put_label(dp, i, r);
    if (i < N_FIELDS)
        fields[i].put(dp, r);
    else
        put_pins(dp, i - N_FIELDS, r);
}

/* --- the cursor --- */

void
detail_tune_move(struct detail_pane *dp, long by)
{
    long max = (long)detail_tune_rows(dp) - 1, at = (long)dp->tune.at + by;
    struct view *v = &dp->view;
    size_t rows = v->rows > 0 ? (size_t)v->rows : 1;

    if (max < 0)
        return;
    dp->tune.at = (size_t)(at < 0 ? 0 : at > max ? max : at);
    if (dp->tune.at < v->top)
        v->top = dp->tune.at;
    else if (dp->tune.at >= v->top + rows)
        v->top = dp->tune.at - rows + 1;
}

void
detail_tune_click(struct detail_pane *dp, int row)
{
    if (row >= 0)
        detail_tune_move(dp, (long)dp->view.top + row - (long)dp->tune.at);
}

static void
line_pins(const struct detail_pane *dp, size_t i, const char *dom,
          struct buf *out)
{
    const struct dom_vcpu *v = &dp->vcpu[i > 0 ? i - 1 : 0];

    buf_fmt(out, "vcpu-pin %s ", dom);
    if (i == 0)
        buf_str(out, "all");
    else
        buf_fmt(out, "%zu", i - 1);
    buf_fmt(out, " %s %s", v->hard, v->soft);
}

static void
edited(struct ui *ui, const char *text, void *arg)
{
    (void)arg;
    if (text != NULL)
        ui_run(ui, text);
}

void
detail_tune_edit(struct pane *detail)
{
    const struct detail_pane *dp =
        (const struct detail_pane *)(const void *)detail; /* first member */
    struct buf line = { 0 }, dom = { 0 };
    size_t i = dp->tune.at;

    if (dp->tab != DETAIL_TUNE || dp->facts.gone || i >= detail_tune_rows(dp))
        return;
    engine_dom_word(ui_engine(detail->ui), &dp->facts.d, &dom);
    if (i < N_FIELDS)
        fields[i].line(dp, buf_text(&dom), &line);
    else
        line_pins(dp, i - N_FIELDS, buf_text(&dom), &line);
    if (line.len > 0)
        ui_prompt(detail->ui, PROMPT_COMMAND, buf_text(&line), edited, NULL,
                  NULL);
    else
        ui_notice(detail->ui, EVENT_WARN,
                  "its scheduler has nothing that can be set");
    buf_free(&line);
    buf_free(&dom);
}
