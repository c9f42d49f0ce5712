/*
 * test_stay.c - how long an engine stays that a client has started: while a
 * room has something to look after, and for a while after that.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/core/duties.h"
#include "src/attach/server.h"
#include "src/command/settings.h"
#include "tests/sim/world.h"
#include "tests/unit/run_line.h"

#define GRACE_MS 60000

static struct world w;
static struct err e;
static struct test_session ts;
static struct settings set;
static struct attach_server *as;
static bool ended;

static void
end_engine(void *arg)
{
    (void)arg;
    ended = true;
}

static void
begin_server(unsigned grace_ms)
{
    char sock[96];
    struct attach_server_opts o = { .lp = w.lp,
                                    .en = w.en,
                                    .set = &set,
                                    .cmds = &ts.cmds,
                                    .sock = sock,
                                    .listen_fd = -1,
                                    .started_by_client = true,
                                    .grace_ms = grace_ms,
                                    .end = end_engine };

    text_fmt(sock, sizeof(sock), "%.80s/sock", w.dir);
    ended = false;
    as = attach_server_new(&o, &e);
    if (as == NULL)
        fail_msg("%s", e.msg);
}

static void
begin(void)
{
    world_open_kept(&w, 0);
    test_session_open(&ts, w.en, w.lp);
    settings_default(&set, &ts.cmds);
    begin_server(0);
}

static void
end(void)
{
    attach_server_free(as, false);
    test_session_close(&ts);
    world_close(&w);
}

WORLD_FIXTURE(begin(), end())

/* What keeps it is over: it ends, but not at once. */
static void
assert_ends_after_grace(void)
{
    assert_false(ended);
    world_pass(&w, GRACE_MS - 5000);
    assert_false(ended);
    world_pass(&w, 10000);
    assert_true(ended);
}

static void
test_nothing_to_do(void **state)
{
    (void)state;
    assert_ends_after_grace();
}

static void
test_the_grace_is_as_it_is_set(void **state)
{
    (void)state;
    attach_server_free(as, false);
    begin_server(5000);
    world_pass(&w, 4000);
    assert_false(ended);
    world_pass(&w, 3000);
    assert_true(ended);
}

static void
test_a_domain_of_ours(void **state)
{
    uint64_t id = world_guest(&w, "web9", "");

    (void)state;
    world_pass(&w, 10ULL * GRACE_MS);
    assert_false(ended);
    assert_int_equal(engine_destroy(w.en, id, NULL, &e), 0);
    assert_true(world_until_gone(&w, "web9"));
    assert_ends_after_grace();
}

static void
test_a_definition_needs_nobody(void **state)
{
    (void)state;
    assert_int_equal(engine_define(w.en, world_conf(&w, "web9", ""), &e), 0);
    assert_ends_after_grace();
}

/* Its pauses are longer than the engine stays without a duty. */
static void
test_a_restart_that_is_tried_again(void **state)
{
    unsigned i;

    (void)state;
    (void)world_guest(&w, "web9", "");
    world_pass(&w, 30000);
    for (i = 1; i <= 7; i++)
        sim_fault_add(w.sim, "hv.create", i, ENOMEM);
    assert_int_equal(
        sim_guest_shutdown(w.sim, world_dom(&w, "web9")->domid, HV_REBOOT), 0);
    world_pass(&w, 600000);
    assert_false(ended);
    assert_true(engine_dom_find(w.en, "web9", NULL)->off);
    world_pass(&w, 900000);
    assert_non_null(world_dom(&w, "web9"));
    assert_false(ended);
}

/* It waits for more memory, say. */
static void
test_a_late_start_with_the_host(void **state)
{
    unsigned i;

    (void)state;
    assert_int_equal(
        engine_define(w.en, world_conf(&w, "web9", "autostart = true;"), &e),
        0);
    attach_server_free(as, false);
    world_kill(&w);
    for (i = 1; i <= 7; i++)
        sim_fault_add(w.sim, "hv.create", i, ENOMEM);
    world_start_auto(&w);
    begin_server(0);
    world_pass(&w, 600000);
    assert_false(ended);
    assert_true(engine_dom_find(w.en, "web9", NULL)->off);
    world_pass(&w, 900000);
    assert_non_null(world_dom(&w, "web9"));
}

static void
test_an_operation(void **state)
{
    uint64_t op;

    (void)state;
    assert_int_equal(
        engine_create(w.en, world_conf(&w, "web9", ""), NULL, &op, &e), 0);
    assert_true(engine_has_duty(w.en));
    assert_int_equal(world_wait(&w, op), OP_DONE);
}

/* --- hooks --- */

static bool
hook_is_over(void *arg)
{
    (void)arg;
    return !engine_has_duty(w.en);
}

static void
test_a_hook_at_work(void **state)
{
    char dir[96], path[128];
    FILE *f;

    (void)state;
    text_fmt(dir, sizeof(dir), "%.64s/hooks", w.dir);
    assert_int_equal(mkdir(dir, 0700), 0);
    text_fmt(path, sizeof(path), "%s/slow", dir);
    f = fopen(path, "w");
    assert_non_null(f);
    fprintf(f, "#!/bin/sh\nexit 0\n");
    fclose(f);
    assert_int_equal(chmod(path, 0700), 0);
    attach_server_free(as, false);
    w.hook_dir = dir;
    world_kill(&w);
    world_start(&w, false);
    w.hook_dir = NULL;
    begin_server(0);
    assert_true(world_await(&w, hook_is_over, NULL));
    assert_int_equal(engine_event_inject(w.en, "note", 0, "hello", &e), 0);
    assert_true(engine_has_duty(w.en));
    assert_true(world_await(&w, hook_is_over, NULL));
}

static int
run(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_nothing_to_do),
        T(test_the_grace_is_as_it_is_set),
        T(test_a_domain_of_ours),
        T(test_a_definition_needs_nobody),
        T(test_a_restart_that_is_tried_again),
        T(test_a_late_start_with_the_host),
        T(test_an_operation),
        T(test_a_hook_at_work),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

WORLD_MAIN(run)
