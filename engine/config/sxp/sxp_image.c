/*
 * sxp_image.c - what a domain boots and the machine that it sees, as xend kept
 * it: (image (linux ...)), (image (netbsd ...)), (image (hvm ...)). Which
 * settings of the machine stand there is told by their rows (setting.h).
 */
#include "engine/config/sxp/sxp_image.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/xalloc.h"

#define COUNT(a)       (sizeof(a) / sizeof(a)[0])
#define LEAVES_ALLOWED "a list, ((LEAF ((REGISTER BITS) ...)) ...)"

static const struct sxp_field image_fields[] = {
    SXP_ELSEWHERE("kernel"),
    SXP_ELSEWHERE("loader"),
    SXP_ELSEWHERE("stdvga"),
    SXP_ELSEWHERE("viridian"),
    SXP_ELSEWHERE("cpuid"),
    SXP_ELSEWHERE("cpuid_check"),
    SXP_ELSEWHERE("cdrom"),
    SXP_ELSEWHERE("pci_msitranslate"), /* of its devices */
    SXP_ELSEWHERE("pci_power_mgmt"),
    { "ramdisk", SXP_SET, "image.ramdisk", NULL },
    { "root", SXP_SET, "image.root", NULL },
    { "ip", SXP_SET, "image.ip", NULL },
    { "args", SXP_SET, "image.args", NULL },
    SXP_QUIETLY("notes"), /* of the kernel, as xend read them */
    SXP_QUIETLY("vcpus"), /* those of the vm count */
    SXP_QUIETLY("guest_os_type"),
    SXP_QUIETLY("hypervisor"),
    { "device_model", SXP_UNMET, NULL, "xendeck chooses it itself" },
    { "superpages", SXP_UNMET, NULL,
      "Xen has large pages for PVH and HVM domains alone, and gives them by "
      "itself" },
    { "pci", SXP_UNMET, NULL, "a device is given by (device (pci ...))" },
    { "expose_host_uuid", SXP_UNMET, NULL, "the domain is not told of it" },
};

/* --- the kind */

static const char *
image_name(const struct sxp *field)
{
    const struct sxp *im =
        field != NULL && field->n == 2 ? &field->kids[1] : NULL;

    return im != NULL && im->atom == NULL ? sxp_name(im) : "";
}

static bool
sxp_is_hvm(const char *name)
{
    return strcmp(name, "hvm") == 0 || strcmp(name, "vmx") == 0;
}

int
sxp_map_kind(struct sxp_map *m)
{
    const struct sxp *field = sxp_child(m->vm, "image");

    return sxp_is_hvm(image_name(field))
               ? sxp_map_set(m, field, "vm", "type", "hvm")
               : 0;
}

/* --- fields */

static const struct setting *
setting_of_image(const char *name)
{
    const struct setting *k;
    size_t i;

    for (i = 0; (k = setting_at(i)) != NULL; i++)
        if (k->in_image && k->sxp != NULL && strcmp(k->sxp, name) == 0)
            return k;
    return NULL;
}

/* xend had numbers where xl has words. */
static const char *
word_of(const struct setting *k, const char *text)
{
    const struct value_word *w = k->rule.words;
    unsigned long long n;

    if (w != NULL && text_u64(text, 0, 1000, &n))
        for (; w->word != NULL; w++)
            if (w->value == n)
                return w->word;
    return text;
}

/* "name.cfg:3: vm.image.linux.acpi: not honoured: it means nothing for ..." */
static void
means_nothing(const struct sxp_map *m, const struct sxp *field,
              const char *path)
{
    char why[64];

    text_fmt(why, sizeof why, "it means nothing for %s",
             setting_kind_words(m->c->kind));
    sxp_map_warn(m, field, path, why);
}

