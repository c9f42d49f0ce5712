/*
 * batch.c - see batch.h. A batch stands between two lines (step is armed, or
 * behind is set and its reader is waited for), in an operation (op), in a job
 * (job), or waits for its reader at the end.
 */
#include "src/command/batch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/loop.h"
#include "src/base/xalloc.h"
#include "src/command/batch_warn.h"
#include "src/command/call.h"
#include "src/command/job.h"

#define UNDO_MS  (120ULL * 1000) /* for a cancelled operation to end */
#define OWED_MAX (256U * 1024)   /* bytes that a slow reader is behind */

struct batch_line {
    char *text, *where;
};

struct batch {
    struct session *ses;
    struct batch_line *lines;
    size_t n, at; /* at: the line that runs next */
    const char *where;
    batch_done_cb done;
    void *arg;

    struct cmd_job *job;
    struct cmd_call *call; /* that job is of */
    uint64_t op;           /* the operation that is waited for, 0: none */
    struct buf out;
    struct batch_warn warn;
    bool behind; /* the reader is, and the next line waits for it */
    bool cancelled;
    bool ended_well; /* it was stopped, and that is how its verb ends */
    bool finished;   /* only the reader is waited for */
    int status;

    struct loop_timer step, undo;
    struct engine_listener listener;
};

static void batch_step(struct loop_timer *lt);

static void
step_soon(struct batch *b)
{
    loop_timer_arm(b->ses->lp, &b->step, 0, batch_step);
}

/* --- what it says --- */

static void
complain(struct batch *b, const char *sentence)
{
    struct buf line = { 0 };

    buf_fmt(&line, "xendeck: %s%s%s\n", b->where != NULL ? b->where : "",
            b->where != NULL ? ": " : "", sentence);
    session_put(b->ses, SESSION_ERR, buf_text(&line));
    buf_free(&line);
}

/* Each line of it. */
static void
complain_lines(struct batch *b, struct buf *warn)
{
    char *p = warn->data, *end;

    for (; p != NULL && *p != '\0'; p = end) {
        end = p + strcspn(p, "\n");
        if (*end == '\n')
            *end++ = '\0';
        complain(b, p);
    }
    buf_free(warn);
}

static void
tell_warnings(struct batch *b, bool own)
{
    const struct engine *en = b->ses->en;
    struct buf warn = { 0 };

    batch_warn_take(&b->warn, en,
                    b->op != 0 ? engine_op_by_id(en, b->op) : NULL, own, &warn);
    complain_lines(b, &warn);
}

/* Output that cannot be written is a failure, but not that a reader has read
 * enough. */
static void
check_output(struct batch *b)
{
    struct err e = { 0 };

    if (b->ses->errnum == 0 || b->ses->errnum == EPIPE || b->status != BATCH_OK)
        return;
    err_sys(&e, b->ses->errnum, "standard output");
    complain(b, e.msg);
    b->status = BATCH_FAILED;
}

static void
put_out(struct batch *b, struct buf *out)
{
    if (out->len > 0) {
        session_put(b->ses, SESSION_OUT, out->data);
        check_output(b);
    }
    buf_clear(out);
}

/* --- operations --- */

static bool
op_is_over(const struct op *op)
{
    return op == NULL || (op->state != OP_QUEUED && op->state != OP_RUNNING);
}

static void
op_failed(struct batch *b, const struct op *op)
{
    struct buf text = { 0 };

    if (strstr(op->err.msg, op->name) == NULL) /* what it is about */
        buf_fmt(&text, "%s '%s': ", op_verb_name(op->verb), op->name);
    buf_str(&text,
            op->err.msg[0] != '\0' ? op->err.msg : op_state_name(op->state));
    if (op->offer_force)
        buf_str(&text, " (--force removes it without asking the guest)");
    if (op->offer_destroy)
        buf_fmt(&text, " (`destroy %s' ends it without asking it)", op->name);
    complain(b, buf_text(&text));
    buf_free(&text);
    b->status = BATCH_FAILED;
}

static void
batch_op_ended(struct batch *b)
{
    const struct op *op = engine_op_by_id(b->ses->en, b->op);

    tell_warnings(b, false);
    if (op != NULL && op->state == OP_DONE && op->verb == OP_MIGRATE)
        buf_fmt(&b->out, "%s: %s\n", op->name, op->label);
    if (op != NULL && op->state == OP_DONE && op->next != 0 && !b->cancelled) {
        b->op = op->next; /* a reboot: its next life */
        if (op_is_over(engine_op_by_id(b->ses->en, b->op)))
            batch_op_ended(b);
        return;
    }
    loop_timer_del(&b->undo);
    b->op = 0;
    if (op == NULL) {
        complain(b, "the end of the operation was not seen");
        b->status = BATCH_FAILED;
    } else if (op->state != OP_DONE) {
        op_failed(b, op);
    } else if (op_verb_makes(op->verb)) {
        buf_fmt(&b->out, "%s: domain %u created\n", op->name, op->domid);
    }
    put_out(b, &b->out);
    step_soon(b);
}

