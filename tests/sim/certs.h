/*
 * certs.h - certificates for tests, made when they run: two CAs, and hosts that
 * one of them has signed. Keys are nowhere but in the test's directory.
 */
#ifndef XENDECK_TESTS_CERTS_H
#define XENDECK_TESTS_CERTS_H

#include <gnutls/x509.h>
#include <stdbool.h>

struct certs {
    char dir[96];
    /* "ca", and "other": what a host is signed by. */
    struct certs_ca {
        gnutls_x509_crt_t crt;
        gnutls_x509_privkey_t key;
    } ca, other;
    unsigned serial;
};

struct certs_host {
    const char *name;    /* its subjectAltName, and its files */
    const char *file;    /* of those, if they are called otherwise; or NULL */
    bool by_other;       /* signed by the other CA */
    int from_h, until_h; /* hours from now; both 0: it is valid now */
    bool serves_only;    /* not made for clients */
};

/* In dir, which is there: ca.pem, other.pem. */
void certs_open(struct certs *c, const char *dir);
/* FILE.pem and FILE.key. print: its fingerprint, "sha256:..."; or NULL. */
void certs_make(struct certs *c, const struct certs_host *h, char print[80]);
/* FILE.crl: the list of the CA, or of the other one, in which the certificates
 * of up to two files (NULL: none) are revoked. until_h: when a new one is due.
 */
struct certs_list {
    const char *file, *revoked[2];
    bool by_other;
    int until_h;
};
void certs_revoke(struct certs *c, const struct certs_list *l);
void certs_close(struct certs *c);

#endif
