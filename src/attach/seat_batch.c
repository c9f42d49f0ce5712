/*
 * seat_batch.c - a session that runs lines of verbs: what they print goes to
 * the client, which writes it where its caller wants it, so that no pipe or
 * file of his can make the engine wait.
 */
#include <errno.h>

#include "src/attach/server_int.h"

static void
batch_put(struct session *ses, enum session_to to, const char *bytes, size_t n)
{
    struct seat *s = container_of(ses, struct seat, ses);

    conn_send_bytes(&s->conn, to == SESSION_OUT ? WIRE_OUT : WIRE_ERR, bytes,
                    n);
}

static size_t
batch_queued(const struct session *ses)
{
    return container_of((struct session *)(uintptr_t)ses, struct seat, ses)
        ->conn.queued;
}

static const struct session_output output = { .put = batch_put,
                                              .queued = batch_queued };

static void
batch_done(struct batch *b, int status, void *arg)
{
    struct seat *s = arg;
    struct json_object *msg = msg_new("exit");

    msg_add_int(msg, "status", status);
    conn_send(&s->conn, msg);
    batch_detach(b);
    s->batch = NULL;
    seat_linger(s);
}

/* For a verb that has them for itself. */
static void
take_stdio(struct seat *s, struct wire_packet *p)
{
    if (!s->hello.stdio || p->n_fds < 2)
        return;
    s->in_fd = p->fds[0];
    s->out_fd = p->fds[1];
    p->fds[0] = p->fds[1] = -1;
    s->ses.has_stdio = true;
    s->ses.stdio[0] = s->in_fd;
    s->ses.stdio[1] = s->out_fd;
}

void
seat_batch_start(struct seat *s, struct wire_packet *p)
{
    s->state = SEAT_BATCH;
    take_stdio(s, p);
    s->ses.output = &output;
    s->batch =
        batch_start(&s->ses, s->hello.lines, s->hello.n_lines, batch_done, s);
}

bool
seat_batch_message(struct seat *s, struct json_object *msg)
{
    if (msg_is(msg, "unread"))
        session_output_lost(&s->ses,
                            (int)msg_int(msg, "errno", 0, 4095, EPIPE));
    else if (!msg_is(msg, "stop"))
        return false;
    else if (s->batch != NULL)
        batch_cancel(s->batch);
    return true;
}
