/*
 * confirm.c - a question in a box: y or n, no by default, or a text to type.
 * Questions that come while one is shown wait for their turn.
 * Invariant: done is called exactly once for each ui_confirm.
 */
#include <stdlib.h>
#include <string.h>

#include "src/base/xalloc.h"
#include "ui/desk/overlay.h"
#include "ui/desk/paint.h"
#include "ui/draw/ui_text.h"
#include "ui/widget/dialog.h"
#include "ui/widget/edit.h"

#define BOX_COLS    72 /* the longest name fits on a line */
#define CONFIRM_MAX 8  /* more are answered with no */
#define QUIET_MS    700
#define LINES_MAX   8
#define LINE_BYTES  (BOX_COLS * 4)

struct box {
    struct rect r;
    char line[LINES_MAX][LINE_BYTES];
    int n;
};

struct confirm {
    struct overlay ov;
    char *question;
    char *typed; /* NULL: y or n */
    struct edit ed;
    bool unasked;      /* no key of the user brought it up */
    uint64_t quiet_ms; /* the last key before it was seen */
    confirm_cb done;
    void *arg;
};

static struct confirm *
confirm_of(struct overlay *ov)
{
    return container_of(ov, struct confirm, ov);
}

static const struct confirm *
confirm_const(const struct overlay *ov)
{
    return (const struct confirm *)(const void *)ov; /* first member */
}

/* Taken off first: done may ask another. */
static void
confirm_finish(struct confirm *c, bool yes)
{
    struct ui *ui = c->ov.ui;

    overlay_remove(&c->ov);
    c->done(ui, yes, c->arg);
    free(c->question);
    free(c->typed);
    free(c);
}

static bool
is_way_out(const struct key *k)
{
    return k->code == K_ESC || (k->code == 'c' && k->mods == KEY_M_CTRL);
}

static bool
is_no(const struct key *k)
{
    return k->code == K_ENTER || k->code == 'n' || k->code == 'N' ||
           k->code == 'q';
}

/* Enter after the text: a wrong one is no, and is told as such. */
static void
finish_typed(struct confirm *c)
{
    bool yes = strcmp(c->ed.text, c->typed) == 0;

    if (!yes && c->ed.len > 0)
        ui_notice(c->ov.ui, EVENT_WARN, "'%s' is not '%s': nothing is done",
                  c->ed.text, c->typed);
    confirm_finish(c, yes);
}

static void
confirm_key(struct overlay *ov, const struct key *k)
{
    struct confirm *c = confirm_of(ov);
    uint64_t now = loop_now_ms(ui_loop(ov->ui));

    /* A question that came by itself must not take the y out of a word that
     * is being typed elsewhere: it listens after a pause. */
    if (c->unasked && now - c->quiet_ms < QUIET_MS) {
        c->quiet_ms = now;
        return;
    }
    c->unasked = false;
    if (is_way_out(k) || (c->typed == NULL && is_no(k)))
        confirm_finish(c, false);
    else if (c->typed != NULL && k->code == K_ENTER)
        finish_typed(c);
    else if (c->typed != NULL)
        edit_key(&c->ed, k);
    else if (k->mods == 0 && (k->code == 'y' || k->code == 'Y'))
        confirm_finish(c, true);
    /* any other key: neither yes nor no */
}

/* Breaks the question into lines of at most width columns. */
static void
confirm_wrap(struct box *b, const char *text, int width)
{
    while (*text != '\0' && b->n < LINES_MAX) {
        size_t n = strlen(text), cut;
        char *line = b->line[b->n++];

        if (n >= LINE_BYTES)
            n = text_cut(text, LINE_BYTES - 1);
        text_fmt(line, LINE_BYTES, "%.*s", (int)n, text);
        while (ui_text_cols(line) > width)
            line[text_cut(line, strlen(line) - 1)] = '\0';
        cut = strlen(line);
        if (text[cut] != '\0' && text[cut] != ' ') {
            char *space = strrchr(line, ' ');

            if (space != NULL && space > line)
                *space = '\0';
            cut = strlen(line);
        }
        if (cut == 0)
            cut = 1;
        text += cut;
        text += strspn(text, " ");
    }
}

