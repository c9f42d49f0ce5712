/*
 * test_sessions.c - one engine and many sessions: terminals beside each other,
 * batches, an engine that is killed or started twice, clients that die or are
 * slow. Engines that hang: test_hung_engine.c; sockets and locks of engines
 * that begin and end: test_session_socket.c.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/screen/act.h"
#include "tests/screen/home.h"

/* --- batches --- */

static void
test_verb_starts_an_engine_that_stays(void **state)
{
    struct home *h = *state;
    pid_t pid;

    assert_int_equal(home_verb(h, "list"), 0);
    home_must_say(h, "web1");
    pid = home_engine(h);
    assert_true(pid > 0);
    assert_int_equal(home_verb(h, "pause web1"), 0);
    assert_int_equal(home_verb(h, "show web1"), 0);
    home_must_say(h, "paused"); /* of the same host */
    assert_int_equal(home_engine(h), pid);
    assert_int_equal(home_verb(h, "sessions"), 0);
    home_must_say(h, "batch");
    assert_int_equal(home_verb(h, "kill-engine"), 0);
    AWAIT(home_engine(h) == 0);
    assert_int_equal(home_verb(h, "kill-engine"), 1); /* starts none */
    home_must_say(h, "no engine runs");
    assert_int_equal(home_engine(h), 0);
}

static void
test_exit_status_is_the_verb_s(void **state)
{
    struct home *h = *state;

    assert_int_equal(home_verb(h, "list"), 0);
    assert_int_equal(home_verb(h, "show nobody"), 1);
    home_must_say(h, "xendeck: there is no domain 'nobody'\n");
    assert_int_equal(home_verb(h, "list --spare"), 2);
    assert_int_equal(home_verb(h, "create not-there.conf"), 1);
    home_must_say(h, "not-there.conf");
}

static void
test_ten_at_once_get_one_engine(void **state)
{
    struct home *h = *state, own[10];
    pid_t pids[10], engine;
    int i;

    for (i = 0; i < 10; i++) {
        own[i] = *h;
        snprintf(own[i].out, sizeof own[i].out, "%s/out%d", h->dir, i);
        pids[i] = home_start(&own[i], NULL, "list", 0);
    }
    for (i = 0; i < 10; i++) {
        if (home_wait(pids[i]) != 0)
            fail_msg("%s", home_said(&own[i]));
        home_must_say(&own[i], "web1");
    }
    engine = home_engine(h);
    assert_true(engine > 0);
    assert_int_equal(home_verb(h, "list"), 0);
    assert_int_equal(home_engine(h), engine);
}

static void
test_interrupt_cancels_what_it_began(void **state)
{
    struct home *h = *state;
    pid_t pid;

    assert_int_equal(home_verb(h, "list"), 0);
    pid = home_start(h, NULL, "mem-set db1 256", 0); /* takes 30 s */
    AWAIT(home_times(h, "info", "mem-set db1") > 0);
    kill(pid, SIGINT);
    assert_int_equal(home_wait(pid), 1);
    home_must_say(h, "cancelled");
    pid = home_start(h, NULL, "events --follow", 0);
    AWAIT(home_times(h, "sessions", " batch ") == 2);
    kill(pid, SIGINT);
    assert_int_equal(home_wait(pid), 0);
}

static void
test_caller_that_dies_cancels_nothing(void **state)
{
    struct home *h = *state;
    pid_t pid;

    assert_int_equal(home_verb(h, "list"), 0);
    pid = home_start(h, NULL, "mem-set db1 256", 0); /* takes 30 s */
    AWAIT(home_times(h, "info", "mem-set db1") > 0);
    kill(pid, SIGKILL);
    home_wait(pid);
    AWAIT(home_times(h, "sessions", " batch ") == 1); /* itself alone */
    assert_true(home_times(h, "info", "mem-set db1") > 0);
}

/* --- terminals --- */

