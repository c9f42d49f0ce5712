/*
 * batch.c - verbs without a terminal: -e and -f. One line after the other,
 * each operation waited for, the first error ends it.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "src/base/fdio.h"
#include "src/base/loop.h"
#include "src/command/command.h"
#include "src/command/family.h"

#define NO_LIMIT_MS (365ULL * 24 * 3600 * 1000)
#define UNDO_MS     (120ULL * 1000) /* for an interrupted operation to end */

enum { EXIT_OK, EXIT_FAILED, EXIT_USAGE };

struct batch {
    struct engine *en;
    struct loop *lp;
    struct loop_signal sig_int, sig_term;
    bool stop;
    bool stop_ends; /* it is how the last verb ends */
    bool read_only;
    uint64_t op;
    double told_s; /* the newest event that was looked at */
    const char *where;
};

static void
on_int(struct loop_signal *ls)
{
    container_of(ls, struct batch, sig_int)->stop = true;
}

static void
on_term(struct loop_signal *ls)
{
    container_of(ls, struct batch, sig_term)->stop = true;
}

static void
complain(const struct batch *b, const char *sentence)
{
    fprintf(stderr, "xendeck: %s%s%s\n", b->where != NULL ? b->where : "",
            b->where != NULL ? ": " : "", sentence);
}

static bool
op_over(void *arg)
{
    const struct batch *b = arg;
    const struct op *op = engine_op_by_id(b->en, b->op);

    return op == NULL || (op->state != OP_QUEUED && op->state != OP_RUNNING);
}

static bool
op_over_or_stop(void *arg)
{
    const struct batch *b = arg;

    return b->stop || op_over(arg);
}

static int
op_failed(const struct batch *b, const struct op *op)
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
    return EXIT_FAILED;
}

/* Waits for the operation; an interrupt cancels it and waits for the undo. */
static int
wait_op(struct batch *b, struct buf *out)
{
    const struct op *op;
    struct err e = { 0 };

    loop_until(b->lp, op_over_or_stop, b, NO_LIMIT_MS);
    if (!op_over(b)) {
        if (engine_op_cancel(b->en, b->op, &e) < 0)
            complain(b, e.msg);
        else
            loop_until(b->lp, op_over, b, UNDO_MS);
    }
    op = engine_op_by_id(b->en, b->op);
    if (op != NULL && op->state == OP_DONE && op->next != 0 && !b->stop) {
        b->op = op->next; /* a reboot: its next life */
        return wait_op(b, out);
    }
    if (op == NULL) {
        complain(b, "the end of the operation was not seen");
        return EXIT_FAILED;
    }
    if (op->state != OP_DONE)
        return op_failed(b, op);
    if (op->verb == OP_CREATE)
        buf_fmt(out, "%s: domain %u created\n", op->name, op->domid);
    return EXIT_OK;
}

static int
print_out(const struct batch *b, const struct buf *out)
{
    struct err e = { 0 };

    if (out->len == 0 || fd_write_all(STDOUT_FILENO, out->data, out->len) == 0)
        return EXIT_OK;
    err_sys(&e, errno, "standard output");
    complain(b, e.msg);
    return EXIT_FAILED;
}

/* Each line of it. */
static void
complain_lines(const struct batch *b, struct buf *warn)
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
complain_of(const struct batch *b, const struct event *ev)
{
    struct buf text = { 0 };

    if (ev->name[0] != '\0' && ev->domid != DOM_NO_DOMID)
        buf_fmt(&text, "%s: ", ev->name); /* which of several it is about */
    buf_str(&text, ev->text);
    complain(b, buf_text(&text));
    buf_free(&text);
}

/* After the last that was looked at: known by its time, for the numbers are
 * others once the history is loaded. */
static size_t
first_new(const struct batch *b)
{
    size_t i = engine_event_count(b->en);

    for (; i > 0; i--) {
        const struct event *ev = engine_event_at(b->en, i - 1);

        if (!ev->foreign && ev->wall_s == b->told_s)
            break;
    }
    return i;
}

