/*
 * test_copy.c - copy mode's cursor, selection and matches, on a terminal that
 * goes on printing.
 */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "ui/term/copy/copy.h"
#include "ui/term/copy/copy_hunt.h"
#include "ui/term/find/term_hunt.h"
#include "ui/term/term.h"

static struct term *
open_term(int rows, int cols, const char *text)
{
    struct term_opts o = { .rows = rows,
                           .cols = cols,
                           .scrollback_bytes = 1U << 20 };
    struct term *t = term_new(&o);

    term_write(t, text, strlen(text));
    return t;
}

static void
assert_copied(const struct copy *c, const char *want)
{
    struct buf b = { 0 };

    assert_true(copy_text(c, &b));
    assert_string_equal(buf_text(&b), want);
    buf_free(&b);
}

static void
assert_at(const struct copy *c, int y, int x)
{
    int cy, cx;

    assert_true(copy_cursor(c, &cy, &cx));
    assert_int_equal(cy, y);
    assert_int_equal(cx, x);
}

static void
test_characters_over_a_wrap_are_one_line(void **state)
{
    struct term *t = open_term(5, 10, "one two three four\r\nfive");
    struct copy c;

    (void)state;
    copy_begin(&c, t);
    copy_point(&c, 0, 4);
    copy_mark(&c, COPY_CHARS);
    copy_point(&c, 1, 7);
    assert_copied(&c, "two three four");
    copy_point(&c, 2, 1);
    assert_copied(&c, "two three four\nfi");
    copy_swap(&c);
    assert_at(&c, 0, 4);
    assert_copied(&c, "two three four\nfi");
    copy_end(&c);
    term_free(t);
}

static void
test_lines_are_whole_and_a_block_is_not(void **state)
{
    struct term *t = open_term(5, 10, "one two three four\r\nfive");
    struct copy c;

    (void)state;
    copy_begin(&c, t);
    copy_point(&c, 1, 2);
    assert_copied(&c, "one two three four\n"); /* nothing selected: its line */
    copy_mark(&c, COPY_LINES);
    copy_go(&c, COPY_DOWN, 1);
    assert_copied(&c, "one two three four\nfive\n");
    copy_mark(&c, COPY_LINES);
    copy_point(&c, 0, 6);
    copy_mark(&c, COPY_BLOCK);
    copy_point(&c, 1, 4);
    assert_copied(&c, "two\nfou\n");
    copy_end(&c);
    term_free(t);
}

static void
test_words(void **state)
{
    struct term *t = open_term(5, 10, "foo_1 (bar) bazqux end\r\nnext");
    struct copy c;

    (void)state;
    copy_begin(&c, t);
    copy_point(&c, 0, 0);
    copy_go(&c, COPY_WORD, 1);
    assert_at(&c, 0, 6);
    copy_go(&c, COPY_WORD, 1);
    assert_at(&c, 0, 7);
    copy_go(&c, COPY_WORD_END, 1);
    assert_at(&c, 0, 9);
    copy_go(&c, COPY_BIG_WORD, 1);
    assert_at(&c, 1, 2);
    copy_go(&c, COPY_WORD, 2);
    assert_at(&c, 3, 0);
    copy_go(&c, COPY_WORD_BACK, 1);
    assert_at(&c, 1, 9);
    copy_point(&c, 1, 4);
    copy_mark_word(&c);
    assert_copied(&c, "bazqux");
    copy_end(&c);
    term_free(t);
}

static void
test_the_view_stands_still(void **state)
{
    struct term *t = open_term(3, 20, "1\r\n2\r\n3");
    struct copy c;
    int i;

    (void)state;
    copy_begin(&c, t);
    copy_point(&c, 0, 0);
    copy_mark(&c, COPY_LINES);
    for (i = 0; i < 50; i++)
        term_write(t, "\r\nmore", 6);
    copy_sync(&c);
    assert_at(&c, 0, 0);
    assert_copied(&c, "1\n");
    copy_go(&c, COPY_BOTTOM, 1);
    assert_int_equal(term_view(t), 0);
    copy_go(&c, COPY_TOP, 1);
    assert_int_equal(term_view(t), term_lines(t));
    copy_end(&c);
    term_free(t);
}

