/*
 * test_destroy.c - a destruction begins at once and ends the life of a domain,
 * whatever is at work on it and whichever life it is in; a pause does not wait
 * for what waits.
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

#include "engine/config/core/config.h"
#include "engine/device/devices.h"
#include "engine/host/domains.h"
#include "engine/record/db.h"
#include "tests/sim/world.h"

#define AT_ONCE_MS 1000

static struct world w;

WORLD_FIXTURE(world_open_kept(&w, 0), world_close(&w))

static const struct dom *
web9(void)
{
    const struct dom *d = world_dom(&w, "web9");

    assert_non_null(d);
    return d;
}

/* A domain whose guest does not hear, and a shutdown that waits for it. */
static uint64_t
waiting_shutdown(struct engine *en)
{
    uint64_t op;

    (void)world_guest(&w, "web9", "on_poweroff = \"restart\";");
    world_pass(&w, 30000);
    assert_int_equal(sim_guest_ignore_control(w.sim, web9()->domid, true), 0);
    assert_int_equal(engine_shutdown(en, web9()->id, &op, NULL), 0);
    world_pass(&w, 2000);
    assert_int_equal(engine_op_by_id(en, op)->state, OP_RUNNING);
    return op;
}

static void
assert_done_at_once(const struct engine *en, uint64_t op)
{
    world_pass(&w, AT_ONCE_MS);
    if (engine_op_by_id(en, op)->state != OP_DONE)
        fail_msg("%s: %s", engine_op_by_id(en, op)->label,
                 engine_op_by_id(en, op)->err.msg);
}

/* Nothing of it is left, and it does not come back. */
static void
assert_ended(const uint8_t uuid[16])
{
    struct domain_config *c = NULL;

    world_pass(&w, 120000);
    assert_null(world_dom(&w, "web9"));
    assert_int_equal(db_load(w.state, uuid, &c, NULL), -1);
}

static void
destroy_at_once(struct engine *en, uint64_t id, const uint8_t uuid_of[16])
{
    uint8_t uuid[16];
    struct err e = { 0 };
    uint64_t op;

    memcpy(uuid, uuid_of, sizeof(uuid));
    if (engine_destroy(en, id, &op, &e) < 0)
        fail_msg("%s", e.msg);
    assert_done_at_once(en, op);
    assert_ended(uuid);
}

static void
test_pause_does_not_wait_for_a_guest(void **state)
{
    uint64_t op;

    (void)state;
    (void)waiting_shutdown(w.en);
    world_kill(&w); /* the next engine takes the shutdown up */
    world_start(&w, false);
    world_pass(&w, 2000);
    assert_int_not_equal(web9()->op, 0);
    assert_int_equal(engine_pause(w.en, web9()->id, &op, NULL), 0);
    assert_done_at_once(w.en, op);
    assert_true(web9()->flags & DOM_F_PAUSED);
    assert_int_not_equal(web9()->op, 0); /* that it is asked is still shown */
}

static void
test_destroy_overtakes_a_shutdown_taken_up(void **state)
{
    (void)state;
    (void)waiting_shutdown(w.en);
    world_kill(&w);
    world_start(&w, false);
    world_pass(&w, 2000);
    destroy_at_once(w.en, web9()->id, web9()->uuid);
}

static void
test_destroy_overtakes_a_hanging_script(void **state)
{
    static const char *const words[] = { "bridge=xenbr0" };
    const struct device_want want = { .kind = "vif", .words = words, .n = 1 };
    struct err e = { 0 };
    uint8_t uuid[16];
    uint64_t add, op;

    (void)state;
    (void)world_guest(&w, "web9", "");
    world_pass(&w, 30000);
    memcpy(uuid, web9()->uuid, sizeof(uuid));
    sim_fault_add(w.sim, "dev.script", 1, ETIMEDOUT);
    if (engine_device_add(w.en, web9()->id, &want, &add, &e) < 0)
        fail_msg("%s", e.msg);
    world_pass(&w, 3000);
    assert_int_equal(engine_op_by_id(w.en, add)->state, OP_RUNNING);
    assert_int_equal(engine_pause(w.en, web9()->id, &op, NULL), 0);
    assert_done_at_once(w.en, op);
    assert_int_equal(engine_destroy(w.en, web9()->id, &op, NULL), 0);
    assert_done_at_once(w.en, op);
    assert_int_equal(engine_op_by_id(w.en, add)->state, OP_CANCELLED);
    assert_non_null(
        strstr(engine_op_by_id(w.en, add)->err.msg, "'web9' is destroyed"));
    assert_ended(uuid);
}

