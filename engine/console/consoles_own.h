/*
 * consoles_own.h - the engine's own reading of consoles: of domains of ours,
 * from their birth to their end.
 */
#ifndef XENDECK_ENGINE_CONSOLES_OWN_H
#define XENDECK_ENGINE_CONSOLES_OWN_H

struct dom_entry;
struct engine;

void consoles_open(struct engine *en);
void consoles_close(struct engine *en);

/* Starts the engine's own reader for an owned domain. */
void console_own(struct dom_entry *de);
/* It is not ours any more: let go of, unless somebody looks at it. */
void console_disown(struct dom_entry *de);
/* This life is over: what is left in the tty is read, then clients hear. */
void console_dom_gone(struct dom_entry *de, const char *why);

#endif
