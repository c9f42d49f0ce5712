/*
 * verb_session.h - the family of verbs on sessions: sessions, detach-session,
 * kill-engine.
 */
#ifndef XENDECK_ATTACH_VERB_SESSION_H
#define XENDECK_ATTACH_VERB_SESSION_H

#include "src/command/command.h"

extern const struct cmd_family attach_family_session;

/* How many sessions the engine of this one has besides it. */
size_t attach_others(const struct session *ses);

#endif
