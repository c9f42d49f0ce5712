/*
 * tls_verify.c - see tls_verify.h.
 */
#include "engine/tls/tls_verify.h"

#include <gnutls/x509.h>
#include <stdio.h>
#include <time.h>

#include "src/base/text.h"

/* NULL: it has shown none that can be read. The caller's to free. */
static gnutls_x509_crt_t
shown_certificate(const struct tls_session *t)
{
    unsigned n = 0;
    const gnutls_datum_t *chain = tls_lib.certificate_get_peers(t->s, &n);
    gnutls_x509_crt_t crt;

    if (chain == NULL || n == 0 || tls_lib.x509_crt_init(&crt) < 0)
        return NULL;
    if (tls_lib.x509_crt_import(crt, &chain[0], GNUTLS_X509_FMT_DER) == 0)
        return crt;
    tls_lib.x509_crt_deinit(crt);
    return NULL;
}

static void
fingerprint(gnutls_x509_crt_t crt, char out[TLS_PRINT_MAX])
{
    unsigned char sum[(TLS_PRINT_MAX - 1) / 2];
    size_t n = sizeof(sum), i;

    out[0] = '\0';
    if (tls_lib.x509_crt_get_fingerprint(crt, GNUTLS_DIG_SHA256, sum, &n) < 0)
        return;
    for (i = 0; i < n; i++)
        snprintf(out + 2 * i, 3, "%02x", sum[i]);
}

/* What it says of itself, for people: a name, or its fingerprint. */
static void
certificate_name(gnutls_x509_crt_t crt, char out[TLS_NAME_MAX])
{
    char text[TLS_NAME_MAX], print[TLS_PRINT_MAX];
    size_t n = sizeof(text);
    int rc = tls_lib.x509_crt_get_subject_alt_name(crt, 0, text, &n, NULL);

    if (rc != GNUTLS_SAN_DNSNAME) {
        n = sizeof(text);
        rc = tls_lib.x509_crt_get_dn_by_oid(crt, GNUTLS_OID_X520_COMMON_NAME, 0,
                                            0, text, &n);
    }
    if (rc >= 0 && n > 0) {
        (void)text_safe(out, TLS_NAME_MAX, text, n);
        return;
    }
    fingerprint(crt, print);
    text_fmt(out, TLS_NAME_MAX, "%s%s", TLS_PRINT_BEGIN, print);
}

void
tls_print_date(time_t when, char out[TLS_DATE_MAX])
{
    struct tm tm;

    if (gmtime_r(&when, &tm) == NULL ||
        strftime(out, TLS_DATE_MAX, "%Y-%m-%d %H:%M UTC", &tm) == 0)
        text_fmt(out, TLS_DATE_MAX, "an unknown time");
}

/* --- is it good? --- */

static int
refuse(struct tls_session *t, gnutls_alert_description_t alert, struct err *e,
       const char *sentence)
{
    t->alert = alert;
    return err_set(e, ERR_DENIED, "the certificate '%s' %s", t->cert_name,
                   sentence);
}

static int
refuse_time(struct tls_session *t, gnutls_x509_crt_t crt, bool early,
            struct err *e)
{
    time_t when = early ? tls_lib.x509_crt_get_activation_time(crt)
                        : tls_lib.x509_crt_get_expiration_time(crt);
    char date[TLS_DATE_MAX], sentence[96];
    bool own = early ? when > time(NULL) : when < time(NULL);

    tls_print_date(when, date);
    if (!own)
        text_fmt(sentence, sizeof(sentence), "has a CA that %s",
                 early ? "is not valid yet" : "has expired");
    else
        text_fmt(sentence, sizeof(sentence), "%s %s",
                 early ? "is not valid before" : "has expired on", date);
    return refuse(t, GNUTLS_A_CERTIFICATE_EXPIRED, e, sentence);
}

