/*
 * test_term_xterm.c - the embedded terminal against xterm in its default
 * settings: scripts of bytes, the rows and the cursor they leave.
 */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ui/term/term.h"

#define ROWS 5
#define COLS 10

/* The lines of a full screen of E. */
#define E10 "EEEEEEEEEE"

struct script {
    const char *in, *want; /* rows from the screen's first on */
    int y, x;
};

static void
keep_output(void *arg, const char *bytes, size_t n)
{
    buf_add(arg, bytes, n);
}

static struct term *
open_term(struct buf *out)
{
    struct term_opts o = { .rows = ROWS,
                           .cols = COLS,
                           .scrollback_bytes = 1 << 20,
                           .output = keep_output,
                           .arg = out };

    return term_new(&o);
}

static void
screen_text(const struct term *t, struct buf *out)
{
    int y;

    for (y = 0; y < ROWS; y++) {
        term_line_text(t, term_lines(t) + (size_t)y, out);
        buf_chr(out, '\n');
    }
    while (out->len > 0 && out->data[out->len - 1] == '\n')
        out->data[--out->len] = '\0';
}

static void
run_script(const struct script *s)
{
    struct buf out = { 0 }, text = { 0 };
    struct term *t = open_term(&out);
    int y, x;

    term_write(t, s->in, strlen(s->in));
    screen_text(t, &text);
    term_cursor(t, &y, &x);
    if (strcmp(buf_text(&text), s->want) != 0 || y != s->y || x != s->x)
        fail_msg("after %s:\n%s\nat %d,%d, not\n%s\nat %d,%d", s->in,
                 buf_text(&text), y, x, s->want, s->y, s->x);
    buf_free(&out);
    buf_free(&text);
    term_free(t);
}

static void
run_scripts(const struct script *s, size_t n)
{
    size_t i;

    for (i = 0; i < n; i++)
        run_script(&s[i]);
}

#define RUN(table) run_scripts(table, sizeof(table) / sizeof((table)[0]))

static void
test_moves_stop_at_margins(void **state)
{
    static const struct script scripts[] = {
        { "\033[2;4r\033[3;1H\033[9Ax", "\nx", 1, 1 },
        { "\033[2;4r\033[3;1H\033[9Bx", "\n\n\nx", 3, 1 },
        { "\033[2;4r\033[1;1H\033[9Bx", "\n\n\nx", 3, 1 },
        { "\033[2;4r\033[5;1H\033[9Ax", "\nx", 1, 1 },
        { "\033[3;4r\033[2;3H\033[9Ax", "  x", 0, 3 },
        { "\033[2;3r\033[4;3H\033[9Bx", "\n\n\n\n  x", 4, 3 },
        { "\033[2;4r\033[3;5H\033[9Ex", "\n\n\nx", 3, 1 },
        { "\033[2;4r\033[3;5H\033[9Fx", "\nx", 1, 1 },
        /* absolute ones and VPR pass them */
        { "\033[2;4r\033[3;2H\033[9ex", "\n\n\n\n x", 4, 2 },
        { "\033[2;4r\033[9dx", "\n\n\n\nx", 4, 1 },
        { "\033[2;3r\033[5;9Hx", "\n\n\n\n        x", 4, 9 },
        { "\033[3Cx\033[9Dy", "y  x", 0, 1 },
        { "\033[99Cx\033[99Cy", "         y", 0, 9 },
        { "\033[4`x\033[2ay", "   x  y", 0, 7 },
        { "abcd\033[2Gx", "axcd", 0, 2 },
        { "\033[0A\033[0B\033[0Cx", "\n x", 1, 2 },
    };

    (void)state;
    RUN(scripts);
}

/* LF, VT and FF alike: the next glyph does not wrap as well. */
static void
test_line_feeds_end_a_wrap(void **state)
{
    static const struct script scripts[] = {
        { "0123456789\nx", "0123456789\n         x", 1, 9 },
        { "0123456789\vx", "0123456789\n         x", 1, 9 },
        { "0123456789\fx", "0123456789\n         x", 1, 9 },
        { "\033[5H0123456789\vx", "\n\n\n0123456789\n         x", 4, 9 },
        { "0123456789\v\033[7Gx\fy", "0123456789\n      x\n       y", 2, 8 },
    };

    (void)state;
    RUN(scripts);
}

