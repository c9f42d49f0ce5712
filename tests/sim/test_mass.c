/*
 * test_mass.c - three hundred domains of ours die in the same second: each is
 * reaped, and restarted where its configuration says so, once; and no turn of
 * the loop does more than a bounded share of it, so that keys are answered
 * meanwhile.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/config/core/config.h"
#include "engine/config/load.h"
#include "engine/record/db.h"
#include "engine/task/helper.h"
#include "engine/task/tasks.h"
#include "tests/sim/world.h"

#define DEAD      300
#define RESTARTED 40  /* of them; each costs a process */
#define CALLS_MAX 400 /* of both drivers in one turn of the loop */
#define QUICK_MAX 4   /* helpers at work */

struct watcher {
    struct world w;
    struct engine_listener listener;
    struct loop_hook hook;
    uint64_t seen; /* the newest event counted */
    unsigned reaped[DEAD + 1], restarts, births;
    unsigned calls, calls_max, helpers_max;
};

static void
count(struct watcher *x, const struct event *ev)
{
    if (ev->kind == EVENT_REAPED && ev->domid <= DEAD)
        x->reaped[ev->domid]++;
    x->restarts += ev->kind == EVENT_RESTART;
    x->births += ev->kind == EVENT_BIRTH;
}

/* The ring forgets: events are counted as they come. */
static void
changed(struct engine_listener *l, unsigned what)
{
    struct watcher *x = container_of(l, struct watcher, listener);
    size_t i, n = engine_event_count(x->w.en);
    uint64_t seen = x->seen;

    if ((what & ENGINE_CH_EVENTS) == 0)
        return;
    for (i = 0; i < n; i++) {
        const struct event *ev = engine_event_at(x->w.en, i);

        if (ev->seq <= seen)
            continue;
        assert_true(ev->seq == x->seen + 1); /* none was lost */
        x->seen = ev->seq;
        count(x, ev);
    }
}

static void
turn_over(struct loop_hook *lh)
{
    struct watcher *x = container_of(lh, struct watcher, hook);
    unsigned now = sim_calls(x->w.sim, "*");

    if (now - x->calls > x->calls_max)
        x->calls_max = now - x->calls;
    x->calls = now;
    if (tasks_helpers(x->w.en)->busy[HELPER_QUICK] > x->helpers_max)
        x->helpers_max = tasks_helpers(x->w.en)->busy[HELPER_QUICK];
}

/* Every so many of the demo guests gets a configuration that restarts it. */
static void
give_configurations(struct watcher *x)
{
    const char *path = world_conf(&x->w, "model", "restart = \"always\";");
    struct domain_config *c;
    struct err e = { 0 };
    size_t i;

    if (config_load(path, &c, &e) < 0)
        fail_msg("%s", e.msg);
    for (i = 1; i <= RESTARTED; i++) {
        const struct dom *d = engine_dom_at(x->w.en, i * (DEAD / RESTARTED));

        free(c->name);
        c->name = strdup(d->name);
        memcpy(c->uuid, d->uuid, sizeof(c->uuid));
        c->uuid_set = true;
        assert_int_equal(db_save(engine_paths(x->w.en)->state, d->uuid, c, &e),
                         0);
    }
    config_free(c);
}

static void
watch(struct watcher *x)
{
    world_open(&x->w, DEAD, false);
    give_configurations(x);
    world_pass(&x->w, 30000);
    x->seen = engine_event_at(x->w.en, engine_event_count(x->w.en) - 1)->seq;
    x->listener.changed = changed;
    engine_listen(x->w.en, &x->listener);
    loop_hook_add(x->w.lp, &x->hook, turn_over);
    sim_fault_add(x->w.sim, "none", 1, 0); /* counts from now */
    x->calls = x->calls_max = 0;
}

static bool
is_over(void *arg)
{
    struct watcher *x = arg;

    return x->births >= RESTARTED && !engine_busy(x->w.en) &&
           engine_dom_count(x->w.en) == RESTARTED + 1;
}

static void
test_each_once_and_no_turn_too_long(void **state)
{
    struct watcher *x = calloc(1, sizeof(*x));
    unsigned i;

    (void)state;
    watch(x);
    for (i = 1; i <= DEAD; i++)
        assert_int_equal(sim_guest_shutdown(x->w.sim, i, HV_POWEROFF), 0);
    if (!loop_until(x->w.lp, is_over, x, 1000000))
        fail_msg("%u restarts, %u births, %zu domains, %s", x->restarts,
                 x->births, engine_dom_count(x->w.en),
                 engine_busy(x->w.en) ? "busy" : "idle");
    world_pass(&x->w, 10000); /* and nothing more after it */
    for (i = 1; i <= DEAD; i++)
        assert_int_equal(x->reaped[i], 1);
    assert_int_equal(x->restarts, RESTARTED);
    assert_int_equal(x->births, RESTARTED);
    assert_int_equal(sim_calls(x->w.sim, "hv.destroy"), DEAD);
    assert_int_equal(sim_calls(x->w.sim, "hv.create"), RESTARTED);
    assert_int_equal(engine_dom_count(x->w.en), RESTARTED + 1);
    printf("%d deaths, %u restarts: at most %u calls a turn, %u helpers\n",
           DEAD, x->restarts, x->calls_max, x->helpers_max);
    assert_true(x->calls_max <= CALLS_MAX);
    assert_true(x->helpers_max <= QUICK_MAX);
    loop_hook_del(&x->hook);
    engine_unlisten(&x->listener);
    world_close(&x->w);
    free(x);
}

static int
run(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_once_and_no_turn_too_long),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

WORLD_MAIN(run)
