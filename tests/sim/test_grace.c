/*
 * test_grace.c - a destruction that can be taken back: the domain stands still,
 * and is either destroyed or as it was before, whichever engine is killed when.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engine/host/domains.h"
#include "tests/sim/campaign.h"
#include "tests/sim/world.h"

#define GRACE_S    10
#define WITHIN_MS  4000
#define OVER_MS    30000
#define CALLS_MAX  200 /* that an undo may make */
#define INSTANTS   8
#define INSTANT_MS 1700

static struct world w;
static jmp_buf killed;

WORLD_FIXTURE(world_open_kept(&w, 0), world_close(&w))

static const struct dom *
web9(void)
{
    const struct dom *d = world_dom(&w, "web9");

    assert_non_null(d);
    return d;
}

static void
a_guest(void)
{
    (void)world_guest(&w, "web9", "");
    world_pass(&w, 30000);
}

static uint64_t
destroy_web9(void)
{
    struct err e = { 0 };
    uint64_t op;

    if (engine_destroy_after(w.en, web9()->id, GRACE_S, &op, &e) < 0)
        fail_msg("%s", e.msg);
    return op;
}

static bool
stands(void)
{
    return (web9()->flags & DOM_F_PAUSED) != 0;
}

static void
undo_web9(void)
{
    struct err e = { 0 };
    uint64_t op = engine_destroy_undo(w.en, web9()->id);

    assert_int_not_equal(op, 0);
    if (engine_op_cancel(w.en, op, &e) < 0)
        fail_msg("%s", e.msg);
    assert_int_equal(engine_op_by_id(w.en, op)->state, OP_CANCELLED);
}

/* It lives, and nobody comes back for it. */
static void
assert_revived(bool runs)
{
    world_pass(&w, OVER_MS);
    assert_int_equal(stands(), !runs);
    assert_int_equal(engine_op_count(w.en) > 0 && engine_busy(w.en), false);
}

static void
assert_destroyed(void)
{
    world_pass(&w, OVER_MS);
    assert_null(world_dom(&w, "web9"));
}

static void
test_it_stands_still_and_ends_in_time(void **state)
{
    const struct op *o;
    uint64_t op;
    int before = -1;
    unsigned i;

    (void)state;
    a_guest();
    op = destroy_web9();
    for (i = 0; i < GRACE_S; i++) {
        world_pass(&w, i == 0 ? 10 : 1000);
        o = engine_op_by_id(w.en, op);
        assert_true(stands());
        assert_true(o->undo && o->cancellable);
        assert_true(o->percent >= before);
        before = o->percent;
    }
    assert_string_equal(o->label, "ends in 1 s");
    world_pass(&w, 2000);
    assert_int_equal(engine_op_by_id(w.en, op)->state, OP_DONE);
    assert_null(world_dom(&w, "web9"));
}

static void
test_undo_lets_it_run_on(void **state)
{
    uint64_t op;

    (void)state;
    a_guest();
    op = destroy_web9();
    world_pass(&w, WITHIN_MS);
    undo_web9();
    assert_string_equal(engine_op_by_id(w.en, op)->err.msg,
                        "'web9' is not destroyed: it runs on");
    assert_revived(true);
}

static void
test_one_that_was_paused_stays_so(void **state)
{
    (void)state;
    a_guest();
    assert_int_equal(engine_pause(w.en, web9()->id, NULL, NULL), 0);
    world_pass(&w, 1000);
    (void)destroy_web9();
    world_pass(&w, WITHIN_MS);
    world_kill(&w);
    world_start(&w, false);
    world_pass(&w, 1000);
    undo_web9();
    assert_revived(false);
}

/* Whoever wants it to run wants it revived, and is told how. */
static void
test_it_is_not_unpaused_meanwhile(void **state)
{
    struct err e = { 0 };

    (void)state;
    a_guest();
    (void)destroy_web9();
    world_pass(&w, WITHIN_MS);
    assert_int_equal(engine_unpause(w.en, web9()->id, NULL, &e), -1);
    assert_string_equal(e.msg,
                        "'web9' is about to be destroyed: `undo' revives it");
    assert_destroyed();
}

static void
test_a_second_one_does_not_wait(void **state)
{
    uint64_t first, op;

    (void)state;
    a_guest();
    first = destroy_web9();
    world_pass(&w, WITHIN_MS);
    assert_int_equal(engine_destroy(w.en, web9()->id, &op, NULL), 0);
    world_pass(&w, 1000);
    assert_int_equal(engine_op_by_id(w.en, op)->state, OP_DONE);
    assert_int_equal(engine_op_by_id(w.en, first)->state, OP_CANCELLED);
    assert_destroyed();
}

/* What is at work is ended by it, and could not be gone on with. */
static void
test_what_is_at_work_on_is_destroyed_at_once(void **state)
{
    uint64_t op;

    (void)state;
    a_guest();
    assert_int_equal(sim_guest_ignore_control(w.sim, web9()->domid, true), 0);
    assert_int_equal(engine_shutdown(w.en, web9()->id, NULL, NULL), 0);
    world_pass(&w, 2000);
    assert_false(engine_destroy_waits(w.en, web9()->id));
    op = destroy_web9();
    world_pass(&w, 1000);
    assert_int_equal(engine_op_by_id(w.en, op)->state, OP_DONE);
}

