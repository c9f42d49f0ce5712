/*
 * pager.c - longer text over the main area, to be scrolled and searched. Lines
 * that are wider than the screen are moved sideways, for many are tables.
 */
#include <stdlib.h>
#include <string.h>

#include "src/base/buf.h"
#include "src/base/xalloc.h"
#include "ui/desk/overlay.h"
#include "ui/desk/paint.h"
#include "ui/desk/pane.h"
#include "ui/draw/ui_text.h"
#include "ui/widget/dialog.h"

struct pager {
    struct overlay ov;
    char title[80];
    char *text;
    char **line; /* into text */
    size_t n, top;
    int rows, cols;   /* of the lines, as on the screen now */
    int widest, left; /* columns; those that are scrolled out of sight */
    char search[128];
};

static struct pager *
pager_of(struct overlay *ov)
{
    return container_of(ov, struct pager, ov);
}

static const struct pager *
pager_const(const struct overlay *ov)
{
    return (const struct pager *)(const void *)ov; /* first member */
}

static size_t
max_top(const struct pager *pg)
{
    size_t rows = pg->rows > 0 ? (size_t)pg->rows : 1;

    return pg->n > rows ? pg->n - rows : 0;
}

static void
pager_close(struct overlay *ov)
{
    struct pager *pg = pager_of(ov);

    overlay_remove(ov);
    free(pg->text);
    free(pg->line);
    free(pg);
}

static void
pager_split_lines(struct pager *pg, const char *text)
{
    char *s, *next;
    int cols;

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
}

/* --- moving and searching --- */

static void
pager_scroll(struct pager *pg, long lines)
{
    size_t max = max_top(pg), n = (size_t)(lines < 0 ? -lines : lines);

    if (lines < 0)
        pg->top = pg->top > n ? pg->top - n : 0;
    else
        pg->top = n > max || pg->top > max - n ? max : pg->top + n;
    ui_mark(pg->ov.ui);
}

/* Columns that the widest line has too many. */
static int
max_left(const struct pager *pg)
{
    return pg->widest > pg->cols ? pg->widest - pg->cols : 0;
}

static void
sideways(struct pager *pg, int dir)
{
    int max = max_left(pg), left = pg->left + dir * (pg->cols / 2);

    pg->left = left < 0 ? 0 : left > max ? max : left;
    ui_mark(pg->ov.ui);
}

/* The next line from line `from` on that has the text. */
static bool
pager_find(struct pager *pg, size_t from, int dir)
{
    size_t i, at = from;

    if (pg->search[0] == '\0')
        return false;
    for (i = 0; i < pg->n; i++) {
        if (strcasestr(pg->line[at % pg->n], pg->search) != NULL) {
            pg->top = at % pg->n;
            if (pg->top > max_top(pg))
                pg->top = max_top(pg);
            ui_mark(pg->ov.ui);
            return true;
        }
        at = dir > 0 ? at + 1 : at + pg->n - 1;
    }
    return false;
}

static const struct overlay_ops pager_ops;

/* The pager that asked may be gone by now: the topmost is meant. */
static void
searched(struct ui *ui, const char *text, void *arg)
{
    struct overlay *ov = overlay_find(ui, &pager_ops);
    struct pager *pg = ov != NULL ? pager_of(ov) : NULL;

    (void)arg;
    if (text == NULL || pg == NULL)
        return;
    text_fmt(pg->search, sizeof(pg->search), "%s", text);
    if (!pager_find(pg, pg->top, 1))
        ui_notice(ui, EVENT_WARN, "not found: %s", text);
}

static void
find_next(struct pager *pg, int dir)
{
    size_t from = dir > 0 ? pg->top + 1 : pg->top + pg->n - 1;

    if (!pager_find(pg, from, dir))
        ui_notice(pg->ov.ui, EVENT_WARN, "not found: %s", pg->search);
}

/* Lines were cut out of one text. */
static void
pager_page(const struct pager *pg)
{
    struct buf text = { 0 };
    size_t i;

    for (i = 0; i < pg->n; i++)
        buf_fmt(&text, "%s\n", pg->line[i]);
    ui_page(pg->ov.ui, pg->title, buf_text(&text));
    buf_free(&text);
}

/* --- keys --- */

static void
pager_ctrl_key(struct pager *pg, uint32_t code, long page)
{
    if (code == 'c')
        pager_close(&pg->ov);
    else if (code == 'd' || code == 'u')
        pager_scroll(pg, code == 'd' ? page / 2 : -page / 2);
    else if (code == 'l')
        ui_redraw(pg->ov.ui);
}

