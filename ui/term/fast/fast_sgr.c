/*
 * fast_sgr.c - attributes and colours as they are sent by nearly everybody:
 * numbers with semicolons between, each known, each colour whole. Of anything
 * else nothing is taken.
 */
#include <string.h>

#include "ui/term/fast/fast.h"
#include "ui/term/term_int.h"

#define BYTES_MAX 64U

struct sgr {
    int arg[FILTER_ARGS];
    int n;
    bool gaps; /* a number is missing, which is 0 but in a colour */
};

/* The numbers between ESC [ and m into g, which has one, 0; the length of the
 * whole, 0: it is no such sequence, or its end is not there yet. */
static size_t
read_sgr(struct sgr *g, const char *s, size_t n)
{
    int *arg = g->arg;
    bool digit = false;
    size_t i;

    for (i = 2; i < n && i < BYTES_MAX; i++) {
        if (s[i] >= '0' && s[i] <= '9' && *arg < 1000) {
            *arg = *arg * 10 + (s[i] - '0');
            digit = true;
            continue;
        }
        g->gaps = g->gaps || !digit;
        digit = false;
        if (s[i] == 'm')
            return i + 1;
        if (s[i] != ';' || g->n == FILTER_ARGS)
            return 0;
        arg = &g->arg[g->n++];
    }
    return 0;
}

/* The colour behind a 38 or 48 at i; the numbers it takes, 0: not whole. */
static int
color_behind(const struct sgr *g, int i, int32_t *color)
{
    const int *a = &g->arg[i];

    if (g->gaps)
        return 0;
    if (i + 2 < g->n && a[1] == 5 && a[2] < 256) {
        *color = a[2];
        return 3;
    }
    if (i + 4 < g->n && a[1] == 2 && a[2] < 256 && a[3] < 256 && a[4] < 256) {
        *color = 0x1000000 | a[2] << 16 | a[3] << 8 | a[4];
        return 5;
    }
    return 0;
}

static bool
set_color(struct cell *pen, int v)
{
    int32_t *color = v < 40 || (v >= 90 && v < 100) ? &pen->fg : &pen->bg;

    if (v >= 30 && v < 50)
        v %= 10;
    else if ((v >= 90 && v < 98) || (v >= 100 && v < 108))
        v = v % 10 + 8;
    else
        return false;
    if (v == 8)
        return false;
    *color = v == 9 ? COLOR_NONE : v;
    return true;
}

static void
set_bits(struct cell *pen, unsigned bits, bool on)
{
    pen->attrs = (uint16_t)(on ? pen->attrs | bits : pen->attrs & ~bits);
}

/* One attribute other than 38 and 48; false: not one that is done here. */
static bool
set_attr(struct cell *pen, int v)
{
    switch (v) {
    case 0:
        *pen = (struct cell){ .fg = COLOR_NONE, .bg = COLOR_NONE };
        return true;
    case 1:
    case 22:
        set_bits(pen, CELL_BOLD, v == 1);
        return true;
    case 3:
    case 23:
        set_bits(pen, CELL_ITALIC, v == 3);
        return true;
    case 4:
    case 24:
        set_bits(pen, CELL_UNDERLINE, v == 4);
        return true;
    case 7:
    case 27:
        set_bits(pen, CELL_REVERSE, v == 7);
        return true;
    default:
        return set_color(pen, v);
    }
}

static bool
sgr_apply(const struct sgr *g, struct cell *pen)
{
    int i, used;

    for (i = 0; i < g->n; i += used) {
        int v = g->arg[i];

        if (v == 38 || v == 48)
            used = color_behind(g, i, v == 38 ? &pen->fg : &pen->bg);
        else
            used = set_attr(pen, v);
        if (used == 0)
            return false;
    }
    return true;
}

size_t
fast_sgr(struct term *t, const char *s, size_t n)
{
    struct cell pen = t->pen;
    struct sgr g = { .n = 1 };
    size_t len = read_sgr(&g, s, n);

    if (len == 0 || !sgr_apply(&g, &pen))
        return 0;
    t->pen = pen;
    ahead_sgr(t, s, len, g.arg[0] == 0);
    return len;
}
