/*
 * rates.h - counters of devices and what they are a second: of all domains
 * with the statistics tick while somebody wants them (rates_want.h), of one
 * domain's devices when it is asked for.
 */
#ifndef XENDECK_ENGINE_RATES_H
#define XENDECK_ENGINE_RATES_H

#include "engine/model/device_info.h"

struct engine;

/* Nothing, and cheap, unless rates are wanted. */
void rates_tick(struct engine *en);
/* RATES_ bits that somebody wants now. */
unsigned rates_wanted(const struct engine *en);
/* Devices came or went: they are listed anew at the next tick. */
void rates_stale(struct engine *en);
/* Fills in counters and rates of those that dom0's kernel serves; the others
 * stay without counters. */
void rates_devices(struct engine *en, uint32_t domid, struct dom_device *list,
                   size_t n);
/* Frees the samples, and ends every want. */
void rates_free(struct engine *en);

#endif
