/*
 * input.c - bytes of the outer terminal become keys.
 * Invariant: in->in holds at most one incomplete sequence between calls.
 */
#include "ui/screen/input.h"

#include <string.h>

#include "ui/draw/curses.h"

#define ESC         0x1b
#define ESC_WAIT_MS 25
#define PASTE_MS    2000 /* a paste without an end is over then */
#define SEQ_MAX     64   /* a sequence longer than this is garbage */
#define PARAMS_MAX  4
#define WHEEL_LINES 3

/* Result of a parse: bytes used, 0: more are needed, -1: not of this form. */
enum { MORE = 0, NOT = -1 };

static const uint32_t tilde_keys[] = {
    [1] = K_HOME,   [2] = K_INS,    [3] = K_DEL,    [4] = K_END,
    [5] = K_PGUP,   [6] = K_PGDN,   [7] = K_HOME,   [8] = K_END,
    [11] = K_F(1),  [12] = K_F(2),  [13] = K_F(3),  [14] = K_F(4),
    [15] = K_F(5),  [17] = K_F(6),  [18] = K_F(7),  [19] = K_F(8),
    [20] = K_F(9),  [21] = K_F(10), [23] = K_F(11), [24] = K_F(12),
    [25] = K_F(13), [26] = K_F(14), [28] = K_F(15), [29] = K_F(16),
    [31] = K_F(17), [32] = K_F(18), [33] = K_F(19), [34] = K_F(20),
};

static const struct {
    char final;
    uint32_t code;
} letter_keys[] = {
    { 'A', K_UP },   { 'B', K_DOWN }, { 'C', K_RIGHT }, { 'D', K_LEFT },
    { 'H', K_HOME }, { 'F', K_END },  { 'P', K_F(1) },  { 'Q', K_F(2) },
    { 'R', K_F(3) }, { 'S', K_F(4) }, { 'M', K_ENTER },
};

static uint32_t
letter_key(char final)
{
    size_t i;

    for (i = 0; i < sizeof(letter_keys) / sizeof(letter_keys[0]); i++)
        if (letter_keys[i].final == final)
            return letter_keys[i].code;
    return 0;
}

/* xterm's modifier parameter: 1 + shift 1, alt 2, control 4, meta 8. */
static unsigned
mods_of(int param)
{
    unsigned m = param > 1 ? (unsigned)param - 1 : 0;

    return ((m & 1) ? KEY_M_SHIFT : 0) | ((m & (2 | 8)) ? KEY_M_ALT : 0) |
           ((m & 4) ? KEY_M_CTRL : 0);
}

static void
mouse_key(struct key *k, int bits, int x, int y, bool release)
{
    k->code = K_MOUSE;
    k->mods = ((bits & 4) ? KEY_M_SHIFT : 0) | ((bits & 8) ? KEY_M_ALT : 0) |
              ((bits & 16) ? KEY_M_CTRL : 0);
    k->mouse.x = x > 0 ? x - 1 : 0;
    k->mouse.y = y > 0 ? y - 1 : 0;
    if (bits & 64) {
        k->mouse.what = MOUSE_WHEEL;
        k->mouse.wheel = (bits & 1) ? WHEEL_LINES : -WHEEL_LINES;
        if (bits & 2) /* sideways */
            k->code = 0;
    } else if ((bits & 3) == 3 || release) {
        k->mouse.what = MOUSE_RELEASE;
        k->mouse.button = (bits & 3) == 3 ? 1 : (bits & 3) + 1;
    } else {
        k->mouse.what = MOUSE_PRESS;
        k->mouse.button = (bits & 3) + 1;
    }
    if (bits & 32) /* motion: not asked for */
        k->code = 0;
}

/* Control bytes and plain ASCII. */
static void
byte_key(const struct input *in, unsigned char c, struct key *k)
{
    k->code = c;
    if (c == '\r')
        k->code = K_ENTER;
    else if (c == '\t')
        k->code = K_TAB;
    else if (c == ESC)
        k->code = K_ESC;
    else if (c == 127 || c == in->erase)
        k->code = K_BACKSPACE;
    else if (c == 0)
        k->code = ' ';
    else if (c < 27)
        k->code = (uint32_t)c + 'a' - 1;
    else if (c < ' ')
        k->code = (uint32_t)c + '@';
    if (k->code < K_BASE && c < ' ')
        k->mods |= KEY_M_CTRL;
}

