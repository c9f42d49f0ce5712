/*
 * xl_print.c - a domain's configuration as an xl.cfg, which xl takes and which
 * config_xl_parse makes the same domain of. What xl.cfg has no word for is
 * lost.c's to name.
 */
#include <string.h>

#include "engine/config/core/disk_source.h"
#include "engine/config/core/image_type.h"
#include "engine/config/core/setting.h"
#include "engine/config/xl/xl.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

/* NULL: the setting is left out. */
static void
xl_print_print_text(struct buf *out, const char *key, const char *text)
{
    if (text == NULL)
        return;
    buf_fmt(out, "%s = ", key);
    value_quoted(out, text);
    buf_chr(out, '\n');
}

/* Of an HVM domain a word is a BIOS; a path, or what PV domains boot by, has
 * but one setting. */
static void
xl_print_firmware(const struct domain_config *c, struct buf *out)
{
    const char *fw = c->image.firmware;
    bool bios = fw != NULL && c->kind == DOM_HVM &&
                (strcmp(fw, "seabios") == 0 || strcmp(fw, "ovmf") == 0 ||
                 strcmp(fw, "rombios") == 0);

    xl_print_print_text(out, bios ? "bios" : "firmware", fw);
}

/* xl makes "root=" of root, as a Linux kernel wants it; another's command line
 * is given whole. */
static void
print_image(const struct domain_config *c, struct buf *out)
{
    const struct config_image *im = &c->image;
    const struct image_type *type = image_type_find(im->type);
    struct buf line = { 0 };

    xl_print_print_text(out, "kernel", im->kernel);
    xl_print_firmware(c, out);
    xl_print_print_text(out, "ramdisk", im->ramdisk);
    if (type == NULL || !type->xl_knows) {
        if (image_cmdline(c, &line, NULL) == 0 && line.len > 0)
            xl_print_print_text(out, "extra", buf_text(&line));
    } else {
        xl_print_print_text(out, "root", im->root);
        if (im->ip != NULL)
            buf_fmt(&line, "ip=%s%s", im->ip, im->args != NULL ? " " : "");
        if (im->args != NULL)
            buf_str(&line, im->args);
        if (line.len > 0)
            xl_print_print_text(out, "extra", buf_text(&line));
    }
    buf_free(&line);
}

/* --- devices: each appends its specification, without the quotes */

static void
xl_print_add_word(struct buf *out, const char *word)
{
    if (out->len > 0)
        buf_chr(out, ',');
    buf_str(out, word);
}

static void
add_pair(struct buf *out, const char *key, const char *value)
{
    if (value == NULL || strchr(value, ',') != NULL)
        return; /* a comma cannot be quoted: lost.c names it */
    xl_print_add_word(out, key);
    buf_fmt(out, "=%s", value);
}

static void
xl_print_add_bool(struct buf *out, const struct config_device *d,
                  const char *key)
{
    if (config_device_value(d, key) != NULL)
        add_pair(out, key, config_device_true(d, key) ? "1" : "0");
}

static void
xl_print_disk_spec(const struct config_device *d, struct buf *out)
{
    const char *mode = config_device_value(d, "mode"),
               *format = config_device_value(d, "format");
    struct config_source source;

    config_source_of(d, &source);
    add_pair(out, "format", format != NULL ? format : "raw");
    add_pair(out, "vdev", config_device_value(d, "vdev"));
    if (config_device_true(d, "cdrom"))
        xl_print_add_word(out, "devtype=cdrom");
    else
        add_pair(out, "access", mode != NULL && mode[0] == 'r' ? "ro" : "rw");
    add_pair(out, "backend", config_device_value(d, "backend"));
    add_pair(out, "script", source.script);
    if (config_device_value(d, "discard") != NULL)
        xl_print_add_word(out, config_device_true(d, "discard") ? "discard"
                                                                : "no-discard");
    if (config_device_true(d, "direct_io_safe"))
        xl_print_add_word(out, "direct-io-safe");
    if (source.target != NULL) { /* the last one: it takes all that follows */
        buf_fmt(out, ",target=%s", source.target);
        if (out->data[out->len - 1] == ',') /* but libxlutil drops one */
            buf_chr(out, ',');
    }
    config_source_fini(&source);
}

static void
vif_spec(const struct config_device *d, struct buf *out)
{
    static const char *const keys[] = { "mac",     "bridge",  "ip",
                                        "script",  "rate",    "model",
                                        "backend", "vifname", "gatewaydev",
                                        "mtu" };
    size_t i;

    for (i = 0; i < COUNT(keys); i++)
        add_pair(out, keys[i], config_device_value(d, keys[i]));
    add_pair(out, "type", config_device_value(d, "nictype"));
}

