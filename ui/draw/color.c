/*
 * color.c - colour pairs handed out as they come up. Invariant: every pair in
 * the table is known to curses; the least recently used one is re-made when
 * all are taken, and curses then repaints the cells that still show it.
 */
#include "ui/draw/color.h"

#include <stdlib.h>

#include "src/base/xalloc.h"

#define PAIRS_MAX 1024
#define ANEW_MAX  128 /* in a frame; beyond that the 17 * 17 of 16 colours */
#define BUCKETS   512
#define NIL       0 /* pair 0 is the terminal's own and never in a list */

struct pair {
    int fg, bg;
    int older, newer; /* list by use */
    int next;         /* of the same bucket */
};

struct colors {
    bool on, defaults;
    int colors; /* what the terminal has */
    int n, max; /* pairs in use, and what there may be */
    int oldest, newest;
    unsigned anew; /* in this frame */
    int bucket[BUCKETS];
    struct pair pair[PAIRS_MAX];
};

struct colors *
colors_new(bool use_color)
{
    struct colors *c = xcalloc(1, sizeof(*c));

    c->n = 1;
    if (!use_color || !has_colors() || start_color() == ERR || COLORS < 8)
        return c;
    c->on = true;
    c->defaults = use_default_colors() == OK;
    c->colors = COLORS;
    c->max = COLOR_PAIRS < PAIRS_MAX ? COLOR_PAIRS : PAIRS_MAX;
    return c;
}

void
colors_free(struct colors *c)
{
    free(c);
}

bool
colors_on(const struct colors *c)
{
    return c->on;
}

void
colors_frame(struct colors *c)
{
    c->anew = 0;
}

unsigned
colors_made_anew(const struct colors *c)
{
    return c->anew;
}

void
colors_reset(struct colors *c)
{
    int i;

    for (i = 0; i < BUCKETS; i++)
        c->bucket[i] = NIL;
    c->n = 1;
    c->oldest = c->newest = NIL;
}

/* --- from what is asked to what the terminal has --- */

static int
nearest_step(int v)
{
    static const int steps[6] = { 0, 95, 135, 175, 215, 255 };
    int i, best = 0;

    for (i = 1; i < 6; i++)
        if (abs(steps[i] - v) < abs(steps[best] - v))
            best = i;
    return best;
}

static int
rgb_to_256(int rgb)
{
    int r = rgb >> 16 & 0xff, g = rgb >> 8 & 0xff, b = rgb & 0xff;
    int mean = (r + g + b) / 3;

    if (abs(r - g) < 10 && abs(g - b) < 10 && abs(r - b) < 10) {
        if (mean < 4)
            return 16;
        if (mean > 246)
            return 231;
        return 232 + (mean - 3) / 10;
    }
    return 16 + 36 * nearest_step(r) + 6 * nearest_step(g) + nearest_step(b);
}

static int
rgb_to_16(int r, int g, int b)
{
    int top = r > g ? r : g, bits;

    if (b > top)
        top = b;
    if (top < 48)
        return 0;
    if (abs(r - g) < 24 && abs(g - b) < 24)
        return top < 100 ? 8 : top < 210 ? 7 : 15;
    bits = (r > top / 2) | (g > top / 2) << 1 | (b > top / 2) << 2;
    return top > 210 ? bits + 8 : bits;
}

static int
palette_to_16(int index)
{
    static const int steps[6] = { 0, 95, 135, 175, 215, 255 };
    int v;

    if (index < 16)
        return index;
    if (index >= 232) {
        v = 8 + (index - 232) * 10;
        return rgb_to_16(v, v, v);
    }
    index -= 16;
    return rgb_to_16(steps[index / 36], steps[index / 6 % 6], steps[index % 6]);
}

/* *bright: the colour is a bright one that the terminal does not have. */
static int
map_color(const struct colors *c, int color, bool *bright)
{
    *bright = false;
    if (color < 0)
        return COLOR_NONE;
    if (color >= 0x1000000) {
        if (c->colors < 256)
            color =
                rgb_to_16(color >> 16 & 0xff, color >> 8 & 0xff, color & 0xff);
        else
            color = rgb_to_256(color & 0xffffff);
    }
    if (color >= c->colors)
        color = palette_to_16(color & 0xff);
    if (color >= c->colors) {
        *bright = color >= 8;
        color &= 7;
    }
    return color;
}

