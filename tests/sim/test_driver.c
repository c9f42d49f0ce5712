/*
 * test_driver.c - domains that serve disks and networks to others: the nodes of
 * such devices, what is refused, what becomes of them when their server ends
 * and when it is back, by whatever way, and with an engine that dies meanwhile.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/dom0/dom0.h"
#include "engine/sim/sim_int.h"
#include "engine/sim/sim_outside_model.h"
#include "engine/sim/store/sim_store.h"
#include "tests/sim/world.h"

#define MAC "00:16:3e:00:00:09"
#define SERVED                                                                 \
    "devices = ( { type = \"vbd\"; path = \"/dev/vg/far\"; "                   \
    "vdev = \"xvda\"; backend = \"net1\"; }, "                                 \
    "{ type = \"vif\"; mac = \"" MAC "\"; backend = \"net1\"; } );"

static struct world w;
static uint64_t op;
static struct err e;

/* Killed engines lose what was on their stack. */
int __lsan_is_turned_off(void);

int
__lsan_is_turned_off(void)
{
    return 1;
}

static void
begin(void)
{
    err_clear(&e);
    world_open_kept(&w, 0);
}

WORLD_FIXTURE(begin(), world_close(&w))

static uint32_t
domid_now(const char *name)
{
    const struct dom *d = world_dom(&w, name);

    return d != NULL ? d->domid : 0;
}

static uint64_t
id_now(const char *name)
{
    assert_non_null(world_dom(&w, name));
    return world_dom(&w, name)->id;
}

static void
done(void)
{
    if (world_wait(&w, op) != OP_DONE)
        fail_msg("%s", engine_op_by_id(w.en, op)->err.msg);
}

static struct dom_device
device_now(const char *name, const char *kind)
{
    struct dom_device d[8];
    size_t n, i;

    assert_int_equal(engine_devices(w.en, id_now(name), d, 8, &n, &e), 0);
    for (i = 0; i < n; i++)
        if (strcmp(d[i].kind, kind) == 0)
            return d[i];
    fail_msg("%s has no %s", name, kind);
    return d[0];
}

/* By the driver domain that runs now, both ends. */
static bool
is_connected(const char *name, const char *kind)
{
    struct dom_device d = device_now(name, kind);
    char path[96], text[16] = "";

    store_path(path, sizeof(path), "/local/domain/%u/device/%s/%u/state",
               domid_now(name), kind, d.devid);
    (void)store_read_text(engine_store(w.en), 0, path, text, sizeof(text),
                          NULL);
    return d.state == 4 && d.backend_domid == domid_now("net1") &&
           strcmp(text, "4") == 0;
}

static void
assert_served(const char *name)
{
    assert_true(is_connected(name, "vbd"));
    assert_true(is_connected(name, "vif"));
}

static void
make_both(void)
{
    (void)world_guest(&w, "net1", "driver_domain = true;");
    world_pass(&w, 10000);
    (void)world_guest(&w, "web9", SERVED);
    world_pass(&w, 10000);
}

static void
perms_are(const char *path, uint32_t owner, uint32_t reader)
{
    struct store_perms p;

    if (store_get_perms(engine_store(w.en), 0, path, &p, &e) < 0)
        fail_msg("%s: %s", path, e.msg);
    assert_int_equal(p.n, 2);
    assert_int_equal(p.p[0].domid, owner);
    assert_int_equal(p.p[0].perms, STORE_PERM_NONE);
    assert_int_equal(p.p[1].domid, reader);
    assert_int_equal(p.p[1].perms, STORE_PERM_READ);
}

static void
text_is(const char *want, const char *fmt, uint32_t a, uint32_t b)
{
    char path[160], text[256];

    store_path(path, sizeof(path), fmt, a, b);
    if (store_read_text(engine_store(w.en), 0, path, text, sizeof(text), &e) <
        0)
        fail_msg("%s: %s", path, e.msg);
    assert_string_equal(text, want);
}

