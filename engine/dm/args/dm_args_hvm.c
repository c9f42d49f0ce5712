/*
 * dm_args_hvm.c - the machine that a device model emulates for an HVM domain,
 * but for its disks: direct boot, serial ports, SPICE, the screen's card, USB,
 * sound, interfaces.
 */
#include <string.h>

#include "engine/config/core/image_type.h"
#include "engine/device/device.h"
#include "engine/device/vif.h"
#include "engine/dm/dm_args.h"

static void
hvm_arg(struct dm_list *l, const char *option, const char *value)
{
    dm_arg(l, "%s", option);
    dm_arg(l, "%s", value);
}

/* --- boot --- */

/* The kernel's arguments as a PV domain's would be. */
static void
hvm_kernel(struct dm_list *l, const struct domain_config *c)
{
    struct buf line = { 0 };

    if (c->image.kernel == NULL)
        return;
    hvm_arg(l, "-kernel", c->image.kernel);
    if (c->image.ramdisk != NULL)
        hvm_arg(l, "-initrd", c->image.ramdisk);
    if (image_cmdline(c, &line, NULL) == 0 && line.len > 0) {
        dm_arg(l, "-append");
        dm_arg_take(l, &line);
    }
    buf_free(&line);
}

static void
hvm_serial(struct dm_list *l, const struct config_machine *m)
{
    size_t i;

    for (i = 0; i < m->serial.n; i++)
        hvm_arg(l, "-serial", m->serial.at[i]);
}

/* --- SPICE: its password is set over the control socket --- */

static void
spice_option(struct buf *b, const char *name, const char *value)
{
    if (value == NULL)
        return;
    buf_fmt(b, ",%s=", name);
    dm_arg_quote(b, value);
}

static void
spice_agent(struct dm_list *l)
{
    hvm_arg(l, "-device", "virtio-serial");
    hvm_arg(l, "-chardev", "spicevmc,id=vdagent,name=vdagent");
    hvm_arg(l, "-device",
            "virtserialport,chardev=vdagent,name=com.redhat.spice.0");
}

static void
hvm_spice(struct dm_list *l, const struct config_screen *s)
{
    struct buf b = { 0 };

    if (!s->spice)
        return;
    dm_arg(l, "-spice");
    buf_fmt(&b, "port=%u,tls-port=%u", s->spiceport, s->spicetls_port);
    spice_option(&b, "addr", s->spicehost);
    if (s->spicedisable_ticketing)
        buf_str(&b, ",disable-ticketing=on");
    buf_fmt(&b, ",agent-mouse=%s", s->spiceagent_mouse ? "on" : "off");
    if (!s->spicevdagent || !s->spice_clipboard_sharing)
        buf_str(&b, ",disable-copy-paste=on");
    spice_option(&b, "image-compression", s->spice_image_compression);
    spice_option(&b, "streaming-video", s->spice_streaming_video);
    dm_arg_take(l, &b);
    if (s->spicevdagent)
        spice_agent(l);
}

/* --- the screen's card --- */

static void
hvm_vga(struct dm_list *l, const struct config_screen *s)
{
    unsigned mib = config_video_mib(s);

    if (s->vga == CONFIG_VGA_NONE)
        return;
    dm_arg(l, "-device");
    if (s->vga == CONFIG_VGA_QXL)
        dm_arg(l, "qxl-vga,vram_size_mb=%u,ram_size_mb=%u", mib / 2, mib / 2);
    else
        dm_arg(l, "%s,vgamem_mb=%u",
               s->vga == CONFIG_VGA_STD ? "VGA" : "cirrus-vga", mib);
}

/* --- USB, sound, cpus --- */

static const char *const usb_1[] = { "piix3-usb-uhci,id=usb", NULL };
static const char *const usb_2[] = {
    "ich9-usb-ehci1,id=usb,addr=0x1d.0x7,multifunction=on",
    "ich9-usb-uhci1,masterbus=usb.0,firstport=0,addr=0x1d.0,multifunction=on",
    "ich9-usb-uhci2,masterbus=usb.0,firstport=2,addr=0x1d.0x1,"
    "multifunction=on",
    "ich9-usb-uhci3,masterbus=usb.0,firstport=4,addr=0x1d.0x2,"
    "multifunction=on",
    NULL
};
static const char *const usb_3[] = { "nec-usb-xhci,id=usb", NULL };

