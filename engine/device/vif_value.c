/*
 * vif_value.c - see vif.h.
 */
#include "engine/device/vif.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "src/base/buf.h"

#define INTERVAL_US 50000U

static bool
take_digits(const char **p, uint64_t max, uint64_t *out)
{
    const char *begin = *p;
    uint64_t v = 0;

    for (; **p >= '0' && **p <= '9'; (*p)++) {
        v = v * 10 + (uint64_t)(**p - '0');
        if (v > max)
            return false;
    }
    *out = v;
    return *p > begin;
}

static uint64_t
take_scale(const char **p)
{
    static const char letters[] = "KMG";
    const char *at = **p != '\0' ? strchr(letters, **p) : NULL;
    uint64_t scale = 1;

    if (at == NULL)
        return 1;
    (*p)++;
    for (; at >= letters; at--)
        scale *= 1000;
    return scale;
}

/* "@20ms": microseconds, 0 if it is none. */
static uint64_t
take_interval(const char *p)
{
    uint64_t v;

    if (*p == '\0')
        return INTERVAL_US;
    if (*p++ != '@' || !take_digits(&p, UINT32_MAX, &v))
        return 0;
    if (strcmp(p, "us") == 0)
        return v;
    if (strcmp(p, "ms") == 0)
        return v * 1000;
    return strcmp(p, "s") == 0 ? v * 1000000 : 0;
}

bool
vif_rate(const char *text, uint64_t *bytes_out, uint32_t *usecs_out)
{
    uint64_t n, us;
    bool bits;

    if (!take_digits(&text, 1000000000, &n))
        return false;
    n *= take_scale(&text);
    bits = *text == 'b';
    if ((*text != 'b' && *text != 'B') || strncmp(text + 1, "/s", 2) != 0)
        return false;
    us = take_interval(text + 3);
    if (us == 0 || us > UINT32_MAX)
        return false;
    if (bits)
        n /= 8;
    if (n > UINT64_MAX / us)
        return false;
    n = n * us / 1000000;
    if (n == 0 || n > UINT32_MAX)
        return false; /* netback counts in 32 bits */
    *bytes_out = n;
    *usecs_out = (uint32_t)us;
    return true;
}

int
vif_mac(char out[18], struct err *e)
{
    unsigned char r[3];

    if (getrandom(r, sizeof(r), 0) != (ssize_t)sizeof(r))
        return err_sys(e, errno, "random numbers");
    text_fmt(out, 18, "00:16:3e:%02x:%02x:%02x", r[0] & 0x7f, r[1], r[2]);
    return 0;
}
