/*
 * tls_pump.c - see tls_pump.h.
 */
#include "engine/tls/tls_pump.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "src/base/sys/clock.h"
#include "src/base/xalloc.h"

#define PUMP_BYTES (128U * 1024)
#define TURN_MAX   64
/* Nobody at this end waits any more: what it has said is still sent, and the
 * other end is given time to take it. */
#define LINGER_MS 30000

/* Bytes on their way: from at to end. */
struct pump_buf {
    char bytes[PUMP_BYTES];
    size_t at, end;
};

struct pump {
    struct tls_session *t;
    int fd;
    struct pump_buf out, in; /* to the other host, and from it */
    bool fd_ended;           /* the engine says no more */
    bool fd_gone;            /* nor does it hear */
    bool said_end;           /* the other host knows that */
    bool heard_end;          /* it says no more */
    bool passed_end;         /* the engine knows that */
    bool retry;              /* what was being sent has to be sent again */
    int64_t until_ms;        /* limit once the engine is gone; 0: none */
};

static bool
is_again(ssize_t rc)
{
    return rc == GNUTLS_E_AGAIN || rc == GNUTLS_E_INTERRUPTED;
}

static int
tls_pump_lost(ssize_t rc, struct err *e)
{
    if (rc == GNUTLS_E_PREMATURE_TERMINATION || rc == GNUTLS_E_PULL_ERROR ||
        rc == GNUTLS_E_PUSH_ERROR)
        return err_set(e, ERR_LOST, "the connection was lost");
    return err_set(e, ERR_LOST, "the connection is broken: %s",
                   tls_lib.strerror((int)rc));
}

/* --- each way, as far as it goes at once: 1: something went, 0: nothing --- */

static int
read_engine(struct pump *p)
{
    struct pump_buf *b = &p->out;
    ssize_t n;

    if (p->fd_ended || b->end > 0)
        return 0;
    n = read(p->fd, b->bytes, sizeof(b->bytes));
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return 0;
    if (n > 0)
        b->end = (size_t)n;
    else
        p->fd_ended = true;
    return 1;
}

static int
send_host(struct pump *p, struct err *e)
{
    struct pump_buf *b = &p->out;
    ssize_t n;

    if (b->end == 0)
        return 0;
    n = tls_lib.record_send(p->t->s, b->bytes + b->at, b->end - b->at);
    p->retry = is_again(n);
    if (p->retry)
        return 0;
    if (n < 0)
        return tls_pump_lost(n, e);
    b->at += (size_t)n;
    if (b->at == b->end)
        b->at = b->end = 0;
    return 1;
}

static int
send_end(struct pump *p, struct err *e)
{
    int rc;

    if (!p->fd_ended || p->said_end || p->out.end > 0)
        return 0;
    rc = tls_lib.bye(p->t->s, GNUTLS_SHUT_WR);
    p->retry = is_again(rc);
    if (p->retry)
        return 0;
    if (rc < 0)
        return tls_pump_lost(rc, e);
    p->said_end = true;
    return 1;
}

static int
read_host(struct pump *p, struct err *e)
{
    struct pump_buf *b = &p->in;
    ssize_t n;

    if (p->heard_end || b->end > 0)
        return 0;
    n = tls_lib.record_recv(p->t->s, b->bytes, sizeof(b->bytes));
    if (is_again(n))
        return 0;
    if (n < 0)
        return tls_pump_lost(n, e);
    if (n > 0)
        b->end = (size_t)n;
    else
        p->heard_end = true;
    return 1;
}

static int
write_engine(struct pump *p)
{
    struct pump_buf *b = &p->in;
    ssize_t n;

    if (b->end == 0)
        return 0;
    n = send(p->fd, b->bytes + b->at, b->end - b->at, MSG_NOSIGNAL);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return 0;
    if (n < 0) /* it hears no more: what comes is dropped */
        p->fd_gone = true;
    b->at += n > 0 ? (size_t)n : b->end - b->at;
    if (b->at == b->end)
        b->at = b->end = 0;
    return 1;
}

static int
pass_end(struct pump *p)
{
    if (!p->heard_end || p->passed_end || p->in.end > 0)
        return 0;
    (void)shutdown(p->fd, SHUT_WR);
    p->passed_end = true;
    return 1;
}

/* To the other host, and from it: how much of that went, -1: it is lost. */
static int
pump_both(struct pump *p, struct err *e)
{
    int sent = send_host(p, e), ended, got;

    if (sent < 0)
        return -1;
    ended = send_end(p, e);
    if (ended < 0)
        return -1;
    got = read_host(p, e);
    return got < 0 ? -1 : sent + ended + got;
}

/* What can be done now, up to a bound: then limits are looked at. */
static int
pump_turn(struct pump *p, struct err *e)
{
    int i, n = 1, rc;

    for (i = 0; i < TURN_MAX && n > 0; i++) {
        n = read_engine(p);
        rc = pump_both(p, e);
        if (rc < 0)
            return -1;
        n += rc + write_engine(p) + pass_end(p);
    }
    return 0;
}

/* --- waiting --- */

/* poll tells a hang-up whatever is asked for: a side whose hang-up would change
 * nothing now is left out. */
static void
pump_asks(const struct pump *p, struct pollfd pf[2])
{
    pf[0] = (struct pollfd){ .fd = p->t->fd };
    pf[1] = (struct pollfd){ .fd = p->fd };
    if (!p->heard_end && p->in.end == 0)
        pf[0].events |= POLLIN;
    if (p->retry)
        pf[0].events |= POLLOUT;
    if (!p->fd_ended && p->out.end == 0)
        pf[1].events |= POLLIN;
    if (p->in.end > 0)
        pf[1].events |= POLLOUT;
    if (pf[0].events == 0)
        pf[0].fd = -1;
    if (p->fd_gone || (pf[1].events == 0 && !p->fd_ended))
        pf[1].fd = -1;
}

static int
pump_wait(struct pump *p, struct err *e)
{
    int64_t now = clock_now_ms();
    struct pollfd pf[2];

    if (p->until_ms != 0 && now >= p->until_ms)
        return err_set(e, ERR_TIMEOUT, "the other host does not take the end");
    pump_asks(p, pf);
    if (poll(pf, 2, p->until_ms != 0 ? (int)(p->until_ms - now) : -1) < 0 &&
        errno != EINTR)
        return err_sys(e, errno, "connection");
    if (p->fd_ended && (pf[1].revents & (POLLHUP | POLLERR)) != 0)
        p->fd_gone = true;
    if (p->fd_gone && p->until_ms == 0)
        p->until_ms = now + LINGER_MS;
    return 0;
}

static bool
pump_is_over(const struct pump *p)
{
    return p->said_end && p->passed_end;
}

int
tls_pump(struct tls_session *t, int fd, struct err *e)
{
    struct pump *p = xcalloc(1, sizeof(*p));
    int rc;

    p->t = t;
    p->fd = fd;
    do
        rc = pump_turn(p, e);
    while (rc == 0 && !pump_is_over(p) && (rc = pump_wait(p, e)) == 0);
    free(p);
    return rc;
}
