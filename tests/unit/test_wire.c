/*
 * test_wire.c - packets and messages between a client and the engine, and what
 * a hostile end of the line may send.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "src/attach/conn.h"
#include "src/base/fdio.h"
#include "src/base/sys/fd_kind.h"
#include "src/base/sys/fd_park.h"
#include "src/base/xalloc.h"

struct line {
    int raw; /* the other end */
    struct loop *lp;
    struct conn c;
    struct fd_park park;
    struct buf got;
    unsigned packets, gone, fds;
    char why[80];
};

static void
got_packet(struct conn *c, struct wire_packet *p, struct json_object *msg)
{
    struct line *l = container_of(c, struct line, c);

    l->packets++;
    l->fds += (unsigned)p->n_fds;
    buf_clear(&l->got);
    if (msg != NULL)
        buf_str(&l->got, msg_text(msg, "do", 64));
    else
        buf_add(&l->got, p->data, p->n);
}

static void
got_gone(struct conn *c, const char *why)
{
    struct line *l = container_of(c, struct line, c);

    l->gone++;
    text_fmt(l->why, sizeof(l->why), "%s", why);
}

static int
setup(void **state)
{
    struct line *l = xcalloc(1, sizeof(*l));
    int fds[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds),
                     0);
    l->raw = fds[0];
    l->lp = loop_new(LOOP_CLOCK_REAL);
    l->c.packet = got_packet;
    l->c.gone = got_gone;
    l->c.queued_max = 1024UL * 1024;
    l->c.takes_fds = true;
    l->c.park = &l->park;
    l->c.park_uid = 7;
    assert_int_equal(fd_park_open(&l->park, NULL), 0);
    assert_int_equal(conn_open(&l->c, l->lp, fds[1]), 0);
    *state = l;
    return 0;
}

static int
teardown(void **state)
{
    struct line *l = *state;

    conn_close(&l->c);
    loop_free(l->lp);
    fd_park_forget(&l->park);
    close(l->raw);
    buf_free(&l->got);
    free(l);
    return 0;
}

/* The thread that closes has ended, and with it its end of a pipe: the next
 * test counts descriptors. */
static void
until_alone(void)
{
    struct stat sb = { .st_nlink = 0 };
    int i;

    for (i = 0; i < 6000 && sb.st_nlink != 3; i++) { /* a minute */
        usleep(i > 0 ? 10000 : 0);
        assert_int_equal(stat("/proc/self/task", &sb), 0);
    }
    assert_int_equal(sb.st_nlink, 3); /* one thread */
}

static int
teardown_alone(void **state)
{
    int rc = teardown(state);

    until_alone();
    return rc;
}

static void
turns(struct line *l)
{
    int i;

    for (i = 0; i < 8; i++)
        loop_turn(l->lp, 0);
}

static int
open_fds(void)
{
    int fd, n = 0;

    for (fd = 0; fd < 256; fd++)
        n += fcntl(fd, F_GETFD) >= 0;
    return n;
}

/* The closing of descriptors is not waited for. */
static void
must_be_open(int n)
{
    int i;

    for (i = 0; i < 6000 && open_fds() != n; i++) /* a minute */
        usleep(10000);
    assert_int_equal(open_fds(), n);
}

static void
send_raw(struct line *l, const char *bytes, size_t n)
{
    assert_int_equal(send(l->raw, bytes, n, MSG_NOSIGNAL), n);
    turns(l);
}

static void
test_message_arrives(void **state)
{
    struct line *l = *state;

    send_raw(l, "m{\"do\":\"ping\"}", 14);
    assert_int_equal(l->packets, 1);
    assert_string_equal(buf_text(&l->got), "ping");
    send_raw(l, "oabc", 4);
    assert_string_equal(buf_text(&l->got), "abc");
    assert_int_equal(l->gone, 0);
}

