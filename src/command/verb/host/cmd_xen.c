/*
 * cmd_xen.c - verbs about the hypervisor: its log, debug keys, what the node
 * has, and the trace of our own calls.
 */
#include <string.h>

#include "src/base/xalloc.h"
#include "src/command/call.h"
#include "src/command/family.h"
#include "src/command/job.h"
#include "src/command/screen.h"
#include "src/command/verb/host/key_words.h"

/* --- the log, followed --- */

struct tailing {
    struct feed fe;
    uint64_t next; /* number of the first line not told */
};

static void
tell_lines(struct feed *fe)
{
    struct tailing *t = container_of(fe, struct tailing, fe);
    const char *line;
    size_t n;
    uint64_t first = engine_xen_log_range(fe->job.en, &n);

    if (t->next < first)
        t->next = first;
    for (; feed_room(fe) &&
           (line = engine_xen_log_line(fe->job.en, t->next)) != NULL;
         t->next++) {
        session_put(fe->job.ses, SESSION_OUT, line);
        session_put(fe->job.ses, SESSION_OUT, "\n");
    }
}

static enum cmd_rc
follow_log(struct cmd_ctx *ctx)
{
    struct screen *sc = ctx->ses->screen;
    struct tailing *t;
    enum cmd_rc rc;

    if (sc != NULL) {
        sc->ops->show_log(sc);
        return CMD_OK;
    }
    if (engine_xen_log_read(ctx->en, ctx->e) < 0)
        return CMD_ERROR;
    t = xcalloc(1, sizeof *t);
    t->fe.what = ENGINE_CH_XENLOG;
    t->fe.tell = tell_lines;
    rc = feed_start(ctx, &t->fe);
    tell_lines(&t->fe);
    return rc;
}

static enum cmd_rc
exec_xen_log(struct cmd_ctx *ctx)
{
    if (ctx->argc > 0 && strcmp(ctx->argv[0], "--follow") != 0)
        return cmd_usage(ctx, ctx->argv[0]);
    if (ctx->argc > 0)
        return follow_log(ctx);
    return engine_xen_log(ctx->en, ctx->out, ctx->e) == 0 ? CMD_OK : CMD_ERROR;
}

static enum cmd_rc
exec_debug_keys(struct cmd_ctx *ctx)
{
    if (ctx->argc == 0) {
        key_words_print(KEY_WORDS_XEN, ctx->out);
        return CMD_OK;
    }
    if (engine_debug_keys(ctx->en, ctx->argv[0], ctx->e) < 0)
        return CMD_ERROR;
    session_say(ctx->ses, "debug keys %s are sent, see Xen's log",
                ctx->argv[0]);
    return CMD_OK;
}

static bool
debug_keys_read(const struct cmd_call *call)
{
    return call->argc == 0;
}

/* A key that ends the host is asked about. */
static void
debug_keys_ask(const struct cmd_ctx *ctx, struct buf *out)
{
    const char *k, *danger;

    for (k = ctx->argc > 0 ? ctx->argv[0] : ""; *k != '\0'; k++)
        if ((danger = key_words_danger(KEY_WORDS_XEN, *k)) != NULL) {
            buf_fmt(out, "Key %c %s. Send it?", *k, danger);
            return;
        }
}

static enum cmd_rc
exec_trace(struct cmd_ctx *ctx)
{
    bool on = engine_trace_on(ctx->en);
    char path[512];

    if (ctx->argc > 0 && !parse_on_off(ctx->argv[0], &on))
        return cmd_usage(ctx, ctx->argv[0]);
    if (ctx->argc > 0 && engine_trace(ctx->en, on, ctx->e) < 0)
        return CMD_ERROR;
    engine_trace_path(ctx->en, path, sizeof(path));
    buf_fmt(ctx->out, "trace %s: %s\n", on ? "on" : "off", path);
    return CMD_OK;
}

static bool
trace_reads(const struct cmd_call *call)
{
    return call->argc == 0;
}

static const struct cmd cmds[] = {
    { .name = "xen-log",
      .alias = "dmesg",
      .args = "[--follow]",
      .arg = CMD_ARG_TEXT,
      .max_args = 1,
      .right = RIGHT_VIEW,
      .help = "Show Xen's own log, or follow it",
      .exec = exec_xen_log },
    { .name = "debug-keys",
      .args = "[KEYS]",
      .arg = CMD_ARG_TEXT,
      .max_args = 1,
      .right = RIGHT_ADMIN,
      .reads = debug_keys_read,
      .ask = debug_keys_ask,
      .help = "Send keys to Xen's console; without KEYS: say what each does",
      .exec = exec_debug_keys },
    { .name = "trace",
      .args = "[on|off]",
      .arg = CMD_ARG_WORDS,
      .max_args = 1,
      .reads = trace_reads,
      .right = RIGHT_ADMIN,
      .help = "Write every call to Xen and xenstore into a file, or stop",
      .exec = exec_trace },
};

const struct cmd_family cmd_family_xen = { cmds, sizeof cmds / sizeof cmds[0],
                                           160 };
