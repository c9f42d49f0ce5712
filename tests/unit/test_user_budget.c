/*
 * test_user_budget.c - what a user has had in excess is paid off with time, and
 * nobody pays for another.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "src/base/sys/user_budget.h"

static void
test_who_has_spent_all_waits(void **state)
{
    struct user_budget b = { .n = 0 };

    (void)state;
    assert_true(user_budget_left(&b, 7, 1000));
    user_budget_spend(&b, 7, USER_BUDGET_BYTES / 2, 1000);
    assert_true(user_budget_left(&b, 7, 1000));
    user_budget_spend(&b, 7, USER_BUDGET_BYTES * 2, 1000);
    assert_false(user_budget_left(&b, 7, 1000));
    assert_true(user_budget_left(&b, 8, 1000));
    assert_false(user_budget_left(&b, 7, 2499));
    assert_true(user_budget_left(&b, 7, 2501));
    user_budget_forget(&b);
}

/* Looks that come more often than a byte is due pay as much. */
static void
test_frequent_looks_lose_nothing(void **state)
{
    struct user_budget b = { .n = 0 };
    unsigned long long ms;

    (void)state;
    user_budget_spend(&b, 7, USER_BUDGET_BYTES * 3, 0);
    for (ms = 0; ms < 2001; ms++)
        assert_false(user_budget_left(&b, 7, ms) && ms < 1999);
    assert_true(user_budget_left(&b, 7, 2002));
    user_budget_forget(&b);
}

static void
test_who_owes_nothing_is_forgotten(void **state)
{
    struct user_budget b = { .n = 0 };
    unsigned uid;

    (void)state;
    for (uid = 0; uid < 100; uid++)
        user_budget_spend(&b, uid, 1000, uid * 1000ULL);
    assert_int_equal(b.n, 1);
    assert_true(user_budget_left(&b, 1, 200000));
    assert_int_equal(b.n, 0);
    user_budget_forget(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_who_has_spent_all_waits),
        cmocka_unit_test(test_frequent_looks_lose_nothing),
        cmocka_unit_test(test_who_owes_nothing_is_forgotten),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
