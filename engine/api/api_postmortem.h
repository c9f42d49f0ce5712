/*
 * api_postmortem.h - for front ends: the last words of domains.
 */
#ifndef XENDECK_API_POSTMORTEM_H
#define XENDECK_API_POSTMORTEM_H

#include "engine/postmortem/postmortem.h"

#endif
