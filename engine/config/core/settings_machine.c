/*
 * settings_machine.c - the settings of the machine that a domain sees, and of
 * its device model: the groups "machine" and "device_model" of the table that
 * setting.h describes.
 */
#include <string.h>

#include "engine/config/core/setting.h"
#include "engine/config/hardware/cpuid.h"
#include "engine/config/hardware/viridian.h"

#define COUNT(a)   (sizeof(a) / sizeof(a)[0])
#define AT(member) offsetof(struct domain_config, machine.member)

#define HW (KIND_PVH | KIND_HVM)

/* --- words and checks */

static const struct value_word tsc_words[] = {
    { "default", CONFIG_TSC_DEFAULT },
    { "always_emulate", CONFIG_TSC_EMULATE },
    { "native", CONFIG_TSC_NATIVE },
    { NULL, 0 }
};
static const struct value_word timer_words[] = {
    { "delay_for_missed_ticks", CONFIG_TIMER_DELAY },
    { "no_delay_for_missed_ticks", CONFIG_TIMER_NO_DELAY },
    { "no_missed_ticks_pending", CONFIG_TIMER_NO_MISSED },
    { "one_missed_tick_pending", CONFIG_TIMER_ONE_MISSED },
    { NULL, 0 }
};
static const struct value_word altp2m_words[] = {
    { "disabled", 0 }, { "mixed", 1 }, { "external", 2 },
    { "limited", 3 },  { NULL, 0 },
};
static const struct value_word hdtype_words[] = { { "ide", CONFIG_HD_IDE },
                                                  { "ahci", CONFIG_HD_AHCI },
                                                  { NULL, 0 } };
static const struct value_word death_words[] = {
    { "crash", CONFIG_DM_CRASH },
    { "restart", CONFIG_DM_RESTART },
    { "leave", CONFIG_DM_LEAVE },
    { NULL, 0 },
};

/* Each letter once: c hard disk, d CD drive, a floppy, n network. */
static bool
boot_ok(const char *text)
{
    size_t i, n = strlen(text);

    for (i = 0; i < n; i++)
        if (strchr("acdn", text[i]) == NULL || strchr(text + i + 1, text[i]))
            return false;
    return n > 0;
}

/* The keys that hvmloader has a place for. */
static bool
smbios_ok(const char *text)
{
    static const char *const keys[] = {
        "bios_vendor",
        "bios_version",
        "system_manufacturer",
        "system_product_name",
        "system_version",
        "system_serial_number",
        "baseboard_manufacturer",
        "baseboard_product_name",
        "baseboard_version",
        "baseboard_serial_number",
        "baseboard_asset_tag",
        "baseboard_location_in_chassis",
        "enclosure_manufacturer",
        "enclosure_serial_number",
        "enclosure_asset_tag",
        "battery_manufacturer",
        "battery_device_name",
        "oem",
    };
    size_t i, n = strcspn(text, "=");

    for (i = 0; i < COUNT(keys); i++)
        if (strlen(keys[i]) == n && strncmp(keys[i], text, n) == 0)
            return text[n] == '=' && text[n + 1] != '\0';
    return false;
}

static bool
mca_ok(const char *text)
{
    return strcmp(text, "lmce") == 0;
}

static bool
genid_ok(const char *text)
{
    return strcmp(text, "generate") == 0 || strcmp(text, "none") == 0;
}

static bool
vendor_ok(const char *text)
{
    return strcmp(text, "xenserver") == 0 || strcmp(text, "none") == 0;
}

/* --- the rows */

#define ROW(n, t, k)                                                           \
    .rule = { .name = "machine." n, .type = (t) }, .kinds = (k), .xl = (n)
#define FLAG(n, member, k)                                                     \
    {                                                                          \
        ROW(n, VALUE_BOOL, k), .at = AT(member)                                \
    }
#define FLAG_ON(n, member, k)                                                  \
    {                                                                          \
        ROW(n, VALUE_BOOL, k), .at = AT(member), .unset = true                 \
    }
#define FLAG_TRI(n, member, k)                                                 \
    {                                                                          \
        ROW(n, VALUE_BOOL, k), .at = AT(member), .flags = SETTING_TRI          \
    }
/* Those that xend's image had as well, under the same name. */
#define IMAGE_FLAG(n, member, k)                                               \
    {                                                                          \
        ROW(n, VALUE_BOOL, k), .at = AT(member), .sxp = (n), .in_image = true  \
    }
