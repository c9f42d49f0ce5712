/*
 * config_device.c - the devices of a configuration: which settings a kind has
 * and what each takes, for readers of every format. The values are kept as
 * text: the device handlers give them their meaning.
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <limits.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

#include "engine/config/core/screen_values.h"
#include "engine/config/core/setting.h"
#include "engine/config/core/vdev.h"
#include "src/base/xalloc.h"

#define COUNT(a)  (sizeof(a) / sizeof(a)[0])
#define DOMID_MAX 32751 /* the last one that is not reserved */
#define VLAN_MAX  4095

struct dev_kind {
    const char *name;
    const struct value_rule *keys;
    size_t n_keys;
};

/* --- checks of single settings */

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
vlan_ok(const char *p, size_t n)
{
    unsigned long long tag;
    char word[8];

    if (n == 0 || n >= sizeof word)
        return false;
    text_fmt(word, sizeof word, "%.*s", (int)n, p);
    return text_u64(word, 0, VLAN_MAX, &tag);
}

/* The name of a bridge; vif-openvswitch takes ".TAG" and ":TRUNK:..." of
 * VLANs behind it, which do not count to the bytes of the name. */
static bool
bridge_ok(const char *text)
{
    size_t n = strcspn(text, ":"), name = n;
    const char *dot = memchr(text, '.', n), *p = text + n;
    char word[IFNAMSIZ];

    if (dot != NULL && vlan_ok(dot + 1, (size_t)(text + n - dot - 1)))
        name = (size_t)(dot - text);
    if (name == 0 || name >= sizeof word)
        return false;
    text_fmt(word, sizeof word, "%.*s", (int)name, text);
    if (!ifname_ok(word))
        return false;
    for (; *p == ':'; p += n) {
        n = strcspn(++p, ":");
        if (!vlan_ok(p, n))
            return false;
    }
    return true;
}

/* "192.0.2.1", "2001:db8::1", either with "/BITS" behind it. */
static bool
address_ok(const char *text, size_t n)
{
    unsigned char bytes[16];
    unsigned long long bits;
    char word[64], *slash;
    bool v6;

    if (n >= sizeof word)
        return false;
    text_fmt(word, sizeof word, "%.*s", (int)n, text);
    v6 = strchr(word, ':') != NULL;
    slash = strchr(word, '/');
    if (slash != NULL && !text_u64(slash + 1, 0, v6 ? 128 : 32, &bits))
        return false;
    if (slash != NULL)
        *slash = '\0';
    return inet_pton(v6 ? AF_INET6 : AF_INET, word, bytes) == 1;
}

static bool
ip_ok(const char *text)
{
    size_t n, seen = 0;

    for (; *text != '\0'; text += n) {
        text += strspn(text, " ");
        n = strcspn(text, " ");
        if (n > 0 && !address_ok(text, n))
            return false;
        seen += n > 0;
    }
    return seen > 0;
}

static bool
model_ok(const char *text)
{
    return strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                        "0123456789-_.") == strlen(text);
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

/* xend's and xl's form: DDDD:BB:DD.F, the first part may be left out. */
static bool
config_device_bdf_ok(const char *text)
{
    static const char form[] = "hhhh:hh:hh.h";
    const char *f = form + (strlen(text) == 7 ? 5 : 0);
    size_t i;

    if (strlen(text) != strlen(f))
        return false;
    for (i = 0; f[i] != '\0'; i++)
        if (f[i] == 'h' ? !isxdigit((unsigned char)text[i]) : text[i] != f[i])
            return false;
    /* a device has five bits, a function three */
    return strchr("01", text[i - 4]) != NULL &&
           strchr("01234567", text[i - 1]) != NULL;
}

/* --- the tables */

#define BACKEND                                                                \
    RULE_ID("backend", backend_ok,                                             \
            "the name of a domain, or its domid of 0 to 32751")
#define SCRIPT                                                                 \
    RULE_TEXT("script", script_ok, "an absolute path, or a name without /")
