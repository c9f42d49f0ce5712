/*
 * test_undo.c - a creation that fails at any hypervisor or store call leaves
 * the host byte for byte as it was: one run for each call that an undisturbed
 * creation makes, and for every other way to stop half-way.
 */
#include <dirent.h>
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/life/create_int.h"
#include "engine/task/task.h"
#include "tests/sim/world.h"

#define MORE "vcpus = 2; maxvcpus = 4; cpus = \"0-1\";"
#define DEVICES                                                                \
    "devices = ( { type = \"vbd\"; path = \"/dev/vg/web9\"; "                  \
    "vdev = \"xvda\"; }, { type = \"vif\"; } );"
#define MODEL                                                                  \
    "devices = ( { type = \"vbd\"; path = \"/dev/vg/web9\"; "                  \
    "vdev = \"xvda\"; format = \"qcow2\"; }, { type = \"vfb\"; }, "            \
    "{ type = \"vkbd\"; } );"

#define LOADER WORLD_LOADER_DISK

#define PVH "type = \"pvh\"; maxvcpus = 2; machine = { localtime = true; }; "

#define FIRMWARE "type = \"pvh\"; vcpus = 2;"

#define CONFINED "device_model = { restrict = true; user = \"nobody\"; }; "

#define BY_CD                                                                  \
    "type = \"hvm\"; machine = { boot = \"d\"; }; "                            \
    "devices = ( { type = \"vbd\"; path = \"/dev/sr0\"; vdev = \"hdc\"; "      \
    "cdrom = true; } );"

/* Files below the engine's own directories but locks, one a line. */
static void
list_files(const char *dir, struct buf *out)
{
    struct dirent **names;
    int i, n = scandir(dir, &names, NULL, alphasort);

    for (i = 0; i < n; i++) {
        if (names[i]->d_name[0] != '.' &&
            strcmp(names[i]->d_name, "boot") != 0 &&
            strstr(names[i]->d_name, ".lock") == NULL)
            buf_fmt(out, "%s/%s\n", dir, names[i]->d_name);
        free(names[i]);
    }
    if (n >= 0)
        free(names);
}

static char *
whole_state(struct world *w)
{
    struct buf b = { 0 };

    sim_dump(w->sim, &b);
    list_files(engine_paths(w->en)->state, &b);
    list_files(engine_paths(w->en)->libxl, &b);
    return buf_take(&b);
}

/* What such a guest boots from. */
static const char *
conf_of(struct world *w, const char *more)
{
    char kernel[4096], image[4200];

    if (strcmp(more, LOADER) == 0)
        return world_loader_conf(w, "plain", "", more);
    if (strcmp(more, BY_CD) == 0)
        return world_image_conf(w, "web9", "", more);
    if (strcmp(more, FIRMWARE) != 0)
        return world_conf(w, "web9", more);
    assert_non_null(realpath(WORLD_KERNEL, kernel));
    text_fmt(image, sizeof(image), "firmware = \"%s\";", kernel);
    return world_image_conf(w, "web9", image, more);
}

/* Fails the nth call of a creation. True if the creation failed; false if it
 * did not notice (then it must be whole). */
static bool
one_run(const char *more, unsigned nth, const char **call_out, bool *reached)
{
    struct world w;
    struct err e = { 0 };
    char *before, *after;
    const struct op *o;
    uint64_t op;
    bool failed;

    world_open(&w, 1, true);
    text_fmt(w.state, sizeof(w.state), "%.90s", engine_paths(w.en)->state);
    before = whole_state(&w);
    sim_trace(w.sim, true);
    sim_fault_add(w.sim, "*", nth, EIO);
    assert_int_equal(engine_create(w.en, conf_of(&w, more), NULL, &op, &e), 0);
    failed = world_wait(&w, op) == OP_FAILED;
    *call_out = sim_trace_at(w.sim, nth);
    *reached = sim_calls(w.sim, "*") >= nth;
    o = engine_op_by_id(w.en, op);
    world_pass(&w, 1000);
    (void)domains_scan(w.en, false, &e);
    if (failed) {
        after = whole_state(&w);
        if (strcmp(before, after) != 0)
            print_message("--- call %u (%s): %s\n", nth, *call_out, o->err.msg);
        assert_string_equal(before, after);
        assert_non_null(strstr(o->err.msg, "create 'web9'"));
        free(after);
    } else
        assert_non_null(domains_by_name(w.en, "web9"));
    assert_int_equal(world_loaders_left(&w), 0);
    free(before);
    world_close(&w);
    return failed;
}