static void
pci_spec(const struct config_device *d, struct buf *out)
{
    static const char *const keys[] = { "permissive", "msitranslate",
                                        "power_mgmt", "seize" };
    const char *vslot = config_device_value(d, "vslot");
    unsigned long long n;
    size_t i;

    xl_print_add_word(out, config_device_value(d, "bdf"));
    if (vslot != NULL && text_u64(vslot, 0, 31, &n))
        buf_fmt(out, "@%llx", n); /* xl reads it in hexadecimal */
    for (i = 0; i < COUNT(keys); i++)
        xl_print_add_bool(out, d, keys[i]);
    add_pair(out, "rdm_policy", config_device_value(d, "rdm_policy"));
}

static void
vfb_spec(const struct config_device *d, struct buf *out)
{
    static const char *const keys[] = { "vnclisten", "vncdisplay", "vncpasswd",
                                        "keymap", "backend" };
    size_t i;

    xl_print_add_bool(out, d, "vnc");
    for (i = 0; i < COUNT(keys); i++)
        add_pair(out, keys[i], config_device_value(d, keys[i]));
    xl_print_add_bool(out, d, "vncunused");
}

static const struct {
    const char *kind, *name;
    void (*spec)(const struct config_device *d, struct buf *out);
} lists[] = {
    { "vbd", "disk", xl_print_disk_spec },
    { "vif", "vif", vif_spec },
    { "pci", "pci", pci_spec },
    { "vfb", "vfb", vfb_spec }, /* xl adds the vkbd */
};

/* What lost.c would have to name. */
static bool
is_lost(const struct config_device *d)
{
    const char *mode = config_device_value(d, "mode");
    size_t i;

    if (mode != NULL && strcmp(mode, "w!") == 0)
        return true;
    for (i = 0; i < d->n_keys; i++)
        if (strchr(d->values[i], ',') != NULL &&
            strcmp(d->keys[i], "path") != 0 &&
            strcmp(d->keys[i], "params") != 0)
            return true;
    return false;
}

bool
config_xl_spec(const struct config_device *d, struct buf *out)
{
    size_t i;

    for (i = 0; i < COUNT(lists); i++)
        if (strcmp(lists[i].kind, d->kind) == 0 && !is_lost(d)) {
            lists[i].spec(d, out);
            return true;
        }
    return false;
}

static void
print_list(const struct domain_config *c, size_t list, struct buf *out)
{
    struct buf spec = { 0 };
    bool any = false;
    size_t i;

    for (i = 0; i < c->n_devices; i++) {
        if (strcmp(c->devices[i].kind, lists[list].kind) != 0)
            continue;
        if (!any)
            buf_fmt(out, "%s = [\n", lists[list].name);
        any = true;
        buf_clear(&spec);
        lists[list].spec(&c->devices[i], &spec);
        buf_str(out, "    ");
        value_quoted(out, buf_text(&spec));
        buf_str(out, ",\n");
    }
    if (any)
        buf_str(out, "]\n");
    buf_free(&spec);
}

/* --- */

/* What stands in a list is in xend's form for xl, a text by itself in its own:
 * "host,tm=0". */
static void
xl_print_texts(struct buf *out, const char *key, const struct config_texts *t)
{
    size_t i;

    if (t->n == 1 && strncmp(t->at[0], "host", 4) == 0) {
        xl_print_print_text(out, key, t->at[0]);
        return;
    }
    buf_fmt(out, "%s = [", key);
    for (i = 0; i < t->n; i++) {
        buf_str(out, i > 0 ? ", " : " ");
        value_quoted(out, t->at[i]);
    }
    buf_str(out, " ]\n");
}

static void
xl_print_print_setting(const struct setting *k, const struct domain_config *c,
                       struct buf *out)
{
    struct setting_value v;

    if (k->xl == NULL || k->xl[0] == '\0' ||
        (!setting_get(k, c, &v) && (k->flags & SETTING_ALWAYS) == 0))
        return;
    if (v.form == SETTING_TEXT)
        xl_print_print_text(out, k->xl, v.text);
    else if (v.form == SETTING_TEXTS)
        xl_print_texts(out, k->xl, v.texts);
    else if (v.form == SETTING_SIGNED)
        buf_fmt(out, "%s = \"%lld\"\n", k->xl, (long long)v.number);
    else if (v.form == SETTING_CPUS)
        config_cpus_print(v.cpus, k->xl, "\n", out);
    else
        buf_fmt(out, "%s = %llu\n", k->xl, (unsigned long long)v.number);
}

void
config_xl_print(const struct domain_config *c, struct buf *out)
{
    static const char *const kinds[] = { "pv", "pvh", "hvm" };
    const struct setting *k;
    size_t i;

    xl_print_print_text(out, "type", kinds[c->kind]);
    for (i = 0; (k = setting_at(i)) != NULL; i++)
        if (strcmp(k->rule.name, "image") == 0)
            print_image(c, out);
        else
            xl_print_print_setting(k, c, out);
    for (i = 0; i < COUNT(lists); i++)
        print_list(c, i, out);
}
