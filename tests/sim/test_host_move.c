/*
 * test_host_move.c - a simulated host stops, and its domains go to another: by
 * their own policy or the engine's, so many at a time; one that does not get
 * there falls back; whatever dies, a domain is on one side alone.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/config/core/config.h"
#include "engine/config/core/uuid.h"
#include "engine/life/host_stop.h"
#include "engine/record/db.h"
#include "engine/saved/move_note.h"
#include "tests/sim/pair.h"

#define MOVES PAIR_DISK "host_stop = \"migrate\"; host_stop_to = \"beta\";"

static struct pair p;
static uint8_t uuid[16];
static struct err e;

static void
open_pair(void)
{
    e = (struct err){ 0 };
    pair_open(&p, MOVES);
}

WORLD_FIXTURE(open_pair(), pair_close(&p))

static void
open_again(const char *more)
{
    pair_close(&p);
    pair_open(&p, more);
}

/* Another engine, with what the test has set in p.a. */
static void
restart_a(void)
{
    world_kill(&p.a);
    world_start(&p.a, false);
    pair_pass(&p, 3000);
}

static uint64_t
host_move_stop(unsigned limit_s)
{
    uint64_t op = 0;

    if (engine_host_stop(p.a.en, HOST_STOP_DOMAINS, limit_s, &op, &e) < 0)
        fail_msg("%s", e.msg);
    return op;
}

static enum op_state
stop_a(void)
{
    enum op_state end = pair_wait(&p, &p.a, host_move_stop(0));

    pair_settle(&p, 2000);
    return end;
}

static uint64_t
count_at(struct world *w)
{
    uint64_t n = 0;

    assert_non_null(world_dom(w, "web9"));
    assert_int_equal(sim_guest_count(w->sim, world_dom(w, "web9")->domid, &n),
                     0);
    return n;
}

static void
assert_saved(void)
{
    assert_false(pair_has(&p.a) || pair_has(&p.b));
    assert_non_null(engine_dom_find(p.a.en, "web9", NULL));
    assert_true(engine_dom_find(p.a.en, "web9", NULL)->saved);
}

/* --- it goes --- */

static void
test_by_its_own_policy(void **state)
{
    uint64_t before = count_at(&p.a);

    (void)state;
    assert_int_equal(stop_a(), OP_DONE);
    assert_true(pair_runs(&p.b));
    assert_false(pair_has(&p.a));
    assert_true(count_at(&p.b) >= before);
    assert_non_null(world_event(&p.a, "has moved to beta"));
    assert_null(world_event(&p.a, "shutdown begins"));
}

static void
test_by_the_engines_settings(void **state)
{
    (void)state;
    open_again(PAIR_DISK);
    p.a.host_stop = CONFIG_STOP_MIGRATE;
    p.a.host_stop_to = "--rounds=2\nbeta";
    restart_a();
    assert_int_equal(stop_a(), OP_DONE);
    assert_true(pair_runs(&p.b));
    assert_false(pair_has(&p.a));
}

static void
test_its_own_word_wins(void **state)
{
    (void)state;
    open_again(PAIR_DISK "host_stop = \"shutdown\";");
    p.a.host_stop = CONFIG_STOP_MIGRATE;
    p.a.host_stop_to = "beta";
    restart_a();
    assert_int_equal(stop_a(), OP_DONE);
    assert_false(pair_has(&p.a) || pair_has(&p.b));
    assert_non_null(world_event(&p.a, "reaped (poweroff)"));
}

static void
test_a_driver_domain_stays(void **state)
{
    (void)state;
    open_again(PAIR_DISK "driver_domain = true;");
    p.a.host_stop = CONFIG_STOP_MIGRATE;
    p.a.host_stop_to = "beta";
    restart_a();
    assert_int_equal(stop_a(), OP_DONE);
    assert_false(pair_has(&p.a) || pair_has(&p.b));
    assert_int_equal(p.n_wires, 0);
}

/* --- so many at a time --- */

struct most {
    uint64_t op;
    unsigned at_once, moved;
};

static bool
watch_moves(void *arg)
{
    struct most *m = arg;
    const struct op *o = engine_op_by_id(p.a.en, m->op);
    unsigned n = 0, done = 0;
    size_t i;

    for (i = 0; i < engine_op_count(p.a.en); i++) {
        const struct op *x = engine_op_at(p.a.en, i);

        n += x->verb == OP_MIGRATE && x->state == OP_RUNNING;
        done += x->verb == OP_MIGRATE && x->state == OP_DONE;
    }
    m->at_once = n > m->at_once ? n : m->at_once;
    m->moved = done;
    return o->state > OP_RUNNING;
}