static void
test_garbage_ends_the_connection_once(void **state)
{
    static const char *const bad[] = { "x{}",       "m",
                                       "m[]",       "m{\"a",
                                       "m\"text\"", "m{\"a\":1}}",
                                       "",          "m{\"do\":bulk}" };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(bad) / sizeof(bad[0]) - 1; i++) {
        void *own = NULL;
        struct line *l;

        assert_int_equal(setup(&own), 0);
        l = own;
        if (bad[i][0] == '\0')
            shutdown(l->raw, SHUT_RDWR);
        else
            assert_int_equal(send(l->raw, bad[i], strlen(bad[i]), 0),
                             strlen(bad[i]));
        turns(l);
        if (strcmp(bad[i], "m{\"a\":1}}") != 0) /* what follows is not read */
            assert_int_equal(l->gone, 1);
        assert_false(l->gone == 0 && l->packets == 0);
        teardown(&own);
    }
}

static void
test_deep_message_is_refused(void **state)
{
    struct line *l = *state;
    struct buf b = { 0 };
    int i;

    buf_str(&b, "m{\"a\":");
    for (i = 0; i < 10000; i++)
        buf_chr(&b, '[');
    send_raw(l, b.data, b.len);
    assert_int_equal(l->packets, 0);
    assert_int_equal(l->gone, 1);
    buf_free(&b);
}

/* What is opened here, and how often, in a message of its full length. */
static void
must_cost_too_much(const char *first, const char *unit, const char *last)
{
    size_t one = strlen(unit), n = 0, at;
    void *own = NULL;
    struct line *l;
    struct buf b = { 0 };
    int fd;

    assert_int_equal(setup(&own), 0);
    l = own;
    l->c.values_max = 30000;
    buf_str(&b, first);
    for (at = b.len; at + one + 16 < WIRE_BULK_MAX; at += one, n++)
        buf_add(&b, unit, one);
    buf_str(&b, last);
    fd = wire_bulk_make(b.data, b.len);
    assert_true(fd >= 0);
    assert_int_equal(
        wire_send(l->raw, WIRE_MSG, "{\"do\":\"bulk\"}", 13, &fd, 1), WIRE_OK);
    turns(l);
    assert_int_equal(l->packets, 0);
    assert_int_equal(l->gone, 1);
    close(fd);
    buf_free(&b);
    teardown(&own);
}

/* 1.4 million empty objects would cost the engine 750 MB and seconds. */
static void
test_dear_message_is_refused(void **state)
{
    (void)state;
    must_cost_too_much("{\"do\":\"x\",\"a\":[", "{},", "1]}");
    must_cost_too_much("{\"do\":\"x\",\"a\":[", "[],", "1]}");
    must_cost_too_much("{\"do\":\"x\",\"a\":[", "\"\",", "1]}");
    must_cost_too_much("{\"do\":\"x\",\"a\":['\"',", "{},", "'\"']}");
    must_cost_too_much("{\"do\":\"x\",/*\"*/\"a\":[", "{},", "1]}");
}

static void
test_commas_in_a_text_are_no_values(void **state)
{
    struct line *l = *state;
    char text[] = "m{\"do\":\"a,[{'\\\",/,\"}";

    l->c.values_max = 4;
    send_raw(l, text, strlen(text));
    assert_int_equal(l->packets, 1);
    assert_string_equal(buf_text(&l->got), "a,[{'\",/,");
    assert_int_equal(l->gone, 0);
}

static void
test_too_long_packet_is_refused(void **state)
{
    struct line *l = *state;
    char *big = xcalloc(1, WIRE_PAYLOAD_MAX + 2);

    memset(big, 'o', WIRE_PAYLOAD_MAX + 2);
    send_raw(l, big, WIRE_PAYLOAD_MAX + 2);
    assert_int_equal(l->packets, 0);
    assert_int_equal(l->gone, 1);
    free(big);
}

