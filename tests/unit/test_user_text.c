/*
 * test_user_text.c - what an editor or a pager is given of a long text.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "src/base/sys/user_program.h"

/* A text of lines of ten bytes, n bytes in all. */
static void
text_make(struct buf *b, size_t n)
{
    buf_clear(b);
    while (b->len + 10 <= n)
        buf_str(b, "123456789\n");
    while (b->len < n)
        buf_chr(b, 'x');
}

static void
test_the_last_lines_are_kept(void **state)
{
    struct buf b = { 0 };

    (void)state;
    text_make(&b, USER_EDIT_MAX);
    user_text_fit(&b, USER_EDITOR);
    assert_int_equal(b.len, USER_EDIT_MAX);
    text_make(&b, USER_EDIT_MAX + 10);
    user_text_fit(&b, USER_EDITOR);
    assert_int_equal(b.len, USER_EDIT_MAX); /* one whole line less */
    text_make(&b, USER_EDIT_MAX + 1);
    user_text_fit(&b, USER_EDITOR);
    assert_int_equal(b.len, USER_EDIT_MAX + 1 - 10);
    assert_int_equal(strncmp(b.data, "123456789\n", 10), 0);
    text_make(&b, USER_EDIT_MAX + 1);
    user_text_fit(&b, USER_PAGER);
    assert_int_equal(b.len, USER_EDIT_MAX + 1);
    buf_free(&b);
}

static void
test_a_line_that_is_too_long_has_its_end(void **state)
{
    struct buf b = { 0 };

    (void)state;
    while (b.len <= USER_EDIT_MAX)
        buf_str(&b, "no end of a line ");
    buf_str(&b, "last\n");
    user_text_fit(&b, USER_EDITOR);
    assert_int_equal(b.len, USER_EDIT_MAX);
    assert_string_equal(b.data + b.len - 5, "last\n");
    buf_free(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_last_lines_are_kept),
        cmocka_unit_test(test_a_line_that_is_too_long_has_its_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
