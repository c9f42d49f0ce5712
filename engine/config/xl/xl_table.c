/*
 * xl_table.c - every setting of xl.cfg(5), of Xen 4.17 and of later versions,
 * and what becomes of it here. The manual, xendeck-domain(5), has the same
 * list; test_xl.c holds it to this one.
 */
#include <string.h>

#include "engine/config/core/setting.h"
#include "engine/config/xl/xl_table.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])
#define NEAR_MAX 2 /* letters: further away is another word */

/* Settings that are the native ones of the same name, in a group. */
#define MACHINE(n, c)                                                          \
    {                                                                          \
        .name = (n), .class = (c), .native = "machine." n                      \
    }
#define SCREEN(n, c)                                                           \
    {                                                                          \
        .name = (n), .class = (c), .native = "screen." n                       \
    }
#define HVM_UNMET(n, reason)                                                   \
    {                                                                          \
        .name = (n), .class = XL_UNMET, .kinds = KIND_HVM, .why = (reason)     \
    }

#define ARM_ONLY    "it means something on Arm only"
#define LATER       "Xen 4.17 has nothing of the kind"
#define NO_DEVICE   "xendeck attaches no device of this kind"
#define XEN_DEFAULT "Xen's default is used"
#define HARDWARE    "the domain is given no access to it"
#define NO_SHIM     "this version makes no PV domain inside a PVH one"
#define NO_STUBDOM  "the device model runs in domain 0"
#define OWN_DM      "xendeck chooses the device model itself"

