/*
 * verb_view.c - verbs on panes: which are shown, which has the keys, what is
 * looked for in them.
 */
#include <string.h>

#include "src/command/family.h"
#include "ui/app/verbs.h"

static const char *const tabs[] = { "overview", "vcpus", "tune",   "devices",
                                    "config",   "store", "events", "graphs" };

#define N_TABS (sizeof tabs / sizeof tabs[0])

/* -1: no such tab. */
static int
tab_of(const char *text)
{
    unsigned long long n;
    size_t i;

    for (i = 0; i < N_TABS; i++)
        if (strcmp(text, tabs[i]) == 0)
            return (int)i;
    return text_u64(text, 1, N_TABS, &n) ? (int)n - 1 : -1;
}

/* tab -1: the one that it has. */
static void
show_detail(struct cmd_ctx *ctx, int tab)
{
    struct pane *p = ui_pane_find(verb_ui(ctx), PANE_DETAIL, 0);

    if (p == NULL)
        p = detail_pane_new(verb_ui(ctx));
    ui_pane_show(verb_ui(ctx), p);
    if (tab >= 0)
        detail_tab(p, tab);
}

static enum cmd_rc
exec_detail(struct cmd_ctx *ctx)
{
    int tab = ctx->argc > 0 ? tab_of(ctx->argv[0]) : -1;

    if (ctx->argc > 0 && tab < 0)
        return cmd_usage(ctx, ctx->argv[0]);
    show_detail(ctx, tab);
    return CMD_OK;
}

static enum cmd_rc
exec_graphs(struct cmd_ctx *ctx)
{
    show_detail(ctx, PANE_TAB_GRAPHS);
    return CMD_OK;
}

static enum cmd_rc
tab_step(struct cmd_ctx *ctx, int dir)
{
    struct pane *p = ui_focused(verb_ui(ctx));

    if (p->ops->kind == PANE_LOG) {
        log_tab_step(p, dir);
        return CMD_OK;
    }
    p = ui_pane_find(verb_ui(ctx), PANE_DETAIL, 0);
    if (p == NULL) {
        err_set(ctx->e, ERR_NOENT, "no detail pane is open");
        return CMD_ERROR;
    }
    detail_tab_step(p, dir);
    return CMD_OK;
}

static enum cmd_rc
exec_tab_next(struct cmd_ctx *ctx)
{
    return tab_step(ctx, 1);
}

static enum cmd_rc
exec_tab_prev(struct cmd_ctx *ctx)
{
    return tab_step(ctx, -1);
}

static enum cmd_rc
exec_close(struct cmd_ctx *ctx)
{
    struct pane *p = ui_focused(verb_ui(ctx));

    if (p != NULL && p->ops->kind != PANE_LIST)
        ui_pane_close(verb_ui(ctx), p);
    else
        ui_notice(verb_ui(ctx), EVENT_INFO,
                  "this is the list: `quit' ends "
                  "xendeck");
    return CMD_OK;
}

static enum cmd_rc
exec_next_pane(struct cmd_ctx *ctx)
{
    ui_focus_step(verb_ui(ctx), 1);
    return CMD_OK;
}

static enum cmd_rc
exec_prev_pane(struct cmd_ctx *ctx)
{
    ui_focus_step(verb_ui(ctx), -1);
    return CMD_OK;
}

static enum cmd_rc
exec_zoom(struct cmd_ctx *ctx)
{
    ui_zoom(verb_ui(ctx));
    return CMD_OK;
}

static bool
look(struct ui *ui, const char *text, int dir, bool incremental)
{
    struct pane *p = ui_focused(ui);

    return p != NULL && p->ops->search != NULL &&
           p->ops->search(p, text, dir, incremental);
}

static void
search_given_up(struct ui *ui)
{
    struct pane *p = ui_focused(ui);

    if (p != NULL && p->ops->search_end != NULL)
        p->ops->search_end(p);
}

