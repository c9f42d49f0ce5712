/*
 * test_list.c - the domain list on a real terminal: what stands on the first
 * screen, the cursor, search, filter, detail, help, mouse, and the ways out.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/screen/act.h"

static void
see_first_screen(struct scr *s)
{
    static const char *const texts[] = { "SIMULATED", "Xen 4.17", "Mem",
                                         "Name",      "Domain-0", "web1",
                                         "web2",      "db1",      "F1Help",
                                         "F10Quit" };
    size_t i;

    for (i = 0; i < sizeof texts / sizeof texts[0]; i++)
        SEE(s, texts[i]);
    CHECK(s, scr_mode(s, 1049) && scr_mode(s, 2004));
    CHECK(s, !scr_mode(s, 25));
    CHECK(s, scr_mode(s, 1000) && scr_mode(s, 1006));
    CHECK_CLEAN(s, 0);
}

static void
test_first_screen_80x24(void **state)
{
    struct scr *s = *state;

    see_first_screen(s);
    CHECK(s, scr_find(s, "F1Help") == 23);
    act_quit(s);
}

static void
test_first_screen_200x60(void **state)
{
    struct scr *s = act_start(60, 200, "--sim=3");

    *state = s;
    see_first_screen(s);
    CHECK(s, scr_find(s, "F1Help") == 59);
    act_quit(s);
}

/* A terminal with margins of another size scrolls where it should not. */
static void
test_margins_are_the_screen(void **state)
{
    struct scr *s = act_start(60, 200, "--sim=3");
    const char *p;
    size_t n;

    *state = s;
    p = scr_raw(s, 0, &n);
    CHECK(s, memmem(p, n, "\033[1;24r", 7) == NULL);
    scr_send(s, "\r");
    SEE(s, "overview");
    SEE(s, "F5Console F7Pause F8Shut F9Destroy F10Quit");
}

static void
test_cursor_moves(void **state)
{
    struct scr *s = *state;

    act_see_selected(s, "Domain-0");
    scr_send(s, "jj");
    act_see_selected(s, "web2");
    assert_false(act_selected(s, "Domain-0"));
    scr_send(s, "k");
    act_see_selected(s, "web1");
    scr_send(s, ESC "[B" ESC "[B" ESC "[B" ESC "[B");
    act_see_selected(s, "db1");
    scr_send(s, ESC "OA");
    act_see_selected(s, "web2");
    scr_send(s, "G");
    act_see_selected(s, "db1");
    scr_send(s, "g");
    act_see_selected(s, "Domain-0");
}

static void
test_cursor_follows_its_domain(void **state)
{
    struct scr *s = *state;
    int before;

    scr_send(s, "jj");
    act_see_selected(s, "web2");
    before = scr_find(s, "web2");
    scr_send(s, "I");
    UNTIL(s, scr_find(s, "web2") != before &&
                 scr_find(s, "db1") < scr_find(s, "Domain-0"));
    act_see_selected(s, "web2");
    scr_send(s, "M"); /* memory, largest first: Domain-0 and db1 are above */
    act_see_selected(s, "web2");
    CHECK(s, scr_find(s, "db1") < scr_find(s, "web2"));
}

static void
test_search(void **state)
{
    struct scr *s = *state;

    scr_send(s, "/db");
    act_see_selected(s, "db1");
    scr_send(s, "\rg");
    act_see_selected(s, "Domain-0");
    scr_send(s, "/web\r");
    act_see_selected(s, "web1");
    scr_send(s, "n");
    act_see_selected(s, "web2");
    scr_send(s, "N");
    act_see_selected(s, "web1");
    scr_send(s, "/nosuch\r");
    SEE(s, "not found: nosuch");
    act_see_selected(s, "web1");
}

static void
test_filter(void **state)
{
    struct scr *s = *state;

    scr_send(s, "\\web\r");
    LOSE(s, "db1");
    SEE(s, "web1");
    SEE(s, "web2");
    SEE(s, "2 of 4"); /* said for as long as it holds */
    scr_send(s, "\\2");
    SEE(s, "1 of 4 \\web2");
    scr_send_esc(s); /* as it was before the prompt */
    SEE(s, "2 of 4 \\web ");
    scr_send(s, "\\\x15\r");
    SEE(s, "db1");
}

