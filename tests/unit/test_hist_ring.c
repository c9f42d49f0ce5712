/*
 * test_hist_ring.c - an hour of samples: coding, gaps, wrapping, steps, and
 * what it costs.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/host/hist_ring.h"

/* All metrics have the value v. */
static void
put(struct hist_ring *r, uint64_t slot, double v)
{
    struct hist_values all = { .n = HISTORY_WHATS };
    unsigned i;

    for (i = 0; i < HISTORY_WHATS; i++)
        all.v[i] = v;
    hist_ring_put(r, slot, &all, 1);
}

static double
at(const struct hist_ring *r, uint64_t slot)
{
    return hist_ring_at(r, slot, HISTORY_RX);
}

static void
test_values_are_right_to_a_thousandth(void **state)
{
    const double v[] = { 0,    1,      812,   1023,         1024, 1025,
                         2047, 2048.4, 65535, 123456789.25, 4e10, 1e13 };
    struct hist_ring *r = hist_ring_new(1);
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
        put(r, 10 + i, v[i]);
        assert_true(fabs(at(r, 10 + i) - v[i]) <= 0.5 + v[i] / 1024);
        assert_true(fabs(hist_ring_at(r, 10 + i, HISTORY_CPU) - v[i]) <=
                    0.01 + v[i] / 1024);
    }
    put(r, 10 + i, -1);
    assert_true(at(r, 10 + i) < 0);
    put(r, 11 + i, NAN);
    assert_true(at(r, 11 + i) < 0);
    put(r, 12 + i, 1e300);
    assert_true(at(r, 12 + i) < 0);
    hist_ring_free(r);
}

static void
test_gaps_are_unknown(void **state)
{
    struct hist_ring *r = hist_ring_new(1);

    (void)state;
    assert_int_equal(hist_ring_end(r), 0);
    assert_true(at(r, 0) < 0);
    put(r, 100, 5);
    put(r, 104, 0);
    assert_true(at(r, 99) < 0);
    assert_true(at(r, 100) == 5);
    assert_true(at(r, 101) < 0 && at(r, 103) < 0);
    assert_true(at(r, 104) == 0);
    assert_true(at(r, 105) < 0);
    put(r, 90, 7); /* the clock does not step back */
    assert_true(at(r, 90) < 0);
    put(r, 105 + HISTORY_SPAN_S, 9); /* nothing of before is kept */
    assert_true(at(r, 104) < 0);
    assert_int_equal(hist_ring_len(r), 1);
    hist_ring_free(r);
}

static void
test_an_hour_is_kept_and_no_more(void **state)
{
    struct hist_ring *r = hist_ring_new(1);
    const uint64_t from = 7000, to = from + 3 * HISTORY_SPAN_S + 17;
    uint64_t s;

    (void)state;
    for (s = from; s < to; s++)
        put(r, s, (double)(s % 1000));
    assert_int_equal(hist_ring_len(r), HISTORY_SPAN_S);
    assert_int_equal(hist_ring_end(r), to);
    for (s = to - HISTORY_SPAN_S; s < to; s++)
        assert_true(at(r, s) == (double)(s % 1000));
    assert_true(at(r, to - HISTORY_SPAN_S - 1) < 0);
    assert_true(hist_ring_bytes(r) < 52U * 1024);
    hist_ring_free(r);
}

/* What is always the same costs nothing, unknown before it included. */
static void
test_an_idle_domain_costs_little(void **state)
{
    struct hist_ring *r = hist_ring_new(1);
    uint64_t s;

    (void)state;
    for (s = 0; s < 2 * HISTORY_SPAN_S; s++)
        put(r, s, s < 5 ? -1 : 42);
    assert_true(hist_ring_bytes(r) < 512);
    assert_true(at(r, 2 * HISTORY_SPAN_S - 1) == 42);
    put(r, s, 43);
    assert_true(at(r, s) == 43 && at(r, s - 1) == 42 && at(r, s - 3000) == 42);
    hist_ring_free(r);
}

