/*
 * tls_pump.h - carries bytes between a TLS session and a socket until both have
 * said all: an end of one side is passed on to the other, which may go on
 * speaking.
 */
#ifndef XENDECK_ENGINE_TLS_PUMP_H
#define XENDECK_ENGINE_TLS_PUMP_H

#include "engine/tls/tls_session.h"

/* fd: the socket to the engine; neither it nor the connection blocks. -1: the
 * connection broke, or the rest of what was to be sent was not taken. */
int tls_pump(struct tls_session *t, int fd, struct err *e);

#endif