static void
search_changed(struct ui *ui, const char *text, void *arg)
{
    (void)arg;
    if (text != NULL && text[0] != '\0')
        look(ui, text, 1, true);
    else
        search_given_up(ui);
}

static void
search_done(struct ui *ui, const char *text, void *arg)
{
    (void)arg;
    if (text == NULL || text[0] == '\0')
        search_given_up(ui);
    else if (!look(ui, text, 1, false))
        ui_notice(ui, EVENT_WARN, "not found: %s", text);
}

static enum cmd_rc
exec_search(struct cmd_ctx *ctx)
{
    const struct pane *p = ui_focused(verb_ui(ctx));

    if (p == NULL || p->ops->search == NULL) {
        err_set(ctx->e, ERR_UNSUPPORTED, "nothing to search here");
        return CMD_ERROR;
    }
    if (ctx->argc > 0)
        search_done(verb_ui(ctx), ctx->argv[0], NULL);
    else
        ui_prompt(verb_ui(ctx), PROMPT_SEARCH, "", search_done, search_changed,
                  NULL);
    return CMD_OK;
}

static enum cmd_rc
search_again(struct cmd_ctx *ctx, int dir)
{
    if (!look(verb_ui(ctx), NULL, dir, false))
        ui_notice(verb_ui(ctx), EVENT_WARN, "no further match");
    return CMD_OK;
}

static enum cmd_rc
exec_search_next(struct cmd_ctx *ctx)
{
    return search_again(ctx, 1);
}

static enum cmd_rc
exec_search_prev(struct cmd_ctx *ctx)
{
    return search_again(ctx, -1);
}

static enum cmd_rc
exec_tune_edit(struct cmd_ctx *ctx)
{
    struct pane *p = ui_focused(verb_ui(ctx));

    if (p != NULL && p->ops->kind == PANE_DETAIL)
        detail_tune_edit(p);
    return CMD_OK;
}

/* The focused pane if it has a text; NULL with the error set. */
static const struct pane *
pane_with_text(struct cmd_ctx *ctx, struct buf *out)
{
    const struct pane *p = ui_focused(verb_ui(ctx));

    if (p == NULL || p->ops->text == NULL) {
        err_set(ctx->e, ERR_UNSUPPORTED,
                "%s: it takes the text of consoles, details, logs and help",
                ctx->cmd->name);
        return NULL;
    }
    p->ops->text(p, out);
    return p;
}

static enum cmd_rc
exec_pager(struct cmd_ctx *ctx)
{
    struct buf text = { 0 };
    const struct pane *p = pane_with_text(ctx, &text);

    if (p != NULL)
        ui_page(verb_ui(ctx), p->ops->name, buf_text(&text));
    buf_free(&text);
    return p != NULL ? CMD_OK : CMD_ERROR;
}

/* An editor is given less than a pager: the newest of it. */
static enum cmd_rc
exec_editor(struct cmd_ctx *ctx)
{
    struct buf text = { 0 };
    const struct pane *p = pane_with_text(ctx, &text);

    user_text_fit(&text, USER_EDITOR);
    if (p != NULL)
        ui_screen_editor(verb_ui(ctx), p->ops->name, buf_text(&text));
    buf_free(&text);
    return p != NULL ? CMD_OK : CMD_ERROR;
}

#define IN_VIEWS (CMD_IN_DETAIL | CMD_IN_LOG | CMD_IN_HELP)

