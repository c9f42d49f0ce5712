/*
 * left_incoming.h - domains NAME--incoming that a receiver of xl has left
 * paused on this host: it waits for the permission to start for ever, and who
 * ends it leaves the domain with its memory. They are listed as "left" and
 * told; only an operator destroys them, for the other host may have been told
 * that its domain is here.
 */
#ifndef XENDECK_ENGINE_LEFT_INCOMING_H
#define XENDECK_ENGINE_LEFT_INCOMING_H

#include <stdbool.h>
#include <stdint.h>

struct dom_entry;

/* Embedded in its room; zeroed: not looked yet. */
struct left_incoming {
    uint64_t next_ms; /* processes are looked at again */
    bool gone;        /* they were, and no receiver is among them */
};

/* A listing has this domain: is it one? */
void left_incoming_look(struct left_incoming *l, struct dom_entry *de);

#endif
