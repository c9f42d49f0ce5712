/*
 * question.c - see question.h.
 */
#include "src/command/question.h"

#include <string.h>

void
question_add(const struct cmd_ctx *ctx, const char *whom, struct buf *out)
{
    const char *text = ctx->cmd->confirm, *at;

    if (ctx->cmd->ask != NULL)
        ctx->cmd->ask(ctx, out);
    if (text == NULL)
        return;
    at = strstr(text, "%s");
    if (at == NULL)
        buf_str(out, text);
    else
        buf_fmt(out, "%.*s%s%s", (int)(at - text), text, whom, at + 2);
}

void
question_add_dependants(const struct cmd_ctx *ctx, struct buf *out)
{
    struct buf names = { 0 };
    int n;

    if ((ctx->cmd->needs & CMD_ENDS) == 0) /* it may have no engine */
        return;
    n = engine_dependants(ctx->en, ctx->dom_id, &names);
    if (n < 0)
        buf_fmt(out,
                "%sWhether %s serves devices to other domains cannot be read "
                "now.",
                out->len > 0 ? " " : "", ctx->call->target.name);
    if (names.len > 0)
        buf_fmt(out, "%s%s serves devices to %s, which lose%s them.",
                out->len > 0 ? " " : "", ctx->call->target.name,
                buf_text(&names),
                strchr(buf_text(&names), ' ') == NULL ? "s" : "");
    buf_free(&names);
}

/* A host without a name is answered with its domain's. */
static void
question_host_name(struct cmd_ctx *ctx)
{
    const struct host *h = engine_host_info(ctx->en);

    text_fmt(ctx->typed, sizeof ctx->typed, "%s",
             h->hostname[0] != '\0' ? h->hostname : "Domain-0");
}

bool
question_ask(struct cmd_ctx *ctx)
{
    struct buf q = { 0 };

    question_add(ctx, ctx->call->target.name, &q);
    if (q.len == 0 ||
        (ctx->cmd->confirm_more != NULL && !ctx->cmd->confirm_more(ctx, &q))) {
        buf_free(&q);
        return false;
    }
    question_add_dependants(ctx, &q);
    ctx->question = buf_take(&q);
    if (ctx->cmd->type_host)
        question_host_name(ctx);
    else if (ctx->cmd->type != NULL)
        ctx->cmd->type(ctx);
    return true;
}
