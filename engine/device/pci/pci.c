/*
 * pci.c - the handler of PCI devices: given to PV domains through pciback, and
 * into the emulated machine of HVM ones by their device model. All
 * of a domain's share one device of the xenbus, so attaching a further one to
 * a running guest, or taking one of several, is a reconfiguration that its
 * driver answers; the first comes and the last goes as other devices do.
 */
#include <stdlib.h>
#include <string.h>

#include "engine/device/device_backend.h"
#include "engine/device/device_handler.h"
#include "engine/device/device_read.h"
#include "engine/device/pci/pci.h"
#include "engine/device/pci/pci_machine.h"
#include "engine/dom0/dom0.h"
#include "engine/model/dom_kind.h"
#include "src/base/xalloc.h"

#define ANSWER_MS 10000 /* of the guest's driver, as libxl waits */

struct own {
    uint32_t sbdf;
    bool claimed, granted;
    bool placed;             /* its entry is written */
    bool asked;              /* to let go */
    bool waits;              /* for a state of the backend, with a limit */
    bool plugged, unplugged; /* the machine's model has it; has let go of it */
    struct model_plug *plug;
};

static struct own *
own_of(struct device *d)
{
    if (d->own == NULL)
        d->own = xcalloc(1, sizeof(struct own));
    return d->own;
}

static void
pci_fini(struct device *d)
{
    if (d->own != NULL)
        pci_plug_end(d, &own_of(d)->plug);
    free(d->own);
    d->own = NULL;
}

/* --- preparing --- */

static int
pci_check_twins(const struct device *d, struct err *e)
{
    const struct devices *ds = d->owner;
    size_t i;

    for (i = 0; i < ds->n && &ds->list[i] != d; i++)
        if (strcmp(ds->list[i].kind, d->kind) == 0 &&
            strcmp(ds->list[i].name, d->name) == 0)
            return device_refuse(d, e, ERR_EXISTS, "bdf",
                                 "found the same device twice, allowed once");
    return 0;
}

static int
check_domain(const struct device *d, struct err *e)
{
    const struct dom_entry *de =
        domains_by_domid(d->owner->task->en, d->owner->domid);

    if (d->back_domid != 0)
        return device_refuse(d, e, ERR_UNSUPPORTED, "backend",
                             "found domain %u, allowed dom0", d->back_domid);
    if (d->owner->confined)
        return device_refuse(d, e, ERR_UNSUPPORTED, NULL,
                             "a restricted device model (dm_restrict) cannot "
                             "have the devices of the host");
    if (d->owner->domid != 0 && de != NULL && !pci_in_machine(d) &&
        dom_kind_in_container(de->d.kind))
        return device_refuse(d, e, ERR_UNSUPPORTED, NULL,
                             "found a %s domain, allowed a pv or hvm one",
                             dom_kind_name(de->d.kind));
    return 0;
}

static int
pci_prepare(struct device *d, struct err *e)
{
    const char *bdf = device_setting(d, "bdf");
    struct own *o = own_of(d);

    if (bdf == NULL || !pci_bdf_parse(bdf, &o->sbdf))
        return device_refuse(d, e, ERR_INVALID, "bdf",
                             "found %s, allowed an address as 0000:01:00.0",
                             bdf != NULL ? bdf : "none");
    d->devid = 0;
    pci_bdf_print(o->sbdf, d->name);
    if (d->owner->confined)
        return device_refuse(d, e, ERR_UNSUPPORTED, NULL,
                             "the device model is restricted, and could not "
                             "reach a device of the host");
    if (d->cfg != NULL && d->owner->domid != 0)
        device_set_value(d->cfg, "bdf", d->name); /* as records find it */
    if (device_backend(d, e) < 0 || check_domain(d, e) < 0 ||
        pci_check_twins(d, e) < 0)
        return -1;
    if (!o->claimed && pci_check(d, o->sbdf, e) < 0)
        return -1;
    if (device_setting(d, "seize") != NULL)
        device_warn(d, "seize is not done here: `xl pci-assignable-add' gives "
                       "a device to pciback");
    return 0;
}

/* --- waiting for the backend --- */

/* Watches it from now on, with a fresh limit. */
static int
wait_begin(struct device *d, struct err *e)
{
    struct own *o = own_of(d);

    if (o->waits)
        return 0;
    o->waits = true;
    device_limit(d, ANSWER_MS);
    return device_watch(d, e);
}

static void
wait_end(struct device *d)
{
    own_of(d)->waits = false;
    loop_timer_del(&d->limit);
    store_watch_del(&d->watch);
}

static enum step_rc
no_answer(struct device *d, const char *what, struct err *e)
{
    wait_end(d);
    device_refuse(d, e, ERR_TIMEOUT, NULL,
                  "%s in %d s: is xen-pcifront loaded there, and does it "
                  "run?",
                  what, ANSWER_MS / 1000);
    return STEP_FAIL;
}

