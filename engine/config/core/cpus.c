/*
 * cpus.c - Xen's cpu lists ("0-3,^2") to and from masks of CONFIG_CPUS_MAX
 * bits. Items count from left to right, as xl's: a later one wins.
 */
#include <ctype.h>
#include <string.h>

#include "engine/config/core/config.h"

static void
mask_range(uint8_t *mask, unsigned first, unsigned last, bool on)
{
    unsigned i;

    for (i = first; i <= last; i++) {
        uint8_t bit = (uint8_t)(1U << (i % 8));

        mask[i / 8] = (uint8_t)(on ? mask[i / 8] | bit : mask[i / 8] & ~bit);
    }
}

/* A cpu number at *p, which moves behind it. */
static bool
take_cpu(const char **p, unsigned *out)
{
    unsigned v = 0;

    if (!isdigit((unsigned char)**p))
        return false;
    for (; isdigit((unsigned char)**p); (*p)++) {
        v = v * 10 + (unsigned)(**p - '0');
        if (v >= CONFIG_CPUS_MAX)
            return false;
    }
    *out = v;
    return true;
}

/* One item at *p: "all", N or N-M, each with or without "^" in front. */
static bool
cpus_take_item(const char **p, uint8_t *mask)
{
    unsigned first = 0, last = CONFIG_CPUS_MAX - 1;
    bool on = **p != '^';

    *p += on ? 0 : 1;
    *p += strspn(*p, " \t");
    if (strncmp(*p, "all", 3) == 0) {
        *p += 3;
    } else {
        if (!take_cpu(p, &first))
            return false;
        last = first;
        if (**p == '-') {
            (*p)++;
            if (!take_cpu(p, &last) || last < first)
                return false;
        }
    }
    mask_range(mask, first, last, on);
    return true;
}

static bool
take_list(const char *p, uint8_t *mask)
{
    for (;;) {
        p += strspn(p, " \t");
        if (!cpus_take_item(&p, mask))
            return false;
        p += strspn(p, " \t");
        if (*p == '\0')
            return true;
        if (*p++ != ',')
            return false;
    }
}

int
cpus_parse(const char *text, uint8_t *mask, struct err *e)
{
    uint8_t m[CONFIG_CPUS_MAX / 8] = { 0 };
    char shown[64];
    size_t i;

    text_fmt(shown, sizeof shown, "%s", text);
    if (!take_list(text, m))
        return err_set(e, ERR_INVALID,
                       "found \"%s\", allowed a list such as \"0-3,^2\" or "
                       "\"all\", of cpus 0 to %d",
                       shown, CONFIG_CPUS_MAX - 1);
    for (i = 0; i < sizeof m && m[i] == 0; i++)
        ;
    if (i == sizeof m)
        return err_set(e, ERR_RANGE,
                       "found \"%s\", which leaves no cpu, allowed a list "
                       "such as \"all,^2\" that leaves one",
                       shown);
    memcpy(mask, m, sizeof m);
    return 0;
}

static bool
cpus_mask_has(const uint8_t *mask, unsigned cpu)
{
    return (mask[cpu / 8] >> (cpu % 8) & 1) != 0;
}

void
cpus_print(const uint8_t *mask, unsigned n_cpus, struct buf *out)
{
    unsigned i, first;
    bool any = false;

    if (n_cpus > CONFIG_CPUS_MAX)
        n_cpus = CONFIG_CPUS_MAX;
    for (i = 0; i < n_cpus; i++) {
        if (!cpus_mask_has(mask, i))
            continue;
        first = i;
        while (i + 1 < n_cpus && cpus_mask_has(mask, i + 1))
            i++;
        if (first == 0 && i == n_cpus - 1) {
            buf_str(out, "all");
            return;
        }
        buf_fmt(out, any ? ",%u" : "%u", first);
        if (i > first)
            buf_fmt(out, "-%u", i);
        any = true;
    }
    if (!any)
        buf_str(out, "none");
}

bool
cpus_any_below(const uint8_t *mask, unsigned n_cpus)
{
    unsigned i;

    for (i = 0; i < n_cpus && i < CONFIG_CPUS_MAX; i++)
        if (cpus_mask_has(mask, i))
            return true;
    return false;
}
