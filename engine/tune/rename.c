/*
 * rename.c - a domain's name: one a host, guarded by a lock that creation takes
 * as well; kept in xenstore for all tools and in the record of an owned domain.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/host/listing.h"
#include "engine/life/create.h"
#include "engine/life/end/takeover.h"
#include "engine/record/db.h"
#include "engine/record/userdata.h"
#include "engine/tune/tune.h"
#include "engine/tune/tuning.h"
#include "src/base/xalloc.h"

struct renaming {
    struct tune tn;
    char name[MODEL_NAME_MAX];
};

static struct renaming *
rename_self(struct task *t)
{
    return container_of(t, struct renaming, tn.t);
}

/* again: it may have the name already. */
static int
rename_check_free(const struct dom_entry *mine, const char *name, bool again,
                  struct err *e)
{
    const struct dom *d = engine_dom_by_name(mine->en, name);

    if (d == NULL || (again && d == &mine->d))
        return 0;
    if (d->off)
        return err_set(e, ERR_EXISTS,
                       "name: found \"%s\", which a defined domain has already",
                       name);
    return err_set(e, ERR_EXISTS,
                   "name: found \"%s\", which domain %u has already", name,
                   d->domid);
}

struct change {
    const struct dom_entry *de;
    const char *name;
};

/* A domain that libxl has renamed has another VM tree: none is made here. */
static int
rename_body_of(struct store *st, store_tx tx, void *arg, struct err *e)
{
    const struct change *c = arg;
    char path[96], uuid[37];
    bool has;

    store_path(path, sizeof(path), "/local/domain/%u/name", c->de->d.domid);
    if (store_write(st, tx, path, c->name, e) < 0)
        return -1;
    uuid_print_text(c->de->d.uuid, uuid);
    store_path(path, sizeof(path), "/vm/%s/name", uuid);
    if (store_has(st, tx, path, &has, e) < 0)
        return -1;
    if (!has)
        return 0;
    return store_write(st, tx, path, c->name, e);
}

static void
keep_name(struct domain_config *c, const void *arg)
{
    free(c->name);
    c->name = xstrdup(arg);
}

/* As its record has it, which is written last: an engine that is killed before
 * leaves it for the next one, and the list may have the new one by then. */
static void
rename_old_name(const struct dom_entry *de, char before[MODEL_NAME_MAX])
{
    struct domain_config *c;

    text_fmt(before, MODEL_NAME_MAX, "%s", de->d.name);
    if (!de->d.owned ||
        db_load(engine_paths(de->en)->state, de->d.uuid, &c, NULL) < 0)
        return;
    text_fmt(before, MODEL_NAME_MAX, "%s", c->name);
    config_free(c);
}

static int
rename_locked(struct task *t, struct dom_entry *de, struct err *e)
{
    const struct renaming *x = rename_self(t);
    struct change c = { .de = de, .name = x->name };
    char before[MODEL_NAME_MAX];
    struct err why = { 0 };

    if (domains_scan(t->en, false, e) < 0)
        return -1;
    domains_read_names(t->en, true);
    if (rename_check_free(de, x->name, x->tn.again, e) < 0 ||
        store_tx_run(engine_store(t->en), rename_body_of, &c, e) < 0)
        return -1;
    /* xl lists it by the name in xenstore: the one in its file may be late. */
    if (userdata_set_name(engine_paths(t->en)->libxl, de->d.domid, de->d.uuid,
                          x->name, &why) < 0)
        log_line(engine_log(t->en), LOGL_WARN, "%s: %s", x->name, why.msg);
    rename_old_name(de, before);
    domains_read_store(de);
    engine_changed(t->en, ENGINE_CH_DOMS);
    takeover_backends(de, before);
    return tune_keep(de, keep_name, x->name, e);
}

/* One that has ended since gets all of its new name, or its next life would
 * have the old one. */
static struct dom_entry *
to_rename(struct task *t, struct err *e)
{
    struct dom_entry *de = domains_by_id(t->en, t->op->dom_id);

    return de != NULL && rename_self(t)->tn.again ? de : tune_dom(t, e);
}

static enum step_rc
run_rename(struct task *t, struct err *e)
{
    struct dom_entry *de = to_rename(t, e);
    enum step_rc got;
    int lock, rc;

    if (de == NULL)
        return STEP_FAIL;
    got = task_lock_names(t, &lock, e);
    if (got != STEP_DONE)
        return got;
    rc = rename_locked(t, de, e);
    close(lock);
    return rc < 0 ? STEP_FAIL : STEP_DONE;
}

static void
renaming_free(struct task *t)
{
    free(rename_self(t));
}

static const struct step steps[] = {
    { .id = "rename", .label = "rename", .run = run_rename }
};
static const struct task_type type = { .steps = steps,
                                       .n_steps = 1,
                                       .free = renaming_free };

int
engine_rename(struct engine *en, uint64_t dom_id, const char *name,
              uint64_t *op_out, struct err *e)
{
    struct dom_entry *de = tune_target(en, dom_id, OP_RENAME, false, e);
    char xl[TUNE_XL_MAX], q[TUNE_XL_NAME];
    char want[MODEL_NAME_MAX + 16], title[MODEL_NAME_MAX + 16];
    const struct tune_begin b = {
        .type = &type, .verb = OP_RENAME, .want = want, .title = title
    };
    struct renaming *x;

    if (de == NULL)
        return -1;
    if (!config_name_ok(name))
        return err_set(e, ERR_INVALID,
                       "name: found \"%.64s\", allowed 1 to %d of A-Z a-z 0-9 "
                       ". _ - + with a letter or digit first, not only digits",
                       name, CONFIG_NAME_MAX);
    if (rename_check_free(de, name, engine_is(en, ENGINE_RECOVERING), e) < 0)
        return -1;
    x = xcalloc(1, sizeof(*x));
    text_fmt(x->name, sizeof(x->name), "%s", name);
    text_fmt(want, sizeof(want), "rename %s", name);
    text_fmt(title, sizeof(title), "rename to %s", name);
    text_fmt(xl, sizeof(xl), "xl rename %s %s", tune_xl_name(de, q), name);
    return tune_begin(de, &x->tn, &b, xl, op_out);
}
