/*
 * qmp.c - see qmp.h. One command is under way at a time. Its answer is told by
 * its id; an answer that nobody waits for any more is dropped.
 */
#include "engine/dm/qmp.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "engine/dm/qmp_int.h"

#define RETRY_MS  100
#define WINDOW_MS 1000
#define READ_MAX  (64U << 10) /* in one turn */

static void qmp_push(struct qmp *q);
static void qmp_ready(struct loop_fd *lf, unsigned ready);

static struct qmp_cmd *
qmp_first(const struct qmp *q)
{
    return list_empty(&q->cmds)
               ? NULL
               : list_entry(q->cmds.next, struct qmp_cmd, node);
}

/* What may hold a password does not stay in freed memory. */
static void
qmp_wipe(struct buf *b)
{
    if (b->data != NULL)
        explicit_bzero(b->data, b->cap);
    buf_free(b);
}

static void
qmp_disconnect(struct qmp *q)
{
    if (q->state == QMP_CLOSED)
        return;
    loop_fd_del(&q->lf);
    loop_timer_del(&q->window);
    close(q->fd);
    if (q->out_fd >= 0)
        close(q->out_fd);
    q->fd = q->out_fd = -1;
    q->state = QMP_CLOSED;
    buf_free(&q->in);
    qmp_wipe(&q->out);
}

/* --- the end of a command --- */

void
qmp_cancel(struct qmp_cmd *c)
{
    struct qmp *q = c->q;

    if (q == NULL)
        return;
    loop_timer_del(&c->limit);
    list_del(&c->node);
    if (c->fd >= 0)
        close(c->fd);
    c->fd = -1;
    qmp_wipe(&c->text);
    c->q = NULL;
    if (list_empty(&q->cmds) && (q->shared || q->state != QMP_READY))
        qmp_disconnect(q); /* the next client may have it */
}

static void
qmp_end(struct qmp_cmd *c, struct json_object *ret, const struct err *e)
{
    struct err named = { 0 };

    if (ret == NULL) {
        named = *e;
        err_wrap(&named, "device model: %s", c->name);
    }
    qmp_cancel(c);
    c->done(c, ret, &named);
}

/* Each of those that wait now: one that a callback gives is another try. */
static void
qmp_lose(struct qmp *q, const struct err *e)
{
    struct list_node old, *it;

    qmp_disconnect(q);
    loop_timer_del(&q->retry);
    list_init(&old);
    while (!list_empty(&q->cmds)) {
        it = q->cmds.next;
        list_del(it);
        list_append(&old, it);
    }
    while (!list_empty(&old))
        qmp_end(list_entry(old.next, struct qmp_cmd, node), NULL, e);
}

/* --- messages --- */

static void
qmp_answer(struct qmp *q, const struct qmp_msg *m)
{
    struct qmp_cmd *c = qmp_first(q);

    /* a refusal without id: the model could not even read the command */
    if (c == NULL || !c->sent ||
        (m->has_id ? m->id != c->id : m->kind == QMP_MSG_RETURN))
        return;
    qmp_end(c, m->kind == QMP_MSG_RETURN ? m->body : NULL, &m->error);
}

static void
qmp_negotiate(struct qmp *q, const struct qmp_msg *m, struct err *e)
{
    if (q->state == QMP_GREETING && m->kind == QMP_MSG_GREETING) {
        q->state = QMP_NEGOTIATING;
        buf_str(&q->out, "{\"execute\":\"qmp_capabilities\"}\r\n");
    } else if (q->state == QMP_NEGOTIATING && m->kind == QMP_MSG_RETURN) {
        q->state = QMP_READY;
    } else if (m->kind != QMP_MSG_EVENT) {
        err_set(e, ERR_LOST, "its control socket gives no greeting of QMP");
    }
}

static void
qmp_message(struct qmp *q, const char *line, size_t n, struct err *e)
{
    struct qmp_msg m;

    if (qmp_msg_read(&m, line, n, e) < 0)
        return;
    if (q->state != QMP_READY)
        qmp_negotiate(q, &m, e);
    else if (m.kind == QMP_MSG_RETURN || m.kind == QMP_MSG_ERROR)
        qmp_answer(q, &m);
    else if (m.kind == QMP_MSG_EVENT && q->ops->event != NULL)
        q->ops->event(q, m.event, m.body);
    qmp_msg_fini(&m);
}

