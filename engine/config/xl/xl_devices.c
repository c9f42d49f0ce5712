/*
 * xl_devices.c - the devices of an xl.cfg: its lists of specifications, and
 * the settings that stand outside of them.
 */
#include <stdlib.h>
#include <string.h>

#include "engine/config/core/value.h"
#include "engine/config/xl/xl_int.h"
#include "src/base/xalloc.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])
#define XM_CDROM "hdc"

/* What xl calls a setting, for messages. */
static const char *
xl_devices_word_of(const char *native)
{
    static const struct {
        const char *native, *word;
    } words[] = {
        { "nictype", "type" },
        { "path", "target" },
        { "params", "target" },
        { "mode", "access" },
    };
    size_t i;

    for (i = 0; i < COUNT(words); i++)
        if (strcmp(words[i].native, native) == 0)
            return words[i].word;
    return native;
}

/* xm's files say so of what xl calls "vif". */
static const char *
xl_devices_value(struct xl_file *f, const struct config_item *it)
{
    if (strcmp(it->name, "nictype") != 0 || strcmp(it->value, "netfront") != 0)
        return it->value;
    config_warn(&f->src, it->line, it->shown,
                "netfront is xm's word for vif, which xl refuses");
    return "vif";
}

static int
attach_pair(struct xl_file *f, struct config_device *cd,
            const struct xl_device *d, size_t i)
{
    unsigned own = d->pairs[i].line;
    char *shown =
        xasprintf("%s%s%s", own != 0 ? "" : cd->shown, own != 0 ? "" : ".",
                  xl_devices_word_of(d->pairs[i].key));
    struct config_item it = { .name = d->pairs[i].key,
                              .shown = shown,
                              .value = d->pairs[i].value,
                              .line = own != 0 ? own : d->line };
    int rc;

    it.value = xl_devices_value(f, &it);
    rc = config_device_set(&f->src, cd, &it);
    free(shown);
    return rc;
}

/* Gives a device what its specification said. */
static int
xl_devices_attach(struct xl_file *f, const char *kind,
                  const struct xl_device *d)
{
    struct config_device *cd =
        config_device_begin(&f->src, f->c, kind, d->line);
    size_t i;

    if (cd == NULL)
        return -1;
    config_device_name(cd, d->shown);
    for (i = 0; i < d->n; i++) {
        if (attach_pair(f, cd, d, i) == 0)
            continue;
        cd->refused = true;
        return -1;
    }
    return 0;
}

/* xl gives every framebuffer a keyboard. */
static int
attach_vfb(struct xl_file *f, const char *kind, const struct xl_device *d)
{
    const char *backend = xl_device_get(d, "backend");
    struct xl_device keyboard = {
        .src = d->src, .lib = d->lib, .shown = d->shown, .line = d->line
    };
    int rc = xl_devices_attach(f, kind, d);

    if (backend != NULL)
        xl_device_put(&keyboard, "backend", backend);
    if (rc == 0)
        rc = xl_devices_attach(f, "vkbd", &keyboard);
    xl_device_fini(&keyboard);
    return rc;
}

static const struct {
    const char *name, *kind;
    int (*parse)(struct xl_device *d, const char *spec);
    int (*attach)(struct xl_file *f, const char *kind,
                  const struct xl_device *d);
} lists[] = {
    { "disk", "vbd", xl_disk, xl_devices_attach },
    { "vif", "vif", xl_vif, xl_devices_attach },
    { "pci", "pci", xl_pci, xl_devices_attach },
    { "vfb", "vfb", xl_vfb, attach_vfb },
};

static int
set_pci_defaults(struct xl_file *f, struct xl_device *d)
{
    if (xl_file_flag(f, "pci_permissive", &d->permissive) < 0 ||
        xl_file_flag(f, "pci_msitranslate", &d->msitranslate) < 0 ||
        xl_file_flag(f, "pci_seize", &d->seize) < 0 ||
        xl_file_flag(f, "pci_power_mgmt", &d->power_mgmt) < 0)
        return -1;
    return 0;
}

/* Element i of a list. */
static int
one_device(struct xl_file *f, size_t list, const char *spec, size_t i)
{
    const struct xl_name *name = xl_file_name(f, lists[list].name);
    struct xl_device d = { .src = &f->src, .lib = &f->lib };
    char shown[32];
    int rc;

    text_fmt(shown, sizeof shown, "%s[%zu]", lists[list].name, i);
    d.shown = shown;
    d.line = i < name->n_items ? name->item[i] : name->line;
    if (spec == NULL)
        return value_bad(&f->src, ERR_INVALID, d.line, shown,
                         "found a list, allowed a text in quotes");
    rc = set_pci_defaults(f, &d);
    if (rc == 0)
        rc = lists[list].parse(&d, spec);
    if (rc == 0)
        rc = lists[list].attach(f, lists[list].kind, &d);
    xl_device_fini(&d);
    return rc;
}