static enum step_rc
wait_connected(struct device *d, struct err *e)
{
    unsigned state = device_back_state(d->owner->task->en, d->back);

    if (state == XENBUS_CONNECTED) {
        wait_end(d);
        return STEP_DONE;
    }
    if (wait_begin(d, e) < 0)
        return STEP_FAIL;
    return d->late ? no_answer(d, "the guest's driver did not answer", e)
                   : STEP_WAIT;
}

/* --- attaching --- */

/* Looks again who has it: since the preparation, another creation may have
 * come to it first. Nothing of this engine runs between the two. */
static int
claim(struct device *d, struct err *e)
{
    struct own *o = own_of(d);

    if (o->claimed)
        return 0;
    if (pci_check(d, o->sbdf, e) < 0)
        return -1;
    o->claimed = true; /* also what failed half-way is taken back */
    d->own_started = true;
    if (pci_claim(d, o->sbdf, e) < 0)
        return err_wrap(e, "%s %s", d->kind, d->name);
    return 0;
}

static int
grant(struct device *d, struct err *e)
{
    struct own *o = own_of(d);

    if (o->granted)
        return 0;
    if (claim(d, e) < 0)
        return -1;
    o->granted = true;
    if (pci_grant(d, o->sbdf, e) < 0)
        return err_wrap(e, "%s %s", d->kind, d->name);
    return 0;
}

static bool
comes_too(const struct device *d)
{
    return d->type == &device_pci && d->cfg != NULL;
}

/* The first of a domain: all of the set in one write, for the backend looks
 * once. */
static int
pci_place_all(struct device *d, struct err *e)
{
    struct devices *ds = d->owner;
    unsigned n = 0;
    size_t i;

    for (i = 0; i < ds->n; i++)
        if (comes_too(&ds->list[i]) && grant(&ds->list[i], e) < 0)
            return -1;
    for (i = 0; i < ds->n; i++)
        if (comes_too(&ds->list[i]))
            pci_put_entry(d, &ds->list[i], n++);
    device_put(d, DEVICE_BACK, "num_devs", "%u", n);
    device_put(d, DEVICE_BACK, "domain", "%s", ds->task->op->name);
    if (device_write(d, e) < 0)
        return -1;
    for (i = 0; i < ds->n; i++)
        if (comes_too(&ds->list[i])) {
            own_of(&ds->list[i])->placed = true;
            ds->list[i].phase = DEVICE_READY;
        }
    return 0;
}

/* A further one: the guest's driver must be there to take it. */
static enum step_rc
place_one(struct device *d, struct err *e)
{
    enum step_rc rc = wait_connected(d, e);

    if (rc != STEP_DONE)
        return rc;
    if (grant(d, e) < 0 || pci_add_entry(d, false, e) < 0)
        return STEP_FAIL;
    own_of(d)->placed = true;
    return wait_connected(d, e);
}

/* Its nodes are for tools: the model has it, and nobody in the guest answers.
 */
static int
place_in_machine(struct device *d, bool first, struct err *e)
{
    if (grant(d, e) < 0)
        return -1;
    if (first) {
        pci_put_entry(d, d, 0);
        device_put(d, DEVICE_BACK, "num_devs", "1");
        device_put(d, DEVICE_BACK, "domain", "%s", d->owner->task->op->name);
    }
    if (first ? device_write(d, e) < 0 : pci_add_entry(d, true, e) < 0)
        return -1;
    own_of(d)->placed = true;
    return 0;
}

static enum step_rc
attach_in_machine(struct device *d, struct err *e)
{
    struct own *o = own_of(d);
    struct device_place at;
    struct err why = { 0 };
    enum step_rc rc;
    bool there;

    if (o->placed)
        return STEP_DONE;
    if (claim(d, e) < 0) /* its reset is over before the guest sees it */
        return STEP_FAIL;
    if (!o->plugged) {
        rc = pci_plug_in(d, o->sbdf, &o->plug, e);
        if (rc != STEP_DONE)
            return rc;
        o->plugged = true;
    }
    there = device_place_read(d->owner->task->en, d->owner->domid, d->kind,
                              d->devid, &at, &why);
    if (!there && why.code != ERR_NOENT) {
        *e = why;
        return STEP_FAIL;
    }
    return place_in_machine(d, !there, e) < 0 ? STEP_FAIL : STEP_DONE;
}

