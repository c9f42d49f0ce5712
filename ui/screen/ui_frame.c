/*
 * ui_frame.c - one frame: lay out if need be, let panes take over what has
 * changed, draw what is dirty, one doupdate.
 * Invariant: windows never overlap but for the widgets, which are put on top
 * again in every frame.
 */
#include "ui/app/ui_int.h"

#include <stdlib.h>
#include <string.h>

#include "ui/pane/view.h"

static void
win_free(WINDOW **w)
{
    if (*w != NULL)
        delwin(*w);
    *w = NULL;
}

static WINDOW *
win_new(struct ui *ui, struct rect r, enum role role)
{
    WINDOW *w = NULL;

    if (r.rows > 0 && r.cols > 0)
        w = newwin(r.rows, r.cols, r.y, r.x);
    if (w == NULL)
        return NULL;
    leaveok(w, TRUE); /* the cursor is placed once, at the end */
    ui_background(ui, w, role);
    werase(w);
    return w;
}

/* Every window that outlives a frame. */
void
ui_frame_windows(struct ui *ui, void (*each)(WINDOW **w))
{
    size_t i;

    each(&ui->w_header);
    each(&ui->w_status);
    each(&ui->w_bar);
    each(&ui->w_divider);
    each(&ui->w_small);
    each(&ui->prompt.w_list);
    each(&ui->notice.w);
    for (i = 0; i < ui->n_slots; i++) {
        each(&ui->slots[i].title);
        each(&ui->slots[i].win);
    }
}

void
ui_frame_fini(struct ui *ui)
{
    ui_frame_windows(ui, win_free);
}

/* Gives a slot its place; rows 0: it is not shown. */
static void
place(struct ui *ui, struct slot *s, struct rect r)
{
    struct rect title = { r.y, r.x, 1, r.cols };
    struct rect in = { r.y + 1, r.x, r.rows - 1, r.cols };

    s->r = r;
    s->p->hidden = r.rows < 2;
    if (s->p->hidden)
        return;
    s->title = win_new(ui, title, ROLE_TEXT);
    s->win = win_new(ui, in, ROLE_TEXT);
    s->p->rows = in.rows;
    s->p->cols = in.cols;
    s->p->dirty = true;
    s->clear = true;
    if (s->win != NULL && s->p->ops->sync != NULL) {
        s->p->ops->sync(s->p, s->pending);
        s->pending = 0;
    }
}

static void
place_all(struct ui *ui)
{
    struct slot *side = ui_side_slot(ui);
    const struct layout *l = &ui->lay;
    size_t i;

    for (i = 0; i < ui->n_slots; i++) {
        struct slot *s = &ui->slots[i];
        enum layout_part part = ui_part_of(s->p);

        if (part == LAYOUT_LIST)
            place(ui, s, l->list);
        else if (part == LAYOUT_LOG)
            place(ui, s, l->log);
        else
            place(ui, s, s == side ? l->side : (struct rect){ 0 });
    }
}

static void
draw_divider(struct ui *ui)
{
    int y;

    if (ui->w_divider == NULL)
        return;
    ui_role(ui, ui->w_divider, ROLE_BORDER);
    for (y = 0; y < getmaxy(ui->w_divider); y++)
        ui_text(ui->w_divider, y, 0, 1, ui->unicode ? "\u2502" : "|", false);
    wnoutrefresh(ui->w_divider);
}

static void
lay_out(struct ui *ui)
{
    struct layout_in in;

    ui_layout_in(ui, &in);
    ui_frame_fini(ui);
    if (in.rows != LINES || in.cols != COLS) {
        tty_resize(&ui->tty, in.rows, in.cols);
        ui->repaint = true;
    }
    layout_make(&in, &ui->lay);
    if (ui->lay.too_small) {
        ui->w_small =
            win_new(ui, (struct rect){ 0, 0, in.rows, in.cols }, ROLE_TEXT);
    } else {
        ui->w_header = win_new(ui, ui->lay.header, ROLE_TEXT);
        ui->w_status = win_new(ui, ui->lay.status, ROLE_TEXT);
        ui->w_bar = win_new(ui, ui->lay.bar, ROLE_TEXT);
        ui->w_divider = win_new(ui, ui->lay.divider, ROLE_TEXT);
        place_all(ui);
    }
    ui->header_dirty = true;
    draw_divider(ui);
}