static void
test_matches_are_counted_and_go_round(void **state)
{
    struct term *t = open_term(3, 10, "");
    struct copy c;
    int i;

    (void)state;
    for (i = 0; i < 17; i++)
        term_write(t, "an Error here\r\n", 15);
    copy_begin(&c, t);
    copy_go(&c, COPY_TOP, 1);
    assert_true(copy_search(&c, "error", 1, false));
    assert_int_equal(c.found, 1);
    assert_int_equal(c.total, 17);
    assert_true(copy_search(&c, "error", 1, false));
    assert_int_equal(c.found, 2);
    assert_true(copy_search(&c, "error", 1, true));
    assert_int_equal(c.found, 2);
    assert_true(copy_search(&c, "error", -1, false));
    assert_true(copy_search(&c, "error", -1, false));
    assert_int_equal(c.found, 17);
    assert_true(copy_search(&c, "Error he", 1, false)); /* over the edge */
    assert_int_equal(c.total, 17);
    assert_false(copy_search(&c, "ERROR", 1, false));
    assert_int_equal(c.total, 0);
    copy_end(&c);
    term_free(t);
}

/* What is an expression is looked for as it stands, too. A row that goes on
 * from the one above begins no line. */
static void
test_an_expression_is_looked_for(void **state)
{
    struct term *t = open_term(4, 10, "init[1]: up\r\ninit1: down\r\nEND");
    struct copy c;

    (void)state;
    copy_begin(&c, t);
    copy_go(&c, COPY_TOP, 1);
    assert_true(copy_search(&c, "init[1]:", 1, true));
    assert_int_equal(c.total, 2);
    assert_true(copy_search(&c, "(u|o)[[:alpha:]]+$", 1, false));
    assert_int_equal(c.total, 2); /* "up" over the edge, "own" */
    assert_true(copy_search(&c, "^init", 1, true));
    assert_int_equal(c.total, 2);
    assert_false(copy_search(&c, "^(p|wn)", 1, true));
    assert_true(copy_search(&c, "[1", 1, true)); /* none: as it stands */
    assert_int_equal(c.total, 1);
    copy_end(&c);
    term_free(t);
}

/* Lines "line 0" to "line 2999". */
static struct term *
open_long(void)
{
    struct term *t = open_term(3, 20, "");
    char text[32];
    int i;

    for (i = 0; i < 3000; i++)
        term_write(t, text,
                   (size_t)snprintf(text, sizeof(text), "line %d\r\n", i));
    return t;
}

/* Text that comes meanwhile, and another width, do no harm. */
static void
test_a_search_goes_on_in_pieces(void **state)
{
    struct term *t = open_long();
    enum term_found found;
    struct copy c;
    unsigned turns = 0;

    (void)state;
    copy_begin(&c, t);
    copy_go(&c, COPY_TOP, 1);
    copy_hunt_begin(&c, "ne 7$|line .*77", 1, true);
    while ((found = copy_hunt_go(&c, 10000)) == TERM_FOUND_LATER) {
        turns++;
        assert_true(copy_hunt_percent(&c) < 100);
        term_write(t, "more\r\n", 6);
        if (turns == 20) {
            term_resize(t, 3, 12);
            copy_sync(&c);
        }
    }
    assert_int_equal(found, TERM_FOUND_ONE);
    assert_true(turns > 40);
    assert_int_equal(c.total, 1 + 57);
    copy_hunt_begin(&c, "nowhere", 1, true);
    assert_int_equal(copy_hunt_go(&c, 1), TERM_FOUND_LATER);
    copy_end(&c); /* given up */
    term_free(t);
}

static void
test_a_view_is_searched_in_pieces(void **state)
{
    struct term *t = open_long();
    enum term_found found;
    struct buf b = { 0 };
    unsigned turns = 0;

    (void)state;
    term_hunt_begin(t, "^line 7$", -1);
    while ((found = term_hunt_go(t, 10000)) == TERM_FOUND_LATER)
        if (++turns == 20)
            term_resize(t, 3, 12);
    assert_int_equal(found, TERM_FOUND_ONE);
    assert_true(turns > 40);
    assert_true(term_line_text(t, term_lines(t) - term_view(t) + 1, &b));
    assert_string_equal(buf_text(&b), "line 7");
    buf_free(&b);
    term_hunt_begin(t, "nowhere", 1);
    assert_int_equal(term_hunt_go(t, 1), TERM_FOUND_LATER);
    term_free(t); /* given up */
}

static void
test_a_wide_character_is_one_step(void **state)
{
    struct term *t = open_term(3, 10,
                               "a\xe4\xb8\xad"
                               "b");
    struct copy c;

    (void)state;
    copy_begin(&c, t);
    copy_point(&c, 0, 0);
    copy_go(&c, COPY_RIGHT, 1);
    assert_at(&c, 0, 1);
    copy_go(&c, COPY_RIGHT, 1);
    assert_at(&c, 0, 3);
    copy_go(&c, COPY_LEFT, 1);
    assert_at(&c, 0, 1);
    copy_point(&c, 0, 2); /* its other half */
    assert_at(&c, 0, 1);
    copy_end(&c);
    term_free(t);
}

