/*
 * define.c - see define.h. The files are read in defs/defs_read.c.
 * Invariant: offs points at the definitions whose domain is not listed, by
 * name.
 */
#include "engine/life/define.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/config/core/config.h"
#include "engine/console/consoles_own.h"
#include "engine/core/names.h"
#include "engine/host/listing.h"
#include "engine/life/create.h"
#include "engine/life/definitions.h"
#include "engine/life/formats.h"
#include "engine/life/life_int.h"
#include "engine/life/retry.h"
#include "engine/life/save.h"
#include "engine/record/db.h"
#include "engine/record/db_before.h"
#include "src/base/log.h"
#include "src/base/xalloc.h"

/* --- the table --- */

struct def *
defs_by_uuid(const struct engine *en, const uint8_t uuid[16])
{
    const struct life_room *r = life_room(en);
    size_t i;

    for (i = 0; i < r->n_defs; i++)
        if (memcmp(r->defs[i].d.uuid, uuid, 16) == 0)
            return &r->defs[i];
    return NULL;
}

static struct def *
define_by_name(const struct engine *en, const char *name)
{
    const struct life_room *r = life_room(en);
    size_t i;

    for (i = 0; i < r->n_defs; i++)
        if (strcmp(r->defs[i].d.name, name) == 0)
            return &r->defs[i];
    return NULL;
}

const struct dom *
defs_off_by_id(const struct engine *en, uint64_t id)
{
    const struct life_room *r = life_room(en);
    size_t i;

    for (i = 0; i < r->n_offs; i++)
        if (r->offs[i]->d.id == id)
            return &r->offs[i]->d;
    return NULL;
}

uint64_t
defs_take_id(struct life_room *r, const uint8_t uuid[16])
{
    struct def *f = defs_by_uuid(r->en, uuid);
    uint64_t id = f != NULL && !f->live ? f->d.id : 0;

    if (id != 0)
        f->live = true;
    return id;
}

static int
define_compare(const void *a, const void *b)
{
    const struct def *const *x = a, *const *y = b;

    return strcmp((*x)->d.name, (*y)->d.name);
}

/* It is nobody's here, nor on its way in or out. */
static bool
runs_elsewhere(const struct dom_entry *de)
{
    return !de->d.owned && strcmp(de->d.name, DOM_NAMELESS) != 0 &&
           (de->d.flags & (DOM_F_PAUSED | DOM_F_SHUTDOWN | DOM_F_DYING)) == 0 &&
           task_on_dom(de->en, de->d.id) == NULL;
}

/* Another tool has brought it back: what was saved is out of date. */
static void
saved_elsewhere(struct def *f, const struct dom_entry *de)
{
    f->d.saved = false;
    (void)create_forget_saved(de->en, f->d.uuid, NULL);
    event_add(de->en, EVENT_ENGINE, EVENT_INFO, &de->d,
              "was saved and runs again by another tool: it is no longer "
              "listed as saved");
}

/* The definition of a listed domain knows of it what nobody else does. */
static void
is_live(struct def *f, struct dom_entry *de)
{
    f->live = true;
    if (f->d.saved && runs_elsewhere(de))
        saved_elsewhere(f, de);
    f->d.id = 0; /* the next time off is another */
    de->d.autostart = f->d.autostart;
}

/* Those whose domain is listed are not off. */
static void
show_offs(struct life_room *r)
{
    size_t i;

    r->n_offs = 0;
    domains_show_off(r->en, NULL, 0);
    if (r->n_defs == 0)
        return;
    r->offs = xrealloc(r->offs, r->n_defs, sizeof(r->offs[0]));
    r->shown = xrealloc(r->shown, r->n_defs, sizeof(r->shown[0]));
    for (i = 0; i < r->n_defs; i++) {
        if (r->defs[i].live)
            continue;
        if (r->defs[i].d.id == 0)
            r->defs[i].d.id = domains_new_id(r->en);
        r->offs[r->n_offs++] = &r->defs[i];
    }
    qsort(r->offs, r->n_offs, sizeof(r->offs[0]), define_compare);
    for (i = 0; i < r->n_offs; i++)
        r->shown[i] = &r->offs[i]->d;
    domains_show_off(r->en, r->shown, r->n_offs);
}

void
defs_refresh(struct life_room *r)
{
    struct dom_entry *de;
    struct def *f;
    size_t i;

    for (i = 0; i < r->n_defs; i++)
        r->defs[i].live = false;
    for (i = 0; (de = domains_at(r->en, i)) != NULL; i++) {
        f = defs_by_uuid(r->en, de->d.uuid);
        if (f != NULL)
            is_live(f, de);
    }
    show_offs(r);
}

void
defs_refresh_one(struct life_room *r, const uint8_t uuid[16])
{
    struct dom_entry *de = domains_by_uuid(r->en, uuid);
    struct def *f = defs_by_uuid(r->en, uuid);

    if (f != NULL && de != NULL)
        is_live(f, de);
    show_offs(r);
}

