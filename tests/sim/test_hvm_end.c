/*
 * test_hvm_end.c - the end of HVM domains whose guest has PV drivers, has none,
 * or has none yet: who looks at no xenstore has a power button.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engine/task/helper.h"
#include "tests/sim/world.h"

static struct world w;
static uint64_t id, op;
static struct err e;

static void
open_kind(const char *kind)
{
    world_open(&w, 0, false);
    id = world_guest(&w, "web9", kind);
    world_pass(&w, 20000);
    e = (struct err){ 0 };
}

WORLD_FIXTURE(open_kind("type = \"hvm\";"), world_close(&w))

static uint32_t
domid(void)
{
    const struct dom *d = world_dom(&w, "web9");

    assert_non_null(d);
    return d->domid;
}

static void
must_fail(enum err_code code, const char *text)
{
    const struct op *o;

    assert_int_equal(world_wait(&w, op), OP_FAILED);
    o = engine_op_by_id(w.en, op);
    if (strstr(o->err.msg, text) == NULL)
        fail_msg("says '%s', not '%s'", o->err.msg, text);
    assert_int_equal(o->err.code, code);
}

static void
assert_no_request(void)
{
    char path[96], text[32];

    store_path(path, sizeof(path), "/local/domain/%u/control/shutdown",
               domid());
    assert_int_equal(
        store_read_text(engine_store(w.en), 0, path, text, sizeof(text), &e),
        0);
    assert_string_equal(text, "");
}

static void
test_with_drivers_it_is_asked(void **state)
{
    (void)state;
    assert_int_equal(engine_shutdown(w.en, id, &op, &e), 0);
    assert_int_equal(world_wait(&w, op), OP_DONE);
    assert_null(world_event(&w, "power button"));
    assert_true(world_until_gone(&w, "web9"));
}

static void
test_without_them_its_button_is_pressed(void **state)
{
    (void)state;
    assert_int_equal(sim_guest_bare(w.sim, domid(), true), 0);
    assert_int_equal(engine_shutdown(w.en, id, &op, &e), 0);
    world_pass(&w, 10000); /* nobody acknowledges a button */
    assert_int_equal(engine_op_by_id(w.en, op)->state, OP_DONE);
    assert_non_null(world_event(&w, "its power button is pressed"));
    assert_true(world_until_gone(&w, "web9"));
}

/* Whoever looks at neither is told of, and nothing is left for a driver that
 * comes later. */
static void
test_nobody_looks_at_the_button(void **state)
{
    (void)state;
    assert_int_equal(sim_guest_bare(w.sim, domid(), true), 0);
    assert_int_equal(sim_guest_ignore_control(w.sim, domid(), true), 0);
    assert_int_equal(engine_shutdown(w.en, id, &op, &e), 0);
    must_fail(ERR_TIMEOUT, "did not complete the shutdown request");
    assert_true(engine_op_by_id(w.en, op)->offer_destroy);
    assert_no_request();
}

static void
test_the_button_cannot_be_pressed(void **state)
{
    (void)state;
    assert_int_equal(sim_guest_bare(w.sim, domid(), true), 0);
    sim_fault_add(w.sim, "hv.trigger", 1, EPERM);
    assert_int_equal(engine_shutdown(w.en, id, &op, &e), 0);
    assert_int_equal(world_wait(&w, op), OP_FAILED);
    assert_no_request();
    assert_int_equal(engine_shutdown(w.en, id, &op, &e), 0);
    assert_int_equal(world_wait(&w, op), OP_DONE);
}

static void
test_a_reboot_needs_drivers(void **state)
{
    (void)state;
    assert_int_equal(sim_guest_bare(w.sim, domid(), true), 0);
    assert_int_equal(engine_reboot(w.en, id, &op, &e), 0);
    must_fail(ERR_INVALID, "`reset' ends it and makes it again");
    assert_no_request();
    assert_int_equal(sim_guest_bare(w.sim, domid(), false), 0);
    assert_int_equal(engine_reboot(w.en, id, &op, &e), 0);
    assert_int_equal(world_wait(&w, op), OP_DONE);
}

static void
test_buttons_by_themselves(void **state)
{
    (void)state;
    assert_int_equal(engine_button(w.en, id, ENGINE_SLEEP_BUTTON, &op, &e), 0);
    assert_int_equal(world_wait(&w, op), OP_DONE);
    world_pass(&w, 10000);
    assert_non_null(world_dom(&w, "web9"));
    assert_int_equal(engine_button(w.en, id, ENGINE_POWER_BUTTON, &op, &e), 0);
    assert_int_equal(world_wait(&w, op), OP_DONE);
    assert_true(world_until_gone(&w, "web9"));
}

static void
test_other_kinds_have_none(void **state)
{
    static const char *const kinds[] = { "", "type = \"pvh\";" };
    size_t i;

    (void)state;
    for (i = 0; i < 2; i++) {
        uint64_t other = world_guest(&w, "web8", kinds[i]);

        assert_int_equal(
            engine_button(w.en, other, ENGINE_POWER_BUTTON, &op, &e), -1);
        assert_int_equal(e.code, ERR_UNSUPPORTED);
        assert_non_null(strstr(e.msg, "no ACPI buttons"));
        assert_int_equal(engine_destroy(w.en, other, &op, &e), 0);
        assert_int_equal(world_wait(&w, op), OP_DONE);
        assert_true(world_until_gone(&w, "web8"));
    }
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

static int
run(void)
{
    static const struct CMUnitTest tests[] = {
        T(test_with_drivers_it_is_asked),
        T(test_without_them_its_button_is_pressed),
        T(test_nobody_looks_at_the_button),
        T(test_the_button_cannot_be_pressed),
        T(test_a_reboot_needs_drivers),
        T(test_buttons_by_themselves),
        T(test_other_kinds_have_none),
    };

    return cmocka_run_group_tests_name("hvm end", tests, NULL, NULL);
}

WORLD_MAIN(run)
