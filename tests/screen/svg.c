/*
 * svg.c - a screen as an SVG document. Text is set in runs of one look, each
 * stretched to its cells, so that any monospace font stays in the grid; lines
 * and blocks are drawn, because fonts leave gaps between rows.
 */
#include "tests/screen/svg.h"

#include <string.h>

#define CELL_W   8.0
#define CELL_H   17.0
#define BASE_Y   13.0
#define MARGIN   12.0
#define PLAIN_FG 0xd5d9e0
#define PLAIN_BG 0x14171c

/* How a cell looks, reverse video resolved. */
struct look {
    int32_t fg, bg;
    bool bold, underline, italic, strike;
};

static struct look
look_of(const struct scr_cell *c)
{
    int32_t fg = c->fg < 0 ? PLAIN_FG : c->fg;
    int32_t bg = c->bg < 0 ? PLAIN_BG : c->bg;

    return (struct look){ .fg = c->reverse ? bg : fg,
                          .bg = c->reverse ? fg : bg,
                          .bold = c->bold,
                          .underline = c->underline,
                          .italic = c->italic,
                          .strike = c->strike };
}

static bool
same_text(const struct look *a, const struct look *b)
{
    return a->fg == b->fg && a->bold == b->bold &&
           a->underline == b->underline && a->italic == b->italic &&
           a->strike == b->strike;
}

static double
x_of(int col)
{
    return MARGIN + col * CELL_W;
}

static double
y_of(int row)
{
    return MARGIN + row * CELL_H;
}

static bool
is_blank(const struct scr_cell *c)
{
    return c->text[0] == '\0' || strcmp(c->text, " ") == 0;
}

static void
rect(struct buf *out, double x, double y, double w, double h, int32_t color)
{
    buf_fmt(out,
            "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" "
            "fill=\"#%06x\"/>\n",
            x, y, w, h, (unsigned)color);
}

/* Which halves of a cell a line character crosses. */
static const struct {
    const char *text;
    bool left, right, up, down;
} line_chars[] = {
    { "\u2500", true, true, false, false },
    { "\u2502", false, false, true, true },
    { "\u250c", false, true, false, true },
    { "\u2510", true, false, false, true },
    { "\u2514", false, true, true, false },
    { "\u2518", true, false, true, false },
    { "\u251c", false, true, true, true },
    { "\u2524", true, false, true, true },
    { "\u252c", true, true, false, true },
    { "\u2534", true, true, true, false },
    { "\u253c", true, true, true, true },
};

static bool
draw_line(const struct scr_cell *c, int row, int col, struct buf *out)
{
    const double x = x_of(col), y = y_of(row), cx = x + CELL_W / 2 - 0.5,
                 cy = y + CELL_H / 2 - 0.5;
    const int32_t fg = look_of(c).fg;
    size_t i;

    for (i = 0; i < sizeof line_chars / sizeof line_chars[0]; i++) {
        if (strcmp(c->text, line_chars[i].text) != 0)
            continue;
        if (line_chars[i].left || line_chars[i].right)
            rect(out, line_chars[i].left ? x : cx, cy,
                 line_chars[i].left && line_chars[i].right ? CELL_W
                                                           : CELL_W / 2 + 0.5,
                 1, fg);
        if (line_chars[i].up || line_chars[i].down)
            rect(out, cx, line_chars[i].up ? y : cy, 1,
                 line_chars[i].up && line_chars[i].down ? CELL_H
                                                        : CELL_H / 2 + 0.5,
                 fg);
        return true;
    }
    return false;
}

/* U+2581 to U+2588: eighths of a cell from below. */
static bool
draw_block(const struct scr_cell *c, int row, int col, struct buf *out)
{
    const unsigned char *u = (const unsigned char *)c->text;
    double h;

    if (u[0] != 0xe2 || u[1] != 0x96 || u[2] < 0x81 || u[2] > 0x88)
        return false;
    h = CELL_H * (u[2] - 0x80) / 8;
    rect(out, x_of(col), y_of(row) + CELL_H - h, CELL_W, h, look_of(c).fg);
    return true;
}

/* Rows of one background are one rectangle each. */
static void
draw_backgrounds(struct scr *s, int row, int cols, struct buf *out)
{
    struct scr_cell c;
    int col, from = 0;
    int32_t bg = PLAIN_BG;

    for (col = 0; col <= cols; col++) {
        int32_t here = PLAIN_BG;

        if (col < cols) {
            scr_cell_at(s, row, col, &c);
            here = c.cols == 0 ? bg : look_of(&c).bg;
        }
        if (here == bg && col < cols)
            continue;
        if (bg != PLAIN_BG)
            rect(out, x_of(from), y_of(row), (col - from) * CELL_W, CELL_H, bg);
        from = col;
        bg = here;
    }
}