/* What CSI params final means; code 0: nothing we know. */
static void
csi_key(const int *par, int n, char intro, char final, struct key *k)
{
    size_t first = par[0] > 0 ? (size_t)par[0] : 0;

    if (intro == '<') {
        if (n >= 3)
            mouse_key(k, par[0], par[1], par[2], final == 'm');
        return;
    }
    if (intro != '\0') /* an answer to a question we did not ask */
        return;
    k->mods = mods_of(n >= 2 ? par[1] : 0);
    if (final == 'Z') {
        k->code = K_TAB;
        k->mods |= KEY_M_SHIFT;
    } else if (final == 'u' || (final == '~' && par[0] == 27 && n >= 3)) {
        int c = final == 'u' ? par[0] : par[2];

        k->code = c > 0 ? (uint32_t)c : 0;
        if (c < 128)
            byte_key(&(struct input){ .erase = 127 }, (unsigned char)c, k);
    } else if (strchr("~^$@", final) != NULL) {
        if (first < sizeof(tilde_keys) / sizeof(tilde_keys[0]))
            k->code = tilde_keys[first];
        if (final == '^' || final == '@') /* rxvt's modifiers */
            k->mods |= KEY_M_CTRL;
        if (final == '$' || final == '@')
            k->mods |= KEY_M_SHIFT;
    } else if (final >= 'a' && final <= 'd') { /* rxvt: shifted arrow */
        k->code = letter_key((char)(final - 'a' + 'A'));
        k->mods |= KEY_M_SHIFT;
    } else if (final != 'M') {
        k->code = letter_key(final);
    }
}

/* s begins with ESC [ */
static int
parse_csi(const char *s, size_t n, struct key *k)
{
    int par[PARAMS_MAX] = { 0 }, n_par = 1;
    char intro = '\0';
    size_t i = 2;

    if (n > 2 && s[2] == '[') { /* Linux console: F1..F5 */
        if (n < 4)
            return MORE;
        if (s[3] >= 'A' && s[3] <= 'E')
            k->code = K_F((uint32_t)(s[3] - 'A' + 1));
        return 4;
    }
    if (n > 2 && s[2] == 'M') { /* mouse, as X10 did */
        if (n < 6)
            return MORE;
        mouse_key(k, (unsigned char)s[3] - 32, (unsigned char)s[4] - 32,
                  (unsigned char)s[5] - 32, false);
        return 6;
    }
    if (n > 2 && s[2] >= '<' && s[2] <= '?')
        intro = s[i++];
    for (; i < n; i++) {
        unsigned char c = (unsigned char)s[i];

        if (c >= '0' && c <= '9') {
            if (par[n_par - 1] < 100000)
                par[n_par - 1] = par[n_par - 1] * 10 + (c - '0');
        } else if (c == ';') {
            if (n_par < PARAMS_MAX)
                n_par++;
        } else if ((c >= '@' && c <= '~') || (c == '$' && n_par == 1)) {
            csi_key(par, n_par, intro, (char)c, k);
            return (int)i + 1;
        } else if (c < ' ' || c > '~') {
            return (int)i; /* broken off */
        }
    }
    return n > SEQ_MAX ? (int)n : MORE;
}

/* s begins with ESC O: cursor keys, keypad, F1..F4. */
static int
parse_ss3(const char *s, size_t n, struct key *k)
{
    if (n < 3)
        return MORE;
    if (s[2] >= 'a' && s[2] <= 'd') { /* rxvt: control and arrow */
        k->code = letter_key((char)(s[2] - 'a' + 'A'));
        k->mods = KEY_M_CTRL;
    } else if (s[2] >= 'j' && s[2] <= 'y') { /* keypad */
        k->code = (uint32_t) "*+,-./0123456789"[s[2] - 'j'];
    } else {
        k->code = letter_key(s[2]);
    }
    return 3;
}

