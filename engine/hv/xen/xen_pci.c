/*
 * xen_pci.c - the Xen driver's part in giving PCI devices to domains: rights
 * to ports, memory and interrupts, and the IOMMU.
 */
#include <errno.h>

#include "engine/hv/xen/xen_int.h"

int
xen_assign_device(struct hv *h, uint32_t domid, uint32_t sbdf, bool relaxed,
                  struct err *e)
{
    uint32_t flags = relaxed ? XEN_DOMCTL_DEV_RDM_RELAXED : 0;

    if (xc_assign_device(xen_of(h)->xch, domid, sbdf, flags) == 0)
        return 0;
    /* A PV domain sees machine addresses: it can do without an IOMMU. Where
     * there is one, a domain that was made without it cannot. */
    if ((errno == ENOSYS || errno == EOPNOTSUPP) && !xen_of(h)->iommu)
        return 0;
    if (errno == EOPNOTSUPP)
        return hv_no_iommu(domid, e);
    return xen_err_dom(e, domid, errno, "assigning a PCI device");
}

int
xen_deassign_device(struct hv *h, uint32_t domid, uint32_t sbdf, struct err *e)
{
    xc_interface *xch = xen_of(h)->xch;

    if (xc_deassign_device(xch, domid, sbdf) < 0 && errno != ENOSYS &&
        errno != EOPNOTSUPP && errno != ENODEV)
        return xen_err_dom(e, domid, errno, "taking back a PCI device");
    /* Quarantine: where Xen does not do so by itself. A refusal means that it
     * is there already, or that there is no IOMMU. */
    (void)xc_assign_device(xch, DOMID_IO, sbdf, XEN_DOMCTL_DEV_RDM_RELAXED);
    return 0;
}

int
xen_ioport_permission(struct hv *h, uint32_t domid, uint32_t first, uint32_t n,
                      bool allow, struct err *e)
{
    if (xc_domain_ioport_permission(xen_of(h)->xch, domid, first, n, allow) ==
        0)
        return 0;
    return xen_err_dom(e, domid, errno, "the right to I/O ports");
}

int
xen_iomem_permission(struct hv *h, uint32_t domid, uint64_t mfn, uint64_t n,
                     bool allow, struct err *e)
{
    if (xc_domain_iomem_permission(xen_of(h)->xch, domid, mfn, n, allow) == 0)
        return 0;
    return xen_err_dom(e, domid, errno, "the right to I/O memory");
}

int
xen_irq_permission(struct hv *h, uint32_t domid, unsigned irq, bool allow,
                   struct err *e)
{
    xc_interface *xch = xen_of(h)->xch;
    int pirq = (int)irq;

    if (!allow) {
        if (xc_physdev_unmap_pirq(xch, domid, pirq) < 0 && errno != EINVAL)
            return xen_err_dom(e, domid, errno, "an interrupt");
        /* EINVAL: the guest has unmapped it already. */
        if (xc_domain_irq_permission(xch, domid, (uint32_t)pirq, false) < 0)
            return xen_err_dom(e, domid, errno, "the right to an interrupt");
        return 0;
    }
    if (xc_physdev_map_pirq(xch, domid, (int)irq, &pirq) < 0)
        return xen_err_dom(e, domid, errno, "an interrupt");
    if (xc_domain_irq_permission(xch, domid, (uint32_t)pirq, true) < 0)
        return xen_err_dom(e, domid, errno, "the right to an interrupt");
    return 0;
}