static void
hvm_usb_controller(struct dm_list *l, unsigned version)
{
    static const char *const *const sets[] = { NULL, usb_1, usb_2, usb_3 };
    const char *const *d;

    if (version == 0 || version >= sizeof(sets) / sizeof(sets[0]))
        return;
    for (d = sets[version]; *d != NULL; d++)
        hvm_arg(l, "-device", *d);
}

static unsigned
usb_channels(const struct config_screen *s)
{
    return s->spice ? s->spiceusbredirection : 0;
}

static void
hvm_usb(struct dm_list *l, const struct domain_config *c)
{
    const struct config_machine *m = &c->machine;
    unsigned n = usb_channels(&c->screen), i;
    size_t k;

    if (m->usb || m->usbdevice.n > 0) {
        dm_arg(l, "-usb");
        for (k = 0; k < m->usbdevice.n; k++)
            hvm_arg(l, "-usbdevice", m->usbdevice.at[k]);
    } else {
        hvm_usb_controller(l, m->usbversion == 0 && n > 0 ? 2 : m->usbversion);
    }
    for (i = 1; i <= n; i++) {
        dm_arg(l, "-chardev");
        dm_arg(l, "spicevmc,name=usbredir,id=usbrc%u", i);
        dm_arg(l, "-device");
        dm_arg(l, "usb-redir,chardev=usbrc%u,id=usbrc%u", i, i);
    }
}

static void
hvm_sound(struct dm_list *l, const char *model)
{
    if (model == NULL)
        return;
    if (strcmp(model, "hda") == 0) {
        hvm_arg(l, "-device", "intel-hda");
        hvm_arg(l, "-device", "hda-duplex");
    } else {
        hvm_arg(l, "-device", model);
    }
}

/* --- interfaces --- */

static bool
nic_is_emulated(const struct config_device *c)
{
    const char *type = config_device_value(c, "nictype");

    return type == NULL || strcmp(type, "ioemu") == 0;
}

/* The tap device is the model's; the hotplug script puts it on the bridge. */
static void
hvm_nic(struct dm_list *l, const struct dm_args *a,
        const struct config_device *c, unsigned n)
{
    const char *model = config_device_value(c, "model");
    const char *mac = config_device_value(c, "mac");
    const char *bridge = config_device_value(c, "bridge");
    struct buf b = { 0 };

    dm_arg(l, "-device");
    dm_arg(l, "%s,id=nic%u,netdev=net%u,mac=%s",
           model != NULL ? model : "rtl8139", n, n, mac != NULL ? mac : "");
    dm_arg(l, "-netdev");
    buf_fmt(&b, "type=tap,id=net%u,ifname=vif%u.%u-emu,br=", n, a->domid, n);
    dm_arg_quote(&b, bridge != NULL ? bridge : VIF_BRIDGE);
    buf_str(&b, ",script=no,downscript=no");
    dm_arg_take(l, &b);
}

static void
hvm_nics(struct dm_list *l, const struct dm_args *a)
{
    unsigned n = 0, emulated = 0;
    size_t i;

    for (i = 0; i < a->cfg->n_devices; i++) {
        const struct config_device *c = &a->cfg->devices[i];

        if (device_traits(c->kind)->class != DOM_DEVICE_NET)
            continue;
        if (nic_is_emulated(c)) {
            hvm_nic(l, a, c, n);
            emulated++;
        }
        n++;
    }
    if (emulated == 0)
        hvm_arg(l, "-net", "none");
}

void
dm_args_machine(struct dm_list *l, const struct dm_args *a)
{
    const struct domain_config *c = a->cfg;
    const struct config_machine *m = &c->machine;

    hvm_kernel(l, c);
    if (dm_args_has_scsi(a))
        hvm_arg(l, "-device", "lsi53c895a");
    hvm_serial(l, m);
    if (c->screen.nographic && !c->screen.vnc && !c->screen.sdl)
        dm_arg(l, "-nographic");
    hvm_spice(l, &c->screen);
    hvm_vga(l, &c->screen);
    dm_arg(l, "-boot");
    dm_arg(l, "order=%s", m->boot != NULL ? m->boot : "cda");
    hvm_usb(l, c);
    hvm_sound(l, m->soundhw);
    if (!m->acpi)
        dm_arg(l, "-no-acpi");
    if (c->maxvcpus > 1) {
        dm_arg(l, "-smp");
        dm_arg(l, "%u,maxcpus=%u", c->vcpus, c->maxvcpus);
    }
    hvm_nics(l, a);
}
