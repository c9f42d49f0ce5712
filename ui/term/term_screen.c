/*
 * term_screen.c - what the guest's output does to the screen: the callbacks of
 * libvterm's state layer. Everything they are given is checked against the
 * grid; they only write cells and widen what must be drawn.
 */
#include "ui/term/fast/vterm_resize.h"
#include "ui/term/term_move.h"

void
term_mark(struct term *t, int top, int end)
{
    int y;

    for (y = top < 0 ? 0 : top; y < end && y < t->rows; y++)
        t->dirty[y] = true;
    t->any_dirty = true;
    t->aligned = false;
}

void
term_push_row(struct term *t, const struct row *r)
{
    size_t came = sb_push(&t->sb, r);

    term_cost(t, 4 * r->len); /* a packed cell is dearer than a written one */
    if (t->view > 0 || t->held)
        t->view += came; /* a scrolled view stays on its text */
}

/* A combining character that arrived alone belongs to the cell before. */
static void
add_mark(struct row *r, int col, uint32_t ch)
{
    int m;

    if (col > 0 && col < r->len && (r->cells[col].attrs & CELL_TAIL))
        col--;
    if (col < 0 || col >= r->len || r->cells[col].ch == 0)
        return;
    for (m = 0; m < TERM_MARKS; m++) {
        if (r->cells[col].mark[m] == 0) {
            r->cells[col].mark[m] = ch;
            return;
        }
    }
}

/* What is in row y does not go on from the row above it any more. */
static void
break_above(struct term *t, int y)
{
    if (y > 0 && y < t->rows)
        term_grid(t)->row[y - 1].wraps = false;
    else if (y == 0 && !t->alt)
        sb_end_line(&t->sb);
}

/* The glyph at pos is the first of its row because the row above was full. */
static bool
has_wrapped(const struct term *t, VTermPos pos, int width)
{
    return pos.col == 0 && t->after.row >= 0 &&
           (pos.row == t->after.row + 1 || pos.row == t->after.row) &&
           t->after.col + width > t->cols;
}

/* A glyph begins row pos.row. Of a screen of one row the row above is in the
 * scrollback already, where it goes on until we know better. */
static void
join_rows(struct term *t, VTermPos pos, int width)
{
    struct row *r = &term_grid(t)->row[pos.row];
    bool wrapped = has_wrapped(t, pos, width);

    if (t->rows == 1 && !t->alt && r->len == 0 && !wrapped)
        sb_end_line(&t->sb);
    else if (wrapped && pos.row > 0 && pos.row != t->top)
        r[-1].wraps = true;
}

static struct row *
touch_row(struct term *t, VTermPos pos)
{
    struct row *r = &term_grid(t)->row[pos.row];

    t->dirty[pos.row] = true;
    t->any_dirty = true;
    t->aligned = false;
    if (pos.col > r->len)
        term_cost(t, pos.col - r->len);
    return r;
}

void
term_mark_at_edge(struct term *t, uint32_t ch)
{
    add_mark(touch_row(t, t->put), t->put.col, ch);
}

struct row *
term_glyphs(struct term *t, VTermPos pos, int width, int n)
{
    struct row *r = touch_row(t, pos);

    if (pos.col == 0 || t->rows == 1)
        join_rows(t, pos, width);
    pos.col += (n - 1) * width;
    t->put = t->after = pos;
    t->put_width = width;
    t->after.col += width;
    if (t->after.col >= t->cols)
        r->wraps = false; /* the next glyph tells */
    return r;
}

static int
on_putglyph(VTermGlyphInfo *info, VTermPos pos, void *arg)
{
    struct term *t = arg;
    struct row *r;
    struct cell c = t->pen;
    int m;

    if (t->ahead.syncing || pos.row < 0 || pos.row >= t->rows || pos.col < 0 ||
        pos.col + info->width > t->cols)
        return 1;
    if (info->width <= 0) {
        add_mark(touch_row(t, pos), pos.col - 1, info->chars[0]);
        return 1;
    }
    c.ch = info->chars[0];
    for (m = 0;
         m < TERM_MARKS && info->chars[m] != 0 && info->chars[m + 1] != 0; m++)
        c.mark[m] = info->chars[m + 1];
    if (info->protected_cell)
        c.attrs |= CELL_PROTECTED;
    r = term_glyphs(t, pos, info->width, 1);
    row_put(r, pos.col, &c, info->width > 2 ? 2 : info->width);
    return 1;
}