static void
batch_engine_changed(struct engine_listener *l, unsigned what)
{
    struct batch *b = container_of(l, struct batch, listener);

    if ((what & ENGINE_CH_OPS) != 0 && b->op != 0 &&
        (op_is_over(engine_op_by_id(b->ses->en, b->op)) ||
         (b->cancelled && !loop_timer_active(&b->undo))))
        step_soon(b); /* not here: the end may free this listener */
}

/* --- lines --- */

static void batch_run_call(struct batch *b, struct cmd_call *call);

/* What it waited for has answered: its line runs, but for one that was
 * cancelled meanwhile. */
static void
batch_call_again(struct batch *b, struct cmd_call *call)
{
    if (b->cancelled) {
        cmd_call_free(call);
        step_soon(b);
    } else {
        call->looked = true;
        batch_run_call(b, call);
    }
}

static void
job_ended(struct cmd_job *j)
{
    struct batch *b = j->arg;
    struct cmd_call *call = b->call;

    b->job = NULL;
    b->call = NULL;
    if (j->rc == CMD_AGAIN) {
        cmd_job_free(j);
        batch_call_again(b, call);
        return;
    }
    cmd_call_free(call);
    buf_add(&b->out, buf_text(&j->out), j->out.len);
    if (j->rc == CMD_OK) {
        b->ended_well = b->cancelled;
    } else {
        complain(b, j->e.msg);
        b->status = BATCH_FAILED;
    }
    put_out(b, &b->out);
    cmd_job_free(j);
    step_soon(b);
}

static void
batch_line_over(struct batch *b, enum cmd_rc rc, const struct err *e)
{
    if (rc != CMD_OK) {
        b->status = rc == CMD_USAGE ? BATCH_USAGE : BATCH_FAILED;
        complain(b, e->msg);
    }
    put_out(b, &b->out);
    step_soon(b);
}

/* Takes the call. What has begun is in b->op or b->job. */
static void
batch_run_call(struct batch *b, struct cmd_call *call)
{
    struct buf warn = { 0 };
    struct err e = { 0 };
    struct cmd_ctx ctx = {
        .ses = b->ses, .out = &b->out, .warn = &warn, .e = &e
    };
    enum cmd_rc rc = call != NULL ? cmd_run(&ctx, call) : CMD_OK;

    b->op = rc == CMD_WAIT ? ctx.op : 0;
    complain_lines(b, &warn);
    tell_warnings(b, true);
    if (rc == CMD_WAIT && ctx.job != NULL) {
        b->job = ctx.job;
        b->job->ended = job_ended;
        b->job->arg = b;
        b->call = call;
        put_out(b, &b->out);
        return;
    }
    cmd_call_free(call);
    if (rc != CMD_WAIT)
        batch_line_over(b, rc, &e);
    else if (op_is_over(engine_op_by_id(b->ses->en, b->op)))
        batch_op_ended(b);
}

static void
batch_run_line(struct batch *b, const char *line)
{
    struct err e = { 0 };
    struct cmd_call *call;
    enum cmd_rc rc;

    tell_warnings(b, false); /* what came meanwhile is not of this line */
    rc = cmd_parse(b->ses, line, 0, &call, &e);
    if (rc == CMD_OK) {
        batch_run_call(b, call);
        return;
    }
    tell_warnings(b, true);
    batch_line_over(b, rc, &e);
}

static void
batch_finish(struct batch *b)
{
    bool waited = b->finished;

    if (!waited && b->cancelled && b->status == BATCH_OK && !b->ended_well) {
        complain(b, "interrupted");
        b->status = BATCH_FAILED;
    }
    b->finished = true;
    if (session_queued(b->ses) > 0)
        return; /* batch_drained comes */
    if (waited)
        check_output(b);
    b->done(b, b->status, b->arg); /* b may be gone */
}

/* The cancelled operation does not end. */
static void
undo_late(struct loop_timer *lt)
{
    batch_op_ended(container_of(lt, struct batch, undo));
}

static void
cancel_op(struct batch *b)
{
    struct err e = { 0 };

    if (op_is_over(engine_op_by_id(b->ses->en, b->op)))
        return; /* its end is on its way */
    if (engine_op_cancel(b->ses->en, b->op, &e) == 0)
        loop_timer_arm(b->ses->lp, &b->undo, UNDO_MS, undo_late);
    /* else the step at work cannot be: at the next one it is tried again */
}

