/*
 * test_reading.c - what is longer than its place can be read all the same, and
 * one is back where one was: help, texts over the screen, candidates, the form.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "src/base/xalloc.h"
#include "tests/screen/act.h"

#define RIGHT "\033[C"
#define LEFT  "\033[D"

/* What is in no row of a screen of that width in one piece still stands there:
 * the words that it ends with. */
static void
test_help_goes_on_below(void **state)
{
    struct scr *s = *state;

    scr_send(s, "?");
    SEE(s, "Keys in the domain list");
    scr_send(s, "/every call to Xen\r");
    SEE(s, "trace [on|off]");
    act_see_row(s, "                        stop");
    scr_send(s, "/sched-rtds\r");
    SEE(s, "sched-rtds [-d] NAME [-v VCPU] [-p US] [-b US] [-e 0|1] [--json]");
    SEE(s, "Set a domain's reservation");
    scr_resize(s, 24, 44);
    SEE(s, "sched-rtds [-d] NAME [-v VCPU] [-p US] [-b");
    SEE(s, "US] [-e 0|1] [--json]");
    scr_send(s, "G");
    SEE(s, "    Leave the engine; domains run on");
    scr_resize(s, 24, 80);
    SEE(s, "help 100%");
    scr_send(s, "q");
    act_quit(s);
}

static void
test_help_gives_back_the_keys(void **state)
{
    struct scr *s = *state;

    scr_send(s, "j\r");
    SEE(s, "overview");
    scr_send(s, "?");
    SEE(s, "Keys in the details");
    scr_send(s, "q");
    SEE(s, "tabs"); /* of the details: the list has other keys */
    scr_send(s, "]");
    SEE(s, "AFFINITY");
    scr_send(s, "ql");
    SEE(s, "other logs");
    scr_send(s, "?");
    SEE(s, "Keys in the log");
    scr_send(s, ESC);
    SEE(s, "other logs");
    scr_send(s, "q");
    act_quit(s);
}

static void
test_console_is_back_after_help(void **state)
{
    struct scr *s = act_start(24, 80, "--sim");

    *state = s;
    act_create(s, "shell");
    scr_send(s, PREFIX "?");
    SEE(s, "Keys in a console");
    scr_send(s, "q");
    SEE(s, "shell:~#");
    act_shell(s, "echo he''re", "he''re");
    scr_send(s, PREFIX "q");
    act_quit(s);
}

static void
test_wide_text_moves_sideways(void **state)
{
    struct scr *s = *state;

    act_verb(s, "list");
    SEE(s, "Time(s)");
    SEE(s, "Left Right");
    CHECK(s, !scr_has(s, "Owner"));
    CHECK(s, !scr_has(s, "all verbs")); /* keys of the list, not of the text */
    scr_send(s, RIGHT);
    SEE(s, "Owner");
    CHECK(s, !scr_has(s, "Domain-0"));
    scr_send(s, LEFT);
    SEE(s, "Domain-0");
    scr_send(s, "q");
    SEE(s, "all verbs");
    act_quit(s);
}

/* Whole words, and whether there are more. */
static void
test_candidates_are_whole(void **state)
{
    struct scr *s = *state;

    scr_send(s, ":\t");
    SEE(s, "adopt  arrange  atropos");
    SEE(s, "\u2026");
    CHECK(s, !scr_has(s, " botto"));
    scr_send(s, ESC);
    LOSE(s, "atropos");
    scr_send(s, ":cd-\t");
    SEE(s, "cd-eject  cd-insert");
    CHECK(s, !scr_has(s, "\u2026"));
    scr_send(s, ESC);
    LOSE(s, ":cd-");
    act_quit(s);
}

/* Where nothing is dim, an example must not look like a value. */
static void
test_form_says_what_is_a_hint(void **state)
{
    struct scr *s = *state;

    scr_send(s, "j\r]]");
    SEE(s, "Enter change");
    scr_send(s, "]");
    SEE(s, "console0");
    SEE(s, "+ attach  - detach");
    scr_send(s, "+");
    SEE(s, "such as xvdb");
    SEE(s, "default: dom0");
    scr_send(s, "\r");
    SEE(s, "without vdev");
    scr_send(s, "p"); /* another kind: what was wrong with that one is over */
    SEE(s, "< pci >");
    LOSE(s, "without vdev");
    scr_send(s, LEFT LEFT LEFT LEFT);
    SEE(s, "< vfb >");
    SEE(s, "vnclisten  default");
    scr_send(s, ESC);
    LOSE(s, "vnclisten");
    scr_send(s, "q");
    act_quit(s);
}

/* No longer than the box, but for the words it is broken at: all of it. */
static void
test_form_tells_all_that_is_wrong(void **state)
{
    struct scr *s = *state;

    scr_resize(s, 24, 42);
    scr_send(s, "j\r]]]");
    SEE(s, "console0");
    scr_send(s, "+v\tno-mac-at-all-but-words\r");
    SEE(s, "no-mac");
    SEE(s, "Tab next");
    SEE(s, "00:16:3e:12:34:56");
    scr_send(s, ESC);
    LOSE(s, "no-mac");
    scr_send(s, "q");
    act_quit(s);
}

