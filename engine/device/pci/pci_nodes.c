/*
 * pci_nodes.c - the nodes of a domain's PCI devices: entries numbered from 0
 * in one backend directory, which dom0 owns. Backend state 7 is the wish to
 * have entries taken in (state-N 1) or given up (state-N 5); the guest's
 * driver answers, and the backend is back at 4.
 */
#include <stdlib.h>
#include <string.h>

#include "engine/device/device_handler.h"
#include "engine/device/pci/pci.h"

#define RECONFIGURING "7"

static const char *const entry_nodes[] = { "key",  "dev",   "vdevfn",
                                           "opts", "state", "vdev" };

#define N_NODES (sizeof(entry_nodes) / sizeof(entry_nodes[0]))

static int
count_at(struct store *st, store_tx tx, const char *back, unsigned *out,
         struct err *e)
{
    char path[200];
    struct err why = { 0 };
    uint64_t n = 0;

    store_path(path, sizeof(path), "%s/num_devs", back);
    if (store_read_u64(st, tx, path, PCI_ENTRIES_MAX, &n, &why) < 0 &&
        why.code != ERR_NOENT && why.code != ERR_INVALID) {
        if (e != NULL)
            *e = why;
        return -1;
    }
    *out = (unsigned)n;
    return 0;
}

int
pci_entries(struct engine *en, const char *back, uint32_t *sbdf_out,
            size_t *n_out, struct err *e)
{
    unsigned i = 0, n;
    char path[200], text[32];

    *n_out = 0;
    if (count_at(engine_store(en), 0, back, &n, e) < 0)
        return -1;

    for (i = 0; i < n; i++) {
        store_path(path, sizeof(path), "%s/dev-%u", back, i);
        if (store_read_maybe(engine_store(en), 0, path, text, sizeof(text), e) <
            0)
            return -1;
        if (!pci_bdf_parse(text, &sbdf_out[i]))
            break;
    }
    *n_out = i;
    return 0;
}

/* --- an entry's values --- */

static int
pci_nodes_flag(const struct device *d, const char *key)
{
    const char *v = device_setting(d, key);

    return v != NULL && strcmp(v, "true") == 0;
}

static void
opts_of(const struct device *d, char *dst, size_t n)
{
    const char *rdm = device_setting(d, "rdm_policy");

    text_fmt(dst, n,
             "msitranslate=%d,power_mgmt=%d,permissive=%d,rdm_policy=%s",
             pci_nodes_flag(d, "msitranslate"), pci_nodes_flag(d, "power_mgmt"),
             pci_nodes_flag(d, "permissive"), rdm != NULL ? rdm : "strict");
}

/* The slot wished for, as a devfn. */
static unsigned
vdevfn_of(const struct device *d)
{
    const char *slot = device_setting(d, "vslot");
    unsigned long long v;

    return slot != NULL && text_u64(slot, 0, 31, &v) ? (unsigned)v << 3 : 0;
}

void
pci_put_entry(struct device *d, const struct device *of, unsigned n)
{
    char name[32], opts[96];

    text_fmt(name, sizeof(name), "key-%u", n);
    device_put(d, DEVICE_BACK, name, "%s", of->name);
    text_fmt(name, sizeof(name), "dev-%u", n);
    device_put(d, DEVICE_BACK, name, "%s", of->name);
    if (vdevfn_of(of) != 0) {
        text_fmt(name, sizeof(name), "vdevfn-%u", n);
        device_put(d, DEVICE_BACK, name, "%x", vdevfn_of(of));
    }
    opts_of(of, opts, sizeof(opts));
    text_fmt(name, sizeof(name), "opts-%u", n);
    device_put(d, DEVICE_BACK, name, "%s", opts);
    text_fmt(name, sizeof(name), "state-%u", n);
    device_put(d, DEVICE_BACK, name, "1");
}

/* --- changes of a directory that stands --- */

struct change {
    struct device *d;
    unsigned n;
    bool quiet; /* there is nobody to take it in: an emulated machine */
};

static int
pci_nodes_put(struct store *st, store_tx tx, const struct device *d,
              const char *name, const char *value, struct err *e)
{
    char path[224];

    store_path(path, sizeof(path), "%s/%s", d->back, name);
    return store_write(st, tx, path, value, e);
}