static void
every_call(const char *more, unsigned at_least)
{
    unsigned nth, failures = 0, unnoticed = 0;
    bool reached = true;
    const char *call;

    for (nth = 1; reached; nth++) {
        if (one_run(more, nth, &call, &reached))
            failures++;
        else if (reached)
            unnoticed++;
    }
    print_message("%u calls failed one by one: %u creations undone, %u went on "
                  "without harm\n",
                  nth - 2, failures, unnoticed);
    assert_true(failures > at_least);
}

static void
test_failure_at_every_call_is_undone(void **state)
{
    (void)state;
    every_call(MORE, 100);
}

static void
test_failure_at_every_call_with_devices_is_undone(void **state)
{
    (void)state;
    every_call(DEVICES, 200);
}

static void
test_failure_at_every_call_with_a_boot_loader_is_undone(void **state)
{
    (void)state;
    every_call(LOADER, 150);
}

static void
test_failure_at_every_call_with_a_model_is_undone(void **state)
{
    (void)state;
    every_call(MODEL, 200);
}

static void
test_failure_at_every_call_of_a_pvh_domain_is_undone(void **state)
{
    (void)state;
    every_call(PVH, 100);
    every_call(PVH DEVICES, 200);
    every_call(FIRMWARE, 100);
}

static void
test_failure_at_every_call_of_an_hvm_domain_is_undone(void **state)
{
    (void)state;
    every_call("type = \"hvm\"; " DEVICES, 200);
    every_call(BY_CD, 150);
    every_call("type = \"hvm\"; " CONFINED, 100);
}

/* --- devices of a running domain --- */

/* Host, files and the configuration on record. */
static char *
with_record(struct world *w, uint64_t id)
{
    struct buf b = { 0 };
    char *state = whole_state(w);

    buf_str(&b, state);
    free(state);
    (void)engine_config_text(w->en, id, &b, NULL);
    return buf_take(&b);
}

static enum op_state
change(struct world *w, uint64_t id, bool add)
{
    static const char *const words[] = { "path=/dev/vg/more", "vdev=xvdb" };
    struct err e = { 0 };
    uint64_t op;
    int rc;

    rc = add ? engine_device_add(w->en, id,
                                 &(struct device_want){
                                     .kind = "vbd", .words = words, .n = 2 },
                                 &op, &e)
             : engine_device_remove(
                   w->en, id, &(struct device_leave){ "vbd", "xvdb", false },
                   &op, &e);
    if (rc < 0)
        return OP_FAILED; /* the fault struck at once */
    return world_wait(w, op);
}

/* Fails the nth call of adding (or removing): what failed left all as it was,
 * or as if it had been done; what did not, did it. True while there was an
 * nth call. */
static bool
one_change(bool add, unsigned nth, unsigned *failures)
{
    struct world w;
    char *without, *with, *now;
    enum op_state end;
    const char *call;
    uint64_t id;
    bool reached;

    world_open(&w, 0, true);
    id = world_guest(&w, "web9", "");
    world_pass(&w, 10000);
    without = with_record(&w, id);
    assert_int_equal(change(&w, id, true), OP_DONE);
    world_pass(&w, 1000);
    with = with_record(&w, id);
    if (add) {
        assert_int_equal(change(&w, id, false), OP_DONE);
        world_pass(&w, 1000);
    }
    sim_trace(w.sim, true);
    sim_fault_add(w.sim, "*", nth, EIO);
    end = change(&w, id, add);
    reached = sim_calls(w.sim, "*") >= nth;
    call = sim_trace_at(w.sim, nth);
    world_pass(&w, 20000);
    sim_fault_clear(w.sim);
    if (end == OP_FAILED && !add) /* a removal can be asked for again */
        (void)change(&w, id, false);
    world_pass(&w, 1000);
    now = with_record(&w, id);
    if (strcmp(now, add && end == OP_DONE ? with : without) != 0)
        print_message("--- %s, call %u (%s) failed\n", add ? "add" : "remove",
                      nth, call);
    assert_string_equal(now, add && end == OP_DONE ? with : without);
    *failures += end == OP_FAILED;
    free(without);
    free(with);
    free(now);
    world_close(&w);
    return reached;
}

static void
test_failure_at_every_call_of_a_change(void **state)
{
    unsigned nth, failures;
    int add;

    (void)state;
    for (add = 1; add >= 0; add--) {
        failures = 0;
        for (nth = 1; one_change(add, nth, &failures); nth++)
            ;
        print_message("%s: %u calls failed one by one, %u operations failed\n",
                      add ? "add" : "remove", nth - 1, failures);
        assert_true(failures > 10);
    }
}

/* --- other ways to stop half-way --- */

static struct world w;
static char *before;

static int
setup(void **state)
{
    (void)state;
    world_open(&w, 1, false);
    before = whole_state(&w);
    return 0;
}

static int
teardown(void **state)
{
    (void)state;
    free(before);
    world_close(&w);
    return 0;
}

