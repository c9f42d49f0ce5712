/*
 * guest_json_machine.c - the machine and the screen of a guest in libxl's words
 * (libxl_types.idl): xl starts a device model anew from them when it restores
 * or moves the domain. Passwords are left out: `xl list -l' shows the file.
 */
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "engine/config/core/cpus.h"
#include "engine/config/core/setting.h"
#include "engine/config/hardware/cpuid.h"
#include "engine/config/hardware/viridian.h"
#include "engine/device/device.h"
#include "engine/guest/guest.h"
#include "engine/guest/guest_json.h"
#include "engine/model/dom_kind.h"

#define COUNT(a)   (sizeof(a) / sizeof((a)[0]))
#define AT(member) offsetof(struct domain_config, member)
#define MCA_LMCE   1 /* XEN_HVM_MCA_CAP_LMCE */

static void
machine_put_text(json_object *o, const char *key, const char *value)
{
    if (value != NULL && *value != '\0')
        json_object_object_add(o, key, json_object_new_string(value));
}

static void
machine_put_number(json_object *o, const char *key, uint64_t value)
{
    if (value != 0)
        json_object_object_add(o, key, json_object_new_int64((int64_t)value));
}

static void
machine_put_flag(json_object *o, const char *key, bool value)
{
    json_object_object_add(o, key,
                           json_object_new_string(value ? "True" : "False"));
}

static void
machine_put_tri(json_object *o, const char *key, unsigned tri)
{
    if (tri != CONFIG_UNSET)
        machine_put_flag(o, key, tri == CONFIG_ON);
}

static void
machine_put_texts(json_object *o, const char *key, const struct config_texts *t)
{
    json_object *a;
    size_t i;

    if (t->n == 0)
        return;
    a = json_object_new_array();
    for (i = 0; i < t->n; i++)
        json_object_array_add(a, json_object_new_string(t->at[i]));
    json_object_object_add(o, key, a);
}

/* libxl takes one as a text, several as a list, and not both. */
static void
machine_put_one_or_list(json_object *o, const char *one, const char *list,
                        const struct config_texts *t)
{
    if (t->n == 1)
        machine_put_text(o, one, t->at[0]);
    else
        machine_put_texts(o, list, t);
}

struct json_row {
    const char *key;
    size_t at; /* in struct domain_config */
};

static const void *
machine_json_at(const struct domain_config *c, const struct json_row *row)
{
    return (const char *)c + row->at;
}

static void
machine_put_flags(json_object *o, const struct domain_config *c,
                  const struct json_row *rows, size_t n)
{
    size_t i;

    for (i = 0; i < n; i++)
        machine_put_flag(o, rows[i].key,
                         *(const bool *)machine_json_at(c, &rows[i]));
}

static void
machine_put_rows_text(json_object *o, const struct domain_config *c,
                      const struct json_row *rows, size_t n)
{
    size_t i;

    for (i = 0; i < n; i++)
        machine_put_text(o, rows[i].key,
                         *(const char *const *)machine_json_at(c, &rows[i]));
}

/* --- of all kinds --- */

static const char *const tsc_modes[] = { "default", "always_emulate",
                                         "native" };
static const char *const timer_modes[] = { "delay_for_missed_ticks",
                                           "no_delay_for_missed_ticks",
                                           "no_missed_ticks_pending",
                                           "one_missed_tick_pending" };
static const char *const altp2m_modes[] = { "disabled", "mixed", "external",
                                            "limited" };

static void
machine_json_limits(const struct config_machine *m, json_object *b)
{
    if (m->max_grant_frames != CONFIG_LIMIT_UNSET)
        json_object_object_add(b, "max_grant_frames",
                               json_object_new_int64(m->max_grant_frames));
    if (m->max_maptrack_frames != CONFIG_LIMIT_UNSET)
        json_object_object_add(b, "max_maptrack_frames",
                               json_object_new_int64(m->max_maptrack_frames));
    if (m->max_grant_version != CONFIG_LIMIT_UNSET)
        json_object_object_add(b, "max_grant_version",
                               json_object_new_int64(m->max_grant_version));
    machine_put_number(b, "event_channels", m->max_event_channels);
}

static void
machine_json_model(const struct config_model *d, json_object *b)
{
    if (d->program != NULL)
        machine_put_text(b, "device_model_version", "qemu_xen");
    machine_put_text(b, "device_model", d->program);
    machine_put_text(b, "device_model_user", d->user);
    machine_put_texts(b, "extra", &d->args);
    machine_put_texts(b, "extra_pv", &d->args_pv);
    machine_put_texts(b, "extra_hvm", &d->args_hvm);
    if (d->dm_restrict)
        machine_put_flag(b, "dm_restrict", true);
}

