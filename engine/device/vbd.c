/*
 * vbd.c - disks of PV guests: raw ones served by the kernel's blkback, images
 * in other formats by a device model (backend kind qdisk); and so the CD drives
 * of an HVM domain, whose medium changes with that of the emulated drive: xl
 * refuses any other.
 * Facts of Xen: the backend opens the device that its node physical-device
 * names, and only the block script writes that, also for a block device; for
 * a file it makes a loop device. A device model opens the image by itself, and
 * needs neither.
 */
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "engine/config/core/vdev.h"
#include "engine/device/device.h"
#include "engine/device/device_backend.h"
#include "engine/device/device_handler.h"
#include "engine/device/device_json.h"
#include "engine/device/device_read.h"
#include "engine/device/device_take.h"
#include "engine/device/disk.h"
#include "engine/device/model_server.h"
#include "engine/dom0/dom0.h"

#define SCRIPT "block"

/* --- what a configuration names --- */

/* xend's and xl's prefixes of params; another one names a script. */
static const char *const plain[] = { "phy:",  "file:", "raw:", "aio:",
                                     "tap2:", "tap:",  "vbd:" };

/* Formats of images, which a device model reads. */
static const char *const images[] = { "qcow2", "vhd", "qed" };

static const char *
skip_prefixes(const char *s, const char **format)
{
    size_t i;

    for (i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
        if (strncmp(s, plain[i], strlen(plain[i])) == 0) {
            s += strlen(plain[i]);
            i = (size_t)-1; /* tap:aio:... */
        }
    for (i = 0; i < sizeof(images) / sizeof(images[0]); i++) {
        size_t n = strlen(images[i]);

        if (strncmp(s, images[i], n) != 0 || s[n] != ':')
            continue;
        *format = images[i];
        return s + n + 1;
    }
    return s;
}

/* "drbd:res" is for block-drbd; "" if there is no such prefix. */
static void
prefix_script(const char *s, char *dst, size_t n)
{
    size_t len = strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789-");

    dst[0] = '\0';
    if (len > 0 && len < 32 && s[len] == ':')
        text_fmt(dst, n, "block-%.*s", (int)len, s);
}

void
disk_spec(const struct config_device *c, struct disk_spec *out)
{
    const char *path = config_device_value(c, "path");
    const char *params = config_device_value(c, "params");
    const char *mode = config_device_value(c, "mode");
    const char *format = config_device_value(c, "format");

    *out = (struct disk_spec){ .format = format != NULL ? format : "raw",
                               .mode = mode,
                               .cdrom = config_device_true(c, "cdrom") };
    if (out->mode == NULL)
        out->mode = out->cdrom ? "r" : "w";
    if (path == NULL && params != NULL) {
        path = skip_prefixes(params, &out->format);
        if (config_device_value(c, "script") == NULL)
            prefix_script(path, out->script, sizeof(out->script));
        if (out->script[0] != '\0')
            path = strchr(path, ':') + 1;
    }
    if (path == NULL)
        path = "";
    out->custom =
        out->script[0] != '\0' || config_device_value(c, "script") != NULL;
    /* xend took "phy:vg/web1" as a name below /dev. */
    text_fmt(out->params, sizeof(out->params), "%s%s",
             path[0] != '\0' && path[0] != '/' && !out->custom ? "/dev/" : "",
             path);
}

bool
disk_is_far(const struct config_device *c)
{
    const char *backend = config_device_value(c, "backend");

    return backend != NULL && strcmp(backend, "0") != 0 &&
           strcmp(backend, "Domain-0") != 0;
}

/* --- what the host has --- */

/* A CD drive has no mode but "r". */
static const char *
way_out(const struct disk_spec *s)
{
    return s->cdrom ? "" : "; mode \"w!\" does not mind";
}

static int
check_path(struct device *d, const struct disk_spec *s, struct err *e)
{
    struct engine *en = d->owner->task->en;
    struct dom0_disk disk;
    struct disk_user user;
    int used;

    if (dom0_disk(engine_dom0(en), s->params, &disk, e) < 0)
        return err_wrap(e, "vbd %s", d->name);
    if (disk.kind != DOM0_DISK_FILE && disk.kind != DOM0_DISK_BLOCK)
        return device_refuse(
            d, e, ERR_NOENT, "path",
            "found \"%s\"%s, allowed a block device or a file", s->params,
            disk.kind == DOM0_DISK_NONE ? ", which does not exist" : "");
    if (strcmp(s->mode, "w!") == 0)
        return 0;
    if (disk.user[0] != '\0' && (s->mode[0] == 'w' || disk.used_rw))
        return device_refuse(d, e, ERR_BUSY, "path",
                             "\"%s\" is in use by dom0: %s%s", s->params,
                             disk.user, way_out(s));
    used = disk_used_by_guest(en, s, &disk, &user, e);
    if (used < 0)
        return err_wrap(e, "vbd %s", d->name);
    if (used > 0)
        return device_refuse(d, e, ERR_BUSY, "path", "\"%s\" is in use by %s%s",
                             s->params, user.who, way_out(s));
    return 0;
}

static int
prepare_script(struct device *d, const struct disk_spec *s, struct err *e)
{
    return device_script(d, s->script[0] != '\0' ? s->script : SCRIPT, e);
}

static bool
is_image(const struct disk_spec *s)
{
    return strcmp(s->format, "raw") != 0;
}

static bool
vbd_by_model(const struct config_device *c)
{
    struct disk_spec s;

    disk_spec(c, &s);
    return is_image(&s) || (s.cdrom && !s.custom && !disk_is_far(c));
}

static bool
is_by_model(const struct device *d, const struct disk_spec *s)
{
    return is_image(s) ||
           (s->cdrom && d->owner->by_model && !s->custom && d->back_domid == 0);
}

/* A confined model has only the emulated disk: for a CD drive that is the one
 * that guests use. PV drivers would unplug another one, and find none in its
 * place. */
static int
prepare_confined(struct device *d, const struct disk_spec *s, struct err *e)
{
    d->skip = true;
    if (d->owner->keeps_emulated && !s->cdrom)
        return check_path(d, s, e);
    if (!d->owner->making || !s->cdrom ||
        !device_models(d->owner->task->en)->emulates(d->name))
        return device_refuse(d, e, ERR_UNSUPPORTED, NULL,
                             "the device model would serve it, and is "
                             "restricted: it has CD drives that are made with "
                             "the domain (hda to hdd), and other images than "
                             "raw ones if xen_platform_pci is false");
    device_warn(d, "the device model is restricted: PV drivers do not have "
                   "this drive, which is emulated alone");
    return check_path(d, s, e);
}

/* The model of a driver domain is that one's to start. */
static int
prepare_image(struct device *d, const struct disk_spec *s, struct err *e)
{
    if (d->back_domid != 0)
        return device_refuse(d, e, ERR_UNSUPPORTED, "backend",
                             "found domain %u, allowed none with format = "
                             "\"%s\": its device model runs in dom0",
                             d->back_domid, s->format);
    if (d->owner->confined)
        return prepare_confined(d, s, e);
    text_fmt(d->back_kind, sizeof(d->back_kind), "%s", d->type->model_kind);
    return device_models(d->owner->task->en)->check(d, e) < 0
               ? -1
               : check_path(d, s, e);
}

static int
vbd_prepare(struct device *d, struct err *e)
{
    const char *vdev = device_setting(d, "vdev");
    struct disk_spec s;

    if (vdev == NULL || !vdev_parse(vdev, &d->devid))
        return device_refuse(d, e, ERR_INVALID, "vdev",
                             "found \"%s\", allowed " VDEV_ALLOWED,
                             vdev != NULL ? vdev : "");
    text_fmt(d->name, sizeof(d->name), "%s", vdev);
    disk_spec(d->cfg, &s);
    /* blkback has no empty drives: it comes with its medium. */
    d->skip = s.params[0] == '\0';
    if (device_backend(d, e) < 0)
        return -1;
    if (!d->skip && is_by_model(d, &s))
        return prepare_image(d, &s, e);
    if (d->back_domid != 0 && d->owner->by_model && !d->skip)
        device_warn(d,
                    "domain %u serves it: it is there for PV drivers alone, "
                    "and the firmware cannot boot from it",
                    d->back_domid);
    if (d->skip || d->back_domid != 0)
        return d->skip ? 0 : prepare_script(d, &s, e);
    if (!s.custom && check_path(d, &s, e) < 0)
        return -1;
    return prepare_script(d, &s, e);
}

static void
vbd_nodes(struct device *d)
{
    const char *discard = device_setting(d, "discard");
    struct disk_spec s;

    disk_spec(d->cfg, &s);
    if (is_by_model(d, &s)) {
        device_put(d, DEVICE_BACK, "params", "%s:%s",
                   is_image(&s) ? s.format : "aio", s.params);
    } else {
        device_put(d, DEVICE_BACK, "params", "%s", s.params);
        device_put(d, DEVICE_BACK, "script", "%s", d->script);
    }
    device_put(d, DEVICE_BACK, "removable", "%d", s.cdrom);
    device_put(d, DEVICE_BACK, "bootable", "1");
    device_put(d, DEVICE_BACK, "dev", "%s", d->name);
    device_put(d, DEVICE_BACK, "type", "%s",
               is_by_model(d, &s) ? "qdisk" : "phy");
    device_put(d, DEVICE_BACK, "mode", "%s", s.mode);
    device_put(d, DEVICE_BACK, "device-type", "%s", s.cdrom ? "cdrom" : "disk");
    device_put(d, DEVICE_BACK, "discard-enable", "%d",
               discard != NULL ? config_device_true(d->cfg, "discard")
                               : s.mode[0] == 'w');
    if (config_device_true(d->cfg, "direct_io_safe"))
        device_put(d, DEVICE_BACK, "direct-io-safe", "1");
    device_put(d, DEVICE_BACK, "specification", "xen");
    device_put(d, DEVICE_FRONT, "virtual-device", "%u", d->devid);
    device_put(d, DEVICE_FRONT, "device-type", "%s",
               s.cdrom ? "cdrom" : "disk");
    device_put(d, DEVICE_FRONT, "trusted", "1");
    device_put(d, DEVICE_FRONT, "protocol", "x86_64-abi");
}

/* --- for the front end and for xl --- */

static void
read_copy(struct engine *en, const char *copy, const char *name, char *dst,
          size_t n)
{
    char path[160];

    store_path(path, sizeof(path), "%s/%s", copy, name);
    if (store_read_text(engine_store(en), 0, path, dst, n, NULL) < 0)
        dst[0] = '\0';
}

static size_t
vbd_rows(const struct device_stands *s, const struct dom_device *row,
         struct dom_device *out, size_t max)
{
    char params[150], mode[8], type[16];

    if (max == 0)
        return 1;
    *out = *row;
    read_copy(s->en, s->copy, "dev", out->name, sizeof(out->name));
    read_copy(s->en, s->copy, "params", params, sizeof(params));
    read_copy(s->en, s->copy, "mode", mode, sizeof(mode));
    read_copy(s->en, s->copy, "device-type", type, sizeof(type));
    out->cdrom = strcmp(type, "cdrom") == 0;
    text_fmt(out->detail, sizeof(out->detail), "%s %s%s", params, mode,
             out->cdrom ? " cdrom" : "");
    return 1;
}

static bool
vbd_take(struct engine *en, const char *copy, struct config_device *out,
         bool *blind)
{
    char type[16], script[256];
    const char *path;

    device_take_setting(en, copy, "dev", out, "vdev", blind);
    device_take_setting(en, copy, "params", out, "path", blind);
    device_take_setting(en, copy, "mode", out, "mode", blind);
    device_take_node(en, copy, "device-type", type, sizeof(type), blind);
    if (strcmp(type, "cdrom") == 0)
        device_set_value(out, "cdrom", "true");
    device_take_node(en, copy, "script", script, sizeof(script), blind);
    path = config_device_value(out, "path");
    return path != NULL && path[0] == '/' &&
           strcmp(script, HOTPLUG_DIR SCRIPT) == 0;
}

/* xl changes the medium of a CD drive where it stands; what it puts in goes
 * through a device model. */
static bool
vbd_follow(struct engine *en, uint32_t domid, struct config_device *c,
           struct buf *what, bool *blind)
{
    const char *vdev = config_device_value(c, "vdev"), *now, *format;
    char path[96], text[512];
    struct err e = { 0 };
    struct disk_spec s;
    uint32_t devid;

    disk_spec(c, &s);
    if (!s.cdrom || s.custom || vdev == NULL || !vdev_parse(vdev, &devid))
        return false;
    store_path(path, sizeof(path), "/libxl/%u/device/vbd/%u/params", domid,
               devid);
    if (store_read_text(engine_store(en), 0, path, text, sizeof(text), &e) <
        0) {
        *blind = e.code != ERR_NOENT;
        return false;
    }
    now = skip_prefixes(text, &format);
    if (strcmp(now, s.params) == 0 || (now[0] != '\0' && now[0] != '/'))
        return false;
    device_set_value(c, "params", NULL);
    device_set_value(c, "path", now[0] != '\0' ? now : NULL);
    buf_fmt(what, "its medium was %s%s", now[0] != '\0' ? "changed to " : "",
            now[0] != '\0' ? now : "taken out");
    return true;
}

static void
vbd_files(const struct device *d, struct file_look *r)
{
    struct disk_spec s;

    disk_spec(d->cfg, &s);
    file_look_add(r, d->owner->task->en, s.params);
}

static bool
vbd_medium(const struct config_device *c, struct device_medium *out)
{
    const char *vdev = config_device_value(c, "vdev");
    struct disk_spec s;

    disk_spec(c, &s);
    if (s.params[0] == '\0')
        return false;
    *out = (struct device_medium){ .alone = strcmp(s.mode, "w") == 0,
                                   .writes = s.mode[0] == 'w',
                                   .drive = s.cdrom };
    text_fmt(out->name, sizeof(out->name), "%s", vdev != NULL ? vdev : "");
    text_fmt(out->path, sizeof(out->path), "%s", s.params);
    if (disk_is_far(c))
        out->far = "another domain serves it";
    else if (s.custom)
        out->far = "a script of its own finds it";
    return true;
}

static void
vbd_set_medium(struct config_device *c, const char *path)
{
    struct disk_spec s;

    disk_spec(c, &s);
    if (is_image(&s) && config_device_value(c, "format") == NULL)
        device_set_value(c, "format", s.format);
    device_set_value(c, "params", NULL);
    device_set_value(c, "path", path);
}

static void
vbd_json(const struct config_device *c, unsigned devid, bool has_machine,
         struct json_object *o)
{
    const char *script = config_device_value(c, "script");
    const char *vdev = config_device_value(c, "vdev");
    struct disk_spec s;

    (void)devid;
    (void)has_machine;
    disk_spec(c, &s);
    device_json_text(o, "backend_domname", config_device_value(c, "backend"));
    device_json_text(o, "pdev_path", s.params);
    device_json_text(o, "vdev", vdev != NULL ? vdev : "");
    if (is_image(&s) || !s.cdrom || s.params[0] == '\0') /* else libxl sees */
        device_json_text(o, "backend",
                         s.params[0] != '\0' && !is_image(&s) ? "phy"
                                                              : "qdisk");
    device_json_text(o, "format", s.params[0] != '\0' ? s.format : "empty");
    if (s.script[0] != '\0')
        script = s.script;
    device_json_text(o, "script", script);
    json_object_object_add(o, "removable", json_object_new_int(s.cdrom));
    json_object_object_add(o, "readwrite",
                           json_object_new_int(s.mode[0] == 'w'));
    json_object_object_add(o, "is_cdrom", json_object_new_int(s.cdrom));
}

static bool
vbd_is_named(const struct dom_device *row, const char *name)
{
    uint32_t number;

    return vdev_parse(name, &number) && number == row->devid;
}

static bool
vbd_is_config(const struct device *d, const struct config_device *c)
{
    const char *vdev = config_device_value(c, "vdev");
    uint32_t number;

    return vdev != NULL && vdev_parse(vdev, &number) && number == d->devid;
}

static enum device_found
vbd_find(struct engine *en, uint32_t domid, const struct config_device *c)
{
    const char *vdev = config_device_value(c, "vdev");
    char path[96], text[16];
    uint32_t number;

    if (config_device_value(c, "path") == NULL || vdev == NULL ||
        !vdev_parse(vdev, &number))
        return DEVICE_UNKNOWN; /* an empty drive has no nodes */
    store_path(path, sizeof(path), "/libxl/%u/device/vbd/%u", domid, number);
    return device_look(engine_store(en), path, text, sizeof(text));
}

static const struct device_ask vbd_asks[] = {
    { .key = "path", .hint = "such as /dev/vg/data or /srv/disk.img" },
    { .key = "vdev", .hint = "such as xvdb" },
    { .key = "mode", .choices = "w|r|w!" },
    { .key = "format", .choices = "|raw|qcow2" },
    { .key = "cdrom", .choices = "|true" },
    { .key = NULL }
};

const struct device_type device_vbd = {
    .kind = "vbd",
    .class = DOM_DEVICE_DISK,
    .id_key = "vdev",
    .module = "xen-blkback",
    .model_kind = "qdisk",
    .needs_model = true,
    .xl = { .verbs = "block",
            .medium = "cd",
            .joined = true,
            .force_last = "--force" },
    .asks = vbd_asks,
    .is_named = vbd_is_named,
    .is_config = vbd_is_config,
    .find = vbd_find,
    .kernel = true,
    .add_verb = "add",
    .remove_verb = "remove",
    .json_key = "disks",
    .prepare = vbd_prepare,
    .by_model = vbd_by_model,
    .files = vbd_files,
    .nodes = vbd_nodes,
    .medium = vbd_medium,
    .set_medium = vbd_set_medium,
    .rows = vbd_rows,
    .take = vbd_take,
    .follow = vbd_follow,
    .json = vbd_json,
};
