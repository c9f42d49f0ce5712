/*
 * test_far_screen.c - a terminal whose line names a file of another host: it
 * goes on, says what the line waits for, and can cancel it.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/sim/sim.h"
#include "engine/sim/sim_outside_dom0.h"
#include "engine/task/helper.h"
#include "engine/task/helper_main.h"
#include "src/command/file_words.h"
#include "tests/screen/act.h"
#include "tests/screen/side.h"
#include "tests/sim/world.h"

struct fixture {
    struct house h;
    struct side d;
};

static int
setup(void **state)
{
    static const struct side_opts kind = {
        .rows = 24, .cols = 100, .term = "xterm-256color", .utf8 = true
    };
    struct fixture *f = calloc(1, sizeof *f);

    assert_non_null(f);
    house_open(&f->h);
    side_open(&f->d, &f->h, &kind);
    sim_files_are_remote(f->h.sim, "/far");
    SEE(f->d.s, "web1");
    *state = f;
    return 0;
}

static int
teardown(void **state)
{
    struct fixture *f = *state;

    side_close(&f->d);
    house_close(&f->h);
    free(f);
    return 0;
}

static bool
looks(void *arg)
{
    return ((const struct fixture *)arg)->d.ses.looks != NULL;
}

static bool
has_gone(void *arg)
{
    return kill(*(const pid_t *)arg, 0) < 0;
}

/* A line whose helper stands still, as on a dead server. */
static pid_t
begin_dead(struct fixture *f)
{
    pid_t pid;

    world_helpers_stand(true);
    scr_send(f->d.s, ":create /far/none.conf\r");
    assert_true(loop_until(f->h.lp, looks, f, SCR_MS));
    world_helpers_stand(false);
    pid = helper_pid(f->d.ses.looks->look.helper);
    assert_true(pid > 0);
    return pid;
}

static void
test_line_runs_when_its_file_has_answered(void **state)
{
    struct fixture *f = *state;

    scr_send(f->d.s, ":create /far/none.conf\r");
    SEE(f->d.s, "/far/none.conf: No such file");
    assert_null(f->d.ses.looks);
}

static void
test_wait_is_told_and_cancelled(void **state)
{
    struct fixture *f = *state;

    (void)begin_dead(f);
    SEE(f->d.s, "create waits for /far/none.conf");
    scr_send(f->d.s, "?"); /* the terminal works meanwhile */
    SEE(f->d.s, "Bring back a saved domain");
    scr_send(f->d.s, "q");
    LOSE(f->d.s, "Bring back a saved domain");
    scr_send(f->d.s, "X");
    SEE(f->d.s, "create: interrupted");
    assert_null(f->d.ses.looks);
}

static void
test_terminal_leaves_while_its_line_waits(void **state)
{
    struct fixture *f = *state;
    pid_t pid = begin_dead(f);

    side_close(&f->d);
    assert_true(loop_until(f->h.lp, has_gone, &pid, SCR_MS));
}

static int
run(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_line_runs_when_its_file_has_answered),
        T(test_wait_is_told_and_cancelled),
        T(test_terminal_leaves_while_its_line_waits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

WORLD_MAIN(run)
