/*
 * test_device.c - devices on the simulated host: attached with their domain,
 * added to and removed from a live one, refused, and what a script, a backend
 * or a guest does wrong.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/device/device.h"
#include "engine/device/device_recover.h"
#include "engine/dom0/dom0.h"
#include "engine/sim/sim_int.h"
#include "engine/sim/store/sim_store.h"
#include "tests/sim/world.h"

#define BOTH                                                                   \
    "devices = ( { type = \"vbd\"; path = \"/dev/vg/web9\"; "                  \
    "vdev = \"xvda\"; }, { type = \"vif\"; ip = \"10.0.0.9\"; } );"

static struct world w;
static uint64_t op;
static struct err e;

static void
begin(void)
{
    err_clear(&e);
    world_open(&w, 0, false);
}

WORLD_FIXTURE(begin(), world_close(&w))

static const struct op *
op_now(void)
{
    return engine_op_by_id(w.en, op);
}

static void
assert_done(void)
{
    if (world_wait(&w, op) != OP_DONE)
        fail_msg("%s", op_now()->err.msg);
}

static void
assert_fails(enum err_code code, const char *text)
{
    assert_int_equal(world_wait(&w, op), OP_FAILED);
    if (strstr(op_now()->err.msg, text) == NULL)
        fail_msg("'%s' is not in: %s", text, op_now()->err.msg);
    assert_int_equal(op_now()->err.code, code);
}

static char *
node(const char *fmt, uint32_t domid)
{
    static char text[256]; /* of the last call */
    char path[256];

    store_path(path, sizeof(path), fmt, domid);
    if (store_read_text(engine_store(w.en), 0, path, text, sizeof(text), NULL) <
        0)
        text_fmt(text, sizeof(text), "(none)");
    return text;
}

static uint32_t
domid_of(uint64_t id)
{
    return engine_dom_by_id(w.en, id)->domid;
}

static void
begin_add(uint64_t id, const char *kind, const char *a, const char *b)
{
    const char *words[2] = { a, b };

    if (engine_device_add(
            w.en, id,
            &(struct device_want){
                .kind = kind, .words = words, .n = b != NULL ? 2 : a != NULL },
            &op, &e) < 0)
        fail_msg("%s", e.msg);
}

static void
add(uint64_t id, const char *kind, const char *a, const char *b)
{
    begin_add(id, kind, a, b);
    assert_done();
}

static void
begin_remove(uint64_t id, const char *kind, const char *name, bool force)
{
    if (engine_device_remove(
            w.en, id, &(struct device_leave){ kind, name, force }, &op, &e) < 0)
        fail_msg("%s", e.msg);
}

static size_t
rows_of(uint64_t id, struct dom_device out[8])
{
    size_t n;

    assert_int_equal(engine_devices(w.en, id, out, 8, &n, &e), 0);
    return n;
}

static char *
config_of(uint64_t id)
{
    struct buf b = { 0 };

    assert_int_equal(engine_config_text(w.en, id, &b, &e), 0);
    return buf_take(&b);
}

/* --- with the domain --- */

static void
test_created_with_its_devices(void **state)
{
    uint64_t id = world_guest(&w, "web9", BOTH);
    uint32_t domid = domid_of(id);
    struct dom_device d[8];

    (void)state;
    world_pass(&w, 5000);
    assert_int_equal(rows_of(id, d), 3);
    assert_string_equal(d[0].kind, "console");
    assert_string_equal(d[1].name, "xvda");
    assert_string_equal(d[1].detail, "/dev/vg/web9 w");
    assert_int_equal(d[1].state, XENBUS_CONNECTED);
    assert_int_equal(d[2].state, XENBUS_CONNECTED);
    assert_int_equal(strncmp(d[2].name, "vif", 3), 0);
    assert_non_null(strstr(d[2].detail, "xenbr0 10.0.0.9"));
    assert_string_equal(node("/local/domain/%u/device/vbd/51712/state", domid),
                        "4");
    assert_string_equal(
        node("/local/domain/0/backend/vif/%u/0/hotplug-status", domid),
        "connected");
    assert_string_equal(node("/libxl/%u/device/vbd/51712/params", domid),
                        "/dev/vg/web9");
}

