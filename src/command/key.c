/*
 * key.c - the text form of keys: what settings, help and the manual write.
 * key_parse takes what key_print gives, and the spellings people know from
 * other programs ("^A", "C-A", "PageUp", "BTab").
 */
#include "src/command/key.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "src/base/buf.h"

/* The first name of a code is the canonical one. */
static const struct named {
    const char *name;
    uint32_t code;
} named[] = {
    { "Up", K_UP },        { "Down", K_DOWN },
    { "Left", K_LEFT },    { "Right", K_RIGHT },
    { "Home", K_HOME },    { "End", K_END },
    { "PgUp", K_PGUP },    { "PageUp", K_PGUP },
    { "PgDn", K_PGDN },    { "PageDown", K_PGDN },
    { "Ins", K_INS },      { "Insert", K_INS },
    { "Del", K_DEL },      { "Delete", K_DEL },
    { "Enter", K_ENTER },  { "Return", K_ENTER },
    { "Tab", K_TAB },      { "Esc", K_ESC },
    { "Escape", K_ESC },   { "Backspace", K_BACKSPACE },
    { "BS", K_BACKSPACE }, { "Space", ' ' },
};

#define N_NAMED (sizeof named / sizeof named[0])
#define F_MAX   24

/* One whole UTF-8 sequence, n bytes; 0 if it is none, or a control. */
static uint32_t
key_decode(const char *s, size_t n)
{
    static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
    const unsigned char *u = (const unsigned char *)s;
    uint32_t c = u[0];
    size_t i;

    if (n == 1)
        return c > 0x20 && c < 0x7f ? c : 0;
    if (n > 4 || c < 0xc0 || c > 0xf7)
        return 0;
    c &= n == 2 ? 0x1fU : n == 3 ? 0x0fU : 0x07U;
    if ((n == 2) != (u[0] < 0xe0) || (n == 4) != (u[0] >= 0xf0))
        return 0;
    for (i = 1; i < n; i++) {
        if ((u[i] & 0xc0) != 0x80)
            return 0;
        c = c << 6 | (u[i] & 0x3fU);
    }
    if (c < least[n] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000) || c < 0xa0)
        return 0;
    return c;
}

static size_t
key_encode(uint32_t c, char out[5])
{
    size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4, i;
    static const unsigned char lead[] = { 0, 0, 0xc0, 0xe0, 0xf0 };

    for (i = n; i-- > 1; c >>= 6)
        out[i] = (char)(0x80 | (c & 0x3f));
    out[0] = (char)(lead[n] | c);
    out[n] = '\0';
    return n;
}

static bool
parse_code(const char *text, struct key *k)
{
    unsigned long long n;
    size_t i;

    k->code = key_decode(text, strlen(text));
    if (k->code != 0)
        return true;
    for (i = 0; i < N_NAMED; i++) {
        if (strcasecmp(text, named[i].name) != 0)
            continue;
        k->code = named[i].code;
        return true;
    }
    if (strcasecmp(text, "BTab") == 0) {
        k->code = K_TAB;
        k->mods |= KEY_M_SHIFT;
        return true;
    }
    if ((text[0] != 'F' && text[0] != 'f') || !text_u64(text + 1, 1, F_MAX, &n))
        return false;
    k->code = K_F1 + (uint32_t)n - 1;
    return true;
}

/* What a terminal cannot tell apart gets one name. */
static bool
normalize(struct key *k)
{
    if (k->code >= K_BASE)
        return true;
    if ((k->mods & KEY_M_SHIFT) != 0) {
        if (k->code >= 0x80 || !isalpha((int)k->code))
            return false; /* a terminal sends the shifted character itself */
        k->code = (uint32_t)toupper((int)k->code);
        k->mods &= ~(unsigned)KEY_M_SHIFT;
    }
    if ((k->mods & KEY_M_CTRL) == 0)
        return true;
    if (k->code >= 0x80)
        return false;
    k->code = (uint32_t)tolower((int)k->code);
    if (k->code == 'i' || k->code == 'm' || k->code == '[') {
        k->code = k->code == 'i' ? K_TAB : k->code == 'm' ? K_ENTER : K_ESC;
        k->mods &= ~(unsigned)KEY_M_CTRL;
    }
    return true;
}

bool
key_parse(const char *text, struct key *out)
{
    struct key k = { 0 };

    if (text[0] == '^' && text[1] != '\0' && text[2] == '\0') {
        k.mods = KEY_M_CTRL;
        text++;
    }
    while (text[0] != '\0' && text[1] == '-' && text[2] != '\0') {
        if (text[0] == 'C')
            k.mods |= KEY_M_CTRL;
        else if (text[0] == 'M')
            k.mods |= KEY_M_ALT;
        else if (text[0] == 'S')
            k.mods |= KEY_M_SHIFT;
        else
            return false;
        text += 2;
    }
    if (text[0] == '\0' || !parse_code(text, &k) || !normalize(&k))
        return false;
    *out = k;
    return true;
}

static const char *
key_name_of(uint32_t code)
{
    size_t i;

    for (i = 0; i < N_NAMED; i++)
        if (named[i].code == code)
            return named[i].name;
    return code == K_MOUSE ? "Mouse" : code == K_PASTE ? "Paste" : NULL;
}

void
key_print(const struct key *k, char *out, size_t out_size)
{
    const char *name = key_name_of(k->code);
    char text[16];

    if (name == NULL && k->code >= K_F1 && k->code < K_F1 + F_MAX)
        text_fmt(text, sizeof text, "F%u", (unsigned)(k->code - K_F1 + 1));
    else if (name == NULL && k->code > 0x20 && k->code <= 0x10ffff)
        key_encode(k->code, text);
    else if (name == NULL)
        text_fmt(text, sizeof text, "?");
    text_fmt(out, out_size, "%s%s%s%s", k->mods & KEY_M_CTRL ? "C-" : "",
             k->mods & KEY_M_ALT ? "M-" : "", k->mods & KEY_M_SHIFT ? "S-" : "",
             name != NULL ? name : text);
}

bool
key_same(const struct key *a, const struct key *b)
{
    return a->code == b->code && a->mods == b->mods;
}