#define IMAGE_FLAG_ON(n, member, k)                                            \
    {                                                                          \
        ROW(n, VALUE_BOOL, k), .at = AT(member), .unset = true, .sxp = (n),    \
                               .in_image = true                                \
    }
#define NUMBER(n, member, k, least, most)                                      \
    {                                                                          \
        .rule = RULE_NUMBER("machine." n, least, most), .kinds = (k),          \
        .at = AT(member), .xl = (n)                                            \
    }
#define LIMIT(n, member, most)                                                 \
    {                                                                          \
        .rule = RULE_NUMBER("machine." n, 0, most), .at = AT(member),          \
        .unset = CONFIG_LIMIT_UNSET, .xl = (n)                                 \
    }
#define WORDS(n, member, k, w)                                                 \
    .rule = RULE_WORD("machine." n, w), .kinds = (k), .at = AT(member),        \
    .xl = (n)
#define TEXT(n, member, k, check, text)                                        \
    .rule = RULE_TEXT("machine." n, check, text), .kinds = (k),                \
    .at = AT(member), .xl = (n)
#define TEXTS(n, member, k, check, text)                                       \
    .rule = { .name = "machine." n,                                            \
              .type = VALUE_TEXTS,                                             \
              .ok = (check),                                                   \
              .allowed = (text) },                                             \
    .kinds = (k), .at = AT(member), .xl = (n)
#define IN_IMAGE(n) .sxp = (n), .in_image = true

static const struct setting machine_rows[] = {
    { .rule = { .name = "machine",
                .type = VALUE_GROUP,
                .allowed = "a group, machine = { acpi = true; }" } },
    { TEXTS("cpuid", cpuid, 0, cpuid_text_ok, CPUID_ALLOWED),
      .sxp = SETTING_OTHERWISE },
    { TEXTS("cpuid_check", cpuid_check, 0, cpuid_text_ok, CPUID_ALLOWED),
      .sxp = SETTING_OTHERWISE },
    IMAGE_FLAG("nomigrate", nomigrate, 0),
    { WORDS("tsc_mode", tsc_mode, 0, tsc_words), IN_IMAGE("tsc_mode") },
    IMAGE_FLAG("localtime", localtime, 0),
    { .rule = { .name = "machine.rtc_timeoffset",
                .type = VALUE_SIGNED,
                .max = INT32_MAX },
      .at = AT(rtc_timeoffset_s),
      .xl = "rtc_timeoffset",
      IN_IMAGE("rtc_timeoffset") },
    LIMIT("max_grant_frames", max_grant_frames, INT32_MAX),
    LIMIT("max_maptrack_frames", max_maptrack_frames, INT32_MAX),
    LIMIT("max_grant_version", max_grant_version, 2),
    NUMBER("max_event_channels", max_event_channels, 0, 0, 131071),
    FLAG("msr_relaxed", msr_relaxed, 0),
    FLAG("vpmu", vpmu, 0),
    FLAG_TRI("e820_host", e820_host, KIND_PV),
    IMAGE_FLAG_ON("acpi", acpi, HW),
    IMAGE_FLAG_ON("apic", apic, HW),
    FLAG_ON("acpi_s3", acpi_s3, KIND_HVM),
    FLAG_ON("acpi_s4", acpi_s4, KIND_HVM),
    FLAG("acpi_laptop_slate", acpi_laptop_slate, KIND_HVM),
    { ROW("acpi_firmware", VALUE_PATH, KIND_HVM), .at = AT(acpi_firmware) },
    { ROW("smbios_firmware", VALUE_PATH, KIND_HVM), .at = AT(smbios_firmware) },
    { TEXTS("smbios", smbios, KIND_HVM, smbios_ok,
            "KEY=VALUE of xl.cfg(5), such as \"system_manufacturer=Acme\"") },
    IMAGE_FLAG_ON("pae", pae, KIND_HVM),
    FLAG_ON("nx", nx, KIND_HVM),
    IMAGE_FLAG_ON("hpet", hpet, KIND_HVM),
    IMAGE_FLAG_ON("vpt_align", vpt_align, KIND_HVM),
    { TEXTS("viridian", viridian, KIND_HVM, viridian_word_ok, VIRIDIAN_ALLOWED),
      .sxp = SETTING_OTHERWISE },
    FLAG("nestedhvm", nestedhvm, HW),
    { ROW("hap", VALUE_BOOL, HW), .at = AT(hap), .flags = SETTING_TRI,
      IN_IMAGE("hap") },
    IMAGE_FLAG_ON("oos", oos, HW),
    { .rule = RULE_NUMBER("machine.shadow_memory", 0, 1048576),
      .kinds = HW,
      .at = AT(shadow_mib),
      .xl = "shadow_memory",
      .sxp = "shadow_memory" },
    { WORDS("timer_mode", timer_mode, HW, timer_words),
      .unset = CONFIG_TIMER_NO_DELAY, IN_IMAGE("timer_mode") },
    { WORDS("altp2m", altp2m, KIND_HVM, altp2m_words) },
    { TEXTS("mca_caps", mca_caps, KIND_HVM, mca_ok, "\"lmce\"") },
    { TEXT("ms_vm_genid", genid, KIND_HVM, genid_ok,
           "\"generate\" or \"none\"") },
    NUMBER("mmio_hole", mmio_hole_mib, KIND_HVM, 256, 3840),
    { TEXT("boot", boot, KIND_HVM, boot_ok,
           "letters of c (disk), d (CD), a (floppy) and n (network), each "
           "once"),
      IN_IMAGE("boot") },
    { WORDS("hdtype", hdtype, KIND_HVM, hdtype_words) },
    { .rule = RULE("machine.floppy_a", VALUE_PATH),
      .kinds = KIND_HVM,
      .at = AT(floppy_a),
      IN_IMAGE("fda") },
    { .rule = RULE("machine.floppy_b", VALUE_PATH),
      .kinds = KIND_HVM,
      .at = AT(floppy_b),
      IN_IMAGE("fdb") },
    { TEXTS("serial", serial, KIND_HVM, NULL, NULL), IN_IMAGE("serial") },
    IMAGE_FLAG("usb", usb, KIND_HVM),
    NUMBER("usbversion", usbversion, KIND_HVM, 0, 3),
    { TEXTS("usbdevice", usbdevice, KIND_HVM, NULL, NULL),
      IN_IMAGE("usbdevice") },
    { TEXT("soundhw", soundhw, KIND_HVM, NULL, NULL), IN_IMAGE("soundhw") },
    IMAGE_FLAG_ON("xen_platform_pci", xen_platform_pci, KIND_HVM),
    FLAG_ON("vkb_device", vkb_device, KIND_HVM),
    { TEXT("vendor_device", vendor_device, KIND_HVM, vendor_ok,
           "\"xenserver\" or \"none\"") },
};

