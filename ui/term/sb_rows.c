/*
 * sb_rows.c - the rows that are seen of what the scrollback keeps: its lines,
 * joined where they go on in the next, laid into rows of the width of today.
 * Each chunk knows how many rows begin in it; of the chunk that was looked at
 * last it is known where they begin, so that whoever reads row after row, in
 * either direction, does not count them again for each.
 */
#include <stdlib.h>
#include <string.h>

#include "src/base/xalloc.h"
#include "ui/term/sb_int.h"

/* --- laying out --- */

/* A line being laid out: what was asked about it. */
struct laying {
    struct sb_flow *f;
    int cols;
    int at; /* cells done */
    size_t begun, want;
    int skip; /* where the row that is wanted begins */
};

static void
sb_row_begins(struct laying *l)
{
    if (l->begun++ == l->want)
        l->skip = l->at;
    l->f->col = 0;
}

/* n characters of the same width. */
static void
lay_run(struct laying *l, int n, int width)
{
    int fit;

    while (n > 0) {
        fit = (l->cols - l->f->col) / width;
        if (fit == 0) {
            sb_row_begins(l);
            continue;
        }
        if (fit > n)
            fit = n;
        l->f->col += fit * width;
        l->at += fit * width;
        n -= fit;
    }
}

size_t
sb_lay(const unsigned char *line, int cols, struct sb_flow *f, size_t want,
       int *skip)
{
    struct laying l = { .f = f, .cols = cols, .want = want };
    struct sb_head head;
    struct sb_run run;
    unsigned i;

    memcpy(&head, line, sizeof(head));
    if (!f->open)
        sb_row_begins(&l);
    if (!(head.runs & SB_WIDE))
        lay_run(&l, head.cells, 1);
    for (i = 0; head.runs & SB_WIDE && i < (head.runs & SB_RUNS); i++) {
        memcpy(&run, line + sizeof(head) + i * sizeof(run), sizeof(run));
        lay_run(&l, run.cells, run.attrs & CELL_WIDE ? 2 : 1);
    }
    f->open = (head.runs & SB_OPEN) != 0;
    if (skip != NULL && l.begun > want)
        *skip = l.skip;
    return l.begun;
}

/* --- counting --- */

static struct sb_flow
count_chunk(struct sb *s, struct sb_chunk *c, struct sb_flow f)
{
    size_t rows = 0;
    uint32_t i;

    c->from = f;
    for (i = 0; i < c->n; i++)
        rows += sb_lay(sb_line(c, i), s->cols, &f, 0, NULL);
    s->rows = s->rows - c->rows + rows;
    c->rows = (uint32_t)rows;
    return f;
}

static bool
same_flow(struct sb_flow a, struct sb_flow b)
{
    return a.open == b.open && (!a.open || a.col == b.col);
}

void
sb_count(struct sb *s, size_t i, struct sb_flow from)
{
    do {
        from = count_chunk(s, sb_chunk_at(s, i), from);
        if (++i == s->n)
            s->end = from;
    } while (i < s->n && !same_flow(sb_chunk_at(s, i)->from, from));
    sb_index_end(s);
}

void
sb_set_cols(struct sb *s, int cols)
{
    struct sb_flow f = { 0 };
    size_t i;

    s->cols = cols;
    for (i = 0; i < s->n; i++)
        f = count_chunk(s, sb_chunk_at(s, i), f);
    s->end = f;
    s->gone = 0;
    sb_index_end(s);
}

/* --- finding --- */

void
sb_index_end(struct sb *s)
{
    if (s->index != NULL)
        s->index->valid = false;
}

void
sb_index_free(struct sb *s)
{
    if (s->index != NULL)
        free(s->index->step);
    free(s->index);
    s->index = NULL;
}

/* The index is there from the first push on. */
static const struct sb_step *
index_of(const struct sb *s, const struct sb_chunk *c)
{
    struct sb_index *x = s->index;
    struct sb_flow f = c->from;
    uint32_t i, rows = 0;

    if (x->valid && x->chunk == c->first)
        return x->step;
    if (x->cap < c->n) {
        x->cap = c->n + 64;
        x->step = xrealloc(x->step, x->cap, sizeof(*x->step));
    }
    for (i = 0; i < c->n; i++) {
        x->step[i] = (struct sb_step){ .rows = rows, .flow = f };
        rows += (uint32_t)sb_lay(sb_line(c, i), s->cols, &f, 0, NULL);
    }
    x->chunk = c->first;
    x->valid = true;
    x->placed = false;
    return x->step;
}

/* Where a row begins. */
struct row_start {
    size_t chunk;
    uint32_t line;
    int cell;
};

