/*
 * test_again.c - what the end of a device or a domain could not do is tried
 * again, a few times, and told once: nothing is left that nobody would come
 * back for.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/device/devices.h"
#include "tests/sim/world.h"

#define NET "devices = ( { type = \"vif\"; bridge = \"xenbr0\"; } );"

static struct world w;
static struct err e;
static char *before;
static uint64_t id;

static void
again_open(void)
{
    e = (struct err){ 0 };
    world_open_kept(&w, 0);
    before = world_dump(&w);
    id = world_guest(&w, "web9", NET);
    world_pass(&w, 5000);
}

WORLD_FIXTURE(again_open(), world_close(&w))

static unsigned
told(const char *text)
{
    unsigned n = 0;
    size_t i;

    for (i = 0; i < engine_event_count(w.en); i++)
        n += strstr(engine_event_at(w.en, i)->text, text) != NULL;
    return n;
}

/* It fails so often, one after the other. */
static void
fails(const char *call, unsigned times)
{
    unsigned i;

    for (i = 1; i <= times; i++)
        sim_fault_add(w.sim, call, i, EIO);
}

static enum op_state
end_it(void)
{
    uint64_t op = 0;

    if (engine_destroy(w.en, id, &op, &e) < 0)
        fail_msg("%s", e.msg);
    return world_wait(&w, op);
}

static void
test_a_script_that_fails_runs_again(void **state)
{
    (void)state;
    fails("dev.script", 2);
    assert_int_equal(end_it(), OP_DONE);
    assert_int_equal(told("its hotplug script failed"), 1);
    assert_int_equal(told("it is tried again"), 1);
    world_unchanged(&w, before);
}

/* It is not run for ever, and the domain goes all the same. */
static void
test_a_script_that_always_fails(void **state)
{
    (void)state;
    fails("dev.script", 9);
    assert_int_equal(end_it(), OP_DONE);
    assert_int_equal(sim_calls(w.sim, "dom0.script_start"), 4);
    assert_int_equal(told("it is tried again"), 1);
    assert_null(world_dom(&w, "web9"));
    free(before);
}

static void
test_a_script_that_cannot_be_run(void **state)
{
    (void)state;
    fails("dom0.script_start", 1);
    assert_int_equal(end_it(), OP_DONE);
    assert_int_equal(told("its hotplug script cannot be run"), 1);
    world_unchanged(&w, before);
}

/* One that hangs has had its time. */
static void
test_a_script_that_hangs_is_not_run_again(void **state)
{
    (void)state;
    sim_fault_add(w.sim, "dev.script", 1, ETIMEDOUT);
    assert_int_equal(end_it(), OP_DONE);
    assert_int_equal(sim_calls(w.sim, "dom0.script_start"), 1);
    assert_int_equal(told("it is tried again"), 0);
    free(before);
}

static void
test_the_hypervisor_refuses_once(void **state)
{
    (void)state;
    fails("hv.destroy", 1);
    assert_int_equal(end_it(), OP_DONE);
    assert_int_equal(told("it is still there: "), 1);
    world_unchanged(&w, before);
}

static void
test_the_hypervisor_always_refuses(void **state)
{
    (void)state;
    fails("hv.destroy", 4);
    assert_int_equal(end_it(), OP_FAILED);
    assert_int_equal(told("it is tried again"), 1);
    assert_non_null(world_dom(&w, "web9"));
    assert_int_equal(end_it(), OP_DONE);
    assert_null(world_dom(&w, "web9"));
    free(before);
}

/* Each removal from xenstore that an end makes fails once, one after the other:
 * all are made good. */
static void
test_any_removal_from_xenstore(void **state)
{
    unsigned n, total;

    (void)state;
    total = sim_calls(w.sim, "store.rm");
    assert_int_equal(end_it(), OP_DONE);
    total = sim_calls(w.sim, "store.rm") - total;
    assert_true(total > 2);
    for (n = 1; n <= total; n++) {
        id = world_guest(&w, "web9", NET);
        world_pass(&w, 5000);
        sim_fault_add(w.sim, "store.rm", n, EIO);
        if (end_it() != OP_DONE)
            fail_msg("removal %u of %u is not made good", n, total);
        sim_fault_clear(w.sim);
        assert_int_equal(told("left behind"), 0);
        assert_null(world_dom(&w, "web9"));
    }
    world_unchanged(&w, before);
}

static void
test_a_device_is_detached_again(void **state)
{
    const struct device_leave leave = { "vif", "0", false };
    uint64_t op = 0;

    (void)state;
    fails("dev.script", 1);
    if (engine_device_remove(w.en, id, &leave, &op, &e) < 0)
        fail_msg("%s", e.msg);
    assert_int_equal(world_wait(&w, op), OP_DONE);
    assert_int_equal(told("its hotplug script failed"), 1);
    free(before);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

static int
run(void)
{
    const struct CMUnitTest tests[] = {
        T(test_a_script_that_fails_runs_again),
        T(test_a_script_that_always_fails),
        T(test_a_script_that_cannot_be_run),
        T(test_a_script_that_hangs_is_not_run_again),
        T(test_the_hypervisor_refuses_once),
        T(test_the_hypervisor_always_refuses),
        T(test_any_removal_from_xenstore),
        T(test_a_device_is_detached_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

WORLD_MAIN(run)
