/*
 * ui_marked.c - see ui_marked.h.
 * Invariant: a set is either its caller's, or its question's, or in ui->sets
 * until all of its domains are done.
 */
#include "ui/app/marked/ui_marked.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/xalloc.h"
#include "src/command/asks.h"
#include "src/command/call.h"
#include "src/command/question.h"
#include "ui/app/ui_int.h"
#include "ui/app/ui_job.h"
#include "ui/desk/past.h"
#include "ui/pane/list/list_marks.h"
#include "ui/widget/dialog.h"

#define NAMES_BYTES 200 /* of names in a question, which has eight lines */

enum marked_state { MARKED_READY, MARKED_RUNS, MARKED_DONE, MARKED_FAILED };

struct marked_one {
    uint64_t dom_id;
    char name[MODEL_NAME_MAX];
    enum marked_state state;
    struct cmd_call *call; /* MARKED_READY */
    uint64_t op;           /* MARKED_RUNS */
    char said[ERR_MSG_MAX];
};

struct marked_set {
    struct ui *ui;
    const struct cmd *cmd;
    struct list_node node; /* in ui->sets */
    char *title;           /* the line */
    struct marked_one *at;
    size_t n;
    struct buf out; /* what the verb printed */
};

/* --- a set --- */

/* Not one that takes what is of one domain only: a file, a name. */
static bool
is_for_many(const struct cmd *c)
{
    return (c->needs & CMD_ONE) == 0 &&
           (c->needs & (CMD_NEED_DOMAIN | CMD_MARKED)) != 0;
}

struct marked_set *
marked_take(struct ui *ui, const struct cmd *c)
{
    const uint64_t *ids;
    size_t i, n = list_marks(ui->list, &ids);
    struct marked_set *s;

    if (n == 0 || ui->fr.focus != ui->list || !is_for_many(c))
        return NULL;
    s = xcalloc(1, sizeof(*s));
    s->ui = ui;
    s->cmd = c;
    s->at = xcalloc(n, sizeof(*s->at));
    for (i = 0; i < n; i++) {
        const struct dom *d = engine_dom_by_id(ui->desk.en, ids[i]);

        if (d == NULL)
            continue;
        s->at[s->n].dom_id = ids[i];
        text_fmt(s->at[s->n++].name, MODEL_NAME_MAX, "%s", d->name);
    }
    return s;
}

void
marked_free(struct marked_set *s)
{
    size_t i;

    if (s == NULL)
        return;
    for (i = 0; i < s->n; i++)
        cmd_call_free(s->at[i].call);
    list_del(&s->node);
    buf_free(&s->out);
    free(s->title);
    free(s->at);
    free(s);
}

size_t
marked_count(const struct marked_set *s)
{
    return s->n;
}

static size_t
marked_in(const struct marked_set *s, enum marked_state state)
{
    size_t i, n = 0;

    for (i = 0; i < s->n; i++)
        n += s->at[i].state == state;
    return n;
}

/* --- results --- */

static void
marked_failed(struct marked_one *one, const char *why)
{
    one->state = MARKED_FAILED;
    text_fmt(one->said, sizeof(one->said), "%s", why);
}

static void
marked_add_report(const struct marked_set *s, struct buf *out)
{
    static const char *const words[] = { [MARKED_READY] = "not begun",
                                         [MARKED_RUNS] = "at work",
                                         [MARKED_DONE] = "done",
                                         [MARKED_FAILED] = "failed" };
    size_t i;

    buf_fmt(out, "%s\n\n", s->title);
    for (i = 0; i < s->n; i++) {
        const struct marked_one *one = &s->at[i];

        buf_fmt(out, "%s: %s%s%s\n", one->name, words[one->state],
                one->said[0] != '\0' ? ": " : "", one->said);
    }
}

static void
marked_keep_report(const struct marked_set *s)
{
    struct buf text = { 0 };

    marked_add_report(s, &text);
    free(s->ui->marked_text);
    s->ui->marked_text = buf_take(&text);
}

const char *
marked_report(struct ui *ui)
{
    return ui->marked_text;
}

/* The sentence of the first that failed; the others are in the report. */
static void
marked_tell_failed(const struct marked_set *s, size_t failed)
{
    size_t i = 0;

    while (s->at[i].state != MARKED_FAILED)
        i++;
    ui_notice(s->ui, EVENT_ERROR, "%s: %zu of %zu failed: %s: %s%s",
              s->cmd->name, failed, s->n, s->at[i].name, s->at[i].said,
              failed > 1 ? "; `mark-results' tells the others" : "");
}

