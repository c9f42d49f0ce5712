/*
 * test_start.c - starting and ending on a real terminal: settings and themes
 * that are not there or broken, other themes live, q while something goes on.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "src/base/xalloc.h"
#include "tests/screen/act.h"

struct home {
    char dir[64], conf_dir[96], conf[128];
};

static int
home_setup(void **state)
{
    struct home *h = xcalloc(1, sizeof *h);

    snprintf(h->dir, sizeof h->dir, "/tmp/xendeck-start-XXXXXX");
    assert_non_null(mkdtemp(h->dir));
    snprintf(h->conf_dir, sizeof h->conf_dir, "%s/xendeck", h->dir);
    snprintf(h->conf, sizeof h->conf, "%s/xendeck.conf", h->conf_dir);
    assert_int_equal(mkdir(h->conf_dir, 0700), 0);
    *state = h;
    return 0;
}

static int
home_teardown(void **state)
{
    struct home *h = *state;

    unlink(h->conf);
    rmdir(h->conf_dir);
    rmdir(h->dir);
    free(h);
    return 0;
}

static struct scr *
start_with(struct home *h, const char *settings)
{
    char env[128];

    act_write(h->conf, settings);
    snprintf(env, sizeof env, "XDG_CONFIG_HOME=%s", h->dir);
    return act_start_env(24, 120, "--sim=3", env);
}

static void
test_settings_are_read(void **state)
{
    struct scr *s =
        start_with(*state, "theme = \"mono\"; prefix = \"C-b\"; sort = "
                           "\"name\";\nbind = ( { in = \"list\"; key = "
                           "\"w\"; run = \"theme light\"; } );\n");

    scr_send(s, "w");
    SEE(s, "theme light");
    act_create(s, "linux1");
    scr_send(s, "\x02q");
    LOSE(s, "linux1:~#");
    act_quit(s);
    scr_close(s);
}

static void
test_broken_settings_are_one_sentence(void **state)
{
    struct scr *s = start_with(*state, "theme = \"dark\";\nmouse = = 1;\n");

    SEE(s, "xendeck.conf:2");
    scr_send(s, "G");
    act_see_selected(s, "db1");
    act_quit(s);
    scr_close(s);
}

static void
test_bad_setting_names_what_is_allowed(void **state)
{
    struct scr *s = start_with(*state, "mouse = \"perhaps\";\n");

    SEE(s, "xendeck.conf:1: mouse: found");
    act_quit(s);
    scr_close(s);
}

static void
test_missing_theme_starts_anyway(void **state)
{
    struct scr *s = start_with(*state, "theme = \"nosuch\";\n");

    SEE(s, "nosuch");
    SEE(s, "F10Quit");
    scr_send(s, "G");
    act_see_selected(s, "db1");
    act_quit(s);
    scr_close(s);
}

/* As with xl: the terminal is in the console of the new domain. */
static void
test_create_attaches_the_console(void **state)
{
    const struct home *h = *state;
    char *conf = act_conf_in(h->conf_dir, "linux1");
    char args[160], line[160];
    struct scr *s;

    snprintf(line, sizeof line, "create %s -c memory=80\n", conf);
    act_write(h->conf, line);
    snprintf(args, sizeof args, "--sim=3 -f %s", h->conf);
    s = scr_start(24, 100, args);
    SEE(s, "linux1:~#");
    act_shell(s, "echo here", "here");
    scr_send(s, PREFIX "q");
    LOSE(s, "linux1:~#");
    act_quit(s);
    scr_close(s);
    unlink(conf);
    free(conf);
}

static void
test_theme_option_missing_ends(void **state)
{
    struct scr *s = scr_start(24, 120, "--sim=3 --theme nosuch");

    *state = s;
    EXITS(s, 2);
    CHECK(s, scr_has(s, "xendeck: theme 'nosuch': "));
    CHECK_RESTORED(s);
}