/* A list of numbers below end, of the bits that are set. */
static json_object *
machine_json_bits(const uint8_t *mask, unsigned end)
{
    json_object *a = json_object_new_array();
    unsigned i;

    for (i = 0; i < end; i++)
        if ((mask[i / 8] >> i % 8 & 1) != 0)
            json_object_array_add(a, json_object_new_int((int)i));
    return a;
}

/* A list for each vcpu: libxl takes an empty one for none, not for any. */
static void
machine_json_cpus(json_object *b, const char *key, const struct config_cpus *k,
                  unsigned vcpus)
{
    uint8_t mask[CONFIG_CPUS_MAX / 8];
    json_object *a;
    unsigned i;

    if (k->n == 0)
        return;
    a = json_object_new_array();
    for (i = 0; i < vcpus; i++) {
        if (!config_cpus_mask(k, i, mask))
            memset(mask, 0xff, sizeof(mask));
        json_object_array_add(a, machine_json_bits(mask, CONFIG_CPUS_MAX));
    }
    json_object_object_add(b, key, a);
}

static json_object *
machine_json_leaf(const struct cpuid_leaf *l)
{
    json_object *o = json_object_new_object();
    unsigned i;

    json_object_object_add(o, "leaf", json_object_new_int64(l->leaf));
    if (l->subleaf != CPUID_NO_SUBLEAF)
        json_object_object_add(o, "subleaf", json_object_new_int64(l->subleaf));
    for (i = CPUID_EAX; i <= CPUID_EDX; i++)
        machine_put_text(o, cpuid_reg_name(i), l->reg[i]);
    return o;
}

/* All texts of a domain make one list, which was checked with the rest. */
static void
machine_json_cpuid(const struct config_texts *t, json_object *b)
{
    struct cpuid_leaf leaves[CPUID_LEAVES_MAX];
    json_object *a;
    size_t i, n = config_cpuid_texts(t, leaves);

    if (n == 0 || n == SIZE_MAX)
        return;
    a = json_object_new_array();
    for (i = 0; i < n; i++)
        json_object_array_add(a, machine_json_leaf(&leaves[i]));
    json_object_object_add(b, "cpuid", a);
}

/* What a PVH and an HVM domain have. */
static void
machine_json_container(const struct config_machine *m, json_object *b)
{
    machine_put_number(b, "shadow_memkb", (uint64_t)m->shadow_mib << 10);
    machine_put_flag(b, "acpi", m->acpi);
    machine_put_flag(b, "apic", m->apic);
    machine_put_flag(b, "nested_hvm", m->nestedhvm);
    machine_put_text(b, "timer_mode", timer_modes[m->timer_mode % 4]);
    if (m->altp2m != 0)
        machine_put_text(b, "altp2m", altp2m_modes[m->altp2m % 4]);
}

static void
machine_json_machine(const struct domain_config *c, json_object *b)
{
    const struct config_machine *m = &c->machine;
    json_object *x86 = json_object_new_object();

    if (m->tsc_mode != CONFIG_TSC_DEFAULT)
        machine_put_text(b, "tsc_mode", tsc_modes[m->tsc_mode % 3]);
    if (m->rtc_timeoffset_s != 0)
        json_object_object_add(
            b, "rtc_timeoffset",
            json_object_new_int64((uint32_t)m->rtc_timeoffset_s));
    if (m->localtime)
        machine_put_flag(b, "localtime", true);
    if (m->nomigrate)
        machine_put_flag(b, "disable_migrate", true);
    if (m->vpmu)
        machine_put_flag(b, "vpmu", true);
    machine_put_flag(x86, "msr_relaxed", m->msr_relaxed);
    json_object_object_add(b, "arch_x86", x86);
    machine_json_limits(m, b);
    machine_json_cpuid(&m->cpuid, b);
    machine_json_cpus(b, "vcpu_hard_affinity", &c->cpus, c->maxvcpus);
    machine_json_cpus(b, "vcpu_soft_affinity", &c->cpus_soft, c->maxvcpus);
    machine_json_model(&c->model, b);
    if (dom_kind_in_container(c->kind))
        machine_json_container(m, b);
}

/* --- of HVM domains --- */

