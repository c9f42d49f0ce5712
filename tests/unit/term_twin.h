/*
 * term_twin.h - two terminals that get the same bytes: one as the product has
 * it, in pieces of any size, the other through libvterm alone, byte by byte.
 * Whatever can be told of them must be the same. What they get is made of a
 * string of bytes, each of which chooses a word of the table: random ones of a
 * fixed seed in test_term_twin.c, those of the fuzzer in fuzz_fast.c.
 */
#ifndef XENDECK_TESTS_TERM_TWIN_H
#define XENDECK_TESTS_TERM_TWIN_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ui/term/term_move.h"

struct twin {
    struct term *t;
    struct buf out; /* its answers */
};

struct twins {
    struct twin fast, slow;
    struct filter_ops slow_ops;
    struct buf bytes; /* not yet given to either */
};

static const char *const twin_words[] = {
    "a",
    "b ",
    "word",
    "The quick brown fox ",
    "012345678901234567890123456789",
    " ",
    "\r",
    "\n",
    "\r\n",
    "\r\n\r\n",
    "\b",
    "\b\b",
    "\t",
    "\v",
    "\f",
    "\a",
    "\u00e9",
    "\u00ad",
    "\u0416",
    "\u2026",
    "\u2500",
    "\u2502",
    "\u25fd",
    "\u4e2d",
    "\u6587\u5b57",
    "\uac00",
    "\uff21",
    "\u3042\u3099",
    "\u3000",
    "\U0001f600",
    "\U0001f468\u200d\U0001f469",
    "e\u0301",
    "\u0301",
    "\u20dd",
    "\u00e9\u0301\u0302\u0303",
    "\u200b",
    "\u202e",
    "\ufffe",
    "\xc3",
    "\xe4\xb8",
    "\xad",
    "\xff",
    "\u0600",
    "\u1160",
    "\u2b50",
    /* colours and attributes */
    "\033[m",
    "\033[0m",
    "\033[1m",
    "\033[31m",
    "\033[0;1;34m",
    "\033[38;5;99m",
    "\033[48;5;4m",
    "\033[38;2;1;2;3m",
    "\033[48;2;250;0;9m",
    "\033[7m",
    "\033[27;4m",
    "\033[22;23;24m",
    "\033[39m",
    "\033[49m",
    "\033[92;103m",
    "\033[3m",
    "\033[44m",
    "\033[5m",
    "\033[9;1m",
    "\033[21m",
    "\033[;1m",
    "\033[1;m",
    "\033[38;5;m",
    "\033[38;5m",
    "\033[38;2;1;2m",
    "\033[38:5:9m",
    "\033[4:3m",
    "\033[58;5;1m",
    "\033[999m",
    "\033[38;5;300m",
    "\033[1;48m",
    "\033[01;31;01;31;01;31;01;31;01;31;01;31;01;31;01;31m",
    "\033[10m",
    "\033[98m",
    "\033[108m",
    "\033[48;5;8;38;5;255;1m",
    "\033[0;38;5m",
    /* erasing */
    "\033[K",
    "\033[0K",
    "\033[1K",
    "\033[2K",
    "\033[?K",
    "\033[J",
    "\033[2J",
    "\033[1J",
    "\033[3X",
    "\033[2P",
    "\033[2@",
    "\033[L",
    "\033[M",
    "\033[S",
    "\033[T",
    "\033[1\"q",
    "\033[0\"q",
    "\033[?2J",
    "\033#8",
    "\033[3b",
    "\033[b",
    /* moving */
    "\033[H",
    "\033[2;3H",
    "\033[99;99H",
    "\033[A",
    "\033[2B",
    "\033[3C",
    "\033[4D",
    "\033[G",
    "\033[80G",
    "\033[d",
    "\033D",
    "\033E",
    "\033M",
    "\0337",
    "\0338",
    "\033[s",
    "\033[u",
    "\033[5;1H",
    "\033[I",
    "\033[Z",
    /* modes */
    "\033[4h",
    "\033[4l",
    "\033[20h",
    "\033[20l",
    "\033[?7l",
    "\033[?7h",
    "\033[?6h",
    "\033[?6l",
    "\033[2;4r",
    "\033[r",
    "\033[?5h",
    "\033[?5l",
    "\033[?1049h",
    "\033[?1049l",
    "\033[?47h",
    "\033[?47l",
    "\033[?25l",
    "\033(0",
    "\033(B",
    "\033)0",
    "\033)B",
    "\016",
    "\017",
    "\033N",
    "\033O",
    "\033*0",
    "\033*B",
    "\033n",
    "\033o",
    "\033H",
    "\033[g",
    "\033[3g",
    "\033#3",
    "\033#4",
    "\033#5",
    "\033#6",
    "\033[!p",
    "\033c",
    "\033[?3h",
    "\033[?40h",
    /* answers, strings, halves */
    "\033[6n",
    "\033[?6n",
    "\033P$qm\033\\",
    "\033[c",
    "\033]0;title\a",
    "\033P1$r",
    "\033\\",
    "\033",
    "\033[",
    "\033[1",
    "\033[1;",
    "m",
    ";",
    "\030",
};