static void
test_a_slot_has_the_mean(void **state)
{
    const double v[] = { 10, 20, 60 };
    struct hist_ring *r = hist_ring_new(4);
    struct hist_values all = { .n = HISTORY_WHATS };
    unsigned i;

    (void)state;
    for (i = 0; i < 3; i++) {
        all.v[HISTORY_RX] = v[i];
        all.v[HISTORY_STATE] = i;
        hist_ring_put(r, 25, &all, i + 1);
    }
    assert_true(at(r, 25) == 30);
    assert_true(hist_ring_at(r, 25, HISTORY_STATE) == 2); /* the last one */
    all.v[HISTORY_RX] = -1;
    hist_ring_put(r, 25, &all, 4);
    assert_true(at(r, 25) == 30); /* the unknown says nothing */
    hist_ring_free(r);
}

static void
test_steps_change_both_ways(void **state)
{
    struct hist_ring *r = hist_ring_new(1);
    uint64_t s;

    (void)state;
    hist_ring_restep(r, 2); /* nothing in it */
    hist_ring_restep(r, 1);
    for (s = 0; s < HISTORY_SPAN_S + 400; s++)
        put(r, s, s / 400 % 2 == 0 ? 100 : 200);
    hist_ring_restep(r, 8);
    assert_int_equal(hist_ring_len(r), HISTORY_SPAN_S / 8);
    assert_true(at(r, 8 * 50) < 0 || at(r, 400 / 8) == 200);
    assert_true(at(r, 480 / 8) == 200);
    assert_true(at(r, (HISTORY_SPAN_S + 399) / 8) == 200);
    assert_true(hist_ring_bytes(r) < 8U * 1024);
    hist_ring_restep(r, 1);
    assert_int_equal(hist_ring_end(r), HISTORY_SPAN_S + 400);
    assert_true(at(r, HISTORY_SPAN_S + 399) == 200);
    assert_true(at(r, 808) == 100 && at(r, 795) == 200);
    hist_ring_free(r);
}

/* Vcpus come and go with the lives of a domain. */
static void
test_vcpus_come_and_go(void **state)
{
    struct hist_values all = { .n = HISTORY_WHATS + 2 };
    struct hist_ring *r = hist_ring_new(1), *later = hist_ring_new(1);

    (void)state;
    put(r, 10, 5);
    assert_int_equal(hist_ring_metrics(r), HISTORY_WHATS);
    all.v[HISTORY_VCPU(0)] = 20;
    all.v[HISTORY_VCPU(1)] = 40;
    hist_ring_put(later, 11, &all, 1);
    put(later, 12, 5);
    hist_ring_join(r, later);
    assert_int_equal(hist_ring_metrics(r), HISTORY_WHATS + 2);
    assert_true(hist_ring_at(r, 10, HISTORY_VCPU(1)) < 0);
    assert_true(hist_ring_at(r, 11, HISTORY_VCPU(0)) == 20);
    assert_true(hist_ring_at(r, 11, HISTORY_VCPU(1)) == 40);
    assert_true(hist_ring_at(r, 12, HISTORY_VCPU(1)) < 0);
    assert_true(hist_ring_at(r, 11, HISTORY_VCPU(2)) < 0); /* none such */
    hist_ring_restep(r, 2);
    assert_true(hist_ring_at(r, 5, HISTORY_VCPU(1)) == 40);
    hist_ring_free(r);
    hist_ring_free(later);
}

static void
test_lives_are_joined(void **state)
{
    struct hist_ring *r = hist_ring_new(1), *later = hist_ring_new(1);

    (void)state;
    put(r, 10, 1);
    put(later, 13, 3);
    put(later, 14, 4);
    hist_ring_join(r, later);
    assert_true(at(r, 10) == 1 && at(r, 12) < 0);
    assert_true(at(r, 13) == 3 && at(r, 14) == 4);
    hist_ring_free(r);
    hist_ring_free(later);
    hist_ring_free(NULL);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values_are_right_to_a_thousandth),
        cmocka_unit_test(test_gaps_are_unknown),
        cmocka_unit_test(test_an_hour_is_kept_and_no_more),
        cmocka_unit_test(test_an_idle_domain_costs_little),
        cmocka_unit_test(test_a_slot_has_the_mean),
        cmocka_unit_test(test_steps_change_both_ways),
        cmocka_unit_test(test_vcpus_come_and_go),
        cmocka_unit_test(test_lives_are_joined),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
