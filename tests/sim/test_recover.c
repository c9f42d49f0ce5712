/*
 * test_recover.c - what outlives an engine: domains, definitions, policy; who
 * reaps when there are several; domains taken in and let go of.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/life/task.h"
#include "tests/sim/world.h"

/* Killed engines lose what was on their stack. */
int __lsan_is_turned_off(void);

int
__lsan_is_turned_off(void)
{
    return 1;
}

static struct world w;

WORLD_FIXTURE(world_open_kept(&w, 0), world_close(&w))

static const struct dom *
named(struct engine *en, const char *name)
{
    return engine_dom_find(en, name, NULL);
}

/* Events of e whose text holds this. */
static unsigned
count_events(struct engine *en, const char *text)
{
    unsigned n = 0;
    size_t i;

    for (i = 0; i < engine_event_count(en); i++)
        n += strstr(engine_event_at(en, i)->text, text) != NULL;
    return n;
}

static void
test_running_domain_is_taken_back(void **state)
{
    (void)state;
    world_guest(&w, "web9", "");
    world_pass(&w, 30000);
    world_kill(&w);
    world_pass(&w, 5000);
    world_start(&w, false);
    assert_true(named(w.en, "web9")->owned);
    assert_true(named(w.en, "web9")->start_wall_s > 0);
    world_pass(&w, 5000);
    assert_non_null(domains_by_name(w.en, "web9")->con);
}

static void
test_death_without_an_engine_is_reaped_by_policy(void **state)
{
    (void)state;
    world_guest(&w, "ends", "");
    world_guest(&w, "boots", "");
    world_pass(&w, 30000);
    assert_int_equal(
        sim_guest_shutdown(w.sim, named(w.en, "ends")->domid, HV_POWEROFF), 0);
    assert_int_equal(
        sim_guest_shutdown(w.sim, named(w.en, "boots")->domid, HV_REBOOT), 0);
    world_kill(&w);
    world_pass(&w, 5000);
    world_start(&w, false);
    world_pass(&w, 10000);
    assert_null(named(w.en, "ends"));
    assert_non_null(named(w.en, "boots"));
    assert_int_equal(named(w.en, "boots")->flags & DOM_F_SHUTDOWN, 0);
}

static void
test_second_engine_observes_and_takes_over(void **state)
{
    struct engine *first = w.en, *second;
    uint64_t id;

    (void)state;
    id = world_guest(&w, "web9", "");
    first->keep_host = true;
    second = world_beside(&w, false);
    assert_true(second->host.observer);
    assert_non_null(strstr(second->host.record, "pid "));
    assert_int_equal(count_events(second, "observer"), 1);
    assert_null(domains_by_name(second, "web9")->con);
    world_pass(&w, 30000);
    /* The first restarts it, once; the second only sees it. */
    assert_int_equal(engine_dom_by_id(first, id) != NULL, 1);
    (void)sim_guest_shutdown(w.sim, named(first, "web9")->domid, HV_REBOOT);
    world_pass(&w, 10000);
    assert_non_null(named(second, "web9"));
    assert_int_equal(engine_op_count(second), 0);
    engine_abandon(first);
    w.en = second;
    assert_true(world_until_event(&w, "takes over: "));
    assert_false(second->host.observer);
    assert_non_null(domains_by_name(second, "web9")->con);
    (void)sim_guest_shutdown(w.sim, named(second, "web9")->domid, HV_POWEROFF);
    assert_true(world_until_gone(&w, "web9"));
    second->keep_host = false;
}

static void
test_one_shot_leaves_the_end_to_the_record(void **state)
{
    struct engine *shot;
    uint64_t op;

    (void)state;
    world_guest(&w, "web9", "on_poweroff = \"destroy\";");
    world_pass(&w, 30000);
    shot = world_beside(&w, true);
    assert_int_equal(engine_shutdown(shot, named(shot, "web9")->id, &op, NULL),
                     0);
    world_pass(&w, 60000);
    assert_int_equal(engine_op_by_id(shot, op)->state, OP_DONE);
    assert_null(named(w.en, "web9"));
    assert_int_equal(count_events(w.en, "reaped (poweroff)"), 1);
    engine_close(shot);
}

static void
test_domain_of_a_one_shot_is_taken_in(void **state)
{
    struct engine *shot = world_beside(&w, true);
    uint64_t op;

    (void)state;
    assert_int_equal(
        engine_create(shot, world_conf(&w, "web9", ""), NULL, &op, NULL), 0);
    world_pass(&w, 10000);
    assert_int_equal(engine_op_by_id(shot, op)->state, OP_DONE);
    engine_close(shot);
    assert_true(named(w.en, "web9")->owned);
    assert_non_null(domains_by_name(w.en, "web9")->con);
    (void)sim_guest_shutdown(w.sim, named(w.en, "web9")->domid, HV_POWEROFF);
    assert_true(world_until_gone(&w, "web9"));
}