#define INTERFACE "the name of an interface, at most 15 bytes"

static const struct value_word mode_words[] = {
    { "r", 0 }, { "w", 1 }, { "w!", 2 }, { NULL, 0 }
};
static const struct value_word format_words[] = {
    { "raw", 0 }, { "qcow2", 1 }, { "vhd", 2 }, { "qed", 3 }, { NULL, 0 }
};
static const struct value_word nic_words[] = { { "vif", 0 },
                                               { "ioemu", 1 },
                                               { NULL, 0 } };
static const struct value_word rdm_words[] = { { "strict", 0 },
                                               { "relaxed", 1 },
                                               { NULL, 0 } };

static const struct value_rule vbd_keys[] = {
    RULE_TEXT("params", NULL, NULL),
    RULE("path", VALUE_DISK),
    RULE_TEXT("vdev", vdev_ok, VDEV_ALLOWED),
    RULE_WORD("mode", mode_words),
    RULE_WORD("format", format_words),
    RULE("cdrom", VALUE_BOOL),
    BACKEND,
    SCRIPT,
    RULE("discard", VALUE_BOOL),
    RULE("direct_io_safe", VALUE_BOOL),
};

static const struct value_rule vif_keys[] = {
    RULE_TEXT(
        "mac", mac_ok,
        "six pairs of hexadecimal digits as 00:16:3e:12:34:56, no multicast "
        "address"),
    RULE_TEXT("bridge", bridge_ok,
              INTERFACE ", or NAME.VLAN or NAME:TRUNK:TRUNK of "
                        "vif-openvswitch"),
    RULE_TEXT("ip", ip_ok, "IP addresses separated by spaces"),
    SCRIPT,
    RULE_TEXT("rate", rate_ok,
              "a rate as \"10Mb/s\", \"250KB/s\" or \"1MB/s@20ms\""),
    RULE_TEXT("model", model_ok, "letters, digits and - _ ."),
    BACKEND,
    RULE_TEXT("vifname", ifname_ok, INTERFACE),
    RULE_TEXT("gatewaydev", ifname_ok, INTERFACE),
    RULE_NUMBER("mtu", 68, 65535),
    RULE_WORD("nictype", nic_words),
};

static const struct value_rule pci_keys[] = {
    RULE_TEXT("bdf", config_device_bdf_ok,
              "DDDD:BB:DD.F or BB:DD.F, as lspci names a device"),
    RULE("permissive", VALUE_BOOL),
    RULE("msitranslate", VALUE_BOOL),
    RULE("power_mgmt", VALUE_BOOL),
    RULE("seize", VALUE_BOOL),
    RULE_WORD("rdm_policy", rdm_words),
    RULE_NUMBER("vslot", 0, 31),
    BACKEND,
};

static const struct value_rule vkbd_keys[] = { BACKEND };

static const struct value_rule vfb_keys[] = {
    RULE("vnc", VALUE_BOOL),
    RULE_TEXT("vnclisten", value_listen_ok, VALUE_LISTEN_ALLOWED),
    RULE_NUMBER("vncdisplay", 0, 59635), /* port 65535 */
    { .name = "vncpasswd", .type = VALUE_TEXT, .secret = true },
    RULE("vncunused", VALUE_BOOL),
    RULE("vnctls", VALUE_BOOL),
    RULE("vncx509", VALUE_PATH),
    RULE("vncx509verify", VALUE_BOOL),
    RULE_TEXT("keymap", value_keymap_ok, VALUE_KEYMAP_ALLOWED),
    BACKEND,
};

static const struct dev_kind kinds[] = {
    { "vbd", vbd_keys, COUNT(vbd_keys) },
    { "vif", vif_keys, COUNT(vif_keys) },
    { "pci", pci_keys, COUNT(pci_keys) },
    { "vkbd", vkbd_keys, COUNT(vkbd_keys) },
    { "vfb", vfb_keys, COUNT(vfb_keys) },
};

