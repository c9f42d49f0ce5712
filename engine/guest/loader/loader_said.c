/*
 * loader_said.c - see loader_said.h.
 */
#include "engine/guest/loader/loader_said.h"

#include <string.h>

#define TAIL_MAX   4096
#define LINES_LAST 2

void
loader_said_add(struct loader_said *s, const char *bytes, size_t n)
{
    buf_add(&s->tail, bytes, n);
    if (s->tail.len > TAIL_MAX)
        buf_consume(&s->tail, s->tail.len - TAIL_MAX);
}

/* Bytes of a terminal's sequence that begins with ESC at s. */
static size_t
said_sequence(const char *s, size_t n)
{
    size_t i = n > 1 && (s[1] == '(' || s[1] == ')') ? 3 : 2;

    if (n < 2 || s[1] != '[')
        return i < n ? i : n;
    while (i < n && (unsigned char)s[i] < 0x40)
        i++;
    return i < n ? i + 1 : n;
}

/* A cursor that moves ends a line as well as a newline does. */
static void
said_plain(const struct buf *tail, struct buf *out)
{
    size_t i = 0, n;

    while (i < tail->len) {
        char c = tail->data[i];

        if (c == '\033') {
            n = said_sequence(tail->data + i, tail->len - i);
            if (n > 2 && tail->data[i + 1] == '[' &&
                strchr("HfABEFJ", tail->data[i + n - 1]) != NULL)
                buf_chr(out, '\n');
            i += n;
            continue;
        }
        if ((unsigned char)c >= 0x20 || c == '\n' || c == '\r')
            buf_chr(out, c == '\r' ? '\n' : c);
        i++;
    }
}

/* Where the line before end begins that has text; NULL: there is none. *end is
 * put behind its text. */
static const char *
said_line(const char *text, const char **end)
{
    const char *s;

    while (*end > text && strchr(" \n", (*end)[-1]) != NULL)
        --*end;
    for (s = *end; s > text && s[-1] != '\n'; s--)
        ;
    return s == *end ? NULL : s;
}

void
loader_said_last(const struct loader_said *s, char *dst, size_t n)
{
    struct buf plain = { 0 }, out = { 0 };
    const char *lines[LINES_LAST], *ends[LINES_LAST], *text, *end;
    size_t i, k = 0;

    said_plain(&s->tail, &plain);
    text = buf_text(&plain);
    end = text + plain.len;
    while (k < LINES_LAST && (lines[k] = said_line(text, &end)) != NULL) {
        ends[k] = end;
        end = lines[k++];
    }
    for (i = k; i > 0; i--) {
        buf_add(&out, lines[i - 1], (size_t)(ends[i - 1] - lines[i - 1]));
        buf_str(&out, i > 1 ? " / " : "");
    }
    (void)text_safe(dst, n, buf_text(&out), out.len);
    buf_free(&plain);
    buf_free(&out);
}

void
loader_said_fini(struct loader_said *s)
{
    buf_free(&s->tail);
}
