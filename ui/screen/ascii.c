/*
 * ascii.c - a frame for a terminal that shows ASCII only. The process runs in
 * a UTF-8 locale whatever the terminal can: this is the one place through
 * which all that such a terminal gets has to go.
 */
#include "ui/screen/ascii.h"

#include <stdint.h>
#include <wchar.h>

#include "ui/term/term.h"

/* The length of the character at s, its code in *u; 0: not UTF-8. */
static size_t
ascii_decode(const unsigned char *s, size_t n, uint32_t *u)
{
    size_t i, len = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;

    if (s[0] < 0xc2 || s[0] > 0xf4 || len > n)
        return 0;
    *u = s[0] & (0xffU >> (len + 1));
    for (i = 1; i < len; i++) {
        if ((s[i] & 0xc0) != 0x80)
            return 0;
        *u = *u << 6 | (s[i] & 0x3fU);
    }
    return len;
}

static void
stand_in(struct buf *out, uint32_t u)
{
    int cols = wcwidth((wchar_t)u);

    if (cols == 0) /* a mark on the character before */
        return;
    buf_chr(out, (char)term_ascii(u));
    if (cols == 2)
        buf_chr(out, ' ');
}

void
ascii_add(struct buf *out, const char *bytes, size_t n)
{
    const unsigned char *s = (const unsigned char *)bytes;
    size_t i = 0, plain, len;
    uint32_t u;

    while (i < n) {
        for (plain = i; plain < n && s[plain] < 0x80; plain++)
            ;
        buf_add(out, bytes + i, plain - i);
        i = plain;
        if (i == n)
            return;
        len = ascii_decode(s + i, n - i, &u);
        if (len > 0)
            stand_in(out, u);
        else
            buf_chr(out, bytes[i]);
        i += len > 0 ? len : 1;
    }
}
