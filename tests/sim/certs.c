/*
 * certs.c - see certs.h.
 */
#include "tests/sim/certs.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "src/base/buf.h"
#include "src/base/fdio.h"

#define HOUR_S     3600
#define GOOD(call) assert_int_equal((call), GNUTLS_E_SUCCESS)

static void
certs_write(const struct certs *c, const char *file, const char *end,
            const gnutls_datum_t *text)
{
    char path[224];
    int fd;

    text_fmt(path, sizeof(path), "%s/%s%s", c->dir, file, end);
    fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(fd_write_all(fd, text->data, text->size), 0);
    close(fd);
}

static gnutls_x509_privkey_t
key_make(void)
{
    gnutls_x509_privkey_t key;

    GOOD(gnutls_x509_privkey_init(&key));
    GOOD(gnutls_x509_privkey_generate(
        key, GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1),
        0));
    return key;
}

/* All but what it is for, and who signs it. */
static gnutls_x509_crt_t
crt_begin(struct certs *c, const char *name, gnutls_x509_privkey_t key)
{
    unsigned char serial[] = { 1, (unsigned char)++c->serial };
    gnutls_x509_crt_t crt;

    GOOD(gnutls_x509_crt_init(&crt));
    GOOD(gnutls_x509_crt_set_version(crt, 3));
    GOOD(gnutls_x509_crt_set_serial(crt, serial, sizeof(serial)));
    GOOD(gnutls_x509_crt_set_dn_by_oid(crt, GNUTLS_OID_X520_COMMON_NAME, 0,
                                       name, (unsigned)strlen(name)));
    GOOD(gnutls_x509_crt_set_key(crt, key));
    GOOD(gnutls_x509_crt_set_activation_time(crt, time(NULL) - HOUR_S));
    GOOD(gnutls_x509_crt_set_expiration_time(crt, time(NULL) + HOUR_S));
    return crt;
}

static void
crt_write(const struct certs *c, const char *file, gnutls_x509_crt_t crt)
{
    gnutls_datum_t pem;

    GOOD(gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_PEM, &pem));
    certs_write(c, file, ".pem", &pem);
    gnutls_free(pem.data);
}

static void
ca_make(struct certs *c, struct certs_ca *ca, const char *file)
{
    ca->key = key_make();
    ca->crt = crt_begin(c, file, ca->key);
    GOOD(gnutls_x509_crt_set_basic_constraints(ca->crt, 1, -1));
    GOOD(gnutls_x509_crt_set_key_usage(ca->crt, GNUTLS_KEY_KEY_CERT_SIGN |
                                                    GNUTLS_KEY_CRL_SIGN));
    GOOD(
        gnutls_x509_crt_sign2(ca->crt, ca->crt, ca->key, GNUTLS_DIG_SHA256, 0));
    crt_write(c, file, ca->crt);
}

void
certs_open(struct certs *c, const char *dir)
{
    memset(c, 0, sizeof(*c));
    text_fmt(c->dir, sizeof(c->dir), "%s", dir);
    GOOD(gnutls_global_init());
    ca_make(c, &c->ca, "ca");
    ca_make(c, &c->other, "other");
}

static void
print_of(gnutls_x509_crt_t crt, char print[80])
{
    unsigned char sum[32];
    size_t n = sizeof(sum), i;

    GOOD(gnutls_x509_crt_get_fingerprint(crt, GNUTLS_DIG_SHA256, sum, &n));
    text_fmt(print, 80, "sha256:");
    for (i = 0; i < n; i++)
        snprintf(print + strlen(print), 3, "%02x", sum[i]);
}

