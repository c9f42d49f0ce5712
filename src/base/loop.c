/*
 * loop.c - the turn: wait, ready descriptors, due timers, hooks.
 * What the wait finds is moved to a list of ready handlers before the first
 * callback runs; a handler that is deleted leaves that list, so nothing here
 * holds a pointer to it across a callback.
 */
#include "src/base/loop.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "src/base/loop_first.h"
#include "src/base/loop_int.h"
#include "src/base/xalloc.h"

/* Real time that a held virtual clock waits at once. */
#define HOLD_SLICE_MS 50
#define STOOD_MS      2000 /* no load delays a turn so */
/* What descriptors that are not first may take of a turn, and how long they
 * are left aside for those that are. */
#define SLICE_NS (LOOP_NS_PER_MS / 2)
#define ASIDE_NS (4 * LOOP_NS_PER_MS)

/* Beside the bits of loop_fd.h: in what is wanted, and in what is ready. */
enum { WANT_FIRST = 0x100, READY_NO_MORE = 0x200 };

struct loop *
loop_new(enum loop_clock clock)
{
    struct loop *lp;
    struct timespec ts = { 0 };
    int fd = epoll_create1(EPOLL_CLOEXEC);

    if (fd < 0)
        return NULL;
    lp = xcalloc(1, sizeof *lp);
    lp->clock = clock;
    lp->epfd = fd;
    list_init(&lp->fds);
    list_init(&lp->first_fds);
    list_init(&lp->ready_fds);
    list_init(&lp->hooks);
    list_init(&lp->ready_hooks);
    list_init(&lp->dirs);
    loop_signals_init(lp);
    lp->virtual_ns = LOOP_NS_PER_S;
    clock_gettime(CLOCK_REALTIME, &ts);
    loop_set_wall(lp, (double)ts.tv_sec + (double)ts.tv_nsec / 1e9);
    return lp;
}

static void
fds_fini(struct list_node *head)
{
    while (!list_empty(head)) {
        struct loop_fd *lf = container_of(head->next, struct loop_fd, node);

        if (!loop_child_fini(lf))
            loop_fd_del(lf);
    }
}

static void
hooks_fini(struct list_node *head)
{
    while (!list_empty(head))
        loop_hook_del(container_of(head->next, struct loop_hook, node));
}

void
loop_free(struct loop *lp)
{
    if (lp == NULL)
        return;
    loop_signals_fini(lp);
    loop_dirs_fini(lp);
    fds_fini(&lp->first_fds);
    fds_fini(&lp->ready_fds);
    fds_fini(&lp->fds);
    hooks_fini(&lp->ready_hooks);
    hooks_fini(&lp->hooks);
    loop_timers_fini(lp);
    close(lp->epfd);
    free(lp->events);
    free(lp);
}

static int
control(struct loop *lp, int op, struct loop_fd *lf, int fd, unsigned want)
{
    struct epoll_event ev = { .data.ptr = lf };

    if (want & LOOP_READ)
        ev.events |= EPOLLIN;
    if (want & LOOP_WRITE)
        ev.events |= EPOLLOUT;
    return epoll_ctl(lp->epfd, op, fd, &ev);
}

int
loop_fd_add(struct loop *lp, struct loop_fd *lf, int fd, unsigned want,
            loop_fd_cb cb)
{
    if (cb == NULL) {
        errno = EINVAL;
        return -1;
    }
    if (lf->lp == lp && lf->fd == fd) {
        if (loop_fd_want(lf, want) < 0)
            return -1;
        lf->cb = cb;
        return 0;
    }
    loop_fd_del(lf);
    if (control(lp, EPOLL_CTL_ADD, lf, fd, want) < 0)
        return -1;
    lf->lp = lp;
    lf->fd = fd;
    lf->want = want;
    lf->cb = cb;
    lf->ready = 0;
    list_append(&lp->fds, &lf->node);
    lp->fd_count++;
    return 0;
}