/* Bytes beyond the words: what is done to both, with the byte behind it. */
enum { TWIN_GIVE = 251, TWIN_SIZE, TWIN_BYTE, TWIN_RESET, TWIN_SEAM };

static void
twin_fail(const char *what, long a, long b)
{
    fprintf(stderr, "%s: %ld here, %ld through libvterm\n", what, a, b);
    abort();
}

static void
twin_same(const char *what, long a, long b)
{
    if (a != b)
        twin_fail(what, a, b);
}

static void
twin_keep(void *arg, const char *bytes, size_t n)
{
    buf_add(&((struct twin *)arg)->out, bytes, n);
}

static void
twin_open(struct twin *w, int rows, int cols)
{
    struct term_opts o = { .rows = rows,
                           .cols = cols,
                           .scrollback_bytes = 1 << 18,
                           .output = twin_keep,
                           .arg = w };

    w->t = term_new(&o);
}

static void
twins_open(struct twins *w, int rows, int cols)
{
    *w = (struct twins){ 0 };
    twin_open(&w->fast, rows, cols);
    twin_open(&w->slow, rows, cols);
    w->slow_ops = *w->slow.t->filter.ops;
    w->slow_ops.fast = NULL;
    w->slow.t->filter.ops = &w->slow_ops;
}

static void
twins_close(struct twins *w)
{
    term_free(w->fast.t);
    term_free(w->slow.t);
    buf_free(&w->fast.out);
    buf_free(&w->slow.out);
    buf_free(&w->bytes);
}

/* --- comparing --- */

static void
twin_same_cell(const struct cell *a, const struct cell *b)
{
    twin_same("character", a->ch, b->ch);
    twin_same("first mark", a->mark[0], b->mark[0]);
    twin_same("second mark", a->mark[1], b->mark[1]);
    twin_same("foreground", a->fg, b->fg);
    twin_same("background", a->bg, b->bg);
    twin_same("attributes", a->attrs, b->attrs);
}

static void
twin_same_row(const struct row *a, const struct row *b)
{
    int x;

    twin_same("cells of a row", a->len, b->len);
    twin_same("a row wraps", a->wraps, b->wraps);
    for (x = 0; x < a->len; x++)
        twin_same_cell(&a->cells[x], &b->cells[x]);
}

static void
twins_same_scrollback(const struct term *a, const struct term *b)
{
    struct row r = { 0 }, q = { 0 };
    size_t i;

    twin_same("rows of scrollback", (long)a->sb.rows, (long)b->sb.rows);
    twin_same("bytes of scrollback", (long)a->sb.bytes, (long)b->sb.bytes);
    for (i = 0; sb_get(&a->sb, i, &r) && sb_get(&b->sb, i, &q); i++)
        twin_same_row(&r, &q);
    row_free(&r);
    row_free(&q);
}