void
term_moved(struct term *t, VTermPos pos)
{
    if (pos.row != t->put.row || pos.col != t->put.col)
        t->put.row = -1;
    if (pos.row != t->after.row ||
        pos.col != (t->after.col < t->cols ? t->after.col : t->put.col))
        t->after.row = -1;
    t->any_dirty = true;
}

static int
on_movecursor(VTermPos pos, VTermPos old, int visible, void *arg)
{
    struct term *t = arg;

    (void)visible;
    if (t->ahead.syncing)
        return 1;
    if (pos.row == old.row && pos.col > old.col)
        term_cost(t, pos.col - old.col); /* a tab may look at each column */
    term_moved(t, pos);
    return 1;
}

static void
clip(const struct term *t, VTermRect *r)
{
    if (r->start_row < 0)
        r->start_row = 0;
    if (r->end_row > t->rows)
        r->end_row = t->rows;
    if (r->start_col < 0)
        r->start_col = 0;
    if (r->end_col > t->cols)
        r->end_col = t->cols;
}

/* Rows of a region move: what it is cut off from are other lines. */
static void
end_of_lines(struct term *t, const VTermRect *rect, int down)
{
    struct grid *g = term_grid(t);

    if (rect->start_row > 0 || down < 0)
        break_above(t, rect->start_row);
    if (rect->end_row < t->rows || down < 0)
        g->row[rect->end_row - 1].wraps = false;
    if (down < 0 && rect->end_row - 1 + down >= rect->start_row)
        g->row[rect->end_row - 1 + down].wraps = false;
}

static int
on_scrollrect(VTermRect rect, int down, int right, void *arg)
{
    struct term *t = arg;
    struct grid *g = term_grid(t);
    int y;

    clip(t, &rect);
    if (right != 0) {
        for (y = rect.start_row; y < rect.end_row; y++)
            row_shift(&g->row[y], rect.start_col, rect.end_col, -right,
                      &t->pen);
        term_cost(t, (rect.end_row - rect.start_row) * t->cols);
    } else {
        if (t->rows == 1 && t->after.row == 0 && t->after.col + 1 >= t->cols)
            g->row[0].wraps = true; /* maybe: join_rows */
        if (rect.start_row == 0 && !t->alt)
            for (y = 0; y < down && y < rect.end_row; y++)
                term_push_row(t, &g->row[y]);
        end_of_lines(t, &rect, down);
        grid_scroll(g, rect.start_row, rect.end_row, down, &t->pen, t->cols);
        term_cost(t, rect.end_row - rect.start_row);
        if (t->pen.bg != COLOR_NONE)
            term_cost(t, t->cols * (down < 0 ? -down : down));
    }
    term_mark(t, rect.start_row, rect.end_row);
    return 1;
}

void
term_scroll_line(struct term *t)
{
    (void)on_scrollrect((VTermRect){ .end_row = t->rows, .end_col = t->cols },
                        1, 0, t);
}

static int
on_erase(VTermRect rect, int selective, void *arg)
{
    struct term *t = arg;
    struct grid *g = term_grid(t);
    int y;

    if (t->switching)
        return 1;
    clip(t, &rect);
    term_cost(t, rect.end_row - rect.start_row);
    if (selective || t->pen.bg != COLOR_NONE)
        term_cost(t, (rect.end_row - rect.start_row) * t->cols);
    if (rect.start_col == 0 && rect.end_col == t->cols)
        break_above(t, rect.start_row);
    for (y = rect.start_row; y < rect.end_row; y++) {
        if (selective)
            row_erase_selective(&g->row[y], rect.start_col, rect.end_col);
        else
            row_erase(&g->row[y], rect.start_col, rect.end_col, &t->pen,
                      rect.end_col == t->cols);
    }
    term_mark(t, rect.start_row, rect.end_row);
    return 1;
}

