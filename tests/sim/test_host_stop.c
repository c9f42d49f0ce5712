/*
 * test_host_stop.c - the end of all domains on the simulated host: order,
 * policies, limits, cancellation; nothing starts meanwhile.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/life/host_stop.h"
#include "tests/sim/world.h"

static struct world w;

WORLD_FIXTURE(world_open(&w, 0, false), world_close(&w))

static uint64_t
stop(enum host_stop how, unsigned limit_s)
{
    struct err e = { 0 };
    uint64_t op;

    if (engine_host_stop(w.en, how, limit_s, &op, &e) < 0)
        fail_msg("%s", e.msg);
    return op;
}

/* Which of the events that name it came first; 0: none. */
static uint64_t
reaped_at(const char *name)
{
    size_t i;

    for (i = 0; i < engine_event_count(w.en); i++) {
        const struct event *ev = engine_event_at(w.en, i);

        if (ev->kind == EVENT_REAPED && strcmp(ev->name, name) == 0)
            return ev->seq;
    }
    return 0;
}

static void
test_reverse_of_the_start_order(void **state)
{
    (void)state;
    world_guest(&w, "net", "driver_domain = true; autostart_order = 900;");
    world_guest(&w, "first", "autostart_order = 1;");
    world_guest(&w, "second", "autostart_order = 2;");
    world_guest(&w, "other", "autostart_order = 2;");
    world_pass(&w, 10000);
    assert_int_equal(world_wait(&w, stop(HOST_STOP_DOMAINS, 0)), OP_DONE);
    assert_int_equal(engine_dom_count(w.en), 1);
    assert_true(reaped_at("second") < reaped_at("first"));
    assert_true(reaped_at("other") < reaped_at("first"));
    assert_true(reaped_at("first") < reaped_at("net"));
    assert_false(host_stopping(w.en));
}

static void
test_those_of_one_order_stop_side_by_side(void **state)
{
    char name[16];
    uint64_t began, op;
    int i;

    (void)state;
    for (i = 0; i < 5; i++) {
        text_fmt(name, sizeof(name), "g%d", i);
        world_guest(&w, name, "");
    }
    world_pass(&w, 10000);
    sim_delay_add(w.sim, "guest.shutdown", 10000);
    began = loop_now_ms(w.lp);
    op = stop(HOST_STOP_DOMAINS, 0);
    world_pass(&w, 5000);
    assert_string_equal(engine_op_by_id(w.en, op)->label,
                        "waiting for g4 (1 of 5)");
    assert_int_equal(world_wait(&w, op), OP_DONE);
    assert_true(loop_now_ms(w.lp) - began < 20000);
}

static void
test_policy_destroy_asks_nobody(void **state)
{
    (void)state;
    world_guest(&w, "web9", "host_stop = \"destroy\";");
    sim_guest_ignore_control(w.sim, world_dom(&w, "web9")->domid, true);
    assert_int_equal(world_wait(&w, stop(HOST_STOP_DOMAINS, 0)), OP_DONE);
    assert_null(world_dom(&w, "web9"));
    assert_null(world_event(&w, "shutdown begins"));
}

/* --- saved --- */

static struct world kept;

static int
kept_setup(void **state)
{
    (void)state;
    world_open_kept(&kept, 0);
    return 0;
}

static int
kept_teardown(void **state)
{
    (void)state;
    world_close(&kept);
    return 0;
}

static void
stop_kept(void)
{
    struct err e = { 0 };
    uint64_t op;

    if (engine_host_stop(kept.en, HOST_STOP_DOMAINS, 0, &op, &e) < 0 ||
        world_wait(&kept, op) != OP_DONE)
        fail_msg("%s", e.msg);
    world_idle(&kept);
}

static void
pass_kept(const char *more)
{
    (void)world_guest(&kept, "web9", more);
    world_pass(&kept, 20000);
}

static uint64_t
count_of(const char *name)
{
    uint64_t n = 0;

    assert_non_null(world_dom(&kept, name));
    assert_int_equal(
        sim_guest_count(kept.sim, world_dom(&kept, name)->domid, &n), 0);
    return n;
}

/* Defined or not, autostart or not: it goes on with the next start of the
 * host's engine, once. */
