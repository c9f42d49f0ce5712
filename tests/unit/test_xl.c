/*
 * test_xl.c - xl.cfg files: for each under tests/data/xl what becomes of it,
 * what it says on the way, and that it comes back the same when it is written
 * as an xl.cfg again.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/config/core/setting.h"
#include "engine/config/load.h"
#include "engine/config/xl/xl.h"
#include "engine/config/xl/xl_int.h"
#include "src/base/fdio.h"
#include "tests/unit/corpus.h"
#include "tests/unit/xl_files.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])
#define TEN      "0123456789"
#define LONG     TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN

static const struct corpus xl = { .dir = "tests/data/xl/",
                                  .suffix = ".cfg",
                                  .format = FORMAT_XL,
                                  .parse = config_xl_parse,
                                  .print = config_xl_print,
                                  .files = xl_files,
                                  .n = COUNT(xl_files) };

static void
test_every_file(void **state)
{
    (void)state;
    corpus_check_all(&xl);
}

static struct domain_config *
load_xl(const char *file)
{
    return corpus_load(&xl, file);
}

static void
test_numbers_are_those_of_c(void **state)
{
    struct domain_config *c = load_xl("numbers");

    (void)state;
    assert_int_equal(c->mem_kib, 128 * 1024);
    assert_int_equal(c->maxmem_kib, 256 * 1024);
    assert_int_equal(c->vcpus, 2);
    assert_int_equal(c->maxvcpus, 4);
    config_free(c);
}

static void
test_the_last_value_holds(void **state)
{
    struct domain_config *c = load_xl("twice");

    (void)state;
    assert_int_equal(c->mem_kib, 256 * 1024);
    config_free(c);
}

static void
test_texts_are_unquoted_and_joined(void **state)
{
    struct domain_config *c = load_xl("quotes");

    (void)state;
    assert_string_equal(c->image.args, "a \"b\" c");
    assert_string_equal(c->image.root, "it's \"quoted\" \\");
    config_free(c);
    c = load_xl("append");
    assert_string_equal(c->name, "web1");
    assert_string_equal(c->image.args, "console=hvc0 quiet");
    assert_int_equal(c->n_devices, 2);
    config_free(c);
}

static void
test_each_vcpu_has_its_affinity(void **state)
{
    struct domain_config *c = load_xl("cpus-list-differ");

    (void)state;
    assert_cpus(&c->cpus, 2, "2|3");
    config_free(c);
    c = load_xl("cpus-list-short");
    assert_cpus(&c->cpus, 2, "2|-");
    config_free(c);
    c = load_xl("cpus-list-long"); /* xl does not look at the rest */
    assert_cpus(&c->cpus, 3, "0|1-3,^2|-");
    assert_cpus(&c->cpus_soft, 3, "4|5|-");
    config_free(c);
    c = load_xl("cpus-list-nodes");
    assert_cpus(&c->cpus, 2, "all|1");
    config_free(c);
    c = load_xl("cpus-nodes");
    assert_int_equal(c->cpus.n, 0);
    config_free(c);
}

static void
test_disks_mean_what_they_mean_to_xl(void **state)
{
    struct domain_config *c = load_xl("disk-prefixes");

    (void)state;
    assert_device(c, 0, "path", "/dev/vg/a");
    assert_device(c, 0, "mode", "w");
    assert_device(c, 1, "path", "/b.img");
    assert_device(c, 1, "mode", "r");
    assert_device(c, 2, "format", "qcow2");
    assert_device(c, 3, "path", "/d.img");
    assert_device(c, 4, "script", "block-drbd");
    assert_device(c, 4, "params", "web");
    assert_device(c, 5, "params", "any:thing");
    config_free(c);
    c = load_xl("disk-phy-relative");
    assert_device(c, 0, "path", "/dev/vg/web1");
    assert_device(c, 1, "path", "/dev/sda1");
    config_free(c);
    c = load_xl("disk-empty-cdrom");
    assert_device(c, 0, "path", NULL);
    config_free(c);
    c = load_xl("disk-comma");
    assert_device(c, 0, "path", "/a,");
    config_free(c);
    c = load_xl("disk-positional");
    assert_device(c, 1, "format", NULL);
    assert_device(c, 3, "path", NULL);
    assert_device(c, 3, "cdrom", "true");
    assert_device(c, 3, "vdev", "hdc");
    assert_device(c, 4, "path", "/iso/x.iso");
    assert_device(c, 4, "mode", NULL);
    config_free(c);
    c = load_xl("disk-keys");
    assert_device(c, 0, "path", "/a,b.img");
    assert_device(c, 0, "discard", "true");
    assert_device(c, 2, "discard", "false");
    config_free(c);
}

