/*
 * xen_regs.c - the registers of a vcpu. Xen keeps those of a PV guest in the
 * context of the vcpu, those of a guest in a container (PVH, HVM) in the record
 * that a save of the machine has.
 */
#include "engine/hv/xen/xen_int.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <xen/hvm/save.h>

#include "src/base/xalloc.h"

static void
xen_regs_of_pv(const vcpu_guest_context_x86_64_t *c, struct hv_regs *out)
{
    const cpu_user_regs_x86_64_t *u = &c->user_regs;

    *out = (struct hv_regs){ .ip = u->rip,
                             .sp = u->rsp,
                             .flags = u->rflags,
                             .ax = u->rax,
                             .bx = u->rbx,
                             .cx = u->rcx,
                             .dx = u->rdx,
                             .si = u->rsi,
                             .di = u->rdi,
                             .bp = u->rbp,
                             .r = { u->r8, u->r9, u->r10, u->r11, u->r12,
                                    u->r13, u->r14, u->r15 },
                             .cr0 = c->ctrlreg[0],
                             .cr2 = c->ctrlreg[2],
                             .cr3 = c->ctrlreg[3],
                             .cr4 = c->ctrlreg[4],
                             .cs = u->cs,
                             .ss = u->ss };
}

/* Of a kernel of 32 bits: Xen fills the context as that sees it. */
static void
xen_regs_of_pv32(const vcpu_guest_context_x86_32_t *c, struct hv_regs *out)
{
    const cpu_user_regs_x86_32_t *u = &c->user_regs;

    *out = (struct hv_regs){ .ip = u->eip,
                             .sp = u->esp,
                             .flags = u->eflags,
                             .ax = u->eax,
                             .bx = u->ebx,
                             .cx = u->ecx,
                             .dx = u->edx,
                             .si = u->esi,
                             .di = u->edi,
                             .bp = u->ebp,
                             .cr0 = c->ctrlreg[0],
                             .cr2 = c->ctrlreg[2],
                             .cr3 = c->ctrlreg[3],
                             .cr4 = c->ctrlreg[4],
                             .cs = u->cs,
                             .ss = u->ss };
}

static void
xen_regs_of_hvm(const struct hvm_hw_cpu *c, struct hv_regs *out)
{
    *out = (struct hv_regs){ .ip = c->rip,
                             .sp = c->rsp,
                             .flags = c->rflags,
                             .ax = c->rax,
                             .bx = c->rbx,
                             .cx = c->rcx,
                             .dx = c->rdx,
                             .si = c->rsi,
                             .di = c->rdi,
                             .bp = c->rbp,
                             .r = { c->r8, c->r9, c->r10, c->r11, c->r12,
                                    c->r13, c->r14, c->r15 },
                             .cr0 = c->cr0,
                             .cr2 = c->cr2,
                             .cr3 = c->cr3,
                             .cr4 = c->cr4,
                             .cs = c->cs_sel,
                             .ss = c->ss_sel };
}

static int
xen_regs_err(struct hv *h, uint32_t domid, unsigned vcpu, struct err *e)
{
    if (errno == ENODATA || errno == ENOENT)
        return err_set(e, ERR_NOENT, "vcpu %u of domain %u was never started",
                       vcpu, domid);
    return xen_err_vcpu(h, domid, vcpu, e);
}

static int
xen_regs_read_pv(struct hv *h, uint32_t domid, unsigned vcpu,
                 struct hv_regs *out, struct err *e)
{
    struct xen *x = xen_of(h);
    vcpu_guest_context_any_t *c;
    unsigned bytes = 0; /* of its words */
    int r;

    if (xc_domain_get_guest_width(x->xch, domid, &bytes) < 0)
        return xen_regs_err(h, domid, vcpu, e);
    c = xcalloc(1, sizeof(*c));
    r = xc_vcpu_getcontext(x->xch, domid, vcpu, c);
    if (r == 0 && bytes == 4)
        xen_regs_of_pv32(&c->x32, out);
    else if (r == 0)
        xen_regs_of_pv(&c->x64, out);
    free(c);
    return r < 0 ? xen_regs_err(h, domid, vcpu, e) : 0;
}

int
xen_vcpu_regs(struct hv *h, uint32_t domid, unsigned vcpu, struct hv_regs *out,
              struct err *e)
{
    struct xen *x = xen_of(h);
    HVM_SAVE_TYPE(CPU) machine = { 0 };
    struct hv_dom d;

    if (hv_get(h, domid, &d, e) < 0)
        return -1;
    if (d.kind == HV_PV)
        return xen_regs_read_pv(h, domid, vcpu, out, e);
    if (xc_domain_hvm_getcontext_partial(x->xch, domid, HVM_SAVE_CODE(CPU),
                                         (uint16_t)vcpu, &machine,
                                         sizeof(machine)) < 0)
        return xen_regs_err(h, domid, vcpu, e);
    xen_regs_of_hvm(&machine, out);
    return 0;
}
