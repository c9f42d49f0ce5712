/*
 * test_rates.c - rates of domains and of their devices: sampled only while
 * somebody wants them, and never negative.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/host/rates.h"
#include "engine/host/rates_want.h"
#include "engine/sim/hv/sim_dom.h"
#include "engine/sim/sim_int.h"
#include "src/base/xalloc.h"
#include "tests/sim/world.h"

static struct world w;
static struct rates_want want;

WORLD_FIXTURE(world_open(&w, 2, false), world_close(&w))

/* The nodes of a device that is connected on both sides, and its guest busy. */
static void
attach(uint32_t domid, const char *kind, unsigned devid)
{
    char path[96];

    text_fmt(path, sizeof(path), "/local/domain/%u/device/%s/%u/state", domid,
             kind, devid);
    store_write(engine_store(w.en), 0, path, "4", NULL);

    text_fmt(path, sizeof(path), "/local/domain/0/backend/%s/%u/%u", kind,
             domid, devid);
    store_rm(engine_store(w.en), 0, path, NULL);
    text_fmt(path, sizeof(path), "/local/domain/0/backend/%s/%u/%u/frontend",
             kind, domid, devid);
    store_write(engine_store(w.en), 0, path, "x", NULL);
    text_fmt(path, sizeof(path), "/local/domain/0/backend/%s/%u/%u/state", kind,
             domid, devid);
    store_write(engine_store(w.en), 0, path, "4", NULL);
    sim_dom_load(sim_dom_find(w.sim, domid), 500);
}

static const struct dom *
dom1(void)
{
    return engine_dom_by_domid(w.en, 1);
}

static void
test_nothing_is_read_unless_wanted(void **state)
{
    (void)state;
    sim_fault_clear(w.sim);
    attach(1, "vbd", 51712);
    world_pass(&w, 5000);
    assert_int_equal(sim_calls(w.sim, "dom0.dev_stats"), 0);
    assert_true(dom1()->rates.rd_bytes < 0);
    engine_rates_want(w.en, &want, RATES_DEVICES);
    world_pass(&w, 3100);
    assert_int_equal(sim_calls(w.sim, "dom0.dev_stats"), 4);
    assert_true(dom1()->rates.rd_bytes > 0);
    assert_true(dom1()->rates.wr_bytes > 0);
    engine_rates_unwant(&want);
    assert_true(dom1()->rates.rd_bytes < 0);
    world_pass(&w, 3000);
    assert_int_equal(sim_calls(w.sim, "dom0.dev_stats"), 4);
}

/* Each want counts: the rates end with the last one. */
static void
test_the_last_want_ends_the_sampling(void **state)
{
    struct rates_want other = { 0 };

    (void)state;
    attach(1, "vbd", 51712);
    engine_rates_want(w.en, &want, RATES_DEVICES);
    engine_rates_want(w.en, &other, RATES_DEVICES);
    world_pass(&w, 2100);
    engine_rates_unwant(&other);
    engine_rates_unwant(&other);
    world_pass(&w, 2000);
    assert_true(dom1()->rates.rd_bytes > 0);
    engine_rates_unwant(&want);
    assert_true(dom1()->rates.rd_bytes < 0);
}

/* A pane may be freed after its engine. */
static void
test_a_want_outlives_its_engine(void **state)
{
    (void)state;
    engine_rates_want(w.en, &want, RATES_DEVICES);
    world_close(&w);
    assert_null(want.en);
    engine_rates_unwant(&want);
    world_open(&w, 2, false);
}

static void
test_a_domain_has_the_sum_of_its_devices(void **state)
{
    double one;

    (void)state;
    attach(1, "vif", 0);
    engine_rates_want(w.en, &want, RATES_DEVICES);
    world_pass(&w, 1100);
    one = dom1()->rates.rx_bytes;
    assert_true(one > 0);
    attach(1, "vif", 5); /* the sim gives it the same traffic */
    rates_stale(w.en);
    world_pass(&w, 2100);
    assert_true(dom1()->rates.rx_bytes > 1.9 * one);
    assert_true(dom1()->rates.tx_bytes > 0);
}

