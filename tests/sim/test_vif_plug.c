/*
 * test_vif_plug.c - interfaces that are connected without their script, and
 * those that the script connects all the same.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/sim/world.h"

#define PLAIN "devices = ( { type = \"vif\"; } );"

static struct world w;

static void
plug_begin(void)
{
    w = (struct world){ 0 };
    world_open_kept(&w, 1);
    w.vif_without_scripts = true; /* of the next engine */
    world_kill(&w);
    world_start(&w, false);
}

WORLD_FIXTURE(plug_begin(), world_close(&w))

static void
assert_node(uint64_t id, const char *fmt, const char *want)
{
    uint32_t domid = engine_dom_by_id(w.en, id)->domid;
    char path[128], text[64] = "";

    text_fmt(path, sizeof(path), fmt, domid);
    (void)store_read_text(engine_store(w.en), 0, path, text, sizeof(text),
                          NULL);
    assert_string_equal(text, want);
}

static void
assert_connected(uint64_t id)
{
    assert_node(id, "/local/domain/0/backend/vif/%u/0/hotplug-status",
                "connected");
    world_pass(&w, 10000); /* the guest's driver comes up */
    assert_node(id, "/local/domain/0/backend/vif/%u/0/state", "4");
}

/* Starts of scripts since the last fault was added. */
static void
assert_scripts(unsigned n)
{
    assert_int_equal(sim_calls(w.sim, "dom0.script_start"), n);
}

static void
test_a_plain_one_needs_no_script(void **state)
{
    struct err e = { 0 };
    char *before;
    uint64_t id, op;

    (void)state;
    before = world_dump(&w);
    sim_fault_add(w.sim, "dom0.script_start", 1, EIO); /* it would fail */
    id = world_guest(&w, "web9", PLAIN);
    assert_connected(id);
    assert_node(id, "/local/domain/%u/device/vif/0/mtu", "1500");
    assert_int_equal(engine_destroy(w.en, id, &op, &e), 0);
    world_idle(&w);
    assert_scripts(0);
    world_unchanged(&w, before);
}

/* The tap of an emulated card as well. */
static void
test_a_card_needs_none_either(void **state)
{
    struct err e = { 0 };
    char *before, *now, port[64];
    uint64_t id, op;

    (void)state;
    before = world_dump(&w);
    sim_fault_add(w.sim, "dom0.script_start", 1, EIO);
    id = world_guest(&w, "web9", "type = \"hvm\"; " PLAIN);
    text_fmt(port, sizeof(port), "port vif%u.0-emu\n",
             engine_dom_by_id(w.en, id)->domid);
    now = world_dump(&w);
    assert_non_null(strstr(now, port));
    free(now);
    assert_int_equal(engine_destroy(w.en, id, &op, &e), 0);
    world_idle(&w);
    assert_scripts(0);
    world_unchanged(&w, before);
}

static void
test_what_is_set_of_mtu_is_taken(void **state)
{
    uint64_t id;

    (void)state;
    id = world_guest(&w, "web9",
                     "devices = ( { type = \"vif\"; mtu = 9000; } );");
    assert_connected(id);
    assert_node(id, "/local/domain/%u/device/vif/0/mtu", "9000");
}

static void
test_the_script_does_what_is_more(void **state)
{
    static const char *const more[] = {
        "devices = ( { type = \"vif\"; ip = \"10.0.0.9\"; } );",
        "devices = ( { type = \"vif\"; vifname = \"web0\"; } );",
        "devices = ( { type = \"vif\"; script = \"vif-route\"; } );",
        "devices = ( { type = \"vif\"; bridge = \"xenbr7\"; } );",
    };
    struct err e = { 0 };
    uint64_t id, op;
    size_t i;

    (void)state; /* vif-bridge takes it for xenbr7 */
    assert_int_equal(dom0_bridge_create(engine_dom0(w.en), "eth7", &e), 0);
    for (i = 0; i < sizeof(more) / sizeof(more[0]); i++) {
        sim_fault_add(w.sim, "hv.nmi", 1, EIO); /* counts from here */
        id = world_guest(&w, "web9", more[i]);
        assert_connected(id);
        assert_scripts(1);
        assert_int_equal(engine_destroy(w.en, id, &op, &e), 0);
        world_idle(&w);
    }
}

/* It is begun, and the script makes it good. */
static void
test_what_fails_is_left_to_the_script(void **state)
{
    static const char *const calls[] = { "dom0.port_join", "dom0.port_leave" };
    struct err e = { 0 };
    char *before;
    uint64_t id, op;
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
        before = world_dump(&w);
        sim_fault_add(w.sim, calls[i], 1, EBUSY);
        id = world_guest(&w, "web9", PLAIN);
        assert_connected(id);
        assert_int_equal(engine_destroy(w.en, id, &op, &e), 0);
        world_idle(&w);
        assert_scripts(1);
        world_unchanged(&w, before);
    }
}

/* True: the creation failed; false: it is there, and was ended. */
static bool
one_fault(unsigned nth, bool *reached)
{
    struct err e = { 0 };
    bool failed;
    uint64_t op;

    sim_fault_add(w.sim, "*", nth, EIO);
    assert_int_equal(
        engine_create(w.en, world_conf(&w, "web9", PLAIN), NULL, &op, &e), 0);
    failed = world_wait(&w, op) == OP_FAILED;
    *reached = sim_calls(w.sim, "*") >= nth;
    sim_fault_clear(w.sim);
    world_idle(&w);
    if (!failed && engine_destroy(w.en, world_dom(&w, "web9")->id, &op, &e) < 0)
        fail_msg("%s", e.msg);
    world_idle(&w);
    return failed;
}

static void
test_a_fault_of_each_call_is_undone(void **state)
{
    unsigned nth, failures = 0;
    bool reached = true;
    char *before;

    (void)state;
    for (nth = 1; reached; nth++) {
        before = world_dump(&w);
        failures += one_fault(nth, &reached);
        world_unchanged(&w, before);
    }
    assert_true(failures > 100);
}

static void
test_without_the_setting_it_has_its_script(void **state)
{
    uint64_t id;

    (void)state;
    world_kill(&w);
    w.vif_without_scripts = false;
    world_start(&w, false);
    sim_fault_add(w.sim, "hv.nmi", 1, EIO); /* counts from here */
    id = world_guest(&w, "web9", PLAIN);
    assert_connected(id);
    assert_scripts(1);
    assert_int_equal(sim_calls(w.sim, "dom0.port_join"), 0);
}

static int
run(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_a_plain_one_needs_no_script),
        T(test_a_card_needs_none_either),
        T(test_what_is_set_of_mtu_is_taken),
        T(test_the_script_does_what_is_more),
        T(test_what_fails_is_left_to_the_script),
        T(test_a_fault_of_each_call_is_undone),
        T(test_without_the_setting_it_has_its_script),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

WORLD_MAIN(run)
