/*
 * term_key.c - keys, pasted texts and the mouse as bytes for the guest, in
 * xterm's manner: what a guest's terminal description expects.
 */
#include <string.h>

#include "ui/term/term_int.h"

static void
send(struct term *t, const char *bytes, size_t n)
{
    if (t->opts.output != NULL && n > 0)
        t->opts.output(t->opts.arg, bytes, n);
}

/* A control character for a key with Ctrl, or -1. */
static int
control_of(uint32_t c)
{
    if (c >= 'a' && c <= 'z')
        return (int)c - 'a' + 1;
    if (c >= '@' && c <= '_')
        return (int)c - '@';
    switch (c) {
    case ' ':
    case '2':
    case '`':
        return 0;
    case '3':
    case '{':
        return 0x1b;
    case '4':
    case '|':
        return 0x1c;
    case '5':
    case '}':
        return 0x1d;
    case '6':
    case '~':
        return 0x1e;
    case '7':
    case '/':
        return 0x1f;
    case '8':
    case '?':
        return 0x7f;
    default:
        return -1;
    }
}

static bool
send_char(struct term *t, uint32_t c, unsigned mods)
{
    char bytes[8];
    int n = 0, control;

    if (mods & KEY_M_CTRL) {
        control = control_of(c);
        if (control < 0)
            return false;
        c = (uint32_t)control;
    }
    if (c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
        return false;
    if (mods & KEY_M_ALT)
        bytes[n++] = '\033';
    n += utf8_put(bytes + n, c);
    send(t, bytes, (size_t)n);
    return true;
}

static VTermModifier
vterm_mods(unsigned mods)
{
    return (VTermModifier)((mods & KEY_M_SHIFT ? VTERM_MOD_SHIFT : 0U) |
                           (mods & KEY_M_ALT ? VTERM_MOD_ALT : 0U) |
                           (mods & KEY_M_CTRL ? VTERM_MOD_CTRL : 0U));
}

/* F13 and on are not libvterm's: Shift with F1 and on, as xterm has it. */
static bool
send_function(struct term *t, unsigned n, unsigned mods)
{
    if (n > 24)
        return false;
    if (n > 12) {
        n -= 12;
        mods |= KEY_M_SHIFT;
    }
    vterm_keyboard_key(t->vt, (VTermKey)VTERM_KEY_FUNCTION(n),
                       vterm_mods(mods));
    return true;
}

/* Enter, Tab, Esc and Backspace: modifiers other than Alt have no encoding
 * that a console guest would know. */
static bool
send_simple(struct term *t, const struct key *k)
{
    VTermModifier alt = vterm_mods(k->mods & KEY_M_ALT);

    switch (k->code) {
    case K_ENTER:
        vterm_keyboard_key(t->vt, VTERM_KEY_ENTER, alt);
        return true;
    case K_TAB:
        if (k->mods & KEY_M_SHIFT)
            send(t, "\033[Z", 3);
        else
            vterm_keyboard_key(t->vt, VTERM_KEY_TAB, alt);
        return true;
    case K_ESC:
        vterm_keyboard_key(t->vt, VTERM_KEY_ESCAPE, alt);
        return true;
    case K_BACKSPACE:
        return send_char(t, k->mods & KEY_M_CTRL ? 0x08 : 0x7f,
                         k->mods & KEY_M_ALT);
    default:
        return false;
    }
}

bool
term_key(struct term *t, const struct key *k)
{
    static const VTermKey named[] = {
        [K_UP - K_BASE] = VTERM_KEY_UP,
        [K_DOWN - K_BASE] = VTERM_KEY_DOWN,
        [K_LEFT - K_BASE] = VTERM_KEY_LEFT,
        [K_RIGHT - K_BASE] = VTERM_KEY_RIGHT,
        [K_HOME - K_BASE] = VTERM_KEY_HOME,
        [K_END - K_BASE] = VTERM_KEY_END,
        [K_PGUP - K_BASE] = VTERM_KEY_PAGEUP,
        [K_PGDN - K_BASE] = VTERM_KEY_PAGEDOWN,
        [K_INS - K_BASE] = VTERM_KEY_INS,
        [K_DEL - K_BASE] = VTERM_KEY_DEL,
    };

    if (k->code < K_BASE)
        return send_char(t, k->code, k->mods);
    if (k->code >= K_F1)
        return send_function(t, k->code - K_F1 + 1, k->mods);
    if (k->code > K_BASE && k->code <= K_DEL) {
        vterm_keyboard_key(t->vt, named[k->code - K_BASE], vterm_mods(k->mods));
        return true;
    }
    return send_simple(t, k);
}

/* Escapes could end the brackets early and become commands; line ends become
 * what the Enter key sends. */
static void
paste_plain(const char *text, size_t n, struct buf *out)
{
    size_t i;

    for (i = 0; i < n; i++) {
        unsigned char c = (unsigned char)text[i];

        if (c == '\n' || c == '\r') {
            if (c == '\n' && i > 0 && text[i - 1] == '\r')
                continue;
            buf_chr(out, '\r');
        } else if (c == '\t' || (c >= 0x20 && c != 0x7f)) {
            if (c == 0xc2 && i + 1 < n && (unsigned char)text[i + 1] < 0xa0) {
                i++; /* a C1 control: another way to write an escape */
                continue;
            }
            buf_chr(out, (char)c);
        }
    }
}

static void
paste_collect(const char *bytes, size_t n, void *arg)
{
    buf_add(arg, bytes, n);
}

size_t
term_paste(struct term *t, const char *text, size_t n, struct buf *out)
{
    size_t end;

    vterm_output_set_callback(t->vt, paste_collect, out);
    vterm_keyboard_start_paste(t->vt);
    paste_plain(text, n, out);
    end = out->len;
    vterm_keyboard_end_paste(t->vt);
    vterm_output_set_callback(t->vt, term_on_output, t);
    return out->len - end;
}

bool
term_mouse(struct term *t, const struct mouse *m)
{
    int i, n = m->wheel < 0 ? -m->wheel : m->wheel;

    if (t->mouse == VTERM_PROP_MOUSE_NONE || t->view > 0 || m->y < 0 ||
        m->y >= t->rows || m->x < 0 || m->x >= t->cols)
        return false;
    vterm_mouse_move(t->vt, m->y, m->x, VTERM_MOD_NONE);
    switch (m->what) {
    case MOUSE_WHEEL:
        for (i = 0; i < n && i < 10; i++)
            vterm_mouse_button(t->vt, m->wheel < 0 ? 4 : 5, true,
                               VTERM_MOD_NONE);
        break;
    case MOUSE_RELEASE:
        vterm_mouse_button(t->vt, m->button, false, VTERM_MOD_NONE);
        break;
    case MOUSE_PRESS:
        vterm_mouse_button(t->vt, m->button, true, VTERM_MOD_NONE);
        break;
    case MOUSE_DOUBLE:
    case MOUSE_TRIPLE:
        vterm_mouse_button(t->vt, m->button, true, VTERM_MOD_NONE);
        vterm_mouse_button(t->vt, m->button, false, VTERM_MOD_NONE);
        break;
    }
    return true;
}
