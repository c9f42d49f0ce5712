/*
 * loop.h - the one event loop: descriptors, timers, signals, idle hooks.
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
#include <sys/types.h>

#include "src/base/list.h"

enum { LOOP_READ = 1, LOOP_WRITE = 2, LOOP_HUP = 4 };
enum loop_clock { LOOP_CLOCK_REAL, LOOP_CLOCK_VIRTUAL };

struct loop;
struct loop_fd;
struct loop_timer;
struct loop_child;
struct loop_signal;
struct loop_hook;

/* ready: LOOP_ bits; LOOP_HUP may come unasked (hang-up or error). */
typedef void (*loop_fd_cb)(struct loop_fd *lf, unsigned ready);
typedef void (*loop_timer_cb)(struct loop_timer *lt);
typedef void (*loop_signal_cb)(struct loop_signal *ls);
/* status: as waitpid gives it, or -1 when somebody else reaped the process
 * (-1 is neither WIFEXITED nor WIFSIGNALED). Called once; the handler is idle
 * by then. */
typedef void (*loop_child_cb)(struct loop_child *lc, int status);
typedef void (*loop_hook_cb)(struct loop_hook *lh);

struct loop_fd {
    struct loop *lp; /* NULL: idle */
    int fd;
    unsigned want;
    loop_fd_cb cb;
    unsigned ready; /* found by the wait, not dispatched yet */
    struct list_node node;
};

struct loop_timer {
    struct loop *lp; /* NULL: idle */
    uint64_t due_ns;
    size_t slot;  /* place in the heap */
    uint64_t gen; /* order of arming: ties run in it */
    loop_timer_cb cb;
};

struct loop_signal {
    struct loop *lp;
    int signo;
    loop_signal_cb cb;
    struct list_node node;
};

struct loop_child {
    struct loop *lp;
    pid_t pid;
    int pidfd;
    loop_child_cb cb;
    struct loop_fd lf;
};

struct loop_hook {
    struct loop *lp;
    loop_hook_cb cb;
    struct list_node node;
};

/* NULL with errno set if the kernel gives no epoll descriptor. Signals that
 * get a handler are blocked in the process and read from a signalfd: a child
 * inherits the mask, so whoever forks resets it before exec. */
struct loop *loop_new(enum loop_clock clock);
/* All handlers become idle; none is called. NULL is allowed. Not legal inside
 * a callback. */
void loop_free(struct loop *lp);

/* want: LOOP_READ | LOOP_WRITE. Registering an active handler again changes
 * its want and cb. 0, or -1 with errno (EPERM: a regular file, which epoll
 * refuses; EEXIST: another handler has this descriptor; EBADF...). The
 * descriptor stays the caller's: del before close. On hang-up or error the
 * callback gets LOOP_HUP, with LOOP_READ if that is wanted so that reading
 * sees the end, every turn until the handler is deleted: also with want 0. */
int loop_fd_add(struct loop *lp, struct loop_fd *lf, int fd, unsigned want,
                loop_fd_cb cb);
int loop_fd_want(struct loop_fd *lf, unsigned want);
void loop_fd_del(struct loop_fd *lf);

/* One shot, delay_ms from now; arming an active timer moves it. */
void loop_timer_arm(struct loop *lp, struct loop_timer *lt, uint64_t delay_ms,
                    loop_timer_cb cb);
void loop_timer_del(struct loop_timer *lt);
bool loop_timer_active(const struct loop_timer *lt);

int loop_signal_add(struct loop *lp, struct loop_signal *ls, int signo,
                    loop_signal_cb cb);
void loop_signal_del(struct loop_signal *ls);

/* Watches a child of this process through a pidfd and reaps it; of a process
 * that is no child only the end is told (status -1). Takes a hold
 * on the virtual clock until the child ends. del leaves the child unreaped:
 * the caller then owns waitpid. 0, or -1 with errno. */
int loop_child_add(struct loop *lp, struct loop_child *lc, pid_t pid,
                   loop_child_cb cb);
void loop_child_del(struct loop_child *lc);

/* Runs at the end of each turn in which anything was dispatched: the place to
 * draw, and to run what callbacks only marked. */
void loop_hook_add(struct loop *lp, struct loop_hook *lh, loop_hook_cb cb);
void loop_hook_del(struct loop_hook *lh);

/* CLOCK_MONOTONIC, or the virtual clock (starts at 1 s). */
uint64_t loop_now_ns(const struct loop *lp);
uint64_t loop_now_ms(const struct loop *lp);
/* Seconds since the epoch, with the virtual clock's advance applied. */
double loop_wall_s(const struct loop *lp);
/* Virtual clock only: what the wall clock says now, so that a test shows the
 * same times each run. */
void loop_set_wall(struct loop *lp, double wall_s);

void loop_hold(struct loop *lp);
void loop_release(struct loop *lp);

/* One turn: waits at most max_wait_ms (-1: no limit) for the first thing due,
 * dispatches what is ready, then due timers, then the hooks. Returns the
 * number of callbacks called, or -1 with errno. On the virtual clock a turn
 * with nothing ready moves the clock to the next timer, but by max_wait_ms at
 * most; with nothing ready and nothing armed it returns 0 at once. With a hold
 * taken it really waits, 50 ms at most, and the clock stands. Turns may nest
 * (a callback that calls loop_until), but no hook runs inside a hook. */
int loop_turn(struct loop *lp, int max_wait_ms);
/* Turns until loop_stop. */
void loop_run(struct loop *lp);
void loop_stop(struct loop *lp);
/* Turns until done(arg) is true or limit_ms of the loop's clock passed.
 * Returns the last value of done(arg). */
bool loop_until(struct loop *lp, bool (*done)(void *), void *arg,
                uint64_t limit_ms);

/* For `info`: what is registered now. */
size_t loop_fd_count(const struct loop *lp);
size_t loop_timer_count(const struct loop *lp);

#endif
