/*
 * adopt.c - a domain made by others becomes ours, and the reverse: the mark in
 * xenstore and the entry in the database. The domain itself is not touched.
 */
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "engine/config/core/config.h"
#include "engine/console/consoles_own.h"
#include "engine/dm/dm.h"
#include "engine/life/create.h"
#include "engine/life/define.h"
#include "engine/life/definitions.h"
#include "engine/life/formats.h"
#include "engine/model/mark.h"
#include "engine/record/db.h"
#include "engine/task/task.h"
#include "src/base/fdio.h"
#include "src/base/xalloc.h"

#define JSON_MAX (1024 * 1024)

struct adoption {
    struct task t;
    uint64_t dom_id;
    struct domain_config *cfg; /* NULL: none is known */
};

static struct adoption *
self(struct task *t)
{
    return container_of(t, struct adoption, t);
}

/* --- what libxl left of its configuration --- */

static void
put_quoted(struct buf *out, const char *key, const char *value)
{
    const char *s;

    buf_fmt(out, "%s = \"", key);
    for (s = value; *s != '\0'; s++) {
        if (*s == '"' || *s == '\\')
            buf_chr(out, '\\');
        buf_chr(out, *s);
    }
    buf_str(out, "\";\n");
}

static void
put_text(struct buf *out, json_object *in, const char *key, const char *ours)
{
    json_object *v;

    if (json_object_object_get_ex(in, key, &v) &&
        json_object_is_type(v, json_type_string) &&
        json_object_get_string_len(v) > 0)
        put_quoted(out, ours, json_object_get_string(v));
}

static void
put_mib(struct buf *out, json_object *in, const char *key, const char *ours)
{
    json_object *v;

    if (json_object_object_get_ex(in, key, &v) && json_object_get_int64(v) > 0)
        buf_fmt(out, "%s = %lld;\n", ours,
                (long long)json_object_get_int64(v) / 1024);
}

/* As our own format: its reader is the judge of it. */
static void
translate(json_object *js, const struct dom *d, struct buf *out)
{
    json_object *b, *v;
    char uuid[37];

    uuid_print_text(d->uuid, uuid);
    put_quoted(out, "name", d->name);
    put_quoted(out, "uuid", uuid);
    buf_str(out, "restart = \"onreboot\";\n");
    if (!json_object_object_get_ex(js, "b_info", &b))
        return;
    put_mib(out, b, "target_memkb", "memory");
    put_mib(out, b, "max_memkb", "maxmem");
    if (json_object_object_get_ex(b, "max_vcpus", &v))
        buf_fmt(out, "maxvcpus = %d;\n", json_object_get_int(v));
    if (json_object_object_get_ex(b, "avail_vcpus", &v))
        buf_fmt(out, "vcpus = %zu;\n", json_object_array_length(v));
    buf_str(out, "image = {\n");
    put_text(out, b, "kernel", "kernel");
    put_text(out, b, "ramdisk", "ramdisk");
    put_text(out, b, "cmdline", "args");
    buf_str(out, "};\n");
}

/* Devices do not map: a restart without its disks would be worse than none. */
static bool
has_devices(json_object *js)
{
    static const char *const lists[] = { "disks", "nics", "pcidevs", "vfbs" };
    json_object *v;
    size_t i;

    for (i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
        if (json_object_object_get_ex(js, lists[i], &v) &&
            json_object_array_length(v) > 0)
            return true;
    return false;
}

static struct domain_config *
from_userdata(const struct engine *en, const struct dom *d)
{
    struct domain_config *c = NULL;
    struct buf text = { 0 }, ours = { 0 };
    json_object *js = NULL;
    char uuid[37], path[512];

    uuid_print_text(d->uuid, uuid);
    text_fmt(path, sizeof(path), "%s/userdata-d.%u.%s.libxl-json",
             engine_paths(en)->libxl, d->domid, uuid);
    if (d->kind == DOM_PV && fd_read_file(path, JSON_MAX, &text, NULL) == 0)
        js = json_tokener_parse(buf_text(&text));
    if (js != NULL && json_object_is_type(js, json_type_object) &&
        !has_devices(js)) {
        translate(js, d, &ours);
        if (config_parse(buf_text(&ours), "what libxl recorded", "/", &c,
                         NULL) < 0)
            c = NULL;
    }
    json_object_put(js);
    buf_free(&text);
    buf_free(&ours);
    return c;
}

/* A definition is what its operator wrote: better than what libxl knows. */
static struct domain_config *
on_record(const struct engine *en, const struct dom *d)
{
    struct domain_config *c;

    if (db_defined(engine_paths(en)->state, d->uuid) &&
        db_load(engine_paths(en)->state, d->uuid, &c, NULL) == 0)
        return c;
    return from_userdata(en, d);
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
entry_of(struct task *t, struct err *e)
{
    struct dom_entry *de = domains_by_id(t->en, self(t)->dom_id);

    if (de == NULL)
        err_set(e, ERR_NOENT, "this domain no longer exists");
    return de;
}

static enum step_rc
run_record(struct task *t, struct err *e)
{
    struct adoption *a = self(t);
    const struct dom_entry *de = entry_of(t, e);
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
    if (db_save(engine_paths(t->en)->state, de->d.uuid, a->cfg, e) < 0 ||
        db_state_save(engine_paths(t->en)->state, de->d.uuid, &s, e) < 0)
        return STEP_FAIL;
    return STEP_DONE;
}

static enum step_rc
undo_record(struct task *t)
{
    const struct dom_entry *de = entry_of(t, NULL);

    if (de != NULL && !de->d.owned)
        (void)db_forget(engine_paths(t->en)->state, de->d.uuid, NULL);
    return STEP_DONE;
}

static enum step_rc
run_mark(struct task *t, struct err *e)
{
    struct dom_entry *de = entry_of(t, e);

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
    struct dom_entry *de = entry_of(t, e);
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
    config_free(self(t)->cfg);
    free(self(t));
}

static const struct step adopt_steps[] = {
    { .id = "record",
      .label = "record",
      .run = run_record,
      .undo = undo_record },
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
target(struct engine *en, uint64_t dom_id, bool owned, struct err *e)
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
begin(struct engine *en, const struct dom *d, struct domain_config *cfg,
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
    const struct dom_entry *de = target(en, dom_id, false, e);
    struct domain_config *c = NULL;
    uint64_t op;

    if (de == NULL)
        return -1;
    if (path == NULL)
        c = on_record(en, &de->d);
    else if (load_for(en, &de->d, path, &c, e) < 0)
        return -1;
    op = begin(en, &de->d, c, true);
    if (op_out != NULL)
        *op_out = op;
    return 0;
}

int
engine_disown(struct engine *en, uint64_t dom_id, uint64_t *op_out,
              struct err *e)
{
    const struct dom_entry *de = target(en, dom_id, true, e);
    uint64_t op;

    if (de == NULL)
        return -1;
    op = begin(en, &de->d, NULL, false);
    if (op_out != NULL)
        *op_out = op;
    return 0;
}