static void
assert_at_once(unsigned most)
{
    struct most m = { 0 };
    char name[8];
    int i;

    p.a.host_stop = CONFIG_STOP_MIGRATE;
    p.a.host_stop_to = "beta";
    p.a.host_stop_moves = most;
    restart_a();
    for (i = 0; i < 3; i++) {
        text_fmt(name, sizeof(name), "g%d", i);
        (void)world_guest(&p.a, name, "");
    }
    pair_pass(&p, 5000);
    m.op = host_move_stop(0);
    pair_until(&p, watch_moves, &m);
    assert_int_equal(engine_op_by_id(p.a.en, m.op)->state, OP_DONE);
    assert_int_equal(m.moved, 4);
    assert_int_equal(m.at_once, most);
}

static void
test_one_at_a_time(void **state)
{
    (void)state;
    assert_at_once(1);
}

static void
test_three_at_a_time(void **state)
{
    (void)state;
    assert_at_once(3);
}

/* --- it does not get there --- */

static void
test_no_way_there_saved(void **state)
{
    (void)state;
    p.no_route = true;
    assert_int_equal(stop_a(), OP_DONE);
    assert_non_null(world_event(&p.a, "not moved, saved: "));
    assert_saved();
}

static void
test_no_way_there_shut_down(void **state)
{
    (void)state;
    open_again(MOVES "host_stop_else = \"shutdown\";");
    p.no_route = true;
    assert_int_equal(stop_a(), OP_DONE);
    assert_non_null(world_event(&p.a, "not moved, shut down: "));
    assert_non_null(world_event(&p.a, "reaped (poweroff)"));
    assert_null(engine_dom_find(p.a.en, "web9", NULL));
}

static void
test_no_way_there_destroyed(void **state)
{
    (void)state;
    open_again(MOVES "host_stop_else = \"destroy\";");
    p.no_route = true;
    assert_int_equal(stop_a(), OP_DONE);
    assert_non_null(world_event(&p.a, "not moved, destroyed: "));
    assert_false(pair_has(&p.a) || pair_has(&p.b));
}

static void
test_neither_moved_nor_saved(void **state)
{
    (void)state;
    p.no_route = true;
    sim_fault_add(p.a.sim, "hv.save_words", 1, 5 /* EIO */);
    assert_int_equal(stop_a(), OP_DONE);
    assert_non_null(world_event(&p.a, "not moved, saved: "));
    assert_non_null(world_event(&p.a, "not saved, shut down: "));
    assert_non_null(world_event(&p.a, "reaped (poweroff)"));
}

static void
test_nowhere_to_go(void **state)
{
    (void)state;
    open_again(PAIR_DISK "host_stop = \"migrate\";");
    assert_int_equal(stop_a(), OP_DONE);
    assert_non_null(world_event(&p.a, "name a host (host_stop_to)"));
    assert_saved();
}

/* The other host stops as well: neither sends the other what it would have to
 * send back. */
static void
test_the_other_host_stops_too(void **state)
{
    uint64_t op;

    (void)state;
    (void)world_guest(&p.b, "slow", "");
    pair_pass(&p, 5000);
    sim_guest_ignore_control(p.b.sim, world_dom(&p.b, "slow")->domid, true);
    assert_int_equal(engine_host_stop(p.b.en, HOST_STOP_DOMAINS, 600, &op, &e),
                     0);
    assert_int_equal(stop_a(), OP_DONE);
    assert_saved();
}

/* --- it hangs --- */

static bool
is_at(struct world *w, enum op_verb verb, const char *label)
{
    size_t i;

    for (i = 0; w->en != NULL && i < engine_op_count(w->en); i++) {
        const struct op *o = engine_op_at(w->en, i);

        if (o->verb == verb && o->state == OP_RUNNING &&
            strstr(o->label, label) != NULL)
            return true;
    }
    return false;
}

static bool
is_settling(void *arg)
{
    (void)arg;
    return is_at(&p.a, OP_MIGRATE, "ask whose it is");
}

static bool
is_moving(void *arg)
{
    (void)arg;
    return is_at(&p.a, OP_MIGRATE, "");
}

/* Cuts the connection behind the permission, and lets nobody ask again. */
static void
lose_permission(void)
{
    uint64_t op = host_move_stop(0);
    size_t at;

    pair_until(&p, is_moving, NULL);
    (void)pair_wait(&p, &p.a, op);
    at = p.seen[PAIR_TO];
    open_again(MOVES);
    p.cut_wire = 2;
    p.cut_way = PAIR_TO;
    p.cut_at = at;
}

