/*
 * test_session_kill.c - the engine is killed at calls of a creation and of a
 * destruction while three terminals and two batches are attached: batches end
 * with a sentence and a failure, terminals wait and are on the next engine,
 * and nothing of the dead one stands in its way. What becomes of the domains
 * is proven by the campaigns of tests/sim, where the host outlives its engine.
 *
 * XENDECK_CAMPAIGN=1 takes every call, in minutes; otherwise some are taken.
 */
#include <fcntl.h>
#include <glob.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/screen/act.h"
#include "tests/screen/home.h"

#define TERMINALS 3
#define HALF_DONE "is gone: what it began may be half done"

struct point {
    const char *call;
    unsigned first, last, every; /* every: without XENDECK_CAMPAIGN */
};

/* last: as many as the two operations make, and some more. */
static const struct point points[] = {
    { "hv.create", 1, 1, 1 },       { "hv.set_max_vcpus", 1, 1, 9 },
    { "hv.set_maxmem", 1, 1, 9 },   { "hv.alloc_evtchn", 1, 2, 9 },
    { "hv.unpause", 1, 1, 1 },      { "hv.destroy", 1, 1, 1 },
    { "store.introduce", 1, 1, 1 }, { "store.write", 1, 40, 13 },
    { "store.tx_end", 1, 8, 4 },    { "store.rm", 1, 4, 3 },
    { "store.mkdir", 1, 3, 9 },
};

struct campaign {
    struct home *h;
    struct scr *term[TERMINALS];
    struct home own[2]; /* of the batches: where they print to */
    char conf[96];
    unsigned killed, missed;
};

static pid_t
engine_start(const struct home *h, const char *fault)
{
    char spec[64];
    pid_t pid = fork();

    if (pid == 0) {
        text_fmt(spec, sizeof spec, "--sim-fault=%s", fault);
        setenv("TMPDIR", h->dir, 1);
        setenv("HOME", h->dir, 1);
        dup2(open("/dev/null", O_RDWR), STDERR_FILENO);
        execl(home_program(), "xendeck", "--headless", "--sim=3", "--socket",
              h->sock, spec, (char *)NULL);
        _exit(127);
    }
    AWAIT(home_engine(h) == pid);
    return pid;
}

/* Reads what the terminals have, as people's do: one that nobody reads holds
 * its client. */
static void
pass(const struct campaign *c, unsigned ms)
{
    size_t i;

    for (i = 0; i < TERMINALS; i++)
        (void)scr_pump(c->term[i], ms / TERMINALS);
}

/* Until `sessions' lists so many of a kind. A terminal without a second screen
 * shows what an engine before has drawn: it is no proof. */
static void
until_attached(const struct campaign *c, const char *kind, unsigned want)
{
    uint64_t end = scr_now_ms() + SCR_MS;

    while (home_times(c->h, "sessions", kind) != want) {
        assert_true(scr_now_ms() < end);
        pass(c, 50);
    }
}

static void
terminals_are_attached(const struct campaign *c)
{
    size_t i;

    until_attached(c, " terminal ", TERMINALS);
    for (i = 0; i < TERMINALS; i++)
        SEE(c->term[i], "Domain-0");
}

/* Until the batch ends: because all is done, or because the engine is gone.
 * False: its call did not come, and it was killed all the same. */
static bool
engine_died(const struct campaign *c, pid_t pid, pid_t batch)
{
    siginfo_t end = { .si_pid = 0 };
    bool done;
    int status = 0;

    while (waitid(P_PID, (id_t)batch, &end, WEXITED | WNOHANG | WNOWAIT) == 0 &&
           end.si_pid == 0)
        pass(c, 20);
    done = end.si_code == CLD_EXITED && end.si_status == 0;
    if (done)
        kill(pid, SIGKILL);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    return !done;
}

static void
batch_must_end(const struct home *own, pid_t pid, bool killed)
{
    assert_int_equal(home_wait(pid), killed ? 1 : 0);
    home_must_say(own, killed ? HALF_DONE : "created");
}

