/*
 * test_migrate_tls.c - a domain goes to another engine under TLS, between real
 * processes over the loopback interface: who may send it, what is said if not,
 * and that strangers, however many, keep nobody from anything.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/host/domains.h"
#include "engine/life/life_int.h"
#include "engine/life/migrate/move_listen.h"
#include "tests/sim/pair_tls.h"

static struct pair_tls pt;
static struct pair p;
static struct err e;

static void
open_with(const struct pair_tls_opts *o)
{
    pair_tls_open(&pt, &p, PAIR_DISK, o);
    e = (struct err){ 0 };
}

static uint64_t
migrate_to(const char *place)
{
    uint64_t op = 0;

    if (engine_migrate(p.a.en, p.id, place, NULL, &op, &e) < 0)
        fail_msg("%s", e.msg);
    return op;
}

static enum op_state
end_of(struct world *w, uint64_t op)
{
    enum op_state end = pair_wait(&p, w, op);
    const struct op *o = engine_op_by_id(w->en, op);

    if (end != OP_DONE)
        e = o->err;
    return end != OP_DONE || o->next == 0 ? end : end_of(w, o->next);
}

static uint64_t
count_of(struct world *w)
{
    const struct dom *d = world_dom(w, "web9");
    uint64_t n = 0;

    assert_non_null(d);
    assert_int_equal(sim_guest_count(w->sim, d->domid, &n), 0);
    return n;
}

static void
tell_events(const char *host, struct world *w)
{
    size_t i;

    for (i = 0; i < engine_event_count(w->en); i++)
        print_message("  %s: %s: %s\n", host, engine_event_at(w->en, i)->name,
                      engine_event_at(w->en, i)->text);
}

static void
assert_moves(void)
{
    uint64_t before = count_of(&p.a);

    if (end_of(&p.a, migrate_to(pt.way)) != OP_DONE) {
        tell_events("alpha", &p.a);
        tell_events("beta", &p.b);
        fail_msg("%s", e.msg);
    }
    pair_settle(&p, 2000);
    assert_true(pair_runs(&p.b));
    assert_false(pair_has(&p.a));
    assert_true(count_of(&p.b) >= before);
}

/* What each side says. */
static void
assert_refused(const char *place, const char *here, const char *there)
{
    uint64_t before = count_of(&p.a);

    assert_int_equal(end_of(&p.a, migrate_to(place)), OP_FAILED);
    if (strstr(e.msg, here) == NULL)
        fail_msg("found '%s', wanted '%s'", e.msg, here);
    pair_settle(&p, 2000);
    if (there != NULL && world_event(&p.b, there) == NULL)
        fail_msg("no event '%s'", there);
    assert_true(pair_runs(&p.a));
    assert_false(pair_has(&p.b));
    assert_true(count_of(&p.a) >= before);
}

/* --- it moves --- */

static void
test_it_moves_and_both_say_so(void **state)
{
    const struct event *ev;

    (void)state;
    open_with(NULL);
    assert_non_null(world_event(&p.b, "takes migrations by TLS at 127.0.0.1:"));
    assert_moves();
    ev = world_event(&p.b, "comes from alpha (127.0.0.1, by TLS)");
    assert_non_null(ev);
    assert_string_equal(ev->who, "alpha");
    assert_non_null(world_event(&p.a, "has moved to localhost in"));
    assert_int_equal(p.n_wires, 2); /* a question, the domain */
    assert_true(world_dom(&p.b, "web9")->owned);
    pair_settle(&p, 2000);
    assert_int_equal(pair_tls_carriers(), 0);
    pair_tls_close(&pt);
}

static void
test_a_fingerprint_lets_in(void **state)
{
    char print[80];

    (void)state;
    certs_make(&pt.certs, &(struct certs_host){ .name = "delta" }, print);
    open_with(&(struct pair_tls_opts){ .a = "delta", .allow = print });
    assert_moves();
    assert_non_null(world_event(&p.b, "comes from delta (127.0.0.1, by TLS)"));
    pair_tls_close(&pt);
}

