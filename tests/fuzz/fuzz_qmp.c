/*
 * fuzz_qmp.c - a device model that says what it likes on its control socket.
 * The input's first byte says how far it is honest first: not at all, to the
 * greeting, or to the end of the negotiation. Each 0xff byte ends a write.
 * Commands end, once each, and what they tell is bounded.
 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "engine/dm/qmp.h"

#define GREETING "{\"QMP\": {\"version\": {}, \"capabilities\": []}}\r\n"
#define ACCEPTED "{\"return\": {}}\r\n"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

struct hostile {
    struct qmp q;
    int peer;
    struct qmp_cmd cmd[2];
    unsigned given, ended;
};

static int
hostile_connect(struct qmp *q, int *fd_out, bool *shared_out, struct err *e)
{
    struct hostile *h = container_of(q, struct hostile, q);
    int fds[2];

    if (h->peer >= 0) /* one connection an input */
        return err_set(e, ERR_LOST, "gone");
    assert(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0,
                      fds) == 0);
    *fd_out = fds[0];
    h->peer = fds[1];
    *shared_out = false;
    return 0;
}

static void
hostile_event(struct qmp *q, const char *name, struct json_object *data)
{
    (void)q;
    assert(strlen(name) <= QMP_LINE_MAX);
    assert(data == NULL || json_object_is_type(data, json_type_object));
}

static void
hostile_done(struct qmp_cmd *c, struct json_object *ret, const struct err *e)
{
    struct hostile *h =
        container_of(c - (c->name[0] == 'b'), struct hostile, cmd[0]);

    h->ended++;
    assert(ret != NULL || e->msg[0] != '\0');
    assert(strlen(e->msg) < ERR_MSG_MAX);
    if (ret != NULL)
        (void)json_object_to_json_string(ret);
}

static bool
hostile_never(void *arg)
{
    (void)arg;
    return false;
}

static void
hostile_pass(struct hostile *h, unsigned ms)
{
    (void)loop_until(h->q.lp, hostile_never, NULL, ms);
}

static void
hostile_says(struct hostile *h, const void *text, size_t n)
{
    if (h->peer >= 0)
        (void)send(h->peer, text, n, MSG_NOSIGNAL);
    hostile_pass(h, 1);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static const struct qmp_ops ops = { .connect = hostile_connect,
                                        .event = hostile_event };
    struct hostile h = { .peer = -1 };
    struct loop *lp = loop_new(LOOP_CLOCK_VIRTUAL);
    const uint8_t *end;
    size_t part;

    qmp_init(&h.q, lp, &ops);
    qmp_send(&h.q, &h.cmd[0], "a", NULL, 1000, hostile_done);
    qmp_send(&h.q, &h.cmd[1], "b", NULL, 2000, hostile_done);
    hostile_pass(&h, 1);
    if (n > 0 && data[0] % 4 >= 1)
        hostile_says(&h, GREETING, strlen(GREETING));
    if (n > 0 && data[0] % 4 >= 2)
        hostile_says(&h, ACCEPTED, strlen(ACCEPTED));
    for (data++, n = n > 0 ? n - 1 : 0; n > 0; data += part, n -= part) {
        end = memchr(data, 0xff, n);
        part = end != NULL ? (size_t)(end - data) : n;
        hostile_says(&h, data, part);
        if (end != NULL)
            part++;
    }
    hostile_pass(&h, 3000);
    assert(h.ended == 2 && !qmp_busy(&h.q));
    qmp_fini(&h.q);
    if (h.peer >= 0)
        close(h.peer);
    loop_free(lp);
    return 0;
}
