/*
 * test_ere.c - extended regular expressions: what they find is what the C
 * library's find, and no text makes a search take long.
 */
#include <regex.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "src/base/text.h"
#include "ui/term/find/ere.h"

#define TEXT_MAX 4096

static size_t cost; /* of all searches */

static int
widen(const char *s, uint32_t *out)
{
    int n;

    for (n = 0; s[n] != '\0'; n++)
        out[n] = (unsigned char)s[n];
    return n;
}

static bool
make(struct ere *re, const char *text, bool fold)
{
    uint32_t cp[TEXT_MAX];

    return ere_make(re, cp, widen(text, cp), fold);
}

static bool
find(const struct ere *re, const char *text, struct ere_match *m)
{
    static uint32_t cp[TEXT_MAX];
    struct ere_line l = { .cp = cp, .begins = true, .ends = true };

    l.n = widen(text, cp);
    return ere_find(re, &l, 0, l.n, m, &cost);
}

/* The first match that is not empty, which regexec does not look for. */
static bool
find_by_library(const regex_t *re, const char *text, struct ere_match *out)
{
    size_t at;
    regmatch_t m;

    for (at = 0; text[at] != '\0'; at++) {
        if (regexec(re, text + at, 1, &m, at > 0 ? REG_NOTBOL : 0) != 0)
            return false;
        if (m.rm_eo > m.rm_so) {
            *out = (struct ere_match){ (int)at + m.rm_so, (int)at + m.rm_eo };
            return true;
        }
        at += (size_t)m.rm_so;
    }
    return false;
}

static void
compare(const char *pattern, const char *text)
{
    struct ere_match want = { 0 }, got = { 0 };
    static struct ere re;
    regex_t lib;
    bool found;

    if (!make(&re, pattern, false))
        fail_msg("'%s' is an expression", pattern);
    assert_int_equal(regcomp(&lib, pattern, REG_EXTENDED), 0);
    found = find_by_library(&lib, text, &want);
    if (find(&re, text, &got) != found || got.start > want.start ||
        (found && (got.start != want.start || got.end != want.end)))
        fail_msg("'%s' in '%s': %d..%d, not %d..%d", pattern, text, got.start,
                 got.end, want.start, want.end);
    regfree(&lib);
}

static void
test_finds_what_the_library_finds(void **state)
{
    static const char *const patterns[] = {
        "a|ab|abc",
        "(a|ab)(c|bcd)",
        "^a+b",
        "b+$",
        "a{2}",
        "a{2,}b",
        "a{1,3}b?",
        "(ab){2,3}",
        "[a-c]+",
        "[^a-c]+",
        "[]x]+",
        "[^]a]+",
        "[[:digit:]]+[[:space:]][[:alpha:]]",
        "a.c",
        "a\\.c",
        "(a*)*b",
        "((a|b)*c|d)+",
        "x{0}a",
        "a{,2}",
        "a\\{2\\}",
        "(^|b)a",
        "a($|b)",
        "[a\\]b]+",
        "[a-]+",
    };
    static const char *const texts[] = {
        "",       "abc",     "abcd",  "xxabcdxx", "aaab",    "aabbb",
        "ababab", "a.c abc", "12 ab", "]]x]",     "a-a-",    "aaaaaaab",
        "cccdab", "a{2}",    "a{,2}", "ba ab",    "a\\]b]b", "zzz",
    };
    size_t i, j;

    (void)state;
    for (i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++)
        for (j = 0; j < sizeof(texts) / sizeof(texts[0]); j++)
            if (strcmp(patterns[i], "a{,2}") != 0) /* GNU's own meaning */
                compare(patterns[i], texts[j]);
}

/* Patterns and texts of few letters, of which many match. */
static void
test_finds_what_the_library_finds_by_chance(void **state)
{
    static const char *const parts[] = { "a",     "b",       "c",  ".",
                                         "[ab]",  "a*",      "b+", "c?",
                                         "(a|b)", "(ab|c)*", "|a", "b{2}",
                                         "[^c]",  "a{0,2}" };
    char pattern[64], text[32];
    int i, j, n;

    (void)state;
    srand(7);
    for (i = 0; i < 20000; i++) {
        /* a bar is not the first */
        text_fmt(pattern, sizeof(pattern), "%s", i % 2 ? "a" : "b");
        n = rand() % 5;
        for (j = 0; j < n; j++)
            text_fmt(
                pattern + strlen(pattern), sizeof(pattern) - strlen(pattern),
                "%s",
                parts[(size_t)rand() % (sizeof(parts) / sizeof(parts[0]))]);
        n = rand() % 12;
        for (j = 0; j < n; j++)
            text[j] = (char)('a' + rand() % 3);
        text[n] = '\0';
        compare(pattern, text);
    }
}

