/*
 * machine.h - the parts of a domain's configuration that say what machine it
 * sees (struct config_machine), what screen (struct config_screen), and which
 * device model emulates both (struct config_model). Which kinds of guests a
 * member means anything for stands in the tables of settings
 * (settings_machine.c, settings_screen.c).
 */
#ifndef XENDECK_ENGINE_CONFIG_MACHINE_H
#define XENDECK_ENGINE_CONFIG_MACHINE_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

/* A list of texts; zeroed: none. */
struct config_texts {
    char **at;
    size_t n;
};

/* A switch whose default depends on the host or on other settings. */
enum config_tri { CONFIG_UNSET, CONFIG_OFF, CONFIG_ON };

enum config_timer { /* HVM_PARAM_TIMER_MODE */
                    CONFIG_TIMER_DELAY,
                    CONFIG_TIMER_NO_DELAY, /* default */
                    CONFIG_TIMER_NO_MISSED,
                    CONFIG_TIMER_ONE_MISSED
};

enum config_tsc { CONFIG_TSC_DEFAULT, CONFIG_TSC_EMULATE, CONFIG_TSC_NATIVE };
enum config_hdtype { CONFIG_HD_IDE, CONFIG_HD_AHCI };
enum config_vga {
    CONFIG_VGA_CIRRUS,
    CONFIG_VGA_STD,
    CONFIG_VGA_QXL,
    CONFIG_VGA_NONE
};

/* What becomes of a domain whose device model has died or hangs. */
enum config_model_death {
    CONFIG_DM_UNSET, /* as the program's settings say */
    CONFIG_DM_CRASH,
    CONFIG_DM_RESTART,
    CONFIG_DM_LEAVE
};

#define CONFIG_SMBIOS_OEM_MAX 32 /* texts of "oem" */

#define CONFIG_LIMIT_UNSET UINT_MAX /* of grants: Xen's default */

struct config_machine {
    /* of all kinds */
    struct config_texts cpuid; /* engine/config/hardware/cpuid.h reads it */
    struct config_texts cpuid_check; /* likewise: what the host must have */
    bool nomigrate, localtime, msr_relaxed, vpmu;
    unsigned tsc_mode; /* enum config_tsc */
    int rtc_timeoffset_s;
    unsigned max_grant_frames, max_maptrack_frames; /* CONFIG_LIMIT_UNSET */
    unsigned max_grant_version;                     /* likewise */
    unsigned max_event_channels;                    /* 0: 1023 */
    unsigned e820_host; /* enum config_tri; not set: with a pci. PV */
    /* of PVH and HVM */
    bool acpi, apic, nestedhvm, oos;
    unsigned hap;        /* enum config_tri; not set: if the host can */
    unsigned shadow_mib; /* 0: by the size of the domain */
    unsigned timer_mode; /* enum config_timer */
    /* of HVM */
    bool acpi_s3, acpi_s4, acpi_laptop_slate, pae, nx, hpet, vpt_align;
    bool xen_platform_pci, vkb_device, usb;
    struct config_texts viridian; /* engine/config/hardware/viridian.h */
    struct config_texts smbios;   /* "KEY=VALUE" */
    struct config_texts mca_caps;
    struct config_texts serial;    /* chardevs of QEMU: "pty" */
    struct config_texts usbdevice; /* "tablet", "host:1234:5678" */
    char *boot;                    /* letters of "acdn"; NULL: "cda" */
    char *soundhw;                 /* words of QEMU, comma separated */
    char *genid;                   /* "generate" or "none"; NULL: none */
    char *vendor_device;           /* "xenserver" or "none"; NULL: none */
    char *acpi_firmware, *smbios_firmware; /* paths */
    char *floppy_a, *floppy_b;             /* paths of images */
    unsigned altp2m;                       /* HVM_PARAM_ALTP2M */
    unsigned hdtype;                       /* enum config_hdtype */
    unsigned mmio_hole_mib;                /* 0: the default */
    unsigned usbversion;                   /* 0: none, 1 to 3 */
};

/* The emulated screen of an HVM domain; that of others is a vfb. */
struct config_screen {
    unsigned vga;          /* enum config_vga */
    unsigned videoram_mib; /* 0: the default of the card */
    bool vnc, sdl, nographic, spice;
    char *vnclisten; /* ADDRESS[:DISPLAY]; NULL: 127.0.0.1 */
    unsigned vncdisplay;
    unsigned vncunused; /* enum config_tri; not set: on */
    char *vncpasswd;    /* a secret */
    /* TLS, anonymous without certificates; with vncx509verify clients must have
     * one that the same authority has signed. */
    bool vnctls, vncx509verify;
    char *vncx509; /* the directory of the certificates, NULL: none */
    char *keymap, *display, *xauthority;
    unsigned opengl;                   /* enum config_tri */
    char *spicehost, *spicepasswd;     /* the second is a secret */
    unsigned spiceport, spicetls_port; /* 0: none */
    bool spicedisable_ticketing, spiceagent_mouse, spicevdagent;
    bool spice_clipboard_sharing;
    unsigned spiceusbredirection; /* channels */
    char *spice_image_compression, *spice_streaming_video;
};

struct config_model {
    char *program; /* a path; NULL: the host's QEMU for Xen */
    struct config_texts args, args_pv, args_hvm; /* added to its own */
    bool dm_restrict;
    char *user;        /* it runs as this one; NULL: root */
    bool monitor;      /* QEMU's own, which people type at */
    unsigned on_death; /* enum config_model_death */
};

/* MiB of memory of the screen's card, part of the domain's: not below what the
 * card has at least. */
unsigned config_video_mib(const struct config_screen *s);

/* text is copied. */
void config_texts_add(struct config_texts *t, const char *text);
void config_texts_fini(struct config_texts *t); /* t is as zeroed then */

#endif
