/*
 * finish.c - what can be said of a configuration once all of it is read: rules
 * between settings, what is required, and defaults that depend on others.
 * Everything that can be known without the host is checked by then, so that a
 * struct domain_config that exists is a valid one.
 */
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "engine/config/core/image_type.h"
#include "engine/config/core/screen_values.h"
#include "engine/config/core/setting.h"
#include "engine/config/core/vdev.h"
#include "engine/config/hardware/cpuid.h"
#include "engine/config/hardware/viridian.h"
#include "engine/model/migrate_opts.h"
#include "src/base/xalloc.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

/* Xen's defaults for a domain under rtds, in microseconds. */
#define RTDS_PERIOD_US 10000
#define RTDS_BUDGET_US 4000

/* --- devices */

/* "FILE:LINE: devices[N]: found ..., allowed ..." */
static int
refuse_device(const struct config_src *src, const struct config_device *d,
              const char *found, const char *allowed)
{
    return value_bad(src, ERR_INVALID, d->line, d->shown,
                     "found %s, allowed %s", found, allowed);
}

/* Refuses a setting that the device has. */
static int
finish_refuse_key(const struct config_src *src, const struct config_device *d,
                  const char *key, const char *allowed)
{
    struct config_item it = { .name = key };
    char *shown = xasprintf("%s.%s", d->shown, key);
    size_t i;

    for (i = 0; strcmp(d->keys[i], key) != 0; i++)
        ;
    it.shown = shown;
    it.value = d->values[i];
    it.line = d->lines[i];
    value_refuse(src, ERR_INVALID, &it, "%s", allowed);
    free(shown);
    return -1;
}

static bool
key_is(const struct config_device *d, const char *key, const char *value)
{
    const char *v = config_device_value(d, key);

    return v != NULL && strcmp(v, value) == 0;
}

/* "phy:sda", and with a word of its own for every script "drbd:web". */
static bool
has_prefix(const char *params)
{
    size_t n = strspn(params, "abcdefghijklmnopqrstuvwxyz0123456789-");

    return n > 0 && params[n] == ':' && params[n + 1] != '\0';
}

static int
check_vbd(const struct config_src *src, const struct config_device *d)
{
    const char *path = config_device_value(d, "path"),
               *params = config_device_value(d, "params"),
               *mode = config_device_value(d, "mode"),
               *format = config_device_value(d, "format");
    char allowed[96];
    bool cdrom = key_is(d, "cdrom", "true");

    if (path != NULL && params != NULL)
        return finish_refuse_key(src, d, "params",
                                 "only one of params and path");
    if (config_device_value(d, "vdev") == NULL)
        return refuse_device(src, d, "a vbd without vdev",
                             "one with vdev, such as \"xvda\"");
    if (path == NULL && params == NULL && !cdrom)
        return refuse_device(src, d, "a vbd without path",
                             "one with path, params or cdrom = true");
    if (cdrom && mode != NULL && strcmp(mode, "r") != 0)
        return finish_refuse_key(src, d, "mode", "\"r\" for a CD drive");
    if (params != NULL && config_device_value(d, "script") == NULL &&
        params[0] != '/' && !has_prefix(params))
        return finish_refuse_key(
            src, d, "params",
            "\"file:PATH\", \"phy:DEVICE\", or a script that "
            "knows what it means");
    if (format != NULL && strcmp(format, "raw") != 0 &&
        config_device_value(d, "script")) {
        text_fmt(allowed, sizeof allowed,
                 "none with format = \"%s\", which no script serves", format);
        return finish_refuse_key(src, d, "script", allowed);
    }
    return 0;
}

static int
check_pci(const struct config_src *src, const struct config_device *d)
{
    if (config_device_value(d, "bdf") != NULL)
        return 0;
    return refuse_device(src, d, "a pci without bdf",
                         "one with bdf, such as \"0000:01:00.0\"");
}

