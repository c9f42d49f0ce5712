/*
 * status.c - the two lines at the bottom: what goes on (notice, running
 * operations, hints) and the function keys.
 */
#include <string.h>

#include "src/base/buf.h"
#include "src/command/command.h"
#include "src/command/screen.h"
#include "ui/desk/paint.h"
#include "ui/draw/ui_text.h"
#include "ui/screen/frame.h"
#include "ui/widget/notice.h"

#define PROGRESS_COLS 20
#define ANIMATE_MS    200 /* of a progress bar without percentage */

static uint64_t
status_domain(struct ui *ui)
{
    struct screen *sc = ui_session(ui)->screen;

    return sc->ops->domain(sc);
}

/* Of two at work the one that is shown: the end of all, which tells how many
 * are left, then that of the domain which the user is at, then the newest. */
static bool
op_before(const struct op *a, const struct op *b, uint64_t dom_id)
{
    bool all_a = a->verb == OP_HOST_STOP, all_b = b->verb == OP_HOST_STOP;
    bool at_a = a->dom_id == dom_id, at_b = b->dom_id == dom_id;

    if (all_a != all_b)
        return all_a;
    return at_a != at_b ? at_a : a->id > b->id;
}

/* The operation at work that is shown, and how many there are. */
static const struct op *
op_running(struct ui *ui, size_t *n_out)
{
    const struct op *found = NULL, *op;
    uint64_t dom_id = status_domain(ui);
    size_t i, n = 0;

    for (i = 0; (op = engine_op_at(ui_engine(ui), i)) != NULL; i++) {
        if (op->state != OP_RUNNING && op->state != OP_QUEUED)
            continue;
        n++;
        if (found == NULL || op_before(op, found, dom_id))
            found = op;
    }
    *n_out = n;
    return found;
}

bool
status_busy(const struct frame *fr)
{
    size_t n;

    return overlay_has(fr->ui, OVERLAY_STATUS) || fr->prefix ||
           notice_shown(fr->ui) || op_running(fr->ui, &n) != NULL;
}

/* Which key ends the operation; "": none. One that can be undone is revived by
 * the key that lets its domain run on, elsewhere by the verb. */
static void
status_way_out(const struct frame *fr, const struct op *op, char *dst, size_t n)
{
    struct ui *ui = fr->ui;
    unsigned context = fr->focus->ops->context;
    bool console = context == CMD_IN_CONSOLE;
    const char *verb = !op->undo ? "cancel" : console ? "undo" : "unpause";
    char key[24], prefix[24];

    dst[0] = '\0';
    key_print(&ui_settings(ui)->prefix, prefix, sizeof(prefix));
    if (op->undo && !console && op->dom_id != status_domain(ui))
        text_fmt(dst, n, "  the verb undo revives it");
    else if (op->cancellable && ui_key_of(ui, verb, context, key, sizeof(key)))
        text_fmt(dst, n, "  %s%s%s %s", console ? prefix : "",
                 console ? " " : "", key, op->undo ? "revives it" : "cancels");
}

static void
draw_op(const struct frame *fr, const struct op *op, size_t n)
{
    struct ui *ui = fr->ui;
    WINDOW *w = fr->w_status;
    char text[256], more[32] = "";
    int x, cols = getmaxx(w), bar = cols < 70 ? 10 : PROGRESS_COLS;

    if (n > 1)
        text_fmt(more, sizeof(more), " (+%zu)", n - 1);
    text_fmt(text, sizeof(text), "%s %s%s%s%s ", op_verb_name(op->verb),
             op->name, op->label[0] != '\0' ? ": " : "", op->label, more);
    ui_role(ui, w, ROLE_INFO);
    x = ui_text(w, 0, 0, cols - bar - 1, text, false);
    progress_draw(ui, &(struct bar){ w, 0, x, bar }, op->percent);
    x += bar;
    status_way_out(fr, op, text, sizeof(text));
    ui_role(ui, w, ROLE_DIM);
    x += ui_text(w, 0, x, cols - x, text, false);
    if (op->xl[0] != '\0' && x + ui_text_cols(op->xl) + 4 <= cols) {
        text_fmt(text, sizeof(text), "  = %s", op->xl);
        ui_role(ui, w, ROLE_DIM);
        x += ui_text(w, 0, x, cols - x, text, false);
    }
    ui_role(ui, w, ROLE_TEXT);
    ui_text(w, 0, x, cols - x, "", true);
}

