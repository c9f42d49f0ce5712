/*
 * api_history.h - for front ends: the last hour of the host and its domains,
 * and who wants rates.
 */
#ifndef XENDECK_API_HISTORY_H
#define XENDECK_API_HISTORY_H

#include "engine/host/history.h"
#include "engine/host/rates_want.h"

#endif
