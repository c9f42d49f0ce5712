/*
 * cmd_program.c - help.
 */
#include <string.h>

#include "src/command/command.h"
#include "src/command/family.h"
#include "src/command/screen.h"

static const struct {
    unsigned bit;
    const char *name;
} contexts[] = {
    { CMD_IN_LIST, "list" },
    { CMD_IN_DETAIL, "detail" },
    { CMD_IN_LOG, "log" },
    { CMD_IN_HELP, "help" },
    { CMD_IN_CONSOLE, "console, after the prefix" },
};

bool
parse_on_off(const char *text, bool *out)
{
    *out = strcmp(text, "on") == 0;
    return *out || strcmp(text, "off") == 0;
}

static void
usage_line(const struct cmd *c, struct buf *out)
{
    buf_str(out, c->name);
    if (c->args != NULL)
        buf_fmt(out, " %s", c->args);
    if (c->json)
        buf_str(out, " [--json]");
}

/* Contexts of equal default keys share a line. */
static void
help_keys(const struct cmd *c, const char *keys, unsigned in, struct buf *out)
{
    const char *between = "";
    size_t i;

    if (keys == NULL || in == 0)
        return;
    buf_fmt(out, "Keys: %s (", keys);
    if ((in & CMD_IN_ANY) == CMD_IN_ANY || c->in == CMD_IN_ANY)
        buf_str(out, in == CMD_IN_CONSOLE ? contexts[4].name : "everywhere");
    else
        for (i = 0; i < sizeof contexts / sizeof contexts[0]; i++)
            if ((in & contexts[i].bit) != 0) {
                buf_fmt(out, "%s%s", between, contexts[i].name);
                between = ", ";
            }
    buf_str(out, ")\n");
}

void
help_verb(const struct cmd *c, struct buf *out)
{
    usage_line(c, out);
    buf_fmt(out, "\n%s.\n", c->help);
    if (c->alias != NULL)
        buf_fmt(out, "Also: %s\n", c->alias);
    if (c->words != NULL)
        buf_fmt(out, "%s is one of %s\n", c->args, c->words);
    help_keys(c, c->keys, c->in, out);
    help_keys(c, c->more_keys, c->more_in, out);
    if ((c->needs & CMD_NEED_SCREEN) != 0)
        buf_str(out, "Needs the console, not for -e.\n");
    if (c->confirm != NULL || c->ask != NULL)
        buf_str(out, "Asks first in the console, never with -e.\n");
}

static void
help_all(const struct cmd_set *cmds, struct buf *out)
{
    struct buf line = { 0 };
    const struct cmd *c;
    size_t i;

    for (i = 0; (c = cmd_at(cmds, i)) != NULL; i++) {
        buf_clear(&line);
        usage_line(c, &line);
        buf_fmt(out, "%-28s  %s\n", buf_text(&line), c->help);
    }
    buf_free(&line);
}

static enum cmd_rc
exec_help(struct cmd_ctx *ctx)
{
    struct screen *sc = ctx->ses->screen;
    const struct cmd *c;

    if (ctx->argc > 0) {
        c = cmd_find(ctx->ses->cmds, ctx->argv[0], ctx->e);
        if (c == NULL)
            return CMD_USAGE;
        help_verb(c, ctx->out);
    } else if (sc != NULL) {
        sc->ops->show_help(sc);
    } else {
        help_all(ctx->ses->cmds, ctx->out);
    }
    return CMD_OK;
}

/* What stands beside a candidate is for people. */
static enum cmd_rc
exec_complete(struct cmd_ctx *ctx)
{
    struct buf found = { 0 };
    const char *p;

    (void)cmd_complete(ctx->ses, ctx->argv[0], &found);
    for (p = buf_text(&found); *p != '\0'; p += strcspn(p, "\n") + 1)
        buf_fmt(ctx->out, "%.*s\n", (int)strcspn(p, "\t\n"), p);
    buf_free(&found);
    return CMD_OK;
}

static const struct cmd cmds[] = {
    { .name = "complete",
      .args = "LINE",
      .arg = CMD_ARG_TEXT,
      .min_args = 1,
      .max_args = 1,
      .right = RIGHT_VIEW,
      .help = "Print what the last word of a line may be, for shells",
      .exec = exec_complete },
    { .name = "help",
      .keys = "? F1",
      .in = CMD_IN_ANY,
      .args = "[VERB]",
      .arg = CMD_ARG_COMMAND,
      .max_args = 1,
      .needs = CMD_NO_HOST,
      .bar = "Help",
      .right = RIGHT_VIEW,
      .help = "Show the keys and verbs, or one verb",
      .exec = exec_help },
};

const struct cmd_family cmd_family_program = { cmds,
                                               sizeof cmds / sizeof cmds[0],
                                               180 };
