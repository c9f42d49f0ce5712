/*
 * tls_place.h - where engines meet under TLS: the address that one of them
 * listens at, the place that a migration goes to, and who may come. Texts of
 * settings and of users: nothing here looks a name up.
 */
#ifndef XENDECK_ENGINE_TLS_PLACE_H
#define XENDECK_ENGINE_TLS_PLACE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

#include "src/base/err.h"

#define TLS_SCHEME   "tls://"
#define TLS_PORT     8003 /* where xend listened for migrations under TLS */
#define TLS_HOST_MAX 128
#define TLS_ADDR_MAX 64 /* an address with its port, for people */
#define TLS_NAME_MAX 128

struct tls_place {
    char host[TLS_HOST_MAX]; /* name or address, without brackets */
    unsigned port;
};

/* Begins the text as a place does? */
bool tls_is_place(const char *text);
/* "tls://HOST[:PORT]", an IPv6 address in brackets. */
int tls_place_parse(const char *text, struct tls_place *out, struct err *e);

struct tls_address {
    struct sockaddr_storage sa;
    socklen_t len;
};

/* "PORT", which is on the loopback interface alone, or "ADDRESS:PORT". The
 * sentence of *e ends in "allowed ..." and has no beginning. */
int tls_address_parse(const char *text, struct tls_address *out, struct err *e);
/* "10.0.0.1:8003"; port false: without it. */
void tls_address_print(const struct tls_address *a, bool port, char *dst,
                       size_t n);
/* What one sender may be taken to have to itself: an IPv4 address, or a /64 of
 * IPv6. */
bool tls_address_same_host(const struct tls_address *a,
                           const struct tls_address *b);

#define TLS_PRINT_MAX   65 /* of a fingerprint: SHA-256 in hexadecimal */
#define TLS_PRINT_BEGIN "sha256:"

/* One of those who may come: the name of a host, or "sha256:" and the
 * fingerprint of a certificate, with or without colons. */
bool tls_allowed_is_valid(const char *text);
/* Is it this fingerprint (64 lower-case digits)? */
bool tls_allowed_is_print(const char *text, const char *print);

#endif
