/*
 * cmd_domain.c - verbs that make, change and end domains.
 */
#include <stdlib.h>
#include <string.h>

#include "src/base/xalloc.h"
#include "src/command/call.h"
#include "src/command/family.h"
#include "src/command/file_words.h"
#include "src/command/job.h"
#include "src/command/screen.h"

#define WAIT_MAX_S (7ULL * 24 * 3600)

typedef int (*engine_verb)(struct engine *, uint64_t, uint64_t *, struct err *);

static enum cmd_rc
cmd_domain_begin(struct cmd_ctx *ctx, engine_verb verb)
{
    return verb(ctx->en, ctx->dom_id, &ctx->op, ctx->e) == 0 ? CMD_WAIT
                                                             : CMD_ERROR;
}

static enum cmd_rc
cmd_domain_exec_create(struct cmd_ctx *ctx)
{
    struct engine_create_opts o = { 0 };
    const char *vars[CMD_ARGS_MAX];
    int i, rc, file = -1;
    bool console = false;
    char *path;

    o.vars = vars;
    for (i = 0; i < ctx->argc; i++) {
        if (strcmp(ctx->argv[i], "--paused") == 0 ||
            strcmp(ctx->argv[i], "-p") == 0)
            o.paused = true;
        else if (strcmp(ctx->argv[i], "--console") == 0 ||
                 strcmp(ctx->argv[i], "-c") == 0)
            console = true;
        else if (file < 0)
            file = i;
        else if (ctx->argv[i][0] != '=' && strchr(ctx->argv[i], '=') != NULL)
            vars[o.n_vars++] = ctx->argv[i];
        else
            return cmd_usage(ctx, "two files");
    }
    if (file < 0)
        return cmd_usage(ctx, "no file");
    if (console && ctx->ses->screen == NULL) { /* a screen shows it anyway */
        err_set(ctx->e, ERR_UNSUPPORTED,
                "create: --console attaches the terminal: it must be the only "
                "verb, with a terminal as standard input and output");
        return CMD_USAGE;
    }
    path = ctx_path(ctx, file);
    rc = engine_create(ctx->en, path, &o, &ctx->op, ctx->e);
    free(path);
    return cmd_begun(ctx, rc);
}

static enum cmd_rc
exec_pause(struct cmd_ctx *ctx)
{
    return cmd_domain_begin(ctx, engine_pause);
}

static enum cmd_rc
exec_unpause(struct cmd_ctx *ctx)
{
    return cmd_domain_begin(ctx, engine_unpause);
}

static enum cmd_rc
exec_shutdown(struct cmd_ctx *ctx)
{
    return cmd_domain_begin(ctx, engine_shutdown);
}

static enum cmd_rc
exec_reboot(struct cmd_ctx *ctx)
{
    return cmd_domain_begin(ctx, engine_reboot);
}

static enum cmd_rc
exec_suspend(struct cmd_ctx *ctx)
{
    return cmd_domain_begin(ctx, engine_suspend);
}

static enum cmd_rc
exec_destroy(struct cmd_ctx *ctx)
{
    return cmd_domain_begin(ctx, engine_destroy);
}

static bool
cmd_domain_op_ended(const struct op *op)
{
    return op->state != OP_QUEUED && op->state != OP_RUNNING;
}

/* The newest that can still be cancelled, but the end of all before those of
 * one domain, which are its parts; 0: none. dom_id: of those on this domain, 0:
 * of all. */
static uint64_t
newest_op(const struct engine *en, uint64_t dom_id)
{
    uint64_t id = 0;
    size_t i;

    for (i = 0; i < engine_op_count(en); i++) {
        const struct op *op = engine_op_at(en, i);

        if (op == NULL || cmd_domain_op_ended(op) || !op->cancellable)
            continue;
        if (op->verb == OP_HOST_STOP)
            return op->id;
        if (op->id > id && (dom_id == 0 || op->dom_id == dom_id))
            id = op->id;
    }
    return id;
}

/* On a screen it is that of the domain that the user is at, else the newest
 * one, which is asked about by name. */
static enum cmd_rc
cancel_fill(struct session *ses, struct buf *out, struct err *e)
{
    uint64_t at = ses->screen->ops->domain(ses->screen), id = 0;

    (void)e;
    if (file_words_wait(ses))
        return CMD_OK;
    if (at != 0)
        id = newest_op(ses->en, at);
    if (id == 0)
        id = newest_op(ses->en, 0);
    if (id != 0)
        buf_fmt(out, "%llu", (unsigned long long)id);
    return CMD_OK;
}

