/*
 * test_terminal.c - the outer terminal: what poor ones get, and that every way
 * out gives it back as it was.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "src/base/xalloc.h"
#include "tests/screen/act.h"

/* Whether a select-graphic-rendition sequence sets a colour. */
static bool
sends_colour(struct scr *s, size_t from)
{
    size_t n, i, k;
    const char *p = scr_raw(s, from, &n);

    for (i = 0; i + 2 < n; i++) {
        int value = 0;

        if (p[i] != '\033' || p[i + 1] != '[')
            continue;
        for (k = i + 2; k < n && (p[k] == ';' || (p[k] >= '0' && p[k] <= '9'));
             k++)
            ;
        if (k == n || p[k] != 'm')
            continue;
        for (k = i + 2; p[k - 1] != 'm'; k++) {
            if (p[k] >= '0' && p[k] <= '9') {
                value = value * 10 + p[k] - '0';
                continue;
            }
            if ((value >= 30 && value <= 48) || (value >= 90 && value <= 107))
                return true;
            value = 0;
        }
    }
    return false;
}

static bool
sends_only_ascii(struct scr *s)
{
    size_t n, i;
    const char *p = scr_raw(s, 0, &n);

    for (i = 0; i < n; i++)
        if ((unsigned char)p[i] >= 0x80)
            return false;
    return true;
}

static void
tour(struct scr *s)
{
    act_create(s, "linux1");
    scr_send(s, "utf8\r");
    SEE(s, "Symbols:");
    scr_send(s, "colors\r");
    SEE(s, "underline");
    scr_send(s, PREFIX "q");
    SEE(s, "Domain-0");
    scr_send(s, "\r");
    SEE(s, "overview");
    scr_send(s, "q?");
    SEE(s, "Keys in the domain list");
    scr_send(s, "q");
    LOSE(s, "Keys in the domain list");
    scr_send(s, "gjD");
    SEE(s, "not saved");
    scr_send(s, "n");
    LOSE(s, "not saved");
}

static void
test_vt100_ascii(void **state)
{
    struct scr *s =
        act_start_env(24, 80, "--sim=3", "TERM=vt100 LANG=C LC_ALL=C");

    *state = s;
    tour(s);
    assert_true(sends_only_ascii(s));
    assert_false(sends_colour(s, 0));
    CHECK(s, !scr_mode(s, 1049) && !scr_mode(s, 1000) && !scr_mode(s, 2004));
    CHECK_CLEAN(s, 0);
    act_quit(s);
}

static void
test_lang_c_on_xterm(void **state)
{
    struct scr *s = act_start_env(24, 80, "--sim=3", "LANG=C");

    *state = s;
    tour(s);
    assert_true(sends_only_ascii(s));
    CHECK_CLEAN(s, 0);
    act_quit(s);
}

static void
test_no_color(void **state)
{
    struct scr *s = act_start_env(24, 80, "--sim=3", "NO_COLOR=1");

    *state = s;
    tour(s);
    assert_false(sends_colour(s, 0));
    act_see_selected(s, "web1"); /* attributes still tell */
    act_quit(s);
}

static void
test_other_terminals(void **state)
{
    static const char *const terms[] = { "TERM=linux",  "TERM=xterm",
                                         "TERM=screen", "TERM=vt220",
                                         "TERM=rxvt",   "TERM=tmux" };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof terms / sizeof terms[0]; i++) {
        struct scr *s = act_start_env(24, 80, "--sim=3", terms[i]);

        SEE(s, "F10Quit");
        scr_send(s, "G");
        act_see_selected(s, "db1");
        act_quit(s);
        scr_close(s);
    }
}

static void
test_unknown_terminal_is_one_sentence(void **state)
{
    struct scr_opts o = {
        .rows = 24, .cols = 120, .args = "--sim=3", .env = "TERM=teletype-33"
    };
    struct scr *s = scr_open(&o);

    *state = s;
    EXITS(s, 1);
    CHECK(s, scr_has(s, "the terminal type 'teletype-33' is unknown here; "
                        "try TERM=xterm-256color"));
    CHECK_RESTORED(s);
}

/* What new terminals call themselves does not shut their users out. */
static void
test_unknown_terminal_is_taken_for_one_like_it(void **state)
{
    static const char *const env[] = { "TERM=xterm-none", "TERM=kitty-none",
                                       "TERM=tmux-none" };
    static const char *const told[] = {
        "'xterm-none' is unknown here: it is taken for xterm-256color",
        "'kitty-none' is unknown here: it is taken for xterm-256color",
        "'tmux-none' is unknown here: it is taken for screen-256color"
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof env / sizeof env[0]; i++) {
        struct scr *s = act_start_env(24, 100, "--sim=3", env[i]);

        SEE(s, told[i]);
        scr_send(s, "G");
        act_see_selected(s, "db1");
        act_quit(s);
        scr_close(s);
    }
}

/* A clean end: status 0, not death by the signal. */
static void
end_by(int signo)
{
    struct scr *s = act_start(24, 80, "--sim=3");

    act_create(s, "linux1");
    scr_signal(s, signo);
    EXITS(s, 0);
    CHECK_RESTORED(s);
    CHECK_CLEAN(s, 0);
    scr_close(s);
}