static void
test_margins(void **state)
{
    static const struct script scripts[] = {
        { "a\033[2;4rb", "b", 0, 1 }, /* homes */
        { "\033[2;4r\033[4;1Hx\ny", "\n\nx\n y", 3, 2 },
        { "\033[2;4r\033[5;1Hx\r\ny", "\n\n\n\ny", 4, 1 },
        { "\033[2;4r\033[2;1Ha\033[2;1H\033Mb", "\nb\na", 1, 1 },
        { "\033[2;4r\033[1;1Ha\033Mb", "ab", 0, 2 },
        { "\033[2;4r\033[4;1Ha\033Db", "\n\na\n b", 3, 2 },
        { "\033[2;4r\033[4;1Ha\033Eb", "\n\na\nb", 3, 1 },
        /* no region: nothing happens, the cursor stays */
        { "a\033[4;2rb", "ab", 0, 2 },
        { "a\033[3;3rb", "ab", 0, 2 },
        { "\033[2;3ra\033[9;9rb\033[3;1H\nc", "ab\n\nc", 2, 1 },
        /* a bottom beyond the screen is the screen's */
        { "\033[2;99r\033[5;1Ha\r\nb", "\n\n\na\nb", 4, 1 },
        { "1\r\n2\r\n3\r\n4\r\n5\033[2;4r\033[S", "1\n3\n4\n\n5", 0, 0 },
        { "1\r\n2\r\n3\r\n4\r\n5\033[2;4r\033[T", "1\n\n2\n3\n5", 0, 0 },
    };

    (void)state;
    RUN(scripts);
}

static void
test_origin_mode(void **state)
{
    static const struct script scripts[] = {
        { "\033[2;4r\033[?6hx", "\nx", 1, 1 },
        { "\033[2;4r\033[?6h\033[2;3Hx", "\n\n  x", 2, 3 },
        { "\033[2;4r\033[?6h\033[9;3Hx", "\n\n\n  x", 3, 3 },
        { "\033[2;4r\033[?6h\033[9dx", "\n\n\nx", 3, 1 },
        { "\033[2;4r\033[?6h\033[9ex", "\n\n\nx", 3, 1 },
        { "\033[2;4r\033[?6h\033[3;1H\033[9Ax", "\nx", 1, 1 },
        { "\033[2;4r\033[?6h\033[?6lx", "x", 0, 1 },
        { "\033[?6h\033[2;4rx", "\nx", 1, 1 },
    };
    static const char in[] = "\033[2;4r\033[?6h\033[2;3H\033[6n\033[?6$p";
    struct buf out = { 0 };
    struct term *t = open_term(&out);

    (void)state;
    RUN(scripts);
    term_write(t, in, strlen(in));
    assert_string_equal(buf_text(&out), "\033[2;3R\033[?6;1$y");
    term_free(t);
    buf_free(&out);
}