static void
marked_tell(struct marked_set *s)
{
    size_t failed = marked_in(s, MARKED_FAILED);

    marked_keep_report(s);
    if (s->out.len > 0)
        ui_pager(s->ui, s->title, buf_text(&s->out));
    if (failed > 0)
        marked_tell_failed(s, failed);
    else if (s->out.len == 0)
        ui_notice(s->ui, EVENT_INFO,
                  s->n > 1 ? "%s: done for all %zu" : "%s: done", s->title,
                  s->n);
    marked_free(s);
}

/* The end of one's operation. */
static void
marked_look(struct ui *ui, struct marked_one *one)
{
    const struct op *op = engine_op_by_id(ui->desk.en, one->op);

    if (op != NULL && (op->state == OP_QUEUED || op->state == OP_RUNNING))
        return;
    one->state = MARKED_DONE;
    if (op != NULL && op->state != OP_DONE)
        marked_failed(one, op->err.msg[0] != '\0' ? op->err.msg
                                                  : op_state_name(op->state));
}

void
marked_check(struct ui *ui)
{
    struct list_node *it, *next;
    size_t i;

    list_foreach_safe (it, next, &ui->sets) {
        struct marked_set *s = list_entry(it, struct marked_set, node);

        for (i = 0; i < s->n; i++)
            if (s->at[i].state == MARKED_RUNS)
                marked_look(ui, &s->at[i]);
        if (marked_in(s, MARKED_RUNS) == 0)
            marked_tell(s);
    }
}

void
marked_fini(struct ui *ui)
{
    struct list_node *it, *next;

    list_foreach_safe (it, next, &ui->sets)
        marked_free(list_entry(it, struct marked_set, node));
    free(ui->marked_text);
}

/* --- running --- */

/* Its output goes under its name. */
static void
marked_add_output(struct marked_set *s, const struct marked_one *one,
                  const struct buf *out)
{
    if (out->len == 0)
        return;
    buf_fmt(&s->out, "%s--- %s\n%s", s->out.len > 0 ? "\n" : "", one->name,
            buf_text(out));
    if (s->out.data[s->out.len - 1] != '\n')
        buf_chr(&s->out, '\n');
}

static void
marked_begin_one(struct marked_set *s, struct marked_one *one)
{
    struct err e = { 0 };
    struct buf out = { 0 };
    struct cmd_ctx ctx = { .ses = s->ui->desk.ses, .out = &out, .e = &e };
    struct cmd_call *call = one->call;
    enum cmd_rc rc;

    call->confirmed = true;
    rc = cmd_run(&ctx, call);
    one->state = MARKED_DONE;
    one->op = ctx.op;
    if (rc == CMD_ERROR || rc == CMD_USAGE)
        marked_failed(one, e.msg);
    else if (rc == CMD_WAIT && ctx.job == NULL && ctx.op != 0)
        one->state = MARKED_RUNS;
    marked_add_output(s, one, &out);
    buf_free(&out);
    one->call = NULL;
    if (rc == CMD_WAIT && ctx.job != NULL) { /* it tells its own end */
        text_fmt(one->said, sizeof(one->said), "begun");
        ui_job_watch(s->ui, ctx.job, call);
    } else {
        cmd_call_free(call);
    }
}

/* Takes the set. */
static void
marked_begin(struct marked_set *s)
{
    struct ui *ui = s->ui;
    size_t i;

    ui->in_set = true;
    list_append(&ui->sets, &s->node);
    for (i = 0; i < s->n; i++)
        if (s->at[i].state == MARKED_READY)
            marked_begin_one(s, &s->at[i]);
    ui->in_set = false;
    marked_check(ui);
    ui_mark(ui);
}

static void
marked_answered(struct ui *ui, bool yes, void *arg)
{
    struct marked_set *s = arg;

    (void)ui;
    if (yes)
        marked_begin(s);
    else
        marked_free(s);
}

/* --- asking --- */

