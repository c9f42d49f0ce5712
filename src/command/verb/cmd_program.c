/*
 * cmd_program.c - verbs on the program itself: help, looks, the way out.
 */
#include <string.h>

#include "src/command/command.h"
#include "src/command/family.h"
#include "ui/ui.h"

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
    if ((c->needs & CMD_NEED_UI) != 0)
        buf_str(out, "Needs the console, not for -e.\n");
    if (c->confirm != NULL || c->ask != NULL)
        buf_str(out, "Asks first in the console, never with -e.\n");
}

static void
help_all(struct buf *out)
{
    struct buf line = { 0 };
    const struct cmd *c;
    size_t i;

    for (i = 0; (c = cmd_at(i)) != NULL; i++) {
        buf_clear(&line);
        usage_line(c, &line);
        buf_fmt(out, "%-28s  %s\n", buf_text(&line), c->help);
    }
    buf_free(&line);
}

static enum cmd_rc
exec_help(struct cmd_ctx *ctx)
{
    const struct pane *focus;
    const struct cmd *c;
    struct pane *p;

    if (ctx->argc > 0) {
        c = cmd_find(ctx->argv[0], ctx->e);
        if (c == NULL)
            return CMD_USAGE;
        help_verb(c, ctx->out);
        return CMD_OK;
    }
    if (ctx->ui == NULL) {
        help_all(ctx->out);
        return CMD_OK;
    }
    focus = ui_focused(ctx->ui);
    p = ui_pane_find(ctx->ui, PANE_HELP, 0);
    if (p == NULL)
        p = help_pane_new(ctx->ui);
    help_topic(p, focus != NULL ? focus->ops->context : CMD_IN_LIST);
    ui_pane_show(ctx->ui, p);
    return CMD_OK;
}

static void
palette_done(struct ui *ui, const char *text, void *arg)
{
    (void)arg;
    if (text != NULL)
        ui_run(ui, text);
}

static enum cmd_rc
exec_palette(struct cmd_ctx *ctx)
{
    ui_prompt(ctx->ui, PROMPT_COMMAND, "", palette_done, NULL, NULL);
    return CMD_OK;
}

/* The name after the current theme's in the list of all, round and round. */
static void
next_theme(const struct cmd_ctx *ctx, struct buf *out)
{
    const char *now = ui_theme(ctx->ui)->name, *p, *end;
    struct buf names = { 0 };
    bool found = false;

    theme_names(ui_settings(ctx->ui)->theme_dirs, &names);
    for (p = buf_text(&names); (end = strchr(p, '\n')) != NULL; p = end + 1) {
        size_t n = (size_t)(end - p);

        if (found || out->len == 0) {
            buf_clear(out);
            buf_add(out, p, n);
        }
        if (found)
            break;
        found = strlen(now) == n && strncmp(now, p, n) == 0;
    }
    if (found && end == NULL) { /* the last: begin again */
        buf_clear(out);
        buf_add(out, buf_text(&names), strcspn(buf_text(&names), "\n"));
    }
    buf_free(&names);
}

static enum cmd_rc
exec_theme(struct cmd_ctx *ctx)
{
    struct buf name = { 0 };
    enum cmd_rc rc = CMD_OK;

    if (ctx->argc > 0)
        buf_str(&name, ctx->argv[0]);
    else
        next_theme(ctx, &name);
    if (ui_set_theme(ctx->ui, buf_text(&name), ctx->e) < 0)
        rc = CMD_ERROR;
    else
        ui_notice(ctx->ui, EVENT_INFO, "theme %s", buf_text(&name));
    buf_free(&name);
    return rc;
}

static enum cmd_rc
exec_mouse(struct cmd_ctx *ctx)
{
    bool on = !ui_settings(ctx->ui)->mouse;

    if (ctx->argc > 0 && !parse_on_off(ctx->argv[0], &on))
        return cmd_usage(ctx->e, cmd_find("mouse", NULL), ctx->argv[0]);
    ui_set_mouse(ctx->ui, on);
    ui_notice(ctx->ui, EVENT_INFO, "mouse %s", on ? "on" : "off");
    return CMD_OK;
}

