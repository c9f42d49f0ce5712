/*
 * sxp_out.c - a domain's configuration as the tree that xend kept. What that
 * tree has no field for is lost.c's to name.
 */
#include <stdlib.h>
#include <string.h>

#include "engine/config/core/disk_source.h"
#include "engine/config/core/setting.h"
#include "engine/config/sxp/sxp_config.h"
#include "engine/config/sxp/sxp_image.h"
#include "engine/config/sxp/sxp_int.h"
#include "src/base/xalloc.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

static void
add_number(struct sxp *s, const char *name, unsigned long long v)
{
    char text[32];

    text_fmt(text, sizeof text, "%llu", v);
    sxp_add_pair(s, name, text);
}

/* A list within s, with its name. */
static struct sxp *
add_named(struct sxp *s, const char *name)
{
    struct sxp *list = sxp_add_list(s);

    sxp_add_atom(list, name);
    return list;
}

/* xend's vcpus are the most that there can be; a mask says which there are. In
 * decimal as xend wrote it, while that fits a number. */
static void
add_vcpus(struct sxp *vm, const struct domain_config *c)
{
    struct buf mask = { 0 };
    unsigned i;

    add_number(vm, "vcpus", c->maxvcpus);
    if (c->vcpus == c->maxvcpus)
        return;
    if (c->vcpus < 64) {
        add_number(vm, "vcpu_avail", (1ULL << c->vcpus) - 1);
        return;
    }
    buf_fmt(&mask, "0x%x", (1U << c->vcpus % 4) - 1);
    for (i = 0; i < c->vcpus / 4; i++)
        buf_chr(&mask, 'f');
    sxp_add_pair(vm, "vcpu_avail", buf_text(&mask));
    buf_free(&mask);
}

static void
add_actions(struct sxp *vm, const struct domain_config *c)
{
    enum config_restart r;
    size_t i;

    if (config_restart_of(c->on, &r)) {
        sxp_add_pair(vm, "restart", config_restart_name(r));
        return;
    }
    for (i = 0; i < CONFIG_ENDS; i++)
        sxp_add_pair(vm, config_end_settings[i], config_action_name(c->on[i]));
}

/* --- devices */

static void
add_value(struct sxp *s, const struct config_device *d, const char *key)
{
    sxp_add_pair(s, key, config_device_value(d, key));
}

static void
sxp_out_add_bool(struct sxp *s, const struct config_device *d, const char *key)
{
    if (config_device_value(d, key) != NULL)
        sxp_add_pair(s, key, config_device_true(d, key) ? "1" : "0");
}

/* xend's unames of what a script serves: "drbd:web" for block-drbd. */
static bool
add_scripted(struct sxp *s, const struct config_source *source)
{
    static const char *const known[] = { "nbd", "enbd", "iscsi", "drbd" };
    char *uname;
    size_t i;

    for (i = 0; i < COUNT(known); i++) {
        if (strncmp(source->script, "block-", 6) != 0 ||
            strcmp(source->script + 6, known[i]) != 0)
            continue;
        uname = xasprintf("%s:%s", known[i], source->target);
        sxp_add_pair(s, "uname", uname);
        free(uname);
        return true;
    }
    return false;
}

static void
add_uname(struct sxp *s, const struct config_device *d)
{
    const char *format = config_device_value(d, "format"), *prefix = "file:";
    char tap[24];
    struct config_source source;
    char *uname;

    config_source_of(d, &source);
    if (source.target != NULL && source.script == NULL) {
        if (format != NULL && strcmp(format, "raw") != 0) {
            text_fmt(tap, sizeof tap, "tap:%s:", format);
            prefix = tap;
        } else if (strncmp(source.target, "/dev/", 5) == 0) {
            prefix = "phy:";
        }
        uname = xasprintf("%s%s", prefix, source.target);
        sxp_add_pair(s, "uname", uname);
        free(uname);
    } else if (source.target != NULL && !add_scripted(s, &source)) {
        sxp_add_pair(s, "uname", source.target);
        sxp_add_pair(s, "script", source.script);
    }
    config_source_fini(&source);
}

static void
add_vbd(struct sxp *s, const struct config_device *d)
{
    const char *mode = config_device_value(d, "mode");
    bool cdrom = config_device_true(d, "cdrom");
    char *dev = xasprintf("%s%s", config_device_value(d, "vdev"),
                          cdrom ? ":cdrom" : "");

    add_uname(s, d);
    sxp_add_pair(s, "dev", dev);
    sxp_add_pair(s, "mode", cdrom ? "r" : mode != NULL ? mode : "w");
    add_value(s, d, "backend");
    free(dev);
}

static void
sxp_out_add_addresses(struct sxp *s, const char *text)
{
    size_t n;

    for (; text != NULL && *text != '\0'; text += n) {
        char *one;

        text += strspn(text, " ");
        n = strcspn(text, " ");
        one = xstrndup(text, n);
        if (n > 0)
            sxp_add_pair(s, "ip", one);
        free(one);
    }
}

