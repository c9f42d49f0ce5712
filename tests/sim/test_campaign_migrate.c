/*
 * test_campaign_migrate.c - whatever happens to a migration its guest is on
 * exactly one side, and nothing is left on the other: each call of either host
 * fails once, either engine is killed at each of its calls, the connection is
 * cut at each byte that matters.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/host/domains.h"
#include "engine/record/db.h"
#include "engine/saved/move_note.h"
#include "tests/sim/pair_tls.h"

#define CALM_MS 20000 /* a question is repeated sooner */

/* What a killed engine had on its stack is lost, as it should be. */
int __lsan_is_turned_off(void);

int
__lsan_is_turned_off(void)
{
    return 1;
}

#define HVM_STEP 4 /* every so manyth call of an HVM domain's migration */

static struct pair p;
static unsigned moved, stayed;
static bool hvm; /* the guest has a device model */
static struct pair_tls pt;
static bool tls; /* it goes under TLS */

static void
open_guest(void)
{
    if (tls) {
        pair_tls_open(&pt, &p, PAIR_DISK, NULL);
        return;
    }
    pair_open(&p, hvm ? "type = \"hvm\";" : PAIR_DISK);
    if (hvm)
        pair_pass(&p, 20000); /* its firmware takes longer */
}

static void
close_guest(void)
{
    if (tls)
        pair_tls_close(&pt);
    else
        pair_close(&p);
}

static unsigned
step_of(unsigned usual)
{
    const char *text = getenv("XENDECK_CAMPAIGN_STEP");
    unsigned long step = text != NULL ? strtoul(text, NULL, 10) : 1;

    return step > 1 ? (unsigned)step * usual : usual;
}

static void
begin_move(void)
{
    struct err e = { 0 };
    uint64_t op;

    if (engine_migrate(p.a.en, p.id, tls ? pt.way : "beta", NULL, &op, &e) < 0)
        fail_msg("%s", e.msg);
}

static void
tell_events(const char *host, struct world *w)
{
    size_t i;

    for (i = 0; i < engine_event_count(w->en); i++)
        print_message("  %s: %s: %s\n", host, engine_event_at(w->en, i)->name,
                      engine_event_at(w->en, i)->text);
}

static bool
record_left(struct world *w)
{
    char path[256];

    text_fmt(path, sizeof(path), "%s/11111111-2222-4333-8444-55555555aaaa.conf",
             w->state);
    return access(path, F_OK) == 0;
}

static size_t
domains_on(struct world *w)
{
    size_t n = 0;

    while (domains_at(w->en, n) != NULL)
        n++;
    return n;
}

/* In the store, too: nothing of the guest but dom0's own. */
static bool
store_left(struct world *w)
{
    char *dump = world_dump(w);
    bool left = strstr(dump, "web9") != NULL;

    free(dump);
    return left;
}

/* It runs on beta, and what is left on alpha stands still: only the removal has
 * failed, and an operator's destroy ends that. */
static void
end_what_is_left(void)
{
    const struct dom *d = world_dom(&p.a, "web9");
    struct err e = { 0 };

    if (!pair_runs(&p.b) || d == NULL || (d->flags & DOM_F_SHUTDOWN) == 0)
        return;
    if (engine_destroy(p.a.en, d->id, NULL, &e) < 0)
        fail_msg("%s", e.msg);
    pair_settle(&p, CALM_MS);
}

/* On exactly one side, running; the other has nothing of it. */
static void
judge(const char *what, unsigned nth, unsigned more)
{
    struct world *w, *other;
    uint64_t n = 0;
    bool a, b;

    (void)domains_scan(p.a.en, false, NULL);
    (void)domains_scan(p.b.en, false, NULL);
    a = pair_runs(&p.a);
    b = pair_runs(&p.b);
    w = a ? &p.a : &p.b;
    other = a ? &p.b : &p.a;
    if (a != b && !pair_has(other) && domains_on(other) == 1 &&
        !store_left(other) && !record_left(other) && record_left(w) &&
        sim_guest_count(w->sim, world_dom(w, "web9")->domid, &n) == 0 &&
        n >= 20) {
        *(a ? &stayed : &moved) += 1;
        return;
    }
    tell_events("alpha", &p.a);
    tell_events("beta", &p.b);
    fail_msg("%s %u, %u: runs on %s%s; left: %d domains, store %d, record "
             "%d/%d; count %llu",
             what, nth, more, a ? "alpha " : "", b ? "beta" : "",
             (int)domains_on(other), store_left(other), record_left(other),
             record_left(w), (unsigned long long)n);
}

