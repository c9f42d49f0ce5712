/*
 * dom0_driver.h - what a driver of dom0's boundary fills in. Only drivers, the
 * wrappers and the trace include it.
 */
#ifndef XENDECK_ENGINE_DOM0_DRIVER_H
#define XENDECK_ENGINE_DOM0_DRIVER_H

#include "engine/dom0/dom0.h"
#include "engine/dom0/hotplug.h"

struct dom0_ops {
    const char *name; /* "linux", "sim" */
    bool stays_up;    /* see dom0_stays_up */
    void (*close)(struct dom0 *);
    int (*places)(struct dom0 *, const char *state, const char *run,
                  struct engine_paths *out, struct err *);
    bool (*file_is_remote)(struct dom0 *, const char *path);
    int (*script_errno)(struct dom0 *, const char *path);
    int (*end_left_scripts)(struct dom0 *, dom0_left_script_cb *cb, void *arg,
                            struct err *);
    bool (*has_model_program)(struct dom0 *);
    void (*model_user)(struct dom0 *, uint32_t domid, char *dst, size_t n);
    void (*model_root)(struct dom0 *, uint32_t domid, char *dst, size_t n);
    enum life (*model_serves)(struct dom0 *, uint32_t domid, uint64_t pid);
    void (*model_log_end)(struct dom0 *, const char *log, size_t max,
                          struct buf *out);
#define DOM0_OP(name, params, args, ...) int(*name) params;
#define DOM0_DO(name, params, args, ...) void(*name) params;
#include "engine/dom0/dom0_ops.def"
};

/* First member of each driver's own struct. */
struct dom0 {
    const struct dom0_ops *ops;
    struct dom0_trace *trace; /* while calls are traced */
    struct loop *lp;
};

/* The operations that only hotplug.c calls: starts a script; kills one, whose
 * end is told all the same; drops one without telling its end. */
int dom0_script_start(struct dom0 *d, struct hotplug *hp,
                      const struct hotplug_job *j, struct err *e);
void dom0_script_kill(struct dom0 *d, struct hotplug *hp);
void dom0_script_stop(struct dom0 *d, struct hotplug *hp);

#endif
