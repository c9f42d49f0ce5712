/*
 * tls_session.c - see tls_session.h: the handshake, and lines behind it. What
 * a certificate has to be is in tls_verify.c.
 */
#include "engine/tls/tls_session.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "engine/tls/tls_crl.h"
#include "engine/tls/tls_verify.h"
#include "src/base/sys/clock.h"
#include "src/base/text.h"

/* Forward secrecy and authenticated ciphers are what NORMAL prefers; keys that
 * are too short are refused. */
#define PRIORITY "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:%PROFILE_MEDIUM"
/* No other service, with a certificate of the same host, can be meant. */
#define SERVICE "xendeck-migrate/1"
#define PART_MS 1000

/* --- files --- */

/* GnuTLS says no more of a file than that it is wrong. */
static int
file_is_there(const char *what, const char *path, bool secret, struct err *e)
{
    struct stat st;

    if (stat(path, &st) < 0)
        return err_sys(e, errno, "%s: %s", what, path);
    if (secret && (st.st_mode & S_IRWXO) != 0)
        return err_set(e, ERR_DENIED,
                       "%s: everybody may use %s: chmod o-rwx it", what, path);
    return 0;
}

int
tls_session_load(struct tls_session *t, const struct tls_files *f,
                 struct err *e)
{
    int n;

    if (file_is_there("tls_certificate", f->certificate, false, e) < 0 ||
        file_is_there("tls_key", f->key, true, e) < 0 ||
        file_is_there("tls_ca", f->ca, false, e) < 0)
        return -1;
    n = tls_lib.certificate_allocate_credentials(&t->cred);
    if (n < 0)
        return err_set(e, ERR_NOMEM, "TLS: %s", tls_lib.strerror(n));
    n = tls_lib.certificate_set_x509_key_file(t->cred, f->certificate, f->key,
                                              GNUTLS_X509_FMT_PEM);
    if (n < 0)
        return err_set(e, ERR_INVALID, "tls_certificate %s with tls_key %s: %s",
                       f->certificate, f->key, tls_lib.strerror(n));
    n = tls_lib.certificate_set_x509_trust_file(t->cred, f->ca,
                                                GNUTLS_X509_FMT_PEM);
    if (n <= 0)
        return err_set(e, ERR_INVALID, "tls_ca: %s: %s", f->ca,
                       n < 0 ? tls_lib.strerror(n) : "no certificate is in it");
    if (f->crl != NULL && f->crl[0] != '\0')
        return tls_crl_load(t, f->crl, f->ca, e);
    return 0;
}

/* --- waiting --- */

/* Until the session can go on; -1: the limit is over, or nobody waits for it
 * any more. */
static int
session_wait(const struct tls_session *t, struct err *e)
{
    bool writes = tls_lib.record_get_direction(t->s) != 0;
    struct pollfd pf[] = { { t->fd, writes ? POLLOUT : POLLIN, 0 },
                           { t->gone_fd, 0, 0 } };
    int64_t now = clock_now_ms();

    if (now >= t->until_ms)
        return err_set(e, ERR_TIMEOUT, "it does not answer in time");
    if (poll(pf, 2, (int)(t->until_ms - now)) < 0 && errno != EINTR)
        return err_sys(e, errno, "connection");
    if ((pf[1].revents & (POLLHUP | POLLERR | POLLNVAL)) != 0)
        return err_set(e, ERR_CANCELLED, "nobody waits for it any more");
    return 0;
}

static const char *
alert_meaning(gnutls_alert_description_t a)
{
    static const struct {
        gnutls_alert_description_t alert;
        const char *meaning;
    } meanings[] = {
        { GNUTLS_A_UNKNOWN_CA,
          "it does not know the CA that has signed this host's certificate" },
        { GNUTLS_A_CERTIFICATE_EXPIRED,
          "to it this host's certificate has expired" },
        { GNUTLS_A_CERTIFICATE_REVOKED,
          "to it this host's certificate is revoked" },
        { GNUTLS_A_BAD_CERTIFICATE,
          "this host's certificate is not for the name that it was called by" },
        { GNUTLS_A_UNSUPPORTED_CERTIFICATE,
          "this host's certificate is not made for this use" },
        { GNUTLS_A_NO_APPLICATION_PROTOCOL, "it takes no migrations there" },
        { GNUTLS_A_PROTOCOL_VERSION, "it has no TLS 1.2 or later" },
        { GNUTLS_A_CERTIFICATE_REQUIRED, "it wants a certificate" },
    };
    const char *name;
    size_t i;

    for (i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++)
        if (meanings[i].alert == a)
            return meanings[i].meaning;
    name = tls_lib.alert_get_name(a);
    return name != NULL ? name : "an unknown alert";
}

