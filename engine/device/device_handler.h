/*
 * device_handler.h - what a handler of a kind calls while it prepares, attaches
 * or detaches a device (device.c).
 */
#ifndef XENDECK_ENGINE_DEVICE_HANDLER_H
#define XENDECK_ENGINE_DEVICE_HANDLER_H

#include "engine/device/device.h"

void device_put(struct device *d, enum device_dir dir, const char *name,
                const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* A setting of d->cfg, NULL if there is none. */
const char *device_setting(const struct device *d, const char *key);
/* "FILE:LINE: vbd xvda: KEY: " and the rest, which says what was found and
 * what is allowed. Always -1. */
int device_refuse(const struct device *d, struct err *e, enum err_code code,
                  const char *key, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));
/* A line of the set's warnings. */
void device_warn(struct device *d, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* script = of the configuration, or this one of Xen's, into d->script. */
int device_script(struct device *d, const char *fallback, struct err *e);
/* Served by a driver of a kernel: it answers by state 2, and has a script. */
bool device_by_kernel(const struct device *d);
/* A row of the table of kinds, NULL past its end. */
const struct device_type *device_type_at(size_t i);
/* A devid that neither the domain nor this set has. */
uint32_t device_next_id(const struct device *d);
/* Where d stands, from its kind, back_kind, devid and domains. */
void device_paths(struct device *d);
/* Sets or replaces a setting of a configuration's device; value NULL: it has
 * none. */
void device_set_value(struct config_device *c, const char *key,
                      const char *value);
/* A copy of dev goes behind the devices of a configuration. */
int device_config_add(const struct config_device *dev, struct domain_config *c,
                      struct err *e);
/* State of a backend: 0 when its nodes are gone. One that cannot be read, or is
 * no number, is neither connected nor gone: XENBUS_INIT, whose limit runs. */
unsigned device_back_state(struct engine *en, const char *back);
/* Where the driver behind a backend directory leaves its error: in a tree of
 * its own domain, error/backend/KIND/DOMID/DEVID. False if it is no such
 * directory. */
bool device_error_dir(const char *back, char *dst, size_t n);
/* hotplug-error or the driver's own error for a device; "" if none. */
void device_error(struct engine *en, const char *back, char *dst, size_t n);

#endif
