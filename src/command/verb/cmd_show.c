/*
 * cmd_show.c - one domain in full: what it is, its configuration, its part of
 * xenstore, and its last hour (or the host's) as sparklines and as JSON.
 */
#include "src/base/xalloc.h"

#include <stdlib.h>
#include <string.h>

#include "src/command/cmd_json.h"
#include "src/command/command.h"
#include "src/command/family.h"

#define VCPUS_MAX   512
#define STORE_LINES 5000

#define SPAN_DEFAULT_S 600
#define SPAN_MIN_S     10
#define SPARK_COLS     40
#define SAMPLES_MAX    100000U /* of all cpus in one answer */

static struct json_object *
cmd_show_vcpu_json(const struct dom_vcpu *v)
{
    struct json_object *js = json_object_new_object();

    json_put_vcpu(js, v);
    json_put_text(js, "affinity", v->hard);
    json_put_text(js, "soft_affinity", v->soft);
    return js;
}

static void
show_json(const struct cmd_ctx *ctx, const struct dom *d,
          const struct dom_vcpu *v, size_t n)
{
    struct json_object *js = dom_json(d, ctx_wall_s(ctx));
    struct json_object *all = json_object_new_array();
    size_t i;

    for (i = 0; i < n; i++)
        json_object_array_add(all, cmd_show_vcpu_json(&v[i]));
    json_object_object_add(js, "vcpu_list", all);
    json_out(ctx->out, js);
}

static void
show_memory(struct buf *out, const struct dom *d)
{
    buf_fmt(out, "memory:   %llu KiB", (unsigned long long)d->mem_kib);
    if (d->max_kib != UINT64_MAX)
        buf_fmt(out, ", at most %llu KiB", (unsigned long long)d->max_kib);
    if (d->target_kib != 0)
        buf_fmt(out, ", target %llu KiB", (unsigned long long)d->target_kib);
    buf_chr(out, '\n');
}

static void
show_vcpus(struct buf *out, const struct dom_vcpu *v, size_t n)
{
    size_t i;

    buf_fmt(out, "%4s %4s %-5s %10s  %-16s %s\n", "VCPU", "CPU", "State",
            "Time(s)", "Affinity", "Soft");
    for (i = 0; i < n; i++) {
        char cpu[16] = "-";

        if (v[i].online)
            text_fmt(cpu, sizeof cpu, "%u", v[i].cpu);
        buf_fmt(out, "%4u %4s %c%c%c   %10.1f  %-16s %s\n", v[i].id, cpu,
                v[i].running ? 'r' : '-', v[i].blocked ? 'b' : '-',
                v[i].online ? '-' : 'p', (double)v[i].cpu_ns / 1e9, v[i].hard,
                v[i].soft);
    }
}

static void
show_model(const struct cmd_ctx *ctx, const struct dom *d)
{
    struct model_info m;

    if (d->off || !engine_model(ctx->en, d->id, &m))
        return;
    buf_fmt(ctx->out, "model:    process %d", m.pid);
    if (m.state[0] != '\0')
        buf_fmt(ctx->out, ", %s", m.state);
    if (m.port != 0)
        buf_fmt(ctx->out, ", VNC port %u", m.port);
    buf_fmt(ctx->out, ", log %s\n", m.log);
}

static void
show_text(const struct cmd_ctx *ctx, const struct dom *d,
          const struct dom_vcpu *v, size_t n)
{
    struct buf *out = ctx->out;
    char letters[7], uptime[16], id[16] = "-";
    int i;

    if (!d->off)
        text_fmt(id, sizeof id, "%u", d->domid);

    dom_state_letters(d, letters);
    buf_fmt(out, "name:     %s\ndomid:    %s\nuuid:     ", d->name, id);
    for (i = 0; i < 16; i++)
        buf_fmt(out, "%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "",
                d->uuid[i]);
    buf_fmt(out, "\nkind:     %s\nstate:    %s (%s)\n", dom_kind_name(d->kind),
            dom_state_word(d), letters);
    buf_fmt(out, "owner:    %s\n", d->owned ? "xendeck" : "another toolstack");
    show_memory(out, d);
    buf_fmt(out, "vcpus:    %u online of %u\ncpupool:  %u\n", d->vcpus_online,
            d->vcpus_max, d->cpupool);
    buf_fmt(out, "cpu time: %.1f s\n", (double)d->cpu_ns / 1e9);
    if (d->start_wall_s > 0) {
        text_span(uptime, sizeof uptime, dom_uptime_s(d, ctx_wall_s(ctx)));
        buf_fmt(out, "uptime:   %s\n", uptime);
    }
    if (d->restarts > 0)
        buf_fmt(out, "restarts: %u\n", d->restarts);
    if (d->last_end[0] != '\0') {
        char when[32];

        wall_text(d->last_end_wall_s, when);
        buf_fmt(out, "last end: %s, %s\n", d->last_end, when);
    }
    show_model(ctx, d);
    show_vcpus(out, v, n);
}

