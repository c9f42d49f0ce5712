/*
 * cmd_domain.c - verbs that make, change and end domains.
 */
#include <string.h>

#include "src/base/loop.h"
#include "src/command/command.h"
#include "src/command/family.h"
#include "ui/ui.h"

#define WAIT_MAX_S (7ULL * 24 * 3600)

typedef int (*engine_verb)(struct engine *, uint64_t, uint64_t *, struct err *);

static enum cmd_rc
begin(struct cmd_ctx *ctx, engine_verb verb)
{
    return verb(ctx->en, ctx->dom_id, &ctx->op, ctx->e) == 0 ? CMD_WAIT
                                                             : CMD_ERROR;
}

static enum cmd_rc
exec_create(struct cmd_ctx *ctx)
{
    struct engine_create_opts o = { 0 };
    const char *path = NULL;
    int i;

    for (i = 0; i < ctx->argc; i++) {
        if (strcmp(ctx->argv[i], "--paused") == 0)
            o.paused = true;
        else if (path == NULL)
            path = ctx->argv[i];
        else
            return cmd_usage(ctx->e, cmd_find("create", NULL), "two files");
    }
    if (path == NULL)
        return cmd_usage(ctx->e, cmd_find("create", NULL), "no file");
    if (engine_create(ctx->en, path, &o, &ctx->op, ctx->e) < 0)
        return CMD_ERROR;
    if (ctx->ui != NULL)
        ui_console_follow(ctx->ui, ctx->op);
    return CMD_WAIT;
}

static enum cmd_rc
exec_pause(struct cmd_ctx *ctx)
{
    return begin(ctx, engine_pause);
}

static enum cmd_rc
exec_unpause(struct cmd_ctx *ctx)
{
    return begin(ctx, engine_unpause);
}

static enum cmd_rc
exec_shutdown(struct cmd_ctx *ctx)
{
    return begin(ctx, engine_shutdown);
}

static enum cmd_rc
exec_reboot(struct cmd_ctx *ctx)
{
    return begin(ctx, engine_reboot);
}

static enum cmd_rc
exec_suspend(struct cmd_ctx *ctx)
{
    return begin(ctx, engine_suspend);
}

static enum cmd_rc
exec_destroy(struct cmd_ctx *ctx)
{
    return begin(ctx, engine_destroy);
}

static bool
op_ended(const struct op *op)
{
    return op->state != OP_QUEUED && op->state != OP_RUNNING;
}

/* The newest that can still be cancelled, but the end of all before those of
 * one domain, which are its parts; 0: none. */
static uint64_t
newest_op(const struct engine *en)
{
    uint64_t id = 0;
    size_t i;

    for (i = 0; i < engine_op_count(en); i++) {
        const struct op *op = engine_op_at(en, i);

        if (op == NULL || op_ended(op) || !op->cancellable)
            continue;
        if (op->verb == OP_HOST_STOP)
            return op->id;
        if (op->id > id)
            id = op->id;
    }
    return id;
}

