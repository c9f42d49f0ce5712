/*
 * api_host.h - for front ends: the host, its networks, the log of Xen.
 */
#ifndef XENDECK_API_HOST_H
#define XENDECK_API_HOST_H

#include "engine/api/texts.h"
#include "engine/host/listing.h"
#include "engine/host/vnet.h"
#include "engine/host/xen_messages.h"
#include "engine/life/life.h"

#endif
