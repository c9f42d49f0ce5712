/*
 * tls_crl.h - lists of certificates that their CAs have revoked, as the process
 * that carries bytes under TLS reads them at each connection.
 */
#ifndef XENDECK_ENGINE_TLS_CRL_H
#define XENDECK_ENGINE_TLS_CRL_H

#include "engine/tls/tls_session.h"

/* Of all lists in the file crl (PEM): each must be signed by a CA of the file
 * ca, and no later one may be due (nextUpdate). What they name is revoked for
 * this session from then on; a CA that has no list there has revoked nothing.
 * An outdated list is an error, because whoever can hold back a new one could
 * otherwise keep a revoked certificate in use. */
int tls_crl_load(struct tls_session *t, const char *crl, const char *ca,
                 struct err *e);

#endif
