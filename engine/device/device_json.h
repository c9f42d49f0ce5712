/*
 * device_json.h - devices in libxl's file of a domain (record/userdata.h).
 */
#ifndef XENDECK_ENGINE_DEVICE_JSON_H
#define XENDECK_ENGINE_DEVICE_JSON_H

#include "engine/device/device.h"

/* Nothing if value is NULL. */
void device_json_text(struct json_object *o, const char *key,
                      const char *value);
/* Adds the arrays of the devices of c to libxl's configuration o. */
void devices_json(const struct domain_config *c, struct json_object *o);
/* Takes the device out of the file, or puts c (may be NULL) in its place. */
int devices_json_change(struct engine *en, const struct dom *d,
                        const struct device_type *type,
                        const struct config_device *c, uint32_t devid,
                        struct err *e);

#endif
