/*
 * xl_json.c - see xl_json.h. The JSON comes out of files, and its texts from
 * whoever wrote those: each becomes one quoted value or is refused.
 */
#include "engine/config/xl/xl_json.h"

#include <string.h>

#include <json-c/json.h>

#include "engine/config/core/cpus.h"
#include "engine/config/core/set.h"
#include "engine/config/hardware/viridian.h"
#include "engine/config/xl/xl_json_int.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* An object's member of this type, or NULL. */
json_object *
xl_json_member(json_object *o, const char *key, json_type type)
{
    json_object *v;

    if (o == NULL || !json_object_object_get_ex(o, key, &v) ||
        !json_object_is_type(v, type))
        return NULL;
    return v;
}

/* A text that is not empty, or NULL. */
const char *
xl_json_text(json_object *o, const char *key)
{
    json_object *v = xl_json_member(o, key, json_type_string);

    return v != NULL && json_object_get_string_len(v) > 0
               ? json_object_get_string(v)
               : NULL;
}

int
xl_json_tri(json_object *o, const char *key)
{
    const char *text = xl_json_text(o, key);
    json_object *v;

    if (text != NULL)
        return strcmp(text, "True") == 0    ? 1
               : strcmp(text, "False") == 0 ? 0
                                            : -1;
    if (o == NULL || !json_object_object_get_ex(o, key, &v))
        return -1;
    if (json_object_is_type(v, json_type_int))
        return json_object_get_int64(v) != 0;
    return json_object_is_type(v, json_type_boolean)
               ? json_object_get_boolean(v)
               : -1;
}

/* xl.cfg has two kinds of quotes, and no escapes. */
int
xl_json_quote(struct buf *out, const char *key, const char *value,
              struct err *e)
{
    char quote = strchr(value, '"') == NULL ? '"' : '\'';

    if (strchr(value, quote) != NULL || strpbrk(value, "\n\r") != NULL)
        return err_set(e, ERR_INVALID,
                       "%s: found a text that no xl.cfg can hold", key);
    buf_fmt(out, "%c%s%c", quote, value, quote);
    return 0;
}

static int
xl_json_put(struct buf *out, const char *key, const char *value, struct err *e)
{
    buf_fmt(out, "%s = ", key);
    if (xl_json_quote(out, key, value, e) < 0)
        return -1;
    buf_chr(out, '\n');
    return 0;
}

/* --- the settings --- */

enum xl_json_place {
    MADE,
    BUILT,
    SCHED,
    X86,
    PV,
    HVM,
    VGA,
    VNC,
    SDL,
    SPICE,
    ENDS
};

/* Where each part of it is: below which other, under which name. */
static const struct {
    enum xl_json_place in;
    const char *key;
} places[] = {
    [MADE] = { ENDS, "c_info" },
    [BUILT] = { ENDS, "b_info" },
    [SCHED] = { BUILT, "sched_params" },
    [X86] = { BUILT, "arch_x86" },
    [PV] = { BUILT, "type.pv" },
    [HVM] = { BUILT, "type.hvm" },
    [VGA] = { HVM, "vga" },
    [VNC] = { HVM, "vnc" },
    [SDL] = { HVM, "sdl" },
    [SPICE] = { HVM, "spice" },
};

enum xl_json_class {
    TEXT,
    WORD,   /* a text in which libxl joins by _ and xl.cfg by - */
    NUMBER, /* above 0: others are defaults */
    SIGNED,
    KIB, /* MiB in xl.cfg */
    FLAG,
    LIST
};

struct xl_json_row {
    enum xl_json_place in;
    enum xl_json_class class;
    const char *json;
    const char *xl; /* NULL: the same name */
};

