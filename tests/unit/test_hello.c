/*
 * test_hello.c - the first message of a client: it goes round, and what is
 * refused of it.
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
#include "src/base/xalloc.h"

static void
test_hello_goes_round(void **state)
{
    struct cmd_line lines[] = { { "list", NULL }, { "show x", "f:2" } };
    struct hello h = { .kind = HELLO_BATCH,
                       .cwd = "/srv",
                       .term = "xterm",
                       .utf8 = true,
                       .read_only = true,
                       .config_text = (char *)(uintptr_t) "mouse = true;",
                       .lines = lines,
                       .n_lines = 2 };
    struct json_object *msg = hello_encode(&h);
    struct hello got;
    struct err e = { 0 };

    (void)state;
    assert_int_equal(hello_decode(msg, &got, &e), 0);
    json_object_put(msg);
    assert_int_equal(got.kind, HELLO_BATCH);
    assert_string_equal(got.cwd, "/srv");
    assert_true(got.utf8 && got.read_only && !got.no_color);
    assert_string_equal(got.config_text, "mouse = true;");
    assert_int_equal(got.n_lines, 2);
    assert_null(got.lines[0].where);
    assert_string_equal(got.lines[1].text, "show x");
    assert_string_equal(got.lines[1].where, "f:2");
    hello_fini(&got);
}

static void
test_hostile_hello(void **state)
{
    static const struct {
        const char *text;
        int rc;
    } cases[] = {
        { "{}", -1 },
        { "{\"do\":\"hello\"}", -1 },
        { "{\"do\":\"hello\",\"v\":2,\"kind\":\"batch\",\"lines\":[]}", -1 },
        { "{\"do\":\"hello\",\"v\":1,\"kind\":\"king\"}", -1 },
        { "{\"do\":\"hello\",\"v\":1,\"kind\":\"batch\"}", -1 },
        { "{\"do\":\"hello\",\"v\":1,\"kind\":\"batch\",\"lines\":[1]}", -1 },
        { "{\"do\":\"hello\",\"v\":1,\"kind\":\"batch\",\"lines\":{}}", -1 },
        { "{\"do\":\"hello\",\"v\":1,\"kind\":\"batch\",\"lines\":[{}]}", -1 },
        { "{\"do\":\"hello\",\"v\":1,\"kind\":\"terminal\",\"cwd\":7,"
          "\"term\":[],\"utf8\":\"yes\",\"tty\":\"a\\u001b[2Jb\"}",
          0 },
        { "{\"do\":\"hello\",\"v\":1,\"kind\":\"terminal\","
          "\"cwd\":\"relative\",\"term\":\"x\\u0000y\"}",
          0 },
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct json_object *msg = json_tokener_parse(cases[i].text);
        struct hello got;
        struct err e = { 0 };

        assert_non_null(msg);
        if (hello_decode(msg, &got, &e) != cases[i].rc)
            fail_msg("%s: %s", cases[i].text, e.msg);
        if (cases[i].rc == 0)
            assert_int_equal(got.cwd[0], '/');
        assert_string_equal(got.term, "");
        hello_fini(&got);
        json_object_put(msg);
    }
}

/* Both are named, so that one knows which of the two is to be started anew. */
static void
test_other_version_is_named(void **state)
{
    struct json_object *msg =
        json_tokener_parse("{\"do\":\"hello\",\"v\":7,\"version\":\"9.8.7\"}");
    struct hello got;
    struct err e = { 0 };

    (void)state;
    assert_int_equal(hello_decode(msg, &got, &e), -1);
    assert_non_null(strstr(e.msg, "this client (xendeck 9.8.7, protocol 7)"));
    assert_non_null(
        strstr(e.msg, "the engine (xendeck " XENDECK_VERSION ", protocol 1)"));
    hello_fini(&got);
    json_object_put(msg);
}

/* One that was left out would be a verb that is not done. */
static void
test_line_too_long_is_refused(void **state)
{
    char *text = xcalloc(1, 8194);
    struct cmd_line line = { text, NULL };
    struct hello h = { .kind = HELLO_BATCH, .lines = &line, .n_lines = 1 };
    struct json_object *msg;
    struct hello got;
    struct err e = { 0 };

    (void)state;
    memset(text, 'x', 8193);
    msg = hello_encode(&h);
    assert_int_equal(hello_decode(msg, &got, &e), -1);
    assert_non_null(strstr(e.msg, "found 8193 bytes"));
    hello_fini(&got);
    json_object_put(msg);
    free(text);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hello_goes_round),
        cmocka_unit_test(test_hostile_hello),
        cmocka_unit_test(test_other_version_is_named),
        cmocka_unit_test(test_line_too_long_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
