/*
 * dm_save.c - see dm_save.h.
 */
#include "engine/dm/dm_save.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <json-c/json.h>

#include "engine/dm/dm_int.h"
#include "engine/model/dom_kind.h"

#define STOP_MS 10000
#define SOON_MS 3000
#define SAVE_MS 60000
#define NO_FD   (-1)

/* --- one command of a talk --- */

static void
talk_answered(struct qmp_cmd *c, struct json_object *ret, const struct err *e)
{
    struct dm_talk *k = container_of(c, struct dm_talk, cmd);

    k->answered = true;
    k->ret = json_object_get(ret);
    k->err = *e;
    task_wake(k->task);
}

struct talk_line {
    const char *name;
    struct json_object *(*args)(const struct dm_talk *k, const void *arg);
    const void *arg;
    int fd; /* goes along, a copy of it */
    unsigned limit_ms;
};

static int
talk_ask(struct dm_talk *k, uint32_t domid, const struct talk_line *l,
         struct err *e)
{
    struct model *m;
    int fd = NO_FD;

    if (dm_reach(k->task->en, domid, &m, e) < 0)
        return -1;
    if (m == NULL)
        return err_set(e, ERR_LOST, "its device model is gone");
    if (l->fd != NO_FD) {
        fd = fcntl(l->fd, F_DUPFD_CLOEXEC, 3);
        if (fd < 0)
            return err_sys(e, errno, "device model: %s", l->name);
    }
    k->asked = true;
    qmp_send(&m->qmp, &k->cmd, l->name,
             l->args != NULL ? l->args(k, l->arg) : NULL, l->limit_ms,
             talk_answered);
    qmp_add_fd(&k->cmd, fd);
    return 0;
}

/* STEP_DONE: k->ret is what it said. */
static enum step_rc
talk_line(struct dm_talk *k, uint32_t domid, const struct talk_line *l,
          struct err *e)
{
    if (!k->asked && talk_ask(k, domid, l, e) < 0)
        return STEP_FAIL;
    if (!k->answered)
        return STEP_WAIT;
    if (k->err.code != ERR_NONE) {
        *e = k->err;
        return STEP_FAIL;
    }
    return STEP_DONE;
}

static void
talk_next(struct dm_talk *k)
{
    json_object_put(k->ret);
    k->ret = NULL;
    k->asked = k->answered = false;
    k->stage++;
}

void
dm_talk_fini(struct dm_talk *k)
{
    qmp_cancel(&k->cmd);
    json_object_put(k->ret);
    *k = (struct dm_talk){ 0 };
}

/* A talk of one command. */
static enum step_rc
talk_once(struct dm_talk *k, struct task *t, uint32_t domid,
          const struct talk_line *l, struct err *e)
{
    enum step_rc rc;

    k->task = t;
    rc = talk_line(k, domid, l, e);
    if (rc != STEP_WAIT)
        dm_talk_fini(k);
    return rc;
}

/* --- what is said --- */

bool
dm_has_state(struct engine *en, uint32_t domid)
{
    const struct dom_entry *de = domains_by_domid(en, domid);

    return de != NULL && dom_kind_has_machine(de->d.kind);
}

/* A command without arguments. */
static enum step_rc
talk_word(struct dm_talk *k, struct task *t, uint32_t domid, const char *name,
          unsigned limit_ms, struct err *e)
{
    const struct talk_line line = { .name = name,
                                    .fd = NO_FD,
                                    .limit_ms = limit_ms };

    return talk_once(k, t, domid, &line, e);
}

enum step_rc
dm_stop_devices(struct dm_talk *k, struct task *t, uint32_t domid,
                struct err *e)
{
    return talk_word(k, t, domid, "stop", STOP_MS, e);
}

enum step_rc
dm_cont(struct dm_talk *k, struct task *t, uint32_t domid, struct err *e)
{
    return talk_word(k, t, domid, "cont", STOP_MS, e);
}

enum step_rc
dm_cont_soon(struct dm_talk *k, struct task *t, uint32_t domid, struct err *e)
{
    return talk_word(k, t, domid, "cont", SOON_MS, e);
}

