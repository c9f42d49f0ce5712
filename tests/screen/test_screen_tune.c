/*
 * test_screen_tune.c - the tune tab of the details: its rows, the prompt that
 * Enter opens on each, the balloon on its way.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/screen/act.h"

static void
open_tab(struct scr *s)
{
    scr_send(s, "j\r");
    SEE(s, "uuid");
    scr_send(s, "]]");
    SEE(s, "weight 256");
}

static void
test_what_can_be_set_is_shown(void **state)
{
    static const char *const texts[] = {
        "name       web1",
        "target     1.0G",
        "maximum    1.0G",
        "vcpus      2 online of 2",
        "cpu pool   Pool-0",
        "scheduler  credit2  weight 256  no cap",
        "vcpu 1     online   runs on all, prefers all",
    };
    struct scr *s = *state;
    size_t i;

    open_tab(s);
    for (i = 0; i < sizeof texts / sizeof texts[0]; i++)
        SEE(s, texts[i]);
}

/* The prompt holds the line that is there now; what is typed replaces its
 * end. */
static void
test_enter_prompts_for_the_value(void **state)
{
    struct scr *s = *state;

    open_tab(s);
    scr_send(s, "jjjj\r"); /* vcpus */
    SEE(s, "vcpu-set web1 2");
    scr_send(s, "\x7f"
                "1\r");
    SEE(s, "1 online of 2");
    SEE(s, "vcpu 1     offline");
    scr_send(s, "jj\r"); /* scheduler */
    SEE(s, "sched-credit2 web1 -w 256 -c 0");
    scr_send(s, "\x7f"
                "50\r");
    SEE(s, "cap 50%");
    scr_send(s, "jj\r"); /* vcpu 0 */
    SEE(s, "vcpu-pin web1 0 all all");
    scr_send(s, "\x7f\x7f\x7f"
                "1-2\r");
    SEE(s, "runs on all, prefers 1-2");
    scr_send(s, "\r");
    SEE(s, "vcpu-pin web1 0 all 1-2");
    scr_send(s, ESC); /* nothing is changed */
    LOSE(s, "vcpu-pin");
}

/* Xen's limit is above the maximum, the maximum is not. */
static void
test_maximum_stays_when_accepted(void **state)
{
    struct scr *s = *state;
    int i;

    open_tab(s);
    scr_send(s, "jjj");
    for (i = 0; i < 2; i++) {
        scr_send(s, "\r");
        SEE(s, "mem-max web1 1024");
        scr_send(s, "\r");
        LOSE(s, "mem-max web1");
        SEE(s, "maximum    1.0G");
    }
    LOSE(s, ", now ");
}

static void
test_out_of_range_is_said(void **state)
{
    struct scr *s = *state;

    open_tab(s);
    scr_send(s, "jjjj\r");
    SEE(s, "vcpu-set web1 2");
    scr_send(s, "\x7f"
                "9\r");
    SEE(s, "found 9, allowed 1 to 2");
}

static void
test_balloon_is_seen(void **state)
{
    struct scr *s = *state;

    open_tab(s);
    scr_send(s, "j\r");
    SEE(s, "mem-set web1 1024");
    scr_send(s, "\x7f\x7f\x7f\x7f"
                "256\r");
    SEE(s, "balloons to 256M:");
    SEE(s, "target     256M");
    SEE(s, "Mv "); /* the list's mark */
    LOSE(s, "balloons to");
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, act_setup, act_teardown)
    const struct CMUnitTest tests[] = {
        T(test_what_can_be_set_is_shown),
        T(test_enter_prompts_for_the_value),
        T(test_maximum_stays_when_accepted),
        T(test_out_of_range_is_said),
        T(test_balloon_is_seen),
    };
#undef T
    return cmocka_run_group_tests(tests, NULL, NULL);
}