static const struct cmd cmds[] = {
    { .name = "detail",
      .keys = "Enter",
      .in = CMD_IN_LIST,
      .args = "[TAB]",
      .words = "overview|vcpus|tune|devices|config|store|events|graphs",
      .arg = CMD_ARG_WORDS,
      .max_args = 1,
      .needs = CMD_NEED_SCREEN,
      .right = RIGHT_VIEW,
      .help = "Open the details of the selected domain",
      .exec = exec_detail },
    { .name = "graphs",
      .keys = "h",
      .in = CMD_IN_LIST | CMD_IN_DETAIL,
      .needs = CMD_NEED_SCREEN,
      .right = RIGHT_VIEW,
      .help = "Draw the last hour of the selected domain",
      .exec = exec_graphs },
    { .name = "tab-next",
      .keys = "Right ]",
      .in = CMD_IN_DETAIL | CMD_IN_LOG,
      .needs = CMD_NEED_SCREEN,
      .right = RIGHT_VIEW,
      .help = "Next tab of the details, or the next log",
      .exec = exec_tab_next },
    { .name = "tab-prev",
      .keys = "Left [",
      .in = CMD_IN_DETAIL | CMD_IN_LOG,
      .needs = CMD_NEED_SCREEN,
      .right = RIGHT_VIEW,
      .help = "Previous tab of the details, or the log before",
      .exec = exec_tab_prev },
    { .name = "close",
      .keys = "q Esc",
      .in = IN_VIEWS | CMD_IN_CONSOLE,
      .more_keys = "d",
      .more_in = CMD_IN_CONSOLE,
      .needs = CMD_NEED_SCREEN,
      .right = RIGHT_VIEW,
      .help = "Close the view, back to the list",
      .exec = exec_close },
    { .name = "next-pane",
      .keys = "Tab",
      .in = CMD_IN_ALL,
      .more_keys = "o",
      .more_in = CMD_IN_CONSOLE,
      .needs = CMD_NEED_SCREEN,
      .right = RIGHT_VIEW,
      .help = "Give the next pane the keys",
      .exec = exec_next_pane },
    { .name = "prev-pane",
      .keys = "S-Tab",
      .in = CMD_IN_ANY,
      .needs = CMD_NEED_SCREEN,
      .right = RIGHT_VIEW,
      .help = "Give the previous pane the keys",
      .exec = exec_prev_pane },
    { .name = "zoom",
      .keys = "z",
      .in = CMD_IN_ANY,
      .needs = CMD_NEED_SCREEN,
      .right = RIGHT_VIEW,
      .help = "Give the pane the whole screen, or take it back",
      .exec = exec_zoom },
    { .name = "search",
      .keys = "/ F3",
      .in = CMD_IN_ANY,
      .args = "[TEXT]",
      .arg = CMD_ARG_TEXT,
      .max_args = 1,
      .needs = CMD_NEED_SCREEN,
      .bar = "Search",
      .right = RIGHT_VIEW,
      .help = "Look for a text in the pane",
      .exec = exec_search },
    { .name = "search-next",
      .keys = "n",
      .in = CMD_IN_ANY,
      .needs = CMD_NEED_SCREEN,
      .right = RIGHT_VIEW,
      .help = "Next match",
      .exec = exec_search_next },
    { .name = "search-prev",
      .keys = "N",
      .in = CMD_IN_ANY,
      .needs = CMD_NEED_SCREEN,
      .right = RIGHT_VIEW,
      .help = "Previous match",
      .exec = exec_search_prev },
    { .name = "pager",
      .keys = "|",
      .in = IN_VIEWS,
      .more_keys = "P",
      .more_in = CMD_IN_CONSOLE,
      .needs = CMD_NEED_SCREEN,
      .right = RIGHT_VIEW,
      .help = "Show the whole text of the view in your own pager",
      .exec = exec_pager },
    { .name = "editor",
      .keys = "E",
      .in = CMD_IN_CONSOLE,
      .needs = CMD_NEED_SCREEN,
      .right = RIGHT_VIEW,
      .help = "Show the newest text of the view in your own editor",
      .exec = exec_editor },
    { .name = "tune-edit",
      .keys = "Enter",
      .in = CMD_IN_DETAIL,
      .needs = CMD_NEED_SCREEN,
      .right = RIGHT_VIEW,
      .help = "Change the value under the cursor of the tune tab",
      .exec = exec_tune_edit },
};

const struct cmd_family ui_family_view = { cmds, sizeof cmds / sizeof cmds[0],
                                           130 };
