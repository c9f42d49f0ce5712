/*
 * verb_session.h - the family of verbs on sessions: sessions, detach-session,
 * kill-engine.
 */
#ifndef XENDECK_ATTACH_VERB_SESSION_H
#define XENDECK_ATTACH_VERB_SESSION_H

#include "src/command/command.h"

extern const struct cmd_family attach_family_session;

#endif
