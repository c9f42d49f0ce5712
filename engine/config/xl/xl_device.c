/*
 * xl_device.c - devices from xl's specifications. Disks, PCI devices and rates
 * are parsed by libxlutil, so that they mean what they mean to xl; interfaces
 * and framebuffers are parsed by xl itself, and here likewise: words between
 * commas, of two with one name the later wins.
 * libxlutil trusts its caller: what it would stumble over is refused before.
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "engine/config/core/disk_source.h"
#include "engine/config/core/value.h"
#include "engine/config/xl/xl.h"
#include "engine/config/xl/xl_int.h"
#include "src/base/xalloc.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

/* --- the pairs */

const char *
xl_device_get(const struct xl_device *d, const char *key)
{
    size_t i;

    for (i = 0; i < d->n; i++)
        if (strcmp(d->pairs[i].key, key) == 0)
            return d->pairs[i].value;
    return NULL;
}

void
xl_device_put(struct xl_device *d, const char *key, const char *value)
{
    size_t i;

    for (i = 0; i < d->n; i++)
        if (strcmp(d->pairs[i].key, key) == 0)
            break;
    if (i == XL_PAIRS_MAX) /* more than any kind has */
        return;
    if (i == d->n)
        d->pairs[d->n++].key = key;
    else
        free(d->pairs[i].value);
    d->pairs[i].value = xstrdup(value);
}

void
xl_device_fini(struct xl_device *d)
{
    size_t i;

    for (i = 0; i < d->n; i++)
        free(d->pairs[i].value);
    d->n = 0;
}

static int
xl_device_refuse(const struct xl_device *d, const char *spec,
                 const char *allowed)
{
    struct config_item it = { .name = d->shown,
                              .value = spec,
                              .line = d->line };

    return value_refuse(d->src, ERR_INVALID, &it, "%s", allowed);
}

/* With what libxlutil said of it. */
static int
refuse_said(struct xl_device *d, const char *spec, const char *allowed)
{
    struct buf text = { 0 };

    buf_fmt(&text, "%s: ", allowed);
    xl_lib_said(d->lib, &text);
    xl_device_refuse(d, spec, buf_text(&text));
    buf_free(&text);
    return -1;
}

static void
xl_device_warn(const struct xl_device *d, const char *why)
{
    config_warn(d->src, d->line, d->shown, "%s", why);
}

/* A control character in a specification makes libxlutil's scanner end the
 * whole program. */
static int
xl_device_check_text(struct xl_device *d, const char *spec)
{
    if (strlen(spec) > VALUE_TEXT_MAX)
        return xl_device_refuse(d, spec, "at most 1023 bytes");
    if (!conf_is_safe(spec, strlen(spec)))
        return xl_device_refuse(d, spec,
                                "UTF-8 text without control characters");
    return 0;
}

/* --- disk */

#define FORMATS "raw, format=qcow2, format=vhd or format=qed"

/* The native word, NULL: there is none. */
static const char *
xl_device_format(const libxl_device_disk *disk)
{
    switch (disk->format) {
    case LIBXL_DISK_FORMAT_RAW:
        return "raw";
    case LIBXL_DISK_FORMAT_QCOW2:
        return "qcow2";
    case LIBXL_DISK_FORMAT_VHD:
        return "vhd";
    case LIBXL_DISK_FORMAT_QED:
        return "qed";
    default:
        return NULL;
    }
}

static int
check_disk(struct xl_device *d, const char *spec, const libxl_device_disk *disk)
{
    if (disk->backend == LIBXL_DISK_BACKEND_TAP ||
        disk->backend == LIBXL_DISK_BACKEND_STANDALONE)
        return xl_device_refuse(d, spec,
                                "backendtype=phy or backendtype=qdisk");
    if (disk->specification == LIBXL_DISK_SPECIFICATION_VIRTIO)
        return xl_device_refuse(d, spec,
                                "specification=xen: a PV domain has no virtio");
    if (disk->format != LIBXL_DISK_FORMAT_EMPTY &&
        xl_device_format(disk) == NULL)
        return xl_device_refuse(d, spec, "format=" FORMATS);
    if (disk->format == LIBXL_DISK_FORMAT_EMPTY && !disk->is_cdrom)
        return xl_device_refuse(d, spec,
                                "format=" FORMATS ": only a CD drive is empty");
    if (libxl_defbool_is_default(disk->colo_enable) == false &&
        libxl_defbool_val(disk->colo_enable))
        return xl_device_refuse(d, spec,
                                "no colo: this version replicates no disk");
    return 0;
}

