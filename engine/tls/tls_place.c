/*
 * tls_place.c - see tls_place.h.
 */
#include "engine/tls/tls_place.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "src/base/text.h"

#define HOST_CHARS                                                             \
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_"
#define NET_BYTES 8 /* of an IPv6 address: what a network is told by */

static bool
parse_port(const char *text, unsigned *out)
{
    unsigned long long v;

    if (text[strspn(text, "0123456789")] != '\0' ||
        !text_u64(text, 1, 65535, &v))
        return false;
    *out = (unsigned)v;
    return true;
}

/* "HOST:PORT", "[V6]:PORT" or one of them without the port: the host, and where
 * the port begins, "" for none. False: it is too long, or something follows. */
static bool
split_host(const char *text, char *host, size_t n, const char **port_out)
{
    bool bracket = text[0] == '[';
    const char *begin = text + bracket;
    size_t len = strcspn(begin, bracket ? "]" : ":");
    const char *rest = begin + len;

    if (len == 0 || len >= n || (bracket && *rest != ']'))
        return false;
    text_fmt(host, n, "%.*s", (int)len, begin);
    rest += bracket;
    if (*rest != '\0' && *rest != ':')
        return false;
    *port_out = *rest == ':' ? rest + 1 : rest;
    return *rest == '\0' || rest[1] != '\0';
}

bool
tls_is_place(const char *text)
{
    return strncmp(text, TLS_SCHEME, sizeof(TLS_SCHEME) - 1) == 0;
}

static bool
is_host(const char *text, bool bracket)
{
    struct in6_addr v6;

    if (bracket)
        return inet_pton(AF_INET6, text, &v6) == 1;
    return text[0] != '-' && text[strspn(text, HOST_CHARS)] == '\0';
}

int
tls_place_parse(const char *text, struct tls_place *out, struct err *e)
{
    const char *begin = text, *port = "";
    struct tls_place p = { .port = TLS_PORT };

    if (tls_is_place(text))
        begin += sizeof(TLS_SCHEME) - 1;
    if (begin == text || !split_host(begin, p.host, sizeof(p.host), &port) ||
        !is_host(p.host, begin[0] == '[') ||
        (*port != '\0' && !parse_port(port, &p.port)))
        return err_set(e, ERR_INVALID,
                       "found '%s', allowed tls://HOST or tls://HOST:PORT, an "
                       "IPv6 address in brackets",
                       text);
    *out = p;
    return 0;
}

/* --- addresses --- */

static void
set_v4(struct tls_address *a, const struct in_addr *in, unsigned port)
{
    struct sockaddr_in sin = { .sin_family = AF_INET,
                               .sin_addr = *in,
                               .sin_port = htons((uint16_t)port) };

    memset(a, 0, sizeof(*a));
    memcpy(&a->sa, &sin, sizeof(sin));
    a->len = sizeof(sin);
}

static void
set_v6(struct tls_address *a, const struct in6_addr *in, unsigned port)
{
    struct sockaddr_in6 sin = { .sin6_family = AF_INET6,
                                .sin6_addr = *in,
                                .sin6_port = htons((uint16_t)port) };

    memset(a, 0, sizeof(*a));
    memcpy(&a->sa, &sin, sizeof(sin));
    a->len = sizeof(sin);
}

int
tls_address_parse(const char *text, struct tls_address *out, struct err *e)
{
    const struct in_addr loopback = { .s_addr = htonl(INADDR_LOOPBACK) };
    char host[TLS_ADDR_MAX];
    const char *port_text;
    struct in6_addr v6;
    struct in_addr v4;
    unsigned port = 0;

    if (parse_port(text, &port)) {
        set_v4(out, &loopback, port);
        return 0;
    }
    if (split_host(text, host, sizeof(host), &port_text) &&
        parse_port(port_text, &port)) {
        if (text[0] == '[' && inet_pton(AF_INET6, host, &v6) == 1) {
            set_v6(out, &v6, port);
            return 0;
        }
        if (text[0] != '[' && inet_pton(AF_INET, host, &v4) == 1) {
            set_v4(out, &v4, port);
            return 0;
        }
    }
    return err_set(e, ERR_INVALID,
                   "found \"%s\", allowed a port, or an address of this host "
                   "in numbers and a port, as \"10.0.0.1:8003\" or "
                   "\"[2001:db8::1]:8003\"",
                   text);
}

