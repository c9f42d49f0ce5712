/*
 * pair_tls.h - a pair of simulated hosts (pair.h) that are joined by TCP under
 * TLS: real processes carry it, real certificates are shown, and what passes
 * goes through a wire of the test that can be cut.
 *
 * The clock is virtual, and moves while all processes wait.
 */
#ifndef XENDECK_TESTS_PAIR_TLS_H
#define XENDECK_TESTS_PAIR_TLS_H

#include "tests/sim/certs.h"
#include "tests/sim/pair.h"

struct pair_tls_opts {
    /* Files of the certificates of either host, "alpha" and "localhost" if
     * NULL, and of the CA that it knows, "ca" if NULL. "": it has none. */
    const char *a, *b, *a_ca, *b_ca;
    const char *allow; /* who may send to b; NULL: "alpha" */
    /* Lists of what is revoked that either has; NULL: none. */
    const char *a_crl, *b_crl;
};

struct pair_tls {
    struct pair *p;
    struct certs certs;
    char dir[64];
    char way[48];  /* that leads through the wire to b */
    unsigned port; /* where b listens */
    int door;      /* a's side of the wire listens there */
    struct loop_fd lf;
    char a_files[4][256], b_files[4][256]; /* certificate, key, CA, CRL */
    char listen[16], allow[512];
};

/* Certificates, which may serve many pairs. */
void pair_tls_init(struct pair_tls *pt);
void pair_tls_fini(struct pair_tls *pt);

/* As pair_open. */
void pair_tls_open(struct pair_tls *pt, struct pair *p, const char *more,
                   const struct pair_tls_opts *o);
void pair_tls_close(struct pair_tls *pt);

/* The processes that carry bytes: how many there are; kills those of the caller
 * (calls), or of the called. */
unsigned pair_tls_carriers(void);
unsigned pair_tls_kill_carriers(bool calls);

#endif