/* 1: taken, 0: no setting of the machine, -1: refused. */
static int
machine_field(struct sxp_map *m, const struct sxp *field,
              const struct sxp_fields *t)
{
    const struct setting *k = setting_of_image(sxp_name(field));
    const char *text;

    if (k == NULL)
        return 0;
    if (!setting_fits(k, m->c->kind)) {
        if (!sxp_map_is_off(field))
            means_nothing(m, field, t->path);
        return 1;
    }
    if (sxp_map_text(m, field, t->path, &text) < 0)
        return -1;
    if (text == NULL)
        return 1;
    return sxp_map_set(m, field, t->path, k->rule.name, word_of(k, text)) < 0
               ? -1
               : 1;
}

/* Those that later versions kept in the vm itself. */
int
sxp_map_machine(struct sxp_map *m)
{
    static const char *const names[] = { "localtime", "tsc_mode",
                                         "nomigrate", "oos",
                                         "hap",       "rtc/timeoffset" };
    const struct sxp_fields t = { NULL, 0, "vm", NULL, NULL };
    const struct sxp *field, *shadow = sxp_child(m->vm, "shadow_memory");
    size_t i;

    for (i = 0; i < COUNT(names); i++) {
        field = sxp_child(m->vm, names[i]);
        if (field == NULL)
            continue;
        if (strcmp(names[i], "rtc/timeoffset") == 0
                ? sxp_map_set(m, field, "vm", "machine.rtc_timeoffset",
                              sxp_value(field) != NULL ? sxp_value(field)
                                                       : "0") < 0
                : machine_field(m, field, &t) < 0)
            return -1;
    }
    if (shadow == NULL || sxp_map_is_off(shadow))
        return 0;
    if (m->c->kind == DOM_PV) {
        means_nothing(m, shadow, "vm");
        return 0;
    }
    return sxp_map_set(m, shadow, "vm", "machine.shadow_memory",
                       sxp_value(shadow) != NULL ? sxp_value(shadow) : "");
}

/* --- those that are not just a setting */

/* xend's HVM domains name hvmloader, where that host had it: this host's is
 * meant. Another program is another one. */
static int
map_kernel(struct sxp_map *m, const struct sxp *field, const char *path)
{
    const char *text, *slash;
    bool hvm = m->c->kind == DOM_HVM;

    if (sxp_map_text(m, field, path, &text) < 0)
        return -1;
    if (text == NULL)
        return 0;
    slash = strrchr(text, '/');
    if (hvm && strcmp(slash != NULL ? slash + 1 : text, "hvmloader") == 0)
        return 0;
    if (strcmp(sxp_name(field), "kernel") == 0)
        return sxp_map_set(m, field, path, "image.kernel", text);
    if (hvm)
        return sxp_map_set(m, field, path, "image.loader", text);
    means_nothing(m, field, path);
    return 0;
}

static int
map_flag(struct sxp_map *m, const struct sxp *field, const char *path)
{
    bool vga = strcmp(sxp_name(field), "stdvga") == 0;

    if (sxp_map_is_off(field))
        return 0;
    if (m->c->kind != DOM_HVM) {
        means_nothing(m, field, path);
        return 0;
    }
    if (vga)
        return sxp_map_set(m, field, path, "screen.vga", "stdvga");
    return sxp_map_set(m, field, path, "machine.viridian", "defaults");
}

/* ((LEAF ((REG BITS) ...)) ...) of xend is xl's "LEAF:REG=BITS,...". */
static int
map_leaf(struct sxp_map *m, const struct sxp *field, const char *path,
         const struct sxp *leaf, unsigned nth)
{
    char *name, *shown;
    struct config_item it = { .line = field->line, .nth = nth };
    const struct sxp *regs = leaf->n == 2 ? &leaf->kids[1] : NULL;
    struct buf text = { 0 };
    size_t i;
    int rc;

    if (leaf->atom != NULL || regs == NULL || regs->atom != NULL)
        return sxp_map_refuse(m, field, path, LEAVES_ALLOWED);
    it.name = name = xasprintf("machine.%s", sxp_name(field));
    it.shown = shown = xasprintf("%s.%s", path, sxp_name(field));
    buf_fmt(&text, "%s:", sxp_name(leaf));
    for (i = 0; i < regs->n; i++)
        buf_fmt(&text, "%s%s=%s", i > 0 ? "," : "", sxp_name(&regs->kids[i]),
                sxp_value(&regs->kids[i]) != NULL ? sxp_value(&regs->kids[i])
                                                  : "");
    it.value = buf_text(&text);
    rc = config_set(&m->src, m->c, &it);
    free(name);
    free(shown);
    buf_free(&text);
    return rc;
}

