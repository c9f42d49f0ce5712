/*
 * cmd_ledger.c - the memory of the host, and keys of Xen and of Linux with a
 * sentence each.
 */
#include <string.h>

#include "src/command/command.h"
#include "src/command/family.h"
#include "src/command/verb/host/key_words.h"

static enum cmd_rc
exec_ledger(struct cmd_ctx *ctx)
{
    uint64_t want_kib = 0;

    if (ctx->argc > 0 && !cmd_parse_size(ctx->argv[0], &want_kib))
        return cmd_usage(ctx, ctx->argv[0]);
    return engine_ledger_text(ctx->en, want_kib, ctx->out, ctx->e) == 0
               ? CMD_OK
               : CMD_ERROR;
}

static enum cmd_rc
exec_sysrq_keys(struct cmd_ctx *ctx)
{
    key_words_print(KEY_WORDS_SYSRQ, ctx->out);
    return CMD_OK;
}

static const struct cmd cmds[] = {
    { .name = "ledger",
      .args = "[SIZE]",
      .max_args = 1,
      .right = RIGHT_VIEW,
      .help = "Show who has the host's memory, and what would fit",
      .exec = exec_ledger },
    { .name = "sysrq-keys",
      .needs = CMD_NO_HOST,
      .right = RIGHT_VIEW,
      .help = "Show what each sysrq key tells a Linux kernel to do",
      .exec = exec_sysrq_keys },
};

const struct cmd_family cmd_family_ledger = { cmds,
                                              sizeof cmds / sizeof cmds[0],
                                              95 };
