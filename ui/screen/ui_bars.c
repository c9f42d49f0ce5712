/*
 * ui_bars.c - the two lines at the bottom: what goes on (prompt, notice,
 * running operations) and the function keys.
 */
#include "ui/app/ui_int.h"

#include <string.h>

#define PROGRESS_COLS 20
#define ANIMATE_MS    200 /* of a progress bar without percentage */

const struct op *
ui_op_running(struct ui *ui, size_t *n_out)
{
    const struct op *found = NULL, *op;
    size_t i, n = 0;

    for (i = 0; (op = engine_op_at(ui->en, i)) != NULL; i++) {
        if (op->state != OP_RUNNING && op->state != OP_QUEUED)
            continue;
        n++;
        if (found == NULL || op->verb == OP_HOST_STOP ||
            (op->id > found->id && found->verb != OP_HOST_STOP))
            found = op; /* the end of all tells how many are left */
    }
    *n_out = n;
    return found;
}

bool
ui_status_busy(struct ui *ui)
{
    size_t n;

    return ui->prompt.open || ui->prefix || ui->notice.shown ||
           ui_op_running(ui, &n) != NULL;
}

static void
animate(struct loop_timer *lt)
{
    ui_mark(container_of(lt, struct ui, anim_timer));
}

static void
draw_op(struct ui *ui, WINDOW *w, const struct op *op, size_t n)
{
    char text[256], key[24], prefix[24], more[32] = "";
    int x, cols = getmaxx(w), bar = cols < 70 ? 10 : PROGRESS_COLS;
    unsigned context = ui->focus->ops->context;

    if (n > 1)
        text_fmt(more, sizeof(more), " (+%zu)", n - 1);
    text_fmt(text, sizeof(text), "%s %s%s%s%s ", op_verb_name(op->verb),
             op->name, op->label[0] != '\0' ? ": " : "", op->label, more);
    ui_role(ui, w, ROLE_INFO);
    x = ui_text(w, 0, 0, cols - bar - 1, text, false);
    progress_draw(ui, &(struct bar){ w, 0, x, bar }, op->percent);
    x += bar;
    key_print(&ui->set->prefix, prefix, sizeof(prefix));
    if (op->cancellable && ui_key_of(ui, "cancel", context, key, sizeof(key))) {
        text_fmt(text, sizeof(text), "  %s%s%s cancels",
                 context == CMD_IN_CONSOLE ? prefix : "",
                 context == CMD_IN_CONSOLE ? " " : "", key);
        ui_role(ui, w, ROLE_DIM);
        x += ui_text(w, 0, x, cols - x, text, false);
    }
    if (op->xl[0] != '\0' && x + ui_text_cols(op->xl) + 4 <= cols) {
        text_fmt(text, sizeof(text), "  = %s", op->xl);
        ui_role(ui, w, ROLE_DIM);
        x += ui_text(w, 0, x, cols - x, text, false);
    }
    ui_role(ui, w, ROLE_TEXT);
    ui_text(w, 0, x, cols - x, "", true);
    if (op->percent < 0 && !loop_timer_active(&ui->anim_timer))
        loop_timer_arm(ui->lp, &ui->anim_timer, ANIMATE_MS, animate);
}