static const struct xl_json_row rows[] = {
    { MADE, TEXT, "name", NULL },
    { MADE, TEXT, "uuid", NULL },
    { MADE, TEXT, "type", NULL },
    { MADE, TEXT, "pool_name", "pool" },
    { MADE, FLAG, "hap", NULL },
    { MADE, FLAG, "oos", NULL },
    { MADE, FLAG, "driver_domain", NULL },
    { MADE, TEXT, "ssid_label", "seclabel" },
    { BUILT, TEXT, "kernel", NULL },
    { BUILT, TEXT, "ramdisk", NULL },
    { BUILT, TEXT, "cmdline", NULL },
    { BUILT, TEXT, "bootloader", NULL },
    { BUILT, LIST, "bootloader_args", NULL },
    { BUILT, KIB, "target_memkb", "memory" },
    { BUILT, KIB, "max_memkb", "maxmem" },
    { BUILT, NUMBER, "max_vcpus", "maxvcpus" },
    { BUILT, KIB, "shadow_memkb", "shadow_memory" },
    { BUILT, TEXT, "tsc_mode", NULL },
    { BUILT, SIGNED, "rtc_timeoffset", NULL },
    { BUILT, FLAG, "localtime", NULL },
    { BUILT, FLAG, "disable_migrate", "nomigrate" },
    { BUILT, NUMBER, "max_grant_frames", NULL },
    { BUILT, NUMBER, "max_maptrack_frames", NULL },
    { BUILT, NUMBER, "max_grant_version", NULL },
    { BUILT, NUMBER, "event_channels", "max_event_channels" },
    { BUILT, TEXT, "device_model", "device_model_override" },
    { BUILT, TEXT, "device_model_user", NULL },
    { BUILT, LIST, "extra", "device_model_args" },
    { BUILT, LIST, "extra_pv", "device_model_args_pv" },
    { BUILT, LIST, "extra_hvm", "device_model_args_hvm" },
    { BUILT, FLAG, "dm_restrict", NULL },
    { BUILT, FLAG, "acpi", NULL },
    { BUILT, FLAG, "apic", NULL },
    { BUILT, FLAG, "nested_hvm", "nestedhvm" },
    { BUILT, TEXT, "timer_mode", NULL },
    { BUILT, TEXT, "altp2m", NULL },
    { BUILT, FLAG, "vpmu", NULL },
    { X86, FLAG, "msr_relaxed", NULL },
    { SCHED, NUMBER, "weight", "cpu_weight" },
    { SCHED, NUMBER, "cap", NULL },
    { SCHED, NUMBER, "period", NULL },
    { SCHED, FLAG, "extratime", NULL },
    { PV, FLAG, "e820_host", NULL },
    { HVM, TEXT, "firmware", "firmware_override" },
    { HVM, TEXT, "bios", NULL },
    { HVM, TEXT, "system_firmware", "bios_path_override" },
    { HVM, TEXT, "smbios_firmware", NULL },
    { HVM, TEXT, "acpi_firmware", NULL },
    { HVM, FLAG, "pae", NULL },
    { HVM, FLAG, "acpi_s3", NULL },
    { HVM, FLAG, "acpi_s4", NULL },
    { HVM, FLAG, "acpi_laptop_slate", NULL },
    { HVM, FLAG, "nx", NULL },
    { HVM, FLAG, "hpet", NULL },
    { HVM, FLAG, "vpt_align", NULL },
    { HVM, KIB, "mmio_hole_memkb", "mmio_hole" },
    { HVM, TEXT, "hdtype", NULL },
    { HVM, FLAG, "nographic", NULL },
    { HVM, TEXT, "keymap", NULL },
    { HVM, TEXT, "serial", NULL },
    { HVM, LIST, "serial_list", "serial" },
    { HVM, TEXT, "boot", NULL },
    { HVM, FLAG, "usb", NULL },
    { HVM, NUMBER, "usbversion", NULL },
    { HVM, TEXT, "usbdevice", NULL },
    { HVM, LIST, "usbdevice_list", "usbdevice" },
    { HVM, FLAG, "vkb_device", NULL },
    { HVM, TEXT, "soundhw", NULL },
    { HVM, FLAG, "xen_platform_pci", NULL },
    { HVM, TEXT, "vendor_device", NULL },
    { HVM, FLAG, "gfx_passthru", NULL },
    { VNC, FLAG, "enable", "vnc" },
    { VNC, TEXT, "listen", "vnclisten" },
    { VNC, TEXT, "passwd", "vncpasswd" },
    { VNC, NUMBER, "display", "vncdisplay" },
    { VNC, FLAG, "findunused", "vncunused" },
    { SDL, FLAG, "enable", "sdl" },
    { SDL, FLAG, "opengl", NULL },
    { SDL, TEXT, "display", NULL },
    { SDL, TEXT, "xauthority", NULL },
    { SPICE, FLAG, "enable", "spice" },
    { SPICE, NUMBER, "port", "spiceport" },
    { SPICE, NUMBER, "tls_port", "spicetls_port" },
    { SPICE, TEXT, "host", "spicehost" },
    { SPICE, FLAG, "disable_ticketing", "spicedisable_ticketing" },
    { SPICE, TEXT, "passwd", "spicepasswd" },
    { SPICE, FLAG, "agent_mouse", "spiceagent_mouse" },
    { SPICE, FLAG, "vdagent", "spicevdagent" },
    { SPICE, FLAG, "clipboard_sharing", "spice_clipboard_sharing" },
    { SPICE, NUMBER, "usbredirection", "spiceusbredirection" },
    { SPICE, TEXT, "image_compression", "spice_image_compression" },
    { SPICE, TEXT, "streaming_video", "spice_streaming_video" },
    { ENDS, WORD, "on_poweroff", NULL },
    { ENDS, WORD, "on_reboot", NULL },
    { ENDS, WORD, "on_watchdog", NULL },
    { ENDS, WORD, "on_crash", NULL },
};