static void
test_life_with_devices_leaves_nothing(void **state)
{
    char *before = world_dump(&w);
    uint64_t id = world_guest(&w, "web9", BOTH);

    (void)state;
    assert_int_equal(engine_shutdown(w.en, id, &op, &e), 0);
    assert_done();
    assert_true(world_until_gone(&w, "web9"));
    world_pass(&w, 1000);
    world_unchanged(&w, before);
}

static void
test_restart_keeps_mac_and_devices(void **state)
{
    uint64_t id = world_guest(&w, "web9", BOTH);
    char mac[18];
    struct dom_device d[8];

    (void)state;
    rows_of(id, d);
    text_fmt(mac, sizeof(mac), "%.17s", d[2].detail);
    assert_int_equal(strncmp(mac, "00:16:3e:", 9), 0);
    world_pass(&w, 30000);
    assert_int_equal(engine_reboot(w.en, id, &op, &e), 0);
    assert_done();
    world_pass(&w, 30000);
    id = domains_by_name(w.en, "web9")->d.id;
    assert_int_equal(rows_of(id, d), 3);
    assert_int_equal(strncmp(d[2].detail, mac, 17), 0);
    assert_string_equal(d[1].detail, "/dev/vg/web9 w");
    assert_int_equal(d[1].state, XENBUS_CONNECTED);
}

static void
create(const char *more)
{
    assert_int_equal(
        engine_create(w.en, world_conf(&w, "web9", more), NULL, &op, &e), 0);
}

static void
test_creation_fails_with_its_script(void **state)
{
    char *before = world_dump(&w);

    (void)state;
    sim_fault_add(w.sim, "dev.script", 2, EIO);
    create(BOTH);
    assert_fails(ERR_BUSY, "failed: dev.script");
    world_pass(&w, 1000);
    world_unchanged(&w, before);
}

static void
test_creation_waits_40_s_for_a_script(void **state)
{
    char *before = world_dump(&w);
    uint64_t began = loop_now_ms(w.lp);

    (void)state;
    sim_fault_add(w.sim, "dev.script", 1, ETIMEDOUT);
    create(BOTH);
    assert_fails(ERR_TIMEOUT, "did not end in 40 s");
    assert_in_range(loop_now_ms(w.lp) - began, 40000, 60000);
    world_pass(&w, 1000);
    world_unchanged(&w, before);
}

static void
test_missing_driver_is_told(void **state)
{
    char *before = world_dump(&w);

    (void)state;
    sim_fault_add(w.sim, "dev.backend", 1, ENOENT);
    create(BOTH);
    assert_fails(ERR_TIMEOUT, "(xen-blkback) loaded?");
    world_pass(&w, 1000);
    world_unchanged(&w, before);
}

/* --- refusals --- */

static void
assert_create_refused(const char *more, enum err_code code, const char *text)
{
    char *before = world_dump(&w);

    create(more);
    assert_fails(code, text);
    assert_non_null(strstr(op_now()->err.msg, "web9.conf:"));
    world_unchanged(&w, before);
}

static void
test_refusals_at_creation(void **state)
{
    (void)state;
    assert_create_refused(
        "devices = ( { type = \"vif\"; bridge = \"br9\"; } );", ERR_NOENT,
        "bridge: found \"br9\", allowed a bridge of this "
        "host: xenbr0");
    assert_create_refused("devices = ( { type = \"vbd\"; vdev = \"xvda\"; "
                          "path = \"/nowhere/disk\"; } );",
                          ERR_NOENT, "which does not exist");
    assert_create_refused("devices = ( { type = \"vbd\"; vdev = \"xvda\"; "
                          "params = \"qcow2:/nowhere/disk\"; } );",
                          ERR_NOENT, "which does not exist");
    assert_create_refused("devices = ( { type = \"vif\"; backend = \"net1\"; } "
                          ");",
                          ERR_NOENT, "backend: found \"net1\"");
    sim_disk_use(w.sim, "/dev/sda1", "mounted on /");
    assert_create_refused("devices = ( { type = \"vbd\"; vdev = \"xvda\"; "
                          "path = \"/dev/sda1\"; } );",
                          ERR_BUSY, "in use by dom0: mounted on /");
    assert_int_equal(dom0_bridge_remove(engine_dom0(w.en), "xenbr0", &e), 0);
    assert_create_refused("devices = ( { type = \"vif\"; } );", ERR_NOENT,
                          "it has none");
}