static void
send_fds(struct line *l, int fd, int n)
{
    char room[CMSG_SPACE(32 * sizeof(int))] = { 0 }, byte[] = "m{}";
    struct iovec iov = { byte, 3 };
    struct msghdr mh = { .msg_iov = &iov,
                         .msg_iovlen = 1,
                         .msg_control = room,
                         .msg_controllen =
                             CMSG_SPACE((size_t)n * sizeof(int)) };
    struct cmsghdr *cm = CMSG_FIRSTHDR(&mh);
    int i, fds[32];

    for (i = 0; i < n; i++)
        fds[i] = fd;
    cm->cmsg_level = SOL_SOCKET;
    cm->cmsg_type = SCM_RIGHTS;
    cm->cmsg_len = CMSG_LEN((size_t)n * sizeof(int));
    memcpy(CMSG_DATA(cm), fds, (size_t)n * sizeof(int));
    assert_int_equal(sendmsg(l->raw, &mh, 0), 3);
    turns(l);
}

static void
test_descriptors_that_nobody_takes_are_closed(void **state)
{
    struct line *l = *state;
    int pipes[2], before;

    assert_int_equal(pipe(pipes), 0);
    before = open_fds();
    send_fds(l, pipes[0], 2);
    assert_int_equal(l->fds, 2);
    must_be_open(before);
    send_fds(l, pipes[0], 32);
    must_be_open(before);
    assert_int_equal(l->gone, 1);
    close(pipes[0]);
    close(pipes[1]);
}

/* Whose server may be the sender's own. */
static void
test_files_that_nobody_takes_are_never_closed(void **state)
{
    struct line *l = *state;
    int file = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
    int before = open_fds();

    assert_false(fd_closes_alone(file));
    send_fds(l, file, 1);
    must_be_open(before + 1);
    assert_int_equal(fd_park_count(&l->park, 7), 1);
    assert_int_equal(fd_park_count(&l->park, 8), 0);
    send_fds(l, file, 32); /* a packet that is refused, as well */
    assert_int_equal(l->gone, 1);
    assert_int_equal(fd_park_count(&l->park, 7), 1 + WIRE_FDS_MAX);
    close(file);
}

/* That of a client whose connection was cut as it came is not held against its
 * user, who could not come any more. */
static void
test_a_terminal_that_was_hung_up_is_closed(void **state)
{
    struct line *l = *state;
    int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), pty, before;

    assert_int_equal(unlockpt(master), 0);
    pty = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
    close(master);
    before = open_fds();
    assert_false(fd_is_terminal(pty));
    assert_true(fd_closes_alone(pty));
    send_fds(l, pty, 2);
    must_be_open(before);
    assert_int_equal(fd_park_count(&l->park, 7), 0);
    close(pty);
}

/* The kernel's list of drivers cannot be read then. */
static void
test_a_terminal_is_known_without_descriptors(void **state)
{
    struct rlimit was, none;
    int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), pty;

    (void)state;
    assert_int_equal(unlockpt(master), 0);
    pty = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &was), 0);
    none = was;
    none.rlim_cur = 0;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    assert_true(fd_is_terminal(pty) && fd_closes_alone(pty));
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &was), 0);
    close(pty);
    close(master);
}

static void
test_descriptors_out_of_place_do_not_come(void **state)
{
    struct line *l = *state;
    int file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    int before = open_fds();

    l->c.takes_fds = false;
    send_fds(l, file, 1);
    assert_int_equal(l->packets, 0);
    assert_int_equal(l->gone, 1);
    must_be_open(before);
    assert_int_equal(fd_park_count(&l->park, 7), 0);
    close(file);
}

static void
test_only_terminals_are_terminals(void **state)
{
    int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), pty, null, file;

    (void)state;
    assert_int_equal(unlockpt(master), 0);
    pty = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
    null = open("/dev/null", O_RDWR | O_CLOEXEC);
    file = open(ptsname(master), O_PATH | O_CLOEXEC);
    assert_true(fd_is_terminal(pty) && fd_closes_alone(pty));
    assert_false(fd_is_terminal(null));
    assert_true(fd_closes_alone(null));
    assert_false(fd_is_terminal(file));
    assert_false(fd_is_terminal(-1));
    close(file);
    close(null);
    close(pty);
    close(master);
}

