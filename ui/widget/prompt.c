/*
 * prompt.c - the line at the bottom that asks for a command, a search or a
 * filter: history, completion, cancelling.
 * Invariant: done is called exactly once for each ui_prompt.
 */
#include "ui/widget/prompt.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/buf.h"
#include "src/base/xalloc.h"
#include "src/command/command.h"
#include "ui/desk/overlay.h"
#include "ui/desk/paint.h"
#include "ui/draw/ui_text.h"
#include "ui/widget/candidates.h"
#include "ui/widget/edit.h"

#define PROMPT_KINDS   4
#define PROMPT_HISTORY 100

struct history {
    char *line[PROMPT_HISTORY];
    size_t n;
};

/* There is one a front end: its histories outlive each use. */
struct prompt {
    struct overlay ov;
    enum prompt_kind kind;
    struct edit ed;
    char kept[EDIT_MAX]; /* what was typed before Up */
    size_t back;         /* history lines up, 0: the own text */
    struct history history[PROMPT_KINDS];
    struct buf candidates;
    size_t n_candidates, chosen; /* chosen: of a repeated Tab */
    size_t word_at;              /* where the completed word begins */
    char note[256];              /* what is wrong with the text, "": nothing */
    prompt_cb done, changed;
    prompt_complete_cb complete; /* NULL: as for a command, or nothing */
    void *arg;
};

static struct prompt *
prompt_of(struct overlay *ov)
{
    return container_of(ov, struct prompt, ov);
}

static const char *const marks[PROMPT_KINDS] = {
    [PROMPT_COMMAND] = ":",
    [PROMPT_SEARCH] = "/",
    [PROMPT_FILTER] = "\\",
    [PROMPT_MARK] = "+",
};

static void
forget_candidates(struct prompt *p)
{
    buf_clear(&p->candidates);
    p->n_candidates = p->chosen = 0;
}

static void
history_add(struct history *h, const char *line)
{
    if (*line == '\0' || (h->n > 0 && strcmp(h->line[h->n - 1], line) == 0))
        return;
    if (h->n == PROMPT_HISTORY) {
        free(h->line[0]);
        memmove(h->line, h->line + 1, (--h->n) * sizeof(h->line[0]));
    }
    h->line[h->n++] = xstrdup(line);
}

/* Closed first: done may open another. */
static void
prompt_finish(struct prompt *p, bool ok)
{
    struct ui *ui = p->ov.ui;
    prompt_cb done = p->done;
    void *arg = p->arg;
    char *text = ok ? xstrdup(p->ed.text) : NULL;

    if (ok)
        history_add(&p->history[p->kind], p->ed.text);
    forget_candidates(p);
    p->note[0] = '\0';
    p->done = p->changed = NULL;
    overlay_remove(&p->ov);
    if (done != NULL)
        done(ui, text, arg);
    free(text);
}

static void
prompt_cancel(struct overlay *ov)
{
    prompt_finish(prompt_of(ov), false);
}

static void
history_step(struct prompt *p, int dir)
{
    const struct history *h = &p->history[p->kind];

    if ((dir > 0 && p->back >= h->n) || (dir < 0 && p->back == 0))
        return;
    if (p->back == 0)
        text_fmt(p->kept, sizeof(p->kept), "%s", p->ed.text);
    p->back = dir > 0 ? p->back + 1 : p->back - 1;
    edit_set(&p->ed, p->back == 0 ? p->kept : h->line[h->n - p->back]);
}

static void
put_word(struct prompt *p, const char *word, size_t n, bool space)
{
    if (p->word_at > p->ed.len)
        return;
    p->ed.text[p->word_at] = '\0';
    p->ed.len = p->ed.at = p->word_at;
    edit_insert(&p->ed, word, n);
    if (space && (n == 0 || strchr("/:>", word[n - 1]) == NULL))
        edit_insert(&p->ed, " ", 1);
}

