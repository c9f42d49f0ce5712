/*
 * buf.h - growing text and byte buffers, and text made safe to show.
 * Memory: on exhaustion the process ends with a message (xalloc.h): a console
 * that cannot hold a line of text cannot say so either.
 */
#ifndef XENDECK_BASE_BUF_H
#define XENDECK_BASE_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "src/base/text.h"

/* Zeroed means empty. data is NUL-terminated whenever it is not NULL. */
struct buf {
    char *data;
    size_t len, cap;
};

void buf_free(struct buf *b);  /* back to empty */
void buf_clear(struct buf *b); /* keeps the memory */
void buf_add(struct buf *b, const void *bytes, size_t n);
void buf_str(struct buf *b, const char *s);
void buf_chr(struct buf *b, char c);
void buf_fmt(struct buf *b, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void buf_vfmt(struct buf *b, const char *fmt, va_list ap)
    __attribute__((format(printf, 2, 0)));
/* Drops the first n bytes. */
void buf_consume(struct buf *b, size_t n);
/* The text, never NULL; borrowed until the next change. */
const char *buf_text(const struct buf *b);
/* Moves the text out (malloc'd, never NULL); the buffer is empty after. */
char *buf_take(struct buf *b);

/* Appends s with every control byte, DEL, C1 control and malformed UTF-8
 * replaced by '?': what a guest wrote becomes safe to show. So are the line
 * separators U+2028/9 and the bidirectional controls, which reorder what
 * stands around them. At most max bytes of s are looked at; a NUL ends it. */
void buf_safe(struct buf *b, const char *s, size_t max);

#endif
