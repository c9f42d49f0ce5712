/*
 * buf.c - growing byte buffers.
 * Invariant: data is NULL, or cap > len and data[len] is NUL. Capacity
 * doubles, so that appending costs a constant time a byte.
 */
#include "src/base/buf.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/xalloc.h"

/* Room for n more bytes and the terminator. */
static void
buf_reserve(struct buf *b, size_t n)
{
    size_t need, cap = b->cap < 32 ? 32 : b->cap;

    /* the sum below cannot wrap: xrealloc refuses SIZE_MAX */
    need = n >= SIZE_MAX - b->len ? SIZE_MAX : b->len + n + 1;
    if (b->data != NULL && need <= b->cap)
        return;
    while (cap < need)
        cap = cap > SIZE_MAX / 2 ? SIZE_MAX : cap * 2;
    b->data = xrealloc(b->data, cap, 1);
    b->cap = cap;
    b->data[b->len] = '\0';
}

void
buf_free(struct buf *b)
{
    free(b->data);
    *b = (struct buf){ 0 };
}

void
buf_clear(struct buf *b)
{
    b->len = 0;
    if (b->data != NULL)
        b->data[0] = '\0';
}

void
buf_add(struct buf *b, const void *bytes, size_t n)
{
    buf_reserve(b, n);
    if (n > 0)
        memcpy(b->data + b->len, bytes, n);
    b->len += n;
    b->data[b->len] = '\0';
}

void
buf_str(struct buf *b, const char *s)
{
    buf_add(b, s, strlen(s));
}

void
buf_chr(struct buf *b, char c)
{
    buf_add(b, &c, 1);
}

void
buf_fmt(struct buf *b, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    buf_vfmt(b, fmt, ap);
    va_end(ap);
}

void
buf_vfmt(struct buf *b, const char *fmt, va_list ap)
{
    va_list again;
    size_t room;
    int r;

    buf_reserve(b, 0);
    room = b->cap - b->len;
    va_copy(again, ap);
    r = vsnprintf(b->data + b->len, room, fmt, ap);
    if (r >= 0 && (size_t)r >= room) {
        buf_reserve(b, (size_t)r);
        r = vsnprintf(b->data + b->len, b->cap - b->len, fmt, again);
    }
    va_end(again);
    if (r > 0)
        b->len += (size_t)r;
    b->data[b->len] = '\0';
}

void
buf_consume(struct buf *b, size_t n)
{
    if (n >= b->len) {
        buf_clear(b);
        return;
    }
    b->len -= n;
    memmove(b->data, b->data + n, b->len + 1);
}

const char *
buf_text(const struct buf *b)
{
    return b->data == NULL ? "" : b->data;
}

char *
buf_take(struct buf *b)
{
    char *text = b->data == NULL ? xstrdup("") : b->data;

    *b = (struct buf){ 0 };
    return text;
}
