/*
 * finish.c - what can be said of a configuration once all of it is read: rules
 * between settings, what is required, and defaults that depend on others.
 * Everything that can be known without the host is checked by then, so that a
 * struct domain_config that exists is a valid one.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "engine/config/core/image_type.h"
#include "engine/config/core/value.h"
#include "engine/config/core/vdev.h"
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
refuse_key(const struct config_src *src, const struct config_device *d,
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
               *mode = config_device_value(d, "mode");
    bool cdrom = key_is(d, "cdrom", "true");

    if (path != NULL && params != NULL)
        return refuse_key(src, d, "params", "only one of params and path");
    if (config_device_value(d, "vdev") == NULL)
        return refuse_device(src, d, "a vbd without vdev",
                             "one with vdev, such as \"xvda\"");
    if (path == NULL && params == NULL && !cdrom)
        return refuse_device(src, d, "a vbd without path",
                             "one with path, params or cdrom = true");
    if (cdrom && mode != NULL && strcmp(mode, "r") != 0)
        return refuse_key(src, d, "mode", "\"r\" for a CD drive");
    if (params != NULL && config_device_value(d, "script") == NULL &&
        params[0] != '/' && !has_prefix(params))
        return refuse_key(src, d, "params",
                          "\"file:PATH\", \"phy:DEVICE\", or a script that "
                          "knows what it means");
    if (key_is(d, "format", "qcow2") && config_device_value(d, "script"))
        return refuse_key(src, d, "script",
                          "none with format = \"qcow2\", which no script "
                          "serves");
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

/* The kinds that have rules between their settings. */
static const struct {
    const char *kind;
    int (*check)(const struct config_src *src, const struct config_device *d);
} kind_rules[] = {
    { "vbd", check_vbd },
    { "pci", check_pci },
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
            return refuse_key(src, &c->devices[i], single[k], allowed);
        }
    return 0;
}

static int
check_devices(const struct config_src *src, const struct domain_config *c)
{
    size_t i;

    for (i = 0; i < c->n_devices; i++)
        if (device_check(src, &c->devices[i]) < 0 ||
            check_shared(src, c, i) < 0)
            return -1;
    return 0;
}

/* --- the domain */

static int
missing(const struct config_src *src, unsigned line, const char *setting,
        const char *allowed)
{
    const char *word = src->word != NULL ? src->word(setting) : NULL;

    return value_bad(src, ERR_INVALID, line, word != NULL ? word : setting,
                     "found nothing, allowed %s", allowed);
}

static int
check_required(const struct config_src *src, const struct domain_config *c)
{
    const struct config_seen *group;

    if (c->name == NULL)
        return missing(src, 0, "name", "a name, which every domain needs");
    if (c->mem_kib == 0)
        return missing(src, 0, "memory", "4 to 16777216 MiB");
    if (c->image.kernel != NULL)
        return 0;
    group = config_seen_find(c, "image");
    if (group == NULL && src->word == NULL)
        return missing(src, 0, "image", "a group that names the kernel");
    return missing(src, group != NULL ? group->line : 0, "image.kernel",
                   "the path of a kernel");
}

/* Refuses a setting that was written, for what another says. */
static int
refuse_setting(const struct config_src *src, const struct domain_config *c,
               const char *name, const char *allowed)
{
    const struct config_seen *s = config_seen_find(c, name);

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

int
config_finish(const struct config_src *src, struct domain_config *c)
{
    struct buf cmdline = { 0 };
    int rc;

    if (check_devices(src, c) < 0 || check_required(src, c) < 0)
        return -1;
    defaults(c);
    if (check_limits(src, c) < 0)
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
