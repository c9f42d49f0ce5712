/*
 * test_qmp.c - the client of device models' control sockets against a model
 * that the test plays: negotiation, answers by id, events, limits of time and
 * of what is taken.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>
#include <json-c/json.h>

#include "engine/dm/qmp.h"
#include "src/base/xalloc.h"

#define GREETING                                                               \
    "{\"QMP\": {\"version\": {\"qemu\": {\"micro\": 22, \"minor\": 2, "        \
    "\"major\": 7}, \"package\": \"\"}, \"capabilities\": [\"oob\"]}}\r\n"

struct played {
    struct loop *lp;
    struct qmp q;
    int peer; /* the model's end, -1: closed */
    bool shared;
    unsigned busy; /* connects that find no place */
    unsigned connects, events;
    char event[64];
    struct qmp_cmd a, b;
    unsigned answers;
    struct err e; /* of the last answer */
    char ret[256];
};

static struct played *
played_of(struct qmp *q)
{
    return container_of(q, struct played, q);
}

static int
played_connect(struct qmp *q, int *fd_out, bool *shared_out, struct err *e)
{
    struct played *p = played_of(q);
    int fds[2];

    p->connects++;
    if (p->busy > 0) {
        p->busy--;
        return err_sys(e, EAGAIN, "control socket");
    }
    assert_int_equal(
        socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds),
        0);
    if (p->peer >= 0)
        close(p->peer);
    p->peer = fds[1];
    *fd_out = fds[0];
    *shared_out = p->shared;
    return 0;
}

static void
played_event(struct qmp *q, const char *name, struct json_object *data)
{
    (void)data;
    played_of(q)->events++;
    text_fmt(played_of(q)->event, sizeof(played_of(q)->event), "%s", name);
}

static const struct qmp_ops played_ops = { .connect = played_connect,
                                           .event = played_event };

static struct played *one; /* that of the test at work */

static void
noted(struct qmp_cmd *c, struct json_object *ret, const struct err *e)
{
    (void)c;
    one->answers++;
    one->e = *e;
    text_fmt(one->ret, sizeof(one->ret), "%s",
             ret != NULL
                 ? json_object_to_json_string_ext(ret, JSON_C_TO_STRING_PLAIN)
                 : "");
}

static int
setup(void **state)
{
    one = xcalloc(1, sizeof(*one));
    one->lp = loop_new(LOOP_CLOCK_VIRTUAL);
    one->peer = -1;
    qmp_init(&one->q, one->lp, &played_ops);
    *state = one;
    return 0;
}

static int
teardown(void **state)
{
    struct played *p = *state;

    qmp_fini(&p->q);
    if (p->peer >= 0)
        close(p->peer);
    loop_free(p->lp);
    free(p);
    return 0;
}

static bool
never(void *arg)
{
    (void)arg;
    return false;
}

static void
pass(struct played *p, unsigned ms)
{
    (void)loop_until(p->lp, never, NULL, ms);
}

static void
say_bytes(struct played *p, const char *bytes, size_t n)
{
    assert_int_equal(write(p->peer, bytes, n), n);
    pass(p, 1);
}

static void
say(struct played *p, const char *text)
{
    say_bytes(p, text, strlen(text));
}

/* What the client has said since the last time. */
static const char *
heard(struct played *p)
{
    static char text[4096];
    ssize_t n = read(p->peer, text, sizeof(text) - 1);

    text[n > 0 ? n : 0] = '\0';
    return text;
}

static void
ask(struct played *p, struct qmp_cmd *c, const char *name)
{
    qmp_send(&p->q, c, name, NULL, QMP_LIMIT_MS, noted);
    pass(p, 1);
}

static void
be_ready(struct played *p)
{
    say(p, GREETING);
    assert_string_equal(heard(p), "{\"execute\":\"qmp_capabilities\"}\r\n");
    say(p, "{\"return\": {}}\r\n");
}