/* What the operation brought of that kind, for the device of a verb too. */
static bool
is_warning(const struct batch *b, const struct event *ev)
{
    if (ev->kind == EVENT_REFUSED)
        return true;
    return ev->level == EVENT_WARN &&
           (ev->kind == EVENT_ENGINE ||
            (ev->kind == EVENT_DEVICE && b->op != 0 && ev->op == b->op));
}

/* What the engine warned of meanwhile, such as settings of a configuration
 * that it does not honour, or a restart that it refused. */
static void
tell_warnings(struct batch *b)
{
    const struct event *ev;
    size_t i;

    if (b->en == NULL)
        return;
    for (i = first_new(b); (ev = engine_event_at(b->en, i)) != NULL; i++) {
        if (ev->foreign)
            continue;
        b->told_s = ev->wall_s;
        if (is_warning(b, ev))
            complain_of(b, ev);
    }
}

static int
run_line(struct batch *b, const char *line)
{
    struct buf out = { 0 }, warn = { 0 };
    struct err e = { 0 };
    struct cmd_ctx ctx = { .en = b->en,
                           .lp = b->lp,
                           .stop = &b->stop,
                           .read_only = b->read_only,
                           .out = &out,
                           .warn = &warn,
                           .e = &e };
    enum cmd_rc rc = cmd_run_line(&ctx, line, true, NULL);
    int status = EXIT_OK, written;

    b->op = ctx.op;
    b->stop_ends = ctx.stop_ends;
    complain_lines(b, &warn);
    tell_warnings(b);
    if (rc == CMD_WAIT) {
        status = wait_op(b, &out);
        tell_warnings(b);
    } else if (rc != CMD_OK) {
        status = rc == CMD_USAGE ? EXIT_USAGE : EXIT_FAILED;
    }
    if (rc == CMD_ERROR || rc == CMD_USAGE)
        complain(b, e.msg);
    written = print_out(b, &out);
    buf_free(&out);
    return status != EXIT_OK ? status : written;
}

static const struct cmd *
verb_of(const char *line, int *n_words_out, struct err *e)
{
    const struct cmd *c = NULL;
    char **words;
    int i;

    if (cmd_split(line, &words, n_words_out, e) < 0) {
        *n_words_out = 1;
        return NULL;
    }
    if (*n_words_out > 0)
        c = cmd_find(words[0], e);
    for (i = 0; i < *n_words_out; i++)
        free(words[i]);
    free(words);
    return c;
}

int
cmd_batch_check(const struct cmd_line *lines, size_t n, bool *needs_host_out)
{
    struct batch b = { 0 };
    struct err e = { 0 };
    size_t i;

    *needs_host_out = false;
    for (i = 0; i < n; i++) {
        int n_words;
        const struct cmd *c = verb_of(lines[i].text, &n_words, &e);

        b.where = lines[i].where;
        if (n_words == 0)
            continue;
        if (c == NULL) {
            complain(&b, e.msg);
            return EXIT_USAGE;
        }
        if ((c->needs & CMD_NO_HOST) == 0)
            *needs_host_out = true;
    }
    return EXIT_OK;
}

int
cmd_batch(struct engine *en, struct loop *lp, const struct cmd_line *lines,
          size_t n, bool read_only)
{
    struct batch b = { .en = en, .lp = lp, .read_only = read_only };
    int status = EXIT_OK;
    size_t i;

    loop_signal_add(lp, &b.sig_int, SIGINT, on_int);
    loop_signal_add(lp, &b.sig_term, SIGTERM, on_term);
    for (i = 0; i < n && status == EXIT_OK && !b.stop; i++) {
        b.where = lines[i].where;
        status = run_line(&b, lines[i].text);
    }
    if (b.stop && status == EXIT_OK && !b.stop_ends) {
        complain(&b, "interrupted");
        status = EXIT_FAILED;
    }
    loop_signal_del(&b.sig_int);
    loop_signal_del(&b.sig_term);
    return status;
}
