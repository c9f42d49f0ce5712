/*
 * The handlers of kinds of guests: what each says of a configuration.
 */
#include "engine/guest/guest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "engine/config/core/image_type.h"

static struct domain_config
config_of(const char *image)
{
    struct domain_config c = { .mem_kib = 300000, .maxmem_kib = 400000 };

    c.image.type = (char *)(uintptr_t)image;
    c.image.kernel = (char *)(uintptr_t) "/boot/vmlinuz";
    return c;
}

static void
test_each_image_type_has_a_kind(void **state)
{
    struct domain_config linux_cfg = config_of("linux");
    struct domain_config netbsd_cfg = config_of("netbsd");

    (void)state;
    assert_ptr_equal(guest_type_of(&linux_cfg), &guest_pv);
    assert_ptr_equal(guest_type_of(&netbsd_cfg), &guest_pv);
    assert_string_equal(guest_pv.kind, "pv");
}

static void
test_pv_memory_is_rounded_for_xen(void **state)
{
    struct domain_config c = config_of("linux");
    struct guest_memory m;

    (void)state;
    guest_pv.memory(&c, &m);
    assert_int_equal(m.need_kib, 301056); /* 147 times 2 MiB */
    assert_int_equal(m.own_kib, 301024);
    assert_int_equal(m.map_kib, 401024);
    assert_int_equal(m.build_kib, 300032); /* 293 MiB */
}

static void
test_pv_refuses_a_xen_without_pv(void **state)
{
    struct hv_host h = { .has_hvm = true };
    struct err e = { 0 };

    (void)state;
    assert_int_equal(guest_pv.check_host(&h, &e), -1);
    assert_int_equal(e.code, ERR_UNSUPPORTED);
    assert_string_equal(e.msg, "this Xen was built without PV guests");
    h.has_pv = true;
    assert_int_equal(guest_pv.check_host(&h, &e), 0);
}

static void
test_pv_nodes_tell_the_kernel(void **state)
{
    struct domain_config c = config_of("netbsd");
    struct nodes n = { .cfg = &c, .cmdline = "bootdev=xbd0a" };
    struct guest_node own[GUEST_NODES_MAX];

    (void)state;
    assert_int_equal(guest_pv.nodes(&n, own), 3);
    assert_string_equal(own[0].path, "image/ostype");
    assert_string_equal(own[0].value, "netbsd");
    assert_string_equal(own[1].value, "/boot/vmlinuz");
    assert_string_equal(own[2].value, "bootdev=xbd0a");
    c.image.ramdisk = (char *)(uintptr_t) "/boot/initrd.img";
    assert_int_equal(guest_pv.nodes(&n, own), 4);
    assert_string_equal(own[3].path, "image/ramdisk");
}

static void
test_pv_builds_from_the_files_it_opened(void **state)
{
    struct domain_config c = config_of("linux");
    struct nodes n = { 0 };
    struct hv_build b = { .kernel_fd = -1, .ramdisk_fd = -1 };
    struct guest g;

    (void)state;
    guest_init(&g, NULL, &n, &c);
    assert_ptr_equal(n.type, &guest_pv);
    assert_ptr_equal(n.cfg, &c);
    g.files.kernel_fd = 17;
    guest_pv.job(&g, &b);
    assert_int_equal(b.kernel_fd, 17);
    assert_int_equal(b.ramdisk_fd, -1);
    assert_string_equal(b.cmdline, "");
    g.files.kernel_fd = -1;
    guest_fini(&g);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_image_type_has_a_kind),
        cmocka_unit_test(test_pv_memory_is_rounded_for_xen),
        cmocka_unit_test(test_pv_refuses_a_xen_without_pv),
        cmocka_unit_test(test_pv_nodes_tell_the_kernel),
        cmocka_unit_test(test_pv_builds_from_the_files_it_opened),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
