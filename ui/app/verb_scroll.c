/*
 * verb_scroll.c - verbs that move what a pane shows. Panes may use the keys
 * themselves: the list moves its cursor.
 */
#include "src/command/family.h"
#include "ui/app/verbs.h"

#define FAR (1L << 24) /* lines: beyond any pane's text, panes clamp */

static enum cmd_rc
move_by(struct cmd_ctx *ctx, long lines, long pages)
{
    struct pane *p = ui_focused(verb_ui(ctx));

    if (p != NULL && p->ops->scroll != NULL)
        p->ops->scroll(p, lines + pages * (p->rows > 1 ? p->rows - 1 : 1));
    return CMD_OK;
}

static enum cmd_rc
exec_up(struct cmd_ctx *ctx)
{
    return move_by(ctx, -1, 0);
}

static enum cmd_rc
exec_down(struct cmd_ctx *ctx)
{
    return move_by(ctx, 1, 0);
}

static enum cmd_rc
exec_page_up(struct cmd_ctx *ctx)
{
    return move_by(ctx, 0, -1);
}

static enum cmd_rc
exec_page_down(struct cmd_ctx *ctx)
{
    return move_by(ctx, 0, 1);
}

static enum cmd_rc
exec_top(struct cmd_ctx *ctx)
{
    return move_by(ctx, -FAR, 0);
}

static enum cmd_rc
exec_bottom(struct cmd_ctx *ctx)
{
    return move_by(ctx, FAR, 0);
}

static const struct cmd cmds[] = {
    { .name = "scroll-up",
      .keys = "Up k",
      .in = CMD_IN_ALL,
      .more_keys = "k",
      .more_in = CMD_IN_CONSOLE, /* where Up leads to a pane */
      .needs = CMD_NEED_SCREEN,
      .right = RIGHT_VIEW,
      .help = "One line up",
      .exec = exec_up },
    { .name = "scroll-down",
      .keys = "Down j",
      .in = CMD_IN_ALL,
      .more_keys = "j",
      .more_in = CMD_IN_CONSOLE, /* where Down leads to a pane */
      .needs = CMD_NEED_SCREEN,
      .right = RIGHT_VIEW,
      .help = "One line down",
      .exec = exec_down },
    { .name = "page-up",
      .keys = "PgUp C-u",
      .in = CMD_IN_ALL, /* in a console: copy-up */
      .needs = CMD_NEED_SCREEN,
      .right = RIGHT_VIEW,
      .help = "One page up",
      .exec = exec_page_up },
    { .name = "page-down",
      .keys = "PgDn C-d",
      .in = CMD_IN_ANY,
      .needs = CMD_NEED_SCREEN,
      .right = RIGHT_VIEW,
      .help = "One page down",
      .exec = exec_page_down },
    { .name = "top",
      .keys = "Home g",
      .in = CMD_IN_ANY,
      .needs = CMD_NEED_SCREEN,
      .right = RIGHT_VIEW,
      .help = "To the first line",
      .exec = exec_top },
    { .name = "bottom",
      .keys = "End G",
      .in = CMD_IN_ANY,
      .needs = CMD_NEED_SCREEN,
      .right = RIGHT_VIEW,
      .help = "To the last line",
      .exec = exec_bottom },
};

const struct cmd_family ui_family_scroll = { cmds, sizeof cmds / sizeof cmds[0],
                                             150 };