static void
test_negotiates_then_asks(void **state)
{
    struct played *p = *state;

    ask(p, &p->a, "query-status");
    assert_string_equal(heard(p), "");
    be_ready(p);
    assert_string_equal(heard(p),
                        "{\"execute\":\"query-status\",\"id\":1}\r\n");
    say(p, "{\"return\": {\"status\": \"running\"}, \"id\": 1}\r\n");
    assert_int_equal(p->answers, 1);
    assert_string_equal(p->ret, "{\"status\":\"running\"}");
    assert_int_equal(p->connects, 1);
    assert_null(p->a.q);
    /* its own socket is kept */
    ask(p, &p->a, "stop");
    assert_string_equal(heard(p), "{\"execute\":\"stop\",\"id\":2}\r\n");
    assert_int_equal(p->connects, 1);
}

static void
test_answers_are_matched_by_id(void **state)
{
    struct played *p = *state;

    ask(p, &p->a, "stop");
    be_ready(p);
    ask(p, &p->b, "cont");
    assert_string_equal(heard(p), "{\"execute\":\"stop\",\"id\":1}\r\n");
    say(p, "{\"return\": {}, \"id\": 77}\r\n{\"return\": {}}\r\n"
           "{\"event\": \"STOP\", \"timestamp\": {}}\r\n"
           "{\"event\": \"FROM_A_LATER_VERSION\", \"data\": [1]}\r\n"
           "{\"something\": \"else\"}\r\n");
    assert_int_equal(p->answers, 0);
    assert_int_equal(p->events, 2);
    assert_string_equal(p->event, "FROM_A_LATER_VERSION");
    say(p, "{\"id\": 1, \"ret");
    say(p, "urn\": {}}\r\n");
    assert_int_equal(p->answers, 1);
    assert_string_equal(heard(p), "{\"execute\":\"cont\",\"id\":2}\r\n");
}

static void
test_refusals_have_codes(void **state)
{
    struct played *p = *state;

    ask(p, &p->a, "eject");
    be_ready(p);
    say(p, "{\"id\": 1, \"error\": {\"class\": \"DeviceNotFound\", \"desc\": "
           "\"Device 'x\\u001b[2J' not found\"}}\r\n");
    assert_int_equal(p->e.code, ERR_NOENT);
    assert_string_equal(p->e.msg,
                        "device model: eject: Device 'x?[2J' not found");
    ask(p, &p->a, "nonsense");
    say(p, "{\"error\": {\"class\": \"CommandNotFound\"}}\r\n");
    assert_int_equal(p->e.code, ERR_UNSUPPORTED);
    assert_int_equal(p->answers, 2);
}

/* Connected, but not greeted: stopped, or busy with another client. */
static void
test_silence_ends_in_time(void **state)
{
    struct played *p = *state;

    ask(p, &p->a, "query-status");
    pass(p, QMP_LIMIT_MS);
    assert_int_equal(p->answers, 1);
    assert_int_equal(p->e.code, ERR_TIMEOUT);
    assert_string_equal(p->e.msg, "device model: query-status: it does not "
                                  "answer on its control socket");
    assert_int_equal(p->q.state, QMP_CLOSED);
    ask(p, &p->a, "query-status");
    be_ready(p);
    (void)heard(p);
    pass(p, QMP_LIMIT_MS);
    assert_string_equal(p->e.msg,
                        "device model: query-status: it does not answer");
    /* what comes too late is nobody's, and the next command is answered */
    ask(p, &p->a, "query-status");
    say(p, "{\"return\": {\"late\": 1}, \"id\": 2}\r\n");
    assert_int_equal(p->answers, 2);
    say(p, "{\"return\": {}, \"id\": 3}\r\n");
    assert_int_equal(p->answers, 3);
    assert_string_equal(p->ret, "{}");
}

static void
test_a_busy_socket_is_tried_again(void **state)
{
    struct played *p = *state;

    p->busy = 3;
    ask(p, &p->a, "query-status");
    pass(p, 1000);
    assert_int_equal(p->connects, 4);
    be_ready(p);
    say(p, "{\"return\": {}, \"id\": 1}\r\n");
    assert_int_equal(p->answers, 1);
    p->busy = 1000;
    qmp_fini(&p->q);
    qmp_init(&p->q, p->lp, &played_ops);
    ask(p, &p->a, "query-status");
    pass(p, QMP_LIMIT_MS);
    assert_int_equal(p->e.code, ERR_TIMEOUT);
}

