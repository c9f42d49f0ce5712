/*
 * sim_store.h - the simulated xenstored: its changes, its watches, and what
 * guests and xenconsoled write there.
 */
#ifndef XENDECK_ENGINE_SIM_STORE_H
#define XENDECK_ENGINE_SIM_STORE_H

#include "engine/sim/sim_int.h"

extern const struct store_ops sim_store_ops;
/* A change of path by xenstored or a connection: watches, then whoever of the
 * simulated host listens. below: the whole subtree went. */
void sim_fire(struct sim *s, const char *path, bool below);
void sim_watches_clear(struct sim *s);
int sim_watch_add(struct sim *s, const char *path, const char *token);
int sim_watch_del(struct sim *s, const char *path, const char *token);
bool sim_event_next(struct sim *s, struct buf *path, struct buf *token);
/* A dying domain's nodes, and @releaseDomain. */
void sim_store_release(struct sim *s, uint32_t domid);
/* As a guest, with its permissions and quotas: 0 or an errno. */
int sim_guest_write(struct sim *s, uint32_t domid, const char *path,
                    const char *val, size_t n);
int sim_guest_read(struct sim *s, uint32_t domid, const char *path,
                   struct buf *out);
/* A node below the guest's home as short text; "" if it may not read it. */
void sim_guest_home(struct sim_dom *d, const char *rest, char *dst,
                    size_t dst_size);
/* Writes as dom0 (xenconsoled), making the node; watches fire. */
void sim_dom0_write(struct sim *s, const char *path, const char *val);

#endif