static void
test_one_of_several_names(void **state)
{
    (void)state;
    open_with(&(struct pair_tls_opts){ .allow = "delta ALPHA gamma" });
    assert_moves();
    pair_tls_close(&pt);
}

/* The connection of a question that both hold is not one for ever. */
static void
test_what_the_receiver_refuses_is_said(void **state)
{
    uint32_t domid;

    (void)state;
    open_with(NULL);
    assert_int_equal(sim_foreign_guest(p.b.sim, "web9", &domid), 0);
    pair_pass(&p, 2000);
    assert_int_equal(end_of(&p.a, migrate_to(pt.way)), OP_FAILED);
    assert_non_null(strstr(e.msg, "\"web9\", which domain"));
    assert_true(pair_runs(&p.a));
    pair_tls_close(&pt);
}

/* --- certificates that are no good --- */

static const struct refusal {
    struct pair_tls_opts o;
    const char *here, *there;
} refusals[] = {
    { { .a = "alpha-other" },
      "it refuses this host: the certificate 'alpha' is signed by no CA that "
      "tls_ca has",
      "no migration from 127.0.0.1: the certificate 'alpha' is signed by no "
      "CA that tls_ca has" },
    { { .a = "alpha-old" },
      "it refuses this host: the certificate 'alpha' has expired on 20",
      "no migration from 127.0.0.1: the certificate 'alpha' has expired on" },
    { { .a = "alpha-early" },
      "it refuses this host: the certificate 'alpha' is not valid before 20",
      "no migration from 127.0.0.1: the certificate 'alpha' is not valid" },
    { { .a = "gamma" },
      "it refuses this host: the certificate 'gamma' is none that "
      "migrate_allow names",
      "no migration from 127.0.0.1: the certificate 'gamma' is none that "
      "migrate_allow names" },
    { { .a = "wild", .allow = "alpha.example.org" },
      "the certificate '*.example.org' is none that migrate_allow names",
      "the certificate '*.example.org' is none that migrate_allow names" },
    { { .a = "alpha-serves" },
      "it refuses this host: the certificate 'alpha' is not made for this",
      "no migration from 127.0.0.1: the certificate 'alpha' is not made" },
    { { .b = "localhost-other" },
      "the certificate 'localhost' is signed by no CA that tls_ca has",
      "no migration from 127.0.0.1: it ends the connection: it does not know "
      "the CA that has signed this host's certificate" },
    { { .b = "localhost-old" },
      "the certificate 'localhost' has expired on 20",
      "it ends the connection: to it this host's certificate has expired" },
    { { .b = "gamma" },
      "the certificate 'gamma' is not one of the host 'localhost'",
      "it ends the connection: this host's certificate is not for the name "
      "that it was called by" },
    { { .a = "nosuch" }, "tls_certificate: /tmp/", NULL },
    { { .b = "nosuch" },
      "localhost:",
      "no migration from 127.0.0.1: tls_certificate: /tmp/" },
    { { .a_ca = "alpha", .a = "alpha" },
      "the certificate 'localhost' is signed by no CA that tls_ca has",
      NULL },
};

static void
test_certificates_that_are_no_good(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
        open_with(&refusals[i].o);
        assert_refused(pt.way, refusals[i].here, refusals[i].there);
        pair_tls_close(&pt);
    }
}

/* It was checked before: what has changed meanwhile is found out as well. */
static void
test_files_are_read_at_each_connection(void **state)
{
    (void)state;
    open_with(&(struct pair_tls_opts){ .a = "later" });
    assert_refused(pt.way, "tls_certificate: /tmp/", NULL);
    certs_make(&pt.certs,
               &(struct certs_host){ .name = "alpha", .file = "later" }, NULL);
    assert_moves();
    pair_tls_close(&pt);
}

/* --- certificates that are revoked --- */