static int
refuse_status(struct tls_session *t, gnutls_x509_crt_t crt, unsigned status,
              struct err *e)
{
    static const struct {
        unsigned bits;
        gnutls_alert_description_t alert;
        const char *sentence;
    } faults[] = {
        { GNUTLS_CERT_SIGNER_NOT_FOUND | GNUTLS_CERT_SIGNER_NOT_CA,
          GNUTLS_A_UNKNOWN_CA, "is signed by no CA that tls_ca has" },
        { GNUTLS_CERT_REVOKED, GNUTLS_A_CERTIFICATE_REVOKED, "is revoked" },
        { GNUTLS_CERT_INSECURE_ALGORITHM, GNUTLS_A_BAD_CERTIFICATE,
          "has a key or a signature that is too weak" },
        { GNUTLS_CERT_PURPOSE_MISMATCH, GNUTLS_A_UNSUPPORTED_CERTIFICATE,
          "is not made for this: it must serve servers and clients" },
    };
    size_t i;

    for (i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
        if ((status & faults[i].bits) != 0)
            return refuse(t, faults[i].alert, e, faults[i].sentence);
    if ((status & GNUTLS_CERT_NOT_ACTIVATED) != 0)
        return refuse_time(t, crt, true, e);
    if ((status & GNUTLS_CERT_EXPIRED) != 0)
        return refuse_time(t, crt, false, e);
    return refuse(t, GNUTLS_A_CERTIFICATE_UNKNOWN, e, "is not valid");
}

static int
check_chain(struct tls_session *t, gnutls_x509_crt_t crt, const char *purpose,
            struct err *e)
{
    gnutls_typed_vdata_st want = { .type = GNUTLS_DT_KEY_PURPOSE_OID,
                                   .data =
                                       (unsigned char *)(uintptr_t)purpose };
    unsigned status = 0;

    certificate_name(crt, t->cert_name);
    if (tls_lib.certificate_verify_peers(t->s, &want, 1, &status) < 0)
        return refuse(t, GNUTLS_A_CERTIFICATE_UNKNOWN, e, "cannot be checked");
    return status == 0 ? 0 : refuse_status(t, crt, status, e);
}

static int
no_certificate(struct tls_session *t, struct err *e)
{
    t->alert = GNUTLS_A_BAD_CERTIFICATE;
    return err_set(e, ERR_DENIED, "no certificate is shown that can be read");
}

int
tls_verify_host(struct tls_session *t, const char *host, struct err *e)
{
    gnutls_x509_crt_t crt = shown_certificate(t);
    char sentence[TLS_HOST_MAX + 32];
    int rc;

    if (crt == NULL)
        return no_certificate(t, e);
    rc = check_chain(t, crt, GNUTLS_KP_TLS_WWW_SERVER, e);
    if (rc == 0 && tls_lib.x509_crt_check_hostname(crt, host) == 0) {
        text_fmt(sentence, sizeof(sentence), "is not one of the host '%s'",
                 host);
        rc = refuse(t, GNUTLS_A_BAD_CERTIFICATE, e, sentence);
    }
    tls_lib.x509_crt_deinit(crt);
    return rc;
}

/* --- may it come? --- */

/* A certificate for *.example.org is not the one of each host there. */
static bool
is_this_caller(gnutls_x509_crt_t crt, const char *print, const char *allowed)
{
    return tls_allowed_is_print(allowed, print) ||
           tls_lib.x509_crt_check_hostname2(
               crt, allowed, GNUTLS_VERIFY_DO_NOT_ALLOW_WILDCARDS) != 0;
}

int
tls_verify_caller(struct tls_session *t, char *const *allowed, size_t n,
                  char name[TLS_NAME_MAX], struct err *e)
{
    gnutls_x509_crt_t crt = shown_certificate(t);
    char print[TLS_PRINT_MAX];
    bool found = false;
    size_t i;
    int rc;

    if (crt == NULL)
        return no_certificate(t, e);
    rc = check_chain(t, crt, GNUTLS_KP_TLS_WWW_CLIENT, e);
    fingerprint(crt, print);
    for (i = 0; rc == 0 && i < n && !found; i++) {
        found = is_this_caller(crt, print, allowed[i]);
        text_fmt(name, TLS_NAME_MAX, "%s",
                 tls_allowed_is_print(allowed[i], print) ? t->cert_name
                                                         : allowed[i]);
    }
    tls_lib.x509_crt_deinit(crt);
    if (rc == 0 && !found)
        return refuse(t, GNUTLS_A_ACCESS_DENIED, e,
                      "is none that migrate_allow names");
    return rc;
}