/* libxlutil leaves the beginning of such a target as it is. */
static int
xl_device_check_target(struct xl_device *d, const char *spec,
                       const libxl_device_disk *disk)
{
    if (disk->pdev_path == NULL || !disk_source_is_remote(disk->pdev_path) ||
        (disk->script != NULL && *disk->script != '\0'))
        return 0;
    return xl_device_refuse(d, spec, DISK_SOURCE_ALLOWED);
}

static void
xl_device_put_text(struct xl_device *d, const char *key, const char *value)
{
    if (value != NULL && *value != '\0')
        xl_device_put(d, key, value);
}

/* "phy:vg/web1" is /dev/vg/web1, as for the block script. libxlutil takes the
 * prefix off: it is put back, for the table of settings to see. */
static void
xl_device_put_target(struct xl_device *d, const char *spec, const char *path)
{
    const char *at = strstr(spec, "phy:");
    bool phy = at != NULL && strncmp(at + 4, path, strlen(path)) == 0;
    char *text = xasprintf("%s%s", phy ? "phy:" : "", path);

    if (*path != '\0')
        xl_device_put_text(d, "path", text);
    free(text);
}

static void
put_disk(struct xl_device *d, const char *spec, const libxl_device_disk *disk)
{
    bool script = disk->script != NULL && *disk->script != '\0',
         empty = disk->format == LIBXL_DISK_FORMAT_EMPTY; /* no target counts */

    if (disk->backend == LIBXL_DISK_BACKEND_QDISK &&
        disk->format == LIBXL_DISK_FORMAT_RAW)
        xl_device_warn(
            d, "backendtype: not honoured: a raw disk needs no device model");
    if (script && !empty)
        xl_device_put_text(d, "params", disk->pdev_path);
    else if (disk->pdev_path != NULL && !empty)
        xl_device_put_target(d, spec, disk->pdev_path);
    xl_device_put_text(d, "script", disk->script);
    xl_device_put_text(d, "vdev", disk->vdev);
    if (disk->is_cdrom)
        xl_device_put(d, "cdrom", "true");
    else
        xl_device_put(d, "mode", disk->readwrite ? "w" : "r");
    if (!empty && disk->format != LIBXL_DISK_FORMAT_RAW)
        xl_device_put_text(d, "format", xl_device_format(disk));
    xl_device_put_text(d, "backend", disk->backend_domname);
    if (!libxl_defbool_is_default(disk->discard_enable))
        xl_device_put(d, "discard",
                      libxl_defbool_val(disk->discard_enable) ? "true"
                                                              : "false");
    if (disk->direct_io_safe)
        xl_device_put(d, "direct_io_safe", "true");
}

/* True if the specification has this word by itself, before its target, which
 * takes the rest of the text. */
static bool
disk_has_word(const char *spec, const char *word)
{
    const char *p = spec;
    size_t len;

    for (;;) {
        p += strspn(p, " ");
        len = strcspn(p, ",");
        if (len == strlen(word) && strncmp(p, word, len) == 0)
            return true;
        if (strncmp(p, "target=", 7) == 0 || p[len] == '\0')
            return false;
        p += len + 1;
    }
}

int
xl_disk(struct xl_device *d, const char *spec)
{
    libxl_device_disk disk;
    int rc = -1;

    if (xl_device_check_text(d, spec) < 0)
        return -1;
    if (disk_has_word(spec, "untrusted")) /* to Xen 4.17 it is a path */
        return xl_device_refuse(
            d, spec, "no untrusted: this version cannot tell the domain so");
    libxl_device_disk_init(&disk);
    if (xlu_disk_parse(d->lib->cfg, 1, &spec, &disk) != 0) {
        refuse_said(d, spec, "a disk of xl-disk-configuration(5)");
    } else if (check_disk(d, spec, &disk) == 0 &&
               xl_device_check_target(d, spec, &disk) == 0) {
        put_disk(d, spec, &disk);
        rc = 0;
    }
    libxl_device_disk_dispose(&disk);
    return rc;
}

