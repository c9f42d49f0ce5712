/*
 * device.c - the devices of a configuration: which settings a kind has, what
 * each takes, and what two devices of one domain may not share.
 * The values are kept as text: the device handlers give them their meaning.
 */
#include <ctype.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

#include "engine/config/reader.h"
#include "engine/config/vdev.h"
#include "src/base/xalloc.h"

#define COUNT(a)  (sizeof(a) / sizeof(a)[0])
#define DOMID_MAX 32751 /* the last one that is not reserved */

/* Checks the text of a setting; false: refused, with the words for what is
 * allowed in the table. */
struct dev_key {
    const char *name;
    bool (*ok)(const char *text);
    const char *allowed;
};

struct dev_kind {
    const char *name;
    const struct dev_key *keys;
    size_t n_keys;
    int (*check)(struct reader *r, config_setting_t *s,
                 const struct config_device *d);
};

static bool
text_ok(const char *text)
{
    (void)text; /* reader_text has checked all */
    return true;
}

static bool
mode_ok(const char *text)
{
    return strcmp(text, "r") == 0 || strcmp(text, "w") == 0 ||
           strcmp(text, "w!") == 0;
}

static bool
format_ok(const char *text)
{
    return strcmp(text, "raw") == 0 || strcmp(text, "qcow2") == 0;
}

static bool
vdev_ok(const char *text)
{
    uint32_t number;

    return vdev_parse(text, &number);
}

/* A script runs as root: a bare name is looked up in Xen's own directory. */
static bool
script_ok(const char *text)
{
    return text[0] == '/' || (strchr(text, '/') == NULL && text[0] != '.');
}

static bool
backend_ok(const char *text)
{
    unsigned long long domid;

    return text_u64(text, 0, DOMID_MAX, &domid) || config_name_ok(text) ||
           strcmp(text, "Domain-0") == 0;
}

/* Six pairs of hexadecimal digits of one station, not of a group. */
static bool
mac_ok(const char *text)
{
    size_t i;

    if (strlen(text) != 17 || strcmp(text, "00:00:00:00:00:00") == 0)
        return false;
    for (i = 0; i < 17; i++)
        if (i % 3 == 2 ? text[i] != ':' : !isxdigit((unsigned char)text[i]))
            return false;
    return strchr("13579bBdDfF", text[1]) == NULL;
}

/* A name that the kernel takes for a network interface. */
static bool
ifname_ok(const char *text)
{
    return strlen(text) < IFNAMSIZ && text[0] != '.' && text[0] != '-' &&
           strpbrk(text, "/: %") == NULL;
}

static bool
ip_ok(const char *text)
{
    return strspn(text, "0123456789abcdefABCDEF.:/ ") == strlen(text);
}

static bool
model_ok(const char *text)
{
    return strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-_.") ==
           strlen(text);
}

/* xl's form: 10Mb/s, 250KB/s, 1MB/s@20ms. */
static bool
rate_ok(const char *text)
{
    size_t digits = strspn(text, "0123456789");
    const char *p = text + digits;

    if (digits == 0 || digits > 9)
        return false;
    if (*p == 'K' || *p == 'M' || *p == 'G')
        p++;
    if (strncmp(p, "b/s", 3) != 0 && strncmp(p, "B/s", 3) != 0)
        return false;
    p += 3;
    if (*p == '\0')
        return true;
    if (*p++ != '@')
        return false;
    digits = strspn(p, "0123456789");
    p += digits;
    return digits > 0 && digits <= 9 &&
           (strcmp(p, "s") == 0 || strcmp(p, "ms") == 0 ||
            strcmp(p, "us") == 0);
}

#define BACKEND_ALLOWED "the name or the domid of a domain"
#define SCRIPT_ALLOWED  "an absolute path, or a name without /"

static const struct dev_key vbd_keys[] = {
    { "params", text_ok, NULL },
    { "path", text_ok, NULL },
    { "vdev", vdev_ok, VDEV_ALLOWED },
    { "mode", mode_ok, "\"r\", \"w\" or \"w!\"" },
    { "format", format_ok, "\"raw\" or \"qcow2\"" },
    { "cdrom", NULL, NULL },
    { "backend", backend_ok, BACKEND_ALLOWED },
    { "script", script_ok, SCRIPT_ALLOWED },
};

