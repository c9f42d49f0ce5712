/*
 * test_term.c - the embedded terminal: bytes in, expected rows out; sizes in
 * any order without a loss; keys; hostile guests.
 */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "ui/term/term.h"

struct fixture {
    struct term *t;
    struct buf out;
};

static void
keep_output(void *arg, const char *bytes, size_t n)
{
    struct fixture *f = arg;

    buf_add(&f->out, bytes, n);
}

static void
open_term(struct fixture *f, int rows, int cols, size_t scrollback)
{
    struct term_opts o = { .rows = rows,
                           .cols = cols,
                           .scrollback_bytes = scrollback,
                           .output = keep_output,
                           .arg = f };

    term_free(f->t);
    buf_clear(&f->out);
    f->t = term_new(&o);
}

static int
setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    if (f == NULL)
        return -1;
    open_term(f, 5, 20, 1 << 20);
    *state = f;
    return 0;
}

static int
teardown(void **state)
{
    struct fixture *f = *state;

    term_free(f->t);
    buf_free(&f->out);
    free(f);
    return 0;
}

static void
feed(struct fixture *f, const char *text)
{
    term_write(f->t, text, strlen(text));
}

/* All lines from the oldest on, "\n" between, blank ones at the end cut. */
static void
all_text(const struct term *t, struct buf *out)
{
    size_t i;

    buf_clear(out);
    for (i = 0; term_line_text(t, i, out); i++)
        buf_chr(out, '\n');
    while (out->len > 0 && out->data[out->len - 1] == '\n')
        out->data[--out->len] = '\0';
}

static void
assert_text(struct fixture *f, const char *want)
{
    struct buf b = { 0 };

    all_text(f->t, &b);
    assert_string_equal(buf_text(&b), want);
    buf_free(&b);
}

static void
assert_out(struct fixture *f, const char *want)
{
    assert_string_equal(buf_text(&f->out), want);
    buf_clear(&f->out);
}

static void
assert_cursor(struct fixture *f, int want_y, int want_x)
{
    int y, x;

    term_cursor(f->t, &y, &x);
    assert_int_equal(y, want_y);
    assert_int_equal(x, want_x);
}

/* --- scripts --- */

static const struct {
    const char *in, *want;
} scripts[] = {
    { "hello\r\nworld", "hello\nworld" },
    { "a\r\nb\r\nc\r\nd\r\ne\r\nf\r\n", "a\nb\nc\nd\ne\nf" },
    { "0123456789012345678901234", "01234567890123456789\n01234" },
    { "\r\n\r\n\r\n\r\n0123456789012345678901234\r\nx",
      "\n\n\n\n01234567890123456789\n01234\nx" },
    { "ab\b\bX", "Xb" },
    { "abcdef\r\033[3CX", "abcXef" },
    { "abc\033[2;5Hd\033[1;1Hz", "zbc\n    d" },
    { "abcdef\033[3D\033[K", "abc" },
    { "abcdef\r\033[2P", "cdef" },
    { "abcdef\r\033[2@", "  abcdef" },
    { "a\r\nb\r\nc\033[1;1H\033[L", "\na\nb\nc" },
    { "a\033[3b", "aaaa" },
    { "\033[b", "" },
    { "a\tb", "a       b" },
    { "\033[sabc\033[uX", "Xbc" },
    { "\033(0lqk\033(B", "\u250c\u2500\u2510" },
    { "a\033([bb", "abb" }, /* no such set; not what begins after it */
    { "\033(Pshown", "shown" },
    { "\033)]0;shown\033*4\a", "0;shown" },
    { "\033(0\033(@q\033(B", "\u2500" },
    { "\u4e2d\u6587|", "\u4e2d\u6587|" },
    { "\u4e2d\b\bx", "x" },
    { "e\u0301x", "e\u0301x" },
    { "\xc3", "" },
    { "\xc3(", "\ufffd(" },
    { "\xc2\x9b[31m!", "\ufffd[31m!" },
    { "a\u202eb\u2028c", "ab\ufffdc" },
    { "\033]0;title\ax\033]52;c;AAAA\033\\y", "xy" },
    { "\033P1$qwhat\033\\z", "z" },
    { "\033_apc\033\\\033^pm\033\\\033Xsos\033\\z", "z" },
    { "a\033[31;1mb\033[0mc\033[38;2;1;2;3md\033[38;5;200me\033[38m", "abcde" },
    { "\033[38:2::1:2:3mx\033[4:3my\033[58;5;1;1mz", "xyz" },
    { "\033[1\r;1H\033[2;2Hx", "\n x" },
    { "\033[12\030x", "x" },
    { "\033[999999999999999999999999Bx", "\n\n\n\nx" },
    { "\033#6double", "double" },
    { "\033%@\x9b", "\ufffd" },
};