void
term_erase_to_edge(struct term *t, VTermPos pos)
{
    VTermRect rect = { .start_row = pos.row,
                       .end_row = pos.row + 1,
                       .start_col = pos.col,
                       .end_col = t->cols };

    (void)on_erase(rect, 0, t);
}

static int
on_initpen(void *arg)
{
    struct term *t = arg;

    t->pen = (struct cell){ .fg = COLOR_NONE, .bg = COLOR_NONE };
    return 1;
}

static int32_t
term_screen_color_of(const VTermColor *c)
{
    if (VTERM_COLOR_IS_DEFAULT_FG(c) || VTERM_COLOR_IS_DEFAULT_BG(c))
        return COLOR_NONE;
    if (VTERM_COLOR_IS_INDEXED(c))
        return c->indexed.idx;
    return 0x1000000 | c->rgb.red << 16 | c->rgb.green << 8 | c->rgb.blue;
}

static void
pen_bit(struct term *t, unsigned bit, bool on)
{
    t->pen.attrs = (uint16_t)(on ? t->pen.attrs | bit : t->pen.attrs & ~bit);
}

static int
on_setpenattr(VTermAttr attr, VTermValue *val, void *arg)
{
    struct term *t = arg;

    if (t->ahead.syncing)
        return 1;
    switch (attr) {
    case VTERM_ATTR_BOLD:
        pen_bit(t, CELL_BOLD, val->boolean);
        break;
    case VTERM_ATTR_UNDERLINE:
        pen_bit(t, CELL_UNDERLINE, val->number != 0);
        break;
    case VTERM_ATTR_ITALIC:
        pen_bit(t, CELL_ITALIC, val->boolean);
        break;
    case VTERM_ATTR_REVERSE:
        pen_bit(t, CELL_REVERSE, val->boolean);
        break;
    case VTERM_ATTR_FOREGROUND:
        t->pen.fg = term_screen_color_of(&val->color);
        break;
    case VTERM_ATTR_BACKGROUND:
        t->pen.bg = term_screen_color_of(&val->color);
        break;
    default: /* blinking is left out on purpose, fonts we do not have */
        break;
    }
    return 1;
}

static void
set_alt(struct term *t, bool on)
{
    if (t->alt == on)
        return;
    if (on) {
        t->main_cursor = term_pos(t);
        t->alt_pushed = 0;
    }
    t->alt = on;
    t->aligned = false;
    t->all_dirty = t->any_dirty = true;
}

static int
on_settermprop(VTermProp prop, VTermValue *val, void *arg)
{
    struct term *t = arg;

    switch (prop) {
    case VTERM_PROP_CURSORVISIBLE:
        t->cursor_visible = val->boolean;
        t->any_dirty = true;
        break;
    case VTERM_PROP_ALTSCREEN:
        set_alt(t, val->boolean);
        break;
    case VTERM_PROP_REVERSE:
        t->reverse = val->boolean;
        t->all_dirty = t->any_dirty = true;
        break;
    case VTERM_PROP_MOUSE:
        t->mouse = val->number;
        break;
    default:
        break;
    }
    return 1;
}

static int
on_bell(void *arg)
{
    struct term *t = arg;

    t->bell = true;
    return 1;
}

static int
on_resize(int rows, int cols, vterm_resize_fields *fields, void *arg)
{
    struct term *t = arg;

    if (t->alt) {
        /* The guest will come back to the row that it left, so only what was
         * pushed since then returns. */
        term_flow(t, rows, cols, t->alt_pushed, &t->main_cursor);
        vterm_resize_rows(fields, t->rows, rows, 0);
    } else {
        term_flow(t, rows, cols, rows, &t->resized);
        vterm_resize_rows(fields, t->rows, rows,
                          t->resized.row - term_pos(t).row);
    }
    grid_rows(&t->grid[1], rows);
    return 1;
}

const VTermStateCallbacks term_screen_callbacks = {
    .putglyph = on_putglyph,
    .movecursor = on_movecursor,
    .scrollrect = on_scrollrect,
    .erase = on_erase,
    .initpen = on_initpen,
    .setpenattr = on_setpenattr,
    .settermprop = on_settermprop,
    .bell = on_bell,
    .resize = on_resize,
};