static const struct dev_key vif_keys[] = {
    { "mac", mac_ok,
      "six pairs of hexadecimal digits as 00:16:3e:12:34:56, no multicast "
      "address" },
    { "bridge", ifname_ok, "the name of an interface, at most 15 bytes" },
    { "ip", ip_ok, "IP addresses separated by spaces" },
    { "script", script_ok, SCRIPT_ALLOWED },
    { "rate", rate_ok, "a rate as \"10Mb/s\", \"250KB/s\" or \"1MB/s@20ms\"" },
    { "model", model_ok, "lower-case letters, digits and - _ ." },
    { "backend", backend_ok, BACKEND_ALLOWED },
    { "vifname", ifname_ok, "the name of an interface, at most 15 bytes" },
};

/* "FILE:LINE: devices[N]: found ..., allowed ..." */
static int
refuse_device(const struct reader *r, const config_setting_t *s,
              const char *found, const char *allowed)
{
    struct buf path = { 0 };

    conf_path(s, &path);
    reader_bad(r, ERR_INVALID, config_setting_source_line(s), buf_text(&path),
               "found %s, allowed %s", found, allowed);
    buf_free(&path);
    return -1;
}

static int
check_vbd(struct reader *r, config_setting_t *s, const struct config_device *d)
{
    const char *path = config_device_value(d, "path"),
               *params = config_device_value(d, "params");
    const char *cdrom = config_device_value(d, "cdrom"),
               *mode = config_device_value(d, "mode");
    bool is_cdrom = cdrom != NULL && strcmp(cdrom, "true") == 0;

    if (path != NULL && params != NULL)
        return reader_refuse(r, ERR_INVALID,
                             config_setting_get_member(s, "params"),
                             "only one of params and path");
    if (config_device_value(d, "vdev") == NULL)
        return refuse_device(r, s, "a vbd without vdev",
                             "one with vdev, such as \"xvda\"");
    if (path == NULL && params == NULL && !is_cdrom)
        return refuse_device(r, s, "a vbd without path",
                             "one with path, params or cdrom = true");
    if (is_cdrom && mode != NULL && strcmp(mode, "r") != 0)
        return reader_refuse(r, ERR_INVALID,
                             config_setting_get_member(s, "mode"),
                             "\"r\" for a CD drive");
    return 0;
}

static int
check_vif(struct reader *r, config_setting_t *s, const struct config_device *d)
{
    (void)r, (void)s, (void)d; /* nothing is required: all has defaults */
    return 0;
}

static const struct dev_kind kinds[] = {
    { "vbd", vbd_keys, COUNT(vbd_keys), check_vbd },
    { "vif", vif_keys, COUNT(vif_keys), check_vif },
};

bool
device_key_bare(const char *key)
{
    return strcmp(key, "cdrom") == 0;
}

/* The value of a setting as text, the caller's. */
static int
take_value(struct reader *r, config_setting_t *s, const struct dev_key *k,
           char **out)
{
    const char *text;
    uint64_t domid;
    bool on;

    if (device_key_bare(k->name)) {
        if (conf_bool(r->file, s, &on, r->e) < 0)
            return -1;
        *out = xstrdup(on ? "true" : "false");
        return 0;
    }
    if (strcmp(k->name, "backend") == 0 && config_setting_is_number(s)) {
        if (reader_uint(r, s, 0, DOMID_MAX, &domid) < 0)
            return -1;
        *out = xasprintf("%llu", (unsigned long long)domid);
        return 0;
    }
    if (strcmp(k->name, "path") == 0)
        return reader_file(r, s, out);
    if (reader_text(r, s, &text) < 0)
        return -1;
    if (!k->ok(text))
        return reader_refuse(r, ERR_INVALID, s, "%s", k->allowed);
    *out = xstrdup(text);
    return 0;
}