/* One "key label" of what may follow the prefix; returns the column after. */
static int
prefix_item(struct ui *ui, WINDOW *w, const struct cmd *c, int x)
{
    const char *label = c->bar != NULL ? c->bar : c->name;
    int cols = getmaxx(w);
    char key[32];

    if (!ui_key_of(ui, c->name, CMD_IN_CONSOLE, key, sizeof(key)) ||
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
    static const char *const first[] = { "close",   "next-pane", "zoom",
                                         "page-up", "search",    "help",
                                         "palette" };
    const size_t n_first = sizeof(first) / sizeof(first[0]);
    const struct cmd *c;
    char text[32];
    size_t i, k;
    int x, cols = getmaxx(w);

    key_print(&ui->set->prefix, text, sizeof(text));
    ui_role(ui, w, ROLE_KEY);
    x = ui_text(w, 0, 0, cols, text, false);
    ui_role(ui, w, ROLE_PROMPT);
    x += ui_text(w, 0, x, cols - x, " - ", false);
    for (i = 0; i < n_first; i++)
        if ((c = cmd_find(ui->ses->cmds, first[i], NULL)) != NULL)
            x = prefix_item(ui, w, c, x);
    for (i = 0; (c = cmd_at(ui->ses->cmds, i)) != NULL; i++) {
        for (k = 0; k < n_first && strcmp(c->name, first[k]) != 0; k++)
            ;
        if (k == n_first)
            x = prefix_item(ui, w, c, x);
    }
    ui_text(w, 0, x, cols - x, "", true);
}

/* What the function keys do not say, for those who come for the first time;
 * a label NULL: its key joins the next one's. */
static const struct hint {
    unsigned in;
    int tab; /* of the details; 0: all */
    const char *verb, *label;
} hints[] = {
    { CMD_IN_DETAIL | CMD_IN_LOG | CMD_IN_HELP, 0, "close", "back" },
    { CMD_IN_LIST, 0, "detail", "details" },
    { CMD_IN_ALL, 0, "console", "console" },
    { CMD_IN_LIST, 0, "unpause", "unpause" },
    { CMD_IN_DETAIL | CMD_IN_LOG, 0, "tab-prev", NULL },
    { CMD_IN_DETAIL, 0, "tab-next", "tabs" },
    { CMD_IN_DETAIL, DETAIL_TAB_TUNE, "tune-edit", "change" },
    { CMD_IN_DETAIL, DETAIL_TAB_DEVICES, "attach", "attach" },
    { CMD_IN_DETAIL, DETAIL_TAB_DEVICES, "detach", "detach" },
    { CMD_IN_LOG, 0, "tab-next", "other logs" },
    { CMD_IN_LOG, 0, "filter", "filter" },
    { CMD_IN_LIST, 0, "log", "log" },
    { CMD_IN_ALL, 0, "search", "search" },
    { CMD_IN_DETAIL | CMD_IN_LOG | CMD_IN_HELP, 0, "zoom", "zoom" },
    { CMD_IN_ALL, 0, "palette", "all verbs" },
    { CMD_IN_LIST, 0, "quit", "quit" },
};

static void
draw_hints(struct ui *ui, WINDOW *w, int x)
{
    unsigned context = ui->focus->ops->context;
    int cols = getmaxx(w);
    int tab = context == CMD_IN_DETAIL ? detail_tab_at(ui->focus) : 0;
    char key[24];
    size_t i;

    for (i = 0; i < sizeof(hints) / sizeof(hints[0]); i++) {
        const struct hint *h = &hints[i];
        int need = h->label != NULL ? ui_text_cols(h->label) + 1 : 0;

        if ((h->in & context) == 0 || (h->tab != 0 && h->tab != tab) ||
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
draw_idle(struct ui *ui, WINDOW *w)
{
    int x = 0;

    const struct host *h = engine_host_info(ui->en);

    if (h->problem[0] != '\0' || h->store_lost) {
        ui_role(ui, w, ROLE_WARN);
        ui_text_cut(ui, w, 0, 0, getmaxx(w),
                    h->problem[0] != '\0'
                        ? h->problem
                        : "xenstored is gone: nothing can be changed");
        return;
    }
    if (ui->ses->info.rights < RIGHT_OPERATE) {
        ui_role(ui, w, ROLE_WARN);
        x = ui_text(w, 0, 0, getmaxx(w), "read-only  ", false);
    }
    if (!ui->pager.open) { /* its title names its keys */
        draw_hints(ui, w, x);
        return;
    }
    ui_role(ui, w, ROLE_TEXT);
    ui_text(w, 0, x, getmaxx(w) - x, "", true);
}

void
ui_draw_status(struct ui *ui)
{
    WINDOW *w = ui->w_status;
    const struct op *op;
    size_t n;
    int x = -1;

    if (w == NULL || (ui->lay.bare && !ui_status_busy(ui)))
        return;
    if (ui->notice.shown && !ui->prompt.open && !ui->prefix) {
        notice_draw(ui, w);
        return;
    }
    op = ui_op_running(ui, &n);
    if (ui->prompt.open)
        x = prompt_draw(ui, w);
    else if (ui->prefix)
        draw_prefix(ui, w);
    else if (op != NULL)
        draw_op(ui, w, op, n);
    else
        draw_idle(ui, w);
    if (x >= 0) /* kept for the hardware cursor */
        wmove(w, 0, x);
    if (ui->lay.bare)
        touchwin(w); /* it shares its line with the title */
    wnoutrefresh(w);
}

/* A label of the bar; returns the column after it. gap: a blank follows. */
static int
draw_item(struct ui *ui, const struct key *k, const char *label, int x,
          bool gap)
{
    WINDOW *w = ui->w_bar;
    int cols = getmaxx(w), from = x;
    char key[24];

    key_print(k, key, sizeof(key));
    if (x + ui_text_cols(key) + ui_text_cols(label) > cols)
        return x;
    ui_role(ui, w, ROLE_KEY);
    x += ui_text(w, 0, x, cols - x, key, false);
    ui_role(ui, w, ROLE_KEY_LABEL);
    x += ui_text(w, 0, x, cols - x, label, false);
    if (ui->n_bar < UI_BAR_MAX)
        ui->bar[ui->n_bar++] = (struct bar_item){ from, x - from, *k };
    ui_role(ui, w, ROLE_TEXT);
    return gap ? x + ui_text(w, 0, x, cols - x, " ", false) : x;
}

/* What a function key does in a context, for the bar; NULL: nothing. */
static const char *
f_label(struct ui *ui, unsigned n, unsigned context)
{
    struct key k = { .code = K_F(n) };
    const char *line = cmd_of_key(ui->set, context, &k);
    const struct cmd *c =
        line != NULL ? cmd_of_line(ui->ses->cmds, line) : NULL;

    if (c == NULL)
        return NULL;
    return c->bar != NULL ? c->bar : c->name;
}

static int
draw_f_keys(struct ui *ui, unsigned context)
{
    const char *label[13] = { NULL };
    int x = 0, need = 0;
    unsigned i;

    for (i = 1; i <= 12; i++) {
        label[i] = f_label(ui, i, context);
        if (label[i] != NULL)
            need += ui_text_cols(label[i]) + (i > 9 ? 4 : 3);
    }
    for (i = 1; i <= 12; i++) {
        struct key k = { .code = K_F(i) };

        if (label[i] != NULL)
            x = draw_item(ui, &k, label[i], x, need - 1 <= getmaxx(ui->w_bar));
    }
    return x;
}

void
ui_draw_bar(struct ui *ui)
{
    unsigned context = ui->focus->ops->context;
    int x;

    ui->n_bar = 0;
    if (ui->w_bar == NULL)
        return;
    if (ui->pager.open) /* its title names its keys */
        x = 0;
    else if (context == CMD_IN_CONSOLE) /* F keys are the guest's there */
        x = draw_item(ui, &ui->set->prefix, " shows the commands here", 0,
                      true);
    else
        x = draw_f_keys(ui, context);
    ui_role(ui, ui->w_bar, ROLE_TEXT);
    ui_text(ui->w_bar, 0, x, getmaxx(ui->w_bar) - x, "", true);
    wnoutrefresh(ui->w_bar);
}