static void
test_themes_switch_live(void **state)
{
    static const char *const names[] = { "light", "mono", "colorblind", "solar",
                                         "dark" };
    struct scr *s = act_start(24, 80, "--sim=3");
    struct scr_cell before, now;
    char text[64];
    size_t i;

    *state = s;
    SEE(s, "Uptime");
    scr_cell_at(s, 3, 40, &before);
    for (i = 0; i < sizeof names / sizeof names[0]; i++) {
        snprintf(text, sizeof text, "theme %s", names[i]);
        act_verb(s, text);
        SEE(s, text);
        act_see_selected(s, "Domain-0");
    }
    do /* the words stand in the palette before the verb has run */
        scr_cell_at(s, 3, 40, &now);
    while (now.bg != before.bg && scr_pump(s, SCR_MS));
    assert_int_equal(now.bg, before.bg);
    act_verb(s, "theme nosuch");
    SEE(s, "theme 'nosuch'");
    act_verb(s, "theme mono");
    do
        scr_cell_at(s, 3, 40, &now);
    while ((now.fg != -1 || now.bg != -1) && scr_pump(s, SCR_MS));
    CHECK(s, now.fg == -1 && now.bg == -1);
    CHECK(s, now.reverse || now.underline);
    act_quit(s);
}

static void
test_next_theme_by_key(void **state)
{
    struct scr *s = act_start(24, 80, "--sim=3");
    struct buf first = { 0 };
    int row;

    *state = s;
    scr_send(s, "t");
    SEE(s, "theme ");
    row = scr_find(s, "theme ");
    scr_row(s, row, &first);
    scr_send(s, "t");
    LOSE(s, buf_text(&first));
    SEE(s, "theme ");
    buf_free(&first);
}

/* A guest that ignores the request keeps its shutdown running. */
static void
test_quit_asks_while_work_goes_on(void **state)
{
    struct scr *s = act_start(24, 80, "--sim=3");

    *state = s;
    act_create(s, "linux1");
    act_shell(s, "ignore on", "requests of the toolstack are ignored");
    scr_send(s, PREFIX "q");
    SEE(s, "domains (5)");
    scr_send(s, "/linux1\r");
    act_see_selected(s, "linux1");
    scr_send(s, "S");
    SEE(s, "linux1?");
    scr_send(s, "y");
    SEE(s, "shutdown linux1");
    /* sooner after the console was left it would be taken for a slip */
    assert_int_equal(scr_exit_status(s, AFTER_LEAVING_MS), -1);
    scr_send(s, "q");
    SEE(s, "n no");
    scr_send(s, "n");
    LOSE(s, "n no");
    assert_int_equal(scr_exit_status(s, 0), -1);
    scr_send(s, "q");
    SEE(s, "n no");
    scr_send(s, "y");
    EXITS(s, 0);
    CHECK_RESTORED(s);
}

static void
test_read_only_refuses(void **state)
{
    struct scr *s = act_start(24, 80, "--sim=3 --read-only");

    *state = s;
    SEE(s, "read-only");
    CHECK(s, scr_has(s, "F5Console") && scr_has(s, "Enter details"));
    CHECK(s, !scr_has(s, "Destroy") && !scr_has(s, "unpause"));
    scr_send(s, "jD");
    SEE(s, "destroy: refused");
    LOSE(s, "not saved");
    scr_send(s, "c");
    SEE(s, "attached");
    scr_send(s, "poweroff\r");
    SEE(s, "typing into a guest: refused");
    scr_send(s, "\035q");
    LOSE(s, "attached");
    act_quit(s);
}

static void
test_usage_error_exits_2(void **state)
{
    struct scr *s = scr_start(24, 80, "--sim=3 --nosuch");

    *state = s;
    EXITS(s, 2);
    CHECK(s, scr_has(s, "no option '--nosuch'"));
    CHECK_RESTORED(s);
}

#define WITH_HOME(f)                                                           \
    cmocka_unit_test_setup_teardown(f, home_setup, home_teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_HOME(test_settings_are_read),
        WITH_HOME(test_broken_settings_are_one_sentence),
        WITH_HOME(test_bad_setting_names_what_is_allowed),
        WITH_HOME(test_missing_theme_starts_anyway),
        WITH_HOME(test_create_attaches_the_console),
        cmocka_unit_test_teardown(test_theme_option_missing_ends, act_teardown),
        cmocka_unit_test_teardown(test_themes_switch_live, act_teardown),
        cmocka_unit_test_teardown(test_next_theme_by_key, act_teardown),
        cmocka_unit_test_teardown(test_quit_asks_while_work_goes_on,
                                  act_teardown),
        cmocka_unit_test_teardown(test_read_only_refuses, act_teardown),
        cmocka_unit_test_teardown(test_usage_error_exits_2, act_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