static void
batch_step(struct loop_timer *lt)
{
    struct batch *b = container_of(lt, struct batch, step);
    const struct batch_line *l;

    if (b->op != 0) {
        if (op_is_over(engine_op_by_id(b->ses->en, b->op)))
            batch_op_ended(b);
        else if (b->cancelled)
            cancel_op(b);
        return;
    }
    if (b->finished || b->status != BATCH_OK || b->cancelled || b->at == b->n) {
        batch_finish(b);
        return;
    }
    b->behind = session_queued(b->ses) > OWED_MAX;
    if (b->behind)
        return; /* batch_drained comes */
    l = &b->lines[b->at++];
    b->where = l->where;
    batch_run_line(b, l->text);
}

/* --- from outside --- */

int
batch_check(const struct cmd_set *cmds, const struct cmd_line *lines, size_t n,
            bool *needs_host_out, struct err *e)
{
    const struct cmd *c;
    struct err why = { 0 };
    char **words;
    size_t i;
    int k;

    *needs_host_out = false;
    for (i = 0; i < n; i++) {
        k = 0;
        if (cmd_split(lines[i].text, &words, &k, &why) < 0)
            goto bad;
        c = k > 0 ? cmd_find(cmds, words[0], &why) : NULL;
        cmd_words_free(words, k);
        if (k > 0 && c == NULL)
            goto bad;
        if (c != NULL && (c->needs & CMD_NO_HOST) == 0)
            *needs_host_out = true;
    }
    return BATCH_OK;
bad:
    err_set(e, why.code, "%s%s%s", lines[i].where != NULL ? lines[i].where : "",
            lines[i].where != NULL ? ": " : "", why.msg);
    return BATCH_USAGE;
}

/* Whether one of the lines has a verb with this bit of needs. */
static bool
batch_has_need(const struct cmd_set *cmds, const struct cmd_line *lines,
               size_t n, unsigned need)
{
    const struct cmd *c;
    size_t i;

    for (i = 0; i < n; i++) {
        c = cmd_of_line(cmds, lines[i].text);
        if (c != NULL && (c->needs & need) != 0)
            return true;
    }
    return false;
}

bool
batch_asks_host(const struct cmd_set *cmds, const struct cmd_line *lines,
                size_t n)
{
    return batch_has_need(cmds, lines, n, CMD_ASKS_HOST);
}

bool
batch_takes_stdio(const struct cmd_set *cmds, const struct cmd_line *lines,
                  size_t n)
{
    return batch_has_need(cmds, lines, n, CMD_TAKES_STDIO);
}

struct batch *
batch_start(struct session *ses, const struct cmd_line *lines, size_t n,
            batch_done_cb done, void *arg)
{
    struct batch *b = xcalloc(1, sizeof *b);
    size_t i;

    b->ses = ses;
    b->done = done;
    b->arg = arg;
    b->n = n;
    b->lines = xcalloc(n > 0 ? n : 1, sizeof b->lines[0]);
    for (i = 0; i < n; i++) {
        b->lines[i].text = xstrdup(lines[i].text);
        if (lines[i].where != NULL)
            b->lines[i].where = xstrdup(lines[i].where);
    }
    batch_warn_begin(&b->warn, ses->en, ses->alone);
    b->listener.changed = batch_engine_changed;
    if (ses->en != NULL)
        engine_listen(ses->en, &b->listener);
    ses->batch = b;
    step_soon(b);
    return b;
}

void
batch_cancel(struct batch *b)
{
    bool again = b->cancelled;

    b->cancelled = true;
    if ((again && b->job == NULL) || b->behind) {
        b->op = 0;
        step_soon(b);
    } else if (b->job != NULL) {
        cmd_job_stop(b->job);
    } else if (b->op != 0) {
        cancel_op(b);
    }
}

void
batch_detach(struct batch *b)
{
    size_t i;

    if (b == NULL)
        return;
    cmd_job_free(b->job);
    cmd_call_free(b->call);
    engine_unlisten(&b->listener);
    loop_timer_del(&b->step);
    loop_timer_del(&b->undo);
    b->ses->batch = NULL;
    for (i = 0; i < b->n; i++) {
        free(b->lines[i].text);
        free(b->lines[i].where);
    }
    free(b->lines);
    buf_free(&b->out);
    free(b);
}

void
batch_drained(struct batch *b)
{
    if (b->finished || b->behind)
        step_soon(b);
    else if (b->job != NULL)
        cmd_job_drained(b->job);
}