static void
test_scripts(void **state)
{
    struct fixture *f = *state;
    size_t i, at;

    for (i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++) {
        open_term(f, 5, 20, 1 << 20);
        feed(f, scripts[i].in);
        assert_text(f, scripts[i].want);
        open_term(f, 5, 20, 1 << 20);
        for (at = 0; scripts[i].in[at] != '\0'; at++)
            term_write(f->t, scripts[i].in + at, 1);
        assert_text(f, scripts[i].want);
    }
}

/* Lines at the bottom take a way of their own: it must end where libvterm,
 * fed byte by byte, ends. */
static void
test_fast_lines_equal_slow_ones(void **state)
{
    static const char *const parts[] = {
        "a line\r\n",
        "\r\n",
        "0123456789012345678901234567\r\n",
        "tab\tx\r\n",
        "\033[31m",
        "\033[0m",
        "\033[44m",
        "01234567890123456789\r\n",
        "\033[3;4r",
        "\033[r\033[5;1H",
        "half",
        "\033[4h",
        "\033[4l",
        "\u00e9\r\n",
        "\033)0\016q\017",
        "\033[?7l",
        "\033[?7h",
        "\033(0",
        "\033(B",
        "x\n",
        "\033[2J\033[H",
    };
    struct fixture *f = *state, g = { 0 };
    struct buf a = { 0 }, b = { 0 };
    size_t i, n;
    int round;

    srand(7);
    for (round = 0; round < 300; round++) {
        open_term(f, 5, 20, 1 << 20);
        open_term(&g, 5, 20, 1 << 20);
        buf_clear(&a);
        for (n = 0; n < 60; n++)
            buf_str(&a,
                    parts[(size_t)rand() % (sizeof(parts) / sizeof(parts[0]))]);
        term_write(f->t, a.data, a.len);
        for (i = 0; i < a.len; i++)
            term_write(g.t, a.data + i, 1);
        all_text(f->t, &a);
        all_text(g.t, &b);
        assert_string_equal(buf_text(&a), buf_text(&b));
        assert_int_equal(term_lines(f->t), term_lines(g.t));
    }
    term_free(g.t);
    buf_free(&g.out);
    buf_free(&a);
    buf_free(&b);
}

static void
test_clearing_keeps_what_was_there(void **state)
{
    struct fixture *f = *state;

    feed(f, "boot 1\r\nboot 2\033[H\033[2J\033[3Jlogin:");
    assert_text(f, "boot 1\nboot 2\nlogin:");
    feed(f, "\033[H\033[J$");
    assert_text(f, "boot 1\nboot 2\nlogin:\n$");
    feed(f, "\033c%");
    assert_text(f, "boot 1\nboot 2\nlogin:\n$\n%");
}

static void
test_alternate_screen_leaves_no_trace(void **state)
{
    struct fixture *f = *state;

    feed(f, "main\033[?1049h\033[2J\033[Halt\r\n1\r\n2\r\n3\r\n4\r\n5\r\n6");
    assert_true(term_altscreen(f->t));
    assert_int_equal(term_lines(f->t), 0);
    feed(f, "\033[?1049l+");
    assert_false(term_altscreen(f->t));
    assert_text(f, "main+");
}

/* --- answers --- */

static void
test_queries_are_answered(void **state)
{
    struct fixture *f = *state;

    feed(f, "ab\033[6n");
    assert_out(f, "\033[1;3R");
    feed(f, "\033[18t");
    assert_out(f, "\033[8;5;20t");
    feed(f, "\033[19t\033[14t\033[21t");
    assert_out(f, "\033[9;5;20t");
    feed(f, "\033[c");
    assert_out(f, "\033[?1;2c");
    feed(f, "\033[5n");
    assert_out(f, "\033[0n");
    feed(f, "\033[2;4r\033P$qr\033\\");
    assert_out(f, "\033P1$r2;4r\033\\");
    feed(f, "\033P$q;x\033\\");
    assert_out(f, "\033P0$r\033\\");
}