/* --- reading --- */

static bool
qmp_over_rate(const struct qmp *q)
{
    return q->window_bytes >= QMP_RATE_BYTES ||
           q->window_messages >= QMP_RATE_MESSAGES;
}

/* The complete lines of what has come, as far as the rate lets them. */
static void
qmp_lines(struct qmp *q, struct err *e)
{
    size_t n;
    char *line, *end;

    while (e->code == ERR_NONE && q->in.len > 0 && !qmp_over_rate(q)) {
        end = memchr(q->in.data, '\n', q->in.len);
        if (end == NULL) {
            if (q->in.len > QMP_LINE_MAX)
                err_set(e, ERR_LOST, "it sent more than %u bytes in one line",
                        QMP_LINE_MAX);
            return;
        }
        n = (size_t)(end - q->in.data);
        line = strndup(q->in.data, n);
        buf_consume(&q->in, n + 1);
        q->window_messages++;
        /* A NUL cuts the copy short: then it is no message. */
        qmp_message(q, line, line != NULL && strlen(line) == n ? n : 0, e);
        free(line);
    }
}

static void
qmp_closed(int errnum, struct err *e)
{
    if (errnum == ECONNRESET || errnum == EPIPE)
        err_set(e, ERR_LOST, "it closed its control socket");
    else
        err_set(e, ERR_LOST, "its control socket: %s", strerror(errnum));
}

static bool
qmp_fill(struct qmp *q, struct err *e)
{
    char bytes[READ_MAX];
    ssize_t n;

    do
        n = recv(q->fd, bytes, sizeof(bytes), MSG_CMSG_CLOEXEC);
    while (n < 0 && errno == EINTR);
    if (n > 0) {
        buf_add(&q->in, bytes, (size_t)n);
        q->window_bytes += (size_t)n;
        return true;
    }
    if (n == 0 || errno != EAGAIN)
        qmp_closed(n == 0 ? ECONNRESET : errno, e);
    return false;
}

static void
qmp_take(struct qmp *q)
{
    struct err e = { 0 };

    qmp_lines(q, &e);
    if (e.code != ERR_NONE)
        qmp_lose(q, &e);
    else
        qmp_push(q);
}

static void
qmp_window_over(struct loop_timer *lt)
{
    struct qmp *q = container_of(lt, struct qmp, window);

    q->window_bytes = q->window_messages = 0;
    qmp_take(q);
}

static void
qmp_ready(struct loop_fd *lf, unsigned ready)
{
    struct qmp *q = container_of(lf, struct qmp, lf);
    struct err e = { 0 };

    if (!loop_timer_active(&q->window)) {
        q->window_bytes = q->window_messages = 0;
        loop_timer_arm(q->lp, &q->window, WINDOW_MS, qmp_window_over);
    }
    if ((ready & (LOOP_READ | LOOP_HUP)) && !qmp_over_rate(q) &&
        !qmp_fill(q, &e) && e.code != ERR_NONE) {
        qmp_lose(q, &e);
        return;
    }
    qmp_take(q);
}

/* --- writing --- */

static ssize_t
qmp_write(struct qmp *q)
{
    char ctl[CMSG_SPACE(sizeof(int))] = { 0 };
    struct iovec iov = { q->out.data, q->out.len };
    struct msghdr mh = { .msg_iov = &iov, .msg_iovlen = 1 };
    struct cmsghdr *cm;
    ssize_t n;

    if (q->out_fd >= 0) {
        mh.msg_control = ctl;
        mh.msg_controllen = sizeof(ctl);
        cm = CMSG_FIRSTHDR(&mh);
        cm->cmsg_level = SOL_SOCKET;
        cm->cmsg_type = SCM_RIGHTS;
        cm->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(cm), &q->out_fd, sizeof(int));
    }
    do
        n = sendmsg(q->fd, &mh, MSG_NOSIGNAL);
    while (n < 0 && errno == EINTR);
    return n;
}

static void
qmp_flush(struct qmp *q, struct err *e)
{
    ssize_t n;

    while (q->out.len > 0) {
        n = qmp_write(q);
        if (n < 0) {
            if (errno != EAGAIN)
                qmp_closed(errno, e);
            return;
        }
        if (q->out_fd >= 0)
            close(q->out_fd);
        q->out_fd = -1;
        buf_consume(&q->out, (size_t)n);
    }
    qmp_wipe(&q->out);
}

