/*
 * test_tags.c - what becomes of tags when they are changed, and what their file
 * gives back.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engine/record/db.h"
#include "engine/record/tags.h"
#include "tests/unit/tmpdir.h"

static const uint8_t uuid[16] = { 1, 2, 3 };

static void
test_changes(void **state)
{
    static const struct {
        const char *before, *change, *after;
    } cases[] = {
        { "", "web", "web" },
        { "", "web,prod", "prod,web" },
        { "prod,web", "web", "prod,web" },
        { "prod,web", "-web", "prod" },
        { "prod,web", "-web,blue", "blue,prod" },
        { "prod", "-none", "prod" },
        { "prod,web", "=db", "db" },
        { "prod,web", "=", "" },
        { "prod", "=a,b,-a", "b" },
        { "", "a_1.x-y", "a_1.x-y" },
    };
    char tags[DOM_TAGS_BYTES];
    size_t i;

    (void)state;
    for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct err e = { 0 };

        text_fmt(tags, sizeof tags, "%s", cases[i].before);
        if (tags_change(tags, cases[i].change, &e) < 0)
            fail_msg("'%s': %s", cases[i].change, e.msg);
        assert_string_equal(tags, cases[i].after);
    }
}

static void
test_refusals_leave_them(void **state)
{
    static const char *const bad[] = {
        "",
        "a b",
        ",",
        "a,,b",
        "--a",
        "-",
        "a=b",
        "\xc3\xa4",
        "\033[31m",
        "wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww",  /* 32 */
        "a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q", /* 17 */
        ("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa,bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb,"
         "ccccccccccccccccccccccccccccccc,ddddddddddddddddddddddddddddddd"),
    };
    char tags[DOM_TAGS_BYTES];
    size_t i;

    (void)state;
    for (i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct err e = { 0 };

        text_fmt(tags, sizeof tags, "prod");
        if (tags_change(tags, bad[i], &e) == 0)
            fail_msg("'%s' was taken", bad[i]);
        assert_non_null(strstr(e.msg, "tag: "));
        assert_non_null(strstr(e.msg, "allowed "));
        assert_string_equal(tags, "prod");
    }
}

static void
test_file(void **state)
{
    static const char edited[] = "prod,\033[2Jweb\n";
    char tags[DOM_TAGS_BYTES] = "old";
    struct buf text = { 0 };
    struct tmpdir t;

    (void)state;
    assert_int_equal(
        tmpdir_init(&t, "01020300-0000-0000-0000-000000000000.tags"), 0);
    tags_load(t.dir, uuid, tags);
    assert_string_equal(tags, "");
    assert_int_equal(tags_save(t.dir, uuid, "prod,web", NULL), 0);
    tags_load(t.dir, uuid, tags);
    assert_string_equal(tags, "prod,web");
    assert_int_equal(tags_save(t.dir, uuid, "", NULL), 0);
    assert_int_equal(db_get_text(t.dir, uuid, ".tags", &text, NULL), -1);
    assert_int_equal(tmpdir_write(&t, edited, sizeof edited - 1), 0);
    tags_load(t.dir, uuid, tags);
    assert_string_equal(tags, "");
    tmpdir_fini(&t);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_changes),
        cmocka_unit_test(test_refusals_leave_them),
        cmocka_unit_test(test_file),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
