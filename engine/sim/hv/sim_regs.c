/*
 * sim_regs.c - registers of simulated vcpus: where an idle kernel, or one that
 * has panicked, stands.
 */
#include <string.h>

#include "engine/sim/hv/sim_dom.h"
#include "engine/sim/hv/sim_hv.h"

#define KERNEL_IDLE  0xffffffff81e00aa0ULL /* xen_hypercall_sched_op */
#define KERNEL_PANIC 0xffffffff81088f1cULL /* panic */
#define KERNEL_STACK 0xffffc90040000000ULL

int
sim_hv_vcpu_regs(struct hv *h, uint32_t domid, unsigned vcpu,
                 struct hv_regs *out, struct err *e)
{
    const struct sim_dom *d = sim_enter(h, domid, e);
    bool dead;

    if (d == NULL)
        return -1;
    if (!d->vcpus_made || vcpu >= d->max_vcpus)
        return err_set(e, ERR_NOENT, "domain %u has no vcpu %u", domid, vcpu);
    if (vcpu >= d->online)
        return err_set(e, ERR_NOENT, "vcpu %u of domain %u was never started",
                       vcpu, domid);
    dead = d->shutdown && vcpu == 0;
    *out = (struct hv_regs){ .ip = dead ? KERNEL_PANIC : KERNEL_IDLE,
                             .sp = KERNEL_STACK + 0x4000ULL * vcpu + 0x3e98,
                             .flags = 0x246,
                             .cx = KERNEL_IDLE + 10,
                             .cr0 = 0x80050033,
                             .cr3 = 0x100000 + 0x1000ULL * domid,
                             .cr4 = 0x40660,
                             .cs = 0xe033,
                             .ss = 0xe02b };
    return 0;
}
