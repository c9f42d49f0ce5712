/*
 * lost.c - what a format has no word for: named, when a configuration is
 * written in it, so that nothing is lost without a word.
 */
#include <stdlib.h>
#include <string.h>

#include "engine/config/core/image_type.h"
#include "engine/config/core/setting.h"
#include "engine/config/load.h"
#include "src/base/xalloc.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

/* Formats, as bits. */
enum { IN_XL = 1, IN_SXP = 2, IN_BOTH = 3 };

struct loser {
    const struct config_src src;
    unsigned to;
    const char *format;
};

static void
lost_say(const struct loser *l, unsigned in, unsigned line, const char *shown,
         const char *why)
{
    if ((l->to & in) != 0)
        config_warn(&l->src, line, shown, "left out: %s%s", l->format, why);
}

static void
say_setting(const struct domain_config *c, const struct loser *l, unsigned in,
            const char *name)
{
    const struct config_seen *seen = config_seen_find(c, name);

    lost_say(l, in, seen != NULL ? seen->line : 0, name,
             " has no such setting");
}

/* xend had one text where there may be several. */
static void
lost_texts(const struct domain_config *c, const struct loser *l)
{
    const struct config_texts *v = &c->machine.viridian;

    if (c->machine.serial.n > 1)
        lost_say(l, IN_SXP, 0, "machine.serial", " has one serial port");
    if (c->machine.usbdevice.n > 1)
        lost_say(l, IN_SXP, 0, "machine.usbdevice", " has one USB device");
    if (v->n > 1 || (v->n == 1 && strcmp(v->at[0], "defaults") != 0))
        lost_say(l, IN_SXP, 0, "machine.viridian", " has no groups of it");
}

/* xend never had that form. */
static bool
is_of_libxl(const struct config_texts *cpuid)
{
    return cpuid->n > 0 && strncmp(cpuid->at[0], "host", 4) == 0;
}

static void
settings(const struct domain_config *c, const struct loser *l)
{
    const struct image_type *type = image_type_find(c->image.type);
    struct setting_value v;
    const struct setting *k;
    size_t i;

    for (i = 0; (k = setting_at(i)) != NULL; i++) {
        unsigned in =
            (k->xl == NULL ? IN_XL : 0U) | (k->sxp == NULL ? IN_SXP : 0U);

        if (setting_get(k, c, &v))
            say_setting(c, l, in, k->rule.name);
    }
    if (type == NULL || !type->xl_knows)
        say_setting(c, l, IN_XL, "image.type");
    if (c->kind == DOM_PVH)
        lost_say(l, IN_SXP, 0, "type", " has no PVH domains");
    if (c->screen.vga == CONFIG_VGA_QXL || c->screen.vga == CONFIG_VGA_NONE)
        say_setting(c, l, IN_SXP, "screen.vga");
    if (is_of_libxl(&c->machine.cpuid))
        lost_say(l, IN_SXP, 0, "machine.cpuid", " has another form of it");
    if (is_of_libxl(&c->machine.cpuid_check))
        lost_say(l, IN_SXP, 0, "machine.cpuid_check",
                 " has another form of it");
    lost_texts(c, l);
}

static const struct {
    const char *kind, *key;
    unsigned in;
} keys[] = {
    { "vbd", "discard", IN_SXP },
    { "vbd", "direct_io_safe", IN_SXP },
    { "vif", "gatewaydev", IN_SXP },
    { "pci", "backend", IN_XL },
    { "vfb", "vnctls", IN_XL | IN_SXP },
    { "vfb", "vncx509", IN_XL | IN_SXP },
    { "vfb", "vncx509verify", IN_XL | IN_SXP },
};

static void
say_key(const struct loser *l, unsigned in, const struct config_device *d,
        const char *key, const char *why)
{
    char *shown = xasprintf("%s.%s", d->shown, key);

    lost_say(l, in, d->line, shown, why);
    free(shown);
}

/* A target may hold commas, for it is the last of its words. */
static void
commas(const struct config_device *d, const struct loser *l)
{
    size_t i;

    for (i = 0; i < d->n_keys; i++)
        if (strchr(d->values[i], ',') != NULL &&
            strcmp(d->keys[i], "path") != 0 &&
            strcmp(d->keys[i], "params") != 0)
            say_key(l, IN_XL, d, d->keys[i], " can quote no comma");
}

static void
device(const struct config_device *d, const struct loser *l)
{
    const char *mode = config_device_value(d, "mode");
    size_t i;

    commas(d, l);
    for (i = 0; i < COUNT(keys); i++)
        if (strcmp(keys[i].kind, d->kind) == 0 &&
            config_device_value(d, keys[i].key) != NULL)
            say_key(l, keys[i].in, d, keys[i].key, " has no such setting");
    if (mode != NULL && strcmp(mode, "w!") == 0)
        say_key(l, IN_XL, d, "mode", " has no \"w!\", it is written as \"rw\"");
}

static bool
is_kind(const struct config_device *d, const char *kind)
{
    return strcmp(d->kind, kind) == 0;
}

static size_t
count_kind(const struct domain_config *c, const char *kind)
{
    size_t i, n = 0;

    for (i = 0; i < c->n_devices; i++)
        n += is_kind(&c->devices[i], kind);
    return n;
}

/* xl gives each framebuffer a keyboard, and knows no other. */
static void
keyboards(const struct domain_config *c, const struct loser *l)
{
    size_t i, vkbds = 0, vfbs = count_kind(c, "vfb");

    for (i = 0; i < c->n_devices; i++)
        if (is_kind(&c->devices[i], "vkbd") && ++vkbds > vfbs)
            lost_say(l, IN_XL, c->devices[i].line, c->devices[i].shown,
                     " has a keyboard for each vfb only");
    if (vkbds < vfbs)
        config_warn(&l->src, 0, "vfb", "%s gives each vfb a vkbd", l->format);
}

void
config_lost(const struct domain_config *c, enum config_format to,
            struct buf *warn)
{
    const struct loser l = {
        .src = { .file = c->file, .warn = warn },
        .to = to == FORMAT_XL    ? IN_XL
              : to == FORMAT_SXP ? IN_SXP
                                 : 0,
        .format = to == FORMAT_XL ? "xl.cfg" : "an S-expression of xend",
    };
    size_t i;

    if (l.to == 0)
        return;
    settings(c, &l);
    for (i = 0; i < c->n_devices; i++)
        device(&c->devices[i], &l);
    if (l.to == IN_XL)
        keyboards(c, &l);
}
