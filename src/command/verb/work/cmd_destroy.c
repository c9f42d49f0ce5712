/*
 * cmd_destroy.c - destroy, the time in which it can be undone, and cancel.
 */
#include <string.h>

#include "src/command/call.h"
#include "src/command/family.h"
#include "src/command/file_words.h"
#include "src/command/screen.h"
#include "src/command/settings.h"

#define UNDO       "--undo="
#define UNDO_MAX_S 3600

/* --- destroy --- */

/* For how long it can be undone: as the line says, else as a screen's settings
 * do; a batch destroys at once. False: the line says nothing that is allowed.
 */
static bool
destroy_undo_s(const struct cmd_ctx *ctx, unsigned *out)
{
    unsigned long long s = 0;

    if (ctx->argc > 0) {
        if (strncmp(ctx->argv[0], UNDO, strlen(UNDO)) != 0 ||
            !text_u64(ctx->argv[0] + strlen(UNDO), 0, UNDO_MAX_S, &s))
            return false;
        *out = (unsigned)s;
        return true;
    }
    *out = ctx->ses->screen != NULL && ctx->ses->set != NULL
               ? ctx->ses->set->destroy_undo_s
               : 0;
    return true;
}

/* 0: at once, for good. */
static unsigned
destroy_waits_s(const struct cmd_ctx *ctx)
{
    unsigned s = 0;

    return destroy_undo_s(ctx, &s) && engine_destroy_waits(ctx->en, ctx->dom_id)
               ? s
               : 0;
}

static bool
destroy_more(const struct cmd_ctx *ctx, struct buf *out)
{
    unsigned s = 0;

    if (!destroy_undo_s(ctx, &s))
        return false;
    s = destroy_waits_s(ctx);
    if (s > 0)
        buf_fmt(out, " For %u s it only stands still, and `undo' revives it.",
                s);
    else if (engine_destroy_undo(ctx->en, ctx->dom_id) != 0)
        buf_str(out, " This is before its time, and cannot be undone.");
    else
        buf_str(out, " This cannot be undone.");
    return true;
}

/* What cannot be undone is typed. */
static void
destroy_type(struct cmd_ctx *ctx)
{
    ctx->undoable = destroy_waits_s(ctx) > 0;
    if (!ctx->undoable)
        text_fmt(ctx->typed, sizeof ctx->typed, "%s", ctx->call->target.name);
}

static enum cmd_rc
exec_destroy(struct cmd_ctx *ctx)
{
    unsigned s = 0;

    if (!destroy_undo_s(ctx, &s))
        return cmd_usage(ctx, ctx->argv[0]);
    /* Whoever was promised a way back gets none now. */
    if (ctx->call->undoable && !engine_destroy_waits(ctx->en, ctx->dom_id)) {
        err_set(ctx->e, ERR_BUSY,
                "destroy: something has begun on %s meanwhile: do it again",
                ctx->call->target.name);
        return CMD_ERROR;
    }
    return engine_destroy_after(ctx->en, ctx->dom_id, s, &ctx->op, ctx->e) == 0
               ? CMD_WAIT
               : CMD_ERROR;
}

/* --- undo --- */

static bool
op_has_ended(const struct op *op)
{
    return op->state != OP_QUEUED && op->state != OP_RUNNING;
}

/* That of the domain that is named, or that the user is at; else the newest. */
static const struct op *
op_to_undo(const struct cmd_ctx *ctx)
{
    struct screen *sc = ctx->ses->screen;
    uint64_t at = ctx->dom_id != 0 ? ctx->dom_id
                  : sc != NULL     ? sc->ops->domain(sc)
                                   : 0;
    const struct op *op, *newest = NULL;
    size_t i;

    for (i = 0; (op = engine_op_at(ctx->en, i)) != NULL; i++) {
        if (op_has_ended(op) || !op->undo ||
            (ctx->dom_id != 0 && op->dom_id != at))
            continue;
        if (op->dom_id == at)
            return op;
        newest = op;
    }
    return newest;
}

enum cmd_rc
cmd_undo(struct cmd_ctx *ctx)
{
    const struct op *op = op_to_undo(ctx);

    if (op == NULL) {
        err_set(ctx->e, ERR_NOENT,
                ctx->dom_id != 0 ? "undo: %s is not about to be destroyed"
                                 : "undo: no domain is about to be destroyed",
                ctx->call->target.name);
        return CMD_ERROR;
    }
    if (engine_op_cancel(ctx->en, op->id, ctx->e) < 0)
        return CMD_ERROR;
    if (op->state == OP_CANCELLED) {
        buf_fmt(ctx->out, "%s\n", op->err.msg);
        return CMD_OK;
    }
    *ctx->e = op->err;
    return CMD_ERROR;
}

static void
undo_complete(const struct session *ses, struct buf *out)
{
    const struct op *op;
    size_t i;

    for (i = 0; (op = engine_op_at(ses->en, i)) != NULL; i++)
        if (!op_has_ended(op) && op->undo)
            buf_fmt(out, "%s\n", op->name);
}

/* --- cancel --- */

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

        if (op == NULL || op_has_ended(op) || !op->cancellable)
            continue;
        if (op->verb == OP_HOST_STOP)
            return op->id;
        if (op->id > id && (dom_id == 0 || op->dom_id == dom_id))
            id = op->id;
    }
    return id;
}

/* On a screen it is the one that is chosen, that of the domain that the user is
 * at, else the newest one, which is asked about by name. */
static enum cmd_rc
cancel_fill(struct session *ses, struct buf *out, struct err *e)
{
    uint64_t at = ses->screen->ops->domain(ses->screen), id = 0;

    (void)e;
    if (file_words_wait(ses))
        return CMD_OK;
    id = ses->screen->ops->operation(ses->screen);
    if (id == 0 && at != 0)
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
    if (op != NULL && id != sc->ops->operation(sc) && op->dom_id != 0 &&
        op->dom_id != sc->ops->domain(sc))
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
        if (!op_has_ended(op) && op->cancellable)
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

#define IN_DOMS (CMD_IN_LIST | CMD_IN_DETAIL)

static const struct cmd cmds[] = {
    { .name = "destroy",
      .keys = "D F9",
      .in = IN_DOMS,
      .args = "[NAME] [--undo=SECONDS]",
      .arg = CMD_ARG_DOMAIN,
      .max_args = 1,
      /* One between two lives is off for a moment: the engine knows. */
      .needs = CMD_NEED_DOMAIN | CMD_NEED_NOT_DOM0 | CMD_ENDS | CMD_TAKES_OFF,
      .bar = "Destroy",
      .confirm = "Destroy %s? What it has not saved is lost.",
      .confirm_more = destroy_more,
      .type = destroy_type,
      .right = RIGHT_OPERATE,
      .help = "End a domain without shutdown; see undo",
      .exec = exec_destroy },
    { .name = "undo",
      .keys = "u",
      .in = CMD_IN_CONSOLE,
      .args = "[NAME]",
      .arg = CMD_ARG_OWN,
      .max_args = 1,
      .right = RIGHT_OPERATE,
      .help = "Revive a domain that is about to be destroyed",
      .names = cmd_first_word,
      .complete = undo_complete,
      .exec = cmd_undo },
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
};

const struct cmd_family cmd_family_destroy = { cmds,
                                               sizeof cmds / sizeof cmds[0],
                                               12 };
