/*
 * sim_tree.h - the tree of the simulated xenstore: nodes with values and
 * permissions, shared between the live host and the snapshots that open
 * transactions hold. A node with more than one reference is never changed:
 * who changes it copies it and the way down to it first.
 * Functions that can fail return 0 or an errno.
 */
#ifndef XENDECK_ENGINE_SIM_TREE_H
#define XENDECK_ENGINE_SIM_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/store/store.h"

#define SIM_DOMIDS 0x8000U /* of the table of owned nodes */

struct sim_perms {
    unsigned refs, n;
    struct store_perm p[];
};

struct sim_node {
    unsigned refs;
    uint32_t len; /* of val */
    uint32_t n_kids, cap_kids;
    uint64_t gen;           /* last change of value or permissions */
    uint64_t kids_gen;      /* last child made or removed */
    struct sim_node **kids; /* sorted by name */
    struct sim_perms *perms;
    char *val; /* NULL: empty */
    char name[];
};

struct sim_tree {
    struct sim_node *root;
    uint64_t *gen;   /* the host's counter of changes */
    uint32_t *owned; /* nodes by owner; NULL: a transaction's view */
};

struct sim_perms *sim_perms_new(const struct store_perm *p, size_t n);
struct sim_perms *sim_perms_ref(struct sim_perms *p);
void sim_perms_unref(struct sim_perms *p);
/* What domid may do: STORE_PERM_ bits; dom0 and the owner may do all. */
unsigned sim_perms_of(const struct sim_perms *p, uint32_t domid);

void sim_tree_init(struct sim_tree *t, uint64_t *gen, uint32_t *owned);
void sim_node_unref(struct sim_node *n); /* NULL is allowed */

/* EINVAL unless path is absolute, of legal characters and lengths. */
int sim_path_check(const char *path);

/* Borrowed until the next change; NULL: no such node. */
struct sim_node *sim_tree_find(const struct sim_tree *t, const char *path);
/* The node nearest to path that exists: path itself or an ancestor. */
struct sim_node *sim_tree_nearest(const struct sim_tree *t, const char *path);
/* Makes the node and its missing parents, each with its parent's permissions
 * and, if by is a guest, with by as owner. Returns it, ready for changes. */
struct sim_node *sim_tree_make(struct sim_tree *t, const char *path,
                               uint32_t by);
/* The node ready for changes; NULL: no such node. */
struct sim_node *sim_tree_edit(struct sim_tree *t, const char *path);
/* A child of n, which is ready for changes; made if it is missing. */
struct sim_node *sim_node_child(struct sim_tree *t, struct sim_node *n,
                                const char *name, size_t len);

void sim_node_set(struct sim_tree *t, struct sim_node *n, const void *val,
                  size_t len);
/* takes p */
void sim_node_set_perms(struct sim_tree *t, struct sim_node *n,
                        struct sim_perms *p);
/* ENOENT: not even its parent is there; a missing node is success. */
int sim_tree_rm(struct sim_tree *t, const char *path);

#endif
