/*
 * pci_host.c - a PCI device of the host that goes to a domain: who has it, and
 * the rights that make it usable there.
 * Facts of libxl: /libxl/pci/SSSS-BB-DD-F/domid records the owner; a PV domain
 * needs the right to each port range, memory range and interrupt.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/device/device_handler.h"
#include "engine/device/devices.h"
#include "engine/device/pci/pci.h"
#include "engine/dom0/dom0.h"

#define OWNER_PATH_MAX 64
#define PAGE_SHIFT     12

static void
owner_path(uint32_t sbdf, char out[OWNER_PATH_MAX])
{
    store_path(out, OWNER_PATH_MAX, "/libxl/pci/%04x-%02x-%02x-%x", sbdf >> 16,
               sbdf >> 8 & 0xff, sbdf >> 3 & 0x1f, sbdf & 7);
}

int
pci_owner(struct engine *en, uint32_t sbdf, uint32_t *domid_out, struct err *e)
{
    char path[OWNER_PATH_MAX + 8], dir[OWNER_PATH_MAX];
    struct err why = { 0 };
    uint64_t domid = 0;
    struct hv_dom now;

    *domid_out = DOM_NO_DOMID;
    owner_path(sbdf, dir);
    store_path(path, sizeof(path), "%s/domid", dir);
    if (store_read_u64(engine_store(en), 0, path, HV_DOMID_MAX, &domid, &why) ==
            0 &&
        domid != 0 && hv_get(engine_hv(en), (uint32_t)domid, &now, &why) == 0) {
        *domid_out = (uint32_t)domid;
        return 0;
    }
    if (why.code == ERR_NONE || why.code == ERR_NOENT)
        return 0;
    if (e != NULL)
        *e = why;
    return -1;
}

/* --- may it go? --- */

static int
refuse_driver(const struct device *d, const struct dom0_pci *p, struct err *e)
{
    char bdf[PCI_BDF_MAX];

    pci_bdf_print(p->sbdf, bdf);
    if (p->driver[0] == '\0')
        return device_refuse(d, e, ERR_BUSY, "bdf",
                             "found %s, which no driver holds; allowed a "
                             "device that pciback holds: give it there with "
                             "`xl pci-assignable-add %s'",
                             bdf, bdf);
    return device_refuse(d, e, ERR_BUSY, "bdf",
                         "found %s, which the driver %s of dom0 holds; "
                         "allowed a device that pciback holds: free it with "
                         "`xl pci-assignable-add %s'",
                         bdf, p->driver, bdf);
}

int
pci_check(const struct device *d, uint32_t sbdf, struct err *e)
{
    struct engine *en = d->owner->task->en;
    const struct dom_entry *de;
    struct err why = { 0 };
    struct dom0_pci p;
    uint32_t owner;

    if (pci_owner(en, sbdf, &owner, &why) < 0 ||
        dom0_pci_get(engine_dom0(en), sbdf, &p, &why) < 0)
        return device_refuse(d, e, why.code, "bdf", "%s", why.msg);
    if (strcmp(p.driver, DOM0_PCI_BACK) != 0)
        return refuse_driver(d, &p, e);
    if (owner == DOM_NO_DOMID)
        return 0;
    if (owner == d->owner->domid)
        return device_refuse(d, e, ERR_EXISTS, NULL,
                             "the domain has this device already");
    de = domains_by_domid(en, owner);
    return device_refuse(d, e, ERR_BUSY, NULL, "domain %u ('%s') has it", owner,
                         de != NULL ? de->d.name : "?");
}

/* --- rights --- */

static int
permit(struct engine *en, uint32_t domid, const struct dom0_pci *p, bool allow,
       struct err *e)
{
    size_t i;
    int rc = 0;

    for (i = 0; i < p->n_res && (rc == 0 || !allow); i++) {
        uint64_t first = p->res[i].start, n = p->res[i].size;
        uint64_t pages = (n + (1U << PAGE_SHIFT) - 1) >> PAGE_SHIFT;

        if (p->res[i].io)
            rc = hv_ioport_permission(engine_hv(en), domid, (uint32_t)first,
                                      (uint32_t)n, allow, e);
        else
            rc = hv_iomem_permission(engine_hv(en), domid, first >> PAGE_SHIFT,
                                     pages, allow, e);
    }
    if (p->irq != 0 && (rc == 0 || !allow))
        rc = hv_irq_permission(engine_hv(en), domid, p->irq, allow, e);
    return rc;
}

