/*
 * scr_raw.c - the bytes that the program sent: which sequences they are, which
 * modes of the terminal they leave on.
 */
#include <stdio.h>
#include <string.h>

#include "tests/screen/scr_int.h"

enum token { TOK_TEXT, TOK_C0, TOK_ESC, TOK_CSI, TOK_STRING, TOK_C1 };

/* One thing of the output. */
struct item {
    enum token kind;
    const char *p;
    size_t n;
};

static size_t
csi_len(const char *p, size_t n)
{
    size_t i;

    for (i = 2; i < n; i++)
        if (p[i] >= 0x40 && p[i] <= 0x7e)
            return i + 1;
    return n;
}

/* OSC, DCS, APC, PM, SOS: up to ST or BEL. */
static size_t
string_len(const char *p, size_t n)
{
    size_t i;

    for (i = 2; i < n; i++) {
        if (p[i] == '\a')
            return i + 1;
        if (p[i] == '\033' && i + 1 < n && p[i + 1] == '\\')
            return i + 2;
    }
    return n;
}

static void
take_escape(struct item *it, size_t n)
{
    size_t i = 1;

    if (n < 2) {
        it->n = n;
    } else if (it->p[1] == '[') {
        it->kind = TOK_CSI;
        it->n = csi_len(it->p, n);
    } else if (strchr("]P_^X", it->p[1]) != NULL) {
        it->kind = TOK_STRING;
        it->n = string_len(it->p, n);
    } else {
        while (i < n && it->p[i] >= 0x20 && it->p[i] <= 0x2f)
            i++;
        it->n = i < n ? i + 1 : n;
    }
}

static void
next_item(const char *p, size_t n, struct item *it)
{
    const unsigned char *u = (const unsigned char *)p;

    *it = (struct item){ TOK_TEXT, p, 1 };
    if (u[0] == 0x1b) {
        it->kind = TOK_ESC;
        take_escape(it, n);
    } else if (u[0] < 0x20 || u[0] == 0x7f) {
        it->kind = TOK_C0;
    } else if (u[0] == 0xc2 && n > 1 && u[1] < 0xa0) {
        it->kind = TOK_C1;
        it->n = 2;
    } else if (u[0] >= 0xc0) {
        while (it->n < n && (u[it->n] & 0xc0) == 0x80)
            it->n++;
    } else if (u[0] >= 0x80) {
        it->kind = TOK_C1; /* a byte on its own is one, to some terminals */
    }
}

/* What terminfo's entries make curses send, and our own modes. */
static bool
csi_expected(const struct item *it)
{
    char last = it->p[it->n - 1];
    size_t i;

    for (i = 2; i + 1 < it->n; i++)
        if (strchr("0123456789;:?!>", it->p[i]) == NULL)
            return false;
    if (it->n > 2 && it->p[2] == '?')
        return last == 'h' || last == 'l';
    if (it->n > 2 && it->p[2] == '>')
        return false;
    return strchr("ABCDGHJKLMPSTXZ@abdfghlmr", last) != NULL ||
           (it->n == 22 && last == 't');
}

static bool
private_expected(const struct item *it)
{
    static const char *const modes[] = {
        "1", "7", "12", "25", "1000", "1002", "1006", "1049", "2004", "12;25"
    };
    size_t i;

    if (it->n < 4 || it->p[2] != '?')
        return true;
    for (i = 0; i < sizeof modes / sizeof modes[0]; i++)
        if (strlen(modes[i]) == it->n - 4 &&
            strncmp(it->p + 3, modes[i], it->n - 4) == 0)
            return true;
    return false;
}

