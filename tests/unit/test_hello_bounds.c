/*
 * test_hello_bounds.c - what a hello may bring: nothing that is too long, or no
 * text, is taken as if it were empty.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "src/attach/conn.h"
#include "src/attach/hello.h"
#include "src/base/conf.h"
#include "src/base/xalloc.h"

static char *
text_of(size_t n)
{
    char *text = xcalloc(1, n + 1);

    memset(text, 'x', n);
    return text;
}

/* A batch of one line with settings of n_config bytes. */
static int
decode_one(size_t n_line, size_t n_config, struct err *e)
{
    struct cmd_line line = { .text = text_of(n_line) };
    struct hello h = { .kind = HELLO_BATCH,
                       .lines = &line,
                       .n_lines = 1,
                       .config_text = text_of(n_config) };
    struct json_object *msg = hello_encode(&h);
    struct hello got;
    int rc = hello_decode(msg, &got, e);

    if (rc == 0)
        assert_int_equal(strlen(got.lines[0].text), n_line);
    hello_fini(&got);
    json_object_put(msg);
    free((char *)(uintptr_t)line.text);
    free(h.config_text);
    return rc;
}

static void
test_long_lines_are_refused(void **state)
{
    struct err e = { 0 };

    (void)state;
    assert_int_equal(decode_one(CMD_LINE_BYTES, 0, &e), 0);
    assert_int_equal(decode_one(CMD_LINE_BYTES + 1, 0, &e), -1);
    assert_non_null(strstr(e.msg, "found 8193 bytes, allowed 8192"));
}

static void
test_long_settings_are_refused(void **state)
{
    struct err e = { 0 };

    (void)state;
    assert_int_equal(decode_one(4, CONF_FILE_MAX, &e), 0);
    assert_int_equal(decode_one(4, CONF_FILE_MAX + 1, &e), -1);
    assert_non_null(strstr(e.msg, "config: found 1048577 bytes"));
}

#define BATCH "{\"do\":\"hello\",\"v\":1,\"kind\":\"batch\",\"lines\":["

static void
test_lines_that_are_no_text_are_refused(void **state)
{
    static const char *const bad[] = {
        BATCH "{}]}",
        BATCH "{\"text\":7}]}",
        BATCH "{\"text\":\"li\\u0000st\"}]}",
        BATCH "{\"text\":\"list\",\"where\":[]}]}",
        BATCH "{\"text\":\"list\"}],\"config\":7}",
        BATCH "{\"text\":\"list\"}],\"config\":\"a\\u0000b\"}",
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct json_object *msg = json_tokener_parse(bad[i]);
        struct hello got;
        struct err e = { 0 };

        if (hello_decode(msg, &got, &e) == 0 || e.msg[0] == '\0')
            fail_msg("taken: %s", bad[i]);
        hello_fini(&got);
        json_object_put(msg);
    }
}

/* What they send is parsed in the engine's loop. */
static void
test_others_may_bring_less(void **state)
{
    struct hello h = { .n_lines = HELLO_LINES_OTHERS };
    struct err e = { 0 };

    (void)state;
    h.config_text = text_of(HELLO_CONFIG_OTHERS);
    assert_int_equal(hello_check_others(&h, &e), 0);
    h.n_lines++;
    assert_int_equal(hello_check_others(&h, &e), -1);
    assert_non_null(strstr(e.msg, "found 2001 lines, allowed 2000"));
    free(h.config_text);
    h.n_lines = 0;
    h.config_text = text_of(HELLO_CONFIG_OTHERS + 1);
    assert_int_equal(hello_check_others(&h, &e), -1);
    assert_non_null(strstr(e.msg, "found 65537 bytes of settings"));
    free(h.config_text);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_long_lines_are_refused),
        cmocka_unit_test(test_long_settings_are_refused),
        cmocka_unit_test(test_lines_that_are_no_text_are_refused),
        cmocka_unit_test(test_others_may_bring_less),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
