/*
 * define.c - see define.h.
 * Invariant: offs points at the definitions whose domain is not listed, by
 * name.
 */
#include "engine/life/define.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "engine/config/core/config.h"
#include "engine/core/names.h"
#include "engine/host/listing.h"
#include "engine/life/create.h"
#include "engine/life/definitions.h"
#include "engine/life/formats.h"
#include "engine/life/life_int.h"
#include "engine/life/retry.h"
#include "engine/record/db.h"
#include "src/base/log.h"
#include "src/base/xalloc.h"

#define RELOAD_MS 200 /* many files may change in one go */

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
by_name(const struct engine *en, const char *name)
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
compare(const void *a, const void *b)
{
    const struct def *const *x = a, *const *y = b;

    return strcmp((*x)->d.name, (*y)->d.name);
}

/* Those whose domain is listed are not off; its definition knows of it what
 * nobody else does. */
static void
find_live(struct life_room *r)
{
    struct dom_entry *de;
    size_t i;

    for (i = 0; i < r->n_defs; i++)
        r->defs[i].live = false;
    for (i = 0; (de = domains_at(r->en, i)) != NULL; i++) {
        struct def *f = defs_by_uuid(r->en, de->d.uuid);

        if (f == NULL)
            continue;
        f->live = true;
        f->d.id = 0; /* the next time off is another */
        de->d.autostart = f->d.autostart;
    }
}

void
defs_refresh(struct life_room *r)
{
    size_t i;

    r->n_offs = 0;
    domains_show_off(r->en, NULL, 0);
    if (r->n_defs == 0)
        return;
    find_live(r);
    r->offs = xrealloc(r->offs, r->n_defs, sizeof(r->offs[0]));
    r->shown = xrealloc(r->shown, r->n_defs, sizeof(r->shown[0]));
    for (i = 0; i < r->n_defs; i++) {
        if (r->defs[i].live)
            continue;
        if (r->defs[i].d.id == 0)
            r->defs[i].d.id = domains_new_id(r->en);
        r->offs[r->n_offs++] = &r->defs[i];
    }
    qsort(r->offs, r->n_offs, sizeof(r->offs[0]), compare);
    for (i = 0; i < r->n_offs; i++)
        r->shown[i] = &r->offs[i]->d;
    domains_show_off(r->en, r->shown, r->n_offs);
}

/* --- reading --- */

static void
fill(struct def *f, const struct domain_config *c, const struct db_state *s,
     bool pending)
{
    *f = (struct def){ .pending = pending,
                       .order = c->autostart_order,
                       .delay_s = c->autostart_delay_s };
    f->d.domid = DOM_NO_DOMID;
    f->d.off = f->d.owned = true;
    f->d.autostart = c->autostart;
    f->d.driver_domain = c->driver_domain;
    f->d.cpu_pct = -1;
    f->d.rates = (struct dom_rates){ -1, -1, -1, -1 };
    f->d.max_kib = c->maxmem_kib;
    f->d.target_kib = c->mem_kib;
    f->d.vcpus_max = c->maxvcpus;
    f->d.restarts = s->restarts;
    f->d.refused = s->refused || f->pending;
    f->d.last_end_wall_s = s->last_end_wall_s;
    text_fmt(f->d.last_end, sizeof(f->d.last_end), "%s", s->last_end);
    memcpy(f->d.uuid, c->uuid, sizeof(f->d.uuid));
    text_fmt(f->d.name, sizeof(f->d.name), "%s", c->name);
}

/* At the start it is news; a change of any file reads all again. */
static void
tell_left_out(struct engine *en, const char *why)
{
    if (life_room(en)->defs_read)
        log_line(engine_log(en), LOGL_WARN, "definition left out: %s", why);
    else if (engine_options(en)->one_shot)
        event_note(en, EVENT_WARN, "definition left out: %s", why);
    else
        event_add(en, EVENT_ENGINE, EVENT_WARN, NULL, "definition left out: %s",
                  why);
}

static void
add_file(struct engine *en, const uint8_t uuid[16])
{
    struct life_room *r = life_room(en);
    struct domain_config *c;
    bool pending = retry_pending(en, uuid), late = autostart_late(r, uuid);
    struct db_state s;
    struct err e = { 0 };

    db_state_load(engine_paths(en)->state, uuid, &s);
    if (!s.defined && !pending)
        return;
    if (db_load(engine_paths(en)->state, uuid, &c, &e) < 0) {
        tell_left_out(en, e.msg);
        if (!r->defs_read)
            autostart_left_out(r, uuid);
        return;
    }
    r->defs = xrealloc(r->defs, r->n_defs + 1, sizeof(r->defs[0]));
    memcpy(c->uuid, uuid, sizeof(c->uuid));
    s.refused = s.refused || late;
    fill(&r->defs[r->n_defs++], c, &s, pending);
    config_free(c);
}

static void
read_all(struct engine *en)
{
    struct dirent **names;
    int i, n = scandir(engine_paths(en)->state, &names, NULL, alphasort);
    uint8_t uuid[16];

    for (i = 0; i < n; i++) {
        if (db_is_conf(names[i]->d_name, uuid))
            add_file(en, uuid);
        free(names[i]);
    }
    if (n >= 0)
        free(names);
}

