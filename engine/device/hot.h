/*
 * hot.h - the task that changes the devices of a domain that is there: hot.c
 * has its steps, change.c what begins it. Private to engine/device.
 */
#ifndef XENDECK_ENGINE_DEVICE_HOT_H
#define XENDECK_ENGINE_DEVICE_HOT_H

#include "engine/device/device.h"
#include "engine/device/model_server.h"
#include "engine/device/step.h"

struct hot {
    struct task t;
    uint64_t dom_id;
    uint32_t domid;
    uint8_t uuid[16];
    bool owned;
    struct devices out, in;      /* at most one each; out goes first */
    struct config_device dev;    /* of in */
    struct dm_start model;       /* for in */
    struct config_device *drive; /* a CD drive without its medium: what stays
                                    on record when only out is done */
    unsigned place;              /* of out among its kind, in their order */
    bool force;
    bool gone;        /* out is done */
    uint64_t gone_ms; /* since then; of loop_now_ms */
    bool written;     /* in is in libxl's file */
    bool marked, marked_once;
    unsigned undo_polls;
    int lock_fd, data_fd;
    struct loop_timer poll;
    struct file_look look; /* of files of in on other hosts */
    bool listed;           /* it has been told of them */
};

struct hot *hot_new(const struct dom *d);
/* One that was not begun. */
void hot_drop(struct hot *h);
/* xl: the equal line, or "". Returns the operation's id. */
uint64_t hot_begin(struct engine *en, struct hot *h, enum op_verb verb,
                   const struct dom *d, const char *xl);

#endif