/* Another tool has ended it. */
static void
test_it_ends_meanwhile(void **state)
{
    uint64_t op;

    (void)state;
    a_guest();
    op = destroy_web9();
    world_pass(&w, 1000);
    assert_int_equal(hv_destroy(engine_hv(w.en), web9()->domid, NULL), 0);
    world_pass(&w, 2000);
    assert_int_equal(engine_op_by_id(w.en, op)->state, OP_DONE);
    assert_destroyed();
}

/* --- killed engines --- */

/* The next engine goes on with the same wait, whenever the last one died. */
static void
test_a_killed_engine_prolongs_nothing(void **state)
{
    unsigned i;

    (void)state;
    for (i = 0; i < INSTANTS; i++) {
        a_guest();
        (void)destroy_web9();
        world_pass(&w, i * INSTANT_MS);
        world_kill(&w);
        world_start(&w, false);
        world_pass(&w, 10);
        if (i * INSTANT_MS < GRACE_S * 1000) {
            assert_true(stands());
            world_pass(&w, GRACE_S * 1000 - i * INSTANT_MS - 500);
            assert_int_not_equal(engine_destroy_undo(w.en, web9()->id), 0);
        }
        assert_destroyed();
    }
}

static void
test_the_next_engine_can_undo(void **state)
{
    unsigned i;

    (void)state;
    a_guest();
    for (i = 0; i * INSTANT_MS < GRACE_S * 1000; i++) {
        (void)destroy_web9();
        world_pass(&w, i * INSTANT_MS);
        world_kill(&w);
        world_start(&w, false);
        world_pass(&w, 10);
        undo_web9();
        assert_revived(true);
    }
}

static void
kill_here(void *arg)
{
    (void)arg;
    longjmp(killed, 1);
}

/* False: an undo makes fewer calls. */
static bool
killed_in_undo(unsigned nth)
{
    (void)destroy_web9();
    world_pass(&w, WITHIN_MS);
    if (setjmp(killed) == 0) {
        sim_kill_at(w.sim, nth, kill_here, NULL);
        undo_web9();
        sim_kill_at(w.sim, 0, NULL, NULL);
        return false;
    }
    world_kill(&w);
    world_start(&w, false);
    return true;
}

/* Once the undo has begun no engine destroys it. */
static void
test_killed_while_it_is_undone(void **state)
{
    unsigned nth;

    (void)state;
    a_guest();
    for (nth = 1; nth < CALLS_MAX && killed_in_undo(nth); nth++)
        assert_revived(true);
    assert_true(nth > 1 && nth < CALLS_MAX);
    assert_revived(true);
}

/* The line of an undo may not have reached the disk. */
static void
test_one_that_runs_was_revived(void **state)
{
    (void)state;
    a_guest();
    (void)destroy_web9();
    world_pass(&w, WITHIN_MS);
    assert_int_equal(hv_unpause(engine_hv(w.en), web9()->domid, NULL), 0);
    world_kill(&w);
    world_start(&w, false);
    assert_revived(true);
    assert_non_null(world_event(&w, "it was taken back"));
}

/* One that ends in order leaves it to the next one, too. */
static void
test_an_engine_that_ends_leaves_it_on_record(void **state)
{
    (void)state;
    a_guest();
    (void)destroy_web9();
    world_pass(&w, WITHIN_MS);
    engine_set(w.en, ENGINE_KEEP_HOST, true);
    engine_close(w.en);
    world_start(&w, false);
    world_pass(&w, 1000);
    assert_true(stands());
    assert_int_not_equal(engine_destroy_undo(w.en, web9()->id), 0);
    assert_destroyed();
}

static void
act_destroy_after(struct world *at)
{
    assert_int_equal(
        engine_destroy_after(at->en, campaign_id(at), GRACE_S, NULL, NULL), 0);
}

CAMPAIGN(destroy_after, .setup = campaign_guest,
         .more = "restart = \"always\";", .act = act_destroy_after,
         .may_undo = true)

static int
run(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_it_stands_still_and_ends_in_time,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_undo_lets_it_run_on, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_one_that_was_paused_stays_so,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_it_is_not_unpaused_meanwhile,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_second_one_does_not_wait, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(
            test_what_is_at_work_on_is_destroyed_at_once, setup, teardown),
        cmocka_unit_test_setup_teardown(test_it_ends_meanwhile, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_a_killed_engine_prolongs_nothing,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_the_next_engine_can_undo, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_killed_while_it_is_undone, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_one_that_runs_was_revived, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(
            test_an_engine_that_ends_leaves_it_on_record, setup, teardown),
        cmocka_unit_test(test_destroy_after),
    };

    return cmocka_run_group_tests_name("destructions that can be undone", tests,
                                       NULL, NULL);
}

WORLD_MAIN(run)
