/*
 * pager.c - longer text over the main area, to be scrolled and searched. Lines
 * that are wider than the screen are moved sideways, for many are tables.
 */
#include <stdlib.h>
#include <string.h>

#include "src/base/xalloc.h"
#include "ui/app/ui_int.h"
#include "ui/pane/view.h"
#include "ui/widget/widget.h"

static size_t
max_top(const struct pager *pg)
{
    size_t rows = pg->rows > 0 ? (size_t)pg->rows : 1;

    return pg->n > rows ? pg->n - rows : 0;
}

void
pager_close(struct ui *ui)
{
    struct pager *pg = &ui->pager;

    if (!pg->open)
        return;
    free(pg->text);
    free(pg->line);
    pg->text = NULL;
    pg->line = NULL;
    pg->open = false;
    ui_relayout(ui);
}

void
ui_pager(struct ui *ui, const char *title, const char *text)
{
    struct pager *pg = &ui->pager;
    char *s, *next;
    int cols;

    pager_close(ui);
    pg->open = true;
    pg->n = pg->top = 0;
    pg->widest = pg->left = 0;
    pg->search[0] = '\0';
    text_safe(pg->title, sizeof(pg->title), title, strlen(title));
    pg->text = xstrdup(text);
    for (s = pg->text; s != NULL; s = next) {
        next = strchr(s, '\n');
        if (next != NULL)
            *next++ = '\0';
        if (next == NULL && *s == '\0' && pg->n > 0)
            break; /* the last line's own end */
        pg->line = xrealloc(pg->line, pg->n + 1, sizeof(*pg->line));
        pg->line[pg->n++] = s;
        cols = ui_text_cols(s);
        pg->widest = cols > pg->widest ? cols : pg->widest;
    }
    ui_relayout(ui);
}

void
pager_scroll(struct ui *ui, long lines)
{
    struct pager *pg = &ui->pager;
    size_t max = max_top(pg), n = (size_t)(lines < 0 ? -lines : lines);

    if (lines < 0)
        pg->top = pg->top > n ? pg->top - n : 0;
    else
        pg->top = n > max || pg->top > max - n ? max : pg->top + n;
    ui_mark(ui);
}

/* Columns that the widest line has too many. */
static int
max_left(const struct pager *pg)
{
    return pg->widest > COLS ? pg->widest - COLS : 0;
}

static void
sideways(struct ui *ui, int dir)
{
    struct pager *pg = &ui->pager;
    int max = max_left(pg), left = pg->left + dir * (COLS / 2);

    pg->left = left < 0 ? 0 : left > max ? max : left;
    ui_mark(ui);
}

/* The next line from line `from` on that has the text. */
static bool
find(struct ui *ui, size_t from, int dir)
{
    struct pager *pg = &ui->pager;
    size_t i, at = from;

    if (pg->search[0] == '\0')
        return false;
    for (i = 0; i < pg->n; i++) {
        if (strcasestr(pg->line[at % pg->n], pg->search) != NULL) {
            pg->top = at % pg->n;
            if (pg->top > max_top(pg))
                pg->top = max_top(pg);
            ui_mark(ui);
            return true;
        }
        at = dir > 0 ? at + 1 : at + pg->n - 1;
    }
    return false;
}

static void
searched(struct ui *ui, const char *text, void *arg)
{
    struct pager *pg = &ui->pager;

    (void)arg;
    if (text == NULL || !pg->open)
        return;
    text_fmt(pg->search, sizeof(pg->search), "%s", text);
    if (!find(ui, pg->top, 1))
        ui_notice(ui, EVENT_WARN, "not found: %s", text);
}

static void
find_next(struct ui *ui, int dir)
{
    struct pager *pg = &ui->pager;
    size_t from = dir > 0 ? pg->top + 1 : pg->top + pg->n - 1;

    if (!find(ui, from, dir))
        ui_notice(ui, EVENT_WARN, "not found: %s", pg->search);
}

void
pager_key(struct ui *ui, const struct key *k)
{
    long page = ui->pager.rows > 1 ? ui->pager.rows - 1 : 1;

    if (k->mods == KEY_M_CTRL) {
        if (k->code == 'c')
            pager_close(ui);
        else if (k->code == 'd' || k->code == 'u')
            pager_scroll(ui, k->code == 'd' ? page / 2 : -page / 2);
        else if (k->code == 'l')
            ui_redraw(ui);
        return;
    }
    switch (k->code) {
    case 'q':
    case K_ESC:
        pager_close(ui);
        break;
    case K_UP:
    case 'k':
        pager_scroll(ui, -1);
        break;
    case K_DOWN:
    case 'j':
    case K_ENTER:
        pager_scroll(ui, 1);
        break;
    case K_LEFT:
    case K_RIGHT:
        sideways(ui, k->code == K_LEFT ? -1 : 1);
        break;
    case K_PGUP:
    case 'b':
        pager_scroll(ui, -page);
        break;
    case K_PGDN:
    case ' ':
        pager_scroll(ui, page);
        break;
    case K_HOME:
    case 'g':
        ui->pager.top = 0;
        break;
    case K_END:
    case 'G':
        ui->pager.top = max_top(&ui->pager);
        break;
    case '/':
        ui_prompt(ui, PROMPT_SEARCH, "", searched, NULL, NULL);
        break;
    case 'n':
    case 'N':
        find_next(ui, k->code == 'n' ? 1 : -1);
        break;
    default:
        break;
    }
}

static void
draw_lines(struct ui *ui, WINDOW *w)
{
    const struct pager *pg = &ui->pager;
    int y, cols = getmaxx(w);

    for (y = 0; y < pg->rows; y++) {
        size_t i = pg->top + (size_t)y;
        bool hit = i < pg->n && pg->search[0] != '\0' &&
                   strcasestr(pg->line[i], pg->search) != NULL;
        const char *s = i < pg->n ? pg->line[i] : "";

        if (pg->left > 0)
            s += view_fit(s, pg->left, false);
        ui_role(ui, w, hit ? ROLE_MATCH : ROLE_TEXT);
        ui_text_cut(ui, w, y + 1, 0, cols, s);
    }
}

void
pager_draw(struct ui *ui)
{
    struct pager *pg = &ui->pager;
    int rows = LINES - 2, x, cols = COLS;
    char text[160];
    WINDOW *w;

    if (ui->lay.bare)
        rows = LINES;
    w = newwin(rows, cols, 0, 0);
    if (w == NULL)
        return;
    leaveok(w, TRUE);
    ui_background(ui, w, ROLE_TEXT);
    werase(w);
    pg->rows = rows - 1;
    if (pg->top > max_top(pg))
        pg->top = max_top(pg);
    if (pg->left > max_left(pg))
        pg->left = max_left(pg);
    text_fmt(text, sizeof(text), " %s  %zu-%zu of %zu  q closes  / searches %s",
             pg->title, pg->n > 0 ? pg->top + 1 : 0,
             pg->top + (size_t)pg->rows < pg->n ? pg->top + (size_t)pg->rows
                                                : pg->n,
             pg->n, max_left(pg) > 0 ? " Left Right: more " : "");
    ui_role(ui, w, ROLE_TITLE_FOCUS);
    x = ui_text(w, 0, 0, cols, text, false);
    ui_role(ui, w, ROLE_BORDER_FOCUS);
    ui_hline(ui, w, 0, x, cols - x);
    draw_lines(ui, w);
    wnoutrefresh(w);
    delwin(w);
}
