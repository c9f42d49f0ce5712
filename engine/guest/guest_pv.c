/*
 * guest_pv.c - the handler of paravirtualised guests: a kernel and perhaps a
 * ramdisk are loaded into memory, and started with a command line.
 */
#include "engine/config/core/image_type.h"
#include "engine/guest/guest.h"
#include "engine/guest/guest_json.h"
#include "engine/guest/guest_kernel.h"
#include "engine/guest/guest_machine.h"
#include "engine/guest/loader/guest_loader.h"

#define OWN_EXTRA_KIB 1024 /* libxl's LIBXL_MAXMEM_CONSTANT */
#define OVERHEAD_KIB  1024 /* of a PV domain, in Xen's own memory */
#define NEED_STEP_KIB 2048 /* Xen gives large pages of this size */

static int
pv_check_host(const struct hv_host *h, struct err *e)
{
    if (h->has_pv)
        return 0;
    return err_set(e, ERR_UNSUPPORTED, "this Xen was built without PV guests");
}

static void
pv_memory(const struct domain_config *c, struct guest_memory *out)
{
    *out = (struct guest_memory){ .target_kib = c->mem_kib };
    out->need_kib = guest_round_kib(c->mem_kib + OVERHEAD_KIB, NEED_STEP_KIB);
    out->own_kib = c->mem_kib + OWN_EXTRA_KIB;
    out->map_kib = c->maxmem_kib + OWN_EXTRA_KIB;
    out->build_kib = guest_round_kib(c->mem_kib, 1024);
}

static void
pv_job(const struct guest *g, struct hv_build *b)
{
    guest_kernel_job(g, b);
    b->features = g->nodes->cfg->features;
}

static size_t
pv_nodes(const struct nodes *n, struct guest_node out[GUEST_NODES_MAX])
{
    const struct config_image *im = &n->cfg->image;
    size_t i = 0;

    out[i++] =
        (struct guest_node){ "image/ostype", image_type_find(im->type)->ostype,
                             GUEST_VM };
    if (n->kernel != NULL) /* a boot loader found that of what is restored */
        out[i++] = (struct guest_node){ "image/kernel", n->kernel, GUEST_VM };
    out[i++] = (struct guest_node){ "image/cmdline", n->cmdline, GUEST_VM };
    if (n->ramdisk != NULL)
        out[i++] = (struct guest_node){ "image/ramdisk", n->ramdisk, GUEST_VM };
    return i;
}

static const struct guest_step pv_steps[] = {
    GUEST_LOADER_STEP,
    { .step = { .id = "build", .label = "build", .cancellable = true },
      .run = guest_build_run,
      .undo = guest_build_undo },
};

const struct guest_type guest_pv = {
    .kind = "pv",
    .hv = HV_PV,
    .check_host = pv_check_host,
    .memory = pv_memory,
    .list_files = guest_list_files,
    .prepare = guest_kernel_prepare,
    .job = pv_job,
    .nodes = pv_nodes,
    .json = guest_json_pv,
    .steps = pv_steps,
    .n_steps = sizeof(pv_steps) / sizeof(pv_steps[0]),
};
