/*
 * test_left_incoming.c - what a receiver of xl leaves paused is listed as left,
 * once no such process is there, and destroyed by nobody but the operator.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/sim/world.h"

#define NAME "web9--incoming"

static struct world w;
static uint32_t domid;

static void
begin(void)
{
    world_open_kept(&w, 0);
    assert_int_equal(sim_foreign_guest(w.sim, NAME, &domid), 0);
    assert_int_equal(hv_pause(engine_hv(w.en), domid, NULL), 0);
}

WORLD_FIXTURE(begin(), world_close(&w))

static void
test_one_whose_receiver_lives_is_paused(void **state)
{
    (void)state;
    sim_xl_receives(w.sim, true);
    world_pass(&w, 60000);
    assert_string_equal(dom_state_word(world_dom(&w, NAME)), "paused");
    assert_null(world_event(&w, "left paused"));
}

static void
test_one_that_is_left_is_told(void **state)
{
    uint64_t op;

    (void)state;
    sim_xl_receives(w.sim, true);
    world_pass(&w, 20000);
    sim_xl_receives(w.sim, false);
    world_pass(&w, 20000);
    assert_string_equal(dom_state_word(world_dom(&w, NAME)), "left");
    assert_non_null(world_event(&w, "`destroy " NAME "' removes it"));
    world_pass(&w, 600000);
    assert_non_null(world_dom(&w, NAME));
    assert_int_equal(engine_destroy(w.en, world_dom(&w, NAME)->id, &op, NULL),
                     0);
    assert_int_equal(world_wait(&w, op), OP_DONE);
    world_pass(&w, 5000);
    assert_null(world_dom(&w, NAME));
}

/* It is somebody's again. */
static void
test_one_that_runs_is_not_left(void **state)
{
    (void)state;
    world_pass(&w, 20000);
    assert_true(world_dom(&w, NAME)->left);
    assert_int_equal(hv_unpause(engine_hv(w.en), domid, NULL), 0);
    world_pass(&w, 5000);
    assert_false(world_dom(&w, NAME)->left);
}

static void
test_processes_that_cannot_be_seen_say_nothing(void **state)
{
    (void)state;
    sim_hide_processes(w.sim, true);
    world_pass(&w, 60000);
    assert_false(world_dom(&w, NAME)->left);
}

/* A domain of ours that comes from another host, or has such a name. */
static void
test_our_own_is_not_left(void **state)
{
    uint64_t id = world_guest(&w, "web8--incoming", "");

    (void)state;
    assert_int_equal(engine_pause(w.en, id, NULL, NULL), 0);
    world_pass(&w, 60000);
    assert_false(world_dom(&w, "web8--incoming")->left);
}

static int
run(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_one_whose_receiver_lives_is_paused),
        T(test_one_that_is_left_is_told),
        T(test_one_that_runs_is_not_left),
        T(test_processes_that_cannot_be_seen_say_nothing),
        T(test_our_own_is_not_left),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

WORLD_MAIN(run)
