/*
 * device_take.h - devices that another tool has attached to a domain of ours,
 * for its configuration.
 */
#ifndef XENDECK_ENGINE_DEVICE_TAKE_H
#define XENDECK_ENGINE_DEVICE_TAKE_H

#include "engine/config/core/config.h"
#include "engine/core/engine.h"

/* taken false: its settings are not all known, so that it is not in the
 * configuration. */
typedef void device_take_cb(void *arg, const char *kind, const char *name,
                            bool taken);
/* A node of a device's copy into a setting of out, if it is there. */
void device_take_setting(struct engine *en, const char *copy, const char *node,
                         struct config_device *out, const char *key);
/* Adds to c what stands below /libxl/DOMID/device and is not in it. Returns how
 * many were added; cb hears of each. */
size_t devices_take(struct engine *en, uint32_t domid, struct domain_config *c,
                    device_take_cb *cb, void *arg);

#endif
