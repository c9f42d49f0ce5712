/*
 * test_term_flow.c - lines that wrap at the edge are one line: at each width
 * they are laid anew, on the screen and above it, and come back whole; a search
 * finds what stands across an edge.
 */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ui/term/sb.h"
#include "ui/term/term.h"

static struct term *
open_term(int rows, int cols)
{
    struct term_opts o = { .rows = rows,
                           .cols = cols,
                           .scrollback_bytes = 4U << 20 };

    return term_new(&o);
}

static void
feed(struct term *t, const char *text)
{
    term_write(t, text, strlen(text));
}

/* Whole lines, "\n" behind each but the blank ones at the end. */
static void
whole_lines(const struct term *t, struct buf *out)
{
    size_t i;
    bool on;

    for (i = 0; term_line_part(t, i, out, &on); i++)
        if (!on)
            buf_chr(out, '\n');
    while (out->len > 0 && out->data[out->len - 1] == '\n')
        out->data[--out->len] = '\0';
}

static void
assert_lines(const struct term *t, const char *want)
{
    struct buf b = { 0 };

    whole_lines(t, &b);
    assert_string_equal(buf_text(&b), want);
    buf_free(&b);
}

/* --- what is one line --- */

static void
test_a_line_that_wraps_is_one(void **state)
{
    struct term *t = open_term(4, 10);

    (void)state;
    feed(t, "0123456789abcdefghijKLM\r\nnext\r\n0123456789\r\nfull");
    assert_lines(t, "0123456789abcdefghijKLM\nnext\n0123456789\nfull");
    term_free(t);
}

static void
test_blanks_at_the_edge_stay_inside_a_line(void **state)
{
    struct term *t = open_term(4, 10);

    (void)state;
    feed(t, "123456     x\r\n");
    assert_lines(t, "123456     x");
    term_resize(t, 4, 7);
    assert_lines(t, "123456     x");
    term_resize(t, 4, 30);
    assert_lines(t, "123456     x");
    term_free(t);
}

static void
test_a_wide_character_that_does_not_fit_leaves_no_gap(void **state)
{
    struct term *t = open_term(4, 5);

    (void)state;
    feed(t, "abcd\xe4\xb8\xad"
            "efg\r\n");
    assert_lines(t, "abcd\xe4\xb8\xad"
                    "efg");
    term_resize(t, 4, 6);
    assert_lines(t, "abcd\xe4\xb8\xad"
                    "efg");
    term_resize(t, 4, 2);
    assert_lines(t, "abcd\xe4\xb8\xad"
                    "efg");
    term_free(t);
}

/* What the guest puts elsewhere, or erases, is another line. */
static void
test_what_is_put_elsewhere_is_another_line(void **state)
{
    struct term *t = open_term(4, 5);

    (void)state;
    feed(t, "12345\033[2;1Hab"); /* moved there, not wrapped */
    assert_lines(t, "12345\nab");
    feed(t, "\033[2J\033[H1234567\033[1;1H\033[K"
            "new");
    assert_lines(t, "12345\nab\nnew\n67");
    term_free(t);
}

static void
test_lines_moved_in_a_region_are_cut_off(void **state)
{
    struct term *t = open_term(4, 5);

    (void)state;
    feed(t, "1234567\033[2;1H\033[L"
            "new");
    assert_lines(t, "12345\nnew\n67");
    term_free(t);
}

/* --- sizes --- */

static void
test_a_full_screen_in_colour_does_not_double(void **state)
{
    struct term *t = open_term(3, 10);
    int rows, cols;

    (void)state;
    feed(t, "\033[44m\033[2J\033[Hmenu\033[2;1Hb\033[3;1Hc");
    term_resize(t, 3, 6);
    assert_int_equal(term_lines(t), 0);
    term_size(t, &rows, &cols);
    assert_int_equal(rows, 3);
    assert_lines(t, "menu\nb\nc");
    term_free(t);
}