/* --- */

static const struct dev_kind *
find_kind(const char *name)
{
    size_t i;

    for (i = 0; i < COUNT(kinds); i++)
        if (strcmp(kinds[i].name, name) == 0)
            return &kinds[i];
    return NULL;
}

bool
config_device_is_kind(const char *kind)
{
    return find_kind(kind) != NULL;
}

const struct value_rule *
device_rule(const char *kind, const char *key)
{
    const struct dev_kind *k = find_kind(kind);
    size_t i;

    for (i = 0; k != NULL && i < k->n_keys; i++)
        if (strcmp(k->keys[i].name, key) == 0)
            return &k->keys[i];
    return NULL;
}

bool
config_device_key_secret(const char *kind, const char *key)
{
    const struct value_rule *r = device_rule(kind, key);

    return r != NULL && r->secret;
}

static void
drop_key(struct config_device *d, size_t nth)
{
    size_t left = d->n_keys - nth - 1;

    free(d->keys[nth]);
    free(d->values[nth]);
    memmove(&d->keys[nth], &d->keys[nth + 1], left * sizeof d->keys[0]);
    memmove(&d->values[nth], &d->values[nth + 1], left * sizeof d->values[0]);
    memmove(&d->lines[nth], &d->lines[nth + 1], left * sizeof d->lines[0]);
    d->n_keys--;
}

void
config_drop_secrets(struct domain_config *c, struct buf *warn)
{
    size_t i, k;

    settings_drop_secrets(c, warn);
    for (i = 0; i < c->n_devices; i++) {
        struct config_device *d = &c->devices[i];

        for (k = d->n_keys; k-- > 0;) {
            if (!config_device_key_secret(d->kind, d->keys[k]))
                continue;
            if (warn != NULL)
                buf_fmt(warn, "%s.%s: left out: a password is not shown\n",
                        d->shown, d->keys[k]);
            drop_key(d, k);
        }
    }
}

bool
device_key_bare(const char *kind, const char *key)
{
    const struct value_rule *r = device_rule(kind, key);

    return r != NULL && (r->type == VALUE_BOOL || r->type == VALUE_NUMBER);
}

int
device_refuse_kind(const struct config_src *src, const struct config_item *it)
{
    struct value_word words[COUNT(kinds) + 1] = { 0 };
    struct value_rule rule = { .type = VALUE_WORD, .words = words };
    size_t i;

    for (i = 0; i < COUNT(kinds); i++)
        words[i].word = kinds[i].name;
    return value_refuse_type(src, &rule, it);
}

struct config_device *
config_device_begin(const struct config_src *src, struct domain_config *c,
                    const char *kind, unsigned line)
{
    struct config_item type = { .name = "type", .value = kind, .line = line };
    char shown[32], type_shown[48];
    struct config_device *d;

    text_fmt(shown, sizeof shown, "devices[%zu]", c->n_devices);
    if (c->n_devices == CONFIG_DEVICES_MAX) {
        value_bad(src, ERR_RANGE, line, shown,
                  "found more than %d devices, allowed %d", CONFIG_DEVICES_MAX,
                  CONFIG_DEVICES_MAX);
        return NULL;
    }
    if (find_kind(kind) == NULL) {
        text_fmt(type_shown, sizeof type_shown, "%s.type", shown);
        type.shown = type_shown;
        device_refuse_kind(src, &type);
        return NULL;
    }
    if (c->devices == NULL)
        c->devices = xcalloc(CONFIG_DEVICES_MAX, sizeof c->devices[0]);
    d = &c->devices[c->n_devices++];
    d->kind = xstrdup(kind);
    d->line = line;
    d->shown = xstrdup(shown);
    return d;
}

void
config_device_name(struct config_device *d, const char *shown)
{
    free(d->shown);
    d->shown = xstrdup(shown);
}