static enum cmd_rc
exec_show(struct cmd_ctx *ctx)
{
    struct dom_vcpu *v = xcalloc(VCPUS_MAX, sizeof v[0]);
    enum cmd_rc rc = CMD_ERROR;
    const struct dom *d;
    size_t n = 0;

    d = engine_dom_by_id(ctx->en, ctx->dom_id);
    if ((d == NULL || !d->off) &&
        engine_vcpus(ctx->en, ctx->dom_id, v, VCPUS_MAX, &n, ctx->e) < 0)
        goto out;
    if (d == NULL) {
        err_set(ctx->e, ERR_NOENT, "show: the domain is gone");
        goto out;
    }
    rc = CMD_OK;
    if (ctx->json)
        show_json(ctx, d, v, n);
    else
        show_text(ctx, d, v, n);
out:
    free(v);
    return rc;
}

static enum cmd_rc
exec_config(struct cmd_ctx *ctx)
{
    return engine_config_text(ctx->en, ctx->dom_id, ctx->out, ctx->e) == 0
               ? CMD_OK
               : CMD_ERROR;
}

static enum cmd_rc
exec_store(struct cmd_ctx *ctx)
{
    return engine_store_text(ctx->en, ctx->dom_id, STORE_LINES, ctx->out,
                             ctx->e) == 0
               ? CMD_OK
               : CMD_ERROR;
}

/* --- the last hour --- */

/* What the verb was asked for. */
struct wish {
    uint64_t dom_id; /* or HISTORY_HOST */
    char name[MODEL_NAME_MAX];
    unsigned span_s;
    double v[HISTORY_SPAN_S]; /* of one metric at a time */
    size_t n;                 /* samples in the span */
    unsigned step_s;
};

static const struct {
    const char *label, *member;
} metrics[HISTORY_AMOUNTS] = {
    [HISTORY_CPU] = { "cpu", "cpu_pct" },
    [HISTORY_RX] = { "rx/s", "rx_bytes_s" },
    [HISTORY_TX] = { "tx/s", "tx_bytes_s" },
    [HISTORY_RD] = { "rd/s", "rd_bytes_s" },
    [HISTORY_WR] = { "wr/s", "wr_bytes_s" },
    [HISTORY_MEM] = { "memory", "mem_bytes" },
};

/* --- the last hour as text --- */

/* Of processors, in %: the others are bytes. */
static bool
is_share(unsigned what)
{
    return what == HISTORY_CPU || what >= HISTORY_WHATS;
}

static void
cmd_show_value_text(char *dst, size_t dst_size, unsigned what, double v)
{
    if (is_share(what) && v >= 0)
        text_fmt(dst, dst_size, "%.1f%%", v);
    else
        text_rate(dst, dst_size, v);
}

/* The highest known value of samples [from, to); < 0: none. */
static double
highest(const struct wish *w, size_t from, size_t to)
{
    double top = -1;

    for (; from < to; from++)
        top = w->v[from] > top ? w->v[from] : top;
    return top;
}

/* A column has the highest of its samples: a short peak is seen. */
static void
put_sparkline(const struct wish *w, double top, bool utf8, struct buf *out)
{
    size_t i, cols = w->n < SPARK_COLS ? w->n : SPARK_COLS;

    for (i = 0; i < cols; i++) {
        double v = highest(w, i * w->n / cols, (i + 1) * w->n / cols);

        buf_str(out, text_spark(v < 0 ? -1 : top > 0 ? v / top : 0, utf8));
    }
    buf_fmt(out, "%*s", (int)(SPARK_COLS - cols), "");
}

static void
metric_text(const struct cmd_ctx *ctx, struct wish *w, const char *label,
            unsigned what)
{
    char last[16], mean[16], peak[16];
    struct history_sum sum;

    engine_history_last(ctx->en, w->dom_id, what, w->v, w->n);
    engine_history_sum(ctx->en, w->dom_id, what, w->span_s, &sum);
    cmd_show_value_text(last, sizeof last, what, sum.last);
    cmd_show_value_text(mean, sizeof mean, what, sum.mean);
    cmd_show_value_text(peak, sizeof peak, what, sum.peak);
    buf_fmt(ctx->out, "%-8s ", label);
    put_sparkline(w, sum.peak, ctx->ses->utf8, ctx->out);
    buf_fmt(ctx->out, " %8s %8s %8s\n", last, mean, peak);
}

