/*
 * parse.c - a domain's configuration from libconfig text: the table of
 * settings, what each takes, and the rules between them.
 * Everything that can be known without the host is checked here, so that a
 * struct domain_config that exists is a valid one.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "engine/config/reader.h"
#include "engine/image/image.h"
#include "src/base/xalloc.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

static int
read_copy(struct reader *r, config_setting_t *s, char **out)
{
    const char *text;

    if (reader_text(r, s, &text) < 0)
        return -1;
    *out = xstrdup(text);
    return 0;
}

static int
read_name(struct reader *r, config_setting_t *s, void *dest)
{
    struct domain_config *c = dest;
    const char *text;

    c->name_line = config_setting_source_line(s);
    if (reader_text(r, s, &text) < 0)
        return -1;
    if (!config_name_ok(text))
        return reader_refuse(r, ERR_INVALID, s,
                             "1 to %d letters, digits and . _ - +, a letter "
                             "or digit first, not digits alone, not "
                             "\"Domain-0\"",
                             CONFIG_NAME_MAX);
    c->name = xstrdup(text);
    return 0;
}

static int
read_uuid(struct reader *r, config_setting_t *s, void *dest)
{
    static const uint8_t dom0[16] = { 0 };
    struct domain_config *c = dest;
    const char *text;

    if (reader_text(r, s, &text) < 0)
        return -1;
    /* all zeroes is the uuid of dom0 */
    if (!uuid_parse_text(text, c->uuid) || memcmp(c->uuid, dom0, 16) == 0)
        return reader_refuse(r, ERR_INVALID, s,
                             "hexadecimal digits as 8-4-4-4-12, not all zero");
    c->uuid_set = true;
    return 0;
}

/* "512M" in KiB; 0 if it is no such text. */
static uint64_t
kib_of_text(const char *text)
{
    static const char units[] = "KMGT";
    size_t len = strlen(text);
    unsigned long long n;
    char digits[16];
    const char *unit;

    if (len < 2 || len > sizeof digits || !isdigit((unsigned char)text[0]))
        return 0;
    unit = strchr(units, toupper((unsigned char)text[len - 1]));
    text_fmt(digits, sizeof digits, "%.*s", (int)(len - 1), text);
    if (unit == NULL || strspn(digits, "0123456789") != len - 1 ||
        !text_u64(digits, 1, CONFIG_MEM_MAX_KIB, &n))
        return 0;
    if (n > CONFIG_MEM_MAX_KIB >> (10 * (unit - units)))
        return CONFIG_MEM_MAX_KIB + 1024; /* refused as too much */
    return n << (10 * (unit - units));
}

/* xc_dom_mem_init counts in MiB: a part of one would be lost. */
static int
read_size(struct reader *r, config_setting_t *s, uint64_t *kib_out)
{
    long long mib = 0;
    uint64_t kib = 0;

    switch (config_setting_type(s)) {
    case CONFIG_TYPE_INT:
    case CONFIG_TYPE_INT64:
        mib = config_setting_get_int64(s);
        if (mib > 0 && (uint64_t)mib <= CONFIG_MEM_MAX_KIB / 1024)
            kib = (uint64_t)mib * 1024;
        break;
    case CONFIG_TYPE_STRING:
        kib = kib_of_text(config_setting_get_string(s));
        break;
    default:
        break;
    }
    if (kib < CONFIG_MEM_MIN_KIB || kib > CONFIG_MEM_MAX_KIB || kib % 1024 != 0)
        return reader_refuse(r, ERR_RANGE, s,
                             "%llu to %llu whole MiB, or a text such as "
                             "\"512M\" or \"2G\"",
                             CONFIG_MEM_MIN_KIB / 1024,
                             CONFIG_MEM_MAX_KIB / 1024);
    *kib_out = kib;
    return 0;
}

static int
read_memory(struct reader *r, config_setting_t *s, void *dest)
{
    struct domain_config *c = dest;

    c->mem_line = config_setting_source_line(s);
    return read_size(r, s, &c->mem_kib);
}

static int
read_maxmem(struct reader *r, config_setting_t *s, void *dest)
{
    return read_size(r, s, &((struct domain_config *)dest)->maxmem_kib);
}

static int
read_count(struct reader *r, config_setting_t *s, unsigned *out)
{
    uint64_t v;

    if (reader_uint(r, s, 1, CONFIG_VCPUS_MAX, &v) < 0)
        return -1;
    *out = (unsigned)v;
    return 0;
}

static int
read_vcpus(struct reader *r, config_setting_t *s, void *dest)
{
    struct domain_config *c = dest;

    c->vcpus_line = config_setting_source_line(s);
    return read_count(r, s, &c->vcpus);
}

static int
read_maxvcpus(struct reader *r, config_setting_t *s, void *dest)
{
    return read_count(r, s, &((struct domain_config *)dest)->maxvcpus);
}

/* Appends a cpu list that is a text or a number; an aggregate has no place
 * inside another. */
