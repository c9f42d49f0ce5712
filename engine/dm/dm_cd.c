/*
 * dm_cd.c - the medium of a CD drive that a device model emulates: the model is
 * told, then the nodes of the drive's PV twin and the files of record follow.
 * The drive itself stays. A change that an engine's death cuts short leaves the
 * drive with the old medium, the new one or none: never half of it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <json-c/json.h>

#include "engine/config/core/vdev.h"
#include "engine/device/device.h"
#include "engine/device/device_handler.h"
#include "engine/device/device_json.h"
#include "engine/device/disk.h"
#include "engine/dm/dm_int.h"
#include "engine/model/dom_kind.h"
#include "engine/record/db.h"
#include "engine/task/oplog.h"
#include "src/base/xalloc.h"

struct cd_change {
    struct task t;
    uint64_t dom_id;
    uint32_t domid, number;
    uint8_t uuid[16];
    char vdev[32], id[24];
    char *path; /* NULL: the drive is emptied */
    bool asked, answered;
    bool handed; /* the model has the file of path as a descriptor, in fdset */
    int fdset;
    struct json_object *ret; /* of the command that was answered last */
    struct err err, refused;
    struct qmp_cmd cmd;
};

static struct cd_change *
cd_self(struct task *t)
{
    return container_of(t, struct cd_change, t);
}

static void
cd_answered(struct qmp_cmd *c, struct json_object *ret, const struct err *e)
{
    struct cd_change *cd = container_of(c, struct cd_change, cmd);

    json_object_put(cd->ret);
    cd->ret = json_object_get(ret);
    cd->answered = true;
    cd->err = *e;
    task_wake(&cd->t);
}

/* NULL: there is none, and *e says so. */
static struct model *
cd_model(struct cd_change *cd, struct err *e)
{
    struct model *m;

    if (dm_reach(cd->t.en, cd->domid, &m, e) < 0)
        return NULL;
    if (m == NULL)
        err_set(e, ERR_LOST, "its device model is gone");
    return m;
}

/* args: taken. */
static enum step_rc
cd_ask(struct cd_change *cd, const char *command, struct json_object *args,
       struct err *e)
{
    struct model *m = cd_model(cd, e);

    if (m == NULL) {
        json_object_put(args);
        return STEP_FAIL;
    }
    cd->asked = true;
    qmp_send(&m->qmp, &cd->cmd, command, args, QMP_LIMIT_MS, cd_answered);
    return STEP_WAIT;
}

static enum step_rc
cd_heard(struct cd_change *cd, struct err *e)
{
    if (!cd->answered)
        return STEP_WAIT;
    cd->asked = cd->answered = false;
    if (cd->err.code == ERR_NONE)
        return STEP_DONE;
    *e = cd->err;
    return STEP_FAIL;
}

/* What is refused with a descriptor handed over is told when that is taken
 * back. */
static enum step_rc
cd_heard_handed(struct cd_change *cd, struct err *e)
{
    enum step_rc rc = cd_heard(cd, &cd->refused);

    if (rc == STEP_FAIL && cd->handed)
        return STEP_DONE;
    if (rc == STEP_FAIL)
        *e = cd->refused;
    return rc;
}

/* A guest may have locked the tray: the host decides. */
static enum step_rc
cd_run_eject(struct task *t, struct err *e)
{
    struct cd_change *cd = cd_self(t);
    struct json_object *args;

    if (cd->asked)
        return cd_heard_handed(cd, e);
    args = json_object_new_object();
    json_object_object_add(args, "id", json_object_new_string(cd->id));
    json_object_object_add(args, "force", json_object_new_boolean(true));
    return cd_ask(cd, "eject", args, e);
}

/* QEMU takes a descriptor for a file alone: it cannot be told of another driver
 * with this command. */