static int
one_list(struct xl_file *f, size_t list)
{
    const char *name = lists[list].name;
    XLU_ConfigList *items;
    int i, n;

    if (xl_file_name(f, name) == NULL)
        return 0;
    if (f->c->kind == DOM_HVM && lists[list].attach == attach_vfb) {
        config_warn(&f->src, xl_file_name(f, name)->line, name,
                    "not honoured: the screen of an HVM domain is set by vnc, "
                    "sdl or spice, as with xl");
        return 0;
    }
    if (xlu_cfg_get_list(f->lib.cfg, name, &items, &n, 1) != 0)
        return xl_file_refuse(f, name, ERR_INVALID,
                              "a list, [ \"SPECIFICATION\", ... ]");
    for (i = 0; i < n; i++)
        if (one_device(f, list, xlu_cfg_get_listitem(items, i), (size_t)i) <
                0 &&
            !config_goes_on(&f->src, NULL))
            return -1;
    return 0;
}

static bool
has_kind(const struct domain_config *c, const char *kind)
{
    size_t i;

    for (i = 0; i < c->n_devices; i++)
        if (strcmp(c->devices[i].kind, kind) == 0)
            return true;
    return false;
}

/* --- vnc = 1 and its kin, where there is no vfb */

static const char *const vnc_texts[] = { "vnclisten", "vncdisplay", "vncpasswd",
                                         "keymap" };
static const char *const other_screens[] = { "sdl", "opengl", "display",
                                             "xauthority" };

static void
xl_devices_put_own(struct xl_file *f, struct xl_device *d, const char *name,
                   const char *value)
{
    xl_device_put(d, name, value);
    d->pairs[d->n - 1].line = xl_file_name(f, name)->line;
}

static int
vnc_device(struct xl_file *f)
{
    struct xl_device d = { .src = &f->src, .lib = &f->lib, .shown = "vnc" };
    const char *text;
    bool unused;
    size_t i;
    int rc = -1;

    d.line = xl_file_name(f, "vnc")->line;
    xl_device_put(&d, "vnc", "true");
    for (i = 0; i < COUNT(vnc_texts); i++) {
        if (xl_file_text(f, vnc_texts[i], &text) < 0)
            goto out;
        if (text != NULL)
            xl_devices_put_own(f, &d, vnc_texts[i], text);
    }
    if (xl_file_flag(f, "vncunused", &unused) < 0)
        goto out;
    if (xl_file_name(f, "vncunused") != NULL)
        xl_devices_put_own(f, &d, "vncunused", unused ? "true" : "false");
    rc = attach_vfb(f, "vfb", &d);
out:
    xl_device_fini(&d);
    return rc;
}

static void
warn_of_screens(struct xl_file *f, const char *const *names, size_t n,
                const char *why)
{
    const struct xl_name *name;
    const char *text;
    size_t i;

    for (i = 0; i < n; i++) {
        name = xl_file_name(f, names[i]);
        if (name == NULL ||
            xlu_cfg_get_string(f->lib.cfg, names[i], &text, 1) != 0 ||
            strcmp(text, "0") == 0 || *text == '\0')
            continue;
        config_warn(&f->src, name->line, names[i], "not honoured: %s", why);
    }
}

/* The screen of an HVM domain is its own, no device. */
static int
hvm_screen(struct xl_file *f)
{
    static const struct {
        const char *name, *native;
        bool flag;
    } words[] = {
        { "vnc", "screen.vnc", true },
        { "vnclisten", "screen.vnclisten", false },
        { "vncdisplay", "screen.vncdisplay", false },
        { "vncunused", "screen.vncunused", true },
        { "vncpasswd", "screen.vncpasswd", false },
        { "keymap", "screen.keymap", false },
        { "sdl", "screen.sdl", true },
        { "opengl", "screen.opengl", true },
        { "display", "screen.display", false },
        { "xauthority", "screen.xauthority", false },
    };
    const char *text = NULL;
    bool on = false;
    size_t i;

    for (i = 0; i < COUNT(words); i++) {
        if (xl_file_name(f, words[i].name) == NULL)
            continue;
        if (words[i].flag ? xl_file_flag(f, words[i].name, &on) < 0
                          : xl_file_text(f, words[i].name, &text) < 0)
            return -1;
        if (words[i].flag)
            text = on ? "true" : "false";
        if (text != NULL &&
            xl_file_set(f, words[i].native, words[i].name, text) < 0)
            return -1;
    }
    return 0;
}