/* The one of a domain with a single one is in its own share. */
static unsigned
recorded_vcpus(const struct cmd_ctx *ctx, const struct wish *w)
{
    unsigned n = engine_history_vcpus(ctx->en, w->dom_id);

    return n > 1 ? n : 0;
}

static void
history_text(const struct cmd_ctx *ctx, struct wish *w)
{
    unsigned i, n = recorded_vcpus(ctx, w);
    char last[16];

    text_span(last, sizeof last, w->span_s);
    buf_fmt(ctx->out, "%s, the last %s, %u s a sample\n", w->name, last,
            w->step_s);
    buf_fmt(ctx->out, "%-8s %*s %8s %8s %8s\n", "", -SPARK_COLS, "", "now",
            "mean", "peak");
    for (i = 0; i < HISTORY_AMOUNTS; i++)
        metric_text(ctx, w, metrics[i].label, i);
    for (i = 0; i < n; i++) {
        text_fmt(last, sizeof last, "%s %u",
                 w->dom_id == HISTORY_HOST ? "pcpu" : "vcpu", i);
        metric_text(ctx, w, last, HISTORY_VCPU(i));
    }
}

/* --- the last hour as JSON --- */

/* Null where it is not known. */
static struct json_object *
value_json(unsigned what, double v)
{
    if (v < 0)
        return NULL;
    if (is_share(what))
        return json_object_new_double((double)(long)(v * 100 + 0.5) / 100);
    return json_object_new_uint64((uint64_t)(v + 0.5));
}

/* Samples in one value: all those of a host of many cpus would hold up the
 * engine. */
static size_t
samples_joined(const struct wish *w, unsigned cpus)
{
    size_t all = w->n * cpus;

    return all > SAMPLES_MAX ? (all + SAMPLES_MAX - 1) / SAMPLES_MAX : 1;
}

/* The mean of those known among n. */
static double
mean_of(const double *v, size_t n)
{
    double sum = 0;
    size_t i, known = 0;

    for (i = 0; i < n; i++)
        if (v[i] >= 0) {
            sum += v[i];
            known++;
        }
    return known > 0 ? sum / (double)known : -1;
}

/* Its samples are joined from the newest on: the oldest may be of fewer. */
static struct json_object *
samples_json(const struct wish *w, unsigned what, size_t joined)
{
    struct json_object *all = json_object_new_array();
    size_t i, n = w->n % joined;

    for (i = 0; i < w->n; i += n, n = joined) {
        if (n == 0)
            n = joined;
        json_object_array_add(all, value_json(what, mean_of(&w->v[i], n)));
    }
    return all;
}

/* joined: samples in one value. */
static struct json_object *
metric_json(const struct cmd_ctx *ctx, struct wish *w, unsigned what,
            size_t joined)
{
    struct json_object *js = json_object_new_object();
    struct history_sum sum;

    engine_history_last(ctx->en, w->dom_id, what, w->v, w->n);
    engine_history_sum(ctx->en, w->dom_id, what, w->span_s, &sum);
    json_object_object_add(js, "mean", value_json(what, sum.mean));
    json_object_object_add(js, "peak", value_json(what, sum.peak));
    json_put_u64(js, "known", sum.known);
    json_object_object_add(js, "samples", samples_json(w, what, joined));
    return js;
}

static void
history_json(const struct cmd_ctx *ctx, struct wish *w)
{
    struct json_object *js = json_object_new_object();
    struct json_object *vcpus = json_object_new_array();
    unsigned i, n = recorded_vcpus(ctx, w);
    size_t joined = samples_joined(w, n);

    json_put_text(js, "name", w->name);
    json_put_u64(js, "span_s", w->span_s);
    json_put_u64(js, "step_s", w->step_s);
    json_object_object_add(js, "end_wall_s",
                           json_object_new_double(ctx_wall_s(ctx)));
    for (i = 0; i < HISTORY_AMOUNTS; i++)
        json_object_object_add(js, metrics[i].member,
                               metric_json(ctx, w, i, 1));
    for (i = 0; i < n; i++)
        json_object_array_add(vcpus,
                              metric_json(ctx, w, HISTORY_VCPU(i), joined));
    json_put_u64(js, "cpu_step_s", joined * w->step_s);
    json_object_object_add(
        js, w->dom_id == HISTORY_HOST ? "pcpus_pct" : "vcpus_pct", vcpus);
    json_out(ctx->out, js);
}