static int
config_device_refuse_key(const struct config_src *src,
                         const struct config_device *d,
                         const struct config_item *it)
{
    const struct dev_kind *kind = find_kind(d->kind);
    const char *near = "type";
    unsigned distance = UINT_MAX;
    size_t i;

    for (i = 0; i < kind->n_keys; i++)
        value_nearer(it->name, kind->keys[i].name, &distance, &near);
    if (it->line != 0) /* the words of a verb have none */
        value_nearer(it->name, "type", &distance, &near);
    return value_refuse_name(src, it, near);
}

/* Takes value. */
static void
config_device_keep(struct config_device *d, const struct config_item *it,
                   char *value)
{
    size_t i;

    for (i = 0; i < d->n_keys; i++)
        if (strcmp(d->keys[i], it->name) == 0)
            break;
    if (i == d->n_keys) {
        d->n_keys++;
        d->keys = xrealloc(d->keys, d->n_keys, sizeof d->keys[0]);
        d->values = xrealloc(d->values, d->n_keys, sizeof d->values[0]);
        d->lines = xrealloc(d->lines, d->n_keys, sizeof d->lines[0]);
        d->keys[i] = xstrdup(it->name);
    } else {
        free(d->values[i]);
    }
    d->values[i] = value;
    d->lines[i] = it->line;
}

/* One form for what is compared: "01:00.0" is "0000:01:00.0". */
static char *
normal_form(const char *key, char *text)
{
    char *whole = text, *p;

    if (strcmp(key, "bdf") != 0)
        return text;
    if (strlen(text) == 7) {
        whole = xasprintf("0000:%s", text);
        free(text);
    }
    for (p = whole; *p != '\0'; p++)
        *p = (char)tolower((unsigned char)*p);
    return whole;
}

static int
set_key(const struct config_src *src, struct config_device *d,
        const struct config_item *it)
{
    const struct value_rule *rule = device_rule(d->kind, it->name);
    struct value v;

    if (rule == NULL)
        return config_device_refuse_key(src, d, it);
    if (value_take(src, rule, it, &v) < 0)
        return -1;
    config_device_keep(d, it, normal_form(it->name, v.text));
    return 0;
}

int
config_device_set(const struct config_src *src, struct config_device *d,
                  const struct config_item *it)
{
    struct config_item named = *it;
    char *shown = NULL;
    int rc;

    if (it->shown == NULL) {
        shown = xasprintf("%s.%s", d->shown, it->name);
        named.shown = shown;
    }
    rc = set_key(src, d, &named);
    free(shown);
    return rc;
}

/* --- one device, from words */

static int
set_word(const struct config_src *src, struct config_device *d,
         const char *word)
{
    const char *eq = strchr(word, '=');
    struct config_item it = { .value = "" };
    char *name;
    int rc;

    if (eq == NULL || eq == word) {
        it.shown = d->kind;
        it.value = word;
        return value_refuse(src, ERR_INVALID, &it,
                            "SETTING=VALUE, such as \"backend=0\"");
    }
    name = xstrndup(word, (size_t)(eq - word));
    it.name = name;
    it.value = eq + 1;
    rc = config_device_set(src, d, &it);
    free(name);
    return rc;
}

int
config_device_pairs(const char *kind, const char *const *words, size_t n,
                    struct config_device *out, struct err *e)
{
    const struct config_src src = { .file = "device", .e = e };
    const struct config_item type = { .name = "type", .value = kind };
    struct config_device d = { 0 };
    size_t i;
    int rc = 0;

    if (find_kind(kind) == NULL)
        return device_refuse_kind(&src, &type);
    d.kind = xstrdup(kind);
    d.shown = xstrdup(kind);
    for (i = 0; i < n && rc == 0; i++)
        rc = set_word(&src, &d, words[i]);
    if (rc == 0)
        rc = device_check(&src, &d);
    if (rc < 0)
        config_device_fini(&d);
    else
        *out = d;
    return rc;
}