/* As a whole, for what is said of it later. */
static void
remember_leaves(struct sxp_map *m, const struct sxp *field, const char *path)
{
    char *name = xasprintf("machine.%s", sxp_name(field));
    char *shown = xasprintf("%s.%s", path, sxp_name(field));

    config_remember(m->c, &(struct config_item){ .name = name,
                                                 .shown = shown,
                                                 .line = field->line,
                                                 .found = "a list" });
    free(name);
    free(shown);
}

static int
map_cpuid(struct sxp_map *m, const struct sxp *field, const char *path)
{
    const struct sxp *leaves = field->n == 2 ? &field->kids[1] : NULL;
    size_t i;

    if (sxp_map_is_off(field))
        return 0;
    if (leaves == NULL || leaves->atom != NULL)
        return sxp_map_refuse(m, field, path, LEAVES_ALLOWED);
    for (i = 0; i < leaves->n; i++)
        if (map_leaf(m, field, path, &leaves->kids[i], (unsigned)i + 1) < 0)
            return -1;
    if (leaves->n > 0)
        remember_leaves(m, field, path);
    return 0;
}

static bool
image_has_disk(const struct sxp *vm, const char *vdev)
{
    const struct sxp *dev, *name;
    size_t i;

    for (i = 1; i < vm->n; i++) {
        dev = &vm->kids[i];
        if (dev->atom != NULL || strcmp(sxp_name(dev), "device") != 0 ||
            dev->n != 2 || dev->kids[1].atom != NULL)
            continue;
        name = sxp_child(&dev->kids[1], "dev");
        if (name != NULL && sxp_value(name) != NULL &&
            strstr(sxp_value(name), vdev) != NULL)
            return true;
    }
    return false;
}

/* The CD drive of xend's first HVM domains, unless a device says what it is. */
static int
map_cdrom(struct sxp_map *m, const struct sxp *field, const char *path)
{
    struct config_device *cd;
    const char *text;

    if (sxp_map_text(m, field, path, &text) < 0)
        return -1;
    if (text == NULL)
        return 0;
    if (m->c->kind != DOM_HVM || image_has_disk(m->vm, "hdc")) {
        sxp_map_warn(m, field, path,
                     m->c->kind != DOM_HVM ? "it means nothing for a PV domain"
                                           : "a device says what hdc is");
        return 0;
    }
    cd = sxp_map_begin(m, field, "vbd", m->n_vbds++);
    if (cd == NULL || sxp_map_put(m, cd, field, "path", text) < 0 ||
        sxp_map_put(m, cd, field, "vdev", "hdc") < 0)
        return -1;
    return sxp_map_put(m, cd, field, "cdrom", "true");
}

static const struct {
    const char *name;
    int (*map)(struct sxp_map *m, const struct sxp *field, const char *path);
} image_special[] = {
    { "kernel", map_kernel }, { "loader", map_kernel },
    { "stdvga", map_flag },   { "viridian", map_flag },
    { "cpuid", map_cpuid },   { "cpuid_check", map_cpuid },
    { "cdrom", map_cdrom },
};