static void
test_disk_of_another_guest(void **state)
{
    uint64_t id = world_guest(&w, "web1", BOTH), other;

    (void)state;
    (void)id;
    other = world_guest(&w, "web2", "");
    begin_add(other, "vbd", "path=/dev/vg/web9", "vdev=xvdb");
    assert_fails(ERR_BUSY, "in use by domain 1 (web1), xvda, mode w");
    {
        const char *words[] = { "path=/dev/vg/web9", "vdev=xvdb", "mode=w!" };

        assert_int_equal(
            engine_device_add(
                w.en, other,
                &(struct device_want){ .kind = "vbd", .words = words, .n = 3 },
                &op, &e),
            0);
        assert_done();
    }
}

/* Whatever cannot be read: the disk is not taken for free. */
static void
test_disk_is_not_shared_unseen(void **state)
{
    uint64_t other;
    unsigned nth, calls;

    (void)state;
    (void)world_guest(&w, "web1", BOTH);
    other = world_guest(&w, "web2", "");
    for (nth = 1;; nth++) {
        sim_fault_add(w.sim, "store.*", nth, EIO);
        begin_add(other, "vbd", "path=/dev/vg/web9", "vdev=xvdb");
        assert_int_equal(world_wait(&w, op), OP_FAILED);
        calls = sim_calls(w.sim, "store.*");
        sim_fault_clear(w.sim);
        if (calls < nth)
            break;
    }
    assert_true(nth > 3);
}

static void
test_readers_may_share(void **state)
{
    static const char conf[] = "devices = ( { type = \"vbd\"; vdev = \"xvda\"; "
                               "path = \"/dev/iso\"; mode = \"r\"; } );";
    uint64_t id;

    (void)state;
    world_guest(&w, "web1", conf);
    id = world_guest(&w, "web2", conf);
    begin_add(id, "vbd", "path=/dev/iso", "vdev=xvdb");
    assert_fails(ERR_BUSY, "in use by domain");
}

/* --- on a live domain --- */

static void
test_added_and_removed(void **state)
{
    uint64_t id = world_guest(&w, "web9", "");
    struct dom_device d[8];
    char *before, *text;

    (void)state;
    world_pass(&w, 10000);
    before = world_dump(&w);
    add(id, "vbd", "path=/dev/vg/more", "vdev=xvdb");
    add(id, "vif", "rate=10Mb/s@20ms", NULL);
    assert_string_equal(op_now()->xl, "xl network-attach web9 rate=10Mb/s@20ms "
                                      "bridge=xenbr0");
    world_pass(&w, 1000);
    assert_int_equal(rows_of(id, d), 3);
    assert_int_equal(d[1].state, XENBUS_CONNECTED);
    assert_int_equal(d[2].state, XENBUS_CONNECTED);
    assert_string_equal(
        node("/local/domain/0/backend/vif/%u/0/rate", domid_of(id)),
        "25000,20000");
    text = config_of(id);
    assert_non_null(strstr(text, "xvdb"));
    assert_non_null(strstr(text, "00:16:3e:"));
    free(text);
    begin_remove(id, "vbd", "xvdb", false);
    assert_done();
    assert_string_equal(op_now()->xl, "xl block-detach web9 xvdb");
    begin_remove(id, "vif", "0", false);
    assert_done();
    text = config_of(id);
    assert_null(strstr(text, "xvdb"));
    assert_null(strstr(text, "00:16:3e:"));
    free(text);
    world_unchanged(&w, before);
}

static void
test_same_vdev_twice(void **state)
{
    uint64_t id = world_guest(&w, "web9", BOTH);
    char *before;

    (void)state;
    world_pass(&w, 10000);
    before = world_dump(&w);
    begin_add(id, "vbd", "path=/dev/vg/more", "vdev=xvda");
    assert_fails(ERR_EXISTS, "has this device already");
    world_unchanged(&w, before);
}

