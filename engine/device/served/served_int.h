/*
 * served_int.h - what the files of engine/device/served share: the list of
 * devices that driver domains serve.
 */
#ifndef XENDECK_ENGINE_SERVED_INT_H
#define XENDECK_ENGINE_SERVED_INT_H

#include "engine/device/device.h"
#include "engine/device/step.h"
#include "engine/record/record.h"
#include "engine/task/tasks.h"

#define SERVED_TRIES 3 /* in one life of the server */

enum served_state {
    SERVED_WELL,
    SERVED_LOST,  /* its server has ended, or it is to be tried again */
    SERVED_BUSY,  /* it is being attached again */
    SERVED_WAITS, /* it stands again, and is not connected yet */
};

struct served {
    struct engine *en;
    enum served_state state;
    uint64_t dom_id; /* whose device it is */
    uint32_t domid;
    char kind[16], name[32];
    uint32_t devid;
    char server[MODEL_NAME_MAX];
    uint64_t server_id; /* the life of the server that it was given to; 0: that
                           one has ended */
    uint64_t op;        /* SERVED_BUSY */
    unsigned tries;
    /* SERVED_WAITS */
    uint64_t since_ms;
    uint64_t missed_ms; /* since then the guest does nothing; 0: it does */
    struct store_watch watch;
    struct loop_timer timer;
    struct list_node node;
};

struct scan_failed {
    uint64_t dom_id;
    bool told;
};

struct served_room {
    struct engine *en;
    struct list_node all;
    uint64_t *scan; /* domains of ours whose devices were not looked at yet */
    size_t n_scan;
    uint64_t *scanned; /* those that this engine has begun with */
    size_t n_scanned;
    struct scan_failed *failed; /* those that are looked at again */
    size_t n_failed;
    struct loop_timer scanning, rescanning, looking;
    struct dom_observer doms;
    struct record_observer record;
    struct task_observer tasks;
};

static inline struct served_room *
served_room(const struct engine *en)
{
    return engine_room(en, ROOM_SERVED);
}

/* How often a wait is doubled at this try, the first one being 1. */
static inline unsigned
served_doublings(unsigned tries)
{
    return tries == 0 ? 0 : tries > SERVED_TRIES ? SERVED_TRIES : tries - 1;
}

/* --- served.c --- */
void served_drop(struct served *s);
/* That of this device, made if there is none. */
struct served *served_add(struct served_room *r, const struct dom *d,
                          const char *kind, uint32_t devid);
/* Where it stands now; false: xenstore does not tell. */
bool served_place(const struct served *s, struct device_place *out);
/* It was removed, or dom0 serves it now. */
bool served_is_gone(const struct served *s);
/* Is anything to be attached again? After this while. */
void served_look_in(struct engine *en, uint64_t ms);

/* --- served_again.c --- */
/* Begins an operation for all devices of this domain that can be had again. */
void served_again(struct engine *en, const struct dom *d);
/* The domain that serves it, if that runs; NULL: there is none now. */
const struct dom *served_server(const struct served *s);
void served_recover_enter(struct engine *en);

/* --- served_wait.c --- */
void served_wait(struct served *s);
void served_wait_end(struct served *s); /* idempotent */

/* --- served_scan.c --- */
/* The devices of this domain are looked at, soon. */
void served_scan(struct served_room *r, uint64_t dom_id);
/* The same, but for one that this was called for already. */
void served_scan_new(struct served_room *r, uint64_t dom_id);
void served_scan_forget(struct served_room *r,
                        uint64_t dom_id); /* it is gone */
void served_scan_close(struct served_room *r);
/* The device of this row in a configuration, NULL: it has none. */
struct config_device *served_config(const struct dom_device *row,
                                    struct domain_config *c);

#endif