static int
cpus_item(struct reader *r, config_setting_t *s, struct buf *out)
{
    const char *text;
    uint64_t cpu;

    if (out->len > 0)
        buf_chr(out, ',');
    if (config_setting_type(s) == CONFIG_TYPE_STRING) {
        if (reader_text(r, s, &text) < 0)
            return -1;
        buf_str(out, text);
        return 0;
    }
    if (!config_setting_is_number(s))
        return reader_refuse(r, ERR_INVALID, s,
                             "a cpu number or a text such as \"0-3,^2\"");
    if (reader_uint(r, s, 0, CONFIG_CPUS_MAX - 1, &cpu) < 0)
        return -1;
    buf_fmt(out, "%llu", (unsigned long long)cpu);
    return 0;
}

static int
cpus_join(struct reader *r, config_setting_t *s, struct buf *out)
{
    int i, n;

    if (!config_setting_is_array(s) && !config_setting_is_list(s))
        return cpus_item(r, s, out);
    n = config_setting_length(s);
    for (i = 0; i < n; i++)
        if (cpus_item(r, config_setting_get_elem(s, (unsigned)i), out) < 0)
            return -1;
    return 0;
}

static int
read_cpus(struct reader *r, config_setting_t *s, void *dest)
{
    struct domain_config *c = dest;
    struct buf text = { 0 };
    struct err why = { 0 };
    int rc = -1;

    c->cpus_line = config_setting_source_line(s);
    if (cpus_join(r, s, &text) < 0)
        goto out;
    /* printed as one text: what is taken must be taken again */
    if (text.len > READER_TEXT_MAX) {
        reader_bad(r, ERR_RANGE, c->cpus_line, "cpus",
                   "found %zu bytes, allowed %d", text.len, READER_TEXT_MAX);
        goto out;
    }
    if (cpus_parse(buf_text(&text), c->cpus, &why) < 0) {
        reader_bad(r, why.code, c->cpus_line, "cpus", "%s", why.msg);
        goto out;
    }
    c->cpus_text = buf_take(&text);
    c->cpus_set = true;
    rc = 0;
out:
    buf_free(&text);
    return rc;
}

static int
read_image_type(struct reader *r, config_setting_t *s, void *dest)
{
    struct config_image *im = dest;
    struct buf names = { 0 };
    const char *text;

    if (reader_text(r, s, &text) < 0)
        return -1;
    if (image_type_find(text) != NULL) {
        im->type = xstrdup(text);
        return 0;
    }
    image_type_names(&names);
    reader_refuse(r, ERR_INVALID, s, "%s", buf_text(&names));
    buf_free(&names);
    return -1;
}

static int
read_kernel(struct reader *r, config_setting_t *s, void *dest)
{
    struct config_image *im = dest;

    im->kernel_line = config_setting_source_line(s);
    return reader_file(r, s, &im->kernel);
}

static int
read_ramdisk(struct reader *r, config_setting_t *s, void *dest)
{
    struct config_image *im = dest;

    im->ramdisk_line = config_setting_source_line(s);
    return reader_file(r, s, &im->ramdisk);
}

static int
read_root(struct reader *r, config_setting_t *s, void *dest)
{
    return read_copy(r, s, &((struct config_image *)dest)->root);
}

static int
read_ip(struct reader *r, config_setting_t *s, void *dest)
{
    struct config_image *im = dest;

    if (read_copy(r, s, &im->ip) < 0)
        return -1;
    if (strchr(im->ip, ' ') != NULL)
        return reader_refuse(r, ERR_INVALID, s,
                             "one word (other arguments go into args)");
    return 0;
}

static int
read_args(struct reader *r, config_setting_t *s, void *dest)
{
    struct config_image *im = dest;

    im->args_line = config_setting_source_line(s);
    return read_copy(r, s, &im->args);
}

static const struct reader_field image_fields[] = {
    { "type", read_image_type }, { "kernel", read_kernel },
    { "ramdisk", read_ramdisk }, { "root", read_root },
    { "ip", read_ip },           { "args", read_args },
};

static int
read_image(struct reader *r, config_setting_t *s, void *dest)
{
    struct domain_config *c = dest;

    if (!config_setting_is_group(s))
        return reader_refuse(r, ERR_INVALID, s,
                             "a group, image = { kernel = \"PATH\"; }");
    c->image.line = config_setting_source_line(s);
    return reader_group(r, s, image_fields, COUNT(image_fields), &c->image);
}

static int
read_restart(struct reader *r, config_setting_t *s, void *dest)
{
    struct domain_config *c = dest;
    int v;

    if (reader_words(r, s, config_restart_words, CONFIG_RESTART_WORDS, &v) < 0)
        return -1;
    config_actions_of((enum config_restart)v, c->on);
    return 0;
}

static int
read_action(struct reader *r, config_setting_t *s, enum config_action *out)
{
    int v;

    if (reader_words(r, s, config_action_words, CONFIG_ACTION_WORDS, &v) < 0)
        return -1;
    *out = (enum config_action)v;
    return 0;
}

static int
read_on_poweroff(struct reader *r, config_setting_t *s, void *dest)
{
    return read_action(r, s,
                       &((struct domain_config *)dest)->on[CONFIG_ON_POWEROFF]);
}

