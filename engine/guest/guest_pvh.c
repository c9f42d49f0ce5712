/*
 * guest_pvh.c - the handler of PVH guests: a kernel is loaded and started as a
 * PV one's is, but in a container of the processor, with a memory map and ACPI
 * tables instead of a machine. No device model.
 */
#include "engine/guest/guest.h"
#include "engine/guest/guest_kernel.h"
#include "engine/guest/guest_machine.h"
#include "engine/guest/loader/guest_loader.h"

#define OWN_EXTRA_KIB 1024 /* libxl's LIBXL_MAXMEM_CONSTANT */
#define OVERHEAD_KIB  2048 /* in Xen's own memory, as libxl reckons */
#define NEED_STEP_KIB 2048 /* Xen gives large pages of this size */

static int
pvh_check_host(const struct hv_host *h, struct err *e)
{
    if (h->has_hvm)
        return 0;
    return err_set(e, ERR_UNSUPPORTED,
                   "this host runs no PVH domains: Xen or the firmware has "
                   "hardware virtualisation disabled");
}

/* What lies between memory and maxmem is populated on demand. */
static void
pvh_memory(const struct domain_config *c, struct guest_memory *out)
{
    uint64_t pool = guest_pool_kib(c);

    *out = (struct guest_memory){
        .need_kib =
            guest_round_kib(c->mem_kib + pool + OVERHEAD_KIB, NEED_STEP_KIB),
        .own_kib = c->mem_kib + OWN_EXTRA_KIB,
        .build_kib = guest_round_kib(c->mem_kib, 1024),
        .seen_kib = guest_round_kib(c->maxmem_kib, 1024),
        .pool_kib = pool,
        .target_kib = c->mem_kib,
    };
}

/* libxl writes none of the image's, either. */
static size_t
pvh_nodes(const struct nodes *n, struct guest_node out[GUEST_NODES_MAX])
{
    (void)n, (void)out;
    return 0;
}

static const struct guest_step pvh_steps[] = {
    GUEST_LOADER_STEP,
    { .step = { .id = "build", .label = "build", .cancellable = true },
      .run = guest_build_run,
      .undo = guest_build_undo },
};

const struct guest_type guest_pvh = {
    .kind = "pvh",
    .hv = HV_PVH,
    .check_host = pvh_check_host,
    .memory = pvh_memory,
    .list_files = guest_list_files,
    .prepare = guest_kernel_prepare,
    .job = guest_kernel_job,
    .nodes = pvh_nodes,
    .steps = pvh_steps,
    .n_steps = sizeof(pvh_steps) / sizeof(pvh_steps[0]),
};
