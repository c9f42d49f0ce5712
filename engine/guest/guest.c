/*
 * guest.c - the table of guest handlers, and the guest of a creation.
 */
#include "engine/guest/guest.h"

#include <string.h>
#include <unistd.h>

#include "engine/config/core/set.h"
#include "engine/guest/guest_firmware.h"
#include "engine/guest/guest_kernel.h"
#include "engine/guest/loader/guest_loader.h"
#include "engine/task/file_look.h"
#include "engine/task/helper.h"

static const struct guest_type *const guest_types[] = {
    [DOM_PV] = &guest_pv,
    [DOM_PVH] = &guest_pvh,
    [DOM_HVM] = &guest_hvm,
};

const struct guest_type *
guest_type_of(const struct domain_config *c)
{
    return guest_types[c->kind];
}

int
guest_check(const struct domain_config *c, struct err *e)
{
    return guest_kernel_check(c, e);
}

void
guest_init(struct guest *g, struct task *t, struct nodes *n,
           const struct domain_config *c)
{
    *g = (struct guest){ .type = guest_type_of(c),
                         .task = t,
                         .nodes = n,
                         .stream_fd = -1,
                         .state_fd = -1,
                         .files = IMAGE_NO_FILES };
    n->cfg = c;
    if (c->machine.rtc_timeoffset_s != 0)
        text_fmt(n->timeoffset, sizeof(n->timeoffset), "%d",
                 c->machine.rtc_timeoffset_s);
    n->type = g->type;
}

int
guest_prepare(struct guest *g, struct err *e)
{
    if (g->stream_fd < 0)
        return g->type->prepare(g, e);
    if (g->nodes->cfg->image.bootloader == NULL) {
        g->nodes->kernel = g->nodes->cfg->image.kernel;
        g->nodes->ramdisk = g->nodes->cfg->image.ramdisk;
    }
    if (guest_generation(&g->nodes->cfg->machine, g->nodes->generation,
                         sizeof(g->nodes->generation), e) < 0)
        return -1;
    return image_cmdline(g->nodes->cfg, &g->cmdline, e); /* for its nodes */
}

void
guest_fini(struct guest *g)
{
    struct image_files *f = &g->files;
    int fds[] = { g->stream_fd,   f->kernel_fd, f->ramdisk_fd, f->loader_fd,
                  f->firmware_fd, f->acpi_fd,   f->smbios_fd };

    helper_cancel(g->helper);
    g->helper = NULL;
    guest_loader_fini(g);
    file_look_close(g->task->en, fds, sizeof(fds) / sizeof(fds[0]));
    if (g->state_fd >= 0)
        close(g->state_fd);
    g->stream_fd = g->state_fd = -1;
    *f = (struct image_files)IMAGE_NO_FILES;
    buf_free(&g->cmdline);
}

void
guest_list_files(const struct guest *g, struct file_look *r)
{
    const struct domain_config *c = g->nodes->cfg;
    const struct config_image *im = &c->image;
    bool in_disk = im->bootloader != NULL; /* that of the guest */
    const char *const paths[] = {
        in_disk ? NULL : im->kernel,
        in_disk ? NULL : im->ramdisk,
        im->loader,
        im->firmware_path,
        c->machine.acpi_firmware,
        c->machine.smbios_firmware,
        im->firmware,
    };
    size_t i;

    for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
        if (paths[i] != NULL && paths[i][0] == '/')
            file_look_add(r, g->task->en, paths[i]);
}