static void
test_attached_again_it_counts_from_zero(void **state)
{
    (void)state;
    attach(1, "vif", 0);
    engine_rates_want(w.en, &want, RATES_DEVICES);
    world_pass(&w, 3100);
    assert_true(dom1()->rates.rx_bytes > 0);
    attach(1, "vif", 0);
    world_pass(&w, 1000);
    assert_true(dom1()->rates.rx_bytes >= 0);
    world_pass(&w, 1000);
    assert_true(dom1()->rates.rx_bytes > 0);
}

static void
test_a_refusal_leaves_the_rates_unknown(void **state)
{
    struct err e = { 0 };

    (void)state;
    attach(1, "vif", 0);
    assert_int_equal(sim_fault_parse(w.sim, "dom0.dev_list:1:EIO", &e), 0);
    engine_rates_want(w.en, &want, RATES_DEVICES);
    world_pass(&w, 3000);
    assert_true(dom1()->rates.rx_bytes > 0); /* listed at the next tick */
}

static void
test_devices_have_rates_at_the_second_look(void **state)
{
    struct dom_device d[3] = {
        { .class = DOM_DEVICE_NET, .kind = "vif", .back_kind = "vif" },
        { .class = DOM_DEVICE_DISK,
          .kind = "vbd",
          .back_kind = "qdisk",
          .devid = 51712 },
        { .class = DOM_DEVICE_DISK,
          .kind = "vbd",
          .back_kind = "vbd",
          .devid = 51728 }
    };
    double was;

    (void)state;
    attach(1, "vif", 0);
    attach(1, "vbd", 51728);
    rates_devices(w.en, 1, d, 3);
    assert_true(d[0].have_counters);
    assert_true(d[0].rates.rx_bytes < 0 && d[0].rx_pkts < 0);
    assert_false(d[1].have_counters); /* no kernel serves it */
    world_pass(&w, 1000);
    rates_devices(w.en, 1, d, 3);
    assert_true(d[0].rates.rx_bytes > 0 && d[0].rx_pkts > 0);
    assert_true(d[0].rates.rd_bytes < 0);
    assert_true(d[2].rates.rd_bytes > 0 && d[2].rd_reqs > 0);
    assert_true(d[2].rd_sectors > 0);
    was = d[0].rates.rx_bytes;
    rates_devices(w.en, 1, d, 3); /* too soon: as before */
    assert_true(d[0].rates.rx_bytes == was);
}

/* More devices than one tick reads: each has its rate all the same. */
static void
test_many_devices_take_turns(void **state)
{
    enum { MANY = 700 };
    double one;
    unsigned i;

    (void)state;
    attach(1, "vbd", 0);
    engine_rates_want(w.en, &want, RATES_DEVICES);
    world_pass(&w, 2100);
    one = dom1()->rates.rd_bytes;
    assert_true(one > 0);
    for (i = 1; i < MANY; i++)
        attach(1, "vbd", i);
    rates_stale(w.en);
    world_pass(&w, 4100);
    assert_true(dom1()->rates.rd_bytes > 0.99 * (double)MANY * one);
    assert_true(dom1()->rates.rd_bytes < 1.01 * (double)MANY * one);
}

static int
run(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_nothing_is_read_unless_wanted,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_the_last_want_ends_the_sampling,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_want_outlives_its_engine, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(
            test_a_domain_has_the_sum_of_its_devices, setup, teardown),
        cmocka_unit_test_setup_teardown(test_attached_again_it_counts_from_zero,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_refusal_leaves_the_rates_unknown,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(
            test_devices_have_rates_at_the_second_look, setup, teardown),
        cmocka_unit_test_setup_teardown(test_many_devices_take_turns, setup,
                                        teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

WORLD_MAIN(run)
