/*
 * dm_int.h - what the files of engine/dm share.
 */
#ifndef XENDECK_ENGINE_DM_INT_H
#define XENDECK_ENGINE_DM_INT_H

#include <sys/types.h>

#include "engine/dm/dm.h"
#include "engine/dm/dm_args.h"
#include "engine/dm/qmp.h"
#include "engine/dom0/dom0.h"
#include "engine/host/domains.h"
#include "engine/record/record.h"
#include "src/base/loop.h"

#define MODEL_IO_ERROR_MS 60000 /* between two lines on errors of its disks */

/* A model that this engine has started or taken in. */
struct model {
    struct engine *en;
    uint32_t domid;
    char name[64];
    struct dom0_model proc;
    unsigned port; /* of its VNC server, 0: none known */
    bool starting, ended, stopping, killed;
    bool hung;      /* it does not answer */
    bool hung_told; /* that of a shared socket: once */
    int status;
    char said[24]; /* query-status's word, "": not asked yet */
    uint64_t io_error_ms;
    struct loop_timer limit, beat_tm;
    struct qmp qmp;
    struct qmp_cmd beat, quit;
    struct list_node node;
};

struct dm_room {
    struct engine *en;
    struct list_node models; /* those that are watched */
    struct loop_timer again; /* for those that could not be looked at */
    bool blind_told;         /* that there are such */
    struct list_node observers;
    struct dom_observer doms;
    struct record_observer record;
};

static inline struct dm_room *
dm_room(const struct engine *en)
{
    return engine_room(en, ROOM_DM);
}

/* dm_model.c: records, and taking in. */
struct model *dm_find(const struct engine *en, uint32_t domid);
/* Of a process that was started or found: watched from here on. */
struct model *dm_add(struct engine *en, uint32_t domid, const char *name,
                     pid_t pid, struct err *e);
void dm_drop(struct model *m);
/* Whether the process on record is its model. LIFE_GONE: there is none;
 * *recorded: there is one on record. LIFE_UNKNOWN, *e says why: *pid_out could
 * not be looked at, or (0) the record could not be read; ERR_INVALID: it holds
 * no number. */
enum life dm_pid_on_record(struct engine *en, uint32_t domid, pid_t *pid_out,
                           bool *recorded, struct err *e);
void dm_dir(uint32_t domid, const char *rest, char *dst, size_t n);
void dm_pid_path(uint32_t domid, char *dst, size_t n);
void dm_log_path(const char *name, char *dst, size_t n);

/* dm_stop.c */
/* dm_find, or one that this engine has not taken in; *out NULL: there is none.
 * -1: that cannot be told, or it cannot be watched. */
int dm_reach(struct engine *en, uint32_t domid, struct model **out,
             struct err *e);

/* dm_save.c: the number of the fd set that add-fd has made, from its answer. */
int dm_take_fdset(struct json_object *ret, int *out, struct err *e);

/* dm_cd.c: see struct model_server. */
int dm_cd_is_ours(struct engine *en, const struct dom *d, const char *vdev,
                  bool *out, struct err *e);
int dm_cd_change(struct engine *en, const struct dom *d, const char *vdev,
                 const char *path, uint64_t *op_out, struct err *e);

#endif