static void
set_read_only(struct ui *ui, bool on)
{
    ui_settings(ui)->read_only = on;
    ui_notice(ui, EVENT_INFO,
              on ? "read-only: nothing can be changed"
                 : "domains can be changed again");
    ui_relayout(ui);
}

static void
read_only_answer(struct ui *ui, bool yes, void *arg)
{
    (void)arg;
    if (yes)
        set_read_only(ui, false);
}

static enum cmd_rc
exec_read_only(struct cmd_ctx *ctx)
{
    bool on;

    if (!parse_on_off(ctx->argv[0], &on))
        return cmd_usage(ctx->e, cmd_find("read-only", NULL), ctx->argv[0]);
    if (on || !ui_settings(ctx->ui)->read_only)
        set_read_only(ctx->ui, on);
    else
        ui_confirm(ctx->ui, "End read-only?", NULL, read_only_answer, NULL);
    return CMD_OK;
}

static enum cmd_rc
exec_redraw(struct cmd_ctx *ctx)
{
    ui_redraw(ctx->ui);
    return CMD_OK;
}

static enum cmd_rc
exec_stop(struct cmd_ctx *ctx)
{
    ui_suspend(ctx->ui);
    return CMD_OK;
}

static enum cmd_rc
exec_quit(struct cmd_ctx *ctx)
{
    ui_quit(ctx->ui);
    return CMD_OK;
}

static const struct cmd cmds[] = {
    { .name = "help",
      .keys = "? F1",
      .in = CMD_IN_ANY,
      .args = "[VERB]",
      .arg = CMD_ARG_COMMAND,
      .max_args = 1,
      .needs = CMD_NO_HOST,
      .bar = "Help",
      .help = "Show the keys and verbs, or one verb",
      .exec = exec_help },
    { .name = "palette",
      .keys = ":",
      .in = CMD_IN_ANY,
      .needs = CMD_NEED_UI,
      .help = "Type a verb, with completion (Tab) and history (Up)",
      .exec = exec_palette },
    { .name = "theme",
      .keys = "t",
      .in = CMD_IN_ALL,
      .args = "[NAME]",
      .arg = CMD_ARG_THEME,
      .max_args = 1,
      .needs = CMD_NEED_UI,
      .help = "Switch to a theme, or to the next one",
      .exec = exec_theme },
    { .name = "mouse",
      .keys = "m",
      .in = CMD_IN_ALL,
      .args = "[on|off]",
      .arg = CMD_ARG_WORDS,
      .max_args = 1,
      .needs = CMD_NEED_UI,
      .help = "Use the mouse, or leave it to the terminal",
      .exec = exec_mouse },
    { .name = "read-only",
      .args = "on|off",
      .arg = CMD_ARG_WORDS,
      .min_args = 1,
      .max_args = 1,
      .needs = CMD_NEED_UI,
      .help = "Refuse verbs that change a domain, or allow them",
      .exec = exec_read_only },
    { .name = "redraw",
      .keys = "C-l",
      .in = CMD_IN_ANY,
      .needs = CMD_NEED_UI,
      .help = "Draw the whole screen anew",
      .exec = exec_redraw },
    { .name = "stop-ui",
      .keys = "C-z",
      .in = CMD_IN_ANY,
      .needs = CMD_NEED_UI,
      .help = "Back to the shell; fg returns",
      .exec = exec_stop },
    { .name = "quit",
      .alias = "exit",
      .keys = "q",
      .in = CMD_IN_LIST,
      .more_keys = "F10",
      .more_in = CMD_IN_ANY,
      .needs = CMD_NEED_UI,
      .bar = "Quit",
      .help = "End the program; domains run on",
      .exec = exec_quit },
};

const struct cmd_family cmd_family_program = { cmds,
                                               sizeof cmds / sizeof cmds[0] };