/* The next command goes once the one before it is over and written. */
static void
qmp_next(struct qmp *q)
{
    struct qmp_cmd *c = qmp_first(q);

    if (q->state != QMP_READY || c == NULL || c->sent || q->out.len > 0)
        return;
    buf_add(&q->out, c->text.data, c->text.len);
    qmp_wipe(&c->text);
    q->out_fd = c->fd;
    c->fd = -1;
    c->sent = true;
}

static void
qmp_push(struct qmp *q)
{
    struct err e = { 0 };
    unsigned want = 0;

    if (q->state == QMP_CLOSED)
        return;
    qmp_next(q);
    qmp_flush(q, &e);
    if (e.code != ERR_NONE) {
        qmp_lose(q, &e);
        return;
    }
    if (!qmp_over_rate(q))
        want |= LOOP_READ;
    if (q->out.len > 0)
        want |= LOOP_WRITE;
    /* one that wants nothing would still be called for a hang-up */
    if (want == 0)
        loop_fd_del(&q->lf);
    else
        (void)loop_fd_add(q->lp, &q->lf, q->fd, want, qmp_ready);
}

/* --- connecting --- */

static int
qmp_connect(struct qmp *q, struct err *e)
{
    int fd;

    if (q->ops->connect(q, &fd, &q->shared, e) < 0)
        return -1;
    if (loop_fd_add(q->lp, &q->lf, fd, LOOP_READ, qmp_ready) < 0) {
        err_sys(e, errno, "its control socket");
        close(fd);
        return -1;
    }
    q->fd = fd;
    q->out_fd = -1;
    q->state = QMP_GREETING;
    return 0;
}

/* Also the first try: from the loop, so that done is not called in qmp_send. */
static void
qmp_try(struct loop_timer *lt)
{
    struct qmp *q = container_of(lt, struct qmp, retry);
    struct err e = { 0 };

    if (list_empty(&q->cmds))
        return;
    if (q->state != QMP_CLOSED)
        qmp_push(q);
    else if (qmp_connect(q, &e) == 0)
        return;
    else if (e.code == ERR_AGAIN)
        loop_timer_arm(q->lp, &q->retry, RETRY_MS, qmp_try);
    else
        qmp_lose(q, &e);
}

/* --- giving commands --- */

static void
qmp_late(struct loop_timer *lt)
{
    struct qmp_cmd *c = container_of(lt, struct qmp_cmd, limit);
    struct qmp *q = c->q;
    struct err e = { 0 };

    err_set(&e, ERR_TIMEOUT,
            q->state == QMP_READY ? "it does not answer"
                                  : "it does not answer on its control socket");
    qmp_end(c, NULL, &e);
    qmp_push(q);
}

void
qmp_send(struct qmp *q, struct qmp_cmd *c, const char *name,
         struct json_object *args, unsigned limit_ms, qmp_done_cb done)
{
    *c = (struct qmp_cmd){ .q = q, .done = done, .fd = -1 };
    c->id = ++q->last_id;
    text_fmt(c->name, sizeof(c->name), "%s", name);
    qmp_msg_write(&c->text, name, c->id, args);
    list_append(&q->cmds, &c->node);
    loop_timer_arm(q->lp, &c->limit, limit_ms, qmp_late);
    if (!loop_timer_active(&q->retry))
        loop_timer_arm(q->lp, &q->retry, 0, qmp_try);
}

void
qmp_add_fd(struct qmp_cmd *c, int fd)
{
    c->fd = fd;
}

bool
qmp_busy(const struct qmp *q)
{
    return !list_empty(&q->cmds);
}

void
qmp_init(struct qmp *q, struct loop *lp, const struct qmp_ops *ops)
{
    *q = (struct qmp){ .ops = ops, .lp = lp, .fd = -1, .out_fd = -1 };
    list_init(&q->cmds);
}

void
qmp_fini(struct qmp *q)
{
    struct err e = { 0 };

    if (q->lp == NULL)
        return;
    err_set(&e, ERR_LOST, "it has ended");
    qmp_lose(q, &e);
    q->lp = NULL;
}