/* --- the verbs --- */

struct dom_entry *
defs_refuse(const struct engine *en, uint64_t id, struct err *e)
{
    const struct dom *d = defs_off_by_id(en, id);

    if (d != NULL)
        err_set(e, ERR_INVALID,
                d->saved ? "'%s' is saved: `start %s' brings it back"
                         : "'%s' is off: `start %s' starts it",
                d->name, d->name);
    else
        err_set(e, ERR_NOENT, "this domain no longer exists");
    return NULL;
}

/* One that was never read may have any name. */
static int
define_check_nameless(const struct engine *en, const char *name, struct err *e)
{
    const struct life_room *r = life_room(en);

    if (r->defs_nameless[0] == '\0')
        return 0;
    return err_set(e, ERR_BUSY,
                   "'%s': a definition that cannot be read may have this name: "
                   "%s; try again once it can be read, or remove that file",
                   name, r->defs_nameless);
}

int
defs_check_free(const struct engine *en, const struct domain_config *c,
                struct err *e)
{
    const struct def *f = define_by_name(en, c->name);

    if (f == NULL)
        f = defs_by_uuid(en, c->uuid);
    if (f == NULL)
        return define_check_nameless(en, c->name, e);
    return err_set(e, ERR_EXISTS,
                   "%s: '%s' is defined with this name or uuid: `start %s' "
                   "starts it, `define' replaces it, `undefine' forgets it",
                   c->file, f->d.name, f->d.name);
}

void
defs_tell(struct engine *en, const uint8_t uuid[16], const char *name,
          const char *what)
{
    struct event head = { .kind = EVENT_ENGINE };
    const struct dom_entry *de = domains_by_uuid(en, uuid);

    text_fmt(head.name, sizeof(head.name), "%s", name);
    memcpy(head.uuid, uuid, sizeof(head.uuid));
    text_fmt(head.who, sizeof(head.who), "%s", engine_who(en));
    if (de != NULL)
        head.domid = de->d.domid;
    event_add_head(en, &head, "%s", what);
}

/* A definition of the same name is replaced and keeps its uuid. A name that a
 * running domain of no definition has would never start. given: the file names
 * a uuid, which is then that of this domain or of none. */
static int
settle_identity(struct engine *en, struct domain_config *c, bool given,
                struct err *e)
{
    const struct def *f = define_by_name(en, c->name);
    const struct dom_entry *de = domains_by_name(en, c->name);
    const uint8_t *uuid = f != NULL ? f->d.uuid : NULL;

    if (f == NULL && define_check_nameless(en, c->name, e) < 0)
        return -1;
    if (f == NULL && de != NULL && !de->d.owned)
        return err_set(e, ERR_EXISTS,
                       "%s: name: found \"%s\", which a domain of another tool "
                       "has",
                       c->file, c->name);
    if (f == NULL && de != NULL) /* from now on it is kept */
        uuid = de->d.uuid;
    if (uuid != NULL && given && memcmp(uuid, c->uuid, sizeof(c->uuid)) != 0)
        return err_set(e, ERR_EXISTS,
                       "%s: name: '%s' is the name of another domain, with "
                       "another uuid; choose another name, or leave out the "
                       "uuid to replace its configuration",
                       c->file, c->name);
    if (uuid != NULL) {
        memcpy(c->uuid, uuid, sizeof(c->uuid));
        return 0;
    }
    f = defs_by_uuid(en, c->uuid);
    if (f != NULL)
        return err_set(e, ERR_EXISTS,
                       "%s: uuid: that of '%s', which is defined already",
                       c->file, f->d.name);
    return 0;
}

static int
define_save(struct engine *en, const struct domain_config *c, struct err *e)
{
    const char *dir = engine_paths(en)->state;
    struct db_state s;

    db_state_load(dir, c->uuid, &s);
    if (db_state_check(dir, c->uuid, &s, e) < 0 ||
        db_save(dir, c->uuid, c, e) < 0)
        return -1;
    s.defined = true;
    s.held = false;
    s.redefined = true; /* of no effect on one that is off */
    if (db_state_save(dir, c->uuid, &s, e) < 0)
        return -1;
    db_before_whole(dir, c->uuid); /* a creation that is undone: this holds */
    return 0;
}

/* With what others have defined up to now. */
int
defs_keep(struct engine *en, struct domain_config *c, bool given, struct err *e)
{
    int rc, lock = names_lock(en, e);

    if (lock < 0)
        return e != NULL && e->code == ERR_BUSY
                   ? err_wrap(e, "define '%s': try again", c->name)
                   : -1;
    defs_reload(en);
    domains_read_names(en, true);
    rc = settle_identity(en, c, given, e);
    if (rc == 0)
        rc = define_save(en, c, e);
    close(lock);
    return rc;
}

