/*
 * dm_int.h - what the files of engine/dm share.
 */
#ifndef XENDECK_ENGINE_DM_INT_H
#define XENDECK_ENGINE_DM_INT_H

#include <sys/types.h>

#include "engine/dm/dm.h"
#include "engine/host/domains.h"
#include "engine/record/record.h"
#include "src/base/loop.h"

#define DM_NO_PORT 0

/* Where the model's VNC server listens. */
struct dm_vnc {
    bool wanted;
    bool unused;    /* the next free display */
    bool password;  /* it is read from descriptor DM_PASSWORD_FD */
    char host[128]; /* without brackets */
    unsigned display;
    const char *keymap;
};

#define DM_PASSWORD_FD 3
#define DM_VNC_BASE    5900

struct dm_args {
    const char *program;
    uint32_t domid;
    const char *name;
    uint64_t mem_kib;
    struct dm_vnc vnc;
};

/* args.c */
/* The arguments, each NUL-terminated, in out; returns their number. */
size_t dm_args_fill(const struct dm_args *a, struct buf *out);
/* Of a vfb's settings, NULL for none. */
void dm_vnc_read(const struct config_device *vfb, struct dm_vnc *out);

/* process.c */
/* Its program; false: there is none. */
bool dm_program(char *dst, size_t n);
/* A free port for it, as display, not below its own; taken: those given out
 * and perhaps not open yet. False: the address cannot be looked at. */
bool dm_display_find(struct dm_vnc *v, bool (*taken)(void *arg, unsigned port),
                     void *arg);
/* password: of its VNC server, or NULL. */
int dm_spawn(const struct dm_args *a, const char *password, pid_t *pid_out,
             struct err *e);
void dm_log_path(const char *name, char *dst, size_t n);
/* The last line of its log, made safe; "" if it said nothing. */
void dm_log_tail(const char *name, char *dst, size_t n);
/* Is this process the device model of just this domain? */
bool dm_is_model_of(uint64_t pid, uint32_t domid);
/* Looks through all processes; 0: there is none. */
pid_t dm_find_process(uint32_t domid);
void dm_unlink_sockets(uint32_t domid);

/* start.c, model.c */
struct model {
    struct engine *en;
    uint32_t domid;
    char name[64];
    pid_t pid;     /* 0: simulated */
    unsigned port; /* of its VNC server */
    bool starting, ended, stopping, killed;
    int status;
    struct loop_child child;
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