static void
test_terminals_of_two_kinds_share_a_console(void **state)
{
    struct home *h = *state;
    struct scr *a = home_terminal(h, 24, 80, NULL);
    struct scr *b = home_terminal(h, 30, 120, "vt100");

    scr_send(a, ":console web1\r");
    SEE(a, "web1:~#");
    scr_send(b, ":console web1\r");
    SEE(b, "web1:~#");
    scr_send(a, "echo one-types");
    SEE(a, "echo one-types");
    SEE(b, "echo one-types");
    scr_send(b, "-both\r");
    SEE(a, "one-types-both");
    assert_int_equal(home_verb(h, "sessions"), 0);
    home_must_say(h, "120x30");
    home_must_say(h, "80x24");
    home_must_say(h, "of web1");
    scr_close(a);
    scr_close(b);
}

/* The engine gets the line with the terminal; the console is that of the
 * domain which it makes. A pipe is no terminal to attach. */
static void
test_create_begins_a_terminal_session(void **state)
{
    struct home *h = *state;
    char *conf = act_conf_in(h->dir, "linux1");
    char file[96], line[160], args[sizeof h->args];
    struct scr *a;

    snprintf(line, sizeof line, "create %s -c", conf);
    assert_int_equal(home_verb(h, line), 2);
    home_must_say(h, "--console attaches the terminal");
    snprintf(file, sizeof file, "%s/verbs", h->dir);
    act_write(file, line);
    memcpy(args, h->args, sizeof args);
    snprintf(h->args + strlen(h->args), sizeof h->args - strlen(h->args),
             " -f %s", file);
    a = home_terminal(h, 30, 132, NULL);
    SEE(a, "linux1:~#");
    scr_close(a);
    memcpy(h->args, args, sizeof args);
    assert_int_equal(home_verb(h, "list"), 0);
    home_must_say(h, "linux1");
    free(conf);
}

/* It has a beginning, too, though nobody has attached it. */
static void
test_own_session_has_a_start(void **state)
{
    struct home *h = *state;
    struct scr *a;
    time_t now = time(NULL);
    char hour[8];
    struct tm tm;

    snprintf(h->args, sizeof h->args, "--sim=3 --foreground");
    a = home_terminal(h, 24, 80, NULL);
    assert_non_null(localtime_r(&now, &tm));
    strftime(hour, sizeof hour, " %H:", &tm);
    scr_send(a, ":sessions\r");
    SEE(a, "LOOKS AT");
    SEE(a, "this process");
    if (time(NULL) / 3600 == now / 3600)
        SEE(a, hour);
    CHECK(a, !scr_has(a, "1970-"));
    scr_close(a);
}

/* The terminal of an engine in the foreground is a session as all others, but
 * that nobody else can end it. */
static void
test_own_session_has_a_number(void **state)
{
    struct home *h = *state;
    struct scr *a;

    snprintf(h->args, sizeof h->args, "--sim=3 --foreground --socket %s",
             h->sock);
    a = home_terminal(h, 24, 80, NULL);
    assert_int_equal(home_times(h, "sessions", "  80x24 "), 1);
    assert_int_equal(home_times(h, "sessions", "  domains, at Domain-0\n"), 1);
    assert_int_equal(home_times(h, "sessions", "  1  terminal "), 1);
    assert_int_equal(home_verb(h, "detach-session 1"), 1);
    home_must_say(h, "session 1 is the engine's own terminal: quit there");
    scr_close(a);
}

static void
test_faults_of_settings_are_one_notice(void **state)
{
    struct home *h = *state;
    char path[128], args[sizeof h->args];
    struct scr *a;

    snprintf(path, sizeof path, "%s/two.conf", h->dir);
    act_write(path, "one = 1;\ntwo = 2;\n");
    assert_int_equal(home_verb(h, "list"), 0);
    text_fmt(args, sizeof args, "%s --config %s", h->args, path);
    memcpy(h->args, args, sizeof args);
    a = home_terminal(h, 24, 200, NULL);
    SEE(a, "one: no such setting, ignored; ");
    SEE(a, "two: no such setting, ignored");
    scr_close(a);
}

