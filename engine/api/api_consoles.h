/*
 * api_consoles.h - for front ends: guest consoles.
 */
#ifndef XENDECK_API_CONSOLES_H
#define XENDECK_API_CONSOLES_H

#include "engine/console/console.h"
#include "engine/console/console_paste.h"

#endif
