/*
 * info.c - the host, Xen's log, the events, the engine's log.
 */
#include <time.h>

#include "ui/command/command.h"
#include "ui/command/family.h"
#include "ui/ui.h"

void
wall_text(double wall_s, char out[32])
{
    time_t t = (time_t)wall_s;
    struct tm tm;

    if (localtime_r(&t, &tm) == NULL ||
        strftime(out, 32, "%Y-%m-%d %H:%M:%S", &tm) == 0)
        text_fmt(out, 32, "%.0f", wall_s);
}

/* What the engine's part, which follows, does not say. */
static void
host_text(const struct host *h, struct buf *out)
{
    buf_fmt(out, "host         %s\n", h->hostname);
    buf_fmt(out,
            "cpus         %u of %.0f MHz (%u node%s, %u cores a socket, %u "
            "threads a core)\n",
            h->cpus, (double)h->cpu_khz / 1000, h->nodes,
            h->nodes == 1 ? "" : "s", h->cores_per_socket, h->threads_per_core);
    buf_fmt(out, "host memory  %llu MiB, %llu MiB free\n",
            (unsigned long long)(h->total_kib / 1024),
            (unsigned long long)(h->free_kib / 1024));
    buf_fmt(out, "states       %u running, %u paused, %u dead\n",
            h->doms_running, h->doms_paused, h->doms_dead);
    if (h->store_lost)
        buf_str(out,
                "problem      xenstored is gone, nothing can be changed\n");
    if (h->problem[0] != '\0')
        buf_fmt(out, "problem      %s\n", h->problem);
}

static enum cmd_rc
exec_info(struct cmd_ctx *ctx)
{
    host_text(engine_host_info(ctx->en), ctx->out);
    engine_info_text(ctx->en, ctx->out);
    return CMD_OK;
}

static enum cmd_rc
exec_dmesg(struct cmd_ctx *ctx)
{
    return engine_xen_log(ctx->en, ctx->out, ctx->e) == 0 ? CMD_OK : CMD_ERROR;
}

static struct json_object *
event_json(const struct event *ev)
{
    struct json_object *js = json_object_new_object();

    json_object_object_add(js, "seq", json_object_new_uint64(ev->seq));
    json_object_object_add(js, "time", json_object_new_double(ev->wall_s));
    json_object_object_add(js, "kind",
                           json_object_new_string(event_kind_name(ev->kind)));
    json_object_object_add(js, "level",
                           json_object_new_string(event_level_name(ev->level)));
    json_object_object_add(js, "domid", json_object_new_uint64(ev->domid));
    json_object_object_add(js, "name", json_object_new_string(ev->name));
    json_object_object_add(js, "text", json_object_new_string(ev->text));
    return js;
}

static enum cmd_rc
exec_events(struct cmd_ctx *ctx)
{
    struct json_object *all = ctx->json ? json_object_new_array() : NULL;
    const struct event *ev;
    char when[32];
    size_t i;

    for (i = 0; (ev = engine_event_at(ctx->en, i)) != NULL; i++) {
        if (all != NULL) {
            json_object_array_add(all, event_json(ev));
            continue;
        }
        wall_text(ev->wall_s, when);
        buf_fmt(ctx->out, "%s %-5s %s%s%s\n", when, event_level_name(ev->level),
                ev->name, ev->name[0] != '\0' ? ": " : "", ev->text);
    }
    if (all != NULL)
        json_out(ctx->out, all);
    return CMD_OK;
}

static enum cmd_rc
log_show(struct cmd_ctx *ctx)
{
    struct pane *p = ui_pane_find(ctx->ui, PANE_LOG, 0);

    ui_pane_show(ctx->ui, p != NULL ? p : log_pane_new(ctx->ui));
    return CMD_OK;
}

static enum cmd_rc
exec_log(struct cmd_ctx *ctx)
{
    const struct log *lg = engine_log(ctx->en);
    char when[32];
    size_t i;

    if (ctx->ui != NULL)
        return log_show(ctx);
    for (i = 0; lg != NULL && i < log_count(lg); i++) {
        struct log_line l = log_at(lg, i);

        wall_text(l.wall_s, when);
        buf_fmt(ctx->out, "%s %-5s %s\n", when, log_level_name(l.level),
                l.text);
    }
    return CMD_OK;
}

static const struct cmd cmds[] = {
    { .name = "info",
      .keys = "i",
      .in = CMD_IN_ALL,
      .help = "Show the host, and what this program holds",
      .exec = exec_info },
    { .name = "dmesg", .help = "Show Xen's own log", .exec = exec_dmesg },
    { .name = "events",
      .json = true,
      .help = "List what happened: births, deaths, operations",
      .exec = exec_events },
    { .name = "log",
      .keys = "l",
      .in = CMD_IN_ANY,
      .help = "Open the log; with -e: print it",
      .exec = exec_log },
};

const struct cmd_family cmd_family_info = { cmds,
                                            sizeof cmds / sizeof cmds[0] };