static enum cmd_rc
exec_cancel(struct cmd_ctx *ctx)
{
    unsigned long long id;

    if (ctx->argc == 0)
        id = newest_op(ctx->en);
    else if (!text_u64(ctx->argv[0], 1, UINT64_MAX, &id))
        return cmd_usage(ctx->e, cmd_find("cancel", NULL), ctx->argv[0]);
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

struct waiting {
    const struct cmd_ctx *ctx;
    uint64_t dom_id;
};

static bool
is_gone(void *arg)
{
    const struct waiting *w = arg;

    return engine_dom_by_id(w->ctx->en, w->dom_id) == NULL ||
           (w->ctx->stop != NULL && *w->ctx->stop);
}

static enum cmd_rc
exec_wait(struct cmd_ctx *ctx)
{
    struct waiting w = { .ctx = ctx, .dom_id = ctx->dom_id };
    const struct dom *d = engine_dom_by_id(ctx->en, ctx->dom_id);
    unsigned long long limit_s = WAIT_MAX_S;
    char name[MODEL_NAME_MAX];

    if (ctx->lp == NULL) {
        err_set(ctx->e, ERR_UNSUPPORTED, "wait: only with -e or -f");
        return CMD_USAGE;
    }
    if (ctx->argc > 0 && !text_u64(ctx->argv[0], 0, WAIT_MAX_S, &limit_s))
        return cmd_usage(ctx->e, cmd_find("wait", NULL), ctx->argv[0]);
    text_fmt(name, sizeof name, "%s", d->name);
    loop_until(ctx->lp, is_gone, &w, limit_s * 1000);
    if (engine_dom_by_id(ctx->en, w.dom_id) == NULL)
        return CMD_OK;
    if (ctx->stop != NULL && *ctx->stop)
        err_set(ctx->e, ERR_CANCELLED, "wait: interrupted");
    else
        err_set(ctx->e, ERR_TIMEOUT, "wait: %s is still there after %llu s",
                name, limit_s);
    return CMD_ERROR;
}

#define IN_DOMS (CMD_IN_LIST | CMD_IN_DETAIL)
#define NEEDS_RUNNING                                                          \
    (CMD_NEED_DOMAIN | CMD_NEED_NOT_DOM0 | CMD_NEED_WRITE | CMD_NEED_LIVE)

static const struct cmd cmds[] = {
    { .name = "create",
      .keys = "C F2",
      .in = CMD_IN_ALL,
      .args = "FILE [--paused]",
      .arg = CMD_ARG_FILE,
      .min_args = 1,
      .max_args = 2,
      .needs = CMD_NEED_WRITE,
      .bar = "Create",
      .help = "Make and start a domain from a configuration file",
      .exec = exec_create },
    { .name = "pause",
      .keys = "p F7",
      .in = IN_DOMS,
      .args = "[NAME]",
      .arg = CMD_ARG_DOMAIN,
      .needs = NEEDS_RUNNING,
      .bar = "Pause",
      .help = "Stop a domain's virtual cpus; memory stays",
      .exec = exec_pause },
    { .name = "unpause",
      .alias = "resume",
      .keys = "u",
      .in = IN_DOMS,
      .args = "[NAME]",
      .arg = CMD_ARG_DOMAIN,
      .needs = NEEDS_RUNNING & ~(unsigned)CMD_NEED_LIVE, /* it may sleep */
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
      .help = "Ask a domain to power off, wait until it has",
      .exec = exec_shutdown },
    { .name = "reboot",
      .keys = "R",
      .in = IN_DOMS,
      .args = "[NAME]",
      .arg = CMD_ARG_DOMAIN,
      .needs = NEEDS_RUNNING | CMD_ENDS,
      .confirm = "Reboot %s?",
      .help = "Ask a domain to reboot",
      .exec = exec_reboot },
    { .name = "suspend",
      .keys = "Z",
      .in = IN_DOMS,
      .args = "[NAME]",
      .arg = CMD_ARG_DOMAIN,
      .needs = NEEDS_RUNNING | CMD_ENDS,
      .confirm = "Suspend %s?",
      .help = "Ask a domain to suspend itself",
      .exec = exec_suspend },
    { .name = "destroy",
      .keys = "D F9",
      .in = IN_DOMS,
      .args = "[NAME]",
      .arg = CMD_ARG_DOMAIN,
      .needs = CMD_NEED_DOMAIN | CMD_NEED_NOT_DOM0 | CMD_NEED_WRITE | CMD_ENDS,
      .bar = "Destroy",
      .confirm = "Destroy %s? What it has not saved is lost.",
      .help = "End a domain at once, without shutdown",
      .exec = exec_destroy },
    { .name = "cancel",
      .keys = "X",
      .in = CMD_IN_ANY,
      .args = "[OPERATION]",
      .max_args = 1,
      .needs = CMD_NEED_WRITE,
      .help = "Cancel the newest operation, or the one so numbered",
      .exec = exec_cancel },
    { .name = "wait",
      .args = "[NAME] [SECONDS]",
      .arg = CMD_ARG_DOMAIN,
      .max_args = 1,
      .needs = CMD_NEED_DOMAIN,
      .help = "With -e: wait until a domain is gone",
      .exec = exec_wait },
};

const struct cmd_family cmd_family_domain = { cmds,
                                              sizeof cmds / sizeof cmds[0] };
