/*
 * test_screen_verbs.c - verbs as a newcomer meets them on a terminal: whose
 * operation is cancelled, what the hints offer, how words of other tools lead
 * on, how a folder is completed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "tests/screen/act.h"

/* X is for the domain under the cursor; what runs elsewhere is asked about by
 * name, and the cancelled target is taken back. */
static void
test_cancel_of_the_selected_domain(void **state)
{
    struct scr *s = *state;

    act_verb(s, "mem-set web2 200");
    SEE(s, "memory web2: ");
    scr_send(s, "j");
    act_see_selected(s, "web1");
    scr_send(s, "X");
    SEE(s, "Cancel memory target 200 MiB of web2 (operation ");
    scr_send(s, "n");
    LOSE(s, "Cancel memory");
    SEE(s, "memory web2: ");
    scr_send(s, "j");
    act_see_selected(s, "web2");
    scr_send(s, "X");
    SEE(s, "web2: memory target 200 MiB cancelled after");
    scr_send(s, "l");
    SEE(s, "its memory target is 1024 MiB again");
    SEE(s, "memory target 200 MiB begins");
}

static void
test_cancel_completes_numbers_with_names(void **state)
{
    struct scr *s = *state;

    act_verb(s, "mem-set web2 200");
    SEE(s, "memory web2: ");
    act_verb(s, "mem-set db1 200");
    SEE(s, "(+1)");
    scr_send(s, ":cancel \t");
    SEE(s, " memory target 200 MiB web2");
    SEE(s, " memory target 200 MiB db1");
    scr_send(s, "\t\r");
    SEE(s, "web2: memory target 200 MiB cancelled after");
}

/* "u" is offered where it does something. */
static void
test_hint_of_unpause(void **state)
{
    struct scr *s = *state;

    SEE(s, "q quit");
    CHECK(s, !scr_has(s, "u unpause"));
    scr_send(s, "jp");
    SEE(s, "pause web1: done");
    scr_send(s, ESC);
    SEE(s, "u unpause");
    scr_send(s, "j");
    LOSE(s, "u unpause");
}

static void
test_start_of_what_is_nowhere(void **state)
{
    struct scr *s = *state;

    act_verb(s, "start p1");
    SEE(s, "start: found 'p1', which is neither a domain nor a file here");
    act_verb(s, "restore p1");
    SEE(s, "restore: found 'p1', which is neither a domain nor a file here");
}

static void
test_words_of_other_tools(void **state)
{
    struct scr *s = *state;

    act_verb(s, "undo");
    SEE(s, "undo: no domain is about to be destroyed");
    act_verb(s, "kill web1");
    SEE(s, "no verb 'kill' here: it is `destroy NAME'");
    act_verb(s, "dominfo web1");
    SEE(s, "uuid");
}

/* Of two folders Tab takes one, and / goes into it. */
static void
test_tab_goes_into_a_folder(void **state)
{
    struct scr *s = *state;
    char path[256], line[300];

    snprintf(path, sizeof path, "%s/fa", scr_home(s));
    assert_int_equal(mkdir(path, 0700), 0);
    snprintf(path, sizeof path, "%s/fb", scr_home(s));
    assert_int_equal(mkdir(path, 0700), 0);
    snprintf(path, sizeof path, "%s/fa/deep.conf", scr_home(s));
    act_write(path, "");
    snprintf(line, sizeof line, ":create %s/f\t", scr_home(s));
    scr_send(s, line);
    SEE(s, "/fb/");
    scr_send(s, "\t/\t");
    SEE(s, "/fa/deep.conf");
}

/* The one under the cursor is cancelled, whatever begins meanwhile; what has
 * ended stays, with its line. */
static void
test_operations_are_a_pane(void **state)
{
    struct scr *s = *state;

    act_verb(s, "destroy web1 --undo=600");
    SEE(s, "For 600 s");
    scr_send(s, "y");
    SEE(s, "destroy web1: ends in ");
    scr_send(s, "J");
    SEE(s, "operations");
    SEE(s, "running   destroy web1");
    SEE(s, "= xl destroy web1");
    act_verb(s, "destroy web2 --undo=600");
    SEE(s, "For 600 s");
    scr_send(s, "y");
    SEE(s, "running   destroy web2");
    scr_send(s, "X");
    SEE(s, "cancelled destroy web1 after ");
    SEE(s, "'web1' is not destroyed: it runs on  = xl destroy web1");
    CHECK(s, scr_has(s, "running   destroy web2"));
    scr_send(s, "\r");
    SEE(s, "as xl");
    scr_send(s, "q");
    LOSE(s, "as xl");
    scr_send(s, "jd");
    act_see_selected(s, "web2");
}

