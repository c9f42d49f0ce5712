/*
 * test_past.c - the last hour on the screen: graphs, the way back and forth,
 * and that nothing is done to a domain meanwhile.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/screen/act.h"

/* Some seconds must have been recorded. */
static void
wait_history(struct scr *s, const char *full)
{
    scr_send(s, "jh");
    SEE(s, "a point is 5s");
    scr_send(s, "z}}");
    SEE(s, "a point is 1s");
    SEE(s, full);
}

static void
test_graphs_are_drawn_and_zoomed(void **state)
{
    struct scr *s = *state;

    wait_history(s, "\u28ff\u28ff");
    SEE(s, "disk write");
    scr_send(s, "j");
    SEE(s, "vcpu 0");
    scr_send(s, "k}"); /* no further */
    scr_send(s, "{{{");
    SEE(s, "a point is 10s");
    scr_resize(s, 24, 60);
    SEE(s, "a point is 10s");
    SEE(s, "now");
}

/* A verb that changes something is refused, and works again now. */
static void
test_nothing_is_done_in_the_past(void **state)
{
    struct scr *s = *state;

    wait_history(s, "\u28ff\u28ff");
    scr_send(s, ",");
    SEE(s, "PAST ");
    scr_send(s, "p");
    SEE(s, "pause was not done");
    scr_send(s, "0");
    LOSE(s, "PAST ");
    scr_send(s, "qp");
    SEE(s, "paused");
}

/* The list is of that second, too: the domain was not paused then. */
static void
test_list_shows_the_second(void **state)
{
    struct scr *s = *state;

    wait_history(s, "\u28ff\u28ff");
    scr_send(s, "q");
    LOSE(s, "a point is");
    act_verb(s, "pause web1");
    SEE(s, "paused");
    act_verb(s, "past 2s");
    SEE(s, "PAST ");
    act_verb(s, "past 1h");
    LOSE(s, "paused");
    act_verb(s, "now");
    LOSE(s, "PAST ");
    SEE(s, "paused");
}

/* Nor to those that are marked. */
static void
test_marked_ones_are_left_alone(void **state)
{
    struct scr *s = *state;

    wait_history(s, "\u28ff\u28ff");
    scr_send(s, "q");
    LOSE(s, "a point is");
    scr_send(s, "  ");
    SEE(s, "marked");
    scr_send(s, ",");
    SEE(s, "PAST ");
    scr_send(s, "p");
    SEE(s, "pause was not done");
    scr_send(s, "0");
    LOSE(s, "PAST ");
}

static void
test_bad_times_are_refused(void **state)
{
    struct scr *s = *state;

    wait_history(s, "\u28ff\u28ff");
    act_verb(s, "past yesterday");
    SEE(s, "allowed 1s to 1h");
    act_verb(s, "past 25:00");
    SEE(s, "allowed a time as 12:03");
    act_verb(s, "later 2h");
    SEE(s, "allowed 1s to 1h");
}

static int
setup_ascii(void **state)
{
    *state = act_start_env(24, 80, "--sim=3", "TERM=vt100 LANG=C LC_ALL=C");
    return 0;
}

static void
test_a_vt100_has_graphs(void **state)
{
    struct scr *s = *state;

    wait_history(s, "####");
    SEE(s, "disk write");
    scr_send(s, ",");
    SEE(s, "PAST ");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_graphs_are_drawn_and_zoomed,
                                        act_setup, act_teardown),
        cmocka_unit_test_setup_teardown(test_nothing_is_done_in_the_past,
                                        act_setup, act_teardown),
        cmocka_unit_test_setup_teardown(test_list_shows_the_second, act_setup,
                                        act_teardown),
        cmocka_unit_test_setup_teardown(test_marked_ones_are_left_alone,
                                        act_setup, act_teardown),
        cmocka_unit_test_setup_teardown(test_bad_times_are_refused, act_setup,
                                        act_teardown),
        cmocka_unit_test_setup_teardown(test_a_vt100_has_graphs, setup_ascii,
                                        act_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
