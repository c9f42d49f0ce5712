/*
 * test_list_cols.c - what the list sorts by.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ui/pane/list/list_int.h"

/* Idle guests differ by noise: they must not change places at each tick. */
static void
test_equal_looking_shares_are_equal(void **state)
{
    const struct list_col *c = list_col_at(list_col_find("cpu"));
    struct dom a = { .cpu_pct = 0.21 }, b = { .cpu_pct = 0.24 };

    (void)state;
    assert_non_null(c);
    assert_true(c->key(&a) == c->key(&b));
    b.cpu_pct = 0.26;
    assert_true(c->key(&a) < c->key(&b));
    a.cpu_pct = -1; /* not known yet: below all */
    b.cpu_pct = 0;
    assert_true(c->key(&a) < c->key(&b));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_equal_looking_shares_are_equal),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