/* Tab: as far as it is certain, then one candidate after the other. */
static void
prompt_complete(struct prompt *p, int dir)
{
    struct ui *ui = p->ov.ui;
    const char *s;
    size_t n;

    if ((p->kind != PROMPT_COMMAND && p->complete == NULL) ||
        p->ed.at != p->ed.len)
        return;
    if (p->n_candidates > 1) {
        if (p->chosen == 0)
            p->chosen = dir > 0 ? 1 : p->n_candidates;
        else
            p->chosen =
                (p->chosen - 1 + p->n_candidates + (size_t)(dir + 1) - 1) %
                    p->n_candidates +
                1;
        s = candidates_at(&p->candidates, p->chosen - 1, &n);
        put_word(p, s, n, false);
        return;
    }
    forget_candidates(p);
    p->word_at = p->complete != NULL
                     ? p->complete(p->ed.text, &p->candidates)
                     : cmd_complete(ui_session(ui), p->ed.text, &p->candidates);
    p->n_candidates = candidates_count(&p->candidates);
    if (p->n_candidates == 0)
        return;
    s = candidates_at(&p->candidates, 0, &n);
    n = p->n_candidates == 1 ? n : candidates_common(&p->candidates);
    if (p->n_candidates == 1 || n > p->ed.len - p->word_at)
        put_word(p, s, n, p->n_candidates == 1);
    if (p->n_candidates == 1)
        forget_candidates(p);
}

static bool
is_ctrl(const struct key *k, uint32_t c)
{
    return k->mods == KEY_M_CTRL && k->code == c;
}

static void
prompt_key(struct overlay *ov, const struct key *k)
{
    struct prompt *p = prompt_of(ov);

    if (k->code == K_TAB) {
        prompt_complete(p, k->mods & KEY_M_SHIFT ? -1 : 1);
        if (p->complete != NULL && p->changed != NULL)
            p->changed(ov->ui, p->ed.text, p->arg);
        ui_relayout(ov->ui);
        return;
    }
    if (p->n_candidates > 0) {
        bool chosen = p->chosen > 0;

        forget_candidates(p);
        ui_relayout(ov->ui);
        if (chosen && k->code == '/' && k->mods == 0 && p->ed.len > 0 &&
            p->ed.text[p->ed.len - 1] == '/')
            return; /* it goes into the folder that Tab has taken */
    }
    if (k->code == K_ENTER || is_ctrl(k, 'j')) {
        prompt_finish(p, true);
        return;
    }
    if (k->code == K_ESC || is_ctrl(k, 'c') || is_ctrl(k, 'g') ||
        (k->code == K_BACKSPACE && p->ed.len == 0)) {
        prompt_finish(p, false);
        return;
    }
    if (k->code == K_UP || is_ctrl(k, 'p'))
        history_step(p, 1);
    else if (k->code == K_DOWN || is_ctrl(k, 'n'))
        history_step(p, -1);
    else if (!edit_key(&p->ed, k))
        return;
    if (p->changed != NULL)
        p->changed(ov->ui, p->ed.text, p->arg);
}

/* --- drawing --- */

/* One candidate, whole, with room left to say that there are more; false: it
 * does not fit. */
static bool
draw_candidate(const struct prompt *p, WINDOW *w, size_t i, int *x)
{
    struct ui *ui = p->ov.ui;
    int cols = getmaxx(w), more = i + 1 < p->n_candidates ? 3 : 0;
    char word[EDIT_MAX];
    size_t n;
    const char *s = candidates_at(&p->candidates, i, &n);

    text_fmt(word, sizeof(word), "%.*s", (int)strcspn(s, "\n"), s);
    if (n < sizeof(word) && word[n] == '\t')
        word[n] = ' ';
    if (*x > 0 && *x + ui_text_cols(word) + more > cols)
        return false;
    ui_role(ui, w, i + 1 == p->chosen ? ROLE_SELECTED : ROLE_TEXT);
    *x += ui_text(w, 0, *x, cols - *x, word, false);
    ui_role(ui, w, ROLE_TEXT);
    *x += ui_text(w, 0, *x, cols - *x, "  ", false);
    return true;
}

