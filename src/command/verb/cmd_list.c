/*
 * cmd_list.c - the domains as text and as JSON.
 */
#include <stdlib.h>
#include <string.h>

#include "src/base/xalloc.h"
#include "src/command/cmd_json.h"
#include "src/command/family.h"
#include "src/command/filter/dom_filter.h"
#include "src/command/job.h"
#include "ui/draw/ui_text.h"

#define NAME_COLS 38
#define RATES_MS  1000 /* between the two samples of --rates */

double
ctx_wall_s(const struct cmd_ctx *ctx)
{
    return loop_wall_s(ctx->ses->lp);
}

unsigned long long
dom_uptime_s(const struct dom *d, double wall_s)
{
    if (d->start_wall_s <= 0 || wall_s < d->start_wall_s)
        return 0;
    return (unsigned long long)(wall_s - d->start_wall_s);
}

static void
uuid_text(const uint8_t u[16], char out[37])
{
    static const char hex[] = "0123456789abcdef";
    size_t i, at = 0;

    for (i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            out[at++] = '-';
        out[at++] = hex[u[i] >> 4];
        out[at++] = hex[u[i] & 15];
    }
    out[at] = '\0';
}

struct json_object *
dom_json(const struct dom *d, double wall_s)
{
    struct json_object *js = json_object_new_object();
    char uuid[37], letters[7];

    uuid_text(d->uuid, uuid);
    dom_state_letters(d, letters);
    json_object_object_add(js, "domid",
                           d->off ? NULL : json_object_new_uint64(d->domid));
    json_put_text(js, "name", d->name);
    json_put_text(js, "uuid", uuid);
    json_put_text(js, "kind", dom_kind_name(d->kind));
    json_put_text(js, "state", dom_state_word(d));
    json_put_text(js, "flags", letters);
    json_object_object_add(
        js, "reason",
        d->flags & DOM_F_SHUTDOWN
            ? json_object_new_string(dom_reason_name(d->reason))
            : NULL);
    json_put_u64(js, "cpu_ns", d->cpu_ns);
    json_put_u64(js, "mem_kib", d->mem_kib);
    json_object_object_add(
        js, "max_kib",
        d->max_kib == UINT64_MAX ? NULL : json_object_new_uint64(d->max_kib));
    json_put_u64(js, "target_kib", d->target_kib);
    json_put_u64(js, "vcpus", d->vcpus_online);
    json_put_u64(js, "vcpus_max", d->vcpus_max);
    json_put_u64(js, "cpupool", d->cpupool);
    json_object_object_add(js, "uptime_s",
                           d->start_wall_s > 0
                               ? json_object_new_uint64(dom_uptime_s(d, wall_s))
                               : NULL);
    json_put_rate(js, "rx_bytes_s", d->rates.rx_bytes);
    json_put_rate(js, "tx_bytes_s", d->rates.tx_bytes);
    json_put_rate(js, "rd_bytes_s", d->rates.rd_bytes);
    json_put_rate(js, "wr_bytes_s", d->rates.wr_bytes);
    json_put_bool(js, "owned", d->owned);
    json_put_bool(js, "building", d->building);
    json_put_bool(js, "off", d->off);
    json_put_bool(js, "saved", d->saved);
    json_put_bool(js, "autostart", d->autostart);
    json_put_bool(js, "preserved", d->preserved);
    json_put_bool(js, "left", d->left);
    json_put_text(js, "tags", d->tags);
    json_put_u64(js, "restarts", d->restarts);
    json_put_bool(js, "refused", d->refused);
    json_object_object_add(
        js, "last_end",
        d->last_end[0] != '\0' ? json_object_new_string(d->last_end) : NULL);
    return js;
}

/* What is listed: the named domains as they were named, or all; of these, those
 * that pass the filter. */
struct listed {
    const struct engine *en;
    uint64_t ids[CMD_ARGS_MAX];
    size_t n; /* 0: all */
    bool rates;
    struct dom_filter where;
    double now_s;
};