/* Xen's own script puts the interface on a bridge of this very name. */
static int
check_vif(const struct config_src *src, const struct config_device *d)
{
    const char *bridge = config_device_value(d, "bridge"),
               *script = config_device_value(d, "script"), *base;

    if (bridge == NULL || script == NULL ||
        (strchr(bridge, ':') == NULL && strlen(bridge) < IFNAMSIZ))
        return 0;
    base = strrchr(script, '/');
    if (strcmp(base != NULL ? base + 1 : script, "vif-bridge") != 0)
        return 0;
    return finish_refuse_key(src, d, "bridge",
                             "the name of a bridge, at most 15 bytes: VLANs "
                             "and trunks are for script = \"vif-openvswitch\"");
}

/* The kinds that have rules between their settings. */
static const struct {
    const char *kind;
    int (*check)(const struct config_src *src, const struct config_device *d);
} kind_rules[] = {
    { "vbd", check_vbd },
    { "pci", check_pci },
    { "vif", check_vif },
};

int
device_check(const struct config_src *src, const struct config_device *d)
{
    size_t i;

    for (i = 0; i < sizeof kind_rules / sizeof kind_rules[0]; i++)
        if (strcmp(kind_rules[i].kind, d->kind) == 0)
            return kind_rules[i].check(src, d);
    return 0;
}

/* True if both have the setting and mean the same by it. */
static bool
same_value(const struct config_device *a, const struct config_device *b,
           const char *key)
{
    const char *x = config_device_value(a, key),
               *y = config_device_value(b, key);
    uint32_t nx, ny;

    if (x == NULL || y == NULL)
        return false;
    if (strcmp(key, "vdev") == 0)
        return vdev_parse(x, &nx) && vdev_parse(y, &ny) && nx == ny;
    return strcasecmp(x, y) == 0;
}

/* Refuses what device i shares with an earlier one. */
static int
check_shared(const struct config_src *src, const struct domain_config *c,
             size_t i)
{
    static const char *const single[] = { "vdev", "mac", "vifname", "bdf" };
    char allowed[96];
    size_t j, k;

    for (j = 0; j < i; j++)
        for (k = 0; k < COUNT(single); k++) {
            if (!same_value(&c->devices[i], &c->devices[j], single[k]))
                continue;
            text_fmt(allowed, sizeof allowed, "one that %s does not use",
                     c->devices[j].shown);
            return finish_refuse_key(src, &c->devices[i], single[k], allowed);
        }
    return 0;
}

static int
check_devices(const struct config_src *src, struct domain_config *c)
{
    size_t i;

    for (i = 0; i < c->n_devices; i++)
        if (!c->devices[i].refused && (device_check(src, &c->devices[i]) < 0 ||
                                       check_shared(src, c, i) < 0)) {
            c->devices[i].refused = true;
            if (!config_goes_on(src, NULL))
                return -1;
        }
    return 0;
}

/* --- the domain */

static int
finish_missing(const struct config_src *src, unsigned line, const char *setting,
               const char *allowed)
{
    const char *word = src->word != NULL ? src->word(setting) : NULL;

    return value_bad(src, ERR_INVALID, line, word != NULL ? word : setting,
                     "found nothing, allowed %s", allowed);
}

static int
finish_check_name(const struct config_src *src, const struct domain_config *c)
{
    if (c->name != NULL || config_refused(src, "name\n"))
        return 0;
    return finish_missing(src, 0, "name", "a name, which every domain needs");
}

static int
finish_check_memory(const struct config_src *src, const struct domain_config *c)
{
    if (c->mem_kib != 0 || config_refused(src, "memory\n"))
        return 0;
    return finish_missing(src, 0, "memory", "4 to 16777216 MiB");
}

