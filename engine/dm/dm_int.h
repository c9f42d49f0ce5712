/*
 * dm_int.h - what the files of engine/dm share.
 */
#ifndef XENDECK_ENGINE_DM_INT_H
#define XENDECK_ENGINE_DM_INT_H

#include <sys/types.h>

#include "engine/dm/dm.h"
#include "engine/dom0/dom0.h"
#include "engine/host/domains.h"
#include "engine/record/record.h"
#include "src/base/loop.h"

#define DM_NO_PORT 0

/* Where the model's VNC server listens. */
struct dm_vnc {
    bool wanted;
    bool unused;    /* the next free display */
    bool password;  /* it is read from a descriptor */
    char host[128]; /* without brackets */
    unsigned display;
    const char *keymap;
};

#define DM_VNC_BASE 5900

struct dm_args {
    uint32_t domid;
    const char *name;
    uint64_t mem_kib;
    struct dm_vnc vnc;
};

/* dm_args.c */
/* The arguments without the program, each NUL-terminated, in out; returns their
 * number. */
size_t dm_args_fill(const struct dm_args *a, struct buf *out);
/* Of a vfb's settings, NULL for none. */
void dm_vnc_read(const struct config_device *vfb, struct dm_vnc *out);

/* dm_display.c */
/* A free port for it, as display, not below its own; taken: those given out
 * and perhaps not open yet. False: the address cannot be looked at. */
bool dm_display_find(struct dm_vnc *v, bool (*taken)(void *arg, unsigned port),
                     void *arg);
void dm_log_path(const char *name, char *dst, size_t n);

/* dm_start.c, dm_model.c */
struct model {
    struct engine *en;
    uint32_t domid;
    char name[64];
    struct dom0_model proc;
    unsigned port; /* of its VNC server */
    bool starting, ended, stopping, killed;
    int status;
    struct loop_timer limit;
    struct list_node node;
};

struct dm_room {
    struct engine *en;
    struct list_node models; /* those that are watched */
    struct dom_observer doms;
    struct record_observer record;
};

static inline struct dm_room *
dm_room(const struct engine *en)
{
    return engine_room(en, ROOM_DM);
}

struct model *dm_find(const struct engine *en, uint32_t domid);
/* Of a process that was started or found: watched from here on. */
struct model *dm_add(struct engine *en, uint32_t domid, const char *name,
                     pid_t pid, struct err *e);
void dm_drop(struct model *m);
/* How it ended, in words, with the end of its log. */
void dm_end_words(const struct model *m, char *dst, size_t n);
void dm_dir(uint32_t domid, char *dst, size_t n);
void dm_pid_path(uint32_t domid, char *dst, size_t n);

#endif