static enum step_rc
pci_attach(struct device *d, struct err *e)
{
    struct engine *en = d->owner->task->en;
    struct device_place at;
    struct err why = { 0 };

    device_paths(d);
    if (pci_in_machine(d))
        return attach_in_machine(d, e);
    if (own_of(d)->placed)
        return wait_connected(d, e);
    if (device_place_read(en, d->owner->domid, d->kind, d->devid, &at, &why))
        return place_one(d, e);
    if (why.code != ERR_NOENT) {
        *e = why;
        return STEP_FAIL;
    }
    return pci_place_all(d, e) < 0 ? STEP_FAIL : STEP_DONE;
}

/* --- detaching --- */

/* The place of d among the domain's; n if it is not there. */
static size_t
entry_at(const struct device *d, const uint32_t *sbdf, size_t n)
{
    uint32_t mine;
    size_t i;

    if (!pci_bdf_parse(d->name, &mine))
        return n;
    for (i = 0; i < n && sbdf[i] != mine; i++)
        ;
    return i;
}

static enum step_rc
holds(struct device *d, struct err *e)
{
    wait_end(d);
    device_refuse(d, e, ERR_TIMEOUT, NULL,
                  "the guest did not let go of it in %d s", ANSWER_MS / 1000);
    return STEP_FAIL;
}

/* The model takes it out of the machine first. By force, or in a domain that
 * ends, what it says does not matter. */
static enum step_rc
take_from_machine(struct device *d, bool all, struct err *e)
{
    struct own *o = own_of(d);
    struct err why = { 0 };
    enum step_rc rc;
    uint32_t sbdf;

    if (all || o->unplugged || !pci_bdf_parse(d->name, &sbdf))
        return STEP_DONE;
    if (!o->asked)
        pci_plug_end(d, &o->plug); /* of an attach that is taken back */
    o->asked = true;
    rc = pci_plug_out(d, sbdf, &o->plug, &why);
    if (rc == STEP_WAIT)
        return rc;
    o->unplugged = true;
    if (rc == STEP_DONE || d->force)
        return STEP_DONE;
    o->asked = o->unplugged = false;
    return device_refuse(d, e, why.code, NULL, "%s", why.msg) < 0 ? STEP_FAIL
                                                                  : STEP_DONE;
}

static enum step_rc
erase_from_machine(struct device *d, bool last, size_t at, struct err *e)
{
    int rc = last ? device_erase(d, e) : pci_rm_entry(d, (unsigned)at, e);

    return rc < 0 ? STEP_FAIL : STEP_DONE;
}

/* One of several. A guest whose driver is not connected is not asked. */
static enum step_rc
take_one(struct device *d, size_t at, struct err *e)
{
    struct engine *en = d->owner->task->en;
    struct own *o = own_of(d);
    unsigned state = device_back_state(en, d->back);

    if (!o->asked && state == XENBUS_CONNECTED) {
        if (pci_close_entry(d, (unsigned)at, e) < 0)
            return STEP_FAIL;
        wait_end(d); /* of an attach that is taken back */
        o->asked = true;
        if (wait_begin(d, e) < 0)
            return STEP_FAIL;
        return STEP_WAIT;
    }
    if (o->asked && state != XENBUS_CONNECTED && !d->late)
        return STEP_WAIT;
    if (o->asked && state != XENBUS_CONNECTED && !d->force)
        return holds(d, e);
    wait_end(d);
    if (pci_rm_entry(d, (unsigned)at, e) < 0)
        return STEP_FAIL;
    return STEP_DONE;
}

/* The last, or all of a domain that ends. */
static enum step_rc
pci_take_all(struct device *d, struct err *e)
{
    struct engine *en = d->owner->task->en;
    struct own *o = own_of(d);
    unsigned state;

    if (!o->asked) {
        if (device_ask_close(d, e) < 0)
            return STEP_FAIL;
        wait_end(d);
        o->asked = true;
        if (wait_begin(d, e) < 0)
            return STEP_FAIL;
    }
    state = device_back_state(en, d->back);
    if (state != 0 && state != XENBUS_CLOSED && !d->late)
        return STEP_WAIT;
    if (state != 0 && state != XENBUS_CLOSED && !d->force)
        return holds(d, e);
    wait_end(d);
    return device_erase(d, e) < 0 ? STEP_FAIL : STEP_DONE;
}

/* What it had is taken back once nobody in the guest uses it. */
static void
revoke(struct device *d, const uint32_t *sbdf, size_t n)
{
    struct engine *en = d->owner->task->en;
    struct own *o = own_of(d);
    uint32_t mine;
    size_t i;

    if (pci_bdf_parse(d->name, &mine)) {
        pci_revoke(en, d->owner->domid, mine);
    } else {
        for (i = 0; i < n; i++)
            pci_revoke(en, d->owner->domid, sbdf[i]);
    }
    o->claimed = o->granted = false;
}

/* An engine that died left rights without an entry: libxl's record says whose
 * they are. */