/* "3 domains (web1, web2, db1)", or the name of one: what it would run on. */
static void
marked_add_names(const struct marked_set *s, struct buf *out)
{
    size_t i, n = marked_in(s, MARKED_READY), shown = 0, begin;

    if (n > 1)
        buf_fmt(out, "%zu domains (", n);
    begin = out->len;
    for (i = 0; i < s->n; i++) {
        if (s->at[i].state != MARKED_READY)
            continue;
        if (shown > 0 &&
            out->len - begin + strlen(s->at[i].name) > NAMES_BYTES) {
            buf_fmt(out, " and %zu more", n - shown);
            break;
        }
        buf_fmt(out, "%s%s", shown++ > 0 ? ", " : "", s->at[i].name);
    }
    if (n > 1)
        buf_chr(out, ')');
}

static void
marked_add_refused(const struct marked_set *s, struct buf *out)
{
    size_t i, failed = marked_in(s, MARKED_FAILED);

    if (failed == 0)
        return;
    for (i = 0; s->at[i].state != MARKED_FAILED; i++)
        ;
    buf_fmt(out, " Not on %s%s: %s", s->at[i].name,
            failed > 1 ? " and others" : "", s->at[i].said);
}

/* The verb's own question on all of them; false: it asks none of one. */
static bool
marked_add_own(const struct marked_set *s, struct buf *out)
{
    struct buf whom = { 0 }, q = { 0 }, lose = { 0 };
    size_t i;

    marked_add_names(s, &whom);
    for (i = 0; i < s->n; i++) {
        struct cmd_ctx ctx = { .ses = s->ui->desk.ses };

        if (s->at[i].state != MARKED_READY ||
            cmd_check(&ctx, s->at[i].call) != CMD_OK)
            continue;
        if (q.len == 0)
            question_add(&ctx, buf_text(&whom), &q);
        question_add_dependants(&ctx, &lose);
    }
    if (q.len > 0 && s->cmd->ask != NULL)
        buf_fmt(out, "On %s: ", buf_text(&whom));
    if (q.len > 0)
        buf_str(out, buf_text(&q));
    else
        buf_fmt(out, "%s: on %s?", s->title, buf_text(&whom));
    if (lose.len > 0)
        buf_fmt(out, " %s", buf_text(&lose));
    buf_free(&whom);
    buf_free(&lose);
    i = q.len;
    buf_free(&q);
    return i > 0;
}

/* Those for which alone a text would have to be typed. */
static void
marked_add_lasting(const struct marked_set *s, struct buf *out)
{
    size_t i, n = 0;

    if (s->cmd->type == NULL)
        return;
    for (i = 0; i < s->n; i++) {
        struct cmd_ctx ctx = { .ses = s->ui->desk.ses };

        if (s->at[i].state != MARKED_READY ||
            cmd_check(&ctx, s->at[i].call) != CMD_OK)
            continue;
        s->cmd->type(&ctx);
        n += ctx.typed[0] != '\0';
    }
    if (n > 0)
        buf_fmt(out, " %zu of them cannot be undone.", n);
}

/* A single one is asked about as if it were not marked. False: there are more,
 * or the verb asks nothing. */
static bool
marked_ask_single(const struct marked_set *s, struct cmd_ctx *ctx,
                  struct buf *out)
{
    size_t i = 0;

    if (marked_in(s, MARKED_READY) != 1)
        return false;
    while (s->at[i].state != MARKED_READY)
        i++;
    if (cmd_check(ctx, s->at[i].call) != CMD_OK || !question_ask(ctx))
        return false;
    buf_str(out, ctx->question);
    free(ctx->question);
    return true;
}

/* What is asked of one domain has the number typed for more. */
static void
marked_ask(struct marked_set *s)
{
    struct cmd_ctx ctx = { .ses = s->ui->desk.ses };
    size_t n = marked_in(s, MARKED_READY);
    struct buf q = { 0 };

    if (!marked_ask_single(s, &ctx, &q)) {
        bool asks = marked_add_own(s, &q);

        if ((asks || (s->cmd->needs & CMD_ENDS) != 0) && n > 1)
            text_fmt(ctx.typed, sizeof(ctx.typed), "%zu", n);
        if (n > 1)
            marked_add_lasting(s, &q);
    }
    marked_add_refused(s, &q);
    ui_confirm(s->ui, buf_text(&q), ctx.typed[0] != '\0' ? ctx.typed : NULL,
               marked_answered, s);
    buf_free(&q);
}

/* --- making the calls --- */

