/*
 * loop.h - the one event loop: descriptors, directories, timers, signals, idle
 * hooks.
 *
 * Single-threaded. Handlers are embedded in their owner (container_of gets it
 * back); a zeroed handler is idle. add and del are legal inside any callback:
 * del is idempotent and immediate (no callback of that handler runs after it
 * returns), what is added during a turn waits for the next turn. On epoll, so
 * the number of descriptors is bounded by RLIMIT_NOFILE only.
 *
 * The clock is a parameter. On the virtual clock nothing waits for time: when
 * no descriptor is ready the clock jumps to the next timer, unless a hold is
 * taken (a real child process is at work), when it waits for descriptors.
 */
#ifndef XENDECK_BASE_LOOP_H
#define XENDECK_BASE_LOOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/base/list.h"
#include "src/base/loop_child.h"
#include "src/base/loop_dir.h"
#include "src/base/loop_fd.h"
#include "src/base/loop_hook.h"
#include "src/base/loop_signal.h"
#include "src/base/loop_timer.h"

enum loop_clock { LOOP_CLOCK_REAL, LOOP_CLOCK_VIRTUAL };

struct loop;

/* NULL with errno set if the kernel gives no epoll descriptor. Signals that
 * get a handler are blocked in the process and read from a signalfd: a child
 * inherits the mask, so whoever forks resets it before exec. */
struct loop *loop_new(enum loop_clock clock);
/* All handlers become idle; none is called. NULL is allowed. Not legal inside
 * a callback. */
void loop_free(struct loop *lp);

void loop_hold(struct loop *lp);
void loop_release(struct loop *lp);

/* A virtual clock moves to its next timer although it is held: for tests in
 * which a child waits for what a timer does. */
void loop_skip(struct loop *lp);

/* One turn: waits at most max_wait_ms (-1: no limit) for the first thing due,
 * dispatches what is ready, then due timers, then the hooks. Returns the
 * number of callbacks called, or -1 with errno. On the virtual clock a turn
 * with nothing ready moves the clock to the next timer, but by max_wait_ms at
 * most; with nothing ready and nothing armed it returns 0 at once. With a hold
 * taken it really waits, 50 ms at most, and the clock stands. Turns may nest
 * (a callback that calls loop_until), but no hook runs inside a hook. */
int loop_turn(struct loop *lp, int max_wait_ms);
/* Whether the loop has found within the last ms that its process was stopped
 * (SIGSTOP, a sleeping machine): what was said meanwhile is still unread. Never
 * on the virtual clock. */
bool loop_stood_still(const struct loop *lp, unsigned ms);
/* Turns until loop_stop. */
void loop_run(struct loop *lp);
void loop_stop(struct loop *lp);
/* Turns until done(arg) is true or limit_ms of the loop's clock passed.
 * Returns the last value of done(arg). */
bool loop_until(struct loop *lp, bool (*done)(void *), void *arg,
                uint64_t limit_ms);

/* Notes time that drawing took, and how much it was in this turn: who draws
 * next may leave it to the next turn, so that descriptors are served meanwhile.
 * Timers that are due are left to the next turn once they took 20 ms. */
void loop_spend(struct loop *lp, uint64_t ns);
uint64_t loop_spent_ns(const struct loop *lp);

/* For `info`: what is registered now. */
size_t loop_fd_count(const struct loop *lp);
size_t loop_timer_count(const struct loop *lp);

#endif