static bool
is_owned(const struct device *d, uint32_t sbdf)
{
    uint32_t owner;

    return d->force && d->owner->domid != DOM_NO_DOMID &&
           pci_owner(d->owner->task->en, sbdf, &owner, NULL) == 0 &&
           owner == d->owner->domid;
}

static enum step_rc
pci_detach(struct device *d, struct err *e)
{
    struct engine *en = d->owner->task->en;
    uint32_t sbdf[PCI_ENTRIES_MAX], mine;
    bool all = !pci_bdf_parse(d->name, &mine);
    enum step_rc rc = STEP_DONE;
    struct device_place where;
    struct err why = { 0 };
    size_t n = 0, at = 0;
    bool machine = pci_in_machine(d);

    device_paths(d);
    if (machine) {
        rc = take_from_machine(d, all, e);
        if (rc != STEP_DONE)
            return rc;
    }
    if (device_place_read(en, d->owner->domid, d->kind, d->devid, &where,
                          &why)) {
        if (pci_entries(en, d->back, sbdf, &n, e) < 0)
            return STEP_FAIL;
        at = all ? 0 : entry_at(d, sbdf, n);
        if (machine && (all || at < n))
            rc = erase_from_machine(d, all || n == 1, at, e);
        else if (all || (n == 1 && at == 0))
            rc = pci_take_all(d, e);
        else if (at < n)
            rc = take_one(d, at, e);
    } else if (why.code != ERR_NOENT) {
        *e = why;
        return STEP_FAIL;
    }
    if (rc == STEP_DONE &&
        (all || at < n || own_of(d)->claimed || is_owned(d, mine)))
        revoke(d, sbdf, n);
    return rc;
}

/* --- the list --- */

static size_t
pci_rows(const struct device_stands *s, const struct dom_device *row,
         struct dom_device *out, size_t max)
{
    uint32_t sbdf[PCI_ENTRIES_MAX];
    struct dom0_pci p;
    size_t i, n;

    (void)pci_entries(s->en, s->back, sbdf, &n, NULL);
    for (i = 0; i < n && i < max; i++) {
        out[i] = *row;
        pci_bdf_print(sbdf[i], out[i].name);
        if (dom0_pci_get(engine_dom0(s->en), sbdf[i], &p, NULL) == 0)
            text_fmt(out[i].detail, sizeof(out[i].detail), "%04x:%04x",
                     p.vendor & 0xffff, p.device & 0xffff);
    }
    return n;
}

static bool
pci_is_named(const struct dom_device *row, const char *name)
{
    uint32_t number, mine;

    return pci_bdf_parse(name, &number) && pci_bdf_parse(row->name, &mine) &&
           number == mine;
}

static bool
pci_is_config(const struct device *d, const struct config_device *c)
{
    const char *bdf = config_device_value(c, "bdf");

    return bdf != NULL && strcmp(bdf, d->name) == 0;
}

static enum device_found
pci_find(struct engine *en, uint32_t domid, const struct config_device *c)
{
    const char *bdf = config_device_value(c, "bdf");
    struct dom_device rows[DEVICES_MAX];
    char path[96], text[16];
    size_t i, n = 0, n_pci = 0;
    enum device_found dir;

    store_path(path, sizeof(path), "/libxl/%u/device/pci/0", domid);
    dir = device_look(engine_store(en), path, text, sizeof(text));
    if (dir != DEVICE_THERE || bdf == NULL)
        return bdf == NULL ? DEVICE_UNKNOWN : dir;
    if (devices_read(en, domid, rows, DEVICES_MAX, &n, NULL) < 0)
        return DEVICE_UNKNOWN;
    for (i = 0; i < n && i < DEVICES_MAX; i++) {
        if (strcmp(rows[i].kind, device_pci.kind) != 0)
            continue;
        if (strcmp(rows[i].name, bdf) == 0)
            return DEVICE_THERE;
        n_pci++;
    }
    return n_pci > 0 && n <= DEVICES_MAX ? DEVICE_ABSENT : DEVICE_UNKNOWN;
}

static const struct device_ask pci_asks[] = {
    { .key = "bdf", .hint = "such as 0000:01:00.0" }, { .key = NULL }
};

const struct device_type device_pci = {
    .kind = "pci",
    .of_host = true,
    .late_in_machine = true,
    .id_key = "bdf",
    .shared_devid = true,
    .xl = { .verbs = "pci", .by_id = true, .force = "-f" },
    .asks = pci_asks,
    .is_named = pci_is_named,
    .is_config = pci_is_config,
    .find = pci_find,
    .prepare = pci_prepare,
    .attach = pci_attach,
    .detach = pci_detach,
    .fini = pci_fini,
    .sweep = pci_sweep,
    .rows = pci_rows,
};