static int
cd_open(const struct cd_change *cd, struct err *e)
{
    int fd = open(cd->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    struct stat st;

    if (fd < 0 || fstat(fd, &st) < 0) {
        err_sys(e, errno, "%s", cd->path);
    } else if (!S_ISREG(st.st_mode)) {
        err_set(e, ERR_INVALID,
                "found %s, allowed a file: its device model is restricted",
                cd->path);
    } else {
        return fd;
    }
    if (fd >= 0)
        close(fd);
    return -1;
}

/* QEMU lets go of what it was handed as the connection ends, and one that
 * others use as well ends with each command. */
static enum step_rc
cd_is_handed(struct cd_change *cd, struct err *e)
{
    const struct model *m = cd_model(cd, e);

    if (m == NULL)
        return STEP_FAIL;
    if (m->qmp.shared) {
        err_set(e, ERR_UNSUPPORTED,
                "its device model is restricted and was started by another "
                "tool, whose control socket a file cannot be handed over on: "
                "the drive keeps what it has");
        return STEP_FAIL;
    }
    cd->handed = dm_take_fdset(cd->ret, &cd->fdset, e) == 0;
    return cd->handed ? STEP_DONE : STEP_FAIL;
}

/* A confined model cannot open the file. Before the drive is emptied: what
 * cannot be handed over leaves it as it was. */
static enum step_rc
cd_run_hand(struct task *t, struct err *e)
{
    struct cd_change *cd = cd_self(t);
    const struct model *m;
    enum step_rc rc;
    int fd;

    if (cd->asked) {
        rc = cd_heard(cd, e);
        return rc == STEP_DONE ? cd_is_handed(cd, e) : rc;
    }
    if (cd->path == NULL)
        return STEP_DONE;
    m = cd_model(cd, e);
    if (m == NULL)
        return STEP_FAIL;
    if (!m->proc.confined)
        return STEP_DONE;
    fd = cd_open(cd, e);
    if (fd < 0)
        return STEP_FAIL;
    rc = cd_ask(cd, "add-fd", NULL, e);
    if (rc == STEP_FAIL)
        close(fd);
    else
        qmp_add_fd(&cd->cmd, fd);
    return rc;
}

static enum step_rc
cd_run_insert(struct task *t, struct err *e)
{
    struct cd_change *cd = cd_self(t);
    struct json_object *args;
    char handed[48];

    if (cd->path == NULL || cd->refused.code != ERR_NONE)
        return STEP_DONE;
    if (cd->asked)
        return cd_heard_handed(cd, e);
    text_fmt(handed, sizeof(handed), "/dev/fdset/%d", cd->fdset);
    args = json_object_new_object();
    json_object_object_add(args, "id", json_object_new_string(cd->id));
    json_object_object_add(
        args, "filename",
        json_object_new_string(cd->handed ? handed : cd->path));
    json_object_object_add(args, "format", json_object_new_string("raw"));
    return cd_ask(cd, "blockdev-change-medium", args, e);
}

/* The drive has a descriptor of its own by now. */
static enum step_rc
cd_run_take_back(struct task *t, struct err *e)
{
    struct cd_change *cd = cd_self(t);
    struct json_object *args;
    enum step_rc rc;

    if (!cd->handed)
        return STEP_DONE;
    if (!cd->asked) {
        args = json_object_new_object();
        json_object_object_add(args, "fdset-id",
                               json_object_new_int(cd->fdset));
        return cd_ask(cd, "remove-fd", args, e);
    }
    rc = cd_heard(cd, e);
    if (rc == STEP_WAIT || cd->refused.code == ERR_NONE)
        return rc;
    *e = cd->refused;
    return STEP_FAIL;
}

/* --- nodes and files --- */

/* Where the node is there. */
static int
cd_params(const struct cd_change *cd, struct store *st, store_tx tx,
          const char *path, struct err *e)
{
    bool has;

    if (store_has(st, tx, path, &has, e) < 0)
        return -1;
    if (!has)
        return 0;
    return store_writef(st, tx, e, path, "%s%s", cd->path != NULL ? "aio:" : "",
                        cd->path != NULL ? cd->path : "");
}

static int
cd_nodes(struct store *st, store_tx tx, void *arg, struct err *e)
{
    const struct cd_change *cd = arg;
    char path[96];

    store_path(path, sizeof(path), "/local/domain/0/backend/qdisk/%u/%u/params",
               cd->domid, cd->number);
    if (cd_params(cd, st, tx, path, e) < 0)
        return -1;
    store_path(path, sizeof(path), "/libxl/%u/device/vbd/%u/params", cd->domid,
               cd->number);
    return cd_params(cd, st, tx, path, e);
}

/* As the configuration has the drive. */
static struct config_device *
cd_drive_of(struct domain_config *c, uint32_t number)
{
    const char *vdev;
    uint32_t n;
    size_t i;

    for (i = 0; i < c->n_devices; i++) {
        vdev = config_device_value(&c->devices[i], "vdev");
        if (device_traits(c->devices[i].kind)->class == DOM_DEVICE_DISK &&
            vdev != NULL && vdev_parse(vdev, &n) && n == number)
            return &c->devices[i];
    }
    return NULL;
}

/* Its next life has this medium, and xl knows of it. */
static int
cd_record(struct cd_change *cd, struct err *e)
{
    const struct dom_entry *de = domains_by_id(cd->t.en, cd->dom_id);
    const char *dir = engine_paths(cd->t.en)->state;
    struct config_device *drive;
    struct domain_config *c;
    struct err why = { 0 };
    int rc = 0;

    if (de == NULL || db_load(dir, cd->uuid, &c, &why) < 0)
        return de == NULL || why.code == ERR_NOENT
                   ? 0
                   : err_set(e, why.code, "%s", why.msg);
    drive = cd_drive_of(c, cd->number);
    if (drive != NULL) {
        device_set_value(drive, "path", cd->path);
        rc = db_save(dir, cd->uuid, c, e);
        if (rc == 0)
            rc = devices_json_change(cd->t.en, &de->d,
                                     device_type_find(drive->kind), drive,
                                     cd->number, e);
    }
    config_free(c);
    return rc;
}

static enum step_rc
cd_run_record(struct task *t, struct err *e)
{
    struct cd_change *cd = cd_self(t);

    return store_tx_run(engine_store(t->en), cd_nodes, cd, e) < 0 ||
                   cd_record(cd, e) < 0
               ? STEP_FAIL
               : STEP_DONE;
}

static const struct step cd_steps[] = {
    { .id = "hand", .label = "hand over the file", .run = cd_run_hand },
    { .id = "eject", .label = "open the drive", .run = cd_run_eject },
    { .id = "insert", .label = "insert", .run = cd_run_insert },
    { .id = "take_back", .label = "take it back", .run = cd_run_take_back },
    { .id = "record", .label = "record", .run = cd_run_record },
};

static void
cd_free(struct task *t)
{
    struct cd_change *cd = cd_self(t);

    qmp_cancel(&cd->cmd);
    json_object_put(cd->ret);
    free(cd->path);
    free(cd);
}

static const struct task_type cd_type = {
    .steps = cd_steps,
    .n_steps = sizeof(cd_steps) / sizeof(cd_steps[0]),
    .free = cd_free,
};

/* --- its beginning --- */

int
dm_cd_is_ours(struct engine *en, const struct dom *d, const char *vdev,
              bool *out, struct err *e)
{
    struct model *m = NULL;
    char id[24];

    if (dom_kind_has_machine(d->kind) && dm_drive_id(vdev, id, sizeof(id)) &&
        dm_reach(en, d->domid, &m, e) < 0)
        return err_wrap(e, "'%s'", d->name);
    *out = m != NULL;
    return 0;
}

static int
cd_check(const struct dom *d, const char *path, struct err *e)
{
    int fd = path != NULL ? open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) : -1;

    if (path != NULL && fd < 0)
        return err_sys(e, errno, "'%s': %s", d->name, path);
    if (fd >= 0)
        close(fd);
    return 0;
}

int
dm_cd_change(struct engine *en, const struct dom *d, const char *vdev,
             const char *path, uint64_t *op_out, struct err *e)
{
    struct cd_change *cd;
    uint64_t op;

    if (cd_check(d, path, e) < 0)
        return -1;
    cd = xcalloc(1, sizeof(*cd));
    cd->dom_id = d->id;
    cd->domid = d->domid;
    memcpy(cd->uuid, d->uuid, sizeof(cd->uuid));
    (void)vdev_parse(vdev, &cd->number);
    text_fmt(cd->vdev, sizeof(cd->vdev), "%s", vdev);
    (void)dm_drive_id(vdev, cd->id, sizeof(cd->id));
    cd->path = path != NULL ? xstrdup(path) : NULL;
    op = task_begin(en, &cd->t, &cd_type,
                    path != NULL ? OP_DEVICE_ADD : OP_DEVICE_REMOVE, d, NULL);
    if (op_out != NULL)
        *op_out = op;
    return 0;
}