static void
make_lists(void)
{
    static const struct certs_list lists[] = {
        { .file = "sender", .revoked = { "gamma", "alpha" }, .until_h = 1 },
        { .file = "called", .revoked = { "localhost" }, .until_h = 1 },
        { .file = "late", .revoked = { "gamma" }, .until_h = -1 },
        { .file = "foreign", .by_other = true, .until_h = 1 },
        { .file = "alpha", .until_h = 1 },
    };
    size_t i;

    for (i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
        certs_revoke(&pt.certs, &lists[i]);
}

static const struct refusal revoked[] = {
    { { .b_crl = "sender" },
      "it refuses this host: the certificate 'alpha' is revoked",
      "no migration from 127.0.0.1: the certificate 'alpha' is revoked" },
    { { .a_crl = "called" },
      "the certificate 'localhost' is revoked",
      "it ends the connection: to it this host's certificate is revoked" },
    { { .b_crl = "late" },
      "localhost:",
      "late.crl: the list of 'ca' is outdated: a new one was due on 20" },
    { { .a_crl = "late" },
      "late.crl: the list of 'ca' is outdated: a new one was due on 20",
      NULL },
    { { .a_crl = "foreign" },
      "the list of 'other' is signed by no CA that tls_ca has",
      NULL },
    { { .a_crl = "nosuch" }, "tls_crl: /tmp/", NULL },
    { { .a_crl = "../../dev/null" }, "tls_crl: /tmp/", NULL },
};

static void
test_certificates_that_are_revoked(void **state)
{
    size_t i;

    (void)state;
    make_lists();
    for (i = 0; i < sizeof(revoked) / sizeof(revoked[0]); i++) {
        open_with(&revoked[i].o);
        assert_refused(pt.way, revoked[i].here, revoked[i].there);
        pair_tls_close(&pt);
    }
}

/* Both have a list. The one that a caller's name comes onto is read with the
 * next connection, and so is the one that it is off again. */
static void
test_a_list_is_read_at_each_connection(void **state)
{
    (void)state;
    make_lists();
    open_with(&(struct pair_tls_opts){ .a_crl = "alpha", .b_crl = "alpha" });
    certs_revoke(&pt.certs, &(struct certs_list){ .file = "alpha",
                                                  .revoked = { "alpha" },
                                                  .until_h = 1 });
    assert_refused(pt.way, "the certificate 'alpha' is revoked",
                   "the certificate 'alpha' is revoked");
    certs_revoke(&pt.certs, &(struct certs_list){ .file = "alpha",
                                                  .revoked = { "gamma" },
                                                  .until_h = 1 });
    assert_moves();
    pair_tls_close(&pt);
}

/* --- */

static void
test_a_key_that_others_may_read(void **state)
{
    (void)state;
    open_with(NULL);
    assert_int_equal(chmod(pt.a_files[1], 0604), 0);
    assert_refused(pt.way, "chmod o-rwx it", NULL);
    assert_int_equal(chmod(pt.a_files[1], 0600), 0);
    pair_tls_close(&pt);
}

/* --- places --- */

static void
test_places_that_do_not_answer(void **state)
{
    (void)state;
    open_with(NULL);
    p.no_route = true;
    assert_refused(pt.way, "localhost:", NULL);
    assert_refused("tls://127.0.0.1:1", "127.0.0.1:1: Connection refused",
                   NULL);
    assert_refused("tls://name.invalid", "name.invalid:8003: ", NULL);
    pair_tls_close(&pt);
}

static void
refused_at_once(const char *place, const struct migrate_opts *o,
                const char *sentence)
{
    assert_int_equal(engine_migrate(p.a.en, p.id, place, o, NULL, &e), -1);
    if (strstr(e.msg, sentence) == NULL)
        fail_msg("found '%s', wanted '%s'", e.msg, sentence);
}

static void
test_what_cannot_be_meant(void **state)
{
    static const char *const bad[] = {
        "tls://",      "tls://a:b", "tls://a:0",   "tls://a;b", "tls://-a",
        "tls://[a]:1", "tls://u@a", "tls://a:1:2", "tls://a:"
    };
    size_t i;

    (void)state;
    open_with(NULL);
    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        refused_at_once(bad[i], NULL, "allowed tls://HOST or tls://HOST:PORT");
    refused_at_once(pt.way, &(struct migrate_opts){ .to_xl = true },
                    "--xl cannot be combined");
    refused_at_once(pt.way, &(struct migrate_opts){ .command = "ssh" },
                    "--command cannot be combined");
    p.a.tls_certificate = NULL;
    world_kill(&p.a);
    world_start(&p.a, false);
    p.id = world_dom(&p.a, "web9")->id;
    refused_at_once(pt.way, NULL, "this engine has no certificate");
    pair_tls_close(&pt);
}

/* --- where it listens --- */

static void
restart_b(void)
{
    world_kill(&p.b);
    world_start(&p.b, false);
    pair_pass(&p, 1000);
}

static int
stranger(void)
{
    const struct sockaddr_in sa = { .sin_family = AF_INET,
                                    .sin_port = htons((uint16_t)pt.port),
                                    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    assert_true(fd >= 0);
    if (connect(fd, (const struct sockaddr *)&sa, sizeof(sa)) == 0 ||
        errno == EINPROGRESS)
        return fd;
    close(fd);
    return -1;
}

static bool
anybody_listens(void)
{
    int fd = stranger(), error = 0;
    struct pollfd pf = { fd, POLLOUT, 0 };
    socklen_t n = sizeof(error);

    if (fd < 0)
        return false;
    assert_int_equal(poll(&pf, 1, 5000), 1);
    assert_int_equal(getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &n), 0);
    close(fd);
    return error == 0;
}

static void
test_it_listens_nowhere_unless_told(void **state)
{
    (void)state;
    open_with(NULL);
    assert_true(anybody_listens());
    p.b.migrate_listen = NULL;
    restart_b();
    assert_false(anybody_listens());
    p.b.migrate_listen = pt.listen;
    p.b.migrate_allow = NULL;
    restart_b();
    assert_false(anybody_listens());
    assert_non_null(world_event(&p.b, "migrate_allow names nobody"));
    p.b.migrate_allow = pt.allow;
    p.b.tls_key = NULL;
    restart_b();
    assert_false(anybody_listens());
    assert_non_null(world_event(&p.b, "this engine has no certificate"));
    pair_tls_close(&pt);
}

static void
test_an_address_that_another_has(void **state)
{
    struct sockaddr_in sa = { .sin_family = AF_INET,
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

    (void)state;
    open_with(NULL);
    world_kill(&p.b);
    sa.sin_port = htons((uint16_t)pt.port);
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)),
                     0);
    assert_int_equal(bind(fd, (const struct sockaddr *)&sa, sizeof(sa)), 0);
    assert_int_equal(listen(fd, 1), 0);
    world_start(&p.b, false);
    assert_non_null(
        world_event(&p.b, "Address already in use; it tries again"));
    close(fd);
    pair_pass(&p, 12000);
    assert_non_null(world_event(&p.b, "takes migrations by TLS at"));
    assert_moves();
    pair_tls_close(&pt);
}