static int
finish_check_kernel(const struct config_src *src, const struct domain_config *c)
{
    const struct config_seen *group = config_seen_find(c, "image");

    if (c->image.kernel != NULL || c->kind == DOM_HVM ||
        c->image.bootloader != NULL || c->image.firmware != NULL ||
        config_refused(src, "image"))
        return 0;
    if (group == NULL && src->word == NULL)
        return finish_missing(src, 0, "image", "a group that names the kernel");
    return finish_missing(src, group != NULL ? group->line : 0, "image.kernel",
                          "the path of a kernel");
}

static int
check_required(const struct config_src *src, const struct domain_config *c)
{
    static const struct {
        const char *name;
        int (*check)(const struct config_src *src,
                     const struct domain_config *c);
    } all[] = { { "name", finish_check_name },
                { "memory", finish_check_memory },
                { "image.kernel", finish_check_kernel } };
    size_t i;

    for (i = 0; i < COUNT(all); i++)
        if (all[i].check(src, c) < 0 && !config_goes_on(src, all[i].name))
            return -1;
    return 0;
}

/* Refuses a setting that was written, for what another says. */
static int
refuse_setting(const struct config_src *src, const struct domain_config *c,
               const char *name, const char *allowed)
{
    const struct config_seen *s = config_seen_find(c, name);

    if (s == NULL) /* only items of its list were taken, none as a whole */
        return value_bad(src, ERR_RANGE, 0, name, "found a list, allowed %s",
                         allowed);
    return value_bad(src, ERR_RANGE, s->line, s->shown, "found %s, allowed %s",
                     s->found, allowed);
}

static void
defaults(struct domain_config *c)
{
    if (c->image.type == NULL)
        c->image.type = xstrdup(image_type_default());
    if (c->maxmem_kib == 0)
        c->maxmem_kib = c->mem_kib;
    if (c->vcpus == 0)
        c->vcpus = 1;
    if (c->maxvcpus == 0)
        c->maxvcpus = c->vcpus;
    config_cpus_cut(&c->cpus, c->maxvcpus);
    config_cpus_cut(&c->cpus_soft, c->maxvcpus);
}

/* Its words are good each; is there one host among them, and is there one at
 * all for what is to go there? */
static int
check_host_stop(const struct config_src *src, const struct domain_config *c)
{
    const struct config_seen *s = config_seen_find(c, "host_stop_to");
    const struct config_texts *t = &c->host_stop_to;
    struct migrate_opts o = { 0 };
    const char *host = NULL;
    size_t i;

    if (s == NULL || config_refused(src, "host_stop_to"))
        return 0; /* not written, or not all of it is known */
    for (i = 0; i < t->n; i++)
        if (!migrate_word_take(t->at[i], &o, &host))
            return value_bad(src, ERR_INVALID, s->line, s->shown,
                             "found \"%s\" and \"%s\", allowed one host", host,
                             t->at[i]);
    if (t->n > 0 && host == NULL)
        return value_bad(src, ERR_INVALID, s->line, s->shown,
                         "found no host, allowed one");
    return 0;
}

static int
check_rtds(const struct config_src *src, const struct domain_config *c)
{
    unsigned period = c->period_us != 0 ? c->period_us : RTDS_PERIOD_US,
             budget = c->budget_us != 0 ? c->budget_us : RTDS_BUDGET_US;
    char allowed[96];

    if (budget <= period)
        return 0;
    if (c->budget_us == 0) {
        text_fmt(allowed, sizeof allowed, "%u (the default budget) or more",
                 budget);
        return refuse_setting(src, c, "period", allowed);
    }
    text_fmt(allowed, sizeof allowed, "10 to %u (%speriod) microseconds",
             period, c->period_us == 0 ? "the default " : "");
    return refuse_setting(src, c, "budget", allowed);
}

