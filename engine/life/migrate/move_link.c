/*
 * move_link.c - see move_link.h.
 */
#include "engine/life/migrate/move_link.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "engine/dom0/dom0.h"
#include "engine/life/migrate/move_tls.h"
#include "engine/tls/tls_place.h"

#define READ_BYTES  4096
#define LINE_MAX    1024 /* of a complaint: what is longer is cut */
#define COMPLAIN_MS 1000

void
move_link_init(struct move_link *l, struct task *t)
{
    *l = (struct move_link){
        .task = t, .in = -1, .out = -1, .program = { .fd = -1, .err_fd = -1 }
    };
}

static void
link_rest(struct move_link *l)
{
    loop_fd_del(&l->in_lf);
    loop_fd_del(&l->out_lf);
}

void
move_link_close(struct move_link *l)
{
    link_rest(l);
    loop_fd_del(&l->err_lf);
    if (l->in >= 0)
        close(l->in);
    if (l->out >= 0)
        close(l->out);
    l->in = l->out = -1;
    if (l->task != NULL)
        dom0_transport_close(engine_dom0(l->task->en), &l->program);
    buf_free(&l->got);
    buf_free(&l->put);
    buf_free(&l->line);
}

/* --- what the program complains of --- */

static void
link_take_line(struct move_link *l)
{
    if (l->line.len > 0)
        (void)text_safe(l->said, sizeof(l->said), l->line.data, l->line.len);
    buf_clear(&l->line);
}

static void
link_take_complaint(struct move_link *l, const char *p, size_t n)
{
    for (; n > 0; p++, n--)
        if (*p == '\n')
            link_take_line(l);
        else if (*p != '\r' && l->line.len < LINE_MAX)
            buf_chr(&l->line, *p);
}

static void
link_complains(struct loop_fd *lf, unsigned ready)
{
    struct move_link *l = container_of(lf, struct move_link, err_lf);
    char bytes[READ_BYTES];
    ssize_t n = read(lf->fd, bytes, sizeof(bytes));

    (void)ready;
    if (n > 0) {
        link_take_complaint(l, bytes, (size_t)n);
        return;
    }
    if (n < 0 && errno == EINTR)
        return;
    link_take_line(l);
    loop_fd_del(lf);
    task_wake(l->task);
}

/* All that is there now. */
static void
link_hear_out(struct move_link *l)
{
    struct pollfd pf = { .fd = l->program.err_fd, .events = POLLIN };

    while (l->err_lf.lp != NULL && poll(&pf, 1, 0) > 0)
        link_complains(&l->err_lf, LOOP_READ);
    link_take_line(l);
}

void
move_link_explain(struct move_link *l, struct err *e)
{
    struct err why = *e;

    link_hear_out(l);
    if (l->said[0] == '\0')
        return;
    err_set(e, why.code, "%s (%s)", why.msg, l->said);
}

/* --- opening --- */

static int
link_set(struct move_link *l, int in, int out, struct err *e)
{
    int flags = fcntl(in, F_GETFL);

    l->in = in;
    l->out = out;
    if (in < 0 || out < 0)
        return err_sys(e, errno, "connection to the other host");
    if (flags >= 0 && (flags & O_NONBLOCK) != 0)
        (void)fcntl(in, F_SETFL, flags & ~O_NONBLOCK);
    return 0;
}

int
move_link_open(struct move_link *l, const char *line, struct err *e)
{
    struct loop *lp = engine_loop(l->task->en);
    int fd;

    l->tls = tls_is_place(line);
    if ((l->tls ? move_tls_call(l->task->en, line, &l->program, e)
                : dom0_transport_open(engine_dom0(l->task->en), line,
                                      &l->program, e)) < 0)
        return -1;
    fd = l->program.fd;
    l->program.fd = -1;
    if (link_set(l, fd, fcntl(fd, F_DUPFD_CLOEXEC, 3), e) < 0)
        return -1;
    if (l->program.err_fd >= 0 && loop_fd_add(lp, &l->err_lf, l->program.err_fd,
                                              LOOP_READ, link_complains) < 0)
        return err_sys(e, errno, "connection to the other host");
    return 0;
}

int
move_link_take(struct move_link *l, int in, int out, struct err *e)
{
    return link_set(l, in, in == out ? fcntl(in, F_DUPFD_CLOEXEC, 3) : out, e);
}

/* --- writing --- */

/* Once: a descriptor that is ready takes some of it. */
static void
link_write(struct move_link *l)
{
    ssize_t n =
        send(l->out, l->put.data, l->put.len, MSG_DONTWAIT | MSG_NOSIGNAL);

    if (n < 0 && errno == ENOTSOCK) /* a pipe takes so much at once */
        n = write(l->out, l->put.data,
                  l->put.len < READ_BYTES ? l->put.len : READ_BYTES);
    if (n > 0)
        buf_consume(&l->put, (size_t)n);
    else if (n < 0 && errno != EAGAIN && errno != EINTR)
        l->errnum = errno;
}

