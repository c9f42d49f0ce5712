/*
 * device_read.h - which devices stand, as xenstore has them on record.
 */
#ifndef XENDECK_ENGINE_DEVICE_READ_H
#define XENDECK_ENGINE_DEVICE_READ_H

#include "engine/device/device.h"

/* As store_read_text; only a plain "there is none" is DEVICE_ABSENT. */
enum device_found device_look(struct store *st, const char *path, char *dst,
                              size_t n);

typedef void device_id_cb(void *arg, const char *kind, uint32_t devid);
/* Each device of a kind that is recorded below /libxl. */
void device_ids_each(struct engine *en, uint32_t domid, const char *kind,
                     device_id_cb *cb, void *arg);
/* As engine_devices, without counters. */
int devices_read(struct engine *en, uint32_t domid, struct dom_device *out,
                 size_t max, size_t *n_out, struct err *e);

#endif
