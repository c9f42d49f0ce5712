/*
 * cmd_migrate.c - verbs by which domains go from host to host.
 */
#include <string.h>

#include "engine/api/api_domains.h"
#include "src/command/family.h"

#define ROUNDS_LIMIT 100
#define STOP_LIMIT   60000 /* ms */

/* "--rounds=5": the number; false: it is none, or out of bounds. */
static bool
migrate_number(const char *word, const char *name, unsigned max, unsigned *out)
{
    unsigned long long v;

    if (!text_u64(word + strlen(name), 1, max, &v))
        return false;
    *out = (unsigned)v;
    return true;
}

static bool
begins_with(const char *word, const char *what)
{
    return strncmp(word, what, strlen(what)) == 0;
}

/* One option; *i: where it stands. False: it is none. */
static bool
migrate_option(const struct cmd_ctx *ctx, int *i, struct migrate_opts *o)
{
    const char *word = ctx->argv[*i];

    if (strcmp(word, "--xl") == 0)
        o->to_xl = true;
    else if (strcmp(word, "--unchecked") == 0)
        o->unchecked = true;
    else if (begins_with(word, "--command="))
        o->command = word + strlen("--command=");
    else if (strcmp(word, "-s") == 0 && *i + 1 < ctx->argc)
        o->command = ctx->argv[++*i];
    else if (begins_with(word, "--rounds="))
        return migrate_number(word, "--rounds=", ROUNDS_LIMIT, &o->rounds);
    else if (begins_with(word, "--stop-ms="))
        return migrate_number(word, "--stop-ms=", STOP_LIMIT, &o->stop_ms);
    else
        return false;
    return true;
}

static enum cmd_rc
exec_migrate(struct cmd_ctx *ctx)
{
    struct migrate_opts o = { 0 };
    const char *host = NULL;
    int i;

    for (i = 0; i < ctx->argc; i++) {
        if (migrate_option(ctx, &i, &o))
            continue;
        if (ctx->argv[i][0] == '-' || host != NULL)
            return cmd_usage(ctx, ctx->argv[i]);
        host = ctx->argv[i];
    }
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
