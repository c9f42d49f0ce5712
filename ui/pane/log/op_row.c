/*
 * op_row.c - see op_row.h. The first segment of an operation is [0, 0), that of
 * its work [0, WORK); the others are parts of the text that op_row_result
 * gives.
 */
#include "ui/pane/log/op_row.h"

#include <string.h>

#include "src/base/text.h"

#define WORK      UINT32_MAX
#define INDENT    15 /* the number and the state */
#define BAR_COLS  16
#define BAR_ROOM  60 /* in narrower panes the percentage alone is shown */
#define LEFT_FROM 3  /* percent: sooner the rest is a guess */

static bool
op_row_lives(const struct op *op)
{
    return op->state == OP_QUEUED || op->state == OP_RUNNING;
}

static enum role
state_role(const struct op *op)
{
    if (op->state == OP_FAILED)
        return ROLE_ERROR;
    if (op->state == OP_CANCELLED)
        return ROLE_WARN;
    return op_row_lives(op) ? ROLE_INFO : ROLE_DIM;
}

/* Below its first rows: why it did not do it; the xl line. */
static void
op_row_result(const struct op *op, struct buf *out)
{
    if (!op_row_lives(op) && strcmp(op->err.msg, op_state_name(op->state)) != 0)
        buf_str(out, op->err.msg);
    if (op->xl[0] != '\0')
        buf_fmt(out, "%s= %s", out->len > 0 ? "  " : "", op->xl);
}

void
op_row_words(const struct op *op, struct buf *out)
{
    buf_fmt(out, "%llu %s %s %s: %s  ", (unsigned long long)op->id, op->title,
            op->name, op_state_name(op->state), op->label);
    op_row_result(op, out);
}

void
op_row_segments(struct view *v, const struct op *op, int cols)
{
    struct buf text = { 0 };
    int room = cols - INDENT;

    view_add(v, op->id, 0, 0);
    if (op->state == OP_RUNNING)
        view_add(v, op->id, 0, WORK);
    op_row_result(op, &text);
    if (text.len > 0)
        view_wrap(v, op->id, buf_text(&text), room, room, true);
    buf_free(&text);
}

/* " 1m03s, 0m20s left": by what the step at work has done so far. */
static void
put_times(const struct op *op, uint64_t now_ms, struct view_row *r)
{
    uint64_t step_ms = now_ms - op->step_ms;
    char text[24];

    text_span(text, sizeof text, (now_ms - op->start_ms) / 1000);
    view_put(r, ROLE_DIM, " %s", text);
    if (op->percent < LEFT_FROM || op->percent >= 100 || op->undo)
        return;
    text_span(text, sizeof text,
              step_ms * (uint64_t)(100 - op->percent) / (uint64_t)op->percent /
                  1000);
    view_put(r, ROLE_DIM, ", %s left", text);
}

static void
put_work(const struct op *op, int cols, uint64_t now_ms, struct view_row *r)
{
    view_put(r, ROLE_TEXT, "%s ", op->label);
    if (op->percent >= 0 && cols >= BAR_ROOM)
        view_put_bar(r, op->percent / 100.0, BAR_COLS);
    if (op->percent >= 0)
        view_put(r, ROLE_TEXT, " %d%%", op->percent);
    put_times(op, now_ms, r);
}

static void
put_end(const struct op *op, struct view_row *r)
{
    unsigned long long ms = op->end_ms - op->start_ms;

    view_put(r, ROLE_DIM, " after %llu.%llu s", ms / 1000, ms % 1000 / 100);
    if (op->who[0] != '\0')
        view_put(r, ROLE_DIM, ", for %s", op->who);
}

static void
put_op_head(const struct op *op, struct view_row *r)
{
    view_put(r, ROLE_DIM, "%4llu ", (unsigned long long)op->id);
    view_put(r, state_role(op), "%-9s ", op_state_name(op->state));
    view_put(r, ROLE_TITLE, "%s %s", op->title, op->name);
    if (!op_row_lives(op))
        put_end(op, r);
}

void
op_row(const struct op *op, const struct view_seg *s, int cols, uint64_t now_ms,
       struct view_row *r)
{
    struct buf text = { 0 };

    if (s->to == 0) {
        put_op_head(op, r);
        return;
    }
    r->indent = INDENT;
    if (s->to == WORK) {
        put_work(op, cols, now_ms, r);
        return;
    }
    op_row_result(op, &text);
    view_put(r, op->state > OP_DONE ? state_role(op) : ROLE_DIM, "%s",
             buf_text(&text));
    r->from = s->from;
    r->to = s->to;
    buf_free(&text);
}
