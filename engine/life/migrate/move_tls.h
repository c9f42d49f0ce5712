/*
 * move_tls.h - the processes that carry migrations under TLS
 * (engine/tls/tls_carrier.h), with the files of this engine's settings.
 */
#ifndef XENDECK_ENGINE_MOVE_TLS_H
#define XENDECK_ENGINE_MOVE_TLS_H

#include "engine/core/engine.h"
#include "engine/dom0/dom0_transport.h"

/* Can this engine call anybody? */
int move_tls_check(const struct engine *en, struct err *e);
/* Calls a place, "tls://HOST:PORT". */
int move_tls_call(struct engine *en, const char *place,
                  struct dom0_transport *t, struct err *e);
/* Serves who has called: fd stays the caller's. */
int move_tls_serve(struct engine *en, int fd, struct dom0_transport *t,
                   struct err *e);

#endif