/* The conditions hold while they are typed; a faulty line holds nothing up. */
static void
test_filter_conditions(void **state)
{
    struct scr *s = *state;

    scr_send(s, "\\web !/2$/");
    LOSE(s, "db1");
    LOSE(s, "web2");
    SEE(s, "domains 1 of 4 \\web !/2$/");
    scr_send(s, " mem>x");
    SEE(s, "filter, character 11: found mem>x, allowed a size, as 512M or");
    SEE(s, "domains 1 of 4 \\web !/2$/ mem>x");
    scr_send(s, "\r");
    SEE(s, "filter, character 11"); /* the line stays to be mended */
    scr_send(s, "\x7f"
                "1m\r");
    LOSE(s, "filter, character");
    SEE(s, "domains 1 of 4 \\web !/2$/ mem>1m");
    scr_send_esc(s);
    SEE(s, "domains (4)");
    SEE(s, "db1");
}

static void
test_filter_completes(void **state)
{
    struct scr *s = *state;

    scr_send(s, "\\kin\t");
    SEE(s, "\\kind:");
    scr_send(s, "p\t");
    SEE(s, "kind:pv  kind:pvh");
    scr_send(s, "\t");
    SEE(s, "domains 4 of 4 \\kind:pv");
    scr_send(s, ESC);
    SEE(s, "domains (4)");
}

static void
test_detail_tabs(void **state)
{
    struct scr *s = *state;

    scr_send(s, "j\r");
    SEE(s, "uuid");
    scr_send(s, "]");
    SEE(s, "VCPU STATE");
    scr_send(s, "]");
    SEE(s, "scheduler");
    scr_send(s, "]");
    SEE(s, "KIND    NAME");
    scr_send(s, "]");
    SEE(s, "name = ");
    scr_send(s, "]");
    SEE(s, "/local/domain/1");
    scr_send(s, "]");
    SEE(s, "pv domain");
    scr_send(s, "[");
    SEE(s, "/local/domain/1");
    scr_send(s, "q");
    LOSE(s, "xenstore");
    act_see_selected(s, "web1");
}

static void
test_help_lists_keys(void **state)
{
    struct scr *s = act_start(90, 200, "--sim=3");

    *state = s;
    scr_send(s, "?");
    SEE(s, "Keys in the domain list");
    SEE(s, "C F2       create ");
    SEE(s, "D F9       destroy ");
    scr_send(s, "/q F10\r"); /* there are more of them than rows */
    SEE(s, "q F10      quit ");
    scr_send(s, "/Keys in a console\r");
    SEE(s, "Keys in a console");
    scr_send(s, "/send-prefix\r");
    SEE(s, "C-]        send-prefix ");
    scr_send(s, "q");
    LOSE(s, "send-prefix");
    act_quit(s);
}

static void
click(struct scr *s, const char *text, int button, bool release)
{
    int row = scr_find(s, text), col = scr_find_col(s, row, text);
    char bytes[64];

    snprintf(bytes, sizeof bytes, ESC "[<%d;%d;%dM", button, col + 1, row + 1);
    scr_send(s, bytes);
    if (!release)
        return;
    snprintf(bytes, sizeof bytes, ESC "[<%d;%d;%dm", button, col + 1, row + 1);
    scr_send(s, bytes);
}

static void
test_mouse(void **state)
{
    struct scr *s = *state;

    click(s, "db1", 0, true);
    act_see_selected(s, "db1");
    click(s, "web1", 0, true);
    act_see_selected(s, "web1");
    click(s, "F1Help", 0, true);
    SEE(s, "Keys in the domain list");
    click(s, "F10Quit", 0, true);
    EXITS(s, 0);
    CHECK_RESTORED(s);
}

static void
test_double_click_opens(void **state)
{
    struct scr *s = *state;

    click(s, "web2", 0, true);
    click(s, "web2", 0, true);
    SEE(s, "overview");
    SEE(s, "web2 (2)");
}