static void
add_vif(struct sxp *s, const struct config_device *d)
{
    static const char *const keys[] = { "mac", "bridge", "script",  "rate",
                                        "mtu", "model",  "vifname", "backend" };
    const char *type = config_device_value(d, "nictype");
    size_t i;

    for (i = 0; i < COUNT(keys); i++)
        add_value(s, d, keys[i]);
    sxp_out_add_addresses(s, config_device_value(d, "ip"));
    if (type != NULL)
        sxp_add_pair(s, "type", strcmp(type, "vif") == 0 ? "netfront" : type);
}

/* bdf is DDDD:BB:DD.F */
static void
add_pci(struct sxp *s, const struct config_device *d)
{
    static const char *const names[] = { "domain", "bus", "dev", "func" };
    static const char *const opts[] = { "permissive", "msitranslate",
                                        "power_mgmt", "seize" };
    const char *p = config_device_value(d, "bdf");
    char number[16];
    size_t i, n;

    for (i = 0; i < COUNT(names); i++) {
        n = strspn(p, "0123456789abcdef");
        text_fmt(number, sizeof number, "0x%.*s", (int)n, p);
        sxp_add_pair(s, names[i], number);
        p += n + (p[n] != '\0');
    }
    add_value(s, d, "vslot");
    for (i = 0; i < COUNT(opts); i++)
        sxp_out_add_bool(s, d, opts[i]);
    add_value(s, d, "rdm_policy");
    add_value(s, d, "backend");
}

static void
add_vfb(struct sxp *s, const struct config_device *d)
{
    static const char *const keys[] = { "vnclisten", "vncdisplay", "vncpasswd",
                                        "keymap", "backend" };
    size_t i;

    sxp_out_add_bool(s, d, "vnc");
    sxp_out_add_bool(s, d, "vncunused");
    for (i = 0; i < COUNT(keys); i++)
        add_value(s, d, keys[i]);
}

static void
add_vkbd(struct sxp *s, const struct config_device *d)
{
    add_value(s, d, "backend");
}

static const struct {
    const char *kind;
    void (*add)(struct sxp *s, const struct config_device *d);
} kinds[] = {
    { "vbd", add_vbd }, { "vif", add_vif },   { "pci", add_pci },
    { "vfb", add_vfb }, { "vkbd", add_vkbd },
};

static void
add_device(struct sxp *vm, const struct config_device *d)
{
    struct sxp *s = add_named(add_named(vm, "device"), d->kind);
    size_t i;

    for (i = 0; i < COUNT(kinds); i++)
        if (strcmp(kinds[i].kind, d->kind) == 0)
            kinds[i].add(s, d);
}

/* --- */

static void
add_backends(struct sxp *vm)
{
    sxp_add_atom(sxp_add_list(add_named(vm, "backend")), "blkif");
    sxp_add_atom(sxp_add_list(add_named(vm, "backend")), "netif");
}

/* In quotes where xend would split it otherwise. */
static void
sxp_out_word(struct buf *out, const char *word)
{
    if (strpbrk(word, " \t'\"\\") == NULL && *word != '\0') {
        buf_str(out, word);
        return;
    }
    buf_chr(out, '"');
    for (; *word != '\0'; word++) {
        if (*word == '"' || *word == '\\')
            buf_chr(out, '\\');
        buf_chr(out, *word);
    }
    buf_chr(out, '"');
}

/* One text, which xend split as a shell does. */
static void
sxp_out_add_words(struct sxp *s, const char *name, const struct config_texts *t)
{
    struct buf text = { 0 };
    size_t i;

    for (i = 0; i < t->n; i++) {
        buf_str(&text, i > 0 ? " " : "");
        sxp_out_word(&text, t->at[i]);
    }
    sxp_add_pair(s, name, buf_text(&text));
    buf_free(&text);
}

static void
add_setting(struct sxp *vm, const struct setting *k,
            const struct domain_config *c)
{
    struct setting_value v;

    if (k->in_image || !sxp_has_setting(k, c) ||
        (!setting_get(k, c, &v) && (k->flags & SETTING_ALWAYS) == 0))
        return;
    if (v.form == SETTING_TEXT)
        sxp_add_pair(vm, k->sxp, v.text);
    else if (v.form == SETTING_TEXTS)
        sxp_out_add_words(vm, k->sxp, v.texts);
    else
        add_number(vm, k->sxp, v.number);
}

/* What several settings say together, or one in a form of xend's own. */
static void
add_otherwise(struct sxp *vm, const struct domain_config *c)
{
    add_vcpus(vm, c);
    sxp_add_cpus(vm, c);
    sxp_add_image(vm, c);
    add_actions(vm, c);
    if (c->autostart)
        sxp_add_pair(vm, "on_xend_start", "start");
    if (c->driver_domain)
        add_backends(vm);
}

static void
add_vm(struct sxp *vm, const struct domain_config *c)
{
    const struct setting *k;
    size_t i;

    for (i = 0; (k = setting_at(i)) != NULL; i++)
        add_setting(vm, k, c);
    add_otherwise(vm, c);
    for (i = 0; i < c->n_devices; i++)
        add_device(vm, &c->devices[i]);
}

void
config_sxp_print(const struct domain_config *c, struct buf *out)
{
    struct sxp file = { 0 };

    add_vm(add_named(&file, "vm"), c);
    sxp_print(&file, out);
    sxp_fini(&file);
}