static void
test_title_and_bell(void **state)
{
    struct fixture *f = *state;

    assert_string_equal(term_title(f->t), "");
    feed(f, "\033]2;we\x01 b\xff\xc2\x9b\a\a");
    assert_string_equal(term_title(f->t), "we? b??");
    assert_true(term_bell(f->t));
    assert_false(term_bell(f->t));
}

/* --- keys --- */

static const struct {
    const char *key, *want;
} keys[] = {
    { "a", "a" },          { "C-a", "\001" },
    { "M-x", "\033x" },    { "Enter", "\r" },
    { "Tab", "\t" },       { "S-Tab", "\033[Z" },
    { "Esc", "\033" },     { "Up", "\033[A" },
    { "Home", "\033[H" },  { "PgUp", "\033[5~" },
    { "F1", "\033OP" },    { "F5", "\033[15~" },
    { "F12", "\033[24~" }, { "C-Right", "\033[1;5C" },
    { "C-]", "\035" },
};

static void
press(struct fixture *f, const char *name)
{
    struct key k = { 0 };

    assert_true(key_parse(name, &k));
    assert_true(term_key(f->t, &k));
}

static void
test_keys(void **state)
{
    struct fixture *f = *state;
    struct key backspace = { .code = K_BACKSPACE };
    size_t i;

    for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        press(f, keys[i].key);
        assert_out(f, keys[i].want);
    }
    term_key(f->t, &backspace);
    assert_out(f, "\177");
    feed(f, "\033[?1h");
    press(f, "Up");
    assert_out(f, "\033OA");
}

static void
test_paste_cannot_end_itself(void **state)
{
    struct fixture *f = *state;
    struct buf out = { 0 };

    assert_int_equal(term_paste(f->t, "a\r\nb\nc\td", 8, &out), 0);
    assert_string_equal(buf_text(&out), "a\rb\rc\td");
    buf_clear(&out);
    feed(f, "\033[?2004h");
    assert_int_equal(term_paste(f->t, "x\033[201~y\xc2\x9b", 10, &out), 6);
    assert_string_equal(buf_text(&out), "\033[200~x[201~y\033[201~");
    buf_free(&out);
    assert_out(f, "");
}

static void
test_mouse_only_if_asked(void **state)
{
    struct fixture *f = *state;
    struct mouse m = { .what = MOUSE_PRESS, .y = 1, .x = 2, .button = 1 };

    assert_false(term_mouse(f->t, &m));
    feed(f, "\033[?1000;1006h");
    assert_true(term_mouse(f->t, &m));
    assert_out(f, "\033[<0;3;2M");
    m.what = MOUSE_WHEEL;
    m.wheel = -1;
    assert_true(term_mouse(f->t, &m));
    assert_out(f, "\033[<64;3;2M");
}

/* --- sizes --- */

static void
test_rows_go_and_come_back(void **state)
{
    struct fixture *f = *state;

    feed(f, "1\r\n2\r\n3\r\n4\r\n5");
    term_resize(f->t, 2, 20);
    assert_int_equal(term_lines(f->t), 3);
    assert_cursor(f, 1, 1);
    term_resize(f->t, 5, 20);
    assert_int_equal(term_lines(f->t), 0);
    assert_cursor(f, 4, 1);
    assert_text(f, "1\n2\n3\n4\n5");
}

static void
test_cursor_above_the_text(void **state)
{
    struct fixture *f = *state;

    feed(f, "1\r\n2\r\n3\r\n4\r\n5\033[H");
    term_resize(f->t, 2, 20);
    assert_cursor(f, 0, 0);
    feed(f, "\033[6n");
    assert_out(f, "\033[1;1R");
    assert_text(f, "1\n2\n3\n4\n5");
}