static void
kill_once(struct campaign *c, const char *call, unsigned nth)
{
    char fault[48], line[128];
    pid_t engine, batch[2];
    bool killed;
    size_t i;

    text_fmt(fault, sizeof fault, "%s:%u:KILL", call, nth);
    engine = engine_start(c->h, fault);
    terminals_are_attached(c);
    batch[0] = home_start(&c->own[0], NULL, "events --follow", 0);
    until_attached(c, " batch ", 2); /* and the one that asks */
    text_fmt(line, sizeof line, "create %s", c->conf);
    /* Last: a verb that finds no engine starts one. */
    batch[1] = home_start(&c->own[1], "-edestroy web2", line, 0);
    killed = engine_died(c, engine, batch[1]);
    c->killed += killed;
    c->missed += !killed;
    batch_must_end(&c->own[0], batch[0], true);
    batch_must_end(&c->own[1], batch[1], killed);
    for (i = 0; i < TERMINALS; i++)
        SEE(c->term[i], "waiting for another one");
}

static void
campaign_begin(struct campaign *c, struct home *h)
{
    static const int sizes[TERMINALS][2] = { { 24, 80 },
                                             { 43, 132 },
                                             { 30, 100 } };
    static const char *const types[TERMINALS] = { NULL, "vt100", "linux" };
    const char *build = getenv("BUILD");
    char text[4400], *kernel;
    pid_t engine = engine_start(h, "hv.trigger:1:EIO");
    size_t i;

    text_fmt(text, sizeof text, "%s/tests/minikernel",
             build != NULL ? build : "build");
    kernel = realpath(text, NULL);
    assert_non_null(kernel);
    *c = (struct campaign){ .h = h };
    text_fmt(c->conf, sizeof c->conf, "%s/new.conf", h->dir);
    text_fmt(text, sizeof text,
             "name = \"new\"; memory = 64; image = { kernel = \"%s\"; };\n",
             kernel);
    free(kernel);
    act_write(c->conf, text);
    for (i = 0; i < 2; i++) {
        c->own[i] = *h;
        text_fmt(c->own[i].out, sizeof c->own[i].out, "%s/out%zu", h->dir, i);
    }
    for (i = 0; i < TERMINALS; i++)
        c->term[i] = home_terminal(h, sizes[i][0], sizes[i][1], types[i]);
    kill(engine, SIGKILL);
    assert_int_equal(waitpid(engine, NULL, 0), engine);
    for (i = 0; i < TERMINALS; i++)
        SEE(c->term[i], "waiting for another one");
}

static void
must_leave_nothing(const struct home *h)
{
    char pattern[128];
    glob_t g;

    text_fmt(pattern, sizeof pattern, "%s/xendeck-sim.*", h->dir);
    assert_int_equal(glob(pattern, 0, NULL, &g), GLOB_NOMATCH);
    assert_int_equal(access(h->sock, F_OK), -1);
    assert_int_equal(home_engine(h), 0);
}

static void
campaign_end(struct campaign *c)
{
    pid_t engine = engine_start(c->h, "hv.trigger:1:EIO");
    int status;
    size_t i;

    terminals_are_attached(c);
    assert_int_equal(home_verb(c->h, "kill-engine"), 0);
    assert_int_equal(waitpid(engine, &status, 0), engine);
    assert_int_equal(status, 0);
    for (i = 0; i < TERMINALS; i++) {
        EXITS(c->term[i], 0);
        CHECK_RESTORED(c->term[i]);
        scr_close(c->term[i]);
    }
    must_leave_nothing(c->h);
}

static void
test_engine_is_killed_under_sessions(void **state)
{
    const char *wide = getenv("XENDECK_CAMPAIGN");
    struct campaign c;
    unsigned nth;
    size_t i;

    campaign_begin(&c, *state);
    for (i = 0; i < sizeof points / sizeof points[0]; i++)
        for (nth = points[i].first; nth <= points[i].last; nth++)
            if (wide != NULL || nth % points[i].every == 0)
                kill_once(&c, points[i].call, nth);
    campaign_end(&c);
    print_message("killed at %u calls under 3 terminals and 2 batches; %u "
                  "calls did not come\n",
                  c.killed, c.missed);
    assert_true(c.killed >= (wide != NULL ? 40 : 8));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_engine_is_killed_under_sessions,
                                        home_setup, home_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
