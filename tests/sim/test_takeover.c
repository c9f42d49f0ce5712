/*
 * test_takeover.c - what xl changes on a domain of ours is in its next life,
 * and told.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engine/config/core/config.h"
#include "engine/host/domains.h"
#include "engine/record/db.h"
#include "engine/tune/tuning.h"
#include "tests/sim/world.h"

static struct world w;

WORLD_FIXTURE(world_open_kept(&w, 0), world_close(&w))

static void
guest(void)
{
    (void)world_guest(&w, "web9", "maxmem = 128;");
    world_pass(&w, 30000);
}

/* As libxl does: only nodes are written. */
static void
write_node(const char *fmt, uint32_t domid, const char *value)
{
    char path[96];

    text_fmt(path, sizeof(path), "/local/domain/%u/%s", domid, fmt);
    assert_int_equal(store_write(engine_store(w.en), 0, path, value, NULL), 0);
}

static void
xl_rename(const char *name)
{
    char path[96], uuid[37];

    uuid_print_text(world_dom(&w, "web9")->uuid, uuid);
    text_fmt(path, sizeof(path), "/vm/%s/name", uuid);
    assert_int_equal(store_write(engine_store(w.en), 0, path, name, NULL), 0);
    write_node("name", world_dom(&w, "web9")->domid, name);
}

static const struct dom *
reboot(const char *name)
{
    uint64_t id = world_dom(&w, name)->id;

    assert_int_equal(
        sim_guest_shutdown(w.sim, world_dom(&w, name)->domid, HV_REBOOT), 0);
    world_pass(&w, 10000);
    if (world_dom(&w, name) == NULL || world_dom(&w, name)->id == id)
        fail_msg("'%s' was lost", name);
    assert_int_equal(world_dom(&w, name)->flags & DOM_F_SHUTDOWN, 0);
    return world_dom(&w, name);
}

static void
test_name_is_taken_over(void **state)
{
    struct domain_config *c;

    (void)state;
    guest();
    xl_rename("web8");
    world_pass(&w, 1000);
    assert_non_null(world_event(&w, "renamed from 'web9' by another tool"));
    assert_int_equal(db_load(w.state, world_dom(&w, "web8")->uuid, &c, NULL),
                     0);
    assert_string_equal(c->name, "web8");
    config_free(c);
    (void)reboot("web8");
    assert_null(world_dom(&w, "web9"));
}

/* Its old name may be another's by then. */
static void
test_renamed_guest_is_not_lost(void **state)
{
    (void)state;
    guest();
    xl_rename("web8");
    world_pass(&w, 1000);
    (void)world_guest(&w, "web9", "");
    (void)reboot("web8");
    assert_non_null(world_dom(&w, "web9"));
}

static void
test_renamed_while_no_engine_runs(void **state)
{
    (void)state;
    guest();
    world_kill(&w);
    world_start(&w, false);
    xl_rename("web8");
    world_kill(&w);
    world_start(&w, false);
    (void)reboot("web8");
}

static void
test_own_rename_is_not_told_so(void **state)
{
    uint64_t op;

    (void)state;
    guest();
    assert_int_equal(
        engine_rename(w.en, world_dom(&w, "web9")->id, "web8", &op, NULL), 0);
    assert_int_equal(world_wait(&w, op), OP_DONE);
    world_pass(&w, 1000);
    (void)reboot("web8");
    assert_null(world_event(&w, "by another tool"));
}

static void
test_memory_is_taken_over(void **state)
{
    const struct dom *d;

    (void)state;
    guest();
    write_node("memory/target", world_dom(&w, "web9")->domid, "49152");
    world_pass(&w, 1000);
    d = reboot("web9");
    assert_int_equal(d->target_kib, 49152);
    assert_non_null(world_event(&w, "set from 64 to 48 MiB by another tool"));
}

/* As xl mem-max does: the hypervisor alone is told. */
static void
test_maximum_is_taken_over(void **state)
{
    struct domain_config *c;

    (void)state;
    guest();
    assert_int_equal(hv_set_maxmem(engine_hv(w.en),
                                   world_dom(&w, "web9")->domid,
                                   96 * 1024 + DOM_SLACK_KIB, NULL),
                     0);
    world_pass(&w, 5000);
    (void)reboot("web9");
    assert_non_null(world_event(&w, "maximum memory was set from 128 to 96 MiB "
                                    "by another tool"));
    assert_int_equal(db_load(w.state, world_dom(&w, "web9")->uuid, &c, NULL),
                     0);
    assert_int_equal(c->maxmem_kib, 96 * 1024);
    assert_int_equal(c->mem_kib, 64 * 1024);
    config_free(c);
}

