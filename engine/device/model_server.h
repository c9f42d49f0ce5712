/*
 * model_server.h - what the room of device models does for devices that no
 * kernel serves; it enters its table here.
 */
#ifndef XENDECK_ENGINE_MODEL_SERVER_H
#define XENDECK_ENGINE_MODEL_SERVER_H

#include "engine/device/device.h"
#include "engine/dom0/dom0_model_probe.h"

struct dm_setup;

/* The start of a model, embedded in its task; zeroed: none. */
struct dm_start {
    struct task *task;
    uint32_t domid;
    bool made;           /* there is something to take back */
    bool running;        /* the model says so */
    bool confined;       /* it says so over its control socket alone */
    bool ready;          /* and what is set once it runs is set */
    unsigned looks;      /* for the end of one that is silent */
    unsigned stop_looks; /* for one to be ended, that failed */
    struct store_watch watch;
    struct dom0_model_probe probe; /* of one that is not to run as we do */
    /* Of what is set then: the engine's dm_setup.c. */
    struct dm_setup *setup;
};

/* What a model is started for. */
struct dm_want {
    const char *name;
    uint64_t mem_kib; /* at most */
    /* NULL: a PV domain that runs, and gets a device that needs one. */
    const struct domain_config *cfg;
    /* A descriptor that the state of the devices is read from: it goes on from
     * there, and is to be told to (dm_cont). Borrowed. */
    bool restores;
    int state_fd;
};

/* A PCI device of the host that is put into the machine. */
struct model_pci {
    const char *id;   /* of the model's */
    const char *host; /* its address there */
    const char *addr; /* that in the machine, "5.0"; NULL: the next free one */
    bool permissive;
};

/* A talk of that with a model; NULL: none. */
struct model_plug;

#define DM_START_LIMIT_MS 60000 /* libxl's LIBXL_DEVICE_MODEL_START_TIMEOUT */

struct model_server {
    /* Is there a program to be started? Refuses, naming its package. */
    int (*check)(const struct device *d, struct err *e);
    /* Is the process that is on record as the domain's model one still, or
     * can that not be told? */
    bool (*may_run)(struct engine *en, uint32_t domid);
    /* Is the domain's model confined? Then it serves no PV device. */
    bool (*confined)(const struct engine *en, uint32_t domid);
    /* Does a model emulate a CD drive of this name? */
    bool (*emulates)(const char *vdev);
    /* As dm_start_run and the others of engine/dm/dm.h. */
    enum step_rc (*start)(struct dm_start *s, struct devices *ds,
                          const struct dm_want *want, struct err *e);
    enum step_rc (*undo)(struct dm_start *s);
    /* Is this a CD drive that a model emulates? Then it changes the medium;
     * path NULL: takes it out. -1: that cannot be told. */
    int (*has_drive)(struct engine *en, const struct dom *d, const char *vdev,
                     bool *out, struct err *e);
    int (*change)(struct engine *en, const struct dom *d, const char *vdev,
                  const char *path, uint64_t *op_out, struct err *e);
    /* A PCI device of the host goes into the running machine, or out of it, and
     * is seen to have done so; *p is NULL at first, and again when it is over.
     * Out: ERR_TIMEOUT if the guest does not let go of it in 10 s. */
    enum step_rc (*plug)(struct model_plug **p, struct task *t, uint32_t domid,
                         const struct model_pci *want, struct err *e);
    enum step_rc (*unplug)(struct model_plug **p, struct task *t,
                           uint32_t domid, const char *id, struct err *e);
    void (*plug_end)(struct model_plug **p); /* it is waited for no more */
};

void device_serve_models(struct engine *en, const struct model_server *ms);
const struct model_server *device_models(const struct engine *en);

#endif
