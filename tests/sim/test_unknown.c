/*
 * test_unknown.c - being unable to look proves nothing: with no descriptor left
 * nobody is taken for dead and nothing for absent.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/host/domains.h"
#include "engine/life/leftover.h"
#include "engine/task/oplog.h"
#include "src/base/maker.h"
#include "tests/sim/world.h"

static struct world w;
static struct err e;
static struct rlimit before;

WORLD_FIXTURE(world_open_kept(&w, 0), world_close(&w))

/* No file can be opened any more. */
static void
use_up_descriptors(void)
{
    struct rlimit rl;
    int fd = dup(0);

    assert_true(fd >= 0);
    close(fd);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    rl = before;
    rl.rlim_cur = (rlim_t)fd;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &rl), 0);
    assert_int_equal(dup(0), -1);
}

static void
free_descriptors(void)
{
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
}

static void
test_life_of_a_maker(void **state)
{
    char me[96], none[96], other[96];

    (void)state;
    maker_self(me, sizeof(me));
    text_fmt(none, sizeof(none), "%.36s 4194303 12", me); /* above any pid */
    text_fmt(other, sizeof(other), "%.36s %ld 1", me, (long)getpid());
    assert_int_equal(maker_life(me), LIFE_ALIVE);
    assert_int_equal(maker_life(none), LIFE_GONE);
    assert_int_equal(maker_life(other), LIFE_GONE);
    assert_int_equal(maker_life("00000000-0000-4000-8000-000000000000 1 1"),
                     LIFE_GONE);
    use_up_descriptors();
    assert_int_equal(maker_life(me), LIFE_UNKNOWN);
    assert_int_equal(maker_life(none), LIFE_UNKNOWN);
    free_descriptors();
}

static bool
is_half_built(void *arg)
{
    const struct dom *d = world_dom(&w, "web9");

    (void)arg;
    return d != NULL && d->building;
}

static bool
is_whole(void *arg)
{
    return !is_half_built(arg) && world_dom(&w, "web9") != NULL;
}

/* Looked at by an engine at its descriptor limit, ten times. */
static void
test_domain_of_a_living_builder_is_left_alone(void **state)
{
    struct engine *other = world_beside(&w, true);
    uint64_t op;
    size_t i;

    (void)state;
    assert_int_equal(
        engine_create(other, world_conf(&w, "web9", ""), NULL, &op, &e), 0);
    assert_true(loop_until(w.lp, is_half_built, NULL, 10000));
    use_up_descriptors();
    for (i = 0; i < 10; i++)
        assert_int_equal(domains_scan(w.en, false, &e), 0);
    free_descriptors();
    assert_null(world_event(&w, "by a process that is gone"));
    assert_non_null(world_event(&w, "it cannot be told now"));
    assert_true(loop_until(w.lp, is_whole, NULL, 30000));
    engine_set(other, ENGINE_KEEP_HOST, true);
    engine_close(other);
    world_pass(&w, 3000);
    assert_non_null(world_dom(&w, "web9"));
}

static void
test_records_that_cannot_be_read_are_kept(void **state)
{
    struct engine *other = world_beside(&w, true);
    struct oplog_list l;
    uint64_t op;

    (void)state;
    assert_int_equal(
        engine_create(other, world_conf(&w, "web9", ""), NULL, &op, &e), 0);
    assert_true(loop_until(w.lp, is_half_built, NULL, 10000));
    use_up_descriptors();
    oplog_read(w.en, &l);
    assert_false(l.whole);
    free(l.list);
    assert_false(oplog_any_dead(w.en));
    oplog_drop_dead(w.en);
    assert_int_equal(leftovers_remove(w.en), 0);
    free_descriptors();
    oplog_read(w.en, &l);
    assert_true(l.whole);
    assert_int_equal(l.n, 1);
    assert_true(l.list[0].live);
    free(l.list);
    assert_true(loop_until(w.lp, is_whole, NULL, 30000));
    engine_set(other, ENGINE_KEEP_HOST, true);
    engine_close(other);
}

static int
run(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_life_of_a_maker),
        T(test_domain_of_a_living_builder_is_left_alone),
        T(test_records_that_cannot_be_read_are_kept),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

WORLD_MAIN(run)
