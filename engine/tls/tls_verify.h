/*
 * tls_verify.h - what the certificate of the other end has to be. The sentences
 * are fit for both ends.
 */
#ifndef XENDECK_ENGINE_TLS_VERIFY_H
#define XENDECK_ENGINE_TLS_VERIFY_H

#include <time.h>

#include "engine/tls/tls_session.h"

#define TLS_DATE_MAX 32

/* Of one that was called: signed by a CA of ours, valid now, made for servers,
 * and for this host. If not, t->alert tells the other end. */
int tls_verify_host(struct tls_session *t, const char *host, struct err *e);
/* Of a caller: signed by a CA of ours, valid now, made for clients, and one of
 * n that may come. name: which one. */
int tls_verify_caller(struct tls_session *t, char *const *allowed, size_t n,
                      char name[TLS_NAME_MAX], struct err *e);

/* A moment in UTC, for people. */
void tls_print_date(time_t when, char out[TLS_DATE_MAX]);

#endif
