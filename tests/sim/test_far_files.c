/*
 * test_far_files.c - files that another host serves, and that is dead: no line,
 * no check, no completion and no recovery opens them in the loop.
 */
#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/life/life_int.h"
#include "engine/task/helper.h"
#include "engine/task/tasks.h"
#include "src/command/batch.h"
#include "src/command/file_words.h"
#include "tests/sim/world.h"
#include "tests/unit/run_line.h"

static struct world w;

WORLD_FIXTURE(world_open_kept(&w, 0), world_close(&w))

/* --- files that a line names --- */

/* A batch of one line, and what it put. */
struct line {
    struct test_session ts;
    struct batch *b;
    int status;
};

static void
line_done(struct batch *b, int status, void *arg)
{
    (void)b;
    ((struct line *)arg)->status = status;
}

static bool
line_is_over(void *arg)
{
    return ((const struct line *)arg)->status >= 0;
}

static bool
line_looks(void *arg)
{
    return ((const struct line *)arg)->ts.ses.looks != NULL ||
           line_is_over(arg);
}

static bool
line_is_told(void *arg)
{
    return ((const struct line *)arg)->ts.to[SESSION_ERR].len > 0;
}

/* The line's file lies on a server that is dead: its helper stands still. */
static pid_t
line_begin(struct line *l, const char *text)
{
    struct cmd_line one = { text, NULL };
    pid_t pid;

    memset(l, 0, sizeof *l);
    l->status = -1;
    test_session_open(&l->ts, w.en, w.lp);
    world_helpers_stand(true);
    l->b = batch_start(&l->ts.ses, &one, 1, line_done, l);
    assert_true(loop_until(w.lp, line_looks, l, 10000));
    if (l->ts.ses.looks == NULL)
        fail_msg("%s: %s", text, buf_text(&l->ts.to[SESSION_ERR]));
    pid = helper_pid(l->ts.ses.looks->look.helper);
    assert_true(pid > 0);
    world_helpers_stand(false);
    world_stands(pid);
    return pid;
}

static void
line_waits_since(struct line *l, uint64_t ms)
{
    struct look *k = &l->ts.ses.looks->look;

    k->since_ms = loop_now_ms(w.lp) - ms;
    loop_timer_arm(w.lp, &k->timer, 0, k->timer.cb);
}

static void
line_end(struct line *l)
{
    batch_detach(l->b);
    test_session_close(&l->ts);
}

static const char *
far_conf(char *dst, size_t n, const char *verb, const char *after)
{
    char real[PATH_MAX];

    assert_non_null(realpath(world_conf(&w, "web9", ""), real));
    sim_files_are_remote(w.sim, real);
    text_fmt(dst, n, "%s%s%s", verb, real, after);
    return dst;
}

static void
test_no_line_opens_what_another_host_serves(void **state)
{
    static const struct {
        const char *verb, *after;
    } lines[] = {
        { "create ", "" },
        { "start ", "" },
        { "start --paused ", "" },
        { "define ", "" },
        { "check ", "" },
        { "convert ", "" },
        { "convert --format xl ", "" },
        { "restore ", "" },
        { "adopt other ", "" },
    };
    char text[PATH_MAX + 64];
    uint32_t domid;
    struct line l;
    size_t i;

    (void)state;
    assert_int_equal(sim_foreign_guest(w.sim, "other", &domid), 0);
    world_pass(&w, 2000);
    for (i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        (void)line_begin(
            &l, far_conf(text, sizeof text, lines[i].verb, lines[i].after));
        line_end(&l); /* its caller has gone */
        assert_null(world_dom(&w, "web9"));
    }
}

static void
test_line_waits_for_a_dead_server_and_is_told(void **state)
{
    char text[PATH_MAX + 64];
    struct line l;
    pid_t pid = line_begin(&l, far_conf(text, sizeof text, "create ", ""));

    (void)state;
    line_waits_since(&l, 3000);
    assert_true(loop_until(w.lp, line_is_told, &l, 10000));
    assert_non_null(
        strstr(buf_text(&l.ts.to[SESSION_ERR]), "xendeck: create waits for /"));
    assert_int_equal(l.status, -1);
    assert_int_equal(kill(pid, SIGCONT), 0);
    assert_true(loop_until(w.lp, line_is_over, &l, 1000000));
    assert_int_equal(l.status, BATCH_OK);
    assert_non_null(world_dom(&w, "web9"));
    line_end(&l);
}

