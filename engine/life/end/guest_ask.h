/*
 * guest_ask.h - a request to a guest in control/shutdown: written, watched for
 * its acknowledgement, taken back.
 */
#ifndef XENDECK_ENGINE_GUEST_ASK_H
#define XENDECK_ENGINE_GUEST_ASK_H

#include "engine/host/domains.h"

/* Writes the request and watches the node; w is idle. */
int guest_ask_send(struct engine *en, uint32_t domid, const char *command,
                   struct store_watch *w, store_watch_cb changed,
                   struct err *e);
/* The guest has taken the request, or its nodes are gone. */
bool guest_ask_taken(struct engine *en, uint32_t domid, const char *command);
/* Takes a request back that still stands: the guest may acknowledge at this
 * very moment. *taken_out (may be NULL): it was too late, the guest has taken
 * it. */
int guest_ask_withdraw(struct engine *en, uint32_t domid, const char *command,
                       bool *taken_out, struct err *e);

#endif
