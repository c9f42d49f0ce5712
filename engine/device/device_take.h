/*
 * device_take.h - devices that another tool has attached to a domain of ours,
 * for its configuration.
 */
#ifndef XENDECK_ENGINE_DEVICE_TAKE_H
#define XENDECK_ENGINE_DEVICE_TAKE_H

#include "engine/config/core/config.h"
#include "engine/core/engine.h"

enum device_taken {
    DEVICE_TAKEN,
    DEVICE_NOT_TAKEN, /* its settings are not all known: it is not in the
                         configuration */
    DEVICE_UNREAD     /* xenstore does not tell now: likewise. name: "" for all
                         of the kind */
};

typedef void device_take_cb(void *arg, const char *kind, const char *name,
                            enum device_taken how);
/* A node of a device's copy into dst, "" if it is not there; *blind: it is not
 * known whether it is. */
void device_take_node(struct engine *en, const char *copy, const char *node,
                      char *dst, size_t n, bool *blind);
/* The same into a setting of out. */
void device_take_setting(struct engine *en, const char *copy, const char *node,
                         struct config_device *out, const char *key,
                         bool *blind);
/* Adds to c what stands below /libxl/DOMID/device and is not in it. Returns how
 * many were added; cb hears of each. */
size_t devices_take(struct engine *en, uint32_t domid, struct domain_config *c,
                    device_take_cb *cb, void *arg);

#endif
