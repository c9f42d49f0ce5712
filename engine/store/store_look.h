/*
 * store_look.h - whether a node is there: a look that fails is no absence. Part
 * of the boundary store.h, which includes it.
 */
#ifndef XENDECK_ENGINE_STORE_LOOK_H
#define XENDECK_ENGINE_STORE_LOOK_H

#include "engine/store/store_node.h"

/* There is no such node. A failure to look is no absence. */
bool store_absent(struct store *st, store_tx tx, const char *path);
/* True: it was seen. Nothing is to follow from false: see store_absent. */
bool store_exists(struct store *st, store_tx tx, const char *path);
/* *out: whether there is such a node. -1: that cannot be told. */
int store_has(struct store *st, store_tx tx, const char *path, bool *out,
              struct err *e);
/* As store_read_text, but a node that is not there is "". */
int store_read_maybe(struct store *st, store_tx tx, const char *path, char *dst,
                     size_t dst_size, struct err *e);

#endif
