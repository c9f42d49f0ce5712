/*
 * xalloc.h - allocation that ends the process when memory is exhausted.
 * The program bounds what it keeps; running out means the host is failing.
 */
#ifndef XENDECK_BASE_XALLOC_H
#define XENDECK_BASE_XALLOC_H

#include <stdarg.h>
#include <stddef.h>

void *xcalloc(size_t n, size_t size) __attribute__((malloc, returns_nonnull));
void *xrealloc(void *p, size_t n, size_t size)
    __attribute__((returns_nonnull)); /* n * size, checked for overflow */
char *xstrdup(const char *s) __attribute__((malloc, returns_nonnull));
char *xstrndup(const char *s, size_t n)
    __attribute__((malloc, returns_nonnull));
char *xasprintf(const char *fmt, ...)
    __attribute__((format(printf, 1, 2), malloc, returns_nonnull));

/* Called (if set) before the process ends: puts the terminal back. Set once
 * by main; returns the one before. */
typedef void (*xalloc_fail_cb)(void);
xalloc_fail_cb xalloc_on_fail(xalloc_fail_cb cb);

#endif
