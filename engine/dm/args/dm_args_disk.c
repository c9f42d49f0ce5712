/*
 * dm_args_disk.c - the disks that a device model emulates for an HVM domain:
 * twins of the PV ones, which the guest's drivers unplug when they come. Names
 * "sd..." are SCSI disks; of others the first four are IDE disks, the first six
 * of an AHCI controller. The rest are PV alone.
 */
#include <string.h>

#include "engine/config/core/vdev.h"
#include "engine/device/device.h"
#include "engine/device/disk.h"
#include "engine/dm/dm.h"
#include "engine/dm/dm_args.h"
#include "engine/model/dom_kind.h"

#define IDE_DISKS  4
#define AHCI_DISKS 6

struct emulated {
    uint32_t number; /* of the PV disk */
    unsigned disk;   /* which of its bus */
    bool scsi;
    struct disk_spec spec;
    char path[1024];
};

/* Which disk a device number means: the majors of Linux, or Xen's extended
 * form. */
static unsigned
disk_of_number(uint32_t number)
{
    if (number >> 28 != 0)
        return (number >> 8) & 0xfffff;
    switch (number >> 8) {
    case 3:
        return (number >> 6) & 1;
    case 22:
        return 2 + ((number >> 6) & 1);
    default: /* 8, 202 */
        return (number >> 4) & 15;
    }
}

static const char *
qemu_format(const char *format)
{
    return strcmp(format, "vhd") == 0 ? "vpc" : format;
}

static bool
is_emulated(const struct dm_args *a, const struct config_device *c,
            struct emulated *out)
{
    const char *vdev = config_device_value(c, "vdev");

    if (device_traits(c->kind)->class != DOM_DEVICE_DISK || vdev == NULL ||
        !vdev_parse(vdev, &out->number) || disk_is_far(c))
        return false;
    disk_spec(c, &out->spec);
    out->disk = disk_of_number(out->number);
    out->scsi = strncmp(vdev, "sd", 2) == 0;
    text_fmt(out->path, sizeof(out->path), "%s", out->spec.params);
    if (out->spec.custom &&
        (a->disk_path == NULL ||
         !a->disk_path(a->arg, c, out->path, sizeof(out->path))))
        return false;
    return true;
}

bool
dm_args_has_scsi(const struct dm_args *a)
{
    size_t i;

    for (i = 0; i < a->cfg->n_devices; i++) {
        const struct config_device *c = &a->cfg->devices[i];
        const char *vdev = config_device_value(c, "vdev");

        if (device_traits(c->kind)->class == DOM_DEVICE_DISK && vdev != NULL &&
            strncmp(vdev, "sd", 2) == 0)
            return true;
    }
    return false;
}

bool
dm_drive_id(const char *vdev, char *dst, size_t n)
{
    uint32_t number;

    if (!vdev_parse(vdev, &number) || disk_of_number(number) >= IDE_DISKS)
        return false;
    text_fmt(dst, n, "ide-%u", number);
    return true;
}

static void
disk_file(struct dm_list *l, const struct dm_args *a, struct buf *b,
          const struct emulated *m)
{
    const struct dm_arg_image image = {
        .path = m->path,
        .raw = strcmp(m->spec.format, "raw") == 0,
        .writable = m->spec.mode[0] == 'w' && !m->spec.cdrom,
    };

    dm_arg_file(l, a, b, &image);
}

/* An empty drive has no file. */
static void
disk_cdrom(struct dm_list *l, const struct dm_args *a, const struct emulated *m)
{
    struct buf b = { 0 };

    if (m->disk >= IDE_DISKS)
        return;
    buf_fmt(&b, "if=none,readonly=on,id=ide-%u", m->number);
    if (m->path[0] != '\0') {
        buf_chr(&b, ',');
        disk_file(l, a, &b, m);
        buf_fmt(&b, ",format=%s", qemu_format(m->spec.format));
    }
    dm_arg(l, "-drive");
    dm_arg_take(l, &b);
    dm_arg(l, "-device");
    dm_arg(l, "ide-cd,id=ide-%u,drive=ide-%u,bus=ide.%u,unit=%u", m->number,
           m->number, m->disk / 2, m->disk % 2);
}

static void
disk_scsi(struct dm_list *l, const struct dm_args *a, const struct emulated *m)
{
    struct buf b = { 0 };

    disk_file(l, a, &b, m);
    dm_arg(l, "-drive");
    buf_fmt(&b, ",id=scsi0-hd%u,format=%s,if=none,readonly=%s,cache=writeback",
            m->disk, qemu_format(m->spec.format),
            m->spec.mode[0] == 'w' ? "off" : "on");
    dm_arg_take(l, &b);
    dm_arg(l, "-device");
    dm_arg(l, "scsi-hd,drive=scsi0-hd%u,scsi-id=%u", m->disk, m->disk);
}

