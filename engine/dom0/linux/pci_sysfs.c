/*
 * pci_sysfs.c - see pci_sysfs.h. A device can be given away once pciback holds
 * it: the driver's directory has a link of its address.
 */
#include "engine/dom0/linux/pci_sysfs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/dom0/pci_bdf.h"
#include "src/base/buf.h"
#include "src/base/fdio.h"
#include "src/base/xalloc.h"

#define DEVICES   "/sys/bus/pci/devices/"
#define DRIVERS   "/sys/bus/pci/drivers/"
#define FILE_MAX  4096
#define RES_IO    0x100UL /* IORESOURCE_IO */
#define SYSFS_OLD "xen-pciback"

/* The number in a file of a device; 0 if there is none. */
static unsigned long
pci_sysfs_read_number(const char *root, const char *bdf, const char *file)
{
    char *path = xasprintf("%s" DEVICES "%s/%s", root, bdf, file);
    struct buf b = { 0 };
    unsigned long v = 0;

    if (fd_read_file(path, FILE_MAX, &b, NULL) == 0)
        v = strtoul(buf_text(&b), NULL, 0);
    buf_free(&b);
    free(path);
    return v;
}

/* Lines "0xSTART 0xEND 0xFLAGS"; all zero: unused. */
static void
read_resources(const char *root, const char *bdf, struct dom0_pci *out)
{
    char *path = xasprintf("%s" DEVICES "%s/resource", root, bdf);
    char *line, *save = NULL, *p;
    struct buf b = { 0 };
    unsigned row = 0;

    if (fd_read_file(path, FILE_MAX, &b, NULL) < 0)
        buf_str(&b, "");
    for (line = b.data == NULL ? NULL : strtok_r(b.data, "\n", &save);
         line != NULL && row < DOM0_PCI_RES_MAX;
         line = strtok_r(NULL, "\n", &save), row++) {
        uint64_t start = strtoull(line, &p, 16), end = strtoull(p, &p, 16);
        unsigned long flags = strtoul(p, &p, 16);

        if (start == 0 || end < start)
            continue;
        out->res[out->n_res].io = (flags & RES_IO) != 0;
        out->res[out->n_res].start = start;
        out->res[out->n_res++].size = end - start + 1;
    }
    buf_free(&b);
    free(path);
}

static void
read_driver(const char *root, const char *bdf, struct dom0_pci *out)
{
    char *path = xasprintf("%s" DEVICES "%s/driver", root, bdf);
    char to[256];
    const char *base;
    ssize_t n = readlink(path, to, sizeof(to) - 1);

    free(path);
    if (n <= 0)
        return;
    to[n] = '\0';
    base = strrchr(to, '/');
    base = base != NULL ? base + 1 : to;
    if (strcmp(base, SYSFS_OLD) == 0)
        base = DOM0_PCI_BACK;
    text_safe(out->driver, sizeof(out->driver), base, strlen(base));
}

int
pci_sysfs_get(const char *root, uint32_t sbdf, struct dom0_pci *out,
              struct err *e)
{
    char bdf[PCI_BDF_MAX], *path;
    int missing;

    pci_bdf_print(sbdf, bdf);
    path = xasprintf("%s" DEVICES "%s", root, bdf);
    missing = access(path, F_OK);
    free(path);
    if (missing)
        return err_set(e, ERR_NOENT, "this host has no PCI device %s", bdf);
    *out = (struct dom0_pci){ .sbdf = sbdf };
    out->vendor = (unsigned)pci_sysfs_read_number(root, bdf, "vendor");
    out->device = (unsigned)pci_sysfs_read_number(root, bdf, "device");
    out->irq = (unsigned)pci_sysfs_read_number(root, bdf, "irq");
    read_driver(root, bdf, out);
    read_resources(root, bdf, out);
    return 0;
}

static int
by_sbdf(const void *a, const void *b)
{
    uint32_t x = ((const struct dom0_pci *)a)->sbdf,
             y = ((const struct dom0_pci *)b)->sbdf;

    return (x > y) - (x < y);
}

int
pci_sysfs_list(const char *root, struct dom0_pci *out, size_t max,
               size_t *n_out, struct err *e)
{
    static const char *const drivers[] = { DOM0_PCI_BACK, SYSFS_OLD };
    const struct dirent *de;
    uint32_t sbdf;
    size_t i, n = 0;

    (void)e; /* without the driver none can be given away */
    *n_out = 0;
    for (i = 0; i < 2; i++) {
        char *path = xasprintf("%s" DRIVERS "%s", root, drivers[i]);
        DIR *d = opendir(path);

        free(path);
        while (d != NULL && (de = readdir(d)) != NULL) {
            if (!pci_bdf_parse(de->d_name, &sbdf))
                continue;
            (*n_out)++;
            if (n < max && pci_sysfs_get(root, sbdf, &out[n], NULL) == 0)
                n++;
        }
        if (d != NULL)
            closedir(d);
    }
    if (n > 1)
        qsort(out, n, sizeof(*out), by_sbdf);
    return 0;
}

static int
pci_sysfs_write_file(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC), rc;

    if (fd < 0)
        return -1;
    rc = fd_write_all(fd, text, strlen(text));
    close(fd);
    return rc;
}

static int
tell_back(const char *root, const char *file, const char *bdf)
{
    char *path = xasprintf("%s" DRIVERS DOM0_PCI_BACK "/%s", root, file);
    int rc = pci_sysfs_write_file(path, bdf);

    free(path);
    return rc;
}

/* pciback's own reset where it has one, else the kernel's. */
int
pci_sysfs_reset(const char *root, uint32_t sbdf, struct err *e)
{
    char bdf[PCI_BDF_MAX], *path;
    int rc;

    pci_bdf_print(sbdf, bdf);
    if (tell_back(root, "do_flr", bdf) == 0)
        return 0;
    path = xasprintf("%s" DEVICES "%s/reset", root, bdf);
    rc = pci_sysfs_write_file(path, "1");
    free(path);
    return rc == 0 ? 0 : err_sys(e, errno, "reset of %s", bdf);
}

int
pci_sysfs_permissive(const char *root, uint32_t sbdf, struct err *e)
{
    char bdf[PCI_BDF_MAX];

    pci_bdf_print(sbdf, bdf);
    return tell_back(root, "permissive", bdf) == 0
               ? 0
               : err_sys(e, errno, "permissive access to %s", bdf);
}
