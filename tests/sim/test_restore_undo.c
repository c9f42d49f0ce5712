/*
 * test_restore_undo.c - a restore that is undone, by a failure, a
 * cancellation or the death of the engine, puts back what was on record of the
 * domain before it: nothing, a definition, a saved domain or one that is held.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/config/core/config.h"
#include "engine/config/load.h"
#include "engine/record/db.h"
#include "src/base/fdio.h"
#include "src/base/xalloc.h"
#include "tests/sim/world.h"

static struct world w;
static char file[160];
static uint8_t uuid[16];
static struct err e;

/* What a killed engine had on its stack is lost, as it should be. */
int __lsan_is_turned_off(void);

int
__lsan_is_turned_off(void)
{
    return 1;
}

static uint64_t
save_web9(bool checkpoint)
{
    const struct save_opts o = { .checkpoint = checkpoint };
    uint64_t op = 0;

    if (engine_save(w.en, world_dom(&w, "web9")->id, file, &o, &op, &e) < 0)
        fail_msg("%s", e.msg);
    while (op != 0) {
        if (world_wait(&w, op) != OP_DONE)
            fail_msg("%s", engine_op_by_id(w.en, op)->err.msg);
        op = engine_op_by_id(w.en, op)->next;
    }
    world_idle(&w);
    return op;
}

static void
open_world(void)
{
    world_open_kept(&w, 0);
    e = (struct err){ 0 };
    (void)world_guest(&w, "web9", "");
    memcpy(uuid, world_dom(&w, "web9")->uuid, sizeof(uuid));
    text_fmt(file, sizeof(file), "%s/web9.save", w.dir);
    world_pass(&w, 5000);
}

WORLD_FIXTURE(open_world(), world_close(&w))

static void
add_file(const char *suffix, struct buf *out)
{
    char path[256], text[37];
    struct buf b = { 0 };

    uuid_print_text(uuid, text);
    text_fmt(path, sizeof(path), "%s/%s%s", w.state, text, suffix);
    if (fd_read_file(path, 65536, &b, NULL) == 0)
        buf_fmt(out, "%s:\n%s", suffix, buf_text(&b));
    buf_free(&b);
}

/* All that is on record of the domain. */
static char *
on_record(void)
{
    struct buf b = { 0 };

    add_file(".conf", &b);
    add_file(".state", &b);
    add_file(".conf.was", &b);
    add_file(".state.was", &b);
    return xstrdup(buf_text(&b));
}

static void
assert_on_record(char *before)
{
    char *after = on_record();

    assert_string_equal(before, after);
    free(before);
    free(after);
}

/* The domain is off, and its configuration on record is another one than that
 * in its file. */
static void
other_config(const char *what, struct db_state *s)
{
    struct domain_config *c;

    if (config_load(world_conf(&w, "web9", what), &c, &e) < 0)
        fail_msg("%s", e.msg);
    memcpy(c->uuid, uuid, sizeof(uuid));
    c->uuid_set = true;
    assert_int_equal(db_save(w.state, uuid, c, &e), 0);
    assert_int_equal(db_state_save(w.state, uuid, s, &e), 0);
    config_free(c);
    world_pass(&w, 2000);
}

static void
save_and_end(void)
{
    (void)save_web9(true);
    assert_int_equal(
        sim_guest_shutdown(w.sim, world_dom(&w, "web9")->domid, HV_POWEROFF),
        0);
    assert_true(world_until_gone(&w, "web9"));
    world_idle(&w);
}

static uint64_t
begin_restore(void)
{
    uint64_t op = 0;

    if (engine_restore(w.en, file, false, &op, &e) < 0)
        fail_msg("%s", e.msg);
    return op;
}

/* The last step fails, after all is on record. */
static void
fail_restore(void)
{
    uint64_t op;

    sim_fault_add(w.sim, "hv.unpause", 1, EIO);
    op = begin_restore();
    assert_int_equal(world_wait(&w, op), OP_FAILED);
    world_idle(&w);
}

static void
make_held(void)
{
    other_config("vcpus = 2; maxvcpus = 2;",
                 &(struct db_state){ .held = true,
                                     .refused = true,
                                     .restarts = 3,
                                     .start_wall_s = 1000,
                                     .last_end = "crash",
                                     .last_end_wall_s = 2000 });
}

