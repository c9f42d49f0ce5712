/*
 * ui_screen.c - what verbs may ask of a screen (src/command/screen.h), and the
 * verbs of the front end in the one table.
 */
#include "src/command/screen.h"
#include "ui/app/ui_int.h"
#include "ui/app/verbs.h"

static struct ui *
ui_of(struct screen *sc)
{
    return container_of(sc, struct ui, screen);
}

struct ui *
verb_ui(const struct cmd_ctx *ctx)
{
    return ui_of(ctx->ses->screen);
}

static void
screen_notice(struct screen *sc, enum event_level level, const char *text)
{
    ui_notice(ui_of(sc), level, "%s", text);
}

static void
prompt_done(struct ui *ui, const char *text, void *arg)
{
    (void)arg;
    if (text != NULL)
        ui_run(ui, text);
}

static void
screen_prompt(struct screen *sc, const char *begin)
{
    ui_prompt(ui_of(sc), PROMPT_COMMAND, begin, prompt_done, NULL, NULL);
}

static void
screen_follow_console(struct screen *sc, uint64_t op)
{
    ui_console_follow(ui_of(sc), op);
}

static void
screen_show_log(struct screen *sc)
{
    struct ui *ui = ui_of(sc);
    struct pane *p = ui_pane_find(ui, PANE_LOG, 0);

    ui_pane_show(ui, p != NULL ? p : log_pane_new(ui));
}

static void
screen_show_help(struct screen *sc)
{
    struct ui *ui = ui_of(sc);
    const struct pane *focus = ui_focused(ui);
    struct pane *p = ui_pane_find(ui, PANE_HELP, 0);

    if (p == NULL)
        p = help_pane_new(ui);
    help_topic(p, focus != NULL ? focus->ops->context : CMD_IN_LIST);
    ui_pane_show(ui, p);
}

static void
screen_attach_form(struct screen *sc, uint64_t dom_id)
{
    device_form(ui_of(sc), dom_id);
}

static bool
screen_device(struct screen *sc, struct screen_device *out)
{
    const struct pane *p = ui_pane_find(ui_of(sc), PANE_DETAIL, 0);
    const struct dom_device *dev = p != NULL ? detail_device(p) : NULL;

    if (dev == NULL)
        return false;
    text_fmt(out->kind, sizeof(out->kind), "%s", dev->kind);
    text_fmt(out->name, sizeof(out->name), "%s", dev->name);
    return true;
}

void
ui_screen_init(struct ui *ui)
{
    static const struct screen_ops ops = {
        .notice = screen_notice,
        .prompt = screen_prompt,
        .follow_console = screen_follow_console,
        .show_log = screen_show_log,
        .show_help = screen_show_help,
        .attach_form = screen_attach_form,
        .device = screen_device,
    };

    ui->screen.ops = &ops;
    ui->desk.ses->screen = &ui->screen;
}

void
ui_verbs_add(struct cmd_set *cmds)
{
    static const struct cmd_family *const families[] = {
        &ui_family_console, &ui_family_events, &ui_family_program,
        &ui_family_scroll,  &ui_family_sort,   &ui_family_view,
    };
    size_t i;

    for (i = 0; i < sizeof(families) / sizeof(families[0]); i++)
        cmd_set_add(cmds, families[i]);
}
