/*
 * ui_run.c - command lines from keys, mouse and palette: asking first, showing
 * what they print, and telling the end of the operations they began.
 */
#include "ui/app/ui_int.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/xalloc.h"
#include "ui/widget/dialog.h"

/* A command that waits for its yes. */
struct asked {
    char *line;
    uint64_t dom_id; /* what the question named, wherever the cursor is now */
};

static void run_line(struct ui *ui, const char *line, uint64_t dom_id,
                     bool confirmed);

static void
asked_free(struct asked *a)
{
    free(a->line);
    free(a);
}

static void
answered(struct ui *ui, bool yes, void *arg)
{
    struct asked *a = arg;

    if (yes)
        run_line(ui, a->line, a->dom_id, true);
    asked_free(a);
}

static void
ask(struct ui *ui, const char *question, const char *typed, const char *line,
    uint64_t dom_id)
{
    struct asked *a = xcalloc(1, sizeof(*a));

    a->line = xstrdup(line);
    a->dom_id = dom_id;
    ui_confirm(ui, question, typed, answered, a);
}

/* One line is a notice, more are pages. */
static void
show_output(struct ui *ui, const char *line, struct buf *out)
{
    while (out->len > 0 && out->data[out->len - 1] == '\n')
        out->data[--out->len] = '\0';
    if (out->len == 0)
        return;
    if (strchr(out->data, '\n') == NULL && out->len < 120)
        ui_notice(ui, EVENT_INFO, "%s", out->data);
    else
        ui_pager(ui, line, out->data);
}

void
ui_watch_op(struct ui *ui, uint64_t op, const char *line)
{
    ui->ops.at = xrealloc(ui->ops.at, ui->ops.n + 1, sizeof(*ui->ops.at));
    ui->ops.at[ui->ops.n].id = op;
    ui->ops.at[ui->ops.n++].line = xstrdup(line);
}

void
run_ops_fini(struct ui *ui)
{
    size_t i;

    for (i = 0; i < ui->ops.n; i++)
        free(ui->ops.at[i].line);
    free(ui->ops.at);
}

static void
run_line(struct ui *ui, const char *line, uint64_t dom_id, bool confirmed)
{
    struct err e = { 0 };
    struct buf out = { 0 };
    char *question = NULL;
    struct cmd_ctx ctx = {
        .en = ui->desk.en, .ui = ui, .dom_id = dom_id, .out = &out, .e = &e
    };
    enum cmd_rc rc = cmd_run_line(&ctx, line, confirmed, &question);

    if (question != NULL) {
        ask(ui, question, ctx.typed[0] != '\0' ? ctx.typed : NULL, line,
            ctx.dom_id);
        free(question);
    } else {
        show_output(ui, line, &out);
        if (rc == CMD_ERROR || rc == CMD_USAGE)
            ui_notice(ui, EVENT_ERROR, "%s", e.msg);
        else if (rc == CMD_WAIT && ctx.op != 0)
            ui_watch_op(ui, ctx.op, ctx.again[0] != '\0' ? ctx.again : line);
        run_ops_check(ui); /* it may have ended at once */
    }
    buf_free(&out);
    ui_mark(ui);
}

void
run_command(struct ui *ui, const char *line)
{
    run_line(ui, line, ui_current_dom(ui), false);
}

static void
offer_destroy(struct ui *ui, const struct op *op)
{
    char question[256];

    text_fmt(question, sizeof(question),
             "%s did not end within %llu s. Destroy it? Unsaved data is lost.",
             op->name, (unsigned long long)(op->end_ms - op->start_ms) / 1000);
    ask(ui, question, NULL, "destroy", op->dom_id);
}

/* The guest kept the device: the same line again, with consent to force. */
static void
offer_force(struct ui *ui, const struct op *op, const char *line)
{
    char question[256], *forced = xasprintf("%s --force", line);

    text_fmt(question, sizeof(question),
             "%s does not let go of the device. Remove it by force? What the "
             "guest has not written to it is lost.",
             op->name);
    ask(ui, question, NULL, forced, op->dom_id);
    free(forced);
}

static void
tell_end(struct ui *ui, const struct op *op, const char *line)
{
    const char *verb = op_verb_name(op->verb);

    if (op->state == OP_DONE) {
        ui_notice(ui, EVENT_INFO, "%s %s: done", verb, op->name);
        return;
    }
    ui_notice(ui, op->state == OP_FAILED ? EVENT_ERROR : EVENT_WARN, "%s",
              op->err.msg[0] != '\0' ? op->err.msg : op_state_name(op->state));
    if (op->offer_destroy)
        offer_destroy(ui, op);
    if (op->offer_force)
        offer_force(ui, op, line);
}

void
run_ops_check(struct ui *ui)
{
    size_t i = 0;

    while (i < ui->ops.n) {
        const struct op *op = engine_op_by_id(ui->desk.en, ui->ops.at[i].id);
        char *line = ui->ops.at[i].line;

        if (op != NULL && (op->state == OP_QUEUED || op->state == OP_RUNNING)) {
            i++;
            continue;
        }
        ui->ops.n--;
        ui->ops.at[i] = ui->ops.at[ui->ops.n];
        ui->ops.at[ui->ops.n].line = NULL;
        if (op != NULL)
            tell_end(ui, op, line);
        free(line);
    }
}
