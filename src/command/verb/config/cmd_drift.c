/*
 * cmd_drift.c - the verb that compares a running domain with its configuration.
 */
#include "src/command/family.h"

static enum cmd_rc
exec_drift(struct cmd_ctx *ctx)
{
    const struct dom *d = engine_dom_by_id(ctx->en, ctx->dom_id);
    struct buf lines = { 0 };
    int rc = engine_drift(ctx->en, ctx->dom_id, &lines, ctx->e);

    if (rc == 0 && lines.len > 0)
        buf_str(ctx->out, buf_text(&lines));
    else if (rc == 0 && d != NULL)
        buf_fmt(ctx->out, "%s %s\n", d->name,
                d->off ? "does not run: there is nothing to compare"
                       : "runs as its configuration says");
    buf_free(&lines);
    return rc == 0 ? CMD_OK : CMD_ERROR;
}

static const struct cmd cmds[] = {
    { .name = "drift",
      .args = "[NAME]",
      .arg = CMD_ARG_DOMAIN,
      .needs = CMD_NEED_DOMAIN | CMD_NEED_NOT_DOM0 | CMD_TAKES_OFF,
      .right = RIGHT_VIEW,
      .help = "Say what a domain has otherwise than its configuration",
      .exec = exec_drift },
};

const struct cmd_family cmd_family_drift = { cmds, sizeof cmds / sizeof cmds[0],
                                             23 };