static int
pv_screen(struct xl_file *f)
{
    static const char *const unused[] = { "vncunused" };
    bool vfb = has_kind(f->c, "vfb"), vnc;
    const char *why = vfb ? "a vfb has settings of its own"
                          : "there is no vnc = 1 and no vfb";

    warn_of_screens(f, other_screens, COUNT(other_screens),
                    "xendeck serves VNC alone");
    if (xl_file_flag(f, "vnc", &vnc) < 0)
        return -1;
    if (vnc && !vfb)
        return vnc_device(f);
    warn_of_screens(f, vnc_texts, COUNT(vnc_texts), why);
    warn_of_screens(f, unused, 1, why);
    return 0;
}

static int
screens(struct xl_file *f)
{
    return f->c->kind == DOM_HVM ? hvm_screen(f) : pv_screen(f);
}

/* --- cdrom = PATH, as xm's first files for HVM domains had it */

static bool
xl_devices_has_vdev(const struct domain_config *c, const char *vdev)
{
    const char *has;
    size_t i;

    for (i = 0; i < c->n_devices; i++) {
        has = config_device_value(&c->devices[i], "vdev");
        if (has != NULL && strcmp(has, vdev) == 0)
            return true;
    }
    return false;
}

static int
xl_devices_cdrom(struct xl_file *f)
{
    struct xl_device d = { .src = &f->src, .lib = &f->lib, .shown = "cdrom" };
    const char *path;
    int rc;

    if (f->c->kind != DOM_HVM)
        return 0;
    if (xl_file_text(f, "cdrom", &path) < 0)
        return -1;
    if (path == NULL)
        return 0;
    d.line = xl_file_name(f, "cdrom")->line;
    if (xl_devices_has_vdev(f->c, XM_CDROM)) {
        config_warn(&f->src, d.line, "cdrom",
                    "not honoured: disk says what " XM_CDROM " is");
        return 0;
    }
    config_warn(&f->src, d.line, "cdrom",
                "xm's word for the disk " XM_CDROM ", which xl ignores");
    xl_device_put(&d, "path", path);
    xl_device_put(&d, "vdev", XM_CDROM);
    xl_device_put(&d, "cdrom", "true");
    rc = xl_devices_attach(f, "vbd", &d);
    xl_device_fini(&d);
    return rc;
}

/* --- */

/* Devices behind an IOMMU: a domain with a pci gets one, another does not. */
static int
passthrough(struct xl_file *f)
{
    bool pci = has_kind(f->c, "pci");
    const char *word;

    if (xl_file_text(f, "passthrough", &word) < 0)
        return -1;
    if (word == NULL || strcmp(word, "default") == 0 ||
        (!pci && strcmp(word, "disabled") == 0))
        return 0;
    if (strcmp(word, "enabled") == 0 || strcmp(word, "sync_pt") == 0 ||
        (f->c->kind == DOM_HVM && strcmp(word, "share_pt") == 0)) {
        if (!pci)
            config_warn(&f->src, xl_file_name(f, "passthrough")->line,
                        "passthrough",
                        "not honoured: there is no pci, and none can be added "
                        "later");
        return 0;
    }
    if (strcmp(word, "disabled") == 0)
        return xl_file_refuse(f, "passthrough", ERR_INVALID,
                              "\"enabled\" with a pci");
    return xl_file_refuse(f, "passthrough", ERR_UNSUPPORTED,
                          f->c->kind == DOM_HVM
                              ? "\"default\", \"disabled\", \"enabled\", "
                                "\"sync_pt\" or \"share_pt\""
                              : "\"default\", \"disabled\", \"enabled\" or "
                                "\"sync_pt\" for a PV domain");
}

int
xl_devices(struct xl_file *f)
{
    size_t i;

    for (i = 0; i < COUNT(lists); i++)
        if (one_list(f, i) < 0 && !config_goes_on(&f->src, NULL))
            return -1;
    if (xl_devices_cdrom(f) < 0 && !config_goes_on(&f->src, NULL))
        return -1;
    if (screens(f) < 0 && !config_goes_on(&f->src, "screen"))
        return -1;
    return passthrough(f) == 0 || config_goes_on(&f->src, NULL) ? 0 : -1;
}
