/*
 * open_on.h - opening an engine on given boundaries, and ending one in ways
 * that only tests need.
 */
#ifndef XENDECK_API_OPEN_ON_H
#define XENDECK_API_OPEN_ON_H

#include "engine/api/open.h"
#include "engine/core/parts.h"

struct dom0;
struct hv;
struct store;

/* o is copied, the boundaries are owned by the engine from success on. */
struct engine *engine_new(const struct engine_opts *o, struct hv *h,
                          struct store *st, struct dom0 *d0, struct err *e);
/* Fails every operation and waits for what takes it back. */
void engine_undo_all(struct engine *en);
/* The end of an engine that is killed. Its memory, descriptors and helpers go;
 * no call is made, no file is changed. hv and dom0 stay whole, its connection
 * to the store is closed. */
void engine_abandon(struct engine *en);

#endif
