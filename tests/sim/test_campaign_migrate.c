/*
 * test_campaign_migrate.c - whatever happens to the migration of a PV domain it
 * is on exactly one side, and nothing is left on the other: each call of either
 * host fails once, either engine is killed at each of its calls, the connection
 * is cut at each byte that matters.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engine/saved/move_note.h"
#include "tests/sim/move_campaign.h"

static const struct move_case pv = { .more = PAIR_DISK };

static void
test_the_connection_is_cut_at_each_message(void **state)
{
    unsigned step = move_step(1), points = 0;
    size_t seen[PAIR_WAYS], at;

    (void)state;
    move_measure(seen);
    assert_true(seen[PAIR_TO] > sizeof(MOVE_GO) + 100);
    for (at = 0; at <= seen[PAIR_BACK]; at += step, points++)
        move_cut(2, PAIR_BACK, at);
    for (at = 0; at < seen[PAIR_TO] - sizeof(MOVE_GO); at += 97, points++)
        move_cut(2, PAIR_TO, at);
    for (at = seen[PAIR_TO] - sizeof(MOVE_GO); at <= seen[PAIR_TO];
         at += step, points++)
        move_cut(2, PAIR_TO, at);
    move_tell("connections cut", points);
}

static void
test_a_question_is_cut(void **state)
{
    unsigned points = 0;
    size_t at;

    (void)state;
    for (at = 0; at < 90; at += 6, points++)
        move_cut(1, PAIR_BACK, at);
    for (at = 0; at < 900; at += 90, points++)
        move_cut(1, PAIR_TO, at);
    move_tell("questions cut", points);
}

static void
test_each_call_of_the_sender_fails(void **state)
{
    (void)state;
    assert_true(move_faults(false) >= 100);
}

static void
test_each_call_of_the_receiver_fails(void **state)
{
    (void)state;
    assert_true(move_faults(true) >= 200);
}

static void
test_the_sender_is_killed_at_each_call(void **state)
{
    (void)state;
    assert_true(move_kills(false) >= 100);
}

static void
test_the_receiver_is_killed_at_each_call(void **state)
{
    (void)state;
    assert_true(move_kills(true) >= 200);
}

static int
run(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_connection_is_cut_at_each_message),
        cmocka_unit_test(test_a_question_is_cut),
        cmocka_unit_test(test_each_call_of_the_sender_fails),
        cmocka_unit_test(test_each_call_of_the_receiver_fails),
        cmocka_unit_test(test_the_sender_is_killed_at_each_call),
        cmocka_unit_test(test_the_receiver_is_killed_at_each_call),
    };

    (void)move_begin(&pv);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

WORLD_MAIN(run)
