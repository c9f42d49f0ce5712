/*
 * store.h - the boundary to xenstore: a const table of operations with two
 * drivers, xs (libxenstore) and sim (in memory), and what is common to both:
 * formatted access, transactions that retry, watches dispatched by the loop.
 *
 * Calls are synchronous round trips (about 2.5 ms in the lab, far less on
 * hardware). Limits (Xen 4.17): payload 4096 bytes, absolute path < 3072,
 * characters A-Z a-z 0-9 - / _ @. ERR_NOENT: no such node; ERR_AGAIN: redo the
 * transaction; ERR_LOST: xenstored is gone, nothing will work any more.
 */
#ifndef XENDECK_ENGINE_STORE_H
#define XENDECK_ENGINE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/store/store_look.h"
#include "engine/store/store_node.h"
#include "src/base/buf.h"
#include "src/base/err.h"
#include "src/base/list.h"
#include "src/base/loop.h"

#define STORE_PATH_MAX    3072
#define STORE_PAYLOAD_MAX 4096
#define STORE_TX_RETRIES  20

struct store;
struct store_watch;

typedef void (*store_watch_cb)(struct store_watch *w, const char *path);

/* Embedded in its owner; zeroed means idle. */
struct store_watch {
    struct store *st;
    store_watch_cb cb;
    uint64_t token;
    char *path;
    struct list_node node;
};

struct store_ops {
    const char *name; /* "xs", "sim" */
    void (*close)(struct store *);
    int (*tx_begin)(struct store *, store_tx *out, struct err *);
    int (*tx_end)(struct store *, store_tx, bool commit, struct err *);
    /* Replaces the contents of out. */
    int (*read)(struct store *, store_tx, const char *path, struct buf *out,
                struct err *);
    int (*write)(struct store *, store_tx, const char *path, const void *val,
                 size_t n, struct err *);
    int (*mkdir)(struct store *, store_tx, const char *path, struct err *);
    int (*rm)(struct store *, store_tx, const char *path, struct err *);
    /* Names one after another, each NUL-terminated, in out; sorted by us. */
    int (*list)(struct store *, store_tx, const char *path, struct buf *out,
                size_t *n_out, struct err *);
    int (*get_perms)(struct store *, store_tx, const char *path,
                     struct store_perms *out, struct err *);
    int (*set_perms)(struct store *, store_tx, const char *path,
                     const struct store_perm *, size_t n, struct err *);
    int (*watch)(struct store *, const char *path, const char *token,
                 struct err *);
    int (*unwatch)(struct store *, const char *path, const char *token,
                   struct err *);
    int (*fd)(struct store *); /* readable while events wait; -1: not yet */
    /* One event without blocking; false: none. Both are replaced. */
    bool (*next_event)(struct store *, struct buf *path, struct buf *token);
    int (*introduce)(struct store *, uint32_t domid, uint64_t mfn,
                     uint32_t port, struct err *);
    int (*resume)(struct store *, uint32_t domid, struct err *);
};

/* First member of each driver's own struct; store_init prepares it. */
struct store {
    const struct store_ops *ops;
    struct store_trace *trace; /* while calls are traced */
    struct loop *lp;
    struct loop_fd lf;
    struct list_node watches;
    uint64_t next_token;
    bool lost;
};

void store_init(struct store *st, const struct store_ops *ops);
void store_close(struct store *st); /* NULL is allowed */

/* Delivers watch events from lp from now on. The fd may only exist after the
 * first watch, so this registers one if need be. */
int store_attach(struct store *st, struct loop *lp, struct err *e);

int store_tx_begin(struct store *st, store_tx *out, struct err *e);
/* commit false: abort, never fails with ERR_AGAIN. */
int store_tx_end(struct store *st, store_tx tx, bool commit, struct err *e);

/* Runs body in a transaction; on ERR_AGAIN the whole again, at most
 * STORE_TX_RETRIES times. body returns 0 to commit, -1 (with *e) to abort. */
typedef int (*store_tx_body)(struct store *st, store_tx tx, void *arg,
                             struct err *e);
int store_tx_run(struct store *st, store_tx_body body, void *arg,
                 struct err *e);

/* cb runs from the loop for path and all below, once right after the
 * registration, and for special paths (@introduceDomain, @releaseDomain).
 * Events of a deleted watch are dropped. del is legal in any callback. */
int store_watch_add(struct store *st, struct store_watch *w, const char *path,
                    store_watch_cb cb, struct err *e);
void store_watch_del(struct store_watch *w);
size_t store_watch_count(const struct store *st);

/* mfn: for PV the machine frame, for PVH/HVM the guest frame. */
int store_introduce(struct store *st, uint32_t domid, uint64_t mfn,
                    uint32_t port, struct err *e);
int store_resume(struct store *st, uint32_t domid, struct err *e);
/* True once a call failed with ERR_LOST. */
bool store_lost(const struct store *st);

#endif
