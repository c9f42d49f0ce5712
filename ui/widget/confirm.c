/*
 * confirm.c - a question in a box: y or n, no by default, or a text to type.
 * Questions that come while one is shown wait for their turn.
 * Invariant: done is called exactly once for each ui_confirm.
 */
#include <stdlib.h>
#include <string.h>

#include "src/base/xalloc.h"
#include "ui/app/ui_int.h"
#include "ui/widget/widget.h"

#define BOX_COLS   72 /* the longest name fits on a line */
#define QUIET_MS   700
#define LINES_MAX  8
#define LINE_BYTES (BOX_COLS * 4)

struct box {
    struct rect r;
    char line[LINES_MAX][LINE_BYTES];
    int n;
};

void
ui_confirm(struct ui *ui, const char *question, const char *typed,
           confirm_cb done, void *arg)
{
    struct confirm *c;

    if (ui->n_confirms == UI_CONFIRM_MAX) {
        done(ui, false, arg);
        return;
    }
    c = &ui->confirms[ui->n_confirms++];
    *c = (struct confirm){ .done = done, .arg = arg };
    c->unasked = !ui->in_key || ui->n_confirms > 1;
    c->quiet_ms = loop_now_ms(ui->lp);
    c->question = xstrdup(question);
    c->typed = typed != NULL ? xstrdup(typed) : NULL;
    ui_mark(ui);
}

/* Taken off first: done may ask another. */
static void
finish(struct ui *ui, bool yes)
{
    struct confirm c = ui->confirms[0];

    ui->n_confirms--;
    memmove(ui->confirms, ui->confirms + 1,
            ui->n_confirms * sizeof(ui->confirms[0]));
    ui->confirms[0].quiet_ms = loop_now_ms(ui->lp);
    ui_relayout(ui);
    c.done(ui, yes, c.arg);
    free(c.question);
    free(c.typed);
}

void
confirm_fini(struct ui *ui)
{
    while (ui->n_confirms > 0)
        finish(ui, false);
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
finish_typed(struct ui *ui)
{
    const struct confirm *c = &ui->confirms[0];
    bool yes = strcmp(c->ed.text, c->typed) == 0;

    if (!yes && c->ed.len > 0)
        ui_notice(ui, EVENT_WARN, "'%s' is not '%s': nothing is done",
                  c->ed.text, c->typed);
    finish(ui, yes);
}

void
confirm_key(struct ui *ui, const struct key *k)
{
    struct confirm *c = &ui->confirms[0];
    uint64_t now = loop_now_ms(ui->lp);

    /* A question that came by itself must not take the y out of a word that
     * is being typed elsewhere: it listens after a pause. */
    if (c->unasked && now - c->quiet_ms < QUIET_MS) {
        c->quiet_ms = now;
        return;
    }
    c->unasked = false;
    if (is_way_out(k) || (c->typed == NULL && is_no(k)))
        finish(ui, false);
    else if (c->typed != NULL && k->code == K_ENTER)
        finish_typed(ui);
    else if (c->typed != NULL)
        edit_key(&c->ed, k);
    else if (k->mods == 0 && (k->code == 'y' || k->code == 'Y'))
        finish(ui, true);
    /* any other key: neither yes nor no */
}

/* Breaks the question into lines of at most width columns. */
static void
wrap(struct box *b, const char *text, int width)
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
box_make(struct ui *ui, struct box *b)
{
    const struct confirm *c = &ui->confirms[0];
    int cols = COLS - 4 < BOX_COLS ? COLS - 4 : BOX_COLS;
    char text[128];

    *b = (struct box){ 0 };
    wrap(b, c->question, cols - 4);
    if (c->typed != NULL && b->n < LINES_MAX) {
        text_fmt(text, sizeof(text), "Type %s to confirm:", c->typed);
        text_fmt(b->line[b->n++], LINE_BYTES, "%s", text);
    }
    b->r = (struct rect){ 0, (COLS - cols) / 2, b->n + 4, cols };
    if (b->r.rows > LINES)
        b->r.rows = LINES;
    b->r.y = (LINES - b->r.rows) / 2;
}

void
box_draw(struct ui *ui, WINDOW *w)
{
    int y, rows = getmaxy(w), cols = getmaxx(w);
    const char *const *c;
    static const char *const uni[] = { "\u250c", "\u2510", "\u2514", "\u2518",
                                       "\u2502" };
    static const char *const ascii[] = { "+", "+", "+", "+", "|" };

    c = ui->unicode ? uni : ascii;
    ui_hline(ui, w, 0, 1, cols - 2);
    ui_hline(ui, w, rows - 1, 1, cols - 2);
    for (y = 1; y < rows - 1; y++) {
        ui_text(w, y, 0, 1, c[4], false);
        ui_text(w, y, cols - 1, 1, c[4], false);
    }
    ui_text(w, 0, 0, 1, c[0], false);
    ui_text(w, 0, cols - 1, 1, c[1], false);
    ui_text(w, rows - 1, 0, 1, c[2], false);
    ui_text(w, rows - 1, cols - 1, 1, c[3], false);
}

void
confirm_draw(struct ui *ui)
{
    const struct confirm *c = &ui->confirms[0];
    struct box b;
    WINDOW *w;
    int i;

    box_make(ui, &b);
    w = newwin(b.r.rows, b.r.cols, b.r.y, b.r.x);
    if (w == NULL)
        return;
    leaveok(w, TRUE);
    ui_background(ui, w, ROLE_TEXT);
    werase(w);
    ui_role(ui, w, ROLE_WARN);
    box_draw(ui, w);
    for (i = 0; i < b.n; i++)
        ui_text(w, i + 1, 2, b.r.cols - 4, b.line[i], false);
    if (c->typed != NULL) {
        ui_role(ui, w, ROLE_PROMPT);
        edit_draw(&c->ed, w, b.n + 1, 2, b.r.cols - 4);
        ui_role(ui, w, ROLE_DIM);
        ui_text(w, b.n + 2, 2, b.r.cols - 4, "Enter accept  Esc cancel", false);
    } else {
        ui_role(ui, w, ROLE_KEY);
        ui_text(w, b.n + 2, 2, 2, "y", false);
        ui_text(w, b.n + 2, 9, 2, "n", false);
        ui_role(ui, w, ROLE_TEXT);
        ui_text(w, b.n + 2, 4, 4, "yes", false);
        ui_text(w, b.n + 2, 11, 14, "no (default)", false);
    }
    wnoutrefresh(w);
    delwin(w);
}

bool
confirm_cursor(struct ui *ui, int *y, int *x)
{
    const struct confirm *c = &ui->confirms[0];
    char head[EDIT_MAX];
    struct box b;
    int cols;

    if (c->typed == NULL)
        return false;
    box_make(ui, &b);
    text_fmt(head, sizeof(head), "%.*s", (int)c->ed.at, c->ed.text);
    cols = ui_text_cols(head);
    *y = b.r.y + b.n + 1;
    *x = b.r.x + 2 + (cols < b.r.cols - 5 ? cols : b.r.cols - 5);
    return true;
}