static int
put_count(struct store *st, store_tx tx, const struct device *d, unsigned n,
          struct err *e)
{
    char text[16];

    text_fmt(text, sizeof(text), "%u", n);
    return pci_nodes_put(st, tx, d, "num_devs", text, e);
}

static int
add_body(struct store *st, store_tx tx, void *arg, struct err *e)
{
    struct change *c = arg;
    struct device *d = c->d;
    unsigned n;
    size_t i;

    if (count_at(st, tx, d->back, &n, e) < 0)
        return -1;
    if (n == 0)
        return err_set(e, ERR_NOENT, "domain %u has no PCI devices any more",
                       d->owner->domid);
    if (n >= PCI_ENTRIES_MAX)
        return device_refuse(d, e, ERR_RANGE, NULL,
                             "the domain has %u PCI devices, allowed %u", n,
                             PCI_ENTRIES_MAX);
    if (d->n_nodes == 0) /* the body may run again */
        pci_put_entry(d, d, n);
    for (i = 0; i < d->n_nodes; i++)
        if (pci_nodes_put(st, tx, d, d->nodes[i].name, d->nodes[i].value, e) <
            0)
            return -1;
    if (put_count(st, tx, d, n + 1, e) < 0)
        return -1;
    return c->quiet ? 0 : pci_nodes_put(st, tx, d, "state", RECONFIGURING, e);
}

int
pci_add_entry(struct device *d, bool quiet, struct err *e)
{
    struct change c = { .d = d, .quiet = quiet };

    return store_tx_run(engine_store(d->owner->task->en), add_body, &c, e);
}

static int
pci_nodes_close_body(struct store *st, store_tx tx, void *arg, struct err *e)
{
    const struct change *c = arg;
    char name[32];

    text_fmt(name, sizeof(name), "state-%u", c->n);
    if (pci_nodes_put(st, tx, c->d, name, "5", e) < 0)
        return -1;
    return pci_nodes_put(st, tx, c->d, "state", RECONFIGURING, e);
}

int
pci_close_entry(struct device *d, unsigned n, struct err *e)
{
    struct change c = { .d = d, .n = n };

    return store_tx_run(engine_store(d->owner->task->en), pci_nodes_close_body,
                        &c, e);
}

/* Entry from becomes entry to; nodes that from has not, to has not either. */
static int
move(struct store *st, store_tx tx, const char *back, unsigned from,
     unsigned to, struct err *e)
{
    char path[224], text[128];
    bool have;
    size_t i;

    for (i = 0; i < N_NODES; i++) {
        store_path(path, sizeof(path), "%s/%s-%u", back, entry_nodes[i], from);
        if (store_has(st, tx, path, &have, e) < 0 ||
            store_read_maybe(st, tx, path, text, sizeof(text), e) < 0)
            return -1;
        if (have && store_rm(st, tx, path, e) < 0)
            return -1;
        store_path(path, sizeof(path), "%s/%s-%u", back, entry_nodes[i], to);
        if (have ? store_write(st, tx, path, text, e) < 0
                 : store_rm(st, tx, path, e) < 0)
            return -1;
    }
    return 0;
}

static int
pci_nodes_rm_body(struct store *st, store_tx tx, void *arg, struct err *e)
{
    const struct change *c = arg;
    unsigned i, n;
    char path[224];
    size_t k;

    if (count_at(st, tx, c->d->back, &n, e) < 0)
        return -1;
    if (c->n >= n)
        return 0;
    for (i = c->n; i + 1 < n; i++)
        if (move(st, tx, c->d->back, i + 1, i, e) < 0)
            return -1;
    for (k = 0; k < N_NODES; k++) {
        store_path(path, sizeof(path), "%s/%s-%u", c->d->back, entry_nodes[k],
                   n - 1);
        if (store_rm(st, tx, path, e) < 0)
            return -1;
    }
    return put_count(st, tx, c->d, n - 1, e);
}

int
pci_rm_entry(struct device *d, unsigned n, struct err *e)
{
    struct change c = { .d = d, .n = n };

    return store_tx_run(engine_store(d->owner->task->en), pci_nodes_rm_body, &c,
                        e);
}
