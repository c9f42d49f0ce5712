/*
 * tls_session.h - one end of a connection under TLS, in the process that
 * carries it (tls_carrier.h): it blocks, up to a limit. All sentences are fit
 * for both ends, and name nothing but what a certificate says of itself.
 */
#ifndef XENDECK_ENGINE_TLS_SESSION_H
#define XENDECK_ENGINE_TLS_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/tls/tls_carrier.h"
#include "engine/tls/tls_lib.h"
#include "src/base/err.h"

#define TLS_LINE_MAX 480

/* Zeroed means empty; fd and gone_fd are borrowed. */
struct tls_session {
    gnutls_certificate_credentials_t cred;
    gnutls_session_t s;
    int fd;           /* the connection, which does not block */
    int gone_fd;      /* when its other end is closed nobody waits any more */
    int64_t until_ms; /* limit of all before the bytes are carried */
    const char *host; /* that it calls; NULL: it was called */
    /* Of the other end's certificate (tls_verify.h): */
    char cert_name[TLS_NAME_MAX]; /* what it says of itself */
    struct err why;               /* why it is no good */
    gnutls_alert_description_t alert;
};

/* Reads the files. */
int tls_session_load(struct tls_session *t, const struct tls_files *f,
                     struct err *e);
/* host: whom it calls, and whose certificate it has to be; NULL: it was called,
 * and the caller's certificate is still to be looked at. */
int tls_session_shake(struct tls_session *t, const char *host, struct err *e);
/* A line; what is read is safe to show. */
int tls_session_say(struct tls_session *t, const char *line, struct err *e);
int tls_session_hear(struct tls_session *t, char line[TLS_LINE_MAX],
                     struct err *e);
void tls_session_fini(struct tls_session *t);

#endif