static int
check_limits(const struct config_src *src, const struct domain_config *c)
{
    char allowed[96];

    if (config_refused(src, "mem") || config_refused(src, "max") ||
        config_refused(src, "vcpus"))
        return 0;
    if (c->maxmem_kib < c->mem_kib) {
        text_fmt(allowed, sizeof allowed, "%llu MiB (memory) or more",
                 (unsigned long long)c->mem_kib / 1024);
        return refuse_setting(src, c, "maxmem", allowed);
    }
    if (c->maxvcpus < c->vcpus) {
        text_fmt(allowed, sizeof allowed, "%u (vcpus) to %d", c->vcpus,
                 CONFIG_VCPUS_MAX);
        return refuse_setting(src, c, "maxvcpus", allowed);
    }
    if (c->cap > 100 * c->maxvcpus) {
        text_fmt(allowed, sizeof allowed, "0 to %u (100 for each vcpu)",
                 100 * c->maxvcpus);
        return refuse_setting(src, c, "cap", allowed);
    }
    return check_rtds(src, c);
}

/* In the native format nothing is ignored. Readers of others have warned of
 * what means nothing for the kind, and left it out. */
static int
config_check_kind(const struct config_src *src, const struct domain_config *c)
{
    const struct setting *k;
    char allowed[64];
    size_t i;

    text_fmt(allowed, sizeof allowed, "no such setting for %s",
             setting_kind_words(c->kind));
    for (i = 0; (k = setting_at(i)) != NULL; i++)
        if (!setting_fits(k, c->kind) &&
            config_seen_find(c, k->rule.name) != NULL)
            return refuse_setting(src, c, k->rule.name, allowed);
    return 0;
}

static int
check_smbios(const struct config_src *src, const struct domain_config *c)
{
    const struct config_texts *t = &c->machine.smbios;
    size_t i, n = 0;
    char allowed[32];

    for (i = 0; i < t->n; i++)
        n += strncmp(t->at[i], "oem=", 4) == 0;
    if (n <= CONFIG_SMBIOS_OEM_MAX)
        return 0;
    text_fmt(allowed, sizeof allowed, "at most %d of oem",
             CONFIG_SMBIOS_OEM_MAX);
    return refuse_setting(src, c, "machine.smbios", allowed);
}

/* Each text is good by itself. */
static int
check_cpuid(const struct config_src *src, const struct domain_config *c)
{
    struct cpuid_leaf leaves[CPUID_LEAVES_MAX];
    char allowed[32];

    text_fmt(allowed, sizeof allowed, "at most %d leaves", CPUID_LEAVES_MAX);
    if (config_cpuid(c, leaves) == SIZE_MAX)
        return refuse_setting(src, c, "machine.cpuid", allowed);
    if (config_cpuid_texts(&c->machine.cpuid_check, leaves) == SIZE_MAX)
        return refuse_setting(src, c, "machine.cpuid_check", allowed);
    return 0;
}

static int
check_machine(const struct config_src *src, const struct domain_config *c)
{
    const struct config_machine *m = &c->machine;

    if (config_refused(src, "machine"))
        return 0;
    if (!viridian_has_base(m->viridian.at, m->viridian.n))
        return refuse_setting(src, c, "machine.viridian",
                              "no group without \"base\"");
    if (m->usbversion > 0 && (m->usb || m->usbdevice.n > 0))
        return refuse_setting(src, c, "machine.usbversion",
                              "none together with usb and usbdevice");
    return check_smbios(src, c) < 0 ? -1 : check_cpuid(src, c);
}

/* "seabios" and the like are an HVM domain's, "pvgrub64" a PV one's; a path
 * stands for any. */
static int
check_firmware(const struct config_src *src, const struct domain_config *c)
{
    const char *fw = c->image.firmware;
    bool pv = fw != NULL && strncmp(fw, "pvgrub", 6) == 0;

    if (fw == NULL || fw[0] == '/' || pv == (c->kind != DOM_HVM))
        return 0;
    return refuse_setting(src, c, "image.firmware",
                          c->kind == DOM_HVM
                              ? "\"bios\", \"seabios\", \"rombios\", "
                                "\"uefi\", \"ovmf\" or a path"
                              : "\"pvgrub32\", \"pvgrub64\" or a path");
}