static void
test_lines_wrap_anew(void **state)
{
    struct fixture *f = *state;

    feed(f, "0123456789abcdef\r\n");
    term_resize(f->t, 5, 8);
    feed(f, "0123456789");
    assert_text(f, "01234567\n89abcdef\n01234567\n89");
    term_resize(f->t, 5, 20);
    assert_text(f, "0123456789abcdef\n0123456789");
    assert_cursor(f, 1, 10);
}

/* Half a line was written when the width changed: the rest follows it. */
static void
test_a_line_cut_by_a_resize_goes_on_below(void **state)
{
    struct fixture *f = *state;

    feed(f, "0123456789");
    term_resize(f->t, 5, 5);
    feed(f, "abc");
    term_resize(f->t, 5, 20);
    assert_text(f, "0123456789abc");
    open_term(f, 5, 10, 1 << 20);
    feed(f, "0123456789"); /* at the edge: the next one wraps */
    term_resize(f->t, 4, 10);
    feed(f, "a");
    assert_text(f, "0123456789\na");
    open_term(f, 5, 10, 1 << 20);
    feed(f, "0123456789");
    term_resize(f->t, 5, 20);
    feed(f, "a");
    assert_text(f, "0123456789a");
}

static void
test_margins_do_not_outlive_a_resize(void **state)
{
    struct fixture *f = *state;

    feed(f, "\033[4;5r\033[5;1H");
    term_resize(f->t, 2, 20);
    feed(f, "a\r\nb\r\nc\r\nd");
    term_resize(f->t, 1, 2);
    feed(f, "\033[M\033[L\0338x\033[?1049lx");
    term_resize(f->t, 5, 20);
}

static void
test_main_screen_survives_resizes_while_hidden(void **state)
{
    struct fixture *f = *state;

    feed(f, "1\r\n2\r\n3\r\n4\r\n5\033[?1049h\033[Halt");
    term_resize(f->t, 2, 4);
    term_resize(f->t, 5, 20);
    feed(f, "\033[?1049l6");
    assert_text(f, "1\n2\n3\n4\n56");
}

/* True if every "<n>" below n is found, in order. */
static void
assert_all_marks(const struct term *t, int n)
{
    struct buf b = { 0 };
    char mark[24], *at, *flat, *to;
    int i;

    all_text(t, &b);
    flat = strdup(buf_text(&b));
    assert_non_null(flat);
    for (at = to = flat; *at != '\0'; at++) /* marks may wrap */
        if (*at != '\n')
            *to++ = *at;
    *to = '\0';
    at = flat;
    for (i = 0; i < n; i++) {
        snprintf(mark, sizeof(mark), "<%d>", i);
        at = at != NULL ? strstr(at, mark) : NULL;
        if (at == NULL)
            fail_msg("%s is lost in:\n%s", mark, buf_text(&b));
    }
    free(flat);
    buf_free(&b);
}

static void
resize_storm(struct fixture *f, unsigned seed)
{
    char text[64];
    int n = 0, step, i;

    open_term(f, 24, 80, 4 << 20);
    srand(seed);
    for (step = 0; step < 120; step++) {
        for (i = rand() % 6; i > 0; i--) {
            snprintf(text, sizeof(text), "<%d>%s", n++,
                     rand() % 3 ? "\r\n" : " ");
            feed(f, text);
        }
        term_resize(f->t, 1 + rand() % 40, 2 + rand() % 100);
        if (rand() % 10 == 0) {
            feed(f, "\033[?1049h\033[2J\033[H alt \r\n alt");
            term_resize(f->t, 1 + rand() % 40, 2 + rand() % 100);
            term_resize(f->t, 1 + rand() % 40, 2 + rand() % 100);
            feed(f, "\033[?1049l");
        }
    }
    assert_all_marks(f->t, n);
}

static void
test_resize_storms_lose_nothing(void **state)
{
    struct fixture *f = *state;
    unsigned seed;

    for (seed = 1; seed <= 150; seed++)
        resize_storm(f, seed);
}

/* --- the view --- */

