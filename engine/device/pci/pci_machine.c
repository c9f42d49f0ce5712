/*
 * pci_machine.c - see pci_machine.h. Facts of libxl: QEMU's id of the device is
 * pci-pt-BUS_DEV.FUNC; it is put in before the domain has its rights, and taken
 * out before they go.
 */
#include "engine/device/pci/pci_machine.h"

#include "engine/device/device_handler.h"
#include "engine/device/model_server.h"
#include "engine/device/pci/pci.h"
#include "engine/model/dom_kind.h"

bool
pci_in_machine(const struct device *d)
{
    const struct dom_entry *de =
        domains_by_domid(d->owner->task->en, d->owner->domid);

    return d->owner->by_model ||
           (de != NULL && dom_kind_has_machine(de->d.kind));
}

static void
plug_id(uint32_t sbdf, char *dst, size_t n)
{
    text_fmt(dst, n, "pci-pt-%02x_%02x.%x", sbdf >> 8 & 0xff, sbdf >> 3 & 0x1f,
             sbdf & 7);
}

enum step_rc
pci_plug_in(struct device *d, uint32_t sbdf, struct model_plug **p,
            struct err *e)
{
    const char *slot = device_setting(d, "vslot");
    struct engine *en = d->owner->task->en;
    char id[32], host[PCI_BDF_MAX], addr[16];
    const struct model_pci want = {
        .id = id,
        .host = host,
        .addr = slot != NULL ? addr : NULL,
        .permissive = config_device_true(d->cfg, "permissive"),
    };
    unsigned long long number = 0;
    enum step_rc rc;

    plug_id(sbdf, id, sizeof(id));
    pci_bdf_print(sbdf, host);
    if (slot != NULL)
        (void)text_u64(slot, 0, 31, &number);
    text_fmt(addr, sizeof(addr), "%llx.0", number);
    rc = device_models(en)->plug(p, d->owner->task, d->owner->domid, &want, e);
    if (rc == STEP_FAIL)
        err_wrap(e, "%s %s", d->kind, d->name);
    return rc;
}

enum step_rc
pci_plug_out(struct device *d, uint32_t sbdf, struct model_plug **p,
             struct err *e)
{
    const struct model_server *ms = device_models(d->owner->task->en);
    char id[32];

    if (!ms->may_run(d->owner->task->en, d->owner->domid))
        return STEP_DONE;
    plug_id(sbdf, id, sizeof(id));
    return ms->unplug(p, d->owner->task, d->owner->domid, id, e);
}

void
pci_plug_end(struct device *d, struct model_plug **p)
{
    if (*p != NULL)
        device_models(d->owner->task->en)->plug_end(p);
}
