/*
 * cmd_console.c - verbs that hand the consoles of a domain to another reader,
 * as `xl console`, and take them back.
 */
#include "engine/api/api_consoles.h"
#include "src/command/family.h"

static enum cmd_rc
exec_release(struct cmd_ctx *ctx)
{
    return console_release(ctx->en, ctx->dom_id, ctx->e) == 0 ? CMD_OK
                                                              : CMD_ERROR;
}

static enum cmd_rc
exec_retake(struct cmd_ctx *ctx)
{
    return console_retake(ctx->en, ctx->dom_id, ctx->e) == 0 ? CMD_OK
                                                             : CMD_ERROR;
}

static const struct cmd cmds[] = {
    { .name = "console-release",
      .keys = "x",
      .in = CMD_IN_CONSOLE,
      .args = "[NAME]",
      .arg = CMD_ARG_DOMAIN,
      .needs = CMD_NEED_DOMAIN | CMD_NEED_NOT_DOM0,
      .right = RIGHT_OPERATE,
      .help = "Let go of the console: xl console can have it",
      .exec = exec_release },
    { .name = "console-retake",
      .keys = "r",
      .in = CMD_IN_CONSOLE,
      .args = "[NAME]",
      .arg = CMD_ARG_DOMAIN,
      .needs = CMD_NEED_DOMAIN | CMD_NEED_NOT_DOM0,
      .right = RIGHT_OPERATE,
      .help = "Take the console back",
      .exec = exec_retake },
};

const struct cmd_family cmd_family_console = { cmds,
                                               sizeof cmds / sizeof cmds[0],
                                               115 };