void
defs_reload(struct engine *en)
{
    struct life_room *r = life_room(en);
    struct def *old = r->defs;
    size_t i, k, n = r->n_defs;

    r->defs = NULL;
    r->n_defs = r->n_offs = 0;
    domains_show_off(en, NULL, 0);
    read_all(en);
    for (i = 0; i < n; i++) /* who is listed keeps its identity */
        for (k = 0; k < r->n_defs; k++)
            if (memcmp(r->defs[k].d.uuid, old[i].d.uuid, 16) == 0)
                r->defs[k].d.id = old[i].d.id;
    free(old);
    defs_refresh(r);
    engine_changed(en, ENGINE_CH_DOMS);
}

void
defs_changed(struct engine *en)
{
    if (engine_options(en)->one_shot)
        defs_reload(en);
}

static void
reload_due(struct loop_timer *lt)
{
    defs_reload(container_of(lt, struct life_room, defs_timer)->en);
}

static void
files_changed(struct loop_fd *lf, unsigned ready)
{
    struct life_room *r = container_of(lf, struct life_room, defs_lf);
    char bytes[4096] __attribute__((aligned(8)));

    (void)ready;
    while (read(lf->fd, bytes, sizeof(bytes)) > 0)
        ;
    if (!loop_timer_active(&r->defs_timer))
        loop_timer_arm(engine_loop(r->en), &r->defs_timer, RELOAD_MS,
                       reload_due);
}

void
defs_start(struct engine *en)
{
    struct life_room *r = life_room(en);
    int fd;

    defs_reload(en);
    r->defs_read = true;
    if (engine_options(en)->one_shot)
        return;
    fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (fd < 0)
        return; /* what others define is seen at the next start */
    (void)inotify_add_watch(fd, engine_paths(en)->state,
                            IN_MOVED_TO | IN_DELETE);
    if (loop_fd_add(engine_loop(en), &r->defs_lf, fd, LOOP_READ,
                    files_changed) < 0)
        close(fd);
}

void
defs_stop(struct life_room *r)
{
    int fd = r->defs_lf.fd;

    loop_timer_del(&r->defs_timer);
    if (r->defs_lf.lp != NULL) {
        loop_fd_del(&r->defs_lf);
        close(fd);
    }
    domains_show_off(r->en, NULL, 0);
    free(r->defs);
    free(r->offs);
    free(r->shown);
}

/* --- the verbs --- */

struct dom_entry *
defs_refuse(const struct engine *en, uint64_t id, struct err *e)
{
    const struct dom *d = defs_off_by_id(en, id);

    if (d != NULL)
        err_set(e, ERR_INVALID, "'%s' is off: `start %s' starts it", d->name,
                d->name);
    else
        err_set(e, ERR_NOENT, "this domain no longer exists");
    return NULL;
}

int
defs_check_free(const struct engine *en, const struct domain_config *c,
                struct err *e)
{
    const struct def *f = by_name(en, c->name);

    if (f == NULL)
        f = defs_by_uuid(en, c->uuid);
    if (f == NULL)
        return 0;
    return err_set(e, ERR_EXISTS,
                   "%s: '%s' is defined with this name or uuid: `start %s' "
                   "starts it, `define' replaces it, `undefine' forgets it",
                   c->file, f->d.name, f->d.name);
}

/* Of a definition, whether its domain runs or not. */
static void
tell(struct engine *en, const uint8_t uuid[16], const char *name,
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
    const struct def *f = by_name(en, c->name);
    const struct dom_entry *de = domains_by_name(en, c->name);
    const uint8_t *uuid = f != NULL ? f->d.uuid : NULL;

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

    if (db_save(dir, c->uuid, c, e) < 0)
        return -1;
    db_state_load(dir, c->uuid, &s);
    s.defined = true;
    s.redefined = true; /* of no effect on one that is off */
    return db_state_save(dir, c->uuid, &s, e);
}

/* With what others have defined up to now. */
static int
define_locked(struct engine *en, struct domain_config *c, bool given,
              struct err *e)
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
    rc = define_locked(en, c, given, e);
    if (rc == 0) {
        tell(en, c->uuid, c->name, "defined");
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
    s.defined = false;
    rc = db_state_save(engine_paths(en)->state, f->d.uuid, &s, e);
    if (rc == 0 && !f->live)
        rc = db_remove(engine_paths(en)->state, f->d.uuid, e);
    if (rc == 0)
        tell(en, f->d.uuid, f->d.name, "no longer defined");
    memcpy(uuid, f->d.uuid, sizeof(uuid));
    if (rc == 0)
        retry_drop(en, uuid);
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
    if (rc == 0)
        tell(en, f->d.uuid, c->name,
             on ? "starts with the host" : "no longer starts with the host");
    config_free(c);
    defs_reload(en);
    return rc;
}

int
engine_start(struct engine *en, uint64_t dom_id, bool paused, uint64_t *op_out,
             struct err *e)
{
    const struct create_opts o = { .paused = paused };
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
    if (f->pending)
        return retry_now(en, f->d.uuid, op_out, e);
    if (db_load(engine_paths(en)->state, f->d.uuid, &c, e) < 0)
        return -1;
    memcpy(c->uuid, f->d.uuid, sizeof(c->uuid));
    c->uuid_set = true;
    op = create_begin(en, c, &o);
    if (op_out != NULL)
        *op_out = op;
    return 0;
}
