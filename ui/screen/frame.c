/*
 * frame.c - one frame: lay out if need be, let panes take over what has
 * changed, draw what is dirty, one doupdate.
 * Invariant: windows never overlap but for overlays and notices, which are put
 * on top again in every frame.
 */
#include "ui/screen/frame.h"

#include <string.h>

#include "src/base/buf.h"
#include "ui/desk/paint.h"
#include "ui/draw/ui_text.h"
#include "ui/screen/tabs.h"
#include "ui/screen/tiles.h"
#include "ui/widget/notice.h"

/* --- slots --- */

struct slot *
frame_slot(struct frame *fr, const struct pane *p)
{
    size_t i;

    for (i = 0; i < fr->n_slots; i++)
        if (fr->slots[i].p == p)
            return &fr->slots[i];
    return NULL;
}

enum layout_part
frame_part_of(const struct pane *p)
{
    if (p->ops->kind == PANE_LIST)
        return LAYOUT_LIST;
    return p->ops->kind == PANE_LOG ? LAYOUT_LOG : LAYOUT_SIDE;
}

struct slot *
frame_part(struct frame *fr, enum layout_part part)
{
    struct slot *best = NULL;
    size_t i;

    for (i = 0; i < fr->n_slots; i++) {
        struct slot *s = &fr->slots[i];

        if (frame_part_of(s->p) == part &&
            (best == NULL || s->used > best->used))
            best = s;
    }
    return best;
}

/* --- windows --- */

static void
win_free(WINDOW **w)
{
    if (*w != NULL)
        delwin(*w);
    *w = NULL;
}

void
slot_windows_free(struct slot *s)
{
    win_free(&s->title);
    win_free(&s->win);
}

void
frame_windows(struct frame *fr, void (*each)(WINDOW **w))
{
    size_t i;

    each(&fr->w_header);
    each(&fr->w_status);
    each(&fr->w_bar);
    each(&fr->w_small);
    for (i = 0; i < FRAME_LINES_MAX; i++)
        each(&fr->w_line[i]);
    for (i = 0; i < fr->n_slots; i++) {
        each(&fr->slots[i].title);
        each(&fr->slots[i].win);
    }
}

void
frame_fini(struct frame *fr)
{
    frame_windows(fr, win_free);
    layout_fini(&fr->lay);
    split_free(fr->tiles);
    fr->tiles = NULL;
    loop_timer_del(&fr->anim_timer);
}

static void
pane_sync(struct slot *s)
{
    if (s->p->ops->sync != NULL)
        s->p->ops->sync(s->p, s->pending);
    s->pending = 0;
}

/* A pane draws straight into what curses is to show next: a window with cells
 * of its own would cost a third of a terminal's memory, and a copy a frame.
 * What lies over a pane is drawn after it, and when it goes all is laid out
 * and drawn anew. */
static WINDOW *
frame_pane_window(struct frame *fr, const struct rect *r)
{
    WINDOW *w = subwin(newscr, r->rows, r->cols, r->y, r->x);

    if (w == NULL)
        return NULL;
    leaveok(w, TRUE);
    ui_background(fr->ui, w, ROLE_TEXT);
    werase(w);
    return w;
}

/* For such a window what wnoutrefresh is for others. */
static void
frame_pane_shown(WINDOW *w)
{
    wsyncup(w);
    untouchwin(w);
}

/* Gives a slot its place; rows 0: it is not shown. */
static void
frame_place(struct frame *fr, struct slot *s, struct rect r)
{
    struct rect title = { r.y, r.x, 1, r.cols };
    struct rect in = { r.y + 1, r.x, r.rows - 1, r.cols };

    s->r = r;
    s->p->hidden = r.rows < 2;
    if (s->p->hidden)
        return;
    s->title = ui_window(fr->ui, &title, ROLE_TEXT);
    s->win = frame_pane_window(fr, &in);
    s->p->rows = in.rows;
    s->p->cols = in.cols;
    s->p->dirty = true;
    s->clear = true;
    if (s->win != NULL)
        pane_sync(s);
}

