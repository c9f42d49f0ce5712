/*
 * test_term_cost.c - a guest whose few bytes ask for much work: each turn of
 * the terminal is bounded by what it costs, counted and not timed.
 */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "ui/term/term.h"

#define ROWS  60
#define COLS  250
#define READ  (64 * 1024) /* what the engine reads in a turn */
#define CELLS (ROWS * COLS)
#define TURNS 20
/* One sequence is never cut: the dearest fills the screen in insert mode. */
#define ONE_MAX (1000 * COLS + 2 * CELLS)

/* unit: repeated until a read is full, behind `first`. */
static const struct hostile {
    const char *name, *first, *unit;
} hostile[] = {
    { "DECALN", "", "\033#8" },
    { "DECALN and a letter", "", "x\033#8" },
    { "REP", "X", "X\033[1000b" },
    { "REP, inserted", "\033[4h", "X\033[1000b" },
    { "letters, inserted", "\033[4h", "xyz\r" },
    { "a line of letters, inserted", "\033[4h", "x" },
    { "ED", "", "x\033[2J" },
    { "ED in colour", "\033[44m", "\033[2J" },
    { "ED above in colour", "\033[44m\033[60;250H", "\033[1J" },
    { "selective ED", "", "\033[?2J" },
    { "EL in colour", "\033[44m", "\033[2K" },
    { "ECH in colour", "\033[44m", "\033[999X" },
    { "lines in colour", "\033[44m\033[60;1H", "\n" },
    { "vertical tabs in colour", "\033[44m\033[60;1H", "\v" },
    { "wide rows into the scrollback", "\033[60;1H", "\033[250Gx\n" },
    { "IND in colour", "\033[44m\033[60;1H", "\033D" },
    { "RI in colour", "\033[44m", "\033M" },
    { "SU in colour", "\033[44m", "\033[99S" },
    { "SD in colour", "\033[44m", "\033[99T" },
    { "IL in colour", "\033[44m", "\033[99L" },
    { "DL in colour", "\033[44m", "\033[99M" },
    { "IL", "", "\033[L" },
    { "ICH", "\033[250Gx\r", "\033[@" },
    { "DCH", "\033[44m\033[2J\033[H", "\033[P" },
    { "DECIC", "\033[44m\033[2J\033[H", "\033['}" },
    { "DECDC", "\033[44m\033[2J\033[H", "\033['~" },
    { "tabs without stops", "\033[3g", "\t\r" },
    { "tabs back without stops", "\033[3g\033[250G", "\033[Z\033[250G" },
    { "TBC", "", "\033[3g" },
    { "1047", "", "\033[?1047h\033[?1047l" },
    { "1049 in colour", "\033[44m", "\033[?1049h\033[?1049l" },
    { "RIS", "x", "x\033c" },
    { "DECCOLM in colour", "\033[44m\033[?40h", "\033[?3h" },
    { "DECRC at the edge", "\033[250Gx\0337\r", "\0338" },
    { "margins", "", "\033[2;9r\033[3;8r" },
    { "SGR", "", "\033[1;3;4;7;31;42;1;3;4;7;31;42;1;3m" },
    { "OSC", "", "\033]0;title\a" },
    { "reports", "", "\033[6n" },
    { "marks", "", "x\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301" },
    { "wide", "", "\u4e2d" },
    { "wide inserted", "\033[4h", "\u4e2d\r" },
    { "REP wide", "\u4e2d", "\u4e2d\033[1000b" },
    { "REP marks", "x\u0301", "\u0301\033[1000b" },
    { "CHT", "", "\033[9999I\r" },
    { "CBT", "\033[250G", "\033[9999Z\033[250G" },
    { "long SGR", "",
      "\033[38;2;1;2;3;48;2;4;5;6;38;5;7;48;5;9;1;2;3;4;5;7;9m" },
    { "SGR colons", "", "\033[38:2::1:2:3:4:5:6:7:8:9m" },
    { "OSC 52", "", "\033]52;c;QUJDRA==\a" },
    { "OSC open", "\033]0;", "x" },
    { "DCS open", "\033P1$r", "x" },
    { "APC open", "\033_", "x" },
    { "DECRQSS", "", "\033P$qr\033\\" },
    { "DA", "", "\033[c" },
    { "reverse screen", "", "\033[?5h\033[?5l" },
    { "double height", "", "\033#3\033#4" },
    { "double width", "x", "x\033#6\033#5" },
    { "charset", "", "\033(0qqq\033(B" },
    { "origin", "\033[10;20r", "\033[?6h\033[?6l" },
    { "DECSTBM RI", "\033[2;59r\033[44m", "\033[2;1H\033M" },
    { "IL region", "\033[2;59r\033[44m\033[2;1H", "\033[L" },
    { "DL plain", "x", "\033[M" },
    { "1047 in colour", "\033[44m", "\033[?1047h\033[2J\033[?1047l" },
    { "1048", "", "\033[?1048h\033[?1048l" },
    { "DECSTR", "", "\033[!p" },
    { "CUP far", "", "\033[9999;9999H" },
    { "ECH then REP", "x", "\033[999Xx\033[999b" },
    { "DECSED", "", "\033[1\"q\033[?2J" },
    { "SL", "", "\033[99 @" },
    { "SR", "", "\033[99 A" },
    { "HTS", "", "\033H \033H" },
    { "NEL wide", "\033[60;1H", "\033[250G\u4e2d\033E" },
    { "C1", "", "\302\2332J" },
    { "mouse modes", "", "\033[?1000h\033[?1002h\033[?1003h\033[?1006h" },
    { "params", "\033[", "1;" },
    { "XTWINOPS", "", "\033[18t\033[8;1000;1000t" },
    { "zwj", "x", "\u200d\u200d" },
    { "bidi", "", "\u202e\u202dx" },
    { "bell", "", "\a" },
    { "bs", "\033[250G", "\b" },
    { "lnm", "\033[20h", "\n" },
    { "broken UTF-8", "", "\377" },
    { "broken UTF-8, inserted", "\033[4h", "\377\r" },
    { "broken UTF-8 in lines", "\033[60;1H", "\377\n" },
    { "UTF-8 cut short", "", "\342\202x" },
    { "UTF-8 too long", "", "\360\200\200\200" },
    { "surrogates", "", "\355\240\200" },
    { "broken UTF-8 in colour", "\033[44m", "\377\033[m" },
    { "no characters", "", "\357\277\277" },
    { "C1 as text", "", "\302\200" },
    { "marks past the limit",
      "x\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301", "\u0301" },
    { "directions", "", "\u202e" },
    { "text and directions", "", "x\u202e" },
    { "text and broken UTF-8", "", "x\377" },
    { "text, marks past the limit", "",
      "x\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301" },
    { "text", "", "The quick brown fox jumps over the lazy dog.\r\n" },
    { "colours", "", "\033[32m[    1.234567]\033[0m \033[1;34mxen\033[0m\r\n" },
};

