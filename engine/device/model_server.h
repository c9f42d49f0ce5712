/*
 * model_server.h - what the room of device models does for devices that no
 * kernel serves; it enters its table here.
 */
#ifndef XENDECK_ENGINE_MODEL_SERVER_H
#define XENDECK_ENGINE_MODEL_SERVER_H

#include "engine/device/device.h"

/* The start of a model, embedded in its task; zeroed: none. */
struct dm_start {
    struct task *task;
    uint32_t domid;
    bool made;   /* there is something to take back */
    bool awaked; /* the model says that it runs */
    struct store_watch watch;
};

#define DM_START_LIMIT_MS 60000 /* libxl's LIBXL_DEVICE_MODEL_START_TIMEOUT */

struct model_server {
    /* Is there a program to be started? Refuses, naming its package. */
    int (*check)(const struct device *d, struct err *e);
    /* Is the process that is on record as the domain's model one still? */
    bool (*runs)(struct engine *en, uint32_t domid);
    /* As dm_start_run and the others of engine/dm/dm.h. */
    enum step_rc (*start)(struct dm_start *s, struct devices *ds,
                          const char *name, uint64_t mem_kib, struct err *e);
    enum step_rc (*undo)(struct dm_start *s);
};

void device_serve_models(struct engine *en, const struct model_server *ms);
const struct model_server *device_models(const struct engine *en);

#endif