int
pci_claim(struct device *d, uint32_t sbdf, struct err *e)
{
    struct engine *en = d->owner->task->en;
    char path[OWNER_PATH_MAX + 8], dir[OWNER_PATH_MAX];
    struct err why = { 0 };

    owner_path(sbdf, dir);
    store_path(path, sizeof(path), "%s/domid", dir);
    if (store_writef(engine_store(en), 0, e, path, "%u", d->owner->domid) < 0)
        return -1;
    if (dom0_pci_reset(engine_dom0(en), sbdf, &why) <
        0) /* as libxl: only told */
        device_warn(d, "%s", why.msg);
    return 0;
}

int
pci_grant(struct device *d, uint32_t sbdf, struct err *e)
{
    struct engine *en = d->owner->task->en;
    const char *rdm = device_setting(d, "rdm_policy");
    uint32_t domid = d->owner->domid;
    struct dom0_pci p;

    if (dom0_pci_get(engine_dom0(en), sbdf, &p, e) < 0 ||
        permit(en, domid, &p, true, e) < 0 ||
        (config_device_true(d->cfg, "permissive") &&
         dom0_pci_permissive(engine_dom0(en), sbdf, e) < 0))
        return -1;
    return hv_assign_device(engine_hv(en), domid, sbdf,
                            rdm != NULL && strcmp(rdm, "relaxed") == 0, e);
}

struct disown {
    uint32_t domid;
    char dir[OWNER_PATH_MAX];
};

static int
disown_body(struct store *st, store_tx tx, void *arg, struct err *e)
{
    const struct disown *x = arg;
    char path[OWNER_PATH_MAX + 8];
    struct err why = { 0 };
    uint64_t owner;

    store_path(path, sizeof(path), "%s/domid", x->dir);
    if (store_read_u64(st, tx, path, HV_DOMID_MAX, &owner, &why) == 0 &&
        owner != x->domid)
        return 0;
    if (why.code != ERR_NONE && why.code != ERR_NOENT &&
        why.code != ERR_INVALID) {
        *e = why;
        return -1;
    }
    return store_rm_up(st, tx, x->dir, 1, e);
}

void
pci_revoke(struct engine *en, uint32_t domid, uint32_t sbdf)
{
    struct disown own = { .domid = domid };
    struct err e = { 0 };
    struct dom0_pci p;

    if (hv_deassign_device(engine_hv(en), domid, sbdf, &e) < 0 &&
        e.code != ERR_NOENT)
        log_line(engine_log(en), LOGL_WARN, "%s", e.msg);
    if (dom0_pci_get(engine_dom0(en), sbdf, &p, NULL) == 0 &&
        permit(en, domid, &p, false, &e) < 0 && e.code != ERR_NOENT)
        log_line(engine_log(en), LOGL_WARN, "%s", e.msg);
    owner_path(sbdf, own.dir);
    if (store_tx_run(engine_store(en), disown_body, &own, &e) < 0)
        log_line(engine_log(en), LOGL_WARN, "%s", e.msg);
}

static void
sweep_one(struct engine *en, uint32_t domid, const char *name)
{
    unsigned segment, bus, dev, func;
    char path[OWNER_PATH_MAX + 8], dir[OWNER_PATH_MAX];
    uint64_t owner;
    uint32_t sbdf;

    if (sscanf(name, "%4x-%2x-%2x-%1x", &segment, &bus, &dev, &func) != 4)
        return;
    sbdf = segment << 16 | bus << 8 | (dev & 0x1f) << 3 | (func & 7);
    owner_path(sbdf, dir);
    store_path(path, sizeof(path), "%s/domid", dir);
    if (store_read_u64(engine_store(en), 0, path, HV_DOMID_MAX, &owner, NULL) ==
            0 &&
        owner == domid)
        pci_revoke(en, domid, sbdf);
}

void
pci_sweep(struct engine *en, uint32_t domid)
{
    struct buf names = { 0 };
    const char *name;
    size_t i, n = 0;

    (void)store_list(engine_store(en), 0, "/libxl/pci", &names, &n, NULL);
    for (i = 0, name = names.data; i < n; i++, name += strlen(name) + 1)
        sweep_one(en, domid, name);
    buf_free(&names);
}

/* --- what there is to give --- */

int
engine_pci_assignable(struct engine *en, struct pci_free *out, size_t max,
                      size_t *n_out, struct err *e)
{
    struct dom0_pci p[PCI_ENTRIES_MAX];
    size_t i, n;

    if (dom0_pci_list(engine_dom0(en), p, PCI_ENTRIES_MAX, n_out, e) < 0)
        return -1;
    n = *n_out < PCI_ENTRIES_MAX ? *n_out : PCI_ENTRIES_MAX;
    for (i = 0; i < n && i < max; i++) {
        pci_bdf_print(p[i].sbdf, out[i].name);
        out[i].vendor = p[i].vendor;
        out[i].device = p[i].device;
        if (pci_owner(en, p[i].sbdf, &out[i].domid, e) < 0)
            return -1;
    }
    if (*n_out > n)
        *n_out = n;
    return 0;
}
