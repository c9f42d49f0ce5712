/*
 * xl_table.c - every setting of xl.cfg(5), of Xen 4.17 and of later versions,
 * and what becomes of it here. The manual, xendeck-domain(5), has the same
 * list; test_xl.c holds it to this one.
 */
#include <string.h>

#include "engine/config/core/value.h"
#include "engine/config/xl/xl_table.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])
#define NEAR_MAX 2 /* letters: further away is another word */

#define NOT_PV(n)                                                              \
    {                                                                          \
        .name = (n), .class = XL_NOT_PV,                                       \
        .why = "it means nothing for a PV domain"                              \
    }

#define ARM_ONLY     "it means something on Arm only"
#define LATER        "Xen 4.17 has nothing of the kind"
#define NO_DEVICE    "xendeck attaches no device of this kind"
#define XEN_DEFAULT  "Xen's default is used"
#define HARDWARE     "the domain is given no access to it"
#define PV_GUESTS    "this version makes PV domains only"
#define OWN_DM       "xendeck chooses the device model itself"
#define NOT_DEPRIVED "the device model would run with more rights than asked"

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
    { .name = "kernel", .class = XL_TEXT, .native = "image.kernel" },
    { .name = "ramdisk", .class = XL_TEXT, .native = "image.ramdisk" },
    { .name = "cmdline", .class = XL_SPECIAL, .native = "image.args" },
    { .name = "root", .class = XL_SPECIAL, .native = "image.root" },
    { .name = "extra", .class = XL_SPECIAL, .native = "image.args" },
    { .name = "on_poweroff", .class = XL_TEXT, .native = "on_poweroff" },
    { .name = "on_reboot", .class = XL_TEXT, .native = "on_reboot" },
    { .name = "on_watchdog", .class = XL_TEXT, .native = "on_watchdog" },
    { .name = "on_crash", .class = XL_TEXT, .native = "on_crash" },
    { .name = "driver_domain", .class = XL_BOOL, .native = "driver_domain" },
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
    /* of a framebuffer, where there is no vfb */
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

    /* dangerous to ignore */
    { .name = "bootloader",
      .class = XL_REFUSED,
      .why = "none: this version starts no boot loader, give the kernel with "
             "kernel =" },
    { .name = "firmware",
      .class = XL_REFUSED,
      .why = "none: this version starts no firmware, give the kernel with "
             "kernel =" },
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
    { .name = "dm_restrict", .class = XL_REFUSED, .why = "0: " NOT_DEPRIVED },
    { .name = "device_model_user",
      .class = XL_REFUSED,
      .why = "none: " NOT_DEPRIVED },
    { .name = "device_model_stubdomain_override",
      .class = XL_REFUSED,
      .why = "0: " NOT_DEPRIVED },
    { .name = "timer_mode",
      .class = XL_REFUSED,
      .why = "none for a PV domain, as with xl",
      .zero_counts = true },
    { .name = "pvshim", .class = XL_REFUSED, .why = "0: " PV_GUESTS },

    /* not honoured */
    { .name = "vnuma",
      .class = XL_UNMET,
      .why = "the domain sees one node of memory" },
    { .name = "slice", .class = XL_UNMET, .why = XEN_DEFAULT },
    { .name = "latency", .class = XL_UNMET, .why = XEN_DEFAULT },
    { .name = "on_soft_reset",
      .class = XL_UNMET,
      .why = "a domain that asks for a soft reset ends as on a reboot" },
    { .name = "max_grant_frames",
      .class = XL_UNMET,
      .why = XEN_DEFAULT,
      .zero_counts = true },
    { .name = "max_maptrack_frames",
      .class = XL_UNMET,
      .why = XEN_DEFAULT,
      .zero_counts = true },
    { .name = "max_grant_version",
      .class = XL_UNMET,
      .why = XEN_DEFAULT,
      .zero_counts = true },
    { .name = "max_event_channels",
      .class = XL_UNMET,
      .why = XEN_DEFAULT,
      .zero_counts = true },
    { .name = "nomigrate",
      .class = XL_UNMET,
      .why = "this version migrates nothing" },
    { .name = "xend_suspend_evtchn_compat",
      .class = XL_UNMET,
      .why = "a suspension is asked for through xenstore" },
    { .name = "vmtrace_buf_kb", .class = XL_UNMET, .why = "nothing is traced" },
    { .name = "vpmu",
      .class = XL_UNMET,
      .why = "the domain has no performance counters" },
    { .name = "e820_host",
      .class = XL_UNMET,
      .why = "the domain sees a memory map of its own" },
    { .name = "cpuid",
      .class = XL_UNMET,
      .why = "the domain sees the processor's features as Xen gives them",
      .off = "host" },
    { .name = "tsc_mode",
      .class = XL_UNMET,
      .why = "the time stamp counter is as by default",
      .off = "default" },
    { .name = "msr_relaxed", .class = XL_UNMET, .why = XEN_DEFAULT },
    { .name = "localtime",
      .class = XL_UNMET,
      .why = "the domain's clock is that of the host, in UTC" },
    { .name = "rtc_timeoffset",
      .class = XL_UNMET,
      .why = "the domain's clock is that of the host, in UTC" },
    { .name = "shadow_memory", .class = XL_UNMET, .why = XEN_DEFAULT },
    { .name = "bootloader_args",
      .class = XL_UNMET,
      .why = "no boot loader is started" },
    { .name = "bootloader_restrict",
      .class = XL_UNMET,
      .why = "no boot loader is started" },
    { .name = "bootloader_user",
      .class = XL_UNMET,
      .why = "no boot loader is started" },
    { .name = "device_model", .class = XL_UNMET, .why = "xl ignores it, too" },
    { .name = "device_model_version",
      .class = XL_UNMET,
      .why = OWN_DM,
      .off = "qemu-xen" },
    { .name = "device_model_override", .class = XL_UNMET, .why = OWN_DM },
    { .name = "device_model_args", .class = XL_UNMET, .why = OWN_DM },
    { .name = "device_model_args_pv", .class = XL_UNMET, .why = OWN_DM },
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

    /* of HVM and PVH domains */
    NOT_PV("acpi"),
    NOT_PV("acpi_firmware"),
    NOT_PV("acpi_laptop_slate"),
    NOT_PV("acpi_s3"),
    NOT_PV("acpi_s4"),
    NOT_PV("altp2m"),
    NOT_PV("altp2mhvm"),
    NOT_PV("apic"),
    NOT_PV("bios"),
    NOT_PV("bios_path_override"),
    NOT_PV("boot"),
    NOT_PV("device_model_args_hvm"),
    NOT_PV("firmware_override"),
    NOT_PV("gfx_passthru"),
    NOT_PV("hap"),
    NOT_PV("hdtype"),
    NOT_PV("hpet"),
    NOT_PV("hvm_pirq"),
    NOT_PV("mca_caps"),
    NOT_PV("mmio_hole"),
    NOT_PV("ms_vm_genid"),
    NOT_PV("nestedhvm"),
    NOT_PV("nographic"),
    NOT_PV("nx"),
    NOT_PV("oos"),
    NOT_PV("pae"),
    NOT_PV("pvshim_cmdline"),
    NOT_PV("pvshim_extra"),
    NOT_PV("pvshim_path"),
    NOT_PV("rdm"),
    NOT_PV("rdm_mem_boundary"),
    NOT_PV("serial"),
    NOT_PV("smbios"),
    NOT_PV("smbios_firmware"),
    NOT_PV("soundhw"),
    NOT_PV("spice"),
    NOT_PV("spice_clipboard_sharing"),
    NOT_PV("spice_image_compression"),
    NOT_PV("spice_streaming_video"),
    NOT_PV("spiceagent_mouse"),
    NOT_PV("spicedisable_ticketing"),
    NOT_PV("spicehost"),
    NOT_PV("spicepasswd"),
    NOT_PV("spiceport"),
    NOT_PV("spicetls_port"),
    NOT_PV("spiceusbredirection"),
    NOT_PV("spicevdagent"),
    NOT_PV("stdvga"),
    NOT_PV("stubdomain_cmdline"),
    NOT_PV("stubdomain_kernel"),
    NOT_PV("stubdomain_memory"),
    NOT_PV("stubdomain_ramdisk"),
    NOT_PV("usb"),
    NOT_PV("usbdevice"),
    NOT_PV("usbversion"),
    NOT_PV("vendor_device"),
    NOT_PV("vga"),
    NOT_PV("videoram"),
    NOT_PV("viridian"),
    NOT_PV("vkb_device"),
    NOT_PV("vpt_align"),
    NOT_PV("xen_platform_pci"),
    NOT_PV("xen_platform_pci_bar_uc"),
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