static json_object *
xl_json_place(json_object *js, enum xl_json_place place)
{
    return place == ENDS ? js
                         : xl_json_member(xl_json_place(js, places[place].in),
                                          places[place].key, json_type_object);
}

/* "restart_rename" of libxl is "rename-restart" to xl. What it leaves out is
 * "destroy", which is not what xl.cfg takes for it. */
static const char *
xl_json_action(const char *text)
{
    static const char *const words[][2] = {
        { "restart_rename", "rename-restart" },
        { "coredump_destroy", "coredump-destroy" },
        { "coredump_restart", "coredump-restart" },
        { "soft_reset", NULL }, /* ends as a reboot does here */
    };
    size_t i;

    for (i = 0; i < COUNT(words); i++)
        if (strcmp(words[i][0], text) == 0)
            return words[i][1];
    return text;
}

/* What libxl calls "unknown" is not set. */
static int
xl_json_put_text(struct buf *out, const char *xl, const char *text,
                 struct err *e)
{
    return text == NULL || strcmp(text, "unknown") == 0
               ? 0
               : xl_json_put(out, xl, text, e);
}

static void
xl_json_put_number(struct buf *out, const struct xl_json_row *r, const char *xl,
                   json_object *v)
{
    int64_t n = v != NULL ? json_object_get_int64(v) : 0;

    if (r->class == SIGNED)
        n = (int32_t)(uint32_t)n; /* libxl has no sign */
    if (r->class == KIB)
        n = n > INT64_MAX - 1023 ? 0 : (n + 1023) / 1024;
    if (n > 0 || (n < 0 && r->class == SIGNED))
        buf_fmt(out, n < 0 ? "%s = \"%lld\"\n" : "%s = %lld\n", xl,
                (long long)n);
}

static int
xl_json_put_list(struct buf *out, const char *xl, json_object *a, struct err *e)
{
    size_t i, n = a != NULL ? json_object_array_length(a) : 0;

    if (n == 0)
        return 0;
    buf_fmt(out, "%s = [ ", xl);
    for (i = 0; i < n; i++) {
        json_object *v = json_object_array_get_idx(a, i);

        if (!json_object_is_type(v, json_type_string))
            return err_set(e, ERR_INVALID, "%s: found no list of texts", xl);
        if (xl_json_quote(out, xl, json_object_get_string(v), e) < 0)
            return -1;
        buf_str(out, i + 1 < n ? ", " : " ]\n");
    }
    return 0;
}

static int
xl_json_put_row(struct buf *out, json_object *js, const struct xl_json_row *r,
                struct err *e)
{
    json_object *o = xl_json_place(js, r->in);
    const char *xl = r->xl != NULL ? r->xl : r->json;
    const char *text = xl_json_text(o, r->json);
    int on;