static void
tell(const char *what, unsigned points)
{
    print_message("%s: %u: the guest is on the other side after %u, on its own "
                  "after %u\n",
                  what, points, moved, stayed);
    moved = stayed = 0;
}

/* --- calls that fail --- */

static bool
one_fault(struct world *w, unsigned nth)
{
    bool reached;

    open_guest();
    sim_fault_add(w->sim, "*", nth, EIO);
    begin_move();
    pair_settle(&p, CALM_MS);
    reached = sim_calls(w->sim, "*") >= nth;
    sim_fault_clear(w->sim);
    pair_settle(&p, 120000);
    end_what_is_left();
    judge(w == &p.a ? "fault on alpha" : "fault on beta", nth, 0);
    close_guest();
    return reached;
}

static void
test_each_call_of_the_sender_fails(void **state)
{
    unsigned nth, step = step_of(1);

    (void)state;
    for (nth = 1; one_fault(&p.a, nth); nth += step)
        ;
    tell("calls of the sender that failed", nth / step);
}

static void
test_each_call_of_the_receiver_fails(void **state)
{
    unsigned nth, step = step_of(1);

    (void)state;
    for (nth = 1; one_fault(&p.b, nth); nth += step)
        ;
    tell("calls of the receiver that failed", nth / step);
}

/* --- a connection that is cut --- */

static void
one_cut(unsigned wire, int way, size_t at)
{
    open_guest();
    p.cut_wire = wire;
    p.cut_way = way;
    p.cut_at = at;
    begin_move();
    pair_settle(&p, CALM_MS);
    pair_settle(&p, 120000);
    judge(way == PAIR_TO ? "cut to beta" : "cut to alpha", wire, (unsigned)at);
    close_guest();
}

/* How many bytes an undisturbed migration has each way. */
static void
measure(size_t seen[PAIR_WAYS])
{
    open_guest();
    begin_move();
    pair_settle(&p, CALM_MS);
    memcpy(seen, p.seen, sizeof(p.seen));
    close_guest();
}

static void
test_the_connection_is_cut_at_each_message(void **state)
{
    unsigned step = step_of(1), points = 0;
    size_t seen[PAIR_WAYS], at;

    (void)state;
    measure(seen);
    assert_true(seen[PAIR_TO] > sizeof(MOVE_GO) + 100);
    for (at = 0; at <= seen[PAIR_BACK]; at += step, points++)
        one_cut(2, PAIR_BACK, at);
    for (at = 0; at < seen[PAIR_TO] - sizeof(MOVE_GO); at += 97, points++)
        one_cut(2, PAIR_TO, at);
    for (at = seen[PAIR_TO] - sizeof(MOVE_GO); at <= seen[PAIR_TO];
         at += step, points++)
        one_cut(2, PAIR_TO, at);
    tell("connections cut", points);
}

static void
test_a_question_is_cut(void **state)
{
    unsigned points = 0;
    size_t at;

    (void)state;
    for (at = 0; at < 90; at += 6, points++)
        one_cut(1, PAIR_BACK, at);
    for (at = 0; at < 900; at += 90, points++)
        one_cut(1, PAIR_TO, at);
    tell("questions cut", points);
}

/* --- an engine that is killed --- */

static jmp_buf killed;

static void
kill_here(void *arg)
{
    (void)arg;
    longjmp(killed, 1);
}

/* False: the nth call did not come. */
static bool
one_kill(struct world *volatile w, volatile unsigned nth)
{
    volatile bool reached = false;

    open_guest();
    if (setjmp(killed) == 0) {
        sim_kill_at(w->sim, nth, kill_here, NULL);
        begin_move();
        pair_settle(&p, CALM_MS);
        sim_kill_at(w->sim, 0, NULL, NULL);
    } else {
        reached = true;
        world_kill(w);
        pair_pass(&p, 3000); /* the other side is alone for a while */
        world_start(w, false);
    }
    pair_settle(&p, CALM_MS);
    pair_settle(&p, 120000);
    judge(w == &p.a ? "alpha killed at call" : "beta killed at call", nth, 0);
    close_guest();
    return reached;
}

static void
test_the_sender_is_killed_at_each_call(void **state)
{
    unsigned nth, step = step_of(1);

    (void)state;
    for (nth = step; one_kill(&p.a, nth); nth += step)
        ;
    tell("calls at which the sender was killed", nth / step);
}