static void
test_line_that_waits_has_a_limit(void **state)
{
    char text[PATH_MAX + 64];
    struct line l;
    pid_t pid = line_begin(&l, far_conf(text, sizeof text, "define ", ""));

    (void)state;
    line_waits_since(&l, 61000);
    assert_true(loop_until(w.lp, line_is_over, &l, 10000));
    assert_int_equal(l.status, BATCH_FAILED);
    assert_non_null(strstr(buf_text(&l.ts.to[SESSION_ERR]),
                           "its file server has not answered for 60 s"));
    line_end(&l);
    world_pass(&w, 100);
    assert_int_equal(kill(pid, 0), -1);
}

static void
test_line_that_waits_is_cancelled(void **state)
{
    char text[PATH_MAX + 64];
    struct line l;
    pid_t pid = line_begin(&l, far_conf(text, sizeof text, "create ", ""));

    (void)state;
    batch_cancel(l.b);
    assert_true(loop_until(w.lp, line_is_over, &l, 10000));
    assert_int_equal(l.status, BATCH_FAILED);
    assert_string_equal(buf_text(&l.ts.to[SESSION_ERR]),
                        "xendeck: create: interrupted\n");
    line_end(&l);
    world_pass(&w, 100);
    assert_int_equal(kill(pid, 0), -1);
    assert_null(world_dom(&w, "web9"));
}

/* `cancel' of a session ends what the session waits for. */
static void
test_verb_cancel_ends_the_wait(void **state)
{
    char text[PATH_MAX + 64];
    struct line l;

    (void)state;
    (void)line_begin(&l, far_conf(text, sizeof text, "create ", ""));
    assert_true(file_words_cancel(&l.ts.ses));
    assert_true(loop_until(w.lp, line_is_over, &l, 10000));
    assert_int_equal(l.status, BATCH_FAILED);
    assert_false(file_words_cancel(&l.ts.ses));
    line_end(&l);
}

/* Who may not make a domain from a file has none looked at by root. */
static void
test_file_is_not_looked_at_for_everybody(void **state)
{
    struct cmd_line one = { "start /far/web.conf", NULL };
    struct line l = { .status = -1 };

    (void)state;
    sim_files_are_remote(w.sim, "/far");
    test_session_open(&l.ts, w.en, w.lp);
    l.ts.ses.info.rights = l.ts.ses.granted = RIGHT_OPERATE;
    l.b = batch_start(&l.ts.ses, &one, 1, line_done, &l);
    assert_true(loop_until(w.lp, line_looks, &l, 10000));
    assert_null(l.ts.ses.looks);
    assert_int_equal(l.status, BATCH_FAILED);
    line_end(&l);
}

/* --- saves --- */

static uint64_t
save_begun(char *file, size_t n)
{
    const struct save_opts o = { .resume = true };
    uint64_t id = world_guest(&w, "web9", ""), op;
    struct err e = { 0 };
    char real[PATH_MAX];

    assert_non_null(realpath(w.dir, real));
    text_fmt(file, n, "%s/web9.save", real);
    world_pass(&w, 5000);
    assert_int_equal(engine_save(w.en, id, file, &o, &op, &e), 0);
    return op;
}

static bool
helper_writes(void *arg)
{
    (void)arg;
    return tasks_helpers(w.en)->busy[HELPER_SLOW] > 0;
}

static bool
helper_looks(void *arg)
{
    (void)arg;
    return tasks_helpers(w.en)->busy[HELPER_LOOK] > 0;
}

static bool
has_open(const char *path)
{
    char link[64], to[PATH_MAX + 1];
    ssize_t n;
    int i;

    for (i = 0; i < 1024; i++) {
        text_fmt(link, sizeof link, "/proc/self/fd/%d", i);
        n = readlink(link, to, sizeof to - 1);
        to[n > 0 ? n : 0] = '\0';
        if (strcmp(to, path) == 0)
            return true;
    }
    return false;
}

/* To close it would wait for all that the helper has written. */
static void
test_engine_has_no_file_of_a_save(void **state)
{
    char file[PATH_MAX + 16], part[PATH_MAX + 32];
    uint64_t op = save_begun(file, sizeof file);

    (void)state;
    text_fmt(part, sizeof part, "%s.part", file);
    assert_true(loop_until(w.lp, helper_writes, NULL, 10000));
    assert_int_equal(access(part, F_OK), 0);
    assert_false(has_open(part));
    assert_int_equal(world_wait(&w, op), OP_DONE);
    assert_int_equal(access(part, F_OK), -1);
    assert_int_equal(unlink(file), 0);
}

