/*
 * test_campaign_migrate_pvh.c - test_campaign_migrate.c of a PVH domain, whose
 * memory goes while it runs.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/sim/move_campaign.h"

static const struct move_case guest = {
    .more = "type = \"pvh\"; vcpus = 2; " PAIR_DISK
};

static void
test_each_call_fails(void **state)
{
    (void)state;
    assert_true(move_faults(false) >= 100);
    assert_true(move_faults(true) >= 200);
}

static void
test_either_is_killed_at_each_call(void **state)
{
    (void)state;
    assert_true(move_kills(false) >= 100);
    assert_true(move_kills(true) >= 200);
}

static int
run(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_call_fails),
        cmocka_unit_test(test_either_is_killed_at_each_call),
    };

    (void)move_begin(&guest);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

WORLD_MAIN(run)
