/*
 * defs_read.c - reads the definitions (define.h) and follows what others change
 * of them.
 * Invariant: one that could be read once stays in the table while its file
 * is there and cannot be read; of another that cannot be read it is known that
 * it is there.
 */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>

#include "engine/config/core/config.h"
#include "engine/life/define.h"
#include "engine/life/life_int.h"
#include "engine/life/retry.h"
#include "engine/record/db.h"
#include "engine/record/tags.h"
#include "src/base/log.h"
#include "src/base/xalloc.h"

#define RELOAD_MS       200 /* many files may change in one go */
#define RELOAD_AGAIN_MS 1000

static bool
defs_read_served(const struct domain_config *c)
{
    size_t i;

    for (i = 0; i < c->n_devices; i++)
        if (config_device_value(&c->devices[i], "backend") != NULL)
            return true;
    return false;
}

static void
defs_read_fill(struct def *f, const struct domain_config *c,
               const struct db_state *s, bool pending)
{
    *f = (struct def){ .pending = pending,
                       .held = s->held,
                       .resume = s->resume,
                       .served = defs_read_served(c),
                       .order = c->autostart_order,
                       .delay_s = c->autostart_delay_s };
    f->d.kind = c->kind;
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
    f->d.refused = s->refused || f->pending || f->held;
    f->d.saved = s->saved[0] != '\0';
    f->d.last_end_wall_s = s->last_end_wall_s;
    text_fmt(f->d.last_end, sizeof(f->d.last_end), "%s", s->last_end);
    memcpy(f->d.uuid, c->uuid, sizeof(f->d.uuid));
    text_fmt(f->d.name, sizeof(f->d.name), "%s", c->name);
}

/* What is in the table while it is read anew. */
struct defs_reading {
    struct engine *en;
    const struct def *old; /* as it was */
    size_t n_old;
    bool unread; /* something could not be read now */
};

