/*
 * events.c - what happened: listed, followed, added to.
 */
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "src/base/fdio.h"
#include "ui/command/command.h"
#include "ui/command/family.h"
#include "ui/event_filter.h"
#include "ui/ui.h"

#define NO_LIMIT_MS (365ULL * 24 * 3600 * 1000)

/* What `events` was asked for. */
struct asked {
    struct event_filter filter;
    bool follow;
    unsigned long long newest; /* so many; ULLONG_MAX: all that are kept */
};

static int
parse(const struct cmd_ctx *ctx, struct asked *a, struct err *e)
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
put_event(const struct cmd_ctx *ctx, const struct event *ev, struct buf *out)
{
    if (ctx->json)
        engine_event_json(ev, out);
    else
        event_line(ev, out);
}

/* The newest that pass, oldest first. */
static void
list(const struct cmd_ctx *ctx, const struct asked *a)
{
    size_t n = engine_event_count(ctx->en), i = n;
    unsigned long long left = a->newest;

    while (i > 0 && left > 0)
        if (event_filter_match(&a->filter, engine_event_at(ctx->en, --i)))
            left--;
    for (; i < n; i++) {
        const struct event *ev = engine_event_at(ctx->en, i);

        if (event_filter_match(&a->filter, ev) && a->newest > 0)
            put_event(ctx, ev, ctx->out);
    }
}

/* --- following --- */

struct following {
    const struct cmd_ctx *ctx;
    const struct asked *a;
    struct engine_listener listener;
    struct loop_fd out_lf;
    uint64_t seen;
    bool closed; /* nobody reads it any more */
    int errnum;
};

/* Each line at once: whoever reads them waits for them. */
static void
tell(struct following *f, const struct event *ev)
{
    struct buf b = { 0 };

    put_event(f->ctx, ev, &b);
    if (!f->closed && fd_write_all(STDOUT_FILENO, b.data, b.len) < 0) {
        f->errnum = errno == EPIPE ? 0 : errno;
        f->closed = true;
    }
    buf_free(&b);
}

static void
changed(struct engine_listener *l, unsigned what)
{
    struct following *f = container_of(l, struct following, listener);
    size_t n = engine_event_count(f->ctx->en), i = n;

    if ((what & ENGINE_CH_EVENTS) == 0)
        return;
    while (i > 0 && engine_event_at(f->ctx->en, i - 1)->seq > f->seen)
        i--;
    for (; i < n; i++) {
        const struct event *ev = engine_event_at(f->ctx->en, i);

        f->seen = ev->seq;
        if (event_filter_match(&f->a->filter, ev))
            tell(f, ev);
    }
}

static void
hung_up(struct loop_fd *lf, unsigned ready)
{
    (void)ready;
    container_of(lf, struct following, out_lf)->closed = true;
    loop_fd_del(lf);
}

static bool
over(void *arg)
{
    const struct following *f = arg;

    return f->closed || *f->ctx->stop;
}

static enum cmd_rc
follow(struct cmd_ctx *ctx, const struct asked *a)
{
    struct following f = { .ctx = ctx, .a = a };
    size_t n = engine_event_count(ctx->en);

    f.listener.changed = changed;
    f.seen = n > 0 ? engine_event_at(ctx->en, n - 1)->seq : 0;
    (void)fd_write_all(STDOUT_FILENO, buf_text(ctx->out), ctx->out->len);
    buf_clear(ctx->out);
    engine_listen(ctx->en, &f.listener);
    /* A regular file is refused, and never hangs up. */
    (void)loop_fd_add(ctx->lp, &f.out_lf, STDOUT_FILENO, 0, hung_up);
    loop_until(ctx->lp, over, &f, NO_LIMIT_MS);
    loop_fd_del(&f.out_lf);
    engine_unlisten(&f.listener);
    ctx->stop_ends = true;
    if (f.errnum == 0)
        return CMD_OK;
    err_sys(ctx->e, f.errnum, "standard output");
    return CMD_ERROR;
}

static enum cmd_rc
exec_events(struct cmd_ctx *ctx)
{
    struct asked a;

    if (parse(ctx, &a, ctx->e) < 0)
        return CMD_USAGE;
    if (a.follow && ctx->ui != NULL) { /* the log pane follows */
        log_open(ctx->ui);
        return CMD_OK;
    }
    engine_events_load(ctx->en);
    list(ctx, &a);
    return a.follow ? follow(ctx, &a) : CMD_OK;
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

/* The words from the nth on, with blanks between. */
static void
join(const struct cmd_ctx *ctx, int nth, struct buf *out)
{
    int i;

    for (i = nth; i < ctx->argc; i++)
        buf_fmt(out, "%s%s", i > nth ? " " : "", ctx->argv[i]);
}

static enum cmd_rc
exec_event(struct cmd_ctx *ctx)
{
    const struct dom *d = NULL;
    struct buf text = { 0 };
    int at = 2, rc;

    if (strcmp(ctx->argv[0], "inject") != 0)
        return cmd_usage(ctx->e, cmd_find("event", NULL), ctx->argv[0]);
    if (ctx->argc == 2 && ctx->argv[1][0] == '(')
        return inject_sxp(ctx, ctx->argv[1]);
    if (ctx->argc < 3)
        return cmd_usage(ctx->e, cmd_find("event", NULL), "no text");
    if (ctx->argc > 3) {
        d = engine_dom_find(ctx->en, ctx->argv[2], NULL);
        at += d != NULL || strcmp(ctx->argv[2], "-") == 0;
    }
    join(ctx, at, &text);
    rc = engine_event_inject(ctx->en, ctx->argv[1], d != NULL ? d->id : 0,
                             buf_text(&text), ctx->e);
    buf_free(&text);
    return rc == 0 ? CMD_OK : CMD_USAGE;
}

static const struct cmd cmds[] = {
    { .name = "events",
      .args = "[N] [FILTER...] [--follow]",
      .arg = CMD_ARG_TEXT,
      .max_args = CMD_ARGS_MAX - 1,
      .json = true,
      .help = "List what happened, also before this start, or follow it",
      .exec = exec_events },
    { .name = "event",
      .args = "inject KIND [NAME] TEXT...",
      .arg = CMD_ARG_TEXT,
      .min_args = 2,
      .max_args = CMD_ARGS_MAX - 1,
      .needs = CMD_NEED_WRITE,
      .help = "Add an event of your own to the log, for people and hooks",
      .exec = exec_event },
};

const struct cmd_family cmd_family_events = { cmds,
                                              sizeof cmds / sizeof cmds[0] };
