/*
 * sxp_device.c - the devices of xend's tree: (device (vbd ..)), (pci ..),
 * (vfb ..) and (vkbd ..); (vif ..) is sxp_vif.c's.
 */
#include <stdlib.h>
#include <string.h>

#include "engine/config/core/value.h"
#include "engine/config/sxp/sxp_int.h"
#include "src/base/xalloc.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])
struct config_device *
sxp_map_begin(struct sxp_map *m, const struct sxp *s, const char *kind,
              unsigned n)
{
    struct config_device *cd =
        config_device_begin(&m->src, m->c, kind, s->line);
    char shown[32];

    text_fmt(shown, sizeof shown, "%s[%u]", kind, n);
    if (cd != NULL)
        config_device_name(cd, shown);
    return cd;
}

int
sxp_map_put(struct sxp_map *m, struct config_device *cd,
            const struct sxp *field, const char *key, const char *value)
{
    struct config_item it = { .name = key,
                              .value = value,
                              .line = field->line };
    char *shown = NULL;
    int rc;

    if (sxp_value(field) != NULL) /* named as it was written */
        it.shown = shown = xasprintf("%s.%.60s", cd->shown, sxp_name(field));
    rc = config_device_set(&m->src, cd, &it);
    free(shown);
    return rc;
}

int
sxp_map_device_fields(struct sxp_map *m, const struct sxp *s,
                      struct config_device *cd, const struct sxp_field *fields,
                      size_t n)
{
    const struct sxp_fields t = { fields, n, cd->shown, cd, NULL };

    return sxp_map_fields(m, s, &t);
}

/* --- vbd */

static const struct sxp_field vbd_fields[] = {
    { "backend", SXP_SET, "backend", NULL },
    { "script", SXP_SET, "script", NULL },
    SXP_ELSEWHERE("uname"),
    SXP_ELSEWHERE("dev"),
    SXP_ELSEWHERE("mode"),
    SXP_QUIETLY("uuid"),
    SXP_QUIETLY("devid"),
    SXP_QUIETLY("driver"),
    SXP_QUIETLY("type"),
    SXP_QUIETLY("bootable"),
    SXP_QUIETLY("VDI"),
    { "protocol", SXP_UNMET, NULL, "the domain chooses it" },
    { "discard-enable", SXP_UNMET, NULL, "the disk says whether it can" },
};

#define UNAME_ALLOWED                                                          \
    "\"phy:DEVICE\", \"file:PATH\", \"tap:aio:PATH\", \"tap:qcow2:PATH\", "    \
    "\"tap:vhd:PATH\" or \"tap:qed:PATH\""

/* Prefixes of uname; what is neither a device nor a file goes to a script of
 * its name, as with libxl. */
static const struct {
    const char *prefix, *key, *before, *format, *script;
} unames[] = {
    { "phy:", "path", "phy:", NULL, NULL },
    { "phys:", "path", "phy:", NULL, NULL },
    { "file:", "path", "file:", NULL, NULL },
    { "tap:aio:", "path", "", NULL, NULL },
    { "tap2:aio:", "path", "", NULL, NULL },
    { "tap:tapdisk:aio:", "path", "", NULL, NULL },
    { "tap2:tapdisk:aio:", "path", "", NULL, NULL },
    { "tap:qcow2:", "path", "", "qcow2", NULL },
    { "tap2:qcow2:", "path", "", "qcow2", NULL },
    { "tap:vhd:", "path", "", "vhd", NULL },
    { "tap2:vhd:", "path", "", "vhd", NULL },
    { "tap:qed:", "path", "", "qed", NULL },
    { "tap2:qed:", "path", "", "qed", NULL },
    { "nbd:", "params", "", NULL, "block-nbd" },
    { "enbd:", "params", "", NULL, "block-enbd" },
    { "iscsi:", "params", "", NULL, "block-iscsi" },
    { "drbd:", "params", "", NULL, "block-drbd" },
};

static int
map_uname(struct sxp_map *m, const struct sxp *field, struct config_device *cd)
{
    const char *text, *rest;
    char *value;
    size_t i;
    int rc;

    if (sxp_map_text(m, field, cd->shown, &text) < 0)
        return -1;
    if (text == NULL)
        return 0; /* an empty drive */
    if (config_device_value(cd, "script") != NULL)
        return sxp_map_put(m, cd, field, "params", text);
    for (i = 0; i < COUNT(unames); i++)
        if (strncmp(text, unames[i].prefix, strlen(unames[i].prefix)) == 0)
            break;
    if (i == COUNT(unames))
        return sxp_map_refuse(m, field, cd->shown, UNAME_ALLOWED);
    rest = text + strlen(unames[i].prefix);
    value = xasprintf("%s%s", unames[i].before, rest);
    rc = sxp_map_put(m, cd, field, unames[i].key, value);
    free(value);
    if (rc == 0 && unames[i].format != NULL)
        rc = sxp_map_put(m, cd, field, "format", unames[i].format);
    if (rc == 0 && unames[i].script != NULL)
        rc = sxp_map_put(m, cd, field, "script", unames[i].script);
    return rc;
}

