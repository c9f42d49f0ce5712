/*
 * sim_access.c - the simulated xenstored's other clients: guests, held to
 * their permissions and quotas, the host's own daemons, and what is cleared
 * when a domain dies.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "engine/sim/dom0/sim_dom0.h"
#include "engine/sim/sim_int.h"
#include "engine/sim/store/sim_store.h"
#include "src/base/xalloc.h"

static unsigned
slashes(const char *path)
{
    unsigned n = 0;

    for (; *path != '\0'; path++)
        n += *path == '/';
    return n;
}

/* Components of path that do not exist yet. */
static unsigned
sim_access_missing(const struct sim *s, const char *path)
{
    char *p = xstrdup(path), *slash;
    unsigned have = slashes(path);

    while (sim_tree_find(&s->tree, p) == NULL) {
        have--;
        slash = strrchr(p, '/');
        *slash = '\0';
    }
    free(p);
    return slashes(path) - have;
}

int
sim_guest_write(struct sim *s, uint32_t domid, const char *path,
                const char *val, size_t n)
{
    const struct sim_node *near;
    struct sim_node *node;
    int r = sim_path_check(path);

    if (s->store_dead)
        return EPIPE;
    if (r != 0 || strlen(path) > SIM_GUEST_PATH)
        return EINVAL;
    if (n > SIM_GUEST_VALUE || strlen(path) + 1 + n > STORE_PAYLOAD_MAX)
        return E2BIG;
    near = sim_tree_nearest(&s->tree, path);
    if ((sim_perms_of(near->perms, domid) & STORE_PERM_WRITE) == 0)
        return EACCES;
    if (s->owned[domid] + sim_access_missing(s, path) > SIM_GUEST_NODES)
        return ENOSPC;
    node = sim_tree_make(&s->tree, path, domid);
    sim_node_set(&s->tree, node, val, n);
    sim_fire(s, path, false);
    return 0;
}

int
sim_guest_read(struct sim *s, uint32_t domid, const char *path, struct buf *out)
{
    const struct sim_node *n = sim_tree_find(&s->tree, path);

    buf_clear(out);
    if (s->store_dead)
        return EPIPE;
    if (n == NULL)
        return ENOENT;
    if ((sim_perms_of(n->perms, domid) & STORE_PERM_READ) == 0)
        return EACCES;
    buf_add(out, n->val != NULL ? n->val : "", n->len);
    return 0;
}

void
sim_dom0_write(struct sim *s, const char *path, const char *val)
{
    struct sim_node *n;

    if (s->store_dead)
        return;
    n = sim_tree_make(&s->tree, path, 0);
    sim_node_set(&s->tree, n, val, strlen(val));
    sim_fire(s, path, false);
}

/* The topmost nodes below n that domid owns, each NUL-terminated in out. */
static void
collect_owned(const struct sim_node *n, struct buf *path, uint32_t domid,
              struct buf *out)
{
    size_t len = path->len;
    uint32_t i;

    for (i = 0; i < n->n_kids; i++) {
        const struct sim_node *kid = n->kids[i];

        buf_fmt(path, "/%s", kid->name);
        if (kid->perms->p[0].domid == domid)
            buf_add(out, path->data, path->len + 1);
        else
            collect_owned(kid, path, domid, out);
        path->len = len;
        if (path->data != NULL)
            path->data[len] = '\0';
    }
}

static void
rm_owned(struct sim *s, const char *from, uint32_t domid)
{
    const struct sim_node *n = sim_tree_find(&s->tree, from);
    struct buf path = { 0 }, list = { 0 };
    const char *p;

    if (n == NULL)
        return;
    buf_str(&path, from);
    collect_owned(n, &path, domid, &list);
    for (p = list.data; p != NULL && p < list.data + list.len;
         p += strlen(p) + 1) {
        (void)sim_tree_rm(&s->tree, p);
        sim_fire(s, p, true);
    }
    buf_free(&path);
    buf_free(&list);
}

/* Both xenstoreds drop what a dying domain owns; what dom0 owns in its tree
 * stays until the toolstack removes it. */
void
sim_store_release(struct sim *s, uint32_t domid)
{
    char home[32];

    if (s->store_dead || s->owned[domid] == 0)
        return;
    text_fmt(home, sizeof(home), "/local/domain/%u", domid);
    rm_owned(s, home, domid);
    if (s->owned[domid] > 0)
        rm_owned(s, "", domid);
}