static void
test_the_glyph_at_the_edge(void **state)
{
    static const struct script scripts[] = {
        { "0123456789", "0123456789", 0, 9 },
        { "0123456789x", "0123456789\nx", 1, 1 },
        { "0123456789\bx", "01234567x9", 0, 9 },
        { "0123456789\rx", "x123456789", 0, 1 },
        { "0123456789\033[1;10Hx", "012345678x", 0, 9 },
        { "0123456789\033[Cx", "012345678x", 0, 9 },
        { "0123456789\033[Dx", "01234567x9", 0, 9 },
        { "0123456789\033[31mx", "0123456789\nx", 1, 1 },
        { "0123456789\033[Kx", "012345678x", 0, 9 },
        { "0123456789\033[1Kx", "\nx", 1, 1 },
        { "0123456789\033[?1Kx", "\nx", 1, 1 },
        { "0123456789\033[?Kx", "012345678x", 0, 9 },
        { "0123456789\033[Jx", "012345678x", 0, 9 },
        { "0123456789\033[Xx", "012345678x", 0, 9 },
        { "0123456789\033[@x", "012345678x", 0, 9 },
        { "0123456789\033[Px", "012345678x", 0, 9 },
        { "\033[5;1H0123456789\nx", "\n\n\n0123456789\n         x", 4, 9 },
        { "\033[5;1H0123456789\033Dx", "\n\n\n0123456789\n         x", 4, 9 },
        { "0123456789\033Mx", "         x\n0123456789", 0, 9 },
        { "\033[?7l0123456789xy", "012345678y", 0, 9 },
        { "0123456789\033[?7lx", "012345678x", 0, 9 },
        { "\033[?7l0123456789x\033[?7hyz", "012345678y\nz", 1, 1 },
        { "0123456789\0337\033[3;1H\0338x", "0123456789\nx", 1, 1 },
        { "012345678\xe4\xb8\xadx", "012345678\n\xe4\xb8\xadx", 1, 3 },
    };

    (void)state;
    RUN(scripts);
}

static void
test_editing(void **state)
{
    static const struct script scripts[] = {
        /* columns have no margins: rows outside the region too */
        { "\033[2;3rabc\r\033[@x", "xabc", 0, 1 },
        { "\033[2;3r\033[5;1Habc\r\033[2P", "\n\n\n\nc", 4, 0 },
        { "0123456789\033[1;4H\033[3@", "012   3456", 0, 3 },
        { "0123456789\033[1;4H\033[99@", "012", 0, 3 },
        { "0123456789\033[1;4H\033[99P", "012", 0, 3 },
        { "a\033[5@b", "ab", 0, 2 },
        { "\xe4\xb8\xad\xe4\xb8\xad\033[1;2H\033[@x", " x \xe4\xb8\xad", 0, 2 },
        /* lines: only inside, and the cursor goes to the first column */
        { "1\r\n2\r\n3\033[2;4r\033[2;1H\033[L", "1\n\n2\n3", 1, 0 },
        { "1\r\n2\r\n3\033[2;4r\033[2;5H\033[M", "1\n3", 1, 0 },
        { "1\r\n2\r\n3\033[2;4r\033[1;5H\033[L", "1\n2\n3", 0, 4 },
        { "1\r\n2\r\n3\033[2;2H\033[Lx", "1\nx\n2\n3", 1, 1 },
        { "0123456789\033[1;4H\033[3Xx", "012x  6789", 0, 4 },
        { "0123456789\033[1;4H\033[99X", "012", 0, 3 },
        { "ab\033[3b", "abbbb", 0, 5 },
        { "abcdefghi\033[4b", "abcdefghii\niii", 1, 3 },
        { "\xe4\xb8\xad\033[2b", "\xe4\xb8\xad\xe4\xb8\xad\xe4\xb8\xad", 0, 6 },
        { "abc\r\033[4hd\033[2bx", "dddxabc", 0, 4 },
    };

    (void)state;
    RUN(scripts);
}

static void
test_tab_stops(void **state)
{
    static const struct script scripts[] = {
        { "\tx", "        x", 0, 9 },
        { "\t\tx", "         x", 0, 9 },
        { "\033[3g\tx", "         x", 0, 9 },
        { "\033[1;4H\033H\r\tx", "   x", 0, 4 },
        { "\033[1;4H\033H\033[g\r\tx", "        x", 0, 9 },
        { "\033[1;10H\033[Zx", "        x", 0, 9 },
        { "\033[1;4H\033H\r\033[2Ix", "        x", 0, 9 },
        { "\033[3g\033c\tx", "        x", 0, 9 },
    };

    (void)state;
    RUN(scripts);
}