int
loop_fd_want(struct loop_fd *lf, unsigned want)
{
    if (lf->lp == NULL) {
        errno = EINVAL;
        return -1;
    }
    want |= lf->want & WANT_FIRST;
    if (want != lf->want &&
        control(lf->lp, EPOLL_CTL_MOD, lf, lf->fd, want) < 0)
        return -1;
    lf->want = want;
    return 0;
}

static bool
is_first(const struct loop_fd *lf)
{
    return (lf->want & WANT_FIRST) != 0;
}

void
loop_fd_first(struct loop_fd *lf, bool on)
{
    if (lf->lp == NULL || on == is_first(lf))
        return;
    lf->want ^= WANT_FIRST;
    lf->lp->first_count += on ? 1 : -1;
}

void
loop_fd_del(struct loop_fd *lf)
{
    struct loop *lp = lf->lp;
    int saved = errno;

    if (lp == NULL)
        return;
    control(lp, EPOLL_CTL_DEL, lf, lf->fd, 0);
    errno = saved; /* of interest to nobody: the caller closed it first */
    lf->ready = 0;
    loop_fd_first(lf, false);
    lf->lp = NULL;
    list_del(&lf->node);
    lp->fd_count--;
}

size_t
loop_fd_count(const struct loop *lp)
{
    return lp->fd_count;
}

void
loop_hook_add(struct loop *lp, struct loop_hook *lh, loop_hook_cb cb)
{
    loop_hook_del(lh);
    lh->lp = lp;
    lh->cb = cb;
    list_append(&lp->hooks, &lh->node);
}

void
loop_hook_del(struct loop_hook *lh)
{
    list_del(&lh->node);
    lh->lp = NULL;
}

void
loop_hold(struct loop *lp)
{
    lp->holds++;
}

void
loop_release(struct loop *lp)
{
    if (lp->holds > 0)
        lp->holds--;
}

static unsigned
ready_bits(uint32_t events)
{
    unsigned ready = 0;

    if (events & EPOLLIN)
        ready |= LOOP_READ;
    if (events & EPOLLOUT)
        ready |= LOOP_WRITE;
    if (events & EPOLLHUP)
        ready |= LOOP_HUP | LOOP_READ; /* reading sees the end */
    if (events & EPOLLERR)
        ready |= LOOP_HUP | LOOP_READ | LOOP_WRITE; /* both see the error */
    return ready;
}

/* What an earlier turn has left keeps its place, if it is still ready. */
static void
forget_ready(struct list_node *head)
{
    struct list_node *it;

    list_foreach (it, head)
        list_entry(it, struct loop_fd, node)->ready = READY_NO_MORE;
}

static void
queue_fd(struct loop *lp, struct loop_fd *lf, unsigned ready)
{
    bool queued = lf->ready != 0;

    lf->ready = ready;
    if (queued)
        return;
    list_del(&lf->node);
    list_append(is_first(lf) ? &lp->first_fds : &lp->ready_fds, &lf->node);
}

/* Waits and moves what is ready to where it waits for its turn. Room for every
 * descriptor: all that are ready get their turn, however busy some are. -1 with
 * errno. */
static int
poll_fds(struct loop *lp, int timeout_ms)
{
    size_t room = lp->fd_count < 16 ? 16 : lp->fd_count;
    int i, n;

    if (room > lp->events_cap) {
        lp->events_cap = room * 2 > INT_MAX ? INT_MAX : room * 2;
        lp->events = xrealloc(lp->events, lp->events_cap, sizeof *lp->events);
    }
    n = epoll_wait(lp->epfd, lp->events, (int)lp->events_cap, timeout_ms);
    if (n < 0)
        return errno == EINTR ? 0 : -1;
    forget_ready(&lp->first_fds);
    forget_ready(&lp->ready_fds);
    for (i = 0; i < n; i++)
        queue_fd(lp, lp->events[i].data.ptr, ready_bits(lp->events[i].events));
    return 0;
}

