/*
 * sim_tree.c - the tree of the simulated xenstore (sim_tree.h). Children are
 * sorted arrays, so a look-up costs depth times log n, and a snapshot costs
 * one reference: what is changed afterwards is copied on the way down.
 */
#include "engine/sim/store/sim_tree.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "engine/store/store_int.h"
#include "src/base/xalloc.h"

struct sim_perms *
sim_perms_new(const struct store_perm *p, size_t n)
{
    struct sim_perms *sp = xcalloc(1, sizeof(*sp) + n * sizeof(*p));

    sp->refs = 1;
    sp->n = (unsigned)n;
    memcpy(sp->p, p, n * sizeof(*p));
    return sp;
}

struct sim_perms *
sim_perms_ref(struct sim_perms *p)
{
    p->refs++;
    return p;
}

void
sim_perms_unref(struct sim_perms *p)
{
    if (--p->refs == 0)
        free(p);
}

unsigned
sim_perms_of(const struct sim_perms *p, uint32_t domid)
{
    unsigned i;

    if (domid == 0 || p->p[0].domid == domid)
        return STORE_PERM_READ | STORE_PERM_WRITE;
    for (i = 1; i < p->n; i++)
        if (p->p[i].domid == domid)
            return p->p[i].perms;
    return p->p[0].perms;
}

/* Counts n nodes more or fewer for the owner in p. */
static void
charge(struct sim_tree *t, const struct sim_perms *p, int n)
{
    if (t->owned != NULL && p->p[0].domid < SIM_DOMIDS)
        t->owned[p->p[0].domid] += (uint32_t)n;
}

static struct sim_node *
node_new(struct sim_tree *t, const char *name, size_t len, struct sim_perms *p)
{
    struct sim_node *n = xcalloc(1, sizeof(*n) + len + 1);

    n->refs = 1;
    n->gen = n->kids_gen = ++*t->gen;
    n->perms = p; /* taken */
    memcpy(n->name, name, len);
    charge(t, p, 1);
    return n;
}

void
sim_node_unref(struct sim_node *n)
{
    uint32_t i;

    if (n == NULL || --n->refs > 0)
        return;
    for (i = 0; i < n->n_kids; i++)
        sim_node_unref(n->kids[i]);
    sim_perms_unref(n->perms);
    free(n->kids);
    free(n->val);
    free(n);
}

static void
node_copy_parts(struct sim_node *c, const struct sim_node *n)
{
    uint32_t i;

    sim_perms_ref(c->perms);
    if (n->len > 0) {
        c->val = xcalloc(n->len, 1);
        memcpy(c->val, n->val, n->len);
    }
    c->kids = NULL;
    c->cap_kids = n->n_kids;
    if (n->n_kids == 0)
        return;
    c->kids = xcalloc(n->n_kids, sizeof(struct sim_node *));
    for (i = 0; i < n->n_kids; i++) {
        c->kids[i] = n->kids[i];
        c->kids[i]->refs++;
    }
}

/* Makes *slot the slot's alone, copying the node if others hold it too. */
static struct sim_node *
node_own(struct sim_node **slot)
{
    struct sim_node *n = *slot, *c;
    size_t size = sizeof(*n) + strlen(n->name) + 1;

    if (n->refs == 1)
        return n;
    c = xcalloc(1, size);
    memcpy(c, n, size);
    c->refs = 1;
    c->val = NULL;
    node_copy_parts(c, n);
    n->refs--;
    *slot = c;
    return c;
}

static int
name_cmp(const char *name, const char *s, size_t len)
{
    int r = strncmp(name, s, len);

    return r != 0 ? r : name[len] != '\0';
}

