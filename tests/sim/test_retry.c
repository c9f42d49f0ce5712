/*
 * test_retry.c - restarts that cannot be done now: a disk that is full, a pool
 * that is gone, no memory. No configuration is lost, the domain is listed as
 * refused, and it is tried again, by this engine and the next.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/core/engine.h"
#include "engine/record/db.h"
#include "tests/sim/world.h"

static struct world w;
static struct err e;

WORLD_FIXTURE(world_open_kept(&w, 0), world_close(&w))

static const struct dom *
web9(void)
{
    return engine_dom_find(w.en, "web9", NULL);
}

static void
file_of(const uint8_t uuid[16], const char *suffix, char *dst, size_t n)
{
    char text[37];

    uuid_print_text(uuid, text);
    text_fmt(dst, n, "%s/%s%s", w.state, text, suffix);
}

static bool
has_conf(const uint8_t uuid[16])
{
    char path[256];

    file_of(uuid, ".conf", path, sizeof(path));
    return access(path, F_OK) == 0;
}

/* No file of this domain can be written: a directory has its temporary name. */
static void
fill_disk(const uint8_t uuid[16], bool full)
{
    static const char *const suffixes[] = { ".conf.new", ".state.new" };
    char path[256];
    size_t i;

    for (i = 0; i < 2; i++) {
        file_of(uuid, suffixes[i], path, sizeof(path));
        assert_int_equal(full ? mkdir(path, 0700) : rmdir(path), 0);
    }
}

static void
reboot_web9(void)
{
    assert_int_equal(sim_guest_shutdown(w.sim, web9()->domid, HV_REBOOT), 0);
    world_pass(&w, 3000);
}

static void
test_full_disk_keeps_nobody_from_coming_back(void **state)
{
    uint8_t uuid[16];

    (void)state;
    world_guest(&w, "web9", "");
    memcpy(uuid, web9()->uuid, sizeof(uuid));
    world_pass(&w, 30000);
    fill_disk(uuid, true);
    reboot_web9();
    assert_non_null(web9());
    assert_false(web9()->off);
    assert_int_equal(web9()->restarts, 1);
    assert_true(has_conf(uuid));
    fill_disk(uuid, false);
}

static void
test_restart_is_tried_again(void **state)
{
    uint8_t uuid[16];

    (void)state;
    world_guest(&w, "web9", "");
    memcpy(uuid, web9()->uuid, sizeof(uuid));
    world_pass(&w, 30000);
    sim_fault_add(w.sim, "hv.create", 1, ENOMEM);
    reboot_web9();
    assert_true(has_conf(uuid));
    assert_non_null(web9());
    assert_true(web9()->off);
    assert_string_equal(dom_state_word(web9()), "refused");
    assert_non_null(world_event(&w, "; tried again in 10 s"));
    world_pass(&w, 15000);
    assert_non_null(world_dom(&w, "web9"));
    assert_false(web9()->off);
    assert_int_equal(web9()->restarts, 1);
}

/* The same reason is not told again and again, and the pauses grow. */
static void
test_lasting_failure_is_told_once(void **state)
{
    size_t i, n = 0;

    (void)state;
    world_guest(&w, "web9", "");
    world_pass(&w, 30000);
    for (i = 1; i <= 4; i++)
        sim_fault_add(w.sim, "hv.create", (unsigned)i, ENOMEM);
    reboot_web9();
    world_pass(&w, 75000);
    assert_true(web9()->off);
    for (i = 0; i < engine_event_count(w.en); i++)
        n += engine_event_at(w.en, i)->kind == EVENT_REFUSED;
    assert_int_equal(n, 1);
    world_pass(&w, 90000);
    assert_false(web9()->off);
}

