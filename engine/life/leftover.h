/*
 * leftover.h - what dead domains of ours left behind.
 */
#ifndef XENDECK_ENGINE_LEFTOVER_H
#define XENDECK_ENGINE_LEFTOVER_H

#include <stddef.h>
#include <stdint.h>

struct engine;

/* Files and nodes with our mark of domains that are no more and that nobody
 * works on. Returns how many domains left something. */
size_t leftovers_remove(struct engine *en);
/* What is left of one domain that is not there: files, and a configuration
 * that is not a definition. */
void leftovers_forget(struct engine *en, const uint8_t uuid[16]);

#endif
