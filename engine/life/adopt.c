/*
 * adopt.c - a domain made by others becomes ours, and the reverse: the mark in
 * xenstore and the entry in the database. The domain itself is not touched.
 */
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "engine/config/core/config.h"
#include "engine/config/xl/xl.h"
#include "engine/config/xl/xl_json.h"
#include "engine/console/consoles_own.h"
#include "engine/dm/dm.h"
#include "engine/life/create.h"
#include "engine/life/define.h"
#include "engine/life/definitions.h"
#include "engine/life/formats.h"
#include "engine/model/mark.h"
#include "engine/record/db.h"
#include "engine/record/userdata.h"
#include "engine/task/task.h"
#include "src/base/xalloc.h"

struct adoption {
    struct task t;
    uint64_t dom_id;
    struct domain_config *cfg; /* NULL: none is known */
};

static struct adoption *
adopt_self(struct task *t)
{
    return container_of(t, struct adoption, t);
}

/* --- what libxl left of its configuration --- */

/* Name and uuid are the domain's: libxl's file keeps those that it began with.
 * *out: NULL if there is no such file. */
static int
adopt_read_libxl(const struct engine *en, const struct dom *d, struct buf *warn,
                 struct domain_config **out, struct err *e)
{
    const struct config_src src = {
        .file = "what libxl recorded", .dir = "/", .warn = warn, .e = e
    };
    struct buf text = { 0 }, cfg = { 0 };
    json_object *js = NULL;
    int rc;

    *out = NULL;
    rc = userdata_load(engine_paths(en)->libxl, d->domid, d->uuid, &js, e);
    if (rc == 0 && js != NULL) {
        buf_str(&text, json_object_to_json_string(js));
        rc = config_xl_from_json(buf_text(&text), &cfg, e);
        if (rc == 0)
            rc = config_xl_parse(buf_text(&cfg), &src, out);
    }
    json_object_put(js);
    buf_free(&text);
    buf_free(&cfg);
    return rc;
}

static struct domain_config *
from_userdata(struct engine *en, const struct dom *d)
{
    struct domain_config *c = NULL;
    struct buf warn = { 0 };
    struct err e = { 0 };

    if (adopt_read_libxl(en, d, &warn, &c, &e) < 0) {
        event_add(en, EVENT_ENGINE, EVENT_WARN, d,
                  "what libxl recorded of it cannot be used: %s", e.msg);
        c = NULL;
    }
    if (c != NULL) {
        free(c->name);
        c->name = xstrdup(d->name);
        formats_warn(en, d->name, &warn);
    }
    buf_free(&warn);
    return c;
}

/* A definition is what its operator wrote: better than what libxl knows, also
 * while it cannot be read. */
static int
on_record(struct engine *en, const struct dom *d, struct domain_config **out,
          struct err *e)
{
    struct err why = { 0 };

    if (db_defined(engine_paths(en)->state, d->uuid) &&
        db_load(engine_paths(en)->state, d->uuid, out, &why) == 0)
        return 0;
    if (why.code == ERR_NONE || why.code == ERR_NOENT) {
        *out = from_userdata(en, d);
        return 0;
    }
    return err_set(e, why.code,
                   "'%s' is defined: %s; mend that file, or give adopt another "
                   "one",
                   d->name, why.msg);
}

/* --- the operation --- */

static int
mark_body(struct store *st, store_tx tx, void *arg, struct err *e)
{
    const struct dom *d = arg;
    char dir[64], path[96], uuid[37];

    uuid_print_text(d->uuid, uuid);
    store_path(dir, sizeof(dir), "/libxl/%u/" MARK_DIR, d->domid);
    store_path(path, sizeof(path), "%s/owner", dir);
    if (store_write(st, tx, path, MARK_OWNER, e) < 0)
        return -1;
    store_path(path, sizeof(path), "%s/uuid", dir);
    if (store_write(st, tx, path, uuid, e) < 0)
        return -1;
    store_path(path, sizeof(path), "%s/state", dir);
    return store_write(st, tx, path, MARK_BUILT, e);
}

static struct dom_entry *
adopt_entry_of(struct task *t, struct err *e)
{
    struct dom_entry *de = domains_by_id(t->en, adopt_self(t)->dom_id);

    if (de == NULL)
        err_set(e, ERR_NOENT, "this domain no longer exists");
    return de;
}

static enum step_rc
adopt_run_record(struct task *t, struct err *e)
{
    struct adoption *a = adopt_self(t);
    const struct dom_entry *de = adopt_entry_of(t, e);
    struct db_state s;

    if (de == NULL)
        return STEP_FAIL;
    if (a->cfg == NULL) {
        event_add(t->en, EVENT_ENGINE, EVENT_WARN, &de->d,
                  "adopted without a configuration: it will be reaped, not "
                  "restarted");
        return STEP_DONE;
    }
    memcpy(a->cfg->uuid, de->d.uuid, sizeof(a->cfg->uuid));
    a->cfg->uuid_set = true;
    db_state_load(engine_paths(t->en)->state, de->d.uuid, &s);
    s.redefined = true; /* it may not have those devices */
    if (db_state_check(engine_paths(t->en)->state, de->d.uuid, &s, e) < 0 ||
        db_save(engine_paths(t->en)->state, de->d.uuid, a->cfg, e) < 0 ||
        db_state_save(engine_paths(t->en)->state, de->d.uuid, &s, e) < 0)
        return STEP_FAIL;
    return STEP_DONE;
}