/* What one session has kept, a later one of the same user begins with. */
static void
test_terminal_begins_with_the_layout_of_the_settings(void **state)
{
    struct home *h = *state;
    char path[128], args[sizeof h->args];
    struct scr *a = home_terminal(h, 50, 200, NULL);

    act_verb(a, "tile web1 web2");
    SEE(a, "web2:~#");
    scr_send(a, PREFIX ":layout-save work\r");
    SEE(a, "layout work is saved");
    scr_close(a);
    snprintf(path, sizeof path, "%s/layout.conf", h->dir);
    act_write(path, "layout = \"work\";\n");
    text_fmt(args, sizeof args, "%s --config %s", h->args, path);
    memcpy(h->args, args, sizeof args);
    a = home_terminal(h, 50, 200, NULL);
    SEE(a, "web1 (");
    SEE(a, "web2 (");
    scr_close(a);
    act_write(path, "layout = \"none\";\n"); /* the user keeps none of it */
    a = home_terminal(h, 50, 200, NULL);
    scr_settle(a, 100);
    CHECK(a, !scr_has(a, "web1 (") && !scr_has(a, "layout"));
    scr_close(a);
}

static void
test_q_detaches(void **state)
{
    struct home *h = *state;
    struct scr *a = home_terminal(h, 24, 80, NULL);
    pid_t pid = home_engine(h);

    scr_send(a, "q");
    EXITS(a, 0);
    CHECK_RESTORED(a);
    scr_close(a);
    assert_int_equal(home_engine(h), pid);
}

static void
test_session_is_ended_by_another(void **state)
{
    struct home *h = *state;
    struct scr *a = home_terminal(h, 24, 80, NULL);

    assert_int_equal(home_verb(h, "sessions"), 0);
    home_must_say(h, "  domains, at Domain-0\n");
    assert_int_equal(home_verb(h, "detach-session 99"), 1);
    home_must_say(h, "there is no session 99");
    assert_int_equal(home_verb(h, "detach-session 1"), 0);
    EXITS(a, 0);
    CHECK_RESTORED(a);
    SEE(a, "has ended this session");
    scr_close(a);
}

static void
test_resize_and_suspend_reach_the_engine(void **state)
{
    struct home *h = *state;
    struct scr *a = home_terminal(h, 24, 80, NULL);

    scr_resize(a, 40, 132);
    scr_signal(a, SIGWINCH);
    SEE(a, "RX/s"); /* a column of wide lists */
    scr_send(a, "\x1a");
    CHECK(a, scr_wait_stopped(a, SCR_MS));
    CHECK_RESTORED(a);
    scr_continue(a);
    SEE(a, "Domain-0");
    scr_send(a, "q");
    EXITS(a, 0);
    scr_close(a);
}

/* The shell has the terminal: what is continued there must not draw over it and
 * take its keys. */
static void
test_background_job_leaves_the_terminal(void **state)
{
    struct home *h = *state;
    struct scr *a = home_terminal(h, 24, 80, NULL);

    scr_send(a, "\x1a");
    CHECK(a, scr_wait_stopped(a, SCR_MS));
    scr_foreground(a, false);
    scr_continue(a); /* as `bg' does */
    CHECK(a, scr_wait_stopped(a, SCR_MS));
    CHECK_RESTORED(a);
    scr_foreground(a, true);
    scr_continue(a);
    SEE(a, "Domain-0");
    scr_signal(a, SIGSTOP);
    CHECK(a, scr_wait_stopped(a, SCR_MS));
    scr_foreground(a, false);
    scr_continue(a);
    CHECK(a, scr_wait_stopped(a, SCR_MS));
    scr_foreground(a, true);
    scr_continue(a);
    scr_send(a, "q");
    EXITS(a, 0);
    CHECK_RESTORED(a);
    scr_close(a);
}