static void
test_saved_cursor(void **state)
{
    static const struct script scripts[] = {
        { "ab\0337cd\0338x", "abxd", 0, 3 },
        /* nothing saved: home, plain text, ASCII */
        { "\r\nab\0338x", "x\nab", 0, 1 },
        { "\r\nab\033[ux", "x\nab", 0, 1 },
        { "\r\nab\033[?1048lx", "x\nab", 0, 1 },
        { "\033(0\0338q", "q", 0, 1 },
        { "\033)0\016\0338q", "q", 0, 1 },
        { "\033[2;4r\033[?6h\0338x\033[2;1Hy", "x\ny", 1, 1 },
        /* what is saved */
        { "\033(0\0337\033(B\0338q", "\u2500", 0, 1 },
        { "\033)0\016\0337\017q\0338q", "\u2500", 0, 1 },
        { "\033)0\0337\016\0338q", "q", 0, 1 },
        { "\033[2;4r\033[?6h\0337\033[?6l\0338\033[1;1Hx", "\nx", 1, 1 },
        { "\033[2;4r\0337\033[?6h\0338\033[1;1Hx", "x", 0, 1 },
        /* a program was at work before the terminal came, and ends */
        { "a\r\nb\r\n\033[?1049l$", "a\nb\n$", 2, 1 },
        /* one a screen */
        { "ab\0337\033[?1047h\033[3;3H\0337\033[?1047l\0338x", "abx", 0, 3 },
        { "ab\033[?1049h\033[3;3H\0337\033[?1049lx", "abx", 0, 3 },
        { "ab\033[?1049h\033[4;4H\0338x", "x", 0, 1 },
        { "ab\033[?1049h\033[2;2H\033[?1049h\033[H\033[?1049lx", "abx", 0, 3 },
    };

    (void)state;
    RUN(scripts);
}

static void
test_alternate_screen(void **state)
{
    static const struct script scripts[] = {
        { "ab\033[?1049h\033[Hxy\033[?1049h", "xy", 0, 2 },
        { "ab\033[?1049hxy\033[?1049l\033[?1049h", "", 0, 2 },
        { "ab\033[?47hx\033[?47ly\033[?47h", "  x", 0, 4 },
        { "ab\033[?1047hx\033[?1047ly\033[?1047h", "", 0, 4 },
        { "ab\033[?1047hx\033[?1047ly", "ab y", 0, 4 },
        { "a\033[?1049hb\033cx", "x", 0, 1 },
    };

    (void)state;
    RUN(scripts);
}

static void
test_alignment_and_column_mode(void **state)
{
    static const struct script scripts[] = {
        { "ab\033[2;3r\033#8", E10 "\n" E10 "\n" E10 "\n" E10 "\n" E10, 0, 0 },
        { "\033#8x\033#8", E10 "\n" E10 "\n" E10 "\n" E10 "\n" E10, 0, 0 },
        { "\033#8\033[2J", "", 0, 0 },
        { "\033[2;3r\033#8\033[5;1H\r\nx", E10 "\n" E10 "\n" E10 "\n" E10 "\nx",
          4, 1 },
        /* DECCOLM: nothing, unless mode 40 allows it */
        { "ab\033[2;3r\033[3;3H\033[?3hx", "ab\n\n  x", 2, 3 },
        { "ab\033[?40h\033[2;3r\033[3;3H\033[?3hx\033[5;1H\r\ny", "\n\n\n\ny",
          4, 1 },
        { "ab\033[?40h\033[?40l\033[?3lx", "abx", 0, 3 },
    };

    (void)state;
    RUN(scripts);
}

static void
test_resets(void **state)
{
    static const struct script scripts[] = {
        { "ab\033(0\033[4h\033[?7l\033[2;3r\033[3;1H\033[!pq", "ab\n\nq", 2,
          1 },
        { "\0337\033[3;3H\033[!p\0338x", "x", 0, 1 },
        { "ab\033[2;3r\033[?6h\033[!p\033[5;1Hx", "ab\n\n\n\nx", 4, 1 },
        { "ab\033(0\033[4h\033[?7l\033[2;3r\033c0123456789q", "0123456789\nq",
          1, 1 },
        { "\033)0\016\033cq", "q", 0, 1 },
        { "a\0337b\033c\033[3;3H\0338x", "x", 0, 1 },
    };

    (void)state;
    RUN(scripts);
}

