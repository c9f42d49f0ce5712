/*
 * dm_save.h - what the saving, restoring and migrating of a domain asks of its
 * device model. Each function is called within a step of the task, again after
 * each wake-up, until it returns something else than STEP_WAIT; a limit keeps a
 * model that hangs from holding the task. STEP_FAIL: *e says why, and dm_cont
 * lets the model go on as it was.
 */
#ifndef XENDECK_ENGINE_DM_SAVE_H
#define XENDECK_ENGINE_DM_SAVE_H

#include "engine/dm/qmp.h"
#include "engine/task/task.h"

/* One talk with a model, embedded in its task; zeroed: none. */
struct dm_talk {
    struct task *task;
    unsigned stage; /* which of its commands */
    bool asked, answered;
    int fdset; /* that the model has of ours */
    struct err err;
    struct json_object *ret; /* of the command that was answered last */
    struct qmp_cmd cmd;
};

/* Does this domain have a model whose state goes along? A PV domain's model has
 * none: its devices are connected anew. */
bool dm_has_state(struct engine *en, uint32_t domid);
/* Stops the model and writes its state to fd, which is open for writing alone
 * (QEMU takes no other) and stays the caller's. live: it lets go of the locks
 * on its images, for a model elsewhere to take them; dm_cont takes them back.
 * When this is done the model stays stopped. */
enum step_rc dm_save_state(struct dm_talk *k, struct task *t, uint32_t domid,
                           int fd, bool live, struct err *e);
/* Only stops it, or lets it go on: after a save that failed, a checkpoint, and
 * before a restored domain runs. */
enum step_rc dm_stop_devices(struct dm_talk *k, struct task *t, uint32_t domid,
                             struct err *e);
enum step_rc dm_cont(struct dm_talk *k, struct task *t, uint32_t domid,
                     struct err *e);
/* The same within 3 s, for a domain that is to run whatever its model does. */
enum step_rc dm_cont_soon(struct dm_talk *k, struct task *t, uint32_t domid,
                          struct err *e);
/* While memory is sent live the model tells Xen which pages it writes. */
enum step_rc dm_log_dirty(struct dm_talk *k, struct task *t, uint32_t domid,
                          bool on, struct err *e);
/* Nothing of it is waited for any more; k is as zeroed. */
void dm_talk_fini(struct dm_talk *k);

#endif
