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
#include "engine/life/create.h"
#include "engine/life/formats.h"
#include "engine/record/db.h"
#include "src/base/xalloc.h"

#define RELOAD_MS 200 /* many files may change in one go */

/* --- the table --- */

struct def *
defs_by_uuid(const struct engine *en, const uint8_t uuid[16])
{
    size_t i;

    for (i = 0; i < en->n_defs; i++)
        if (memcmp(en->defs[i].d.uuid, uuid, 16) == 0)
            return &en->defs[i];
    return NULL;
}

static struct def *
by_name(const struct engine *en, const char *name)
{
    size_t i;

    for (i = 0; i < en->n_defs; i++)
        if (strcmp(en->defs[i].d.name, name) == 0)
            return &en->defs[i];
    return NULL;
}

const struct dom *
defs_off_by_id(const struct engine *en, uint64_t id)
{
    size_t i;

    for (i = 0; i < en->n_offs; i++)
        if (en->offs[i]->d.id == id)
            return &en->offs[i]->d;
    return NULL;
}

uint64_t
defs_take_id(struct engine *en, const uint8_t uuid[16])
{
    struct def *f = defs_by_uuid(en, uuid);
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

void
defs_refresh(struct engine *en)
{
    size_t i;

    en->n_offs = 0;
    if (en->n_defs == 0)
        return;
    for (i = 0; i < en->n_defs; i++)
        en->defs[i].live = false;
    for (i = 0; i < en->n_doms; i++) {
        struct def *f = defs_by_uuid(en, en->doms[i]->d.uuid);

        if (f == NULL)
            continue;
        f->live = true;
        f->d.id = 0; /* the next time off is another */
        en->doms[i]->d.autostart = f->d.autostart;
    }
    en->offs = xrealloc(en->offs, en->n_defs, sizeof(en->offs[0]));
    for (i = 0; i < en->n_defs; i++) {
        if (en->defs[i].live)
            continue;
        if (en->defs[i].d.id == 0)
            en->defs[i].d.id = ++en->next_dom_id;
        en->offs[en->n_offs++] = &en->defs[i];
    }
    qsort(en->offs, en->n_offs, sizeof(en->offs[0]), compare);
}

/* --- reading --- */

static void
fill(struct def *f, const struct domain_config *c, const struct db_state *s)
{
    *f = (struct def){ .order = c->autostart_order,
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
    f->d.refused = s->refused;
    f->d.last_end_wall_s = s->last_end_wall_s;
    text_fmt(f->d.last_end, sizeof(f->d.last_end), "%s", s->last_end);
    memcpy(f->d.uuid, c->uuid, sizeof(f->d.uuid));
    text_fmt(f->d.name, sizeof(f->d.name), "%s", c->name);
}

/* At the start it is news; a change of any file reads all again. */
static void
tell_left_out(struct engine *en, const char *why)
{
    if (en->defs_read)
        log_line(en->log, LOGL_WARN, "definition left out: %s", why);
    else if (en->opts.one_shot)
        event_note(en, EVENT_WARN, "definition left out: %s", why);
    else
        event_add(en, EVENT_ENGINE, EVENT_WARN, NULL, "definition left out: %s",
                  why);
}

static void
add_file(struct engine *en, const uint8_t uuid[16])
{
    struct domain_config *c;
    struct db_state s;
    struct err e = { 0 };

    db_state_load(en->paths.state, uuid, &s);
    if (!s.defined)
        return;
    if (db_load(en->paths.state, uuid, &c, &e) < 0) {
        tell_left_out(en, e.msg);
        return;
    }
    en->defs = xrealloc(en->defs, en->n_defs + 1, sizeof(en->defs[0]));
    memcpy(c->uuid, uuid, sizeof(c->uuid));
    fill(&en->defs[en->n_defs++], c, &s);
    config_free(c);
}

static void
read_all(struct engine *en)
{
    struct dirent **names;
    int i, n = scandir(en->paths.state, &names, NULL, alphasort);
    uint8_t uuid[16];

    for (i = 0; i < n; i++) {
        if (db_is_conf(names[i]->d_name, uuid))
            add_file(en, uuid);
        free(names[i]);
    }
    if (n >= 0)
        free(names);
}

static void
reload(struct engine *en)
{
    struct def *old = en->defs;
    size_t i, k, n = en->n_defs;

    en->defs = NULL;
    en->n_defs = en->n_offs = 0;
    read_all(en);
    for (i = 0; i < n; i++) /* who is listed keeps its identity */
        for (k = 0; k < en->n_defs; k++)
            if (memcmp(en->defs[k].d.uuid, old[i].d.uuid, 16) == 0)
                en->defs[k].d.id = old[i].d.id;
    free(old);
    defs_refresh(en);
    engine_changed(en, ENGINE_CH_DOMS);
}

void
defs_changed(struct engine *en)
{
    if (en->opts.one_shot)
        reload(en);
}

static void
reload_due(struct loop_timer *lt)
{
    reload(container_of(lt, struct engine, defs_timer));
}

static void
files_changed(struct loop_fd *lf, unsigned ready)
{
    struct engine *en = container_of(lf, struct engine, defs_lf);
    char bytes[4096] __attribute__((aligned(8)));

    (void)ready;
    while (read(lf->fd, bytes, sizeof(bytes)) > 0)
        ;
    if (!loop_timer_active(&en->defs_timer))
        loop_timer_arm(en->lp, &en->defs_timer, RELOAD_MS, reload_due);
}

void
defs_start(struct engine *en)
{
    int fd;

    reload(en);
    en->defs_read = true;
    if (en->opts.one_shot)
        return;
    fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (fd < 0)
        return; /* what others define is seen at the next start */
    (void)inotify_add_watch(fd, en->paths.state, IN_MOVED_TO | IN_DELETE);
    if (loop_fd_add(en->lp, &en->defs_lf, fd, LOOP_READ, files_changed) < 0)
        close(fd);
}

void
defs_stop(struct engine *en)
{
    int fd = en->defs_lf.fd;

    loop_timer_del(&en->defs_timer);
    if (en->defs_lf.lp != NULL) {
        loop_fd_del(&en->defs_lf);
        close(fd);
    }
    free(en->defs);
    free(en->offs);
    en->defs = NULL;
    en->offs = NULL;
    en->n_defs = en->n_offs = 0;
}

/* --- engine.h --- */

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
    size_t i;

    text_fmt(head.name, sizeof(head.name), "%s", name);
    memcpy(head.uuid, uuid, sizeof(head.uuid));
    memcpy(head.who, en->who, sizeof(head.who));
    for (i = 0; i < en->n_doms; i++)
        if (memcmp(en->doms[i]->d.uuid, uuid, sizeof(head.uuid)) == 0)
            head.domid = en->doms[i]->d.domid;
    event_add_head(en, &head, "%s", what);
}

/* A definition of the same name is replaced and keeps its uuid. A name that a
 * running domain of no definition has would never start. */
static int
settle_identity(struct engine *en, struct domain_config *c, struct err *e)
{
    const struct def *f = by_name(en, c->name);
    const struct dom_entry *de = domains_by_name(en, c->name);

    if (f != NULL) {
        memcpy(c->uuid, f->d.uuid, sizeof(c->uuid));
        return 0;
    }
    f = defs_by_uuid(en, c->uuid);
    if (f != NULL)
        return err_set(e, ERR_EXISTS,
                       "%s: uuid: that of '%s', which is defined already",
                       c->file, f->d.name);
    if (de != NULL && de->d.owned) /* from now on it is kept */
        memcpy(c->uuid, de->d.uuid, sizeof(c->uuid));
    else if (de != NULL)
        return err_set(e, ERR_EXISTS,
                       "%s: name: found \"%s\", which a domain "
                       "of another tool has",
                       c->file, c->name);
    return 0;
}

int
engine_define(struct engine *en, const char *path, struct err *e)
{
    struct buf warn = { 0 };
    struct domain_config *c;
    struct db_state s;
    int rc = create_load(path, &c, &warn, e);

    if (rc < 0)
        goto out;
    rc = settle_identity(en, c, e);
    if (rc == 0)
        rc = db_save(en->paths.state, c->uuid, c, e);
    if (rc == 0) {
        db_state_load(en->paths.state, c->uuid, &s);
        s.defined = true;
        s.redefined = true; /* of no effect on one that is off */
        rc = db_state_save(en->paths.state, c->uuid, &s, e);
    }
    if (rc == 0) {
        tell(en, c->uuid, c->name, "defined");
        formats_warn(en, c->name, &warn);
    }
    config_free(c);
    reload(en);
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
    int rc;

    if (f == NULL)
        return -1;
    db_state_load(en->paths.state, f->d.uuid, &s);
    s.defined = false;
    rc = db_state_save(en->paths.state, f->d.uuid, &s, e);
    if (rc == 0 && !f->live)
        rc = db_remove(en->paths.state, f->d.uuid, e);
    if (rc == 0)
        tell(en, f->d.uuid, f->d.name, "no longer defined");
    reload(en);
    return rc;
}

int
engine_set_autostart(struct engine *en, uint64_t dom_id, bool on, struct err *e)
{
    struct def *f = def_of(en, dom_id, e);
    struct domain_config *c;
    int rc;

    if (f == NULL || db_load(en->paths.state, f->d.uuid, &c, e) < 0)
        return -1;
    c->autostart = on;
    rc = db_save(en->paths.state, f->d.uuid, c, e);
    if (rc == 0)
        tell(en, f->d.uuid, c->name,
             on ? "starts with the host" : "no longer starts with the host");
    config_free(c);
    reload(en);
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
    if (db_load(en->paths.state, f->d.uuid, &c, e) < 0)
        return -1;
    memcpy(c->uuid, f->d.uuid, sizeof(c->uuid));
    c->uuid_set = true;
    op = create_begin(en, c, &o);
    if (op_out != NULL)
        *op_out = op;
    return 0;
}