static void
twins_same_screen(struct term *a, struct term *b)
{
    int k, y;

    for (k = 0; k < 2; k++)
        for (y = 0; y < a->rows; y++)
            twin_same_row(&a->grid[k].row[y], &b->grid[k].row[y]);
    twin_same("alternate screen", a->alt, b->alt);
    twin_same("bell", term_bell(a), term_bell(b));
    twin_same("reverse screen", a->reverse, b->reverse);
    if (b->all_dirty && !a->all_dirty)
        twin_fail("all is drawn", 0, 1);
    for (y = 0; y < a->rows && !a->all_dirty; y++)
        if (b->dirty[y] && !a->dirty[y])
            twin_fail("a row that is drawn", 0, y);
    term_drawn(a, NULL);
    term_drawn(b, NULL);
}

static void
twins_same_cursor(const struct term *a, const struct term *b)
{
    VTermPos p = term_pos(a), q = term_pos(b);

    twin_same("row of the cursor", p.row, q.row);
    twin_same("column of the cursor", p.col, q.col);
    twin_same("the next glyph wraps", term_wrap_pending(a),
              term_wrap_pending(b));
    twin_same("column of the next glyph", term_next_col(a, p),
              term_next_col(b, q));
    twin_same_cell(&a->pen, &b->pen);
}

static void
twins_same_filter(const struct filter *a, const struct filter *b)
{
    twin_same("odd", a->odd, b->odd);
    twin_same("marks in a row", a->marks, b->marks);
    twin_same("set in use", a->gl, b->gl);
    twin_same("bytes of the last character", (long)a->n_last, (long)b->n_last);
    if (memcmp(a->last, b->last, a->n_last) != 0)
        twin_fail("the last character", a->last[0], b->last[0]);
}

static void
twins_compare(struct twins *w)
{
    struct term *a = w->fast.t, *b = w->slow.t;

    twins_same_cursor(a, b);
    twins_same_screen(a, b);
    twins_same_filter(&a->filter, &b->filter);
    if (strcmp(buf_text(&w->fast.out), buf_text(&w->slow.out)) != 0)
        twin_fail("answers", (long)w->fast.out.len, (long)w->slow.out.len);
}

/* --- feeding --- */

/* All that was gathered; the first has it cut in two at `cut` of 256. */
static void
twins_give(struct twins *w, unsigned cut)
{
    size_t first = w->bytes.len * (cut & 0xff) / 256, i;

    if (w->bytes.len == 0)
        return;
    term_write(w->fast.t, w->bytes.data, first);
    term_write(w->fast.t, w->bytes.data + first, w->bytes.len - first);
    for (i = 0; i < w->bytes.len; i++) {
        term_write(w->slow.t, w->bytes.data + i, 1);
        term_sync(w->slow.t);
    }
    buf_clear(&w->bytes);
    twins_compare(w);
}

static void
twins_do(struct twins *w, unsigned what, unsigned value)
{
    if (what == TWIN_BYTE) {
        buf_chr(&w->bytes, (char)value);
        return;
    }
    twins_give(w, value);
    if (what == TWIN_SIZE) {
        term_resize(w->fast.t, 1 + (int)value % 9, 2 + (int)value / 6);
        term_resize(w->slow.t, 1 + (int)value % 9, 2 + (int)value / 6);
    } else if (what == TWIN_RESET) {
        term_reset(w->fast.t);
        term_reset(w->slow.t);
    } else if (what == TWIN_SEAM) {
        term_seam(w->fast.t, "-- seam --");
        term_seam(w->slow.t, "-- seam --");
    }
    term_sync(w->slow.t);
    twins_compare(w);
}

/* Plays what the bytes choose to terminals of 6 x 20. Aborts where they differ.
 */
static void
twins_play(const unsigned char *choice, size_t n)
{
    size_t words = sizeof(twin_words) / sizeof(twin_words[0]), i;
    struct twins w;

    twins_open(&w, 6, 20);
    for (i = 0; i < n; i++) {
        if (choice[i] >= TWIN_GIVE && i + 1 < n) {
            twins_do(&w, choice[i], choice[i + 1]);
            i++;
        } else {
            buf_str(&w.bytes, twin_words[choice[i] % words]);
        }
    }
    twins_give(&w, 0);
    term_sync(w.fast.t);
    twins_compare(&w);
    twins_same_scrollback(w.fast.t, w.slow.t);
    twins_close(&w);
}

#endif
