/*
 * xalloc.c - allocation that ends the process when memory is exhausted.
 * Owns the one hook that puts the terminal back before the message is written.
 */
#include "src/base/xalloc.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The hook cannot travel with the call: no allocation knows the terminal. */
static xalloc_fail_cb *
fail_hook(void)
{
    static xalloc_fail_cb hook;

    return &hook;
}

static void __attribute__((noreturn)) out_of_memory(void)
{
    static const char msg[] = "xendeck: out of memory\n";
    xalloc_fail_cb cb = xalloc_on_fail(NULL); /* once: it may allocate too */

    if (cb != NULL)
        cb();
    if (write(STDERR_FILENO, msg, sizeof msg - 1) < 0)
        _exit(2);
    _exit(1); /* handlers of exit() may allocate */
}

xalloc_fail_cb
xalloc_on_fail(xalloc_fail_cb cb)
{
    xalloc_fail_cb *hook = fail_hook();
    xalloc_fail_cb old = *hook;

    *hook = cb;
    return old;
}

void *
xcalloc(size_t n, size_t size)
{
    void *p = n == 0 || size == 0 ? calloc(1, 1) : calloc(n, size);

    if (p == NULL)
        out_of_memory();
    return p;
}

void *
xrealloc(void *p, size_t n, size_t size)
{
    void *r;

    if (size != 0 && n > SIZE_MAX / size)
        out_of_memory();
    r = realloc(p, n * size == 0 ? 1 : n * size); /* 0 would free p */
    if (r == NULL)
        out_of_memory();
    return r;
}

char *
xstrdup(const char *s)
{
    return xstrndup(s, strlen(s));
}

char *
xstrndup(const char *s, size_t n)
{
    char *p = strndup(s, n);

    if (p == NULL)
        out_of_memory();
    return p;
}

char *
xasprintf(const char *fmt, ...)
{
    va_list ap;
    char *p = NULL;
    int r;

    va_start(ap, fmt);
    r = vasprintf(&p, fmt, ap);
    va_end(ap);
    if (r < 0 || p == NULL)
        out_of_memory();
    return p;
}
