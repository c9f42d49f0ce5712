/*
 * vnet.h - virtual networks, from inside the engine.
 */
#ifndef XENDECK_ENGINE_VNET_H
#define XENDECK_ENGINE_VNET_H

#include "engine/model/host.h"

struct engine;

#define VNETS_MAX 256

/* By its name, into *out. */
bool vnet_find(struct engine *en, const char *name, struct vnet *out);
size_t engine_vnets(struct engine *en, struct vnet *out, size_t max);
int engine_vnet_create(struct engine *en, const char *name, uint64_t *op_out,
                       struct err *e);
int engine_vnet_delete(struct engine *en, const char *name, uint64_t *op_out,
                       struct err *e);
/* Makes those of ours that are missing. */
void vnets_restore(struct engine *en);

#endif