static void
swallow(void *arg, const char *bytes, size_t n)
{
    (void)arg, (void)bytes, (void)n;
}

static struct term *
open_term(void)
{
    struct term_opts o = { .rows = ROWS,
                           .cols = COLS,
                           .scrollback_bytes = 1 << 20,
                           .output = swallow };

    return term_new(&o);
}

static void
fill(struct buf *b, const struct hostile *h)
{
    size_t unit = strlen(h->unit);

    buf_clear(b);
    buf_str(b, h->first);
    while (b->len + unit <= READ)
        buf_add(b, h->unit, unit);
}

/* Turns that a read takes, or TURNS; each is bounded, and goes on. */
static size_t
turns_of(struct term *t, const struct buf *b, size_t *cost)
{
    size_t at = 0, turns = 0, n;

    *cost = 0;
    while (at < b->len && turns < TURNS) {
        n = term_work(t, b->data + at, b->len - at);
        assert_true(n > 0);
        at += n;
        turns++;
        assert_true(at == b->len || term_cost_of_turn(t) >= TERM_TURN_COST);
        assert_true(term_cost_of_turn(t) <= TERM_TURN_COST + ONE_MAX);
        *cost += term_cost_of_turn(t);
    }
    return turns;
}

/* What terminals are for comes through in one turn. */
static void
test_text_is_not_held_back(void **state)
{
    static const char *const names[] = { "text", "colours", "SGR", "DECALN" };
    struct buf b = { 0 };
    size_t i, k, cost;

    (void)state;
    for (i = 0; i < sizeof(hostile) / sizeof(hostile[0]); i++) {
        for (k = 0; k < sizeof(names) / sizeof(names[0]); k++) {
            struct term *t;

            if (strcmp(hostile[i].name, names[k]) != 0)
                continue;
            t = open_term();
            fill(&b, &hostile[i]);
            assert_int_equal(turns_of(t, &b, &cost), 1);
            term_free(t);
        }
    }
    buf_free(&b);
}

/* However the limit cuts it, the screen is that of one piece. */
static void
test_cut_work_ends_where_whole_work_does(void **state)
{
    struct buf b = { 0 }, cut = { 0 }, whole = { 0 };
    size_t i, at, line;

    (void)state;
    for (i = 0; i < sizeof(hostile) / sizeof(hostile[0]); i++) {
        struct term *t = open_term(), *u = open_term();

        fill(&b, &hostile[i]);
        b.len = b.len / 16;
        for (at = 0; at < b.len;)
            at += term_work(t, b.data + at, b.len - at);
        term_write(u, b.data, b.len);
        assert_int_equal(term_lines(t), term_lines(u));
        buf_clear(&cut);
        buf_clear(&whole);
        for (line = 0; term_line_text(t, line, &cut); line++)
            term_line_text(u, line, &whole);
        assert_string_equal(buf_text(&cut), buf_text(&whole));
        term_free(t);
        term_free(u);
    }
    buf_free(&b);
    buf_free(&cut);
    buf_free(&whole);
}

static double
now_ms(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (double)ts.tv_sec * 1e3 + (double)ts.tv_nsec / 1e6;
}

static void
test_no_turn_costs_more_than_its_share(void **state)
{
    struct buf b = { 0 };
    size_t i, turns, cost;

    (void)state;
    for (i = 0; i < sizeof(hostile) / sizeof(hostile[0]); i++) {
        struct term *t = open_term();
        double begin;

        fill(&b, &hostile[i]);
        begin = now_ms();
        turns = turns_of(t, &b, &cost);
        assert_true(cost >= b.len / 2); /* what is not shown is read, too */
        print_message("%-30s %5zu turns, %7.2f ms, %5.2f ns a cell\n",
                      hostile[i].name, turns, now_ms() - begin,
                      (now_ms() - begin) * 1e6 / (double)cost);
        term_free(t);
    }
    buf_free(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text_is_not_held_back),
        cmocka_unit_test(test_cut_work_ends_where_whole_work_does),
        cmocka_unit_test(test_no_turn_costs_more_than_its_share),
    };

    if (setlocale(LC_CTYPE, "C.UTF-8") == NULL)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
