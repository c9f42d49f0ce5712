/*
 * cmd_migrate.c - verbs by which domains go from host to host.
 */
#include <string.h>

#include "engine/api/api_domains.h"
#include "src/command/family.h"

static enum cmd_rc
exec_migrate(struct cmd_ctx *ctx)
{
    struct migrate_opts o = { 0 };
    const char *host = NULL;
    int i;

    for (i = 0; i < ctx->argc; i++)
        if (strcmp(ctx->argv[i], "-s") == 0 && i + 1 < ctx->argc)
            o.command = ctx->argv[++i]; /* as xl has it */
        else if (!migrate_word_take(ctx->argv[i], &o, &host))
            return cmd_usage(ctx, ctx->argv[i]);
    if (host == NULL)
        return cmd_usage(ctx, "no host");
    return engine_migrate(ctx->en, ctx->dom_id, host, &o, &ctx->op, ctx->e) == 0
               ? CMD_WAIT
               : CMD_ERROR;
}

/* xl is called so with -e and -d as well, which mean nothing here. */
static enum cmd_rc
exec_migrate_receive(struct cmd_ctx *ctx)
{
    struct receive_opts o = { 0 };
    int i;

    for (i = 0; i < ctx->argc; i++)
        if (strcmp(ctx->argv[i], "-p") == 0 ||
            strcmp(ctx->argv[i], "--paused") == 0)
            o.paused = true;
        else if (strcmp(ctx->argv[i], "-e") != 0 &&
                 strcmp(ctx->argv[i], "-d") != 0)
            return cmd_usage(ctx, ctx->argv[i]);
    if (!ctx->ses->has_stdio) {
        err_set(ctx->e, ERR_UNSUPPORTED,
                "migrate-receive: another host calls it, as `xendeck "
                "migrate-receive', and talks with it");
        return CMD_USAGE;
    }
    return engine_receive(ctx->en, ctx->ses->stdio[0], ctx->ses->stdio[1], &o,
                          &ctx->op, ctx->e) == 0
               ? CMD_WAIT
               : CMD_ERROR;
}

static const struct cmd cmds[] = {
    { .name = "migrate",
      .keys = "V",
      .in = CMD_IN_LIST | CMD_IN_DETAIL,
      .args = "[NAME] HOST|tls://HOST[:PORT] [--command=COMMAND] [--xl] "
              "[--unchecked] [--rounds=N] [--stop-ms=N]",
      .arg = CMD_ARG_DOMAIN,
      .min_args = 1,
      .max_args = 7,
      .needs = CMD_NEED_DOMAIN | CMD_NEED_NOT_DOM0 | CMD_ENDS,
      .confirm = "Move %s to another host?",
      .right = RIGHT_ADMIN,
      .help = "Move a running domain to another host",
      .exec = exec_migrate },
    { .name = "migrate-receive",
      .args = "[--paused]",
      .max_args = 3,
      .needs = CMD_TAKES_STDIO,
      .right = RIGHT_ADMIN,
      .help = "Take in a domain that another host sends, which calls this",
      .exec = exec_migrate_receive },
};

const struct cmd_family cmd_family_migrate = { cmds,
                                               sizeof cmds / sizeof cmds[0],
                                               25 };
