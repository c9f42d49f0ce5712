/*
 * tls_carrier.h - the process that carries bytes between an engine and another
 * host under TLS. It alone reads the private key, parses what strangers send,
 * looks names up and waits; the engine starts it as any program that carries a
 * migration (dom0_transport.h), and talks through its standard input and
 * output, a socket. On its standard error it says one sentence if it fails.
 *
 * There is no connection without a certificate on both ends that a CA of the
 * settings has signed, none below TLS 1.2, and none to another kind of service
 * (ALPN). After the handshake the side that was called says whether it takes
 * the caller: "ok", or "no " and a sentence; then both only carry bytes.
 *
 * The one that serves a caller has that connection as its descriptor 3, and
 * tells the engine on standard error who it is, before anything else passes:
 * "peer NAME".
 */
#ifndef XENDECK_ENGINE_TLS_CARRIER_H
#define XENDECK_ENGINE_TLS_CARRIER_H

#include <stddef.h>

#include "engine/tls/tls_place.h"

#define TLS_CARRIER_DRIVER "tls" /* --helper tls ... */
#define TLS_CARRIER_NAME   "xendeck-tls"
#define TLS_CALLER_FD      3
#define TLS_PEER_WORD      "peer "
#define TLS_VERDICT_OK     "ok"
#define TLS_VERDICT_NO     "no "
#define TLS_ALLOWED_MAX    64
#define TLS_ARGS_MAX       (TLS_ALLOWED_MAX + 11)

#define TLS_SHAKE_MS 10000 /* in which a caller has to show who it is */

struct tls_files {
    const char *certificate, *key, *ca; /* PEM */
    const char *crl; /* revoked certificates, PEM; NULL or "": none */
};

/* The arguments of the process. Borrowed: what is pointed to, and the struct
 * itself. */
struct tls_args {
    char *argv[TLS_ARGS_MAX];
    char port[8];
    char words[4096]; /* of those who may come */
};

/* A call to a place. */
void tls_args_call(struct tls_args *a, const struct tls_files *f,
                   const struct tls_place *p);
/* Serves a caller. allowed: those who may come, with blanks between. */
void tls_args_serve(struct tls_args *a, const struct tls_files *f,
                    const char *allowed);

/* The process: argv as made above. Its exit status. */
int tls_carrier_main(int argc, char **argv);

#endif