    switch (r->class) {
    case TEXT:
        return xl_json_put_text(out, xl, text, e);
    case WORD:
        return xl_json_put_text(
            out, xl, xl_json_action(text != NULL ? text : "destroy"), e);
    case LIST:
        return xl_json_put_list(out, xl,
                                xl_json_member(o, r->json, json_type_array), e);
    case FLAG:
        on = xl_json_tri(o, r->json);
        if (on >= 0)
            buf_fmt(out, "%s = %d\n", xl, on);
        return 0;
    case NUMBER:
    case SIGNED:
    case KIB:
        break;
    }
    xl_json_put_number(out, r, xl, xl_json_member(o, r->json, json_type_int));
    return 0;
}

/* --- those that no row describes --- */

static void
xl_json_put_vcpus(struct buf *out, json_object *b)
{
    json_object *on = xl_json_member(b, "avail_vcpus", json_type_array);

    if (on != NULL && json_object_array_length(on) > 0)
        buf_fmt(out, "vcpus = %zu\n", json_object_array_length(on));
}

/* An empty list is any cpu; numbers that no host has are left out. */
static void
xl_json_put_vcpus_cpus(struct buf *out, json_object *one)
{
    uint8_t mask[CONFIG_CPUS_MAX / 8] = { 0 };
    size_t k, n = json_object_is_type(one, json_type_array)
                      ? json_object_array_length(one)
                      : 0;
    int cpu;

    for (k = 0; k < n; k++) {
        cpu = json_object_get_int(json_object_array_get_idx(one, k));
        if (cpu >= 0 && cpu < CONFIG_CPUS_MAX)
            mask[cpu / 8] |= (uint8_t)(1U << cpu % 8);
    }
    if (cpus_any_below(mask, CONFIG_CPUS_MAX))
        cpus_print(mask, CONFIG_CPUS_MAX, out);
    else
        buf_str(out, "all");
}

/* Each vcpu's cpus, as one text of ranges. */
static void
xl_json_put_cpus(struct buf *out, json_object *b, const char *key,
                 const char *xl)
{
    json_object *all = xl_json_member(b, key, json_type_array);
    size_t i, n = all != NULL ? json_object_array_length(all) : 0;

    if (n == 0)
        return;
    buf_fmt(out, "%s = [ ", xl);
    for (i = 0; i < n; i++) {
        buf_chr(out, '"');
        xl_json_put_vcpus_cpus(out, json_object_array_get_idx(all, i));
        buf_str(out, i + 1 < n ? "\", " : "\" ]\n");
    }
}

/* The card of an HVM domain's screen, and the memory that this has: of others
 * libxl has a size, too, which means nothing. */
static int
xl_json_put_vga(struct buf *out, json_object *js, struct err *e)
{
    json_object *b = xl_json_place(js, BUILT);
    const char *card = xl_json_text(xl_json_place(js, VGA), "kind");
    json_object *v = xl_json_member(b, "video_memkb", json_type_int);
    int64_t mib = v != NULL ? json_object_get_int64(v) / 1024 : 0;

    if (xl_json_place(js, HVM) == NULL)
        return 0;
    if (mib > 0)
        buf_fmt(out, "videoram = %lld\n", (long long)mib);
    if (card != NULL && strcmp(card, "std") == 0)
        card = "stdvga";
    return xl_json_put_text(out, "vga", card, e);
}

static void
xl_json_add_viridian(struct buf *words, json_object *h, const char *key,
                     const char *sign)
{
    json_object *a = xl_json_member(h, key, json_type_array);
    size_t i, n = a != NULL ? json_object_array_length(a) : 0;

    for (i = 0; i < n; i++) {
        int bit = json_object_get_int(json_object_array_get_idx(a, i));
        const char *name = bit >= 0 ? viridian_name((size_t)bit) : NULL;

        if (name != NULL)
            buf_fmt(words, "%s\"%s%s\"", words->len > 0 ? ", " : "", sign,
                    name);
    }
}

