/*
 * test_campaign_migrate_tls.c - test_campaign_migrate.c of a migration under
 * TLS, between real processes: the connection is cut, the processes that carry
 * it and the engines are killed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/sim/move_campaign.h"

static struct pair *p;
static struct pair_tls pt;
static const struct move_case guest = { .more = PAIR_DISK, .tls = &pt };

static void
blow_caller(void)
{
    (void)pair_tls_kill_carriers(true);
}

static void
blow_called(void)
{
    (void)pair_tls_kill_carriers(false);
}

static void
kill_engine(struct world *w)
{
    world_kill(w);
    pair_pass(p, 3000);
    world_start(w, false);
}

static void
blow_alpha(void)
{
    kill_engine(&p->a);
}

static void
blow_beta(void)
{
    kill_engine(&p->b);
}

/* Points of a connection, the last bytes of which matter most. */
static size_t
tls_point(size_t seen, unsigned i, unsigned n)
{
    const unsigned early = n / 2;

    if (i < early)
        return seen * i / early;
    return seen - (size_t)(n - 1 - i) * 40;
}

static void
tls_points_each(const size_t seen[PAIR_WAYS], unsigned n,
                void (*each)(unsigned wire, int way, size_t at, unsigned i))
{
    unsigned i;

    for (i = 0; i < n; i++) {
        each(2, PAIR_TO, tls_point(seen[PAIR_TO], i, n), i);
        each(2, PAIR_BACK, tls_point(seen[PAIR_BACK], i, n), i);
    }
}

static void
tls_cut(unsigned wire, int way, size_t at, unsigned i)
{
    (void)i;
    move_cut(wire, way, at);
}

static void
tls_kill_carrier(unsigned wire, int way, size_t at, unsigned i)
{
    const struct move_point q = { wire, way, at };

    move_strike(&q, "a carrier killed", i % 2 == 0 ? blow_caller : blow_called);
}

static void
tls_kill_engine(unsigned wire, int way, size_t at, unsigned i)
{
    const struct move_point q = { wire, way, at };

    move_strike(&q, "TLS: an engine killed",
                i % 2 == 0 ? blow_alpha : blow_beta);
}

/* So many points of each way; each is a second and more. */
#define TLS_POINTS 8

static void
test_under_tls(void **state)
{
    unsigned n = TLS_POINTS / move_step(1);
    size_t seen[PAIR_WAYS];

    (void)state;
    n = n < 4 ? 4 : n;
    move_measure(seen);
    tls_points_each(seen, n, tls_cut);
    move_tell("TLS: connections cut", 2 * n);
    move_cut(1, PAIR_TO, 300);
    move_cut(1, PAIR_BACK, seen[PAIR_BACK]);
    move_tell("TLS: questions cut", 2);
    tls_points_each(seen, n, tls_kill_carrier);
    move_tell("TLS: carriers killed", 2 * n);
    tls_points_each(seen, n, tls_kill_engine);
    move_tell("TLS: engines killed", 2 * n);
}

static int
run(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_under_tls),
    };
    int rc;

    p = move_begin(&guest);
    pair_tls_init(&pt);
    rc = cmocka_run_group_tests(tests, NULL, NULL);
    pair_tls_fini(&pt);
    return rc;
}

WORLD_MAIN(run)