static void
test_wheel_scrolls(void **state)
{
    struct scr *s = act_start(24, 80, "--sim=100");
    unsigned i;

    *state = s;
    for (i = 0; i < 60; i++)
        click(s, "Name", 65, false);
    LOSE(s, "Domain-0");
    for (i = 0; i < 60; i++)
        click(s, "Name", 64, false);
    SEE(s, "Domain-0");
    act_verb(s, "mouse off");
    /* The words stand in the palette before the verb has run. */
    UNTIL(s, !scr_mode(s, 1000) && !scr_mode(s, 1006));
    act_quit(s);
}

static void
test_destroy_asks(void **state)
{
    struct scr *s = *state;

    scr_send(s, "j");
    act_see_selected(s, "web1");
    scr_send(s, "D");
    SEE(s, "Destroy");
    scr_send(s, "n");
    LOSE(s, "not saved");
    scr_send(s, "D");
    SEE(s, "not saved");
    scr_send(s, ESC);
    LOSE(s, "not saved");
    CHECK(s, scr_has(s, "web1"));
    scr_send(s, "D");
    SEE(s, "not saved");
    scr_send(s, "y");
    LOSE(s, "web1  ");
    SEE(s, "domains (3)");
    CHECK(s, scr_has(s, "web2"));
}

static void
test_dom0_is_not_destroyed(void **state)
{
    struct scr *s = *state;

    scr_send(s, "D");
    SEE(s, "Domain-0, on which this host stands");
}

static void
test_esc_and_ctrl_c_never_quit(void **state)
{
    struct scr *s = *state;

    scr_send_esc(s);
    scr_send_esc(s);
    scr_send(s, "\x03");
    SEE(s, "^C does not end xendeck");
    scr_send(s, "\x03\x03");
    scr_send(s, "/web\x03");
    scr_send(s, ":qu");
    SEE(s, ":qu");
    scr_send(s, ESC);
    LOSE(s, ":qu"); /* Esc and the next key are two */
    scr_send(s, "G");
    act_see_selected(s, "db1");
    assert_int_equal(scr_exit_status(s, 0), -1);
    act_quit(s);
}

static void
test_unbound_keys_say_so(void **state)
{
    struct scr *s = *state;

    scr_send(s, "j");
    scr_send(s, "&");
    SEE(s, "& does nothing here; ? shows the keys");
    act_see_selected(s, "web1");
    scr_send(s, ESC "[24~");
    SEE(s, "F12 does nothing here");
    scr_send(s, ESC "[200~quit" ESC "[201~");
    SEE(s, "a paste is for a console");
    scr_send_esc(s);
    act_quit(s);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_first_screen_80x24, act_setup,
                                        act_teardown),
        cmocka_unit_test_teardown(test_first_screen_200x60, act_teardown),
        cmocka_unit_test_teardown(test_margins_are_the_screen, act_teardown),
        cmocka_unit_test_setup_teardown(test_cursor_moves, act_setup,
                                        act_teardown),
        cmocka_unit_test_setup_teardown(test_cursor_follows_its_domain,
                                        act_setup, act_teardown),
        cmocka_unit_test_setup_teardown(test_search, act_setup, act_teardown),
        cmocka_unit_test_setup_teardown(test_unbound_keys_say_so, act_setup,
                                        act_teardown),
        cmocka_unit_test_setup_teardown(test_filter_conditions, act_setup,
                                        act_teardown),
        cmocka_unit_test_setup_teardown(test_filter_completes, act_setup,
                                        act_teardown),
        cmocka_unit_test_setup_teardown(test_filter, act_setup, act_teardown),
        cmocka_unit_test_setup_teardown(test_detail_tabs, act_setup,
                                        act_teardown),
        cmocka_unit_test_teardown(test_help_lists_keys, act_teardown),
        cmocka_unit_test_setup_teardown(test_mouse, act_setup, act_teardown),
        cmocka_unit_test_setup_teardown(test_double_click_opens, act_setup,
                                        act_teardown),
        cmocka_unit_test_teardown(test_wheel_scrolls, act_teardown),
        cmocka_unit_test_setup_teardown(test_destroy_asks, act_setup,
                                        act_teardown),
        cmocka_unit_test_setup_teardown(test_dom0_is_not_destroyed, act_setup,
                                        act_teardown),
        cmocka_unit_test_setup_teardown(test_esc_and_ctrl_c_never_quit,
                                        act_setup, act_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