/* xl took it out: its name is free, whatever is on record. */
static void
test_added_again_after_xl_removed_it(void **state)
{
    uint64_t id = world_guest(&w, "web9", BOTH);
    static const char *const dirs[] = { "/libxl/%u/device/vbd/51712",
                                        "/local/domain/0/backend/vbd/%u/51712",
                                        "/local/domain/%u/device/vbd/51712" };
    char path[96], *text;
    size_t i;

    (void)state;
    world_pass(&w, 10000);
    for (i = 0; i < 3; i++) {
        store_path(path, sizeof(path), dirs[i], domid_of(id));
        assert_int_equal(store_rm(engine_store(w.en), 0, path, &e), 0);
    }
    add(id, "vbd", "path=/dev/vg/more", "vdev=xvda");
    text = config_of(id);
    assert_null(strstr(text, "/dev/vg/web9"));
    assert_non_null(strstr(text, "/dev/vg/more"));
    free(text);
}

static void
test_two_adds_at_once(void **state)
{
    uint64_t id = world_guest(&w, "web9", ""), first;

    (void)state;
    begin_add(id, "vbd", "path=/dev/vg/a", "vdev=xvdb");
    first = op;
    begin_add(id, "vbd", "path=/dev/vg/b", "vdev=xvdb");
    assert_int_equal(world_wait(&w, first), OP_DONE);
    assert_fails(ERR_EXISTS, "vbd xvdb");
    assert_string_equal(node("/libxl/%u/device/vbd/51728/params", domid_of(id)),
                        "/dev/vg/a");
}

static void
test_failed_add_leaves_nothing(void **state)
{
    static const char *const faults[] = { "dev.script", "dev.backend",
                                          "dom0.script_start" };
    uint64_t id = world_guest(&w, "web9", "");
    size_t i;

    (void)state;
    world_pass(&w, 10000);
    for (i = 0; i < 3; i++) {
        char *before = world_dump(&w), *conf = config_of(id), *after;

        sim_fault_add(w.sim, faults[i], 1, EIO);
        begin_add(id, "vbd", "path=/dev/vg/a", "vdev=xvdb");
        assert_int_equal(world_wait(&w, op), OP_FAILED);
        assert_false(op_now()->offer_force);
        world_pass(&w, 1000);
        world_unchanged(&w, before);
        after = config_of(id);
        assert_string_equal(conf, after);
        free(conf);
        free(after);
    }
}

static void
test_guest_that_does_not_let_go(void **state)
{
    uint64_t id = world_guest(&w, "web9", BOTH);
    struct dom_device d[8];

    (void)state;
    world_pass(&w, 10000);
    sim_guest_hold_devices(w.sim, domid_of(id), true);
    begin_remove(id, "vbd", "xvda", false);
    assert_fails(ERR_TIMEOUT, "vbd xvda: the guest did not let go of it in "
                              "10 s");
    assert_true(op_now()->offer_force);
    assert_int_equal(rows_of(id, d), 3);
    begin_remove(id, "vbd", "xvda", true);
    assert_done();
    assert_int_equal(rows_of(id, d), 2);
}

static void
test_removal_of_what_is_not_there(void **state)
{
    uint64_t id = world_guest(&w, "web9", BOTH);

    (void)state;
    assert_int_equal(
        engine_device_remove(
            w.en, id, &(struct device_leave){ "vbd", "xvdz", false }, NULL, &e),
        -1);
    assert_int_equal(e.code, ERR_NOENT);
    assert_non_null(strstr(e.msg, "found no vbd \"xvdz\", allowed xvda"));
    assert_int_equal(
        engine_device_remove(w.en, id,
                             &(struct device_leave){ "console", "0", false },
                             NULL, &e),
        -1);
}

/* dom0's drivers complain in a tree that nobody clears: what comes later under
 * the same numbers is not to have these words. */
static void
test_a_drivers_errors_go_with_the_device(void **state)
{
    char *before = world_dump(&w), path[96];
    uint64_t id = world_guest(&w, "web9", BOTH);
    struct dom_device d[8];

    (void)state;
    text_fmt(path, sizeof(path), "/local/domain/0/error/backend/vif/%u/0/error",
             domid_of(id));
    assert_int_equal(
        store_write(engine_store(w.en), 0, path, "2 reading ring-ref", &e), 0);
    rows_of(id, d);
    assert_string_equal(d[2].error, "2 reading ring-ref");
    begin_remove(id, "vif", "0", false);
    assert_done();
    assert_int_equal(engine_destroy(w.en, id, &op, &e), 0);
    assert_done();
    world_pass(&w, 1000);
    world_unchanged(&w, before);
}

