/*
 * form.c - a box of labelled fields: text or a choice of words. Which fields
 * there are may depend on the choice in the first one. What is wrong is told
 * in the box, which stays open.
 * Invariant: while one is open, at is a field that is shown; done is called
 * until it takes what was entered, or once with values NULL.
 */
#include <stdlib.h>
#include <string.h>

#include "src/base/xalloc.h"
#include "ui/desk/overlay.h"
#include "ui/desk/paint.h"
#include "ui/draw/ui_text.h"
#include "ui/widget/candidates.h"
#include "ui/widget/dialog.h"
#include "ui/widget/edit.h"

#define BOX_COLS   64
#define LABEL_COLS 11 /* the longest, and two */
#define FOOT_ROWS  5
#define HELP       "Tab next  Enter accept  Esc cancel"

struct form {
    struct overlay ov;
    char title[64];
    const struct form_field *fields;
    struct edit *ed; /* one a field; of a choice: its word */
    size_t n, at;
    char problem[ERR_MSG_MAX]; /* what is wrong with what was entered */
    struct buf offered;        /* what Tab could not decide between */
    struct buf preview;        /* of what is entered */
    void (*complete)(struct ui *ui, size_t field, const char *value,
                     struct buf *out, void *arg);
    void (*show)(struct ui *ui, const char *const *values, struct buf *out,
                 void *arg);
    bool telling; /* done is being called */
    form_cb done;
    void *arg;
};

static struct form *
form_of(struct overlay *ov)
{
    return container_of(ov, struct form, ov);
}

static const struct form *
form_const(const struct overlay *ov)
{
    return (const struct form *)(const void *)ov; /* first member */
}

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
form_has_word(const char *words, const char *word)
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

    return only == NULL || form_has_word(only, f->ed[0].text);
}

static size_t
shown_count(const struct form *f)
{
    size_t i, n = 0;

    for (i = 0; i < f->n; i++)
        n += field_shown(f, i);
    return n;
}

static void
form_free(struct form *f)
{
    buf_free(&f->offered);
    buf_free(&f->preview);
    free(f->ed);
    free(f);
}

static void
form_cancel(struct overlay *ov)
{
    struct form *f = form_of(ov);
    struct ui *ui = ov->ui;

    overlay_remove(ov);
    if (f->telling) /* submit frees it */
        return;
    f->done(ui, NULL, NULL, f->arg);
    form_free(f);
}

/* Fields that are not shown have no value. */
static void
form_values(const struct form *f, const char *values[FORM_FIELDS_MAX])
{
    size_t i;

    for (i = 0; i < f->n; i++)
        values[i] = field_shown(f, i) ? f->ed[i].text : "";
}

/* Something was entered: what stood beside the old values goes. */
static void
form_changed(struct form *f)
{
    const char *values[FORM_FIELDS_MAX];

    f->problem[0] = '\0';
    buf_clear(&f->offered);
    buf_clear(&f->preview);
    if (f->show == NULL)
        return;
    form_values(f, values);
    f->show(f->ov.ui, values, &f->preview, f->arg);
}

/* done may open what it likes, and
 * may end the front end. */
static void
submit(struct form *f)
{
    struct ui *ui = f->ov.ui;
    const char *values[FORM_FIELDS_MAX];
    struct err e = { 0 };
    bool taken;

    form_values(f, values);
    f->telling = true;
    taken = f->done(ui, values, &e, f->arg);
    f->telling = false;
    if (!taken && f->ov.ui != NULL) {
        text_fmt(f->problem, sizeof(f->problem), "%s", e.msg);
        ui_relayout(ui);
        return;
    }
    overlay_remove(&f->ov);
    if (!taken) /* cancelled meanwhile */
        f->done(ui, NULL, NULL, f->arg);
    form_free(f);
}

static void
form_step(struct form *f, size_t dir)
{
    do
        f->at = (f->at + dir) % f->n;
    while (!field_shown(f, f->at));
}

/* The next or previous word of a choice, or the one that begins with c. */
static void
form_choose(struct form *f, int dir, uint32_t c)
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
        form_choose(f, 1, 0);
    else if (k->code == K_LEFT)
        form_choose(f, -1, 0);
    else if (k->code > ' ' && k->code < 0x7f)
        form_choose(f, 1, k->code);
    else
        return false;
    return true;
}

