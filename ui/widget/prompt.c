/*
 * prompt.c - the line at the bottom that asks for a command, a search or a
 * filter: history, completion, cancelling.
 * Invariant: done is called exactly once for each ui_prompt.
 */
#include <stdlib.h>
#include <string.h>

#include "src/base/xalloc.h"
#include "ui/app/ui_int.h"
#include "ui/widget/widget.h"

static const char *const marks[PROMPT_KINDS] = {
    [PROMPT_COMMAND] = ":",
    [PROMPT_SEARCH] = "/",
    [PROMPT_FILTER] = "\\",
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
finish(struct ui *ui, bool ok)
{
    struct prompt *p = &ui->prompt;
    prompt_cb done = p->done;
    void *arg = p->arg;
    char *text = ok ? xstrdup(p->ed.text) : NULL;

    p->open = false;
    p->done = p->changed = NULL;
    if (ok)
        history_add(&p->history[p->kind], p->ed.text);
    forget_candidates(p);
    ui_relayout(ui);
    if (done != NULL)
        done(ui, text, arg);
    free(text);
}

void
prompt_cancel(struct ui *ui)
{
    if (ui->prompt.open)
        finish(ui, false);
}

void
ui_prompt(struct ui *ui, enum prompt_kind kind, const char *initial,
          prompt_cb done, prompt_cb changed, void *arg)
{
    struct prompt *p = &ui->prompt;

    prompt_cancel(ui);
    p->open = true;
    p->kind = kind;
    p->back = 0;
    p->done = done;
    p->changed = changed;
    p->arg = arg;
    edit_set(&p->ed, initial != NULL ? initial : "");
    ui_mark(ui);
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

/* The i-th candidate line; its length in *n. */
static const char *
candidate(const struct prompt *p, size_t i, size_t *n)
{
    const char *s = buf_text(&p->candidates);

    while (i-- > 0 && (s = strchr(s, '\n')) != NULL)
        s++;
    if (s == NULL)
        s = "";
    *n = strcspn(s, "\n");
    return s;
}

/* Bytes that all candidates begin with. */
static size_t
common(const struct prompt *p)
{
    size_t i, n, len, k;
    const char *first = candidate(p, 0, &n), *s;

    for (i = 1; i < p->n_candidates; i++) {
        s = candidate(p, i, &len);
        for (k = 0; k < n && k < len && s[k] == first[k]; k++)
            ;
        n = k;
    }
    return text_cut(first, n);
}

static void
put_word(struct prompt *p, const char *word, size_t n, bool space)
{
    if (p->word_at > p->ed.len)
        return;
    p->ed.text[p->word_at] = '\0';
    p->ed.len = p->ed.at = p->word_at;
    edit_insert(&p->ed, word, n);
    if (space && (n == 0 || word[n - 1] != '/'))
        edit_insert(&p->ed, " ", 1);
}

/* Tab: as far as it is certain, then one candidate after the other. */
static void
complete(struct ui *ui, int dir)
{
    struct prompt *p = &ui->prompt;
    const char *s;
    size_t n, i;

    if (p->kind != PROMPT_COMMAND || p->ed.at != p->ed.len)
        return;
    if (p->n_candidates > 1) {
        if (p->chosen == 0)
            p->chosen = dir > 0 ? 1 : p->n_candidates;
        else
            p->chosen =
                (p->chosen - 1 + p->n_candidates + (size_t)(dir + 1) - 1) %
                    p->n_candidates +
                1;
        s = candidate(p, p->chosen - 1, &n);
        put_word(p, s, n, false);
        return;
    }
    forget_candidates(p);
    p->word_at = cmd_complete(ui->ses, p->ed.text, &p->candidates);
    for (i = 0; i < p->candidates.len; i++)
        p->n_candidates += p->candidates.data[i] == '\n';
    if (p->candidates.len > 0 && p->candidates.data[i - 1] != '\n')
        p->n_candidates++;
    if (p->n_candidates == 0)
        return;
    s = candidate(p, 0, &n);
    n = p->n_candidates == 1 ? n : common(p);
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

void
prompt_key(struct ui *ui, const struct key *k)
{
    struct prompt *p = &ui->prompt;

    if (k->code == K_TAB) {
        complete(ui, k->mods & KEY_M_SHIFT ? -1 : 1);
        ui_relayout(ui);
        return;
    }
    if (p->n_candidates > 0) {
        forget_candidates(p);
        ui_relayout(ui);
    }
    if (k->code == K_ENTER || is_ctrl(k, 'j')) {
        finish(ui, true);
        return;
    }
    if (k->code == K_ESC || is_ctrl(k, 'c') || is_ctrl(k, 'g') ||
        (k->code == K_BACKSPACE && p->ed.len == 0)) {
        finish(ui, false);
        return;
    }
    if (k->code == K_UP || is_ctrl(k, 'p'))
        history_step(p, 1);
    else if (k->code == K_DOWN || is_ctrl(k, 'n'))
        history_step(p, -1);
    else if (!edit_key(&p->ed, k))
        return;
    if (p->changed != NULL)
        p->changed(ui, p->ed.text, p->arg);
}

int
prompt_draw(struct ui *ui, WINDOW *w)
{
    const struct prompt *p = &ui->prompt;

    ui_role(ui, w, ROLE_PROMPT);
    ui_text(w, 0, 0, 1, marks[p->kind], false);
    return edit_draw(&p->ed, w, 0, 1, getmaxx(w) - 1);
}

/* One candidate, whole, with room left to say that there are more; false: it
 * does not fit. */
static bool
draw_candidate(struct ui *ui, size_t i, int *x)
{
    struct prompt *p = &ui->prompt;
    int cols = getmaxx(p->w_list), more = i + 1 < p->n_candidates ? 3 : 0;
    char word[EDIT_MAX];
    size_t n;
    const char *s = candidate(p, i, &n);

    text_fmt(word, sizeof(word), "%.*s", (int)n, s);
    if (*x > 0 && *x + ui_text_cols(word) + more > cols)
        return false;
    ui_role(ui, p->w_list, i + 1 == p->chosen ? ROLE_SELECTED : ROLE_TEXT);
    *x += ui_text(p->w_list, 0, *x, cols - *x, word, false);
    ui_role(ui, p->w_list, ROLE_TEXT);
    *x += ui_text(p->w_list, 0, *x, cols - *x, "  ", false);
    return true;
}

void
prompt_draw_candidates(struct ui *ui)
{
    struct prompt *p = &ui->prompt;
    int y = ui->lay.status.y, x = 0, cols = ui->lay.status.cols;
    size_t i, first = 0;

    if (p->n_candidates < 2)
        return;
    y = y == 0 ? 1 : y - 1;
    if (p->w_list == NULL)
        p->w_list = newwin(1, cols, y, 0);
    if (p->w_list == NULL)
        return;
    leaveok(p->w_list, TRUE);
    touchwin(p->w_list);
    if (p->chosen > 1) /* what was just chosen is always seen */
        first = p->chosen - 1;
    for (i = first; i < p->n_candidates && draw_candidate(ui, i, &x); i++)
        ;
    if (i < p->n_candidates) {
        ui_role(ui, p->w_list, ROLE_DIM);
        x += ui_text(p->w_list, 0, x, cols - x, ui->unicode ? "\u2026" : "~",
                     false);
    }
    ui_role(ui, p->w_list, ROLE_TEXT);
    ui_text(p->w_list, 0, x, cols - x, "", true);
    wnoutrefresh(p->w_list);
}

void
prompt_fini(struct ui *ui)
{
    struct prompt *p = &ui->prompt;
    size_t i, k;

    prompt_cancel(ui);
    for (k = 0; k < PROMPT_KINDS; k++)
        for (i = 0; i < p->history[k].n; i++)
            free(p->history[k].line[i]);
    buf_free(&p->candidates);
}
