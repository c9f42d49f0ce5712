/*
 * cmd_host.c - verbs that end what the host runs, and the host.
 */
#include <string.h>

#include "src/command/call.h"
#include "src/command/family.h"

#define LIMIT_MAX_S 86400

/* "[SECONDS] [--yes]" in any order. */
static enum cmd_rc
cmd_host_parse(struct cmd_ctx *ctx, unsigned *limit_s_out)
{
    unsigned long long limit = 0;
    bool sure = ctx->call->confirmed; /* the host's name was typed */
    int i;

    for (i = 0; i < ctx->argc; i++) {
        if (strcmp(ctx->argv[i], "--yes") == 0)
            sure = true;
        else if (!text_u64(ctx->argv[i], 1, LIMIT_MAX_S, &limit))
            return cmd_usage(ctx, ctx->argv[i]);
    }
    *limit_s_out = (unsigned)limit;
    if (sure)
        return CMD_OK;
    return cmd_usage(ctx, "no --yes, which stands for the question");
}

static enum cmd_rc
cmd_host_stop(struct cmd_ctx *ctx, enum host_stop how)
{
    unsigned limit_s = 0;
    enum cmd_rc rc = cmd_host_parse(ctx, &limit_s);

    if (rc != CMD_OK)
        return rc;
    return engine_host_stop(ctx->en, how, limit_s, &ctx->op, ctx->e) == 0
               ? CMD_WAIT
               : CMD_ERROR;
}

static enum cmd_rc
exec_shutdown_all(struct cmd_ctx *ctx)
{
    return cmd_host_stop(ctx, HOST_STOP_DOMAINS);
}

static enum cmd_rc
exec_host_shutdown(struct cmd_ctx *ctx)
{
    return cmd_host_stop(ctx, HOST_POWEROFF);
}

static enum cmd_rc
exec_host_reboot(struct cmd_ctx *ctx)
{
    return cmd_host_stop(ctx, HOST_REBOOT);
}

static const struct cmd cmds[] = {
    { .name = "shutdown-all",
      .args = "[SECONDS] [--yes]",
      .max_args = 2,
      .type_host = true,
      .confirm = "Stop all domains, each by its policy?",
      .right = RIGHT_ADMIN,
      .help = "Stop all domains, in the reverse of the start order",
      .exec = exec_shutdown_all },
    { .name = "host-shutdown",
      .args = "[SECONDS] [--yes]",
      .max_args = 2,
      .type_host = true,
      .confirm = "Stop all domains, then power the host off?",
      .right = RIGHT_ADMIN,
      .help = "Stop all domains, then power off the host",
      .exec = exec_host_shutdown },
    { .name = "host-reboot",
      .args = "[SECONDS] [--yes]",
      .max_args = 2,
      .type_host = true,
      .confirm = "Stop all domains, then reboot the host?",
      .right = RIGHT_ADMIN,
      .help = "Stop all domains, then reboot the host",
      .exec = exec_host_reboot },
};

const struct cmd_family cmd_family_host = { cmds, sizeof cmds / sizeof cmds[0],
                                            140 };
