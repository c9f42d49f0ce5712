/*
 * test_host.c - the host's own: virtual networks, the hypervisor's log and its
 * alarm, the trace of calls, hooks on what an engine does.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/dom0/dom0.h"
#include "engine/hv/hv_driver.h"
#include "engine/hv/hv_trace.h"
#include "engine/store/store_trace.h"
#include "src/base/fdio.h"
#include "tests/sim/world.h"

/* --- networks --- */

static void
make_net(struct world *w, const char *name)
{
    struct err e = { 0 };
    uint64_t op;

    assert_int_equal(engine_vnet_create(w->en, name, &op, &e), 0);
    assert_int_equal(world_wait(w, op), OP_DONE);
}

static void
test_networks_are_made_and_removed(void **state)
{
    struct world *w = *state;
    struct err e = { 0 };
    struct vnet v[4];
    uint64_t op;

    make_net(w, "labnet");
    assert_int_equal(engine_vnets(w->en, v, 4), 2);
    assert_string_equal(v[0].name, "labnet");
    assert_true(v[0].ours);
    assert_false(v[1].ours); /* xenbr0 */
    assert_int_equal(engine_vnet_create(w->en, "labnet", &op, &e), -1);
    assert_int_equal(e.code, ERR_EXISTS);
    assert_int_equal(engine_vnet_delete(w->en, "labnet", &op, &e), 0);
    assert_int_equal(world_wait(w, op), OP_DONE);
    assert_int_equal(engine_vnets(w->en, v, 4), 1);
}

/* One that is not on record could be removed by nobody here. */
static void
test_network_that_cannot_be_noted_is_not_made(void **state)
{
    struct world *w = *state;
    struct err e = { 0 };
    struct vnet v[4];
    char path[300];
    uint64_t op;

    text_fmt(path, sizeof(path), "%s/networks", engine_paths(w->en)->state);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_int_equal(engine_vnet_create(w->en, "labnet", &op, &e), 0);
    assert_int_equal(world_wait(w, op), OP_FAILED);
    assert_int_equal(engine_vnets(w->en, v, 4), 1);
    assert_int_equal(rmdir(path), 0);
    make_net(w, "labnet");
}

static void
test_networks_that_may_not_be(void **state)
{
    static const char *const bad[] = {
        "", "-x", "a b", "a/b", "9ab", "a\nb", "..", "sixteenletterss1"
    };
    struct world *w = *state;
    struct err e = { 0 };
    size_t i;

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(engine_vnet_create(w->en, bad[i], NULL, &e), -1);
        assert_int_equal(e.code, ERR_INVALID);
    }
    assert_int_equal(engine_vnet_delete(w->en, "xenbr0", NULL, &e), -1);
    assert_int_equal(e.code, ERR_BUSY); /* eth0 is in it */
    assert_int_equal(engine_vnet_delete(w->en, "nosuch", NULL, &e), -1);
    assert_int_equal(e.code, ERR_NOENT);
}

static void
test_members_come_from_the_vifs(void **state)
{
    struct world *w = *state;
    struct err e = { 0 };
    struct vnet v[4];

    make_net(w, "labnet");
    assert_int_equal(store_write(engine_store(w->en), 0,
                                 "/local/domain/0/backend/vif/3/0/bridge",
                                 "labnet", &e),
                     0);
    assert_int_equal(engine_vnets(w->en, v, 4), 2);
    assert_string_equal(v[0].members, "vif3.0");
    assert_int_equal(engine_vnet_delete(w->en, "labnet", NULL, &e), -1);
    assert_non_null(strstr(e.msg, "in use by vif3.0"));
}

/* --- Xen's log --- */

static void
test_xens_log_is_followed_by_lines(void **state)
{
    struct world *w = *state;
    struct err e = { 0 };
    const char *line;
    uint64_t first;
    size_t n, i;

    assert_int_equal(engine_xen_log_read(w->en, &e), 0);
    first = engine_xen_log_range(w->en, &n);
    sim_xen_says(w->sim, "one\x1b[2Jtwo");
    world_pass(w, 10);
    line = engine_xen_log_line(w->en, first + n);
    assert_non_null(line);
    assert_string_equal(line, "(XEN) one?[2Jtwo");
    assert_null(engine_xen_log_line(w->en, first + n + 1));
    for (i = 0; i < 20000; i++) {
        sim_xen_says(w->sim, "a line of some length that fills the ring");
        if (i % 50 == 0)
            world_pass(w, 1);
    }
    world_pass(w, 10);
    assert_true(engine_xen_log_range(w->en, &n) > first);
    assert_true(n <= 4096);
    assert_null(engine_xen_log_line(w->en, first));
}

static void
test_debug_keys_show_in_the_log(void **state)
{
    struct world *w = *state;
    struct err e = { 0 };
    struct buf b = { 0 };

    assert_int_equal(engine_debug_keys(w->en, "h", &e), 0);
    assert_int_equal(engine_xen_log(w->en, &b, &e), 0);
    assert_non_null(strstr(b.data, "showing installed handlers"));
    assert_int_equal(engine_debug_keys(w->en, "", &e), -1);
    assert_int_equal(engine_debug_keys(w->en, "a b", &e), -1);
    assert_int_equal(engine_debug_keys(w->en, "\x1b", &e), -1);
    buf_free(&b);
}