static void
make_defined(void)
{
    other_config("vcpus = 3; maxvcpus = 3;",
                 &(struct db_state){ .defined = true,
                                     .redefined = true,
                                     .restarts = 2,
                                     .start_wall_s = 1000,
                                     .last_end = "reboot",
                                     .last_end_wall_s = 2000 });
}

static void
test_nothing_was(void **state)
{
    (void)state;
    save_and_end();
    fail_restore();
    assert_on_record(xstrdup(""));
    assert_null(engine_dom_find(w.en, "web9", NULL));
}

static void
test_a_held_one_was(void **state)
{
    char *before;

    (void)state;
    save_and_end();
    make_held();
    before = on_record();
    fail_restore();
    assert_on_record(before);
    assert_non_null(engine_dom_find(w.en, "web9", NULL));
}

static void
test_a_definition_was(void **state)
{
    char *before;

    (void)state;
    save_and_end();
    make_defined();
    before = on_record();
    fail_restore();
    assert_on_record(before);
}

/* It was saved in another file: that stays what `start' takes. */
static void
test_a_saved_one_was(void **state)
{
    char *before;

    (void)state;
    (void)save_web9(false);
    other_config("vcpus = 2; maxvcpus = 2;",
                 &(struct db_state){ .saved = "/else/where", .resume = true });
    before = on_record();
    fail_restore();
    assert_on_record(before);
    assert_true(engine_dom_find(w.en, "web9", NULL)->saved);
}

/* Once it runs nothing of before is left to come back. */
static void
test_nothing_stays_behind_what_runs(void **state)
{
    char *after;

    (void)state;
    save_and_end();
    make_held();
    assert_int_equal(world_wait(&w, begin_restore()), OP_DONE);
    world_idle(&w);
    after = on_record();
    assert_null(strstr(after, ".was"));
    assert_null(strstr(after, "held"));
    free(after);
}

/* --- the engine dies */

static jmp_buf killed;

static void
kill_here(void *arg)
{
    (void)arg;
    longjmp(killed, 1);
}

/* By turns: loop_until would leave a timer on a stack that is jumped off. */
static bool
killed_at(unsigned nth)
{
    uint64_t op;

    if (setjmp(killed) == 0) {
        sim_kill_at(w.sim, nth, kill_here, NULL);
        op = begin_restore();
        while (engine_op_by_id(w.en, op)->state <= OP_RUNNING)
            (void)loop_turn(w.lp, 10);
        sim_kill_at(w.sim, 0, NULL, NULL);
        return false;
    }
    world_kill(&w);
    world_start(&w, false);
    return true;
}

/* Without the last end: what was half-built has been destroyed since. */
static char *
without_end(char *text)
{
    struct buf b = { 0 };
    char *line, *save = NULL;

    for (line = strtok_r(text, "\n", &save); line != NULL;
         line = strtok_r(NULL, "\n", &save))
        if (strncmp(line, "last_end", 8) != 0 &&
            strncmp(line, "refused", 7) != 0)
            buf_fmt(&b, "%s\n", line);
    free(text);
    return buf_take(&b);
}

static void
test_death_at_every_call(void **state)
{
    char *before, *after;
    unsigned nth, undone = 0;
    bool more = true;

    (void)state;
    world_close(&w);
    for (nth = 1; more; nth += nth < 131 ? 10 : 1) { /* the last ones */
        open_world();
        save_and_end();
        make_held();
        before = without_end(on_record());
        more = killed_at(nth);
        world_pass(&w, 60000);
        world_idle(&w);
        after = without_end(on_record());
        if (world_dom(&w, "web9") == NULL) {
            undone++;
            if (strcmp(before, after) != 0)
                print_message("--- killed at call %u\n", nth);
            assert_string_equal(before, after);
        } else
            assert_null(strstr(after, ".was"));
        free(before);
        free(after);
        world_close(&w);
    }
    print_message("%u calls, %u deaths undone\n", nth - 2, undone);
    assert_true(undone > 10);
    open_world();
}

static int
run(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_nothing_was),
        T(test_a_held_one_was),
        T(test_a_definition_was),
        T(test_a_saved_one_was),
        T(test_nothing_stays_behind_what_runs),
        T(test_death_at_every_call),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

WORLD_MAIN(run)
