/*
 * ui_screen.c - what verbs may ask of a screen (src/command/screen.h), the
 * user's own editor and pager among it, and the verbs of the front end in the
 * one table.
 */
#include <stdlib.h>
#include <string.h>

#include "src/base/xalloc.h"
#include "src/command/screen.h"
#include "ui/app/ui_int.h"
#include "ui/app/verbs.h"

struct ui *
ui_of_screen(struct screen *sc)
{
    return sc != NULL ? container_of(sc, struct ui, screen) : NULL;
}

struct ui *
verb_ui(const struct cmd_ctx *ctx)
{
    return ui_of_screen(ctx->ses->screen);
}

static void
screen_notice(struct screen *sc, enum event_level level, const char *text)
{
    ui_notice(ui_of_screen(sc), level, "%s", text);
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
    ui_prompt(ui_of_screen(sc), PROMPT_COMMAND, begin, prompt_done, NULL, NULL);
}

static void
screen_follow_console(struct screen *sc, uint64_t op)
{
    struct ui *ui = ui_of_screen(sc);

    if (!ui->in_set) /* one console can be looked at */
        ui_console_follow(ui, op);
}

static void
screen_show_log(struct screen *sc)
{
    struct ui *ui = ui_of_screen(sc);
    struct pane *p = ui_pane_find(ui, PANE_LOG, 0);

    ui_pane_show(ui, p != NULL ? p : log_pane_new(ui));
}

static void
screen_show_operations(struct screen *sc)
{
    screen_show_log(sc);
    log_show_operations(ui_focused(ui_of_screen(sc)));
}

static uint64_t
screen_operation(struct screen *sc)
{
    const struct pane *p = ui_focused(ui_of_screen(sc));

    return p->ops->kind == PANE_LOG ? log_operation(p) : 0;
}

static void
screen_show_help(struct screen *sc)
{
    struct ui *ui = ui_of_screen(sc);
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
    device_form(ui_of_screen(sc), dom_id);
}

static void
screen_form(struct screen *sc, const struct cmd *c, uint64_t dom_id)
{
    verb_form(ui_of_screen(sc), c, dom_id);
}

static uint64_t
screen_domain(struct screen *sc)
{
    return ui_current_dom(ui_of_screen(sc));
}

static bool
screen_device(struct screen *sc, struct screen_device *out)
{
    const struct pane *p = ui_pane_find(ui_of_screen(sc), PANE_DETAIL, 0);
    const struct dom_device *dev = p != NULL ? detail_device(p) : NULL;

    if (dev == NULL)
        return false;
    text_fmt(out->kind, sizeof(out->kind), "%s", dev->kind);
    text_fmt(out->name, sizeof(out->name), "%s", dev->name);
    return true;
}

/* --- the user's pager, or editor, on a text to look at --- */

static void
page_ended(struct ui *ui, const struct user_program_end *end, void *arg)
{
    (void)arg;
    if (end->why[0] != '\0')
        ui_notice(ui, EVENT_ERROR, "%s", end->why);
}

/* Lines are kept, all else that could move a terminal is not. */
static void
page_safe(struct buf *out, const char *text)
{
    size_t n;

    for (; *text != '\0'; text += n) {
        n = strcspn(text, "\n\t");
        buf_safe(out, text, n);
        if (text[n] != '\0')
            buf_chr(out, text[n++]);
    }
}

static void
screen_show_text(struct ui *ui, enum user_program_kind kind, const char *title,
                 const char *text)
{
    struct user_text t = { .kind = kind, .name = title };
    struct buf safe = { 0 };
    struct err e = { 0 };

    page_safe(&safe, text);
    t.text = buf_text(&safe);
    t.n = safe.len;
    if (ui_run_program(ui, &t, page_ended, NULL, &e) < 0)
        ui_notice(ui, EVENT_ERROR, "%s", e.msg);
    buf_free(&safe);
}

void
ui_screen_page(struct ui *ui, const char *title, const char *text)
{
    screen_show_text(ui, USER_PAGER, title, text);
}