static void
link_writable(struct loop_fd *lf, unsigned ready)
{
    struct move_link *l = container_of(lf, struct move_link, out_lf);

    if ((ready & LOOP_WRITE) != 0)
        link_write(l);
    else if (l->errnum == 0)
        l->errnum = EPIPE;
    if (l->put.len > 0 && l->errnum == 0)
        return;
    loop_fd_del(lf);
    task_wake(l->task);
}

void
move_link_put(struct move_link *l, const void *bytes, size_t n)
{
    buf_add(&l->put, bytes, n);
}

/* A program that ends says why, a moment later. */
static bool
link_may_complain(struct move_link *l)
{
    uint64_t now = loop_now_ms(engine_loop(l->task->en));

    if (l->err_lf.lp == NULL)
        return false;
    if (l->lost_ms == 0)
        l->lost_ms = now;
    if (now - l->lost_ms >= COMPLAIN_MS)
        return false;
    task_wake_in(l->task, COMPLAIN_MS);
    return true;
}

/* Which end of it failed. */
static enum step_rc
link_lost(struct move_link *l, int errnum, struct err *e)
{
    if (link_may_complain(l))
        return STEP_WAIT;
    if (errnum != 0 && errnum != EPIPE && errnum != ECONNRESET)
        err_sys(e, errnum, "connection to the other host");
    else
        err_set(e, ERR_LOST, "the other host has ended the connection");
    if (l->tls)
        link_hear_out(l);
    if (l->tls && l->said[0] != '\0')
        err_set(e, ERR_LOST, "%s", l->said);
    else
        move_link_explain(l, e);
    return STEP_FAIL;
}

enum step_rc
move_link_flush(struct move_link *l, struct err *e)
{
    if (l->errnum != 0)
        return link_lost(l, l->errnum, e);
    if (l->put.len == 0)
        return STEP_DONE;
    if (l->out_lf.lp == NULL &&
        loop_fd_add(engine_loop(l->task->en), &l->out_lf, l->out, LOOP_WRITE,
                    link_writable) < 0) {
        err_sys(e, errno, "connection to the other host");
        return STEP_FAIL;
    }
    return STEP_WAIT;
}

void
move_link_last(struct move_link *l)
{
    struct pollfd pf = { .fd = l->out, .events = POLLOUT };
    size_t before;

    loop_fd_del(&l->out_lf);
    while (l->put.len > 0 && l->errnum == 0) {
        before = l->put.len;
        if (poll(&pf, 1, 0) <= 0 || (pf.revents & POLLOUT) == 0)
            break;
        link_write(l);
        if (l->put.len == before)
            break;
    }
    buf_clear(&l->put);
}

/* --- reading --- */

static void
link_readable(struct loop_fd *lf, unsigned ready)
{
    struct move_link *l = container_of(lf, struct move_link, in_lf);
    size_t n = l->want - l->got.len;
    char bytes[READ_BYTES];
    ssize_t r = read(l->in, bytes, n < sizeof(bytes) ? n : sizeof(bytes));

    (void)ready;
    if (r > 0)
        buf_add(&l->got, bytes, (size_t)r);
    else if (r == 0)
        l->ended = true;
    else if (errno != EINTR && errno != EAGAIN)
        l->errnum = errno;
    if (l->got.len < l->want && !l->ended && l->errnum == 0)
        return;
    loop_fd_del(lf);
    task_wake(l->task);
}

static enum step_rc
link_listen(struct move_link *l, size_t n, struct err *e)
{
    l->want = n;
    if (l->in_lf.lp == NULL &&
        loop_fd_add(engine_loop(l->task->en), &l->in_lf, l->in, LOOP_READ,
                    link_readable) < 0) {
        err_sys(e, errno, "connection to the other host");
        return STEP_FAIL;
    }
    return STEP_WAIT;
}

enum step_rc
move_link_read(struct move_link *l, size_t n, struct err *e)
{
    if (l->got.len >= n)
        return STEP_DONE;
    if (l->ended || l->errnum != 0)
        return link_lost(l, l->errnum, e);
    return link_listen(l, n, e);
}

enum step_rc
move_link_read_end(struct move_link *l, size_t n, struct err *e)
{
    if (l->ended || l->got.len >= n)
        return STEP_DONE;
    if (l->errnum == ECONNRESET)
        return STEP_DONE;
    return l->errnum != 0 ? link_lost(l, l->errnum, e) : link_listen(l, n, e);
}

void
move_link_used(struct move_link *l)
{
    buf_clear(&l->got);
}
