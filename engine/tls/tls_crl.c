/*
 * tls_crl.c - see tls_crl.h.
 */
#include "engine/tls/tls_crl.h"

#include <stdlib.h>

#include "engine/tls/tls_verify.h"
#include "src/base/buf.h"
#include "src/base/fdio.h"
#include "src/base/text.h"

#define FILE_MAX_BYTES (16U << 20) /* some 400,000 certificates */
#define LISTS_MAX      64

/* Zeroed means empty. */
struct crl_files {
    gnutls_x509_crt_t *ca;
    unsigned n_ca;
    gnutls_x509_crl_t *crl;
    unsigned n_crl;
};

static void
crl_files_fini(struct crl_files *f)
{
    unsigned i;

    for (i = 0; i < f->n_ca; i++)
        tls_lib.x509_crt_deinit(f->ca[i]);
    for (i = 0; i < f->n_crl; i++)
        tls_lib.x509_crl_deinit(f->crl[i]);
    free(f->ca); /* gnutls_free, unless a program sets another */
    free(f->crl);
}

/* The text of a file is data until the buffer is freed. */
static int
crl_read_file(const char *what, const char *path, struct buf *text,
              gnutls_datum_t *data_out, struct err *e)
{
    struct err why = { 0 };

    if (fd_read_file(path, FILE_MAX_BYTES, text, &why) < 0)
        return err_set(e, why.code, "%s: %s", what, why.msg);
    *data_out =
        (gnutls_datum_t){ (unsigned char *)text->data, (unsigned)text->len };
    return 0;
}

static int
crl_read_cas(struct crl_files *f, const char *path, struct err *e)
{
    struct buf text = { 0 };
    gnutls_datum_t data;
    int rc = crl_read_file("tls_ca", path, &text, &data, e), n;

    if (rc == 0) {
        n = tls_lib.x509_crt_list_import2(&f->ca, &f->n_ca, &data,
                                          GNUTLS_X509_FMT_PEM, 0);
        if (n < 0)
            rc = err_set(e, ERR_INVALID, "tls_ca: %s: %s", path,
                         tls_lib.strerror(n));
    }
    buf_free(&text);
    return rc;
}

static int
crl_read_lists(struct crl_files *f, const char *path, struct err *e)
{
    struct buf text = { 0 };
    gnutls_datum_t data;
    int rc = crl_read_file("tls_crl", path, &text, &data, e), n;

    if (rc == 0) {
        n = tls_lib.x509_crl_list_import2(&f->crl, &f->n_crl, &data,
                                          GNUTLS_X509_FMT_PEM, 0);
        if (n < 0 || f->n_crl == 0)
            rc = err_set(e, ERR_INVALID, "tls_crl: %s: %s", path,
                         n < 0 ? tls_lib.strerror(n) : "no list is in it");
        else if (f->n_crl > LISTS_MAX)
            rc =
                err_set(e, ERR_RANGE, "tls_crl: %s: found %u lists, allowed %d",
                        path, f->n_crl, LISTS_MAX);
    }
    buf_free(&text);
    return rc;
}

/* What the list says of its CA, for people. */
static void
crl_issuer(gnutls_x509_crl_t crl, char out[TLS_NAME_MAX])
{
    char text[TLS_NAME_MAX];
    size_t n = sizeof(text);

    if (tls_lib.x509_crl_get_issuer_dn_by_oid(crl, GNUTLS_OID_X520_COMMON_NAME,
                                              0, 0, text, &n) < 0)
        text_fmt(out, TLS_NAME_MAX, "an unnamed CA");
    else
        (void)text_safe(out, TLS_NAME_MAX, text, n);
}

static int
crl_refuse(gnutls_x509_crl_t crl, const char *path, unsigned status,
           struct err *e)
{
    char issuer[TLS_NAME_MAX], date[TLS_DATE_MAX];

    crl_issuer(crl, issuer);
    if ((status & (GNUTLS_CERT_SIGNER_NOT_FOUND | GNUTLS_CERT_SIGNER_NOT_CA)) !=
        0)
        return err_set(e, ERR_DENIED,
                       "tls_crl: %s: the list of '%s' is signed by no CA that "
                       "tls_ca has",
                       path, issuer);
    if ((status & GNUTLS_CERT_REVOCATION_DATA_SUPERSEDED) != 0) {
        tls_print_date(tls_lib.x509_crl_get_next_update(crl), date);
        return err_set(e, ERR_DENIED,
                       "tls_crl: %s: the list of '%s' is outdated: a new one "
                       "was due on %s",
                       path, issuer, date);
    }
    return err_set(e, ERR_DENIED, "tls_crl: %s: the list of '%s' is not valid",
                   path, issuer);
}

static int
crl_check_lists(const struct crl_files *f, const char *path, struct err *e)
{
    unsigned i, status;

    for (i = 0; i < f->n_crl; i++) {
        status = GNUTLS_CERT_INVALID;
        if (tls_lib.x509_crl_verify(f->crl[i], f->ca, f->n_ca, 0, &status) <
                0 ||
            status != 0)
            return crl_refuse(f->crl[i], path, status, e);
    }
    return 0;
}

int
tls_crl_load(struct tls_session *t, const char *crl, const char *ca,
             struct err *e)
{
    struct crl_files f = { 0 };
    int n, rc = crl_read_cas(&f, ca, e);

    if (rc == 0)
        rc = crl_read_lists(&f, crl, e);
    if (rc == 0)
        rc = crl_check_lists(&f, crl, e);
    if (rc == 0) {
        n = tls_lib.certificate_set_x509_crl(t->cred, f.crl, (int)f.n_crl);
        if (n < 0)
            rc = err_set(e, ERR_INVALID, "tls_crl: %s: %s", crl,
                         tls_lib.strerror(n));
    }
    crl_files_fini(&f);
    return rc;
}
