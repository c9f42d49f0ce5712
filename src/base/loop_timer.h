/*
 * loop_timer.h - timers and the clock of the loop (loop.h).
 */
#ifndef XENDECK_BASE_LOOP_TIMER_H
#define XENDECK_BASE_LOOP_TIMER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct loop;
struct loop_timer;

typedef void (*loop_timer_cb)(struct loop_timer *lt);

struct loop_timer {
    struct loop *lp; /* NULL: idle */
    uint64_t due_ns;
    size_t slot;  /* place in the heap */
    uint64_t gen; /* order of arming: ties run in it */
    loop_timer_cb cb;
};

/* One shot, delay_ms from now; arming an active timer moves it. */
void loop_timer_arm(struct loop *lp, struct loop_timer *lt, uint64_t delay_ms,
                    loop_timer_cb cb);
void loop_timer_del(struct loop_timer *lt);
bool loop_timer_active(const struct loop_timer *lt);

/* CLOCK_MONOTONIC, or the virtual clock (starts at 1 s). */
uint64_t loop_now_ns(const struct loop *lp);
uint64_t loop_now_ms(const struct loop *lp);
/* Seconds since the epoch, with the virtual clock's advance applied. */
double loop_wall_s(const struct loop *lp);
/* Seconds since the host started, also while it slept: no setting of the wall
 * clock moves it. With the virtual clock, its advance. */
double loop_boot_s(const struct loop *lp);
/* Virtual clock only: what the wall clock says now, so that a test shows the
 * same times each run. */
void loop_set_wall(struct loop *lp, double wall_s);

#endif