/* --- the verbs --- */

/* "--span 10m" or "--span=10m", if there is an argument. */
static enum cmd_rc
parse_wish(struct cmd_ctx *ctx, struct wish *w)
{
    const char *span = NULL;

    w->span_s = SPAN_DEFAULT_S;
    if (ctx->argc == 0)
        return CMD_OK;
    if (ctx->argc == 1 && strncmp(ctx->argv[0], "--span=", 7) == 0)
        span = ctx->argv[0] + 7;
    else if (ctx->argc == 2 && strcmp(ctx->argv[0], "--span") == 0)
        span = ctx->argv[1];
    else
        return cmd_usage(ctx, ctx->argv[0]);
    if (!text_span_parse(span, SPAN_MIN_S, HISTORY_SPAN_S, &w->span_s)) {
        err_set(ctx->e, ERR_INVALID,
                "%s: --span: found \"%s\", allowed 10s to 1h, as 90s or 10m",
                ctx->cmd->name, span);
        return CMD_USAGE;
    }
    return CMD_OK;
}

static enum cmd_rc
show_history(struct cmd_ctx *ctx, uint64_t dom_id, const char *name)
{
    struct wish w = { .dom_id = dom_id };
    enum cmd_rc rc = parse_wish(ctx, &w);

    if (rc != CMD_OK)
        return rc;
    w.step_s = engine_history_step(ctx->en);
    if (w.step_s == 0) {
        err_set(ctx->e, ERR_UNSUPPORTED,
                "%s: nothing is recorded: only an engine that goes on running "
                "keeps a history, and \"history = true;\" in xendeck.conf "
                "says so",
                ctx->cmd->name);
        return CMD_ERROR;
    }
    w.n = (w.span_s + w.step_s - 1) / w.step_s;
    text_fmt(w.name, sizeof w.name, "%s", name);
    if (ctx->json)
        history_json(ctx, &w);
    else
        history_text(ctx, &w);
    return CMD_OK;
}

static enum cmd_rc
exec_history(struct cmd_ctx *ctx)
{
    const struct dom *d = engine_dom_by_id(ctx->en, ctx->dom_id);

    if (d == NULL) {
        err_set(ctx->e, ERR_NOENT, "history: the domain is gone");
        return CMD_ERROR;
    }
    return show_history(ctx, d->id, d->name);
}

static enum cmd_rc
exec_host_history(struct cmd_ctx *ctx)
{
    return show_history(ctx, HISTORY_HOST, engine_host_info(ctx->en)->hostname);
}

static const struct cmd cmds[] = {
    { .name = "show",
      .args = "[NAME]",
      .arg = CMD_ARG_DOMAIN,
      .json = true,
      .needs = CMD_NEED_DOMAIN | CMD_TAKES_OFF,
      .right = RIGHT_VIEW,
      .help = "Show a domain and its virtual cpus",
      .exec = exec_show },
    { .name = "config",
      .args = "[NAME]",
      .arg = CMD_ARG_DOMAIN,
      .needs = CMD_NEED_DOMAIN | CMD_TAKES_OFF,
      .right = RIGHT_VIEW,
      .help = "Show a domain's configuration",
      .exec = exec_config },
    { .name = "store",
      .args = "[NAME]",
      .arg = CMD_ARG_DOMAIN,
      .needs = CMD_NEED_DOMAIN,
      .right = RIGHT_VIEW,
      .help = "Show what xenstore holds of a domain",
      .exec = exec_store },
    { .name = "history",
      .args = "[NAME] [--span 10m]",
      .max_args = 2,
      .arg = CMD_ARG_DOMAIN,
      .json = true,
      .needs = CMD_NEED_DOMAIN | CMD_TAKES_OFF,
      .right = RIGHT_VIEW,
      .help = "Show what a domain did in the last hour",
      .exec = exec_history },
    { .name = "host-history",
      .args = "[--span 10m]",
      .max_args = 2,
      .json = true,
      .right = RIGHT_VIEW,
      .help = "Show what the host did in the last hour",
      .exec = exec_host_history },
};

const struct cmd_family cmd_family_show = { cmds, sizeof cmds / sizeof cmds[0],
                                            60 };
