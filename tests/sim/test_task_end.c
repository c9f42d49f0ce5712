/*
 * test_task_end.c - operations that are ended from within their own step, and
 * what a destruction takes for the work on its domain.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/host/domains.h"
#include "engine/task/tasks.h"
#include "src/base/xalloc.h"
#include "tests/sim/world.h"

enum way { WAY_FAIL, WAY_CANCEL, WAY_OVERTAKE };

/* What became of a task, which is gone by then. */
struct seen {
    unsigned undone, freed;
    bool inside, freed_inside;
    enum op_state state;
};

struct probe {
    struct task t;
    struct seen *seen;
    enum way way;
    enum step_rc rc; /* of the step */
    bool in_undo;    /* it is ended there */
};

static struct world w;
static struct seen seen;

WORLD_FIXTURE(world_open(&w, 2, false), world_close(&w))

static struct probe *
probe_of(struct task *t)
{
    return container_of(t, struct probe, t);
}

static void
end_self(struct probe *p)
{
    struct err why = { 0 }, e = { 0 };

    p->seen->inside = true;
    err_set(&why, ERR_INVALID, "ended from within");
    if (p->way == WAY_FAIL)
        task_fail(&p->t, &why);
    else if (p->way == WAY_CANCEL)
        assert_int_equal(task_cancel(&p->t, &e), 0);
    else
        task_overtake(&p->t, &why);
    assert_int_equal(p->seen->freed, 0); /* p is used from here on */
    p->seen->inside = false;
}

static enum step_rc
run_probe(struct task *t, struct err *e)
{
    if (probe_of(t)->in_undo) {
        err_set(e, ERR_INVALID, "fails by itself");
        return STEP_FAIL;
    }
    end_self(probe_of(t));
    return probe_of(t)->rc;
}

static enum step_rc
undo_probe(struct task *t)
{
    struct probe *p = probe_of(t);

    p->seen->undone++;
    if (p->in_undo && p->seen->undone == 1)
        end_self(p);
    return STEP_DONE;
}

static void
probe_ended(struct task *t)
{
    probe_of(t)->seen->state = t->op->state;
}

static void
free_probe(struct task *t)
{
    struct probe *p = probe_of(t);

    p->seen->freed++;
    p->seen->freed_inside = p->seen->inside;
    free(p);
}

static const struct step steps[] = {
    { .id = "first",
      .label = "first",
      .run = run_probe,
      .undo = undo_probe,
      .cancellable = true },
};
static const struct task_type type = {
    .steps = steps, .n_steps = 1, .free = free_probe, .ended = probe_ended
};

static void
run_one(enum way way, enum step_rc rc, bool in_undo)
{
    struct probe *p = xcalloc(1, sizeof(*p));

    seen = (struct seen){ 0 };
    p->seen = &seen;
    p->way = way;
    p->rc = rc;
    p->in_undo = in_undo;
    (void)task_begin(w.en, &p->t, &type, OP_TUNE, NULL, "probe");
    world_pass(&w, 1000);
    assert_int_equal(seen.freed, 1);
    assert_false(seen.freed_inside);
}

static const enum step_rc results[] = { STEP_DONE, STEP_WAIT, STEP_FAIL };

static void
test_failed_from_its_own_step(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < 3; i++) {
        run_one(WAY_FAIL, results[i], false);
        assert_int_equal(seen.state, OP_FAILED);
        assert_int_equal(seen.undone, 1);
    }
}

static void
test_cancelled_from_its_own_step(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < 3; i++) {
        run_one(WAY_CANCEL, results[i], false);
        assert_int_equal(seen.state, OP_CANCELLED);
        assert_int_equal(seen.undone, 1);
    }
}

static void
test_overtaken_from_its_own_step(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < 3; i++) {
        run_one(WAY_OVERTAKE, results[i], false);
        assert_int_equal(seen.state, OP_CANCELLED);
        assert_int_equal(seen.undone, 0);
    }
}

/* Nothing fails twice; a destruction ends what is being undone, too. */
static void
test_ended_from_its_own_undo(void **state)
{
    (void)state;
    run_one(WAY_FAIL, STEP_FAIL, true);
    assert_int_equal(seen.state, OP_FAILED);
    assert_int_equal(seen.undone, 1);
    run_one(WAY_OVERTAKE, STEP_FAIL, true);
    assert_int_equal(seen.state, OP_CANCELLED);
    assert_int_equal(seen.undone, 1);
}

/* --- a domain without a uuid --- */

static uint64_t
foreign_without_uuid(void)
{
    static const uint8_t none[16] = { 0 };
    uint32_t domid;

    assert_int_equal(sim_foreign_guest(w.sim, "other", &domid), 0);
    assert_int_equal(hv_set_uuid(engine_hv(w.en), domid, none, NULL), 0);
    world_pass(&w, 2000);
    assert_non_null(world_dom(&w, "other"));
    return world_dom(&w, "other")->id;
}

static enum step_rc
wait_probe(struct task *t, struct err *e)
{
    (void)t;
    (void)e;
    return STEP_WAIT;
}

static const struct step waits[] = {
    { .id = "wait", .label = "wait", .run = wait_probe, .cancellable = true }
};
static const struct task_type waiting = {
    .steps = waits, .n_steps = 1, .free = free_probe, .ended = probe_ended
};

static void
test_no_uuid_is_nobodys(void **state)
{
    struct probe *p = xcalloc(1, sizeof(*p));
    uint64_t id = foreign_without_uuid(), op, destroy;
    struct err e = { 0 };

    (void)state;
    seen = (struct seen){ 0 };
    p->seen = &seen;
    op = task_begin(w.en, &p->t, &waiting, OP_TUNE, NULL, "probe");
    world_pass(&w, 100);
    assert_int_equal(engine_destroy(w.en, id, &destroy, &e), 0);
    assert_int_equal(world_wait(&w, destroy), OP_DONE);
    assert_int_equal(engine_op_by_id(w.en, op)->state, OP_RUNNING);
    assert_int_equal(engine_destroy(w.en, id, &destroy, &e), -1); /* gone */
    assert_int_equal(engine_op_cancel(w.en, op, &e), 0);
}

/* The stop's own step destroys it. */
static void
test_host_stop_with_a_domain_without_uuid(void **state)
{
    struct err e = { 0 };
    uint64_t op;

    (void)state;
    (void)foreign_without_uuid();
    (void)sim_guest_ignore_control(w.sim, world_dom(&w, "other")->domid, true);
    assert_int_equal(engine_host_stop(w.en, HOST_STOP_DOMAINS, 5, &op, &e), 0);
    assert_int_equal(world_wait(&w, op), OP_DONE);
    assert_null(world_dom(&w, "other"));
    assert_int_equal(engine_dom_count(w.en), 1);
}

static int
run(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_failed_from_its_own_step),
        T(test_cancelled_from_its_own_step),
        T(test_overtaken_from_its_own_step),
        T(test_ended_from_its_own_undo),
        T(test_no_uuid_is_nobodys),
        T(test_host_stop_with_a_domain_without_uuid),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

WORLD_MAIN(run)