static void
xl_json_put_viridian(struct buf *out, json_object *js)
{
    json_object *h = xl_json_place(js, HVM);
    struct buf words = { 0 };

    if (xl_json_tri(h, "viridian") == 1)
        buf_str(&words, "\"defaults\"");
    xl_json_add_viridian(&words, h, "viridian_enable", "");
    xl_json_add_viridian(&words, h, "viridian_disable", "!");
    if (words.len > 0)
        buf_fmt(out, "viridian = [ %s ]\n", buf_text(&words));
    buf_free(&words);
}

static int
xl_json_translate(json_object *js, struct buf *out, struct err *e)
{
    json_object *b = xl_json_place(js, BUILT);
    size_t i;

    if (b == NULL || xl_json_place(js, MADE) == NULL)
        return err_set(e, ERR_INVALID,
                       "this JSON is no configuration of a domain");
    for (i = 0; i < COUNT(rows); i++)
        if (xl_json_put_row(out, js, &rows[i], e) < 0)
            return -1;
    xl_json_put_vcpus(out, b);
    xl_json_put_cpus(out, b, "vcpu_hard_affinity", "cpus");
    xl_json_put_cpus(out, b, "vcpu_soft_affinity", "cpus_soft");
    xl_json_put_viridian(out, js);
    if (xl_json_put_firmware(out, xl_json_place(js, HVM), e) < 0 ||
        xl_json_put_vga(out, js, e) < 0 || xl_json_put_cpuid(out, b, e) < 0)
        return -1;
    return xl_json_devices(out, js, e);
}

/* --- one of several domains --- */

/* "xl list -l" has each in an object of its domid and its configuration. */
static json_object *
xl_json_config_of(json_object *o)
{
    json_object *id = xl_json_member(o, "domid", json_type_int);

    if (!json_object_is_type(o, json_type_object) ||
        xl_json_member(o, "c_info", json_type_object) != NULL)
        return json_object_is_type(o, json_type_object) ? o : NULL;
    return id != NULL && json_object_get_int64(id) == 0
               ? NULL /* domain 0 is made by nobody */
               : xl_json_member(o, "config", json_type_object);
}

struct xl_json_choice {
    const char *want; /* NULL: any */
    size_t n;
    json_object *config; /* the last one */
    struct buf names;    /* of all, whether wanted or not */
};

static void
xl_json_consider(struct xl_json_choice *c, json_object *o)
{
    json_object *config = xl_json_config_of(o);
    const char *name = xl_json_text(
        xl_json_member(config, "c_info", json_type_object), "name");

    if (config == NULL)
        return;
    if (name == NULL)
        name = "";
    if (c->names.len < 400) {
        buf_str(&c->names, c->names.len > 0 ? ", " : "");
        buf_safe(&c->names, name, strnlen(name, 64));
    }
    if (c->want != NULL && strcmp(c->want, name) != 0)
        return;
    c->config = config;
    c->n++;
}

int
config_xl_pick_json(const char *json, const char *file, const char *want,
                    struct buf *out, struct err *e)
{
    struct xl_json_choice c = { .want = want };
    json_object *js = json_tokener_parse(json);
    size_t i, n = json_object_is_type(js, json_type_array)
                      ? json_object_array_length(js)
                      : 0;
    int rc;

    if (js != NULL && json_object_is_type(js, json_type_object))
        xl_json_consider(&c, js);
    for (i = 0; i < n; i++)
        xl_json_consider(&c, json_object_array_get_idx(js, i));
    if (c.names.len == 0 && c.n == 0)
        rc = err_set(e, ERR_INVALID,
                     "%s: found no configuration of a domain, allowed JSON as "
                     "`xl list -l' prints it",
                     file);
    else
        rc = config_picked(file, want, c.n, &c.names, e);
    if (rc == 0 && (rc = xl_json_translate(c.config, out, e)) < 0)
        err_wrap(e, "%s", file);
    json_object_put(js);
    buf_free(&c.names);
    return rc;
}

int
config_xl_from_json(const char *json, struct buf *out, struct err *e)
{
    json_object *js = json_tokener_parse(json);
    int rc;

    if (js == NULL || !json_object_is_type(js, json_type_object))
        rc = err_set(e, ERR_INVALID, "its configuration is no JSON");
    else
        rc = xl_json_translate(js, out, e);
    json_object_put(js);
    return rc;
}