static void
test_next_engine_goes_on(void **state)
{
    uint8_t uuid[16];

    (void)state;
    world_guest(&w, "web9", "");
    memcpy(uuid, web9()->uuid, sizeof(uuid));
    world_pass(&w, 30000);
    sim_fault_add(w.sim, "hv.create", 1, ENOMEM);
    reboot_web9();
    assert_true(web9()->off);
    world_kill(&w);
    world_start(&w, false);
    world_pass(&w, 3000);
    assert_non_null(web9());
    assert_false(web9()->off);
    assert_int_equal(memcmp(web9()->uuid, uuid, 16), 0);
}

static void
test_engine_that_ends_in_order_leaves_it_to_the_next(void **state)
{
    (void)state;
    world_guest(&w, "web9", "");
    world_pass(&w, 30000);
    sim_fault_add(w.sim, "hv.create", 1, ENOMEM);
    reboot_web9();
    engine_set(w.en, ENGINE_KEEP_HOST, true);
    engine_close(w.en);
    world_start(&w, false);
    world_pass(&w, 3000);
    assert_non_null(web9());
    assert_false(web9()->off);
}

static void
test_destroy_gives_it_up(void **state)
{
    uint8_t uuid[16];
    uint64_t op;

    (void)state;
    world_guest(&w, "web9", "");
    memcpy(uuid, web9()->uuid, sizeof(uuid));
    world_pass(&w, 30000);
    sim_fault_add(w.sim, "hv.create", 1, ENOMEM);
    reboot_web9();
    assert_int_equal(engine_destroy(w.en, web9()->id, &op, &e), 0);
    assert_int_equal(world_wait(&w, op), OP_DONE);
    world_pass(&w, 60000);
    assert_null(web9());
    assert_false(has_conf(uuid));
}

static void
test_definition_is_refused_then_started(void **state)
{
    uint64_t op;

    (void)state;
    assert_int_equal(engine_define(w.en, world_conf(&w, "web9", ""), &e), 0);
    assert_int_equal(engine_start(w.en, web9()->id, false, &op, &e), 0);
    assert_int_equal(world_wait(&w, op), OP_DONE);
    world_pass(&w, 30000);
    sim_fault_add(w.sim, "hv.create", 1, ENOMEM);
    fill_disk(web9()->uuid, true); /* nor can it be noted */
    reboot_web9();
    assert_string_equal(dom_state_word(web9()), "refused");
    fill_disk(web9()->uuid, false);
    assert_int_equal(engine_start(w.en, web9()->id, false, &op, &e), 0);
    assert_int_equal(world_wait(&w, op), OP_DONE);
    assert_false(web9()->off);
    world_pass(&w, 60000);
    assert_false(web9()->off);
    assert_false(web9()->refused);
}

/* --- an operator starts it otherwise --- */

static void
refuse_web9(void)
{
    world_guest(&w, "web9", "");
    world_pass(&w, 30000);
    sim_fault_add(w.sim, "hv.create", 1, ENOMEM);
    reboot_web9();
    assert_string_equal(dom_state_word(web9()), "refused");
}

static bool
is_paused(void)
{
    const struct dom *d = world_dom(&w, "web9");

    assert_non_null(d);
    return (d->flags & DOM_F_PAUSED) != 0;
}

static void
start_as(bool paused, enum op_state end)
{
    uint64_t op;

    if (engine_start(w.en, web9()->id, paused, &op, &e) < 0)
        fail_msg("%s", e.msg);
    assert_int_equal(world_wait(&w, op), end);
    world_idle(&w);
}

static void
test_started_paused(void **state)
{
    (void)state;
    refuse_web9();
    start_as(true, OP_DONE);
    world_pass(&w, 30000);
    assert_true(is_paused());
}

/* What was asked for holds if it is tried again, and until another is. */
static void
test_started_paused_and_refused_again(void **state)
{
    (void)state;
    refuse_web9();
    sim_fault_add(w.sim, "hv.create", 1, ENOMEM);
    start_as(true, OP_FAILED);
    world_pass(&w, 60000);
    assert_true(is_paused());
}