/* --- pci */

/* libxlutil reads past the text if a ":" is not followed by a "." in its
 * place; "@" and options may follow. */
static bool
xl_device_bdf_ok(const char *p)
{
    size_t n, parts;

    for (parts = 0; parts < 3; parts++) {
        n = strspn(p, "0123456789abcdefABCDEF");
        if (n == 0 || n > 4)
            return false;
        p += n;
        if (*p != ':')
            break;
        p++;
    }
    return parts > 0 && parts < 3 && *p == '.' &&
           (p[1] == '*' || isxdigit((unsigned char)p[1]));
}

static bool
pci_spec_ok(const char *spec)
{
    size_t first = strcspn(spec, ",="), n, names = 0;
    const char *p;

    if (spec[first] != '=' && !xl_device_bdf_ok(spec))
        return false;
    for (p = spec; p != NULL; p = strchr(p, ',')) {
        p += *p == ',';
        if (strncmp(p, "bdf=", 4) == 0 && !xl_device_bdf_ok(p + 4))
            return false;
        names += strncmp(p, "name=", 5) == 0;
        n = strcspn(p, ",");
        if (p > spec && n > 0 && memchr(p, '=', n) == NULL)
            return false;
    }
    return names < 2; /* it would lose the memory of the first */
}

/* A flag that is off is kept where it was written. */
static void
put_flag(struct xl_device *d, const char *spec, const char *key, bool on)
{
    if (on || strstr(spec, key) != NULL)
        xl_device_put(d, key, on ? "true" : "false");
}

static int
put_pci(struct xl_device *d, const char *spec, const libxl_device_pci *pci)
{
    char text[32];

    if (pci->name != NULL)
        return xl_device_refuse(
            d, spec,
            "BB:DD.F or DDDD:BB:DD.F: this version keeps no names of "
            "PCI devices");
    if (pci->vfunc_mask == LIBXL_PCI_FUNC_ALL)
        return xl_device_refuse(
            d, spec, "one function, BB:DD.F: * would be all of them");
    text_fmt(text, sizeof text, "%04x:%02x:%02x.%x", pci->domain, pci->bus,
             pci->dev, pci->func);
    xl_device_put(d, "bdf", text);
    put_flag(d, spec, "permissive", pci->permissive);
    put_flag(d, spec, "msitranslate", pci->msitranslate);
    put_flag(d, spec, "power_mgmt", pci->power_mgmt);
    put_flag(d, spec, "seize", pci->seize);
    if (pci->vdevfn != 0) {
        text_fmt(text, sizeof text, "%u", pci->vdevfn >> 3);
        xl_device_put(d, "vslot", text);
    }
    if (pci->rdm_policy == LIBXL_RDM_RESERVE_POLICY_STRICT ||
        pci->rdm_policy == LIBXL_RDM_RESERVE_POLICY_RELAXED)
        xl_device_put(d, "rdm_policy",
                      libxl_rdm_reserve_policy_to_string(pci->rdm_policy));
    return 0;
}

int
xl_pci(struct xl_device *d, const char *spec)
{
    static const char allowed[] = "a device of xl-pci-configuration(5), such "
                                  "as \"01:00.0,permissive=1\"";
    libxl_device_pci pci;
    int rc;

    if (xl_device_check_text(d, spec) < 0)
        return -1;
    if (!pci_spec_ok(spec))
        return xl_device_refuse(d, spec, allowed);
    libxl_device_pci_init(&pci);
    pci.permissive = d->permissive;
    pci.msitranslate = d->msitranslate;
    pci.seize = d->seize;
    pci.power_mgmt = d->power_mgmt;
    if (xlu_pci_parse_spec_string(d->lib->cfg, &pci, spec) != 0)
        rc = xl_device_refuse(d, spec, allowed);
    else
        rc = put_pci(d, spec, &pci);
    libxl_device_pci_dispose(&pci);
    return rc;
}