/* The sentence for a call of GnuTLS that failed for good. */
static int
session_failed(struct tls_session *t, int rc, struct err *e)
{
    if (rc == GNUTLS_E_CERTIFICATE_ERROR && t->why.code != ERR_NONE) {
        *e = t->why;
        return -1;
    }
    if (rc == GNUTLS_E_FATAL_ALERT_RECEIVED)
        return err_set(e, ERR_DENIED, "it ends the connection: %s",
                       alert_meaning(tls_lib.alert_get(t->s)));
    if (rc == GNUTLS_E_PREMATURE_TERMINATION || rc == GNUTLS_E_PULL_ERROR ||
        rc == GNUTLS_E_PUSH_ERROR)
        return err_set(e, ERR_LOST, "the connection was lost");
    if (rc == GNUTLS_E_NO_CERTIFICATE_FOUND ||
        rc == GNUTLS_E_CERTIFICATE_REQUIRED)
        return err_set(e, ERR_DENIED, "it shows no certificate");
    if (rc == GNUTLS_E_NO_APPLICATION_PROTOCOL)
        return err_set(e, ERR_UNSUPPORTED, "it wants another service");
    return err_set(e, ERR_INVALID, "it does not speak TLS as xendeck does: %s",
                   tls_lib.strerror(rc));
}

/* Whether to try again (1), or the last verdict. */
static int
session_again(struct tls_session *t, int rc, struct err *e)
{
    if (rc == GNUTLS_E_AGAIN || rc == GNUTLS_E_INTERRUPTED)
        return session_wait(t, e) < 0 ? -1 : 1;
    return session_failed(t, rc, e);
}

/* The other end is told why, as far as it takes that at once. */
static void
tell_alert(struct tls_session *t, gnutls_alert_description_t a)
{
    int rc;

    do
        rc = tls_lib.alert_send(t->s, GNUTLS_AL_FATAL, a);
    while ((rc == GNUTLS_E_AGAIN || rc == GNUTLS_E_INTERRUPTED) &&
           session_wait(t, NULL) == 0);
}

/* --- the handshake --- */

/* Of whom it calls, before anything of its own is shown. */
static int
verify_called(gnutls_session_t s)
{
    struct tls_session *t = tls_lib.session_get_ptr(s);

    return tls_verify_host(t, t->host, &t->why) < 0 ? -1 : 0;
}

static int
session_begin_call(struct tls_session *t, const char *host)
{
    struct in6_addr v6;
    struct in_addr v4;

    t->host = host;
    tls_lib.session_set_verify_function(t->s, verify_called);
    if (inet_pton(AF_INET, host, &v4) == 1 ||
        inet_pton(AF_INET6, host, &v6) == 1)
        return 0; /* no name */
    return tls_lib.server_name_set(t->s, GNUTLS_NAME_DNS, host, strlen(host));
}

static int
session_begin(struct tls_session *t, const char *host)
{
    const unsigned flags =
        GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL | GNUTLS_NO_TICKETS;
    char service[] = SERVICE;
    gnutls_datum_t alpn = { (unsigned char *)service, sizeof(service) - 1 };
    int rc = tls_lib.init(
        &t->s, flags | (host != NULL ? GNUTLS_CLIENT : GNUTLS_SERVER));

    if (rc < 0)
        return rc;
    tls_lib.session_set_ptr(t->s, t);
    tls_lib.transport_set_int2(t->s, t->fd, t->fd);
    tls_lib.handshake_set_timeout(t->s, GNUTLS_INDEFINITE_TIMEOUT);
    rc = tls_lib.priority_set_direct(t->s, PRIORITY, NULL);
    if (rc == 0)
        rc = tls_lib.credentials_set(t->s, GNUTLS_CRD_CERTIFICATE, t->cred);
    if (rc == 0)
        rc = tls_lib.alpn_set_protocols(t->s, &alpn, 1, GNUTLS_ALPN_MANDATORY);
    if (rc == 0 && host != NULL)
        return session_begin_call(t, host);
    tls_lib.certificate_server_set_request(t->s, GNUTLS_CERT_REQUIRE);
    /* Strangers are not told which CAs there are; and a caller shows what it
     * has, whose fault can then be told. */
    tls_lib.certificate_send_x509_rdn_sequence(t->s, 1);
    return rc;
}

