/*
 * test_dom_tags.c - tags over the lives of a domain and of the engine, on a
 * simulated host and the virtual clock.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/sim/world.h"

static void
see_tags(struct world *w, const char *name, const char *tags)
{
    const struct dom *d = engine_dom_by_name(w->en, name);

    assert_non_null(d);
    assert_string_equal(d->tags, tags);
}

static void
test_tags_outlive_a_reboot_and_the_engine(void **state)
{
    struct world w;
    uint64_t id, op;

    (void)state;
    world_open_kept(&w, 0);
    id = world_guest(&w, "web1", "");
    assert_int_equal(engine_tag(w.en, id, "web,prod", NULL), 0);
    see_tags(&w, "web1", "prod,web");
    assert_non_null(world_event(&w, "tags: prod,web"));
    world_pass(&w, 25000);
    assert_int_equal(engine_reboot(w.en, id, &op, NULL), 0);
    assert_true(world_until_event(&w, "restarts after"));
    world_idle(&w);
    see_tags(&w, "web1", "prod,web");
    world_kill(&w);
    world_start(&w, false);
    see_tags(&w, "web1", "prod,web");
    world_close(&w);
}

static void
test_tags_of_one_that_is_off(void **state)
{
    const struct dom *d;
    struct world w;
    uint64_t op;

    (void)state;
    world_open_kept(&w, 0);
    assert_int_equal(engine_define(w.en, world_conf(&w, "db1", ""), NULL), 0);
    d = engine_dom_by_name(w.en, "db1");
    assert_non_null(d);
    assert_true(d->off);
    assert_int_equal(engine_tag(w.en, d->id, "db", NULL), 0);
    see_tags(&w, "db1", "db");
    assert_int_equal(engine_start(w.en, engine_dom_by_name(w.en, "db1")->id,
                                  false, &op, NULL),
                     0);
    assert_int_equal(world_wait(&w, op), OP_DONE);
    see_tags(&w, "db1", "db");
    assert_int_equal(
        engine_tag(w.en, engine_dom_by_name(w.en, "db1")->id, "=", NULL), 0);
    see_tags(&w, "db1", "");
    assert_non_null(world_event(&w, "no tags"));
    world_close(&w);
}

static void
test_bad_tags_change_nothing(void **state)
{
    struct err e = { 0 };
    struct world w;
    uint64_t id;

    (void)state;
    world_open(&w, 0, false);
    id = world_guest(&w, "web1", "");
    assert_int_equal(engine_tag(w.en, id, "web", NULL), 0);
    assert_int_equal(engine_tag(w.en, id, "a b", &e), -1);
    assert_non_null(strstr(e.msg, "found 'a b'"));
    see_tags(&w, "web1", "web");
    assert_int_equal(engine_tag(w.en, 987654, "web", &e), -1);
    assert_int_equal(e.code, ERR_NOENT);
    world_close(&w);
}

static int
run(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tags_outlive_a_reboot_and_the_engine),
        cmocka_unit_test(test_tags_of_one_that_is_off),
        cmocka_unit_test(test_bad_tags_change_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

WORLD_MAIN(run)
