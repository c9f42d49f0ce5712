/*
 * test_screen_host.c - the verbs that end the host, on a real terminal: nothing
 * happens before its name was typed, progress is seen, it can be cancelled.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/screen/act.h"

static void
type_host(struct scr *s)
{
    char name[64] = "";

    (void)gethostname(name, sizeof(name) - 1);
    SEE(s, "to confirm:");
    scr_send(s, name);
    scr_send(s, "\r");
}

static void
test_name_must_be_typed(void **state)
{
    struct scr *s = *state;

    act_verb(s, "shutdown-all");
    SEE(s, "Stop all domains");
    SEE(s, "to confirm:");
    scr_send(s, "y\r");
    LOSE(s, "to confirm:");
    scr_settle(s, 300);
    CHECK(s, !scr_has(s, "waiting for"));
    CHECK(s, scr_has(s, "4 domains"));
}

static void
test_all_domains_stop(void **state)
{
    struct scr *s = *state;

    act_verb(s, "host-shutdown");
    type_host(s);
    SEE(s, "waiting for db1 (1 of 3)");
    SEE(s, "1 domain: 1 running");
    act_verb(s, "log");
    SEE(s, "the host powers off");
}

static void
test_cancelled(void **state)
{
    struct scr *s = *state;

    act_verb(s, "shutdown-all");
    type_host(s);
    SEE(s, "waiting for");
    scr_send(s, "X");
    SEE(s, "cancelled");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, act_setup, act_teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_name_must_be_typed),
        TEST(test_all_domains_stop),
        TEST(test_cancelled),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