/* A service that knows no ALPN must not be taken for ours. */
static int
check_service(struct tls_session *t, struct err *e)
{
    gnutls_datum_t got;

    if (tls_lib.alpn_get_selected_protocol(t->s, &got) == 0)
        return 0;
    tell_alert(t, GNUTLS_A_NO_APPLICATION_PROTOCOL);
    return err_set(e, ERR_UNSUPPORTED, "it takes no migrations there");
}

int
tls_session_shake(struct tls_session *t, const char *host, struct err *e)
{
    int rc = session_begin(t, host), verdict = 1;

    if (rc < 0)
        return err_set(e, ERR_IO, "TLS: %s", tls_lib.strerror(rc));
    while ((rc = tls_lib.handshake(t->s)) < 0 && verdict > 0)
        if (rc != GNUTLS_E_WARNING_ALERT_RECEIVED)
            verdict = session_again(t, rc, e);
    if (rc < 0) {
        if (t->why.code != ERR_NONE)
            tell_alert(t, t->alert);
        else if (rc != GNUTLS_E_AGAIN)
            (void)tls_lib.alert_send_appropriate(t->s, rc);
        return -1;
    }
    return check_service(t, e);
}

/* --- lines --- */

int
tls_session_say(struct tls_session *t, const char *line, struct err *e)
{
    char text[TLS_LINE_MAX + 1];
    size_t n, done = 0;
    ssize_t rc;

    text_fmt(text, TLS_LINE_MAX, "%s", line);
    n = strlen(text);
    text[n++] = '\n';
    while (done < n) {
        rc = tls_lib.record_send(t->s, text + done, n - done);
        if (rc >= 0)
            done += (size_t)rc;
        else if (session_again(t, (int)rc, e) < 0)
            return -1;
    }
    return 0;
}

int
tls_session_hear(struct tls_session *t, char line[TLS_LINE_MAX], struct err *e)
{
    size_t n = 0;
    ssize_t rc;
    char c;

    for (;;) {
        rc = tls_lib.record_recv(t->s, &c, 1); /* what follows is not ours */
        if (rc == 0)
            return err_set(e, ERR_LOST, "it ends the connection");
        if (rc < 0 && session_again(t, (int)rc, e) < 0)
            return -1;
        if (rc > 0 && c == '\n')
            break;
        if (rc > 0 && n + 1 >= TLS_LINE_MAX)
            return err_set(e, ERR_INVALID, "it says what is not understood");
        if (rc > 0)
            line[n++] = c;
    }
    (void)text_safe(line, TLS_LINE_MAX, line, n);
    return 0;
}

/* The last words are lost if the connection is closed while something unread
 * lies in it. */
static void
session_part(const struct tls_session *t)
{
    int64_t until = clock_now_ms() + PART_MS, now;
    struct pollfd pf = { t->fd, POLLIN, 0 };
    char bytes[1024];

    if (t->fd < 0 || shutdown(t->fd, SHUT_WR) < 0)
        return;
    while ((now = clock_now_ms()) < until &&
           poll(&pf, 1, (int)(until - now)) > 0)
        if (recv(t->fd, bytes, sizeof(bytes), MSG_DONTWAIT) <= 0)
            return;
}

void
tls_session_fini(struct tls_session *t)
{
    if (t->why.code != ERR_NONE)
        session_part(t);
    if (t->s != NULL)
        tls_lib.deinit(t->s);
    if (t->cred != NULL)
        tls_lib.certificate_free_credentials(t->cred);
    t->s = NULL;
    t->cred = NULL;
}