/* Each part of the screen shows the pane of it that was used last; that of the
 * consoles shows one of each cell. */
static struct rect
frame_slot_rect(struct frame *fr, struct slot *s)
{
    struct slot *first = frame_part(fr, frame_part_of(s->p));

    if (tiles_has(s) && tiles_has(first))
        return tiles_rect(fr, s);
    return s == first ? layout_rect(&fr->lay, frame_part_of(s->p))
                      : (struct rect){ 0 };
}

static void
frame_place_lines(struct frame *fr, bool tiled)
{
    struct rect line[FRAME_LINES_MAX];
    size_t i, n = split_lines(fr->lay.tree, line, FRAME_LINES_MAX);

    if (tiled)
        n += split_lines(fr->tiles, line + n, FRAME_LINES_MAX - n);
    for (i = 0; i < n; i++)
        fr->w_line[i] = ui_window(fr->ui, &line[i], ROLE_TEXT);
    fr->n_lines = n;
}

static void
frame_place_all(struct frame *fr)
{
    const struct slot *side = frame_part(fr, LAYOUT_SIDE);
    bool tiled = side != NULL && tiles_has(side);
    size_t i;

    if (tiled)
        tiles_place(fr, layout_rect(&fr->lay, LAYOUT_SIDE));
    frame_place_lines(fr, tiled);
    for (i = 0; i < fr->n_slots; i++)
        frame_place(fr, &fr->slots[i], frame_slot_rect(fr, &fr->slots[i]));
}

/* True: the terminal has another size than before. */
static bool
lay_out(struct frame *fr, const struct layout_in *in)
{
    struct rect all = { 0, 0, in->rows, in->cols };
    bool resized = in->rows != LINES || in->cols != COLS;
    struct stage st = { .rows = in->rows, .cols = in->cols };

    frame_windows(fr, win_free);
    if (resized)
        tty_resize(fr->tty, in->rows, in->cols);
    layout_make(in, &fr->lay);
    st.status = fr->lay.status;
    st.bare = fr->lay.bare;
    ui_stage_set(fr->ui, &st);
    if (fr->lay.too_small) {
        fr->w_small = ui_window(fr->ui, &all, ROLE_TEXT);
        return resized;
    }
    fr->w_header = ui_window(fr->ui, &fr->lay.header, ROLE_TEXT);
    fr->w_status = ui_window(fr->ui, &fr->lay.status, ROLE_TEXT);
    fr->w_bar = ui_window(fr->ui, &fr->lay.bar, ROLE_TEXT);
    frame_place_all(fr);
    return resized;
}

/* --- before drawing --- */

static void
sync_all(struct frame *fr)
{
    size_t i;

    for (i = 0; i < fr->n_slots; i++)
        if (fr->slots[i].win != NULL && fr->slots[i].pending != 0)
            pane_sync(&fr->slots[i]);
    tabs_sync(fr);
    overlay_sync(fr->ui);
    status_sync(fr);
    bar_sync(fr);
}

/* --- drawing --- */

static void
frame_draw_line(const struct frame *fr, WINDOW *w)
{
    int y;

    ui_role(fr->ui, w, ROLE_BORDER);
    for (y = 0; y < getmaxy(w); y++)
        ui_text(w, y, 0, 1, ui_unicode(fr->ui) ? "\u2502" : "|", false);
    wnoutrefresh(w);
}

/* "- domains (4) ----": the line above a pane's contents, with the tabs of
 * those that stand behind it. */
static void
frame_draw_title(const struct frame *fr, const struct slot *s)
{
    const struct pane *p = s->p;
    struct ui *ui = p->ui;
    struct buf text = { 0 };
    int x, n, all = getmaxx(s->title), cols = all - p->tabs_cols;

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
    ui_hline(ui, s->title, 0, x, all - x);
    tabs_draw(fr, s);
    wnoutrefresh(s->title);
    buf_free(&text);
}

