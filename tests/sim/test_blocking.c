/*
 * test_blocking.c - what others hold never stops the loop: locks on names and
 * on libxl's history, helpers that hang. It is waited for with a limit, told,
 * and can be cancelled.
 */
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/device/hot.h"
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

    world_helpers_stand(true);
    assert_int_equal(
        engine_create(w.en, world_conf(&w, "web9", ""), NULL, op, &e), 0);
    assert_true(loop_until(w.lp, has_helper, op, 10000));
    assert_non_null(task_by_op(w.en, *op));
    c = container_of(task_by_op(w.en, *op), const struct create, t);
    pid = helper_pid(c->guest.helper);
    assert_true(pid > 0);
    world_helpers_stand(false);
    world_stands(pid);
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
    assert_true(loop_until(lp, has_ended, &x, 60000));
    assert_true(x.told >= 2);
    assert_int_equal(x.err.code, ERR_TIMEOUT);
    assert_non_null(strstr(x.err.msg, "said nothing for"));
    helper_pool_fini(&p);
    loop_free(lp);
}

static void
test_silence_has_the_limit_that_is_set(void **state)
{
    (void)state;
    assert_int_equal(tasks_helpers(w.en)->limit_ms, 600000);
    world_kill(&w);
    w.helper_limit_s = 20;
    world_start(&w, false);
    assert_int_equal(tasks_helpers(w.en)->limit_ms, 20000);
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

/* --- files that another host serves --- */

static pid_t
file_look_pid(const struct helper *h)
{
    return h != NULL ? helper_pid(h) : 0;
}

/* The engine's clock stands while a real process works: its wait is made to
 * have begun earlier. */
static void
file_look_waits_since(struct file_look *r, uint64_t ms)
{
    r->since_ms = loop_now_ms(w.lp) - ms;
    task_wake(r->task);
}

static bool
tells_wait(void *arg)
{
    const struct op *o = engine_op_by_id(w.en, *(uint64_t *)arg);

    return o->state != OP_RUNNING || strstr(o->label, "waits for /") != NULL;
}

static bool
looks_for_creation(void *arg)
{
    const struct task *t = task_by_op(w.en, *(uint64_t *)arg);
    const struct create *c = container_of(t, const struct create, t);

    return t == NULL || c->look.helper != NULL;
}

/* A creation whose kernel lies on a file server that is dead: the helper that
 * looks at it stands still. */
static pid_t
begin_on_dead_server(uint64_t *op, struct file_look **look)
{
    char real[PATH_MAX];
    pid_t pid;

    assert_non_null(realpath(WORLD_KERNEL, real));
    sim_files_are_remote(w.sim, real);
    world_helpers_stand(true);
    assert_int_equal(
        engine_create(w.en, world_conf(&w, "web9", ""), NULL, op, &e), 0);
    assert_true(loop_until(w.lp, looks_for_creation, op, 10000));
    assert_non_null(task_by_op(w.en, *op));
    *look = &container_of(task_by_op(w.en, *op), struct create, t)->look;
    pid = file_look_pid((*look)->helper);
    assert_true(pid > 0);
    world_helpers_stand(false);
    world_stands(pid);
    return pid;
}

static void
test_dead_file_server_is_told_and_cancelled(void **state)
{
    const struct op *o;
    uint64_t op;
    struct file_look *r;
    pid_t pid = begin_on_dead_server(&op, &r);

    (void)state;
    file_look_waits_since(r, 3000);
    assert_true(loop_until(w.lp, tells_wait, &op, 10000));
    o = engine_op_by_id(w.en, op);
    assert_int_equal(o->state, OP_RUNNING);
    assert_non_null(strstr(o->label, "waits for /"));
    assert_non_null(world_event(&w, "its file server does not answer"));
    assert_int_equal(engine_op_cancel(w.en, op, &e), 0);
    assert_int_equal(world_wait(&w, op), OP_CANCELLED);
    world_pass(&w, 100);
    assert_int_equal(kill(pid, 0), -1); /* ended, and reaped */
    assert_null(world_dom(&w, "web9"));
}

static void
test_dead_file_server_has_a_limit(void **state)
{
    struct file_look *r;
    uint64_t op;

    (void)state;
    (void)begin_on_dead_server(&op, &r);
    file_look_waits_since(r, 61000);
    assert_int_equal(world_wait(&w, op), OP_FAILED);
    assert_non_null(strstr(engine_op_by_id(w.en, op)->err.msg,
                           "its file server has not answered for 60 s"));
}

static void
test_slow_file_server_is_waited_for(void **state)
{
    struct file_look *r;
    uint64_t op;
    pid_t pid = begin_on_dead_server(&op, &r);

    (void)state;
    file_look_waits_since(r, 3000);
    assert_true(loop_until(w.lp, tells_wait, &op, 10000));
    assert_int_equal(kill(pid, SIGCONT), 0);
    assert_int_equal(world_wait(&w, op), OP_DONE);
    assert_non_null(world_dom(&w, "web9"));
}

static bool
looks_for_disk(void *arg)
{
    const struct task *t = task_by_op(w.en, *(uint64_t *)arg);
    const struct hot *h = container_of(t, const struct hot, t);

    return t == NULL || h->look.helper != NULL;
}

static void
test_disk_on_dead_file_server_is_told(void **state)
{
    const char *const words[] = { "path=/far/disk.img", "vdev=xvdb" };
    const struct device_want want = { .kind = "vbd", .words = words, .n = 2 };
    uint64_t id = world_guest(&w, "web9", ""), op;
    const struct op *o;
    struct file_look *r;
    char *before;

    (void)state;
    world_pass(&w, 60000); /* it has booted */
    before = world_dump(&w);
    sim_files_are_remote(w.sim, "/far");
    world_helpers_stand(true);
    assert_int_equal(engine_device_add(w.en, id, &want, &op, &e), 0);
    assert_true(loop_until(w.lp, looks_for_disk, &op, 10000));
    assert_non_null(task_by_op(w.en, op));
    r = &container_of(task_by_op(w.en, op), struct hot, t)->look;
    world_helpers_stand(false);
    world_stands(file_look_pid(r->helper));
    file_look_waits_since(r, 3000);
    assert_true(loop_until(w.lp, tells_wait, &op, 10000));
    o = engine_op_by_id(w.en, op);
    assert_non_null(strstr(o->label, "waits for /far/disk.img"));
    assert_int_equal(engine_op_cancel(w.en, op, &e), 0);
    assert_int_equal(world_wait(&w, op), OP_CANCELLED);
    world_unchanged(&w, before);
}

static void
test_answer_of_file_server_is_enough(void **state)
{
    const char *const words[] = { "path=/far/disk.img", "vdev=xvdb" };
    const struct device_want want = { .kind = "vbd", .words = words, .n = 2 };
    uint64_t id = world_guest(&w, "web9", ""), op;

    (void)state;
    sim_files_are_remote(w.sim, "/far");
    assert_int_equal(engine_device_add(w.en, id, &want, &op, &e), 0);
    assert_int_equal(world_wait(&w, op), OP_FAILED);
    assert_non_null(
        strstr(engine_op_by_id(w.en, op)->err.msg, "which does not exist"));
}

static bool
looks_for_dump(void *arg)
{
    const struct op *o = engine_op_by_id(w.en, *(uint64_t *)arg);

    return o->state == OP_FAILED || tasks_helpers(w.en)->busy[HELPER_LOOK] > 0;
}

static void
test_dump_waits_for_its_directory(void **state)
{
    uint64_t id = world_guest(&w, "web9", ""), op;
    char dir[PATH_MAX], path[PATH_MAX + 16];

    (void)state;
    assert_non_null(realpath(w.dir, dir));
    text_fmt(path, sizeof(path), "%s/core", dir);
    sim_files_are_remote(w.sim, dir);
    assert_int_equal(engine_dump(w.en, id, path, &op, &e), 0);
    assert_true(loop_until(w.lp, looks_for_dump, &op, 10000));
    assert_int_equal(tasks_helpers(w.en)->busy[HELPER_LOOK], 1);
    /* Neither a file nor a pause before the directory has answered. */
    assert_int_equal(access(path, F_OK), -1);
    assert_int_equal(world_dom(&w, "web9")->flags & DOM_F_PAUSED, 0);
    assert_int_equal(world_wait(&w, op), OP_DONE);
    assert_int_equal(unlink(path), 0);
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
        T(test_silence_has_the_limit_that_is_set),
        T(test_silence_is_shown_and_can_be_cancelled),
        T(test_dead_file_server_is_told_and_cancelled),
        T(test_dead_file_server_has_a_limit),
        T(test_slow_file_server_is_waited_for),
        T(test_disk_on_dead_file_server_is_told),
        T(test_answer_of_file_server_is_enough),
        T(test_dump_waits_for_its_directory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

WORLD_MAIN(run)