int
engine_define(struct engine *en, const char *path, struct err *e)
{
    struct buf warn = { 0 };
    struct domain_config *c;
    bool given;
    int rc = create_load_given(path, &c, &warn, &given, e);

    if (rc < 0)
        goto out;
    rc = defs_keep(en, c, given, e);
    if (rc == 0) {
        defs_tell(en, c->uuid, c->name, "defined");
        formats_warn(en, c->name, &warn);
    }
    config_free(c);
    defs_reload(en);
out:
    buf_free(&warn);
    return rc;
}

/* The definition of a listed domain, running or off. */
static struct def *
def_of(struct engine *en, uint64_t dom_id, struct err *e)
{
    const struct dom *d = engine_dom_by_id(en, dom_id);
    struct def *f = d != NULL ? defs_by_uuid(en, d->uuid) : NULL;

    if (d == NULL)
        err_set(e, ERR_NOENT, "this domain no longer exists");
    else if (f == NULL)
        err_set(e, ERR_INVALID, "'%s' is not defined: `define FILE' does that",
                d->name);
    return f;
}

/* Running or not: what runs goes on, and is forgotten when it ends. */
int
engine_undefine(struct engine *en, uint64_t dom_id, struct err *e)
{
    struct def *f = def_of(en, dom_id, e);
    struct db_state s;
    uint8_t uuid[16];
    int rc;

    if (f == NULL)
        return -1;
    db_state_load(engine_paths(en)->state, f->d.uuid, &s);
    s.defined = s.held = false;
    if (!f->live)
        s.saved[0] = '\0'; /* the file stays: `restore FILE' takes it */
    rc = db_state_save(engine_paths(en)->state, f->d.uuid, &s, e);
    if (rc == 0 && !f->live)
        rc = db_remove(engine_paths(en)->state, f->d.uuid, e);
    if (rc == 0) {
        db_before_whole(engine_paths(en)->state, f->d.uuid);
        defs_tell(en, f->d.uuid, f->d.name, "no longer defined");
    }
    memcpy(uuid, f->d.uuid, sizeof(uuid));
    if (rc == 0)
        retry_drop(en, uuid);
    consoles_forget(en, uuid);
    defs_reload(en);
    return rc;
}

int
engine_set_autostart(struct engine *en, uint64_t dom_id, bool on, struct err *e)
{
    struct def *f = def_of(en, dom_id, e);
    struct domain_config *c;
    int rc;

    if (f == NULL || db_load(engine_paths(en)->state, f->d.uuid, &c, e) < 0)
        return -1;
    c->autostart = on;
    rc = db_save(engine_paths(en)->state, f->d.uuid, c, e);
    if (rc == 0) {
        db_before_whole(engine_paths(en)->state, f->d.uuid);
        defs_tell(en, f->d.uuid, c->name,
                  on ? "starts with the host"
                     : "no longer starts with the host");
    }
    config_free(c);
    defs_reload(en);
    return rc;
}

static int
start_saved(struct engine *en, const struct def *f, bool paused,
            uint64_t *op_out, struct err *e)
{
    struct db_state s;

    db_state_load(engine_paths(en)->state, f->d.uuid, &s);
    if (engine_restore(en, s.saved, paused, op_out, e) == 0)
        return 0;
    return err_wrap(e, "'%s' was saved (start --boot gives that up)",
                    f->d.name);
}

static int
start_def(struct engine *en, uint64_t dom_id, bool paused, bool boot,
          uint64_t *op_out, struct err *e)
{
    struct create_opts o = { .paused = paused };
    const struct dom_entry *de = domains_by_id(en, dom_id);
    struct domain_config *c;
    struct def *f;
    uint64_t op;

    if (de != NULL && de->d.preserved)
        return err_set(e, ERR_INVALID,
                       "'%s' is preserved: destroy it, then it can be started",
                       de->d.name);
    if (de != NULL)
        return err_set(e, ERR_INVALID, "'%s' runs already", de->d.name);
    f = def_of(en, dom_id, e);
    if (f == NULL)
        return -1;
    if (create_check_begun(en, f->d.name, e) < 0)
        return -1;
    if (f->d.saved && !boot)
        return start_saved(en, f, paused, op_out, e);
    if (f->pending)
        return retry_now(en, f->d.uuid, paused, op_out, e);
    if (db_load(engine_paths(en)->state, f->d.uuid, &c, e) < 0)
        return -1;
    memcpy(c->uuid, f->d.uuid, sizeof(c->uuid));
    c->uuid_set = true;
    o.again = f->held; /* or a failure would be the end of it */
    o.restarts = f->held ? f->d.restarts + 1 : 0;
    op = create_begin(en, c, &o);
    if (op_out != NULL)
        *op_out = op;
    return 0;
}

int
engine_start(struct engine *en, uint64_t dom_id, bool paused, uint64_t *op_out,
             struct err *e)
{
    return start_def(en, dom_id, paused, false, op_out, e);
}

int
engine_boot(struct engine *en, uint64_t dom_id, bool paused, uint64_t *op_out,
            struct err *e)
{
    return start_def(en, dom_id, paused, true, op_out, e);
}