/* As libxl's: dom0 runs no script. */
static void
test_nodes(void **state)
{
    uint32_t net, web;
    char path[128], want[128];
    unsigned scripts;

    (void)state;
    (void)world_guest(&w, "net1", "driver_domain = true;");
    world_pass(&w, 10000);
    scripts = sim_calls(w.sim, "dev.script");
    (void)world_guest(&w, "web9", SERVED);
    world_pass(&w, 10000);
    assert_served("web9");
    assert_int_equal(sim_calls(w.sim, "dev.script"), scripts);
    net = domid_now("net1");
    web = domid_now("web9");
    store_path(path, sizeof(path), "/local/domain/%u/backend/vbd/%u/51712", net,
               web);
    perms_are(path, net, web);
    text_is(path, "/libxl/%u/device/vbd/51712/backend", web, 0);
    text_is(path, "/local/domain/%u/device/vbd/51712/backend", web, 0);
    text_fmt(want, sizeof(want), "%u", net);
    text_is(want, "/local/domain/%u/device/vbd/51712/backend-id", web, 0);
    text_is("/dev/vg/far", "/local/domain/%u/backend/vbd/%u/51712/params", net,
            web);
    text_is("phy", "/local/domain/%u/backend/vbd/%u/51712/type", net, web);
    text_is(HOTPLUG_DIR "block", "/local/domain/%u/backend/vbd/%u/51712/script",
            net, web);
    store_path(path, sizeof(path), "/local/domain/%u/device/vif/0", web);
    perms_are(path, web, net);
    store_path(path, sizeof(path), "/local/domain/%u/backend/vif/%u/0", net,
               web);
    perms_are(path, net, web);
    text_is(HOTPLUG_DIR "vif-bridge",
            "/local/domain/%u/backend/vif/%u/0/script", net, web);
    text_is("xenbr0", "/local/domain/%u/backend/vif/%u/0/bridge", net, web);
}

static void
test_detach_and_destruction_leave_nothing(void **state)
{
    char *before;

    (void)state;
    (void)world_guest(&w, "net1", "driver_domain = true;");
    world_pass(&w, 10000);
    before = world_dump(&w);
    (void)world_guest(&w, "web9", SERVED);
    world_pass(&w, 10000);
    assert_int_equal(engine_device_remove(
                         w.en, id_now("web9"),
                         &(struct device_leave){ "vif", MAC, false }, &op, &e),
                     0);
    done();
    assert_int_equal(engine_destroy(w.en, id_now("web9"), &op, &e), 0);
    done();
    world_idle(&w);
    world_unchanged(&w, before);
}

/* Its path is one of the server's: the device model, in dom0, must not open
 * what has the same path there. */
static void
test_no_model_opens_it(void **state)
{
    (void)state;
    (void)world_guest(&w, "net1", "driver_domain = true;");
    world_pass(&w, 10000);
    (void)world_guest(&w, "web9", "type = \"hvm\"; " SERVED);
    assert_null(sim_model_given(w.sim, domid_now("web9"), "-drive"));
    assert_non_null(world_event(&w, "it is there for PV drivers alone"));
    world_pass(&w, 20000);
    assert_served("web9");
}

/* --- refusals --- */

static void
refuses(const char *backend, const char *want)
{
    char word[64];
    const char *words[] = { word };

    text_fmt(word, sizeof(word), "backend=%s", backend);
    assert_int_equal(
        engine_device_add(
            w.en, id_now("web9"),
            &(struct device_want){ .kind = "vif", .words = words, .n = 1 }, &op,
            &e),
        0);
    assert_int_equal(world_wait(&w, op), OP_FAILED);
    if (strstr(engine_op_by_id(w.en, op)->err.msg, want) == NULL)
        fail_msg("%s: '%s' is not in: %s", backend, want,
                 engine_op_by_id(w.en, op)->err.msg);
}

static void
test_refused(void **state)
{
    char number[16];

    (void)state;
    make_both();
    refuses("nobody", "backend: found \"nobody\", allowed the name or domid of "
                      "a running domain");
    refuses("web9", "allowed another domain than the device's own");
    assert_int_equal(sim_guest_shutdown(w.sim, domid_now("net1"), HV_POWEROFF),
                     0);
    text_fmt(number, sizeof(number), "%u", domid_now("net1"));
    refuses(number, "which is to serve it, has ended"); /* just now */
    world_pass(&w, 2000);
    refuses(number, "allowed the name or domid of a running domain");
}

/* Its driver does not answer: the client says whom it waited for. */
static void
test_silent_server(void **state)
{
    char *before;

    (void)state;
    (void)world_guest(&w, "net1", "");
    (void)world_guest(&w, "web9", "");
    world_pass(&w, 10000);
    before = world_dump(&w);
    assert_int_equal(sim_guest_hold_devices(w.sim, domid_now("net1"), true), 0);
    refuses("net1", "its backend did not answer in 10 s: is the backend's "
                    "driver (xen-netback) loaded in domain ");
    world_unchanged(&w, before);
}

/* --- its end, and its return --- */

static void
assert_lost(void)
{
    world_pass(&w, 1000);
    assert_string_equal(xenbus_state_name(device_now("web9", "vif").state),
                        "lost");
    assert_int_equal(device_now("web9", "vbd").state, DOM_DEVICE_LOST);
    assert_non_null(world_event(&w, "vbd xvda is lost: net1, which served it, "
                                    "has ended; it is attached again when"));
}

