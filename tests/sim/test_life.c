/*
 * test_life.c - the life of a PV domain on the simulated host: creation,
 * requests obeyed and ignored, destruction, reaping, restarts.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/sim/world.h"
#include "tests/unit/run_line.h"

static struct world w;

WORLD_FIXTURE(world_open(&w, 2, false), world_close(&w))

static void
test_created_guest_is_ours_and_runs(void **state)
{
    const struct dom *d;

    (void)state;
    world_guest(&w, "web9", "vcpus = 2; maxvcpus = 4;");
    world_pass(&w, 1500);
    d = world_dom(&w, "web9");
    assert_non_null(d);
    assert_true(d->owned);
    assert_false(d->building);
    assert_int_equal(d->vcpus_max, 4);
    assert_true(d->mem_kib >= 64 * 1024);
    assert_true(d->start_wall_s > 0);
    assert_int_equal(d->flags & (DOM_F_PAUSED | DOM_F_SHUTDOWN), 0);
}

static void
test_paused_creation_stays_paused(void **state)
{
    struct engine_create_opts o = { .paused = true };
    uint64_t op;

    (void)state;
    assert_int_equal(
        engine_create(w.en, world_conf(&w, "web9", ""), &o, &op, NULL), 0);
    assert_int_equal(world_wait(&w, op), OP_DONE);
    world_pass(&w, 100);
    assert_true(world_dom(&w, "web9")->flags & DOM_F_PAUSED);
}

static void
test_life_leaves_nothing(void **state)
{
    char *before = world_dump(&w);
    uint64_t op;

    (void)state;
    assert_int_equal(
        engine_shutdown(w.en, world_guest(&w, "web9", ""), &op, NULL), 0);
    assert_int_equal(world_wait(&w, op), OP_DONE);
    assert_true(world_until_gone(&w, "web9"));
    world_unchanged(&w, before);
}

static void
test_death_from_inside_is_reaped(void **state)
{
    static const struct {
        enum hv_reason reason;
        const char *text;
    } cases[] = { { HV_POWEROFF, "reaped (poweroff)" },
                  { HV_CRASH, "reaped (crash)" },
                  { HV_WATCHDOG, "reaped (watchdog)" },
                  { HV_SOFT_RESET, "reaped (soft-reset)" },
                  { HV_REBOOT, "reaped (reboot)" } };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char *before = world_dump(&w);

        world_guest(&w, "web9", "restart = \"never\";");
        assert_int_equal(sim_guest_shutdown(w.sim, world_dom(&w, "web9")->domid,
                                            cases[i].reason),
                         0);
        assert_true(world_until_event(&w, cases[i].text));
        assert_true(world_until_gone(&w, "web9"));
        world_unchanged(&w, before);
    }
}

static void
test_foreign_domain_is_never_reaped(void **state)
{
    uint32_t domid;

    (void)state;
    assert_int_equal(sim_foreign_guest(w.sim, "theirs", &domid), 0);
    world_pass(&w, 2000);
    assert_non_null(world_dom(&w, "theirs"));
    assert_false(world_dom(&w, "theirs")->owned);
    assert_int_equal(sim_guest_shutdown(w.sim, domid, HV_POWEROFF), 0);
    world_pass(&w, 60000);
    assert_non_null(world_dom(&w, "theirs"));
    assert_true(world_dom(&w, "theirs")->flags & DOM_F_SHUTDOWN);
}

static void
test_foreign_domain_can_be_destroyed(void **state)
{
    char *before = world_dump(&w);
    uint32_t domid;
    uint64_t op;

    (void)state;
    assert_int_equal(sim_foreign_guest(w.sim, "theirs", &domid), 0);
    world_pass(&w, 2000);
    assert_int_equal(
        engine_destroy(w.en, world_dom(&w, "theirs")->id, &op, NULL), 0);
    assert_int_equal(world_wait(&w, op), OP_DONE);
    world_pass(&w, 1000);
    world_unchanged(&w, before);
}

static void
test_ignored_shutdown_offers_destruction(void **state)
{
    uint64_t id = world_guest(&w, "web9", ""), op;
    char *before;

    (void)state;
    world_pass(&w, 10000);
    sim_guest_ignore_control(w.sim, world_dom(&w, "web9")->domid, true);
    before = world_dump(&w);
    assert_int_equal(engine_shutdown(w.en, id, &op, NULL), 0);
    assert_int_equal(world_wait(&w, op), OP_FAILED);
    assert_int_equal(engine_op_by_id(w.en, op)->err.code, ERR_TIMEOUT);
    assert_true(engine_op_by_id(w.en, op)->offer_destroy);
    /* The request is taken back: the guest must not obey it next week. */
    world_unchanged(&w, before);
    assert_int_equal(engine_destroy(w.en, id, &op, NULL), 0);
    assert_int_equal(world_wait(&w, op), OP_DONE);
    assert_true(world_until_gone(&w, "web9"));
}

