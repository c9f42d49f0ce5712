/*
 * utf8.c - a character as bytes and back.
 */
#include "ui/draw/utf8.h"

int
utf8_put(char *out, uint32_t cp)
{
    if (cp < 0x80) {
        out[0] = (char)cp;
        return 1;
    }
    if (cp < 0x800) {
        out[0] = (char)(0xc0 | (cp >> 6));
        out[1] = (char)(0x80 | (cp & 0x3f));
        return 2;
    }
    if (cp < 0x10000) {
        out[0] = (char)(0xe0 | (cp >> 12));
        out[1] = (char)(0x80 | ((cp >> 6) & 0x3f));
        out[2] = (char)(0x80 | (cp & 0x3f));
        return 3;
    }
    out[0] = (char)(0xf0 | (cp >> 18));
    out[1] = (char)(0x80 | ((cp >> 12) & 0x3f));
    out[2] = (char)(0x80 | ((cp >> 6) & 0x3f));
    out[3] = (char)(0x80 | (cp & 0x3f));
    return 4;
}

int
utf8_get(const char *s, size_t n, uint32_t *cp_out)
{
    static const uint32_t least[5] = { 0, 0, 0x80, 0x800, 0x10000 };
    unsigned char c = (unsigned char)s[0];
    int need = c < 0x80   ? 1
               : c < 0xc2 ? 0
               : c < 0xe0 ? 2
               : c < 0xf0 ? 3
               : c < 0xf5 ? 4
                          : 0;
    uint32_t cp;
    int i;

    if (need == 0)
        return -1;
    if (need == 1) {
        *cp_out = c;
        return 1;
    }
    cp = c & (0xffU >> (need + 1));
    for (i = 1; i < need; i++) {
        if ((size_t)i >= n)
            return 0;
        if (((unsigned char)s[i] & 0xc0) != 0x80)
            return -1;
        cp = (cp << 6) | ((unsigned char)s[i] & 0x3fU);
    }
    if (cp < least[need] || cp > 0x10ffff || (cp >= 0xd800 && cp < 0xe000))
        return -1;
    *cp_out = cp;
    return need;
}
