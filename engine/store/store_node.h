/*
 * store_node.h - the nodes of xenstore: values, directories, permissions. Part
 * of the boundary store.h, which includes it.
 */
#ifndef XENDECK_ENGINE_STORE_NODE_H
#define XENDECK_ENGINE_STORE_NODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/base/buf.h"
#include "src/base/err.h"

struct store;

typedef uint32_t store_tx; /* 0: no transaction */

enum { STORE_PERM_NONE = 0, STORE_PERM_READ = 1, STORE_PERM_WRITE = 2 };

/* Element 0: domid owns the node, perms hold for everybody not listed. */
struct store_perm {
    uint32_t domid;
    unsigned perms;
};

#define STORE_PERMS_MAX 8

struct store_perms {
    size_t n;
    struct store_perm p[STORE_PERMS_MAX];
};

/* Replaces out. Values are bytes: they may hold anything a guest wrote. */
int store_read(struct store *st, store_tx tx, const char *path, struct buf *out,
               struct err *e);
/* The value made safe to show, cut to fit. */
int store_read_text(struct store *st, store_tx tx, const char *path, char *dst,
                    size_t dst_size, struct err *e);
/* Strict decimal; ERR_INVALID if it is none or above max. */
int store_read_u64(struct store *st, store_tx tx, const char *path,
                   uint64_t max, uint64_t *out, struct err *e);
int store_write(struct store *st, store_tx tx, const char *path,
                const char *text, struct err *e);
/* Formats the value. */
int store_writef(struct store *st, store_tx tx, struct err *e, const char *path,
                 const char *fmt, ...) __attribute__((format(printf, 5, 6)));
int store_mkdir(struct store *st, store_tx tx, const char *path, struct err *e);
/* Removes the node and all below; a missing node is success. */
int store_rm(struct store *st, store_tx tx, const char *path, struct err *e);
/* Removes path if it exists and has no child. gone_out (may be NULL): whether
 * it is not there any more. */
int store_rm_if_empty(struct store *st, store_tx tx, const char *path,
                      bool *gone_out, struct err *e);
/* Removes the node and all below, then each of so many directories above it as
 * long as nothing else is in them; path is absolute, of more levels than that,
 * under 256 bytes. */
int store_rm_up(struct store *st, store_tx tx, const char *path, int levels,
                struct err *e);
/* Names below path, each NUL-terminated, sorted bytewise; n_out of them. */
int store_list(struct store *st, store_tx tx, const char *path, struct buf *out,
               size_t *n_out, struct err *e);
/* ERR_RANGE: the node has more than STORE_PERMS_MAX. */
int store_get_perms(struct store *st, store_tx tx, const char *path,
                    struct store_perms *out, struct err *e);
int store_set_perms(struct store *st, store_tx tx, const char *path,
                    const struct store_perm *p, size_t n, struct err *e);

/* Joins into dst, false if it would not fit. */
bool store_path(char *dst, size_t dst_size, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

#endif