/* The engine died as the file got its name, and the server with it. */
static void
test_engine_starts_beside_a_dead_server(void **state)
{
    const struct op *o;
    char file[PATH_MAX + 16];
    uint64_t op = save_begun(file, sizeof file);

    (void)state;
    assert_true(loop_until(w.lp, helper_looks, NULL, 1000000));
    assert_string_equal(engine_op_by_id(w.en, op)->label, "name the file");
    world_kill(&w);
    *strrchr(file, '/') = '\0';
    sim_files_are_remote(w.sim, file);
    world_start(&w, false);
    assert_true(loop_until(w.lp, helper_looks, NULL, 10000));
    o = engine_op_at(w.en, 0);
    assert_int_equal(o->verb, OP_SAVE);
    assert_int_equal(o->state, OP_RUNNING);
    assert_string_equal(o->label, "look at the file");
    assert_true(o->cancellable);
    assert_int_equal(world_wait(&w, o->id), OP_DONE);
    world_idle(&w);
    assert_true(engine_dom_find(w.en, "web9", NULL)->saved);
    text_fmt(file + strlen(file), 16, "/web9.save");
    (void)unlink(file);
}

/* It was saved as the host stopped, and the server is down as it starts. */
static void
test_autostart_waits_for_a_dead_server(void **state)
{
    char file[PATH_MAX + 16];
    struct look *l;
    pid_t pid;

    (void)state;
    assert_int_equal(world_wait(&w, save_begun(file, sizeof file)), OP_DONE);
    world_idle(&w);
    world_kill(&w);
    sim_files_are_remote(w.sim, file);
    world_helpers_stand(true);
    world_start_auto(&w);
    assert_true(loop_until(w.lp, helper_looks, NULL, 10000));
    l = &life_room(w.en)->autostart_look;
    pid = helper_pid(l->helper);
    world_helpers_stand(false);
    world_stands(pid);
    l->since_ms = loop_now_ms(w.lp) - 3000;
    loop_timer_arm(w.lp, &l->timer, 0, l->timer.cb);
    assert_true(world_until_event(&w, "autostart waits for /"));
    l->since_ms = loop_now_ms(w.lp) - 61000;
    loop_timer_arm(w.lp, &l->timer, 0, l->timer.cb);
    assert_true(world_until_event(&w, "not answered for 60 s"));
    world_pass(&w, 100);
    assert_int_equal(kill(pid, 0), -1);
    assert_null(world_dom(&w, "web9"));
    world_pass(&w, 20000); /* it is tried again */
    assert_non_null(world_dom(&w, "web9"));
    (void)unlink(file);
}

/* The helper that built the guest may be stuck with the kernel: to close it as
 * the last one would wait as well. */
static void
test_far_kernel_is_closed_by_a_helper(void **state)
{
    struct err e = { 0 };
    char real[PATH_MAX];
    uint64_t op;

    (void)state;
    assert_non_null(realpath(WORLD_KERNEL, real));
    sim_files_are_remote(w.sim, real);
    assert_int_equal(
        engine_create(w.en, world_conf(&w, "web9", ""), NULL, &op, &e), 0);
    assert_int_equal(world_wait(&w, op), OP_DONE);
    world_pass(&w, 0);
    assert_true(helper_looks(NULL));
    assert_false(has_open(real));
}

static void
test_far_device_model_is_asked_for(void **state)
{
    struct err e = { 0 };
    uint64_t op;

    (void)state;
    sim_files_are_remote(w.sim, "/far");
    assert_int_equal(
        engine_create(w.en,
                      world_conf(&w, "web9",
                                 "type = \"hvm\"; device_model: { program = "
                                 "\"/far/qemu\"; };"),
                      NULL, &op, &e),
        0);
    assert_true(loop_until(w.lp, helper_looks, NULL, 10000));
    (void)world_wait(&w, op);
}

/* --- completion --- */

/* The loop would hang for as long as the server is dead. */
static void
assert_check_leaves_alone(const char *conf, const char *path)
{
    struct buf need = { 0 }, warn = { 0 };
    struct err e = { 0 };

    if (engine_check(w.en, conf, &need, &warn, &e) < 0)
        fail_msg("%s", e.msg);
    assert_non_null(strstr(buf_text(&warn), path));
    assert_non_null(strstr(buf_text(&warn), "is served by another host"));
    buf_free(&need);
    buf_free(&warn);
}

