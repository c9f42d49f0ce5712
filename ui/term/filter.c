/*
 * filter.c - the byte level: text and its UTF-8, where sequences and strings
 * begin and end. What a whole sequence becomes is filter_seq.c's.
 */
#include "ui/term/filter.h"

#include <string.h>
#include <wchar.h>

#include "src/base/buf.h"
#include "ui/term/grid.h"

#define PIECE_BYTES  16384U
#define MARKS_MAX    8U
#define STRING_BYTES 262144U /* longer: its end was lost, show what comes */
#define REPLACEMENT  "\xef\xbf\xbd"

enum { C_SO = 0x0e, C_SI = 0x0f, C_CAN = 0x18, C_SUB = 0x1a, C_ESC = 0x1b };

void
filter_init(struct filter *f, const struct filter_ops *ops, void *arg)
{
    *f = (struct filter){ .ops = ops, .arg = arg, .limit = SIZE_MAX };
    filter_sets_reset(f);
}

void
filter_sets_reset(struct filter *f)
{
    memset(f->set, 'B', sizeof(f->set));
    f->gl = 0;
    f->odd &= ~(unsigned)FILTER_ODD_SETS;
}

void
filter_abort(struct filter *f)
{
    f->state = FILTER_GROUND;
    f->n_utf8 = 0;
}

void
filter_pass(struct filter *f, const char *text)
{
    f->ops->pass(f->arg, text, strlen(text));
}

/* Remembers the last character of a span, for REP. */
static void
keep_last(struct filter *f, const char *s, size_t n)
{
    size_t from = n - 1;

    f->n_last = 0;
    if (f->marks > 0) /* a combining character repeats nothing */
        return;
    while (from > 0 && n - from < 4 && ((unsigned char)s[from] & 0xc0) == 0x80)
        from--;
    if ((unsigned char)s[from] < 0x20 || s[from] == 0x7f)
        return;
    f->n_last = n - from;
    memcpy(f->last, s + from, f->n_last);
}

/* A character of a set that was chosen for one alone was it. */
static void
keep_single(struct filter *f, const char *s, size_t n)
{
    size_t i;

    for (i = 0; (f->odd & FILTER_ODD_SINGLE) && i < n; i++)
        if (s[i] >= 0x20 && s[i] < 0x7f)
            f->odd &= ~(unsigned)FILTER_ODD_SINGLE;
}

/* Remembers which set the last of ^N and ^O chose. */
static void
keep_shift(struct filter *f, const char *s, size_t n)
{
    const char *out = memrchr(s, C_SO, n);
    const char *in = memrchr(s, C_SI, n);

    if (out != NULL || in != NULL)
        f->gl = out != NULL && (in == NULL || out > in);
}

/* False: the limit was reached, only *taken bytes of it are done. */
static bool
flush(struct filter *f, const char *s, size_t n, size_t *taken)
{
    size_t done = 0, step;

    while (done < n) {
        step =
            n - done > PIECE_BYTES ? text_cut(s + done, PIECE_BYTES) : n - done;
        done += f->ops->text(f->arg, s + done, step);
        if (f->cost >= f->limit)
            break;
    }
    if (done > 0) {
        keep_last(f, s, done);
        keep_shift(f, s, done);
        keep_single(f, s, done);
    }
    *taken = done;
    return done == n;
}

/* What is no more than a few bytes is done whatever it costs. */
static void
flush_all(struct filter *f, const char *s, size_t n)
{
    size_t at = 0, taken;

    while (at < n) {
        (void)flush(f, s + at, n - at, &taken);
        at += taken;
    }
}

/* May be a combining character, for a locale that cannot tell. */
static bool
mark_block(uint32_t cp)
{
    return (cp >= 0x300 && cp < 0x370) || (cp >= 0x483 && cp < 0x48a) ||
           (cp >= 0x590 && cp < 0x1e00) || (cp >= 0x200b && cp < 0x2010) ||
           (cp >= 0x2028 && cp < 0x2070) || (cp >= 0x20d0 && cp < 0x2100) ||
           (cp >= 0x302a && cp < 0x3030) || cp == 0x3099 || cp == 0x309a ||
           (cp >= 0xa66f && cp < 0xac00) || (cp >= 0xfb1e && cp < 0xfb1f) ||
           (cp >= 0xfe00 && cp < 0xfe30) || cp == 0xfeff ||
           (cp >= 0xfff9 && cp < 0xfffc) || (cp >= 0x10a00 && cp < 0x1d200) ||
           cp >= 0xe0000;
}

/* libvterm's table is older than the C library's: these are marks to it. */
static bool
old_mark(uint32_t cp)
{
    return (cp >= 0x600 && cp <= 0x603) || cp == 0x6dd || cp == 0x6de ||
           cp == 0x70f || cp == 0x1734 || cp == 0x302e || cp == 0x302f;
}