/* Nobody here knows whether it runs there: it stays suspended, and is neither
 * saved nor destroyed by the end of the host. */
static void
test_one_that_may_be_there_is_left(void **state)
{
    uint64_t op;

    (void)state;
    lose_permission();
    op = host_move_stop(0);
    pair_until(&p, pair_was_cut, &p);
    p.no_route = true;
    pair_until(&p, is_settling, NULL);
    assert_int_equal(pair_wait(&p, &p.a, op), OP_DONE);
    assert_non_null(world_event(&p.a, "does not say whether it does"));
    assert_false(pair_runs(&p.a));
    p.no_route = false;
    pair_pass(&p, 60000);
    assert_true(pair_runs(&p.a) != pair_runs(&p.b));
}

/* --- the power goes --- */

#define STARTED MOVES "autostart = true;"

static bool
is_held(void)
{
    struct db_state s;

    db_state_load(p.a.state, uuid, &s);
    return s.held;
}

/* "web9", defined, starts with the host. */
static void
open_defined(void)
{
    open_again(STARTED);
    if (engine_define(p.a.en, p.a.conf, &e) < 0)
        fail_msg("%s", e.msg);
    memcpy(uuid, world_dom(&p.a, "web9")->uuid, sizeof(uuid));
}

/* The permission was given, and nothing is heard any more. */
static uint64_t
give_without_report(void)
{
    uint64_t op;

    open_defined();
    op = host_move_stop(0);
    p.cut_wire = 2;
    p.cut_way = PAIR_BACK;
    p.cut_at = sizeof(MOVE_BANNER) - 1 + sizeof(MOVE_READY) + 1;
    pair_until(&p, pair_was_cut, &p);
    p.no_route = true;
    pair_until(&p, is_settling, NULL);
    return op;
}

static uint64_t
destroy_web9(void)
{
    uint64_t op;

    if (engine_destroy(p.a.en, world_dom(&p.a, "web9")->id, &op, &e) < 0)
        fail_msg("%s", e.msg);
    return op;
}

static void
boot_a(void)
{
    world_power_cut(&p.a);
    world_start_auto(&p.a);
    pair_pass(&p, 30000);
}

static void
test_one_that_may_be_there_is_not_started_here(void **state)
{
    uint64_t op;

    (void)state;
    op = give_without_report();
    assert_int_equal(pair_wait(&p, &p.a, op), OP_DONE);
    assert_true(pair_runs(&p.b));
    boot_a();
    assert_null(world_dom(&p.a, "web9"));
    assert_int_equal(engine_start(p.a.en,
                                  engine_dom_find(p.a.en, "web9", NULL)->id,
                                  false, &op, &e),
                     0);
    assert_int_equal(pair_wait(&p, &p.a, op), OP_DONE);
    assert_true(pair_runs(&p.a));
    assert_false(is_held());
}

static void
test_one_that_was_not_given_is_started_here(void **state)
{
    (void)state;
    open_defined();
    (void)host_move_stop(0);
    pair_until(&p, is_moving, NULL);
    boot_a();
    assert_true(pair_runs(&p.a));
}

static void
test_nothing_is_held_after_a_move(void **state)
{
    (void)state;
    open_defined();
    assert_int_equal(stop_a(), OP_DONE);
    assert_true(pair_runs(&p.b));
    assert_false(is_held());
    open_again(MOVES); /* not defined */
    memcpy(uuid, world_dom(&p.a, "web9")->uuid, sizeof(uuid));
    assert_int_equal(stop_a(), OP_DONE);
    assert_true(pair_runs(&p.b));
    assert_false(is_held());
    assert_null(engine_dom_find(p.a.en, "web9", NULL));
    pair_pass(&p, 5000);
    assert_null(engine_dom_find(p.a.en, "web9", NULL));
}

/* It is known to be ours: by an operator, or by the other host. */
static void
test_nothing_is_held_of_one_that_stays(void **state)
{
    const struct op *o;

    (void)state;
    (void)give_without_report();
    assert_true(is_held());
    o = engine_op_by_id(p.a.en, world_dom(&p.a, "web9")->op);
    assert_int_equal(o->verb, OP_MIGRATE);
    assert_int_equal(engine_op_cancel(p.a.en, o->id, &e), 0);
    assert_int_equal(pair_wait(&p, &p.a, o->id), OP_CANCELLED);
    assert_false(is_held());
}