static const struct xl_setting settings[] = {
    /* what it is, its resources, what it boots */
    { .name = "name", .class = XL_TEXT, .native = "name" },
    { .name = "uuid", .class = XL_TEXT, .native = "uuid" },
    { .name = "type", .class = XL_SPECIAL },
    { .name = "builder", .class = XL_SPECIAL },
    { .name = "memory", .class = XL_MIB, .native = "memory" },
    { .name = "maxmem", .class = XL_MIB, .native = "maxmem" },
    { .name = "vcpus", .class = XL_NUMBER, .native = "vcpus" },
    { .name = "maxvcpus", .class = XL_NUMBER, .native = "maxvcpus" },
    { .name = "cpus", .class = XL_SPECIAL, .native = "cpus" },
    { .name = "cpus_soft", .class = XL_SPECIAL, .native = "cpus_soft" },
    { .name = "pool", .class = XL_TEXT, .native = "pool" },
    { .name = "cpu_weight", .class = XL_NUMBER, .native = "weight" },
    { .name = "cap", .class = XL_NUMBER, .native = "cap" },
    { .name = "period", .class = XL_NUMBER, .native = "period" },
    { .name = "extratime", .class = XL_BOOL, .native = "extratime" },
    { .name = "kernel", .class = XL_SPECIAL, .native = "image.kernel" },
    { .name = "ramdisk", .class = XL_TEXT, .native = "image.ramdisk" },
    { .name = "cmdline", .class = XL_SPECIAL, .native = "image.args" },
    { .name = "root", .class = XL_SPECIAL, .native = "image.root" },
    { .name = "extra", .class = XL_SPECIAL, .native = "image.args" },
    { .name = "on_poweroff", .class = XL_TEXT, .native = "on_poweroff" },
    { .name = "on_reboot", .class = XL_TEXT, .native = "on_reboot" },
    { .name = "on_watchdog", .class = XL_TEXT, .native = "on_watchdog" },
    { .name = "on_crash", .class = XL_TEXT, .native = "on_crash" },
    { .name = "driver_domain", .class = XL_BOOL, .native = "driver_domain" },
    { .name = "bootloader", .class = XL_TEXT, .native = "image.bootloader" },
    { .name = "bootloader_args",
      .class = XL_SPECIAL,
      .native = "image.bootloader_args" },
    { .name = "bootargs",
      .class = XL_SPECIAL,
      .native = "image.bootloader_args" },
    { .name = "bootloader_restrict",
      .class = XL_BOOL,
      .native = "image.bootloader_restrict" },
    { .name = "firmware", .class = XL_TEXT, .native = "image.firmware" },
    { .name = "bios", .class = XL_SPECIAL, .kinds = KIND_HVM },
    { .name = "bios_path_override",
      .class = XL_TEXT,
      .native = "image.firmware_path" },
    { .name = "firmware_override", .class = XL_TEXT, .native = "image.loader" },
    /* the machine */
    { .name = "cpuid",
      .class = XL_TEXTS,
      .native = "machine.cpuid",
      .off = "host" },
    { .name = "cpuid_check",
      .class = XL_TEXTS,
      .native = "machine.cpuid_check",
      .off = "host" },
    MACHINE("nomigrate", XL_BOOL),
    { .name = "tsc_mode",
      .class = XL_WORD,
      .native = "machine.tsc_mode",
      .off = "default" },
    MACHINE("localtime", XL_BOOL),
    MACHINE("rtc_timeoffset", XL_NUMBER),
    MACHINE("max_grant_frames", XL_NUMBER),
    MACHINE("max_maptrack_frames", XL_NUMBER),
    MACHINE("max_grant_version", XL_NUMBER),
    MACHINE("max_event_channels", XL_NUMBER),
    MACHINE("msr_relaxed", XL_BOOL),
    MACHINE("vpmu", XL_BOOL),
    MACHINE("e820_host", XL_BOOL),
    MACHINE("acpi", XL_BOOL),
    MACHINE("apic", XL_BOOL),
    MACHINE("acpi_s3", XL_BOOL),
    MACHINE("acpi_s4", XL_BOOL),
    MACHINE("acpi_laptop_slate", XL_BOOL),
    MACHINE("acpi_firmware", XL_TEXT),
    MACHINE("smbios_firmware", XL_TEXT),
    MACHINE("smbios", XL_TEXTS),
    MACHINE("pae", XL_BOOL),
    MACHINE("nx", XL_BOOL),
    MACHINE("hpet", XL_BOOL),
    MACHINE("vpt_align", XL_BOOL),
    { .name = "viridian", .class = XL_SPECIAL, .native = "machine.viridian" },
    MACHINE("nestedhvm", XL_BOOL),
    MACHINE("hap", XL_BOOL),
    MACHINE("oos", XL_BOOL),
    MACHINE("shadow_memory", XL_NUMBER),
    { .name = "timer_mode",
      .class = XL_WORD,
      .native = "machine.timer_mode",
      .kinds_only = true,
      .zero_counts = true },
    MACHINE("altp2m", XL_WORD),
    { .name = "altp2mhvm", .class = XL_SPECIAL, .kinds = KIND_HVM },
    MACHINE("mca_caps", XL_TEXTS),
    MACHINE("ms_vm_genid", XL_TEXT),
    MACHINE("mmio_hole", XL_NUMBER),
    MACHINE("boot", XL_TEXT),
    MACHINE("hdtype", XL_TEXT),
    MACHINE("serial", XL_TEXTS),
    MACHINE("usb", XL_BOOL),
    MACHINE("usbversion", XL_NUMBER),
    MACHINE("usbdevice", XL_TEXTS),
    MACHINE("soundhw", XL_TEXT),
    MACHINE("xen_platform_pci", XL_BOOL),
    MACHINE("vkb_device", XL_BOOL),
    MACHINE("vendor_device", XL_TEXT),
    /* the device model */
    { .name = "device_model_override",
      .class = XL_TEXT,
      .native = "device_model.program" },
    { .name = "device_model_args",
      .class = XL_TEXTS,
      .native = "device_model.args" },
    { .name = "device_model_args_pv",
      .class = XL_TEXTS,
      .native = "device_model.args_pv" },
    { .name = "device_model_args_hvm",
      .class = XL_TEXTS,
      .native = "device_model.args_hvm" },
    { .name = "dm_restrict",
      .class = XL_BOOL,
      .native = "device_model.restrict" },
    { .name = "device_model_user",
      .class = XL_TEXT,
      .native = "device_model.user" },
    /* the screen of an HVM domain */
    { .name = "vga", .class = XL_SPECIAL, .native = "screen.vga" },
    { .name = "stdvga", .class = XL_SPECIAL, .kinds = KIND_HVM },
    SCREEN("videoram", XL_NUMBER),
    SCREEN("nographic", XL_BOOL),
    SCREEN("spice", XL_BOOL),
    SCREEN("spicehost", XL_TEXT),
    SCREEN("spiceport", XL_NUMBER),
    SCREEN("spicetls_port", XL_NUMBER),
    SCREEN("spicedisable_ticketing", XL_BOOL),
    SCREEN("spicepasswd", XL_TEXT),
    SCREEN("spiceagent_mouse", XL_BOOL),
    SCREEN("spicevdagent", XL_BOOL),
    SCREEN("spice_clipboard_sharing", XL_BOOL),
    SCREEN("spiceusbredirection", XL_NUMBER),
    SCREEN("spice_image_compression", XL_TEXT),
    SCREEN("spice_streaming_video", XL_TEXT),
    /* devices */
    { .name = "disk", .class = XL_SPECIAL },
    { .name = "vif", .class = XL_SPECIAL },
    { .name = "pci", .class = XL_SPECIAL },
    { .name = "vfb", .class = XL_SPECIAL },
    { .name = "pci_permissive", .class = XL_SPECIAL },
    { .name = "pci_msitranslate", .class = XL_SPECIAL },
    { .name = "pci_seize", .class = XL_SPECIAL },
    { .name = "pci_power_mgmt", .class = XL_SPECIAL },
    { .name = "passthrough", .class = XL_SPECIAL },
    /* of the screen of an HVM domain; of a framebuffer of others, where there
     * is no vfb */
    { .name = "vnc", .class = XL_SPECIAL },
    { .name = "vnclisten", .class = XL_SPECIAL },
    { .name = "vncdisplay", .class = XL_SPECIAL },
    { .name = "vncunused", .class = XL_SPECIAL },
    { .name = "vncpasswd", .class = XL_SPECIAL },
    { .name = "sdl", .class = XL_SPECIAL },
    { .name = "opengl", .class = XL_SPECIAL },
    { .name = "display", .class = XL_SPECIAL },
    { .name = "xauthority", .class = XL_SPECIAL },
    { .name = "keymap", .class = XL_SPECIAL },

    /* words of xm alone, for what other settings are here */
    { .name = "fda", .class = XL_SPECIAL, .kinds = KIND_HVM },
    { .name = "fdb", .class = XL_SPECIAL, .kinds = KIND_HVM },
    { .name = "cdrom", .class = XL_SPECIAL, .kinds = KIND_HVM },

    /* dangerous to ignore */
    { .name = "seclabel",
      .class = XL_REFUSED,
      .why = "none: this version sets no security label, and the domain would "
             "have another's rights" },
    { .name = "init_seclabel",
      .class = XL_REFUSED,
      .why = "none: this version sets no security label, and the domain would "
             "have another's rights" },
    { .name = "device_model_stubdomain_seclabel",
      .class = XL_REFUSED,
      .why = "none: this version sets no security label, and the domain would "
             "have another's rights" },
    { .name = "device_model_stubdomain_override",
      .class = XL_REFUSED,
      .why = "0: " NO_STUBDOM },
    { .name = "pvshim", .class = XL_REFUSED, .why = "0: " NO_SHIM },

    /* not honoured */
    { .name = "vnuma",
      .class = XL_UNMET,
      .why = "this version gives a domain one node of memory" },
    { .name = "slice", .class = XL_UNMET, .why = XEN_DEFAULT },
    { .name = "latency", .class = XL_UNMET, .why = XEN_DEFAULT },
    { .name = "on_soft_reset",
      .class = XL_UNMET,
      .why = "a domain that asks for a soft reset ends as on a reboot" },
    { .name = "xend_suspend_evtchn_compat",
      .class = XL_UNMET,
      .why = "a suspension is asked for through xenstore" },
    { .name = "vmtrace_buf_kb", .class = XL_UNMET, .why = "nothing is traced" },
    { .name = "bootloader_user",
      .class = XL_UNMET,
      .why = "a boot loader that is confined is nobody" },
    { .name = "device_model", .class = XL_UNMET, .why = "xl ignores it, too" },
    { .name = "device_model_version",
      .class = XL_UNMET,
      .why = OWN_DM,
      .off = "qemu-xen" },
    { .name = "superpages",
      .class = XL_UNMET,
      .why =
          "Xen has large pages for PVH and HVM domains alone, and gives them "
          "by itself" },
    { .name = "vncviewer", .class = XL_UNMET, .why = "xl ignores it, too" },
    { .name = "xenstore_quota", .class = XL_UNMET, .why = LATER },
    { .name = "xenstore_feature_mask", .class = XL_UNMET, .why = LATER },
    { .name = "llc_colors", .class = XL_UNMET, .why = LATER },
    { .name = "altp2m_count", .class = XL_UNMET, .why = LATER },
    /* devices that are not attached */
    { .name = "vtpm", .class = XL_UNMET, .why = NO_DEVICE },
    { .name = "p9", .class = XL_UNMET, .why = NO_DEVICE },
    { .name = "pvcalls", .class = XL_UNMET, .why = NO_DEVICE },
    { .name = "channel", .class = XL_UNMET, .why = NO_DEVICE },
    { .name = "usbctrl", .class = XL_UNMET, .why = NO_DEVICE },
    { .name = "usbdev", .class = XL_UNMET, .why = NO_DEVICE },
    { .name = "vdispl", .class = XL_UNMET, .why = NO_DEVICE },
    { .name = "vsnd", .class = XL_UNMET, .why = NO_DEVICE },
    { .name = "vkb", .class = XL_UNMET, .why = NO_DEVICE },
    { .name = "virtio", .class = XL_UNMET, .why = NO_DEVICE },
    { .name = "vif2", .class = XL_UNMET, .why = "xl ignores it, too" },
    { .name = "ioports", .class = XL_UNMET, .why = HARDWARE },
    { .name = "iomem", .class = XL_UNMET, .why = HARDWARE },
    { .name = "irqs", .class = XL_UNMET, .why = HARDWARE },
    /* Arm */
    { .name = "device_tree", .class = XL_UNMET, .why = ARM_ONLY },
    { .name = "dtdev", .class = XL_UNMET, .why = ARM_ONLY },
    { .name = "gic_version", .class = XL_UNMET, .why = ARM_ONLY },
    { .name = "vuart", .class = XL_UNMET, .why = ARM_ONLY },
    { .name = "tee", .class = XL_UNMET, .why = ARM_ONLY, .off = "none" },
    { .name = "sve", .class = XL_UNMET, .why = ARM_ONLY },
    { .name = "nr_spis", .class = XL_UNMET, .why = ARM_ONLY },
    { .name = "arm_sci", .class = XL_UNMET, .why = ARM_ONLY },
    { .name = "trap_unmapped_accesses", .class = XL_UNMET, .why = ARM_ONLY },

    /* of HVM domains */
    HVM_UNMET("gfx_passthru", "the domain gets no graphics card of the host"),
    HVM_UNMET("hvm_pirq", "Xen's default is used"),
    HVM_UNMET("rdm", "no memory is reserved for devices of the host"),
    HVM_UNMET("rdm_mem_boundary",
              "no memory is reserved for devices of the host"),
    HVM_UNMET("stubdomain_cmdline", NO_STUBDOM),
    HVM_UNMET("stubdomain_kernel", NO_STUBDOM),
    HVM_UNMET("stubdomain_memory", NO_STUBDOM),
    HVM_UNMET("stubdomain_ramdisk", NO_STUBDOM),
    HVM_UNMET("xen_platform_pci_bar_uc", LATER),
    { .name = "pvshim_cmdline",
      .class = XL_UNMET,
      .kinds = KIND_PVH,
      .why = NO_SHIM },
    { .name = "pvshim_extra",
      .class = XL_UNMET,
      .kinds = KIND_PVH,
      .why = NO_SHIM },
    { .name = "pvshim_path",
      .class = XL_UNMET,
      .kinds = KIND_PVH,
      .why = NO_SHIM },
};

const struct xl_setting *
xl_setting_at(size_t i)
{
    return i < COUNT(settings) ? &settings[i] : NULL;
}

const struct xl_setting *
xl_setting_find(const char *name)
{
    size_t i;

    for (i = 0; i < COUNT(settings); i++)
        if (strcmp(settings[i].name, name) == 0)
            return &settings[i];
    return NULL;
}

unsigned
xl_setting_kinds(const struct xl_setting *s)
{
    const struct setting *k =
        s->native != NULL ? setting_named(s->native) : NULL;

    return s->kinds != 0 || k == NULL ? s->kinds : k->kinds;
}

const char *
xl_setting_near(const char *name)
{
    const char *near = NULL;
    unsigned distance = NEAR_MAX + 1;
    size_t i;

    for (i = 0; i < COUNT(settings); i++)
        value_nearer(name, settings[i].name, &distance, &near);
    /* of "ip" or "hvm" most letters are others in the nearest one */
    return 2 * distance < strlen(name) ? near : NULL;
}
