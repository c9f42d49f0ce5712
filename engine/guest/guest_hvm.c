/*
 * guest_hvm.c - the handler of HVM guests: Xen's loader is put into memory with
 * the firmware; what the guest boots from is its device model's. A kernel, if
 * the configuration names one, is loaded by the model, too.
 */
#include <string.h>

#include "engine/config/core/image_type.h"
#include "engine/core/engine_options.h"
#include "engine/dom0/dom0.h"
#include "engine/guest/guest.h"
#include "engine/guest/guest_firmware.h"
#include "engine/guest/guest_json.h"
#include "engine/guest/guest_machine.h"

#define OWN_EXTRA_KIB 1024 /* libxl's LIBXL_MAXMEM_CONSTANT */
#define OVERHEAD_KIB  2048 /* in Xen's own memory, as libxl reckons */
#define NEED_STEP_KIB 2048 /* Xen gives large pages of this size */
/* libxl keeps so much from the balloon of a guest, away from the edge of what
 * is populated on demand. */
#define FUDGE_KIB 1024

static int
hvm_check_host(const struct hv_host *h, struct err *e)
{
    if (h->has_hvm)
        return 0;
    return err_set(e, ERR_UNSUPPORTED,
                   "this host runs no HVM domains: Xen or the firmware has "
                   "hardware virtualisation disabled");
}

/* The memory of the screen's card is part of the domain's: its model fills
 * that in. */
static void
hvm_memory(const struct domain_config *c, struct guest_memory *out)
{
    uint64_t pool = guest_pool_kib(c);
    uint64_t video = (uint64_t)config_video_mib(&c->screen) * 1024;

    if (video + 1024 > c->mem_kib) /* check_room refuses it */
        video = 0;
    *out = (struct guest_memory){
        .need_kib =
            guest_round_kib(c->mem_kib + pool + OVERHEAD_KIB, NEED_STEP_KIB),
        .own_kib = c->mem_kib + OWN_EXTRA_KIB,
        .build_kib = guest_round_kib(c->mem_kib - video, 1024),
        .seen_kib = guest_round_kib(c->maxmem_kib - video, 1024),
        .pool_kib = pool,
        .video_kib = video,
        .target_kib =
            c->mem_kib - video - (c->maxmem_kib > c->mem_kib ? FUDGE_KIB : 0),
    };
}

/* --- files --- */

static const char *
firmware_word(const struct domain_config *c)
{
    const char *fw = c->image.firmware;

    return fw != NULL && (strcmp(fw, "ovmf") == 0 || strcmp(fw, "uefi") == 0)
               ? "ovmf"
               : "seabios";
}

/* The configuration's, or this host's. */
static int
hvm_open_loader(struct guest *g, struct err *e)
{
    const struct domain_config *c = g->nodes->cfg;
    char path[256];

    if (g->files.loader_fd >= 0)
        return 0;
    if (dom0_firmware(engine_dom0(g->task->en), DOM0_HVMLOADER, path,
                      sizeof(path), e) < 0)
        return -1;
    return image_open_own(c, "image.loader", path, &g->files.loader_fd, e);
}

static int
hvm_open_firmware(struct guest *g, struct err *e)
{
    const struct domain_config *c = g->nodes->cfg;
    bool ovmf = strcmp(firmware_word(c), "ovmf") == 0;
    char path[256];

    if (g->files.firmware_fd >= 0)
        return 0;
    if (c->image.firmware != NULL && c->image.firmware[0] == '/')
        return image_open_own(c, "image.firmware", c->image.firmware,
                              &g->files.firmware_fd, e);
    if (dom0_firmware(engine_dom0(g->task->en), ovmf ? DOM0_OVMF : DOM0_SEABIOS,
                      path, sizeof(path), e) < 0)
        return -1;
    return image_open_own(c, "image.firmware", path, &g->files.firmware_fd, e);
}

/* Rom BIOS is the old model's. Kernel and ramdisk are opened to be checked:
 * the model opens them by their paths. */
