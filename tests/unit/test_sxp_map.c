/*
 * test_sxp_map.c - xend's trees as configurations: for each file under
 * tests/data/sxp what becomes of it, what it says on the way, and that it comes
 * back the same.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engine/config/core/set.h"
#include "engine/config/core/setting.h"
#include "engine/config/load.h"
#include "engine/config/sxp/sxp_config.h"
#include "tests/unit/corpus.h"
#include "tests/unit/sxp_files.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

static const struct corpus sxp = { .dir = "tests/data/sxp/",
                                   .suffix = ".sxp",
                                   .format = FORMAT_SXP,
                                   .parse = config_sxp_parse,
                                   .print = config_sxp_print,
                                   .files = sxp_files,
                                   .n = COUNT(sxp_files) };

static void
test_every_file(void **state)
{
    (void)state;
    corpus_check_all(&sxp);
}

/* What is said of a field of a domain. */
static void
field_said(const char *field, struct buf *warn, struct err *e)
{
    struct domain_config *c;
    struct buf text = { 0 };
    const struct config_src src = { .file = "x", .warn = warn, .e = e };

    buf_clear(warn);
    err_clear(e);
    buf_fmt(&text, "(vm (name a) (memory 64) (%s 1))", field);
    if (config_sxp_parse(buf_text(&text), &src, &c) == 0)
        config_free(c);
    buf_free(&text);
}

/* A native setting with xend's word is read by it; those of the image are
 * found in the table of settings itself. */
static void
test_each_setting_has_a_field_or_is_lost(void **state)
{
    const struct setting *k;
    struct buf none = { 0 }, warn = { 0 };
    struct err e = { 0 };
    const char *why;
    size_t i;

    (void)state;
    field_said("nosuchfield", &none, &e);
    why = strstr(buf_text(&none), "nosuchfield");
    assert_non_null(why);
    why += strlen("nosuchfield");
    for (i = 0; (k = setting_at(i)) != NULL; i++) {
        if (k->sxp == NULL || k->sxp[0] == '\0' || k->in_image)
            continue;
        field_said(k->sxp, &warn, &e);
        if (strstr(buf_text(&warn), why) != NULL)
            fail_msg("%s: written as xend's %s, and not read", k->rule.name,
                     k->sxp);
    }
    buf_free(&none);
    buf_free(&warn);
}

static void
test_what_later_versions_of_xend_stored(void **state)
{
    struct domain_config *c = corpus_load(&sxp, "managed");

    (void)state;
    assert_string_equal(c->name, "mail");
    assert_int_equal(c->mem_kib, 256 * 1024);
    assert_int_equal(c->vcpus, 2);
    assert_int_equal(c->maxvcpus, 4);
    assert_false(c->cpus.each);
    assert_cpus(&c->cpus, 1, "0-1");
    assert_int_equal(c->weight, 256);
    assert_true(c->autostart);
    assert_int_equal(c->on[CONFIG_ON_CRASH], CONFIG_RESTART);
    assert_int_equal(c->n_devices, 8);
    assert_device(c, 0, "ip", "10.0.0.5");
    assert_device(c, 1, "path", "/dev/vg/mail");
    assert_device(c, 1, "mode", "w");
    assert_device(c, 2, "format", "qcow2");
    assert_device(c, 3, "cdrom", "true");
    assert_device(c, 3, "mode", NULL);
    assert_device(c, 5, "vnc", "true");
    assert_device(c, 6, "bdf", "0000:01:1f.2");
    assert_device(c, 6, "msitranslate", "true");
    assert_device(c, 7, "bdf", "0000:02:00.0");
    config_free(c);
}

static void
test_cpus_of_all_and_of_each_vcpu(void **state)
{
    static const struct {
        const char *file, *lists;
    } cases[] = {
        { "cpus-differ", "0|1-2|-" },  { "cpus-flat", "0,2|0,2|0,2" },
        { "cpus-none", "-|-|-" },      { "cpus-some", "0-2,5|all|3" },
        { "cpus-texts", "0-1|2,3|-" },
    };
    struct domain_config *c;
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(cases); i++) {
        c = corpus_load(&sxp, cases[i].file);
        assert_cpus(&c->cpus, 3, cases[i].lists);
        config_free(c);
    }
}

static void
test_vfr_gives_vifs_their_addresses(void **state)
{
    struct domain_config *c = corpus_load(&sxp, "vfr");

    (void)state;
    assert_device(c, 0, "mac", "00:16:3e:00:00:01");
    assert_device(c, 0, "ip", "10.0.0.1 10.0.1.0/24");
    assert_device(c, 1, "mac", "00:16:3e:00:00:02");
    assert_device(c, 1, "ip", "10.0.0.9 10.0.0.2");
    assert_device(c, 1, "bridge", "xenbr1");
    config_free(c);
}

