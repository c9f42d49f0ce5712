/*
 * test_blocking.c - what others hold never stops the loop: locks on names and
 * on libxl's history, helpers that hang. It is waited for with a limit, told,
 * and can be cancelled.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/life/create_int.h"
#include "engine/record/userdata.h"
#include "engine/task/task_int.h"
#include "tests/sim/world.h"

static struct world w;
static struct err e;

WORLD_FIXTURE(world_open_kept(&w, 0), world_close(&w))

static int
hold(const char *path)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

    assert_true(fd >= 0);
    assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
    return fd;
}

static int
hold_names(void)
{
    char path[128];

    text_fmt(path, sizeof(path), "%s/create.lock", w.run);
    return hold(path);
}

static const struct op *
begin(uint64_t *op)
{
    assert_int_equal(
        engine_create(w.en, world_conf(&w, "web9", ""), NULL, op, &e), 0);
    world_pass(&w, 3000);
    return engine_op_by_id(w.en, *op);
}

/* --- locks --- */

static void
test_lock_of_names_is_waited_for(void **state)
{
    char pid[32];
    uint64_t op;
    int fd = hold_names();
    const struct op *o = begin(&op);

    (void)state;
    text_fmt(pid, sizeof(pid), "pid %ld", (long)getpid());
    assert_int_equal(o->state, OP_RUNNING);
    assert_non_null(strstr(o->label, pid));
    assert_true(o->cancellable);
    assert_non_null(world_event(&w, "holds the lock of names"));
    close(fd);
    assert_int_equal(world_wait(&w, op), OP_DONE);
}

static void
test_wait_for_names_has_a_limit(void **state)
{
    uint64_t op;
    int fd = hold_names();

    (void)state;
    (void)begin(&op);
    world_pass(&w, 40000);
    assert_int_equal(engine_op_by_id(w.en, op)->state, OP_FAILED);
    assert_non_null(strstr(engine_op_by_id(w.en, op)->err.msg,
                           "/create.lock for 30 s: end that process"));
    close(fd);
    assert_null(world_dom(&w, "web9"));
}

static void
test_wait_for_names_is_cancelled(void **state)
{
    uint64_t op;
    int fd = hold_names();

    (void)state;
    (void)begin(&op);
    assert_int_equal(engine_op_cancel(w.en, op, &e), 0);
    assert_int_equal(world_wait(&w, op), OP_CANCELLED);
    close(fd);
}

static void
test_rename_waits_for_names(void **state)
{
    uint64_t id = world_guest(&w, "web9", ""), op;
    int fd = hold_names();

    (void)state;
    assert_int_equal(engine_rename(w.en, id, "web8", &op, &e), 0);
    world_pass(&w, 3000);
    assert_int_equal(engine_op_by_id(w.en, op)->state, OP_RUNNING);
    close(fd);
    assert_int_equal(world_wait(&w, op), OP_DONE);
    assert_non_null(world_dom(&w, "web8"));
}

static void
test_history_of_libxl_is_not_waited_for(void **state)
{
    char path[128], lock[160];
    int fd;

    (void)state;
    text_fmt(path, sizeof(path), "%s/domid-history", w.dir);
    text_fmt(lock, sizeof(lock), "%s.lock", path);
    fd = hold(lock);
    assert_int_equal(domid_history_add(path, 7, 100, &e), -1);
    assert_int_equal(e.code, ERR_BUSY);
    assert_non_null(strstr(e.msg, "holds the lock"));
    close(fd);
    assert_int_equal(domid_history_add(path, 7, 100, &e), 0);
    assert_int_equal(unlink(path), 0);
}

/* --- helpers --- */

static bool
has_helper(void *arg)
{
    const struct task *t = task_by_op(w.en, *(uint64_t *)arg);
    const struct create *c = container_of(t, const struct create, t);

    return t == NULL || c->guest.helper != NULL;
}

