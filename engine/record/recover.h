/*
 * recover.h - what an engine of record does when it begins, and when another
 * one dies: takes back what is ours, finishes or undoes what was half-done,
 * collects what was left over. Each of it is one line in the event log.
 */
#ifndef XENDECK_ENGINE_RECOVER_H
#define XENDECK_ENGINE_RECOVER_H

#include "engine/core/engine_int.h"

/* All of it, at the start and at a take-over; the domains are listed. */
void recover_run(struct engine *en);
/* Each second: has an engine died that had operations at work? */
void recover_tick(struct engine *en);

/* leftover.c: files and nodes with our mark of domains that are no more and
 * that nobody works on. Returns how many domains left something. */
size_t leftovers_remove(struct engine *en);
/* What is left of one domain that is not there: files, and a configuration
 * that is not a definition. */
void leftovers_forget(struct engine *en, const uint8_t uuid[16]);

#endif
