/*
 * test_load_several.c - what tools print of running domains, read back: xl list
 * -l (JSON) and xm list -l, one of several domains taken by its name; and
 * settings that are given beside a file.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "engine/config/load.h"
#include "engine/config/xl/xl.h"

#define DIR      "tests/data/list/"
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static struct domain_config *
take_with(const char *path, const char *const *vars, size_t n)
{
    struct domain_config *c = NULL;
    struct buf warn = { 0 };
    struct err e = { 0 };

    if (config_load_with(path, vars, n, &c, &warn, &e) < 0)
        fail_msg("%s", e.msg);
    assert_string_equal(buf_text(&warn), "");
    buf_free(&warn);
    return c;
}

static struct domain_config *
take(const char *path)
{
    return take_with(path, NULL, 0);
}

static void
assert_refused_with(const char *path, const char *const *vars, size_t n,
                    const char *says)
{
    struct domain_config *c = NULL;
    struct err e = { 0 };

    assert_int_equal(config_load_with(path, vars, n, &c, NULL, &e), -1);
    assert_string_equal(e.msg, says);
}

static void
assert_as_xl(struct domain_config *c, const char *text)
{
    struct buf out = { 0 };

    config_xl_print(c, &out);
    assert_string_equal(buf_text(&out), text);
    buf_free(&out);
    config_free(c);
}

static void
test_one_of_xl_list(void **state)
{
    (void)state;
    assert_as_xl(
        take(DIR "all.json#desk"),
        "type = \"hvm\"\nname = \"desk\"\n"
        "uuid = \"4f0c6a0e-0000-4000-8000-000000000001\"\n"
        "memory = 64\nmaxmem = 128\nvcpus = 2\nmaxvcpus = 2\n"
        "cpu_weight = 256\nbios = \"seabios\"\n"
        "on_poweroff = \"destroy\"\non_reboot = \"restart\"\n"
        "on_crash = \"preserve\"\non_watchdog = \"destroy\"\nlocaltime = 1\n"
        "hpet = 0\nshadow_memory = 9\nboot = \"dc\"\nserial = [ \"pty\" ]\n"
        "usb = 1\nusbdevice = [ \"tablet\" ]\nvga = \"stdvga\"\nvideoram = 16\n"
        "vnclisten = \"127.0.0.1\"\nvncdisplay = 3\nvncunused = 0\n"
        "vncpasswd = \"invented\"\nkeymap = \"de\"\n"
        "device_model_user = \"root\"\ndisk = [\n"
        "    \"format=raw,vdev=hda,access=rw,target=/srv/a.img\",\n"
        "    \"format=raw,vdev=hdc,devtype=cdrom\",\n]\n"
        "vif = [\n    \"mac=00:16:3e:00:00:12,bridge=xenbr0,"
        "rate=1250000B/s@50000us,model=e1000,type=ioemu\",\n]\n");
}

static void
test_the_only_one_needs_no_name(void **state)
{
    struct domain_config *c = take(DIR "one.json");

    (void)state;
    assert_string_equal(c->name, "web");
    assert_int_equal(c->kind, DOM_PVH);
    assert_string_equal(c->image.args, "root=/dev/xvda quiet");
    config_free(c);
}

/* What is not honoured is named, without a line that nobody could look at. */
static void
test_what_is_lost_is_named(void **state)
{
    struct domain_config *c = NULL;
    struct buf warn = { 0 };
    struct err e = { 0 };

    (void)state;
    assert_int_equal(config_load_any(DIR "all.json#old", &c, &warn, &e), 0);
    assert_string_equal(buf_text(&warn),
                        DIR "all.json: p9: not honoured: xendeck attaches no "
                            "device of this kind\n");
    assert_string_equal(config_device_value(&c->devices[1], "bdf"),
                        "0000:03:02.1");
    assert_string_equal(config_device_value(&c->devices[1], "permissive"),
                        "true");
    buf_free(&warn);
    config_free(c);
}

static void
test_several_need_a_name(void **state)
{
    (void)state;
    assert_refused_with(DIR "all.json", NULL, 0,
                        DIR "all.json: found several domains (desk, web, old), "
                            "allowed one: " DIR
                            "all.json#NAME takes the one of this name");
    assert_refused_with(DIR "all.json#none", NULL, 0,
                        DIR "all.json: found no domain 'none', allowed one of: "
                            "desk, web, old");
    assert_refused_with(DIR "all.sxp", NULL, 0,
                        DIR "all.sxp: found several domains (mail, web), "
                            "allowed one: " DIR
                            "all.sxp#NAME takes the one of this name");
}

static void
test_one_of_xm_list(void **state)
{
    struct domain_config *c = take(DIR "all.sxp#web");

    (void)state;
    assert_string_equal(c->name, "web");
    assert_int_equal(c->mem_kib, 128 * 1024);
    config_free(c);
}

static void
test_xm_says_what_it_read(void **state)
{
    struct domain_config *c = take(DIR "dryrun.sxp");

    (void)state;
    assert_string_equal(c->name, "a");
    config_free(c);
}

/* --- settings beside the file --- */

static void
test_settings_beside_an_xl_cfg(void **state)
{
    static const char *const vars[] = { "name=other", "vcpus=3",
                                        "extra=\"a b\"",
                                        "vif=['bridge=xenbr7']" };
    struct domain_config *c =
        take_with("tests/data/xl/minimal.cfg", vars, COUNT(vars));

    (void)state;
    assert_string_equal(c->name, "other");
    assert_int_equal(c->vcpus, 3);
    assert_string_equal(c->image.args, "a b");
    assert_int_equal(c->n_devices, 1);
    config_free(c);
}

static void
test_settings_beside_other_formats(void **state)
{
    static const char *const vars[] = { "name='other'", "memory=256",
                                        "image.args=single user" };
    static const char *const files[] = { "tests/data/linux.conf",
                                         DIR "all.sxp#mail" };
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(files); i++) {
        struct domain_config *c = take_with(files[i], vars, COUNT(vars));

        assert_string_equal(c->name, "other");
        assert_int_equal(c->mem_kib, 256 * 1024);
        assert_string_equal(c->image.args, "single user");
        config_free(c);
    }
}

static void
test_bad_settings_beside_a_file(void **state)
{
    static const char *const lots[] = { "vcpus=lots" }, *const none[] = {
        "vcups=2"
    };

    (void)state;
    assert_refused_with("tests/data/xl/minimal.cfg", lots, 1,
                        "tests/data/xl/minimal.cfg: vcpus: found \"lots\", "
                        "allowed a whole number, set with =");
    assert_refused_with("tests/data/linux.conf", none, 1,
                        "tests/data/linux.conf: vcups: found an unknown "
                        "setting, allowed is the nearest known one, vcpus");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_of_xl_list),
        cmocka_unit_test(test_the_only_one_needs_no_name),
        cmocka_unit_test(test_what_is_lost_is_named),
        cmocka_unit_test(test_several_need_a_name),
        cmocka_unit_test(test_one_of_xm_list),
        cmocka_unit_test(test_xm_says_what_it_read),
        cmocka_unit_test(test_settings_beside_an_xl_cfg),
        cmocka_unit_test(test_settings_beside_other_formats),
        cmocka_unit_test(test_bad_settings_beside_a_file),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
