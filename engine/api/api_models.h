/*
 * api_models.h - for front ends: device models.
 */
#ifndef XENDECK_API_MODELS_H
#define XENDECK_API_MODELS_H

#include "engine/dm/dm_query.h"

#endif