/* What the guest is told that its attributes are. */
static void
assert_sgr(const char *in, const char *want)
{
    struct buf out = { 0 };
    struct term *t = open_term(&out);

    term_write(t, in, strlen(in));
    term_write(t, "\033P$qm\033\\", 7);
    assert_string_equal(buf_text(&out), want);
    term_free(t);
    buf_free(&out);
}

#define SGR_NONE "\033P1$rm\033\\"

static void
test_attributes_are_saved_and_reset(void **state)
{
    (void)state;
    assert_sgr("\033[m", SGR_NONE);
    assert_sgr("\033[31;1m\0338", SGR_NONE);
    assert_sgr("\033[31;1m\033[u", SGR_NONE);
    assert_sgr("\033[31;44m\033[?1049l", SGR_NONE);
    assert_sgr("\033[31;1m\033[!p", SGR_NONE);
    assert_sgr("\033[31;1m\033c", SGR_NONE);
    assert_sgr("\033[31;1m\033#8", SGR_NONE);
    assert_sgr("\033[1;7;31m\0337\033[m\0338", "\033P1$r1;7;31m\033\\");
    assert_sgr("\033[3;4;38;5;200;48;2;1;2;3m\0337\033[m\0338",
               "\033P1$r3;4;38:5:200;48:2:1:2:3m\033\\");
    assert_sgr("\033[31m\033[?1049h\033[32m\033[?1049l", "\033P1$r31m\033\\");
}

/* DECSC knows nothing of the cursor's visibility. */
static void
test_a_restore_shows_and_hides_nothing(void **state)
{
    static const char *const shown[] = { "\0338",
                                         "\033[u",
                                         "\033[?1049l",
                                         "\033[?25l\0337\033[?25h\0338",
                                         "\033[?25l\033[!p",
                                         "\033[?25l\033c" };
    struct buf out = { 0 };
    struct term *t;
    size_t i;
    int y, x;

    (void)state;
    for (i = 0; i < sizeof(shown) / sizeof(shown[0]); i++) {
        t = open_term(&out);
        term_write(t, shown[i], strlen(shown[i]));
        assert_true(term_cursor(t, &y, &x));
        term_free(t);
    }
    t = open_term(&out);
    term_write(t, "\0337\033[?25l\0338", 10);
    assert_false(term_cursor(t, &y, &x));
    term_free(t);
    buf_free(&out);
}

static void
test_the_owner_resets(void **state)
{
    struct buf out = { 0 }, text = { 0 };
    struct term *t = open_term(&out);
    int y, x;

    (void)state;
    term_write(t, "ab\033[?25l\033(0\033[?7l\033[2;3r\033[31m\033]0;cut off",
               38);
    term_reset(t);
    assert_int_equal(term_lines(t), 1); /* nothing is lost */
    term_write(t, "0123456789q", 11);
    screen_text(t, &text);
    assert_string_equal(buf_text(&text), "0123456789\nq");
    assert_true(term_cursor(t, &y, &x));
    term_free(t);
    buf_free(&out);
    buf_free(&text);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_moves_stop_at_margins),
        cmocka_unit_test(test_line_feeds_end_a_wrap),
        cmocka_unit_test(test_margins),
        cmocka_unit_test(test_origin_mode),
        cmocka_unit_test(test_the_glyph_at_the_edge),
        cmocka_unit_test(test_editing),
        cmocka_unit_test(test_tab_stops),
        cmocka_unit_test(test_saved_cursor),
        cmocka_unit_test(test_alternate_screen),
        cmocka_unit_test(test_alignment_and_column_mode),
        cmocka_unit_test(test_resets),
        cmocka_unit_test(test_attributes_are_saved_and_reset),
        cmocka_unit_test(test_a_restore_shows_and_hides_nothing),
        cmocka_unit_test(test_the_owner_resets),
    };

    if (setlocale(LC_CTYPE, "C.UTF-8") == NULL)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