void
ui_screen_editor(struct ui *ui, const char *title, const char *text)
{
    screen_show_text(ui, USER_EDITOR, title, text);
}

/* --- the user's editor --- */

struct editing {
    char *name, *text;
    bool (*done)(struct session *ses, const char *text, struct err *e,
                 void *arg);
    void *arg;
};

static void
editing_free(struct editing *x)
{
    free(x->name);
    free(x->text);
    free(x);
}

static void
editing_give_up(struct ui *ui, struct editing *x)
{
    struct err e = { 0 };

    (void)x->done(ui->desk.ses, NULL, &e, x->arg);
    editing_free(x);
}

static void edit_ended(struct ui *ui, const struct user_program_end *end,
                       void *arg);

static int
editing_run(struct ui *ui, struct editing *x, struct err *e)
{
    const struct user_text t = { .kind = USER_EDITOR,
                                 .name = x->name,
                                 .text = x->text,
                                 .n = strlen(x->text) };

    return ui_run_program(ui, &t, edit_ended, x, e);
}

static void
edit_again(struct ui *ui, bool yes, void *arg)
{
    struct editing *x = arg;
    struct err e = { 0 };

    if (yes && editing_run(ui, x, &e) == 0)
        return;
    if (yes)
        ui_notice(ui, EVENT_ERROR, "%s", e.msg);
    editing_give_up(ui, x);
}

static void
edit_ended(struct ui *ui, const struct user_program_end *end, void *arg)
{
    struct editing *x = arg;
    char question[ERR_MSG_MAX + 64];
    struct err e = { 0 };

    if (end->text == NULL) {
        if (end->why[0] != '\0')
            ui_notice(ui, EVENT_ERROR, "%s", end->why);
        editing_give_up(ui, x);
        return;
    }
    if (x->done(ui->desk.ses, end->text, &e, x->arg)) {
        editing_free(x);
        return;
    }
    free(x->text);
    x->text = xstrdup(end->text);
    text_fmt(question, sizeof(question), "%s. Edit it again?", e.msg);
    ui_confirm(ui, question, NULL, edit_again, x);
}

static int
screen_edit(struct screen *sc, const struct screen_edit *given, struct err *e)
{
    struct editing *x = xcalloc(1, sizeof(*x));

    x->name = xstrdup(given->name);
    x->text = xstrdup(given->text);
    x->done = given->done;
    x->arg = given->arg;
    if (editing_run(ui_of_screen(sc), x, e) == 0)
        return 0;
    editing_free(x);
    return -1;
}

void
ui_screen_init(struct ui *ui, const char *term)
{
    static const struct screen_ops ops = {
        .notice = screen_notice,
        .prompt = screen_prompt,
        .follow_console = screen_follow_console,
        .show_log = screen_show_log,
        .show_operations = screen_show_operations,
        .operation = screen_operation,
        .show_help = screen_show_help,
        .form = screen_form,
        .attach_form = screen_attach_form,
        .edit = screen_edit,
        .domain = screen_domain,
        .device = screen_device,
    };

    ui->screen.ops = &ops;
    ui->desk.ses->screen = &ui->screen;
    if (strcmp(term, ui->tty.screen->term) != 0)
        ui_notice(ui, EVENT_WARN,
                  "the terminal type '%.40s' is unknown here: it is taken for "
                  "%s",
                  term, ui->tty.screen->term);
}

void
ui_verbs_add(struct cmd_set *cmds)
{
    static const struct cmd_family *const families[] = {
        &ui_family_console, &ui_family_copy,   &ui_family_events,
        &ui_family_layout,  &ui_family_mark,   &ui_family_past,
        &ui_family_program, &ui_family_scroll, &ui_family_sort,
        &ui_family_tile,    &ui_family_view,
    };
    size_t i;

    for (i = 0; i < sizeof(families) / sizeof(families[0]); i++)
        cmd_set_add(cmds, families[i]);
}
