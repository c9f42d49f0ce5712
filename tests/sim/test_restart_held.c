/*
 * test_restart_held.c - restarts that are cancelled, by the verb, by an
 * interrupted batch, by the end of the host, at any step: the guest is kept as
 * refused until an operator starts or forgets it.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/config/core/config.h"
#include "engine/core/engine.h"
#include "src/command/batch.h"
#include "tests/sim/world.h"
#include "tests/unit/run_line.h"

#define EACH 13 /* every so manieth call of a restart */

static struct world w;
static struct err e;
static struct test_session ts;
static struct batch *b;
static int status; /* of b, -1: not done */
static uint8_t uuid[16];

static void
begin(void)
{
    world_open_kept(&w, 0);
    test_session_open(&ts, w.en, w.lp);
    b = NULL;
}

static void
end(void)
{
    batch_detach(b);
    test_session_close(&ts);
    world_close(&w);
}

WORLD_FIXTURE(begin(), end())

static const struct dom *
web9(void)
{
    return engine_dom_find(w.en, "web9", NULL);
}

static bool
has_conf(void)
{
    char path[256], text[37];

    uuid_print_text(uuid, text);
    text_fmt(path, sizeof(path), "%s/%s.conf", w.state, text);
    return access(path, F_OK) == 0;
}

static void
guest_up(void)
{
    world_guest(&w, "web9", "devices = ( { type = \"vif\"; } );");
    memcpy(uuid, web9()->uuid, sizeof(uuid));
    world_pass(&w, 30000);
}

/* --- who cancels --- */

static const struct op *
next_life(void)
{
    const struct op *op = NULL;
    size_t i;

    for (i = 0; i < engine_op_count(w.en); i++)
        if (engine_op_at(w.en, i)->verb == OP_CREATE &&
            engine_op_at(w.en, i)->state <= OP_RUNNING)
            op = engine_op_at(w.en, i);
    return op;
}

static void
by_verb(void)
{
    if (next_life() != NULL)
        (void)engine_op_cancel(w.en, next_life()->id, NULL);
}

static void
by_batch(void)
{
    if (next_life() != NULL && b != NULL && status < 0)
        batch_cancel(b);
}

static void
by_host_stop(void)
{
    if (next_life() != NULL)
        (void)engine_host_stop(w.en, HOST_STOP_DOMAINS, 1, NULL, NULL);
}

struct striker {
    void (*strike)(void);
    struct loop_timer later;
    bool came;
};

static struct striker striker;

static void
strike_due(struct loop_timer *lt)
{
    container_of(lt, struct striker, later)->strike();
}

/* From the loop, as in life. */
static void
strike_here(void *arg)
{
    struct striker *s = arg;

    s->came = true;
    loop_timer_arm(w.lp, &s->later, 0, strike_due);
}

/* --- what becomes of it --- */

/* It is listed, whole, and nobody but the operator starts it. */
static void
assert_held(void)
{
    assert_true(has_conf());
    assert_non_null(web9());
    assert_true(web9()->off);
    assert_string_equal(dom_state_word(web9()), "refused");
    assert_int_equal(memcmp(web9()->uuid, uuid, 16), 0);
    world_pass(&w, 30000);
    assert_non_null(web9());
    assert_true(web9()->off);
    assert_true(has_conf());
}

static void
start_again(void)
{
    uint64_t op;

    if (engine_start(w.en, web9()->id, false, &op, &e) < 0)
        fail_msg("%s", e.msg);
    assert_int_equal(world_wait(&w, op), OP_DONE);
    assert_false(web9()->off);
    assert_false(web9()->refused);
    assert_int_equal(memcmp(web9()->uuid, uuid, 16), 0);
}

static void
reboots_by_itself(void)
{
    assert_int_equal(sim_guest_shutdown(w.sim, web9()->domid, HV_REBOOT), 0);
}

static void
batch_done(struct batch *of, int rc, void *arg)
{
    (void)of;
    (void)arg;
    status = rc;
}

