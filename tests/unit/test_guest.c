/*
 * The handlers of kinds of guests: what each says of a configuration.
 */
#include "engine/guest/guest.h"
#include "engine/guest/guest_machine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "engine/config/core/image_type.h"
#include "engine/task/task.h"

static struct domain_config
config_of(const char *image)
{
    struct domain_config c = { .mem_kib = 300000, .maxmem_kib = 400000 };

    c.image.type = (char *)(uintptr_t)image;
    c.image.kernel = (char *)(uintptr_t) "/boot/vmlinuz";
    return c;
}

static void
test_each_kind_has_a_handler(void **state)
{
    struct domain_config c = config_of("linux");

    (void)state;
    assert_ptr_equal(guest_type_of(&c), &guest_pv);
    assert_string_equal(guest_pv.kind, "pv");
    c.kind = DOM_PVH;
    assert_ptr_equal(guest_type_of(&c), &guest_pvh);
    assert_string_equal(guest_pvh.kind, "pvh");
}

/* xend's and libxl's sums: 256 pages a vcpu and 2 a MiB for page tables. */
static void
test_pvh_memory_has_a_pool(void **state)
{
    struct domain_config c = config_of("linux");
    struct guest_memory m;

    (void)state;
    c.kind = DOM_PVH;
    c.maxvcpus = 2;
    guest_pvh.memory(&c, &m);
    assert_int_equal(m.pool_kib, 6144); /* 2048 and 391 times 8, whole MiB */
    assert_int_equal(m.need_kib, 309248);
    assert_int_equal(m.own_kib, 301024);
    assert_int_equal(m.build_kib, 300032);
    assert_int_equal(m.seen_kib, 400384);
    assert_int_equal(m.map_kib, 0);
    c.machine.shadow_mib = 16;
    guest_pvh.memory(&c, &m);
    assert_int_equal(m.pool_kib, 16384);
    c.machine.shadow_mib = 1; /* too little to run */
    guest_pvh.memory(&c, &m);
    assert_int_equal(m.pool_kib, 6144);
}

/* The memory of the screen's card is the model's to fill. */
static void
test_hvm_memory_leaves_room_for_its_screen(void **state)
{
    struct domain_config c = config_of("linux");
    struct guest_memory m;

    (void)state;
    c.kind = DOM_HVM;
    c.mem_kib = c.maxmem_kib = 65536;
    c.maxvcpus = 1;
    guest_hvm.memory(&c, &m);
    assert_int_equal(m.video_kib, 8192);
    assert_int_equal(m.build_kib, 57344);
    assert_int_equal(m.seen_kib, 57344);
    assert_int_equal(m.target_kib, 57344); /* as xl's bs1 of the lab */
    assert_int_equal(m.own_kib, 66560);
    c.maxmem_kib = 131072;
    guest_hvm.memory(&c, &m);
    assert_int_equal(m.seen_kib, 122880);
    assert_int_equal(m.target_kib, 56320);
}

static void
test_limits_are_xens_unless_set(void **state)
{
    struct domain_config c = config_of("linux");
    struct hv_limits l;

    (void)state;
    c.machine.max_grant_frames = c.machine.max_maptrack_frames =
        c.machine.max_grant_version = CONFIG_LIMIT_UNSET;
    guest_limits(&c, &l);
    assert_int_equal(l.grant_frames, HV_LIMIT_DEFAULT);
    assert_int_equal(l.maptrack_frames, HV_LIMIT_DEFAULT);
    assert_int_equal(l.grant_version, HV_LIMIT_DEFAULT);
    assert_true(l.hap);
    c.machine.max_grant_frames = 32;
    c.machine.hap = CONFIG_OFF;
    guest_limits(&c, &l);
    assert_int_equal(l.grant_frames, 32);
    assert_false(l.hap);
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
    struct nodes n = { .cfg = &c,
                       .kernel = "/boot/vmlinuz",
                       .cmdline = "bootdev=xbd0a" };
    struct guest_node own[GUEST_NODES_MAX];

    (void)state;
    assert_int_equal(guest_pv.nodes(&n, own), 3);
    assert_string_equal(own[0].path, "image/ostype");
    assert_string_equal(own[0].value, "netbsd");
    assert_string_equal(own[1].value, "/boot/vmlinuz");
    assert_string_equal(own[2].value, "bootdev=xbd0a");
    n.ramdisk = "/boot/initrd.img";
    assert_int_equal(guest_pv.nodes(&n, own), 4);
    assert_string_equal(own[3].path, "image/ramdisk");
}

static void
test_pv_builds_from_the_files_it_opened(void **state)
{
    struct domain_config c = config_of("linux");
    struct nodes n = { 0 };
    struct hv_build b = { .kernel_fd = -1, .ramdisk_fd = -1 };
    struct task t = { 0 };
    struct guest g;

    (void)state;
    guest_init(&g, &t, &n, &c);
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
        cmocka_unit_test(test_each_kind_has_a_handler),
        cmocka_unit_test(test_pvh_memory_has_a_pool),
        cmocka_unit_test(test_hvm_memory_leaves_room_for_its_screen),
        cmocka_unit_test(test_limits_are_xens_unless_set),
        cmocka_unit_test(test_pv_memory_is_rounded_for_xen),
        cmocka_unit_test(test_pv_refuses_a_xen_without_pv),
        cmocka_unit_test(test_pv_nodes_tell_the_kernel),
        cmocka_unit_test(test_pv_builds_from_the_files_it_opened),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