static void
draw_slot(const struct frame *fr, struct slot *s)
{
    if (s->win == NULL)
        return;
    if (!(fr->lay.bare && s->r.y == 0 && status_busy(fr)))
        frame_draw_title(fr, s);
    if (!s->p->dirty)
        return;
    s->p->dirty = false;
    if (s->clear) /* the pane's own cells may look unchanged to it */
        touchwin(s->win);
    s->clear = false;
    s->p->ops->draw(s->p, s->win);
    if (s->p->ops->drawn != NULL)
        s->p->ops->drawn(s->p);
    frame_pane_shown(s->win);
}

static void
draw_small(const struct frame *fr)
{
    char text[64];
    const char *s = text;
    int y = 0, cols;

    if (fr->w_small == NULL)
        return;
    text_fmt(text, sizeof(text), "terminal too small (need %dx%d)",
             LAYOUT_MIN_COLS, LAYOUT_MIN_ROWS);
    cols = getmaxx(fr->w_small);
    ui_role(fr->ui, fr->w_small, ROLE_WARN);
    for (; *s != '\0' && y < getmaxy(fr->w_small); y++) {
        size_t n = ui_text_fit(s, cols, true);
        char line[64];

        text_fmt(line, sizeof(line), "%.*s", (int)n, s);
        ui_text(fr->w_small, y, 0, cols, line, true);
        s += ui_text_next(s, n);
    }
    wnoutrefresh(fr->w_small);
}

static void
draw_parts(struct frame *fr, struct frame_due due)
{
    size_t i;

    for (i = 0; i < fr->n_slots; i++)
        draw_slot(fr, &fr->slots[i]);
    if ((due.header || due.relayout) && fr->w_header != NULL)
        header_draw(fr);
    /* The status of a bare console stands on the ends of lines. */
    for (i = 0; (due.relayout || fr->lay.bare) && i < fr->n_lines; i++)
        if (fr->w_line[i] != NULL)
            frame_draw_line(fr, fr->w_line[i]);
    overlay_draw_whole(fr->ui);
    bar_draw(fr);
    status_draw(fr);
    overlay_draw_rest(fr->ui);
}

/* --- the cursor --- */

/* Screen position of the hardware cursor; false: hidden. */
static bool
cursor_at(struct frame *fr, int *y, int *x)
{
    struct slot *s = frame_slot(fr, fr->focus);

    if (fr->lay.too_small)
        return false;
    if (overlay_top(fr->ui) != NULL)
        return overlay_cursor(fr->ui, y, x);
    if (s == NULL || s->win == NULL || s->p->ops->cursor == NULL ||
        !s->p->ops->cursor(s->p, y, x))
        return false;
    if (*y < 0 || *y >= s->p->rows || *x < 0 || *x >= s->p->cols)
        return false;
    *y += s->r.y + 1;
    *x += s->r.x;
    return true;
}

static void
put_cursor(struct frame *fr)
{
    int y = 0, x = 0, show = cursor_at(fr, &y, &x);

    if (show != fr->cursor)
        fr->cursor_stays = curs_set(show) == ERR;
    fr->cursor = show;
    if (!show) {
        y = LINES - 1;
        x = 0;
    }
    /* A vt100 cannot hide it: it must not blink where was written last. */
    if (show || fr->cursor_stays)
        leaveok(newscr, FALSE);
    wmove(newscr, y, x);
}

void
frame_show(struct frame *fr, struct frame_due due, const struct layout_in *in)
{
    if (due.relayout && lay_out(fr, in))
        due.repaint = true;
    if (due.repaint)
        clearok(curscr, TRUE);
    if (fr->lay.too_small) {
        draw_small(fr);
    } else {
        sync_all(fr);
        draw_parts(fr, due);
    }
    put_cursor(fr);
    doupdate();
    tty_flush(fr->tty);
}
