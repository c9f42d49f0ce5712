/*
 * sb_pack.c - a row of cells and the bytes that are kept of it: its runs of
 * equal style, 12 bytes each, and its text. A row of plain ASCII has no runs.
 */
#include <string.h>

#include "ui/draw/theme.h"
#include "ui/term/sb_int.h"

static uint16_t
run_attrs(const struct cell *c)
{
    unsigned a = c->attrs & CELL_RUN & ~(unsigned)(CELL_MARK1 | CELL_MARK2);

    if (c->mark[0] != 0)
        a |= c->mark[1] != 0 ? CELL_MARK1 | CELL_MARK2 : CELL_MARK1;
    return (uint16_t)a;
}

/* The plain case, most of a boot log: ASCII in the default colours. */
static bool
pack_plain(const struct row *r, int used, struct buf *out)
{
    char text[TERM_MAX_COLS];
    int i;

    if (used > TERM_MAX_COLS)
        return false;
    for (i = 0; i < used; i++) {
        const struct cell *c = &r->cells[i];

        if (c->ch > 0x7e || c->mark[0] != 0 || c->fg != COLOR_NONE ||
            c->bg != COLOR_NONE || (c->attrs & CELL_RUN) != 0)
            return false;
        text[i] = c->ch == 0 ? ' ' : (char)c->ch;
    }
    /* cppcheck-suppress uninitvar */ /* of a row without cells it adds none */
    buf_add(out, text, (size_t)used);
    return true;
}

static bool
run_goes_on(const struct sb_run *run, const struct cell *c, uint16_t attrs)
{
    return run->fg == c->fg && run->bg == c->bg && run->attrs == attrs;
}

static size_t
put_char(char *out, const struct cell *c)
{
    int m, n = utf8_put(out, c->ch == 0 ? ' ' : c->ch);

    for (m = 0; m < TERM_MARKS && c->mark[m] != 0; m++)
        n += utf8_put(out + n, c->mark[m]);
    return (size_t)n;
}

/* Cells of ASCII from `from` on that look as the one before them, whose text is
 * put to out; returns their number. */
static int
put_alike(const struct row *r, int from, int used, char *out)
{
    const struct cell *like = &r->cells[from - 1];
    int i;

    for (i = from; i < used; i++) {
        const struct cell *c = &r->cells[i];

        if (c->ch > 0x7e || c->mark[0] != 0 || c->fg != like->fg ||
            c->bg != like->bg || c->attrs != like->attrs)
            break;
        *out++ = c->ch == 0 ? ' ' : (char)c->ch;
    }
    return i - from;
}

/* Any line: its runs, then its text. */
static void
pack_styled(const struct row *r, int used, struct buf *out,
            struct sb_head *head)
{
    char text[TERM_MAX_COLS * 4 * (TERM_MARKS + 1)];
    struct sb_run run[TERM_MAX_COLS];
    size_t n_text = 0, n = 0;
    int i, alike;

    for (i = 0; i < used; i++) {
        const struct cell *c = &r->cells[i];
        uint16_t attrs = run_attrs(c);

        if (c->attrs & CELL_TAIL)
            continue;
        if (n == 0 || !run_goes_on(&run[n - 1], c, attrs))
            run[n++] =
                (struct sb_run){ .fg = c->fg, .bg = c->bg, .attrs = attrs };
        run[n - 1].cells++;
        if (attrs & CELL_WIDE)
            head->runs |= SB_WIDE;
        n_text += put_char(text + n_text, c);
        if (attrs & (CELL_WIDE | CELL_MARK1))
            continue;
        alike = put_alike(r, i + 1, used, text + n_text);
        run[n - 1].cells = (uint16_t)(run[n - 1].cells + alike);
        n_text += (size_t)alike;
        i += alike;
    }
    buf_add(out, run, n * sizeof(run[0]));
    /* cppcheck-suppress uninitvar */ /* likewise */
    buf_add(out, text, n_text);
    head->runs |= (uint16_t)n;
    head->text_bytes = (uint16_t)n_text;
}

void
sb_pack(const struct row *r, int used, struct buf *out, struct sb_head *head)
{
    buf_clear(out);
    head->cells = (uint16_t)used;
    if (pack_plain(r, used, out))
        head->text_bytes = (uint16_t)out->len;
    else
        pack_styled(r, used, out, head);
}

/* Appends a packed character to the row; returns the bytes it took. */
static size_t
unpack_char(struct row *r, const char *p, size_t n, const struct sb_run *run)
{
    struct cell c = { .fg = run->fg, .bg = run->bg };
    int marks = run->attrs & CELL_MARK2 ? 2 : run->attrs & CELL_MARK1 ? 1 : 0;
    int len = utf8_get(p, n, &c.ch), m;
    size_t at = (size_t)len;

    c.attrs = run->attrs & (uint16_t) ~(CELL_WIDE | CELL_MARK1 | CELL_MARK2);
    for (m = 0; m < marks && at < n; m++) {
        len = utf8_get(p + at, n - at, &c.mark[m]);
        at += (size_t)len;
    }
    row_put(r, r->len, &c, run->attrs & CELL_WIDE ? 2 : 1);
    return at;
}

void
sb_unpack(const unsigned char *line, struct row *r)
{
    struct sb_run run = { .fg = COLOR_NONE, .bg = COLOR_NONE };
    struct sb_head head;
    const unsigned char *runs = line + sizeof(head);
    const char *text;
    size_t at = 0;
    unsigned i = 0, n;

    memcpy(&head, line, sizeof(head));
    n = head.runs & SB_RUNS;
    text = (const char *)runs + n * sizeof(run);
    row_reserve(r, r->len + head.text_bytes);
    while (at < head.text_bytes) {
        if (run.cells == 0 && i < n)
            memcpy(&run, runs + sizeof(run) * i++, sizeof(run));
        at += unpack_char(r, text + at, head.text_bytes - at, &run);
        if (n > 0)
            run.cells--;
    }
}
