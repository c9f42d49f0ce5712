/*
 * test_config_examples.c - whole configurations, one a use: each is the
 * manual's example word for word, is taken, and survives printing and the
 * database.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/config/core/set.h"
#include "engine/record/db.h"
#include "src/base/fdio.h"
#include "tests/unit/config_fixture.h"
#include "tests/unit/tmpdir.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])
#define DIR      "tests/data/examples/"

/* In the order of the manual. */
static const char *const examples[] = {
    DIR "web.conf",      DIR "database.conf",      DIR "netbsd.conf",
    DIR "router.conf",   DIR "behind-router.conf", DIR "desktop.conf",
    DIR "realtime.conf", DIR "replicated.conf",
};

static void
read_ok(const char *path, struct buf *out)
{
    struct err e = { 0 };

    if (fd_read_file(path, 1024 * 1024, out, &e) < 0)
        fail_msg("%s", e.msg);
}

static void
test_the_manual_shows_them(void **state)
{
    static const char begin[] = ".Bd -literal -offset indent\n";
    struct buf manual = { 0 };
    const char *p, *end;
    size_t i;

    (void)state;
    read_ok("man/xendeck-domain.5", &manual);
    p = strstr(buf_text(&manual), ".Sh EXAMPLES\n");
    assert_non_null(p);
    for (i = 0; i < COUNT(examples); i++) {
        struct buf text = { 0 };

        read_ok(examples[i], &text);
        p = strstr(p, begin);
        assert_non_null(p);
        p += strlen(begin);
        end = strstr(p, ".Ed\n");
        assert_non_null(end);
        if ((size_t)(end - p) != text.len ||
            memcmp(p, buf_text(&text), text.len) != 0)
            fail_msg("%s is not what the manual shows:\n%.*s", examples[i],
                     (int)(end - p), p);
        buf_free(&text);
    }
    p = strstr(p, begin); /* the next one is of another section */
    assert_true(p == NULL || p > strstr(buf_text(&manual), ".Sh DIAGNOSTICS"));
    buf_free(&manual);
}

/* Each, as ".It Ic NAME": a member of a group without the group. */
static void
test_the_manual_has_every_setting(void **state)
{
    struct buf manual = { 0 };
    const struct setting *k;
    char want[96];
    size_t i;

    (void)state;
    read_ok("man/xendeck-domain.5", &manual);
    for (i = 0; (k = setting_at(i)) != NULL; i++) {
        const char *dot = strchr(k->rule.name, '.');

        snprintf(want, sizeof want,
                 ".It Ic %s Ns = ", dot != NULL ? dot + 1 : k->rule.name);
        if (strstr(buf_text(&manual), want) == NULL)
            fail_msg("xendeck-domain(5) lacks %s", k->rule.name);
    }
    buf_free(&manual);
}

static void
test_printed_and_read_they_are_equal(void **state)
{
    struct domain_config *a, *b;
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(examples); i++) {
        struct buf text = { 0 };

        a = load_ok(examples[i]);
        config_print(a, &text);
        b = parse_ok(buf_text(&text));
        assert_same_config(a, b);
        config_free(a);
        config_free(b);
        buf_free(&text);
    }
}

static void
test_the_database_keeps_all_of_it(void **state)
{
    struct domain_config *a, *b;
    struct tmpdir t;
    uint8_t uuid[16];
    struct err e = { 0 };
    size_t i;

    (void)state;
    assert_int_equal(tmpdir_init(&t, "none"), 0);
    for (i = 0; i < COUNT(examples); i++) {
        a = load_ok(examples[i]);
        assert_int_equal(uuid_make(uuid, NULL), 0);
        if (db_save(t.dir, uuid, a, &e) < 0 || db_load(t.dir, uuid, &b, &e) < 0)
            fail_msg("%s: %s", examples[i], e.msg);
        assert_same_config(a, b);
        assert_int_equal(db_remove(t.dir, uuid, &e), 0);
        config_free(a);
        config_free(b);
    }
    tmpdir_fini(&t);
    assert_int_not_equal(access(t.dir, F_OK), 0);
}

/* A verb that changes a configuration must not leave one that a restart
 * cannot read. */
static void
test_the_database_takes_nothing_unreadable(void **state)
{
    struct domain_config *c = load_ok(DIR "web.conf"), *old;
    uint8_t uuid[16] = { 1 };
    struct tmpdir t;
    struct err e = { 0 };

    (void)state;
    assert_int_equal(tmpdir_init(&t, "none"), 0);
    assert_int_equal(db_save(t.dir, uuid, c, &e), 0);
    c->cap = 300;
    assert_int_equal(db_save(t.dir, uuid, c, &e), -1);
    assert_string_equal(e.msg, "'web1' cannot be put on record: record:7: cap: "
                               "found 300, allowed 0 to 200 (100 for each "
                               "vcpu)");
    assert_int_equal(db_load(t.dir, uuid, &old, &e), 0);
    assert_int_equal(old->cap, 0);
    assert_int_equal(db_remove(t.dir, uuid, &e), 0);
    config_free(c);
    config_free(old);
    tmpdir_fini(&t);
    assert_int_not_equal(access(t.dir, F_OK), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_manual_shows_them),
        cmocka_unit_test(test_the_manual_has_every_setting),
        cmocka_unit_test(test_printed_and_read_they_are_equal),
        cmocka_unit_test(test_the_database_keeps_all_of_it),
        cmocka_unit_test(test_the_database_takes_nothing_unreadable),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
