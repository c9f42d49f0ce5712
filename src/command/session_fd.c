/*
 * session_fd.c - see session_fd.h. O_NONBLOCK would be seen by all who share
 * the descriptor, a shell among them: in its place no more is written at once
 * than a descriptor that polls as writable takes.
 */
#include "src/command/session_fd.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <unistd.h>

#define CHUNK ((size_t)PIPE_BUF)

static bool
can_write(int fd)
{
    struct pollfd p = { .fd = fd, .events = POLLOUT };

    return poll(&p, 1, 0) > 0;
}

static void
pump_lost(struct session_pump *p, int errnum)
{
    p->lost = true;
    loop_fd_del(&p->lf);
    buf_clear(&p->queue);
    p->sent = 0;
    if (p == &container_of(p->ses, struct session_fd, ses)->pumps[SESSION_OUT])
        session_output_lost(p->ses, errnum);
    else
        session_drained(p->ses); /* nothing is owed to anybody any more */
}

/* Writes what goes without waiting. -1: it is lost. */
static int
pump_write(struct session_pump *p)
{
    while (p->sent < p->queue.len) {
        size_t n = p->queue.len - p->sent;
        ssize_t got;

        if (p->polled && !can_write(p->fd))
            return 0;
        got = write(p->fd, p->queue.data + p->sent,
                    p->polled && n > CHUNK ? CHUNK : n);
        if (got > 0)
            p->sent += (size_t)got;
        else if (got < 0 && (errno == EAGAIN || errno == EINTR))
            return 0;
        else if (got < 0)
            return -1;
    }
    buf_clear(&p->queue);
    p->sent = 0;
    return 0;
}

static void
pump_ready(struct loop_fd *lf, unsigned ready)
{
    struct session_pump *p = container_of(lf, struct session_pump, lf);

    if ((ready & LOOP_HUP) != 0 || pump_write(p) < 0) {
        pump_lost(p, (ready & LOOP_HUP) != 0 ? EPIPE : errno);
        return;
    }
    if (p->queue.len > 0)
        return;
    loop_fd_want(lf, 0); /* a hang-up is told all the same */
    session_drained(p->ses);
}

static void
pump_put(struct session *s, enum session_to to, const char *bytes, size_t n)
{
    struct session_pump *p =
        &container_of(s, struct session_fd, ses)->pumps[to];

    if (p->lost)
        return;
    buf_add(&p->queue, bytes, n);
    if (pump_write(p) < 0)
        pump_lost(p, errno);
    else if (p->queue.len > 0 && p->polled)
        loop_fd_want(&p->lf, LOOP_WRITE);
}

static size_t
pump_queued(const struct session *s)
{
    const struct session_fd *sf = container_of(s, const struct session_fd, ses);
    size_t i, n = 0;

    for (i = 0; i < 2; i++)
        n += sf->pumps[i].queue.len - sf->pumps[i].sent;
    return n;
}

void
session_fd_open(struct session_fd *sf, int out_fd, int err_fd)
{
    static const struct session_output output = { .put = pump_put,
                                                  .queued = pump_queued };
    size_t i;

    sf->ses.output = &output;
    for (i = 0; i < 2; i++) {
        struct session_pump *p = &sf->pumps[i];

        p->ses = &sf->ses;
        p->fd = i == SESSION_OUT ? out_fd : err_fd;
        /* A regular file is refused, and takes all at once. */
        p->polled = loop_fd_add(sf->ses.lp, &p->lf, p->fd, 0, pump_ready) == 0;
    }
}

void
session_fd_close(struct session_fd *sf)
{
    size_t i;

    for (i = 0; i < 2; i++) {
        loop_fd_del(&sf->pumps[i].lf);
        buf_free(&sf->pumps[i].queue);
    }
    sf->ses.output = NULL;
}