static void
test_policy_save_comes_back(void **state)
{
    uint64_t before;

    (void)state;
    pass_kept("host_stop = \"save\";");
    before = count_of("web9");
    stop_kept();
    assert_null(world_dom(&kept, "web9"));
    assert_true(engine_dom_find(kept.en, "web9", NULL)->saved);
    world_kill(&kept);
    world_start(&kept, false); /* no start of the host */
    world_pass(&kept, 30000);
    assert_null(world_dom(&kept, "web9"));
    world_kill(&kept);
    world_start_auto(&kept);
    world_pass(&kept, 30000);
    assert_true(count_of("web9") >= before);
    assert_false(engine_dom_find(kept.en, "web9", NULL)->saved);
    assert_non_null(world_event(&kept, "autostart"));
}

/* What an operator saved stays in its file. */
static void
test_saved_by_hand_stays(void **state)
{
    struct err e = { 0 };
    uint64_t op;

    (void)state;
    pass_kept("host_stop = \"save\";");
    assert_int_equal(
        engine_save(kept.en, world_dom(&kept, "web9")->id, NULL, NULL, &op, &e),
        0);
    assert_int_equal(world_wait(&kept, op), OP_DONE);
    world_idle(&kept);
    world_kill(&kept);
    world_start_auto(&kept);
    world_pass(&kept, 30000);
    assert_null(world_dom(&kept, "web9"));
    assert_true(engine_dom_find(kept.en, "web9", NULL)->saved);
}

static void
test_policy_save_of_a_paused_one(void **state)
{
    struct err e = { 0 };
    uint64_t op;

    (void)state;
    pass_kept("host_stop = \"save\"; type = \"hvm\";");
    assert_int_equal(
        engine_pause(kept.en, world_dom(&kept, "web9")->id, &op, &e), 0);
    assert_int_equal(world_wait(&kept, op), OP_DONE);
    stop_kept();
    assert_true(engine_dom_find(kept.en, "web9", NULL)->saved);
}

/* It does not suspend: it is asked to shut down, and ends in either way. */
static void
test_policy_save_that_fails(void **state)
{
    (void)state;
    pass_kept("host_stop = \"save\";");
    sim_fault_add(kept.sim, "hv.save_words", 1, 5 /* EIO */);
    stop_kept();
    assert_null(world_dom(&kept, "web9"));
    assert_non_null(world_event(&kept, "not saved, shut down: "));
    assert_non_null(world_event(&kept, "reaped (poweroff)"));
    assert_null(engine_dom_find(kept.en, "web9", NULL));
}

static void
test_deaf_guest_is_destroyed_in_time(void **state)
{
    uint64_t began;

    (void)state;
    world_guest(&w, "web9", "");
    world_guest(&w, "web8", "");
    world_pass(&w, 10000);
    sim_guest_ignore_control(w.sim, world_dom(&w, "web9")->domid, true);
    began = loop_now_ms(w.lp);
    assert_int_equal(world_wait(&w, stop(HOST_STOP_DOMAINS, 15)), OP_DONE);
    assert_true(loop_now_ms(w.lp) - began >= 15000);
    assert_true(loop_now_ms(w.lp) - began < 20000);
    assert_int_equal(engine_dom_count(w.en), 1);
    assert_non_null(world_event(&w, "it did not end within 15 s"));
}

static void
test_paused_guest_is_woken_up_to_shut_down(void **state)
{
    uint64_t id = world_guest(&w, "web9", ""), op;

    (void)state;
    world_pass(&w, 10000);
    assert_int_equal(engine_pause(w.en, id, &op, NULL), 0);
    assert_int_equal(world_wait(&w, op), OP_DONE);
    assert_int_equal(world_wait(&w, stop(HOST_STOP_DOMAINS, 0)), OP_DONE);
    assert_non_null(world_event(&w, "reaped (poweroff)"));
}

static void
test_domains_of_others_are_shut_down(void **state)
{
    uint32_t domid;

    (void)state;
    assert_int_equal(sim_foreign_guest(w.sim, "theirs", &domid), 0);
    world_pass(&w, 10000);
    assert_int_equal(world_wait(&w, stop(HOST_STOP_DOMAINS, 0)), OP_DONE);
    assert_true(world_dom(&w, "theirs")->flags & DOM_F_SHUTDOWN);
}

static void
test_nothing_starts_meanwhile(void **state)
{
    struct err e = { 0 };
    uint64_t op, create;

    (void)state;
    world_guest(&w, "web9", "restart = \"always\";");
    world_pass(&w, 30000);
    op = stop(HOST_STOP_DOMAINS, 0);
    world_pass(&w, 100);
    assert_int_equal(
        engine_create(w.en, world_conf(&w, "web8", ""), NULL, &create, &e), 0);
    assert_int_equal(world_wait(&w, create), OP_FAILED);
    assert_non_null(strstr(engine_op_by_id(w.en, create)->err.msg,
                           "the host is being stopped"));
    assert_int_equal(engine_host_stop(w.en, HOST_REBOOT, 0, NULL, &e), -1);
    assert_int_equal(e.code, ERR_BUSY);
    assert_int_equal(world_wait(&w, op), OP_DONE);
    world_pass(&w, 10000);
    assert_null(world_dom(&w, "web9"));
    assert_non_null(world_event(&w, "not restarted: the host is being"));
    world_guest(&w, "web9", ""); /* it may be again */
}