static bool
expected(const struct item *it)
{
    switch (it->kind) {
    case TOK_TEXT:
        return true;
    case TOK_C0:
        return strchr("\r\n\b\t\a\016\017", it->p[0]) != NULL;
    case TOK_ESC:
        /* 22;0;0t and 23;0;0t are of smcup; no other window operations */
        return it->n == 2   ? strchr("=>78MDEH", it->p[1]) != NULL
               : it->n == 3 ? it->p[1] == '(' || it->p[1] == ')'
                            : false;
    case TOK_CSI:
        if (it->p[it->n - 1] == 't')
            return memcmp(it->p, "\033[22;0;0t", it->n) == 0 ||
                   memcmp(it->p, "\033[23;0;0t", it->n) == 0;
        return csi_expected(it) && private_expected(it);
    default:
        return false;
    }
}

const char *
scr_raw(const struct scr *s, size_t from, size_t *n_out)
{
    *n_out = s->raw.len > from ? s->raw.len - from : 0;
    return buf_text(&s->raw) + (s->raw.len > from ? from : s->raw.len);
}

size_t
scr_sent(const struct scr *s)
{
    return s->raw.len;
}

bool
scr_said(const struct scr *s, size_t from, const char *bytes)
{
    size_t n;
    const char *raw = scr_raw(s, from, &n);

    return memmem(raw, n, bytes, strlen(bytes)) != NULL;
}

bool
scr_foreign(const struct scr *s, size_t from, struct buf *out)
{
    return scr_foreign_next(s, &from, out);
}

bool
scr_foreign_next(const struct scr *s, size_t *from, struct buf *out)
{
    size_t n, i;
    const char *p = scr_raw(s, *from, &n);
    struct item it;

    for (; n > 0; p += it.n, n -= it.n) {
        next_item(p, n, &it);
        *from += it.n;
        if (expected(&it) || it.n == n) /* the last one may be half */
            continue;
        for (i = 0; i < it.n && i < 200; i++)
            if (it.p[i] > 0x20 && it.p[i] < 0x7f)
                buf_chr(out, it.p[i]);
            else
                buf_fmt(out, "\\x%02x", (unsigned char)it.p[i]);
        return true;
    }
    return false;
}

/* Whether ";"-separated numbers hold this one. */
static bool
has_number(const char *p, size_t n, unsigned mode)
{
    unsigned value = 0;
    size_t i;

    for (i = 0; i <= n; i++) {
        if (i < n && p[i] >= '0' && p[i] <= '9') {
            value = value * 10 + (unsigned)(p[i] - '0');
            continue;
        }
        if (value == mode)
            return true;
        value = 0;
    }
    return false;
}

bool
scr_mode(const struct scr *s, unsigned mode)
{
    const char *p = buf_text(&s->raw);
    size_t n = s->raw.len;
    bool on = mode == 25 || mode == 7;
    struct item it;

    for (; n > 0; p += it.n, n -= it.n) {
        next_item(p, n, &it);
        if (it.kind == TOK_CSI && it.n > 4 && p[2] == '?' &&
            (p[it.n - 1] == 'h' || p[it.n - 1] == 'l') &&
            has_number(p + 3, it.n - 4, mode))
            on = p[it.n - 1] == 'h';
    }
    return on;
}

bool
scr_restored(struct scr *s, struct buf *out)
{
    static const unsigned off[] = { 1,    47,   1000, 1002, 1003, 1004,
                                    1005, 1006, 1047, 1049, 2004 };
    struct termios now;
    size_t i;

    while (scr_pump(s, 0))
        ;
    if (tcgetattr(s->slave, &now) < 0 || now.c_iflag != s->modes.c_iflag ||
        now.c_oflag != s->modes.c_oflag || now.c_lflag != s->modes.c_lflag ||
        memcmp(now.c_cc, s->modes.c_cc, sizeof now.c_cc) != 0)
        buf_str(out, "line modes; ");
    for (i = 0; i < sizeof off / sizeof off[0]; i++)
        if (scr_mode(s, off[i]))
            buf_fmt(out, "mode %u; ", off[i]);
    if (!scr_mode(s, 25))
        buf_str(out, "hidden cursor; ");
    return out->len == 0;
}
