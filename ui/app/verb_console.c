/*
 * verb_console.c - verbs on guest consoles, and the follower that opens the
 * console of a domain while it is being made.
 */
#include <stdlib.h>
#include <string.h>

#include "engine/api/api_consoles.h"
#include "src/base/list.h"
#include "src/base/xalloc.h"
#include "src/command/family.h"
#include "ui/app/tile/tile.h"
#include "ui/app/verbs.h"

struct follow {
    struct engine_listener listener;
    struct list_node node; /* in ui_follows */
    struct ui *ui;
    uint64_t op;
    bool done; /* freed later: the engine may be walking its listeners */
};

int
ui_console_open(struct ui *ui, uint64_t dom_id, unsigned number, struct err *e)
{
    struct pane *p = tile_find(ui, dom_id, number);

    if (p == NULL)
        p = console_pane_new(ui, dom_id, number, e);
    if (p == NULL)
        return -1;
    /* Back in the list the cursor is on the domain last dealt with. */
    list_select(ui_pane_find(ui, PANE_LIST, 0), dom_id);
    ui_pane_show(ui, p);
    return 0;
}

static void
follow_look(struct follow *f)
{
    const struct op *op;
    struct err e = { 0 };

    if (f->done)
        return;
    op = engine_op_by_id(ui_engine(f->ui), f->op);
    if (op == NULL || (op->dom_id == 0 && op->state != OP_QUEUED &&
                       op->state != OP_RUNNING)) {
        f->done = true;
    } else if (op->dom_id != 0) {
        f->done = true;
        if (ui_console_open(f->ui, op->dom_id, 0, &e) < 0)
            ui_notice(f->ui, EVENT_WARN, "%s", e.msg);
    }
}

static void
follow_changed(struct engine_listener *l, unsigned what)
{
    struct follow *f = container_of(l, struct follow, listener);
    SCREEN *was;

    if ((what & (ENGINE_CH_OPS | ENGINE_CH_DOMS)) == 0)
        return;
    was = ui_enter(f->ui);
    follow_look(f);
    tty_select_back(was);
}

static void
follow_sweep(struct ui *ui, bool all)
{
    struct list_node *it, *next;

    list_foreach_safe (it, next, ui_follows(ui)) {
        struct follow *f = list_entry(it, struct follow, node);

        if (!f->done && !all)
            continue;
        engine_unlisten(&f->listener);
        list_del(&f->node);
        free(f);
    }
}

void
ui_console_follow(struct ui *ui, uint64_t op)
{
    struct follow *f = xcalloc(1, sizeof *f);

    follow_sweep(ui, false);
    f->ui = ui;
    f->op = op;
    f->listener.changed = follow_changed;
    list_append(ui_follows(ui), &f->node);
    engine_listen(ui_engine(ui), &f->listener);
    follow_look(f);
}

void
ui_console_unfollow(struct ui *ui)
{
    follow_sweep(ui, true);
}

static enum cmd_rc
exec_console(struct cmd_ctx *ctx)
{
    unsigned long long n = 0;

    if (ctx->argc > 0 && !text_u64(ctx->argv[0], 0, CONSOLE_NUMBER_MAX, &n)) {
        err_set(ctx->e, ERR_INVALID,
                "console: '%s' is no number of a console, 0 to %d",
                ctx->argv[0], CONSOLE_NUMBER_MAX);
        return CMD_USAGE;
    }
    if (ui_console_open(verb_ui(ctx), ctx->dom_id, (unsigned)n, ctx->e) < 0)
        return CMD_ERROR;
    return CMD_OK;
}

/* The focused console, else that of the domain under the cursor. */
static struct pane *
console_pane(struct cmd_ctx *ctx)
{
    struct pane *p = ui_focused(verb_ui(ctx));

    if (p != NULL && p->ops->kind == PANE_CONSOLE)
        return p;
    p = ctx->dom_id != 0 ? ui_pane_find(verb_ui(ctx), PANE_CONSOLE, ctx->dom_id)
                         : NULL;
    if (p == NULL)
        err_set(ctx->e, ERR_NOENT,
                "no console is open: `console NAME' opens "
                "one");
    return p;
}

