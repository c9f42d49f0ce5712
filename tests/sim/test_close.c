/*
 * test_close.c - an engine that ends in order, as by SIGTERM, at any turn of
 * the loop after a death, a destruction, a request: the next one finishes what
 * was at work, and the host is as if no engine had ended.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "engine/task/oplog.h"
#include "tests/sim/world.h"

#define DEVICES                                                                \
    "devices = ( { type = \"vif\"; mac = \"00:16:3e:00:00:09\"; "              \
    "bridge = \"xenbr0\"; }, "                                                 \
    "{ type = \"vbd\"; vdev = \"xvdc\"; cdrom = true; path = \"/bin/sh\"; } "  \
    ");"
#define TURNS 90 /* at most; those of a helper's work are many */

static struct world w;

static const struct dom *
web9(void)
{
    return engine_dom_find(w.en, "web9", NULL);
}

static void
begin(const char *policy)
{
    char more[256];

    text_fmt(more, sizeof(more), "%s %s", policy, DEVICES);
    world_open_kept(&w, 0);
    (void)world_guest(&w, "web9", more);
    world_pass(&w, 30000);
}

static void
crash(void)
{
    assert_int_equal(sim_guest_shutdown(w.sim, web9()->domid, HV_CRASH), 0);
}

static void
destroy(void)
{
    assert_int_equal(engine_destroy(w.en, web9()->id, NULL, NULL), 0);
}

static void
shut_down(void)
{
    assert_int_equal(engine_shutdown(w.en, web9()->id, NULL, NULL), 0);
}

static void
take_vif(void)
{
    const struct device_leave vif = { .kind = "vif", .name = "0" };

    assert_int_equal(engine_device_remove(w.en, web9()->id, &vif, NULL, NULL),
                     0);
}

static void
change_medium(void)
{
    assert_int_equal(
        engine_cd_change(w.en, web9()->id, "xvdc", "/bin/ls", NULL, NULL), 0);
}

static void
turns(unsigned n)
{
    while (n-- > 0)
        (void)loop_turn(w.lp, 1);
}

static void
next_engine(void)
{
    engine_set(w.en, ENGINE_KEEP_HOST, true);
    engine_close(w.en);
    world_start(&w, false);
    world_pass(&w, 30000);
    assert_false(engine_busy(w.en));
    assert_false(oplog_any_dead(w.en));
}

/* `began` at each nth turn ends as `ended` says; how many there were. */
static unsigned
campaign(const char *policy, unsigned step, void (*began)(void),
         void (*ended)(void))
{
    unsigned n, runs = 0;

    for (n = 0; n < TURNS; n += step, runs++) {
        begin(policy);
        began();
        turns(n);
        next_engine();
        ended();
        world_close(&w);
    }
    return runs;
}

static size_t
vifs(void)
{
    struct dom_device list[4];
    size_t n = 0, i, found = 0;

    assert_int_equal(engine_devices(w.en, web9()->id, list, 4, &n, NULL), 0);
    for (i = 0; i < n; i++)
        found += strcmp(list[i].kind, "vif") == 0;
    return found;
}

static void
runs_again(void)
{
    assert_non_null(web9());
    assert_false(web9()->off);
    assert_int_equal(web9()->flags & (DOM_F_SHUTDOWN | DOM_F_PAUSED), 0);
    assert_int_equal(web9()->restarts, 1);
    assert_int_equal(vifs(), 1);
}

static void
is_restarted(void)
{
    runs_again();
    assert_int_equal(engine_dom_count(w.en), 2);
}

static void
is_restarted_and_kept(void)
{
    size_t i, kept = 0;

    runs_again();
    for (i = 0; i < engine_dom_count(w.en); i++)
        kept += engine_dom_at(w.en, i)->preserved;
    assert_int_equal(kept, 1);
    assert_int_equal(engine_dom_count(w.en), 3);
}

static void
is_preserved(void)
{
    assert_true(web9()->preserved);
    assert_int_equal(engine_dom_count(w.en), 2);
}

static void
is_gone_or_unharmed(void)
{
    const struct dom *d = web9();

    assert_int_equal(engine_dom_count(w.en), d != NULL ? 2 : 1);
    if (d != NULL)
        assert_int_equal(d->flags & (DOM_F_SHUTDOWN | DOM_F_PAUSED), 0);
}

/* Nothing is left half-closed. */
static void
devices_are_whole(size_t at_least)
{
    struct dom_device list[4];
    size_t n = 0, i, found = 0;

    assert_int_equal(engine_devices(w.en, web9()->id, list, 4, &n, NULL), 0);
    for (i = 0; i < n; i++) {
        if (strcmp(list[i].kind, "console") == 0)
            continue;
        found++;
        assert_int_equal(list[i].state, 4); /* connected */
    }
    assert_true(found >= at_least);
}

static void
has_no_half_vif(void)
{
    devices_are_whole(1);
}

static void
has_a_medium(void)
{
    devices_are_whole(2);
}

static void
test_engine_that_ends_leaves_its_work(void **state)
{
    unsigned n = 0;

    (void)state;
    n += campaign("restart = \"always\";", 3, crash, is_restarted);
    n += campaign("on_crash = \"coredump-restart\";", 11, crash, is_restarted);
    n += campaign("on_crash = \"rename-restart\";", 3, crash,
                  is_restarted_and_kept);
    n += campaign("on_crash = \"preserve\";", 5, crash, is_preserved);
    n += campaign("", 3, destroy, is_gone_or_unharmed);
    n += campaign("", 3, shut_down, is_gone_or_unharmed);
    n += campaign("", 3, take_vif, has_no_half_vif);
    n += campaign("", 3, change_medium, has_a_medium);
    printf("%u orderly ends\n", n);
}

static int
run(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_engine_that_ends_leaves_its_work),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

WORLD_MAIN(run)