/* The next of a list that has one. */
static void
serve_fd(struct loop *lp, struct list_node *head)
{
    struct loop_fd *lf = container_of(head->next, struct loop_fd, node);
    /* an earlier callback of this turn may have changed want */
    unsigned ready = lf->ready & (lf->want | LOOP_HUP);

    lf->ready = 0;
    list_del(&lf->node);
    list_append(&lp->fds, &lf->node);
    if (ready == 0)
        return;
    if (lf != &lp->signal_lf) /* counts the handlers behind it */
        lp->called++;
    lf->cb(lf, ready); /* may free its owner */
}

/* Those that come first, then others until their time is over, which it never
 * is where none comes first, or the clock is virtual and stands meanwhile. One
 * that comes first and is never done must not hold the others up: they get as
 * long as it took, and are not left aside for it. */
static void
dispatch_fds(struct loop *lp)
{
    bool all = lp->first_count == 0 || lp->clock == LOOP_CLOCK_VIRTUAL;
    bool any = false;
    uint64_t began = loop_now_ns(lp), took, slice;

    while (!list_empty(&lp->first_fds)) {
        serve_fd(lp, &lp->first_fds);
        any = true;
    }
    took = loop_now_ns(lp) - began;
    began += took;
    if (any && !all && took < SLICE_NS && began - lp->sliced_ns < ASIDE_NS)
        return;
    slice = took > SLICE_NS ? took : SLICE_NS;
    while (!list_empty(&lp->ready_fds) &&
           (all || loop_now_ns(lp) - began < slice))
        serve_fd(lp, &lp->ready_fds);
    lp->sliced_ns = loop_now_ns(lp);
}

static void
run_hooks(struct loop *lp)
{
    struct list_node *it, *tmp;

    if (lp->in_hooks)
        return;
    lp->in_hooks = true;
    list_foreach_safe (it, tmp, &lp->hooks) {
        list_del(it);
        list_append(&lp->ready_hooks, it);
    }
    while (!list_empty(&lp->ready_hooks)) {
        struct loop_hook *lh =
            container_of(lp->ready_hooks.next, struct loop_hook, node);

        list_del(&lh->node);
        list_append(&lp->hooks, &lh->node);
        lp->called++;
        lh->cb(lh);
    }
    lp->in_hooks = false;
}

static bool
any_ready(const struct loop *lp)
{
    return !list_empty(&lp->first_fds) || !list_empty(&lp->ready_fds);
}

/* Milliseconds until due, rounded up so that the timer is due then; at most
 * limit_ms (-1: no limit). */
static int
wait_ms(const struct loop *lp, int limit_ms)
{
    uint64_t due, now = loop_now_ns(lp), ms;

    if (any_ready(lp)) /* left by an earlier turn, or the one around it */
        return 0;
    if (!loop_timers_next(lp, &due))
        return limit_ms;
    ms = due <= now ? 0 : (due - now - 1) / LOOP_NS_PER_MS + 1;
    if (limit_ms >= 0 && ms > (uint64_t)limit_ms)
        return limit_ms;
    return ms > INT_MAX ? INT_MAX : (int)ms;
}

/* How long this turn really waits for descriptors. */
static int
poll_timeout(const struct loop *lp, int max_wait_ms)
{
    uint64_t due;

    if (lp->clock == LOOP_CLOCK_REAL)
        return wait_ms(lp, max_wait_ms);
    if (lp->holds == 0 || any_ready(lp))
        return 0;
    if (loop_timers_next(lp, &due) && due <= lp->virtual_ns)
        return 0;
    if (max_wait_ms >= 0 && max_wait_ms < HOLD_SLICE_MS)
        return max_wait_ms;
    return HOLD_SLICE_MS;
}

