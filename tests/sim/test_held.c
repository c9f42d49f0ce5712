/*
 * test_held.c - domains whose memory another one holds: the operation that
 * ended them gives up and says so, what is still to be done is done when the
 * memory comes free, by this engine or the next one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/config/core/config.h"
#include "engine/host/domains.h"
#include "engine/record/db.h"
#include "tests/sim/world.h"

#define HELD_MS 18000

static struct world w;
static uint8_t uuid[16];
static uint32_t domid;

WORLD_FIXTURE(world_open_kept(&w, 0), world_close(&w))

/* A guest whose memory is held. */
static const struct dom *
held_guest(void)
{
    const struct dom *d;

    (void)world_guest(&w, "web9", "");
    world_pass(&w, 30000);
    d = world_dom(&w, "web9");
    assert_non_null(d);
    memcpy(uuid, d->uuid, sizeof(uuid));
    domid = d->domid;
    assert_int_equal(sim_guest_hold_memory(w.sim, domid, true), 0);
    return d;
}

static void
let_go(void)
{
    assert_int_equal(sim_guest_hold_memory(w.sim, domid, false), 0);
}

static void
assert_zombie(void)
{
    const struct dom_entry *de = domains_by_uuid(w.en, uuid); /* nameless */

    assert_non_null(de);
    assert_int_not_equal(de->d.flags & DOM_F_DYING, 0);
}

static void
assert_restarted(void)
{
    const struct dom *d;

    world_pass(&w, 10000);
    d = world_dom(&w, "web9");
    assert_non_null(d);
    assert_int_equal(d->flags & (DOM_F_DYING | DOM_F_SHUTDOWN | DOM_F_PAUSED),
                     0);
    assert_int_equal(d->restarts, 1);
    assert_memory_equal(d->uuid, uuid, sizeof(uuid));
}

static bool
file_is_there(const char *dir, const char *before, const char *after)
{
    char path[256], text[37];

    uuid_print_text(uuid, text);
    text_fmt(path, sizeof(path), "%s/%s%s%s", dir, before, text, after);
    return access(path, F_OK) == 0;
}

static void
assert_no_files(void)
{
    char libxl[128], before[32];

    text_fmt(libxl, sizeof(libxl), "%s/libxl", w.state);
    text_fmt(before, sizeof(before), "userdata-d.%u.", domid);
    assert_false(file_is_there(w.state, "", ".conf"));
    assert_false(file_is_there(w.state, "", ".state"));
    assert_false(file_is_there(libxl, before, ".libxl-json"));
}

static void
reboot_held(void)
{
    (void)held_guest();
    assert_int_equal(sim_guest_shutdown(w.sim, domid, HV_REBOOT), 0);
    world_pass(&w, HELD_MS);
    assert_zombie();
    assert_non_null(world_event(&w, "still held"));
    assert_false(engine_busy(w.en)); /* one may quit */
}

static void
test_reboot_goes_on(void **state)
{
    (void)state;
    reboot_held();
    let_go();
    assert_restarted();
}

static void
test_next_engine_goes_on(void **state)
{
    (void)state;
    reboot_held();
    world_kill(&w);
    world_start(&w, false);
    world_pass(&w, HELD_MS);
    assert_zombie();
    let_go();
    assert_restarted();
}

static void
test_orderly_end_leaves_it_to_the_next_engine(void **state)
{
    (void)state;
    reboot_held();
    engine_set(w.en, ENGINE_KEEP_HOST, true);
    engine_close(w.en);
    world_start(&w, false);
    world_pass(&w, HELD_MS);
    assert_zombie();
    let_go();
    assert_restarted();
}

static void
test_memory_comes_free_without_an_engine(void **state)
{
    (void)state;
    reboot_held();
    world_kill(&w);
    let_go();
    world_pass(&w, 1000);
    world_start(&w, false);
    assert_restarted();
}

static void
destroy_held(void)
{
    uint64_t op;

    assert_int_equal(engine_destroy(w.en, world_dom(&w, "web9")->id, &op, NULL),
                     0);
    assert_int_equal(world_wait(&w, op), OP_FAILED);
    assert_non_null(
        strstr(engine_op_by_id(w.en, op)->err.msg, "is still held by"));
    assert_zombie();
}