static void
test_a_shared_socket_is_left(void **state)
{
    struct played *p = *state;
    char byte;

    p->shared = true;
    ask(p, &p->a, "query-status");
    ask(p, &p->b, "query-vnc");
    be_ready(p);
    say(p, "{\"return\": {}, \"id\": 1}\r\n");
    assert_int_equal(p->q.state, QMP_READY);
    say(p, "{\"return\": {}, \"id\": 2}\r\n");
    assert_int_equal(p->answers, 2);
    assert_int_equal(p->q.state, QMP_CLOSED);
    (void)heard(p);
    assert_int_equal(read(p->peer, &byte, 1), 0);
}

static void
test_its_end_fails_what_waits(void **state)
{
    struct played *p = *state;

    ask(p, &p->a, "stop");
    be_ready(p);
    ask(p, &p->b, "cont");
    close(p->peer);
    p->peer = -1;
    pass(p, 1);
    assert_int_equal(p->answers, 2);
    assert_int_equal(p->e.code, ERR_LOST);
    assert_string_equal(p->e.msg,
                        "device model: cont: it closed its control socket");
    ask(p, &p->a, "stop");
    qmp_cancel(&p->a);
    qmp_cancel(&p->a);
    pass(p, QMP_LIMIT_MS);
    assert_int_equal(p->answers, 2);
    ask(p, &p->a, "stop");
    qmp_fini(&p->q);
    assert_int_equal(p->answers, 3);
    assert_string_equal(p->e.msg, "device model: stop: it has ended");
}

static void
assert_refused(struct played *p, const char *text, const char *why)
{
    unsigned before = p->answers;

    ask(p, &p->a, "query-status");
    if (p->q.state == QMP_GREETING)
        be_ready(p);
    say(p, text);
    assert_int_equal(p->answers, before + 1);
    assert_int_equal(p->e.code, ERR_LOST);
    assert_non_null(strstr(p->e.msg, why));
    assert_int_equal(p->q.state, QMP_CLOSED);
}

static void
test_what_is_no_message_ends_it(void **state)
{
    struct played *p = *state;
    char deep[256];
    size_t i;

    assert_refused(p, "[1]\n", "no message of QMP");
    assert_refused(p, "\n", "no message of QMP");
    assert_refused(p, "{\"return\": {}, \"id\": 1\n", "no message of QMP");
    for (i = 0; i < 100; i++)
        deep[i] = '[';
    text_fmt(deep + i, sizeof(deep) - i, "\n");
    assert_refused(p, deep, "no message of QMP");
    ask(p, &p->a, "query-status");
    say(p, "{\"return\": {}}\r\n");
    assert_non_null(strstr(p->e.msg, "no greeting of QMP"));
}

/* A line that is longer than its text: what lies behind is not read. */
static void
test_a_nul_is_no_message(void **state)
{
    static const char line[] = "{\"return\": \"a\0b, [], [], []\"}\n";
    struct played *p = *state;

    ask(p, &p->a, "query-status");
    be_ready(p);
    say_bytes(p, line, sizeof(line) - 1);
    assert_int_equal(p->e.code, ERR_LOST);
    assert_non_null(strstr(p->e.msg, "no message of QMP"));
    assert_int_equal(p->q.state, QMP_CLOSED);
}

/* Empty objects cost the parser a hundred times their bytes. */
static void
test_a_dear_message_ends_it(void **state)
{
    struct buf b = { 0 };
    size_t i;

    buf_str(&b, "{\"return\":[");
    for (i = 0; i < QMP_VALUES_MAX; i++)
        buf_str(&b, "{},");
    buf_str(&b, "1],\"id\":1}\n");
    assert_refused(*state, buf_text(&b), "no message of QMP");
    buf_free(&b);
}