/* "- domains (4) ----": the line above a pane's contents. */
static void
draw_title(struct ui *ui, struct slot *s)
{
    struct pane *p = s->p;
    struct buf text = { 0 };
    int x, n, cols = getmaxx(s->title);

    if (p->ops->title != NULL)
        p->ops->title(p, &text);
    else
        buf_str(&text, p->ops->name);
    n = ui_text_cols(buf_text(&text));
    ui_role(ui, s->title, p->focused ? ROLE_BORDER_FOCUS : ROLE_BORDER);
    ui_hline(ui, s->title, 0, 0, 1);
    ui_role(ui, s->title, p->focused ? ROLE_TITLE_FOCUS : ROLE_TITLE);
    x = 1 + ui_text(s->title, 0, 1, 1, " ", false);
    if (n > cols - 4)
        n = cols - 4;
    ui_text_cut(ui, s->title, 0, x, n, buf_text(&text));
    x += n > 0 ? n : 0;
    x += ui_text(s->title, 0, x, 1, " ", false);
    ui_role(ui, s->title, p->focused ? ROLE_BORDER_FOCUS : ROLE_BORDER);
    ui_hline(ui, s->title, 0, x, cols - x);
    wnoutrefresh(s->title);
    buf_free(&text);
}

static void
draw_slot(struct ui *ui, struct slot *s)
{
    if (s->win == NULL)
        return;
    if (s->pending != 0 && s->p->ops->sync != NULL) {
        s->p->ops->sync(s->p, s->pending);
        s->pending = 0;
    }
    if (!(ui->lay.bare && ui_status_busy(ui)))
        draw_title(ui, s);
    if (!s->p->dirty)
        return;
    s->p->dirty = false;
    if (s->clear) /* the pane's own cells may look unchanged to it */
        touchwin(s->win);
    s->clear = false;
    s->p->ops->draw(s->p, s->win);
    wnoutrefresh(s->win);
}

static void
draw_small(struct ui *ui)
{
    char text[64];
    const char *s = text;
    int y = 0, cols;

    if (ui->w_small == NULL)
        return;
    text_fmt(text, sizeof(text), "terminal too small (need %dx%d)",
             LAYOUT_MIN_COLS, LAYOUT_MIN_ROWS);
    cols = getmaxx(ui->w_small);
    ui_role(ui, ui->w_small, ROLE_WARN);
    for (; *s != '\0' && y < getmaxy(ui->w_small); y++) {
        size_t n = view_fit(s, cols, true);
        char line[64];

        text_fmt(line, sizeof(line), "%.*s", (int)n, s);
        ui_text(ui->w_small, y, 0, cols, line, true);
        s += view_next(s, n);
    }
    wnoutrefresh(ui->w_small);
}

static void
draw_parts(struct ui *ui)
{
    size_t i;

    for (i = 0; i < ui->n_slots; i++)
        draw_slot(ui, &ui->slots[i]);
    if (ui->header_dirty && ui->w_header != NULL) {
        header_draw(ui, ui->w_header);
        wnoutrefresh(ui->w_header);
    }
    ui->header_dirty = false;
    if (ui->pager.open)
        pager_draw(ui);
    ui_draw_bar(ui);
    ui_draw_status(ui);
    if (ui->prompt.open)
        prompt_draw_candidates(ui);
    if (ui->form.open)
        form_draw(ui);
    if (ui->n_confirms > 0)
        confirm_draw(ui);
}

/* Screen position of the hardware cursor; false: hidden. */
static bool
cursor_at(struct ui *ui, int *y, int *x)
{
    struct slot *s = ui_slot(ui, ui->focus);

    if (ui->lay.too_small)
        return false;
    if (ui->n_confirms > 0)
        return confirm_cursor(ui, y, x);
    if (ui->form.open)
        return form_cursor(ui, y, x);
    if (ui->prompt.open) {
        *y = ui->lay.status.y;
        *x = getcurx(ui->w_status);
        return true;
    }
    if (ui->pager.open || s == NULL || s->win == NULL ||
        s->p->ops->cursor == NULL || !s->p->ops->cursor(s->p, y, x))
        return false;
    if (*y < 0 || *y >= s->p->rows || *x < 0 || *x >= s->p->cols)
        return false;
    *y += s->r.y + 1;
    *x += s->r.x;
    return true;
}

static void
put_cursor(struct ui *ui)
{
    int y = 0, x = 0, show = cursor_at(ui, &y, &x);

    if (show != ui->cursor)
        ui->cursor_stays = curs_set(show) == ERR;
    ui->cursor = show;
    if (!show) {
        y = LINES - 1;
        x = 0;
    }
    /* A vt100 cannot hide it: it must not blink where was written last. */
    if (show || ui->cursor_stays)
        leaveok(newscr, FALSE);
    wmove(newscr, y, x);
}

void
ui_frame(struct ui *ui)
{
    char *line = ui->start_line;

    if (ui->relayout) {
        ui->relayout = false;
        lay_out(ui);
    }
    if (ui->repaint)
        clearok(curscr, TRUE);
    ui->repaint = false;
    if (ui->lay.too_small)
        draw_small(ui);
    else
        draw_parts(ui);
    put_cursor(ui);
    doupdate();
    tty_flush(&ui->tty);
    if (line != NULL) {
        ui->start_line = NULL;
        ui_run(ui, line);
        free(line);
    }
}