static void
test_what_is_no_expression(void **state)
{
    static const char *const bad[] = {
        "",       "(",
        ")",      "(a",
        "a)",     "[",
        "[a",     "a|",
        "|a",     "()",
        "*a",     "a**",
        "a{2",    "a{3,2}",
        "a{256}", "\\",
        "\\d",    "[[:no:]]",
        "[b-a]",  "[[.a.]]",
        "(a|)",   "((((a{99}){99}){99}){99})",
    };
    static struct ere re;
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        if (make(&re, bad[i], false))
            fail_msg("'%s' is no expression", bad[i]);
}

static void
test_small_letters_stand_for_both(void **state)
{
    struct ere_match m;
    static struct ere re;

    (void)state;
    assert_true(make(&re, "err(or|no)[a-c]", true));
    assert_true(find(&re, "an ERRORB", &m));
    assert_int_equal(m.start, 3);
    assert_int_equal(m.end, 9);
}

static void
test_a_piece_has_no_ends_of_its_own(void **state)
{
    static const uint32_t cp[] = { 'a', 'b' };
    struct ere_line l = { .cp = cp, .n = 2 };
    struct ere_match m;
    static struct ere re;

    (void)state;
    assert_true(make(&re, "^a|b$", false));
    assert_false(ere_find(&re, &l, 0, 2, &m, &cost));
    l.ends = true;
    assert_true(ere_find(&re, &l, 0, 2, &m, &cost));
    assert_int_equal(m.start, 1);
    assert_false(ere_find(&re, &l, 0, 1, &m, &cost)); /* begins behind it */
}

/* Those that try again and again never come to an end here. */
static void
test_hostile_text_takes_no_time(void **state)
{
    static char text[TEXT_MAX];
    struct ere_match m;
    static struct ere re;

    (void)state;
    memset(text, 'a', sizeof(text) - 1);
    assert_true(make(&re, "(a*)*(a*)*(a|aa)+b", false));
    assert_false(find(&re, text, &m));
    assert_true(make(&re, "(a?){100}a{100}$", false));
    assert_true(find(&re, text, &m));
    assert_int_equal(m.end, TEXT_MAX - 1);
}

/* What becomes no step is not copied, or these would be 255 to the fourth. */
static void
test_nothing_is_repeated_at_once(void **state)
{
    struct ere_match m;
    static struct ere re;

    (void)state;
    assert_true(make(&re, "((((a{0}){255}){255}){255}){255}", false));
    assert_false(find(&re, "aaa", &m));
    assert_true(make(&re, "((((a{0}){255}){255}){255}){255}b", false));
    assert_true(find(&re, "ab", &m));
    assert_int_equal(m.start, 1);
    assert_false(make(&re, "((a{2}){255}){255}", false)); /* too long */
}

/* A match of one character may have looked at all that is behind it. */
static void
test_what_a_search_costs_is_told(void **state)
{
    static char text[512];
    struct ere_match m;
    static struct ere re;
    size_t short_cost;

    (void)state;
    memset(text, 'a', sizeof(text) - 1);
    assert_true(make(&re, "a", false));
    cost = 0;
    assert_true(find(&re, text, &m));
    short_cost = cost;
    assert_true(make(&re, "a|([b-z0-9_a]?){240}Z", false));
    cost = 0;
    assert_true(find(&re, text, &m));
    assert_int_equal(m.end, 1);
    assert_true(cost > 100 * short_cost && cost > 20000);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_finds_what_the_library_finds),
        cmocka_unit_test(test_finds_what_the_library_finds_by_chance),
        cmocka_unit_test(test_what_is_no_expression),
        cmocka_unit_test(test_small_letters_stand_for_both),
        cmocka_unit_test(test_a_piece_has_no_ends_of_its_own),
        cmocka_unit_test(test_hostile_text_takes_no_time),
        cmocka_unit_test(test_nothing_is_repeated_at_once),
        cmocka_unit_test(test_what_a_search_costs_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