/* Tab in a text: as far as it is certain. False: there is nothing to add. */
static bool
form_complete(struct form *f)
{
    struct edit *ed = &f->ed[f->at];
    const char *first;
    char whole[EDIT_MAX];
    size_t n;

    if (f->complete == NULL || f->fields[f->at].choices != NULL ||
        ed->at != ed->len || ed->len == 0)
        return false;
    buf_clear(&f->offered);
    f->complete(f->ov.ui, f->at, ed->text, &f->offered, f->arg);
    if (f->offered.len == 0)
        return false;
    (void)candidates_at(&f->offered, 0, &n);
    n = candidates_common(&f->offered);
    first = candidates_at(&f->offered, 0, &(size_t){ 0 });
    if (n <= ed->len)
        return ed->len > 0 && ed->text[ed->len - 1] == '/';
    text_fmt(whole, sizeof(whole), "%.*s", (int)n, first);
    edit_set(ed, whole);
    if (candidates_count(&f->offered) == 1)
        form_changed(f);
    return true;
}

static void
form_key(struct overlay *ov, const struct key *k)
{
    struct form *f = form_of(ov);
    bool back =
        k->code == K_UP || (k->code == K_TAB && (k->mods & KEY_M_SHIFT) != 0);

    if (k->code == K_ESC || (k->code == 'c' && k->mods == KEY_M_CTRL)) {
        form_cancel(ov);
        return;
    }
    if (k->code == K_ENTER) {
        submit(f);
        return;
    }
    if (k->code == K_TAB && k->mods == 0 && form_complete(f)) {
        ui_relayout(ov->ui);
        return;
    }
    if (k->code == K_TAB || k->code == K_UP || k->code == K_DOWN) {
        buf_clear(&f->offered);
        ui_relayout(ov->ui); /* another help, other rows */
    }
    if (back)
        form_step(f, f->n - 1);
    else if (k->code == K_TAB || k->code == K_DOWN)
        form_step(f, 1);
    else if (f->fields[f->at].choices != NULL ? choice_key(f, k)
                                              : edit_key(&f->ed[f->at], k)) {
        form_changed(f);
        ui_relayout(ov->ui); /* other fields, another size */
    }
    ui_mark(ov->ui);
}

/* --- drawing --- */

/* What stands under the fields, of which there is one at a time: a problem,
 * what Tab offers, or the preview. */
static const char *
form_foot(const struct form *f, enum role *role_out)
{
    *role_out = f->problem[0] != '\0' ? ROLE_ERROR : ROLE_DIM;
    if (f->problem[0] != '\0')
        return f->problem;
    return f->offered.len > 0 ? buf_text(&f->offered) : buf_text(&f->preview);
}

/* The next line of at most cols columns; returns its bytes, *next_out is where
 * the one behind it begins. */
static size_t
foot_line(const char *s, int cols, const char **next_out)
{
    size_t n = ui_text_fit(s, cols, true), nl = strcspn(s, "\n");

    if (nl <= n) {
        *next_out = s + nl + (s[nl] == '\n');
        return nl;
    }
    *next_out = s + ui_text_next(s, n);
    return n;
}

/* The foot in lines of the box, with a blank one before them. */
static int
foot_rows(const struct form *f, int cols)
{
    enum role role;
    const char *s = form_foot(f, &role);
    int n = 0;

    for (; *s != '\0' && n < FOOT_ROWS; n++)
        (void)foot_line(s, cols, &s);
    return n == 0 ? 0 : n + 1;
}

static struct rect
box_of(const struct form *f, const struct stage *st)
{
    int cols = st->cols - 4 < BOX_COLS ? st->cols - 4 : BOX_COLS;
    int rows = (int)shown_count(f) + foot_rows(f, cols - 4) + 4;

    if (rows > st->rows)
        rows = st->rows;
    return (struct rect){ (st->rows - rows) / 2, (st->cols - cols) / 2, rows,
                          cols };
}