static void
test_destroy_overtakes_a_creation(void **state)
{
    char *before = world_dump(&w);
    uint64_t op;

    (void)state;
    sim_delay_add(w.sim, "console.tty", 15000);
    assert_int_equal(
        engine_create(w.en, world_conf(&w, "web9", ""), NULL, &op, NULL), 0);
    world_pass(&w, 5000);
    assert_int_equal(engine_op_by_id(w.en, op)->state, OP_RUNNING);
    destroy_at_once(w.en, web9()->id, web9()->uuid);
    assert_int_equal(engine_op_by_id(w.en, op)->state, OP_CANCELLED);
    world_unchanged(&w, before);
}

static bool
no_life(void *arg)
{
    (void)arg;
    return world_dom(&w, "web9") == NULL;
}

/* A guest that reboots, stopped where its last life is gone and the next one
 * has not begun. */
static uint64_t
between_two_lives(uint8_t uuid[16])
{
    uint64_t id = world_guest(&w, "web9", "");

    memcpy(uuid, web9()->uuid, 16);
    world_pass(&w, 30000);
    assert_int_equal(sim_guest_shutdown(w.sim, web9()->domid, HV_REBOOT), 0);
    assert_true(loop_until(w.lp, no_life, NULL, 20000));
    return id;
}

static void
test_destroy_by_name_between_two_lives(void **state)
{
    uint8_t uuid[16];
    const struct dom *d;
    uint64_t id;
    struct err e = { 0 };

    (void)state;
    id = between_two_lives(uuid);
    d = engine_dom_find(w.en, "web9", &e);
    if (d == NULL)
        fail_msg("%s", e.msg);
    assert_int_equal(d->id, id);
    assert_ptr_equal(engine_dom_by_id(w.en, id), d);
    destroy_at_once(w.en, id, uuid);
}

/* What was asked of the last life holds for the next one. */
static void
test_destroy_of_a_last_life_ends_the_next(void **state)
{
    uint8_t uuid[16];
    uint64_t id;

    (void)state;
    id = between_two_lives(uuid);
    world_pass(&w, 10000);
    assert_int_not_equal(web9()->id, id);
    destroy_at_once(w.en, id, uuid);
}

static void
test_destroy_of_a_definition_between_two_lives(void **state)
{
    struct err e = { 0 };
    uint64_t op;

    (void)state;
    assert_int_equal(engine_define(w.en, world_conf(&w, "web9", ""), &e), 0);
    assert_int_equal(engine_start(w.en, engine_dom_find(w.en, "web9", NULL)->id,
                                  false, &op, &e),
                     0);
    assert_int_equal(world_wait(&w, op), OP_DONE);
    world_pass(&w, 30000);
    assert_int_equal(sim_guest_shutdown(w.sim, web9()->domid, HV_REBOOT), 0);
    assert_true(loop_until(w.lp, no_life, NULL, 20000));
    assert_int_equal(
        engine_destroy(w.en, engine_dom_find(w.en, "web9", NULL)->id, &op, &e),
        0);
    assert_done_at_once(w.en, op);
    world_pass(&w, 120000);
    assert_true(engine_dom_find(w.en, "web9", NULL)->off);
    assert_false(engine_dom_find(w.en, "web9", NULL)->refused);
}

/* A killed engine had both at work: the destruction counts. */
static void
test_destroy_on_record_ends_a_restart(void **state)
{
    uint8_t uuid[16];
    uint64_t id;

    (void)state;
    id = between_two_lives(uuid);
    assert_int_equal(engine_destroy(w.en, id, NULL, NULL), 0);
    world_kill(&w);
    world_start(&w, false);
    assert_ended(uuid);
}

static int
run(void)
{
    const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
        T(test_pause_does_not_wait_for_a_guest),
        T(test_destroy_overtakes_a_shutdown_taken_up),
        T(test_destroy_overtakes_a_hanging_script),
        T(test_destroy_overtakes_a_creation),
        T(test_destroy_by_name_between_two_lives),
        T(test_destroy_of_a_last_life_ends_the_next),
        T(test_destroy_of_a_definition_between_two_lives),
        T(test_destroy_on_record_ends_a_restart),
#undef T
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

WORLD_MAIN(run)