static int
parse_utf8(const char *s, size_t n, struct key *k)
{
    unsigned char c = (unsigned char)s[0];
    size_t i, len = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : 2;
    uint32_t u = c & (0xffU >> (len + 1));

    if (c < 0xc2 || c > 0xf4)
        return 1; /* not UTF-8: dropped */
    for (i = 1; i < len; i++) {
        if (i >= n)
            return MORE;
        if (((unsigned char)s[i] & 0xc0) != 0x80)
            return (int)i;
        u = u << 6 | ((unsigned char)s[i] & 0x3f);
    }
    if (u >= 0xa0 && u <= 0x10ffff && (u < 0xd800 || u > 0xdfff) &&
        !(len == 3 && u < 0x800) && !(len == 4 && u < 0x10000))
        k->code = u;
    return (int)len;
}

static int
parse_caps(const struct input *in, const char *s, size_t n, struct key *k)
{
    bool begun = false;
    size_t i;

    for (i = 0; i < in->n_caps; i++) {
        const struct input_cap *c = &in->caps[i];

        if (n >= c->n && memcmp(s, c->bytes, c->n) == 0) {
            *k = c->key;
            return (int)c->n;
        }
        if (n < c->n && memcmp(s, c->bytes, n) == 0)
            begun = true;
    }
    return begun ? MORE : NOT;
}

/* s begins with ESC. */
static int
parse_esc(const struct input *in, const char *s, size_t n, struct key *k)
{
    int used;

    if (n < 2)
        return MORE;
    if (s[1] == '[')
        return parse_csi(s, n, k);
    if (s[1] == 'O')
        return parse_ss3(s, n, k);
    if (s[1] == ESC && n > 2 && s[2] != '[' && s[2] != 'O') {
        k->code = K_ESC; /* Esc, then something of its own */
        return 1;
    }
    if (s[1] == ESC)
        used = n == 2 ? MORE : parse_esc(in, s + 1, n - 1, k);
    else if ((unsigned char)s[1] >= 0x80)
        used = parse_utf8(s + 1, n - 1, k);
    else {
        byte_key(in, (unsigned char)s[1], k);
        used = 1;
    }
    k->mods |= KEY_M_ALT;
    return used == MORE ? MORE : used + 1;
}

static int
input_parse(const struct input *in, const char *s, size_t n, struct key *k)
{
    int used = parse_caps(in, s, n, k);

    if (used != NOT)
        return used;
    if (s[0] == ESC)
        return parse_esc(in, s, n, k);
    if ((unsigned char)s[0] >= 0x80)
        return parse_utf8(s, n, k);
    byte_key(in, (unsigned char)s[0], k);
    return 1;
}

static void
paste_end(struct input *in)
{
    struct key k = { .code = K_PASTE };
    struct buf text = in->paste;

    k.paste_len = in->paste_len;
    k.paste = in->paste_len <= KEY_PASTE_MAX ? buf_text(&text) : NULL;
    in->pasting = false;
    in->paste = (struct buf){ 0 };
    in->paste_len = 0;
    if (k.paste_len > 0)
        in->key(in, &k);
    buf_free(&text);
}

/* Half of a text is worse than none: one that is too long is only counted. */
static void
paste_add(struct input *in, const char *bytes, size_t n)
{
    in->paste_len += n;
    if (in->paste_len <= KEY_PASTE_MAX)
        buf_add(&in->paste, bytes, n);
    else
        buf_free(&in->paste);
}

/* Takes pasted bytes; false: the end mark may have begun. */
static bool
paste_take(struct input *in)
{
    static const char end[] = "\033[201~";
    const size_t mark = sizeof(end) - 1;
    const char *found = memmem(in->in.data, in->in.len, end, mark);
    size_t n = in->in.len, keep = 0;

    if (found != NULL)
        n = (size_t)(found - in->in.data);
    else /* the tail that may be the mark's beginning stays */
        for (keep = n < mark ? n : mark - 1; keep > 0; keep--)
            if (memcmp(in->in.data + n - keep, end, keep) == 0)
                break;
    n -= keep;
    paste_add(in, in->in.data, n);
    buf_consume(&in->in, found != NULL ? n + mark : n);
    if (found != NULL)
        paste_end(in);
    return found != NULL;
}

