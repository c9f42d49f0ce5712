/*
 * form.c - a box of labelled fields: text or a choice of words. Which fields
 * there are may depend on the choice in the first one. What is wrong is told
 * in the box, which stays open.
 * Invariant: while one is open, at is a field that is shown; done is called
 * once with values NULL, or until it takes what was entered.
 */
#include <stdlib.h>
#include <string.h>

#include "src/base/xalloc.h"
#include "ui/app/ui_int.h"
#include "ui/pane/view.h"
#include "ui/widget/widget.h"

#define BOX_COLS   64
#define LABEL_COLS 11 /* the longest, and two */
#define HELP       "Tab next  Enter accept  Esc cancel"

/* The n-th of words separated by |; false: there are fewer. */
static bool
word_at(const char *words, size_t n, char *out, size_t out_size)
{
    size_t len;

    for (;; words += len + 1) {
        len = strcspn(words, "|");
        if (n-- == 0) {
            text_fmt(out, out_size, "%.*s", (int)len, words);
            return true;
        }
        if (words[len] == '\0')
            return false;
    }
}

static bool
has_word(const char *words, const char *word)
{
    char one[32];
    size_t i;

    for (i = 0; word_at(words, i, one, sizeof(one)); i++)
        if (strcmp(one, word) == 0)
            return true;
    return false;
}

static bool
field_shown(const struct form *f, size_t i)
{
    const char *only = f->fields[i].only;

    return only == NULL || has_word(only, f->ed[0].text);
}

static size_t
shown_count(const struct form *f)
{
    size_t i, n = 0;

    for (i = 0; i < f->n; i++)
        n += field_shown(f, i);
    return n;
}

void
ui_form(struct ui *ui, const struct form_spec *spec, form_cb done, void *arg)
{
    struct form *f = &ui->form;
    char first[32];
    size_t i;

    form_cancel(ui);
    prompt_cancel(ui);
    *f = (struct form){ .open = true, .done = done, .arg = arg };
    text_fmt(f->title, sizeof(f->title), "%s", spec->title);
    f->n = spec->n < FORM_FIELDS_MAX ? spec->n : FORM_FIELDS_MAX;
    f->fields = spec->fields;
    f->ed = xcalloc(f->n, sizeof(*f->ed));
    for (i = 0; i < f->n; i++)
        if (f->fields[i].choices != NULL &&
            word_at(f->fields[i].choices, 0, first, sizeof(first)))
            edit_set(&f->ed[i], first);
    ui_relayout(ui);
}

static void
form_close(struct ui *ui)
{
    struct form *f = &ui->form;

    free(f->ed);
    *f = (struct form){ 0 };
    ui_relayout(ui);
}

void
form_cancel(struct ui *ui)
{
    struct form *f = &ui->form;

    if (!f->open)
        return;
    f->done(ui, NULL, NULL, f->arg);
    form_close(ui);
}

/* Fields that are not shown have no value. */
static void
submit(struct ui *ui)
{
    struct form *f = &ui->form;
    const char *values[FORM_FIELDS_MAX];
    struct err e = { 0 };
    size_t i;

    for (i = 0; i < f->n; i++)
        values[i] = field_shown(f, i) ? f->ed[i].text : "";
    if (f->done(ui, values, &e, f->arg))
        form_close(ui);
    else
        text_fmt(f->problem, sizeof(f->problem), "%s", e.msg);
    ui_relayout(ui);
}

static void
step(struct form *f, size_t dir)
{
    do
        f->at = (f->at + dir) % f->n;
    while (!field_shown(f, f->at));
}

/* The next or previous word of a choice, or the one that begins with c. */
static void
choose(struct form *f, int dir, uint32_t c)
{
    const char *words = f->fields[f->at].choices;
    struct edit *ed = &f->ed[f->at];
    size_t i, n = 0, at = 0;
    char one[32];

    while (word_at(words, n, one, sizeof(one))) {
        if (strcmp(one, ed->text) == 0)
            at = n;
        n++;
    }
    for (i = 1; i <= n; i++) {
        size_t k = dir < 0 ? (at + n - i % n) % n : (at + i) % n;

        (void)word_at(words, k, one, sizeof(one));
        if (c == 0 || (unsigned char)one[0] == c) {
            edit_set(ed, one);
            return;
        }
    }
}

static bool
choice_key(struct form *f, const struct key *k)
{
    if (k->mods != 0)
        return false;
    if (k->code == K_RIGHT || k->code == ' ')
        choose(f, 1, 0);
    else if (k->code == K_LEFT)
        choose(f, -1, 0);
    else if (k->code > ' ' && k->code < 0x7f)
        choose(f, 1, k->code);
    else
        return false;
    return true;
}

