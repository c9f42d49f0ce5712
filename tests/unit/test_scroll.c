/*
 * test_scroll.c - the packed scrollback: what goes in comes out, within its
 * bounds, and at the price of few bytes a line.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "src/base/buf.h"
#include "ui/draw/theme.h"
#include "ui/term/grid.h"
#include "ui/term/sb.h"

static const struct cell plain = { .fg = COLOR_NONE, .bg = COLOR_NONE };

static void
put_text(struct row *r, const char *text, const struct cell *style)
{
    struct cell c = *style;

    for (; *text != '\0'; text++) {
        c.ch = (unsigned char)*text;
        row_put(r, r->len, &c, 1);
    }
}

static void
push_text(struct sb *s, const char *text)
{
    struct row r = { 0 };

    put_text(&r, text, &plain);
    sb_push(s, &r);
    row_free(&r);
}

static void
assert_line(const struct sb *s, size_t i, const char *want)
{
    struct row r = { 0 };
    struct buf b = { 0 };

    assert_true(sb_get(s, i, &r));
    row_text(&r, false, &b);
    assert_string_equal(buf_text(&b), want);
    buf_free(&b);
    row_free(&r);
}

static void
test_lines_come_back_in_order(void **state)
{
    struct sb s;
    char text[32];
    int i;

    (void)state;
    sb_init(&s, 1 << 20, TERM_MAX_COLS, NULL);
    for (i = 0; i < 5000; i++) {
        snprintf(text, sizeof(text), "line %d", i);
        push_text(&s, text);
    }
    assert_int_equal(s.rows, 5000);
    for (i = 0; i < 5000; i += 7) {
        snprintf(text, sizeof(text), "line %d", i);
        assert_line(&s, (size_t)i, text);
    }
    assert_false(sb_get(&s, 5000, &(struct row){ 0 }));
    sb_fini(&s);
}

static void
test_pop_undoes_push(void **state)
{
    struct row r = { 0 };
    struct buf b = { 0 };
    struct sb s;
    char text[32];
    int i;

    (void)state;
    sb_init(&s, 65536, TERM_MAX_COLS, NULL);
    assert_false(sb_pop(&s, &r));
    for (i = 0; i < 2000; i++) {
        snprintf(text, sizeof(text), "%d", i);
        push_text(&s, text);
    }
    for (i = 1999; s.rows > 0; i--) {
        buf_clear(&b);
        assert_true(sb_pop(&s, &r));
        row_text(&r, false, &b);
        snprintf(text, sizeof(text), "%d", i);
        assert_string_equal(buf_text(&b), text);
    }
    assert_int_equal(s.bytes, 0);
    assert_false(sb_pop(&s, &r));
    push_text(&s, "again");
    assert_line(&s, 0, "again");
    row_free(&r);
    buf_free(&b);
    sb_fini(&s);
}

static void
test_bytes_are_bounded_and_the_oldest_go(void **state)
{
    struct sb s;
    char text[81];
    int i;

    (void)state;
    sb_init(&s, 65536, TERM_MAX_COLS, NULL);
    for (i = 0; i < 20000; i++) {
        snprintf(text, sizeof(text), "%070d", i);
        push_text(&s, text);
        assert_true(s.bytes <= 65536);
    }
    assert_true(s.rows > 500);
    assert_int_equal(s.gone + s.rows, 20000);
    snprintf(text, sizeof(text), "%070d", 19999);
    assert_line(&s, s.rows - 1, text);
    snprintf(text, sizeof(text), "%070d", (int)s.gone);
    assert_line(&s, 0, text);
    sb_fini(&s);
}

static void
test_a_boot_log_fits_the_budget(void **state)
{
    struct sb s;
    char text[81];
    int i;

    (void)state;
    sb_init(&s, 1 << 20, TERM_MAX_COLS, NULL);
    for (i = 0; i < 10000; i++) {
        snprintf(text, sizeof(text), "[%5d.%06d] %056d", i / 100, i, i);
        push_text(&s, text);
    }
    assert_int_equal(s.rows, 10000);
    assert_true(s.bytes <= 1 << 20);
    sb_fini(&s);
}

static void
test_styles_and_wide_and_combining_survive(void **state)
{
    struct cell red = { .fg = 1, .bg = COLOR_NONE, .attrs = CELL_BOLD };
    struct cell wide = { .ch = 0x4e2d, .fg = 0x1123456, .bg = 4 };
    struct cell marked = { .ch = 'e', .fg = COLOR_NONE, .bg = COLOR_NONE };
    struct row r = { 0 }, back = { 0 };
    struct sb s;
    int i;

    (void)state;
    marked.mark[0] = 0x301;
    marked.mark[1] = 0x323;
    sb_init(&s, 65536, TERM_MAX_COLS, NULL);
    put_text(&r, "ab", &plain);
    put_text(&r, "cd", &red);
    row_put(&r, r.len, &wide, 2);
    row_put(&r, r.len, &marked, 1);
    put_text(&r, "z   ", &plain);
    sb_push(&s, &r);
    assert_true(sb_get(&s, 0, &back));
    assert_int_equal(back.len, 8);
    for (i = 0; i < back.len; i++) {
        assert_int_equal(back.cells[i].ch, r.cells[i].ch);
        assert_int_equal(back.cells[i].fg, r.cells[i].fg);
        assert_int_equal(back.cells[i].bg, r.cells[i].bg);
        assert_int_equal(back.cells[i].attrs, r.cells[i].attrs);
        assert_int_equal(back.cells[i].mark[0], r.cells[i].mark[0]);
    }
    assert_int_equal(back.cells[6].mark[1], 0x323);
    row_free(&r);
    row_free(&back);
    sb_fini(&s);
}

/* Every cell another style, every character the longest. */
static void
test_the_largest_line_fits_the_smallest_scrollback(void **state)
{
    struct row r = { 0 }, back = { 0 };
    struct cell c = plain;
    struct sb s;
    int i;

    (void)state;
    sb_init(&s, 65536, TERM_MAX_COLS, NULL);
    for (i = 0; i < TERM_MAX_COLS; i++) {
        c.ch = 0x10ffff;
        c.mark[0] = c.mark[1] = 0x10fffd;
        c.fg = 0x1000000 | i;
        row_put(&r, i, &c, 1);
    }
    for (i = 0; i < 10; i++)
        sb_push(&s, &r);
    assert_true(s.rows >= 1 && s.bytes <= 65536);
    assert_true(sb_get(&s, s.rows - 1, &back));
    assert_int_equal(back.len, TERM_MAX_COLS);
    assert_int_equal(back.cells[999].fg, 0x1000000 | 999);
    row_free(&r);
    row_free(&back);
    sb_fini(&s);
}

