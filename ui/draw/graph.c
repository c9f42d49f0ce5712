/*
 * graph.c - see graph.h.
 */
#include "ui/draw/graph.h"

#include <stdint.h>

#include "src/base/text.h"

#define BRAILLE_DOTS 4 /* one above another in a cell */
#define BLOCK_PARTS  8

size_t
graph_points(enum graph_style style, int cols)
{
    size_t n = cols > 0 ? (size_t)cols : 0;

    return style == GRAPH_BRAILLE ? 2 * n : n;
}

double
graph_scale(double peak, double least)
{
    static const double steps[] = { 1, 2, 5 };
    double ten = 1;
    size_t i = 0;

    peak = peak > least ? peak : least;
    while (ten * 10 <= peak && ten < 1e15)
        ten *= 10;
    while (i < 2 && steps[i] * ten < peak)
        i++;
    return steps[i] * ten < peak ? ten * 10 : steps[i] * ten;
}

double
graph_scale_bytes(double peak, double least)
{
    double top = least > 0 ? least : 1;

    while (top < peak && top < 1e18)
        top *= 2;
    return top;
}

/* How many of the parts of a column are filled: at least one of what is known.
 */
static int
filled(const struct graph *g, size_t i, int parts)
{
    double v = g->v[i], share = g->top > 0 ? v / g->top : 0;
    int n;

    if (v < 0)
        return 0;
    n = share >= 1 ? parts : (int)(share * parts + 0.5);
    return n < 1 ? 1 : n;
}

/* What of them is in this row, 0 to each. */
static int
graph_in_row(const struct graph *g, int row, int all, int each)
{
    int n = all - (g->rows - 1 - row) * each;

    return n < 0 ? 0 : n > each ? each : n;
}

static void
put_braille(uint32_t dots, struct buf *out)
{
    uint32_t c = 0x2800U + dots;
    const char utf8[] = { (char)(0xe0U | (c >> 12)),
                          (char)(0x80U | ((c >> 6) & 0x3fU)),
                          (char)(0x80U | (c & 0x3fU)), '\0' };

    buf_str(out, dots == 0 ? " " : utf8);
}

static void
row_braille(const struct graph *g, int row, struct buf *out)
{
    /* the dots of the left and the right column, from the bottom up */
    static const uint8_t left[] = { 0x40, 0x04, 0x02, 0x01 };
    static const uint8_t right[] = { 0x80, 0x20, 0x10, 0x08 };
    int k, l, r, parts = g->rows * BRAILLE_DOTS;
    size_t i, n = graph_points(g->style, g->cols);

    for (i = 0; i + 1 < n; i += 2) {
        uint32_t dots = 0;

        l = graph_in_row(g, row, filled(g, i, parts), BRAILLE_DOTS);
        r = graph_in_row(g, row, filled(g, i + 1, parts), BRAILLE_DOTS);
        for (k = 0; k < BRAILLE_DOTS; k++)
            dots |= (k < l ? left[k] : 0U) | (k < r ? right[k] : 0U);
        put_braille(dots, out);
    }
}

static void
row_blocks(const struct graph *g, int row, struct buf *out)
{
    size_t i, n = graph_points(g->style, g->cols);
    int k, parts = g->rows * BLOCK_PARTS;

    for (i = 0; i < n; i++) {
        k = graph_in_row(g, row, filled(g, i, parts), BLOCK_PARTS);
        buf_str(out, text_spark(k == 0 ? -1 : (k - 0.5) / BLOCK_PARTS,
                                g->style == GRAPH_BLOCK));
    }
}

void
graph_row(const struct graph *g, int row, struct buf *out)
{
    if (g->style == GRAPH_BRAILLE)
        row_braille(g, row, out);
    else
        row_blocks(g, row, out);
}