static void
cancel_ask(const struct cmd_ctx *ctx, struct buf *out)
{
    struct screen *sc = ctx->ses->screen;
    unsigned long long id;
    const struct op *op;

    if (!ctx->call->filled || !text_u64(ctx->argv[0], 1, UINT64_MAX, &id))
        return;
    op = engine_op_by_id(ctx->en, id);
    if (op != NULL && op->dom_id != 0 && op->dom_id != sc->ops->domain(sc))
        buf_fmt(out, "Cancel %s of %s (operation %llu)?", op->title, op->name,
                id);
}

/* "12 save web1" is taken as 12. */
static void
cancel_complete(const struct session *ses, struct buf *out)
{
    const struct op *op;
    size_t i;

    for (i = 0; (op = engine_op_at(ses->en, i)) != NULL; i++)
        if (!cmd_domain_op_ended(op) && op->cancellable)
            buf_fmt(out, "%llu\t%s %s\n", (unsigned long long)op->id, op->title,
                    op->name);
}

static enum cmd_rc
exec_cancel(struct cmd_ctx *ctx)
{
    unsigned long long id;

    if (ctx->argc == 0 && file_words_cancel(ctx->ses))
        return CMD_OK;
    if (ctx->argc == 0)
        id = newest_op(ctx->en, 0);
    else if (!text_u64(ctx->argv[0], 1, UINT64_MAX, &id))
        return cmd_usage(ctx, ctx->argv[0]);
    if (id == 0) {
        err_set(ctx->e, ERR_NOENT,
                "cancel: no operation runs that could be cancelled");
        return CMD_ERROR;
    }
    if (engine_op_by_id(ctx->en, id) == NULL) {
        err_set(ctx->e, ERR_NOENT, "cancel: no operation %llu", id);
        return CMD_ERROR;
    }
    return engine_op_cancel(ctx->en, id, ctx->e) == 0 ? CMD_OK : CMD_ERROR;
}

/* --- wait --- */

struct waiting {
    struct cmd_job job;
    struct engine_listener listener;
    struct loop_timer limit;
    unsigned long long limit_s;
    uint64_t dom_id;
    char name[MODEL_NAME_MAX];
};

static void
wait_changed(struct engine_listener *l, unsigned what)
{
    struct waiting *w = container_of(l, struct waiting, listener);

    if ((what & ENGINE_CH_DOMS) != 0 &&
        engine_dom_by_id(w->job.en, w->dom_id) == NULL)
        cmd_job_end(&w->job, CMD_OK);
}

static void
wait_late(struct loop_timer *lt)
{
    struct waiting *w = container_of(lt, struct waiting, limit);

    if (w->job.over)
        return;
    err_set(&w->job.e, ERR_TIMEOUT, "wait: %s is still there after %llu s",
            w->name, w->limit_s);
    cmd_job_end(&w->job, CMD_ERROR);
}

static void
wait_free(struct cmd_job *j)
{
    struct waiting *w = container_of(j, struct waiting, job);

    engine_unlisten(&w->listener);
    loop_timer_del(&w->limit);
    free(w);
}

static enum cmd_rc
exec_wait(struct cmd_ctx *ctx)
{
    static const struct cmd_job_ops ops = { .free = wait_free };
    unsigned long long limit_s = WAIT_MAX_S;
    struct waiting *w;

    if (ctx->ses->screen != NULL) {
        err_set(ctx->e, ERR_UNSUPPORTED, "wait: only with -e or -f");
        return CMD_USAGE;
    }
    if (ctx->argc > 0 && !text_u64(ctx->argv[0], 0, WAIT_MAX_S, &limit_s))
        return cmd_usage(ctx, ctx->argv[0]);
    w = xcalloc(1, sizeof *w);
    w->limit_s = limit_s;
    w->dom_id = ctx->dom_id;
    text_fmt(w->name, sizeof w->name, "%s", ctx->call->target.name);
    w->listener.changed = wait_changed;
    engine_listen(ctx->en, &w->listener);
    loop_timer_arm(ctx->ses->lp, &w->limit, limit_s * 1000, wait_late);
    return cmd_job_start(ctx, &w->job, &ops);
}

