/*
 * test_loader_answer.c - what a boot loader says, on its terminal and in its
 * answer.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engine/guest/loader/loader_answer.h"
#include "engine/guest/loader/loader_said.h"

static struct loader_answer a;
static struct err e;

#define PARSE(text) loader_answer_parse(text, sizeof(text) - 1, &a, &e)

static void
test_answer_of_pygrub(void **state)
{
    (void)state;
    assert_int_equal(PARSE("kernel /d/boot_kernel.x\0ramdisk /d/boot_ramdisk.y"
                           "\0args root=/dev/xvda1 ro\0\0"),
                     0);
    assert_string_equal(a.kernel, "/d/boot_kernel.x");
    assert_string_equal(a.ramdisk, "/d/boot_ramdisk.y");
    assert_string_equal(a.args, "root=/dev/xvda1 ro");
}

static void
test_answers_as_libxl_takes_them(void **state)
{
    (void)state;
    assert_int_equal(PARSE("kernel  \t /k"), 0); /* no NUL at the end */
    assert_string_equal(a.kernel, "/k");
    assert_string_equal(a.ramdisk, "");
    assert_string_equal(a.args, "");
    assert_int_equal(PARSE("kernel /1\0other thing\0kernel /2\0"), 0);
    assert_string_equal(a.kernel, "/2");
    assert_int_equal(PARSE("kernel /k\0kernelx /2\0args \0"), 0);
    assert_string_equal(a.kernel, "/k");
    assert_string_equal(a.args, "");
}

static void
test_answers_that_are_refused(void **state)
{
    static char long_args[LOADER_ARGS_MAX + 16] = "kernel /k\0args ";
    static char huge[LOADER_ANSWER_MAX + 1];
    static const struct {
        const char *text;
        size_t n;
        const char *sentence;
    } cases[] = {
        { "", 0, "its answer names no kernel" },
        { "args a\0", 7, "its answer names no kernel" },
        { "kernel", 6, "its answer names no kernel" },
        { "kernel \0", 8, "its answer names no kernel" },
        { "linux (kernel /k)", 17, "its answer names no kernel" },
        { "kernel /a\nb\0", 12, "control characters in kernel" },
        { "kernel /k\0args a\033[2J\0", 21, "control characters in args" },
        { long_args, sizeof(long_args), "bytes of args, allowed 3999" },
        { huge, sizeof(huge), "its answer is longer than 65536 bytes" },
    };
    size_t i;

    (void)state;
    memset(long_args + 15, 'x', sizeof(long_args) - 15);
    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        err_clear(&e);
        assert_int_equal(loader_answer_parse(cases[i].text, cases[i].n, &a, &e),
                         -1);
        if (strstr(e.msg, cases[i].sentence) == NULL)
            fail_msg("'%s' is not in: %s", cases[i].sentence, e.msg);
    }
}

static void
says(const char *text, const char *last)
{
    struct loader_said s = { 0 };
    char got[64];

    loader_said_add(&s, text, strlen(text));
    loader_said_last(&s, got, sizeof(got));
    assert_string_equal(got, last);
    loader_said_fini(&s);
}

static void
test_last_words_are_two_lines_of_text(void **state)
{
    (void)state;
    says("", "");
    says("\n \r\n", "");
    says("one", "one");
    says("one\r\ntwo\r\nthree\r\n", "two / three");
    says("\033[?1049h\033[1;1Hmenu\033[0m\033[5;3HError: \033[7mno\033[m disk",
         "menu / Error: no disk");
    says("a\033", "a");
    says("a\033[", "a");
    says("a\033(Bb\001c\303", "abc?");
}

static void
test_last_words_are_bounded(void **state)
{
    struct loader_said s = { 0 };
    char text[1000], got[64];
    int i;

    (void)state;
    memset(text, 'x', sizeof(text));
    for (i = 0; i < 1000; i++)
        loader_said_add(&s, text, sizeof(text));
    assert_true(s.tail.len <= 4096);
    loader_said_last(&s, got, sizeof(got));
    assert_int_equal(strlen(got), sizeof(got) - 1);
    loader_said_fini(&s);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_answer_of_pygrub),
        cmocka_unit_test(test_answers_as_libxl_takes_them),
        cmocka_unit_test(test_answers_that_are_refused),
        cmocka_unit_test(test_last_words_are_two_lines_of_text),
        cmocka_unit_test(test_last_words_are_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
