/*
 * cmd_operations.c - what is at work and what has ended: a pane of a screen,
 * lines of a batch.
 */
#include "src/command/family.h"
#include "src/command/screen.h"

/* "12  running    save web1: suspending the guest  40%" */
static void
operation_line(const struct op *op, struct buf *out)
{
    buf_fmt(out, "%5llu  %-9s  %s %s", (unsigned long long)op->id,
            op_state_name(op->state), op->title, op->name);
    if (op->state == OP_RUNNING)
        buf_fmt(out, ": %s", op->label);
    else if (op->err.msg[0] != '\0')
        buf_fmt(out, ": %s", op->err.msg);
    if (op->state == OP_RUNNING && op->percent >= 0)
        buf_fmt(out, "  %d%%", op->percent);
    if (op->xl[0] != '\0')
        buf_fmt(out, "  = %s", op->xl);
    buf_chr(out, '\n');
}

static enum cmd_rc
exec_operations(struct cmd_ctx *ctx)
{
    struct screen *sc = ctx->ses->screen;
    const struct op *op;
    size_t i;

    if (sc != NULL) {
        sc->ops->show_operations(sc);
        return CMD_OK;
    }
    for (i = 0; (op = engine_op_at(ctx->en, i)) != NULL; i++)
        operation_line(op, ctx->out);
    return CMD_OK;
}

static const struct cmd cmds[] = {
    { .name = "operations",
      .keys = "J",
      .in = CMD_IN_ALL,
      .right = RIGHT_VIEW,
      .help = "Show what is at work, and what has ended",
      .exec = exec_operations },
};

const struct cmd_family cmd_family_operations = { cmds,
                                                  sizeof cmds / sizeof cmds[0],
                                                  13 };