#define IN_DOMS       (CMD_IN_LIST | CMD_IN_DETAIL)
#define NEEDS_RUNNING (CMD_NEED_DOMAIN | CMD_NEED_NOT_DOM0 | CMD_NEED_LIVE)

static const struct cmd cmds[] = {
    { .name = "create",
      .keys = "C F2",
      .in = CMD_IN_ALL,
      .args = "FILE [--paused] [--console] [SETTING=VALUE...]",
      .arg = CMD_ARG_FILE,
      .min_args = 1,
      .max_args = CMD_ARGS_MAX,
      .bar = "Create",
      .right = RIGHT_ADMIN,
      .help = "Make and start a domain from a configuration file",
      .exec = cmd_domain_exec_create },
    { .name = "pause",
      .keys = "p F7",
      .in = IN_DOMS,
      .args = "[NAME]",
      .arg = CMD_ARG_DOMAIN,
      .needs = NEEDS_RUNNING,
      .bar = "Pause",
      .right = RIGHT_OPERATE,
      .help = "Stop a domain's virtual cpus; memory stays",
      .exec = exec_pause },
    { .name = "unpause",
      .alias = "resume",
      .keys = "u",
      .in = IN_DOMS,
      .args = "[NAME]",
      .arg = CMD_ARG_DOMAIN,
      .needs = NEEDS_RUNNING & ~(unsigned)CMD_NEED_LIVE, /* it may sleep */
      .right = RIGHT_OPERATE,
      .help = "Let a paused or suspended domain run on",
      .exec = exec_unpause },
    { .name = "shutdown",
      .keys = "S F8",
      .in = IN_DOMS,
      .args = "[NAME]",
      .arg = CMD_ARG_DOMAIN,
      .needs = NEEDS_RUNNING | CMD_ENDS,
      .bar = "Shut",
      .confirm = "Shut down %s?",
      .right = RIGHT_OPERATE,
      .help = "Ask a domain to power off, wait until it has",
      .exec = exec_shutdown },
    { .name = "reboot",
      .keys = "R",
      .in = IN_DOMS,
      .args = "[NAME]",
      .arg = CMD_ARG_DOMAIN,
      .needs = NEEDS_RUNNING | CMD_ENDS,
      .confirm = "Reboot %s?",
      .right = RIGHT_OPERATE,
      .help = "Ask a domain to reboot",
      .exec = exec_reboot },
    { .name = "suspend",
      .keys = "Z",
      .in = IN_DOMS,
      .args = "[NAME]",
      .arg = CMD_ARG_DOMAIN,
      .needs = NEEDS_RUNNING | CMD_ENDS,
      .confirm = "Suspend %s?",
      .right = RIGHT_OPERATE,
      .help = "Ask a domain to suspend itself",
      .exec = exec_suspend },
    { .name = "destroy",
      .keys = "D F9",
      .in = IN_DOMS,
      .args = "[NAME]",
      .arg = CMD_ARG_DOMAIN,
      /* One between two lives is off for a moment: the engine knows. */
      .needs = CMD_NEED_DOMAIN | CMD_NEED_NOT_DOM0 | CMD_ENDS | CMD_TAKES_OFF,
      .bar = "Destroy",
      .confirm = "Destroy %s? What it has not saved is lost.",
      .right = RIGHT_OPERATE,
      .help = "End a domain at once, without shutdown",
      .exec = exec_destroy },
    { .name = "cancel",
      .keys = "X",
      .in = CMD_IN_ANY,
      .args = "[OPERATION]",
      .arg = CMD_ARG_OWN,
      .max_args = 1,
      .right = RIGHT_OPERATE,
      .ask = cancel_ask,
      .help = "Cancel the domain's operation, or the one numbered",
      .fill = cancel_fill,
      .complete = cancel_complete,
      .exec = exec_cancel },
    { .name = "wait",
      .args = "[NAME] [SECONDS]",
      .arg = CMD_ARG_DOMAIN,
      .max_args = 1,
      .needs = CMD_NEED_DOMAIN,
      .right = RIGHT_VIEW,
      .help = "With -e: wait until a domain is gone",
      .exec = exec_wait },
};

const struct cmd_family cmd_family_domain = { cmds,
                                              sizeof cmds / sizeof cmds[0],
                                              10 };
