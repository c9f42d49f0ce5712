/*
 * ui_run.c - command lines from keys, mouse and palette: asking first, showing
 * what they print, and telling the end of the operations they began.
 */
#include "ui/app/ui_int.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/xalloc.h"
#include "src/command/job.h"
#include "ui/app/marked/ui_marked.h"
#include "ui/app/ui_job.h"
#include "ui/app/verbs.h"
#include "ui/desk/past.h"
#include "ui/widget/dialog.h"

static void run_call(struct ui *ui, struct cmd_call *call);

/* arg: the call that was asked about. It runs on the life that the question
 * named, wherever the cursor is now. */
static void
answered(struct ui *ui, bool yes, void *arg)
{
    struct cmd_call *call = arg;

    call->confirmed = yes;
    if (yes)
        run_call(ui, call);
    else
        cmd_call_free(call);
}

/* Puts the question of ctx, which it frees; takes the call. */
static void
run_ask(struct ui *ui, struct cmd_ctx *ctx, struct cmd_call *call)
{
    call->undoable = ctx->undoable;
    ui_confirm(ui, ctx->question, ctx->typed[0] != '\0' ? ctx->typed : NULL,
               answered, call);
    free(ctx->question);
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

/* --- lines that go on --- */

/* Frees it and its job, but not the call. */
static void
ui_job_drop(struct ui_job *uj)
{
    struct ui_job **at = &uj->ui->jobs;

    while (*at != uj)
        at = &(*at)->next;
    *at = uj->next;
    cmd_job_free(uj->job);
    free(uj);
}

static void
ui_job_ended(struct cmd_job *j)
{
    struct ui_job *uj = j->arg;
    struct ui *ui = uj->ui;
    SCREEN *was = ui_enter(ui);
    struct cmd_call *call = uj->call;
    bool again = j->rc == CMD_AGAIN;

    show_output(ui, call->title, &j->out);
    if (j->rc == CMD_ERROR)
        ui_notice(ui, EVENT_ERROR, "%s", j->e.msg);
    ui_job_drop(uj);
    if (again) {
        call->looked = true;
        run_call(ui, call);
    } else {
        cmd_call_free(call);
    }
    ui_mark(ui);
    tty_select_back(was);
}

void
ui_job_watch(struct ui *ui, struct cmd_job *job, struct cmd_call *call)
{
    struct ui_job *uj = xcalloc(1, sizeof(*uj));

    *uj =
        (struct ui_job){ .ui = ui, .job = job, .call = call, .next = ui->jobs };
    ui->jobs = uj;
    job->ended = ui_job_ended;
    job->arg = uj;
}

/* --- operations --- */

void
ui_watch_op(struct ui *ui, uint64_t op, struct cmd_call *call)
{
    ui->ops.at = xrealloc(ui->ops.at, ui->ops.n + 1, sizeof(*ui->ops.at));
    ui->ops.at[ui->ops.n].id = op;
    ui->ops.at[ui->ops.n++].call = call;
}

void
run_ops_fini(struct ui *ui)
{
    struct ui_job *uj, *next;
    size_t i;

    for (uj = ui->jobs; uj != NULL; uj = next) {
        next = uj->next;
        cmd_call_free(uj->call);
        cmd_job_free(uj->job);
        free(uj);
    }
    for (i = 0; i < ui->ops.n; i++)
        cmd_call_free(ui->ops.at[i].call);
    free(ui->ops.at);
}

/* Takes the call. */
static void
run_call(struct ui *ui, struct cmd_call *call)
{
    struct err e = { 0 };
    struct buf out = { 0 };
    struct cmd_ctx ctx = { .ses = ui->desk.ses, .out = &out, .e = &e };
    enum cmd_rc rc = cmd_run(&ctx, call);

    if (rc == CMD_ASK) {
        run_ask(ui, &ctx, call);
    } else {
        show_output(ui, call->title, &out);
        if (rc == CMD_ERROR || rc == CMD_USAGE)
            ui_notice(ui, EVENT_ERROR, "%s", e.msg);
        if (rc == CMD_WAIT && ctx.job != NULL)
            ui_job_watch(ui, ctx.job, call);
        else if (rc == CMD_WAIT && ctx.op != 0)
            ui_watch_op(ui, ctx.op, call);
        else
            cmd_call_free(call);
        run_ops_check(ui); /* it may have ended at once */
    }
    buf_free(&out);
    ui_mark(ui);
}

/* A form is a question of its own; but who loses devices with a domain that
 * ends has to be named, which it cannot do. */
static bool
form_has_asked(const struct cmd_ctx *ctx, const struct cmd_call *call)
{
    struct buf names = { 0 };
    bool asked =
        (call->cmd->needs & CMD_ENDS) == 0 ||
        engine_dependants(ctx->ses->en, call->target.dom_id, &names) == 0;

    buf_free(&names);
    return asked;
}

/* A console shows now, whatever stands beside it. */
static bool
refuse_in_past(struct ui *ui, const struct cmd_call *call, struct err *e)
{
    return !cmd_call_reads(call) && ui->fr.focus->ops->kind != PANE_CONSOLE &&
           ui_past_refuse(ui, call->cmd->name, e);
}

bool
ui_run_form(struct ui *ui, const struct form_run *fr, struct err *e)
{
    struct buf out = { 0 };
    struct cmd_ctx ctx = {
        .ses = ui->desk.ses, .out = &out, .e = e, .values = fr->values
    };
    struct cmd_call *call;
    enum cmd_rc rc;

    if (cmd_call_new(ctx.ses, fr->words, fr->n, fr->dom_id, &call, e) != CMD_OK)
        return false;
    if (refuse_in_past(ui, call, e)) {
        cmd_call_free(call);
        return false;
    }
    call->confirmed = form_has_asked(&ctx, call);
    rc = cmd_run(&ctx, call);
    if (rc == CMD_ASK)
        run_ask(ui, &ctx, call);
    else if (rc == CMD_OK || rc == CMD_WAIT)
        show_output(ui, call->title, &out);
    if (rc == CMD_WAIT && ctx.job != NULL)
        ui_job_watch(ui, ctx.job, call);
    else if (rc == CMD_WAIT && ctx.op != 0)
        ui_watch_op(ui, ctx.op, call);
    else if (rc != CMD_ASK)
        cmd_call_free(call);
    buf_free(&out);
    return rc == CMD_OK || rc == CMD_WAIT || rc == CMD_ASK;
}

void
run_command(struct ui *ui, const char *line)
{
    struct cmd_call *call;
    struct err e = { 0 };

    if (marked_line(ui, line))
        return;
    if (cmd_parse(ui->desk.ses, line, marked_target(ui, line), &call, &e) !=
        CMD_OK) {
        ui_notice(ui, EVENT_ERROR, "%s", e.msg);
    } else if (call != NULL && refuse_in_past(ui, call, &e)) {
        ui_notice(ui, EVENT_ERROR, "%s", e.msg);
        cmd_call_free(call);
    } else if (call != NULL) {
        run_call(ui, call);
    }
    ui_mark(ui);
}

static void
offer_destroy(struct ui *ui, const struct op *op)
{
    static const char *const words[] = { "destroy" };
    struct cmd_call *call;
    char question[256];

    if (cmd_call_new(ui->desk.ses, words, 1, op->dom_id, &call, NULL) != CMD_OK)
        return; /* it is gone, or the session may not */
    text_fmt(question, sizeof(question),
             "%s did not end within %llu s. Destroy it? Unsaved data is lost.",
             op->name, (unsigned long long)(op->end_ms - op->start_ms) / 1000);
    ui_confirm(ui, question, NULL, answered, call);
}

/* The guest kept the device: the same call again, with consent to force. Takes
 * the call. */
static void
offer_force(struct ui *ui, const struct op *op, struct cmd_call *call)
{
    char question[256];

    cmd_call_add(call, "--force");
    text_fmt(question, sizeof(question),
             "%s does not let go of the device. Remove it by force? What the "
             "guest has not written to it is lost.",
             op->name);
    ui_confirm(ui, question, NULL, answered, call);
}

/* Takes the call that began op. */
static void
tell_end(struct ui *ui, const struct op *op, struct cmd_call *call)
{
    if (op->state == OP_DONE) {
        ui_notice(ui, EVENT_INFO, "%s %s: done", op_verb_name(op->verb),
                  op->name);
        cmd_call_free(call);
        return;
    }
    ui_notice(ui, op->state == OP_FAILED ? EVENT_ERROR : EVENT_WARN, "%s",
              op->err.msg[0] != '\0' ? op->err.msg : op_state_name(op->state));
    if (op->offer_destroy)
        offer_destroy(ui, op);
    if (op->offer_force)
        offer_force(ui, op, call);
    else
        cmd_call_free(call);
}

void
run_ops_check(struct ui *ui)
{
    size_t i = 0;

    while (i < ui->ops.n) {
        const struct op *op = engine_op_by_id(ui->desk.en, ui->ops.at[i].id);
        struct cmd_call *call = ui->ops.at[i].call;

        if (op != NULL && (op->state == OP_QUEUED || op->state == OP_RUNNING)) {
            i++;
            continue;
        }
        ui->ops.n--;
        ui->ops.at[i] = ui->ops.at[ui->ops.n];
        if (op != NULL)
            tell_end(ui, op, call);
        else
            cmd_call_free(call);
    }
}
