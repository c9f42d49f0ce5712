/*
 * hv.c - the wrappers around a hypervisor driver's table of operations.
 * Invariant: callers never test operation pointers; what a driver lacks is
 * refused here with one sentence. Called by the engine and by helpers.
 */
#include "engine/hv/hv.h"

#include "engine/hv/hv_driver.h"
#include "engine/hv/hv_machine.h"

static int
hv_lacks(const struct hv *h, const char *what, struct err *e)
{
    return err_set(e, ERR_UNSUPPORTED, "%s: no %s", h->ops->name, what);
}

#define HV_OP(name, params, args, ...)                                         \
    int hv_##name params                                                       \
    {                                                                          \
        return h->ops->name != NULL ? h->ops->name args                        \
                                    : hv_lacks(h, #name, e);                   \
    }
#include "engine/hv/hv_ops.def"

void
hv_close(struct hv *h)
{
    if (h != NULL && h->ops->close != NULL)
        h->ops->close(h);
}

const char *
hv_driver_name(const struct hv *h)
{
    return h->ops->name;
}

bool
hv_opens_slowly(const struct hv *h)
{
    return h->ops->opens_slowly;
}

bool
hv_destroys_slowly(const struct hv *h)
{
    return h->ops->destroys_slowly;
}

unsigned
hv_pace_ms(const struct hv *h)
{
    return h->ops->pace_ms == NULL ? 0 : h->ops->pace_ms(h);
}

int
hv_build(struct hv *h, const struct hv_build *b, struct hv_built *out,
         struct err *e)
{
    return h->ops->build != NULL ? h->ops->build(h, b, out, e)
                                 : hv_lacks(h, "build", e);
}

int
hv_get(struct hv *h, uint32_t domid, struct hv_dom *out, struct err *e)
{
    struct hv_dom d;
    size_t n = 0;

    if (hv_list(h, domid, &d, 1, &n, e) < 0)
        return -1;
    /* The listing starts at the next domain above a missing one. */
    if (n == 0 || d.domid != domid)
        return err_set(e, ERR_NOENT, "domain %u no longer exists", domid);
    *out = d;
    return 0;
}

int
hv_virq_fd(struct hv *h)
{
    return h->ops->virq_fd == NULL ? -1 : h->ops->virq_fd(h);
}

unsigned
hv_virq_drain(struct hv *h)
{
    return h->ops->virq_drain == NULL ? 0 : h->ops->virq_drain(h);
}

unsigned
hv_virq_bound(const struct hv *h)
{
    return h->ops->virq_bound == NULL ? 0 : h->ops->virq_bound(h);
}

int
hv_no_iommu(uint32_t domid, struct err *e)
{
    return err_set(e, ERR_UNSUPPORTED,
                   "domain %u was made without a PCI device, so that the IOMMU "
                   "knows nothing of its memory: give one with its "
                   "configuration, then others can be added",
                   domid);
}
