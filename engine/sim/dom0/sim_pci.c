/*
 * sim_pci.c - PCI devices of the simulated host: two that pciback holds, one
 * that it does not, and which domain has which, with its rights to ports,
 * memory and interrupts. Refuses what Xen refuses.
 */
#include "engine/sim/dom0/sim_pci.h"

#include <errno.h>
#include <string.h>

#include "engine/dom0/pci_bdf.h"
#include "engine/sim/dom0/sim_dom0.h"
#include "engine/sim/hv/sim_dom.h"
#include "engine/sim/hv/sim_hv.h"
#include "engine/sim/sim_int.h"
#include "src/base/xalloc.h"

static const struct dom0_pci devices[SIM_PCI_DEVICES] = {
    { .sbdf = 0x00fa,
      .driver = "ahci",
      .vendor = 0x8086,
      .device = 0xa102,
      .irq = 11,
      .n_res = 1,
      .res = { { .start = 0xf7000000, .size = 0x2000 } } },
    { .sbdf = 0x0300,
      .driver = DOM0_PCI_BACK,
      .vendor = 0x8086,
      .device = 0x10fb,
      .irq = 16,
      .n_res = 2,
      .res = { { .start = 0xf6000000, .size = 0x80000 },
               { .io = true, .start = 0xe000, .size = 0x20 } } },
    { .sbdf = 0x0400,
      .driver = DOM0_PCI_BACK,
      .vendor = 0x144d,
      .device = 0xa808,
      .irq = 17,
      .n_res = 1,
      .res = { { .start = 0xf5000000, .size = 0x4000 } } },
};

static struct sim *
sim_pci_of(struct hv *h)
{
    return container_of(h, struct sim, hv);
}

void
sim_pci_init(struct sim *s)
{
    size_t i;

    for (i = 0; i < SIM_PCI_DEVICES; i++)
        s->pci[i].info = devices[i];
}

static struct sim_pci *
pci_need(struct sim *s, uint32_t sbdf, struct err *e)
{
    char bdf[PCI_BDF_MAX];
    size_t i;

    for (i = 0; i < SIM_PCI_DEVICES; i++)
        if (s->pci[i].info.sbdf == sbdf)
            return &s->pci[i];
    pci_bdf_print(sbdf, bdf);
    err_set(e, ERR_NOENT, "this host has no PCI device %s", bdf);
    return NULL;
}

int
sim_dom0_pci_list(struct dom0 *d, struct dom0_pci *out, size_t max,
                  size_t *n_out, struct err *e)
{
    struct sim *s = container_of(d, struct sim, dom0);
    size_t i;

    (void)e;
    *n_out = 0;
    for (i = 0; i < SIM_PCI_DEVICES; i++) {
        if (strcmp(s->pci[i].info.driver, DOM0_PCI_BACK) != 0)
            continue;
        if (*n_out < max)
            out[*n_out] = s->pci[i].info;
        (*n_out)++;
    }
    return 0;
}

int
sim_dom0_pci_get(struct dom0 *d, uint32_t sbdf, struct dom0_pci *out,
                 struct err *e)
{
    struct sim *s = container_of(d, struct sim, dom0);
    const struct sim_pci *p;

    p = pci_need(s, sbdf, e);
    if (p == NULL)
        return -1;
    *out = p->info;
    return 0;
}

int
sim_dom0_pci_reset(struct dom0 *d, uint32_t sbdf, struct err *e)
{
    struct sim *s = container_of(d, struct sim, dom0);

    return pci_need(s, sbdf, e) == NULL ? -1 : 0;
}

int
sim_dom0_pci_permissive(struct dom0 *d, uint32_t sbdf, struct err *e)
{
    struct sim *s = container_of(d, struct sim, dom0);

    return pci_need(s, sbdf, e) == NULL ? -1 : 0;
}

int
sim_hv_assign_device(struct hv *h, uint32_t domid, uint32_t sbdf, bool relaxed,
                     struct err *e)
{
    struct sim *s = sim_pci_of(h);
    struct sim_pci *p;

    const struct sim_dom *d = sim_dom_need(s, domid, e);