static void
test_interfaces_mean_what_they_mean_to_xl(void **state)
{
    struct domain_config *c = load_xl("vif");

    (void)state;
    assert_int_equal(c->n_devices, 7);
    assert_device(c, 0, "bridge", "xenbr0");
    assert_device(c, 0, "ip", "10.0.0.1 10.0.0.2");
    assert_device(c, 1, "mac", "00:16:3e:01:02:04");
    assert_device(c, 1, "nictype", "ioemu");
    assert_device(c, 3, "rate", "1MB/s@20ms");
    assert_device(c, 4, "rate", "250000B/s@2000000us");
    assert_int_equal(c->devices[6].n_keys, 0);
    config_free(c);
}

static void
test_pci_follows_the_settings_for_all(void **state)
{
    struct domain_config *c = load_xl("pci");

    (void)state;
    assert_device(c, 0, "bdf", "0000:01:00.0");
    assert_device(c, 0, "permissive", "true");
    assert_device(c, 1, "bdf", "0000:02:1f.7");
    assert_device(c, 1, "permissive", "false");
    assert_device(c, 1, "seize", NULL);
    assert_device(c, 1, "msitranslate", "true");
    assert_device(c, 3, "vslot", "30");
    assert_device(c, 4, "rdm_policy", "strict");
    config_free(c);
}

static void
test_a_screen_brings_its_keyboard(void **state)
{
    struct domain_config *c = load_xl("vnc");

    (void)state;
    assert_int_equal(c->n_devices, 2);
    assert_string_equal(c->devices[0].kind, "vfb");
    assert_string_equal(c->devices[1].kind, "vkbd");
    assert_device(c, 0, "keymap", "de");
    assert_device(c, 0, "vncpasswd", NULL);
    config_free(c);
    c = load_xl("vnc-off");
    assert_int_equal(c->n_devices, 0);
    config_free(c);
}

/* The table has no name twice, and each refusal or warning says why. */
static void
test_the_table_is_whole(void **state)
{
    const struct xl_setting *s;
    size_t i;

    (void)state;
    for (i = 0; (s = xl_setting_at(i)) != NULL; i++) {
        assert_ptr_equal(xl_setting_find(s->name), s);
        switch (s->class) {
        case XL_TEXT:
        case XL_NUMBER:
        case XL_MIB:
        case XL_BOOL:
        case XL_WORD:
        case XL_TEXTS:
            assert_non_null(s->native);
            assert_non_null(setting_named(s->native));
            break;
        case XL_SPECIAL:
            break;
        case XL_UNMET:
        case XL_REFUSED:
            assert_non_null(s->why);
            break;
        }
    }
    assert_true(i > 170);
}

static bool
honoured_for(const char *native)
{
    const struct xl_setting *s;
    size_t i;

    for (i = 0; (s = xl_setting_at(i)) != NULL; i++)
        if (s->native != NULL && strcmp(s->native, native) == 0)
            return true;
    return false;
}

/* A native setting has xl's word, which the table honours, or is lost. */
static void
test_each_setting_has_a_row_or_is_lost(void **state)
{
    const struct xl_setting *s;
    const struct setting *k;
    size_t i;

    (void)state;
    for (i = 0; (k = setting_at(i)) != NULL; i++) {
        s = k->xl != NULL && k->xl[0] != '\0' ? xl_setting_find(k->xl) : NULL;
        if (k->xl == NULL && honoured_for(k->rule.name))
            fail_msg("%s: xl's word is read, and not written", k->rule.name);
        if (k->xl != NULL && k->xl[0] != '\0' &&
            (s == NULL || s->class == XL_UNMET || s->class == XL_REFUSED))
            fail_msg("%s: written as xl's %s, and not read", k->rule.name,
                     k->xl);
    }
}