static int
refuse_key(struct reader *r, const struct dev_kind *kind, config_setting_t *s)
{
    struct reader_field names[16];
    size_t i;

    for (i = 0; i < kind->n_keys; i++)
        names[i] = (struct reader_field){ .name = kind->keys[i].name };
    names[i++] = (struct reader_field){ .name = "type" };
    return reader_unknown(r, s, names, i);
}

static int
read_key(struct reader *r, const struct dev_kind *kind, config_setting_t *s,
         struct config_device *d)
{
    const char *name = config_setting_name(s);
    char *value = NULL;
    size_t i;

    if (strcmp(name, "type") == 0)
        return 0; /* known by now */
    for (i = 0; i < kind->n_keys; i++)
        if (strcmp(kind->keys[i].name, name) == 0)
            break;
    if (i == kind->n_keys)
        return refuse_key(r, kind, s);
    if (take_value(r, s, &kind->keys[i], &value) < 0)
        return -1;
    d->keys[d->n_keys] = xstrdup(name);
    d->values[d->n_keys++] = value;
    return 0;
}

static const struct dev_kind *
find_kind(struct reader *r, config_setting_t *s)
{
    config_setting_t *type = config_setting_get_member(s, "type");
    struct reader_word words[COUNT(kinds)];
    size_t i;
    int v;

    for (i = 0; i < COUNT(kinds); i++)
        words[i] = (struct reader_word){ kinds[i].name, (int)i };
    if (type == NULL) {
        refuse_device(r, s, "a device without type",
                      "one with type = \"vbd\" or \"vif\"");
        return NULL;
    }
    return reader_words(r, type, words, COUNT(words), &v) < 0 ? NULL
                                                              : &kinds[v];
}

static int
read_device(struct reader *r, config_setting_t *s, struct config_device *d)
{
    const struct dev_kind *kind;
    int i, n;

    if (!config_setting_is_group(s))
        return reader_refuse(r, ERR_INVALID, s,
                             "a group, { type = \"vbd\"; ... }");
    kind = find_kind(r, s);
    if (kind == NULL)
        return -1;
    n = config_setting_length(s);
    d->line = config_setting_source_line(s);
    d->kind = xstrdup(kind->name);
    d->keys = xcalloc((size_t)n, sizeof d->keys[0]);
    d->values = xcalloc((size_t)n, sizeof d->values[0]);
    for (i = 0; i < n; i++)
        if (read_key(r, kind, config_setting_get_elem(s, (unsigned)i), d) < 0)
            return -1;
    return kind->check(r, s, d);
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

/* Refuses what device i of the list shares with an earlier one. */
static int
check_shared(struct reader *r, config_setting_t *list,
             const struct domain_config *c, size_t i)
{
    static const char *const single[] = { "vdev", "mac", "vifname" };
    config_setting_t *s = config_setting_get_elem(list, (unsigned)i);
    size_t j, k;

    for (j = 0; j < i; j++)
        for (k = 0; k < COUNT(single); k++)
            if (same_value(&c->devices[i], &c->devices[j], single[k]))
                return reader_refuse(r, ERR_INVALID,
                                     config_setting_get_member(s, single[k]),
                                     "one that devices[%zu] does not use", j);
    return 0;
}

int
device_list(struct reader *r, config_setting_t *s, struct domain_config *c)
{
    size_t i, n;

    if (!config_setting_is_list(s))
        return reader_refuse(r, ERR_INVALID, s,
                             "a list of groups, ( { type = \"vbd\"; ... } )");
    n = (size_t)config_setting_length(s);
    if (n > CONFIG_DEVICES_MAX)
        return reader_bad(r, ERR_RANGE, config_setting_source_line(s),
                          "devices", "found %zu devices, allowed %d", n,
                          CONFIG_DEVICES_MAX);
    if (n == 0)
        return 0;
    c->devices = xcalloc(n, sizeof c->devices[0]);
    for (i = 0; i < n; i++) {
        c->n_devices = i + 1; /* also a half-read one is freed */
        if (read_device(r, config_setting_get_elem(s, (unsigned)i),
                        &c->devices[i]) < 0 ||
            check_shared(r, s, c, i) < 0)
            return -1;
    }
    return 0;
}