static void
test_destroy_does_not_wait_behind_a_shutdown(void **state)
{
    uint64_t id = world_guest(&w, "web9", ""), ask, op, began;

    (void)state;
    sim_guest_ignore_control(w.sim, world_dom(&w, "web9")->domid, true);
    assert_int_equal(engine_shutdown(w.en, id, &ask, NULL), 0);
    world_pass(&w, 500);
    began = loop_now_ms(w.lp);
    assert_int_equal(engine_destroy(w.en, id, &op, NULL), 0);
    assert_int_equal(world_wait(&w, op), OP_DONE);
    assert_true(loop_now_ms(w.lp) - began < 5000);
    assert_int_equal(engine_op_by_id(w.en, ask)->state, OP_CANCELLED);
}

static void
test_paused_guest_is_not_asked(void **state)
{
    uint64_t id = world_guest(&w, "web9", ""), op;

    (void)state;
    assert_int_equal(engine_pause(w.en, id, &op, NULL), 0);
    assert_int_equal(world_wait(&w, op), OP_DONE);
    assert_int_equal(engine_shutdown(w.en, id, &op, NULL), 0);
    assert_int_equal(world_wait(&w, op), OP_FAILED);
    assert_non_null(
        strstr(engine_op_by_id(w.en, op)->err.msg, "unpause it first"));
    assert_int_equal(engine_unpause(w.en, id, &op, NULL), 0);
    assert_int_equal(world_wait(&w, op), OP_DONE);
}

static void
test_suspended_guest_wakes_up_again(void **state)
{
    uint64_t id = world_guest(&w, "web9", ""), op;

    (void)state;
    world_pass(&w, 10000);
    assert_int_equal(engine_suspend(w.en, id, &op, NULL), 0);
    assert_int_equal(world_wait(&w, op), OP_DONE);
    world_pass(&w, 30000);
    assert_string_equal(dom_state_word(world_dom(&w, "web9")), "suspended");
    assert_int_equal(engine_unpause(w.en, id, &op, NULL), 0);
    assert_int_equal(world_wait(&w, op), OP_DONE);
    assert_int_equal(world_dom(&w, "web9")->flags & DOM_F_SHUTDOWN, 0);
}

/* By the verb, which else has nothing to say to who has ended. */
static void
test_the_verb_wakes_up_who_is_suspended_alone(void **state)
{
    struct buf out = { 0 }, warn = { 0 };
    struct err e = { 0 };
    struct test_session ts = { 0 };
    struct cmd_ctx ctx = {
        .ses = &ts.ses, .out = &out, .warn = &warn, .e = &e
    };
    uint64_t id = world_guest(&w, "web9", "on_crash = \"preserve\";"), op;

    (void)state;
    test_session_open(&ts, w.en, w.lp);
    assert_int_equal(engine_suspend(w.en, id, &op, NULL), 0);
    assert_int_equal(world_wait(&w, op), OP_DONE);
    assert_int_equal(test_run_line(&ctx, "resume web9"), CMD_WAIT);
    assert_int_equal(world_wait(&w, ctx.op), OP_DONE);
    assert_int_equal(world_dom(&w, "web9")->flags & DOM_F_SHUTDOWN, 0);
    sim_guest_shutdown(w.sim, world_dom(&w, "web9")->domid, HV_CRASH);
    world_pass(&w, 100);
    assert_int_equal(test_run_line(&ctx, "unpause web9"), CMD_WAIT);
    assert_int_equal(world_wait(&w, ctx.op), OP_FAILED);
    assert_string_equal(engine_op_by_id(w.en, ctx.op)->err.msg,
                        "'web9' does not run any more (preserved)");
    buf_free(&out);
    buf_free(&warn);
}

static void
test_reboot_restarts_after_the_minimum_time(void **state)
{
    uint64_t id = world_guest(&w, "web9", ""), op;
    uint8_t uuid[16];

    (void)state;
    memcpy(uuid, world_dom(&w, "web9")->uuid, sizeof(uuid));
    world_pass(&w, 30000);
    assert_int_equal(engine_reboot(w.en, id, &op, NULL), 0);
    assert_int_equal(world_wait(&w, op), OP_DONE);
    assert_true(world_until_event(&w, "create done"));
    world_pass(&w, 5000);
    assert_non_null(world_dom(&w, "web9"));
    assert_int_not_equal(world_dom(&w, "web9")->id, id);
    assert_memory_equal(world_dom(&w, "web9")->uuid, uuid, sizeof(uuid));
}

/* What is lacking is domain 0's: the verb that frees it is named. */
static void
test_refusal_for_want_of_memory_names_a_remedy(void **state)
{
    struct engine_create_opts o = { 0 };
    const struct err *why;
    struct err e = { 0 };
    char path[128], cmd[256];
    uint64_t op;

    (void)state;
    text_fmt(path, sizeof(path), "%s", world_conf(&w, "web9", ""));
    text_fmt(cmd, sizeof(cmd), "sed -i 's/^memory.*/memory = \"60G\";/' %s",
             path);
    assert_int_equal(system(cmd), 0);
    assert_int_equal(engine_create(w.en, path, &o, &op, &e), 0);
    assert_int_equal(world_wait(&w, op), OP_FAILED);
    why = &engine_op_by_id(w.en, op)->err;
    assert_int_equal(why->code, ERR_NOMEM);
    assert_non_null(strstr(why->msg, "61440 MiB needs 61442 MiB"));
    assert_non_null(strstr(why->msg, "`mem-set 0 "));
    assert_non_null(strstr(why->msg, "dom0_mem="));
}

