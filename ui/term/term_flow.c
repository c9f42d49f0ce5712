/*
 * term_flow.c - the main screen under another size. Its lines are laid into
 * rows of the new width: what wrapped at the old edge is one line and wraps at
 * the new one. What is too much goes into the scrollback, and comes back from
 * there where there is room, so that no sequence of sizes loses text.
 */
#include <stdlib.h>

#include "src/base/xalloc.h"
#include "ui/term/term_int.h"

static const struct cell plain = { .fg = COLOR_NONE, .bg = COLOR_NONE };

/* --- laying rows anew --- */

/* A place that is moved with the text around it: the cursor, the saved one. */
struct mark_in_text {
    VTermPos *pos;
    VTermPos to;
};

struct flowing {
    int cols;
    struct row *out; /* n rows done, the next one is being filled */
    int n, cap;
    struct mark_in_text mark[2];
};

static struct row *
filling(struct flowing *f)
{
    return &f->out[f->n];
}

static void
row_done(struct flowing *f, bool wraps)
{
    filling(f)->wraps = wraps;
    if (++f->n == f->cap) {
        f->out = xrealloc(f->out, (size_t)f->cap * 2, sizeof(*f->out));
        f->cap *= 2;
    }
    *filling(f) = (struct row){ 0 };
}

/* Cells that are to stay: of a row that is cut shorter no blanks that have but
 * a colour, else each row of a full-screen program would become two. */
static int
kept(const struct row *r, int cols)
{
    int used = row_used(r), n;

    if (r->wraps || used <= cols)
        return used > r->len || r->wraps ? r->len : used;
    for (n = used; n > cols; n--)
        if (r->cells[n - 1].ch != 0 && r->cells[n - 1].ch != ' ')
            break;
    return n < used && (r->cells[n].attrs & CELL_TAIL) ? n + 1 : n;
}

static void
flow_cell(struct flowing *f, const struct row *r, int x)
{
    int width = r->cells[x].attrs & CELL_WIDE ? 2 : 1;
    struct cell c = r->cells[x];

    if (filling(f)->len + width > f->cols)
        row_done(f, true);
    c.attrs &= (uint16_t)~CELL_WIDE;
    row_put(filling(f), filling(f)->len, &c, width);
}

/* The marks of row y at cell x, which was just laid; of the row's end if x is
 * n: they keep their distance from the text as far as the edge allows. */
static void
flow_marks(struct flowing *f, const struct row *r, int y, int x, int n)
{
    size_t i;

    for (i = 0; i < sizeof(f->mark) / sizeof(f->mark[0]); i++) {
        const struct mark_in_text *m = &f->mark[i];
        int col = filling(f)->len, max = f->cols - 1;

        if (m->pos == NULL || m->pos->row != y)
            continue;
        if (x < n && m->pos->col == x)
            f->mark[i].to = (VTermPos){
                .row = f->n,
                .col = col - (r->cells[x].attrs & CELL_WIDE ? 2 : 1),
            };
        if (x < n || m->pos->col < n)
            continue;
        if (col == f->cols)
            max = f->cols; /* the next glyph wraps, it covers none */
        f->mark[i].to = (VTermPos){
            .row = f->n,
            .col = term_clamp(col + m->pos->col - n, 0, max),
        };
    }
}

static void
flow_row(struct flowing *f, const struct row *r, int y)
{
    int n = kept(r, f->cols), x;
    const VTermPos *at = f->mark[0].pos;

    if (at != NULL && at->row == y && at->col > n) /* blanks typed before it */
        n = at->col < r->len ? at->col : r->len > n ? r->len : n;
    for (x = 0; x < n; x++) {
        if (!(r->cells[x].attrs & CELL_TAIL))
            flow_cell(f, r, x);
        flow_marks(f, r, y, x, n);
    }
    flow_marks(f, r, y, n, n);
    if (!r->wraps)
        row_done(f, false);
}

/* The beginning of the first line, of which the rest is on the screen. */
static void
flow_head(struct term *t, struct flowing *f)
{
    struct row r = { 0 };

    if (t->sb.end.open && sb_pop(&t->sb, &r)) {
        if (t->alt_pushed > 0)
            t->alt_pushed--;
        r.wraps = true;
        flow_row(f, &r, -1);
    }
    row_free(&r);
}

