/*
 * seat_terminal.h - a session on a terminal, for the files of the engine's side
 * of sessions.
 */
#ifndef XENDECK_ATTACH_SEAT_TERMINAL_H
#define XENDECK_ATTACH_SEAT_TERMINAL_H

#include "src/attach/server_int.h"

/* notice: shown first; "" for none. */
void seat_terminal_start(struct seat *s, struct wire_packet *p,
                         const char *notice);
bool seat_terminal_message(struct seat *s, struct json_object *msg);
void seat_terminal_tick(struct seat *s);
/* What the client gives to the next engine, so that its user finds the panes
 * again. */
void seat_terminal_token(struct seat *s);
void seat_terminal_end(struct seat *s);
/* Its size, and what is looked at. */
void seat_terminal_view(struct seat *s, struct attach_view *out);
/* The same of the engine's own terminal. */
void seat_terminal_view_own(const struct attach_server *as,
                            struct attach_view *out);

#endif
