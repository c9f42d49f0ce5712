/*
 * test_launch_args.c - what an engine that a client starts is told of that
 * client's command line.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "src/launch_args.h"

static bool
is_told(const struct options *o, const char *word)
{
    struct launch_args l = { .n = 0 };
    bool found = false;
    size_t i;

    launch_args_fill(&l, o);
    assert_null(l.argv[l.n]);
    for (i = 0; i < l.n; i++)
        found = found || strcmp(l.argv[i], word) == 0;
    launch_args_fini(&l);
    return found;
}

/* The first caller's own settings are nobody else's. */
static void
test_config_is_of_the_session(void **state)
{
    struct options o = { .config = "/root/mine.conf", .log = "/var/log/l" };

    (void)state;
    assert_false(is_told(&o, "--config"));
    assert_false(is_told(&o, "/root/mine.conf"));
    assert_true(is_told(&o, "/var/log/l"));
}

static void
test_a_simulated_host_is_its_callers(void **state)
{
    struct options o = { .config = "/root/mine.conf",
                         .sim = true,
                         .sim_domains = 3 };

    (void)state;
    assert_true(is_told(&o, "--sim=3"));
    assert_true(is_told(&o, "--config"));
    assert_true(is_told(&o, "/root/mine.conf"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_config_is_of_the_session),
        cmocka_unit_test(test_a_simulated_host_is_its_callers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
