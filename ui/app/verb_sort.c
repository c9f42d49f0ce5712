/*
 * verb_sort.c - verbs on the order and the choice of what the domain list
 * shows.
 */
#include <stdlib.h>
#include <string.h>

#include "src/base/xalloc.h"
#include "src/command/family.h"
#include "src/command/filter/dom_filter.h"
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

/* --- columns --- */

static struct pane *
columns_list(struct ui *ui)
{
    return ui_pane_find(ui, PANE_LIST, 0);
}

/* Its form, until that is done. */
struct columns_form {
    struct form_field field;
    struct buf now;
};

static bool
columns_done(struct ui *ui, const char *const *values, struct err *e, void *arg)
{
    struct columns_form *cf = arg;

    if (values != NULL &&
        list_columns(columns_list(ui),
                     values[0][0] != '\0' ? values[0] : "default", e) < 0)
        return false;
    buf_free(&cf->now);
    free(cf);
    return true;
}

/* Candidates for the last word, behind those before. */
static void
columns_complete(struct ui *ui, size_t field, const char *value,
                 struct buf *out, void *arg)
{
    const char *blank = strrchr(value, ' ');
    const char *last = blank != NULL ? blank + 1 : value;
    const struct cmd *c = cmd_find(ui_session(ui)->cmds, "columns", NULL);
    const char *word = c->words;
    size_t n;

    (void)field;
    (void)arg;
    for (; *word != '\0'; word += n + (word[n] == '|')) {
        n = strcspn(word, "|");
        if (strncmp(word, last, strlen(last)) == 0)
            buf_fmt(out, "%.*s%.*s\n", (int)(last - value), value, (int)n,
                    word);
    }
}

static void
columns_form(struct ui *ui)
{
    struct columns_form *cf = xcalloc(1, sizeof *cf);

    list_columns_text(columns_list(ui), &cf->now);
    cf->field = (struct form_field){
        .label = "columns",
        .hint = "those of the beginning",
        .initial = buf_text(&cf->now),
        .help = "From left to right, NAME or NAME:WIDTH; Tab completes"
    };
    ui_form(ui,
            &(struct form_spec){ .title = "columns of the list",
                                 .fields = &cf->field,
                                 .n = 1,
                                 .complete = columns_complete },
            columns_done, cf);
}

static enum cmd_rc
exec_columns(struct cmd_ctx *ctx)
{
    struct buf text = { 0 };
    int rc;

    if (ctx->argc == 0) {
        columns_form(verb_ui(ctx));
        return CMD_OK;
    }
    ctx_join(ctx, 0, &text);
    rc = list_columns(columns_list(verb_ui(ctx)), buf_text(&text), ctx->e);
    buf_free(&text);
    return rc < 0 ? CMD_ERROR : CMD_OK;
}

/* --- the filter --- */

static bool
filters_log(struct ui *ui)
{
    return ui_focused(ui)->ops->kind == PANE_LOG;
}

/* -1 with *e: the conditions are faulty, those before hold on. */
static int
filter_focused(struct ui *ui, const char *text, struct err *e)
{
    if (!filters_log(ui))
        return list_filter(ui_pane_find(ui, PANE_LIST, 0), text, e);
    log_filter(ui_focused(ui), text);
    return 0;
}

static void
filter_changed(struct ui *ui, const char *text, void *arg)
{
    struct err e = { 0 };

    (void)arg;
    if (filters_log(ui))
        log_filter(ui_focused(ui), text);
    else
        (void)list_filter_typed(ui_pane_find(ui, PANE_LIST, 0), text, &e);
    ui_prompt_note(ui, e.msg);
}

static void filter_done(struct ui *ui, const char *text, void *arg);

/* Takes before, the line that holds again if the prompt is cancelled. */
static void
filter_ask(struct ui *ui, const char *text, char *before)
{
    ui_prompt(ui, PROMPT_FILTER, text, filter_done, filter_changed, before);
    if (!filters_log(ui))
        ui_prompt_completes(ui, dom_filter_complete);
}

/* A faulty line stays to be mended. */
static void
filter_done(struct ui *ui, const char *text, void *arg)
{
    struct err e = { 0 };
    char *before = arg;

    if (filter_focused(ui, text != NULL ? text : before, &e) < 0 &&
        text != NULL) {
        filter_ask(ui, text, before);
        ui_prompt_note(ui, e.msg);
        return;
    }
    free(before);
}

static void
filter_ask_list(struct ui *ui)
{
    const char *line = list_filter_line(ui_pane_find(ui, PANE_LIST, 0));

    filter_ask(ui, line, xstrdup(line));
}

static enum cmd_rc
exec_filter(struct cmd_ctx *ctx)
{
    struct ui *ui = verb_ui(ctx);
    struct buf text = { 0 };
    int rc = 0;

    ctx_join(ctx, 0, &text);
    if (ctx->argc > 0)
        rc = filter_focused(ui, buf_text(&text), ctx->e);
    else if (filters_log(ui))
        filter_ask(ui, "", xstrdup(""));
    else
        filter_ask_list(ui);
    buf_free(&text);
    return rc < 0 ? CMD_ERROR : CMD_OK;
}

static const struct cmd cmds[] = {
    { .name = "sort",
      .keys = "o F6",
      .in = CMD_IN_LIST,
      .args = "COLUMN",
      .words = "id|name|state|kind|cpu|mem|maxmem|vcpus|rx|tx|rd|wr|uptime|"
               "time|owner|pool|tags|used|restarts|ended|target",
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
    { .name = "columns",
      .keys = "a",
      .in = CMD_IN_LIST,
      .args = "[COLUMN[:WIDTH]...]",
      .words = "id|name|state|word|kind|cpu|bar|mem|target|maxmem|vcpus|rx|tx|"
               "rd|wr|uptime|time|owner|pool|tags|used|restarts|ended|"
               "cpu-graph|mem-graph|net-graph|disk-graph|default",
      .arg = CMD_ARG_WORDS,
      .arg2 = CMD_ARG_WORDS,
      .arg3 = CMD_ARG_WORDS,
      .max_args = CMD_ARGS_MAX - 1,
      .needs = CMD_NEED_SCREEN,
      .right = RIGHT_VIEW,
      .help = "Choose the columns of the list, their order and width",
      .exec = exec_columns },
    { .name = "filter",
      .keys = "\\ F4",
      .in = CMD_IN_LIST | CMD_IN_LOG,
      .args = "[CONDITION...]",
      .arg = CMD_ARG_TEXT,
      .max_args = CMD_ARGS_MAX - 1,
      .needs = CMD_NEED_SCREEN,
      .bar = "Filter",
      .right = RIGHT_VIEW,
      .help = "Show only domains, or lines of the log, that meet conditions",
      .exec = exec_filter },
};

const struct cmd_family ui_family_sort = { cmds, sizeof cmds / sizeof cmds[0],
                                           120 };
