/*
 * change.c - the verbs on devices of a domain that is there, and what an
 * engine that died in the middle of one has left.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "engine/config/core/set.h"
#include "engine/config/core/vdev.h"
#include "engine/config/load.h"
#include "engine/device/device_handler.h"
#include "engine/device/device_read.h"
#include "engine/device/device_recover.h"
#include "engine/device/devices.h"
#include "engine/device/hot.h"
#include "engine/device/model_server.h"
#include "engine/device/pci/pci.h"
#include "engine/device/xl_words.h"
#include "engine/model/dom_kind.h"
#include "engine/model/mark.h"
#include "engine/record/db.h"
#include "engine/task/oplog.h"
#include "src/base/xalloc.h"

static const struct dom *
change_target(struct engine *en, uint64_t dom_id, struct err *e)
{
    const struct dom_entry *de = domains_by_id(en, dom_id);

    if (de == NULL)
        err_set(e, ERR_NOENT, "this domain no longer exists");
    else if (de->d.domid == 0)
        err_set(e, ERR_DENIED, "dom0 has the devices of the host");
    else if (de->d.off || de->d.domid == DOM_NO_DOMID)
        err_set(e, ERR_INVALID, "'%s' is off: change its configuration",
                de->d.name);
    else if (de->d.flags & (DOM_F_DYING | DOM_F_SHUTDOWN))
        err_set(e, ERR_INVALID, "'%s' has ended", de->d.name);
    else
        return &de->d;
    return NULL;
}

/* --- adding --- */

static int
parse_want(const struct device_want *want, struct config_device *out,
           struct err *e)
{
    char **words;
    size_t n;
    int rc;

    if (!want->of_xl)
        return config_device_parse(want->kind, want->words, want->n, out, e);
    words = xl_words_read(want, &n);
    rc = config_device_parse(want->kind, (const char *const *)words, n, out, e);
    xl_words_free(words, n);
    return rc;
}

int
engine_device_add(struct engine *en, uint64_t dom_id,
                  const struct device_want *want, uint64_t *op_out,
                  struct err *e)
{
    const struct dom *d = change_target(en, dom_id, e);
    struct buf xl = { 0 };
    struct hot *h;
    uint64_t op;

    if (d == NULL)
        return -1;
    h = hot_new(d);
    if (parse_want(want, &h->dev, e) < 0) {
        hot_drop(h);
        return -1;
    }
    h->in.by_model = dom_kind_has_machine(d->kind);
    h->in.confined = device_models(en)->confined(en, d->domid);
    (void)devices_add(&h->in, &h->dev);
    if (h->in.list[0].type == NULL) {
        hot_drop(h);
        return err_set(e, ERR_UNSUPPORTED, "%s: found no device of this kind",
                       want->kind);
    }
    xl_words_attach(d, &h->dev, &xl);
    op = hot_begin(en, h, OP_DEVICE_ADD, d, buf_text(&xl));
    buf_free(&xl);
    if (op_out != NULL)
        *op_out = op;
    return 0;
}

/* --- finding one by what the operator calls it --- */

static bool
is_named(const struct dom_device *row, const char *name)
{
    const struct device_type *type = device_traits(row->kind);
    unsigned long long devid;

    if (strcmp(row->name, name) == 0 ||
        (!type->shared_devid && text_u64(name, 0, UINT32_MAX, &devid) &&
         devid == row->devid))
        return true;
    return type->is_named != NULL && type->is_named(row, name);
}

static int
no_such(const struct dom *d, const char *kind, const char *name,
        const struct dom_device *rows, size_t n, struct err *e)
{
    struct buf have = { 0 };
    size_t i;

    for (i = 0; i < n; i++)
        if (strcmp(rows[i].kind, kind) == 0)
            buf_fmt(&have, "%s%s", have.len > 0 ? ", " : "", rows[i].name);
    err_set(e, ERR_NOENT, "'%s': found no %s \"%s\", allowed %s", d->name, kind,
            name, have.len > 0 ? buf_text(&have) : "none: it has none");
    buf_free(&have);
    return -1;
}

