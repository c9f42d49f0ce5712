/*
 * test_key.c - keys as text, there and back.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "src/command/key.h"

static const struct {
    const char *text, *canonical;
    uint32_t code;
    unsigned mods;
} good[] = {
    { "a", "a", 'a', 0 },
    { "A", "A", 'A', 0 },
    { "S-a", "A", 'A', 0 },
    { "C-a", "C-a", 'a', KEY_M_CTRL },
    { "C-A", "C-a", 'a', KEY_M_CTRL },
    { "^A", "C-a", 'a', KEY_M_CTRL },
    { "^]", "C-]", ']', KEY_M_CTRL },
    { "^", "^", '^', 0 },
    { "-", "-", '-', 0 },
    { "C--", "C--", '-', KEY_M_CTRL },
    { "C", "C", 'C', 0 },
    { "M-x", "M-x", 'x', KEY_M_ALT },
    { "M-C-x", "C-M-x", 'x', KEY_M_CTRL | KEY_M_ALT },
    { "\\", "\\", '\\', 0 },
    { "Space", "Space", ' ', 0 },
    { "C-Space", "C-Space", ' ', KEY_M_CTRL },
    { "F1", "F1", K_F1, 0 },
    { "f24", "F24", K_F1 + 23, 0 },
    { "S-F5", "S-F5", K_F1 + 4, KEY_M_SHIFT },
    { "Tab", "Tab", K_TAB, 0 },
    { "C-i", "Tab", K_TAB, 0 },
    { "C-m", "Enter", K_ENTER, 0 },
    { "C-[", "Esc", K_ESC, 0 },
    { "S-Tab", "S-Tab", K_TAB, KEY_M_SHIFT },
    { "BTab", "S-Tab", K_TAB, KEY_M_SHIFT },
    { "pageup", "PgUp", K_PGUP, 0 },
    { "PgDn", "PgDn", K_PGDN, 0 },
    { "Backspace", "Backspace", K_BACKSPACE, 0 },
    { "\xc3\xa4", "\xc3\xa4", 0xe4, 0 },
    { "M-\xe2\x82\xac", "M-\xe2\x82\xac", 0x20ac, KEY_M_ALT },
    { "\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80", 0x1f600, 0 },
};

static const char *const bad[] = {
    "",         " ",          "ab",
    "C-",       "X-a",        "F0",
    "F25",      "F1x",        "S-1",
    "S-Space",  "Mouse",      "Paste",
    "\x01",     "\x7f",       "\xff",
    "\xc3",     "\xc0\x80",   "\xed\xa0\x80",
    "\xc2\x9b", "C-\xc3\xa4", "\xf4\x90\x80\x80",
    "C-M-",     "\xe2\x82",   "Enterx",
};

static void
test_good_keys_there_and_back(void **state)
{
    struct key k, again;
    char text[24];
    size_t i;

    (void)state;
    for (i = 0; i < sizeof good / sizeof good[0]; i++) {
        if (!key_parse(good[i].text, &k))
            fail_msg("'%s' is refused", good[i].text);
        assert_int_equal(k.code, good[i].code);
        assert_int_equal(k.mods, good[i].mods);
        key_print(&k, text, sizeof text);
        assert_string_equal(text, good[i].canonical);
        assert_true(key_parse(text, &again));
        assert_true(key_same(&k, &again));
    }
}

static void
test_bad_keys_are_refused(void **state)
{
    struct key k = { .code = 'x' };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (key_parse(bad[i], &k))
            fail_msg("'%s' is taken", bad[i]);
    assert_int_equal(k.code, 'x');
}

static void
test_all_modifiers_fit(void **state)
{
    struct key k = { .code = K_BACKSPACE,
                     .mods = KEY_M_CTRL | KEY_M_ALT | KEY_M_SHIFT };
    char text[24];

    (void)state;
    key_print(&k, text, sizeof text);
    assert_string_equal(text, "C-M-S-Backspace");
    k.code = K_BASE + 0x200;
    key_print(&k, text, sizeof text);
    assert_string_equal(text, "C-M-S-?");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good_keys_there_and_back),
        cmocka_unit_test(test_bad_keys_are_refused),
        cmocka_unit_test(test_all_modifiers_fit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