/* xl mem-set limits what the domain may own as well. */
static void
test_a_target_is_no_maximum(void **state)
{
    struct domain_config *c;
    uint32_t domid;

    (void)state;
    guest();
    domid = world_dom(&w, "web9")->domid;
    assert_int_equal(
        hv_set_maxmem(engine_hv(w.en), domid, 49152 + DOM_SLACK_KIB, NULL), 0);
    write_node("memory/target", domid, "49152");
    world_pass(&w, 5000);
    (void)reboot("web9");
    assert_null(world_event(&w, "maximum memory was set"));
    assert_int_equal(db_load(w.state, world_dom(&w, "web9")->uuid, &c, NULL),
                     0);
    assert_int_equal(c->maxmem_kib, 128 * 1024);
    config_free(c);
}

static void
xl_puts_medium(const char *params)
{
    char path[96];

    text_fmt(path, sizeof(path), "/libxl/%u/device/vbd/5632/params",
             world_dom(&w, "web9")->domid);
    assert_int_equal(store_write(engine_store(w.en), 0, path, params, NULL), 0);
}

static void
medium_is(const char *params, const char *told)
{
    struct domain_config *c;

    xl_puts_medium(params);
    (void)reboot("web9");
    assert_non_null(world_event(&w, told));
    assert_int_equal(db_load(w.state, world_dom(&w, "web9")->uuid, &c, NULL),
                     0);
    if (params[0] == '\0')
        assert_null(config_device_value(&c->devices[0], "path"));
    else
        assert_string_equal(config_device_value(&c->devices[0], "path"),
                            strchr(params, '/'));
    config_free(c);
}

/* As xl cd-insert and cd-eject do. */
static void
test_medium_is_taken_over(void **state)
{
    (void)state;
    (void)world_guest(&w, "web9",
                      "type = \"hvm\"; devices = ( { type = \"vbd\"; "
                      "vdev = \"hdc\"; cdrom = true; "
                      "path = \"/dev/vg/a\"; } );");
    world_pass(&w, 30000);
    medium_is("aio:/dev/vg/b", "vbd hdc: its medium was changed to /dev/vg/b "
                               "by another tool");
    world_pass(&w, 60000);
    medium_is("", "vbd hdc: its medium was taken out by another tool");
}

static void
test_memory_of_a_new_definition_counts(void **state)
{
    struct err e = { 0 };
    const struct dom *d;

    (void)state;
    guest();
    if (engine_define(w.en, world_conf(&w, "web9", "maxmem = 256;"), &e) < 0)
        fail_msg("%s", e.msg);
    write_node("memory/target", world_dom(&w, "web9")->domid, "49152");
    world_pass(&w, 1000);
    d = reboot("web9");
    assert_int_equal(d->target_kib, 65536);
}

static struct domain_config *
config_of(const char *name)
{
    struct domain_config *c;

    assert_int_equal(db_load(w.state, world_dom(&w, name)->uuid, &c, NULL), 0);
    return c;
}

static void
test_tuning_is_taken_over(void **state)
{
    struct sched_params p;
    struct domain_config *c;
    struct hv_vcpu v;
    uint8_t mask[HV_CPUS_MAX / 8] = { 0x06 };
    uint32_t domid;

    (void)state;
    (void)world_guest(&w, "web9", "vcpus = 2; maxvcpus = 4;");
    world_pass(&w, 30000);
    domid = world_dom(&w, "web9")->domid;
    write_node("cpu/2/availability", domid, "online");
    assert_int_equal(
        hv_sched_get(engine_hv(w.en), domid, HV_ALL_VCPUS, &p, NULL), 0);
    p.weight = 512;
    p.cap = 150;
    assert_int_equal(
        hv_sched_set(engine_hv(w.en), domid, HV_ALL_VCPUS, &p, NULL), 0);
    assert_int_equal(
        hv_set_affinity(engine_hv(w.en), domid, 1, mask, NULL, NULL), 0);
    domid = reboot("web9")->domid;
    assert_int_equal(
        hv_sched_get(engine_hv(w.en), domid, HV_ALL_VCPUS, &p, NULL), 0);
    assert_int_equal(p.weight, 512);
    assert_int_equal(p.cap, 150);
    assert_int_equal(hv_vcpu(engine_hv(w.en), domid, 1, &v, NULL), 0);
    assert_int_equal(v.hard[0], 0x06);
    c = config_of("web9");
    assert_int_equal(c->vcpus, 3);
    assert_string_equal(config_cpus_text(&c->cpus, 1), "1-2");
    assert_int_equal(c->cpus_soft.n, 0);
    config_free(c);
    assert_non_null(world_event(&w, "vcpus were set from 2 to 3 by another"));
    assert_non_null(world_event(&w, "set to 512 and 150 by another tool"));
    assert_non_null(world_event(&w, "its vcpus were pinned by another tool"));
}