/* xvda, xvda:disk, hdc:cdrom, ioemu:hda */
static int
map_dev(struct sxp_map *m, const struct sxp *field, struct config_device *cd)
{
    const char *text, *colon;
    char *name;
    int rc;

    if (sxp_map_text(m, field, cd->shown, &text) < 0)
        return -1;
    if (text == NULL)
        return 0;
    if (strncmp(text, "ioemu:", 6) == 0)
        text += 6;
    colon = strchr(text, ':');
    if (colon != NULL && strcmp(colon, ":disk") != 0 &&
        strcmp(colon, ":cdrom") != 0)
        return sxp_map_refuse(m, field, cd->shown,
                              "NAME, \"NAME:disk\" or \"NAME:cdrom\"");
    name =
        xstrndup(text, colon != NULL ? (size_t)(colon - text) : strlen(text));
    rc = sxp_map_put(m, cd, field, "vdev", name);
    free(name);
    if (rc == 0 && colon != NULL && strcmp(colon, ":cdrom") == 0)
        rc = sxp_map_put(m, cd, field, "cdrom", "true");
    return rc;
}

/* A disk is read-only unless its mode contains a w. */
static int
map_mode(struct sxp_map *m, const struct sxp *s, struct config_device *cd)
{
    const struct sxp *field = sxp_child(s, "mode");
    const char *text = NULL;

    if (config_device_value(cd, "cdrom") != NULL)
        return 0;
    if (field != NULL && sxp_map_text(m, field, cd->shown, &text) < 0)
        return -1;
    if (text == NULL || strcmp(text, "ro") == 0)
        text = "r";
    if (strspn(text, "rw!") != strlen(text))
        return sxp_map_refuse(m, field, cd->shown, "\"r\", \"w\" or \"w!\"");
    return sxp_map_put(m, cd, field != NULL ? field : s, "mode",
                       strchr(text, '!') != NULL   ? "w!"
                       : strchr(text, 'w') != NULL ? "w"
                                                   : "r");
}

static int
map_vbd(struct sxp_map *m, const struct sxp *s)
{
    struct config_device *cd = sxp_map_begin(m, s, "vbd", m->n_vbds++);
    const struct sxp *uname = sxp_child(s, "uname"), *dev = sxp_child(s, "dev");

    if (cd == NULL ||
        sxp_map_device_fields(m, s, cd, vbd_fields, COUNT(vbd_fields)) < 0 ||
        (uname != NULL && map_uname(m, uname, cd) < 0) ||
        (dev != NULL && map_dev(m, dev, cd) < 0))
        return -1;
    return map_mode(m, s, cd);
}

/* --- pci */

static const struct {
    const char *name;
    unsigned max;
} pci_numbers[] = {
    { "domain", 0xffff }, { "bus", 0xff }, { "dev", 0x1f }, { "func", 7 }
};

static const struct sxp_field pci_fields[] = {
    { "backend", SXP_SET, "backend", NULL },
    { "permissive", SXP_SET, "permissive", NULL },
    { "msitranslate", SXP_SET, "msitranslate", NULL },
    { "power_mgmt", SXP_SET, "power_mgmt", NULL },
    { "seize", SXP_SET, "seize", NULL },
    { "rdm_policy", SXP_SET, "rdm_policy", NULL },
    SXP_ELSEWHERE("domain"),
    SXP_ELSEWHERE("bus"),
    SXP_REPEATED("dev"),
    SXP_ELSEWHERE("slot"),
    SXP_ELSEWHERE("func"),
    SXP_ELSEWHERE("opts"),
    SXP_QUIETLY("uuid"),
    SXP_QUIETLY("key"),
    SXP_QUIETLY("vdevfn"), /* -1 or the slot that xend chose */
    SXP_ELSEWHERE("vslot"),
};

/* One of bus, dev, func in decimal or 0x; the device's number is (slot ..) in
 * xend's later form. Only the domain may be left out. */