/* Whichever look fails: it is refused, or the right one goes, and the others
 * stay in the configuration. */
static void
test_the_wrong_one_is_never_removed(void **state)
{
    static const char conf[] =
        "devices = ( { type = \"vif\"; mac = \"00:16:3e:00:00:01\"; },"
        " { type = \"vif\"; mac = \"00:16:3e:00:00:02\"; } );";
    bool removed = false;
    unsigned nth;
    char *text;

    (void)state;
    for (nth = 1; !removed; nth++) {
        uint64_t id = world_guest(&w, "web9", conf);

        world_pass(&w, 10000);
        sim_fault_add(w.sim, "store.list", nth, EIO);
        removed = engine_device_remove(w.en, id,
                                       &(struct device_leave){
                                           "vif", "00:16:3e:00:00:02", false },
                                       &op, NULL) == 0;
        sim_fault_clear(w.sim);
        if (removed)
            assert_done();
        text = config_of(id);
        assert_non_null(strstr(text, "00:16:3e:00:00:01"));
        assert_int_equal(strstr(text, "00:16:3e:00:00:02") == NULL, removed);
        free(text);
        assert_int_equal(engine_destroy(w.en, id, &op, &e), 0);
        assert_done();
        world_idle(&w);
    }
    assert_true(nth > 3);
}

static void
test_removed_by_mac(void **state)
{
    uint64_t id = world_guest(&w, "web9", "");
    struct dom_device d[8];
    char mac[18];

    (void)state;
    world_pass(&w, 10000);
    add(id, "vif", NULL, NULL);
    rows_of(id, d);
    text_fmt(mac, sizeof(mac), "%.17s", d[1].detail);
    begin_remove(id, "vif", mac, false);
    assert_done();
    assert_int_equal(rows_of(id, d), 1);
}

static void
test_domain_dies_during_an_add(void **state)
{
    char *before = world_dump(&w);
    uint64_t id = world_guest(&w, "web9", "restart = \"never\";");

    (void)state;
    world_pass(&w, 10000);
    sim_delay_add(w.sim, "dev.script", 5000);
    begin_add(id, "vbd", "path=/dev/vg/a", "vdev=xvdb");
    world_pass(&w, 1000);
    sim_guest_shutdown(w.sim, domid_of(id), HV_CRASH);
    assert_fails(ERR_NOENT, "has ended meanwhile");
    assert_true(world_until_gone(&w, "web9"));
    world_pass(&w, 1000);
    world_unchanged(&w, before);
}

static void
test_cd_is_changed(void **state)
{
    uint64_t id = world_guest(&w, "web9",
                              "devices = ( { type = \"vbd\"; vdev = \"xvdc\"; "
                              "cdrom = true; path = \"/dev/sr0\"; } );");
    struct dom_device d[8];
    char *text;

    (void)state;
    world_pass(&w, 10000);
    assert_int_equal(engine_cd_change(w.en, id, "xvdc", "/dev/sr1", &op, &e),
                     0);
    assert_done();
    rows_of(id, d);
    assert_true(d[1].cdrom);
    assert_string_equal(d[1].detail, "/dev/sr1 r cdrom");
    assert_int_equal(engine_cd_change(w.en, id, "xvdc", NULL, &op, &e), 0);
    assert_done();
    assert_int_equal(rows_of(id, d), 1);
    text = config_of(id);
    assert_non_null(strstr(text, "cdrom = true"));
    assert_null(strstr(text, "/dev/sr"));
    free(text);
    assert_int_equal(engine_cd_change(w.en, id, "xvdc", NULL, &op, &e), -1);
    assert_non_null(strstr(e.msg, "the drive xvdc is empty"));
    assert_int_equal(engine_cd_change(w.en, id, "xvdz", NULL, &op, &e), -1);
    assert_string_equal(e.msg, "'web9': found no CD drive xvdz, allowed xvdc");
    assert_int_equal(engine_cd_change(w.en, id, "xvdc", "/dev/sr0", &op, &e),
                     0);
    assert_done();
    assert_int_equal(rows_of(id, d), 2);
}

/* --- driver domains, hostile guests --- */