/* Whether the session may run it, so that it is worth a hint. */
static bool
is_allowed(struct ui *ui, const struct cmd *c)
{
    return c != NULL && c->right <= ui_session(ui)->info.rights;
}

/* One "key label" of what may follow the prefix; returns the column after. */
static int
prefix_item(struct ui *ui, WINDOW *w, const struct cmd *c, int x)
{
    const char *label = c->bar != NULL ? c->bar : c->name;
    int cols = getmaxx(w);
    char key[32];

    if (!is_allowed(ui, c) ||
        !ui_key_of(ui, c->name, CMD_IN_CONSOLE, key, sizeof(key)) ||
        x + ui_text_cols(key) + ui_text_cols(label) + 3 > cols)
        return x;
    ui_role(ui, w, ROLE_KEY);
    x += ui_text(w, 0, x, cols - x, key, false);
    ui_role(ui, w, ROLE_PROMPT);
    x += ui_text(w, 0, x, cols - x, " ", false);
    x += ui_text(w, 0, x, cols - x, label, false);
    return x + ui_text(w, 0, x, cols - x, "  ", false);
}

/* "C-] - q close  Tab next-pane": the ways out first, then what fits. */
static void
draw_prefix(struct ui *ui, WINDOW *w)
{
    static const char *const first[] = {
        "close", "last-console", "next-pane", "split-right", "split-below",
        "zoom",  "copy-mode",    "search",    "help",        "palette"
    };
    const size_t n_first = sizeof(first) / sizeof(first[0]);
    const struct cmd *c;
    char text[32];
    size_t i, k;
    int x, cols = getmaxx(w);

    key_print(&ui_settings(ui)->prefix, text, sizeof(text));
    ui_role(ui, w, ROLE_KEY);
    x = ui_text(w, 0, 0, cols, text, false);
    ui_role(ui, w, ROLE_PROMPT);
    x += ui_text(w, 0, x, cols - x, " - ", false);
    for (i = 0; i < n_first; i++)
        if ((c = cmd_find(ui_session(ui)->cmds, first[i], NULL)) != NULL)
            x = prefix_item(ui, w, c, x);
    for (i = 0; (c = cmd_at(ui_session(ui)->cmds, i)) != NULL; i++) {
        for (k = 0; k < n_first && strcmp(c->name, first[k]) != 0; k++)
            ;
        if (k == n_first)
            x = prefix_item(ui, w, c, x);
    }
    ui_text(w, 0, x, cols - x, "", true);
}

static bool
hint_runs(const struct dom *d)
{
    return !d->off;
}

static bool
hint_off(const struct dom *d)
{
    return d->off;
}

static bool
hint_stands(const struct dom *d)
{
    return !d->off &&
           ((d->flags & DOM_F_PAUSED) != 0 ||
            ((d->flags & DOM_F_SHUTDOWN) != 0 && d->reason == DOM_SUSPEND));
}

/* What the function keys do not say, for those who come for the first time;
 * a label NULL: its key joins the next one's. */
static const struct hint {
    unsigned in;
    int tab; /* of the pane; 0: all */
    const char *verb, *label;
    bool (*when)(const struct dom *); /* of the domain there; NULL: always */
} hints[] = {
    { CMD_IN_DETAIL | CMD_IN_LOG | CMD_IN_HELP, 0, "close", "back", NULL },
    { CMD_IN_LIST, 0, "detail", "details", NULL },
    { CMD_IN_ALL, 0, "console", "console", hint_runs },
    { CMD_IN_LIST | CMD_IN_DETAIL, 0, "start", "start", hint_off },
    { CMD_IN_LIST | CMD_IN_DETAIL, 0, "unpause", "unpause", hint_stands },
    { CMD_IN_DETAIL | CMD_IN_LOG, 0, "tab-prev", NULL, NULL },
    { CMD_IN_DETAIL, 0, "tab-next", "tabs", NULL },
    { CMD_IN_DETAIL, PANE_TAB_GRAPHS, "past", "before", NULL },
    { CMD_IN_DETAIL, PANE_TAB_GRAPHS, "graph-more", NULL, NULL },
    { CMD_IN_DETAIL, PANE_TAB_GRAPHS, "graph-less", "zoom", NULL },
    { CMD_IN_DETAIL, PANE_TAB_TUNE, "tune-edit", "change", NULL },
    { CMD_IN_DETAIL, PANE_TAB_DEVICES, "attach", "attach", NULL },
    { CMD_IN_DETAIL, PANE_TAB_DEVICES, "detach", "detach", NULL },
    { CMD_IN_LOG, 0, "tab-next", "other logs", NULL },
    { CMD_IN_LOG, 0, "filter", "filter", NULL },
    { CMD_IN_LIST, 0, "log", "log", NULL },
    { CMD_IN_ALL, 0, "search", "search", NULL },
    { CMD_IN_DETAIL | CMD_IN_LOG | CMD_IN_HELP, 0, "zoom", "zoom", NULL },
    { CMD_IN_ALL, 0, "palette", "all verbs", NULL },
    { CMD_IN_LIST, 0, "quit", "quit", NULL },
};