/* Where the child is (true) or would go (false). */
static bool
kid_find(const struct sim_node *n, const char *s, size_t len, uint32_t *at_out)
{
    uint32_t lo = 0, hi = n->n_kids, mid;
    int r;

    *at_out = 0;
    if (n->kids == NULL)
        return false;
    if (hi > 0 && name_cmp(n->kids[hi - 1]->name, s, len) < 0)
        lo = hi; /* seeding appends mostly */
    while (lo < hi) {
        mid = lo + (hi - lo) / 2;
        r = name_cmp(n->kids[mid]->name, s, len);
        if (r == 0) {
            *at_out = mid;
            return true;
        }
        if (r < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    *at_out = lo;
    return false;
}

static void
kid_insert(struct sim_node *n, uint32_t at, struct sim_node *kid)
{
    if (n->kids == NULL || n->n_kids == n->cap_kids) {
        n->cap_kids = n->cap_kids == 0 ? 4 : n->cap_kids * 2;
        n->kids = xrealloc(n->kids, n->cap_kids, sizeof(struct sim_node *));
    }
    memmove(&n->kids[at + 1], &n->kids[at],
            (n->n_kids - at) * sizeof(struct sim_node *));
    n->kids[at] = kid;
    n->n_kids++;
}

void
sim_tree_init(struct sim_tree *t, uint64_t *gen, uint32_t *owned)
{
    static const struct store_perm dom0 = { 0, STORE_PERM_NONE };

    t->gen = gen;
    t->owned = owned;
    t->root = node_new(t, "", 0, sim_perms_new(&dom0, 1));
}

int
sim_path_check(const char *path)
{
    size_t n = strnlen(path, STORE_PATH_MAX), i;

    if (n == 0 || n >= STORE_PATH_MAX || path[0] != '/')
        return EINVAL;
    if (n > 1 && path[n - 1] == '/')
        return EINVAL;
    for (i = 0; i < n; i++)
        if (!store_path_char(path[i]) || (path[i] == '/' && path[i + 1] == '/'))
            return EINVAL;
    return 0;
}

/* The next component of *path; false at the end. */
static bool
path_next(const char **path, const char **name_out, size_t *len_out)
{
    const char *p = *path;

    while (*p == '/')
        p++;
    if (*p == '\0')
        return false;
    *name_out = p;
    *len_out = strcspn(p, "/");
    *path = p + *len_out;
    return true;
}

/* As far down as there are nodes; *path is left at what is missing. */
static struct sim_node *
walk(const struct sim_tree *t, const char **path)
{
    struct sim_node *n = t->root;
    const char *rest = *path, *name;
    size_t len;
    uint32_t at;

    while (path_next(&rest, &name, &len) && kid_find(n, name, len, &at)) {
        n = n->kids[at];
        *path = rest;
    }
    *path += strspn(*path, "/");
    return n;
}

struct sim_node *
sim_tree_nearest(const struct sim_tree *t, const char *path)
{
    return walk(t, &path);
}

struct sim_node *
sim_tree_find(const struct sim_tree *t, const char *path)
{
    struct sim_node *n = walk(t, &path);

    return *path == '\0' ? n : NULL;
}

struct sim_node *
sim_node_child(struct sim_tree *t, struct sim_node *n, const char *name,
               size_t len)
{
    uint32_t at;

    if (!kid_find(n, name, len, &at)) {
        kid_insert(n, at, node_new(t, name, len, sim_perms_ref(n->perms)));
        n->kids_gen = ++*t->gen;
    }
    return node_own(&n->kids[at]);
}

struct sim_node *
sim_tree_make(struct sim_tree *t, const char *path, uint32_t by)
{
    struct sim_node *n = node_own(&t->root), *kid;
    struct sim_perms *p;
    uint64_t before = *t->gen;
    const char *name;
    size_t len;

    while (path_next(&path, &name, &len)) {
        kid = sim_node_child(t, n, name, len);
        if (by != 0 && kid->gen > before && kid->perms->p[0].domid != by) {
            p = sim_perms_new(kid->perms->p, kid->perms->n);
            p->p[0].domid = by;
            sim_node_set_perms(t, kid, p);
        }
        n = kid;
    }
    return n;
}

struct sim_node *
sim_tree_edit(struct sim_tree *t, const char *path)
{
    struct sim_node *n;
    const char *name;
    size_t len;
    uint32_t at;

    if (sim_tree_find(t, path) == NULL)
        return NULL; /* before anything is copied */
    n = node_own(&t->root);
    while (path_next(&path, &name, &len)) {
        if (!kid_find(n, name, len, &at) || n->kids == NULL)
            return NULL;
        n = node_own(&n->kids[at]);
    }
    return n;
}

void
sim_node_set(struct sim_tree *t, struct sim_node *n, const void *val,
             size_t len)
{
    free(n->val);
    n->val = NULL;
    n->len = (uint32_t)len;
    if (len > 0) {
        n->val = xcalloc(len, 1);
        memcpy(n->val, val, len);
    }
    n->gen = ++*t->gen;
}

void
sim_node_set_perms(struct sim_tree *t, struct sim_node *n, struct sim_perms *p)
{
    charge(t, n->perms, -1);
    charge(t, p, 1);
    sim_perms_unref(n->perms);
    n->perms = p;
    n->gen = ++*t->gen;
}

static void
charge_below(struct sim_tree *t, const struct sim_node *n)
{
    uint32_t i;

    charge(t, n->perms, -1);
    for (i = 0; i < n->n_kids; i++)
        charge_below(t, n->kids[i]);
}

int
sim_tree_rm(struct sim_tree *t, const char *path)
{
    const char *slash = strrchr(path, '/');
    char parent[STORE_PATH_MAX];
    struct sim_node *n;
    uint32_t at;

    if (strcmp(path, "/") == 0)
        return EINVAL;
    memcpy(parent, path, (size_t)(slash - path));
    parent[slash - path] = '\0';
    n = sim_tree_find(t, parent);
    if (n == NULL)
        return ENOENT;
    if (!kid_find(n, slash + 1, strlen(slash + 1), &at))
        return 0;
    n = sim_tree_edit(t, parent);
    if (n == NULL || n->kids == NULL)
        return ENOENT;
    if (t->owned != NULL)
        charge_below(t, n->kids[at]);
    sim_node_unref(n->kids[at]);
    n->n_kids--;
    memmove(&n->kids[at], &n->kids[at + 1],
            (n->n_kids - at) * sizeof(struct sim_node *));
    n->kids_gen = ++*t->gen;
    return 0;
}
