/*
 * loop_timer.c - the clock of the loop and its timers, a binary heap.
 * Invariant: an active timer t is at heap[t->slot], no timer is due before its
 * parent; equal times run in the order of arming.
 */
#include <stdlib.h>
#include <time.h>

#include "src/base/loop_int.h"
#include "src/base/xalloc.h"

#define TIMERS_NS (20 * LOOP_NS_PER_MS) /* in a turn */

static uint64_t
clock_ns(clockid_t id)
{
    struct timespec ts = { 0 };

    clock_gettime(id, &ts);
    return (uint64_t)ts.tv_sec * LOOP_NS_PER_S + (uint64_t)ts.tv_nsec;
}

static double
ns_to_s(uint64_t ns)
{
    return (double)ns / (double)LOOP_NS_PER_S;
}

static bool
earlier(const struct loop_timer *a, const struct loop_timer *b)
{
    if (a->due_ns != b->due_ns)
        return a->due_ns < b->due_ns;
    return a->gen < b->gen;
}

static void
loop_timer_put(struct loop *lp, size_t slot, struct loop_timer *lt)
{
    lp->heap[slot] = lt;
    lt->slot = slot;
}

static void
sift_up(struct loop *lp, struct loop_timer *lt, size_t slot)
{
    while (slot > 0 && earlier(lt, lp->heap[(slot - 1) / 2])) {
        loop_timer_put(lp, slot, lp->heap[(slot - 1) / 2]);
        slot = (slot - 1) / 2;
    }
    loop_timer_put(lp, slot, lt);
}

static void
sift_down(struct loop *lp, struct loop_timer *lt, size_t slot)
{
    size_t child;

    while ((child = 2 * slot + 1) < lp->timer_count) {
        if (child + 1 < lp->timer_count &&
            earlier(lp->heap[child + 1], lp->heap[child]))
            child++;
        if (!earlier(lp->heap[child], lt))
            break;
        loop_timer_put(lp, slot, lp->heap[child]);
        slot = child;
    }
    loop_timer_put(lp, slot, lt);
}

void
loop_timer_arm(struct loop *lp, struct loop_timer *lt, uint64_t delay_ms,
               loop_timer_cb cb)
{
    loop_timer_del(lt);
    if (lp->timer_count == lp->heap_cap) {
        lp->heap_cap = lp->heap_cap == 0 ? 64 : lp->heap_cap * 2;
        lp->heap = xrealloc(lp->heap, lp->heap_cap, sizeof *lp->heap);
    }
    lt->lp = lp;
    lt->cb = cb;
    lt->due_ns = loop_add_ms(loop_now_ns(lp), delay_ms);
    lt->gen = lp->next_gen++;
    sift_up(lp, lt, lp->timer_count++);
}

void
loop_timer_del(struct loop_timer *lt)
{
    struct loop *lp = lt->lp;
    struct loop_timer *last;
    size_t slot = lt->slot;

    if (lp == NULL)
        return;
    lt->lp = NULL;
    last = lp->heap[--lp->timer_count];
    if (last == lt)
        return;
    if (slot > 0 && earlier(last, lp->heap[(slot - 1) / 2]))
        sift_up(lp, last, slot);
    else
        sift_down(lp, last, slot);
}

bool
loop_timer_active(const struct loop_timer *lt)
{
    return lt->lp != NULL;
}

bool
loop_timers_next(const struct loop *lp, uint64_t *due_ns_out)
{
    if (lp->timer_count == 0 || lp->heap[0]->due_ns == UINT64_MAX)
        return false;
    *due_ns_out = lp->heap[0]->due_ns;
    return true;
}

/* Whether descriptors have waited long enough for the timers that began then,
 * when so much was spent. */
static bool
timers_took_long(const struct loop *lp, uint64_t began_ns, uint64_t spent_ns)
{
    return lp->spent_ns >= spent_ns + TIMERS_NS ||
           loop_now_ns(lp) - began_ns >= TIMERS_NS;
}

/* A timer armed in this turn (gen_limit or above) waits for the next. It may
 * stand before older ones for that turn; they are late by no time at all,
 * because what is due makes the next turn start at once. So are those that are
 * left to it when many have much to do: they keep their place. */
void
loop_timers_run(struct loop *lp, uint64_t gen_limit)
{
    uint64_t now = loop_now_ns(lp), spent = lp->spent_ns;

    while (lp->timer_count > 0) {
        struct loop_timer *lt = lp->heap[0];

        if (lt->due_ns > now || lt->gen >= gen_limit ||
            timers_took_long(lp, now, spent))
            return;
        loop_timer_del(lt);
        lp->called++;
        lt->cb(lt); /* may free its owner */
    }
}

void
loop_timers_fini(struct loop *lp)
{
    while (lp->timer_count > 0)
        loop_timer_del(lp->heap[lp->timer_count - 1]);
    free(lp->heap);
}

size_t
loop_timer_count(const struct loop *lp)
{
    return lp->timer_count;
}

uint64_t
loop_add_ms(uint64_t ns, uint64_t ms)
{
    if (ms > (UINT64_MAX - ns) / LOOP_NS_PER_MS)
        return UINT64_MAX;
    return ns + ms * LOOP_NS_PER_MS;
}

uint64_t
loop_now_ns(const struct loop *lp)
{
    if (lp->clock == LOOP_CLOCK_VIRTUAL)
        return lp->virtual_ns;
    return clock_ns(CLOCK_MONOTONIC);
}

uint64_t
loop_now_ms(const struct loop *lp)
{
    return loop_now_ns(lp) / LOOP_NS_PER_MS;
}

double
loop_wall_s(const struct loop *lp)
{
    if (lp->clock == LOOP_CLOCK_VIRTUAL)
        return lp->wall0_s + ns_to_s(lp->virtual_ns);
    return ns_to_s(clock_ns(CLOCK_REALTIME));
}

double
loop_boot_s(const struct loop *lp)
{
    if (lp->clock == LOOP_CLOCK_VIRTUAL)
        return ns_to_s(lp->virtual_ns);
    return ns_to_s(clock_ns(CLOCK_BOOTTIME));
}

void
loop_set_wall(struct loop *lp, double wall_s)
{
    lp->wall0_s = wall_s - ns_to_s(lp->virtual_ns);
}