/* Writes as far as the socket takes it. */
static size_t
pour(struct played *p, const char *text, size_t total)
{
    size_t n = strlen(text), sent = 0;
    ssize_t r;

    while (sent < total && (r = write(p->peer, text, n)) > 0)
        sent += (size_t)r;
    return sent;
}

static void
test_an_endless_line_ends_it(void **state)
{
    struct played *p = *state;
    char chunk[4097];
    size_t sent = 0;

    memset(chunk, 'x', sizeof(chunk) - 1);
    chunk[sizeof(chunk) - 1] = '\0';
    ask(p, &p->a, "query-status");
    be_ready(p);
    while (p->answers == 0 && sent < 4 * QMP_LINE_MAX) {
        sent += pour(p, chunk, 1U << 16);
        (void)loop_turn(p->lp, 0);
    }
    assert_in_range(sent, QMP_LINE_MAX, QMP_LINE_MAX + (1U << 18));
    assert_non_null(strstr(p->e.msg, "in one line"));
}

/* The rest stays in the socket, which stops who pours into it. */
static void
test_a_flood_is_taken_slowly(void **state)
{
    struct played *p = *state;
    unsigned i;

    ask(p, &p->a, "query-status");
    be_ready(p);
    for (i = 0; i < 100; i++) {
        (void)pour(p, "{\"event\": \"RTC_CHANGE\"}\r\n", 1U << 20);
        (void)loop_turn(p->lp, 0);
    }
    assert_in_range(p->events, 1, QMP_RATE_MESSAGES);
    i = p->events;
    pass(p, 1100);
    assert_in_range(p->events, i + 1, 2 * QMP_RATE_MESSAGES + i);
    /* it is heard all the same */
    pass(p, 60000);
    say(p, "{\"return\": {}, \"id\": 1}\r\n");
    assert_int_equal(p->answers, 1);
}

static void
test_a_descriptor_goes_along(void **state)
{
    struct played *p = *state;
    char text[256], ctl[CMSG_SPACE(sizeof(int))];
    struct iovec iov = { text, sizeof(text) - 1 };
    struct msghdr mh = { .msg_iov = &iov,
                         .msg_iovlen = 1,
                         .msg_control = ctl,
                         .msg_controllen = sizeof(ctl) };
    struct json_object *args = json_object_new_object();
    int fds[2], got;
    ssize_t n;
    char byte;

    assert_int_equal(pipe2(fds, O_CLOEXEC | O_NONBLOCK), 0);
    json_object_object_add(args, "fdset-id", json_object_new_int(3));
    qmp_send(&p->q, &p->a, "add-fd", args, QMP_LIMIT_MS, noted);
    qmp_add_fd(&p->a, fds[1]);
    pass(p, 1);
    be_ready(p);
    n = recvmsg(p->peer, &mh, MSG_CMSG_CLOEXEC);
    assert_true(n > 0);
    text[n] = '\0';
    assert_string_equal(text, "{\"execute\":\"add-fd\",\"arguments\":{\"fdset-"
                              "id\":3},\"id\":1}\r\n");
    assert_non_null(CMSG_FIRSTHDR(&mh));
    memcpy(&got, CMSG_DATA(CMSG_FIRSTHDR(&mh)), sizeof(got));
    assert_int_equal(write(got, "x", 1), 1);
    close(got);
    assert_int_equal(read(fds[0], &byte, 1), 1);
    /* ours is closed: the last writer is gone */
    assert_int_equal(read(fds[0], &byte, 1), 0);
    close(fds[0]);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_negotiates_then_asks, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_answers_are_matched_by_id, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_refusals_have_codes, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_silence_ends_in_time, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_a_busy_socket_is_tried_again,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_shared_socket_is_left, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_its_end_fails_what_waits, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_what_is_no_message_ends_it, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_a_nul_is_no_message, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_a_dear_message_ends_it, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_an_endless_line_ends_it, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_a_flood_is_taken_slowly, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_a_descriptor_goes_along, setup,
                                        teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