static void
test_sigterm_restores(void **state)
{
    (void)state;
    end_by(SIGTERM);
}

static void
test_sighup_restores(void **state)
{
    (void)state;
    end_by(SIGHUP);
}

static bool
has_sanitizer(void)
{
    const char *build = getenv("BUILD");

    return build != NULL && strstr(build, "asan") != NULL;
}

/* Under a sanitizer its own handler reports and exits. */
static void
die_by(int signo)
{
    struct scr *s = act_start(24, 80, "--sim=3");
    int status;

    scr_signal(s, signo);
    status = scr_exit_status(s, SCR_MS);
    CHECK(s, status >= 0);
    if (!has_sanitizer() || signo == SIGABRT) {
        CHECK(s, WIFSIGNALED(status) && WTERMSIG(status) == signo);
        CHECK_RESTORED(s);
    }
    scr_close(s);
}

static void
test_sigabrt_restores(void **state)
{
    (void)state;
    die_by(SIGABRT);
}

static void
test_sigsegv_restores(void **state)
{
    (void)state;
    die_by(SIGSEGV);
}

static void
stop_and_continue(struct scr *s, bool by_key)
{
    struct buf b = { 0 };

    SEE(s, "F10Quit");
    scr_send(s, "G");
    act_see_selected(s, "db1");
    if (by_key)
        scr_send(s, "\x1a");
    else
        scr_signal(s, SIGTSTP);
    CHECK(s, scr_wait_stopped(s, SCR_MS));
    if (!scr_restored(s, &b))
        fail_msg("while stopped: %s", buf_text(&b));
    LOSE(s, "Domain-0");
    scr_continue(s);
    SEE(s, "Domain-0");
    SEE(s, "F10Quit");
    act_see_selected(s, "db1");
    CHECK(s, scr_mode(s, 1049) && scr_mode(s, 1000) && scr_mode(s, 2004));
    scr_send(s, "g");
    act_see_selected(s, "Domain-0");
    buf_free(&b);
}

static void
test_ctrl_z_and_fg(void **state)
{
    struct scr *s = *state;

    stop_and_continue(s, true);
    stop_and_continue(s, true);
    act_quit(s);
}

static void
test_sigtstp_and_fg(void **state)
{
    struct scr *s = *state;

    stop_and_continue(s, false);
    act_quit(s);
}

static void
test_sigcont_alone_redraws(void **state)
{
    struct scr *s = *state;

    scr_signal(s, SIGSTOP);
    CHECK(s, scr_wait_stopped(s, SCR_MS));
    scr_resize(s, 30, 100); /* the screen changes meanwhile */
    scr_continue(s);
    SEE(s, "F10Quit");
    scr_send(s, "G");
    act_see_selected(s, "db1");
    while (scr_find(s, "F1Help") != 29 && scr_pump(s, SCR_MS))
        ;
    CHECK(s, scr_find(s, "F1Help") == 29);
    act_quit(s);
}

static void
test_lost_terminal_ends_it(void **state)
{
    struct scr *s = *state;

    scr_hang_up(s);
    CHECK(s, scr_exit_status(s, SCR_MS) >= 0);
}

/* What another program wrote over the screen goes away by ^L. */
static void
test_redraw(void **state)
{
    struct scr *s = *state;
    size_t from;

    scr_settle(s, 100);
    from = scr_sent(s);
    scr_send(s, "\x0c");
    while (scr_sent(s) < from + 400 && scr_pump(s, SCR_MS))
        ;
    CHECK(s, scr_sent(s) >= from + 400);
    SEE(s, "F10Quit");
    CHECK_CLEAN(s, from);
}

/* A refresh of an idle host is small: serial lines are slow. */
static void
test_refresh_is_small(void **state)
{
    struct scr *s = act_start(24, 80, "--sim=3 -d 0.25");
    size_t from;
    unsigned i;

    *state = s;
    SEE(s, "0.2   1.0G");
    from = scr_sent(s);
    for (i = 0; i < 30; i++)
        scr_pump(s, 100);
    CHECK(s, scr_sent(s) - from < 12U * 1024);
    act_quit(s);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, act_setup, act_teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_vt100_ascii, act_teardown),
        cmocka_unit_test_teardown(test_lang_c_on_xterm, act_teardown),
        cmocka_unit_test_teardown(test_no_color, act_teardown),
        cmocka_unit_test(test_other_terminals),
        cmocka_unit_test(test_unknown_terminal_is_taken_for_one_like_it),
        cmocka_unit_test_teardown(test_unknown_terminal_is_one_sentence,
                                  act_teardown),
        cmocka_unit_test(test_sigterm_restores),
        cmocka_unit_test(test_sighup_restores),
        cmocka_unit_test(test_sigabrt_restores),
        cmocka_unit_test(test_sigsegv_restores),
        TEST(test_ctrl_z_and_fg),
        TEST(test_sigtstp_and_fg),
        TEST(test_sigcont_alone_redraws),
        TEST(test_lost_terminal_ends_it),
        TEST(test_redraw),
        cmocka_unit_test_teardown(test_refresh_is_small, act_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
