/*
 * test_devices.c - the devices of a guest on a real terminal: attached by the
 * form, seen with what they do, detached by a key; what is wrong is told in
 * the form; the columns of rates.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/screen/act.h"

#define S_TAB "\033[Z"
#define DEL   "\033[3~"

/* The devices of web1. */
static void
open_devices(struct scr *s)
{
    scr_send(s, "j\r]]]");
    SEE(s, "console0");
}

static void
test_form_attaches_and_key_detaches(void **state)
{
    struct scr *s = *state;

    open_devices(s);
    scr_send(s, "+");
    SEE(s, "attach a device to web1");
    SEE(s, "< vbd >");
    scr_send(s, "v"); /* the next kind with this letter */
    SEE(s, "< vif >");
    SEE(s, "xenbr0");
    scr_send(s, "\t00:16:3e:01:02:03\r");
    LOSE(s, "attach a device to web1");
    SEE(s, "attach web1: done");
    SEE(s, "00:16:3e:01:02:03");
    SEE(s, "pkts, 0 err");
    scr_send(s, "j-");
    SEE(s, "Detach vif1.0 from web1?");
    scr_send(s, "n");
    LOSE(s, "Detach vif1.0");
    scr_send(s, DEL);
    SEE(s, "Detach vif1.0 from web1?");
    scr_send(s, "y");
    LOSE(s, "00:16:3e:01:02:03");
    SEE(s, "detach web1: done");
    scr_send(s, "q");
    act_quit(s);
}

static void
test_form_tells_what_is_wrong(void **state)
{
    struct scr *s = *state;
    int y, x;

    open_devices(s);
    scr_send(s, "a");
    SEE(s, "attach a device to web1");
    CHECK(s, !scr_cursor(s, &y, &x)); /* a choice has none */
    scr_send(s, "\r");                /* nothing is filled in */
    SEE(s, "allowed");
    CHECK(s, scr_has(s, "attach a device to web1"));
    scr_send(s, "\t/dev/vg/x\txvdq9z");
    CHECK(s, scr_wait_text(s, "xvdq9z", SCR_MS));
    CHECK(s, scr_cursor(s, &y, &x));
    scr_send(s, "\r");
    SEE(s, "xvdq9z\"");
    scr_send(s, S_TAB S_TAB S_TAB); /* round to the last field */
    scr_resize(s, 20, 60);
    SEE(s, "attach a device to web1");
    scr_resize(s, 10, 60); /* no room for both: the reason, not the keys */
    SEE(s, "vdev: found");
    LOSE(s, "Tab next");
    scr_resize(s, 20, 60);
    SEE(s, "Tab next");
    scr_send(s, ESC);
    LOSE(s, "attach a device to web1");
    SEE(s, "console0");
}

static void
test_pci_in_turn_and_refused(void **state)
{
    struct scr *s = *state;

    open_devices(s);
    scr_send(s, "+pp\t0000:00:1f.2\r"); /* dom0's own */
    SEE(s, "pciback holds");            /* the host says so, not the form */
    CHECK(s, !scr_has(s, "attach a device to web1"));
    act_verb(s, "pci-attach web1 03:00.0");
    SEE(s, "0000:03:00.0");
    SEE(s, "8086:10fb");
    act_verb(s, "pci-assignable-list");
    SEE(s, "domain 1 has it");
    scr_send(s, "q");
    act_verb(s, "devices");
    SEE(s, "Backend");
}

static void
test_rates_are_columns_where_there_is_room(void **state)
{
    struct scr *s = act_start(30, 160, "--sim=3");

    scr_close(*state);
    *state = s;
    SEE(s, "RX/s");
    act_verb(s, "network-attach web1");
    SEE(s, "attach web1: done");
    act_verb(s, "sort rx");
    SEE(s, "RX/s\u25be");
    CHECK(s, scr_wait_text(s, "K ", SCR_MS) || scr_has(s, "B "));
}

static void
test_sorted_column_is_seen_in_a_narrow_place(void **state)
{
    struct scr *s = *state;

    CHECK(s, !scr_has(s, "RD/s"));
    scr_send(s, "B");
    SEE(s, "RD/s");
    scr_send(s, "#");
    LOSE(s, "RD/s");
    scr_send(s, "E");
    SEE(s, "RX/s");
}

#define TEST(name)                                                             \
    cmocka_unit_test_setup_teardown(name, act_setup, act_teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_form_attaches_and_key_detaches),
        TEST(test_form_tells_what_is_wrong),
        TEST(test_pci_in_turn_and_refused),
        TEST(test_rates_are_columns_where_there_is_room),
        TEST(test_sorted_column_is_seen_in_a_narrow_place),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