/* Stopped by a signal that it cannot see, with a shell that has the terminal at
 * once: nothing is drawn over that one, what is typed there is its own, and so
 * are the modes that it sets. */
static void
test_stopped_client_has_no_terminal(void **state)
{
    struct home *h = *state;
    struct scr *a = home_terminal(h, 24, 80, NULL);
    struct termios modes, now;
    int typed = 0;
    size_t from;

    scr_signal(a, SIGSTOP);
    CHECK(a, scr_wait_stopped(a, SCR_MS));
    scr_foreground(a, false);
    assert_int_equal(tcgetattr(scr_tty(a), &modes), 0);
    modes.c_oflag |= OPOST; /* as shells have it where a line is edited */
    modes.c_lflag |= ISIG;
    assert_int_equal(tcsetattr(scr_tty(a), TCSANOW, &modes), 0);
    from = scr_sent(a);
    scr_send(a, "q");
    assert_int_equal(home_verb(h, "pause web1"), 0);
    while (scr_mode(a, 1049) && scr_pump(a, SCR_MS))
        ;
    home_let_pass(h);
    scr_settle(a, 20);
    CHECK(a, !scr_mode(a, 1049));
    CHECK(a, !scr_said(a, from, "paused"));
    assert_int_equal(ioctl(scr_tty(a), FIONREAD, &typed), 0);
    assert_int_equal(typed, 1);
    tcflush(scr_tty(a), TCIFLUSH);
    assert_int_equal(tcgetattr(scr_tty(a), &now), 0);
    assert_int_equal(now.c_lflag, modes.c_lflag);
    scr_foreground(a, true);
    scr_continue(a);
    SEE(a, "paused");
    scr_send(a, "q");
    EXITS(a, 0);
    CHECK_RESTORED(a);
    scr_close(a);
}

static void
test_killed_engine_is_followed_by_another(void **state)
{
    struct home *h = *state;
    struct scr *a = home_terminal(h, 24, 80, NULL);
    struct scr *b = home_terminal(h, 30, 100, NULL);
    pid_t first = home_engine(h);
    size_t sent_a, sent_b;

    scr_send(a, ":console web1\r");
    SEE(a, "web1:~#");
    home_let_pass(h); /* the client is told what is open */
    scr_settle(a, 100);
    sent_a = scr_sent(a);
    sent_b = scr_sent(b);
    assert_int_equal(kill(first, SIGKILL), 0);
    SAID(a, sent_a, "waiting for another one");
    SAID(b, sent_b, "waiting for another one");
    SEE(a, "web1:~#"); /* another simulated host has a guest of that uuid */
    SEE(b, "Domain-0");
    assert_int_not_equal(home_engine(h), first);
    scr_send(b, "q");
    EXITS(b, 0);
    CHECK_RESTORED(b);
    scr_close(a);
    scr_close(b);
}

/* Each terminal finds not only its consoles again, but the one that it looked
 * at, its place in the text, and the pane that had the keys. */
static void
test_focus_comes_back(void **state)
{
    struct home *h = *state;
    struct scr *a = home_terminal(h, 24, 80, NULL);
    struct scr *b = home_terminal(h, 40, 140, NULL);
    pid_t first = home_engine(h);
    size_t sent_a, sent_b;

    scr_send(a, ":console web2\r");
    SEE(a, "web2:~#");
    scr_send(a, PREFIX ":console web1\r");
    SEE(a, "web1:~#");
    scr_send(a, "\033[5;2~"); /* Shift-PgUp */
    SEE(a, "lines up");
    scr_send(b, ":console web1\r");
    SEE(b, "web1:~#");
    scr_send(b, PREFIX ":console web2\r");
    SEE(b, "web2:~#");
    scr_send(b, PREFIX ":next-pane\r");
    scr_send(b, "k"); /* the list has the keys */
    AWAIT(home_times(h, "sessions", "domains, at web1") == 1);
    assert_int_equal(home_times(h, "sessions", "console of web1"), 1);
    home_let_pass(h); /* the clients are told what is open */
    scr_settle(a, 100);
    scr_settle(b, 100);
    sent_a = scr_sent(a);
    sent_b = scr_sent(b);
    assert_int_equal(kill(first, SIGKILL), 0);
    SAID(a, sent_a, "waiting for another one");
    SAID(b, sent_b, "waiting for another one");
    SEE(a, "lines up");
    SEE(b, "Domain-0");
    SEE(b, "web2:~#"); /* beside the list */
    AWAIT(home_times(h, "sessions", "console of web1") == 1 &&
          home_times(h, "sessions", "domains, at web1") == 1);
    scr_close(a);
    scr_close(b);
}