static void
test_the_view_stays_on_its_text(void **state)
{
    struct term *t = open_term(4, 20);
    struct buf b = { 0 };
    int i;
    char text[64];

    (void)state;
    for (i = 0; i < 100; i++) {
        snprintf(text, sizeof(text), "line %d of a text that wraps\r\n", i);
        feed(t, text);
    }
    term_scroll(t, -101);
    assert_true(term_line_text(t, term_lines(t) - term_view(t), &b));
    term_resize(t, 4, 61);
    term_resize(t, 9, 20);
    snprintf(text, sizeof(text), "%s", buf_text(&b));
    buf_clear(&b);
    assert_true(term_line_text(t, term_lines(t) - term_view(t), &b));
    assert_string_equal(buf_text(&b), text);
    buf_free(&b);
    term_free(t);
}

static void
test_a_match_across_the_edge_is_found(void **state)
{
    struct term *t = open_term(3, 10);
    int i;

    (void)state;
    feed(t, "one kernel panic\r\n"); /* wraps inside "panic"? at "kernel" */
    for (i = 0; i < 20; i++)
        feed(t, "other\r\n");
    assert_true(term_search(t, "kernel", -1));
    assert_int_equal(term_view(t), term_lines(t));
    assert_false(term_search(t, "kernelpanic", -1));
    term_free(t);
}

/* A row whose end was erased goes nowhere; under the alternate screen the
 * cursor of the main one stays within its rows. */
static void
test_an_erased_end_ends_the_line(void **state)
{
    struct term *t = open_term(24, 80);
    int i;

    (void)state;
    for (i = 0; i < 40; i++)
        feed(t, "line\r\n");
    feed(t, "\033[23;1H");
    for (i = 0; i < 79; i++)
        feed(t, "x");
    feed(t, "\xe4\xb8\xad\033[24;1H\033[2X\033[23;1H\033[79X\033[?1049h");
    term_resize(t, 12, 80);
    for (i = 81; i > 70; i--)
        term_resize(t, 12, i);
    term_resize(t, 3, 2);
    term_resize(t, 40, 200);
    feed(t, "\033[?1049lend");
    term_free(t);
}

static void
test_the_cursor_stays_on_a_wide_character(void **state)
{
    struct term *t = open_term(4, 10);

    (void)state;
    feed(t, "ab\xe4\xb8\xad"
            "cd\033[1;3H");
    term_resize(t, 4, 20);
    feed(t, "X");
    assert_lines(t, "abX cd");
    term_free(t);
}

/* What a change of the width makes of the past is not what was pushed out under
 * the alternate screen: nothing old comes back into the main one. */
static void
test_only_what_was_pushed_comes_back(void **state)
{
    struct term *t = open_term(5, 40);
    struct buf b = { 0 };
    int i;

    (void)state;
    for (i = 0; i < 30; i++)
        feed(t, "a line of the past that is wider than twenty\r\n");
    feed(t, "\033[2J\033[Htop\033[?1049h");
    term_resize(t, 5, 20);
    term_resize(t, 9, 20);
    feed(t, "\033[?1049l");
    assert_true(term_line_text(t, term_lines(t), &b));
    assert_string_equal(buf_text(&b), "top");
    buf_free(&b);
    term_free(t);
}

/* --- the property: no sequence of sizes changes a line --- */

/* A random line of at most 300 characters, some of two columns, some in colour;
 * plain receives it without colours. */
static void
random_line(struct buf *raw, struct buf *plain)
{
    int n = rand() % 4 == 0 ? rand() % 300 : rand() % 40, i;

    for (i = 0; i < n; i++) {
        const char *c = rand() % 12 == 0 ? "\xe4\xb8\xad" : "x";
        char one[2] = { (char)('a' + rand() % 26), '\0' };

        if (c[0] == 'x')
            c = rand() % 8 == 0 && i + 1 < n && i > 0 ? " " : one;
        if (rand() % 20 == 0)
            buf_fmt(raw, "\033[%dm", 30 + rand() % 8);
        buf_add(raw, c, strlen(c));
        buf_add(plain, c, strlen(c));
    }
    if (n > 0) {
        buf_chr(raw, '.');
        buf_chr(plain, '.');
    }
}

