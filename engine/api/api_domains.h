/*
 * api_domains.h - for front ends: domains: reading, beginning and ending them.
 */
#ifndef XENDECK_API_DOMAINS_H
#define XENDECK_API_DOMAINS_H

#include "engine/api/texts.h"
#include "engine/host/listing.h"
#include "engine/life/clone.h"
#include "engine/life/definitions.h"
#include "engine/life/drift.h"
#include "engine/life/life.h"
#include "engine/life/migrate.h"
#include "engine/life/save.h"

#endif
