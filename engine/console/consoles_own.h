/*
 * consoles_own.h - the engine's own reading of consoles: of domains of ours,
 * from their birth to their end.
 */
#ifndef XENDECK_ENGINE_CONSOLES_OWN_H
#define XENDECK_ENGINE_CONSOLES_OWN_H

#include <stddef.h>
#include <stdint.h>

struct buf;
struct dom_entry;
struct engine;

void consoles_open(struct engine *en);
void consoles_close(struct engine *en);

/* Starts the engine's own reader for an owned domain. */
void console_own(struct dom_entry *de);
/* It is not ours any more: let go of, unless somebody looks at it. */
void console_disown(struct dom_entry *de);
/* The definition of this uuid is gone: what is kept of its console goes, unless
 * the domain runs on. */
void consoles_forget(struct engine *en, const uint8_t uuid[16]);
/* This life is over: what is left in the tty is read, then clients hear. */
void console_dom_gone(struct dom_entry *de, const char *why);
/* Lines for `info`: one a console. Returns how many there are; out may be
 * NULL. */
size_t consoles_info(const struct engine *en, struct buf *out);

#endif
