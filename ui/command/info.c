/*
 * info.c - the host, Xen's log, the engine's log.
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

void
log_open(struct ui *ui)
{
    struct pane *p = ui_pane_find(ui, PANE_LOG, 0);

    ui_pane_show(ui, p != NULL ? p : log_pane_new(ui));
}

static enum cmd_rc
exec_log(struct cmd_ctx *ctx)
{
    const struct log *lg = engine_log(ctx->en);
    char when[32];
    size_t i;

    if (ctx->ui != NULL) {
        log_open(ctx->ui);
        return CMD_OK;
    }
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
    { .name = "log",
      .keys = "l",
      .in = CMD_IN_ANY,
      .help = "Open the log; with -e: print it",
      .exec = exec_log },
};

const struct cmd_family cmd_family_info = { cmds,
                                            sizeof cmds / sizeof cmds[0] };
