/*
 * test_verb_forms.c - verbs without their arguments on a terminal: a form asks
 * for each by name, with what stands there now, completion and what it would
 * give; and what is done with what was entered.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/screen/act.h"

#define ENTER "\r"

/* Asked with what there is; a value out of range stays in the form. */
static void
test_memory_is_asked(void **state)
{
    struct scr *s = *state;

    scr_send(s, "jjb");
    SEE(s, "memory of web2");
    SEE(s, "MiB, or with a unit");
    CHECK(s, scr_has(s, "1024"));
    scr_send(s, "\x15"
                "9999999" ENTER);
    SEE(s, "allowed 4 to");
    CHECK(s, scr_has(s, "memory of web2"));
    scr_send(s, "\x15"
                "512" ENTER);
    LOSE(s, "memory of web2");
    SEE(s, "512M");
    act_verb(s, "mem-set");
    SEE(s, "memory of web2");
    scr_send(s, ESC);
    LOSE(s, "memory of web2");
}

static void
test_vcpus_are_chosen(void **state)
{
    struct scr *s = *state;

    scr_send(s, "jv");
    SEE(s, "virtual cpus of web1");
    SEE(s, "< 2 >");
    scr_send(s, " ");
    SEE(s, "< 1 >");
    scr_send(s, ENTER);
    SEE(s, "vcpus web1: done");
}

/* No form for what is refused anyway. */
static void
test_refused_before_it_is_asked(void **state)
{
    struct scr *s = *state;

    scr_send(s, "V");
    SEE(s, "migrate: refused for Domain-0");
    scr_send(s, "jO");
    SEE(s, "CD drives of web1");
    SEE(s, "this domain has no CD drive");
    scr_send(s, ESC);
    LOSE(s, "CD drives");
}

/* A domain of a kind from what is entered, its need shown before it is made;
 * then into a file and back. */
static void
test_create_save_restore(void **state)
{
    struct scr *s = *state;

    scr_send(s, "C");
    SEE(s, "create a domain");
    scr_send(s, "h");
    SEE(s, "firmware");
    scr_send(s, "\th1\t");
    SEE(s, "needs 262 MiB of");
    scr_send(s, "99999999");
    SEE(s, "not yet: ");
    scr_send(s, ENTER);
    SEE(s, "what is entered:");
    scr_send(s, "\x15"
                "64\t\t\t\t\t\t/dev/vg/h1" ENTER);
    SEE(s, "h1 (");
    scr_send(s, PREFIX "q");
    SEE(s, "hvm");
    scr_send(s, "y");
    SEE(s, "from elsewhere: ssh -L 5900:127.0.0.1:5900 ");
    scr_send(s, "q");
    LOSE(s, "from elsewhere");
    act_verb(s, "save");
    SEE(s, "save h1");
    SEE(s, "empty: the folder of saved domains");
    scr_send(s, ENTER);
    SEE(s, "save h1: done");
    scr_send(s, ESC);
    SEE(s, "s start");
    scr_send(s, "b");
    SEE(s, "mem-set: h1 is saved: `start h1' brings it back");
    scr_send(s, "W");
    SEE(s, "from       h1");
    scr_send(s, "\t"
                " " ENTER);
    SEE(s, "restore h1: done");
    scr_send(s, PREFIX "q");
    SEE(s, "--p---");
}

/* Tab goes as far as it is certain, then to the next field. */
static void
test_file_is_completed(void **state)
{
    struct scr *s = *state;
    char *path = act_conf(s, "tabbed");
    char keys[300];

    scr_send(s, "C\t");
    SEE(s, "create a domain");
    snprintf(keys, sizeof keys, "%.*s\t", (int)strlen(path) - 6, path);
    scr_send(s, keys);
    SEE(s, "tabbed.conf");
    scr_send(s, ENTER);
    SEE(s, "tabbed (");
    free(path);
}

static void
test_form_on_a_small_terminal(void **state)
{
    struct scr *s = act_start_env(24, 80, "--sim=3", "TERM=vt100");

    scr_close(*state);
    *state = s;
    scr_send(s, "jw");
    SEE(s, "save web1");
    scr_resize(s, 14, 60);
    SEE(s, "save web1");
    scr_resize(s, 24, 80);
    SEE(s, "compress");
    scr_send(s, "\t ");
    SEE(s, "< it runs on >");
    scr_send(s, ENTER);
    SEE(s, "save web1: done");
    SEE(s, "idle"); /* it runs on */
}

/* Who loses devices with it is no field of the form. */
static void
test_dependants_are_asked_about(void **state)
{
    struct scr *s = *state;

    act_verb(s, "attach web2 vif backend=web1");
    SEE(s, "attach web2: done");
    scr_send(s, "jw");
    SEE(s, "save web1");
    scr_send(s, ENTER);
    SEE(s, "web1 serves devices");
    SEE(s, "web2, which loses");
    scr_send(s, "n");
    LOSE(s, "serves devices");
    CHECK(s, !scr_has(s, "save web1"));
    scr_send(s, "V");
    SEE(s, "migrate web1");
    scr_send(s, "elsewhere" ENTER);
    SEE(s, "web1 serves devices");
    SEE(s, "web2, which loses");
    scr_send(s, "n");
    LOSE(s, "serves devices");
    scr_send(s, "w");
    SEE(s, "save web1");
    scr_send(s, ENTER);
    SEE(s, "web2, which loses");
    scr_send(s, "y");
    SEE(s, "1 saved");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_memory_is_asked, act_setup,
                                        act_teardown),
        cmocka_unit_test_setup_teardown(test_vcpus_are_chosen, act_setup,
                                        act_teardown),
        cmocka_unit_test_setup_teardown(test_refused_before_it_is_asked,
                                        act_setup, act_teardown),
        cmocka_unit_test_setup_teardown(test_create_save_restore, act_setup,
                                        act_teardown),
        cmocka_unit_test_setup_teardown(test_file_is_completed, act_setup,
                                        act_teardown),
        cmocka_unit_test_setup_teardown(test_form_on_a_small_terminal,
                                        act_setup, act_teardown),
        cmocka_unit_test_setup_teardown(test_dependants_are_asked_about,
                                        act_setup, act_teardown),
    };

    return cmocka_run_group_tests_name("forms of verbs", tests, NULL, NULL);
}