static void
test_started_otherwise_after_that(void **state)
{
    (void)state;
    refuse_web9();
    sim_fault_add(w.sim, "hv.create", 1, ENOMEM);
    start_as(true, OP_FAILED);
    start_as(false, OP_DONE);
    assert_false(is_paused());
}

/* It was saved since: that is what is brought back, unless it is to boot. */
static void
save_refused(char *file, size_t n)
{
    const struct save_opts o = { .checkpoint = true };
    struct db_state s;
    uint64_t op;

    world_guest(&w, "web9", "");
    world_pass(&w, 30000);
    text_fmt(file, n, "%s/web9.save", w.dir);
    assert_int_equal(engine_save(w.en, web9()->id, file, &o, &op, &e), 0);
    assert_int_equal(world_wait(&w, op), OP_DONE);
    sim_fault_add(w.sim, "hv.create", 1, ENOMEM);
    reboot_web9();
    db_state_load(w.state, web9()->uuid, &s);
    text_fmt(s.saved, sizeof(s.saved), "%s", file);
    assert_int_equal(db_state_save(w.state, web9()->uuid, &s, &e), 0);
    world_pass(&w, 2000);
}

static const struct op *
last_creation(enum op_verb verb)
{
    size_t i = engine_op_count(w.en);

    while (i-- > 0)
        if (engine_op_at(w.en, i)->verb == verb)
            return engine_op_at(w.en, i);
    return NULL;
}

static void
test_saved_one_is_restored(void **state)
{
    char file[128];

    (void)state;
    save_refused(file, sizeof(file));
    start_as(false, OP_DONE);
    assert_non_null(last_creation(OP_RESTORE));
}

static void
test_saved_one_boots_if_asked(void **state)
{
    char file[128];
    uint64_t op;

    (void)state;
    save_refused(file, sizeof(file));
    assert_int_equal(engine_boot(w.en, web9()->id, true, &op, &e), 0);
    assert_int_equal(world_wait(&w, op), OP_DONE);
    assert_null(last_creation(OP_RESTORE));
    assert_true(is_paused());
}

/* Killed engines lose what was on their stack. */
int __lsan_is_turned_off(void);

int
__lsan_is_turned_off(void)
{
    return 1;
}

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
        assert_int_equal(engine_start(w.en, web9()->id, true, &op, &e), 0);
        sim_kill_at(w.sim, nth, kill_here, NULL);
        while (engine_op_by_id(w.en, op)->state <= OP_RUNNING)
            (void)loop_turn(w.lp, 10);
        sim_kill_at(w.sim, 0, NULL, NULL);
        return false;
    }
    world_kill(&w);
    world_start(&w, false);
    return true;
}

static void
test_next_engine_leaves_it_paused(void **state)
{
    unsigned nth;
    bool more = true;

    (void)state;
    world_close(&w);
    for (nth = 1; more; nth += 7) {
        world_open_kept(&w, 0);
        refuse_web9();
        more = killed_at(nth);
        world_pass(&w, 60000);
        if (!is_paused())
            fail_msg("killed at call %u: it runs", nth);
        world_close(&w);
    }
    assert_true(nth > 50);
    world_open_kept(&w, 0);
}

static int
run(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_full_disk_keeps_nobody_from_coming_back),
        T(test_restart_is_tried_again),
        T(test_lasting_failure_is_told_once),
        T(test_next_engine_goes_on),
        T(test_engine_that_ends_in_order_leaves_it_to_the_next),
        T(test_destroy_gives_it_up),
        T(test_definition_is_refused_then_started),
        T(test_started_paused),
        T(test_started_paused_and_refused_again),
        T(test_started_otherwise_after_that),
        T(test_saved_one_is_restored),
        T(test_saved_one_boots_if_asked),
        T(test_next_engine_leaves_it_paused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

WORLD_MAIN(run)
