/*
 * recover.c - see recover.h. The journals of dead engines say what was at
 * work; the hypervisor, xenstore and the database say how far it came. Each
 * operation is taken up by an ordinary task, which is on our own record before
 * the dead engine's is dropped: this can be killed at any moment, too.
 */
#include "engine/record/recover.h"

#include <stdlib.h>
#include <string.h>

#include "engine/config/core/uuid.h"
#include "engine/record/record_int.h"

void
recover_enter(struct engine *en, enum op_verb verb, recover_fn *f)
{
    record_room(en)->recover[verb] = f;
}

bool
recover_known_uuid(const struct oplog_entry *j)
{
    return uuid_known(j->uuid);
}

struct dom_entry *
recover_dom(struct engine *en, const struct oplog_entry *j)
{
    struct dom_entry *de = domains_by_domid(en, j->domid);

    if (de == NULL || memcmp(de->d.uuid, j->uuid, sizeof(j->uuid)) != 0)
        return NULL;
    return de;
}

bool
recover_end_on_record(const struct recovery *r, const struct oplog_entry *j)
{
    size_t i;

    for (i = 0; i < r->n; i++)
        if (r->list[i].verb == OP_DESTROY && r->list[i].domid == j->domid &&
            memcmp(r->list[i].uuid, j->uuid, sizeof(j->uuid)) == 0)
            return true;
    return false;
}

void
recover_say(struct engine *en, const struct oplog_entry *j, const char *fmt,
            ...)
{
    struct buf b = { 0 };
    va_list ap;

    va_start(ap, fmt);
    buf_vfmt(&b, fmt, ap);
    va_end(ap);
    event_add_for(en, EVENT_ENGINE, EVENT_WARN, j->domid, j->name,
                  "recovery: %s was at '%s' when its engine died: %s",
                  op_verb_name(j->verb), j->step[0] != '\0' ? j->step : "begin",
                  buf_text(&b));
    buf_free(&b);
}

static void
recover_entry(struct recovery *r, struct oplog_entry *j)
{
    recover_fn *f = record_room(r->en)->recover[j->verb];

    if (f != NULL)
        f(r, j);
    else
        recover_say(r->en, j, "not finished: look at the domain and repeat it");
}

static void
tell_newer(struct engine *en, const struct oplog_list *l)
{
    if (l->strange[0] == '\0')
        event_add(en, EVENT_ENGINE, EVENT_WARN, NULL,
                  "recovery: %s/ops/%s is of a later version of xendeck and "
                  "left alone: start that version, it recovers what it had at "
                  "work",
                  engine_paths(en)->run, l->newer);
    else
        event_add(en, EVENT_ENGINE, EVENT_WARN, NULL,
                  "recovery: not finished: %s/ops/%s has '%s' at work, which "
                  "this version of xendeck does not know; it is left alone: "
                  "start the version that wrote it, or remove it",
                  engine_paths(en)->run, l->newer, l->strange);
}

static void
recover_operations(struct engine *en)
{
    struct recovery r = { .en = en };
    struct oplog_list l;
    size_t i, old;

    oplog_read(en, &l);
    r.list = l.list;
    r.n = l.n;
    old = l.boots;
    if (l.newer[0] != '\0')
        tell_newer(en, &l);
    if (old > 0)
        event_add(en, EVENT_ENGINE, EVENT_WARN, NULL,
                  "recovery: %zu operation%s of an engine from before the last "
                  "start of this host dropped",
                  old, old == 1 ? "" : "s");
    for (i = 0; i < r.n && r.list[i].live; i++)
        ;
    if (i < r.n)
        record_tell_begins(en);
    for (i = 0; i < r.n; i++)
        if (!r.list[i].live)
            recover_entry(&r, &r.list[i]);
    free(r.list);
    if (l.whole)
        record_tell_sweep(en);
    else if (!record_room(en)->sweep_later)
        log_line(engine_log(en), LOGL_WARN,
                 "recovery: not all records of operations can be read now: "
                 "what is left over is looked for later");
    record_room(en)->sweep_later = !l.whole;
    oplog_drop_dead(en);
}

/* A domain that the listing found before the lock was had is taken in now; one
 * that is ours already is told once more, which is harmless. */
static void
take_ours(struct engine *en)
{
    struct dom_entry *de;
    size_t i;

    for (i = 0; (de = domains_at(en, i)) != NULL; i++)
        if (de->d.owned && !de->d.building)
            record_tell_own(de);
}

void
recover_run(struct engine *en)
{
    engine_set(en, ENGINE_RECOVERING, true);
    take_ours(en);
    recover_operations(en);
    engine_set(en, ENGINE_RECOVERING, false);
    domains_scan_soon(en);
    record_tell_recovered(en);
}

void
recover_tick(struct engine *en)
{
    if ((!oplog_any_dead(en) && !record_room(en)->sweep_later) ||
        domains_scan(en, false, NULL) < 0)
        return;
    recover_run(en);
}