static int
hvm_prepare(struct guest *g, struct err *e)
{
    const struct domain_config *c = g->nodes->cfg;

    if (c->image.firmware != NULL && strcmp(c->image.firmware, "rombios") == 0)
        return config_refuse(c, "image.firmware", ERR_UNSUPPORTED, e,
                             "found \"rombios\", allowed \"seabios\" or "
                             "\"ovmf\": QEMU starts no other");
    if (c->mem_kib < ((uint64_t)config_video_mib(&c->screen) + 1) * 1024)
        return config_refuse(c, "memory", ERR_RANGE, e,
                             "found %llu MiB, allowed more than the %u MiB of "
                             "its screen",
                             (unsigned long long)c->mem_kib / 1024,
                             config_video_mib(&c->screen));
    if (c->machine.mmio_hole_mib > 0)
        text_fmt(g->nodes->mmio_hole, sizeof(g->nodes->mmio_hole), "%llu",
                 (unsigned long long)c->machine.mmio_hole_mib << 20);
    if (image_cmdline(c, &g->cmdline, e) < 0 ||
        image_open(c, &g->files, e) < 0 ||
        guest_generation(&c->machine, g->nodes->generation,
                         sizeof(g->nodes->generation), e) < 0)
        return -1;
    return hvm_open_loader(g, e) < 0 ? -1 : hvm_open_firmware(g, e);
}

static void
hvm_job(const struct guest *g, struct hv_build *b)
{
    b->kernel_fd = g->files.loader_fd;
    b->firmware_fd = g->files.firmware_fd;
    b->acpi_fd = g->files.acpi_fd;
    b->smbios_fd = g->files.smbios_fd;
    b->cmdline = "";
}

/* --- nodes --- */

/* hvmloader reads these. */
static size_t
platform_nodes(const struct config_machine *m, struct guest_node *out)
{
    size_t i = 0;

    out[i++] = (struct guest_node){ "platform/acpi", m->acpi ? "1" : "0",
                                    GUEST_FRONT };
    out[i++] = (struct guest_node){ "platform/acpi_s3", m->acpi_s3 ? "1" : "0",
                                    GUEST_FRONT };
    out[i++] = (struct guest_node){ "platform/acpi_s4", m->acpi_s4 ? "1" : "0",
                                    GUEST_FRONT };
    out[i++] =
        (struct guest_node){ "platform/acpi_laptop_slate",
                             m->acpi_laptop_slate ? "1" : "0", GUEST_FRONT };
    out[i++] =
        (struct guest_node){ "platform/device-model", "qemu_xen", GUEST_FRONT };
    return i;
}

static size_t
hvm_nodes(const struct nodes *n, struct guest_node out[GUEST_NODES_MAX])
{
    const struct domain_config *c = n->cfg;
    size_t i = 0;

    out[i++] = (struct guest_node){ "image/ostype", "hvm", GUEST_VM };
    out[i++] = (struct guest_node){ "rtc/timeoffset", n->timeoffset, GUEST_VM };
    i += platform_nodes(&c->machine, out + i);
    out[i++] =
        (struct guest_node){ "hvmloader/bios", firmware_word(c), GUEST_FRONT };
    out[i++] = (struct guest_node){ "hvmloader/allow-memory-relocate", "0",
                                    GUEST_FRONT };
    out[i++] = (struct guest_node){ "control/feature-s3", "", GUEST_OWN };
    out[i++] = (struct guest_node){ "control/feature-s4", "", GUEST_OWN };
    if (n->mmio_hole[0] != '\0')
        out[i++] = (struct guest_node){ "platform/mmio_hole_size", n->mmio_hole,
                                        GUEST_FRONT };
    if (n->generation[0] != '\0')
        out[i++] = (struct guest_node){ "platform/generation-id", n->generation,
                                        GUEST_FRONT };
    return i + guest_smbios_nodes(&c->machine, out + i, GUEST_NODES_MAX - i);
}

static const struct guest_step hvm_steps[] = {
    { .step = { .id = "build", .label = "build", .cancellable = true },
      .run = guest_build_run,
      .undo = guest_build_undo },
};

const struct guest_type guest_hvm = {
    .kind = "hvm",
    .hv = HV_HVM,
    .has_state = true,
    .check_host = hvm_check_host,
    .memory = hvm_memory,
    .list_files = guest_list_files,
    .prepare = hvm_prepare,
    .job = hvm_job,
    .nodes = hvm_nodes,
    .json = guest_json_hvm,
    .steps = hvm_steps,
    .n_steps = sizeof(hvm_steps) / sizeof(hvm_steps[0]),
};