static void
disk_ahci(struct dm_list *l, const struct dm_args *a, const struct emulated *m)
{
    struct buf b = { 0 };

    disk_file(l, a, &b, m);
    dm_arg(l, "-drive");
    buf_fmt(&b, ",if=none,id=ahcidisk-%u,format=%s,cache=writeback", m->disk,
            qemu_format(m->spec.format));
    dm_arg_take(l, &b);
    dm_arg(l, "-device");
    dm_arg(l, "ide-hd,bus=ahci0.%u,unit=0,drive=ahcidisk-%u", m->disk, m->disk);
}

static void
disk_ide(struct dm_list *l, const struct dm_args *a, const struct emulated *m)
{
    struct buf b = { 0 };

    disk_file(l, a, &b, m);
    dm_arg(l, "-drive");
    buf_fmt(&b, ",if=ide,index=%u,media=disk,format=%s,cache=writeback",
            m->disk, qemu_format(m->spec.format));
    dm_arg_take(l, &b);
}

/* Neither bus can have a disk that is read-only. */
static bool
is_writable_only(const struct domain_config *c, const struct emulated *m)
{
    bool ahci = c->machine.hdtype == CONFIG_HD_AHCI;

    return !m->spec.cdrom && !m->scsi &&
           m->disk < (ahci ? AHCI_DISKS : IDE_DISKS);
}

static void
refuse_read_only(const struct domain_config *c, const struct config_device *d,
                 struct err *e)
{
    const char *vdev = config_device_value(d, "vdev");
    bool ahci = c->machine.hdtype == CONFIG_HD_AHCI;

    err_set(e, ERR_UNSUPPORTED,
            "%s %s: mode: found \"r\", allowed \"w\" or a CD drive for a disk "
            "that is emulated on the %s bus; read-only can be a SCSI disk, as "
            "\"sda\", and one for PV drivers alone, as \"%s\"",
            d->kind, vdev, ahci ? "AHCI" : "IDE", ahci ? "xvdg" : "xvde");
    if (c->file != NULL && d->line != 0)
        err_wrap(e, "%s:%u", c->file, d->line);
}

int
dm_check_disks(const struct domain_config *c, struct err *e)
{
    const struct dm_args a = { .cfg = c };
    struct emulated m;
    size_t i;

    if (!dom_kind_has_machine(c->kind))
        return 0;
    for (i = 0; i < c->n_devices; i++)
        if (is_emulated(&a, &c->devices[i], &m) && is_writable_only(c, &m) &&
            m.spec.mode[0] != 'w') {
            refuse_read_only(c, &c->devices[i], e);
            return -1;
        }
    return 0;
}

static void
disk_one(struct dm_list *l, const struct dm_args *a, const struct emulated *m,
         bool *ahci)
{
    if (m->spec.cdrom) {
        disk_cdrom(l, a, m);
    } else if (m->scsi) {
        disk_scsi(l, a, m);
    } else if (m->spec.mode[0] != 'w') {
        return; /* see dm_check_disks */
    } else if (a->cfg->machine.hdtype == CONFIG_HD_AHCI &&
               m->disk < AHCI_DISKS) {
        if (!*ahci) {
            dm_arg(l, "-device");
            dm_arg(l, "ahci,id=ahci0");
        }
        *ahci = true;
        disk_ahci(l, a, m);
    } else if (m->disk < IDE_DISKS) {
        disk_ide(l, a, m);
    }
}

static void
disk_floppy(struct dm_list *l, const struct dm_args *a, unsigned index,
            const char *path)
{
    const struct dm_arg_image image = { .path = path,
                                        .raw = true,
                                        .writable = true };
    struct buf b = { 0 };

    if (path == NULL)
        return;
    buf_fmt(&b, "if=floppy,index=%u,format=raw,", index);
    dm_arg_file(l, a, &b, &image);
    dm_arg(l, "-drive");
    dm_arg_take(l, &b);
}

void
dm_args_disks(struct dm_list *l, const struct dm_args *a)
{
    const struct config_machine *mc = &a->cfg->machine;
    struct emulated m;
    bool ahci = false;
    size_t i;

    for (i = 0; i < a->cfg->n_devices; i++)
        if (is_emulated(a, &a->cfg->devices[i], &m))
            disk_one(l, a, &m, &ahci);
    disk_floppy(l, a, 0, mc->floppy_a);
    disk_floppy(l, a, 1, mc->floppy_b);
    if (mc->vendor_device != NULL &&
        strcmp(mc->vendor_device, "xenserver") == 0) {
        dm_arg(l, "-device");
        dm_arg(l, "xen-pvdevice,device-id=0xc000");
    }
}
