/*
 * event_log.c - the engine's journal of events: which are written, whose are
 * taken over into the ring, and the history at the start.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "engine/event/event_file.h"
#include "engine/event/event_int.h"
#include "src/base/xalloc.h"

#define HISTORY 500 /* lines of it in the ring at start */

/* What every engine on the host sees for itself: one of them tells it, the
 * engine of record. */
static bool
seen_by_all(const struct event *ev)
{
    return ev->kind == EVENT_BIRTH || ev->kind == EVENT_DEATH ||
           ev->kind == EVENT_ALARM;
}

bool
event_log_take(const struct event_room *r, const struct event *ev)
{
    const struct engine *en = r->en;

    if (engine_is(en, ENGINE_OPENING) && engine_options(en)->one_shot &&
        ev->kind == EVENT_BIRTH)
        return false; /* a verb's look around */
    return !engine_is(en, ENGINE_UNLOCKED) || r->journal == NULL ||
           !seen_by_all(ev) || engine_is(en, ENGINE_OPENING);
}

/* An engine for one verb tells what that verb did. */
static bool
worth_keeping(struct event_room *r, const struct event *ev)
{
    if (!seen_by_all(ev))
        return true;
    if (engine_options(r->en)->one_shot)
        return ev->op != 0;
    return !engine_is(r->en, ENGINE_UNLOCKED);
}

void
event_log_add(struct event_room *r, const struct event *ev)
{
    struct buf b = { 0 };

    if (r->journal == NULL || !worth_keeping(r, ev))
        return;
    event_to_json(ev, r->journal_id, &b);
    event_file_add(r->journal, b.data, b.len);
    buf_free(&b);
}

/* A line that another engine wrote. */
static void
event_log_take_line(void *arg, const char *line, size_t n)
{
    struct event_room *r = arg;
    char engine[sizeof(r->journal_id)];
    struct event ev;

    if (!event_from_json(line, n, &ev, engine, sizeof(engine)) ||
        strcmp(engine, r->journal_id) == 0 ||
        (seen_by_all(&ev) && !engine_is(r->en, ENGINE_UNLOCKED)))
        return;
    event_keep(r, &ev);
    hooks_event(r->hooks, &ev);
}

static void
event_log_failed(void *arg, const char *why)
{
    const struct event_room *r = arg;

    event_note(r->en, EVENT_WARN, "%s: events are not kept meanwhile", why);
}

static void
keep_lines(struct event_room *r, const char *p)
{
    char engine[sizeof(r->journal_id)];
    struct event ev;
    const char *end;

    for (; (end = strchr(p, '\n')) != NULL; p = end + 1)
        if (event_from_json(p, (size_t)(end - p), &ev, engine,
                            sizeof(engine)) &&
            strcmp(engine, r->journal_id) != 0)
            event_keep(r, &ev);
}

/* Before what this engine has seen already. */
static void
load_history(struct event_room *r)
{
    size_t i, n = r->n_events;
    struct event *own = xcalloc(n + 1, sizeof(*own));
    struct buf b = { 0 };

    for (i = 0; i < n; i++)
        own[i] = *engine_event_at(r->en, i);
    r->n_events = r->head_event = 0;
    if (event_file_tail(r->journal, HISTORY, &b, NULL) == 0)
        keep_lines(r, buf_text(&b));
    for (i = 0; i < n; i++)
        event_keep(r, &own[i]);
    free(own);
    buf_free(&b);
}

void
engine_events_load(struct engine *en)
{
    struct event_room *r = event_room(en);
    struct err e = { 0 };

    if (r->loaded || r->journal == NULL)
        return;
    r->loaded = true;
    load_history(r);
    if (event_file_follow(r->journal, &e) < 0)
        event_note(en, EVENT_WARN, "%s: events of others are not seen", e.msg);
}

void
event_log_open(struct event_room *r)
{
    struct engine *en = r->en;
    char dir[sizeof(engine_paths(en)->state) + 8];
    struct event_file_opts o = { .lp = engine_loop(en),
                                 .dir = engine_options(en)->event_dir,
                                 .line = event_log_take_line,
                                 .failed = event_log_failed,
                                 .arg = r };
    struct err e = { 0 };
    uint32_t salt = 0;

    if (getrandom(&salt, sizeof(salt), GRND_NONBLOCK) < 0)
        salt = (uint32_t)loop_now_ns(engine_loop(en));
    text_fmt(r->journal_id, sizeof(r->journal_id), "%ld-%08x", (long)getpid(),
             salt);
    if (o.dir == NULL) {
        text_fmt(dir, sizeof(dir), "%s/events", engine_paths(en)->state);
        o.dir = dir;
    }
    r->journal = event_file_open(&o, &e);
    if (r->journal == NULL)
        event_note(en, EVENT_WARN, "%s: events are not kept", e.msg);
    else if (!engine_options(en)->one_shot)
        engine_events_load(en);
}

void
event_log_close(struct event_room *r)
{
    event_file_close(r->journal);
    r->journal = NULL;
}

int
engine_journal_read(struct engine *en, size_t max, struct buf *out,
                    struct err *e)
{
    const struct event_room *r = event_room(en);

    if (r->journal == NULL)
        return err_set(e, ERR_UNSUPPORTED, "the journal could not be opened");
    return event_file_tail(r->journal, max, out, e);
}
