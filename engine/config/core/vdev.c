/*
 * vdev.c - names of virtual disks and the numbers that guests see.
 * The numbers are Xen's protocol: majors of Linux for the first disks, and an
 * extended form with bit 28 set for the rest.
 */
#include "engine/config/core/vdev.h"

#include <ctype.h>
#include <string.h>

#include "src/base/buf.h"

#define EXT_DISKS (1U << 20)
#define EXT_PARTS 256U

/* "a" is 0, "z" 25, "aa" 26; *p moves behind the letters. */
static bool
take_letters(const char **p, unsigned *disk)
{
    unsigned v = 0;

    if (!islower((unsigned char)**p))
        return false;
    for (; islower((unsigned char)**p); (*p)++) {
        v = v * 26 + (unsigned)(**p - 'a') + 1;
        if (v > EXT_DISKS)
            return false;
    }
    *disk = v - 1;
    return true;
}

static bool
vdev_take_number(const char **p, unsigned max, unsigned *out)
{
    const char *begin = *p;
    unsigned v = 0;

    for (; isdigit((unsigned char)**p); (*p)++) {
        v = v * 10 + (unsigned)(**p - '0');
        if (v > max)
            return false;
    }
    *out = v;
    return *p > begin && (*begin != '0' || *p == begin + 1);
}

/* The rest of a name: nothing, or a partition from 1. */
static bool
take_partition(const char *p, unsigned max, unsigned *part)
{
    *part = 0;
    if (*p == '\0')
        return true;
    return vdev_take_number(&p, max, part) && *part > 0 && *p == '\0';
}

static uint32_t
xvd_number(unsigned disk, unsigned part)
{
    if (disk <= 15 && part <= 15)
        return 202U << 8 | disk << 4 | part;
    return 1U << 28 | disk << 8 | part;
}

/* dDpP */
static bool
parse_numeric(const char *p, uint32_t *out)
{
    unsigned disk, part = 0;

    if (!vdev_take_number(&p, EXT_DISKS - 1, &disk))
        return false;
    if (*p == 'p') {
        p++;
        if (!vdev_take_number(&p, EXT_PARTS - 1, &part))
            return false;
    }
    *out = xvd_number(disk, part);
    return *p == '\0';
}

static bool
parse_letters(const char *name, uint32_t *out)
{
    const char *p = name + (name[0] == 'x' ? 3 : 2);
    unsigned disk, part;

    if (!take_letters(&p, &disk))
        return false;
    if (name[0] == 'x') {
        if (disk >= EXT_DISKS || !take_partition(p, EXT_PARTS - 1, &part))
            return false;
        *out = xvd_number(disk, part);
    } else if (name[0] == 'h') {
        if (disk > 3 || !take_partition(p, 63, &part))
            return false;
        *out = (disk < 2 ? 3U : 22U) << 8 | (disk & 1) << 6 | part;
    } else {
        if (disk > 15 || !take_partition(p, 15, &part))
            return false;
        *out = 8U << 8 | disk << 4 | part;
    }
    return true;
}

bool
vdev_parse(const char *name, uint32_t *number_out)
{
    unsigned long long number;
    uint32_t v;

    if (isdigit((unsigned char)name[0])) {
        if (!text_u64(name, 1, (1U << 29) - 1, &number))
            return false;
        v = (uint32_t)number;
    } else if (strncmp(name, "xvd", 3) == 0 || strncmp(name, "hd", 2) == 0 ||
               strncmp(name, "sd", 2) == 0) {
        if (!parse_letters(name, &v))
            return false;
    } else if (name[0] != 'd' || !parse_numeric(name + 1, &v)) {
        return false;
    }
    *number_out = v;
    return true;
}
