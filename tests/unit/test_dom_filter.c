/*
 * test_dom_filter.c - which domains pass which conditions, and what is said of
 * a line that has a fault.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "src/command/filter/dom_filter.h"

#define NOW 100000.0

static const struct dom web = { .domid = 3,
                                .name = "web1",
                                .kind = DOM_PVH,
                                .flags = DOM_F_BLOCKED,
                                .mem_kib = 1536 * 1024,
                                .max_kib = UINT64_MAX,
                                .cpu_pct = 12.5,
                                .vcpus_online = 2,
                                .vcpus_max = 4,
                                .start_wall_s = NOW - 7200,
                                .owned = true,
                                .restarts = 2,
                                .tags = "blue,prod,web-eu",
                                .rates = { 2048, 0, -1, -1 } };

static bool
passes(const char *line, const struct dom *d)
{
    struct dom_filter f = { 0 };
    struct err e = { 0 };
    bool yes;

    if (dom_filter_set(&f, line, &e) < 0)
        fail_msg("'%s': %s", line, e.msg);
    yes = dom_filter_match(&f, d, NOW);
    dom_filter_fini(&f);
    return yes;
}

static const struct {
    const char *line;
    bool yes;
} conditions[] = {
    { "", true },
    { "   ", true },
    { "web", true },
    { "WEB", true },
    { "db", false },
    { "!web", false },
    { "!db", true },
    { "web !web2", true },
    { "web db", false },
    { "/^web[0-9]+$/", true },
    { "/^[])+]+|^web|\\)+/", true },
    { "/^WEB./", true },
    { "/^eb/", false },
    { "!/^eb/", true },
    { "/we b|b1/", true }, /* a blank between the slashes is a blank */
    { "\"web1\"", true },
    { "\"web 1\"", false },
    { "name:web", true },
    { "state:idle", true },
    { "state:running", true }, /* one that is idle runs */
    { "state:run", true },
    { "state:paused", false },
    { "!state:paused", true },
    { "state=idle", true },
    { "kind:pvh", true },
    { "kind:pv", false },
    { "owner:xendeck", true },
    { "owner:x", true },
    { "owner:other", false },
    { "tag:prod", true },
    { "tag:PROD !tag:test", true },
    { "tag:web", false }, /* a whole one */
    { "tag:blue tag:web-eu", true },
    { "tag:", true },
    { "!tag:", false },
    { "mem>1G", true },
    { "mem>1.5g", false },
    { "mem>=1.5g", true },
    { "mem=1536", true }, /* MiB, as for mem-set */
    { "mem<2G", true },
    { "!mem<2G", false },
    { "maxmem>1T", true },
    { "cpu>12", true },
    { "cpu>12.5", false },
    { "cpu<=12.5%", true },
    { "vcpus:2", true },
    { "rx>1K", true },
    { "rx>2K", false },
    { "tx<1", true },
    { "rd<1", false }, /* not known: no comparison is true */
    { "rd>=0", false },
    { "uptime>1h", true },
    { "uptime<2h", false },
    { "uptime<=120m", true },
    { "uptime<1d", true },
    { "id=3", true },
    { "restarts>1 web !kind:hvm cpu<50", true },
};

static void
test_conditions(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < sizeof conditions / sizeof conditions[0]; i++)
        if (passes(conditions[i].line, &web) != conditions[i].yes)
            fail_msg("'%s'", conditions[i].line);
}

static void
test_states(void **state)
{
    static const struct dom off = { .domid = DOM_NO_DOMID,
                                    .name = "old",
                                    .off = true,
                                    .target_kib = 1024,
                                    .cpu_pct = -1 },
                            crashed = { .domid = 9,
                                        .name = "bad",
                                        .flags = DOM_F_SHUTDOWN,
                                        .reason = DOM_CRASH },
                            dom0 = { .name = "Domain-0",
                                     .flags = DOM_F_RUNNING };

    (void)state;
    assert_true(passes("state:off !state:running mem=1", &off));
    assert_false(passes("id>=0", &off));
    assert_false(passes("cpu>=0", &off));
    assert_true(passes("state:crashed", &crashed));
    assert_true(passes("state:dead !state:off", &crashed));
    assert_false(passes("state:dead", &off));
    assert_true(passes("owner:host id=0", &dom0));
}