static void
test_driver_domain(void **state)
{
    uint64_t net = world_guest(&w, "net1", ""), id;
    struct dom_device d[8];
    struct buf who = { 0 };
    unsigned nth, calls;

    (void)state;
    id = world_guest(&w, "web9", "");
    world_pass(&w, 10000);
    assert_int_equal(engine_dependants(w.en, net, &who), 0);
    add(id, "vif", "backend=net1", NULL);
    assert_int_equal(rows_of(id, d), 2);
    assert_int_equal(d[1].backend_domid, domid_of(net));
    assert_int_equal(engine_dependants(w.en, net, &who), 1);
    assert_string_equal(buf_text(&who), "web9");
    buf_free(&who);
    for (nth = 1;; nth++) { /* what cannot be read is not told as nobody */
        sim_fault_add(w.sim, "store.*", nth, EIO);
        assert_int_not_equal(engine_dependants(w.en, net, &who), 0);
        calls = sim_calls(w.sim, "store.*");
        sim_fault_clear(w.sim);
        buf_free(&who);
        if (calls < nth)
            break;
    }
}

static void
test_garbage_of_a_guest(void **state)
{
    static const char *const garbage[] = {
        "", "-1", "99999999999999999999", "4\n", "\x1b[2J", "5x"
    };
    uint64_t id = world_guest(&w, "web9", BOTH);
    uint32_t domid = domid_of(id);
    struct dom_device d[8];
    char path[128];
    size_t i;

    (void)state;
    world_pass(&w, 10000);
    store_path(path, sizeof(path), "/local/domain/%u/device/vbd/51712/state",
               domid);
    for (i = 0; i < sizeof(garbage) / sizeof(garbage[0]); i++)
        assert_int_equal(
            sim_guest_write(w.sim, domid, path, garbage[i], strlen(garbage[i])),
            0);
    /* It points at another's backend: nobody follows. */
    store_path(path, sizeof(path), "/local/domain/%u/device/vbd/51712/backend",
               domid);
    assert_int_equal(sim_guest_write(w.sim, domid, path, "/local/domain/0", 15),
                     0);
    assert_int_equal(rows_of(id, d), 3);
    assert_string_equal(d[1].detail, "/dev/vg/web9 w");
    begin_remove(id, "vbd", "xvda", true);
    assert_done();
    assert_int_equal(rows_of(id, d), 2);
    assert_string_equal(node("/local/domain/%u/name", 0), "Domain-0");
}

/* --- after a crash --- */

static void
test_half_done_change_is_taken_out(void **state)
{
    uint64_t id = world_guest(&w, "web9", "");
    char path[96], *before;

    (void)state;
    world_pass(&w, 10000);
    before = world_dump(&w);
    add(id, "vbd", "path=/dev/vg/a", "vdev=xvdb");
    store_path(path, sizeof(path), "/libxl/%u/xendeck/device", domid_of(id));
    assert_int_equal(
        store_write(engine_store(w.en), 0, path, "vbd 51728 xvdb", &e), 0);
    assert_true(devices_recover(domains_by_name(w.en, "web9"), ""));
    assert_true(world_until_event(&w, "removed by force"));
    world_unchanged(&w, before);
}

static int
run(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_created_with_its_devices),
        T(test_life_with_devices_leaves_nothing),
        T(test_restart_keeps_mac_and_devices),
        T(test_creation_fails_with_its_script),
        T(test_creation_waits_40_s_for_a_script),
        T(test_missing_driver_is_told),
        T(test_refusals_at_creation),
        T(test_disk_of_another_guest),
        T(test_disk_is_not_shared_unseen),
        T(test_readers_may_share),
        T(test_added_and_removed),
        T(test_same_vdev_twice),
        T(test_added_again_after_xl_removed_it),
        T(test_two_adds_at_once),
        T(test_failed_add_leaves_nothing),
        T(test_guest_that_does_not_let_go),
        T(test_removal_of_what_is_not_there),
        T(test_a_drivers_errors_go_with_the_device),
        T(test_the_wrong_one_is_never_removed),
        T(test_removed_by_mac),
        T(test_domain_dies_during_an_add),
        T(test_cd_is_changed),
        T(test_driver_domain),
        T(test_garbage_of_a_guest),
        T(test_half_done_change_is_taken_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

WORLD_MAIN(run)
