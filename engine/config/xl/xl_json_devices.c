/*
 * xl_json_devices.c - the devices in libxl's JSON, as the specifications of an
 * xl.cfg.
 */
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "engine/config/xl/xl_json_int.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* A word of a device's specification; commas would begin another. */
static int
xl_json_devices_put(struct buf *spec, const char *key, const char *value,
                    struct err *e)
{
    if (value == NULL)
        return 0;
    if (strchr(value, ',') != NULL)
        return err_set(e, ERR_INVALID, "%s: found a comma in %s", key, value);
    buf_fmt(spec, "%s%s=%s", spec->len > 0 ? "," : "", key, value);
    return 0;
}

static void
xl_json_devices_put_word(struct buf *spec, const char *word)
{
    buf_fmt(spec, "%s%s", spec->len > 0 ? "," : "", word);
}

static void
xl_json_devices_put_flag(struct buf *spec, const char *key, int on)
{
    if (on >= 0)
        buf_fmt(spec, "%s%s=%d", spec->len > 0 ? "," : "", key, on);
}

/* What libxl calls a member, and xl.cfg a word. */
struct devices_word {
    const char *json, *xl;
};

static int
xl_json_devices_put_texts(struct buf *spec, json_object *d,
                          const struct devices_word *words, size_t n,
                          struct err *e)
{
    size_t i;

    for (i = 0; i < n; i++)
        if (xl_json_devices_put(spec, words[i].xl,
                                xl_json_text(d, words[i].json), e) < 0)
            return -1;
    return 0;
}

static void
xl_json_devices_put_flags(struct buf *spec, json_object *d,
                          const struct devices_word *words, size_t n)
{
    size_t i;

    for (i = 0; i < n; i++)
        xl_json_devices_put_flag(spec, words[i].xl,
                                 xl_json_tri(d, words[i].json));
}

/* --- one of each kind --- */

/* The target is last: it may be anything to the end. */
static int
xl_json_devices_disk(json_object *d, struct buf *spec, struct err *e)
{
    static const struct devices_word texts[] = {
        { "vdev", "vdev" },
        { "script", "script" },
        { "backend_domname", "backend" },
    };
    const char *format = xl_json_text(d, "format");
    const char *target = xl_json_text(d, "pdev_path");
    int discard = xl_json_tri(d, "discard_enable");

    if (format != NULL && strcmp(format, "empty") == 0)
        format = NULL;
    if (xl_json_devices_put_texts(spec, d, texts, COUNT(texts), e) < 0 ||
        xl_json_devices_put(spec, "format", format, e) < 0 ||
        xl_json_devices_put(spec, "access",
                            xl_json_tri(d, "readwrite") == 1 ? "rw" : "ro",
                            e) < 0)
        return -1;
    if (xl_json_tri(d, "is_cdrom") == 1)
        xl_json_devices_put_word(spec, "devtype=cdrom");
    if (discard >= 0)
        xl_json_devices_put_word(spec, discard ? "discard" : "no-discard");
    if (xl_json_tri(d, "direct_io_safe") == 1)
        xl_json_devices_put_word(spec, "direct-io-safe");
    if (target != NULL)
        buf_fmt(spec, ",target=%s", target);
    return 0;
}

/* So many bytes in so many microseconds. */
static void
xl_json_devices_put_rate(json_object *d, struct buf *spec)
{
    json_object *bytes =
        xl_json_member(d, "rate_bytes_per_interval", json_type_int);
    json_object *us = xl_json_member(d, "rate_interval_usecs", json_type_int);
    int64_t n = bytes != NULL ? json_object_get_int64(bytes) : 0;
    int64_t t = us != NULL ? json_object_get_int64(us) : 0;

    if (n > 0 && n < INT64_MAX / 1000000 && t > 0 && t <= UINT32_MAX)
        buf_fmt(spec, "%srate=%lldB/s@%lldus", spec->len > 0 ? "," : "",
                (long long)(n * 1000000 / t), (long long)t);
}

/* 1500 is what libxl writes for none. */
static void
xl_json_devices_put_mtu(json_object *d, struct buf *spec)
{
    json_object *mtu = xl_json_member(d, "mtu", json_type_int);
    int64_t n = mtu != NULL ? json_object_get_int64(mtu) : 0;

    if (n > 0 && n <= UINT16_MAX && n != 1500)
        buf_fmt(spec, "%smtu=%u", spec->len > 0 ? "," : "", (unsigned)n);
}

static int
xl_json_devices_vif(json_object *d, struct buf *spec, struct err *e)
{
    static const struct devices_word texts[] = {
        { "mac", "mac" },        { "bridge", "bridge" },
        { "ip", "ip" },          { "script", "script" },
        { "ifname", "vifname" }, { "backend_domname", "backend" },
        { "model", "model" },    { "gatewaydev", "gatewaydev" },
    };
    const char *type = xl_json_text(d, "nictype");

    if (xl_json_devices_put_texts(spec, d, texts, COUNT(texts), e) < 0)
        return -1;
    if (type != NULL && strcmp(type, "vif_ioemu") == 0)
        xl_json_devices_put_word(spec, "type=ioemu");
    else if (type != NULL && strcmp(type, "vif") == 0)
        xl_json_devices_put_word(spec, "type=vif");
    xl_json_devices_put_mtu(d, spec);
    xl_json_devices_put_rate(d, spec);
    return 0;
}