/* Nothing is ready: virtual time passes until the next timer. */
static void
jump(struct loop *lp, int max_wait_ms)
{
    uint64_t due, limit = UINT64_MAX;

    if (max_wait_ms >= 0)
        limit = loop_add_ms(lp->virtual_ns, (uint64_t)max_wait_ms);
    if (!loop_timers_next(lp, &due)) {
        if (max_wait_ms < 0)
            return;
        due = limit;
    }
    if (due > limit)
        due = limit;
    if (due > lp->virtual_ns)
        lp->virtual_ns = due;
}

void
loop_skip(struct loop *lp)
{
    if (lp->clock == LOOP_CLOCK_VIRTUAL)
        jump(lp, -1);
}

/* Waits for descriptors, and notes that the process was stopped meanwhile. */
static int
wait_fds(struct loop *lp, int timeout_ms)
{
    uint64_t before = loop_now_ns(lp), limit;
    int r = poll_fds(lp, timeout_ms);

    limit = loop_add_ms(before, (uint64_t)timeout_ms + STOOD_MS);
    if (timeout_ms >= 0 && loop_now_ns(lp) > limit)
        lp->stood_ns = loop_now_ns(lp);
    return r;
}

void
loop_spend(struct loop *lp, uint64_t ns)
{
    lp->spent_ns += ns;
}

uint64_t
loop_spent_ns(const struct loop *lp)
{
    return lp->spent_ns;
}

bool
loop_stood_still(const struct loop *lp, unsigned ms)
{
    return lp->stood_ns != 0 &&
           loop_now_ns(lp) - lp->stood_ns < ms * LOOP_NS_PER_MS;
}

int
loop_turn(struct loop *lp, int max_wait_ms)
{
    uint64_t gen_limit = lp->next_gen;
    int called, outer = lp->called;

    if (wait_fds(lp, poll_timeout(lp, max_wait_ms)) < 0)
        return -1;
    lp->called = 0;
    lp->spent_ns = 0;
    if (lp->clock == LOOP_CLOCK_VIRTUAL && lp->holds == 0 && !any_ready(lp))
        jump(lp, max_wait_ms);
    dispatch_fds(lp);
    loop_timers_run(lp, gen_limit);
    if (lp->called > 0)
        run_hooks(lp);
    called = lp->called;
    lp->called = outer + called;
    return called;
}

/* A turn for those who have nothing else to do: on a virtual clock that stands
 * still for want of timers only a descriptor can bring news. */
static int
turn_or_rest(struct loop *lp)
{
    struct epoll_event ev;
    uint64_t due;
    int r = loop_turn(lp, -1);

    if (r == 0 && lp->clock == LOOP_CLOCK_VIRTUAL && lp->holds == 0 &&
        !loop_timers_next(lp, &due) && !lp->stop)
        epoll_wait(lp->epfd, &ev, 1, HOLD_SLICE_MS); /* told next turn */
    return r;
}

void
loop_run(struct loop *lp)
{
    while (!lp->stop && turn_or_rest(lp) >= 0)
        ;
    lp->stop = false;
}

void
loop_stop(struct loop *lp)
{
    lp->stop = true;
}

struct limit {
    struct loop_timer timer;
    bool passed;
};

static void
limit_passed(struct loop_timer *lt)
{
    container_of(lt, struct limit, timer)->passed = true;
}

bool
loop_until(struct loop *lp, bool (*done)(void *), void *arg, uint64_t limit_ms)
{
    struct limit l = { 0 };
    uint64_t now = loop_now_ns(lp);
    bool ok;

    /* as a timer, so that an idle virtual clock jumps to it; a limit beyond
     * all time must not take the clock there */
    if (loop_add_ms(now, limit_ms) != UINT64_MAX)
        loop_timer_arm(lp, &l.timer, limit_ms, limit_passed);
    while (!(ok = done(arg)) && !l.passed)
        if (turn_or_rest(lp) < 0)
            break;
    loop_timer_del(&l.timer);
    return ok;
}