/* A guest that stands still does not answer: its title says why. */
static void
test_console_of_a_paused_guest_says_so(void **state)
{
    struct scr *s = act_start(24, 80, "--sim");

    *state = s;
    act_create(s, "still");
    scr_send(s, PREFIX ":");
    scr_send(s, "pause\r");
    SEE(s, "attached \u00b7 paused \u00b7 C-] q: back");
    scr_send(s, PREFIX ":");
    scr_send(s, "unpause\r");
    LOSE(s, "paused");
    SEE(s, "attached \u00b7 C-] q: back");
    scr_send(s, PREFIX "q");
    act_quit(s);
}

/* Whatever its guest is called, the way out stands in its title. */
static void
test_long_name_leaves_the_way_out(void **state)
{
    static const char name[] =
        "n12345678901234567890123456789012345678901234567890123456789012";
    struct scr *s = act_start(24, 80, "--sim");
    char *path = act_conf(s, name), *line = xasprintf("create %s", path);

    *state = s;
    act_verb(s, line);
    SEE(s, "Linux version");
    SEE(s, "\u2026 (6) \u00b7 attached \u00b7 C-] q: back");
    scr_resize(s, 24, 44);
    SEE(s, "\u2026 (6) \u00b7 attached \u00b7 C-] q: back");
    scr_send(s, PREFIX "q");
    act_quit(s);
    free(line);
    free(path);
}

/* A host's name that was mistyped stops nothing, and is told. */
static void
test_mistyped_name_is_told(void **state)
{
    struct scr *s = *state;

    act_verb(s, "shutdown-all");
    SEE(s, "to confirm:");
    SEE(s, "Enter accept  Esc cancel");
    scr_send(s, "no-such-host\r");
    SEE(s, "'no-such-host' is not '");
    CHECK(s, scr_has(s, "4 running"));
    act_quit(s);
}

/* Also what is asked of the terminal, in one that is smaller still. */
static void
test_too_small_says_what_is_needed(void **state)
{
    struct scr *s = *state;

    scr_resize(s, 5, 20);
    SEE(s, "terminal too small");
    SEE(s, "(need 40x10)");
    scr_resize(s, 24, 80);
    SEE(s, "domains (4)");
    act_quit(s);
}

/* What is done at once, and not seen in the list, is told. */
static void
test_what_is_done_at_once_is_told(void **state)
{
    struct scr *s = *state;
    char *path = act_conf(s, "later"), *line = xasprintf("define %s", path);

    act_verb(s, line);
    SEE(s, "later.conf: done");
    SEE(s, "domains (5)");
    SEE(s, " 5 domains: 4 running, 1 off");
    act_verb(s, "autostart later on");
    SEE(s, "autostart on later: done");
    act_verb(s, "event inject lunch the soup is ready");
    SEE(s, "the event is in the log");
    act_verb(s, "debug-keys q");
    SEE(s, "debug keys q are sent");
    act_verb(s, "undefine later");
    SEE(s, "Forget the definition of later?");
    scr_send(s, "y");
    SEE(s, "undefine later: done");
    act_quit(s);
    free(line);
    free(path);
}

/* A terminal that cannot hide its cursor. */
static void
test_cursor_rests(void **state)
{
    struct scr *s =
        act_start_env(24, 80, "--sim=3 -d 0.25", "TERM=vt100 LANG=C LC_ALL=C");
    int row, col, i;

    *state = s;
    for (i = 0; i < 3; i++) {
        scr_send(s, "j");
        scr_settle(s, 100);
        UNTIL(s, scr_cursor(s, &row, &col) && row == 23 && col == 0);
    }
    scr_send(s, ":lis");
    UNTIL(s, scr_cursor(s, &row, &col) && row == 22 && col == 4);
    scr_send(s, ESC);
    UNTIL(s, scr_cursor(s, &row, &col) && row == 23 && col == 0);
    act_quit(s);
}

#define ON_IDLE(test)                                                          \
    cmocka_unit_test_setup_teardown(test, act_setup, act_teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        ON_IDLE(test_help_goes_on_below),
        ON_IDLE(test_help_gives_back_the_keys),
        cmocka_unit_test_teardown(test_console_is_back_after_help,
                                  act_teardown),
        ON_IDLE(test_wide_text_moves_sideways),
        ON_IDLE(test_candidates_are_whole),
        ON_IDLE(test_form_says_what_is_a_hint),
        ON_IDLE(test_form_tells_all_that_is_wrong),
        cmocka_unit_test_teardown(test_console_of_a_paused_guest_says_so,
                                  act_teardown),
        cmocka_unit_test_teardown(test_long_name_leaves_the_way_out,
                                  act_teardown),
        ON_IDLE(test_mistyped_name_is_told),
        ON_IDLE(test_too_small_says_what_is_needed),
        ON_IDLE(test_what_is_done_at_once_is_told),
        cmocka_unit_test_teardown(test_cursor_rests, act_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