static const struct json_row hvm_flags[] = {
    { "pae", AT(machine.pae) },
    { "acpi_s3", AT(machine.acpi_s3) },
    { "acpi_s4", AT(machine.acpi_s4) },
    { "acpi_laptop_slate", AT(machine.acpi_laptop_slate) },
    { "nx", AT(machine.nx) },
    { "hpet", AT(machine.hpet) },
    { "vpt_align", AT(machine.vpt_align) },
    { "vkb_device", AT(machine.vkb_device) },
    { "xen_platform_pci", AT(machine.xen_platform_pci) },
    { "usb", AT(machine.usb) },
    { "nographic", AT(screen.nographic) },
};

static const struct json_row hvm_texts[] = {
    { "firmware", AT(image.loader) },
    { "system_firmware", AT(image.firmware_path) },
    { "smbios_firmware", AT(machine.smbios_firmware) },
    { "acpi_firmware", AT(machine.acpi_firmware) },
    { "boot", AT(machine.boot) },
    { "soundhw", AT(machine.soundhw) },
    { "vendor_device", AT(machine.vendor_device) },
    { "keymap", AT(screen.keymap) },
};

static const struct json_row spice_flags[] = {
    { "enable", AT(screen.spice) },
    { "disable_ticketing", AT(screen.spicedisable_ticketing) },
    { "agent_mouse", AT(screen.spiceagent_mouse) },
    { "vdagent", AT(screen.spicevdagent) },
    { "clipboard_sharing", AT(screen.spice_clipboard_sharing) },
};

static const struct json_row spice_texts[] = {
    { "host", AT(screen.spicehost) },
    { "image_compression", AT(screen.spice_image_compression) },
    { "streaming_video", AT(screen.spice_streaming_video) },
};

static json_object *
machine_json_vnc(const struct config_screen *s)
{
    json_object *o = json_object_new_object();

    machine_put_flag(o, "enable", s->vnc);
    machine_put_text(o, "listen", s->vnclisten);
    machine_put_number(o, "display", s->vncdisplay);
    machine_put_tri(o, "findunused", s->vncunused);
    return o;
}

static json_object *
machine_json_sdl(const struct config_screen *s)
{
    json_object *o = json_object_new_object();

    machine_put_flag(o, "enable", s->sdl);
    machine_put_tri(o, "opengl", s->opengl);
    machine_put_text(o, "display", s->display);
    machine_put_text(o, "xauthority", s->xauthority);
    return o;
}

static json_object *
machine_json_spice(const struct domain_config *c)
{
    const struct config_screen *s = &c->screen;
    json_object *o = json_object_new_object();

    if (!s->spice)
        return o;
    machine_put_flags(o, c, spice_flags, COUNT(spice_flags));
    machine_put_rows_text(o, c, spice_texts, COUNT(spice_texts));
    machine_put_number(o, "port", s->spiceport);
    machine_put_number(o, "tls_port", s->spicetls_port);
    machine_put_number(o, "usbredirection", s->spiceusbredirection);
    return o;
}

static void
machine_json_screen(const struct domain_config *c, json_object *h)
{
    static const char *const cards[] = { [CONFIG_VGA_CIRRUS] = "cirrus",
                                         [CONFIG_VGA_STD] = "std",
                                         [CONFIG_VGA_QXL] = "qxl",
                                         [CONFIG_VGA_NONE] = "none" };
    json_object *vga = json_object_new_object();

    machine_put_text(vga, "kind", cards[c->screen.vga % COUNT(cards)]);
    json_object_object_add(h, "vga", vga);
    json_object_object_add(h, "vnc", machine_json_vnc(&c->screen));
    json_object_object_add(h, "sdl", machine_json_sdl(&c->screen));
    json_object_object_add(h, "spice", machine_json_spice(c));
}

/* What is offered in the end: the words may take back what others say. */
static void
machine_json_viridian(const struct config_texts *t, json_object *h)
{
    unsigned chosen = viridian_chosen(t->at, t->n);
    uint8_t mask[4] = { (uint8_t)chosen, (uint8_t)(chosen >> 8),
                        (uint8_t)(chosen >> 16), (uint8_t)(chosen >> 24) };

    if (chosen != 0)
        json_object_object_add(h, "viridian_enable",
                               machine_json_bits(mask, 32));
}

/* Since Xen 4.18: libxl of before does not read it. */
static void
machine_json_smbios(const struct config_texts *t, json_object *h)
{
    json_object *a = json_object_new_array();
    size_t i;

    for (i = 0; i < t->n; i++) {
        json_object *o = json_object_new_object();
        size_t n = strcspn(t->at[i], "=");

        json_object_object_add(o, "key",
                               json_object_new_string_len(t->at[i], (int)n));
        machine_put_text(o, "value", t->at[i] + n + (t->at[i][n] == '='));
        json_object_array_add(a, o);
    }
    if (t->n > 0)
        json_object_object_add(h, "smbios", a);
    else
        json_object_put(a);
}