static void
test_definition_outlives_domain_and_engine(void **state)
{
    struct err e = { 0 };
    uint64_t op;

    (void)state;
    assert_int_equal(engine_define(w.en, world_conf(&w, "web9", ""), &e), 0);
    assert_true(named(w.en, "web9")->off);
    assert_int_equal(named(w.en, "web9")->domid, DOM_NO_DOMID);
    assert_string_equal(dom_state_word(named(w.en, "web9")), "off");
    assert_int_equal(engine_pause(w.en, named(w.en, "web9")->id, NULL, &e), -1);
    assert_non_null(strstr(e.msg, "is off"));
    assert_int_equal(engine_create(w.en, w.conf, NULL, &op, &e), -1);
    assert_non_null(strstr(e.msg, "start web9"));
    assert_int_equal(
        engine_start(w.en, named(w.en, "web9")->id, false, &op, &e), 0);
    assert_int_equal(world_wait(&w, op), OP_DONE);
    assert_false(named(w.en, "web9")->off);
    world_kill(&w);
    world_start(&w, false);
    (void)sim_guest_shutdown(w.sim, named(w.en, "web9")->domid, HV_POWEROFF);
    world_pass(&w, 10000);
    assert_true(named(w.en, "web9")->off);
    assert_int_equal(engine_undefine(w.en, named(w.en, "web9")->id, &e), 0);
    assert_null(named(w.en, "web9"));
}

static void
test_autostart_once_a_boot(void **state)
{
    struct err e = { 0 };

    (void)state;
    assert_int_equal(engine_define(w.en,
                                   world_conf(&w, "late",
                                              "autostart = true; "
                                              "autostart_order = 200;"),
                                   &e),
                     0);
    assert_int_equal(
        engine_define(w.en, world_conf(&w, "early", "autostart_delay = 30;"),
                      &e),
        0);
    assert_int_equal(
        engine_set_autostart(w.en, named(w.en, "early")->id, true, &e), 0);
    world_kill(&w);
    world_start_auto(&w);
    world_pass(&w, 15000);
    assert_false(named(w.en, "early")->off);
    assert_true(named(w.en, "late")->off);
    world_pass(&w, 40000);
    assert_false(named(w.en, "late")->off);
    (void)sim_guest_shutdown(w.sim, named(w.en, "late")->domid, HV_POWEROFF);
    world_pass(&w, 10000);
    assert_true(named(w.en, "late")->off);
    world_kill(&w);
    world_start_auto(&w);
    world_pass(&w, 60000);
    assert_true(named(w.en, "late")->off);
}

static void
test_adopted_domain_is_reaped(void **state)
{
    struct err e = { 0 };
    uint32_t domid;
    uint64_t op;

    (void)state;
    assert_int_equal(sim_foreign_guest(w.sim, "theirs", &domid), 0);
    world_pass(&w, 2000);
    assert_int_equal(
        engine_adopt(w.en, named(w.en, "theirs")->id, NULL, &op, &e), 0);
    assert_int_equal(world_wait(&w, op), OP_DONE);
    assert_true(named(w.en, "theirs")->owned);
    assert_int_equal(engine_disown(w.en, named(w.en, "theirs")->id, &op, &e),
                     0);
    assert_int_equal(world_wait(&w, op), OP_DONE);
    assert_false(named(w.en, "theirs")->owned);
    assert_int_equal(
        engine_adopt(w.en, named(w.en, "theirs")->id, NULL, &op, &e), 0);
    assert_int_equal(world_wait(&w, op), OP_DONE);
    (void)sim_guest_shutdown(w.sim, domid, HV_POWEROFF);
    assert_true(world_until_gone(&w, "theirs"));
}

static void
test_leftovers_are_collected(void **state)
{
    char path[160];
    FILE *f;

    (void)state;
    text_fmt(path, sizeof(path), "%s/99999999-2222-4333-8444-555555555555.conf",
             w.state);
    f = fopen(path, "w");
    assert_non_null(f);
    fclose(f);
    assert_int_equal(
        store_write(w.en->st, 0, "/libxl/77/xendeck/owner", "xendeck", NULL),
        0);
    assert_int_equal(store_write(w.en->st, 0, "/libxl/77/xendeck/uuid",
                                 "99999999-2222-4333-8444-555555555555", NULL),
                     0);
    world_kill(&w);
    world_start(&w, false);
    assert_int_equal(access(path, F_OK), -1);
    assert_false(store_exists(w.en->st, 0, "/libxl/77"));
    assert_int_equal(count_events(w.en, "recovery: "), 2);
}

static int
run(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_running_domain_is_taken_back),
        T(test_death_without_an_engine_is_reaped_by_policy),
        T(test_second_engine_observes_and_takes_over),
        T(test_one_shot_leaves_the_end_to_the_record),
        T(test_domain_of_a_one_shot_is_taken_in),
        T(test_definition_outlives_domain_and_engine),
        T(test_autostart_once_a_boot),
        T(test_adopted_domain_is_reaped),
        T(test_leftovers_are_collected),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

WORLD_MAIN(run)