static void
storm(unsigned seed)
{
    struct term *t = open_term(24, 80);
    struct buf raw = { 0 }, plain = { 0 };
    int step, i;

    srand(seed);
    buf_add(&plain, "begin", 5);
    feed(t, "begin");
    for (step = 0; step < 60; step++) {
        for (i = rand() % 8; i > 0; i--) {
            buf_clear(&raw);
            buf_add(&raw, "\r\n", 2);
            buf_chr(&plain, '\n');
            random_line(&raw, &plain);
            term_write(t, raw.data, raw.len);
        }
        term_resize(t, 1 + rand() % 40, 2 + rand() % 100);
        if (rand() % 6 == 0) {
            feed(t, "\033[?1049h\033[2J\033[H alt \r\n alt");
            term_resize(t, 1 + rand() % 40, 2 + rand() % 100);
            feed(t, "\033[?1049l");
        }
    }
    feed(t, "\r\nend");
    buf_add(&plain, "\nend", 4);
    assert_lines(t, buf_text(&plain));
    buf_free(&raw);
    buf_free(&plain);
    term_free(t);
}

static void
test_storms_of_sizes_change_no_line(void **state)
{
    unsigned seed;

    (void)state;
    for (seed = 1; seed <= 200; seed++)
        storm(seed);
}

/* The scrollback alone: each row, by its place, at each width. */
static void
test_rows_are_found_by_their_places(void **state)
{
    struct term *t = open_term(2, 80);
    struct row a = { 0 }, b = { 0 };
    struct sb s;
    size_t i;

    (void)state;
    term_free(t);
    sb_init(&s, 65536, 80, NULL);
    for (i = 0; i < 3000; i++) {
        row_extend(&a, (int)(i % 80));
        row_clear(&a);
        row_put(&a, (int)(i % 79),
                &(struct cell){ .ch = 'a' + (uint32_t)i % 26 },
                i % 7 == 0 && i % 79 < 78 ? 2 : 1);
        a.wraps = i % 3 != 0;
        (void)sb_push(&s, &a);
    }
    for (i = 0; i < 200; i++) {
        size_t row;

        sb_set_cols(&s, 2 + (int)(i % 120));
        row = s.rows * i / 200;
        assert_int_equal(sb_row_at(&s, sb_place_of(&s, row)), row);
        assert_true(sb_get(&s, row, &b));
        assert_true(b.len <= s.cols);
    }
    while (sb_pop(&s, &b))
        continue;
    assert_int_equal(s.bytes, 0);
    assert_int_equal(s.rows, 0);
    row_free(&a);
    row_free(&b);
    sb_fini(&s);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_line_that_wraps_is_one),
        cmocka_unit_test(test_blanks_at_the_edge_stay_inside_a_line),
        cmocka_unit_test(test_a_wide_character_that_does_not_fit_leaves_no_gap),
        cmocka_unit_test(test_what_is_put_elsewhere_is_another_line),
        cmocka_unit_test(test_lines_moved_in_a_region_are_cut_off),
        cmocka_unit_test(test_a_full_screen_in_colour_does_not_double),
        cmocka_unit_test(test_the_view_stays_on_its_text),
        cmocka_unit_test(test_a_match_across_the_edge_is_found),
        cmocka_unit_test(test_an_erased_end_ends_the_line),
        cmocka_unit_test(test_the_cursor_stays_on_a_wide_character),
        cmocka_unit_test(test_only_what_was_pushed_comes_back),
        cmocka_unit_test(test_storms_of_sizes_change_no_line),
        cmocka_unit_test(test_rows_are_found_by_their_places),
    };

    setlocale(LC_ALL, "C.UTF-8");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