/* These two want no screen: a batch hands a console over, too. */
static enum cmd_rc
exec_release(struct cmd_ctx *ctx)
{
    return console_release(ctx->en, ctx->dom_id, ctx->e) == 0 ? CMD_OK
                                                              : CMD_ERROR;
}

static enum cmd_rc
exec_retake(struct cmd_ctx *ctx)
{
    return console_retake(ctx->en, ctx->dom_id, ctx->e) == 0 ? CMD_OK
                                                             : CMD_ERROR;
}

static enum cmd_rc
exec_reset_terminal(struct cmd_ctx *ctx)
{
    struct pane *p = console_pane(ctx);

    if (p == NULL)
        return CMD_ERROR;
    console_pane_reset(p);
    ui_notice(verb_ui(ctx), EVENT_INFO,
              "the terminal is reset; what it showed is in the scrollback");
    return CMD_OK;
}

static enum cmd_rc
exec_save(struct cmd_ctx *ctx)
{
    struct pane *p = console_pane(ctx);
    char *path = ctx_path(ctx, 0);
    int rc = p != NULL ? console_pane_save(p, path, ctx->e) : -1;

    free(path);
    if (rc < 0)
        return CMD_ERROR;
    ui_notice(verb_ui(ctx), EVENT_INFO, "console saved to %s", ctx->argv[0]);
    return CMD_OK;
}

static enum cmd_rc
exec_send_prefix(struct cmd_ctx *ctx)
{
    struct pane *p = console_pane(ctx);

    if (p == NULL)
        return CMD_ERROR;
    console_pane_send_prefix(p);
    return CMD_OK;
}

static const struct cmd cmds[] = {
    { .name = "console",
      .keys = "c F5",
      .in = CMD_IN_ALL,
      .args = "[NAME [NUMBER]]",
      .arg = CMD_ARG_DOMAIN,
      .max_args = 1,
      .bar = "Console",
      .needs = CMD_NEED_DOMAIN | CMD_NEED_SCREEN | CMD_ONE,
      .right = RIGHT_VIEW,
      .help = "Open a domain's console",
      .exec = exec_console },
    { .name = "console-release",
      .keys = "x",
      .in = CMD_IN_CONSOLE,
      .args = "[NAME]",
      .arg = CMD_ARG_DOMAIN,
      .needs = CMD_NEED_DOMAIN | CMD_NEED_NOT_DOM0,
      .right = RIGHT_OPERATE,
      .help = "Let go of the console: xl console can have it",
      .exec = exec_release },
    { .name = "console-retake",
      .keys = "r",
      .in = CMD_IN_CONSOLE,
      .args = "[NAME]",
      .arg = CMD_ARG_DOMAIN,
      .needs = CMD_NEED_DOMAIN | CMD_NEED_NOT_DOM0,
      .right = RIGHT_OPERATE,
      .help = "Take the console back",
      .exec = exec_retake },
    { .name = "console-save",
      .keys = "s",
      .in = CMD_IN_CONSOLE,
      .args = "FILE",
      .arg = CMD_ARG_FILE,
      .min_args = 1,
      .max_args = 1,
      .needs = CMD_NEED_SCREEN | CMD_OPENS_FILE,
      .right = RIGHT_VIEW,
      .help = "Write the console's text to a new file",
      .exec = exec_save },
    { .name = "reset-terminal",
      .keys = "R",
      .in = CMD_IN_CONSOLE,
      .needs = CMD_NEED_SCREEN,
      .right = RIGHT_VIEW,
      .help = "Reset the console's terminal, after garbled output",
      .exec = exec_reset_terminal },
    { .name = "send-prefix",
      .needs = CMD_NEED_SCREEN,
      .right = RIGHT_VIEW,
      .help = "Send the prefix key itself to the guest",
      .exec = exec_send_prefix },
};

const struct cmd_family ui_family_console = { cmds,
                                              sizeof cmds / sizeof cmds[0],
                                              110 };