static void
test_a_change_of_width_ends_the_selection(void **state)
{
    struct term *t = open_term(3, 10, "one two three four five six\r\nx");
    struct copy c;

    (void)state;
    copy_begin(&c, t);
    copy_go(&c, COPY_TOP, 1);
    copy_mark(&c, COPY_CHARS);
    term_resize(t, 3, 20);
    copy_sync(&c);
    assert_int_equal(c.shape, COPY_NONE);
    term_resize(t, 1, 2);
    copy_sync(&c);
    copy_go(&c, COPY_BOTTOM, 1);
    copy_go(&c, COPY_WORD_BACK, 100);
    copy_end(&c);
    term_free(t);
}

/* The rows below the text go with them when the terminal gets lower. */
static void
test_a_selection_stays_within_the_rows(void **state)
{
    struct term *t = open_term(10, 20, "1\r\n2\r\n3");
    struct copy c;

    (void)state;
    copy_begin(&c, t);
    copy_go(&c, COPY_BOTTOM, 1);
    copy_mark(&c, COPY_LINES);
    copy_point(&c, 1, 0);
    term_resize(t, 3, 20);
    copy_sync(&c);
    assert_copied(&c, "2\n3\n");
    copy_end(&c);
    term_free(t);
}

/* Each of which costs much: a turn may end within a row. */
static void
test_a_row_of_dear_matches_takes_turns(void **state)
{
    struct term *t = open_term(3, 20, "");
    enum term_found found;
    struct copy c;
    unsigned turns = 0;

    (void)state;
    term_write(t, "aaaaaaaaaaaaaaaaaaa\r\n", 21);
    copy_begin(&c, t);
    copy_hunt_begin(&c, "a|([ab]?){100}Z", -1, false);
    while ((found = copy_hunt_go(&c, 500)) == TERM_FOUND_LATER)
        turns++;
    assert_int_equal(found, TERM_FOUND_ONE);
    assert_true(turns > 10);
    assert_int_equal(c.total, 19);
    copy_end(&c);
    term_free(t);
}

static void
test_more_matches_than_are_counted_are_found(void **state)
{
    struct term *t = open_term(3, 20, "");
    struct copy c;
    int i;

    (void)state;
    for (i = 0; i < 12000; i++)
        term_write(t, "word\r\n", 6);
    copy_begin(&c, t);
    assert_true(copy_search(&c, "word", -1, false));
    assert_int_equal(c.found, 12000);
    copy_end(&c);
    term_free(t);
}

static void
test_a_text_is_bounded(void **state)
{
    struct term_opts o = { .rows = 3,
                           .cols = 80,
                           .scrollback_bytes = 8U << 20 };
    struct term *t = term_new(&o);
    struct buf b = { 0 };
    struct copy c;
    int i;

    (void)state;
    for (i = 0; i < 40000; i++)
        term_write(t, "0123456789012345678901234567890123456789\r\n", 42);
    copy_begin(&c, t);
    copy_go(&c, COPY_TOP, 1);
    copy_mark(&c, COPY_LINES);
    copy_go(&c, COPY_BOTTOM, 1);
    assert_false(copy_text(&c, &b));
    assert_int_equal(b.len, COPY_TEXT_MAX);
    buf_free(&b);
    copy_end(&c);
    term_free(t);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_characters_over_a_wrap_are_one_line),
        cmocka_unit_test(test_lines_are_whole_and_a_block_is_not),
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_the_view_stands_still),
        cmocka_unit_test(test_matches_are_counted_and_go_round),
        cmocka_unit_test(test_an_expression_is_looked_for),
        cmocka_unit_test(test_a_search_goes_on_in_pieces),
        cmocka_unit_test(test_a_view_is_searched_in_pieces),
        cmocka_unit_test(test_a_wide_character_is_one_step),
        cmocka_unit_test(test_a_change_of_width_ends_the_selection),
        cmocka_unit_test(test_a_selection_stays_within_the_rows),
        cmocka_unit_test(test_a_row_of_dear_matches_takes_turns),
        cmocka_unit_test(test_more_matches_than_are_counted_are_found),
        cmocka_unit_test(test_a_text_is_bounded),
    };

    setlocale(LC_ALL, "C.UTF-8");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
