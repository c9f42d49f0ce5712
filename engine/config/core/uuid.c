/*
 * uuid.c - uuids as text, and new ones.
 */
#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "engine/config/core/config.h"

#define UUID_TEXT 36

static bool
dash_at(size_t i)
{
    return i == 8 || i == 13 || i == 18 || i == 23;
}

static unsigned
hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return (unsigned)(c - '0');
    return (unsigned)(tolower((unsigned char)c) - 'a' + 10);
}

bool
uuid_parse_text(const char *s, uint8_t out[16])
{
    uint8_t raw[16];
    size_t i, n = 0;

    if (strlen(s) != UUID_TEXT)
        return false;
    for (i = 0; i < UUID_TEXT; i++)
        if (dash_at(i) ? s[i] != '-' : !isxdigit((unsigned char)s[i]))
            return false;
    for (i = 0; i < UUID_TEXT; i++) {
        if (dash_at(i))
            continue;
        raw[n++] = (uint8_t)(hex_value(s[i]) << 4 | hex_value(s[i + 1]));
        i++;
    }
    memcpy(out, raw, sizeof raw);
    return true;
}

void
uuid_print_text(const uint8_t uuid[16], char out[37])
{
    static const char digits[] = "0123456789abcdef";
    size_t i, at = 0;

    for (i = 0; i < 16; i++) {
        if (dash_at(at))
            out[at++] = '-';
        out[at++] = digits[uuid[i] >> 4];
        out[at++] = digits[uuid[i] & 15];
    }
    out[at] = '\0';
}

bool
uuid_known(const uint8_t uuid[16])
{
    static const uint8_t none[16] = { 0 };

    return memcmp(uuid, none, sizeof none) != 0;
}

int
uuid_make(uint8_t out[16], struct err *e)
{
    uint8_t raw[16];

    if (getrandom(raw, sizeof raw, GRND_NONBLOCK) != (ssize_t)sizeof raw)
        return err_sys(e, errno, "random bytes for a uuid");
    raw[6] = (uint8_t)((raw[6] & 0x0f) | 0x40); /* version 4 */
    raw[8] = (uint8_t)((raw[8] & 0x3f) | 0x80); /* variant of RFC 4122 */
    memcpy(out, raw, sizeof raw);
    return 0;
}
