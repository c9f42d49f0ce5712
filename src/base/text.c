/*
 * text.c - text made safe to show, and numbers to and from short texts.
 * Everything that a guest or a file wrote passes here before it is shown.
 */
#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "src/base/buf.h"

static size_t
utf8_expected(unsigned char lead)
{
    if (lead < 0x80)
        return 1;
    if (lead < 0xc2 || lead > 0xf4) /* continuation, overlong, too large */
        return 0;
    return lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}

/* The length of the sequence at s (n > 0), or 0 if it is malformed. */
static size_t
utf8_decode(const char *s, size_t n, uint32_t *cp_out)
{
    static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
    const unsigned char *u = (const unsigned char *)s;
    size_t i, len = utf8_expected(u[0]);
    uint32_t cp;

    if (len == 0 || len > n)
        return 0;
    cp = len == 1 ? u[0] : u[0] & (0x7fU >> len);
    for (i = 1; i < len; i++) {
        if ((u[i] & 0xc0) != 0x80)
            return 0;
        cp = cp << 6 | (u[i] & 0x3fU);
    }
    if (cp < least[len] || cp > 0x10ffff || (cp >= 0xd800 && cp <= 0xdfff))
        return 0;
    *cp_out = cp;
    return len;
}

static bool
showable(uint32_t cp)
{
    if (cp < 0x20 || (cp >= 0x7f && cp < 0xa0))
        return false;
    return !(cp >= 0x2028 && cp <= 0x202e) && !(cp >= 0x2066 && cp <= 0x2069);
}

/* Looks at the sequence at s: how many bytes to step over, and whether they
 * may be shown as they are. */
static size_t
safe_step(const char *s, size_t n, bool *ok_out)
{
    uint32_t cp;
    size_t len = utf8_decode(s, n, &cp);

    *ok_out = len != 0 && showable(cp);
    return len == 0 ? 1 : len;
}

void
buf_safe(struct buf *b, const char *s, size_t max)
{
    size_t i = 0, from = 0, len, n = strnlen(s, max);
    bool ok;

    for (; i < n; i += len) {
        len = safe_step(s + i, n - i, &ok);
        if (ok)
            continue;
        buf_add(b, s + from, i - from);
        buf_chr(b, '?');
        from = i + len;
    }
    buf_add(b, s + from, n - from);
}

bool
text_safe(char *dst, size_t dst_size, const char *src, size_t n)
{
    size_t i, len, put, out = 0;
    bool ok, same = true;

    if (dst_size == 0)
        return false;
    n = strnlen(src, n);
    for (i = 0; i < n; i += len, out += put) {
        len = safe_step(src + i, n - i, &ok);
        put = ok ? len : 1;
        if (put >= dst_size - out) {
            same = false;
            break;
        }
        if (ok)
            memmove(dst + out, src + i, len); /* out <= i: dst may be src */
        else
            dst[out] = '?';
        same = same && ok;
    }
    dst[out] = '\0';
    return same;
}