static void
engine_dies(const struct home *h, struct scr *s)
{
    size_t sent = scr_sent(s);

    assert_int_equal(kill(home_engine(h), SIGKILL), 0);
    SAID(s, sent, "waiting for another one");
}

/* However soon after that the engine dies. */
static void
test_closed_pane_stays_closed(void **state)
{
    struct home *h = *state;
    struct scr *a = home_terminal(h, 24, 80, NULL);

    scr_send(a, ":console web2\r");
    SEE(a, "web2:~#");
    engine_dies(h, a);
    SEE(a, "web2:~#");
    AWAIT(home_times(h, "sessions", "console of web2") == 1);
    scr_send(a, PREFIX "q");
    LOSE(a, "web2:~#");
    engine_dies(h, a);
    AWAIT(home_times(h, "sessions", "domains, at web2") == 1);
    scr_close(a);
}

static void
test_tiles_come_back(void **state)
{
    struct home *h = *state;
    struct scr *a = home_terminal(h, 24, 80, NULL);

    scr_send(a, ":console web1\r");
    SEE(a, "web1:~#");
    scr_send(a, PREFIX ":split-below web2\r");
    SEE(a, "web2:~#");
    scr_send(a, PREFIX ":resize-up 3\r");
    UNTIL(a, scr_find(a, "web2 (") == 9);
    home_let_pass(h);
    scr_settle(a, 100);
    engine_dies(h, a);
    UNTIL(a, scr_find(a, "web2 (") == 9 && scr_find(a, "web1 (") == 0);
    SEE(a, "web2:~#");
    scr_close(a);
}

/* A console that is not the primary one, and not there: it is waited for. */
static void
test_number_of_a_console_comes_back(void **state)
{
    struct home *h = *state;
    struct scr *a = home_terminal(h, 24, 80, NULL);

    act_verb(a, "console web1 x");
    SEE(a, "'x' is no number of a console");
    act_verb(a, "console web1");
    SEE(a, "web1:~#");
    scr_send(a, PREFIX);
    act_verb(a, "console web1 3");
    SEE(a, "web1 console 3 (1)");
    SEE(a, "waiting");
    LOSE(a, "web1:~#");
    engine_dies(h, a);
    SEE(a, "web1 console 3 (1)");
    scr_send(a, PREFIX);
    act_verb(a, "console web1 0");
    SEE(a, "web1:~#");
    CHECK(a, !scr_has(a, "console 3"));
    scr_close(a);
}

/* But for the client that lost its engine alone: the next session at a terminal
 * may be another person's, who did not ask for the guest of the one before. */
