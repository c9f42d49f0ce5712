/*
 * detail_dev.c - the devices of a domain as rows: what each is, what it does a
 * second, where the handshake of a device that is not connected stands, its
 * counters, its error. The cursor is a device, not a row.
 */
#include <string.h>

#include "ui/draw/ui_text.h"
#include "ui/pane/detail/detail_tabs.h"

enum { LINE_MAIN, LINE_HANDSHAKE, LINE_COUNTERS, LINE_ERROR, LINES_MAX };

#define INDENT    2
#define WIDE_COLS 72 /* less than this: no rates beside what it is */

static bool
detail_dev_is_vif(const struct dom_device *d)
{
    return d->class == DOM_DEVICE_NET;
}

/* --- the cursor --- */

static bool
detail_dev_same(const struct dom_device *a, const struct dom_device *b)
{
    return strcmp(a->kind, b->kind) == 0 && a->devid == b->devid &&
           strcmp(a->name, b->name) == 0;
}

void
detail_dev_take(struct detail_pane *dp, const struct dom_device *list, size_t n)
{
    struct dom_device was = { 0 };
    size_t i;

    if (dp->dev_at < dp->n_devs)
        was = dp->dev[dp->dev_at];
    memcpy(dp->dev, list, n * sizeof(*list));
    dp->n_devs = n;
    for (i = 0; i < n; i++)
        if (detail_dev_same(&dp->dev[i], &was))
            dp->dev_at = i;
    if (dp->dev_at >= n)
        dp->dev_at = n > 0 ? n - 1 : 0;
}

/* All rows of the cursor's device in view. */
static void
show_cursor(struct detail_pane *dp)
{
    struct view *v = &dp->view;
    size_t i, first = v->n, last = 0, rows = v->rows > 0 ? (size_t)v->rows : 1;

    for (i = 0; i < v->n; i++) {
        if (v->seg[i].item / LINES_MAX != dp->dev_at)
            continue;
        first = i < first ? i : first;
        last = i;
    }
    if (first == v->n)
        return;
    if (last >= v->top + rows)
        v->top = last - rows + 1;
    if (first < v->top)
        v->top = first;
}

void
detail_dev_move(struct detail_pane *dp, long by)
{
    long at = (long)dp->dev_at + by, max = (long)dp->n_devs - 1;

    if (max < 0)
        return;
    dp->dev_at = (size_t)(at < 0 ? 0 : at > max ? max : at);
    show_cursor(dp);
}

/* A click on a row of the view. */
void
detail_dev_click(struct detail_pane *dp, int row)
{
    size_t i = dp->view.top + (size_t)(row > 0 ? row : 0);

    if (row >= 0 && i < dp->view.n)
        dp->dev_at = (size_t)(dp->view.seg[i].item / LINES_MAX);
}

const struct dom_device *
detail_dev_cursor(const struct detail_pane *dp)
{
    return dp->dev_at < dp->n_devs ? &dp->dev[dp->dev_at] : NULL;
}

/* --- rows --- */

void
detail_dev_head(const struct detail_pane *dp, struct view_row *r)
{
    view_put(r, ROLE_COLUMN, "%-7s %-12s ", "KIND", "NAME");
    if (dp->base.cols >= WIDE_COLS)
        view_put(r, ROLE_COLUMN, "%-5s %-12s %7s %7s WHAT", "FROM", "STATE",
                 "RX|RD/s", "TX|WR/s");
    else
        view_put(r, ROLE_COLUMN, "%-12s WHAT", "STATE");
}

static enum role
detail_dev_state_role(unsigned state)
{
    if (state == 4)
        return ROLE_RUNNING;
    return state >= 5 ? ROLE_SHUTDOWN : ROLE_BUILDING;
}

static void
put_main(const struct dom_device *d, bool wide, enum role mark,
         struct view_row *r)
{
    double in = detail_dev_is_vif(d) ? d->rates.rx_bytes : d->rates.rd_bytes;
    double out = detail_dev_is_vif(d) ? d->rates.tx_bytes : d->rates.wr_bytes;
    char rd[16] = "", wr[16] = "", from[16];

    if (d->have_counters) {
        text_rate(rd, sizeof rd, in);
        text_rate(wr, sizeof wr, out);
    }
    text_fmt(from, sizeof from, "%u", d->backend_domid);
    view_put(r, mark, "%-7s %-12s ", d->kind, d->name);
    if (wide)
        view_put(r, mark, "%-5s ", from);
    view_put(r, mark == ROLE_TEXT ? detail_dev_state_role(d->state) : mark,
             "%-12s", d->state == 0 ? "-" : xenbus_state_name(d->state));
    if (wide)
        view_put(r, mark, " %7s %7s", rd, wr);
    view_put(r, mark, " %s%s", d->detail, d->cdrom ? " cdrom" : "");
}

/* What is waited for, as the backend's state tells; NULL: there is nothing to
 * say of it. */