static void
is_rebooted_by_a_batch(void)
{
    const struct cmd_line line = { "reboot web9", NULL };

    batch_detach(b);
    buf_clear(&ts.to[SESSION_ERR]);
    status = -1;
    b = batch_start(&ts.ses, &line, 1, batch_done, NULL);
}

/* At every so manieth call of its restart. Returns how often it was held. */
static unsigned
strike_everywhere(void (*reboot)(void), void (*strike)(void))
{
    unsigned n, held = 0;

    guest_up();
    striker = (struct striker){ .strike = strike, .came = true };
    for (n = 1; striker.came; n += EACH) {
        striker.came = false;
        sim_kill_at(w.sim, n, strike_here, &striker);
        reboot();
        world_pass(&w, 20000);
        world_idle(&w);
        sim_kill_at(w.sim, 0, NULL, NULL);
        loop_timer_del(&striker.later);
        if (web9() == NULL && strike == by_host_stop) {
            guest_up(); /* it was stopped with the others */
            continue;
        }
        assert_true(has_conf());
        assert_non_null(web9());
        if (web9()->off) {
            held++;
            assert_held();
            start_again();
        }
        world_pass(&w, 30000);
    }
    print_message("held %u times, of %u calls\n", held, n);
    return held;
}

static void
test_cancelled_by_the_verb(void **state)
{
    (void)state;
    assert_true(strike_everywhere(reboots_by_itself, by_verb) > 3);
    assert_non_null(
        world_event(&w, "not restarted: cancelled; its configuration is kept: "
                        "`start web9' starts it, `destroy web9' gives it up"));
}

static void
test_interrupted_with_its_batch(void **state)
{
    (void)state;
    assert_true(strike_everywhere(is_rebooted_by_a_batch, by_batch) > 3);
}

static void
test_the_batch_says_what_to_do(void **state)
{
    (void)state;
    guest_up();
    is_rebooted_by_a_batch();
    while (next_life() == NULL || next_life()->domid == 0)
        loop_turn(w.lp, 1);
    loop_turn(w.lp, 1); /* the batch has heard of it */
    batch_cancel(b);
    world_pass(&w, 5000);
    assert_int_equal(status, BATCH_FAILED);
    assert_string_equal(buf_text(&ts.to[SESSION_ERR]),
                        "xendeck: web9: not restarted: cancelled; its "
                        "configuration is kept: `start web9' starts it, "
                        "`destroy web9' gives it up\n"
                        "xendeck: create 'web9': cancelled\n");
    assert_held();
}

static void
test_cancelled_by_the_end_of_the_host(void **state)
{
    (void)state;
    assert_true(strike_everywhere(reboots_by_itself, by_host_stop) > 1);
}

/* --- afterwards --- */

static void
hold_it(void)
{
    guest_up();
    reboots_by_itself();
    while (next_life() == NULL)
        loop_turn(w.lp, 10);
    assert_int_equal(engine_op_cancel(w.en, next_life()->id, &e), 0);
    world_pass(&w, 3000);
    assert_held();
}

static void
another_engine(void)
{
    world_kill(&w);
    world_start(&w, false);
    world_pass(&w, 5000);
}

static void
test_the_next_engine_holds_it(void **state)
{
    (void)state;
    hold_it();
    another_engine();
    assert_held();
    start_again();
    another_engine();
    assert_false(web9()->off);
}

/* Its start by the next engine fails, and is no end either. */
static void
test_a_start_that_fails_loses_nothing(void **state)
{
    unsigned n;
    uint64_t op;

    (void)state;
    hold_it();
    another_engine();
    for (n = 1; n <= 3; n++)
        sim_fault_add(w.sim, "hv.unpause", n, EIO);
    assert_int_equal(engine_start(w.en, web9()->id, false, &op, &e), 0);
    assert_int_equal(world_wait(&w, op), OP_FAILED);
    assert_true(has_conf());
    world_pass(&w, 200000); /* it is tried again */
    assert_true(has_conf());
    assert_false(web9()->off);
}