static void
test_view_stays_on_its_text(void **state)
{
    struct fixture *f = *state;
    struct buf b = { 0 };
    size_t top;
    int i;

    for (i = 0; i < 50; i++)
        feed(f, "old\r\n");
    feed(f, "mark\r\n1\r\n2\r\n3\r\n4\r\n5\r\n6\r\n7\r\n");
    assert_true(term_search(f->t, "mark", -1));
    top = term_lines(f->t) - term_view(f->t);
    for (i = 0; i < 100; i++)
        feed(f, "new\r\n");
    assert_int_equal(term_lines(f->t) - term_view(f->t), top);
    term_scroll(f->t, -100000);
    assert_int_equal(term_view(f->t), term_lines(f->t));
    term_scroll(f->t, 100000);
    assert_int_equal(term_view(f->t), 0);
    buf_free(&b);
}

static void
test_search(void **state)
{
    struct fixture *f = *state;
    size_t first;
    int i;

    feed(f, "Error one\r\n");
    for (i = 0; i < 30; i++)
        feed(f, "fine\r\n");
    feed(f, "error two\r\n");
    for (i = 0; i < 30; i++)
        feed(f, "fine\r\n");
    assert_false(term_search(f->t, "nowhere", -1));
    assert_true(term_search(f->t, "error", -1));
    first = term_view(f->t);
    assert_true(first > 0);
    assert_true(term_search(f->t, "error", -1));
    assert_true(term_view(f->t) > first);
    assert_true(term_search(f->t, "error", 1));
    assert_true(term_view(f->t) < term_lines(f->t));
    assert_true(term_search(f->t, "Error", -1));
    assert_int_equal(term_view(f->t), term_lines(f->t));
}

static void
test_seam_comes_after_what_is_there(void **state)
{
    struct fixture *f = *state;

    feed(f, "one\r\ntwo\033[?1049h\033[Halt\033[31m\033]0;");
    term_seam(f->t, "-- restarted --");
    feed(f, "three");
    assert_text(f, "one\ntwo\n-- restarted --\nthree");
    open_term(f, 2, 20, 65536);
    feed(f, "a\r\nb\033[H");
    term_seam(f->t, "-- end --");
    assert_text(f, "a\nb\n-- end --");
}

/* Another terminal takes what the scrolled view shows. */
static void
test_view_of_lines_that_another_takes(void **state)
{
    struct term_share share;
    struct buf out = { 0 };
    struct term_opts o = { .rows = 5,
                           .cols = 80,
                           .scrollback_bytes = 4 << 20,
                           .share = &share,
                           .output = keep_output,
                           .arg = *state };
    struct term *a, *b;
    int i;

    term_share_init(&share, 1 << 20);
    a = term_new(&o);
    b = term_new(&o);
    for (i = 0; i < 40000; i++)
        term_write(a, "some line of a console's text\r\n", 31);
    term_scroll(a, -1000000);
    assert_int_equal(term_view(a), term_lines(a));
    for (i = 0; i < 40000; i++)
        term_write(b, "some line of a console's text\r\n", 31);
    assert_true(term_view(a) <= term_lines(a));
    assert_true(term_dirty(a));
    assert_true(term_bytes(a) + term_bytes(b) <= 1 << 20);
    assert_true(term_line_text(a, term_lines(a) - term_view(a), &out));
    buf_free(&out);
    term_free(a);
    term_free(b);
    assert_int_equal(share.bytes, 0);
}

/* Many at once share a turn: each goes on, none has all of it. */
static void
test_work_of_a_turn_is_shared(void **state)
{
    struct term_share share = { 0 };
    struct term_opts o = { .rows = 60,
                           .cols = 250,
                           .scrollback_bytes = 65536,
                           .share = &share,
                           .output = keep_output,
                           .arg = *state };
    struct term *t[16];
    struct buf b = { 0 };
    size_t i;

    while (b.len < 65536)
        buf_str(&b, "x\033#8");
    for (i = 0; i < 16; i++) {
        t[i] = term_new(&o);
        assert_true(term_work(t[i], b.data, b.len) > 0);
    }
    assert_true(share.spent < 3 * TERM_TURN_COST);
    for (i = 0; i < 16; i++)
        term_free(t[i]);
    buf_free(&b);
}

/* --- hostile guests --- */

