/*
 * paint.c - the marks that all of a front end is made of: roles, lines, boxes,
 * bars, names of keys. Changes nothing but the cells of the window.
 */
#include "ui/desk/paint.h"

#include <string.h>

#include "src/base/buf.h"
#include "src/command/command.h"
#include "ui/desk/desk_int.h"
#include "ui/draw/color.h"
#include "ui/draw/ui_text.h"

#define BAR_MAX   200
#define MARK_COLS 3
#define STEP_MS   200

void
ui_text_cut(struct ui *ui, WINDOW *w, int y, int x, int width, const char *text)
{
    int used;

    if (width <= 0)
        return;
    if (ui_text_cols(text) <= width) {
        ui_text(w, y, x, width, text, true);
        return;
    }
    used = ui_text(w, y, x, width - 1, text, false);
    ui_text(w, y, x + used, width - used, ui_unicode(ui) ? "\u2026" : "~",
            true);
}

void
ui_role(struct ui *ui, WINDOW *w, enum role r)
{
    int pair = 0;
    attr_t a = colors_role(ui_colors(ui), ui_theme(ui), r, &pair);

    wattr_set(w, a, 0, &pair);
}

void
ui_background(struct ui *ui, WINDOW *w, enum role r)
{
    int pair = 0;
    attr_t a = colors_role(ui_colors(ui), ui_theme(ui), r, &pair);
    cchar_t cc;

    setcchar(&cc, L" ", a, 0, &pair);
    wbkgrndset(w, &cc);
    wattr_set(w, a, 0, &pair);
}

void
ui_set_signs(struct ui *ui, const struct settings *set, bool utf8,
             const char *term)
{
    struct desk *f = ui_desk(ui);

    f->unicode = set->unicode && utf8;
    if (!f->unicode)
        f->graphs = GRAPH_ASCII;
    else if (set->graphs != SETTINGS_GRAPHS_AUTO)
        f->graphs = (enum graph_style)set->graphs;
    else /* the console of Linux has blocks, but no braille */
        f->graphs =
            strncmp(term, "linux", 5) == 0 ? GRAPH_BLOCK : GRAPH_BRAILLE;
}

enum graph_style
ui_graph_style(const struct ui *ui)
{
    return ui_desk_const(ui)->graphs;
}

void
ui_hline(struct ui *ui, WINDOW *w, int y, int x, int n)
{
    while (n-- > 0)
        x += ui_text(w, y, x, 1, ui_unicode(ui) ? "\u2500" : "-", false);
}

void
box_draw(struct ui *ui, WINDOW *w)
{
    int y, rows = getmaxy(w), cols = getmaxx(w);
    const char *const *c;
    static const char *const uni[] = { "\u250c", "\u2510", "\u2514", "\u2518",
                                       "\u2502" };
    static const char *const ascii[] = { "+", "+", "+", "+", "|" };

    c = ui_unicode(ui) ? uni : ascii;
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
gauge_draw(struct ui *ui, const struct bar *b, double used, const char *text)
{
    char cells[BAR_MAX + 1];
    int i, fill, n = ui_text_cols(text), in = b->width - 2;

    if (in < 1)
        return;
    if (in > BAR_MAX)
        in = BAR_MAX;
    if (used < 0)
        used = 0;
    fill = used >= 1 ? in : (int)(used * in + 0.5);
    memset(cells, ' ', (size_t)in);
    memset(cells, '|', (size_t)fill);
    cells[in] = '\0';
    if (n > in) {
        n = 0;
        text = "";
    }
    for (i = 0; i < n; i++)
        cells[in - n + i] = text[i];
    ui_role(ui, b->w, ROLE_BORDER);
    ui_text(b->w, b->y, b->x, 1, "[", false);
    ui_text(b->w, b->y, b->x + in + 1, 1, "]", false);
    ui_role(ui, b->w, ROLE_BAR_FREE);
    ui_text(b->w, b->y, b->x + 1, in, cells, false);
    cells[fill] = '\0';
    ui_role(ui, b->w, ROLE_BAR_USED);
    ui_text(b->w, b->y, b->x + 1, fill, cells, false);
}

void
progress_draw(struct ui *ui, const struct bar *b, int percent)
{
    char text[16];
    int in = b->width - 2, at;

    if (in <= MARK_COLS + 1)
        return;
    if (percent >= 0) {
        text_fmt(text, sizeof(text), "%d%%", percent > 100 ? 100 : percent);
        gauge_draw(ui, b, percent / 100.0, text);
        return;
    }
    gauge_draw(ui, b, 0, "");
    at = (int)(loop_now_ms(ui_loop(ui)) / STEP_MS %
               (unsigned)(2 * (in - MARK_COLS)));
    if (at > in - MARK_COLS) /* and back */
        at = 2 * (in - MARK_COLS) - at;
    ui_role(ui, b->w, ROLE_BAR_USED);
    ui_text(b->w, b->y, b->x + 1 + at, MARK_COLS, "|||", false);
}

bool
ui_key_of(struct ui *ui, const char *verb, unsigned context, char *out,
          size_t out_size)
{
    const struct cmd *c = cmd_find(ui_session(ui)->cmds, verb, NULL);
    struct buf keys = { 0 };
    bool ok;

    if (c == NULL)
        return false;
    cmd_keys_of(ui_settings(ui), c, context, &keys);
    ok = keys.len > 0;
    if (ok)
        text_fmt(out, out_size, "%.*s", (int)strcspn(buf_text(&keys), " "),
                 buf_text(&keys));
    buf_free(&keys);
    return ok;
}

WINDOW *
ui_window(struct ui *ui, const struct rect *r, enum role background)
{
    WINDOW *w = NULL;

    if (r->rows > 0 && r->cols > 0)
        w = newwin(r->rows, r->cols, r->y, r->x);
    if (w == NULL)
        return NULL;
    leaveok(w, TRUE); /* the cursor is placed once, at the end */
    ui_background(ui, w, background);
    werase(w);
    return w;
}
