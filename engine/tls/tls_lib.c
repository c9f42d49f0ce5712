/*
 * tls_lib.c - see tls_lib.h.
 */
#include "engine/tls/tls_lib.h"

#include <dlfcn.h>
#include <stddef.h>
#include <string.h>

#define LIB_FILE    "libgnutls.so.30" /* of Debian 12 and 13 */
#define LIB_PACKAGE "libgnutls30"

struct tls_lib tls_lib;

struct tls_symbol {
    const char *name;
    size_t at; /* in struct tls_lib */
};

static const struct tls_symbol symbols[] = {
#define TLS_LIB_SYMBOL(name)                                                   \
    { "gnutls_" #name, offsetof(struct tls_lib, name) },
    TLS_LIB_FUNCTIONS(TLS_LIB_SYMBOL)
#undef TLS_LIB_SYMBOL
};

/* It stays until the process ends. */
int
tls_lib_load(struct err *e)
{
    void *lib = dlopen(LIB_FILE, RTLD_NOW | RTLD_LOCAL), *found;
    size_t i;

    if (lib == NULL)
        return err_set(e, ERR_UNSUPPORTED,
                       "TLS needs " LIB_FILE
                       ", which cannot be loaded: install "
                       "the package " LIB_PACKAGE);
    for (i = 0; i < sizeof(symbols) / sizeof(symbols[0]); i++) {
        found = dlsym(lib, symbols[i].name);
        if (found == NULL)
            return err_set(e, ERR_UNSUPPORTED,
                           LIB_FILE " has no %s: it is another version than "
                                    "xendeck was built for",
                           symbols[i].name);
        memcpy((char *)&tls_lib + symbols[i].at, &found, sizeof(found));
    }
    return tls_lib.global_init() < 0
               ? err_set(e, ERR_IO, "TLS cannot be set up")
               : 0;
}