/* Over the row beside the line. */
static void
draw_candidates(const struct prompt *p, WINDOW *w)
{
    struct ui *ui = p->ov.ui;
    size_t i, first = p->chosen > 1 ? p->chosen - 1 : 0; /* always seen */
    int x = 0, cols = getmaxx(w);

    for (i = first; i < p->n_candidates && draw_candidate(p, w, i, &x); i++)
        ;
    if (i < p->n_candidates) {
        ui_role(ui, w, ROLE_DIM);
        x += ui_text(w, 0, x, cols - x, ui_unicode(ui) ? "\u2026" : "~", false);
    }
    ui_role(ui, w, ROLE_TEXT);
    ui_text(w, 0, x, cols - x, "", true);
}

/* The row beside the line: candidates, or what is wrong. */
static void
draw_beside(const struct prompt *p, const struct rect *status)
{
    struct ui *ui = p->ov.ui;
    struct rect r = { status->y == 0 ? 1 : status->y - 1, 0, 1, status->cols };
    WINDOW *w;

    if ((p->n_candidates < 2 && p->note[0] == '\0') ||
        (w = ui_window(ui, &r, ROLE_TEXT)) == NULL)
        return;
    if (p->n_candidates > 1) {
        draw_candidates(p, w);
    } else {
        ui_role(ui, w, ROLE_WARN);
        ui_text_cut(ui, w, 0, 0, r.cols, p->note);
    }
    wnoutrefresh(w);
    delwin(w);
}

static void
prompt_draw(const struct overlay *ov, const struct stage *st)
{
    const struct prompt *p = (const struct prompt *)(const void *)ov;
    WINDOW *w = ui_window(ov->ui, &st->status, ROLE_TEXT);

    if (w == NULL)
        return;
    ui_role(ov->ui, w, ROLE_PROMPT);
    ui_text(w, 0, 0, 1, marks[p->kind], false);
    edit_draw(&p->ed, w, 0, 1, st->status.cols - 1);
    wnoutrefresh(w);
    delwin(w);
    draw_beside(p, &st->status);
}

static bool
prompt_cursor(const struct overlay *ov, const struct stage *st, int *y, int *x)
{
    const struct prompt *p = (const struct prompt *)(const void *)ov;

    *y = st->status.y;
    *x = 1 + edit_cursor(&p->ed, st->status.cols - 1);
    return true;
}

static const struct overlay_ops prompt_ops = {
    .where = OVERLAY_STATUS,
    .draw = prompt_draw,
    .key = prompt_key,
    .cursor = prompt_cursor,
    .cancel = prompt_cancel,
};

void
ui_prompt(struct ui *ui, enum prompt_kind kind, const char *initial,
          prompt_cb done, prompt_cb changed, void *arg)
{
    struct prompt *p = ui_part(ui, UI_PART_PROMPT, sizeof(*p));

    while (p->ov.ui != NULL) /* the done of one may open another */
        prompt_finish(p, false);
    p->ov.ops = &prompt_ops;
    p->kind = kind;
    p->back = 0;
    p->done = done;
    p->changed = changed;
    p->complete = NULL;
    p->arg = arg;
    edit_set(&p->ed, initial != NULL ? initial : "");
    overlay_push(ui, &p->ov);
}

void
ui_prompt_completes(struct ui *ui, prompt_complete_cb complete)
{
    struct prompt *p = ui_part(ui, UI_PART_PROMPT, sizeof(*p));

    p->complete = complete;
}

void
ui_prompt_note(struct ui *ui, const char *text)
{
    struct prompt *p = ui_part(ui, UI_PART_PROMPT, sizeof(*p));

    if (p->ov.ui == NULL || strcmp(p->note, text) == 0)
        return;
    text_fmt(p->note, sizeof(p->note), "%s", text);
    ui_relayout(ui); /* it covers a row */
}

void
prompt_fini(struct ui *ui)
{
    struct prompt *p = ui_part(ui, UI_PART_PROMPT, sizeof(*p));
    size_t i, k;

    for (k = 0; k < PROMPT_KINDS; k++)
        for (i = 0; i < p->history[k].n; i++)
            free(p->history[k].line[i]);
    buf_free(&p->candidates);
    ui_part_free(ui, UI_PART_PROMPT);
}