/* A stop that has waited a while for web9, which ignores it. */
static uint64_t
stop_ignored(void)
{
    uint64_t op;

    world_guest(&w, "web9", "");
    world_pass(&w, 10000);
    sim_guest_ignore_control(w.sim, world_dom(&w, "web9")->domid, true);
    op = stop(HOST_POWEROFF, 0);
    world_pass(&w, 2000);
    return op;
}

static void
test_cancelled_it_takes_back_what_it_asked(void **state)
{
    uint64_t op;
    char path[64], now[32];

    (void)state;
    op = stop_ignored();
    assert_int_equal(engine_op_cancel(w.en, op, NULL), 0);
    assert_int_equal(world_wait(&w, op), OP_CANCELLED);
    world_pass(&w, 1000);
    store_path(path, sizeof(path), "/local/domain/%u/control/shutdown",
               world_dom(&w, "web9")->domid);
    assert_int_equal(
        store_read_text(engine_store(w.en), 0, path, now, sizeof(now), NULL),
        0);
    assert_string_equal(now, "");
    assert_false(host_stopping(w.en));
}

/* Whoever saves one domain wants no stop. */
static void
test_cancelling_a_part_cancels_all(void **state)
{
    size_t i;
    uint64_t op;

    (void)state;
    op = stop_ignored();
    for (i = 0; i < engine_op_count(w.en); i++)
        if (engine_op_at(w.en, i)->verb == OP_SHUTDOWN)
            assert_int_equal(
                engine_op_cancel(w.en, engine_op_at(w.en, i)->id, NULL), 0);
    assert_int_equal(world_wait(&w, op), OP_CANCELLED);
    world_pass(&w, 10000);
    assert_non_null(world_dom(&w, "web9"));
}

static void
test_host_goes_last(void **state)
{
    (void)state;
    world_guest(&w, "web9", "");
    world_pass(&w, 10000);
    assert_int_equal(world_wait(&w, stop(HOST_REBOOT, 0)), OP_DONE);
    assert_int_equal(engine_dom_count(w.en), 1);
    assert_non_null(world_event(&w, "the host reboots"));
}

static void
test_creation_at_work_is_undone_first(void **state)
{
    char *before = world_dump(&w), *after;
    uint64_t create, op;
    int i;

    (void)state;
    assert_int_equal(
        engine_create(w.en, world_conf(&w, "web9", ""), NULL, &create, NULL),
        0);
    for (i = 0;
         i < 200 && strcmp(engine_op_by_id(w.en, create)->label, "build") != 0;
         i++)
        (void)loop_turn(w.lp, 10);
    op = stop(HOST_STOP_DOMAINS, 0);
    assert_int_equal(world_wait(&w, op), OP_DONE);
    assert_int_equal(engine_op_by_id(w.en, create)->state, OP_CANCELLED);
    world_pass(&w, 1000);
    after = world_dump(&w);
    assert_string_equal(before, after);
    free(before);
    free(after);
}

static int
run(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_reverse_of_the_start_order),
        T(test_those_of_one_order_stop_side_by_side),
        T(test_policy_destroy_asks_nobody),
        T(test_deaf_guest_is_destroyed_in_time),
        T(test_paused_guest_is_woken_up_to_shut_down),
        T(test_domains_of_others_are_shut_down),
        T(test_nothing_starts_meanwhile),
        T(test_cancelled_it_takes_back_what_it_asked),
        T(test_cancelling_a_part_cancels_all),
        T(test_host_goes_last),
        T(test_creation_at_work_is_undone_first),
        cmocka_unit_test_setup_teardown(test_policy_save_comes_back, kept_setup,
                                        kept_teardown),
        cmocka_unit_test_setup_teardown(test_saved_by_hand_stays, kept_setup,
                                        kept_teardown),
        cmocka_unit_test_setup_teardown(test_policy_save_of_a_paused_one,
                                        kept_setup, kept_teardown),
        cmocka_unit_test_setup_teardown(test_policy_save_that_fails, kept_setup,
                                        kept_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

WORLD_MAIN(run)