static void
test_pool_is_taken_over(void **state)
{
    struct domain_config *c;
    int pool;

    (void)state;
    guest();
    pool = sim_pool_add(w.sim, "fast", SCHEDULER_CREDIT2, 6, 2);
    assert_true(pool > 0);
    assert_int_equal(hv_pool_move(engine_hv(w.en), world_dom(&w, "web9")->domid,
                                  (unsigned)pool, NULL),
                     0);
    assert_int_equal(reboot("web9")->cpupool, pool);
    c = config_of("web9");
    assert_string_equal(c->pool, "fast");
    config_free(c);
    assert_non_null(world_event(&w, "moved to the cpu pool 'fast' by another"));
}

static void
test_own_tuning_is_not_told_so(void **state)
{
    const struct engine_pin pin = { .vcpu = ENGINE_ALL_VCPUS, .hard = "1-2" };
    uint64_t op;

    (void)state;
    guest();
    assert_int_equal(
        engine_vcpu_pin(w.en, world_dom(&w, "web9")->id, &pin, &op, NULL), 0);
    assert_int_equal(world_wait(&w, op), OP_DONE);
    (void)reboot("web9");
    assert_null(world_event(&w, "by another tool"));
}

/* As xl block-attach and network-attach leave them. */
static void
xl_attaches(const char *kind, unsigned devid, const char *const *nodes)
{
    uint32_t domid = world_dom(&w, "web9")->domid;
    char path[160];

    for (; nodes[0] != NULL; nodes += 2) {
        text_fmt(path, sizeof(path), "/libxl/%u/device/%s/%u/%s", domid, kind,
                 devid, nodes[0]);
        assert_int_equal(store_writef(engine_store(w.en), 0, NULL, path,
                                      nodes[1], domid, devid),
                         0);
    }
}

static void
test_devices_are_taken_over(void **state)
{
    static const char *const disk[] = {
        "backend",     "/local/domain/0/backend/vbd/%u/%u",
        "params",      "/dev/vg/b",
        "dev",         "xvdb",
        "mode",        "r",
        "device-type", "disk",
        "script",      "/etc/xen/scripts/block",
        NULL
    };
    static const char *const nic[] = {
        "backend", "/local/domain/0/backend/vif/%u/%u",
        "mac",     "00:16:3e:00:00:09",
        "bridge",  "xenbr0",
        "type",    "vif",
        "script",  "/etc/xen/scripts/vif-bridge",
        NULL
    };
    static const char *const odd[] = {
        "backend", "/local/domain/0/backend/vbd/%u/%u",
        "params",  "res0",
        "dev",     "xvdc",
        "mode",    "w",
        "script",  "/etc/xen/scripts/block-drbd",
        NULL
    };
    struct domain_config *c;

    (void)state;
    guest();
    xl_attaches("vbd", 51728, disk);
    xl_attaches("vbd", 51744, odd);
    xl_attaches("vif", 0, nic);
    (void)reboot("web9");
    c = config_of("web9");
    assert_int_equal(c->n_devices, 2);
    assert_string_equal(config_device_value(&c->devices[0], "path"),
                        "/dev/vg/b");
    assert_string_equal(config_device_value(&c->devices[0], "mode"), "r");
    assert_string_equal(config_device_value(&c->devices[1], "mac"),
                        "00:16:3e:00:00:09");
    config_free(c);
    assert_non_null(world_event(&w, "vbd xvdb was attached by another tool: "
                                    "its configuration has it now"));
    assert_non_null(world_event(&w, "vbd xvdc was attached by another tool: it "
                                    "is not in its configuration"));
}

/* It is in the next life, or the operator is told that it may not be. */
static void
test_a_device_that_cannot_be_read_is_told(void **state)
{
    static const char *const disk[] = {
        "backend",     "/local/domain/0/backend/vbd/%u/%u",
        "params",      "/dev/vg/b",
        "dev",         "xvdb",
        "mode",        "r",
        "device-type", "disk",
        "script",      "/etc/xen/scripts/block",
        NULL
    };
    struct domain_config *c;
    unsigned nth, told = 0;

    (void)state;
    for (nth = 1; nth < 90; nth++) {
        world_close(&w);
        world_open_kept(&w, 0);
        guest();
        xl_attaches("vbd", 51728, disk);
        sim_fault_add(w.sim, nth % 2 ? "store.read" : "store.list",
                      (nth + 1) / 2, EIO);
        assert_int_equal(
            sim_guest_shutdown(w.sim, world_dom(&w, "web9")->domid, HV_REBOOT),
            0);
        world_pass(&w, 120000);
        if (world_dom(&w, "web9") == NULL)
            fail_msg("'web9' was lost at %u", nth);
        c = config_of("web9");
        if (world_event(&w, "could not be looked at") != NULL)
            told++;
        else if (c->n_devices != 1 ||
                 config_device_value(&c->devices[0], "mode") == NULL)
            fail_msg("lost without a word at %u", nth);
        config_free(c);
    }
    assert_true(told >= 5);
}

