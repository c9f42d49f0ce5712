/*
 * test_term_draw.c - cells as curses gets them, and the colour pairs behind
 * them, on terminals of 256 colours, of 8 and of none.
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

#include "ui/term/term.h"

static void
feed(struct term *t, const char *text)
{
    term_write(t, text, strlen(text));
}

struct curses {
    SCREEN *screen;
    FILE *tty;
    struct colors *colors;
};

static void
curses_open(struct curses *c, const char *term_name)
{
    c->tty = fopen("/dev/null", "r+");
    assert_non_null(c->tty);
    c->screen = newterm(term_name, c->tty, c->tty);
    assert_non_null(c->screen);
    c->colors = colors_new(true);
}

static void
curses_close(struct curses *c)
{
    colors_free(c->colors);
    endwin();
    delscreen(c->screen);
    fclose(c->tty);
}

static void
assert_cell(WINDOW *w, int y, int x, wchar_t ch, attr_t attrs, int fg)
{
    wchar_t text[CCHARW_MAX + 1];
    cchar_t cc;
    attr_t a;
    short pair;
    int wide_pair = 0, got_fg, got_bg;

    assert_int_equal(mvwin_wch(w, y, x, &cc), OK);
    getcchar(&cc, text, &a, &pair, &wide_pair);
    assert_int_equal(text[0], ch);
    assert_int_equal(a & (A_BOLD | A_REVERSE | A_UNDERLINE), attrs);
    got_fg = -1;
    if (wide_pair != 0)
        extended_pair_content(wide_pair, &got_fg, &got_bg);
    assert_int_equal(got_fg, fg);
}

static void
test_drawing(void **state)
{
    struct term_opts o = { .rows = 5, .cols = 20, .scrollback_bytes = 65536 };
    struct term *t = term_new(&o);
    struct curses c;
    WINDOW *w;

    (void)state;
    curses_open(&c, "xterm-256color");
    w = newwin(5, 10, 0, 0);
    assert_true(term_dirty(t));
    feed(t, "a\033[1;31mb\033[0m\033[7mc\033[0m\u4e2de\u0301\033[38;2;255;0;0m"
            "d\033[0m\r\n123456789\u4e2d");
    term_draw(t, w, c.colors, true, NULL);
    assert_true(term_dirty(t)); /* until its owner says that it was shown */
    term_drawn(t, NULL);
    assert_false(term_dirty(t));
    assert_cell(w, 0, 0, L'a', 0, -1);
    assert_cell(w, 0, 1, L'b', A_BOLD, 1);
    assert_cell(w, 0, 2, L'c', A_REVERSE, -1);
    assert_cell(w, 0, 3, L'\u4e2d', 0, -1);
    assert_cell(w, 0, 5, L'e', 0, -1);
    assert_cell(w, 0, 6, L'd', 0, 196);
    assert_cell(w, 1, 8, L'9', 0, -1);
    assert_cell(w, 1, 9, L' ', 0, -1); /* half of a wide one */
    term_draw(t, w, c.colors, true, "23");
    term_drawn(t, "23");
    assert_cell(w, 1, 0, L'1', 0, -1);
    assert_cell(w, 1, 1, L'2', A_REVERSE, -1);
    assert_cell(w, 1, 2, L'3', A_REVERSE, -1);
    assert_cell(w, 1, 3, L'4', 0, -1);
    delwin(w);
    curses_close(&c);
    term_free(t);
}

/* A match of one character each, which look at hundreds behind it: a frame
 * shows some of them, and then no more. */
static void
test_dear_highlights_end_early(void **state)
{
    static const char dear[] = "a|([b-z0-9_[:digit:][:upper:]a]?){240}Z";
    struct term_opts o = { .rows = 24, .cols = 80, .scrollback_bytes = 65536 };
    struct term *t = term_new(&o);
    struct curses c;
    WINDOW *w;
    int i;

    (void)state;
    curses_open(&c, "xterm-256color");
    w = newwin(24, 80, 0, 0);
    for (i = 0; i < 24 * 80; i++)
        feed(t, "a");
    term_draw(t, w, c.colors, true, dear);
    assert_cell(w, 0, 0, L'a', A_REVERSE, -1);
    assert_cell(w, 23, 78, L'a', 0, -1);
    term_draw(t, w, c.colors, true, "[b-z0-9_[:digit:][:upper:]a]");
    assert_cell(w, 0, 0, L'a', A_REVERSE, -1);
    assert_cell(w, 23, 78, L'a', A_REVERSE, -1);
    delwin(w);
    curses_close(&c);
    term_free(t);
}

