/*
 * move_campaign.c - see move_campaign.h.
 */
#include "tests/sim/move_campaign.h"

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

#define CALM_MS 20000  /* a question is repeated sooner */
#define PASS_MS 120000 /* and what may come later */

/* What a killed engine had on its stack is lost, as it should be. */
int __lsan_is_turned_off(void);

int
__lsan_is_turned_off(void)
{
    return 1;
}

static struct pair p;
static const struct move_case *now; /* what is tried */
static unsigned moved, stayed;

struct pair *
move_begin(const struct move_case *c)
{
    now = c;
    return &p;
}

static void
open_guest(void)
{
    if (now->tls != NULL) {
        pair_tls_open(now->tls, &p, now->more, NULL);
        return;
    }
    pair_open(&p, now->more);
    if (now->boot_ms > 0)
        pair_pass(&p, now->boot_ms);
}

static void
close_guest(void)
{
    if (now->tls != NULL)
        pair_tls_close(now->tls);
    else
        pair_close(&p);
}

unsigned
move_step(unsigned usual)
{
    const char *text = getenv("XENDECK_CAMPAIGN_STEP");
    unsigned long step = text != NULL ? strtoul(text, NULL, 10) : 1;

    return step > 1 ? (unsigned)step * usual : usual;
}

static void
begin_move(void)
{
    const char *way = now->tls != NULL ? now->tls->way : "beta";
    struct err e = { 0 };
    uint64_t op;

    if (engine_migrate(p.a.en, p.id, way, NULL, &op, &e) < 0)
        fail_msg("%s", e.msg);
}

/* Whatever is still to come, has come. */
static void
wait_for_calm(void)
{
    pair_settle(&p, CALM_MS);
    pair_settle(&p, PASS_MS);
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

void
move_tell(const char *what, unsigned points)
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
    pair_settle(&p, PASS_MS);
    end_what_is_left();
    judge(w == &p.a ? "fault on alpha" : "fault on beta", nth, 0);
    close_guest();
    return reached;
}

static struct world *
move_side(bool receiver)
{
    return receiver ? &p.b : &p.a;
}

unsigned
move_faults(bool receiver)
{
    const unsigned step = move_step(1);
    unsigned nth, points = 0;

    for (nth = 1; one_fault(move_side(receiver), nth); nth += step)
        points++;
    move_tell(receiver ? "calls of the receiver that failed"
                       : "calls of the sender that failed",
              points);
    return points * step;
}

/* --- a connection that is cut --- */

void
move_cut(unsigned wire, int way, size_t at)
{
    open_guest();
    p.cut_wire = wire;
    p.cut_way = way;
    p.cut_at = at;
    begin_move();
    wait_for_calm();
    judge(way == PAIR_TO ? "cut to beta" : "cut to alpha", wire, (unsigned)at);
    close_guest();
}

void
move_measure(size_t seen[PAIR_WAYS])
{
    open_guest();
    begin_move();
    pair_settle(&p, CALM_MS);
    memcpy(seen, p.seen, sizeof(p.seen));
    close_guest();
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
    wait_for_calm();
    judge(w == &p.a ? "alpha killed at call" : "beta killed at call", nth, 0);
    close_guest();
    return reached;
}

unsigned
move_kills(bool receiver)
{
    const unsigned step = move_step(1);
    unsigned nth, points = 0;

    for (nth = step; one_kill(move_side(receiver), nth); nth += step)
        points++;
    move_tell(receiver ? "calls at which the receiver was killed"
                       : "calls at which the sender was killed",
              points);
    return points * step;
}

/* --- at a byte of the connection --- */

static bool
has_passed(void *arg)
{
    const struct move_point *q = arg;
    const struct op *o = engine_op_at(p.a.en, engine_op_count(p.a.en) - 1);

    return (p.n_wires == q->wire && p.seen[q->way] >= q->at) ||
           p.n_wires > q->wire || o->state > OP_RUNNING;
}

void
move_strike(const struct move_point *q, const char *what, void (*blow)(void))
{
    open_guest();
    begin_move();
    pair_until(&p, has_passed, (void *)(uintptr_t)q);
    blow();
    wait_for_calm();
    judge(what, q->wire, (unsigned)q->at);
    close_guest();
}
