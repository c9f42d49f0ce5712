/*
 * device_backend.h - which domain serves a device (device.c).
 */
#ifndef XENDECK_ENGINE_DEVICE_BACKEND_H
#define XENDECK_ENGINE_DEVICE_BACKEND_H

#include "engine/device/device.h"

/* backend = NAME or DOMID of the configuration into d->back_domid; the domain
 * that was found stays the one, whatever is looked up again. */
int device_backend(struct device *d, struct err *e);
/* Puts this domain down as backend: by its name, for numbers change; by its
 * number where a configuration cannot have the name, or would take it for
 * another domain's. */
void device_put_backend(struct engine *en, struct config_device *dev,
                        const struct dom *by);

#endif
