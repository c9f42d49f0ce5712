/*
 * test_config_values.c - the small texts of a configuration: names, uuids, cpu
 * lists and virtual disks.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "engine/config/core/config.h"
#include "engine/config/core/vdev.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

static void
test_cpus_print(void **state)
{
    uint8_t mask[CONFIG_CPUS_MAX / 8];
    struct buf b = { 0 };

    (void)state;
    assert_int_equal(cpus_parse("0-2,5,7-9", mask, NULL), 0);
    cpus_print(mask, 64, &b);
    assert_string_equal(buf_text(&b), "0-2,5,7-9");
    buf_clear(&b);
    cpus_print(mask, 3, &b);
    assert_string_equal(buf_text(&b), "all");
    buf_clear(&b);
    assert_int_equal(cpus_parse("1023", mask, NULL), 0);
    cpus_print(mask, 4096, &b);
    assert_string_equal(buf_text(&b), "1023");
    buf_clear(&b);
    cpus_print(mask, 8, &b);
    assert_string_equal(buf_text(&b), "none");
    buf_free(&b);
    assert_int_equal(cpus_parse("1,,2", mask, NULL), -1);
    assert_int_equal(cpus_parse("1,", mask, NULL), -1);
    assert_int_equal(cpus_parse("", mask, NULL), -1);
    assert_int_equal(cpus_parse("99999999999", mask, NULL), -1);
    assert_int_equal(cpus_parse("nodes:1", mask, NULL), -1);
}

static void
test_names(void **state)
{
    char name[CONFIG_NAME_MAX + 2];

    (void)state;
    memset(name, 'a', sizeof name);
    name[CONFIG_NAME_MAX + 1] = '\0';
    assert_false(config_name_ok(name));
    name[CONFIG_NAME_MAX] = '\0';
    assert_true(config_name_ok(name));
    assert_true(config_name_ok("web-1.example_x+y"));
    assert_true(config_name_ok("1a"));
    assert_false(config_name_ok(""));
    assert_false(config_name_ok("12"));
    assert_false(config_name_ok("-a"));
    assert_false(config_name_ok("a b"));
    assert_false(config_name_ok("\xc3\xa4"));
    assert_false(config_name_ok("Domain-0"));
}

static void
test_uuids(void **state)
{
    uint8_t a[16], b[16];
    char text[37];

    (void)state;
    assert_int_equal(uuid_make(a, NULL), 0);
    uuid_print_text(a, text);
    assert_int_equal(text[14], '4');
    assert_non_null(strchr("89ab", text[19]));
    assert_true(uuid_parse_text(text, b));
    assert_memory_equal(a, b, sizeof a);
    assert_int_equal(uuid_make(b, NULL), 0);
    assert_memory_not_equal(a, b, sizeof a);
    text[8] = 'a';
    assert_false(uuid_parse_text(text, b));
    assert_false(uuid_parse_text("", b));
}

static void
test_vdev_numbers(void **state)
{
    static const struct {
        const char *name;
        uint32_t number; /* 0: refused */
    } disks[] = {
        { "xvda", 51712 },
        { "xvdb", 51728 },
        { "xvda1", 51713 },
        { "xvdq", 268439552 },
        { "hda", 768 },
        { "hdb", 832 },
        { "hdc", 5632 },
        { "hdd63", 5759 },
        { "sda", 2048 },
        { "sdp15", 2303 },
        { "d0", 51712 },
        { "d0p1", 51713 },
        { "51712", 51712 },
        { "0xca00", 51712 },
        { "xvdaa", 268442112 },
        { "xvda16", 268435472 },
        { "hde", 0 },
        { "hda64", 0 },
        { "sdq", 0 },
        { "sda16", 0 },
        { "xvda0", 0 },
        { "xvda01", 0 },
        { "xvda256", 0 },
        { "xvd", 0 },
        { "xvdA", 0 },
        { "xvda1x", 0 },
        { "xvdzzzzzzzzz", 0 },
        { "d", 0 },
        { "d0p", 0 },
        { "d1048576", 0 },
        { "0", 0 },
        { "vda", 0 },
        { "", 0 },
        { "99999999999", 0 },
    };
    uint32_t number;
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(disks); i++) {
        number = 0;
        assert_int_equal(vdev_parse(disks[i].name, &number),
                         disks[i].number != 0);
        assert_int_equal(number, disks[i].number);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cpus_print),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_uuids),
        cmocka_unit_test(test_vdev_numbers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