static void
put_def(struct life_room *r, const struct def *f)
{
    r->defs = xrealloc(r->defs, r->n_defs + 1, sizeof(r->defs[0]));
    r->defs[r->n_defs++] = *f;
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

/* The system did not let it be read: that says nothing of what is in it. */
static void
keep_unread(struct defs_reading *rd, const uint8_t uuid[16],
            const struct err *why)
{
    struct life_room *r = life_room(rd->en);
    size_t i;

    rd->unread = true;
    for (i = 0; i < rd->n_old; i++)
        if (memcmp(rd->old[i].d.uuid, uuid, sizeof(rd->old[i].d.uuid)) == 0) {
            put_def(r, &rd->old[i]);
            return;
        }
    if (!r->defs_unread)
        tell_left_out(rd->en, why->msg);
    text_fmt(r->defs_nameless, sizeof(r->defs_nameless), "%s", why->msg);
}

static void
leave_out(struct defs_reading *rd, const uint8_t uuid[16],
          const struct err *why)
{
    struct life_room *r = life_room(rd->en);

    if (why->sys != 0 && why->code != ERR_NOENT)
        keep_unread(rd, uuid, why);
    else
        tell_left_out(rd->en, why->msg);
    if (!r->defs_read)
        autostart_left_out(r, uuid);
}

static void
defs_read_file(struct defs_reading *rd, const uint8_t uuid[16])
{
    struct engine *en = rd->en;
    struct life_room *r = life_room(en);
    struct domain_config *c;
    bool pending = retry_pending(en, uuid), late = autostart_late(r, uuid);
    struct db_state s;
    struct err e = { 0 };
    struct def f;

    db_state_load(engine_paths(en)->state, uuid, &s);
    rd->unread = rd->unread || s.unread;
    if (!s.defined && !pending && !s.held && s.saved[0] == '\0')
        return;
    if (db_load(engine_paths(en)->state, uuid, &c, &e) < 0) {
        leave_out(rd, uuid, &e);
        return;
    }
    memcpy(c->uuid, uuid, sizeof(c->uuid));
    s.refused = s.refused || late;
    defs_read_fill(&f, c, &s, pending);
    tags_load(engine_paths(en)->state, uuid, f.d.tags);
    put_def(r, &f);
    config_free(c);
}

static void
defs_read_files(struct defs_reading *rd, struct dirent **names, int n)
{
    uint8_t uuid[16];
    int i;

    life_room(rd->en)->defs_nameless[0] = '\0';
    for (i = 0; i < n; i++) {
        if (db_is_conf(names[i]->d_name, uuid))
            defs_read_file(rd, uuid);
        free(names[i]);
    }
    if (n >= 0)
        free(names);
}

static void reload_due(struct loop_timer *lt);

/* A directory that cannot be read now, as at the limit of descriptors, says
 * nothing of what is in it: what is known stays, and it is tried again. */
void
defs_reload(struct engine *en)
{
    struct life_room *r = life_room(en);
    struct def *old = r->defs;
    struct dirent **names = NULL;
    int count = scandir(engine_paths(en)->state, &names, NULL, alphasort);
    struct defs_reading rd = { .en = en, .old = old, .n_old = r->n_defs };
    size_t i, k;

    if (count < 0 && errno != ENOENT) {
        log_line(engine_log(en), LOGL_WARN, "directory %s: %s",
                 engine_paths(en)->state, strerror(errno));
        loop_timer_arm(engine_loop(en), &r->defs_timer, RELOAD_AGAIN_MS,
                       reload_due);
        return;
    }
    r->defs = NULL;
    r->n_defs = r->n_offs = 0;
    domains_show_off(en, NULL, 0);
    defs_read_files(&rd, names, count);
    for (i = 0; i < rd.n_old; i++) /* who is listed keeps its identity */
        for (k = 0; k < r->n_defs; k++)
            if (memcmp(r->defs[k].d.uuid, old[i].d.uuid, 16) == 0)
                r->defs[k].d.id = old[i].d.id;
    free(old);
    r->defs_unread = rd.unread;
    if (rd.unread)
        loop_timer_arm(engine_loop(en), &r->defs_timer, RELOAD_AGAIN_MS,
                       reload_due);
    defs_refresh(r);
    engine_changed(en, ENGINE_CH_DOMS);
}

/* The directory tells of it later: whoever asks before must not be told what
 * was, as a start that would boot what has just been saved. */
void
defs_changed(struct engine *en, const uint8_t uuid[16])
{
    struct life_room *r = life_room(en);
    struct def *f = defs_by_uuid(en, uuid), was;
    struct defs_reading rd = { .en = en, .old = &was };
    size_t n;

    if (!r->defs_read)
        return; /* all are read at the start */
    if (f != NULL) {
        domains_show_off(en, NULL, 0);
        r->n_offs = 0;
        was = *f;
        rd.n_old = 1;
        *f = r->defs[--r->n_defs];
    }
    n = r->n_defs;
    defs_read_file(&rd, uuid);
    if (rd.n_old == 0 && r->n_defs == n)
        return;
    if (rd.n_old > 0 && r->n_defs > n)
        r->defs[n].d.id = was.d.id; /* who is listed keeps its identity */
    if (rd.unread)
        loop_timer_arm(engine_loop(en), &r->defs_timer, RELOAD_AGAIN_MS,
                       reload_due);
    defs_refresh_one(r, uuid);
    engine_changed(en, ENGINE_CH_DOMS);
}

static void
reload_due(struct loop_timer *lt)
{
    defs_reload(container_of(lt, struct life_room, defs_timer)->en);
}

static void
files_changed(struct loop_dir *ld)
{
    struct life_room *r = container_of(ld, struct life_room, defs_dir);

    if (!loop_timer_active(&r->defs_timer))
        loop_timer_arm(engine_loop(r->en), &r->defs_timer, RELOAD_MS,
                       reload_due);
}

void
defs_start(struct engine *en)
{
    struct life_room *r = life_room(en);

    defs_reload(en);
    r->defs_read = true;
    if (engine_options(en)->one_shot)
        return;
    /* Without it, what others define is seen at the next start. */
    (void)loop_dir_add(engine_loop(en), &r->defs_dir, engine_paths(en)->state,
                       IN_MOVED_TO | IN_DELETE, files_changed);
}

void
defs_stop(struct life_room *r)
{
    loop_timer_del(&r->defs_timer);
    loop_dir_del(&r->defs_dir);
    domains_show_off(r->en, NULL, 0);
    free(r->defs);
    free(r->offs);
    free(r->shown);
}