static void
add_escaped(struct buf *out, const char *text)
{
    for (; *text != '\0'; text++)
        switch (*text) {
        case '&':
            buf_str(out, "&amp;");
            break;
        case '<':
            buf_str(out, "&lt;");
            break;
        case '>':
            buf_str(out, "&gt;");
            break;
        default:
            buf_chr(out, *text);
        }
}

static void
add_text(struct buf *out, const struct look *l, double x, double y, int cols,
         const char *text)
{
    buf_fmt(out,
            "<text x=\"%.1f\" y=\"%.1f\" textLength=\"%.1f\" "
            "fill=\"#%06x\"%s%s%s%s>%s</text>\n",
            x, y + BASE_Y, cols * CELL_W, (unsigned)l->fg,
            l->bold ? " font-weight=\"bold\"" : "",
            l->italic ? " font-style=\"italic\"" : "",
            l->underline ? " text-decoration=\"underline\"" : "",
            l->strike ? " text-decoration=\"line-through\"" : "", text);
}

/* Set on its own: fonts disagree about the width of these. */
static bool
is_odd(const struct scr_cell *c)
{
    return c->cols == 2 || (unsigned char)c->text[0] >= 0xe2;
}

/* Takes the run that begins at col, up to its last mark; returns the column
 * after. Two blanks end one. */
static int
draw_run(struct scr *s, int row, int col, int cols, struct buf *out)
{
    struct scr_cell c;
    struct look look, here;
    struct buf text = { 0 };
    size_t used = 0;
    int from = col, end;

    scr_cell_at(s, row, col, &c);
    look = look_of(&c);
    end = col + (is_odd(&c) ? c.cols : 1);
    for (; col < cols && col <= end + 1; col++) {
        scr_cell_at(s, row, col, &c);
        here = look_of(&c);
        if (col > from && (is_odd(&c) || !same_text(&here, &look)))
            break;
        add_escaped(&text, c.text[0] != '\0' ? c.text : " ");
        if (!is_blank(&c) || c.underline) {
            used = text.len;
            end = col + (c.cols > 0 ? c.cols : 1);
        }
        if (is_odd(&c))
            break;
    }
    text.data[used] = '\0';
    add_text(out, &look, x_of(from), y_of(row), end - from, text.data);
    buf_free(&text);
    return end;
}

static void
draw_row(struct scr *s, int row, int cols, struct buf *out)
{
    struct scr_cell c;
    int col = 0;

    draw_backgrounds(s, row, cols, out);
    while (col < cols) {
        scr_cell_at(s, row, col, &c);
        if ((is_blank(&c) && !c.underline) || draw_line(&c, row, col, out) ||
            draw_block(&c, row, col, out))
            col++;
        else
            col = draw_run(s, row, col, cols, out);
    }
}

static void
draw_cursor(struct scr *s, struct buf *out)
{
    int row, col;

    if (scr_cursor(s, &row, &col))
        buf_fmt(out,
                "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" "
                "fill=\"#%06x\" fill-opacity=\"0.7\"/>\n",
                x_of(col), y_of(row), CELL_W, CELL_H, PLAIN_FG);
}

void
svg_draw(struct scr *s, const char *title, struct buf *out)
{
    int rows, cols, row;
    double w, h;

    scr_size(s, &rows, &cols);
    w = 2 * MARGIN + cols * CELL_W;
    h = 2 * MARGIN + rows * CELL_H;
    buf_fmt(out,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" "
            "height=\"%.0f\" viewBox=\"0 0 %.0f %.0f\" role=\"img\" "
            "font-family=\"'DejaVu Sans Mono',Menlo,Consolas,monospace\" "
            "font-size=\"13\" xml:space=\"preserve\" "
            "style=\"white-space:pre\">\n<title>",
            w, h, w, h);
    add_escaped(out, title);
    buf_fmt(out,
            "</title>\n<rect width=\"%.0f\" height=\"%.0f\" rx=\"6\" "
            "fill=\"#%06x\"/>\n",
            w, h, PLAIN_BG);
    for (row = 0; row < rows; row++)
        draw_row(s, row, cols, out);
    draw_cursor(s, out);
    buf_str(out, "</svg>\n");
}