static int
pci_number(struct sxp_map *m, const struct sxp *s, const char *path, size_t i,
           unsigned *out)
{
    const char *name = pci_numbers[i].name, *text = NULL;
    unsigned max = pci_numbers[i].max;
    const struct sxp *field = sxp_child(s, name);
    unsigned long long v = 0;
    char allowed[64];

    if (strcmp(name, "dev") == 0 && sxp_child(s, "slot") != NULL)
        field = sxp_child(s, "slot");
    if (field != NULL && sxp_map_text(m, field, path, &text) < 0)
        return -1;
    text_fmt(allowed, sizeof allowed, "0 to %u, in decimal or 0x0 to 0x%x", max,
             max);
    if (text == NULL && strcmp(name, "domain") != 0)
        return value_bad(&m->src, ERR_INVALID, s->line, path,
                         "found no %s, allowed bus, dev and func", name);
    if (text != NULL && !text_u64(text, 0, max, &v))
        return sxp_map_refuse(m, field, path, allowed);
    *out = (unsigned)v;
    return 0;
}

/* (opts ((permissive 1) ..)), (opts (permissive 1) ..) */
static int
map_pci_options(struct sxp_map *m, const struct sxp *s,
                struct config_device *cd)
{
    const struct sxp *opts = sxp_child(s, "opts");

    if (opts == NULL || opts->n < 2)
        return 0;
    if (opts->n == 2 && opts->kids[1].atom == NULL &&
        *sxp_name(&opts->kids[1]) == '\0') {
        const struct sxp *list = &opts->kids[1];
        struct sxp all = { .n = list->n + 1 };
        int rc;

        all.kids = xcalloc(all.n, sizeof all.kids[0]);
        if (list->n > 0)
            memcpy(all.kids + 1, list->kids, list->n * sizeof all.kids[0]);
        rc = sxp_map_device_fields(m, &all, cd, pci_fields, COUNT(pci_fields));
        free(all.kids);
        return rc;
    }
    return sxp_map_device_fields(m, opts, cd, pci_fields, COUNT(pci_fields));
}

/* 0x100 was xend's word for any slot. */
static int
map_pci_slot(struct sxp_map *m, const struct sxp *s, struct config_device *cd)
{
    const struct sxp *field = sxp_child(s, "vslot");
    unsigned long long v;
    const char *text;

    if (field == NULL)
        return 0;
    if (sxp_map_text(m, field, cd->shown, &text) < 0)
        return -1;
    if (text == NULL || (text_u64(text, 0, 0x100, &v) && v == 0x100))
        return 0;
    return sxp_map_put(m, cd, field, "vslot", text);
}

/* What xend kept for all devices, beside what each has of its own. */
static int
map_pci_default(struct sxp_map *m, struct config_device *cd, const char *key)
{
    const struct sxp *image = sxp_child(m->vm, "image"), *field;
    char name[32];

    text_fmt(name, sizeof name, "pci_%s", key);
    if (image == NULL || image->n != 2 || image->kids[1].atom != NULL ||
        config_device_value(cd, key) != NULL)
        return 0;
    field = sxp_child(&image->kids[1], name);
    return field == NULL || sxp_map_is_off(field)
               ? 0
               : sxp_map_put(m, cd, field, key, "true");
}

static int
one_pci(struct sxp_map *m, const struct sxp *s)
{
    struct config_device *cd = sxp_map_begin(m, s, "pci", m->n_pcis++);
    unsigned n[COUNT(pci_numbers)];
    char bdf[32];
    size_t i;

    if (cd == NULL)
        return -1;
    for (i = 0; i < COUNT(pci_numbers); i++)
        if (pci_number(m, s, cd->shown, i, &n[i]) < 0)
            return -1;
    text_fmt(bdf, sizeof bdf, "%04x:%02x:%02x.%x", n[0], n[1], n[2], n[3]);
    if (sxp_map_put(m, cd, s, "bdf", bdf) < 0 ||
        sxp_map_device_fields(m, s, cd, pci_fields, COUNT(pci_fields)) < 0 ||
        map_pci_slot(m, s, cd) < 0 || map_pci_options(m, s, cd) < 0 ||
        map_pci_default(m, cd, "msitranslate") < 0)
        return -1;
    return map_pci_default(m, cd, "power_mgmt");
}

/* (pci (bus ..) (dev ..) (func ..)), or as many (dev (bus ..) (slot ..) ..) as
 * there are. */
static int
map_pci(struct sxp_map *m, const struct sxp *s)
{
    bool many = false;
    size_t i;

    for (i = 1; i < s->n; i++) {
        const struct sxp *k = &s->kids[i];

        if (k->atom != NULL || strcmp(sxp_name(k), "dev") != 0 || k->n < 2 ||
            k->kids[1].atom != NULL)
            continue;
        many = true;
        if (one_pci(m, k) < 0)
            return -1;
    }
    return many ? 0 : one_pci(m, s);
}

/* --- screens and keyboards */

