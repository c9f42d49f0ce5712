/*
 * test_newcomer.c - the guests that a simulated host has from its start are
 * domains like others: they are rebooted, saved and restored, edited, cloned.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "tests/screen/act.h"

#define ENTER "\r"

/* The editor gives back what it got. */
static struct scr *
open_host(const char *args)
{
    return act_start_env(24, 80, args, "EDITOR=true");
}

static void
try_all(struct scr *s)
{
    scr_send(s, "jR");
    SEE(s, "Reboot web1?");
    scr_send(s, "y");
    SEE(s, "reboot web1: done");
    act_verb(s, "edit web1");
    SEE(s, "edit web1: nothing was changed");
    act_verb(s, "save web1");
    SEE(s, "Save web1 into a file?");
    scr_send(s, "y");
    SEE(s, "1 saved");
    act_verb(s, "restore web1");
    SEE(s, "restore web1: done");
    scr_send(s, PREFIX "q");
    SEE(s, "Domain-0");
    scr_close(s);
}

static void
test_guests_of_the_lively_host(void **state)
{
    (void)state;
    try_all(open_host("--sim"));
}

static void
test_guests_of_the_idle_host(void **state)
{
    (void)state;
    try_all(open_host("--sim=3"));
}

/* By the form, with what it tells before; then started. */
static void
test_a_guest_is_cloned(void **state)
{
    struct scr *s = open_host("--sim");

    (void)state;
    scr_send(s, "jp");
    SEE(s, "pause web1: done");
    scr_send(s, "Y");
    SEE(s, "clone web1");
    SEE(s, "web1-2: 1024 MiB, 2 vcpus");
    CHECK(s, scr_has(s, "xvda is copied over what is on /dev/vg/web1-2"));
    scr_send(s, "\x15"
                "web2");
    SEE(s, "there is a domain 'web2' already");
    scr_send(s, "b" ENTER);
    SEE(s, "copies over /dev/vg/web2b: type `clone NAME NEW DISK=");
    CHECK(s, !scr_has(s, "clone web1: done"));
    scr_send(s, "\t ");
    SEE(s, "xvda is writable");
    scr_send(s, " ");
    SEE(s, "xvda is left out");
    scr_send(s, ENTER);
    SEE(s, "clone web1: done");
    act_verb(s, "clone web1 web2c");
    SEE(s, "Copy over /dev/vg/web2c?");
    scr_send(s, "y");
    SEE(s, "web2c  ");
    scr_send(s, "Gs");
    SEE(s, "web2c:~#");
    scr_close(s);
}

/* The whole line; a device that is written over is asked about. */
static void
test_a_line_is_asked_about(void **state)
{
    struct scr *s = open_host("--sim");

    (void)state;
    act_verb(s, "clone web1 copied --live");
    SEE(s, "Copy over /dev/vg/copied?");
    scr_send(s, "n");
    LOSE(s, "Copy over");
    CHECK(s, !scr_has(s, "copied  "));
    act_verb(s, "clone web1 bare --disks none");
    SEE(s, "bare");
    SEE(s, "clone web1: done");
    act_verb(s, "clone web1 bare --wrong");
    SEE(s, "found '--wrong'");
    scr_close(s);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_guests_of_the_lively_host),
        cmocka_unit_test(test_guests_of_the_idle_host),
        cmocka_unit_test(test_a_guest_is_cloned),
        cmocka_unit_test(test_a_line_is_asked_about),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