static const char *
handshake_words(unsigned state)
{
    static const char *const words[] = {
        [1] = "the backend was made, its driver has not looked at it yet",
        [2] = "the backend is ready and waits for the guest's driver",
        [3] = "the backend has what it needs and is about to connect",
        [5] = "one side is letting go, the other has not followed yet",
        [6] = "let go: the guest's driver is not there, or was unloaded",
        [7] = "the backend takes in a change of what it serves",
        [8] = "the backend has taken in a change, the guest has not yet",
        [DOM_DEVICE_LOST] = ("the domain that served it has ended: attach it "
                             "again, or restart the guest"),
    };

    return state < sizeof words / sizeof words[0] ? words[state] : NULL;
}

static void
put_vif(const struct dom_device *d, struct view_row *r)
{
    char rx[16], tx[16];

    text_bytes(rx, sizeof rx, d->rx_bytes);
    text_bytes(tx, sizeof tx, d->tx_bytes);
    view_put(r, ROLE_DIM,
             "in %s, %llu pkts, %llu err, %llu drop; out %s, %llu pkts, "
             "%llu err, %llu drop",
             rx, (unsigned long long)d->rx_packets,
             (unsigned long long)d->rx_errors, (unsigned long long)d->rx_drops,
             tx, (unsigned long long)d->tx_packets,
             (unsigned long long)d->tx_errors, (unsigned long long)d->tx_drops);
}

static void
put_per_s(double v, struct view_row *r)
{
    if (v >= 0)
        view_put(r, ROLE_DIM, " (%.0f/s)", v);
}

static void
put_vbd(const struct dom_device *d, struct view_row *r)
{
    char rd[16], wr[16];

    text_bytes(rd, sizeof rd, d->rd_sectors * 512);
    text_bytes(wr, sizeof wr, d->wr_sectors * 512);
    view_put(r, ROLE_DIM, "read %s, %llu requests", rd,
             (unsigned long long)d->rd_req);
    put_per_s(d->rd_reqs, r);
    view_put(r, ROLE_DIM, "; written %s, %llu requests", wr,
             (unsigned long long)d->wr_req);
    put_per_s(d->wr_reqs, r);
}

static void
put_counters(const struct dom_device *d, struct view_row *r)
{
    if (detail_dev_is_vif(d))
        put_vif(d, r);
    else
        put_vbd(d, r);
}

/* Counters and errors as they are told, whatever their length. */
static void
detail_dev_wrap(struct detail_pane *dp, size_t item, const struct view_row *r)
{
    int cols = dp->base.cols - INDENT;

    view_wrap(&dp->view, item, buf_text(&r->text), cols, cols, true);
}

void
detail_dev_seg(struct detail_pane *dp)
{
    struct view_row r = { 0 };
    size_t i;

    for (i = 0; i < dp->n_devs; i++) {
        const struct dom_device *d = &dp->dev[i];

        view_add(&dp->view, i * LINES_MAX + LINE_MAIN, 0, UINT32_MAX);
        if (handshake_words(d->state) != NULL) {
            view_row_clear(&r);
            view_put(&r, ROLE_BUILDING, "%s", handshake_words(d->state));
            detail_dev_wrap(dp, i * LINES_MAX + LINE_HANDSHAKE, &r);
        }
        if (d->have_counters) {
            view_row_clear(&r);
            put_counters(d, &r);
            detail_dev_wrap(dp, i * LINES_MAX + LINE_COUNTERS, &r);
        }
        if (d->error[0] != '\0') {
            view_row_clear(&r);
            view_put(&r, ROLE_ERROR, "%s", d->error);
            detail_dev_wrap(dp, i * LINES_MAX + LINE_ERROR, &r);
        }
    }
    buf_free(&r.text);
}

/* The cursor reaches to the edge, as in the list. */
static void
detail_dev_fill(struct view_row *r, enum role mark, int cols)
{
    int used = ui_text_cols(buf_text(&r->text));

    if (used < cols)
        view_put(r, mark, "%*s", cols - used, "");
}

void
detail_dev_row(const struct detail_pane *dp, const struct view_seg *s,
               struct view_row *r)
{
    size_t i = (size_t)(s->item / LINES_MAX);
    enum role mark = dp->base.focused ? ROLE_SELECTED : ROLE_SELECTED_IDLE;
    const struct dom_device *d = &dp->dev[i];

    if (i >= dp->n_devs)
        return;
    r->from = s->from;
    r->to = s->to;
    r->indent = INDENT;
    switch (s->item % LINES_MAX) {
    case LINE_MAIN:
        r->indent = 0;
        put_main(d, dp->base.cols >= WIDE_COLS,
                 i == dp->dev_at ? mark : ROLE_TEXT, r);
        if (i == dp->dev_at)
            detail_dev_fill(r, mark, dp->base.cols);
        break;
    case LINE_HANDSHAKE:
        if (handshake_words(d->state) != NULL)
            view_put(r, ROLE_BUILDING, "%s", handshake_words(d->state));
        break;
    case LINE_COUNTERS:
        put_counters(d, r);
        break;
    default:
        view_put(r, ROLE_ERROR, "%s", d->error);
        break;
    }
}