static void
test_nothing_is_held_of_one_that_was_refused(void **state)
{
    (void)state;
    open_defined();
    sim_fault_add(p.b.sim, "hv.unpause", 1, 5 /* EIO */);
    (void)pair_wait(&p, &p.a, host_move_stop(0));
    assert_non_null(world_event(&p.a, "could not start it"));
    assert_false(is_held());
}

/* What would have to be known after a power cut cannot be written. */
static void
test_not_given_what_cannot_be_held(void **state)
{
    char path[300], text[37];
    uint64_t op;

    (void)state;
    open_defined();
    uuid_print_text(uuid, text);
    text_fmt(path, sizeof(path), "%s/%s.state", p.a.state, text);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(symlink(path, path), 0);
    if (engine_migrate(p.a.en, p.id, "beta", NULL, &op, &e) < 0)
        fail_msg("%s", e.msg);
    assert_int_equal(pair_wait(&p, &p.a, op), OP_FAILED);
    assert_non_null(
        strstr(engine_op_by_id(p.a.en, op)->err.msg, "is not given away"));
    pair_settle(&p, 5000);
    assert_int_equal(unlink(path), 0);
    assert_true(pair_runs(&p.a));
    assert_false(pair_has(&p.b));
}

/* An operator has looked, and it runs there: a definition stays, and is not
 * started by itself; of another nothing is kept. */
static void
test_one_that_is_destroyed_here_is_not_started(void **state)
{
    uint64_t op;

    (void)state;
    (void)give_without_report();
    op = destroy_web9();
    assert_int_equal(pair_wait(&p, &p.a, op), OP_DONE);
    pair_pass(&p, 5000);
    boot_a();
    assert_null(world_dom(&p.a, "web9"));
    assert_non_null(engine_dom_find(p.a.en, "web9", NULL));
    open_again(MOVES);
    lose_permission();
    (void)host_move_stop(0);
    pair_until(&p, pair_was_cut, &p);
    p.no_route = true;
    pair_until(&p, is_settling, NULL);
    memcpy(uuid, world_dom(&p.a, "web9")->uuid, sizeof(uuid));
    assert_true(is_held());
    op = destroy_web9();
    assert_int_equal(pair_wait(&p, &p.a, op), OP_DONE);
    pair_pass(&p, 5000);
    assert_true(is_held()); /* until an operator starts or forgets it */
    assert_non_null(engine_dom_find(p.a.en, "web9", NULL));
}

/* --- one of them is given up, or destroyed --- */

/* Earlier in the list, for it is younger, and queued later: it is woken up
 * first. */
static void
test_the_next_goes_when_one_is_given_up(void **state)
{
    uint64_t op, id;

    (void)state;
    lose_permission();
    p.a.host_stop = CONFIG_STOP_MIGRATE;
    p.a.host_stop_to = "beta";
    p.a.host_stop_moves = 1;
    restart_a();
    id = world_guest(&p.a, "late",
                     "host_stop = \"migrate\";"
                     "host_stop_to = \"beta\";"
                     "host_stop_else = \"destroy\";");
    pair_pass(&p, 5000);
    assert_int_equal(engine_pause(p.a.en, id, &op, &e), 0);
    assert_int_equal(pair_wait(&p, &p.a, op), OP_DONE);
    op = host_move_stop(0);
    pair_until(&p, pair_was_cut, &p);
    p.no_route = true;
    assert_int_equal(pair_wait(&p, &p.a, op), OP_DONE);
    assert_non_null(world_event(&p.a, "does not say whether it does"));
    assert_non_null(world_event(&p.a, "not moved, destroyed: "));
    assert_null(world_dom(&p.a, "late"));
}

static void
test_one_that_is_destroyed_stops_nothing(void **state)
{
    uint64_t op;

    (void)state;
    (void)world_guest(&p.a, "other", "");
    pair_pass(&p, 5000);
    op = host_move_stop(0);
    pair_until(&p, is_moving, NULL);
    (void)destroy_web9();
    assert_int_equal(pair_wait(&p, &p.a, op), OP_DONE);
    assert_int_equal(engine_dom_count(p.a.en), 1);
    assert_null(world_event(&p.a, "not moved"));
}

static bool
is_at_its_end(void *arg)
{
    return is_at(&p.a, *(const enum op_verb *)arg, "");
}