static void
test_crash_loop_is_stopped(void **state)
{
    (void)state;
    world_guest(&w, "web9", "on_crash = \"restart\";");
    world_pass(&w, 3000);
    assert_int_equal(
        sim_guest_shutdown(w.sim, world_dom(&w, "web9")->domid, HV_CRASH), 0);
    assert_true(world_until_event(&w, "restart refused"));
    assert_true(world_until_gone(&w, "web9"));
}

static void
test_crashed_guest_is_preserved_on_demand(void **state)
{
    (void)state;
    world_guest(&w, "web9", "on_crash = \"preserve\";");
    assert_int_equal(
        sim_guest_shutdown(w.sim, world_dom(&w, "web9")->domid, HV_CRASH), 0);
    world_pass(&w, 60000);
    assert_string_equal(dom_state_word(world_dom(&w, "web9")), "preserved");
    assert_non_null(world_event(&w, "preserved"));
}

static void
test_dom0_is_refused(void **state)
{
    const struct dom *dom0 = engine_dom_by_domid(w.en, 0);
    struct err e = { 0 };

    (void)state;
    assert_int_equal(engine_destroy(w.en, dom0->id, NULL, &e), -1);
    assert_int_equal(e.code, ERR_DENIED);
    assert_int_equal(engine_pause(w.en, dom0->id, NULL, &e), -1);
    assert_int_equal(engine_shutdown(w.en, dom0->id, NULL, &e), -1);
}

static void
test_names_are_unique(void **state)
{
    uint64_t op;

    (void)state;
    world_guest(&w, "web9", "");
    assert_int_equal(
        engine_create(w.en, world_conf(&w, "web9", ""), NULL, &op, NULL), 0);
    assert_int_equal(world_wait(&w, op), OP_FAILED);
    assert_int_equal(engine_op_by_id(w.en, op)->err.code, ERR_EXISTS);
    assert_non_null(world_dom(&w, "web9"));
}

static void
test_maxmem_may_exceed_what_is_free(void **state)
{
    char *before = world_dump(&w);
    const char *conf = world_conf(&w, "web9", "maxmem = 900000;");
    struct err e = { 0 };
    uint64_t op;

    (void)state;
    assert_int_equal(engine_create(w.en, conf, NULL, &op, &e), 0);
    assert_int_equal(world_wait(&w, op), OP_DONE); /* maxmem may be larger */
    assert_int_equal(engine_destroy(w.en, world_dom(&w, "web9")->id, &op, NULL),
                     0);
    assert_int_equal(world_wait(&w, op), OP_DONE);
    world_pass(&w, 1000);
    world_unchanged(&w, before);
}

static void
test_cancelled_build_is_undone(void **state)
{
    char *before = world_dump(&w);
    struct err e = { 0 };
    uint64_t op;
    int i;

    (void)state;
    assert_int_equal(
        engine_create(w.en, world_conf(&w, "web9", ""), NULL, &op, &e), 0);
    for (i = 0; i < 100 && !engine_op_by_id(w.en, op)->cancellable; i++)
        (void)loop_turn(w.lp, 0);
    for (i = 0;
         i < 100 && strcmp(engine_op_by_id(w.en, op)->label, "build") != 0; i++)
        (void)loop_turn(w.lp, 10);
    assert_int_equal(engine_op_cancel(w.en, op, &e), 0);
    assert_int_equal(world_wait(&w, op), OP_CANCELLED);
    world_pass(&w, 1000);
    world_unchanged(&w, before);
}

static int
run(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_created_guest_is_ours_and_runs),
        T(test_paused_creation_stays_paused),
        T(test_life_leaves_nothing),
        T(test_death_from_inside_is_reaped),
        T(test_foreign_domain_is_never_reaped),
        T(test_foreign_domain_can_be_destroyed),
        T(test_ignored_shutdown_offers_destruction),
        T(test_destroy_does_not_wait_behind_a_shutdown),
        T(test_paused_guest_is_not_asked),
        T(test_suspended_guest_wakes_up_again),
        T(test_the_verb_wakes_up_who_is_suspended_alone),
        T(test_reboot_restarts_after_the_minimum_time),
        T(test_refusal_for_want_of_memory_names_a_remedy),
        T(test_crash_loop_is_stopped),
        T(test_crashed_guest_is_preserved_on_demand),
        T(test_dom0_is_refused),
        T(test_names_are_unique),
        T(test_maxmem_may_exceed_what_is_free),
        T(test_cancelled_build_is_undone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

WORLD_MAIN(run)
