/*
 * xen_flow.c - see xen_flow.h.
 * Invariant: lock is held by the counting thread whenever it tells, so that
 * nothing is told after xen_flow_count_end.
 */
#include "engine/hv/xen/xen_flow.h"

#include <time.h>
#include <unistd.h>

#include "src/base/buf.h"
#include "src/base/sys/clock.h"
#include "src/base/sys/proc_io.h"

void
xen_flow_begin(struct xen_flow *f)
{
    f->from_ms = clock_now_ms();
    f->from = lseek(f->fd, 0, SEEK_CUR);
}

static void
flow_tell(const struct xen_flow *f, int percent, double bytes)
{
    int64_t ms = clock_now_ms() - f->from_ms;
    char text[64], rate[16];

    text_rate(rate, sizeof(rate),
              ms > 0 && bytes > 0 ? bytes * 1000 / (double)ms : -1);
    text_fmt(text, sizeof(text), "%s, %s/s", f->what, rate);
    f->progress(f->arg, percent, text);
}

/* What has passed so far; where no file says so, by the share of the memory. */
static double
flow_bytes(const struct xen_flow *f, int percent)
{
    off_t at = f->from >= 0 ? lseek(f->fd, 0, SEEK_CUR) : -1;

    return at > f->from ? (double)(at - f->from)
                        : (double)f->mem_kib * 1024 * percent / 100;
}

void
xen_flow_tell(void *arg, int percent, const char *what)
{
    const struct xen_flow *f = arg;

    (void)what;
    if (f->progress != NULL)
        flow_tell(f, percent, flow_bytes(f, percent));
}

/* --- what is read --- */

/* The pages of a running guest come more than once: the end is not known. */
static void
flow_count(struct xen_flow *f)
{
    uint64_t now = proc_io_read(f->io), bytes;
    double share;

    if (now <= f->read_last)
        return;
    f->read_last = now;
    bytes = now - f->read_from;
    share = f->mem_kib > 0 ? (double)bytes / 1024 / (double)f->mem_kib : 0;
    flow_tell(f, share < 0.99 ? (int)(share * 100) : 99, (double)bytes);
}

static struct timespec
flow_until(unsigned tick_ms)
{
    struct timespec ts;

    (void)clock_gettime(CLOCK_MONOTONIC, &ts);
    ts.tv_sec += tick_ms / 1000;
    ts.tv_nsec += (long)(tick_ms % 1000) * 1000000;
    if (ts.tv_nsec >= 1000000000) {
        ts.tv_sec++;
        ts.tv_nsec -= 1000000000;
    }
    return ts;
}

static void *
flow_counting(void *arg)
{
    struct xen_flow *f = arg;
    struct timespec until;

    (void)pthread_mutex_lock(&f->lock);
    while (!f->over) {
        until = flow_until(f->tick_ms);
        (void)pthread_cond_timedwait(&f->over_cond, &f->lock, &until);
        if (!f->over)
            flow_count(f);
    }
    (void)pthread_mutex_unlock(&f->lock);
    return NULL;
}

void
xen_flow_count(struct xen_flow *f, unsigned tick_ms)
{
    pthread_condattr_t at;

    if (f->progress == NULL)
        return;
    text_fmt(f->io, sizeof(f->io), "/proc/self/task/%ld/io", (long)gettid());
    f->read_from = f->read_last = proc_io_read(f->io);
    f->tick_ms = tick_ms;
    f->over = false;
    (void)pthread_condattr_init(&at);
    (void)pthread_condattr_setclock(&at, CLOCK_MONOTONIC);
    (void)pthread_mutex_init(&f->lock, NULL);
    (void)pthread_cond_init(&f->over_cond, &at);
    (void)pthread_condattr_destroy(&at);
    f->counting = pthread_create(&f->thread, NULL, flow_counting, f) == 0;
}

void
xen_flow_count_end(struct xen_flow *f)
{
    if (!f->counting)
        return;
    (void)pthread_mutex_lock(&f->lock);
    f->over = true;
    (void)pthread_cond_signal(&f->over_cond);
    (void)pthread_mutex_unlock(&f->lock);
    (void)pthread_join(f->thread, NULL);
    f->counting = false;
}