static void
input_run(struct input *in)
{
    static const char begin[] = "\033[200~";

    while (in->in.len > 0) {
        struct key k = { 0 };
        int used;

        if (in->pasting) {
            if (!paste_take(in))
                return;
            continue;
        }
        if (in->in.len >= sizeof(begin) - 1 &&
            memcmp(in->in.data, begin, sizeof(begin) - 1) == 0) {
            buf_consume(&in->in, sizeof(begin) - 1);
            in->pasting = true;
            continue;
        }
        used = input_parse(in, in->in.data, in->in.len, &k);
        if (used <= 0)
            return;
        buf_consume(&in->in, (size_t)used);
        if (k.code != 0)
            in->key(in, &k);
    }
}

void
input_feed(struct input *in, const char *bytes, size_t n)
{
    buf_add(&in->in, bytes, n);
    input_run(in);
}

bool
input_pending(const struct input *in)
{
    return in->in.len > 0 || in->pasting;
}

unsigned
input_wait_ms(const struct input *in)
{
    if (in->pasting)
        return PASTE_MS;
    return in->esc_ms != 0 ? in->esc_ms : ESC_WAIT_MS;
}

/* Nothing followed: the first byte stands for itself, an Esc before another
 * byte means Alt. */
void
input_timeout(struct input *in)
{
    struct key k = { 0 };
    size_t used = 1;

    if (in->pasting) {
        paste_add(in, buf_text(&in->in), in->in.len);
        buf_clear(&in->in);
        paste_end(in);
        return;
    }
    if (in->in.len == 0)
        return;
    if (in->in.data[0] == ESC) {
        k.code = K_ESC;
        if (in->in.len > 1 && in->in.data[1] != ESC) {
            k.mods = KEY_M_ALT;
            byte_key(in, (unsigned char)in->in.data[1], &k);
            used = 2;
        }
    }
    buf_consume(&in->in, used);
    if (k.code != 0)
        in->key(in, &k);
    input_run(in);
    if (in->in.len > 0)
        input_timeout(in);
}

void
input_cap_add(struct input *in, const char *bytes, const char *name)
{
    struct input_cap *c = &in->caps[in->n_caps];
    struct key k = { 0 };
    size_t n = strlen(bytes);

    /* A single control byte is Backspace, Tab...: known. */
    if (n < 2 || n > sizeof(c->bytes) || in->n_caps == INPUT_CAPS_MAX)
        return;
    if (input_parse(in, bytes, n, &k) == (int)n && k.code != 0 &&
        !(k.mods & KEY_M_ALT))
        return;
    if (!key_parse(name, &c->key))
        return;
    memcpy(c->bytes, bytes, n);
    c->n = n;
    in->n_caps++;
}

void
input_init(struct input *in, unsigned char erase,
           void (*key)(struct input *in, const struct key *k))
{
    static const char *const caps[][2] = {
        { "kcuu1", "Up" },    { "kcud1", "Down" }, { "kcub1", "Left" },
        { "kcuf1", "Right" }, { "khome", "Home" }, { "kend", "End" },
        { "kpp", "PgUp" },    { "knp", "PgDn" },   { "kich1", "Ins" },
        { "kdch1", "Del" },   { "kcbt", "S-Tab" }, { "kent", "Enter" },
        { "kf1", "F1" },      { "kf2", "F2" },     { "kf3", "F3" },
        { "kf4", "F4" },      { "kf5", "F5" },     { "kf6", "F6" },
        { "kf7", "F7" },      { "kf8", "F8" },     { "kf9", "F9" },
        { "kf10", "F10" },    { "kf11", "F11" },   { "kf12", "F12" },
    };
    size_t i;

    in->key = key;
    in->erase = erase == 8 ? 8 : 127;
    for (i = 0; i < sizeof(caps) / sizeof(caps[0]); i++) {
        const char *s = tigetstr(caps[i][0]);

        if (s != NULL && s != (const char *)-1)
            input_cap_add(in, s, caps[i][1]);
    }
}

void
input_fini(struct input *in)
{
    buf_free(&in->in);
    buf_free(&in->paste);
}
