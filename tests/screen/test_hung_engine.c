/*
 * test_hung_engine.c - an engine that does not answer, to terminals and to
 * batches: what they are told, what replaces it, and how it goes on. And what
 * else ends with an engine or with a reader.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/screen/act.h"
#include "tests/screen/home.h"

#define SILENT_MS 9000U /* the engine's silence is told after 5 s */

static void
test_engine_that_hangs_is_named_and_replaced(void **state)
{
    struct home *h = *state;
    struct scr *a = home_terminal(h, 24, 80, NULL);
    struct scr *b = home_terminal(h, 24, 90, NULL);
    pid_t first = home_engine(h);
    char text[64];

    snprintf(text, sizeof text, "(pid %ld) does not answer", (long)first);
    kill(first, SIGSTOP);
    CHECK(a, scr_wait_text(a, text, SILENT_MS));
    SEE(a, "`xendeck --sim --attach");
    scr_send(a, "\x03");
    EXITS(a, 1);
    assert_int_equal(home_wait(home_start(h, "--replace", "list", 0)), 0);
    home_must_say(h, "web1");
    assert_int_not_equal(home_engine(h), first);
    SEE(b, "Domain-0"); /* attached to the new one by itself */
    scr_close(a);
    scr_close(b);
}

static void
test_engine_that_stood_still_goes_on(void **state)
{
    struct home *h = *state;
    struct scr *a = home_terminal(h, 24, 80, NULL);
    pid_t first = home_engine(h);

    kill(first, SIGSTOP);
    CHECK(a, scr_wait_text(a, "does not answer", SILENT_MS));
    scr_signal(a, SIGTSTP); /* as the kernel does for ^Z then */
    CHECK(a, scr_wait_stopped(a, SCR_MS));
    scr_continue(a);
    kill(first, SIGCONT);
    SEE(a, "Domain-0");
    scr_send(a, "q");
    EXITS(a, 0);
    CHECK_RESTORED(a);
    CHECK(a, scr_find(a, "Domain-0") < 0); /* no frame outside its screen */
    CHECK(a, scr_find(a, "web1") < 0);
    CHECK(a, scr_find_col(a, scr_find(a, "answers again"), "xendeck:") == 0);
    scr_close(a);
}

/* One that waits for its first answer gets the next engine's. */
static void
test_a_new_terminal_waits_for_the_next_engine(void **state)
{
    struct home *h = *state;
    struct scr_opts o = {
        .rows = 24, .cols = 80, .args = h->args, .env = h->env
    };
    pid_t first;
    struct scr *a;

    assert_int_equal(home_verb(h, "list"), 0);
    first = home_engine(h);
    kill(first, SIGSTOP);
    a = scr_open(&o);
    CHECK(a, scr_wait_text(a, "does not answer", SILENT_MS));
    assert_int_equal(home_wait(home_start(h, "--replace", "list", 0)), 0);
    SEE(a, "Domain-0");
    scr_send(a, "q");
    EXITS(a, 0);
    scr_close(a);
}

/* cron has nobody who would press ^C. */
static void
test_a_batch_gives_up(void **state)
{
    struct home *h = *state;
    pid_t first, caller;

    assert_int_equal(home_verb(h, "list"), 0);
    first = home_engine(h);
    kill(first, SIGSTOP);
    caller = home_start(h, NULL, "list", 0);
    assert_int_equal(home_wait(caller), 1);
    home_must_say(h, "has not answered for 30 s: giving up");
}

static void
test_a_reader_that_ends_is_no_error(void **state)
{
    struct home *h = *state;
    char line[1024];

    assert_int_equal(home_verb(h, "pause web1"), 0);
    snprintf(line, sizeof line,
             "%s %s -e 'events --follow' 2>%s/said | head -n 1 >/dev/null &"
             "for i in $(seq 600); do"
             " [ $(%s %s -e sessions | grep -c ' batch ') = 2 ] && break;"
             " sleep 0.1; done;"
             "%s %s -e 'unpause web1'; wait",
             home_program(), h->args, h->dir, home_program(), h->args,
             home_program(), h->args);
    assert_int_equal(setenv("TMPDIR", h->dir, 1), 0);
    assert_int_equal(system(line), 0);
    snprintf(line, sizeof line, "test ! -s %s/said", h->dir);
    assert_int_equal(system(line), 0);
    unsetenv("TMPDIR");
}

/* Also where the engine has judged before the last output is written. */
static void
test_output_that_is_lost_is_an_error(void **state)
{
    struct home full = *(struct home *)*state;
    char line[1024];

    assert_int_equal(home_verb(&full, "list"), 0);
    snprintf(full.out, sizeof full.out, "/dev/full");
    assert_int_equal(home_verb(&full, "list"), 1);
    assert_int_equal(home_verb(&full, "help"), 1);
    snprintf(line, sizeof line,
             "%s %s -e list 2>%s/said >/dev/full; test $? = 1 &&"
             " grep -q 'standard output: No space left' %s/said &&"
             " %s %s -e list | true",
             home_program(), full.args, full.dir, full.dir, home_program(),
             full.args);
    assert_int_equal(setenv("TMPDIR", full.dir, 1), 0);
    assert_int_equal(system(line), 0);
    unsetenv("TMPDIR");
}

/* The terminal that holds the engine asks before it ends the others. */
static void
test_the_last_of_the_engine_asks(void **state)
{
    struct home *h = *state;
    char args[160];
    struct scr_opts o = { .rows = 24, .cols = 80, .args = args, .env = h->env };
    struct scr *own, *other;

    snprintf(args, sizeof args, "--sim=3 --socket %s", h->sock);
    own = scr_open(&o);
    SEE(own, "Domain-0");
    other = home_terminal(h, 24, 80, NULL);
    scr_send(own, "q");
    SEE(own, "1 other session would end, too. Quit?");
    scr_send(own, "n");
    LOSE(own, "Quit?");
    SEE(other, "Domain-0");
    scr_send(other, "q");
    EXITS(other, 0);
    scr_send(own, "q");
    EXITS(own, 0);
    scr_close(own);
    scr_close(other);
}

#define T(t) cmocka_unit_test_setup_teardown(t, home_setup, home_teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_engine_that_hangs_is_named_and_replaced),
        T(test_engine_that_stood_still_goes_on),
        T(test_a_new_terminal_waits_for_the_next_engine),
        T(test_a_batch_gives_up),
        T(test_a_reader_that_ends_is_no_error),
        T(test_output_that_is_lost_is_an_error),
        T(test_the_last_of_the_engine_asks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
