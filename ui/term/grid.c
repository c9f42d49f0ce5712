/*
 * grid.c - the rows of a screen: how many there are, and how they scroll.
 * Called by term.c (guest output, resizes) and what serves it.
 */
#include "ui/term/grid.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/xalloc.h"
#include "ui/draw/theme.h"

void
grid_init(struct grid *g, int rows)
{
    g->row = xcalloc((size_t)rows, sizeof(*g->row));
    g->rows = g->held = rows;
}

void
grid_fini(struct grid *g)
{
    int i;

    for (i = 0; i < g->held; i++)
        row_free(&g->row[i]);
    free(g->row);
    *g = (struct grid){ 0 };
}

void
grid_rows(struct grid *g, int rows)
{
    if (rows > g->held) {
        g->row = xrealloc(g->row, (size_t)rows, sizeof(*g->row));
        memset(&g->row[g->held], 0, (size_t)(rows - g->held) * sizeof(*g->row));
        g->held = rows;
    }
    g->rows = rows;
}

static void
reverse(struct row *r, int from, int to)
{
    struct row keep;

    for (to--; from < to; from++, to--) {
        keep = r[from];
        r[from] = r[to];
        r[to] = keep;
    }
}

void
grid_scroll(struct grid *g, int top, int end, int n, const struct cell *pen,
            int cols)
{
    int height = end - top, up = n, i, from;

    if (height <= 0 || n == 0)
        return;
    if (up < 0)
        up = up < -height ? 0 : height + up; /* down by m is up by height-m */
    else if (up > height)
        up = height;
    if (up == 1) { /* a line feed: nearly every call */
        struct row keep = g->row[top];

        memmove(&g->row[top], &g->row[top + 1],
                (size_t)(height - 1) * sizeof(keep));
        g->row[end - 1] = keep;
    } else {
        reverse(g->row, top, top + up);
        reverse(g->row, top + up, end);
        reverse(g->row, top, end);
    }
    from = n > 0 ? end - up : top;
    for (i = from; i < (n > 0 ? end : end - up); i++) {
        row_clear(&g->row[i]);
        if (pen->bg != COLOR_NONE)
            row_erase(&g->row[i], 0, cols, pen, true);
    }
}

int
grid_last(const struct grid *g)
{
    int y = g->rows - 1;

    while (y >= 0 && row_used(&g->row[y]) == 0)
        y--;
    return y;
}