static const struct sxp_field vfb_fields[] = {
    { "vnc", SXP_SET, "vnc", NULL },
    { "vnclisten", SXP_SET, "vnclisten", NULL },
    { "vncdisplay", SXP_SET, "vncdisplay", NULL },
    { "vncpasswd", SXP_SET, "vncpasswd", NULL },
    { "vncunused", SXP_SET, "vncunused", NULL },
    { "keymap", SXP_SET, "keymap", NULL },
    { "backend", SXP_SET, "backend", NULL },
    SXP_ELSEWHERE("type"),
    SXP_QUIETLY("uuid"),
    SXP_QUIETLY("devid"),
    SXP_QUIETLY("location"),
    { "sdl", SXP_UNMET, NULL, "xendeck serves VNC alone" },
    { "opengl", SXP_UNMET, NULL, "xendeck serves VNC alone" },
    { "display", SXP_UNMET, NULL, "xendeck serves VNC alone" },
    { "xauthority", SXP_UNMET, NULL, "xendeck serves VNC alone" },
};

static int
map_pv_screen(struct sxp_map *m, const struct sxp *s)
{
    struct config_device *cd = sxp_map_begin(m, s, "vfb", m->n_others++);
    const struct sxp *type = sxp_child(s, "type");
    const char *text = NULL;

    if (cd == NULL ||
        (type != NULL && sxp_map_text(m, type, cd->shown, &text) < 0))
        return -1;
    if (text != NULL && strcmp(text, "vnc") == 0 &&
        sxp_map_put(m, cd, type, "vnc", "true") < 0)
        return -1;
    if (text != NULL && strcmp(text, "vnc") != 0)
        sxp_map_warn(m, type, cd->shown, "xendeck serves VNC alone");
    return sxp_map_device_fields(m, s, cd, vfb_fields, COUNT(vfb_fields));
}

/* xend listed the screen of an HVM domain also among its devices: there is one,
 * and what the image says of it holds. */
static int
map_hvm_screen(struct sxp_map *m, const struct sxp *s)
{
    static const char *const names[] = { "vnc",       "vnclisten", "vncdisplay",
                                         "vncpasswd", "vncunused", "keymap",
                                         "sdl",       "opengl",    "display",
                                         "xauthority" };
    const struct sxp *field;
    char native[32];
    size_t i;

    for (i = 0; i < COUNT(names); i++) {
        field = sxp_child(s, names[i]);
        text_fmt(native, sizeof native, "screen.%s", names[i]);
        if (field != NULL && sxp_value(field) != NULL &&
            *sxp_value(field) != '\0' &&
            config_seen_find(m->c, native) == NULL &&
            sxp_map_set(m, field, "vfb", native, sxp_value(field)) < 0)
            return -1;
    }
    return 0;
}

static int
map_vfb(struct sxp_map *m, const struct sxp *s)
{
    if (m->c->kind == DOM_HVM)
        return map_hvm_screen(m, s);
    return map_pv_screen(m, s);
}

static int
map_vkbd(struct sxp_map *m, const struct sxp *s)
{
    static const struct sxp_field fields[] = {
        { "backend", SXP_SET, "backend", NULL },
        SXP_QUIETLY("uuid"),
        SXP_QUIETLY("devid"),
    };
    struct config_device *cd;

    if (m->c->kind == DOM_HVM)
        return 0; /* of its screen, likewise */
    cd = sxp_map_begin(m, s, "vkbd", m->n_others++);
    return cd == NULL ? -1
                      : sxp_map_device_fields(m, s, cd, fields, COUNT(fields));
}

static int
map_console(struct sxp_map *m, const struct sxp *s)
{
    (void)m, (void)s; /* every domain has one */
    return 0;
}

/* --- */

static const struct {
    const char *name;
    int (*map)(struct sxp_map *m, const struct sxp *s);
} kinds[] = {
    { "vif", sxp_map_vif }, { "vbd", map_vbd },         { "tap", map_vbd },
    { "tap2", map_vbd },    { "pci", map_pci },         { "vfb", map_vfb },
    { "vkbd", map_vkbd },   { "console", map_console },
};

int
sxp_map_device(struct sxp_map *m, const struct sxp *s)
{
    const struct sxp *dev = s->n == 2 ? &s->kids[1] : NULL;
    size_t i;

    if (dev == NULL || dev->atom != NULL || *sxp_name(dev) == '\0')
        return sxp_map_refuse(m, s, "vm", "one list, such as (vif ...)");
    for (i = 0; i < COUNT(kinds); i++)
        if (strcmp(kinds[i].name, sxp_name(dev)) == 0)
            return kinds[i].map(m, dev);
    sxp_map_warn(m, dev, "vm.device",
                 "xendeck attaches no device of this kind");
    return 0;
}
