/*
 * test_key_words.c - the sentences of debug and sysrq keys: one a key, and
 * those that end something are marked.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "src/command/verb/host/key_words.h"

/* Each line is "K  sentence", no key twice. */
static void
check_list(enum key_words which)
{
    bool seen[128] = { false };
    struct buf out = { 0 };
    const char *line, *end;

    key_words_print(which, &out);
    for (line = buf_text(&out); *line != '\0'; line = end + 1) {
        end = strchr(line, '\n');
        assert_non_null(end);
        assert_true(end - line > 8 && end - line < 78);
        assert_true(line[1] == ' ' && line[2] == ' ');
        assert_false(seen[(unsigned char)line[0] & 127]);
        seen[(unsigned char)line[0] & 127] = true;
    }
    buf_free(&out);
}

static void
test_each_key_has_a_sentence(void **state)
{
    (void)state;
    check_list(KEY_WORDS_XEN);
    check_list(KEY_WORDS_SYSRQ);
}

static void
test_dangerous_keys_are_known(void **state)
{
    (void)state;
    assert_non_null(key_words_danger(KEY_WORDS_XEN, 'R'));
    assert_non_null(key_words_danger(KEY_WORDS_XEN, 'C'));
    assert_null(key_words_danger(KEY_WORDS_XEN, 'r'));
    assert_non_null(key_words_danger(KEY_WORDS_SYSRQ, 'b'));
    assert_null(key_words_danger(KEY_WORDS_SYSRQ, 's'));
    assert_null(key_words_danger(KEY_WORDS_SYSRQ, '\0'));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_key_has_a_sentence),
        cmocka_unit_test(test_dangerous_keys_are_known),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