/* Whoever leaves presses the key once too often: that ends nothing. */
static void
test_haste_never_quits(void **state)
{
    struct scr *s = *state;

    act_verb(s, "console web1");
    SEE(s, "web1:~#");
    scr_send(s, PREFIX "q" PREFIX "q");
    SEE(s, "this is the list: `quit' ends");
    scr_send(s, "c");
    SEE(s, "C-] q: back");
    scr_send(s, PREFIX "qqqq");
    SEE(s, "the same key again ends xendeck");
    scr_send(s, "jj\r");
    SEE(s, "overview");
    scr_send(s, "q");
    LOSE(s, "overview");
    scr_send(s, "?");
    SEE(s, "Keys in the domain list");
    scr_send_esc(s);
    LOSE(s, "Keys in the");
    scr_send(s, "q");
    SEE(s, "the same key again ends xendeck");
    assert_int_equal(scr_exit_status(s, 0), -1);
    act_quit(s);
}

static void
destroy_web1(struct scr *s)
{
    scr_send(s, "D");
    SEE(s, "Destroy web1? What it has not saved is lost. For 10 s");
    scr_send(s, "y");
    SEE(s, "destroy web1: ends in ");
}

static void
test_destroy_is_undone(void **state)
{
    struct scr *s = *state;

    scr_send(s, "j");
    act_see_selected(s, "web1");
    destroy_web1(s);
    SEE(s, "u revives it");
    SEE(s, "--p---");
    scr_send(s, "j");
    act_see_selected(s, "web2");
    SEE(s, "the verb undo revives it");
    act_verb(s, "undo");
    SEE(s, "'web1' is not destroyed: it runs on");
    scr_send(s, "k");
    act_see_selected(s, "web1");
    destroy_web1(s);
    scr_send(s, "c");
    SEE(s, "C-] u revives it");
    scr_send(s, PREFIX "u");
    SEE(s, "'web1' is not destroyed: it runs on");
    scr_send(s, PREFIX "q");
    destroy_web1(s);
    scr_send(s, "u");
    SEE(s, "'web1' is not destroyed: it runs on");
    LOSE(s, "--p---");
    destroy_web1(s);
    LOSE(s, " web1  ");
    SEE(s, "domains (3)");
}

/* What cannot be undone is typed. */
static void
test_destroy_for_good_is_typed(void **state)
{
    struct scr *s = *state;

    act_verb(s, "destroy web1 --undo=0");
    SEE(s, "Type web1 to confirm");
    scr_send(s, "web2\r");
    SEE(s, "'web2' is not 'web1': nothing is done");
    act_verb(s, "destroy web1 --undo=x");
    SEE(s, "destroy: found --undo=x");
    act_verb(s, "destroy web1 --undo=600");
    SEE(s, "For 600 s");
    scr_send(s, "y");
    SEE(s, "destroy web1: ends in ");
    act_verb(s, "destroy web1");
    SEE(s, "This is before its");
    scr_send(s, "web1\r");
    SEE(s, "domains (3)");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_cancel_of_the_selected_domain,
                                        act_setup, act_teardown),
        cmocka_unit_test_setup_teardown(
            test_cancel_completes_numbers_with_names, act_setup, act_teardown),
        cmocka_unit_test_setup_teardown(test_hint_of_unpause, act_setup,
                                        act_teardown),
        cmocka_unit_test_setup_teardown(test_start_of_what_is_nowhere,
                                        act_setup, act_teardown),
        cmocka_unit_test_setup_teardown(test_words_of_other_tools, act_setup,
                                        act_teardown),
        cmocka_unit_test_setup_teardown(test_tab_goes_into_a_folder, act_setup,
                                        act_teardown),
        cmocka_unit_test_setup_teardown(test_destroy_is_undone, act_setup,
                                        act_teardown),
        cmocka_unit_test_setup_teardown(test_destroy_for_good_is_typed,
                                        act_setup, act_teardown),
        cmocka_unit_test_setup_teardown(test_operations_are_a_pane, act_setup,
                                        act_teardown),
        cmocka_unit_test_setup_teardown(test_haste_never_quits, act_setup,
                                        act_teardown),
    };

    return cmocka_run_group_tests_name("verbs on the screen", tests, NULL,
                                       NULL);
}