static void
assert_back(void)
{
    world_pass(&w, 20000);
    assert_served("web9");
    assert_non_null(world_event(&w, "is connected again, to net1 (domain "));
}

static void
test_destroyed_and_made_again(void **state)
{
    uint32_t old;

    (void)state;
    make_both();
    old = domid_now("net1");
    assert_int_equal(engine_destroy(w.en, id_now("net1"), &op, &e), 0);
    done();
    assert_lost();
    world_pass(&w, 60000);
    (void)world_guest(&w, "net1", "driver_domain = true;");
    assert_int_not_equal(domid_now("net1"), old);
    assert_back();
    assert_int_equal(device_now("web9", "vif").devid, 0);
}

static void
test_restarted_by_its_policy(void **state)
{
    (void)state;
    (void)world_guest(&w, "net1", "restart = \"always\";");
    world_pass(&w, 10000);
    (void)world_guest(&w, "web9", SERVED);
    world_pass(&w, 30000);
    sim_guest_shutdown(w.sim, domid_now("net1"), HV_CRASH);
    assert_true(world_until_event(&w, "vbd xvda is lost"));
    assert_back();
}

static void
test_rebooted(void **state)
{
    (void)state;
    make_both();
    world_pass(&w, 30000);
    assert_int_equal(engine_reboot(w.en, id_now("net1"), &op, &e), 0);
    done();
    assert_true(world_until_event(&w, "vbd xvda is lost"));
    assert_back();
}

/* Another tool does both, and the engine is told by the listing alone. */
static void
test_killed_from_outside(void **state)
{
    (void)state;
    make_both();
    hv_destroy(sim_hv(w.sim), domid_now("net1"), &e);
    assert_true(world_until_event(&w, "vbd xvda is lost"));
    assert_true(world_until_gone(&w, "net1"));
    (void)world_guest(&w, "net1", "");
    assert_back();
}

static void
test_while_the_guest_is_paused(void **state)
{
    (void)state;
    make_both();
    assert_int_equal(engine_pause(w.en, id_now("web9"), &op, &e), 0);
    done();
    assert_int_equal(engine_destroy(w.en, id_now("net1"), &op, &e), 0);
    done();
    (void)world_guest(&w, "net1", "");
    world_pass(&w, 60000);
    assert_int_equal(engine_unpause(w.en, id_now("web9"), &op, &e), 0);
    done();
    assert_back();
}

/* One that has not seen the old device go takes no new one: it is given more
 * time. */
static void
test_slow_guest(void **state)
{
    (void)state;
    make_both();
    assert_int_equal(engine_destroy(w.en, id_now("net1"), &op, &e), 0);
    done();
    sim_delay_add(w.sim, "dev.backend", 1500);
    (void)world_guest(&w, "net1", "");
    world_pass(&w, 10000);
    assert_false(is_connected("web9", "vif"));
    world_pass(&w, 40000);
    assert_back();
}

/* A lost device can be removed, and is not attached again then. */
static void
test_removed_while_lost(void **state)
{
    struct dom_device d[8];
    size_t n;

    (void)state;
    make_both();
    assert_int_equal(engine_destroy(w.en, id_now("net1"), &op, &e), 0);
    done();
    assert_int_equal(engine_device_remove(
                         w.en, id_now("web9"),
                         &(struct device_leave){ "vif", MAC, false }, &op, &e),
                     0);
    done();
    (void)world_guest(&w, "net1", "");
    world_pass(&w, 20000);
    assert_true(is_connected("web9", "vbd"));
    assert_int_equal(engine_devices(w.en, id_now("web9"), d, 8, &n, &e), 0);
    assert_int_equal(n, 2);
}

/* Nobody there runs scripts: it is told once, and the engine does not try for
 * ever. */
static void
test_back_and_silent(void **state)
{
    unsigned ops = 0;
    size_t i;

    (void)state;
    make_both();
    assert_int_equal(engine_destroy(w.en, id_now("net1"), &op, &e), 0);
    done();
    (void)world_guest(&w, "net1", "");
    assert_int_equal(sim_guest_hold_devices(w.sim, domid_now("net1"), true), 0);
    world_pass(&w, 600000);
    assert_non_null(world_event(&w, "vif vif"));
    assert_non_null(world_event(&w, "is not connected to net1 yet"));
    for (i = 0; i < engine_op_count(w.en); i++)
        ops += engine_op_at(w.en, i)->verb == OP_REATTACH;
    assert_in_range(ops, 1, 3);
    assert_int_equal(sim_guest_hold_devices(w.sim, domid_now("net1"), false),
                     0);
    assert_back();
}