static int
find_row(struct engine *en, const struct dom *d, const char *kind,
         const char *name, struct dom_device *out, struct err *e)
{
    struct dom_device *rows = xcalloc(DEVICES_MAX, sizeof(*rows));
    size_t i, n = 0;
    int rc = devices_read(en, d->domid, rows, DEVICES_MAX, &n, e);

    if (n > DEVICES_MAX)
        n = DEVICES_MAX;
    for (i = 0; rc == 0 && i < n; i++)
        if (strcmp(rows[i].kind, kind) == 0 && is_named(&rows[i], name))
            break;
    if (rc == 0 && i == n)
        rc = no_such(d, kind, name, rows, n, e);
    else if (rc == 0)
        *out = rows[i];
    free(rows);
    return rc;
}

/* --- removing --- */

struct place {
    unsigned devid, below;
};

static void
count_below(void *arg, const char *kind, uint32_t devid)
{
    struct place *p = arg;

    (void)kind;
    p->below += devid < p->devid;
}

/* Its place among its kind: numbers are not given out again, and the list on
 * record has no gaps. */
static int
change_place_of(struct engine *en, struct hot *h, const struct dom_device *row,
                struct err *e)
{
    struct place p = { .devid = row->devid };

    if (device_ids_each(en, h->domid, row->kind, count_below, &p, e) < 0)
        return -1;
    h->place = p.below;
    return 0;
}

static int
take_out(struct engine *en, struct hot *h, const struct dom_device *row,
         struct err *e)
{
    struct device *d;

    h->t.en = en; /* for reading; the task begins later */
    d = devices_find(&h->out, row->kind, row->devid, e);
    h->t.en = NULL;
    if (d == NULL || change_place_of(en, h, row, e) < 0)
        return -1;
    text_fmt(d->name, sizeof(d->name), "%s", row->name);
    if (device_traits(row->kind)->note_id != NULL)
        device_traits(row->kind)->note_id(d, row);
    return 0;
}

static int
remove_row(struct engine *en, const struct dom *d, const struct dom_device *row,
           bool force, uint64_t *op_out, struct err *e)
{
    struct hot *h = hot_new(d);
    struct buf xl = { 0 };
    uint64_t op;

    h->force = force;
    if (take_out(en, h, row, e) < 0) {
        hot_drop(h);
        return -1;
    }
    xl_words_detach(d, row, force, &xl);
    op = hot_begin(en, h, OP_DEVICE_REMOVE, d, buf_text(&xl));
    buf_free(&xl);
    if (op_out != NULL)
        *op_out = op;
    return 0;
}

int
engine_device_remove(struct engine *en, uint64_t dom_id,
                     const struct device_leave *leave, uint64_t *op_out,
                     struct err *e)
{
    const struct dom *d = change_target(en, dom_id, e);
    struct dom_device row;

    if (d == NULL || find_row(en, d, leave->kind, leave->name, &row, e) < 0)
        return -1;
    if (device_traits(leave->kind)->stays)
        return err_set(e, ERR_DENIED, "'%s': its %s stays with it", d->name,
                       leave->kind);
    return remove_row(en, d, &row, leave->force, op_out, e);
}

/* --- CD drives --- */

static void
put_drive(struct config_device *c, const char *vdev, const char *path)
{
    c->kind = xstrdup(device_vbd.kind);
    if (path != NULL)
        device_set_value(c, "path", path);
    device_set_value(c, "vdev", vdev);
    device_set_value(c, "mode", "r");
    device_set_value(c, "cdrom", "true");
}

/* For the engine that finds it half-done: a medium whose name is too long
 * leaves the drive empty. */
static void
note_medium(struct hot *h, const char *vdev, const char *path)
{
    if (path == NULL)
        oplog_note(&h->t, "want", "cd %s", vdev);
    else
        oplog_note(&h->t, "want", "cd %s%s%s", vdev,
                   strlen(path) < OPLOG_WANT_MAX - 64 ? " " : "",
                   strlen(path) < OPLOG_WANT_MAX - 64 ? path : "");
}

