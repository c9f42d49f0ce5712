/*
 * clipboard.c - a text on the clipboard of the outer terminal, by the sequence
 * OSC 52. It is the one thing beside frames that a terminal is sent, and only
 * one whose type says (terminfo's extension Ms) that it knows it.
 */
#include "ui/screen/tty.h"

/* xterm takes no longer sequence than 100,000 bytes. */
#define CLIPBOARD_MAX 74000U

static void
add_base64(struct buf *out, const unsigned char *s, size_t n)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnop"
                                 "qrstuvwxyz0123456789+/";
    size_t i, k;

    for (i = 0; i < n; i += 3) {
        size_t have = n - i < 3 ? n - i : 3;
        unsigned long v = 0;
        char four[4];

        for (k = 0; k < 3; k++)
            v = v << 8 | (k < have ? s[i + k] : 0U);
        for (k = 0; k < 4; k++)
            four[k] = k <= have ? digits[v >> (18 - 6 * k) & 63] : '=';
        buf_add(out, four, sizeof(four));
    }
}

bool
tty_clipboard(struct tty *t, const char *text, size_t n)
{
    const char *known;
    SCREEN *was;

    if (t->lost || !t->entered || t->ascii || n == 0 || n > CLIPBOARD_MAX)
        return false;
    was = tty_select(t);
    known = tigetstr("Ms");
    tty_select_back(was);
    if (known == NULL || known == (const char *)-1)
        return false;
    buf_str(&t->out, "\033]52;c;");
    add_base64(&t->out, (const unsigned char *)text, n);
    buf_str(&t->out, "\007");
    (void)tty_flush(t);
    return true;
}