static struct json_object *
talk_dirty_args(const struct dm_talk *k, const void *arg)
{
    struct json_object *o = json_object_new_object();
    const bool *on = arg;

    (void)k;
    json_object_object_add(o, "enable", json_object_new_boolean(*on));
    return o;
}

enum step_rc
dm_log_dirty(struct dm_talk *k, struct task *t, uint32_t domid, bool on,
             struct err *e)
{
    return talk_once(k, t, domid,
                     &(struct talk_line){ .name = "xen-set-global-dirty-log",
                                          .args = talk_dirty_args,
                                          .arg = &on,
                                          .fd = NO_FD,
                                          .limit_ms = STOP_MS },
                     e);
}

/* --- its state --- */

static struct json_object *
talk_save_args(const struct dm_talk *k, const void *arg)
{
    struct json_object *o = json_object_new_object();
    const bool *live = arg;
    char path[48];

    text_fmt(path, sizeof(path), "/dev/fdset/%d", k->fdset);
    json_object_object_add(o, "filename", json_object_new_string(path));
    json_object_object_add(o, "live", json_object_new_boolean(*live));
    return o;
}

static struct json_object *
talk_remove_args(const struct dm_talk *k, const void *arg)
{
    struct json_object *o = json_object_new_object();

    (void)arg;
    json_object_object_add(o, "fdset-id", json_object_new_int(k->fdset));
    return o;
}

int
dm_take_fdset(struct json_object *ret, int *out, struct err *e)
{
    struct json_object *id = qmp_member(ret, "fdset-id", json_type_int);

    if (id == NULL || json_object_get_int64(id) < 0 ||
        json_object_get_int64(id) > 65535)
        return err_set(e, ERR_INVALID,
                       "its device model does not say what it made of a "
                       "descriptor");
    *out = json_object_get_int(id);
    return 0;
}

enum { SAVE_STOP, SAVE_GIVE, SAVE_WRITE, SAVE_TAKE_BACK, SAVE_LINES };

/* QEMU refuses one that could be read as well. */
static int
save_check_fd(int fd, struct err *e)
{
    int flags = fcntl(fd, F_GETFL);

    if (flags >= 0 && (flags & O_ACCMODE) == O_WRONLY)
        return 0;
    return err_set(e, ERR_INVALID,
                   "the state of a device model needs a descriptor that is "
                   "open for writing alone");
}

static enum step_rc
save_stage(struct dm_talk *k, uint32_t domid, int fd, const bool *live,
           struct err *e)
{
    const struct talk_line lines[SAVE_LINES] = {
        [SAVE_STOP] = { .name = "stop", .fd = NO_FD, .limit_ms = STOP_MS },
        [SAVE_GIVE] = { .name = "add-fd", .fd = fd, .limit_ms = STOP_MS },
        [SAVE_WRITE] = { .name = "xen-save-devices-state",
                         .args = talk_save_args,
                         .arg = live,
                         .fd = NO_FD,
                         .limit_ms = SAVE_MS },
        [SAVE_TAKE_BACK] = { .name = "remove-fd",
                             .args = talk_remove_args,
                             .fd = NO_FD,
                             .limit_ms = STOP_MS },
    };
    enum step_rc rc = talk_line(k, domid, &lines[k->stage], e);

    if (rc == STEP_DONE && k->stage == SAVE_GIVE &&
        dm_take_fdset(k->ret, &k->fdset, e) < 0)
        return STEP_FAIL;
    return rc;
}

enum step_rc
dm_save_state(struct dm_talk *k, struct task *t, uint32_t domid, int fd,
              bool live, struct err *e)
{
    enum step_rc rc = STEP_DONE;

    k->task = t;
    if (save_check_fd(fd, e) < 0)
        rc = STEP_FAIL;
    while (rc == STEP_DONE && k->stage < SAVE_LINES) {
        rc = save_stage(k, domid, fd, &live, e);
        if (rc == STEP_DONE)
            talk_next(k);
    }
    if (rc != STEP_WAIT)
        dm_talk_fini(k);
    return rc;
}
