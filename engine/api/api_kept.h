/*
 * api_kept.h - for front ends: texts that users keep by name.
 */
#ifndef XENDECK_API_KEPT_H
#define XENDECK_API_KEPT_H

#include "engine/record/kept.h"

#endif
