/*
 * guest_kernel.c - see guest_kernel.h.
 */
#include "engine/guest/guest_kernel.h"

#include <string.h>
#include <unistd.h>

#include "engine/core/engine_options.h"
#include "engine/core/paths.h"
#include "engine/dom0/dom0.h"
#include "engine/guest/loader/guest_loader.h"
#include "engine/hv/kernel_file.h"
#include "engine/hv/kernel_keep.h"
#include "engine/model/dom_kind.h"

/* xl's words for GRUB as a PV kernel; it refuses any path, and means the same
 * by kernel =. */
static const struct {
    const char *word;
    enum dom0_firmware file;
} kernel_words[] = {
    { "pvgrub32", DOM0_PVGRUB32 },
    { "pvgrub64", DOM0_PVGRUB64 },
};

int
guest_kernel_check(const struct domain_config *c, struct err *e)
{
    const struct config_image *im = &c->image;

    if (dom_kind_has_machine(c->kind))
        return 0;
    if (im->bootloader != NULL)
        return guest_loader_check(c, e);
    if (im->firmware == NULL)
        return 0;
    if (im->kernel != NULL)
        return config_refuse(c, "image.firmware", ERR_INVALID, e,
                             "found \"%s\", allowed none with a kernel: one of "
                             "them starts the domain",
                             im->firmware);
    if (dom_kind_in_container(c->kind) && im->firmware[0] != '/')
        return config_refuse(c, "image.firmware", ERR_UNSUPPORTED, e,
                             "found \"%s\", which is a kernel of PV domains, "
                             "allowed a path: Debian's grub-xen-host has "
                             "/usr/lib/grub-xen/grub-i386-xen_pvh.bin",
                             im->firmware);
    return 0;
}

static int
kernel_firmware_path(struct engine *en, const struct domain_config *c,
                     char *dst, size_t n, struct err *e)
{
    struct err why = { 0 };
    size_t i;

    text_fmt(dst, n, "%s", c->image.firmware);
    for (i = 0; i < sizeof(kernel_words) / sizeof(kernel_words[0]); i++)
        if (strcmp(kernel_words[i].word, c->image.firmware) == 0 &&
            dom0_firmware(engine_dom0(en), kernel_words[i].file, dst, n, &why) <
                0)
            return config_refuse(c, "image.firmware", why.code, e,
                                 "found \"%s\": %s", c->image.firmware,
                                 why.msg);
    return 0;
}

static int
kernel_open_firmware(struct guest *g, struct err *e)
{
    const struct domain_config *c = g->nodes->cfg;

    if (kernel_firmware_path(g->task->en, c, g->kernel, sizeof(g->kernel), e) <
        0)
        return -1;
    g->nodes->kernel = g->kernel;
    return image_open_own(c, "image.firmware", g->kernel, &g->files.kernel_fd,
                          e);
}

int
guest_kernel_check_file(const struct domain_config *c, int fd, struct err *e)
{
    const char *path = c->image.kernel, *what;

    if (fd < 0 || path == NULL || dom_kind_has_machine(c->kind))
        return 0;
    what = kernel_file_unfit(fd);
    if (what == NULL && kernel_file_cut_short(fd))
        what = "which is cut short";
    return what == NULL
               ? 0
               : config_refuse(c, "image.kernel", ERR_INVALID, e,
                               "found %s, %s, allowed a kernel", path, what);
}

bool
guest_kernel_in_dom0(const struct domain_config *c)
{
    return c->image.bootloader == NULL || dom_kind_has_machine(c->kind);
}

const char *
guest_kernel_looked_for(const struct domain_config *c)
{
    if (!guest_kernel_in_dom0(c))
        return c->image.bootloader;
    return dom_kind_has_machine(c->kind) ? NULL : c->image.firmware;
}

int
guest_kernel_look(struct engine *en, const struct domain_config *c,
                  struct err *e)
{
    char path[512];
    int rc, fd = -1;

    if (!guest_kernel_in_dom0(c))
        return guest_loader_find(en, c, path, sizeof(path), e);
    if (guest_kernel_looked_for(c) == NULL)
        return 0;
    rc = kernel_firmware_path(en, c, path, sizeof(path), e);
    if (rc == 0)
        rc = image_open_own(c, "image.firmware", path, &fd, e);
    if (fd >= 0)
        close(fd);
    return rc;
}

void
guest_kernels_sweep(struct engine *en)
{
    char dir[512];

    if (engine_options(en)->one_shot)
        return;
    text_fmt(dir, sizeof(dir), "%s/" KERNEL_KEEP_DIR, engine_paths(en)->state);
    kernel_keep_sweep(dir, engine_options(en)->kernel_cache_kib << 10);
}

int
guest_kernel_prepare(struct guest *g, struct err *e)
{
    const struct domain_config *c = g->nodes->cfg;

    if (image_cmdline(c, &g->cmdline, e) < 0)
        return -1;
    if (c->image.bootloader != NULL)
        return guest_loader_prepare(g, e);
    g->nodes->kernel = c->image.kernel;
    g->nodes->ramdisk = c->image.ramdisk;
    if (image_open(c, &g->files, e) < 0)
        return -1;
    return c->image.firmware != NULL ? kernel_open_firmware(g, e) : 0;
}

void
guest_kernel_job(const struct guest *g, struct hv_build *b)
{
    b->kernel_fd = g->files.kernel_fd;
    b->ramdisk_fd = g->files.ramdisk_fd;
    b->cmdline = buf_text(&g->cmdline);
}