static int
xl_json_devices_vfb(json_object *d, struct buf *spec, struct err *e)
{
    static const struct devices_word texts[] = { { "listen", "vnclisten" },
                                                 { "passwd", "vncpasswd" } };
    static const struct devices_word flags[] = {
        { "enable", "vnc" }, { "findunused", "vncunused" }
    };
    static const struct devices_word sdl_flags[] = { { "enable", "sdl" },
                                                     { "opengl", "opengl" } };
    static const struct devices_word sdl_texts[] = {
        { "display", "display" }, { "xauthority", "xauthority" }
    };
    json_object *vnc = xl_json_member(d, "vnc", json_type_object);
    json_object *sdl = xl_json_member(d, "sdl", json_type_object);
    json_object *display = xl_json_member(vnc, "display", json_type_int);

    xl_json_devices_put_flags(spec, vnc, flags, COUNT(flags));
    xl_json_devices_put_flags(spec, sdl, sdl_flags, COUNT(sdl_flags));
    if (display != NULL)
        buf_fmt(spec, "%svncdisplay=%d", spec->len > 0 ? "," : "",
                json_object_get_int(display));
    if (xl_json_devices_put_texts(spec, vnc, texts, COUNT(texts), e) < 0 ||
        xl_json_devices_put_texts(spec, sdl, sdl_texts, COUNT(sdl_texts), e) <
            0)
        return -1;
    return xl_json_devices_put(spec, "keymap", xl_json_text(d, "keymap"), e);
}

static unsigned
xl_json_devices_number(json_object *d, const char *key)
{
    json_object *v = xl_json_member(d, key, json_type_int);

    return v != NULL ? (unsigned)json_object_get_int(v) : 0;
}

static int
xl_json_devices_pci(json_object *d, struct buf *spec, struct err *e)
{
    static const struct devices_word flags[] = {
        { "permissive", "permissive" },
        { "msitranslate", "msitranslate" },
        { "power_mgmt", "power_mgmt" },
        { "seize", "seize" },
    };

    (void)e;
    buf_fmt(spec, "%04x:%02x:%02x.%x",
            xl_json_devices_number(d, "domain") & 0xffff,
            xl_json_devices_number(d, "bus") & 0xff,
            xl_json_devices_number(d, "dev") & 0x1f,
            xl_json_devices_number(d, "func") & 7);
    xl_json_devices_put_flags(spec, d, flags, COUNT(flags));
    return 0;
}

/* --- all of them --- */

static const struct {
    const char *array, *list;
    int (*one)(json_object *d, struct buf *spec, struct err *e);
} device_lists[] = {
    { "disks", "disk", xl_json_devices_disk },
    { "nics", "vif", xl_json_devices_vif },
    { "pcidevs", "pci", xl_json_devices_pci },
    { "vfbs", "vfb", xl_json_devices_vfb },
};

/* Arrays of what an xl.cfg has a list of, too: the reader of that names it as
 * not honoured. */
static const struct devices_word unmet[] = {
    { "p9s", "p9" },           { "vtpms", "vtpm" },
    { "usbctrls", "usbctrl" }, { "usbdevs", "usbdev" },
    { "channels", "channel" }, { "pvcallsifs", "pvcalls" },
    { "vdispls", "vdispl" },   { "vsnds", "vsnd" },
    { "virtios", "virtio" },   { "dtdevs", "dtdev" },
};

static void
xl_json_devices_name_unmet(struct buf *out, json_object *js)
{
    size_t i;

    for (i = 0; i < COUNT(unmet); i++) {
        json_object *a = xl_json_member(js, unmet[i].json, json_type_array);

        if (a != NULL && json_object_array_length(a) > 0)
            buf_fmt(out, "%s = [ 'of %zu' ]\n", unmet[i].xl,
                    json_object_array_length(a));
    }
}

static int
xl_json_devices_put_list(struct buf *out, json_object *a, size_t which,
                         struct err *e)
{
    const char *list = device_lists[which].list;
    size_t i, n = json_object_array_length(a);
    struct buf spec = { 0 };
    int rc = 0;

    buf_fmt(out, "%s = [\n", list);
    for (i = 0; i < n && rc == 0; i++) {
        buf_clear(&spec);
        rc = device_lists[which].one(json_object_array_get_idx(a, i), &spec, e);
        if (rc < 0)
            break;
        buf_str(out, "  ");
        rc = xl_json_quote(out, list, buf_text(&spec), e);
        buf_str(out, ",\n");
    }
    buf_str(out, "]\n");
    buf_free(&spec);
    return rc;
}

int
xl_json_devices(struct buf *out, json_object *js, struct err *e)
{
    size_t i;

    xl_json_devices_name_unmet(out, js);
    for (i = 0; i < COUNT(device_lists); i++) {
        json_object *a =
            xl_json_member(js, device_lists[i].array, json_type_array);

        if (a != NULL && json_object_array_length(a) > 0 &&
            xl_json_devices_put_list(out, a, i, e) < 0)
            return -1;
    }
    return 0;
}