/* --- vif */

/* As xl: six hexadecimal numbers of one or two digits, whatever is between. */
static int
put_mac(struct xl_device *d, const char *spec, const char *text)
{
    unsigned long v[6];
    char mac[18], *end;
    const char *p = text;
    size_t i;

    for (i = 0; i < 6; i++) {
        v[i] = strtoul(p, &end, 16);
        if (end == p || v[i] > 255 || (i < 5 && *end == '\0'))
            return xl_device_refuse(d, spec, "mac=XX:XX:XX:XX:XX:XX");
        p = end + 1;
    }
    text_fmt(mac, sizeof mac, "%02lx:%02lx:%02lx:%02lx:%02lx:%02lx", v[0], v[1],
             v[2], v[3], v[4], v[5]);
    xl_device_put(d, "mac", mac);
    return 0;
}

/* Digits of a decimal number, a unit, an interval with its unit: kept as it
 * is. What else xl takes (an interval of bare digits: seconds) is written as
 * what it means. */
static int
put_rate(struct xl_device *d, const char *spec, const char *text)
{
    const char *at = strchr(text, '@');
    libxl_device_nic nic;
    char rate[64];
    int r;

    libxl_device_nic_init(&nic);
    errno = 0; /* libxlutil looks at a stale one */
    r = xlu_vif_parse_rate(d->lib->cfg, text, &nic);
    if (r == 0 && (text[0] == '0' || (at != NULL && strchr(at, 's') == NULL))) {
        text_fmt(rate, sizeof rate, "%lluB/s@%uus",
                 (unsigned long long)((nic.rate_bytes_per_interval * 1000000 +
                                       nic.rate_interval_usecs - 1) /
                                      nic.rate_interval_usecs),
                 nic.rate_interval_usecs);
        text = rate;
    }
    if (r == 0)
        xl_device_put(d, "rate", text);
    libxl_device_nic_dispose(&nic);
    return r == 0 ? 0 : refuse_said(d, spec, "rate=10Mb/s@20ms or the like");
}

static const struct {
    const char *xl, *native;
} vif_keys[] = {
    { "bridge", "bridge" },
    { "ip", "ip" },
    { "script", "script" },
    { "backend", "backend" },
    { "vifname", "vifname" },
    { "model", "model" },
    { "gatewaydev", "gatewaydev" },
    { "netdev", "gatewaydev" },
    { "mtu", "mtu" },
    { "type", "nictype" },
};

/* One word of a vif, KEY=VALUE. */
static int
vif_word(struct xl_device *d, const char *spec, const char *word)
{
    const char *eq = strchr(word, '=');
    size_t i, len = eq != NULL ? (size_t)(eq - word) : strlen(word);
    char why[128], key[32];

    text_fmt(key, sizeof key, "%.*s", (int)(len < 31 ? len : 31), word);
    if (eq == NULL && strcmp(key, "trusted") == 0)
        return 0;
    if (eq == NULL && strcmp(key, "untrusted") == 0)
        return xl_device_refuse(
            d, spec, "no untrusted: this version cannot tell the domain so");
    if (eq != NULL && strcmp(key, "mac") == 0)
        return put_mac(d, spec, eq + 1);
    if (eq != NULL && strcmp(key, "rate") == 0)
        return put_rate(d, spec, eq + 1);
    for (i = 0; eq != NULL && i < COUNT(vif_keys); i++)
        if (strcmp(vif_keys[i].xl, key) == 0) {
            xl_device_put_text(d, vif_keys[i].native, eq + 1);
            return 0;
        }
    text_fmt(why, sizeof why, "%s: not honoured%s", key,
             eq == NULL ? ": no SETTING=VALUE, such as bridge=br0"
             : strcmp(key, "devid") == 0
                 ? ": interfaces are numbered in their order"
                 : "");
    xl_device_warn(d, why);
    return 0;
}