/* xend's files give a cirrus card 4 MiB, which QEMU's has not. */
static int
check_screen(const struct config_src *src, const struct domain_config *c)
{
    const struct config_screen *s = &c->screen;
    char allowed[64];

    if (config_refused(src, "screen"))
        return 0;
    if (s->spice && s->spiceport == 0 && s->spicetls_port == 0)
        return refuse_setting(src, c, "screen.spice",
                              "none without spiceport or spicetls_port");
    if (s->spice && !s->spicedisable_ticketing && s->spicepasswd == NULL)
        return refuse_setting(
            src, c, "screen.spice",
            "none without spicepasswd or spicedisable_ticketing");
    if (s->videoram_mib == 0 || s->vga == CONFIG_VGA_CIRRUS ||
        s->videoram_mib >= config_video_mib(s))
        return 0;
    text_fmt(allowed, sizeof allowed, "%u MiB or more for this card",
             config_video_mib(s));
    return refuse_setting(src, c, "screen.videoram", allowed);
}

/* One setting by its native name, as given beside the file. Quotes that a shell
 * has left around the value are none of it. */
static int
config_set_var(const struct config_src *src, struct domain_config *c,
               const char *var)
{
    size_t n = strcspn(var, "="), len;
    char *name = xstrndup(var, n), *value = NULL;
    struct config_item it = { .name = name };
    int rc;

    if (var[n] == '=')
        n++;
    len = strlen(var + n);
    if (len > 1 && strchr("'\"", var[n]) != NULL && var[n + len - 1] == var[n])
        value = xstrndup(var + n + 1, len - 2);
    else
        value = xstrdup(var + n);
    it.value = value;
    rc = config_set(src, c, &it);
    free(name);
    free(value);
    return rc;
}

/* Between settings. */
static int (*const rules[])(const struct config_src *src,
                            const struct domain_config *c) = {
    check_limits,  check_host_stop, config_check_kind,
    check_machine, check_firmware,  check_screen
};

int
config_finish(const struct config_src *src, struct domain_config *c)
{
    struct buf cmdline = { 0 };
    size_t i;
    int rc;

    for (i = 0; i < src->n_vars; i++)
        if (config_set_var(src, c, src->vars[i]) < 0)
            return -1;
    if (check_devices(src, c) < 0)
        return -1;
    if (check_required(src, c) < 0)
        return -1;
    config_stand_in(src, c);
    defaults(c);
    for (i = 0; i < COUNT(rules); i++)
        if (rules[i](src, c) < 0 && !config_goes_on(src, NULL))
            return -1;
    if (screen_cut_passwords(src, c) < 0 && !config_goes_on(src, NULL))
        return -1;
    rc = image_cmdline(c, &cmdline, src->e);
    buf_free(&cmdline);
    return rc;
}

void
config_warn(const struct config_src *src, unsigned line, const char *shown,
            const char *fmt, ...)
{
    struct err w = { 0 };
    struct conf_at at = { src->file, line, &w };
    va_list ap;

    if (src->warn == NULL)
        return;
    va_start(ap, fmt);
    conf_vbad_at(&at, ERR_INVALID, shown, fmt, ap);
    va_end(ap);
    buf_fmt(src->warn, "%s\n", w.msg);
}

int
config_picked(const char *file, const char *pick, size_t n,
              const struct buf *names, struct err *e)
{
    if (n == 1)
        return 0;
    if (pick == NULL)
        return err_set(e, ERR_INVALID,
                       "%s: found several domains (%s), allowed one: %s#NAME "
                       "takes the one of this name",
                       file, buf_text(names), file);
    return err_set(e, ERR_INVALID, "%s: found %s '%s', allowed one of: %s",
                   file, n == 0 ? "no domain" : "several domains", pick,
                   buf_text(names));
}