static int
read_on_reboot(struct reader *r, config_setting_t *s, void *dest)
{
    return read_action(r, s,
                       &((struct domain_config *)dest)->on[CONFIG_ON_REBOOT]);
}

static int
read_on_crash(struct reader *r, config_setting_t *s, void *dest)
{
    return read_action(r, s,
                       &((struct domain_config *)dest)->on[CONFIG_ON_CRASH]);
}

static int
read_on_watchdog(struct reader *r, config_setting_t *s, void *dest)
{
    return read_action(r, s,
                       &((struct domain_config *)dest)->on[CONFIG_ON_WATCHDOG]);
}

/* libxenguest's form: words joined by "|", "!" in front of one that the
 * kernel must have. */
static bool
features_ok(const char *p)
{
    size_t len;

    for (;;) {
        p += *p == '!';
        len = strspn(p, "abcdefghijklmnopqrstuvwxyz0123456789_");
        if (len == 0 || len > 63)
            return false;
        p += len;
        if (*p == '\0')
            return true;
        if (*p++ != '|')
            return false;
    }
}

static int
read_features(struct reader *r, config_setting_t *s, void *dest)
{
    struct domain_config *c = dest;

    if (read_copy(r, s, &c->features) < 0)
        return -1;
    if (!features_ok(c->features))
        return reader_refuse(r, ERR_INVALID, s,
                             "names of kernel features joined by |, each "
                             "with or without ! in front");
    return 0;
}

static int
read_devices(struct reader *r, config_setting_t *s, void *dest)
{
    struct domain_config *c = dest;

    c->devices_line = config_setting_source_line(s);
    return device_list(r, s, c);
}

static const struct reader_field fields[] = {
    { "name", read_name },
    { "uuid", read_uuid },
    { "memory", read_memory },
    { "maxmem", read_maxmem },
    { "vcpus", read_vcpus },
    { "maxvcpus", read_maxvcpus },
    { "cpus", read_cpus },
    { "image", read_image },
    { "restart", read_restart },
    { "on_poweroff", read_on_poweroff },
    { "on_reboot", read_on_reboot },
    { "on_crash", read_on_crash },
    { "on_watchdog", read_on_watchdog },
    { "features", read_features },
    { "devices", read_devices },
};

static int
missing(const struct reader *r, unsigned line, const char *setting,
        const char *allowed)
{
    return reader_bad(r, ERR_INVALID, line, setting,
                      "found nothing, allowed %s", allowed);
}

static int
check_required(const struct reader *r, const struct domain_config *c)
{
    if (c->name == NULL)
        return missing(r, 0, "name", "a name, which every domain needs");
    if (c->mem_kib == 0)
        return missing(r, 0, "memory", "4 to 16777216 MiB");
    if (c->image.line == 0)
        return missing(r, 0, "image", "a group that names the kernel");
    if (c->image.kernel == NULL)
        return missing(r, c->image.line, "image.kernel",
                       "the path of a kernel");
    return 0;
}

/* Defaults, and limits that depend on other settings. */
static int
check_limits(const struct reader *r, struct domain_config *c,
             const config_setting_t *root)
{
    if (c->image.type == NULL)
        c->image.type = xstrdup("linux");
    if (c->maxmem_kib == 0)
        c->maxmem_kib = c->mem_kib;
    if (c->vcpus == 0)
        c->vcpus = 1;
    if (c->maxvcpus == 0)
        c->maxvcpus = c->vcpus;
    if (c->maxmem_kib < c->mem_kib)
        return reader_refuse(
            r, ERR_RANGE, config_setting_get_member(root, "maxmem"),
            "%llu MiB (memory) or more", (unsigned long long)c->mem_kib / 1024);
    if (c->maxvcpus < c->vcpus)
        return reader_refuse(r, ERR_RANGE,
                             config_setting_get_member(root, "maxvcpus"),
                             "%u (vcpus) to %d", c->vcpus, CONFIG_VCPUS_MAX);
    return 0;
}

static int
fill(struct reader *r, config_setting_t *root, struct domain_config *c)
{
    struct buf cmdline = { 0 };
    int rc;

    if (reader_group(r, root, fields, COUNT(fields), c) < 0)
        return -1;
    if (check_required(r, c) < 0 || check_limits(r, c, root) < 0)
        return -1;
    rc = image_cmdline(c, &cmdline, r->e);
    buf_free(&cmdline);
    return rc;
}

int
config_parse(const char *text, const char *file, const char *dir,
             struct domain_config **out, struct err *e)
{
    struct reader r = { .file = file, .dir = dir, .e = e };
    struct domain_config *c;
    config_t cfg;
    int rc;

    if (conf_parse(text, file, &cfg, e) < 0)
        return -1;
    c = xcalloc(1, sizeof *c);
    c->file = xstrdup(file);
    config_actions_of(CONFIG_RESTART_ONREBOOT, c->on);
    c->restart_min_s = CONFIG_RESTART_MIN_UNSET;
    c->autostart_order = 100;
    rc = fill(&r, config_root_setting(&cfg), c);
    config_destroy(&cfg);
    if (rc < 0)
        config_free(c);
    else
        *out = c;
    return rc;
}