/* The drives that a domain has, which those on record alone are empty. */
struct cd_drives {
    uint32_t number; /* sought */
    struct buf names;
    bool on_record; /* its configuration is */
    bool found;
};

static void
cd_drives_add(struct cd_drives *cd, const char *vdev)
{
    uint32_t number;

    cd->found |= vdev_parse(vdev, &number) && number == cd->number;
    buf_fmt(&cd->names, "%s%s", cd->names.len > 0 ? ", " : "", vdev);
}

static void
cd_drives_on_record(struct engine *en, const struct dom *d,
                    struct cd_drives *cd)
{
    struct domain_config *c;
    const char *vdev;
    size_t i;

    if (!d->owned || db_load(engine_paths(en)->state, d->uuid, &c, NULL) < 0)
        return;
    cd->on_record = true;
    for (i = 0; i < c->n_devices; i++) {
        vdev = config_device_value(&c->devices[i], "vdev");
        if (strcmp(c->devices[i].kind, device_vbd.kind) == 0 && vdev != NULL &&
            config_device_true(&c->devices[i], "cdrom"))
            cd_drives_add(cd, vdev);
    }
    config_free(c);
}

static int
cd_drives_read(struct engine *en, const struct dom *d, struct cd_drives *cd,
               struct err *e)
{
    struct dom_device *rows;
    size_t i, n = 0;
    int rc;

    cd_drives_on_record(en, d, cd);
    if (cd->on_record)
        return 0;
    rows = xcalloc(DEVICES_MAX, sizeof(*rows));
    rc = devices_read(en, d->domid, rows, DEVICES_MAX, &n, e);
    for (i = 0; rc == 0 && i < n && i < DEVICES_MAX; i++)
        if (rows[i].cdrom)
            cd_drives_add(cd, rows[i].name);
    free(rows);
    return rc;
}

/* One that is not there has no medium to be taken out. */
static int
cd_check_drive(struct engine *en, const struct dom *d, const char *vdev,
               struct err *e)
{
    struct cd_drives cd = { 0 };
    int rc;

    (void)vdev_parse(vdev, &cd.number);
    rc = cd_drives_read(en, d, &cd, e);
    if (rc == 0 && !cd.found)
        rc = err_set(
            e, ERR_NOENT, "'%s': found no CD drive %s, allowed %s", d->name,
            vdev, cd.names.len > 0 ? buf_text(&cd.names) : "none: it has none");
    buf_free(&cd.names);
    return rc;
}

/* blkback's drives have no empty state: the medium goes with its drive, and
 * comes with it. */
static uint64_t
begin_cd(struct engine *en, struct hot *h, const struct dom *d,
         const char *vdev, const char *path)
{
    struct dom_device row = { 0 };
    struct buf xl = { 0 };
    uint64_t op;

    h->drive = xcalloc(1, sizeof(*h->drive));
    put_drive(h->drive, vdev, NULL);
    if (path != NULL) {
        put_drive(&h->dev, vdev, path);
        (void)devices_add(&h->in, &h->dev);
    }
    text_fmt(row.kind, sizeof(row.kind), "%s", device_vbd.kind);
    text_fmt(row.name, sizeof(row.name), "%s", vdev);
    xl_words_cd(d, h->out.n > 0 ? &row : NULL, path != NULL ? &h->dev : NULL,
                &xl);
    op = hot_begin(en, h, path != NULL ? OP_DEVICE_ADD : OP_DEVICE_REMOVE, d,
                   buf_text(&xl));
    buf_free(&xl);
    note_medium(h, vdev, path);
    return op;
}