/* The next one from *i on that is still there, or NULL. */
static const struct dom *
list_next_any(const struct listed *l, size_t *i)
{
    const struct dom *d = NULL;

    if (l->n == 0)
        return engine_dom_at(l->en, (*i)++);
    while (d == NULL && *i < l->n)
        d = engine_dom_by_id(l->en, l->ids[(*i)++]);
    return d;
}

/* The same of those that pass. */
static const struct dom *
list_next(const struct listed *l, size_t *i)
{
    const struct dom *d;

    do {
        d = list_next_any(l, i);
    } while (d != NULL && !dom_filter_match(&l->where, d, l->now_s));
    return d;
}

static void
list_json(const struct listed *l, struct buf *out)
{
    struct json_object *all = json_object_new_array();
    const struct dom *d;
    size_t i = 0;

    while ((d = list_next(l, &i)) != NULL)
        json_object_array_add(all, dom_json(d, l->now_s));
    json_out(out, all);
}

static void
list_rates(struct buf *out, const struct dom_rates *r)
{
    const double v[] = { r->rx_bytes, r->tx_bytes, r->rd_bytes, r->wr_bytes };
    char text[16];
    size_t i;

    for (i = 0; i < 4; i++) {
        text_rate(text, sizeof text, v[i]);
        buf_fmt(out, " %7s", text);
    }
}

/* Of one that is off: what it will get. */
static uint64_t
dom_mem_shown(const struct dom *d)
{
    return d->off ? d->target_kib : d->mem_kib;
}

/* A name has any characters, of one column or two, and any length: the widest
 * one makes room for all. */
static int
list_name_cols(const struct listed *l)
{
    const struct dom *d;
    int cols = NAME_COLS, n;
    size_t i = 0;

    while ((d = list_next(l, &i)) != NULL) {
        n = ui_text_cols(d->name);
        cols = n > cols ? n : cols;
    }
    return cols;
}

static void
list_name(struct buf *out, const char *name, int cols)
{
    int pad = cols - ui_text_cols(name);

    buf_fmt(out, "%s%*s", name, pad > 0 ? pad : 0, "");
}

static void
list_row(struct buf *out, const struct dom *d, double wall_s, bool rates,
         int name_cols)
{
    char letters[7], uptime[16] = "-", id[16] = "-";

    dom_state_letters(d, letters);
    if (d->start_wall_s > 0)
        text_span(uptime, sizeof uptime, dom_uptime_s(d, wall_s));
    if (!d->off)
        text_fmt(id, sizeof id, "%u", d->domid);
    list_name(out, d->name, name_cols);
    buf_fmt(out, " %5s %7llu %5u %9s %9.1f  %-4s %9s  %-7s", id,
            (unsigned long long)(dom_mem_shown(d) / 1024),
            d->off ? d->vcpus_max : d->vcpus_online,
            d->off || d->preserved || d->left ? dom_state_word(d) : letters,
            (double)d->cpu_ns / 1e9, dom_kind_name(d->kind), uptime,
            d->owned ? "xendeck" : "-");
    if (rates)
        list_rates(out, &d->rates);
    while (out->data[out->len - 1] == ' ')
        out->data[--out->len] = '\0';
    buf_chr(out, '\n');
}

static void
list_text(const struct listed *l, struct buf *out)
{
    const struct dom *d;
    int cols = list_name_cols(l);
    size_t i = 0;

    list_name(out, "Name", cols);
    buf_fmt(out, " %5s %7s %5s %9s %9s  %-4s %9s  %s%s\n", "ID", "Mem", "VCPUs",
            "State", "Time(s)", "Kind", "Uptime", "Owner",
            l->rates ? "      RX/s    TX/s    RD/s    WR/s" : "");
    while ((d = list_next(l, &i)) != NULL)
        list_row(out, d, l->now_s, l->rates, cols);
}

