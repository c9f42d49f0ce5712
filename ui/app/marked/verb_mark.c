/*
 * verb_mark.c - verbs that mark domains of the list, for the verbs that act on
 * all of them at once (ui_marked.c).
 */
#include <string.h>

#include "src/command/family.h"
#include "src/command/filter/dom_filter.h"
#include "ui/app/marked/ui_marked.h"
#include "ui/app/verbs.h"
#include "ui/pane/list/list_marks.h"

static struct pane *
verb_mark_list(struct ui *ui)
{
    return ui_pane_find(ui, PANE_LIST, 0);
}

static enum cmd_rc
exec_mark(struct cmd_ctx *ctx)
{
    list_mark_step(verb_mark_list(verb_ui(ctx)));
    return CMD_OK;
}

static enum cmd_rc
exec_mark_range(struct cmd_ctx *ctx)
{
    list_mark_range(verb_mark_list(verb_ui(ctx)));
    return CMD_OK;
}

static enum cmd_rc
exec_mark_all(struct cmd_ctx *ctx)
{
    list_mark_all(verb_mark_list(verb_ui(ctx)));
    return CMD_OK;
}

static enum cmd_rc
exec_mark_invert(struct cmd_ctx *ctx)
{
    list_mark_invert(verb_mark_list(verb_ui(ctx)));
    return CMD_OK;
}

static enum cmd_rc
exec_mark_none(struct cmd_ctx *ctx)
{
    list_mark_none(verb_mark_list(verb_ui(ctx)));
    return CMD_OK;
}

/* --- by conditions --- */

static void
mark_where_changed(struct ui *ui, const char *text, void *arg)
{
    struct err e = { 0 };
    char note[64];
    long n = list_mark_where(verb_mark_list(ui), text, true, &e);

    (void)arg;
    if (n < 0) {
        ui_prompt_note(ui, e.msg);
        return;
    }
    text_fmt(note, sizeof note, "%ld domain%s would be marked", n,
             n == 1 ? "" : "s");
    ui_prompt_note(ui, note);
}

static void mark_where_done(struct ui *ui, const char *text, void *arg);

static void
mark_where_ask(struct ui *ui, const char *text)
{
    ui_prompt(ui, PROMPT_MARK, text, mark_where_done, mark_where_changed, NULL);
    ui_prompt_completes(ui, dom_filter_complete);
}

/* False: the conditions are faulty, *e says where. */
static bool
mark_where(struct ui *ui, const char *text, struct err *e)
{
    long n = list_mark_where(verb_mark_list(ui), text, false, e);

    if (n >= 0)
        ui_notice(ui, n > 0 ? EVENT_INFO : EVENT_WARN,
                  n > 0 ? "%ld domain%s marked" : "%ld domain%s meet this", n,
                  n == 1 ? "" : "s");
    return n >= 0;
}

/* A faulty line stays to be mended; an empty one marks none. */
static void
mark_where_done(struct ui *ui, const char *text, void *arg)
{
    struct err e = { 0 };

    (void)arg;
    if (text == NULL || text[strspn(text, " ")] == '\0' ||
        mark_where(ui, text, &e))
        return;
    mark_where_ask(ui, text);
    ui_prompt_note(ui, e.msg);
}

static enum cmd_rc
exec_mark_where(struct cmd_ctx *ctx)
{
    struct buf text = { 0 };
    bool ok = true;

    ctx_join(ctx, 0, &text);
    if (ctx->argc > 0)
        ok = mark_where(verb_ui(ctx), buf_text(&text), ctx->e);
    else
        mark_where_ask(verb_ui(ctx), "");
    buf_free(&text);
    return ok ? CMD_OK : CMD_ERROR;
}

static enum cmd_rc
exec_mark_results(struct cmd_ctx *ctx)
{
    const char *text = marked_report(verb_ui(ctx));

    if (text == NULL) {
        err_set(ctx->e, ERR_NOENT,
                "mark-results: no verb has run on marked domains yet");
        return CMD_ERROR;
    }
    ui_pager(verb_ui(ctx), "marked domains", text);
    return CMD_OK;
}

static const struct cmd cmds[] = {
    { .name = "mark",
      .keys = "Space",
      .in = CMD_IN_LIST,
      .needs = CMD_NEED_SCREEN,
      .right = RIGHT_VIEW,
      .help = "Mark the selected domain, or take its mark away",
      .exec = exec_mark },
    { .name = "mark-range",
      .keys = "C-Space",
      .in = CMD_IN_LIST,
      .needs = CMD_NEED_SCREEN,
      .right = RIGHT_VIEW,
      .help = "Mark all from the last one that was marked to the selected one",
      .exec = exec_mark_range },
    { .name = "mark-where",
      .keys = "+",
      .in = CMD_IN_LIST,
      .args = "[CONDITION...]",
      .arg = CMD_ARG_TEXT,
      .max_args = CMD_ARGS_MAX - 1,
      .needs = CMD_NEED_SCREEN,
      .right = RIGHT_VIEW,
      .help = "Mark the domains that meet conditions",
      .exec = exec_mark_where },
    { .name = "mark-invert",
      .keys = "*",
      .in = CMD_IN_LIST,
      .needs = CMD_NEED_SCREEN,
      .right = RIGHT_VIEW,
      .help = "Swap marked and unmarked among the listed domains",
      .exec = exec_mark_invert },
    { .name = "mark-all",
      .keys = "A",
      .in = CMD_IN_LIST,
      .needs = CMD_NEED_SCREEN,
      .right = RIGHT_VIEW,
      .help = "Mark all listed domains but domain 0",
      .exec = exec_mark_all },
    { .name = "mark-none",
      .keys = "U",
      .in = CMD_IN_LIST,
      .needs = CMD_NEED_SCREEN,
      .right = RIGHT_VIEW,
      .help = "Take all marks away",
      .exec = exec_mark_none },
    { .name = "mark-results",
      .needs = CMD_NEED_SCREEN,
      .right = RIGHT_VIEW,
      .help = "Show what the last verb on marked domains did, one by one",
      .exec = exec_mark_results },
};

const struct cmd_family ui_family_mark = { cmds, sizeof cmds / sizeof cmds[0],
                                           125 };
