/*
 * console_plain.c - what a terminal's bytes leave as lines of plain text
 * (console_signs.h): no terminal, for where a line is all that is wanted. A
 * cursor that is put elsewhere ends the line, as menus of boot loaders do.
 */
#include "engine/console/console_signs.h"

#include <stdbool.h>
#include <string.h>

enum plain_state {
    PLAIN_TEXT,
    PLAIN_ESC,   /* behind ESC */
    PLAIN_TAKES, /* one more byte belongs to it: ESC ( B */
    PLAIN_CSI,
    PLAIN_STRING,    /* OSC, DCS...: to BEL or ST */
    PLAIN_STRING_ESC /* ESC within one */
};

struct plain {
    enum plain_state state;
    char line[CONSOLE_LINE_MAX];
    size_t n;
    bool back; /* the cursor is at the start: what comes replaces the line */
    struct buf *out;
};

static void
plain_flush(struct plain *p, bool ended)
{
    if (p->n > 0)
        buf_safe(p->out, p->line, p->n);
    if (ended)
        buf_chr(p->out, '\n');
    p->n = 0;
    p->back = false;
}

static void
plain_byte(struct plain *p, char c)
{
    if (p->back)
        p->n = 0;
    p->back = false;
    if (p->n < sizeof(p->line))
        p->line[p->n++] = c;
}

static void
plain_text(struct plain *p, unsigned char c)
{
    switch (c) {
    case 0x1b:
        p->state = PLAIN_ESC;
        break;
    case '\n':
        plain_flush(p, true);
        break;
    case '\r':
        p->back = true;
        break;
    case '\b':
        p->n -= p->n > 0;
        break;
    case '\t':
        plain_byte(p, ' ');
        break;
    default:
        if (c >= 0x20 && c != 0x7f)
            plain_byte(p, (char)c);
    }
}

static enum plain_state
plain_after_esc(unsigned char c)
{
    if (c == '[')
        return PLAIN_CSI;
    if (c != '\0' && strchr("]PX^_", c) != NULL)
        return PLAIN_STRING;
    return c != '\0' && strchr("()*+-./#% ", c) != NULL ? PLAIN_TAKES
                                                        : PLAIN_TEXT;
}

/* CAN, SUB and the end of a line end what was torn. */
static bool
plain_is_torn(struct plain *p, unsigned char c)
{
    if (p->state == PLAIN_TEXT || (c != 0x18 && c != 0x1a && c != '\n'))
        return false;
    p->state = PLAIN_TEXT;
    if (c == '\n')
        plain_flush(p, true);
    return true;
}

static void
plain_take(struct plain *p, unsigned char c)
{
    if (plain_is_torn(p, c))
        return;
    switch (p->state) {
    case PLAIN_TEXT:
        plain_text(p, c);
        break;
    case PLAIN_ESC:
        p->state = plain_after_esc(c);
        break;
    case PLAIN_TAKES:
        p->state = PLAIN_TEXT;
        break;
    case PLAIN_CSI:
        if (c < 0x40 || c > 0x7e)
            break;
        p->state = PLAIN_TEXT;
        if ((c == 'H' || c == 'f') && p->n > 0)
            plain_flush(p, true);
        break;
    case PLAIN_STRING:
        if (c == 0x07)
            p->state = PLAIN_TEXT;
        else if (c == 0x1b)
            p->state = PLAIN_STRING_ESC;
        break;
    case PLAIN_STRING_ESC:
        p->state = c == '\\' ? PLAIN_TEXT : PLAIN_STRING;
        break;
    }
}

void
console_plain(const char *bytes, size_t n, struct buf *out)
{
    struct plain p = { .out = out };
    size_t i;

    for (i = 0; i < n; i++)
        plain_take(&p, (unsigned char)bytes[i]);
    plain_flush(&p, false);
}