void
certs_make(struct certs *c, const struct certs_host *h, char print[80])
{
    const struct certs_ca *ca = h->by_other ? &c->other : &c->ca;
    const char *file = h->file != NULL ? h->file : h->name;
    gnutls_x509_privkey_t key = key_make();
    gnutls_x509_crt_t crt = crt_begin(c, h->name, key);
    gnutls_datum_t pem;

    if (h->from_h != h->until_h) {
        GOOD(gnutls_x509_crt_set_activation_time(
            crt, time(NULL) + (time_t)h->from_h * HOUR_S));
        GOOD(gnutls_x509_crt_set_expiration_time(
            crt, time(NULL) + (time_t)h->until_h * HOUR_S));
    }
    GOOD(gnutls_x509_crt_set_subject_alt_name(crt, GNUTLS_SAN_DNSNAME, h->name,
                                              (unsigned)strlen(h->name), 0));
    GOOD(gnutls_x509_crt_set_key_usage(crt, GNUTLS_KEY_DIGITAL_SIGNATURE));
    GOOD(gnutls_x509_crt_set_key_purpose_oid(crt, GNUTLS_KP_TLS_WWW_SERVER, 0));
    if (!h->serves_only)
        GOOD(gnutls_x509_crt_set_key_purpose_oid(crt, GNUTLS_KP_TLS_WWW_CLIENT,
                                                 0));
    GOOD(gnutls_x509_crt_sign2(crt, ca->crt, ca->key, GNUTLS_DIG_SHA256, 0));
    crt_write(c, file, crt);
    GOOD(gnutls_x509_privkey_export2(key, GNUTLS_X509_FMT_PEM, &pem));
    certs_write(c, file, ".key", &pem);
    gnutls_free(pem.data);
    if (print != NULL)
        print_of(crt, print);
    gnutls_x509_crt_deinit(crt);
    gnutls_x509_privkey_deinit(key);
}

/* A certificate of certs_make, as its file has it. */
static gnutls_x509_crt_t
crt_read(const struct certs *c, const char *file)
{
    struct buf text = { 0 };
    gnutls_x509_crt_t crt;
    gnutls_datum_t pem;
    char path[224];

    text_fmt(path, sizeof(path), "%s/%s.pem", c->dir, file);
    assert_int_equal(fd_read_file(path, 65536, &text, NULL), 0);
    pem = (gnutls_datum_t){ (unsigned char *)text.data, (unsigned)text.len };
    GOOD(gnutls_x509_crt_init(&crt));
    GOOD(gnutls_x509_crt_import(crt, &pem, GNUTLS_X509_FMT_PEM));
    buf_free(&text);
    return crt;
}

void
certs_revoke(struct certs *c, const struct certs_list *l)
{
    const struct certs_ca *ca = l->by_other ? &c->other : &c->ca;
    const time_t began = time(NULL) - 2 * HOUR_S;
    gnutls_x509_crl_t crl;
    gnutls_x509_crt_t crt;
    gnutls_datum_t pem;
    int i;

    GOOD(gnutls_x509_crl_init(&crl));
    GOOD(gnutls_x509_crl_set_version(crl, 2));
    GOOD(gnutls_x509_crl_set_this_update(crl, began));
    GOOD(gnutls_x509_crl_set_next_update(crl, time(NULL) +
                                                  (time_t)l->until_h * HOUR_S));
    for (i = 0; i < 2 && l->revoked[i] != NULL; i++) {
        crt = crt_read(c, l->revoked[i]);
        GOOD(gnutls_x509_crl_set_crt(crl, crt, began));
        gnutls_x509_crt_deinit(crt);
    }
    GOOD(gnutls_x509_crl_sign2(crl, ca->crt, ca->key, GNUTLS_DIG_SHA256, 0));
    GOOD(gnutls_x509_crl_export2(crl, GNUTLS_X509_FMT_PEM, &pem));
    certs_write(c, l->file, ".crl", &pem);
    gnutls_free(pem.data);
    gnutls_x509_crl_deinit(crl);
}

void
certs_close(struct certs *c)
{
    gnutls_x509_crt_deinit(c->ca.crt);
    gnutls_x509_privkey_deinit(c->ca.key);
    gnutls_x509_crt_deinit(c->other.crt);
    gnutls_x509_privkey_deinit(c->other.key);
    gnutls_global_deinit();
}