static void
test_long_first_message_goes_as_a_file(void **state)
{
    struct line *l = *state;
    struct json_object *msg = msg_new("hello");
    char *big = xcalloc(1, 200001);
    int fds[2];
    struct conn other = { .packet = got_packet,
                          .gone = got_gone,
                          .queued_max = 1000 };

    memset(big, 'x', 200000);
    msg_add_text(msg, "text", big);
    fds[0] = dup(l->raw);
    fds[1] = STDERR_FILENO;
    assert_int_equal(conn_open(&other, l->lp, fds[0]), 0);
    conn_send_first(&other, msg, &fds[1], 1);
    turns(l);
    assert_string_equal(buf_text(&l->got), "hello");
    assert_int_equal(l->fds, 2);
    conn_close(&other);
    free(big);
}

static void
test_file_that_may_change_is_refused(void **state)
{
    struct buf out = { 0 };
    char path[] = "/tmp/xendeck-wire-XXXXXX";
    int fd = mkstemp(path), pipes[2];

    (void)state;
    assert_int_equal(fd_write_all(fd, "{}", 2), 0);
    assert_false(wire_bulk_read(fd, &out));
    assert_int_equal(pipe(pipes), 0);
    assert_false(wire_bulk_read(pipes[0], &out)); /* nor does it wait */
    close(pipes[0]);
    close(pipes[1]);
    close(fd);
    unlink(path);
    buf_free(&out);
}

static void
test_reader_that_never_reads_is_left(void **state)
{
    struct line *l = *state;
    char *some = xcalloc(1, 65536);
    int i;

    for (i = 0; i < 64; i++)
        conn_send_bytes(&l->c, WIRE_OUT, some, 65536);
    assert_true(l->c.queued <= l->c.queued_max);
    assert_false(conn_is_open(&l->c));
    assert_int_equal(l->gone, 0); /* not out of a call */
    turns(l);
    assert_int_equal(l->gone, 1);
    free(some);
}

static void
test_queue_is_taken_in_order(void **state)
{
    struct line *l = *state;
    char *some = xcalloc(1, 40000), text[] = "end";
    struct wire_packet p;
    unsigned n = 0;
    char last = '\0';

    while (l->c.queued == 0)
        conn_send_bytes(&l->c, WIRE_OUT, some, 40000);
    conn_send_bytes(&l->c, WIRE_ERR, text, 3);
    while (last != 'e') {
        assert_int_equal(wire_recv(l->raw, false, &p), WIRE_OK);
        last = (char)p.kind;
        wire_packet_fini(&p);
        turns(l);
        n++;
    }
    assert_true(n > 2);
    assert_int_equal(l->c.queued, 0);
    free(some);
}

/* A fault of ours, which must not leave the other end waiting. */
static void
test_message_longer_than_a_packet_ends_it(void **state)
{
    struct line *l = *state;
    char *big = xcalloc(1, WIRE_PAYLOAD_MAX + 2);
    struct json_object *msg = msg_new("welcome");

    memset(big, 'o', WIRE_PAYLOAD_MAX + 1);
    msg_add_text(msg, "notice", big);
    conn_send(&l->c, msg);
    assert_false(conn_is_open(&l->c));
    turns(l);
    assert_int_equal(l->gone, 1);
    assert_non_null(strstr(l->why, "longer than a packet"));
    free(big);
}

#define T(t) cmocka_unit_test_setup_teardown(t, setup, teardown_alone)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_message_arrives),
        T(test_garbage_ends_the_connection_once),
        T(test_deep_message_is_refused),
        T(test_dear_message_is_refused),
        T(test_commas_in_a_text_are_no_values),
        T(test_too_long_packet_is_refused),
        T(test_descriptors_that_nobody_takes_are_closed),
        T(test_files_that_nobody_takes_are_never_closed),
        T(test_a_terminal_that_was_hung_up_is_closed),
        T(test_a_terminal_is_known_without_descriptors),
        T(test_descriptors_out_of_place_do_not_come),
        T(test_only_terminals_are_terminals),
        T(test_long_first_message_goes_as_a_file),
        T(test_file_that_may_change_is_refused),
        T(test_reader_that_never_reads_is_left),
        T(test_queue_is_taken_in_order),
        T(test_message_longer_than_a_packet_ends_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