/* The manual has each of them, as ".Ic NAME". */
static void
test_the_manual_has_the_table(void **state)
{
    const struct xl_setting *s;
    struct buf man = { 0 };
    struct err e = { 0 };
    char want[96];
    size_t i;

    (void)state;
    if (fd_read_file("man/xendeck-domain.5", 1 << 20, &man, &e) < 0)
        fail_msg("%s", e.msg);
    for (i = 0; (s = xl_setting_at(i)) != NULL; i++) {
        snprintf(want, sizeof want, ".Ic %s\n", s->name);
        if (strstr(buf_text(&man), want) == NULL) {
            snprintf(want, sizeof want, ".Ic %s ", s->name);
            if (strstr(buf_text(&man), want) == NULL)
                fail_msg("xendeck-domain(5) does not name %s", s->name);
        }
    }
    buf_free(&man);
}

/* Hostile texts whose cost would grow with their square or their depth. */
static void
test_limits(void **state)
{
    static const struct {
        const char *head, *again, *says;
    } texts[] = {
        { "", "a='x'\n", "too many settings, allowed 1024" },
        { "a=[", "1,", "too many list elements, allowed 2048" },
        { "a='x'\n", "a+='" LONG "'\n",
          "too many bytes added with +=, allowed 65536" },
        { "a=", "[", "too many lists inside each other, allowed 8" },
        { "", "a", "found a mistake" },
    };
    struct config_src src = { .file = "t.cfg", .dir = "/" };
    struct domain_config *c = NULL;
    struct buf text = { 0 };
    struct err e;
    size_t i, n;

    (void)state;
    src.e = &e;
    for (i = 0; i < COUNT(texts); i++) {
        e = (struct err){ 0 };
        buf_clear(&text);
        buf_str(&text, texts[i].head);
        for (n = 0; n < 20000; n++)
            buf_str(&text, texts[i].again);
        assert_int_equal(config_xl_parse(buf_text(&text), &src, &c), -1);
        if (strstr(e.msg, texts[i].says) == NULL)
            fail_msg("%s, not %s", e.msg, texts[i].says);
    }
    buf_free(&text);
}

static void
test_one_device_by_itself(void **state)
{
    static const struct {
        const char *kind, *spec, *says;
    } bad[] = {
        { "vbd", "/dev/x",
          ": found \"/dev/x\", allowed a disk of "
          "xl-disk-configuration(5): no vdev specified" },
        { "pci", "01:00", ": found \"01:00\", allowed a device of" },
        { "vkbd", "x", ": found \"x\", allowed SETTING=VALUE" },
        { "vif", "mac=x", ": found \"mac=x\", allowed mac=" },
        { "vbd", "a\nb", ": found \"a?b\", allowed UTF-8 text" },
    };
    struct config_device d = { 0 };
    struct err e = { 0 };
    size_t i;

    (void)state;
    assert_int_equal(config_xl_device("vbd", "/dev/vg/x,raw,xvdb,w", &d, &e),
                     0);
    assert_string_equal(d.kind, "vbd");
    assert_string_equal(config_device_value(&d, "vdev"), "xvdb");
    assert_string_equal(config_device_value(&d, "path"), "/dev/vg/x");
    config_device_fini(&d);
    assert_int_equal(config_xl_device("pci", "0000:01:00.0", &d, &e), 0);
    assert_string_equal(config_device_value(&d, "bdf"), "0000:01:00.0");
    config_device_fini(&d);
    for (i = 0; i < COUNT(bad); i++) {
        assert_int_equal(config_xl_device(bad[i].kind, bad[i].spec, &d, &e),
                         -1);
        if (strstr(e.msg, bad[i].says) == NULL)
            fail_msg("%s, not %s", e.msg, bad[i].says);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_file),
        cmocka_unit_test(test_numbers_are_those_of_c),
        cmocka_unit_test(test_the_last_value_holds),
        cmocka_unit_test(test_texts_are_unquoted_and_joined),
        cmocka_unit_test(test_each_vcpu_has_its_affinity),
        cmocka_unit_test(test_disks_mean_what_they_mean_to_xl),
        cmocka_unit_test(test_interfaces_mean_what_they_mean_to_xl),
        cmocka_unit_test(test_pci_follows_the_settings_for_all),
        cmocka_unit_test(test_a_screen_brings_its_keyboard),
        cmocka_unit_test(test_the_table_is_whole),
        cmocka_unit_test(test_each_setting_has_a_row_or_is_lost),
        cmocka_unit_test(test_the_manual_has_the_table),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_one_device_by_itself),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