/* The last line before which no more than `row` rows have begun. */
static uint32_t
line_of_row(const struct sb_step *step, uint32_t n, size_t row)
{
    uint32_t lo = 0, hi = n, mid;

    while (hi - lo > 1) {
        mid = (lo + hi) / 2;
        if (step[mid].rows <= row)
            lo = mid;
        else
            hi = mid;
    }
    return lo;
}

/* i < s->rows. */
static struct row_start
start_of(const struct sb *s, size_t i)
{
    struct row_start at = { 0 };
    struct sb_index *x = s->index;
    const struct sb_chunk *c;
    const struct sb_step *step;
    struct sb_flow f;
    size_t before = 0;

    if (x->valid && x->placed && i >= x->before) {
        at.chunk = x->at;
        before = x->before;
    }
    c = sb_chunk_at(s, at.chunk);
    while (i - before >= c->rows) {
        before += c->rows;
        c = sb_chunk_at(s, ++at.chunk);
    }
    step = index_of(s, c);
    x->placed = true;
    x->at = at.chunk;
    x->before = before;
    i -= before;
    at.line = line_of_row(step, c->n, i);
    f = step[at.line].flow;
    (void)sb_lay(sb_line(c, at.line), s->cols, &f, i - step[at.line].rows,
                 &at.cell);
    return at;
}

struct sb_place
sb_place_of(const struct sb *s, size_t i)
{
    struct row_start at = start_of(s, i);

    return (struct sb_place){
        .line = sb_chunk_at(s, at.chunk)->first + at.line,
        .cell = at.cell,
    };
}

/* Rows of the chunk that begin before or with the place, which is in it. */
static size_t
rows_until(const struct sb *s, const struct sb_chunk *c, struct sb_place at)
{
    uint32_t line = (uint32_t)(at.line - c->first);
    struct sb_flow f = index_of(s, c)[line].flow;
    size_t rows = index_of(s, c)[line].rows, n, i;
    int cell = 0;

    n = sb_lay(sb_line(c, line), s->cols, &f, 0, NULL);
    for (i = 0; i < n; i++) {
        f = index_of(s, c)[line].flow;
        (void)sb_lay(sb_line(c, line), s->cols, &f, i, &cell);
        if (cell > at.cell)
            break;
        rows++;
    }
    return rows;
}

size_t
sb_row_at(const struct sb *s, struct sb_place at)
{
    size_t row = 0, i;

    for (i = 0; i < s->n; i++) {
        const struct sb_chunk *c = sb_chunk_at(s, i);

        if (at.line < c->first)
            break;
        if (at.line < c->first + c->n) {
            row += rows_until(s, c, at);
            break;
        }
        row += c->rows;
    }
    return row > 0 ? row - 1 : 0;
}

/* --- reading --- */

/* The line behind `at`; false: there is none. */
static bool
next_line(const struct sb *s, struct row_start *at)
{
    at->cell = 0;
    if (++at->line < sb_chunk_at(s, at->chunk)->n)
        return true;
    at->line = 0;
    return ++at->chunk < s->n;
}

static bool
line_open(const unsigned char *line)
{
    struct sb_head head;

    memcpy(&head, line, sizeof(head));
    return (head.runs & SB_OPEN) != 0;
}

/* The row has more cells than fit: those of the next one go. */
static void
cut_row(struct row *r, int cols)
{
    r->len = r->cells[cols].attrs & CELL_TAIL ? cols - 1 : cols;
    r->wraps = true;
}

bool
sb_get(const struct sb *s, size_t i, struct row *r)
{
    struct row_start at;
    const unsigned char *line;

    if (i >= s->rows)
        return false;
    at = start_of(s, i);
    r->len = 0;
    for (;;) {
        line = sb_line(sb_chunk_at(s, at.chunk), at.line);
        sb_unpack(line, r);
        r->wraps = line_open(line);
        if (at.cell > 0) {
            memmove(r->cells, r->cells + at.cell,
                    (size_t)(r->len - at.cell) * sizeof(*r->cells));
            r->len -= at.cell;
        }
        if (!r->wraps || r->len > s->cols || !next_line(s, &at))
            break;
    }
    if (r->len > s->cols)
        cut_row(r, s->cols);
    return true;
}

bool
sb_pop(struct sb *s, struct row *r)
{
    struct row_start at;
    struct row head = { 0 };

    if (s->rows == 0)
        return false;
    (void)sb_get(s, s->rows - 1, r);
    at = start_of(s, s->rows - 1);
    if (at.cell > 0) {
        sb_unpack(sb_line(sb_chunk_at(s, at.chunk), at.line), &head);
        head.len = at.cell;
        head.wraps = true;
    }
    sb_cut(s, at.chunk, at.line);
    if (at.cell > 0)
        (void)sb_push(s, &head);
    row_free(&head);
    return true;
}