static void
test_the_receiver_is_killed_at_each_call(void **state)
{
    unsigned nth, step = step_of(1);

    (void)state;
    for (nth = step; one_kill(&p.b, nth); nth += step)
        ;
    tell("calls at which the receiver was killed", nth / step);
}

/* --- the same with a device model --- */

static void
test_an_hvm_domain(void **state)
{
    unsigned nth, n = 0, step = step_of(HVM_STEP);

    (void)state;
    hvm = true;
    for (nth = 1; one_fault(&p.a, nth); nth += step, n++)
        ;
    for (nth = 2; one_fault(&p.b, nth); nth += step, n++)
        ;
    tell("HVM: calls of both that failed", n);
    for (n = 0, nth = 3; one_kill(&p.a, nth); nth += step, n++)
        ;
    for (nth = 4; one_kill(&p.b, nth); nth += step, n++)
        ;
    tell("HVM: calls at which either was killed", n);
    hvm = false;
}

/* --- the same under TLS, between real processes --- */

/* Some bytes have passed: then the test goes on. */
struct passed {
    unsigned wire;
    int way;
    size_t at;
};

static bool
has_passed(void *arg)
{
    const struct passed *q = arg;
    const struct op *o = engine_op_at(p.a.en, engine_op_count(p.a.en) - 1);

    return (p.n_wires == q->wire && p.seen[q->way] >= q->at) ||
           p.n_wires > q->wire || o->state > OP_RUNNING;
}

/* The process that carries it is killed, on either side. */
static void
one_carrier_killed(const struct passed *q, bool calls)
{
    open_guest();
    begin_move();
    pair_until(&p, has_passed, (void *)(uintptr_t)q);
    (void)pair_tls_kill_carriers(calls);
    pair_settle(&p, CALM_MS);
    pair_settle(&p, 120000);
    judge(calls ? "carrier of alpha killed at" : "carrier of beta killed at",
          q->wire, (unsigned)q->at);
    close_guest();
}

/* An engine is, and its carriers see their sockets end. */
static void
one_engine_killed(const struct passed *q, struct world *w)
{
    open_guest();
    begin_move();
    pair_until(&p, has_passed, (void *)(uintptr_t)q);
    world_kill(w);
    pair_pass(&p, 3000);
    world_start(w, false);
    pair_settle(&p, CALM_MS);
    pair_settle(&p, 120000);
    judge(w == &p.a ? "TLS: alpha killed at" : "TLS: beta killed at", q->wire,
          (unsigned)q->at);
    close_guest();
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
    one_cut(wire, way, at);
}

static void
tls_kill_carrier(unsigned wire, int way, size_t at, unsigned i)
{
    const struct passed q = { wire, way, at };

    one_carrier_killed(&q, i % 2 == 0);
}

static void
tls_kill_engine(unsigned wire, int way, size_t at, unsigned i)
{
    const struct passed q = { wire, way, at };

    one_engine_killed(&q, i % 2 == 0 ? &p.a : &p.b);
}

/* So many points of each way; each is a second and more. */
#define TLS_POINTS 8

static void
test_under_tls(void **state)
{
    unsigned n = TLS_POINTS / step_of(1);
    size_t seen[PAIR_WAYS];

    (void)state;
    n = n < 4 ? 4 : n;
    tls = true;
    pair_tls_init(&pt);
    measure(seen);
    tls_points_each(seen, n, tls_cut);
    tell("TLS: connections cut", 2 * n);
    one_cut(1, PAIR_TO, 300);
    one_cut(1, PAIR_BACK, seen[PAIR_BACK]);
    tell("TLS: questions cut", 2);
    tls_points_each(seen, n, tls_kill_carrier);
    tell("TLS: carriers killed", 2 * n);
    tls_points_each(seen, n, tls_kill_engine);
    tell("TLS: engines killed", 2 * n);
    pair_tls_fini(&pt);
    tls = false;
}

static int
run(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_connection_is_cut_at_each_message),
        cmocka_unit_test(test_a_question_is_cut),
        cmocka_unit_test(test_each_call_of_the_sender_fails),
        cmocka_unit_test(test_each_call_of_the_receiver_fails),
        cmocka_unit_test(test_the_sender_is_killed_at_each_call),
        cmocka_unit_test(test_the_receiver_is_killed_at_each_call),
        cmocka_unit_test(test_an_hvm_domain),
        cmocka_unit_test(test_under_tls),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

WORLD_MAIN(run)
