/*
 * test_dm_look.c - whether a domain has a device model cannot always be told:
 * a look that fails ends none, starts none, and leaves none unwatched.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/dm/dm_int.h"
#include "engine/dm/dm_query.h"
#include "tests/sim/world.h"

#define DISK                                                                   \
    "devices = ( { type = \"vbd\"; path = \"/dev/vg/web9\"; vdev = "           \
    "\"xvda\"; format = \"qcow2\"; } );"

static struct world w;
static struct err e;

WORLD_FIXTURE(world_open_kept(&w, 0), world_close(&w))

/* A guest with a model. */
static uint64_t
served(void)
{
    uint64_t id = world_guest(&w, "web9", DISK);

    world_pass(&w, 1000);
    assert_non_null(dm_find(w.en, world_dom(&w, "web9")->domid));
    return id;
}

/* As an engine that has not taken it in. */
static uint32_t
unwatched(void)
{
    uint32_t domid;

    (void)served();
    domid = world_dom(&w, "web9")->domid;
    dm_drop(dm_find(w.en, domid));
    return domid;
}

/* And its process is not on record. */
static uint32_t
off_record(void)
{
    uint32_t domid = unwatched();
    char path[96];

    dm_pid_path(domid, path, sizeof(path));
    assert_int_equal(store_rm(engine_store(w.en), 0, path, &e), 0);
    return domid;
}

static bool
model_lives(uint32_t domid)
{
    pid_t pid;

    return dom0_model_find(engine_dom0(w.en), domid, &pid, &e) == 0 && pid != 0;
}

static void
other_destroys(struct engine **other, uint64_t *op)
{
    *other = world_beside(&w, true);
    sim_hide_processes(w.sim, true);
    assert_int_equal(
        engine_destroy(*other, domains_by_name(*other, "web9")->d.id, op, &e),
        0);
}

static enum op_state
state_of(const struct engine *en, uint64_t op)
{
    const struct op *o = engine_op_by_id(en, op);

    assert_non_null(o);
    return o->state;
}

static void
test_a_destruction_waits_for_a_look(void **state)
{
    uint32_t domid;
    struct engine *other;
    uint64_t op;

    (void)state;
    (void)served();
    domid = world_dom(&w, "web9")->domid;
    other_destroys(&other, &op);
    world_pass(&w, 4000);
    assert_int_equal(state_of(other, op), OP_RUNNING);
    sim_hide_processes(w.sim, false);
    assert_true(model_lives(domid));
    world_pass(&w, 15000);
    assert_int_equal(state_of(other, op), OP_DONE);
    assert_false(model_lives(domid));
    assert_null(world_dom(&w, "web9"));
    engine_close(other);
}

static void
test_a_destruction_that_cannot_look_is_refused(void **state)
{
    uint32_t domid;
    struct engine *other;
    uint64_t op;

    (void)state;
    (void)served();
    domid = world_dom(&w, "web9")->domid;
    other_destroys(&other, &op);
    world_pass(&w, 15000);
    assert_int_equal(state_of(other, op), OP_FAILED);
    assert_non_null(strstr(engine_op_by_id(other, op)->err.msg,
                           "cannot be told now: try again"));
    sim_hide_processes(w.sim, false);
    assert_true(model_lives(domid));
    assert_non_null(world_dom(&w, "web9"));
    engine_close(other);
}

static void
test_a_record_that_cannot_be_read_is_no_absence(void **state)
{
    uint32_t domid = unwatched();
    struct model *m;
    bool recorded;
    pid_t pid;

    (void)state;
    sim_fault_add(w.sim, "store.read", 1, EIO);
    assert_int_equal(dm_pid_on_record(w.en, domid, &pid, &recorded, &e),
                     LIFE_UNKNOWN);
    sim_fault_add(w.sim, "store.read", 1, EIO);
    assert_int_equal(dm_stop(w.en, domid, &e), STEP_FAIL);
    sim_fault_add(w.sim, "store.read", 1, EIO);
    assert_int_equal(dm_reach(w.en, domid, &m, &e), -1);
    sim_fault_add(w.sim, "store.read", 1, EIO);
    assert_true(dm_may_run(w.en, domid));
    assert_true(model_lives(domid));
}

/* Nor is one taken out of the directory's absence, when nothing is on record.
 */
static void
test_a_directory_that_cannot_be_read_is_no_absence(void **state)
{
    uint32_t domid = off_record();

    (void)state;
    sim_fault_add(w.sim, "store.read", 2, EIO);
    assert_int_equal(dm_stop(w.en, domid, &e), STEP_WAIT);
    world_pass(&w, 15000);
    assert_false(model_lives(domid));
}

static void
test_processes_that_cannot_be_listed_are_no_absence(void **state)
{
    uint32_t domid = off_record();

    (void)state;
    sim_fault_add(w.sim, "dom0.model_find", 1, EMFILE);
    assert_int_equal(dm_stop(w.en, domid, &e), STEP_FAIL);
    assert_non_null(strstr(e.msg, "has a device model"));
    assert_true(model_lives(domid));
}

/* Its directory shows it all the same. */
static void
test_a_record_of_no_number_hides_none(void **state)
{
    uint32_t domid = unwatched();
    char path[96];

    (void)state;
    dm_pid_path(domid, path, sizeof(path));
    assert_int_equal(store_write(engine_store(w.en), 0, path, "none", &e), 0);
    assert_int_equal(dm_stop(w.en, domid, &e), STEP_WAIT);
    world_pass(&w, 15000);
    assert_false(model_lives(domid));
}

static void
test_one_that_cannot_be_watched_is_not_killed_by_a_question(void **state)
{
    uint32_t domid = unwatched();
    struct model *m;

    (void)state;
    sim_fault_add(w.sim, "dom0.model_watch", 1, EMFILE);
    assert_int_equal(dm_reach(w.en, domid, &m, &e), -1);
    world_pass(&w, 15000);
    assert_true(model_lives(domid));
    assert_null(world_event(&w, "was killed"));
}

static void
test_one_that_could_not_be_looked_at_is_watched_later(void **state)
{
    static const char *const calls[] = { "store.read", "dom0.model_watch" };
    uint32_t domid = unwatched();
    size_t i;

    (void)state;
    for (i = 0; i < 2; i++) {
        sim_fault_add(w.sim, calls[i], 1, EMFILE);
        dm_own(domains_by_domid(w.en, domid));
        assert_null(dm_find(w.en, domid));
        world_pass(&w, 2000);
        assert_non_null(dm_find(w.en, domid));
        dm_drop(dm_find(w.en, domid));
    }
    assert_null(world_event(&w, "ended while no engine watched"));
}

static int
run(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_a_destruction_waits_for_a_look),
        T(test_a_destruction_that_cannot_look_is_refused),
        T(test_a_record_that_cannot_be_read_is_no_absence),
        T(test_a_directory_that_cannot_be_read_is_no_absence),
        T(test_processes_that_cannot_be_listed_are_no_absence),
        T(test_a_record_of_no_number_hides_none),
        T(test_one_that_cannot_be_watched_is_not_killed_by_a_question),
        T(test_one_that_could_not_be_looked_at_is_watched_later),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

WORLD_MAIN(run)