static bool
hint_fits(const struct frame *fr, const struct hint *h)
{
    int tab = fr->focus->ops->context == CMD_IN_DETAIL ? fr->focus->tab : 0;
    const struct dom *d =
        engine_dom_by_id(ui_engine(fr->ui), status_domain(fr->ui));

    return (h->in & fr->focus->ops->context) != 0 &&
           (h->tab == 0 || h->tab == tab) &&
           (h->when == NULL || (d != NULL && h->when(d)));
}

static void
draw_hints(const struct frame *fr, int x)
{
    struct ui *ui = fr->ui;
    WINDOW *w = fr->w_status;
    unsigned context = fr->focus->ops->context;
    int cols = getmaxx(w);
    char key[24];
    size_t i;

    for (i = 0; i < sizeof(hints) / sizeof(hints[0]); i++) {
        const struct hint *h = &hints[i];
        int need = h->label != NULL ? ui_text_cols(h->label) + 1 : 0;

        if (!hint_fits(fr, h) ||
            !is_allowed(ui, cmd_find(ui_session(ui)->cmds, h->verb, NULL)) ||
            !ui_key_of(ui, h->verb, context, key, sizeof(key)) ||
            x + ui_text_cols(key) + need > cols)
            continue;
        ui_role(ui, w, ROLE_TEXT);
        x += ui_text(w, 0, x, cols - x, key, false);
        ui_role(ui, w, ROLE_DIM);
        x += ui_text(w, 0, x, cols - x, " ", false);
        if (h->label == NULL)
            continue;
        x += ui_text(w, 0, x, cols - x, h->label, false);
        x += ui_text(w, 0, x, cols - x, "  ", false);
    }
    ui_role(ui, w, ROLE_TEXT);
    ui_text(w, 0, x, cols - x, "", true);
}

static void
draw_idle(const struct frame *fr)
{
    struct ui *ui = fr->ui;
    WINDOW *w = fr->w_status;
    const struct host *h = engine_host_info(ui_engine(ui));
    int x = 0;

    if (h->problem[0] != '\0' || h->store_lost) {
        ui_role(ui, w, ROLE_WARN);
        ui_text_cut(ui, w, 0, 0, getmaxx(w),
                    h->problem[0] != '\0'
                        ? h->problem
                        : "xenstored is gone: nothing can be changed");
        return;
    }
    if (ui_session(ui)->info.rights < RIGHT_OPERATE) {
        ui_role(ui, w, ROLE_WARN);
        x = ui_text(w, 0, 0, getmaxx(w), "read-only  ", false);
    }
    if (!overlay_has(ui, OVERLAY_WHOLE)) { /* its title names its keys */
        draw_hints(fr, x);
        return;
    }
    ui_role(ui, w, ROLE_TEXT);
    ui_text(w, 0, x, getmaxx(w) - x, "", true);
}

static void
animate(struct loop_timer *lt)
{
    ui_mark(container_of(lt, struct frame, anim_timer)->ui);
}

void
status_sync(struct frame *fr)
{
    struct loop *lp = ui_loop(fr->ui);
    const struct op *op;
    size_t n;

    notice_sync(fr->ui);
    op = op_running(fr->ui, &n);
    if (op != NULL && op->percent < 0 && !fr->prefix && !notice_shown(fr->ui) &&
        !overlay_has(fr->ui, OVERLAY_STATUS) &&
        !loop_timer_active(&fr->anim_timer))
        loop_timer_arm(lp, &fr->anim_timer, ANIMATE_MS, animate);
}

