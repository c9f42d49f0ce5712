/*
 * test_tls_place.c - addresses that an engine listens at, places that it calls,
 * and who may come, as texts.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engine/tls/tls_carrier.h"
#include "src/base/text.h"

#define PRINT "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

static void
test_places(void **state)
{
    static const struct {
        const char *text, *host;
        unsigned port;
    } good[] = {
        { "tls://beta", "beta", TLS_PORT },
        { "tls://beta.example.org:1", "beta.example.org", 1 },
        { "tls://10.0.0.1:65535", "10.0.0.1", 65535 },
        { "tls://[2001:db8::1]", "2001:db8::1", TLS_PORT },
        { "tls://[::1]:8004", "::1", 8004 },
    };
    static const char *const bad[] = {
        "",           "beta",         "tls:/beta",  "tls://",
        "tls://:1",   "tls://a:",     "tls://a:0",  "tls://a:65536",
        "tls://a:1x", "tls://a:+1",   "tls://a:1:", "tls://::1",
        "tls://[::1", "tls://[::1]1", "tls://[a]",  "tls://a b",
        "tls://a'b",  "tls://-a",     "tls://u@a",  "tls://a/b",
        "tls://[]:1", "tls://a\n",
    };
    struct tls_place p;
    struct err e = { 0 };
    char longest[TLS_HOST_MAX + 8];
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        assert_int_equal(tls_place_parse(good[i].text, &p, &e), 0);
        assert_string_equal(p.host, good[i].host);
        assert_int_equal(p.port, good[i].port);
    }
    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        if (tls_place_parse(bad[i], &p, &e) == 0)
            fail_msg("'%s' is taken", bad[i]);
    memset(longest, 'a', sizeof(longest));
    memcpy(longest, "tls://", 6);
    longest[sizeof(longest) - 1] = '\0';
    assert_int_equal(tls_place_parse(longest, &p, &e), -1);
    assert_false(tls_is_place("tls.example.org"));
}

static void
test_addresses(void **state)
{
    static const struct {
        const char *text, *with, *without;
    } good[] = {
        { "8003", "127.0.0.1:8003", "127.0.0.1" },
        { "10.1.2.3:1", "10.1.2.3:1", "10.1.2.3" },
        { "0.0.0.0:8003", "0.0.0.0:8003", "0.0.0.0" },
        { "[::]:8003", "[::]:8003", "::" },
        { "[::ffff:10.0.0.9]:5", "10.0.0.9:5", "10.0.0.9" },
    };
    static const char *const bad[] = { "",
                                       "0",
                                       "65536",
                                       "beta:1",
                                       "10.0.0.1",
                                       ":8003",
                                       "*:8003",
                                       "::1:8003",
                                       "[::1]",
                                       "[10.0.0.1]:1",
                                       "10.0.0.1:1:1",
                                       "10.0.0.1:-1" };
    struct tls_address a;
    struct err e = { 0 };
    char text[TLS_ADDR_MAX];
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        assert_int_equal(tls_address_parse(good[i].text, &a, &e), 0);
        tls_address_print(&a, true, text, sizeof(text));
        assert_string_equal(text, good[i].with);
        tls_address_print(&a, false, text, sizeof(text));
        assert_string_equal(text, good[i].without);
    }
    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        if (tls_address_parse(bad[i], &a, &e) == 0)
            fail_msg("'%s' is taken", bad[i]);
}

static bool
same_host(const char *one, const char *other)
{
    struct tls_address a, b;

    assert_int_equal(tls_address_parse(one, &a, NULL), 0);
    assert_int_equal(tls_address_parse(other, &b, NULL), 0);
    return tls_address_same_host(&a, &b);
}

static void
test_who_counts_as_one_host(void **state)
{
    (void)state;
    assert_true(same_host("10.0.0.1:1", "10.0.0.1:2"));
    assert_false(same_host("10.0.0.1:1", "10.0.0.2:1"));
    assert_true(same_host("[::ffff:10.0.0.1]:1", "10.0.0.1:2"));
    assert_true(same_host("[2001:db8::1]:1", "[2001:db8::2]:1"));
    assert_false(same_host("[2001:db8::1]:1", "[2001:db8:0:1::1]:1"));
    assert_false(same_host("[::1]:1", "127.0.0.1:1"));
}

static void
test_who_may_come(void **state)
{
    static const char *const good[] = { "alpha", "alpha.example.org",
                                        "10.0.0.1", "2001:db8::1",
                                        ("sha256:" PRINT) };
    static const char *const bad[] = {
        "",          "a b",     "*.example.org", "*",   "-a",
        "sha256:00", "sha256:", "sha1:00",       "a'b", ("sha256:" PRINT "0")
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        assert_true(tls_allowed_is_valid(good[i]));
    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        if (tls_allowed_is_valid(bad[i]))
            fail_msg("'%s' is taken", bad[i]);
    assert_true(tls_allowed_is_print("sha256:" PRINT, PRINT));
    assert_true(tls_allowed_is_print("sha256:00:11:22:33:44:55:66:77:88:99:AA:"
                                     "BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:"
                                     "88:99:AA:BB:CC:DD:EE:FF",
                                     PRINT));
    assert_false(tls_allowed_is_print(PRINT, PRINT));
    assert_false(tls_allowed_is_print("alpha", PRINT));
}

static void
test_arguments_of_the_process(void **state)
{
    static const struct tls_files f = { "/c", "/k", "/a", "/r" };
    struct tls_place p = { .host = "::1", .port = 8003 };
    struct tls_args a;
    char many[2048] = "";
    size_t i;

    (void)state;
    tls_args_call(&a, &f, &p);
    assert_string_equal(a.argv[2], TLS_CARRIER_DRIVER);
    assert_string_equal(a.argv[4], "/c");
    assert_string_equal(a.argv[7], "/r");
    assert_string_equal(a.argv[8], "::1");
    assert_string_equal(a.argv[9], "8003");
    assert_null(a.argv[10]);
    tls_args_serve(&a, &f, "one two");
    assert_string_equal(a.argv[9], "two");
    assert_null(a.argv[10]);
    for (i = 0; i < TLS_ALLOWED_MAX + 20; i++)
        text_fmt(many + strlen(many), sizeof(many) - strlen(many), "h%zu ", i);
    tls_args_serve(&a, &f, many);
    assert_null(a.argv[TLS_ARGS_MAX - 1]);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_places),
        cmocka_unit_test(test_addresses),
        cmocka_unit_test(test_who_counts_as_one_host),
        cmocka_unit_test(test_who_may_come),
        cmocka_unit_test(test_arguments_of_the_process),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
