/*
 * api_devices.h - for front ends: the devices of domains.
 */
#ifndef XENDECK_API_DEVICES_H
#define XENDECK_API_DEVICES_H

#include "engine/device/devices.h"

#endif