static void
destroyed_while(enum op_verb verb, const char *how)
{
    char more[128];
    uint64_t op;

    text_fmt(more, sizeof(more), "host_stop = \"%s\";", how);
    open_again(more);
    (void)world_guest(&p.a, "other", "");
    pair_pass(&p, 5000);
    sim_guest_ignore_control(p.a.sim, world_dom(&p.a, "web9")->domid, true);
    op = host_move_stop(0);
    pair_until(&p, is_at_its_end, &verb);
    (void)destroy_web9();
    assert_int_equal(pair_wait(&p, &p.a, op), OP_DONE);
    assert_int_equal(engine_dom_count(p.a.en), 1);
    assert_null(world_event(&p.a, "the host stops: "));
    assert_null(world_event(&p.a, "not saved"));
}

static void
test_destroyed_while_it_is_saved_or_asked(void **state)
{
    (void)state;
    destroyed_while(OP_SAVE, "save");
    destroyed_while(OP_SHUTDOWN, "shutdown");
}

/* --- whoever wants no stop --- */

static void
test_cancelled_it_runs_on_here(void **state)
{
    uint64_t op, before = count_at(&p.a);

    (void)state;
    op = host_move_stop(0);
    pair_until(&p, is_moving, NULL);
    assert_int_equal(engine_op_cancel(p.a.en, op, &e), 0);
    assert_int_equal(pair_wait(&p, &p.a, op), OP_CANCELLED);
    pair_settle(&p, 5000);
    assert_true(pair_runs(&p.a));
    assert_false(pair_has(&p.b));
    assert_true(count_at(&p.a) >= before);
    assert_false(host_stopping(p.a.en));
}

static void
test_cancelled_when_it_may_be_there(void **state)
{
    uint64_t op;

    (void)state;
    lose_permission();
    op = host_move_stop(0);
    pair_until(&p, pair_was_cut, &p);
    p.no_route = true;
    pair_until(&p, is_settling, NULL);
    assert_int_equal(engine_op_cancel(p.a.en, op, &e), 0);
    assert_int_equal(pair_wait(&p, &p.a, op), OP_CANCELLED);
    assert_false(pair_runs(&p.a));
    p.no_route = false;
    pair_pass(&p, 60000);
    assert_true(pair_runs(&p.a) != pair_runs(&p.b));
}

/* --- deaths --- */

/* The engine dies when its migration is at this label: exactly one side has
 * the domain in the end, and it runs there. */
static const char *const labels[] = {
    "check",  "ask the other host", "connect",      "configuration",
    "memory", "wait for the other", "give it away", "ask whose it is",
};

static const char *label;

static bool
is_at_label(void *arg)
{
    const struct op *o = engine_op_by_id(p.a.en, *(const uint64_t *)arg);

    return is_at(&p.a, OP_MIGRATE, label) || o->state > OP_RUNNING;
}

static void
test_the_engine_dies(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(labels) / sizeof(labels[0]); i++) {
        uint64_t op = host_move_stop(0);

        label = labels[i];
        pair_until(&p, is_at_label, &op);
        restart_a();
        pair_settle(&p, 90000);
        if (pair_runs(&p.a) == pair_runs(&p.b))
            fail_msg("killed at '%s': here %d, there %d", label,
                     pair_runs(&p.a), pair_runs(&p.b));
        assert_false(host_stopping(p.a.en));
        open_again(MOVES);
    }
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

static int
run(void)
{
    const struct CMUnitTest tests[] = {
        T(test_by_its_own_policy),
        T(test_by_the_engines_settings),
        T(test_its_own_word_wins),
        T(test_a_driver_domain_stays),
        T(test_one_at_a_time),
        T(test_three_at_a_time),
        T(test_no_way_there_saved),
        T(test_no_way_there_shut_down),
        T(test_no_way_there_destroyed),
        T(test_neither_moved_nor_saved),
        T(test_nowhere_to_go),
        T(test_the_other_host_stops_too),
        T(test_one_that_may_be_there_is_left),
        T(test_one_that_may_be_there_is_not_started_here),
        T(test_one_that_was_not_given_is_started_here),
        T(test_nothing_is_held_after_a_move),
        T(test_nothing_is_held_of_one_that_stays),
        T(test_nothing_is_held_of_one_that_was_refused),
        T(test_not_given_what_cannot_be_held),
        T(test_one_that_is_destroyed_here_is_not_started),
        T(test_the_next_goes_when_one_is_given_up),
        T(test_one_that_is_destroyed_stops_nothing),
        T(test_destroyed_while_it_is_saved_or_asked),
        T(test_cancelled_it_runs_on_here),
        T(test_cancelled_when_it_may_be_there),
        T(test_the_engine_dies),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

WORLD_MAIN(run)