static const char *
conf_of_image(const char *image)
{
    static char path[128];
    FILE *f;

    text_fmt(path, sizeof(path), "%s/far.conf", w.dir);
    f = fopen(path, "w");
    assert_non_null(f);
    fprintf(f, "name = \"far\"; memory = 64;\n%s\n", image);
    assert_int_equal(fclose(f), 0);
    return path;
}

static void
test_check_opens_no_far_kernel(void **state)
{
    (void)state;
    sim_files_are_remote(w.sim, "/far");
    assert_check_leaves_alone(
        conf_of_image("image = { kernel = \"/far/vmlinuz\"; };"),
        "/far/vmlinuz");
    assert_check_leaves_alone(
        conf_of_image("type = \"pvh\"; image = { firmware = \"/far/pvh\"; };"),
        "/far/pvh");
    assert_check_leaves_alone(
        conf_of_image("image = { firmware = \"/far/pv\"; };"), "/far/pv");
}

static void
test_check_looks_for_no_far_loader(void **state)
{
    (void)state;
    sim_files_are_remote(w.sim, "/far");
    assert_check_leaves_alone(
        conf_of_image("image = { bootloader = \"/far/pygrub\"; };\n"
                      "devices = ( { type = \"vbd\"; "
                      "path = \"/dev/vg/web9\"; vdev = \"xvda\"; } );"),
        "/far/pygrub");
}

static const char *
completed(struct test_session *ts, const char *verb, const char *path,
          struct buf *out)
{
    char line[PATH_MAX + 32];

    text_fmt(line, sizeof line, "%s %s", verb, path);
    buf_clear(out);
    (void)cmd_complete(&ts->ses, line, out);
    return buf_text(out);
}

static void
test_completion_waits_for_nobody(void **state)
{
    char real[PATH_MAX], path[PATH_MAX + 16];
    struct test_session ts = { .full = 0 };
    struct buf out = { 0 };

    (void)state;
    test_session_open(&ts, w.en, w.lp);
    assert_non_null(realpath(w.dir, real));
    text_fmt(path, sizeof path, "%s/far", real);
    assert_int_equal(mkdir(path, 0700), 0);
    text_fmt(path, sizeof path, "%s/far/web.conf", real);
    assert_int_equal(mkdir(path, 0700), 0);
    text_fmt(path, sizeof path, "%s/link", real);
    assert_int_equal(symlink("far", path), 0);
    text_fmt(path, sizeof path, "%s/far/", real);
    assert_non_null(strstr(completed(&ts, "create", path, &out), "web.conf"));
    text_fmt(path, sizeof path, "%s/far", real);
    sim_files_are_remote(w.sim, path);
    text_fmt(path, sizeof path, "%s/far/", real);
    assert_string_equal(completed(&ts, "create", path, &out), "");
    /* Its own name is read where it lies, and is known to be a directory. */
    text_fmt(path, sizeof path, "%s/fa", real);
    assert_non_null(strstr(completed(&ts, "create", path, &out), "/far/\n"));
    text_fmt(path, sizeof path, "%s/link", real);
    sim_files_are_remote(w.sim, path);
    assert_non_null(strstr(completed(&ts, "create", path, &out), "/link\n"));
    text_fmt(path, sizeof path, "%s/far/web.conf", real);
    assert_int_equal(rmdir(path), 0);
    text_fmt(path, sizeof path, "%s/far", real);
    assert_int_equal(rmdir(path), 0);
    text_fmt(path, sizeof path, "%s/link", real);
    assert_int_equal(unlink(path), 0);
    test_session_close(&ts);
    buf_free(&out);
}

static int
run(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_no_line_opens_what_another_host_serves),
        T(test_line_waits_for_a_dead_server_and_is_told),
        T(test_line_that_waits_has_a_limit),
        T(test_line_that_waits_is_cancelled),
        T(test_verb_cancel_ends_the_wait),
        T(test_file_is_not_looked_at_for_everybody),
        T(test_engine_has_no_file_of_a_save),
        T(test_engine_starts_beside_a_dead_server),
        T(test_autostart_waits_for_a_dead_server),
        T(test_far_kernel_is_closed_by_a_helper),
        T(test_far_device_model_is_asked_for),
        T(test_check_opens_no_far_kernel),
        T(test_check_looks_for_no_far_loader),
        T(test_completion_waits_for_nobody),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

WORLD_MAIN(run)