/* A call that fails costs a while, and no device. */
static void
test_failure_at_every_call(void **state)
{
    unsigned nth;

    (void)state;
    make_both();
    for (nth = 1; nth <= 60; nth++) {
        assert_int_equal(engine_destroy(w.en, id_now("net1"), &op, &e), 0);
        done();
        world_idle(&w);
        (void)world_guest(&w, "net1", "");
        sim_fault_add(w.sim, "store.*", nth, EIO);
        world_pass(&w, 100000);
        sim_fault_clear(w.sim);
        if (!is_connected("web9", "vbd") || !is_connected("web9", "vif"))
            fail_msg("call %u", nth);
    }
}

/* Its server has another life meanwhile. */
static void
test_saved_and_restored(void **state)
{
    static const struct save_opts o;
    char file[128];

    (void)state;
    make_both();
    text_fmt(file, sizeof(file), "%s/web9.save", w.dir);
    assert_int_equal(engine_save(w.en, id_now("web9"), file, &o, &op, &e), 0);
    done();
    assert_int_equal(engine_destroy(w.en, id_now("net1"), &op, &e), 0);
    done();
    assert_int_equal(engine_restore(w.en, file, false, &op, &e), 0);
    assert_int_equal(world_wait(&w, op), OP_FAILED);
    assert_non_null(strstr(engine_op_by_id(w.en, op)->err.msg,
                           "backend: found \"net1\", allowed the name"));
    (void)world_guest(&w, "net1", "");
    assert_int_equal(engine_restore(w.en, file, false, &op, &e), 0);
    done();
    world_pass(&w, 10000);
    assert_served("web9");
}

/* --- engines that die --- */

static void
test_engine_of_later_finds_it(void **state)
{
    (void)state;
    make_both();
    world_kill(&w);
    hv_destroy(sim_hv(w.sim), w.sim->doms[1]->domid, &e);
    world_pass(&w, 5000);
    world_start(&w, false);
    world_pass(&w, 5000);
    assert_int_equal(device_now("web9", "vif").state, DOM_DEVICE_LOST);
    (void)world_guest(&w, "net1", "");
    world_pass(&w, 20000);
    assert_served("web9");
}

/* Garbage of the server's: bounded, told as nothing. */
static void
test_hostile_server(void **state)
{
    static const char *const garbage[] = {
        "", "-1", "99999999999999999999", "4\n", "\x1b[2J", "5x"
    };
    struct dom_device d;
    char path[128], big[900];
    size_t i;

    (void)state;
    make_both();
    memset(big, '\x1b', sizeof(big));
    for (i = 0; i < sizeof(garbage) / sizeof(garbage[0]); i++) {
        store_path(path, sizeof(path),
                   "/local/domain/%u/backend/vif/%u/0/state", domid_now("net1"),
                   domid_now("web9"));
        assert_int_equal(sim_guest_write(w.sim, domid_now("net1"), path,
                                         garbage[i], strlen(garbage[i])),
                         0);
        store_path(path, sizeof(path),
                   "/local/domain/%u/backend/vif/%u/0/hotplug-error",
                   domid_now("net1"), domid_now("web9"));
        assert_int_equal(
            sim_guest_write(w.sim, domid_now("net1"), path, big, sizeof(big)),
            0);
        d = device_now("web9", "vif");
        assert_in_range(d.state, 0, DOM_DEVICE_LOST - 1);
        assert_null(strchr(d.error, '\x1b'));
    }
    /* Without its nodes there is nothing to serve: no second set is made. */
    store_path(path, sizeof(path), "/local/domain/%u/backend/vif/%u/0",
               domid_now("net1"), domid_now("web9"));
    assert_int_equal(store_rm(engine_store(w.en), 0, path, &e), 0);
    world_pass(&w, 100000);
    assert_int_equal(device_now("web9", "vif").state, DOM_DEVICE_LOST);
    for (i = 0; i < engine_op_count(w.en); i++)
        assert_int_not_equal(engine_op_at(w.en, i)->verb, OP_REATTACH);
    assert_int_equal(engine_destroy(w.en, id_now("web9"), &op, &e), 0);
    done();
    assert_int_not_equal(domid_now("net1"), 0);
}

static int
run(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_nodes),
        T(test_detach_and_destruction_leave_nothing),
        T(test_no_model_opens_it),
        T(test_refused),
        T(test_silent_server),
        T(test_destroyed_and_made_again),
        T(test_restarted_by_its_policy),
        T(test_rebooted),
        T(test_killed_from_outside),
        T(test_while_the_guest_is_paused),
        T(test_slow_guest),
        T(test_removed_while_lost),
        T(test_back_and_silent),
        T(test_failure_at_every_call),
        T(test_saved_and_restored),
        T(test_engine_of_later_finds_it),
        T(test_hostile_server),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

WORLD_MAIN(run)
