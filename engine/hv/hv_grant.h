/*
 * hv_grant.h - the rights of domains to devices of the host. sbdf is the
 * address of a PCI device: segment << 16 | bus << 8 | device << 3 | function.
 */
#ifndef XENDECK_ENGINE_HV_GRANT_H
#define XENDECK_ENGINE_HV_GRANT_H

#include "engine/hv/hv_types.h"

/* Through the IOMMU; relaxed: reserved memory regions are tolerated. A host
 * without one is success for a PV domain, as libxl has it. */
int hv_assign_device(struct hv *h, uint32_t domid, uint32_t sbdf, bool relaxed,
                     struct err *e);
/* Back to nobody: Xen keeps it in quarantine. */
int hv_deassign_device(struct hv *h, uint32_t domid, uint32_t sbdf,
                       struct err *e);
int hv_ioport_permission(struct hv *h, uint32_t domid, uint32_t first,
                         uint32_t n, bool allow, struct err *e);
/* n pages from frame mfn. */
int hv_iomem_permission(struct hv *h, uint32_t domid, uint64_t mfn, uint64_t n,
                        bool allow, struct err *e);
/* Maps the host's irq for the domain and allows it, or takes both back. */
int hv_irq_permission(struct hv *h, uint32_t domid, unsigned irq, bool allow,
                      struct err *e);

#endif
