/*
 * sim_tx.c - transactions of the simulated xenstored. A transaction holds the
 * tree of its start (one reference) and a view of its own, notes what it
 * touches and journals what it changes. A commit compares what it touched
 * with the live tree, and replays the journal there if nothing differs: then
 * the watches fire as they would have without a transaction.
 */
#include "engine/sim/store/sim_tx.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "engine/sim/sim_int.h"
#include "engine/sim/store/sim_store.h"
#include "src/base/xalloc.h"

struct sim_tx *
sim_tx_find(struct sim *s, uint32_t id)
{
    struct list_node *it;

    list_foreach (it, &s->txs) {
        struct sim_tx *tx = list_entry(it, struct sim_tx, node);

        if (tx->id == id)
            return tx;
    }
    return NULL;
}

uint32_t
sim_tx_begin(struct sim *s)
{
    struct sim_tx *tx = xcalloc(1, sizeof(*tx));

    if (++s->last_tx == 0) /* 0 means no transaction */
        s->last_tx = 1;
    tx->id = s->last_tx;
    tx->base = s->tree.root;
    tx->view.root = s->tree.root;
    tx->view.gen = &s->gen;
    s->tree.root->refs += 2;
    list_append(&s->txs, &tx->node);
    return tx->id;
}

static void
tx_free(struct sim_tx *tx)
{
    size_t i;

    list_del(&tx->node);
    for (i = 0; i < tx->n_acc; i++)
        free(tx->acc[i].path);
    for (i = 0; i < tx->n_chg; i++) {
        free(tx->chg[i].path);
        free(tx->chg[i].val);
        if (tx->chg[i].perms != NULL)
            sim_perms_unref(tx->chg[i].perms);
    }
    free(tx->acc);
    free(tx->chg);
    sim_node_unref(tx->view.root);
    sim_node_unref(tx->base);
    free(tx);
}

void
sim_tx_note(struct sim_tx *tx, enum sim_acc_kind kind, const char *path)
{
    if (tx->n_acc == tx->cap_acc) {
        tx->cap_acc = tx->cap_acc == 0 ? 16 : tx->cap_acc * 2;
        tx->acc = xrealloc(tx->acc, tx->cap_acc, sizeof(*tx->acc));
    }
    tx->acc[tx->n_acc].kind = kind;
    tx->acc[tx->n_acc].path = xstrdup(path);
    tx->n_acc++;
}

void
sim_tx_log(struct sim_tx *tx, const struct sim_change *c)
{
    struct sim_change *to;
    char *parent;

    if (tx->n_chg == tx->cap_chg) {
        tx->cap_chg = tx->cap_chg == 0 ? 16 : tx->cap_chg * 2;
        tx->chg = xrealloc(tx->chg, tx->cap_chg, sizeof(*tx->chg));
    }
    to = &tx->chg[tx->n_chg++];
    *to = *c;
    to->path = xstrdup(c->path);
    to->val = c->val != NULL ? xcalloc(c->len + 1, 1) : NULL;
    if (c->val != NULL)
        memcpy(to->val, c->val, c->len);
    if (c->perms != NULL)
        sim_perms_ref(to->perms);
    sim_tx_note(tx, c->kind == SIM_CHG_RM ? SIM_ACC_DEEP : SIM_ACC_VALUE,
                c->path);
    if (strcmp(c->path, "/") == 0)
        return;
    /* A directory that went meanwhile must not come back as an orphan. */
    parent = xstrndup(c->path, (size_t)(strrchr(c->path, '/') - c->path));
    sim_tx_note(tx, SIM_ACC_EXISTS, parent);
    free(parent);
}

int
sim_change_apply(struct sim_tree *t, const struct sim_change *c)
{
    struct sim_node *n;

    switch (c->kind) {
    case SIM_CHG_WRITE:
        n = sim_tree_make(t, c->path, 0);
        sim_node_set(t, n, c->val, c->len);
        return 0;
    case SIM_CHG_MKDIR:
        (void)sim_tree_make(t, c->path, 0);
        return 0;
    case SIM_CHG_RM:
        return sim_tree_rm(t, c->path);
    case SIM_CHG_PERMS:
        n = sim_tree_edit(t, c->path);
        if (n == NULL)
            return ENOENT;
        sim_node_set_perms(t, n, sim_perms_ref(c->perms));
        return 0;
    }
    return EINVAL;
}

static bool
sim_tx_same(const struct sim_access *a, const struct sim_node *was,
            const struct sim_node *is)
{
    if (was == NULL || is == NULL)
        return was == is;
    switch (a->kind) {
    case SIM_ACC_VALUE:
        return was->gen == is->gen;
    case SIM_ACC_KIDS:
        return was->kids_gen == is->kids_gen;
    case SIM_ACC_DEEP:
        return was == is; /* a change below would have copied it */
    case SIM_ACC_EXISTS:
        break;
    }
    return true;
}

static bool
sim_tx_conflicts(const struct sim *s, const struct sim_tx *tx)
{
    struct sim_tree base = { .root = tx->base };
    size_t i;

    if (s->tree.root == tx->base)
        return false;
    for (i = 0; i < tx->n_acc; i++)
        if (!sim_tx_same(&tx->acc[i], sim_tree_find(&base, tx->acc[i].path),
                         sim_tree_find(&s->tree, tx->acc[i].path)))
            return true;
    return false;
}

static void
replay(struct sim *s, const struct sim_tx *tx)
{
    const struct sim_change *c;
    size_t i;

    for (i = 0; i < tx->n_chg; i++) {
        c = &tx->chg[i];
        (void)sim_change_apply(&s->tree, c);
        sim_fire(s, c->path, c->kind == SIM_CHG_RM);
    }
}

int
sim_tx_end(struct sim *s, uint32_t id, bool commit)
{
    struct sim_tx *tx = sim_tx_find(s, id);
    int r = 0;

    if (tx == NULL)
        return ENOENT;
    if (commit && sim_tx_conflicts(s, tx))
        r = EAGAIN;
    else if (commit)
        replay(s, tx);
    tx_free(tx);
    return r;
}

void
sim_tx_clear(struct sim *s)
{
    struct list_node *it, *tmp;

    list_foreach_safe (it, tmp, &s->txs)
        tx_free(list_entry(it, struct sim_tx, node));
}