/* --- strangers --- */

static const struct move_listener *
listener(void)
{
    return life_room(p.b.en)->listener;
}

static bool
no_strangers(void *arg)
{
    (void)arg;
    return move_listener_strangers(listener()) == 0;
}

static bool
any_stranger(void *arg)
{
    (void)arg;
    return move_listener_strangers(listener()) > 0;
}

static void
say_bytes(int fd, const void *bytes, size_t n)
{
    (void)!send(fd, bytes, n, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static void
test_bytes_that_are_no_tls(void **state)
{
    static const char *const texts[] = {
        "GET / HTTP/1.0\r\n\r\n",
        "xl migration receiver ready, send binary domain data.\n",
        "\x16\x03\x01\xff\xff\x01\xff\xff\xfc\x03\x03",
        "\x15\x03\x03\x00\x02\x02\x00",
    };
    char noise[4096];
    size_t i;
    int fd;

    (void)state;
    open_with(NULL);
    memset(noise, 0xa5, sizeof(noise));
    for (i = 0; i <= sizeof(texts) / sizeof(texts[0]); i++) {
        fd = stranger();
        assert_true(fd >= 0);
        if (i < sizeof(texts) / sizeof(texts[0]))
            say_bytes(fd, texts[i], i == 3 ? 7 : strlen(texts[i]));
        else
            say_bytes(fd, noise, sizeof(noise));
        (void)shutdown(fd, SHUT_WR);
        pair_until(&p, any_stranger, NULL);
        pair_until(&p, no_strangers, NULL);
        close(fd);
        pair_pass(&p, 2000);
    }
    assert_non_null(world_event(&p.b, "it does not speak TLS as xendeck does"));
    assert_moves();
    pair_tls_close(&pt);
}

/* It says nothing, or one byte now and then: the time is limited in all. */
static void
test_one_that_says_nothing(void **state)
{
    int fd;

    (void)state;
    open_with(NULL);
    fd = stranger();
    pair_until(&p, any_stranger, NULL);
    say_bytes(fd, "\x16", 1);
    pair_pass(&p, 5000);
    say_bytes(fd, "\x03", 1);
    assert_int_equal(move_listener_strangers(listener()), 1);
    pair_pass(&p, 15000);
    assert_int_equal(move_listener_strangers(listener()), 0);
    assert_non_null(world_event(&p.b, "it has not shown in time who it is"));
    pair_pass(&p, 2000);
    assert_int_equal(pair_tls_carriers(), 0);
    assert_moves();
    close(fd);
    pair_tls_close(&pt);
}

#define CROWD 1000

static uint64_t
real_ms(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

/* So many turns; the longest of them. */
static uint64_t
turns(int n, unsigned *most)
{
    uint64_t longest = 0, began;

    for (; n > 0; n--) {
        began = real_ms();
        (void)loop_turn(p.a.lp, 0);
        longest = real_ms() - began > longest ? real_ms() - began : longest;
        if (pair_tls_carriers() > *most)
            *most = pair_tls_carriers();
    }
    return longest;
}

static unsigned
count_events(const char *text)
{
    unsigned n = 0;
    size_t i;

    for (i = 0; i < engine_event_count(p.b.en); i++)
        n += strstr(engine_event_at(p.b.en, i)->text, text) != NULL;
    return n;
}

static void
test_a_crowd_of_strangers(void **state)
{
    static int fds[CROWD];
    unsigned most = 0, i;
    uint64_t longest = 0, took;

    (void)state;
    open_with(NULL);
    for (i = 0; i < CROWD; i++) {
        fds[i] = stranger();
        if (i % 20 == 19) {
            took = turns(5, &most);
            longest = took > longest ? took : longest;
        }
    }
    assert_true(most > 0 && most <= 4);
    assert_true(move_listener_strangers(listener()) <= 4);
    print_message("%d strangers: at most %u processes, a turn of %llu ms at "
                  "most\n",
                  CROWD, most, (unsigned long long)longest);
    for (i = 0; i < CROWD; i++)
        if (fds[i] >= 0)
            close(fds[i]);
    pair_until(&p, no_strangers, NULL);
    pair_pass(&p, 3000);
    assert_true(count_events("no migration from") <= 7);
    assert_moves();
    pair_tls_close(&pt);
}

/* --- other protocols by TLS --- */

struct other {
    gnutls_session_t s;
    gnutls_certificate_credentials_t cred;
    int fd, rc;
};

static bool
other_is_over(void *arg)
{
    struct other *o = arg;
    char c;

    if (o->rc == GNUTLS_E_AGAIN)
        o->rc = gnutls_handshake(o->s);
    if (o->rc == 0) { /* TLS 1.3: the verdict comes behind */
        ssize_t n = gnutls_record_recv(o->s, &c, 1);

        if (n == GNUTLS_E_AGAIN)
            return false;
        if (n < 0)
            o->rc = (int)n;
        return true;
    }
    return o->rc != GNUTLS_E_AGAIN;
}

/* A handshake by these rules; 0: it came to an end, and the first byte came. */
static int
shake_as(const char *priority, const char *service, const char *certificate)
{
    struct other o = { .fd = stranger(), .rc = GNUTLS_E_AGAIN };
    gnutls_datum_t alpn = { (unsigned char *)(uintptr_t)service,
                            service != NULL ? (unsigned)strlen(service) : 0 };
    char pem[224], key[224];

    assert_int_equal(gnutls_certificate_allocate_credentials(&o.cred), 0);
    text_fmt(pem, sizeof(pem), "%s/%s.pem", pt.dir, certificate);
    text_fmt(key, sizeof(key), "%s/%s.key", pt.dir, certificate);
    if (certificate[0] != '\0')
        assert_int_equal(gnutls_certificate_set_x509_key_file(
                             o.cred, pem, key, GNUTLS_X509_FMT_PEM),
                         0);
    assert_int_equal(
        gnutls_init(&o.s, GNUTLS_CLIENT | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL),
        0);
    assert_int_equal(gnutls_priority_set_direct(o.s, priority, NULL), 0);
    gnutls_credentials_set(o.s, GNUTLS_CRD_CERTIFICATE, o.cred);
    if (service != NULL)
        gnutls_alpn_set_protocols(o.s, &alpn, 1, 0);
    gnutls_transport_set_int(o.s, o.fd);
    pair_until(&p, other_is_over, &o);
    gnutls_deinit(o.s);
    gnutls_certificate_free_credentials(o.cred);
    close(o.fd);
    pair_pass(&p, 2000);
    return o.rc;
}

static void
test_what_is_no_such_connection(void **state)
{
#define OURS "xendeck-migrate/1"
    (void)state;
    open_with(NULL);
    assert_int_equal(shake_as("NORMAL", OURS, "alpha"), 0);
    assert_int_equal(shake_as("NORMAL:-VERS-ALL:+VERS-TLS1.2", OURS, "alpha"),
                     0);
    assert_int_not_equal(
        shake_as("NORMAL:-VERS-ALL:+VERS-TLS1.1:+VERS-TLS1.0", OURS, "alpha"),
        0);
    assert_int_not_equal(shake_as("NORMAL", "http/1.1", "alpha"), 0);
    assert_int_not_equal(shake_as("NORMAL", NULL, "alpha"), 0);
    assert_int_not_equal(shake_as("NORMAL", OURS, ""), 0);
    assert_non_null(world_event(&p.b, "it shows no certificate"));
    pair_pass(&p, 61000); /* those who were let in, and say nothing */
    assert_int_equal(move_listener_guests(listener()), 0);
    assert_moves();
    pair_tls_close(&pt);
}

static int
run(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_it_moves_and_both_say_so),
        cmocka_unit_test(test_a_fingerprint_lets_in),
        cmocka_unit_test(test_one_of_several_names),
        cmocka_unit_test(test_what_the_receiver_refuses_is_said),
        cmocka_unit_test(test_certificates_that_are_no_good),
        cmocka_unit_test(test_files_are_read_at_each_connection),
        cmocka_unit_test(test_certificates_that_are_revoked),
        cmocka_unit_test(test_a_list_is_read_at_each_connection),
        cmocka_unit_test(test_a_key_that_others_may_read),
        cmocka_unit_test(test_places_that_do_not_answer),
        cmocka_unit_test(test_what_cannot_be_meant),
        cmocka_unit_test(test_it_listens_nowhere_unless_told),
        cmocka_unit_test(test_an_address_that_another_has),
        cmocka_unit_test(test_bytes_that_are_no_tls),
        cmocka_unit_test(test_one_that_says_nothing),
        cmocka_unit_test(test_a_crowd_of_strangers),
        cmocka_unit_test(test_what_is_no_such_connection),
    };
    int rc;

    pair_tls_init(&pt);
    rc = cmocka_run_group_tests(tests, NULL, NULL);
    pair_tls_fini(&pt);
    return rc;
}

WORLD_MAIN(run)
