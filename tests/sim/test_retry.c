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
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

WORLD_MAIN(run)