static pid_t
stop_helper(uint64_t *op)
{
    const struct create *c;
    pid_t pid;

    assert_int_equal(
        engine_create(w.en, world_conf(&w, "web9", ""), NULL, op, &e), 0);
    assert_true(loop_until(w.lp, has_helper, op, 10000));
    assert_non_null(task_by_op(w.en, *op));
    c = container_of(task_by_op(w.en, *op), const struct create, t);
    pid = helper_pid(c->guest.helper);
    assert_true(pid > 0);
    assert_int_equal(kill(pid, SIGSTOP), 0);
    return pid;
}

static void
test_helper_that_hangs_is_cancelled(void **state)
{
    uint64_t op;
    pid_t pid = stop_helper(&op);

    (void)state;
    assert_int_equal(engine_op_cancel(w.en, op, &e), 0);
    assert_int_equal(world_wait(&w, op), OP_CANCELLED);
    assert_int_equal(kill(pid, 0), -1); /* ended, and reaped */
    world_pass(&w, 1000);
    assert_null(world_dom(&w, "web9"));
}

/* The engine's clock stands while a real process works: its time is told to
 * the helper's watch. */
struct watched {
    unsigned told;
    bool ended;
    struct err err;
};

static void
on_silent(void *arg, long pid, unsigned seconds)
{
    struct watched *x = arg;

    (void)seconds;
    assert_true(pid > 0);
    x->told++;
}

static void
on_done(void *arg, const char *result, const struct err *why)
{
    struct watched *x = arg;

    assert_null(result);
    x->err = *why;
    x->ended = true;
}

static bool
has_ended(void *arg)
{
    return ((const struct watched *)arg)->ended;
}

static void
test_silence_is_told_and_has_a_limit(void **state)
{
    struct loop *lp = loop_new(LOOP_CLOCK_REAL);
    struct helper_pool p = { .lp = lp,
                             .exe = "/proc/self/exe",
                             .driver = "sim" };
    struct watched x = { 0 };
    const struct helper_job j = { .text = "job build\npace_ms 5000\n\n",
                                  .fds = { -1, -1 },
                                  .silent = on_silent,
                                  .done = on_done,
                                  .arg = &x };
    struct helper *h;

    (void)state;
    helper_pool_init(&p);
    p.tell_ms = 100;
    p.limit_ms = 700;
    h = helper_start(&p, &j, &e);
    assert_non_null(h);
    assert_int_equal(kill(helper_pid(h), SIGSTOP), 0);
    assert_true(loop_until(lp, has_ended, &x, 20000));
    assert_true(x.told >= 2);
    assert_int_equal(x.err.code, ERR_TIMEOUT);
    assert_non_null(strstr(x.err.msg, "said nothing for"));
    helper_pool_fini(&p);
    loop_free(lp);
}

static void
test_silence_is_shown_and_can_be_cancelled(void **state)
{
    const struct op *o;
    uint64_t op;
    pid_t pid = stop_helper(&op);

    (void)state;
    o = engine_op_by_id(w.en, op);
    task_helper_silent(task_by_op(w.en, op), (long)pid, 10);
    assert_non_null(strstr(o->label, "silent for 10 s"));
    assert_true(o->cancellable);
    assert_non_null(world_event(&w, "has said nothing for 10 s"));
    assert_int_equal(kill(pid, SIGCONT), 0);
    assert_int_equal(world_wait(&w, op), OP_DONE);
}

static int
run(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_lock_of_names_is_waited_for),
        T(test_wait_for_names_has_a_limit),
        T(test_wait_for_names_is_cancelled),
        T(test_rename_waits_for_names),
        T(test_history_of_libxl_is_not_waited_for),
        T(test_helper_that_hangs_is_cancelled),
        T(test_silence_is_told_and_has_a_limit),
        T(test_silence_is_shown_and_can_be_cancelled),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

WORLD_MAIN(run)