int
sxp_map_image(struct sxp_map *m, const struct sxp *field)
{
    const struct sxp *im = field->n == 2 ? &field->kids[1] : field;
    const char *name = image_name(field);
    struct sxp_fields t = { image_fields, COUNT(image_fields), NULL, NULL,
                            machine_field };
    char path[64];
    size_t i;

    if (*name == '\0')
        return sxp_map_refuse(
            m, field, "vm", "one list, (linux ...), (netbsd ...) or (hvm ...)");
    if (!sxp_is_hvm(name) &&
        sxp_map_set(m, field, "vm", "image.type", name) < 0)
        return -1;
    text_fmt(path, sizeof path, "vm.image.%s", name);
    t.path = path;
    if (sxp_map_fields(m, im, &t) < 0)
        return -1;
    for (i = 0; i < COUNT(image_special); i++) {
        const struct sxp *f = sxp_child(im, image_special[i].name);

        if (f != NULL && image_special[i].map(m, f, path) < 0)
            return -1;
    }
    return 0;
}

/* --- written */

bool
sxp_has_setting(const struct setting *k, const struct domain_config *c)
{
    return k->sxp != NULL && k->sxp[0] != '\0' &&
           setting_fits(k, c->kind == DOM_HVM ? DOM_HVM : DOM_PV);
}

static void
add_machine_row(struct sxp *s, const struct setting *k,
                const struct domain_config *c)
{
    struct setting_value v;
    char number[32];

    if (!k->in_image || !sxp_has_setting(k, c) || !setting_get(k, c, &v))
        return;
    text_fmt(number, sizeof number, "%lld", (long long)v.number);
    if (v.form == SETTING_TEXTS)
        sxp_add_pair(s, k->sxp, v.texts->at[0]);
    else if (v.form == SETTING_TEXT && k->rule.type != VALUE_WORD)
        sxp_add_pair(s, k->sxp, v.text);
    else
        sxp_add_pair(s, k->sxp, number);
}

static void
add_cpuid(struct sxp *s, const char *name, const struct config_texts *t)
{
    struct sxp *list, *leaf, *regs;
    size_t i;

    if (t->n == 0 || strncmp(t->at[0], "host", 4) == 0)
        return; /* libxl's own form: lost.c names it */
    list = sxp_add_list(s);
    sxp_add_atom(list, name);
    list = sxp_add_list(list);
    for (i = 0; i < t->n; i++) {
        char *text = xstrdup(t->at[i]), *colon = strchr(text, ':'), *p, *save;

        *colon = '\0';
        leaf = sxp_add_list(list);
        sxp_add_atom(leaf, text);
        regs = sxp_add_list(leaf);
        for (p = strtok_r(colon + 1, ",", &save); p != NULL;
             p = strtok_r(NULL, ",", &save)) {
            p[3] = '\0'; /* "eax=" */
            sxp_add_pair(regs, p, p + 4);
        }
        free(text);
    }
}

void
sxp_add_image(struct sxp *vm, const struct domain_config *c)
{
    const struct config_image *im = &c->image;
    struct sxp *s = sxp_add_list(vm);
    const struct setting *k;
    size_t i;

    sxp_add_atom(s, "image");
    s = sxp_add_list(s);
    sxp_add_atom(s, c->kind == DOM_HVM ? "hvm" : im->type);
    sxp_add_pair(s, "kernel", im->kernel);
    sxp_add_pair(s, "loader", im->loader);
    sxp_add_pair(s, "ramdisk", im->ramdisk);
    sxp_add_pair(s, "root", im->root);
    sxp_add_pair(s, "ip", im->ip);
    sxp_add_pair(s, "args", im->args);
    for (i = 0; (k = setting_at(i)) != NULL; i++)
        add_machine_row(s, k, c);
    if (c->screen.vga == CONFIG_VGA_STD)
        sxp_add_pair(s, "stdvga", "1");
    if (c->machine.viridian.n > 0)
        sxp_add_pair(s, "viridian", "1");
    add_cpuid(s, "cpuid", &c->machine.cpuid);
    add_cpuid(s, "cpuid_check", &c->machine.cpuid_check);
}