/* --- what cannot be read */

/* As xl mem-set, vcpu-set and cd-insert do. */
static void
xl_changes_all(void)
{
    uint32_t domid;

    (void)world_guest(&w, "web9",
                      "type = \"hvm\"; maxmem = 128; vcpus = 2; maxvcpus = 4; "
                      "devices = ( { type = \"vbd\"; vdev = \"hdc\"; "
                      "cdrom = true; path = \"/dev/vg/a\"; } );");
    world_pass(&w, 30000);
    domid = world_dom(&w, "web9")->domid;
    write_node("memory/target", domid, "81920");
    write_node("cpu/2/availability", domid, "online");
    xl_puts_medium("aio:/dev/vg/b");
    world_pass(&w, 1000);
}

static bool
is_told_of(const char *what)
{
    char text[128];

    text_fmt(text, sizeof(text), "%s could not be looked at: what another tool",
             what);
    return world_event(&w, text) != NULL;
}

static unsigned
check_taken_or_told(unsigned nth)
{
    struct domain_config *c = config_of("web9");
    const char *path = config_device_value(&c->devices[0], "path");
    unsigned told = 0;

    if (c->vcpus != 3 && ++told > 0 && !is_told_of("its vcpus"))
        fail_msg("read %u: vcpus lost without a word", nth);
    if ((path == NULL || strcmp(path, "/dev/vg/b") != 0) && ++told > 0 &&
        !is_told_of("vbd hdc") && !is_told_of("its devices"))
        fail_msg("read %u: medium lost without a word", nth);
    if (c->mem_kib <= 65536 && ++told > 0 && !is_told_of("its memory"))
        fail_msg("read %u: memory lost without a word", nth);
    config_free(c);
    return told;
}

static void
test_what_cannot_be_read_is_told(void **state)
{
    unsigned nth, told = 0;

    (void)state;
    for (nth = 1; nth < 70; nth++) {
        world_close(&w);
        world_open_kept(&w, 0);
        xl_changes_all();
        sim_fault_add(w.sim, "store.read", nth, EIO);
        assert_int_equal(
            sim_guest_shutdown(w.sim, world_dom(&w, "web9")->domid, HV_REBOOT),
            0);
        world_pass(&w, 120000);
        if (world_dom(&w, "web9") == NULL)
            fail_msg("'web9' was lost at %u", nth);
        told += check_taken_or_told(nth);
    }
    assert_true(told >= 3);
}

static void
test_what_xen_does_not_tell_is_told(void **state)
{
    static const struct {
        const char *call, *what;
    } t[] = {
        { "hv.sched_get", "its weight and cap" },
        { "hv.vcpu", "the affinity of its vcpus" },
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
        world_close(&w);
        world_open_kept(&w, 0);
        guest();
        sim_fault_add(w.sim, t[i].call, 1, EIO);
        (void)reboot("web9");
        assert_true(is_told_of(t[i].what));
    }
}

/* The target that is shown, and that the minimum is reckoned from. */
static void
test_a_target_that_cannot_be_read_stays(void **state)
{
    (void)state;
    guest();
    assert_int_equal(world_dom(&w, "web9")->target_kib, 65536);
    sim_fault_add(w.sim, "store.read", 1, EIO);
    write_node("memory/target", world_dom(&w, "web9")->domid, "65535");
    world_pass(&w, 2000);
    assert_int_equal(world_dom(&w, "web9")->target_kib, 65536);
    write_node("memory/target", world_dom(&w, "web9")->domid, "65534");
    world_pass(&w, 2000);
    assert_int_equal(world_dom(&w, "web9")->target_kib, 65534);
}

static int
run(void)
{
    const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
        T(test_name_is_taken_over),
        T(test_renamed_guest_is_not_lost),
        T(test_renamed_while_no_engine_runs),
        T(test_own_rename_is_not_told_so),
        T(test_memory_is_taken_over),
        T(test_maximum_is_taken_over),
        T(test_a_target_is_no_maximum),
        T(test_medium_is_taken_over),
        T(test_memory_of_a_new_definition_counts),
        T(test_tuning_is_taken_over),
        T(test_pool_is_taken_over),
        T(test_own_tuning_is_not_told_so),
        T(test_devices_are_taken_over),
        T(test_a_device_that_cannot_be_read_is_told),
        T(test_what_cannot_be_read_is_told),
        T(test_what_xen_does_not_tell_is_told),
        T(test_a_target_that_cannot_be_read_stays),
#undef T
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

WORLD_MAIN(run)
