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
/* Each device of a kind that is recorded below /libxl. 0, also if there is
 * none; -1 with *e if xenstore does not tell: then nothing is known of them. */
int device_ids_each(struct engine *en, uint32_t domid, const char *kind,
                    device_id_cb *cb, void *arg, struct err *e);
/* Below 0 with *e ends the walk. */
typedef int device_kind_cb(void *arg, const char *kind, struct err *e);
/* Each kind of which there may be devices; as device_ids_each. */
int device_kinds_each(struct engine *en, uint32_t domid, device_kind_cb *cb,
                      void *arg, struct err *e);
/* As engine_devices, without counters. */
int devices_read(struct engine *en, uint32_t domid, struct dom_device *out,
                 size_t max, size_t *n_out, struct err *e);

#endif