static void
assert_destroyed(void)
{
    world_pass(&w, 60000);
    assert_null(world_dom(&w, "web9"));
    assert_no_files();
}

static void
test_destroy_leaves_no_files(void **state)
{
    (void)state;
    (void)held_guest();
    destroy_held();
    let_go();
    assert_destroyed();
}

static void
test_next_engine_forgets_what_was_destroyed(void **state)
{
    (void)state;
    (void)held_guest();
    destroy_held();
    world_kill(&w);
    world_start(&w, false);
    world_pass(&w, HELD_MS);
    let_go();
    assert_destroyed();
}

static void
test_destroy_of_one_that_would_restart(void **state)
{
    (void)state;
    reboot_held();
    destroy_held();
    let_go();
    assert_destroyed();
}

/* --- a configuration that cannot be read --- */

static void
conf_path(char *dst, size_t n)
{
    char text[37];

    uuid_print_text(uuid, text);
    text_fmt(dst, n, "%s/%s.conf", w.state, text);
}

static void
break_conf(void)
{
    char path[256];
    FILE *f;

    conf_path(path, sizeof(path));
    f = fopen(path, "w");
    assert_non_null(f);
    assert_true(fputs("name = \"web9\";\n]", f) >= 0);
    assert_int_equal(fclose(f), 0);
}

/* Neither by the operation that gave up, nor by what goes on for it, nor by
 * the sweep after it. */
static void
assert_conf_kept(void)
{
    char path[256];
    struct stat sb;

    world_pass(&w, 60000);
    assert_null(world_dom(&w, "web9"));
    assert_null(domains_by_uuid(w.en, uuid));
    conf_path(path, sizeof(path));
    assert_int_equal(lstat(path, &sb), 0);
}

static void
test_broken_configuration_is_kept(void **state)
{
    (void)state;
    (void)held_guest();
    break_conf();
    assert_int_equal(sim_guest_shutdown(w.sim, domid, HV_REBOOT), 0);
    world_pass(&w, HELD_MS);
    assert_zombie();
    let_go();
    assert_conf_kept();
}

static void
test_next_engine_keeps_a_broken_configuration(void **state)
{
    (void)state;
    (void)held_guest();
    break_conf();
    destroy_held();
    world_kill(&w);
    world_start(&w, false);
    world_pass(&w, HELD_MS);
    let_go();
    assert_conf_kept();
}

static void
test_unreadable_configuration_is_kept(void **state)
{
    char path[256];

    (void)state;
    (void)held_guest();
    conf_path(path, sizeof(path));
    assert_int_equal(unlink(path), 0);
    assert_int_equal(symlink(path, path), 0); /* ELOOP */
    destroy_held();
    let_go();
    assert_conf_kept();
}

/* The next engine reads it a moment too early. */
static void
test_restart_waits_for_its_configuration(void **state)
{
    char path[256], aside[300];

    (void)state;
    reboot_held();
    world_kill(&w);
    let_go();
    world_pass(&w, 1000);
    conf_path(path, sizeof(path));
    text_fmt(aside, sizeof(aside), "%s.aside", path);
    assert_int_equal(rename(path, aside), 0);
    assert_int_equal(symlink(path, path), 0);
    world_start(&w, false);
    world_pass(&w, 10000);
    assert_null(world_dom(&w, "web9"));
    assert_int_equal(rename(aside, path), 0);
    assert_restarted();
}

static int
run(void)
{
    const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
        T(test_reboot_goes_on),
        T(test_next_engine_goes_on),
        T(test_orderly_end_leaves_it_to_the_next_engine),
        T(test_memory_comes_free_without_an_engine),
        T(test_destroy_leaves_no_files),
        T(test_next_engine_forgets_what_was_destroyed),
        T(test_destroy_of_one_that_would_restart),
        T(test_broken_configuration_is_kept),
        T(test_next_engine_keeps_a_broken_configuration),
        T(test_unreadable_configuration_is_kept),
        T(test_restart_waits_for_its_configuration),
#undef T
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

WORLD_MAIN(run)