/* Rows [0, n) of the main screen are laid anew; they are all it has then. */
static void
flow_screen(struct term *t, int n, struct flowing *f)
{
    struct grid *g = &t->grid[0];
    int y;

    f->cap = g->rows + 8;
    f->out = xcalloc((size_t)f->cap, sizeof(*f->out));
    flow_head(t, f);
    for (y = 0; y < n; y++)
        flow_row(f, &g->row[y], y);
    if (g->row[n - 1].wraps || f->n == 0) /* its row is still being filled */
        row_done(f, false);
    grid_fini(g);
    *g = (struct grid){ .row = f->out, .rows = f->n, .held = f->n };
    for (y = 0; y < 2; y++)
        if (f->mark[y].pos != NULL)
            *f->mark[y].pos = f->mark[y].to;
}

/* --- the number of rows --- */

static void
move_marks(struct term *t, VTermPos *at, int by)
{
    at->row = at->row + by < 0 ? 0 : at->row + by;
    t->saved[0].pos.row =
        t->saved[0].pos.row + by < 0 ? 0 : t->saved[0].pos.row + by;
}

/* The rows at the top go into the scrollback. */
static void
push_rows(struct term *t, int n, VTermPos *at)
{
    struct grid *g = &t->grid[0];
    int y;

    for (y = 0; y < n; y++)
        term_push_row(t, &g->row[y]);
    t->alt_pushed += n;
    grid_scroll(g, 0, g->rows, n, &plain, t->cols);
    move_marks(t, at, -n);
}

static void
pull_rows(struct term *t, int n, VTermPos *at)
{
    struct grid *g = &t->grid[0];
    size_t had = t->sb.rows;
    int y;

    grid_scroll(g, 0, g->rows, -n, &plain, t->cols);
    for (y = n - 1; y >= 0; y--)
        (void)sb_pop(&t->sb, &g->row[y]);
    had -= t->sb.rows;
    t->view = t->view > had ? t->view - had : 0;
    t->alt_pushed = t->alt_pushed > n ? t->alt_pushed - n : 0;
    move_marks(t, at, n);
}

/* The screen has `used` rows of text, and had `gap` below them. */
static void
fit_rows(struct term *t, int rows, int used, int gap, int most, VTermPos *at)
{
    struct grid *g = &t->grid[0];
    int more = rows - t->rows, n, y;

    if (used > rows)
        push_rows(t, used - rows, at);
    grid_rows(g, rows);
    for (y = rows; y < g->held; y++)
        row_free(&g->row[y]); /* there may have been thousands */
    gap = gap + more < 0 ? 0 : more < 0 ? gap + more : gap;
    n = rows - gap - used;
    if (gap > 0 && n > more)
        n = more > 0 ? more : 0; /* it stood at the top, and stays there */
    if (n > most)
        n = most;
    if (n > 0 && (size_t)n > t->sb.rows)
        n = (int)t->sb.rows;
    if (n > 0)
        pull_rows(t, n, at);
}

/* --- the whole of it --- */

static void
flow_cols(struct term *t, int cols, int used, VTermPos *at)
{
    struct saved_cursor *saved = &t->saved[0];
    struct flowing f = { .cols = cols, .mark = { { .pos = at } } };

    if (saved->valid && saved->pos.row < used)
        f.mark[1].pos = &saved->pos;
    sb_set_cols(&t->sb, cols);
    flow_screen(t, used, &f);
    t->hit_valid = false;
}

void
term_flow(struct term *t, int rows, int cols, int most, VTermPos *at)
{
    struct grid *g = &t->grid[0];
    int last = grid_last(g), used, gap;
    struct sb_place top = { 0 };
    bool viewing = t->view > 0 && cols != t->cols;

    at->row = term_clamp(at->row, 0, g->rows - 1);
    used = (last < at->row ? at->row : last) + 1;
    gap = g->rows - used;
    if (viewing)
        top = sb_place_of(&t->sb, t->sb.rows - t->view);
    if (cols != t->cols) {
        flow_cols(t, cols, used, at);
        used = g->rows;
    }
    fit_rows(t, rows, used, gap, most, at);
    if (viewing)
        t->view = t->sb.rows - sb_row_at(&t->sb, top);
    if (t->view > t->sb.rows)
        t->view = t->sb.rows;
}