#undef AT
#define AT(member) offsetof(struct domain_config, model.member)

static const struct setting model_rows[] = {
    { .rule = { .name = "device_model",
                .type = VALUE_GROUP,
                .allowed =
                    "a group, device_model = { on_death = \"crash\"; }" } },
    { .rule = RULE("device_model.program", VALUE_PATH),
      .at = AT(program),
      .xl = "device_model_override" },
    { .rule = RULE("device_model.args", VALUE_TEXTS),
      .at = AT(args),
      .xl = "device_model_args" },
    { .rule = RULE("device_model.args_pv", VALUE_TEXTS),
      .at = AT(args_pv),
      .kinds = KIND_PV | KIND_PVH,
      .xl = "device_model_args_pv" },
    { .rule = RULE("device_model.args_hvm", VALUE_TEXTS),
      .at = AT(args_hvm),
      .kinds = KIND_HVM,
      .xl = "device_model_args_hvm" },
    { .rule = RULE("device_model.restrict", VALUE_BOOL),
      .at = AT(dm_restrict),
      .xl = "dm_restrict" },
    { .rule = RULE_TEXT("device_model.user", NULL, NULL),
      .at = AT(user),
      .xl = "device_model_user" },
    { .rule = RULE("device_model.monitor", VALUE_BOOL),
      .at = AT(monitor),
      .kinds = KIND_HVM,
      .sxp = "monitor",
      .in_image = true },
    { .rule = RULE_WORD("device_model.on_death", death_words),
      .at = AT(on_death) },
};

const struct setting_table settings_machine = { machine_rows,
                                                COUNT(machine_rows) };
const struct setting_table settings_model = { model_rows, COUNT(model_rows) };