int
engine_cd_change(struct engine *en, uint64_t dom_id, const char *vdev,
                 const char *path, uint64_t *op_out, struct err *e)
{
    const struct dom *d = change_target(en, dom_id, e);
    struct dom_device row;
    struct err none = { 0 };
    struct hot *h;
    uint32_t number;
    uint64_t op;
    bool have;

    if (d == NULL)
        return -1;
    if (!vdev_parse(vdev, &number))
        return err_set(e, ERR_INVALID,
                       "vdev: found \"%s\", allowed " VDEV_ALLOWED, vdev);
    if (path != NULL && path[0] == '\0')
        path = NULL;
    if (path != NULL && path[0] != '/')
        return err_set(e, ERR_INVALID,
                       "path: found \"%s\", allowed an absolute path", path);
    if (device_models(en)->has_drive(en, d, vdev, &have, e) < 0)
        return -1;
    if (have)
        return device_models(en)->change(en, d, vdev, path, op_out, e);
    have = find_row(en, d, device_vbd.kind, vdev, &row, &none) == 0;
    if (!have && none.code != ERR_NOENT) {
        *e = none;
        return -1;
    }
    if (have && !row.cdrom)
        return err_set(e, ERR_INVALID, "'%s': %s is a disk, no CD drive",
                       d->name, row.name);
    if (!have && path == NULL)
        return cd_check_drive(en, d, vdev, e) < 0
                   ? -1
                   : err_set(e, ERR_INVALID, "'%s': the drive %s is empty",
                             d->name, vdev);
    h = hot_new(d);
    if (have && take_out(en, h, &row, e) < 0) {
        hot_drop(h);
        return -1;
    }
    op = begin_cd(en, h, d, vdev, path);
    if (op_out != NULL)
        *op_out = op;
    return 0;
}

/* --- after a crash --- */

/* "KIND DEVID NAME", as hot.c marks it. */
static bool
read_mark(struct engine *en, const struct dom *d, struct dom_device *row)
{
    char path[96], text[128], devid[16];
    unsigned long long v;

    store_path(path, sizeof(path), "/libxl/%u/" MARK_DIR "/device", d->domid);
    if (store_read_text(engine_store(en), 0, path, text, sizeof(text), NULL) <
            0 ||
        sscanf(text, "%15s %15s %31s", row->kind, devid, row->name) != 3 ||
        !text_u64(devid, 0, UINT32_MAX, &v))
        return false;
    row->devid = (unsigned)v;
    return device_type_find(row->kind) != NULL;
}

struct medium {
    bool drive; /* else no more is known than the mark */
    char vdev[32], path[OPLOG_WANT_MAX];
};

/* "cd VDEV", "cd VDEV PATH". */
static void
read_medium(const char *want, uint32_t devid, struct medium *out)
{
    const char *path;
    uint32_t number;

    *out = (struct medium){ .drive = false };
    if (sscanf(want, "cd %31s", out->vdev) != 1 ||
        !vdev_parse(out->vdev, &number) || number != devid)
        return;
    out->drive = true;
    path = strchr(want + 3, ' ');
    text_fmt(out->path, sizeof(out->path), "%s", path != NULL ? path + 1 : "");
}

bool
devices_recover(struct dom_entry *de, const char *want)
{
    struct engine *en = de->en;
    const struct dom *d = &de->d;
    struct dom_device row = { 0 }, found;
    struct medium m;
    struct hot *h;
    char devid[16];

    if (!read_mark(en, d, &row))
        return false;
    read_medium(want, row.devid, &m);
    event_add(en, EVENT_DEVICE, EVENT_WARN, d,
              "%s %s was being changed when its engine ended: %s", row.kind,
              row.name,
              !m.drive            ? "taken out"
              : m.path[0] != '\0' ? "its medium is put in again"
                                  : "its medium is taken out");
    text_fmt(devid, sizeof(devid), "%u", row.devid);
    if (find_row(en, d, row.kind,
                 device_traits(row.kind)->shared_devid ? row.name : devid,
                 &found, NULL) == 0)
        row = found;
    h = hot_new(d);
    h->force = true;
    if (take_out(en, h, &row, NULL) < 0) { /* its nodes are gone already */
        h->t.en = en;
        (void)devices_add_gone(&h->out, &row);
        h->t.en = NULL;
    }
    if (m.drive)
        (void)begin_cd(en, h, d, m.vdev, m.path[0] != '\0' ? m.path : NULL);
    else
        (void)hot_begin(en, h, OP_DEVICE_REMOVE, d, "");
    return true;
}
