/*
 * key.h - a key press as commands, panes and settings name it, apart from how
 * a terminal sends it.
 * Text form: "a", "A", "C-a" (also "^A"), "M-a", "F5", "S-Tab", "Enter",
 * "Esc", "Up", "PgUp", "Home", "Space"...
 */
#ifndef XENDECK_COMMAND_KEY_H
#define XENDECK_COMMAND_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { KEY_M_CTRL = 1, KEY_M_ALT = 2, KEY_M_SHIFT = 4 };

/* Codes beyond Unicode. Below: the code point itself; control characters are
 * given as their letter in lower case with KEY_M_CTRL, but for the named. */
enum key_code {
    K_BASE = 0x200000,
    K_UP,
    K_DOWN,
    K_LEFT,
    K_RIGHT,
    K_HOME,
    K_END,
    K_PGUP,
    K_PGDN,
    K_INS,
    K_DEL,
    K_ENTER,
    K_TAB, /* Shift-Tab: K_TAB with KEY_M_SHIFT */
    K_ESC,
    K_BACKSPACE,
    K_MOUSE,              /* struct key.mouse is valid */
    K_PASTE,              /* a bracketed paste, see struct key.paste */
    K_F1 = K_BASE + 0x100 /* F1..F24 follow */
};

#define K_F(n)        (K_F1 + (n)-1)
#define KEY_PASTE_MAX (16U << 20) /* bytes of one paste */

enum mouse_what {
    MOUSE_PRESS,
    MOUSE_RELEASE,
    MOUSE_DOUBLE,
    MOUSE_TRIPLE,
    MOUSE_WHEEL
};

struct mouse {
    enum mouse_what what;
    int y, x;   /* of the terminal, or of the pane once it is given to one */
    int button; /* 1..3 */
    int wheel;  /* lines, negative: up */
};

struct key {
    uint32_t code;
    unsigned mods; /* KEY_M_ bits */
    struct mouse mouse;
    const char *paste; /* borrowed during the dispatch; NULL: it was longer */
    size_t paste_len;  /* than KEY_PASTE_MAX and is dropped */
};

/* False if text is no key. */
bool key_parse(const char *text, struct key *out);
/* The canonical text form; out at least 24 bytes. */
void key_print(const struct key *k, char *out, size_t out_size);
/* Same code and modifiers. */
bool key_same(const struct key *a, const struct key *b);

#endif
