/*
 * create_record.c - the step of a creation that writes what outlives it: the
 * configuration, the time of the start, libxl's copy; and its undoing.
 */
#include <string.h>

#include "engine/guest/guest_json.h"
#include "engine/life/create_int.h"
#include "engine/life/define.h"
#include "engine/life/save/save_int.h"
#include "engine/record/db.h"
#include "engine/record/userdata.h"

/* It was defined while this creation was at work: that is for its next life. */
static bool
defined_meanwhile(const struct create *c)
{
    struct buf now = { 0 };
    bool other;

    (void)db_get_text(engine_paths(c->t.en)->state, c->cfg->uuid, ".conf", &now,
                      NULL);
    other = now.len > 0 && strcmp(buf_text(&now), buf_text(&c->begun)) != 0;
    buf_free(&now);
    return other;
}

static void
record_start_time(struct create *c)
{
    const char *dir = engine_paths(c->t.en)->state;
    struct db_state s;
    struct err e = { 0 };

    db_state_load(dir, c->cfg->uuid, &s);
    s.start_wall_s = c->nodes.start_wall_s;
    s.restarts = c->o.restarts;
    s.refused = s.held = false;
    s.redefined = defined_meanwhile(c);
    if (db_state_save(dir, c->cfg->uuid, &s, &e) < 0)
        log_line(engine_log(c->t.en), LOGL_WARN, "%s: %s", c->cfg->name, e.msg);
}

/* A restart has its configuration on disk already: a disk that is full keeps
 * nobody from coming back. What is missing then is told. */
static int
write_files(struct create *c, struct err *e)
{
    const struct engine_paths *p = engine_paths(c->t.en);

    record_start_time(c);
    if (guest_json_write(p->libxl, &c->nodes, e) < 0) {
        if (!c->o.again)
            return -1;
        event_add_for(c->t.en, EVENT_ENGINE, EVENT_WARN, c->domid, c->cfg->name,
                      "xl cannot know its configuration: %s", e->msg);
        err_clear(e);
    }
    if ((c->guest.stream_fd >= 0 && db_defined(p->state, c->cfg->uuid)) ||
        defined_meanwhile(c))
        return 0; /* its next boot is from the definition */
    if (db_save(p->state, c->cfg->uuid, c->cfg, e) < 0) {
        if (!c->o.again)
            return -1;
        event_add_for(
            c->t.en, EVENT_ENGINE, EVENT_ERROR, c->domid, c->cfg->name,
            "changes of its configuration are not on disk: %s", e->msg);
        err_clear(e);
    }
    return 0;
}

int
create_write_record(struct create *c,
                    int (*write)(struct create *c, struct err *e),
                    struct err *e)
{
    const char *dir = engine_paths(c->t.en)->state;
    int rc;

    db_before_look(dir, c->cfg->uuid, &c->before);
    rc = write(c, e);
    db_before_own(dir, c->cfg->uuid, &c->before);
    return rc;
}

/* What was saved is older than the domain from the moment at which that runs:
 * nothing may bring it back then. */
int
create_used_saved(struct create *c, struct err *e)
{
    const char *dir = engine_paths(c->t.en)->state;
    struct db_state s;

    db_before_whole(dir, c->cfg->uuid);
    db_state_load(dir, c->cfg->uuid, &s);
    if (!c->o.again && db_state_check(dir, c->cfg->uuid, &s, e) < 0)
        return -1;
    text_fmt(c->saved, sizeof(c->saved), "%s", s.saved);
    if (create_forget_saved(c->t.en, c->cfg->uuid, e) < 0)
        return -1;
    defs_changed(c->t.en, c->cfg->uuid);
    return 0;
}

int
create_forget_saved(struct engine *en, const uint8_t uuid[16], struct err *e)
{
    const char *dir = engine_paths(en)->state;
    struct db_state s;

    db_state_load(dir, uuid, &s);
    if (s.saved[0] == '\0')
        return 0;
    s.saved[0] = '\0';
    return db_state_save(dir, uuid, &s, e);
}

void
create_drop_saved(struct create *c)
{
    if (c->saved[0] != '\0' && save_keeps_file(c->t.en, c->saved))
        file_look_remove(c->t.en, c->saved);
}

enum step_rc
create_run_record(struct task *t, struct err *e)
{
    struct create *c = container_of(t, struct create, t);
    const char *dir = engine_paths(t->en)->state;

    if (!c->o.again && db_before_keep(dir, c->cfg->uuid, &c->before, e) < 0)
        return STEP_FAIL;
    c->recorded = true;
    if (create_write_record(c, write_files, e) < 0)
        return STEP_FAIL;
    if (c->o.incoming != NULL) /* not ours yet (incoming.h) */
        return STEP_DONE;
    if (nodes_mark_built(engine_store(t->en), c->domid, e) < 0 ||
        create_write_record(c, create_used_saved, e) < 0)
        return STEP_FAIL;
    return STEP_DONE;
}

/* The next life of one that is made again is made from the same. */
static int
record_put_back(struct create *c, struct err *e)
{
    const char *dir = engine_paths(c->t.en)->state;

    if (c->before.kept)
        return db_before_back(dir, c->cfg->uuid, &c->before, e);
    return c->o.again ? 0 : db_forget(dir, c->cfg->uuid, e);
}

enum step_rc
create_undo_record(struct task *t)
{
    struct create *c = container_of(t, struct create, t);
    struct err e = { 0 };

    if (!c->recorded)
        return STEP_DONE;
    userdata_remove(engine_paths(t->en)->libxl, c->domid, c->cfg->uuid);
    if (t->abandoned)
        return STEP_DONE;
    if (record_put_back(c, &e) < 0)
        event_add_for(t->en, EVENT_ENGINE, EVENT_ERROR, 0, c->cfg->name,
                      "what was on record of it is not put back: %s", e.msg);
    defs_changed(t->en, c->cfg->uuid);
    return STEP_DONE;
}
