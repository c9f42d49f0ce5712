/*
 * ui_text.c - text as columns of a terminal: how wide it is, how much of it
 * fits. Knows no curses.
 */
#include "ui/draw/ui_text.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

wchar_t
ui_text_char(const char **pp, int *cols)
{
    const unsigned char *s = (const unsigned char *)*pp;
    size_t i, len = s[0] < 0x80 ? 1 : s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;
    uint32_t u = len == 1 ? s[0] : s[0] & (0xffU >> (len + 1));

    for (i = 1; i < len; i++) {
        if ((s[i] & 0xc0) != 0x80) {
            len = i;
            u = 0;
            break;
        }
        u = u << 6 | (s[i] & 0x3fU);
    }
    *pp += len;
    *cols = 1;
    if (u >= ' ' && u < 127)
        return (wchar_t)u;
    /* Locales of one byte (LANG=C) have no way to say it. */
    if (u < 0xa0 || MB_CUR_MAX == 1)
        return L'?';
    *cols = wcwidth((wchar_t)u);
    if (*cols < 0) {
        *cols = 1;
        return L'?';
    }
    return (wchar_t)u;
}

int
ui_text_cols(const char *text)
{
    int n = 0, cols;

    while (*text != '\0') {
        ui_text_char(&text, &cols);
        n += cols;
    }
    return n;
}

/* Bytes of the character at s: never beyond the end of the text. */
static size_t
char_len(const char *s)
{
    unsigned char c = (unsigned char)s[0];
    size_t i, n = c < 0xc0 ? 1 : c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : 2;

    for (i = 1; i < n; i++)
        if (((unsigned char)s[i] & 0xc0) != 0x80)
            return i;
    return n;
}

static int
char_cols(const char *s, size_t len)
{
    char one[8] = { 0 };

    if (len == 1)
        return 1;
    memcpy(one, s, len);
    return ui_text_cols(one);
}

size_t
ui_text_fit(const char *text, int cols, bool words)
{
    size_t at = 0, blank = 0, len;
    int used = 0, wide;

    while (text[at] != '\0') {
        len = char_len(text + at);
        wide = char_cols(text + at, len);
        if (used + wide > cols && at > 0)
            break;
        used += wide;
        at += len;
        if (text[at - 1] == ' ')
            blank = at;
    }
    if (text[at] != '\0' && words && blank > at / 2)
        return blank;
    return at;
}

size_t
ui_text_next(const char *text, size_t n)
{
    return n > 0 && text[n] == ' ' && text[n - 1] != ' ' ? n + 1 : n;
}
