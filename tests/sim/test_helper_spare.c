/*
 * test_helper_spare.c - the helper that is kept ready, a real process: it takes
 * the next job, another follows it, and one that has died while it waited harms
 * nobody.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "engine/task/helper.h"
#include "engine/task/helper_main.h"

#define LIMIT_MS 60000

struct looker {
    struct loop *lp;
    struct helper_pool p;
    bool ended, ok;
};

static struct looker k;

static int
setup(void **state)
{
    (void)state;
    k = (struct looker){ .lp = loop_new(LOOP_CLOCK_REAL) };
    k.p = (struct helper_pool){ .lp = k.lp,
                                .exe = "/proc/self/exe",
                                .driver = "sim",
                                .may_warm = true,
                                .keep_spare = true };
    helper_pool_init(&k.p);
    helper_warm(&k.p);
    return k.p.spare == NULL ? -1 : 0;
}

static int
teardown(void **state)
{
    (void)state;
    helper_pool_fini(&k.p);
    loop_free(k.lp);
    return 0;
}

static void
look_done(void *arg, const char *result, const struct err *e)
{
    struct looker *l = arg;

    (void)e;
    l->ended = true;
    l->ok = result != NULL;
}

static bool
look_ended(void *arg)
{
    return ((const struct looker *)arg)->ended;
}

/* A job that every helper can do. */
static bool
look_is_done(void)
{
    struct helper_job j = { .text = "job look\npath /\n\n",
                            .fds = { -1 },
                            .done = look_done,
                            .arg = &k,
                            .kind = HELPER_LOOK };
    struct err e = { 0 };

    k.ended = k.ok = false;
    if (helper_start(&k.p, &j, &e) == NULL)
        fail_msg("%s", e.msg);
    assert_true(loop_until(k.lp, look_ended, &k, LIMIT_MS));
    return k.ok;
}

static void
test_a_spare_takes_the_next_job(void **state)
{
    const struct helper *first = k.p.spare;
    pid_t pid = helper_pid(first);

    (void)state;
    assert_true(look_is_done());
    assert_non_null(k.p.spare); /* another is ready */
    assert_int_not_equal(helper_pid(k.p.spare), pid);
    assert_int_equal(kill(pid, 0), -1); /* it did one job and ended */
}

/* It is dead for certain, and the loop has had no turn to hear of it. */
static void
end_spare(void)
{
    pid_t pid = helper_pid(k.p.spare);
    siginfo_t si;

    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(waitid(P_PID, (id_t)pid, &si, WEXITED | WNOWAIT), 0);
}

static void
test_one_that_has_died_is_replaced(void **state)
{
    (void)state;
    end_spare();
    assert_true(look_is_done());
    assert_non_null(k.p.spare);
    assert_true(look_is_done());
}

static bool
spare_is_gone(void *arg)
{
    return ((const struct looker *)arg)->p.spare == NULL;
}

static void
test_a_death_that_was_heard_of_leaves_none(void **state)
{
    (void)state;
    end_spare();
    assert_true(loop_until(k.lp, spare_is_gone, &k, LIMIT_MS));
    assert_true(look_is_done());
    assert_non_null(k.p.spare);
}

static int
run(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_a_spare_takes_the_next_job),
        T(test_one_that_has_died_is_replaced),
        T(test_a_death_that_was_heard_of_leaves_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

int
main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], ENGINE_HELPER_ARG) == 0)
        return engine_helper_main(argc, argv);
    return run();
}