/* The words with the domain's own among them, for a verb that names it so. */
static enum cmd_rc
marked_call_named(struct marked_set *s, struct marked_one *one,
                  const char *const *words, int n, struct err *e)
{
    const struct dom *d = engine_dom_by_id(s->ui->desk.en, one->dom_id);
    const char *all[CMD_ARGS_MAX + 1] = { words[0] };
    struct buf word = { 0 };
    enum cmd_rc rc;
    int i;

    if (d == NULL) {
        err_set(e, ERR_NOENT, "%s: the domain is gone", words[0]);
        return CMD_ERROR;
    }
    engine_dom_word(s->ui->desk.en, d, &word);
    all[1] = buf_text(&word);
    for (i = 1; i < n && i < CMD_ARGS_MAX; i++)
        all[i + 1] = words[i];
    rc = cmd_call_new(s->ui->desk.ses, all, i + 1, 0, &one->call, e);
    buf_free(&word);
    return rc;
}

static void
marked_call(struct marked_set *s, struct marked_one *one,
            const char *const *words, int n)
{
    struct err e = { 0 };
    struct cmd_ctx ctx = { .ses = s->ui->desk.ses, .e = &e };
    enum cmd_rc rc;

    cmd_call_free(one->call); /* of a form's try before */
    one->call = NULL;
    rc = (s->cmd->needs & CMD_NEED_DOMAIN) != 0
             ? cmd_call_new(ctx.ses, words, n, one->dom_id, &one->call, &e)
             : marked_call_named(s, one, words, n, &e);
    if (rc == CMD_OK)
        rc = cmd_check(&ctx, one->call);
    if (rc != CMD_OK)
        marked_failed(one, e.msg);
}

bool
marked_run(struct marked_set *s, const char *const *words, int n, struct err *e)
{
    struct buf title = { 0 };
    bool reads;
    size_t i;
    int k;

    for (k = 0; k < n; k++)
        buf_fmt(&title, "%s%s", k > 0 ? " " : "", words[k]);
    free(s->title);
    s->title = buf_take(&title);
    for (i = 0; i < s->n; i++) {
        s->at[i].state = MARKED_READY;
        s->at[i].said[0] = '\0';
        marked_call(s, &s->at[i], words, n);
    }
    for (i = 0; i < s->n && s->at[i].state != MARKED_READY; i++)
        ;
    if (i == s->n) {
        err_set(e, ERR_INVALID, "%s",
                s->n > 0 ? s->at[0].said : "none is left");
        return false;
    }
    reads = s->cmd->right == RIGHT_VIEW ||
            (s->cmd->reads != NULL && s->cmd->reads(s->at[i].call));
    if (!reads && ui_past_refuse(s->ui, s->cmd->name, e))
        return false;
    if (reads)
        marked_begin(s);
    else
        marked_ask(s);
    return true;
}

/* --- lines --- */

/* No word of it names a domain. A verb alone that asks for what is missing is
 * for the form or the prompt, which come back here. */
static bool
names_none(const struct cmd *c, char *const *words, int n)
{
    int i, args = 0;

    for (i = 1; i < n; i++)
        args += strcmp(words[i], "--json") != 0;
    if ((c->needs & CMD_MARKED) != 0) {
        for (i = 1; i < n && strncmp(words[i], "--", 2) == 0; i++)
            ;
        return i >= n;
    }
    if (args == 0 && (c->min_args > 0 || cmd_asks_of(c) != NULL))
        return false;
    return args <= (int)c->min_args || strncmp(words[1], "--", 2) == 0;
}

bool
marked_line(struct ui *ui, const char *line)
{
    const struct cmd *c = cmd_of_line(ui->desk.ses->cmds, line);
    struct marked_set *s;
    struct err e = { 0 };
    char **words;
    int n;

    if (c == NULL || cmd_split(line, &words, &n, NULL) < 0)
        return false;
    s = names_none(c, words, n) ? marked_take(ui, c) : NULL;
    if (s != NULL && !marked_run(s, (const char *const *)words, n, &e)) {
        ui_notice(ui, EVENT_ERROR, "%s", e.msg);
        marked_free(s);
    }
    cmd_words_free(words, n);
    return s != NULL;
}

uint64_t
marked_target(struct ui *ui, const char *line)
{
    const struct cmd *c = cmd_of_line(ui->desk.ses->cmds, line);
    struct marked_set *s = c != NULL ? marked_take(ui, c) : NULL;
    uint64_t id = s != NULL && s->n > 0 ? s->at[0].dom_id : 0;

    marked_free(s);
    return id != 0 ? id : ui_current_dom(ui);
}
