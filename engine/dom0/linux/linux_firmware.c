/*
 * linux_firmware.c - where this dom0 has the files that domains are started
 * from: Xen's loader, of the Xen that runs, the firmware, and GRUB as a PV
 * kernel.
 */
#include <fcntl.h>
#include <glob.h>
#include <string.h>
#include <unistd.h>

#include "engine/dom0/linux/linux_int.h"
#include "src/base/fdio.h"

#define PLACES_MAX 5

/* A place may have a version of Xen in it, as "%s". */
static const struct {
    const char *what, *package;
    const char *places[PLACES_MAX];
} firmwares[] = {
    [DOM0_HVMLOADER] = { "Xen's hvmloader",
                         "xen-utils",
                         { "/usr/lib/xen-%s/boot/hvmloader",
                           "/usr/libexec/xen/boot/hvmloader",
                           "/usr/lib/xen/boot/hvmloader",
                           "/usr/local/lib/xen/boot/hvmloader" } },
    [DOM0_SEABIOS] = { "SeaBIOS",
                       "seabios",
                       { "/usr/share/seabios/bios-256k.bin",
                         "/usr/share/qemu/bios-256k.bin",
                         "/usr/lib/xen-%s/boot/seabios.bin",
                         "/usr/libexec/xen/boot/seabios.bin" } },
    [DOM0_OVMF] = { "OVMF",
                    "ovmf",
                    { "/usr/share/ovmf/OVMF.fd",
                      "/usr/lib/xen-%s/boot/ovmf.bin",
                      "/usr/libexec/xen/boot/ovmf.bin" } },
    /* xl takes the first of these; Debian's package has the last one. */
    [DOM0_PVGRUB32] = { "pvgrub32",
                        "grub-xen-host",
                        { "/usr/lib/xen-%s/boot/pvgrub32.bin",
                          "/usr/libexec/xen/boot/pvgrub32.bin",
                          "/usr/lib/xen/boot/pvgrub32.bin",
                          "/usr/lib/grub-xen/grub-i386-xen.bin" } },
    [DOM0_PVGRUB64] = { "pvgrub64",
                        "grub-xen-host",
                        { "/usr/lib/xen-%s/boot/pvgrub64.bin",
                          "/usr/libexec/xen/boot/pvgrub64.bin",
                          "/usr/lib/xen/boot/pvgrub64.bin",
                          "/usr/lib/grub-xen/grub-x86_64-xen.bin" } },
};

static void
read_number(const char *path, char *dst, size_t n)
{
    struct buf text = { 0 };

    dst[0] = '\0';
    if (fd_read_file(path, 8192, &text, NULL) == 0)
        text_fmt(dst, n, "%.*s", (int)strspn(buf_text(&text), "0123456789"),
                 buf_text(&text));
    buf_free(&text);
}

void
linux_xen_version(char *dst, size_t n)
{
    char major[8], minor[8];

    read_number("/sys/hypervisor/version/major", major, sizeof(major));
    read_number("/sys/hypervisor/version/minor", minor, sizeof(minor));
    text_fmt(dst, n, "%s.%s", major, minor);
}

static void
fill_place(const char *place, const char *version, char *dst, size_t n)
{
    const char *at = strstr(place, "%s");

    if (at == NULL)
        text_fmt(dst, n, "%s", place);
    else
        text_fmt(dst, n, "%.*s%s%s", (int)(at - place), place, version, at + 2);
}

int
linux_firmware(struct dom0 *d, enum dom0_firmware which, char *dst, size_t n,
               struct err *e)
{
    char version[24];
    size_t i;

    (void)d;
    linux_xen_version(version, sizeof(version));
    for (i = 0; i < PLACES_MAX && firmwares[which].places[i] != NULL; i++) {
        fill_place(firmwares[which].places[i], version, dst, n);
        if (access(dst, R_OK) == 0)
            return 0;
    }
    return err_set(e, ERR_NOENT,
                   "%s is missing on this host: install the package %s",
                   firmwares[which].what, firmwares[which].package);
}