/* Calls fn for each word between commas, without the blanks before it. */
static int
each_word(struct xl_device *d, const char *spec,
          int (*fn)(struct xl_device *, const char *, const char *))
{
    const char *p = spec;
    size_t n;
    int rc = 0;

    if (xl_device_check_text(d, spec) < 0)
        return -1;
    while (rc == 0 && *p != '\0') {
        char *word;

        p += strspn(p, " ,");
        n = strcspn(p, ",");
        word = xstrndup(p, n);
        if (n > 0)
            rc = fn(d, spec, word);
        free(word);
        p += n;
    }
    return rc;
}

int
xl_vif(struct xl_device *d, const char *spec)
{
    return each_word(d, spec, vif_word);
}

/* --- vfb */

static int
vfb_word(struct xl_device *d, const char *spec, const char *word)
{
    static const char *const keys[] = { "vnc",       "vnclisten", "vncdisplay",
                                        "vncpasswd", "vncunused", "keymap" };
    const char *eq = strchr(word, '=');
    char why[96];
    size_t i, len;

    (void)spec;
    if (eq == NULL) {
        text_fmt(why, sizeof why, "%.31s: not honoured, nor by xl", word);
        xl_device_warn(d, why);
        return 0;
    }
    len = (size_t)(eq - word);
    for (i = 0; i < COUNT(keys); i++) {
        if (strlen(keys[i]) != len || strncmp(keys[i], word, len) != 0)
            continue;
        if (strcmp(keys[i], "vnc") == 0 || strcmp(keys[i], "vncunused") == 0)
            xl_device_put(d, keys[i], atoi(eq + 1) != 0 ? "true" : "false");
        else
            xl_device_put_text(d, keys[i], eq + 1);
        return 0;
    }
    if (strcmp(eq, "=0") == 0 || strcmp(word, "type=vnc") == 0)
        return 0; /* the second one is xm's word for what holds anyway */
    text_fmt(why, sizeof why, "%.*s: not honoured: xendeck serves VNC alone",
             (int)(len < 31 ? len : 31), word);
    xl_device_warn(d, why);
    return 0;
}

int
xl_vfb(struct xl_device *d, const char *spec)
{
    return each_word(d, spec, vfb_word);
}

/* --- one device by itself */

static const struct {
    const char *kind;
    int (*parse)(struct xl_device *d, const char *spec);
} specs[] = {
    { "vbd", xl_disk },
    { "vif", xl_vif },
    { "pci", xl_pci },
    { "vfb", xl_vfb },
};

static int
parse_spec(struct xl_device *d, const char *kind, const char *spec)
{
    size_t i;

    for (i = 0; i < sizeof specs / sizeof specs[0]; i++)
        if (strcmp(specs[i].kind, kind) == 0)
            return specs[i].parse(d, spec);
    return xl_device_refuse(d, spec,
                            "SETTING=VALUE: xl has no specification of these");
}

static int
parse_pairs(struct xl_device *d, const char *kind, struct config_device *out)
{
    char *words[XL_PAIRS_MAX];
    size_t i;
    int rc;

    for (i = 0; i < d->n; i++)
        words[i] = xasprintf("%s=%s", d->pairs[i].key, d->pairs[i].value);
    rc = config_device_pairs(kind, (const char *const *)words, d->n, out,
                             d->src->e);
    for (i = 0; i < d->n; i++)
        free(words[i]);
    return rc;
}

int
config_xl_device(const char *kind, const char *spec, struct config_device *out,
                 struct err *e)
{
    struct buf warn = { 0 };
    const struct config_src src = { .file = "device", .e = e, .warn = &warn };
    struct xl_lib lib = { 0 };
    struct xl_device d = { .src = &src, .lib = &lib, .shown = kind };
    int rc;

    if (xl_lib_init(&lib, e) < 0)
        return -1;
    rc = parse_spec(&d, kind, spec);
    /* nobody would read a warning about one device */
    if (rc == 0 && warn.len > 0)
        rc = err_set(e, ERR_INVALID, "%.*s",
                     (int)strcspn(buf_text(&warn), "\n"), buf_text(&warn));
    if (rc == 0)
        rc = parse_pairs(&d, kind, out);
    buf_free(&warn);
    xl_device_fini(&d);
    xl_lib_fini(&lib);
    return rc;
}
