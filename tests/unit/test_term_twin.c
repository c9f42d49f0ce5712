/*
 * test_term_twin.c - what the terminal writes itself is what libvterm would
 * write, for any mixture of what guests send, wherever it is cut.
 */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/term_twin.h"
#include "ui/term/fast/fast.h"

#define ROUNDS 4000
#define WORDS  120

/* xorshift: the same numbers everywhere. */
static uint32_t
next_random(uint32_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 17;
    *seed ^= *seed << 5;
    return *seed;
}

static void
test_any_mixture_is_as_through_libvterm(void **state)
{
    unsigned char choice[WORDS];
    uint32_t seed = 20261201;
    int round, i;

    (void)state;
    for (round = 0; round < ROUNDS; round++) {
        for (i = 0; i < WORDS; i++)
            choice[i] = (unsigned char)(next_random(&seed) >> 8);
        twins_play(choice, WORDS);
    }
}

/* The first words of the table are text and colours, which are nearly all of
 * what is sent. */
static void
test_text_and_colours_are_as_through_libvterm(void **state)
{
    unsigned char choice[WORDS];
    uint32_t seed = 4711;
    int round, i;

    (void)state;
    for (round = 0; round < ROUNDS; round++) {
        for (i = 0; i < WORDS; i++)
            choice[i] = (unsigned char)((next_random(&seed) >> 8) % 64);
        choice[WORDS / 2] = TWIN_GIVE;
        twins_play(choice, WORDS);
    }
}

/* Each character that is taken has the columns that libvterm gives it, and is
 * none of those that the filter keeps back. */
static void
test_widths_are_those_of_libvterm(void **state)
{
    struct twins w;
    uint32_t cp;
    char text[4];
    size_t taken = 0;

    (void)state;
    twins_open(&w, 4, 10);
    for (cp = 0x80; cp < 0x11000; cp++) {
        if (fast_width(cp) == 0)
            continue;
        taken++;
        buf_add(&w.bytes, text, (size_t)utf8_put(text, cp));
        buf_str(&w.bytes, "|\r");
        twins_give(&w, 0);
        assert_int_equal(w.fast.t->grid[0].row[0].cells[0].ch, cp);
    }
    assert_true(taken > 30000);
    twins_close(&w);
}

struct case_of_bytes {
    const char *in, *want; /* the screen's text */
};

static void
assert_screen(const struct case_of_bytes *c)
{
    struct twins w;
    struct buf text = { 0 };
    size_t i;

    twins_open(&w, 4, 10);
    buf_str(&w.bytes, c->in);
    twins_give(&w, 0);
    for (i = 0; term_line_text(w.fast.t, i, &text); i++)
        buf_chr(&text, '\n');
    assert_string_equal(buf_text(&text), c->want);
    buf_free(&text);
    twins_close(&w);
}

/* Behind the glyph at the edge the next one wraps, but no accent does. */
static void
test_a_mark_at_the_edge_stays_there(void **state)
{
    static const struct case_of_bytes cases[] = {
        { "012345678e\u0301\r\nx", "012345678e\u0301\nx\n\n\n" },
        { "012345678\u00e9\u0302\u0303x",
          "012345678\u00e9\u0302\u0303\nx\n\n\n" },
        { "01234567\u4e2d\u0301x", "01234567\u4e2d\u0301\nx\n\n\n" },
        { "012345678e\033[1m\u0301x", "012345678e\u0301\nx\n\n\n" },
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_screen(&cases[i]);
}

/* A character set is for ASCII, also for what follows other characters. */
static void
test_lines_are_drawn_behind_other_characters(void **state)
{
    static const struct case_of_bytes cases[] = {
        { "\033(0\u00e9qx\033(Bq", "\u00e9\u2500\u2502q\n\n\n\n" },
        { "\033N\u00e9x", "\u00e9x\n\n\n\n" },
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_screen(&cases[i]);
}

/* What was written where nothing wraps does not wrap later on. */
static void
test_wrapping_that_comes_back_is_for_what_follows(void **state)
{
    static const struct case_of_bytes c = {
        "\033[?7l0123456789\033[?7hxy",
        "012345678x\ny\n\n\n",
    };

    (void)state;
    assert_screen(&c);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_any_mixture_is_as_through_libvterm),
        cmocka_unit_test(test_text_and_colours_are_as_through_libvterm),
        cmocka_unit_test(test_widths_are_those_of_libvterm),
        cmocka_unit_test(test_a_mark_at_the_edge_stays_there),
        cmocka_unit_test(test_lines_are_drawn_behind_other_characters),
        cmocka_unit_test(test_wrapping_that_comes_back_is_for_what_follows),
    };

    if (setlocale(LC_CTYPE, "C.UTF-8") == NULL)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