static enum step_rc
adopt_undo_record(struct task *t)
{
    const struct dom_entry *de = adopt_entry_of(t, NULL);

    if (de != NULL && !de->d.owned)
        (void)db_forget(engine_paths(t->en)->state, de->d.uuid, NULL);
    return STEP_DONE;
}

static enum step_rc
run_mark(struct task *t, struct err *e)
{
    struct dom_entry *de = adopt_entry_of(t, e);

    if (de == NULL ||
        store_tx_run(engine_store(t->en), mark_body, &de->d, e) < 0)
        return STEP_FAIL;
    domains_read_store(de);
    console_own(de);
    dm_own(de);
    engine_changed(t->en, ENGINE_CH_DOMS);
    domains_scan_soon(t->en); /* it may have ended already */
    return STEP_DONE;
}

/* The mark first: without it nobody reaps the domain. */
static enum step_rc
run_disown(struct task *t, struct err *e)
{
    struct dom_entry *de = adopt_entry_of(t, e);
    char path[96];

    if (de == NULL)
        return STEP_FAIL;
    store_path(path, sizeof(path), "/libxl/%u/" MARK_DIR, de->d.domid);
    if (store_rm(engine_store(t->en), 0, path, e) < 0)
        return STEP_FAIL;
    domains_read_store(de);
    console_disown(de);
    engine_changed(t->en, ENGINE_CH_DOMS);
    return db_forget(engine_paths(t->en)->state, de->d.uuid, e) < 0 ? STEP_FAIL
                                                                    : STEP_DONE;
}

static void
adoption_free(struct task *t)
{
    config_free(adopt_self(t)->cfg);
    free(adopt_self(t));
}

static const struct step adopt_steps[] = {
    { .id = "record",
      .label = "record",
      .run = adopt_run_record,
      .undo = adopt_undo_record },
    { .id = "mark", .label = "mark", .run = run_mark },
};
static const struct step disown_steps[] = {
    { .id = "unmark", .label = "remove the mark", .run = run_disown },
};
static const struct task_type adopt_type = { .steps = adopt_steps,
                                             .n_steps = 2,
                                             .free = adoption_free };
static const struct task_type disown_type = { .steps = disown_steps,
                                              .n_steps = 1,
                                              .free = adoption_free };

static const struct dom_entry *
adopt_target(struct engine *en, uint64_t dom_id, bool owned, struct err *e)
{
    const struct dom_entry *de = domains_by_id(en, dom_id);

    if (de == NULL)
        return defs_refuse(en, dom_id, e);
    if (de->d.domid == 0)
        err_set(e, ERR_DENIED, "dom0 is the host itself");
    else if (de->d.owned && !owned)
        err_set(e, ERR_INVALID, "'%s' is ours already", de->d.name);
    else if (!de->d.owned && owned)
        err_set(e, ERR_INVALID, "'%s' is not ours", de->d.name);
    else
        return de;
    return NULL;
}

static uint64_t
adopt_begin(struct engine *en, const struct dom *d, struct domain_config *cfg,
            bool adopt)
{
    struct adoption *a = xcalloc(1, sizeof(*a));

    a->dom_id = d->id;
    a->cfg = cfg;
    return task_begin(en, &a->t, adopt ? &adopt_type : &disown_type,
                      adopt ? OP_ADOPT : OP_DISOWN, d, NULL);
}

/* Its configuration from the file, which must be one of this domain. */
static int
load_for(struct engine *en, const struct dom *d, const char *path,
         struct domain_config **out, struct err *e)
{
    struct buf warn = { 0 };
    int rc = create_load(path, out, &warn, e);

    if (rc == 0 && strcmp((*out)->name, d->name) != 0) {
        rc = err_set(e, ERR_INVALID,
                     "%s: name: found \"%s\", allowed \"%s\": that "
                     "of the domain",
                     (*out)->file, (*out)->name, d->name);
        config_free(*out);
    }
    if (rc == 0)
        formats_warn(en, d->name, &warn);
    buf_free(&warn);
    return rc;
}

int
engine_adopt(struct engine *en, uint64_t dom_id, const char *path,
             uint64_t *op_out, struct err *e)
{
    const struct dom_entry *de = adopt_target(en, dom_id, false, e);
    struct domain_config *c = NULL;
    uint64_t op;

    if (de == NULL)
        return -1;
    if ((path == NULL ? on_record(en, &de->d, &c, e)
                      : load_for(en, &de->d, path, &c, e)) < 0)
        return -1;
    op = adopt_begin(en, &de->d, c, true);
    if (op_out != NULL)
        *op_out = op;
    return 0;
}

int
engine_disown(struct engine *en, uint64_t dom_id, uint64_t *op_out,
              struct err *e)
{
    const struct dom_entry *de = adopt_target(en, dom_id, true, e);
    uint64_t op;

    if (de == NULL)
        return -1;
    op = adopt_begin(en, &de->d, NULL, false);
    if (op_out != NULL)
        *op_out = op;
    return 0;
}