void
form_key(struct ui *ui, const struct key *k)
{
    struct form *f = &ui->form;
    bool back =
        k->code == K_UP || (k->code == K_TAB && (k->mods & KEY_M_SHIFT) != 0);

    if (k->code == K_ESC || (k->code == 'c' && k->mods == KEY_M_CTRL)) {
        form_cancel(ui);
        return;
    }
    if (k->code == K_ENTER) {
        submit(ui);
        return;
    }
    if (back)
        step(f, f->n - 1);
    else if (k->code == K_TAB || k->code == K_DOWN)
        step(f, 1);
    else if (f->fields[f->at].choices != NULL ? choice_key(f, k)
                                              : edit_key(&f->ed[f->at], k)) {
        f->problem[0] = '\0'; /* it was of other values */
        ui_relayout(ui);      /* other fields, another size */
    }
    ui_mark(ui);
}

/* --- drawing --- */

/* The problem in lines of the box, with a blank one before them. */
static int
problem_rows(const struct form *f, int cols)
{
    const char *s = f->problem;
    int n = 0;

    for (; *s != '\0'; s += view_next(s, view_fit(s, cols, true)))
        n++;
    return n == 0 ? 0 : n + 1;
}

static struct rect
box_of(const struct form *f)
{
    int cols = COLS - 4 < BOX_COLS ? COLS - 4 : BOX_COLS;
    int rows = (int)shown_count(f) + problem_rows(f, cols - 4) + 4;

    if (rows > LINES)
        rows = LINES;
    return (struct rect){ (LINES - rows) / 2, (COLS - cols) / 2, rows, cols };
}

static void
draw_field(struct ui *ui, WINDOW *w, int y, size_t i)
{
    const struct form *f = &ui->form;
    int x = 2 + LABEL_COLS, width = getmaxx(w) - x - 2;
    enum role role = i == f->at ? ROLE_SELECTED : ROLE_TEXT;
    char shown[64];

    ui_role(ui, w, i == f->at ? ROLE_TITLE_FOCUS : ROLE_DIM);
    ui_text(w, y, 2, LABEL_COLS, f->fields[i].label, true);
    if (f->fields[i].choices != NULL) {
        text_fmt(shown, sizeof(shown), "< %s >",
                 f->ed[i].text[0] != '\0' ? f->ed[i].text : "-");
        ui_role(ui, w, role);
        ui_text(w, y, x, width, shown, false);
        return;
    }
    if (f->ed[i].len == 0 && i != f->at) {
        ui_role(ui, w, ROLE_DIM);
        ui_text(w, y, x, width,
                f->fields[i].hint != NULL ? f->fields[i].hint : "", true);
        return;
    }
    ui_role(ui, w, i == f->at ? ROLE_PROMPT : ROLE_TEXT);
    edit_draw(&f->ed[i], w, y, x, width);
}

static void
draw_problem(struct ui *ui, WINDOW *w, int y)
{
    const char *s = ui->form.problem;
    int cols = getmaxx(w) - 4;
    char line[BOX_COLS * 4];

    ui_role(ui, w, ROLE_ERROR);
    for (; *s != '\0' && y < getmaxy(w) - 2; y++) {
        size_t n = view_fit(s, cols, true);

        text_fmt(line, sizeof(line), "%.*s", (int)n, s);
        ui_text(w, y, 2, cols, line, false);
        s += view_next(s, n);
    }
}

void
form_draw(struct ui *ui)
{
    const struct form *f = &ui->form;
    struct rect r = box_of(f);
    WINDOW *w = newwin(r.rows, r.cols, r.y, r.x);
    char title[80];
    bool low;
    int y = 1;
    size_t i;

    if (w == NULL)
        return;
    leaveok(w, TRUE);
    ui_background(ui, w, ROLE_TEXT);
    werase(w);
    ui_role(ui, w, ROLE_BORDER_FOCUS);
    box_draw(ui, w);
    text_fmt(title, sizeof(title), " %s ", f->title);
    ui_role(ui, w, ROLE_TITLE_FOCUS);
    ui_text(w, 0, 2, r.cols - 4, title, false);
    for (i = 0; i < f->n; i++)
        if (field_shown(f, i) && y < r.rows - 1)
            draw_field(ui, w, y++, i);
    if (f->problem[0] != '\0' && y + 1 < r.rows - 2)
        draw_problem(ui, w, y + 1);
    /* Where there is no room for both the reason matters more. */
    low = f->problem[0] != '\0' && y + 1 >= r.rows - 2;
    ui_role(ui, w, low ? ROLE_ERROR : ROLE_DIM);
    ui_text(w, r.rows - 2, 2, r.cols - 4, low ? f->problem : HELP, true);
    wnoutrefresh(w);
    delwin(w);
}

bool
form_cursor(struct ui *ui, int *y, int *x)
{
    const struct form *f = &ui->form;
    struct rect r = box_of(f);
    int width = r.cols - LABEL_COLS - 4, cols;
    char head[EDIT_MAX];
    size_t i;

    if (f->fields[f->at].choices != NULL)
        return false;
    *y = r.y + 1;
    for (i = 0; i < f->at; i++)
        *y += field_shown(f, i);
    text_fmt(head, sizeof(head), "%.*s", (int)f->ed[f->at].at,
             f->ed[f->at].text);
    cols = ui_text_cols(head);
    *x = r.x + 2 + LABEL_COLS + (cols < width ? cols : width - 1);
    return *y < r.y + r.rows - 1;
}