void
status_draw(const struct frame *fr)
{
    const struct op *op;
    size_t n;

    if (fr->w_status == NULL || overlay_has(fr->ui, OVERLAY_STATUS) ||
        (fr->lay.bare && !status_busy(fr)))
        return;
    op = op_running(fr->ui, &n);
    if (fr->prefix) {
        draw_prefix(fr->ui, fr->w_status);
    } else if (notice_shown(fr->ui)) {
        notice_draw(fr->ui);
        return;
    } else if (op != NULL) {
        draw_op(fr, op, n);
    } else {
        draw_idle(fr);
    }
    touchwin(fr->w_status); /* notices and titles share its line */
    wnoutrefresh(fr->w_status);
}

/* --- the function keys --- */

/* Adds a label; returns the column after it. */
static int
status_add_item(struct frame *fr, const struct bar_item *item)
{
    int cols = getmaxx(fr->w_bar), need = ui_text_cols(item->label);
    char key[24];

    key_print(&item->key, key, sizeof(key));
    need += ui_text_cols(key);
    if (item->x + need > cols || fr->n_bar == FRAME_BAR_MAX)
        return item->x;
    fr->bar[fr->n_bar] = *item;
    fr->bar[fr->n_bar++].cols = need;
    return item->x + need + (item->gap && item->x + need < cols);
}

/* What a function key does in a context, for the bar; NULL: nothing. */
static const char *
f_label(struct ui *ui, unsigned n, unsigned context)
{
    struct key k = { .code = K_F(n) };
    const char *line = cmd_of_key(ui_settings(ui), context, &k);
    const struct cmd *c =
        line != NULL ? cmd_of_line(ui_session(ui)->cmds, line) : NULL;

    if (!is_allowed(ui, c))
        return NULL;
    return c->bar != NULL ? c->bar : c->name;
}

static void
add_f_keys(struct frame *fr, unsigned context)
{
    const char *label[13] = { NULL };
    int x = 0, need = 0;
    unsigned i;

    for (i = 1; i <= 12; i++) {
        label[i] = f_label(fr->ui, i, context);
        if (label[i] != NULL)
            need += ui_text_cols(label[i]) + (i > 9 ? 4 : 3);
    }
    for (i = 1; i <= 12; i++)
        if (label[i] != NULL)
            x = status_add_item(
                fr,
                &(struct bar_item){ .x = x,
                                    .key = { .code = K_F(i) },
                                    .label = label[i],
                                    .gap = need - 1 <= getmaxx(fr->w_bar) });
}

void
bar_sync(struct frame *fr)
{
    unsigned context = fr->focus->ops->context;

    fr->n_bar = 0;
    if (fr->w_bar == NULL || overlay_has(fr->ui, OVERLAY_WHOLE))
        return;                    /* a pager's title names its keys */
    if (context == CMD_IN_CONSOLE) /* F keys are the guest's there */
        status_add_item(
            fr, &(struct bar_item){ .key = ui_settings(fr->ui)->prefix,
                                    .label = " shows the commands here" });
    else
        add_f_keys(fr, context);
}

void
bar_draw(const struct frame *fr)
{
    struct ui *ui = fr->ui;
    WINDOW *w = fr->w_bar;
    int x = 0, cols;
    char key[24];
    size_t i;

    if (w == NULL)
        return;
    cols = getmaxx(w);
    for (i = 0; i < fr->n_bar; i++) {
        const struct bar_item *item = &fr->bar[i];

        key_print(&item->key, key, sizeof(key));
        ui_role(ui, w, ROLE_KEY);
        x = item->x + ui_text(w, 0, item->x, cols - item->x, key, false);
        ui_role(ui, w, ROLE_KEY_LABEL);
        x += ui_text(w, 0, x, cols - x, item->label, false);
        ui_role(ui, w, ROLE_TEXT);
        if (item->gap)
            x += ui_text(w, 0, x, cols - x, " ", false);
    }
    ui_role(ui, w, ROLE_TEXT);
    ui_text(w, 0, x, cols - x, "", true);
    wnoutrefresh(w);
}
