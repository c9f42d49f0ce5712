/*
 * test_err.c - sentences of errors: their codes, cuts and safety.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "src/base/err.h"

static void
test_set_fills_code_and_sentence(void **state)
{
    struct err e = { .sys = 5 };

    (void)state;
    errno = EXDEV;
    assert_int_equal(err_set(&e, ERR_RANGE, "memory %d", 7), -1);
    assert_int_equal(e.code, ERR_RANGE);
    assert_int_equal(e.sys, 0);
    assert_string_equal(e.msg, "memory 7");
    assert_int_equal(errno, EXDEV);
    err_clear(&e);
    assert_int_equal(e.code, ERR_NONE);
    assert_string_equal(e.msg, "");
}

static void
test_null_is_allowed(void **state)
{
    (void)state;
    assert_int_equal(err_set(NULL, ERR_IO, "x"), -1);
    assert_int_equal(err_sys(NULL, EIO, "x"), -1);
    assert_int_equal(err_wrap(NULL, "x"), -1);
    err_clear(NULL);
}

static void
test_sys_appends_the_reason(void **state)
{
    struct err e = { 0 };

    (void)state;
    assert_int_equal(err_sys(&e, ENOENT, "kernel '%s'", "/boot/x"), -1);
    assert_int_equal(e.code, ERR_NOENT);
    assert_int_equal(e.sys, ENOENT);
    assert_string_equal(e.msg, "kernel '/boot/x': No such file or directory");
    err_sys(&e, 0, "domain list");
    assert_int_equal(e.code, ERR_IO);
    assert_string_equal(e.msg, "domain list: unknown reason");
}

static void
test_wrap_prepends_and_keeps_the_rest(void **state)
{
    struct err e = { 0 };

    (void)state;
    err_sys(&e, EBUSY, "disk");
    assert_int_equal(err_wrap(&e, "create '%s'", "web1"), -1);
    assert_int_equal(e.code, ERR_BUSY);
    assert_int_equal(e.sys, EBUSY);
    assert_string_equal(e.msg, "create 'web1': disk: Device or resource busy");
}

static void
test_own_text_may_be_an_argument(void **state)
{
    struct err e = { 0 };

    (void)state;
    err_set(&e, ERR_IO, "inner");
    err_set(&e, ERR_LOST, "outer (%s)", e.msg);
    assert_string_equal(e.msg, "outer (inner)");
}

static void
test_control_bytes_are_replaced(void **state)
{
    struct err e = { 0 };

    (void)state;
    err_set(&e, ERR_IO, "a%sb", "\033[2J\r\n\x7f\xc2\x9b\xff");
    assert_string_equal(e.msg, "a?[2J?????b");
    err_wrap(&e, "x\ny");
    assert_string_equal(e.msg, "x?y: a?[2J?????b");
}

/* Every offset of a 3-byte character against the limit. */
static void
test_cut_ends_on_a_whole_character(void **state)
{
    char text[2 * ERR_MSG_MAX];
    struct err e = { 0 };
    size_t pad, i, len;

    (void)state;
    for (pad = 0; pad < 3; pad++) {
        memset(text, 'a', pad);
        for (i = pad; i + 4 < sizeof text; i += 3)
            memcpy(text + i, "\xe2\x82\xac", 4); /* euro sign */
        err_set(&e, ERR_IO, "%s", text);
        len = strlen(e.msg);
        assert_in_range(len, ERR_MSG_MAX - 3, ERR_MSG_MAX - 1);
        assert_int_equal((len - pad) % 3, 0);
        assert_null(strchr(e.msg, '?'));
        err_wrap(&e, "%s", text);
        assert_null(strchr(e.msg, '?'));
    }
}

static void
test_codes_of_errno(void **state)
{
    static const struct {
        int errnum;
        enum err_code code;
    } cases[] = {
        { EINVAL, ERR_INVALID },
        { ERANGE, ERR_RANGE },
        { E2BIG, ERR_RANGE },
        { EDOM, ERR_RANGE },
        { ENOENT, ERR_NOENT },
        { ESRCH, ERR_NOENT },
        { ENODEV, ERR_NOENT },
        { ENXIO, ERR_NOENT },
        { EEXIST, ERR_EXISTS },
        { EPERM, ERR_DENIED },
        { EACCES, ERR_DENIED },
        { EBUSY, ERR_BUSY },
        { ETXTBSY, ERR_BUSY },
        { ENOMEM, ERR_NOMEM },
        { ENOSYS, ERR_UNSUPPORTED },
        { EOPNOTSUPP, ERR_UNSUPPORTED },
        { ENOTSUP, ERR_UNSUPPORTED },
        { ETIMEDOUT, ERR_TIMEOUT },
        { ECANCELED, ERR_CANCELLED },
        { EPIPE, ERR_LOST },
        { ECONNRESET, ERR_LOST },
        { EBADF, ERR_LOST },
        { ECONNREFUSED, ERR_LOST },
        { ENOTCONN, ERR_LOST },
        { EAGAIN, ERR_AGAIN },
        { EIO, ERR_IO },
        { 0, ERR_IO },
        { 99999, ERR_IO },
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_int_equal(err_code_of_errno(cases[i].errnum), cases[i].code);
}

static void
test_every_code_has_its_own_word(void **state)
{
    int a, b;

    (void)state;
    for (a = ERR_NONE; a <= ERR_IO; a++) {
        assert_string_not_equal(err_code_name((enum err_code)a), "unknown");
        for (b = ERR_NONE; b < a; b++)
            assert_string_not_equal(err_code_name((enum err_code)a),
                                    err_code_name((enum err_code)b));
    }
    assert_string_equal(err_code_name(ERR_NOENT), "not-found");
    assert_string_equal(err_code_name(ERR_BUSY), "busy");
    assert_string_equal(err_code_name((enum err_code)1000), "unknown");
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_set_fills_code_and_sentence),
        cmocka_unit_test(test_null_is_allowed),
        cmocka_unit_test(test_sys_appends_the_reason),
        cmocka_unit_test(test_wrap_prepends_and_keeps_the_rest),
        cmocka_unit_test(test_own_text_may_be_an_argument),
        cmocka_unit_test(test_control_bytes_are_replaced),
        cmocka_unit_test(test_cut_ends_on_a_whole_character),
        cmocka_unit_test(test_codes_of_errno),
        cmocka_unit_test(test_every_code_has_its_own_word),
    };

    return cmocka_run_group_tests_name("err", tests, NULL, NULL);
}
