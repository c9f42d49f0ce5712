/*
 * cmd_format.c - verbs on configurations as files: check, convert, export.
 */
#include <stdlib.h>
#include <string.h>

#include "src/command/command.h"
#include "src/command/family.h"

/* In a UI warnings stand above what was asked for; -e has stderr. */
static struct buf *
warnings(struct cmd_ctx *ctx)
{
    return ctx->warn != NULL ? ctx->warn : ctx->out;
}

/* What only an engine knows is asked where one is. */
static int
check_without_engine(struct cmd_ctx *ctx, const char *path, struct buf *need)
{
    struct hv_host host;
    bool told = engine_look_host(&host);

    buf_fmt(warnings(ctx),
            "%s: only the file and what it starts from are looked at, not its "
            "devices%s: no engine runs that could be asked\n",
            ctx->argv[0], told ? "" : " and what the host has");
    return engine_check_host(told ? &host : NULL, path, need, warnings(ctx),
                             ctx->e);
}

static enum cmd_rc
exec_check(struct cmd_ctx *ctx)
{
    char *path = ctx_path(ctx, 0);
    struct buf need = { 0 };
    int rc = ctx->en == NULL
                 ? check_without_engine(ctx, path, &need)
                 : engine_check(ctx->en, path, &need, warnings(ctx), ctx->e);

    free(path);
    if (rc == 0)
        buf_fmt(ctx->out, "%s: good\n%s: %s\n", ctx->argv[0], ctx->argv[0],
                buf_text(&need));
    buf_free(&need);
    return rc == 0 ? CMD_OK : CMD_ERROR;
}

/* True for one of the words in "[--format conf|xl|sxp|json]". */
static bool
is_format(const struct cmd *c, const char *word)
{
    const char *at = strstr(c->args, "--format ") + strlen("--format ");
    size_t n;

    for (;; at += n + 1) {
        n = strcspn(at, "|]");
        if (strlen(word) == n && strncmp(at, word, n) == 0)
            return true;
        if (at[n] != '|')
            return false;
    }
}

/* Takes "--format WORD" and "--format=WORD" out of the arguments; what is left
 * but one word is refused. */
static enum cmd_rc
take_args(struct cmd_ctx *ctx, unsigned words, int *word_out,
          const char **format_out)
{
    unsigned n = 0;
    int i;

    *format_out = "conf";
    for (i = 0; i < ctx->argc; i++) {
        if (strncmp(ctx->argv[i], "--format=", 9) == 0)
            *format_out = ctx->argv[i] + 9;
        else if (strcmp(ctx->argv[i], "--format") == 0 && i + 1 < ctx->argc)
            *format_out = ctx->argv[++i];
        else if (strcmp(ctx->argv[i], "--format") == 0)
            return cmd_usage(ctx, "no format");
        else if (n++ == words)
            return cmd_usage(ctx, ctx->argv[i]);
        else
            *word_out = i;
    }
    if (n < words)
        return cmd_usage(ctx, "no file");
    return is_format(ctx->cmd, *format_out) ? CMD_OK
                                            : cmd_usage(ctx, *format_out);
}

static enum cmd_rc
exec_convert(struct cmd_ctx *ctx)
{
    const char *format;
    int file = 0;
    enum cmd_rc rc = take_args(ctx, 1, &file, &format);
    char *path;

    if (rc != CMD_OK)
        return rc;
    path = ctx_path(ctx, file);
    if (engine_convert(path, format, ctx->out, warnings(ctx), ctx->e) < 0)
        rc = CMD_ERROR;
    free(path);
    return rc;
}

static enum cmd_rc
exec_export(struct cmd_ctx *ctx)
{
    const char *format;
    int none;
    enum cmd_rc rc = take_args(ctx, 0, &none, &format);

    if (rc != CMD_OK)
        return rc;
    return engine_export(ctx->en, ctx->dom_id, format, ctx->out, warnings(ctx),
                         ctx->e) == 0
               ? CMD_OK
               : CMD_ERROR;
}

static const struct cmd cmds[] = {
    { .name = "check",
      .args = "FILE",
      .arg = CMD_ARG_FILE,
      .min_args = 1,
      .max_args = 1,
      .needs = CMD_NO_HOST | CMD_ASKS_HOST | CMD_OPENS_FILE,
      .right = RIGHT_VIEW,
      .help = "Check a configuration file, make nothing",
      .exec = exec_check },
    { .name = "convert",
      .args = "FILE [--format conf|xl|sxp|json]",
      .arg = CMD_ARG_FILE,
      .min_args = 1,
      .max_args = 3,
      .needs = CMD_NO_HOST | CMD_OPENS_FILE,
      .right = RIGHT_VIEW,
      .help = "Write a configuration file in another format",
      .exec = exec_convert },
    { .name = "export",
      .args = "[NAME] [--format conf|xl|sxp|json]",
      .arg = CMD_ARG_DOMAIN,
      .max_args = 2,
      .needs = CMD_NEED_DOMAIN | CMD_NEED_NOT_DOM0 | CMD_TAKES_OFF | CMD_ONE,
      .right = RIGHT_VIEW,
      .help = "Write a domain's configuration in a format",
      .exec = exec_export },
};

const struct cmd_family cmd_family_format = { cmds,
                                              sizeof cmds / sizeof cmds[0],
                                              40 };
