/*
 * fuzz_tls.c - any text as a place, an address to listen at, and one of those
 * who may come. What strangers say under TLS is GnuTLS's to parse.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "engine/tls/tls_carrier.h"
#include "src/base/buf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
fuzz_place(const char *text)
{
    struct err e = { 0 };
    struct tls_place p;

    if (tls_place_parse(text, &p, &e) < 0) {
        if (e.msg[0] == '\0')
            abort();
        return;
    }
    if (p.port < 1 || p.port > 65535 || p.host[0] == '\0' || p.host[0] == '-' ||
        strpbrk(p.host, " '\"$;&|<>\\/@\n") != NULL)
        abort();
}

/* What is printed is the same address again. */
static void
fuzz_address(const char *text)
{
    struct err e = { 0 };
    struct tls_address a, again;
    char shown[TLS_ADDR_MAX];

    if (tls_address_parse(text, &a, &e) < 0) {
        if (e.msg[0] == '\0')
            abort();
        return;
    }
    tls_address_print(&a, true, shown, sizeof(shown));
    if (tls_address_parse(shown, &again, &e) < 0 ||
        !tls_address_same_host(&a, &again))
        abort();
}

static void
fuzz_allowed(const char *text)
{
    static const struct tls_files f = { "c", "k", "a", "r" };
    struct tls_args a;

    if (tls_allowed_is_valid(text) && strpbrk(text, " *'\"\n") != NULL)
        abort();
    tls_args_serve(&a, &f, text);
    if (a.argv[TLS_ARGS_MAX - 1] != NULL)
        abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf text = { 0 };

    buf_add(&text, data, strnlen((const char *)data, size));
    fuzz_place(buf_text(&text));
    fuzz_address(buf_text(&text));
    fuzz_allowed(buf_text(&text));
    buf_free(&text);
    return 0;
}
