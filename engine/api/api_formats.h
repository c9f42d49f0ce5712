/*
 * api_formats.h - for front ends: configurations checked and converted.
 */
#ifndef XENDECK_API_FORMATS_H
#define XENDECK_API_FORMATS_H

#include "engine/life/formats.h"

#endif