    (void)relaxed;
    if (d == NULL)
        return -1;
    if (!d->iommu)
        return hv_no_iommu(domid, e);
    p = pci_need(s, sbdf, e);
    if (p == NULL)
        return -1;
    if (p->owner != 0 && p->owner != domid)
        return err_sys(e, ENODEV, "assigning a PCI device of domain %u", domid);
    p->owner = domid;
    return 0;
}

int
sim_hv_deassign_device(struct hv *h, uint32_t domid, uint32_t sbdf,
                       struct err *e)
{
    struct sim *s = sim_pci_of(h);
    struct sim_pci *p;

    if (sim_dom_need(s, domid, e) == NULL)
        return -1;
    p = pci_need(s, sbdf, e);
    if (p == NULL)
        return -1;
    if (p->owner == domid) /* else: taken back already, as libxl has it */
        p->owner = 0;
    return 0;
}

static size_t
sim_pci_right_at(const struct sim *s, const struct sim_right *want)
{
    size_t i;

    for (i = 0; i < s->n_rights; i++) {
        const struct sim_right *r = &s->rights[i];

        if (r->domid == want->domid && r->kind == want->kind &&
            r->first == want->first && r->n == want->n)
            break;
    }
    return i;
}

/* Twice the same is success, as with Xen's range sets. */
static int
right_set(struct hv *h, const struct sim_right *r, bool allow, struct err *e)
{
    struct sim *s = sim_pci_of(h);
    size_t at;

    if (sim_dom_need(s, r->domid, e) == NULL)
        return -1;
    at = sim_pci_right_at(s, r);
    if (allow && at == s->n_rights) {
        if (s->n_rights == s->cap_rights) {
            s->cap_rights += 16;
            s->rights = xrealloc(s->rights, s->cap_rights, sizeof(*s->rights));
        }
        s->rights[s->n_rights++] = *r;
    } else if (!allow && at < s->n_rights) {
        s->n_rights--;
        memmove(&s->rights[at], &s->rights[at + 1],
                (s->n_rights - at) * sizeof(*s->rights));
    }
    return 0;
}

int
sim_hv_ioport_permission(struct hv *h, uint32_t domid, uint32_t first,
                         uint32_t n, bool allow, struct err *e)
{
    struct sim_right r = { domid, SIM_RIGHT_IOPORT, first, n };

    return right_set(h, &r, allow, e);
}

int
sim_hv_iomem_permission(struct hv *h, uint32_t domid, uint64_t mfn, uint64_t n,
                        bool allow, struct err *e)
{
    struct sim_right r = { domid, SIM_RIGHT_IOMEM, mfn, n };

    return right_set(h, &r, allow, e);
}

int
sim_hv_irq_permission(struct hv *h, uint32_t domid, unsigned irq, bool allow,
                      struct err *e)
{
    struct sim_right r = { domid, SIM_RIGHT_IRQ, irq, 1 };

    return right_set(h, &r, allow, e);
}

void
sim_pci_release(struct sim *s, uint32_t domid)
{
    size_t i, n = 0;

    for (i = 0; i < SIM_PCI_DEVICES; i++)
        if (s->pci[i].owner == domid)
            s->pci[i].owner = 0;
    for (i = 0; i < s->n_rights; i++)
        if (s->rights[i].domid != domid)
            s->rights[n++] = s->rights[i];
    s->n_rights = n;
}

void
sim_pci_dump(const struct sim *s, struct buf *out)
{
    static const char *const kinds[] = { "ioport", "iomem", "irq" };
    char bdf[PCI_BDF_MAX];
    size_t i;

    for (i = 0; i < SIM_PCI_DEVICES; i++) {
        pci_bdf_print(s->pci[i].info.sbdf, bdf);
        if (s->pci[i].owner != 0)
            buf_fmt(out, "pci %s domain %u\n", bdf, s->pci[i].owner);
    }
    for (i = 0; i < s->n_rights; i++)
        buf_fmt(out, "right %u %s %llx+%llx\n", s->rights[i].domid,
                kinds[s->rights[i].kind],
                (unsigned long long)s->rights[i].first,
                (unsigned long long)s->rights[i].n);
}
