/*
 * verb_sort.c - verbs on the order and the choice of what the domain list
 * shows.
 */
#include <string.h>

#include "src/command/family.h"
#include "ui/app/verbs.h"

static struct pane *
verb_sort_list_of(struct cmd_ctx *ctx)
{
    return ui_pane_find(verb_ui(ctx), PANE_LIST, 0);
}

static enum cmd_rc
sort_by(struct cmd_ctx *ctx, const char *column)
{
    list_sort(verb_sort_list_of(ctx), column, true);
    return CMD_OK;
}

static enum cmd_rc
exec_sort(struct cmd_ctx *ctx)
{
    if (!cmd_has_word(ctx->cmd, ctx->argv[0])) {
        char found[64];

        text_fmt(found, sizeof found, "no column '%.40s'", ctx->argv[0]);
        return cmd_usage(ctx, found);
    }
    list_sort(verb_sort_list_of(ctx), ctx->argv[0], false);
    return CMD_OK;
}

static enum cmd_rc
exec_sort_id(struct cmd_ctx *ctx)
{
    return sort_by(ctx, "id");
}

static enum cmd_rc
exec_sort_cpu(struct cmd_ctx *ctx)
{
    return sort_by(ctx, "cpu");
}

static enum cmd_rc
exec_sort_mem(struct cmd_ctx *ctx)
{
    return sort_by(ctx, "mem");
}

static enum cmd_rc
exec_sort_time(struct cmd_ctx *ctx)
{
    return sort_by(ctx, "time");
}

static enum cmd_rc
exec_sort_net(struct cmd_ctx *ctx)
{
    return sort_by(ctx, "rx");
}

static enum cmd_rc
exec_sort_disk(struct cmd_ctx *ctx)
{
    return sort_by(ctx, "rd");
}

static enum cmd_rc
exec_sort_next(struct cmd_ctx *ctx)
{
    list_sort_step(verb_sort_list_of(ctx), 1);
    return CMD_OK;
}

static enum cmd_rc
exec_sort_prev(struct cmd_ctx *ctx)
{
    list_sort_step(verb_sort_list_of(ctx), -1);
    return CMD_OK;
}

static enum cmd_rc
exec_reverse(struct cmd_ctx *ctx)
{
    list_sort(verb_sort_list_of(ctx), NULL, true);
    return CMD_OK;
}

static void
filter_focused(struct ui *ui, const char *text)
{
    struct pane *p = ui_focused(ui);

    if (p->ops->kind == PANE_LOG)
        log_filter(p, text);
    else
        list_filter(ui_pane_find(ui, PANE_LIST, 0), text);
}

static void
filter_changed(struct ui *ui, const char *text, void *arg)
{
    (void)arg;
    filter_focused(ui, text);
}

static enum cmd_rc
exec_filter(struct cmd_ctx *ctx)
{
    struct buf text = { 0 };

    ctx_join(ctx, 0, &text);
    if (ctx->argc > 0)
        filter_focused(verb_ui(ctx), buf_text(&text));
    else
        ui_prompt(verb_ui(ctx), PROMPT_FILTER, "", filter_changed,
                  filter_changed, NULL);
    buf_free(&text);
    return CMD_OK;
}

static const struct cmd cmds[] = {
    { .name = "sort",
      .keys = "o F6",
      .in = CMD_IN_LIST,
      .args = "COLUMN",
      .words = "id|name|state|kind|cpu|mem|maxmem|vcpus|rx|tx|rd|wr|uptime|"
               "time|owner|pool",
      .arg = CMD_ARG_WORDS,
      .min_args = 1,
      .max_args = 1,
      .needs = CMD_NEED_SCREEN,
      .bar = "Sort",
      .right = RIGHT_VIEW,
      .help = "Sort the list by a column",
      .exec = exec_sort },
    { .name = "sort-next",
      .keys = ">",
      .in = CMD_IN_LIST,
      .needs = CMD_NEED_SCREEN,
      .right = RIGHT_VIEW,
      .help = "Sort by the next column",
      .exec = exec_sort_next },
    { .name = "sort-prev",
      .keys = "<",
      .in = CMD_IN_LIST,
      .needs = CMD_NEED_SCREEN,
      .right = RIGHT_VIEW,
      .help = "Sort by the previous column",
      .exec = exec_sort_prev },
    { .name = "sort-cpu",
      .keys = "P",
      .in = CMD_IN_LIST,
      .needs = CMD_NEED_SCREEN,
      .right = RIGHT_VIEW,
      .help = "Sort by CPU %; again: reverse",
      .exec = exec_sort_cpu },
    { .name = "sort-mem",
      .keys = "M",
      .in = CMD_IN_LIST,
      .needs = CMD_NEED_SCREEN,
      .right = RIGHT_VIEW,
      .help = "Sort by memory; again: reverse",
      .exec = exec_sort_mem },
    { .name = "sort-time",
      .keys = "T",
      .in = CMD_IN_LIST,
      .needs = CMD_NEED_SCREEN,
      .right = RIGHT_VIEW,
      .help = "Sort by CPU time; again: reverse",
      .exec = exec_sort_time },
    /* N, top's key for it, is the previous match in all panes */
    { .name = "sort-id",
      .keys = "#",
      .in = CMD_IN_LIST,
      .needs = CMD_NEED_SCREEN,
      .right = RIGHT_VIEW,
      .help = "Sort by domid; again: reverse",
      .exec = exec_sort_id },
    { .name = "sort-net",
      .keys = "E",
      .in = CMD_IN_LIST,
      .needs = CMD_NEED_SCREEN,
      .right = RIGHT_VIEW,
      .help = "Sort by bytes received a second; again: reverse",
      .exec = exec_sort_net },
    { .name = "sort-disk",
      .keys = "B",
      .in = CMD_IN_LIST,
      .needs = CMD_NEED_SCREEN,
      .right = RIGHT_VIEW,
      .help = "Sort by bytes read from disks a second; again: reverse",
      .exec = exec_sort_disk },
    { .name = "reverse",
      .keys = "I",
      .in = CMD_IN_LIST,
      .needs = CMD_NEED_SCREEN,
      .right = RIGHT_VIEW,
      .help = "Reverse the order",
      .exec = exec_reverse },
    { .name = "filter",
      .keys = "\\ F4",
      .in = CMD_IN_LIST | CMD_IN_LOG,
      .args = "[TEXT...]",
      .arg = CMD_ARG_TEXT,
      .max_args = CMD_ARGS_MAX - 1,
      .needs = CMD_NEED_SCREEN,
      .bar = "Filter",
      .right = RIGHT_VIEW,
      .help = "Show only domains, or lines of the log, with a text",
      .exec = exec_filter },
};

const struct cmd_family ui_family_sort = { cmds, sizeof cmds / sizeof cmds[0],
                                           120 };