enum verdict { TAKE, DROP, REPLACE };

bool
filter_is_mark(uint32_t cp)
{
    return (mark_block(cp) && wcwidth((wchar_t)cp) <= 0) || old_mark(cp);
}

/* libvterm keeps every combining character that follows a glyph: a guest that
 * sends nothing else would fill our memory. Directional controls reorder what
 * stands around them. */
static enum verdict
filter_judge(struct filter *f, uint32_t cp)
{
    bool mark = filter_is_mark(cp);

    f->marks = mark ? f->marks + 1 : 0;
    if (mark && f->marks > MARKS_MAX)
        return DROP;
    if ((cp >= 0x80 && cp < 0xa0) || cp == 0x2028 || cp == 0x2029 ||
        (cp & 0xfffe) == 0xfffe)
        return REPLACE;
    if (cp == 0x61c || cp == 0x200e || cp == 0x200f ||
        (cp >= 0x202a && cp <= 0x202e) || (cp >= 0x2066 && cp <= 0x2069))
        return DROP;
    return TAKE;
}

/* The bytes that began a character and did not become one: as many as are
 * replaced together when they come one by one. */
static size_t
broken_length(const char *s, size_t n)
{
    size_t len = 1;
    uint32_t cp;

    while (len < n && utf8_get(s, len, &cp) == 0)
        len++;
    return len > 1 ? len - 1 : 1;
}

/* One character beyond ASCII at s[i], behind text from `from` on that is not
 * flushed yet. Returns its length; 0: stop, *from is what is done. */
static size_t
beyond_ascii(struct filter *f, const char *s, size_t n, size_t i, size_t *from)
{
    uint32_t cp;
    int len = utf8_get(s + i, n - i, &cp);
    unsigned before = f->marks, marks;
    enum verdict v = len < 0 ? REPLACE : len > 0 ? filter_judge(f, cp) : DROP;
    size_t taken, used;

    if (v == TAKE)
        return (size_t)len;
    marks = f->marks;
    f->marks = before; /* what is flushed ends before this one */
    if (!flush(f, s + *from, i - *from, &taken)) {
        *from += taken;
        return 0;
    }
    f->marks = marks;
    if (len == 0) { /* not whole yet */
        f->n_utf8 = n - i;
        memcpy(f->utf8, s + i, f->n_utf8);
        *from = n;
        return 0;
    }
    used = len < 0 ? broken_length(s + i, n - i) : (size_t)len;
    if (v == REPLACE) /* three bytes for one: each may be the one too many */
        flush_all(f, REPLACEMENT, 3);
    else
        f->cost += used * FILTER_BYTE_COST;
    *from = i + used;
    return f->cost < f->limit ? used : 0;
}

/* ASCII behind which the text does not go on at once. */
static bool
stops(char c)
{
    return c == C_ESC || c == '\n';
}

/* Text up to an escape, the end of a line, the limit or the end; returns the
 * bytes used. */
static size_t
ground(struct filter *f, const char *s, size_t n)
{
    size_t i = 0, from = 0, len, taken;

    while (i < n && s[i] != C_ESC && (i == 0 || s[i - 1] != '\n')) {
        if ((signed char)s[i] >= 0) {
            f->marks = 0;
            while (i < n && (signed char)s[i] >= 0 && !stops(s[i]))
                i++;
            i += i < n && s[i] == '\n';
            continue;
        }
        len = beyond_ascii(f, s, n, i, &from);
        if (len == 0)
            return from;
        i += len;
    }
    (void)flush(f, s + from, i - from, &taken);
    return from + taken;
}

/* Completes a character that began in an earlier call. */
static size_t
resume_utf8(struct filter *f, const char *s)
{
    uint32_t cp;
    char whole[4];
    size_t n = f->n_utf8;

    memcpy(whole, f->utf8, n);
    whole[n] = s[0];
    switch (utf8_get(whole, n + 1, &cp)) {
    case -1:
        f->n_utf8 = 0;
        flush_all(f, REPLACEMENT, 3);
        return 0; /* the byte begins something of its own */
    case 0:
        f->utf8[f->n_utf8++] = s[0];
        return 1;
    default:
        f->n_utf8 = 0;
        ground(f, whole, n + 1);
        return 1;
    }
}

static void
begin_seq(struct filter *f, enum filter_state state)
{
    f->state = state;
    f->n_args = 1;
    f->args[0] = -1;
    f->sub[0] = false;
    f->leader = f->inter = 0;
    f->bad = false;
}

static void
begin_string(struct filter *f, char kind)
{
    f->state = FILTER_STRING;
    f->string = kind;
    f->n_text = f->string_bytes = 0;
}