static void
test_no_memory_is_an_alarm(void **state)
{
    struct world *w = *state;
    const struct event *ev;

    sim_xen_no_memory(w->sim);
    world_pass(w, 10);
    ev = world_event(w, "out of memory");
    assert_non_null(ev);
    assert_int_equal(ev->kind, EVENT_ALARM);
    assert_int_equal(ev->level, EVENT_ERROR);
}

/* --- the trace --- */

static void
test_trace_has_calls_results_and_times(void **state)
{
    struct world *w = *state;
    uint64_t id = world_guest(w, "web1", ""), op;
    const struct hv_ops *plain = engine_hv(w->en)->ops;
    struct err e = { 0 };
    struct buf b = { 0 };
    struct stat sb;
    char path[512];

    assert_int_equal(engine_trace(w->en, true, &e), 0);
    assert_true(engine_trace_on(w->en));
    assert_int_equal(engine_pause(w->en, id, &op, &e), 0);
    assert_int_equal(world_wait(w, op), OP_DONE);
    assert_int_equal(hv_pause(engine_hv(w->en), 999, &e), -1);
    store_write(engine_store(w->en), 0, "/tool/x", "a\nb", &e);
    assert_int_equal(dom0_bridge_create(engine_dom0(w->en), "xenbr0", &e), -1);
    assert_int_equal(engine_trace(w->en, false, &e), 0);
    assert_ptr_equal(engine_hv(w->en)->ops, plain); /* nothing is left of it */
    assert_null(engine_hv(w->en)->trace);
    engine_trace_path(w->en, path, sizeof(path));
    assert_int_equal(fd_read_file(path, 1 << 20, &b, &e), 0);
    assert_non_null(strstr(b.data, " hv.pause domid="));
    assert_non_null(
        strstr(b.data, "hv.pause domid=999 = -1 domain 999 no longer exists "));
    assert_non_null(strstr(b.data, "store.write tx=0 /tool/x"));
    assert_non_null(strstr(b.data, "dom0.bridge_create xenbr0 = -1 bridge "));
    assert_non_null(strstr(b.data, " us\n"));
    assert_int_equal(stat(path, &sb), 0);
    assert_int_equal(sb.st_mode & 0777, 0600);
    buf_free(&b);
}

/* A switch of the host's: an engine that runs without a terminal follows what
 * another program said. */
static void
test_trace_is_switched_from_without(void **state)
{
    struct world w;
    struct err e = { 0 };
    char path[512];

    (void)state;
    world_open_kept(&w, 0);
    assert_int_equal(engine_trace(w.en, true, &e), 0);
    world_kill(&w);
    world_start(&w, false);
    assert_true(engine_trace_on(w.en));
    engine_trace_path(w.en, path, sizeof(path));
    text_fmt(path + strlen(path), sizeof(path) - strlen(path), ".on");
    assert_int_equal(unlink(path), 0);
    world_pass(&w, 1100);
    assert_false(engine_trace_on(w.en));
    assert_int_equal(close(creat(path, 0600)), 0);
    world_pass(&w, 1100);
    assert_true(engine_trace_on(w.en));
    assert_int_equal(engine_trace(w.en, false, &e), 0);
    assert_int_equal(access(path, F_OK), -1);
    world_close(&w);
}

static void
test_trace_is_rotated_and_bounded(void **state)
{
    struct world *w = *state;
    struct err e = { 0 };
    struct stat sb;
    char path[512], more[520];
    unsigned i;

    assert_int_equal(engine_trace(w->en, true, &e), 0);
    for (i = 0; i < 60000; i++)
        (void)store_exists(engine_store(w->en), 0, "/local/domain/0/name");
    assert_int_equal(engine_trace(w->en, false, &e), 0);
    engine_trace_path(w->en, path, sizeof(path));
    assert_int_equal(stat(path, &sb), 0);
    assert_true(sb.st_size <= 1 << 20);
    text_fmt(more, sizeof(more), "%s.2", path);
    assert_int_equal(stat(more, &sb), 0);
    text_fmt(more, sizeof(more), "%s.3", path);
    assert_int_equal(stat(more, &sb), -1);
}

#define T(f) cmocka_unit_test_setup_teardown(f, world_setup, world_teardown)

static int
run(void)
{
    const struct CMUnitTest tests[] = {
        T(test_networks_are_made_and_removed),
        T(test_network_that_cannot_be_noted_is_not_made),
        T(test_networks_that_may_not_be),
        T(test_members_come_from_the_vifs),
        T(test_xens_log_is_followed_by_lines),
        T(test_debug_keys_show_in_the_log),
        T(test_no_memory_is_an_alarm),
        T(test_trace_has_calls_results_and_times),
        T(test_trace_is_switched_from_without),
        T(test_trace_is_rotated_and_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

WORLD_MAIN(run)