static void
test_pairs_never_run_out(void **state)
{
    struct curses c;
    int fg, bg, pair;

    (void)state;
    curses_open(&c, "xterm-256color");
    for (fg = 0; fg < 256; fg++)
        for (bg = 0; bg < 256; bg += 5) {
            colors_pair(c.colors, fg, bg, &pair);
            assert_true(pair > 0 && pair < COLOR_PAIRS);
        }
    colors_reset(c.colors);
    colors_pair(c.colors, -1, -1, &pair);
    assert_int_equal(pair, 0);
    curses_close(&c);
    curses_open(&c, "linux"); /* 8 colours: bright ones are bold */
    assert_int_equal(colors_pair(c.colors, 9, -1, &pair), A_BOLD);
    assert_true(pair > 0);
    assert_int_equal(colors_pair(c.colors, 0x1ff0000, -1, &pair), A_BOLD);
    for (fg = -1; fg < 8; fg++)
        for (bg = -1; bg < 8; bg++) {
            colors_pair(c.colors, fg, bg, &pair);
            assert_true(pair >= 0 && pair < COLOR_PAIRS);
        }
    curses_close(&c);
    curses_open(&c, "vt100");
    assert_false(colors_on(c.colors));
    assert_int_equal(colors_pair(c.colors, 1, 2, &pair), 0);
    assert_int_equal(pair, 0);
    curses_close(&c);
}

/* Each cell in colours of its own: making a pair anew costs a walk over the
 * whole screen, so that only so many may be made in a frame. */
static void
test_a_frame_makes_few_pairs_anew(void **state)
{
    struct term_opts o = { .rows = 60, .cols = 250, .scrollback_bytes = 65536 };
    struct term *t = term_new(&o);
    struct curses c;
    char cell[64];
    WINDOW *w;
    int frame, i;

    (void)state;
    setenv("LINES", "60", 1);
    setenv("COLUMNS", "250", 1);
    curses_open(&c, "xterm-256color");
    w = newwin(60, 250, 0, 0);
    for (frame = 0; frame < 5; frame++) {
        feed(t, "\033[H");
        for (i = 0; i < 60 * 250; i++) {
            snprintf(cell, sizeof(cell), "\033[38;5;%d;48;5;%dm%c",
                     (i * 7 + frame) & 255, i / 59 & 255, 'a' + i % 26);
            feed(t, cell);
        }
        term_draw(t, w, c.colors, false, NULL);
        term_drawn(t, NULL);
        wrefresh(w);
        assert_true(colors_made_anew(c.colors) <= 512);
    }
    feed(t, "\033[m\033[2J\033[Hx\033[31my"); /* all is well again after */
    term_draw(t, w, c.colors, false, NULL);
    term_drawn(t, NULL);
    assert_cell(w, 0, 0, L'x', 0, -1);
    assert_cell(w, 0, 1, L'y', 0, 1);
    delwin(w);
    curses_close(&c);
    term_free(t);
    unsetenv("LINES");
    unsetenv("COLUMNS");
}

static void
test_an_ascii_locale_gets_ascii(void **state)
{
    struct term_opts o = { .rows = 2, .cols = 20, .scrollback_bytes = 65536 };
    struct term *t = term_new(&o);
    struct curses c;
    WINDOW *w;

    (void)state;
    setlocale(LC_CTYPE, "C");
    curses_open(&c, "xterm-256color");
    w = newwin(2, 20, 0, 0);
    feed(t, "\u00e9\u2500\u2502\u4e2dx");
    term_draw(t, w, c.colors, true, NULL);
    term_drawn(t, NULL);
    assert_cell(w, 0, 0, L'?', 0, -1);
    assert_cell(w, 0, 1, L'-', 0, -1);
    assert_cell(w, 0, 2, L'|', 0, -1);
    assert_cell(w, 0, 3, L'?', 0, -1);
    assert_cell(w, 0, 4, L' ', 0, -1);
    assert_cell(w, 0, 5, L'x', 0, -1);
    delwin(w);
    curses_close(&c);
    term_free(t);
    setlocale(LC_CTYPE, "C.UTF-8");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_drawing),
        cmocka_unit_test(test_dear_highlights_end_early),
        cmocka_unit_test(test_a_frame_makes_few_pairs_anew),
        cmocka_unit_test(test_an_ascii_locale_gets_ascii),
        cmocka_unit_test(test_pairs_never_run_out),
    };

    if (setlocale(LC_CTYPE, "C.UTF-8") == NULL)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