/* Many that share: together within the bound, and the largest pays. */
static void
test_a_share_bounds_all_and_takes_from_the_largest(void **state)
{
    struct term_share share;
    struct sb s[40], small;
    char text[64];
    size_t i, k;

    (void)state;
    term_share_init(&share, 4 << 20);
    sb_init(&small, 1 << 20, TERM_MAX_COLS, &share);
    for (k = 0; k < 100; k++)
        push_text(&small, "of the quiet one");
    for (i = 0; i < 40; i++) {
        sb_init(&s[i], 1 << 20, TERM_MAX_COLS, &share);
        for (k = 0; k < 20000; k++) {
            snprintf(text, sizeof(text), "line %zu of a flood of its own", k);
            push_text(&s[i], text);
            assert_true(share.bytes <= 4 << 20);
        }
        assert_line(&s[i], s[i].rows - 1, "line 19999 of a flood of its own");
    }
    assert_int_equal(small.rows, 100);
    for (i = 0; i < 40; i++) {
        assert_true(s[i].rows > 0);
        sb_fini(&s[i]);
    }
    sb_fini(&small);
    assert_int_equal(share.bytes, 0);
    assert_true(list_empty(&share.all));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines_come_back_in_order),
        cmocka_unit_test(test_pop_undoes_push),
        cmocka_unit_test(test_bytes_are_bounded_and_the_oldest_go),
        cmocka_unit_test(test_a_boot_log_fits_the_budget),
        cmocka_unit_test(test_styles_and_wide_and_combining_survive),
        cmocka_unit_test(test_the_largest_line_fits_the_smallest_scrollback),
        cmocka_unit_test(test_a_share_bounds_all_and_takes_from_the_largest),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