static void
draw_field(const struct form *f, WINDOW *w, int y, size_t i)
{
    struct ui *ui = f->ov.ui;
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
    if (f->ed[i].len == 0) {
        ui_role(ui, w, ROLE_DIM);
        ui_text(w, y, x, width,
                f->fields[i].hint != NULL ? f->fields[i].hint : "", true);
        return;
    }
    ui_role(ui, w, i == f->at ? ROLE_PROMPT : ROLE_TEXT);
    edit_draw(&f->ed[i], w, y, x, width);
}

static void
draw_foot(const struct form *f, WINDOW *w, int y)
{
    enum role role;
    const char *s = form_foot(f, &role), *at;
    int cols = getmaxx(w) - 4, n;
    char line[BOX_COLS * 4];

    ui_role(f->ov.ui, w, role);
    for (n = 0; *s != '\0' && n < FOOT_ROWS && y + n < getmaxy(w) - 2; n++) {
        at = s;
        text_fmt(line, sizeof(line), "%.*s", (int)foot_line(at, cols, &s), at);
        ui_text(w, y + n, 2, cols, line, false);
    }
}

static void
form_draw(const struct overlay *ov, const struct stage *st)
{
    const struct form *f = form_const(ov);
    struct ui *ui = ov->ui;
    struct rect r = box_of(f, st);
    WINDOW *w = ui_window(ui, &r, ROLE_TEXT);
    char title[80];
    bool low;
    int y = 1;
    size_t i;

    if (w == NULL)
        return;
    ui_role(ui, w, ROLE_BORDER_FOCUS);
    box_draw(ui, w);
    text_fmt(title, sizeof(title), " %s ", f->title);
    ui_role(ui, w, ROLE_TITLE_FOCUS);
    ui_text(w, 0, 2, r.cols - 4, title, false);
    for (i = 0; i < f->n; i++)
        if (field_shown(f, i) && y < r.rows - 1)
            draw_field(f, w, y++, i);
    if (y + 1 < r.rows - 2)
        draw_foot(f, w, y + 1);
    /* Where there is no room for both the reason matters more. */
    low = f->problem[0] != '\0' && y + 1 >= r.rows - 2;
    ui_role(ui, w, low ? ROLE_ERROR : ROLE_DIM);
    ui_text(w, r.rows - 2, 2, r.cols - 4,
            low                             ? f->problem
            : f->fields[f->at].help != NULL ? f->fields[f->at].help
                                            : HELP,
            true);
    wnoutrefresh(w);
    delwin(w);
}

static bool
form_cursor(const struct overlay *ov, const struct stage *st, int *y, int *x)
{
    const struct form *f = form_const(ov);
    struct rect r = box_of(f, st);
    size_t i;

    if (f->fields[f->at].choices != NULL)
        return false;
    *y = r.y + 1;
    for (i = 0; i < f->at; i++)
        *y += field_shown(f, i);
    *x = r.x + 2 + LABEL_COLS +
         edit_cursor(&f->ed[f->at], r.cols - LABEL_COLS - 4);
    return *y < r.y + r.rows - 1;
}

static const struct overlay_ops form_ops = {
    .draw = form_draw,
    .key = form_key,
    .cursor = form_cursor,
    .cancel = form_cancel,
};

void
ui_form(struct ui *ui, const struct form_spec *spec, form_cb done, void *arg)
{
    struct form *f = xcalloc(1, sizeof(*f));
    char first[32];
    size_t i;

    f->ov.ops = &form_ops;
    f->done = done;
    f->arg = arg;
    text_fmt(f->title, sizeof(f->title), "%s", spec->title);
    f->n = spec->n < FORM_FIELDS_MAX ? spec->n : FORM_FIELDS_MAX;
    f->fields = spec->fields;
    f->ed = xcalloc(f->n, sizeof(*f->ed));
    f->complete = spec->complete;
    f->show = spec->preview;
    for (i = 0; i < f->n; i++)
        if (f->fields[i].initial != NULL)
            edit_set(&f->ed[i], f->fields[i].initial);
        else if (f->fields[i].choices != NULL &&
                 word_at(f->fields[i].choices, 0, first, sizeof(first)))
            edit_set(&f->ed[i], first);
    f->ov.ui = ui;
    form_changed(f);
    overlay_push(ui, &f->ov); /* while all ends it is cancelled at once */
}