static void
test_ten_megabytes_of_parameters(void **state)
{
    struct fixture *f = *state;
    struct buf b = { 0 };
    size_t i;

    for (i = 0; i < 65536; i++)
        buf_str(&b, "1;2:38;");
    feed(f, "\033[");
    for (i = 0; i < (10u << 20) / b.len; i++)
        term_write(f->t, b.data, b.len);
    feed(f, "m\033[Hok");
    buf_free(&b);
    buf_clear(&f->out);
    assert_true(term_lines(f->t) == 0);
    assert_text(f, "ok");
}

static void
test_endless_strings_and_marks(void **state)
{
    struct fixture *f = *state;
    struct buf b = { 0 };
    size_t i;

    for (i = 0; i < 32768; i++)
        buf_str(&b, "\u0301");
    for (i = 0; i < 32; i++)
        term_write(f->t, b.data, b.len);
    buf_clear(&b);
    for (i = 0; i < 65536; i++)
        buf_chr(&b, 'x');
    feed(f, "\033]0;");
    for (i = 0; i < 32; i++)
        term_write(f->t, b.data, b.len);
    feed(f, "\033\\\033P");
    for (i = 0; i < 3; i++)
        term_write(f->t, b.data, b.len);
    feed(f, "\030\r\n\033[H\033[2Jalive");
    buf_clear(&b);
    assert_true(term_line_text(f->t, term_lines(f->t), &b));
    assert_string_equal(buf_text(&b), "alive");
    buf_free(&b);
}

static void
test_noise(void **state)
{
    struct fixture *f = *state;
    char noise[4096];
    size_t i;
    int round, y, x;

    srand(3);
    for (round = 0; round < 400; round++) {
        for (i = 0; i < sizeof(noise); i++) {
            noise[i] = (char)(rand() >> 7);
            if (rand() % 12 == 0)
                noise[i] = "\033[;?19hlmrJ8c"[rand() % 14];
        }
        term_write(f->t, noise, sizeof(noise));
        term_resize(f->t, 1 + rand() % 50, 1 + rand() % 200);
        (void)term_cursor(f->t, &y, &x);
        buf_clear(&f->out);
    }
}

/* --- measured, not judged --- */

static void
test_speed_is_printed(void **state)
{
    struct fixture *f = *state;
    struct timespec a, b;
    struct buf log = { 0 };
    double s;
    int i;

    for (i = 0; log.len < 4u << 20; i++)
        buf_fmt(&log, "[%5d.%06d] pci 0000:%02x:00.0: BAR 0: assigned\r\n",
                i / 100, i, i & 0xff);
    open_term(f, 24, 80, 4 << 20);
    clock_gettime(CLOCK_MONOTONIC, &a);
    term_write(f->t, log.data, log.len);
    clock_gettime(CLOCK_MONOTONIC, &b);
    s = (double)(b.tv_sec - a.tv_sec) + (double)(b.tv_nsec - a.tv_nsec) / 1e9;
    print_message("boot log: %.1f MB/s, %.1f bytes a line kept\n",
                  (double)log.len / 1e6 / s,
                  (double)term_bytes(f->t) / (double)term_lines(f->t));
    buf_free(&log);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_scripts),
        TEST(test_fast_lines_equal_slow_ones),
        TEST(test_clearing_keeps_what_was_there),
        TEST(test_alternate_screen_leaves_no_trace),
        TEST(test_queries_are_answered),
        TEST(test_title_and_bell),
        TEST(test_keys),
        TEST(test_paste_cannot_end_itself),
        TEST(test_mouse_only_if_asked),
        TEST(test_rows_go_and_come_back),
        TEST(test_cursor_above_the_text),
        TEST(test_lines_wrap_anew),
        TEST(test_a_line_cut_by_a_resize_goes_on_below),
        TEST(test_margins_do_not_outlive_a_resize),
        TEST(test_main_screen_survives_resizes_while_hidden),
        TEST(test_resize_storms_lose_nothing),
        TEST(test_view_stays_on_its_text),
        TEST(test_search),
        TEST(test_seam_comes_after_what_is_there),
        TEST(test_view_of_lines_that_another_takes),
        TEST(test_work_of_a_turn_is_shared),
        TEST(test_ten_megabytes_of_parameters),
        TEST(test_endless_strings_and_marks),
        TEST(test_noise),
        TEST(test_speed_is_printed),
    };

    if (setlocale(LC_CTYPE, "C.UTF-8") == NULL)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
