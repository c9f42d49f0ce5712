/*
 * toolstack.h - the toolstack as front ends see it: all subjects at once. New
 * code includes the headers of its subjects.
 */
#ifndef XENDECK_ENGINE_TOOLSTACK_H
#define XENDECK_ENGINE_TOOLSTACK_H

#include "engine/api/api_consoles.h"
#include "engine/api/api_devices.h"
#include "engine/api/api_domains.h"
#include "engine/api/api_events.h"
#include "engine/api/api_formats.h"
#include "engine/api/api_history.h"
#include "engine/api/api_host.h"
#include "engine/api/api_kept.h"
#include "engine/api/api_models.h"
#include "engine/api/api_operations.h"
#include "engine/api/api_tuning.h"
#include "engine/api/open.h"
#include "engine/model/model.h"

#endif