static void
test_vnet_is_a_bridge(void **state)
{
    struct domain_config *c = corpus_load(&sxp, "doc-vnets");

    (void)state;
    assert_device(c, 0, "bridge", "1");
    assert_device(c, 1, "bridge", "vnet2");
    assert_string_equal(c->image.root, "/dev/nfs");
    assert_string_equal(c->image.ip, "::::xendom2:eth0:dhcp");
    config_free(c);
    c = corpus_load(&sxp, "vif-id");
    assert_device(c, 0, "bridge", "net1");
    assert_device(c, 0, "ip", "192.0.2.5");
    config_free(c);
    c = corpus_load(&sxp, "vif-vnet");
    assert_device(c, 0, "bridge", "net1");
    config_free(c);
}

static void
test_the_first_of_two_holds(void **state)
{
    struct domain_config *c = corpus_load(&sxp, "twice");

    (void)state;
    assert_string_equal(c->name, "web1");
    assert_string_equal(c->image.kernel, "/boot/vmlinuz");
    assert_string_equal(c->image.root, "/dev/xvda1");
    assert_device(c, 0, "path", "/dev/vg/a");
    assert_device(c, 0, "mode", "r");
    config_free(c);
}

static void
test_a_uuid_without_dashes(void **state)
{
    struct domain_config *c = corpus_load(&sxp, "uuid-plain");
    char text[37];

    (void)state;
    assert_true(c->uuid_set);
    uuid_print_text(c->uuid, text);
    assert_string_equal(text, "596a5d21-71f4-8fb2-e068-e2386a5c413e");
    config_free(c);
}

/* As "xm list --long" of xend 2.0 showed a domain that ran. */
static void
test_a_domain_that_holds_its_vm(void **state)
{
    struct domain_config *c = corpus_load(&sxp, "domain-config");

    (void)state;
    assert_int_equal(c->mem_kib, 64 * 1024);
    assert_int_equal(c->n_devices, 1);
    assert_device(c, 0, "mac", "aa:00:00:11:22:33");
    config_free(c);
}

static void
test_backends_make_a_driver_domain(void **state)
{
    static const struct {
        const char *file;
        bool driver;
    } cases[] = { { "backend-blkif", true },
                  { "backend-netif", true },
                  { "backend-other", false } };
    struct domain_config *c;
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(cases); i++) {
        c = corpus_load(&sxp, cases[i].file);
        assert_int_equal(c->driver_domain, cases[i].driver);
        config_free(c);
    }
}

static void
test_pci_in_decimal_and_hexadecimal(void **state)
{
    struct domain_config *c = corpus_load(&sxp, "pci-decimal");

    (void)state;
    assert_device(c, 0, "bdf", "0000:01:1f.7");
    assert_device(c, 1, "bdf", "0002:10:1f.0");
    assert_device(c, 1, "permissive", "true");
    config_free(c);
}

static void
test_unames(void **state)
{
    static const struct {
        const char *key, *value;
    } cases[] = {
        { "path", "/dev/vg/a" }, { "path", "/b.img" }, { "mode", "w!" },
        { "format", "qcow2" },   { "params", "web" },  { "script", "block-x" },
        { "path", NULL },        { "vdev", "51808" },
    };
    struct domain_config *c = corpus_load(&sxp, "unames");
    size_t i;

    (void)state;
    assert_int_equal(c->n_devices, COUNT(cases));
    for (i = 0; i < COUNT(cases); i++)
        assert_device(c, i, cases[i].key, cases[i].value);
    assert_device(c, 0, "mode", "r");
    assert_device(c, 3, "vdev", "xvdd");
    assert_device(c, 4, "script", "block-drbd");
    assert_device(c, 5, "params", "any thing");
    config_free(c);
}

/* More than a number holds: a mask in hexadecimal. */
static void
test_masks_of_many_vcpus(void **state)
{
    struct domain_config *c = corpus_load(&sxp, "restart");
    unsigned vcpus;

    (void)state;
    c->maxvcpus = 128;
    for (vcpus = 1; vcpus <= 128; vcpus++) {
        c->vcpus = vcpus;
        corpus_round_trip(&sxp, c);
    }
    config_free(c);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_file),
        cmocka_unit_test(test_each_setting_has_a_field_or_is_lost),
        cmocka_unit_test(test_what_later_versions_of_xend_stored),
        cmocka_unit_test(test_cpus_of_all_and_of_each_vcpu),
        cmocka_unit_test(test_vfr_gives_vifs_their_addresses),
        cmocka_unit_test(test_vnet_is_a_bridge),
        cmocka_unit_test(test_the_first_of_two_holds),
        cmocka_unit_test(test_a_domain_that_holds_its_vm),
        cmocka_unit_test(test_a_uuid_without_dashes),
        cmocka_unit_test(test_backends_make_a_driver_domain),
        cmocka_unit_test(test_pci_in_decimal_and_hexadecimal),
        cmocka_unit_test(test_unames),
        cmocka_unit_test(test_masks_of_many_vcpus),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