/* The bytes of its two numbers ("1:2"), as the guest's memory has them. */
static void
machine_json_generation(const char *text, json_object *h)
{
    json_object *a;
    uint64_t id[2];
    char *end;
    unsigned i;

    if (text[0] == '\0')
        return;
    id[0] = strtoull(text, &end, 10);
    id[1] = *end == ':' ? strtoull(end + 1, NULL, 10) : 0;
    a = json_object_new_array();
    for (i = 0; i < 16; i++)
        json_object_array_add(
            a, json_object_new_int((int)(id[i / 8] >> i % 8 * 8 & 0xff)));
    json_object_object_add(h, "ms_vm_genid", a);
}

void
guest_json_pv(const struct nodes *n, json_object *o)
{
    machine_put_tri(o, "e820_host", n->cfg->machine.e820_host);
}

void
guest_json_hvm(const struct nodes *n, json_object *h)
{
    const struct domain_config *c = n->cfg;
    const struct config_machine *m = &c->machine;
    const char *fw = c->image.firmware;

    if (fw != NULL && fw[0] == '/')
        machine_put_text(h, "system_firmware", fw);
    else if (fw != NULL)
        machine_put_text(h, "bios", strcmp(fw, "uefi") == 0 ? "ovmf" : fw);
    machine_put_flags(h, c, hvm_flags, COUNT(hvm_flags));
    machine_put_rows_text(h, c, hvm_texts, COUNT(hvm_texts));
    machine_put_number(h, "mmio_hole_memkb", (uint64_t)m->mmio_hole_mib << 10);
    machine_put_text(h, "hdtype", m->hdtype == CONFIG_HD_AHCI ? "ahci" : "ide");
    machine_put_number(h, "usbversion", m->usbversion);
    machine_json_viridian(&m->viridian, h);
    machine_put_one_or_list(h, "serial", "serial_list", &m->serial);
    machine_put_one_or_list(h, "usbdevice", "usbdevice_list", &m->usbdevice);
    machine_put_number(h, "mca_caps", m->mca_caps.n > 0 ? MCA_LMCE : 0);
    machine_json_smbios(&m->smbios, h);
    machine_json_generation(n->generation, h);
    machine_json_screen(c, h);
}

void
guest_json_machine(const struct nodes *n, json_object *b)
{
    const struct domain_config *c = n->cfg;
    const struct guest_type *t = n->type;
    json_object *own = json_object_new_object();
    char name[16];

    machine_json_machine(c, b);
    json_object_object_add(
        b, "video_memkb",
        json_object_new_int64(dom_kind_has_machine(c->kind)
                                  ? config_video_mib(&c->screen) * 1024LL
                                  : 0));
    if (t->json != NULL)
        t->json(n, own);
    text_fmt(name, sizeof(name), "type.%s", t->kind);
    json_object_object_add(b, name, own);
}

/* --- the secrets --- */

static void
machine_json_add_secret(json_object *parts, const char *part, const char *value)
{
    json_object *o;

    if (json_object_object_get_ex(parts, part, &o))
        machine_put_text(o, "passwd", value);
}

/* Of the screens of a PV domain, which stand there in the order of theirs. */
static void
machine_json_add_vfb_secrets(const struct domain_config *c, json_object *config)
{
    json_object *a, *o;
    size_t i, n = 0;

    if (!json_object_object_get_ex(config, "vfbs", &a) ||
        !json_object_is_type(a, json_type_array))
        return;
    for (i = 0; i < c->n_devices; i++) {
        if (strcmp(c->devices[i].kind, device_vfb.kind) != 0)
            continue;
        o = json_object_array_get_idx(a, n++);
        if (json_object_is_type(o, json_type_object))
            machine_json_add_secret(
                o, "vnc", config_device_value(&c->devices[i], "vncpasswd"));
    }
}

void
guest_json_add_secrets(const struct domain_config *c, json_object *config)
{
    json_object *b, *h;

    machine_json_add_vfb_secrets(c, config);
    if (!json_object_object_get_ex(config, "b_info", &b) ||
        !json_object_object_get_ex(b, "type.hvm", &h))
        return;
    machine_json_add_secret(h, "vnc", c->screen.vncpasswd);
    machine_json_add_secret(h, "spice", c->screen.spicepasswd);
}