static void
pager_key(struct overlay *ov, const struct key *k)
{
    struct pager *pg = pager_of(ov);
    long page = pg->rows > 1 ? pg->rows - 1 : 1;

    if (k->mods == KEY_M_CTRL) {
        pager_ctrl_key(pg, k->code, page);
        return;
    }
    switch (k->code) {
    case 'q':
    case K_ESC:
        pager_close(ov);
        break;
    case K_UP:
    case 'k':
        pager_scroll(pg, -1);
        break;
    case K_DOWN:
    case 'j':
    case K_ENTER:
        pager_scroll(pg, 1);
        break;
    case K_LEFT:
    case K_RIGHT:
        sideways(pg, k->code == K_LEFT ? -1 : 1);
        break;
    case K_PGUP:
    case 'b':
        pager_scroll(pg, -page);
        break;
    case K_PGDN:
    case ' ':
        pager_scroll(pg, page);
        break;
    case K_HOME:
    case 'g':
        pg->top = 0;
        break;
    case K_END:
    case 'G':
        pg->top = max_top(pg);
        break;
    case '|':
        pager_page(pg);
        break;
    case '/':
        ui_prompt(ov->ui, PROMPT_SEARCH, "", searched, NULL, NULL);
        break;
    case 'n':
    case 'N':
        find_next(pg, k->code == 'n' ? 1 : -1);
        break;
    default:
        break;
    }
}

static void
pager_mouse(struct overlay *ov, const struct mouse *m)
{
    if (m->what == MOUSE_WHEEL)
        pager_scroll(pager_of(ov), m->wheel);
}

/* --- drawing --- */

/* All but the two lines at the bottom, which a bare console does not have. */
static struct rect
pager_place(const struct stage *st)
{
    return (struct rect){ 0, 0, st->bare ? st->rows : st->rows - 2, st->cols };
}

static void
pager_sync(struct overlay *ov, const struct stage *st)
{
    struct pager *pg = pager_of(ov);

    pg->rows = pager_place(st).rows - 1;
    pg->cols = st->cols;
    if (pg->top > max_top(pg))
        pg->top = max_top(pg);
    if (pg->left > max_left(pg))
        pg->left = max_left(pg);
}

static void
draw_lines(const struct pager *pg, WINDOW *w)
{
    struct ui *ui = pg->ov.ui;
    int y, cols = getmaxx(w);

    for (y = 0; y < pg->rows; y++) {
        size_t i = pg->top + (size_t)y;
        bool hit = i < pg->n && pg->search[0] != '\0' &&
                   strcasestr(pg->line[i], pg->search) != NULL;
        const char *s = i < pg->n ? pg->line[i] : "";

        if (pg->left > 0)
            s += ui_text_fit(s, pg->left, false);
        ui_role(ui, w, hit ? ROLE_MATCH : ROLE_TEXT);
        ui_text_cut(ui, w, y + 1, 0, cols, s);
    }
}

static void
pager_draw_title(const struct pager *pg, WINDOW *w)
{
    struct ui *ui = pg->ov.ui;
    char text[160];
    int x;

    text_fmt(text, sizeof(text),
             " %s  %zu-%zu of %zu  q closes  / searches  | pager %s", pg->title,
             pg->n > 0 ? pg->top + 1 : 0,
             pg->top + (size_t)pg->rows < pg->n ? pg->top + (size_t)pg->rows
                                                : pg->n,
             pg->n, max_left(pg) > 0 ? " Left Right: more " : "");
    ui_role(ui, w, ROLE_TITLE_FOCUS);
    x = ui_text(w, 0, 0, pg->cols, text, false);
    ui_role(ui, w, ROLE_BORDER_FOCUS);
    ui_hline(ui, w, 0, x, pg->cols - x);
}

static void
pager_draw(const struct overlay *ov, const struct stage *st)
{
    struct rect r = pager_place(st);
    WINDOW *w = ui_window(ov->ui, &r, ROLE_TEXT);

    if (w == NULL)
        return;
    pager_draw_title(pager_const(ov), w);
    draw_lines(pager_const(ov), w);
    wnoutrefresh(w);
    delwin(w);
}

static const struct overlay_ops pager_ops = {
    .where = OVERLAY_WHOLE,
    .sync = pager_sync,
    .draw = pager_draw,
    .key = pager_key,
    .mouse = pager_mouse,
    .cancel = pager_close,
};

void
ui_pager(struct ui *ui, const char *title, const char *text)
{
    struct pager *pg = xcalloc(1, sizeof(*pg));

    pg->ov.ops = &pager_ops;
    text_safe(pg->title, sizeof(pg->title), title, strlen(title));
    pager_split_lines(pg, text);
    overlay_push(ui, &pg->ov);
}