void
text_file_name(char *dst, size_t dst_size, const char *name)
{
    static const char legal[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                "abcdefghijklmnopqrstuvwxyz0123456789._-+";
    char *s;

    text_fmt(dst, dst_size, "%s", name);
    for (s = dst; *s != '\0'; s++)
        if (strchr(legal, *s) == NULL || (s == dst && *s == '.'))
            *s = '_';
}

size_t
text_cut(const char *s, size_t n)
{
    size_t back;

    for (back = 1; back <= 3 && back <= n; back++) {
        unsigned char c = (unsigned char)s[n - back];

        if ((c & 0xc0) != 0x80)
            return utf8_expected(c) > back ? n - back : n;
    }
    return n;
}

void
text_fmt(char *dst, size_t dst_size, const char *fmt, ...)
{
    va_list ap;
    int r;

    if (dst_size == 0)
        return;
    va_start(ap, fmt);
    r = vsnprintf(dst, dst_size, fmt, ap);
    va_end(ap);
    if (r < 0)
        dst[0] = '\0';
    else if ((size_t)r >= dst_size)
        dst[text_cut(dst, dst_size - 1)] = '\0';
}

/* n of the first unit in the largest one that it fills. */
static void
human(char *dst, size_t dst_size, unsigned long long n, const char *units)
{
    unsigned long long unit = 1, whole, rest, tenths;
    size_t u = 0;

    while (n / unit >= 1024 && units[u + 1] != '\0') {
        unit *= 1024;
        u++;
    }
    whole = n / unit;
    rest = n % unit;
    tenths = whole * 10 + (rest * 10 + unit / 2) / unit;
    if (u == 0)
        text_fmt(dst, dst_size, "%llu%c", n, units[0]);
    else if (tenths < 1000)
        text_fmt(dst, dst_size, "%llu.%llu%c", tenths / 10, tenths % 10,
                 units[u]);
    else if (whole + (rest >= unit / 2) < 1024)
        text_fmt(dst, dst_size, "%llu%c", whole + (rest >= unit / 2), units[u]);
    else /* rounding reached the next unit */
        text_fmt(dst, dst_size, "1.0%c", units[u + 1]);
}

void
text_kib(char *dst, size_t dst_size, unsigned long long kib)
{
    human(dst, dst_size, kib, "KMGTPEZ");
}

void
text_bytes(char *dst, size_t dst_size, unsigned long long n)
{
    human(dst, dst_size, n, "BKMGTPE");
}

void
text_span(char *dst, size_t dst_size, unsigned long long seconds)
{
    unsigned long long m = seconds / 60, h = m / 60;

    if (m == 0)
        text_fmt(dst, dst_size, "%llus", seconds);
    else if (h == 0)
        text_fmt(dst, dst_size, "%llum%02llus", m, seconds % 60);
    else if (h < 24)
        text_fmt(dst, dst_size, "%lluh%02llum", h, m % 60);
    else
        text_fmt(dst, dst_size, "%llud%02lluh", h / 24, h % 24);
}

/* The value of a digit in this base, or base if it is none. */
static unsigned
digit_value(char c, unsigned base)
{
    unsigned v = base;

    if (c >= '0' && c <= '9')
        v = (unsigned)(c - '0');
    else if (c >= 'a' && c <= 'f')
        v = (unsigned)(c - 'a') + 10;
    else if (c >= 'A' && c <= 'F')
        v = (unsigned)(c - 'A') + 10;
    return v < base ? v : base;
}

bool
text_span_parse(const char *s, unsigned min, unsigned max, unsigned *out)
{
    static const char letters[] = "smh";
    static const unsigned seconds[] = { 1, 60, 3600 };
    size_t n = strspn(s, "0123456789");
    const char *unit = s[n] != '\0' ? strchr(letters, s[n]) : letters;
    unsigned long long v = 0;
    char digits[8];

    if (n == 0 || n >= sizeof(digits) || unit == NULL ||
        (s[n] != '\0' && s[n + 1] != '\0'))
        return false;
    text_fmt(digits, n + 1, "%s", s);
    if (!text_u64(digits, 0, UINT32_MAX, &v))
        return false;
    v *= seconds[unit - letters];
    if (v < min || v > max)
        return false;
    *out = (unsigned)v;
    return true;
}

const char *
text_spark(double part, bool utf8)
{
    static const char *const blocks[] = { "\u2581", "\u2582", "\u2583",
                                          "\u2584", "\u2585", "\u2586",
                                          "\u2587", "\u2588" };
    static const char *const ascii[] = {
        "_", ".", "-", "=", "+", "*", "%", "#"
    };
    int level = part >= 1 ? 7 : part > 0 ? (int)(part * 8) : 0;

    if (part < 0)
        return " ";
    return utf8 ? blocks[level] : ascii[level];
}

bool
text_u64(const char *s, unsigned long long min, unsigned long long max,
         unsigned long long *out)
{
    unsigned base = 10, d;
    unsigned long long v = 0;

    if (s == NULL)
        return false;
    if (s[0] == '0' && (s[1] == 'x' || s[1] == 'X')) {
        base = 16;
        s += 2;
    }
    if (*s == '\0')
        return false;
    for (; *s != '\0'; s++) {
        d = digit_value(*s, base);
        if (d == base || __builtin_mul_overflow(v, base, &v) ||
            __builtin_add_overflow(v, d, &v))
            return false;
    }
    if (v < min || v > max)
        return false;
    *out = v;
    return true;
}

void
text_rate(char *out, size_t out_size, double per_s)
{
    if (per_s < 0)
        text_fmt(out, out_size, "-");
    else if (per_s < 1e18)
        text_bytes(out, out_size, (unsigned long long)(per_s + 0.5));
    else
        text_fmt(out, out_size, "?");
}

static bool
has_capital(const char *s)
{
    for (; *s != '\0'; s++)
        if (isupper((unsigned char)*s))
            return true;
    return false;
}

bool
text_match(const char *text, const char *sought, size_t *at, size_t *end)
{
    const char *p;

    if (sought[0] == '\0' || *at > strlen(text))
        return false;
    p = has_capital(sought) ? strstr(text + *at, sought)
                            : strcasestr(text + *at, sought);
    if (p == NULL)
        return false;
    *at = (size_t)(p - text);
    *end = *at + strlen(sought);
    return true;
}

/* Past a text that begins at i. */
static size_t
json_skip_text(const char *text, size_t n, size_t i)
{
    for (i++; i < n && text[i] != '"'; i++)
        i += text[i] == '\\';
    return i + 1;
}

/* Each value is the first one behind a bracket, or stands behind a comma. */
size_t
text_json_values(const char *text, size_t n)
{
    size_t i = 0, found = 1;

    while (i < n) {
        if (text[i] == '"') {
            i = json_skip_text(text, n, i);
            continue;
        }
        if (text[i] == '\'' || text[i] == '/')
            return SIZE_MAX;
        found += text[i] == '{' || text[i] == '[' || text[i] == ',';
        i++;
    }
    return found;
}
