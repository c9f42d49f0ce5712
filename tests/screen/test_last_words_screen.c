/*
 * test_last_words_screen.c - what a user sees of a guest that panics while no
 * pane shows its console: the line that tells it, the text behind the key, and
 * the same once the domain is gone.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/screen/act.h"

#define PANIC "Kernel panic - not syncing: sysrq triggered"

static void
test_panic_without_a_pane_is_told(void **state)
{
    struct scr *s = *state;

    act_verb(s, "sysrq web2 c");
    SEE(s, "web2: its console says (panic):");
    SEE(s, "`postmortem web2' shows all that is kept");
    act_quit(s);
}

static void
test_words_are_read_after_the_domain(void **state)
{
    struct scr *s = *state;

    act_verb(s, "sysrq web2 c");
    SEE(s, "`postmortem web2' shows");
    act_verb(s, "postmortem web2");
    SEE(s, "web2 (domid 2, pv): crash,");
    SEE(s, PANIC);
    SEE(s, "(as read from its console, line ");
    scr_send(s, "/> \r");
    SEE(s, "> [");
    scr_send(s, "q");
    act_quit(s);
}

/* Nothing is kept of the domain under the cursor: the list of all is. */
static void
test_key_lists_all(void **state)
{
    struct scr *s = *state;

    scr_send(s, "K");
    SEE(s, "no last words are kept");
    act_verb(s, "sysrq web2 c");
    SEE(s, "`postmortem web2' shows");
    scr_send(s, "gK");
    SEE(s, "Last words");
    SEE(s, "panic: [");
    scr_send(s, "q");
    act_quit(s);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, act_setup, act_teardown)
    const struct CMUnitTest tests[] = {
        T(test_panic_without_a_pane_is_told),
        T(test_words_are_read_after_the_domain),
        T(test_key_lists_all),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