static void
test_faults_name_the_place(void **state)
{
    static const struct {
        const char *line, *said;
    } cases[] = {
        { "web mem>x", "filter, character 5: found mem>x, allowed a size, as "
                       "512M or 1.5G" },
        { "mem>", "character 1: found mem>, allowed a size" },
        { "mem>1Q", "allowed a size" },
        { "mem>1GB", "allowed a size" },
        { "mem>1..5", "allowed a size" },
        { "cpu>-1", "allowed a number" },
        { "cpu>0x10", "allowed a number" },
        { "cpu>99999999999999999999", "allowed a number" },
        { "rx>1s", "allowed bytes a second" },
        { "uptime>1K", "allowed a time" },
        { "\xc3\xa4 !state:nosuch",
          "character 4: found state:nosuch, allowed state:running|idle" },
        { "state>off", "allowed state:TEXT" },
        { "vm:1", "character 1: found vm:1, allowed name, state, kind" },
        { "a ! b", "character 3: found !, allowed a condition after it" },
        { "/web", "allowed /EXPRESSION/ with both slashes" },
        { "/", "allowed /EXPRESSION/ with both slashes" },
        { "//", "allowed /EXPRESSION/ with both slashes" },
        { "/a/b", "allowed /EXPRESSION/ with both slashes" },
        { "/(/", "allowed an extended regular expression" },
        { "/(a{1,200}){1,200}/", "without {counts}" },
        { "/(a)\\1/", "without {counts}" },
        { "/a++/", "and + after ) * + ?" },
        { "/(a+)+/", "and + after ) * + ?" },
        { "/a*+/", "and + after ) * + ?" },
        { "/[]+(]++/", "and + after ) * + ?" },
        { "/[[:alpha:]*]?+/", "and + after ) * + ?" },
        { "/\\)++/", "and + after ) * + ?" },
        { "\"web", "with both quotes" },
        { "\"\"", "allowed a text after it" },
        { "a a a a a a a a a a a a a a a a a", "allowed 16 conditions" },
        { "wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww",
          "allowed at most 63 bytes of text" },
    };
    struct dom_filter f = { 0 };
    struct err e = { 0 };
    size_t i;

    (void)state;
    assert_int_equal(dom_filter_set(&f, "/^db/", NULL), 0);
    for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        err_clear(&e);
        assert_int_equal(dom_filter_set(&f, cases[i].line, &e), -1);
        if (strstr(e.msg, cases[i].said) == NULL)
            fail_msg("'%s': %s", cases[i].line, e.msg);
        assert_string_equal(f.line, "/^db/"); /* as it was */
        assert_false(dom_filter_match(&f, &web, NOW));
    }
    dom_filter_fini(&f);
    assert_true(dom_filter_empty(&f));
    assert_true(dom_filter_match(&f, &web, NOW));
}

/* What is typed is not whole yet. */
static void
test_typing(void **state)
{
    struct dom_filter f = { 0 };
    struct err e = { 0 };

    (void)state;
    assert_int_equal(dom_filter_type(&f, "mem> web !vm:1 db>", &e), -1);
    assert_non_null(strstr(e.msg, "character 1: found mem>"));
    assert_true(dom_filter_match(&f, &web, NOW));
    assert_string_equal(f.line, "mem> web !vm:1 db>");
    assert_int_equal(dom_filter_type(&f, "mem>2G", &e), 0);
    assert_false(dom_filter_match(&f, &web, NOW));
    dom_filter_fini(&f);
}

static void
test_too_long(void **state)
{
    char line[DOM_FILTER_LINE + 1];
    struct dom_filter f = { 0 };
    struct err e = { 0 };

    (void)state;
    memset(line, 'a', sizeof line);
    line[sizeof line - 1] = '\0';
    assert_int_equal(dom_filter_set(&f, line, &e), -1);
    assert_non_null(strstr(e.msg, "found 128 bytes, allowed 127"));
}

static void
test_rates_are_wanted(void **state)
{
    struct dom_filter f = { 0 };

    (void)state;
    assert_int_equal(dom_filter_set(&f, "web rx>1", NULL), 0);
    assert_true(dom_filter_wants_rates(&f));
    assert_int_equal(dom_filter_set(&f, "web /rx/", NULL), 0);
    assert_false(dom_filter_wants_rates(&f));
    dom_filter_fini(&f);
}

static void
test_completion(void **state)
{
    static const struct {
        const char *line, *words;
        size_t at;
    } cases[] = {
        { "st", "state:\n", 0 },
        { "web !ki", "kind:\n", 5 },
        { "web mem", "mem>\n", 4 },
        { "state:pa", "state:paused\n", 0 },
        { "kind:p", "kind:pv\nkind:pvh\n", 0 },
        { "web1", "", 0 },
        { "mem>", "", 0 },
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct buf out = { 0 };

        assert_int_equal(dom_filter_complete(cases[i].line, &out), cases[i].at);
        assert_string_equal(buf_text(&out), cases[i].words);
        buf_free(&out);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_conditions),
        cmocka_unit_test(test_states),
        cmocka_unit_test(test_faults_name_the_place),
        cmocka_unit_test(test_typing),
        cmocka_unit_test(test_too_long),
        cmocka_unit_test(test_rates_are_wanted),
        cmocka_unit_test(test_completion),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
