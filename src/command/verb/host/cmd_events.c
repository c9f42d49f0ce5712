/*
 * cmd_events.c - what happened: listed, followed, added to.
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/xalloc.h"
#include "src/command/call.h"
#include "src/command/command.h"
#include "src/command/event_filter.h"
#include "src/command/family.h"
#include "src/command/job.h"
#include "src/command/screen.h"

/* What `events` was asked for. */
struct asked {
    struct event_filter filter;
    bool follow;
    unsigned long long newest; /* so many; ULLONG_MAX: all that are kept */
};

static int
cmd_events_parse(const struct cmd_ctx *ctx, struct asked *a, struct err *e)
{
    bool counted = false;
    int i;

    *a = (struct asked){ .newest = ULLONG_MAX };
    for (i = 0; i < ctx->argc; i++) {
        const char *w = ctx->argv[i];

        if (strcmp(w, "--follow") == 0)
            a->follow = true;
        else if (!counted && text_u64(w, 0, 1000000, &a->newest))
            counted = true;
        else if (w[0] == '-')
            return (void)cmd_usage_of(e, ctx->cmd, w), -1;
        else if (event_filter_add(&a->filter, w, e) < 0)
            return -1;
    }
    if (a->follow && !counted)
        a->newest = 0;
    return 0;
}

void
event_line(const struct event *ev, struct buf *out)
{
    char when[32];

    wall_text(ev->wall_s, when);
    buf_fmt(out, "%s %-7s %-8s %s%s%s\n", when, event_level_name(ev->level),
            event_kind_name(ev->kind), ev->name,
            ev->name[0] != '\0' ? ": " : "", ev->text);
}

static void
put_event(bool json, const struct event *ev, struct buf *out)
{
    if (json)
        engine_event_json(ev, out);
    else
        event_line(ev, out);
}

/* The newest that pass, oldest first. */
static void
cmd_events_list(const struct cmd_ctx *ctx, const struct asked *a)
{
    size_t n = engine_event_count(ctx->en), i = n;
    unsigned long long left = a->newest;

    while (i > 0 && left > 0)
        if (event_filter_match(&a->filter, engine_event_at(ctx->en, --i)))
            left--;
    for (; i < n; i++) {
        const struct event *ev = engine_event_at(ctx->en, i);

        if (event_filter_match(&a->filter, ev) && a->newest > 0)
            put_event(ctx->json, ev, ctx->out);
    }
}

/* --- following --- */

struct following {
    struct feed fe;
    struct asked a;
    bool json;
    uint64_t seen;
};

static void
tell_events(struct feed *fe)
{
    struct following *f = container_of(fe, struct following, fe);
    const struct engine *en = fe->job.en;
    size_t n = engine_event_count(en), i = n;
    struct buf b = { 0 };

    while (i > 0 && engine_event_at(en, i - 1)->seq > f->seen)
        i--;
    for (; i < n && feed_room(fe); i++) {
        const struct event *ev = engine_event_at(en, i);

        f->seen = ev->seq;
        if (!event_filter_match(&f->a.filter, ev))
            continue;
        buf_clear(&b);
        put_event(f->json, ev, &b);
        session_put(fe->job.ses, SESSION_OUT, buf_text(&b));
    }
    buf_free(&b);
}

static enum cmd_rc
cmd_events_follow(struct cmd_ctx *ctx, const struct asked *a)
{
    size_t n = engine_event_count(ctx->en);
    struct following *f = xcalloc(1, sizeof *f);

    f->fe.what = ENGINE_CH_EVENTS;
    f->fe.tell = tell_events;
    f->a = *a;
    f->json = ctx->json;
    f->seen = n > 0 ? engine_event_at(ctx->en, n - 1)->seq : 0;
    return feed_start(ctx, &f->fe);
}

static enum cmd_rc
exec_events(struct cmd_ctx *ctx)
{
    struct screen *sc = ctx->ses->screen;
    struct asked a;

    if (cmd_events_parse(ctx, &a, ctx->e) < 0)
        return CMD_USAGE;
    if (a.follow && sc != NULL) { /* the log pane follows */
        sc->ops->show_log(sc);
        return CMD_OK;
    }
    engine_events_load(ctx->en);
    cmd_events_list(ctx, &a);
    return a.follow ? cmd_events_follow(ctx, &a) : CMD_OK;
}

/* --- event inject --- */

/* xend's form: (NAME ...), an s-expression whose first word is the kind. */
static enum cmd_rc
inject_sxp(struct cmd_ctx *ctx, const char *sxp)
{
    char kind[32];
    size_t n = strcspn(sxp + 1, " ()");

    if (n >= sizeof(kind))
        n = sizeof(kind) - 1;
    text_fmt(kind, sizeof(kind), "%.*s", (int)n, sxp + 1);
    return engine_event_inject(ctx->en, kind, 0, sxp, ctx->e) == 0 ? CMD_OK
                                                                   : CMD_USAGE;
}

void
ctx_join(const struct cmd_ctx *ctx, int nth, struct buf *out)
{
    int i;

    for (i = nth; i < ctx->argc; i++)
        buf_fmt(out, "%s%s", i > nth ? " " : "", ctx->argv[i]);
}

/* inject KIND NAME TEXT */
static const char *
cmd_events_named(const struct cmd_call *call)
{
    return call->argc > 3 ? call->argv[2] : NULL;
}

static enum cmd_rc
inject(struct cmd_ctx *ctx)
{
    struct buf text = { 0 };
    int at = 2, rc;

    if (strcmp(ctx->argv[0], "inject") != 0)
        return cmd_usage(ctx, ctx->argv[0]);
    if (ctx->argc == 2 && ctx->argv[1][0] == '(')
        return inject_sxp(ctx, ctx->argv[1]);
    if (ctx->argc < 3)
        return cmd_usage(ctx, "no text");
    if (ctx->argc > 3)
        at += ctx->dom_id != 0 || strcmp(ctx->argv[2], "-") == 0;
    ctx_join(ctx, at, &text);
    rc = engine_event_inject(ctx->en, ctx->argv[1], ctx->dom_id,
                             buf_text(&text), ctx->e);
    buf_free(&text);
    return rc == 0 ? CMD_OK : CMD_USAGE;
}

static enum cmd_rc
exec_event(struct cmd_ctx *ctx)
{
    enum cmd_rc rc = inject(ctx);

    if (rc == CMD_OK)
        session_say(ctx->ses, "the event is in the log");
    return rc;
}

static const struct cmd cmds[] = {
    { .name = "events",
      .args = "[N] [FILTER...] [--follow]",
      .arg = CMD_ARG_TEXT,
      .max_args = CMD_ARGS_MAX - 1,
      .json = true,
      .right = RIGHT_VIEW,
      .help = "List what happened, also before this start, or follow it",
      .exec = exec_events },
    { .name = "event",
      .needs = CMD_TAKES_OFF | CMD_OR_OTHER,
      .names = cmd_events_named,
      .args = "inject KIND [NAME] TEXT...",
      .arg = CMD_ARG_TEXT,
      .min_args = 2,
      .max_args = CMD_ARGS_MAX - 1,
      .right = RIGHT_OPERATE,
      .help = "Add an event of your own to the log, for people and hooks",
      .exec = exec_event },
};

const struct cmd_family cmd_family_events = { cmds,
                                              sizeof cmds / sizeof cmds[0],
                                              100 };