static void
escape_byte(struct filter *f, char c)
{
    f->state = FILTER_GROUND;
    if (c == '[') {
        begin_seq(f, FILTER_CSI);
    } else if (strchr("]PX^_", c) != NULL) {
        begin_string(f, c);
    } else if (c >= 0x20 && c <= 0x2f) {
        f->state = FILTER_ESC_INTER;
        f->bad = f->inter != 0;
        f->inter = c;
    } else {
        filter_escape(f, c);
    }
}

static void
csi_separator(struct filter *f, char c)
{
    if (f->n_args == FILTER_ARGS) {
        f->bad = true;
        return;
    }
    f->sub[f->n_args - 1] = c == ':';
    f->args[f->n_args] = -1;
    f->sub[f->n_args++] = false;
}

static void
csi_byte(struct filter *f, char c)
{
    long *arg = &f->args[f->n_args - 1];

    if (c >= '0' && c <= '9') {
        if (f->bad) /* more numbers than we keep */
            return;
        *arg = (*arg < 0 ? 0 : *arg) * 10 + (c - '0');
        if (*arg > 9999)
            *arg = 9999;
    } else if (c == ';' || c == ':') {
        csi_separator(f, c);
    } else if (c >= 0x3c && c <= 0x3f) {
        f->bad = f->bad || f->leader != 0 || f->n_args > 1 || *arg >= 0;
        f->leader = c;
    } else if (c >= 0x20 && c <= 0x2f) {
        f->bad = f->bad || f->inter != 0;
        f->inter = c;
    } else {
        f->state = FILTER_GROUND;
        if (c >= 0x40 && c <= 0x7e)
            filter_csi(f, c);
    }
}

/* One byte inside an escape sequence. Controls there act at once, as on a
 * real terminal. */
static void
seq_byte(struct filter *f, char c)
{
    if (c == C_ESC) {
        begin_seq(f, FILTER_ESC);
    } else if (c == C_CAN || c == C_SUB) {
        f->state = FILTER_GROUND;
    } else if (c >= 0 && c < 0x20) {
        flush_all(f, &c, 1);
    } else if (c == 0x7f) {
        return;
    } else if (f->state == FILTER_ESC) {
        escape_byte(f, c);
    } else if (f->state == FILTER_CSI) {
        csi_byte(f, c);
    } else if (c >= 0x20 && c <= 0x2f) {
        f->bad = true;
    } else {
        f->state = FILTER_GROUND;
        if (!f->bad)
            filter_escape(f, c);
    }
}

static void
string_byte(struct filter *f, char c)
{
    if (f->state == FILTER_STRING_ESC) {
        f->state = FILTER_GROUND;
        filter_string(f);
        if (c != '\\') { /* another sequence ended it */
            begin_seq(f, FILTER_ESC);
            seq_byte(f, c);
        }
        return;
    }
    if (c == C_ESC) {
        f->state = FILTER_STRING_ESC;
    } else if (c == '\a') {
        f->state = FILTER_GROUND;
        filter_string(f);
    } else if (c == C_CAN || c == C_SUB || ++f->string_bytes > STRING_BYTES) {
        f->state = FILTER_GROUND;
    } else if (f->n_text < sizeof(f->text)) {
        f->text[f->n_text++] = c;
    }
}

/* Outside a sequence; returns the bytes used, whose cost is counted. */
static size_t
filter_take_run(struct filter *f, const char *s, size_t n)
{
    size_t taken;

    if (f->n_utf8 > 0) {
        taken = resume_utf8(f, s);
        f->cost += taken * FILTER_BYTE_COST;
        return taken;
    }
    taken = f->ops->fast != NULL ? f->ops->fast(f->arg, s, n) : 0;
    if (taken > 0)
        return taken;
    if (*s != C_ESC)
        return ground(f, s, n);
    begin_seq(f, FILTER_ESC);
    f->cost += FILTER_BYTE_COST;
    return 1;
}

size_t
filter_feed(struct filter *f, const char *s, size_t n)
{
    size_t i = 0, was;

    while (i < n && (i == 0 || f->cost < f->limit)) {
        was = i;
        switch (f->state) {
        case FILTER_GROUND:
            i += filter_take_run(f, s + i, n - i);
            was = i;
            break;
        case FILTER_STRING:
        case FILTER_STRING_ESC:
            string_byte(f, s[i++]);
            break;
        default:
            if ((signed char)s[i] < 0) /* text: the sequence was cut off */
                f->state = FILTER_GROUND;
            else
                seq_byte(f, s[i++]);
        }
        f->cost += (i - was) * FILTER_BYTE_COST;
    }
    return i;
}