static void
test_new_session_begins_in_the_list(void **state)
{
    struct home *h = *state;
    char path[96], text[9000], real[4096];
    struct scr *a;

    assert_non_null(realpath(home_program(), real));
    snprintf(path, sizeof path, "%s/twice", h->dir);
    snprintf(text, sizeof text,
             "#!/bin/sh\n%s \"$@\"; echo SECOND; read line; %s \"$@\"\n", real,
             real);
    act_write(path, text);
    chmod(path, 0755);
    setenv("XENDECK", path, 1);
    a = home_terminal(h, 40, 140, NULL);
    unsetenv("XENDECK");
    scr_send(a, ":console web2\r");
    SEE(a, "web2:~#");
    scr_send(a, PREFIX ":next-pane\r");
    scr_send(a, "kq"); /* to web1, and away */
    SEE(a, "SECOND");
    assert_int_equal(home_verb(h, "sessions"), 0);
    scr_send(a, "\r");
    SEE(a, "Domain-0");
    AWAIT(home_times(h, "sessions", " terminal ") == 1);
    home_let_pass(h);
    scr_settle(a, 100);
    CHECK(a, !scr_has(a, "web2:~#"));
    assert_int_equal(home_times(h, "sessions", "domains, at Domain-0"), 1);
    scr_close(a);
}

static void
test_dead_and_stuck_terminals_harm_nobody(void **state)
{
    struct home *h = *state;
    struct scr *dead = home_terminal(h, 24, 80, NULL);
    struct scr *stuck = home_terminal(h, 60, 200, NULL);
    struct scr *gone = home_terminal(h, 24, 80, NULL);
    int i;

    scr_signal(dead, SIGKILL);
    scr_hang_up(gone);
    scr_signal(stuck, SIGSTOP); /* and nothing of it is read any more */
    for (i = 0; i < 10; i++) {
        assert_int_equal(home_verb(h, "pause web1"), 0);
        assert_int_equal(home_verb(h, "unpause web1"), 0);
    }
    CHECK(dead, scr_exit_status(dead, SCR_MS) != -1);
    AWAIT(home_times(h, "sessions", " terminal ") == 1);
    assert_int_equal(home_times(h, "sessions", "200x60"), 1);
    scr_close(dead);
    scr_close(gone);
    scr_close(stuck);
}

#define T(t) cmocka_unit_test_setup_teardown(t, home_setup, home_teardown)

/* It starts none, and says that it could not be asked. */
static void
test_check_asks_the_engine_that_runs(void **state)
{
    struct home *h = *state;
    char path[120], line[160];
    FILE *f;

    text_fmt(path, sizeof path, "%s/a.cfg", h->dir);
    f = fopen(path, "w");
    assert_non_null(f);
    fprintf(f, "name = 'a'\nmemory = 64\ntype = 'hvm'\nvif = [ "
               "'bridge=nosuch' ]\n");
    assert_int_equal(fclose(f), 0);
    text_fmt(line, sizeof line, "check %s", path);
    assert_int_equal(home_verb(h, line), 0);
    home_must_say(h, "not its devices and what the host has: no engine runs");
    assert_int_equal(home_engine(h), 0);
    home_start_engine(h, "");
    assert_int_equal(home_verb(h, line), 1);
    home_must_say(h, "bridge: found \"nosuch\"");
    assert_int_equal(unlink(path), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_verb_starts_an_engine_that_stays),
        T(test_exit_status_is_the_verb_s),
        T(test_ten_at_once_get_one_engine),
        T(test_interrupt_cancels_what_it_began),
        T(test_caller_that_dies_cancels_nothing),
        T(test_terminals_of_two_kinds_share_a_console),
        T(test_create_begins_a_terminal_session),
        T(test_own_session_has_a_start),
        T(test_own_session_has_a_number),
        T(test_faults_of_settings_are_one_notice),
        T(test_terminal_begins_with_the_layout_of_the_settings),
        T(test_q_detaches),
        T(test_session_is_ended_by_another),
        T(test_resize_and_suspend_reach_the_engine),
        T(test_background_job_leaves_the_terminal),
        T(test_stopped_client_has_no_terminal),
        T(test_killed_engine_is_followed_by_another),
        T(test_focus_comes_back),
        T(test_closed_pane_stays_closed),
        T(test_tiles_come_back),
        T(test_number_of_a_console_comes_back),
        T(test_new_session_begins_in_the_list),
        T(test_check_asks_the_engine_that_runs),
        T(test_dead_and_stuck_terminals_harm_nobody),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