static uint64_t
begin(const char *more)
{
    struct err e = { 0 };
    uint64_t op;

    if (engine_create(w.en, world_conf(&w, "web9", more), NULL, &op, &e) < 0)
        fail_msg("%s", e.msg);
    return op;
}

static void
run_to(uint64_t op, const char *label)
{
    int i;

    for (i = 0; i < 1000; i++) {
        if (strcmp(engine_op_by_id(w.en, op)->label, label) == 0)
            return;
        (void)loop_turn(w.lp, 10);
    }
    fail_msg("never at '%s'", label);
}

static void
assert_as_before(void)
{
    char *after;

    world_pass(&w, 1000);
    after = whole_state(&w);
    assert_string_equal(before, after);
    free(after);
}

static void
assert_failed(uint64_t op, enum err_code code, const char *text)
{
    const struct op *o;

    assert_int_equal(world_wait(&w, op), OP_FAILED);
    o = engine_op_by_id(w.en, op);
    if (strstr(o->err.msg, text) == NULL)
        fail_msg("'%s' is not in: %s", text, o->err.msg);
    assert_int_equal(o->err.code, code);
    assert_as_before();
}

/* The pid of the only child of this test. */
static long
helper_pid(void)
{
    char path[64], text[64] = "";
    FILE *f;

    snprintf(path, sizeof(path), "/proc/self/task/%ld/children",
             (long)getpid());
    f = fopen(path, "r");
    assert_non_null(f);
    (void)!fgets(text, sizeof(text), f);
    fclose(f);
    return strtol(text, NULL, 10);
}

static void
test_killed_helper(void **state)
{
    uint64_t op;
    long pid;

    (void)state;
    world_helpers_stand(true); /* or it may have built all by then */
    op = begin("");
    run_to(op, "build");
    world_helpers_stand(false);
    pid = helper_pid();
    assert_true(pid > 1);
    assert_int_equal(kill((pid_t)pid, SIGKILL), 0);
    assert_failed(op, ERR_LOST, "the helper process was killed");
}

static void
test_no_console(void **state)
{
    uint64_t op;

    (void)state;
    sim_no_consoled(w.sim, true);
    op = begin("");
    assert_failed(op, ERR_TIMEOUT,
                  "wait for console: nothing came in 20.0 s: "
                  "see whether xenconsoled runs");
}

static void
test_end_of_the_program(void **state)
{
    uint64_t op = begin("");

    (void)state;
    run_to(op, "build");
    engine_undo_all(w.en);
    assert_as_before();
}

static void
test_destroyed_while_it_is_built(void **state)
{
    uint64_t op = begin(""), kill_op;
    const struct op *o;

    (void)state;
    run_to(op, "build");
    while ((o = engine_op_by_id(w.en, op))->dom_id == 0)
        (void)loop_turn(w.lp, 10);
    assert_int_equal(engine_destroy(w.en, o->dom_id, &kill_op, NULL), 0);
    (void)world_wait(&w, kill_op);
    assert_as_before();
}

static void
test_half_built_by_a_dead_process_is_undone(void **state)
{
    uint32_t domid;

    (void)state;
    assert_int_equal(sim_foreign_guest(w.sim, "half", &domid), 0);
    {
        char path[64];

        store_path(path, sizeof(path), "/libxl/%u/xendeck/owner", domid);
        assert_int_equal(
            store_write(engine_store(w.en), 0, path, "xendeck", NULL), 0);
        store_path(path, sizeof(path), "/libxl/%u/xendeck/state", domid);
        assert_int_equal(
            store_write(engine_store(w.en), 0, path, "building", NULL), 0);
        store_path(path, sizeof(path), "/libxl/%u/xendeck/maker", domid);
        assert_int_equal(store_write(engine_store(w.en), 0, path,
                                     "another-boot 4242 1", NULL),
                         0);
    }
    domains_scan_soon(w.en);
    assert_true(world_until_event(&w, "left half-built"));
    assert_true(world_until_gone(&w, "half"));
    assert_as_before();
}

static int
run(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_failure_at_every_call_is_undone),
        cmocka_unit_test(test_failure_at_every_call_with_devices_is_undone),
        cmocka_unit_test(
            test_failure_at_every_call_with_a_boot_loader_is_undone),
        cmocka_unit_test(test_failure_at_every_call_with_a_model_is_undone),
        cmocka_unit_test(test_failure_at_every_call_of_a_pvh_domain_is_undone),
        cmocka_unit_test(test_failure_at_every_call_of_an_hvm_domain_is_undone),
        cmocka_unit_test(test_failure_at_every_call_of_a_change),
        T(test_killed_helper),
        T(test_no_console),
        T(test_end_of_the_program),
        T(test_destroyed_while_it_is_built),
        T(test_half_built_by_a_dead_process_is_undone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

WORLD_MAIN(run)