/* --- rates: two samples, and the time between --- */

struct sampling {
    struct cmd_job job;
    struct loop_timer second;
    struct rates_want want;
    struct listed listed;
    bool json;
};

static void
list_print(const struct listed *l, bool json, struct buf *out)
{
    if (json)
        list_json(l, out);
    else
        list_text(l, out);
}

static void
sampled(struct loop_timer *lt)
{
    struct sampling *sa = container_of(lt, struct sampling, second);

    if (sa->job.over)
        return;
    engine_rates_want(sa->job.en, &sa->want, RATES_DEVICES);
    sa->listed.now_s = loop_wall_s(sa->job.ses->lp);
    list_print(&sa->listed, sa->json, &sa->job.out);
    cmd_job_end(&sa->job, CMD_OK);
}

static void
sampling_free(struct cmd_job *j)
{
    struct sampling *sa = container_of(j, struct sampling, job);

    loop_timer_del(&sa->second);
    engine_rates_unwant(&sa->want);
    dom_filter_fini(&sa->listed.where);
    free(sa);
}

/* Takes the filter of l. */
static enum cmd_rc
list_sampled(struct cmd_ctx *ctx, struct listed *l)
{
    static const struct cmd_job_ops ops = { .free = sampling_free };
    struct sampling *sa = xcalloc(1, sizeof *sa);

    sa->listed = *l;
    l->where = (struct dom_filter){ 0 };
    sa->json = ctx->json;
    engine_rates_want(ctx->en, &sa->want, RATES_DEVICES);
    loop_timer_arm(ctx->ses->lp, &sa->second, RATES_MS, sampled);
    return cmd_job_start(ctx, &sa->job, &ops);
}

/* The words behind `list': names, and options among them. */
static enum cmd_rc
list_take_args(struct cmd_ctx *ctx, struct listed *l)
{
    const struct dom *d;
    int i;

    for (i = 0; i < ctx->argc; i++) {
        if (strcmp(ctx->argv[i], "--rates") == 0) {
            l->rates = true;
            continue;
        }
        if (strcmp(ctx->argv[i], "--where") == 0 && i + 1 < ctx->argc) {
            if (dom_filter_set(&l->where, ctx->argv[++i], ctx->e) < 0)
                return CMD_USAGE;
            continue;
        }
        if (ctx->argv[i][0] == '-')
            return cmd_usage(ctx, ctx->argv[i]);
        d = engine_dom_find(ctx->en, ctx->argv[i], ctx->e);
        if (d == NULL)
            return CMD_ERROR;
        l->ids[l->n++] = d->id;
    }
    return CMD_OK;
}

static enum cmd_rc
cmd_list_exec_list(struct cmd_ctx *ctx)
{
    struct listed l = { .en = ctx->en, .now_s = ctx_wall_s(ctx) };
    enum cmd_rc rc = list_take_args(ctx, &l);

    if (rc == CMD_OK && ctx->ses->screen == NULL &&
        (l.rates || dom_filter_wants_rates(&l.where)))
        rc = list_sampled(ctx, &l);
    else if (rc == CMD_OK) /* on a screen the list has sampled */
        list_print(&l, ctx->json, ctx->out);
    dom_filter_fini(&l.where);
    return rc;
}

static const struct cmd cmds[] = {
    { .name = "list",
      .alias = "ls",
      .args = "[NAME...] [--where CONDITIONS] [--rates]",
      .arg = CMD_ARG_DOMAIN,
      .arg2 = CMD_ARG_DOMAIN,
      .arg3 = CMD_ARG_DOMAIN,
      .max_args = CMD_ARGS_MAX,
      .json = true,
      .right = RIGHT_VIEW,
      .help = "List the domains, as xl list does and more",
      .exec = cmd_list_exec_list },
};

const struct cmd_family cmd_family_list = { cmds, sizeof cmds / sizeof cmds[0],
                                            50 };
