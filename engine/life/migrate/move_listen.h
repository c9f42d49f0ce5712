/*
 * move_listen.h - the engine is called by others under TLS, where its settings
 * say so: whoever may send domains talks with it as over `xendeck
 * migrate-receive'.
 *
 * Callers are strangers until a process of their own has seen their certificate
 * (engine/tls/tls_carrier.h). The engine itself reads nothing of them before,
 * and bounds them: how many there are, from one host and in all, and for how
 * long.
 */
#ifndef XENDECK_ENGINE_MOVE_LISTEN_H
#define XENDECK_ENGINE_MOVE_LISTEN_H

#include "engine/core/engine.h"

struct move_listener;

/* NULL: the settings name no address, or this engine is not the host's. An
 * address that cannot be had yet is tried again. */
struct move_listener *move_listener_new(struct engine *en);
/* Those who were let in go on with what they are at. NULL is allowed. */
void move_listener_free(struct move_listener *ml);

/* For tests: how many strangers there are, and who was let in. */
unsigned move_listener_strangers(const struct move_listener *ml);
unsigned move_listener_guests(const struct move_listener *ml);

#endif
