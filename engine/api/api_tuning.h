/*
 * api_tuning.h - for front ends: what is set while a domain runs, and cpupools.
 */
#ifndef XENDECK_API_TUNING_H
#define XENDECK_API_TUNING_H

#include "engine/host/pools.h"
#include "engine/tune/tuning.h"

#endif
