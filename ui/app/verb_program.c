/*
 * verb_program.c - verbs on the front end itself: palette, looks, read-only,
 * the way out.
 */
#include <string.h>

#include "src/command/family.h"
#include "src/command/screen.h"
#include "ui/app/verbs.h"

static enum cmd_rc
exec_palette(struct cmd_ctx *ctx)
{
    ctx->ses->screen->ops->prompt(ctx->ses->screen, "");
    return CMD_OK;
}

/* The name after the current theme's in the list of all, round and round. */
static void
next_theme(const struct cmd_ctx *ctx, struct buf *out)
{
    const char *now = ui_theme(verb_ui(ctx))->name, *p, *end;
    struct buf names = { 0 };
    bool found = false;

    theme_names(ui_settings(verb_ui(ctx))->theme_dirs, &names);
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
    if (ui_set_theme(verb_ui(ctx), buf_text(&name), ctx->e) < 0)
        rc = CMD_ERROR;
    else
        ui_notice(verb_ui(ctx), EVENT_INFO, "theme %s", buf_text(&name));
    buf_free(&name);
    return rc;
}

static enum cmd_rc
exec_mouse(struct cmd_ctx *ctx)
{
    bool on = !ui_settings(verb_ui(ctx))->mouse;

    if (ctx->argc > 0 && !parse_on_off(ctx->argv[0], &on))
        return cmd_usage(ctx, ctx->argv[0]);
    ui_set_mouse(verb_ui(ctx), on);
    ui_notice(verb_ui(ctx), EVENT_INFO, "mouse %s", on ? "on" : "off");
    return CMD_OK;
}

static void
set_read_only(struct ui *ui, bool on)
{
    struct session *ses = ui_session(ui);

    ses->info.rights =
        on && ses->granted > RIGHT_VIEW ? RIGHT_VIEW : ses->granted;
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
    struct ui *ui = verb_ui(ctx);
    bool on;

    if (!parse_on_off(ctx->argv[0], &on))
        return cmd_usage(ctx, ctx->argv[0]);
    if (!on && ctx->ses->granted < RIGHT_OPERATE) {
        err_set(ctx->e, ERR_DENIED,
                ctx->ses->host_read_only
                    ? "read-only: this engine is so by its own settings or "
                      "--read-only"
                    : "read-only: this session has no right but to view");
        return CMD_ERROR;
    }
    if (on || ctx->ses->info.rights >= RIGHT_OPERATE)
        set_read_only(ui, on);
    else
        ui_confirm(ui, "End read-only?", NULL, read_only_answer, NULL);
    return CMD_OK;
}

static enum cmd_rc
exec_redraw(struct cmd_ctx *ctx)
{
    ui_redraw(verb_ui(ctx));
    return CMD_OK;
}

static enum cmd_rc
exec_stop(struct cmd_ctx *ctx)
{
    ui_suspend(verb_ui(ctx));
    return CMD_OK;
}

static enum cmd_rc
exec_quit(struct cmd_ctx *ctx)
{
    ui_quit(verb_ui(ctx));
    return CMD_OK;
}

static void
complete_theme(const struct session *ses, struct buf *out)
{
    theme_names(ses->set != NULL ? ses->set->theme_dirs : "", out);
}

static const struct cmd cmds[] = {
    { .name = "palette",
      .keys = ":",
      .in = CMD_IN_ANY,
      .needs = CMD_NEED_SCREEN,
      .right = RIGHT_VIEW,
      .help = "Type a verb, with completion (Tab) and history (Up)",
      .exec = exec_palette },
    { .name = "theme",
      .keys = "t",
      .in = CMD_IN_ALL,
      .args = "[NAME]",
      .arg = CMD_ARG_OWN,
      .max_args = 1,
      .needs = CMD_NEED_SCREEN,
      .right = RIGHT_VIEW,
      .help = "Switch to a theme, or to the next one",
      .complete = complete_theme,
      .exec = exec_theme },
    { .name = "mouse",
      .keys = "m",
      .in = CMD_IN_ALL,
      .args = "[on|off]",
      .arg = CMD_ARG_WORDS,
      .max_args = 1,
      .needs = CMD_NEED_SCREEN,
      .right = RIGHT_VIEW,
      .help = "Use the mouse, or leave it to the terminal",
      .exec = exec_mouse },
    { .name = "read-only",
      .args = "on|off",
      .arg = CMD_ARG_WORDS,
      .min_args = 1,
      .max_args = 1,
      .needs = CMD_NEED_SCREEN,
      .right = RIGHT_VIEW,
      .help = "Refuse verbs that change a domain, or allow them",
      .exec = exec_read_only },
    { .name = "redraw",
      .keys = "C-l",
      .in = CMD_IN_ANY,
      .needs = CMD_NEED_SCREEN,
      .right = RIGHT_VIEW,
      .help = "Draw the whole screen anew",
      .exec = exec_redraw },
    { .name = "stop-ui",
      .keys = "C-z",
      .in = CMD_IN_ANY,
      .needs = CMD_NEED_SCREEN,
      .right = RIGHT_VIEW,
      .help = "Back to the shell; fg returns",
      .exec = exec_stop },
    { .name = "quit",
      .alias = "exit",
      .keys = "q",
      .in = CMD_IN_LIST,
      .more_keys = "F10",
      .more_in = CMD_IN_ANY,
      .needs = CMD_NEED_SCREEN,
      .bar = "Quit",
      .right = RIGHT_VIEW,
      .help = "Leave the engine; domains run on",
      .exec = exec_quit },
};

const struct cmd_family ui_family_program = { cmds,
                                              sizeof cmds / sizeof cmds[0],
                                              181 };
