/*
 * xs.h - the xenstore driver on libxenstore.
 */
#ifndef XENDECK_ENGINE_STORE_XS_H
#define XENDECK_ENGINE_STORE_XS_H

#include "engine/store/store.h"

/* Connects to xenstored's socket, else to the kernel's device. NULL with *e
 * saying in plain words what is missing. */
struct store *xs_store_open(struct err *e);

#endif