static void
forget_with_destroy(void)
{
    uint64_t op;

    assert_int_equal(engine_destroy(w.en, web9()->id, &op, &e), 0);
    assert_int_equal(world_wait(&w, op), OP_DONE);
    assert_null(web9());
    assert_false(has_conf());
}

static void
test_destroy_forgets_it(void **state)
{
    (void)state;
    hold_it();
    forget_with_destroy();
}

static void
test_destroy_by_the_next_engine_forgets_it(void **state)
{
    (void)state;
    hold_it();
    another_engine();
    forget_with_destroy();
    another_engine();
    assert_null(web9());
}

static void
test_undefine_forgets_it(void **state)
{
    (void)state;
    hold_it();
    assert_int_equal(engine_undefine(w.en, web9()->id, &e), 0);
    assert_null(web9());
    assert_false(has_conf());
}

/* While it is started again. */
static void
test_destroyed_on_its_way_it_is_forgotten(void **state)
{
    uint64_t op;

    (void)state;
    hold_it();
    assert_int_equal(engine_start(w.en, web9()->id, false, &op, &e), 0);
    loop_turn(w.lp, 0);
    assert_int_equal(engine_destroy(w.en, web9()->id, &op, &e), 0);
    assert_int_equal(world_wait(&w, op), OP_DONE);
    world_pass(&w, 60000);
    assert_null(web9());
    assert_false(has_conf());
}

static void
test_a_definition_is_held_too(void **state)
{
    uint64_t op;

    (void)state;
    assert_int_equal(engine_define(w.en, world_conf(&w, "web9", ""), &e), 0);
    memcpy(uuid, web9()->uuid, sizeof(uuid));
    assert_int_equal(engine_start(w.en, web9()->id, false, &op, &e), 0);
    assert_int_equal(world_wait(&w, op), OP_DONE);
    world_pass(&w, 30000);
    reboots_by_itself();
    while (next_life() == NULL)
        loop_turn(w.lp, 10);
    by_verb();
    world_pass(&w, 3000);
    assert_held();
    another_engine();
    assert_held();
    start_again();
}

static bool
is_undone(void)
{
    return next_life() != NULL && strncmp(next_life()->label, "undo", 4) == 0;
}

/* The engine ends while what failed, or was cancelled, is taken back. */
static void
close_while_undone(bool cancelled)
{
    unsigned i;

    guest_up();
    if (!cancelled)
        sim_fault_add(w.sim, "hv.unpause", 1, EIO);
    reboots_by_itself();
    for (i = 0; i < 5000 && !is_undone(); i++) {
        if (cancelled && next_life() != NULL &&
            strcmp(next_life()->label, "attach devices") == 0)
            by_verb();
        if (!is_undone())
            loop_turn(w.lp, 1);
    }
    assert_true(is_undone());
    engine_set(w.en, ENGINE_KEEP_HOST, true);
    engine_close(w.en);
    world_start(&w, false);
    world_pass(&w, 5000);
    assert_true(has_conf());
    assert_non_null(web9());
}

static void
test_engine_ends_while_a_failed_one_is_undone(void **state)
{
    (void)state;
    close_while_undone(false);
    assert_false(web9()->off);
}

static void
test_engine_ends_while_a_cancelled_one_is_undone(void **state)
{
    (void)state;
    close_while_undone(true);
    assert_held();
    start_again();
}

static int
run(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_cancelled_by_the_verb),
        T(test_interrupted_with_its_batch),
        T(test_the_batch_says_what_to_do),
        T(test_cancelled_by_the_end_of_the_host),
        T(test_the_next_engine_holds_it),
        T(test_a_start_that_fails_loses_nothing),
        T(test_destroy_forgets_it),
        T(test_destroy_by_the_next_engine_forgets_it),
        T(test_undefine_forgets_it),
        T(test_destroyed_on_its_way_it_is_forgotten),
        T(test_a_definition_is_held_too),
        T(test_engine_ends_while_a_failed_one_is_undone),
        T(test_engine_ends_while_a_cancelled_one_is_undone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

WORLD_MAIN(run)
