/*
 * cmd_show.c - one domain in full: what it is, its configuration, its part of
 * xenstore.
 */
#include "src/base/xalloc.h"

#include <stdlib.h>

#include "src/command/cmd_json.h"
#include "src/command/command.h"
#include "src/command/family.h"

#define VCPUS_MAX   512
#define STORE_LINES 5000

static struct json_object *
vcpu_json(const struct dom_vcpu *v)
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
        json_object_array_add(all, vcpu_json(&v[i]));
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
};

const struct cmd_family cmd_family_show = { cmds, sizeof cmds / sizeof cmds[0],
                                            60 };