/* The IPv4 address within, where there is one. */
static bool
as_v4(const struct tls_address *a, struct in_addr *out, unsigned *port)
{
    struct sockaddr_in6 v6;
    struct sockaddr_in v4;

    if (a->sa.ss_family == AF_INET) {
        memcpy(&v4, &a->sa, sizeof(v4));
        *out = v4.sin_addr;
        *port = ntohs(v4.sin_port);
        return true;
    }
    memcpy(&v6, &a->sa, sizeof(v6));
    *port = ntohs(v6.sin6_port);
    if (a->sa.ss_family != AF_INET6 || !IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr))
        return false;
    memcpy(out, v6.sin6_addr.s6_addr + 12, sizeof(*out));
    return true;
}

void
tls_address_print(const struct tls_address *a, bool port, char *dst, size_t n)
{
    char text[INET6_ADDRSTRLEN] = "?", tail[16] = "";
    struct sockaddr_in6 v6;
    struct in_addr v4;
    unsigned number = 0;
    bool short_one = as_v4(a, &v4, &number);

    if (short_one) {
        (void)inet_ntop(AF_INET, &v4, text, sizeof(text));
    } else if (a->sa.ss_family == AF_INET6) {
        memcpy(&v6, &a->sa, sizeof(v6));
        (void)inet_ntop(AF_INET6, &v6.sin6_addr, text, sizeof(text));
    }
    if (port)
        text_fmt(tail, sizeof(tail), ":%u", number);
    if (short_one || !port)
        text_fmt(dst, n, "%s%s", text, tail);
    else
        text_fmt(dst, n, "[%s]%s", text, tail);
}

bool
tls_address_same_host(const struct tls_address *a, const struct tls_address *b)
{
    struct sockaddr_in6 six_a, six_b;
    struct in_addr four_a, four_b;
    unsigned port;
    bool is_a = as_v4(a, &four_a, &port), is_b = as_v4(b, &four_b, &port);

    if (is_a || is_b)
        return is_a && is_b && four_a.s_addr == four_b.s_addr;
    memcpy(&six_a, &a->sa, sizeof(six_a));
    memcpy(&six_b, &b->sa, sizeof(six_b));
    return memcmp(&six_a.sin6_addr, &six_b.sin6_addr, NET_BYTES) == 0;
}

/* --- who may come --- */

/* The digits of a fingerprint, in lower case; false: it is none. */
static bool
parse_print(const char *text, char out[TLS_PRINT_MAX])
{
    const char *p = text + sizeof(TLS_PRINT_BEGIN) - 1;
    size_t n = 0;

    if (strncmp(text, TLS_PRINT_BEGIN, sizeof(TLS_PRINT_BEGIN) - 1) != 0)
        return false;
    for (; *p != '\0'; p++) {
        if (*p == ':')
            continue;
        if (!isxdigit((unsigned char)*p) || n + 1 >= TLS_PRINT_MAX)
            return false;
        out[n++] = (char)tolower((unsigned char)*p);
    }
    out[n] = '\0';
    return n == TLS_PRINT_MAX - 1;
}

bool
tls_allowed_is_valid(const char *text)
{
    char print[TLS_PRINT_MAX];
    struct in6_addr v6;
    size_t n = strlen(text);

    if (strncmp(text, TLS_PRINT_BEGIN, sizeof(TLS_PRINT_BEGIN) - 1) == 0)
        return parse_print(text, print);
    return n > 0 && n < TLS_NAME_MAX &&
           (is_host(text, false) || inet_pton(AF_INET6, text, &v6) == 1);
}

bool
tls_allowed_is_print(const char *text, const char *print)
{
    char digits[TLS_PRINT_MAX];

    return parse_print(text, digits) && strcmp(digits, print) == 0;
}