static void
box_make(const struct confirm *c, const struct stage *st, struct box *b)
{
    int cols = st->cols - 4 < BOX_COLS ? st->cols - 4 : BOX_COLS;
    char text[128];

    *b = (struct box){ 0 };
    confirm_wrap(b, c->question, cols - 4);
    if (c->typed != NULL && b->n < LINES_MAX) {
        text_fmt(text, sizeof(text), "Type %s to confirm:", c->typed);
        text_fmt(b->line[b->n++], LINE_BYTES, "%s", text);
    }
    b->r = (struct rect){ 0, (st->cols - cols) / 2, b->n + 4, cols };
    if (b->r.rows > st->rows)
        b->r.rows = st->rows;
    b->r.y = (st->rows - b->r.rows) / 2;
}

static void
draw_answers(const struct confirm *c, const struct box *b, WINDOW *w)
{
    struct ui *ui = c->ov.ui;

    if (c->typed != NULL) {
        ui_role(ui, w, ROLE_PROMPT);
        edit_draw(&c->ed, w, b->n + 1, 2, b->r.cols - 4);
        ui_role(ui, w, ROLE_DIM);
        ui_text(w, b->n + 2, 2, b->r.cols - 4, "Enter accept  Esc cancel",
                false);
        return;
    }
    ui_role(ui, w, ROLE_KEY);
    ui_text(w, b->n + 2, 2, 2, "y", false);
    ui_text(w, b->n + 2, 9, 2, "n", false);
    ui_role(ui, w, ROLE_TEXT);
    ui_text(w, b->n + 2, 4, 4, "yes", false);
    ui_text(w, b->n + 2, 11, 14, "no (default)", false);
}

static void
confirm_draw(const struct overlay *ov, const struct stage *st)
{
    const struct confirm *c = confirm_const(ov);
    struct box b;
    WINDOW *w;
    int i;

    box_make(c, st, &b);
    w = ui_window(ov->ui, &b.r, ROLE_TEXT);
    if (w == NULL)
        return;
    ui_role(ov->ui, w, ROLE_WARN);
    box_draw(ov->ui, w);
    for (i = 0; i < b.n; i++)
        ui_text(w, i + 1, 2, b.r.cols - 4, b.line[i], false);
    draw_answers(c, &b, w);
    wnoutrefresh(w);
    delwin(w);
}

static bool
confirm_cursor(const struct overlay *ov, const struct stage *st, int *y, int *x)
{
    const struct confirm *c = confirm_const(ov);
    struct box b;

    if (c->typed == NULL)
        return false;
    box_make(c, st, &b);
    *y = b.r.y + b.n + 1;
    *x = b.r.x + 2 + edit_cursor(&c->ed, b.r.cols - 4);
    return true;
}

/* What was typed so far was meant for what lay above. */
static void
confirm_raised(struct overlay *ov)
{
    confirm_of(ov)->quiet_ms = loop_now_ms(ui_loop(ov->ui));
}

static void
confirm_cancel(struct overlay *ov)
{
    confirm_finish(confirm_of(ov), false);
}

static const struct overlay_ops confirm_ops = {
    .draw = confirm_draw,
    .key = confirm_key,
    .cursor = confirm_cursor,
    .raised = confirm_raised,
    .cancel = confirm_cancel,
};

static size_t
asked_count(const struct ui *ui)
{
    const struct overlay *ov;
    size_t n = 0;

    for (ov = overlay_top(ui); ov != NULL; ov = ov->below)
        n += ov->ops == &confirm_ops;
    return n;
}

void
ui_confirm(struct ui *ui, const char *question, const char *typed,
           confirm_cb done, void *arg)
{
    struct confirm *c;

    if (asked_count(ui) >= CONFIRM_MAX) {
        done(ui, false, arg);
        return;
    }
    c = xcalloc(1, sizeof(*c));
    c->ov.ops = &confirm_ops;
    c->done = done;
    c->arg = arg;
    c->unasked = !ui_in_key(ui) || overlay_find(ui, &confirm_ops) != NULL;
    c->quiet_ms = loop_now_ms(ui_loop(ui));
    c->question = xstrdup(question);
    c->typed = typed != NULL ? xstrdup(typed) : NULL;
    overlay_queue(ui, &c->ov);
}
