/*
 * test_columns.c - the columns of the list as the user chooses them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/screen/act.h"

static void
test_columns_are_chosen(void **state)
{
    struct scr *s = *state;

    act_verb(s, "columns name:10 id mem cpu-graph used restarts");
    SEE(s, "Name         ID");
    SEE(s, "CPU           Used  Rst");
    LOSE(s, "Uptime");
    SEE(s, "web1           1   1.0G");
    act_verb(s, "columns default");
    SEE(s, "Uptime");
}

static void
test_faults_are_told(void **state)
{
    struct scr *s = *state;

    act_verb(s, "columns name nosuch");
    SEE(s, "columns: found 'nosuch', allowed id name state word kind");
    act_verb(s, "columns name:2");
    SEE(s, "columns: found 'name:2', allowed a width of 3 to 99");
    act_verb(s, "columns id cpu");
    SEE(s, "columns: found no name, which tells the domains apart");
    act_verb(s, "columns name id name");
    SEE(s, "columns: found 'name' twice");
    SEE(s, "Uptime"); /* they stay */
}

static void
test_form(void **state)
{
    struct scr *s = *state;

    scr_send(s, "a");
    SEE(s, "columns of the list");
    SEE(s, "uptime time owner pool tags");
    scr_send(s, "\x15"
                "name state upt\t");
    SEE(s, "name state uptime");
    scr_send(s, "\r");
    SEE(s, "State   Uptime");
    LOSE(s, "VCPU");
}

/* One that does not fit goes from the right; the one sorted by stays. */
static void
test_what_fits(void **state)
{
    struct scr *s = *state;

    act_verb(s, "columns name:60 id mem:40 uptime");
    SEE(s, "Name");
    LOSE(s, "Uptime");
    SEE(s, "ID");
    scr_send(s, ">"); /* of those on the screen */
    act_verb(s, "sort uptime");
    SEE(s, "Uptime");
}

static void
test_marks_beside_columns(void **state)
{
    struct scr *s = *state;

    act_verb(s, "columns name:8 kind");
    scr_send(s, "j ");
    SEE(s, "* web1     pv");
    SEE(s, "  web2     pv");
}

int
main(void)
{
#define COL_TEST(f) cmocka_unit_test_setup_teardown(f, act_setup, act_teardown)
    const struct CMUnitTest tests[] = {
        COL_TEST(test_columns_are_chosen),
        COL_TEST(test_faults_are_told),
        COL_TEST(test_form),
        COL_TEST(test_what_fits),
        COL_TEST(test_marks_beside_columns),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
