/*
 * cmd_info.c - the host, Xen's log, the engine's log.
 */
#include <string.h>
#include <time.h>

#include "src/command/cmd_json.h"
#include "src/command/command.h"
#include "src/command/family.h"
#include "src/command/screen.h"

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
    buf_fmt(out, "host-memory  %llu MiB, %llu MiB free\n",
            (unsigned long long)(h->total_kib / 1024),
            (unsigned long long)(h->free_kib / 1024));
    buf_fmt(out,
            "states       %u running, %u paused, %u dead, %u saved, %u off\n",
            h->doms_running, h->doms_paused, h->doms_dead, h->doms_saved,
            h->doms_off);
    if (h->store_lost)
        buf_str(out,
                "problem      xenstored is gone, nothing can be changed\n");
    if (h->problem[0] != '\0')
        buf_fmt(out, "problem      %s\n", h->problem);
}

static void
json_add(struct json_object *js, const char *name, const char *value)
{
    struct json_object *v = json_object_new_string(value), *there, *all;

    if (!json_object_object_get_ex(js, name, &there)) {
        json_object_object_add(js, name, v);
    } else if (json_object_is_type(there, json_type_array)) {
        json_object_array_add(there, v);
    } else {
        all = json_object_new_array();
        json_object_array_add(all, json_object_get(there));
        json_object_array_add(all, v);
        json_object_object_add(js, name, all);
    }
}

/* "NAME VALUE" or "NAME : VALUE" lines as an object; a name that comes again
 * has a list. */
static void
lines_json(char *text, struct buf *out)
{
    struct json_object *js = json_object_new_object();
    char *line, *save = NULL;
    size_t n;

    for (line = strtok_r(text, "\n", &save); line != NULL;
         line = strtok_r(NULL, "\n", &save)) {
        n = strcspn(line, " ");
        if (line[n] != '\0')
            line[n++] = '\0';
        n += strspn(line + n, " ");
        if (line[n] == ':')
            n += 1 + strspn(line + n + 1, " ");
        json_add(js, line, line + n);
    }
    json_out(out, js);
}

/* Puts the lines that were made into ctx->out, in the form asked for. */
static enum cmd_rc
show_lines(struct cmd_ctx *ctx, struct buf *lines)
{
    if (ctx->json && lines->data != NULL)
        lines_json(lines->data, ctx->out);
    else
        buf_str(ctx->out, buf_text(lines));
    buf_free(lines);
    return CMD_OK;
}

static enum cmd_rc
exec_info(struct cmd_ctx *ctx)
{
    struct buf b = { 0 };

    host_text(engine_host_info(ctx->en), &b);
    engine_info_text(ctx->en, &b);
    return show_lines(ctx, &b);
}

static enum cmd_rc
exec_node(struct cmd_ctx *ctx)
{
    struct buf b = { 0 };

    if (engine_node_text(ctx->en, &b, ctx->e) < 0) {
        buf_free(&b);
        return CMD_ERROR;
    }
    return show_lines(ctx, &b);
}

static enum cmd_rc
exec_log(struct cmd_ctx *ctx)
{
    const struct log *lg = engine_log(ctx->en);
    struct screen *sc = ctx->ses->screen;
    char when[32];
    size_t i;

    if (sc != NULL) {
        sc->ops->show_log(sc);
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
      .json = true,
      .right = RIGHT_VIEW,
      .help = "Show the host, and what this program holds",
      .exec = exec_info },
    { .name = "node",
      .keys = "H",
      .in = CMD_IN_LIST | CMD_IN_LOG,
      .json = true,
      .right = RIGHT_VIEW,
      .help = "Show what the host has, as xl info does",
      .exec = exec_node },
    { .name = "log",
      .keys = "l",
      .in = CMD_IN_ANY,
      .right = RIGHT_VIEW,
      .help = "Open the log; with -e: print it",
      .exec = exec_log },
};

const struct cmd_family cmd_family_info = { cmds, sizeof cmds / sizeof cmds[0],
                                            90 };