/* --- the table --- */

static unsigned
hash(int fg, int bg)
{
    return ((unsigned)(fg + 1) * 311U + (unsigned)(bg + 1)) % BUCKETS;
}

static void
list_out(struct colors *c, int i)
{
    struct pair *p = &c->pair[i];

    if (p->older != NIL)
        c->pair[p->older].newer = p->newer;
    else
        c->oldest = p->newer;
    if (p->newer != NIL)
        c->pair[p->newer].older = p->older;
    else
        c->newest = p->older;
}

static void
list_in(struct colors *c, int i)
{
    struct pair *p = &c->pair[i];

    p->older = c->newest;
    p->newer = NIL;
    if (c->newest != NIL)
        c->pair[c->newest].newer = i;
    else
        c->oldest = i;
    c->newest = i;
}

static void
bucket_out(struct colors *c, int i)
{
    int *at = &c->bucket[hash(c->pair[i].fg, c->pair[i].bg)];

    while (*at != i)
        at = &c->pair[*at].next;
    *at = c->pair[i].next;
}

static int
pair_make(struct colors *c, int fg, int bg)
{
    unsigned h = hash(fg, bg);
    int i;

    if (c->n < c->max) {
        i = c->n++;
    } else {
        i = c->oldest;
        if (i == NIL)
            return 0;
        list_out(c, i);
        bucket_out(c, i);
        c->anew++;
    }
    c->pair[i].fg = fg;
    c->pair[i].bg = bg;
    c->pair[i].next = c->bucket[h];
    c->bucket[h] = i;
    list_in(c, i);
    init_extended_pair(i, fg, bg);
    return i;
}

/* 0: none of these colours is made. */
static int
pair_find(struct colors *c, int fg, int bg)
{
    int i = c->bucket[hash(fg, bg)];

    while (i != NIL && (c->pair[i].fg != fg || c->pair[i].bg != bg))
        i = c->pair[i].next;
    if (i != NIL && c->newest != i) {
        list_out(c, i);
        list_in(c, i);
    }
    return i;
}

static int
pair_get(struct colors *c, int fg, int bg)
{
    int i = pair_find(c, fg, bg);

    if (i == NIL && c->anew >= ANEW_MAX) {
        fg = fg == COLOR_NONE ? fg : palette_to_16(fg);
        bg = bg == COLOR_NONE ? bg : palette_to_16(bg);
        i = pair_find(c, fg, bg);
    }
    return i != NIL ? i : pair_make(c, fg, bg);
}

attr_t
colors_pair(struct colors *c, int fg, int bg, int *pair_out)
{
    attr_t attrs = A_NORMAL;
    bool bright;

    *pair_out = 0;
    if (!c->on)
        return attrs;
    fg = map_color(c, fg, &bright);
    if (bright)
        attrs |= A_BOLD;
    bg = map_color(c, bg, &bright);
    if (fg == COLOR_NONE && bg == COLOR_NONE)
        return attrs;
    if (!c->defaults) { /* the terminal cannot go back to its own */
        fg = fg == COLOR_NONE ? COLOR_WHITE : fg;
        bg = bg == COLOR_NONE ? COLOR_BLACK : bg;
    }
    *pair_out = pair_get(c, fg, bg);
    return attrs;
}

static attr_t
style_attrs(unsigned style)
{
    return (style & STYLE_BOLD ? A_BOLD : 0U) |
           (style & STYLE_UNDERLINE ? A_UNDERLINE : 0U) |
           (style & STYLE_REVERSE ? A_REVERSE : 0U) |
           (style & STYLE_DIM ? A_DIM : 0U);
}

attr_t
colors_role(struct colors *c, const struct theme *th, enum role r,
            int *pair_out)
{
    const struct role_style *s = &th->roles[r];
    attr_t attrs = colors_pair(c, s->fg, s->bg, pair_out);

    return attrs | style_attrs(c->on ? s->attrs : s->mono);
}
