/*
 * event_log.c - the engine's journal of events: which are written, whose are
 * taken over into the ring, and the history at the start.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "engine/core/engine_int.h"
#include "engine/event/event_file.h"
#include "engine/event/hooks.h"
#include "engine/record/record.h"
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
event_log_take(const struct engine *en, const struct event *ev)
{
    if (en->opening && en->opts.one_shot && ev->kind == EVENT_BIRTH)
        return false; /* a verb's look around */
    return !en->host.observer || en->journal == NULL || !seen_by_all(ev) ||
           en->opening;
}

/* What all see is told by the engine of record, and where there is none by the
 * verb that did it. */
static bool
worth_keeping(const struct engine *en, const struct event *ev)
{
    char who[64];

    if (!seen_by_all(ev))
        return true;
    if (en->opts.one_shot)
        return ev->op != 0 && !record_elsewhere(en, who, sizeof(who));
    return !en->host.observer;
}

void
event_log_add(struct engine *en, const struct event *ev)
{
    struct buf b = { 0 };

    if (en->journal == NULL || !worth_keeping(en, ev))
        return;
    event_to_json(ev, en->journal_id, &b);
    event_file_add(en->journal, b.data, b.len);
    buf_free(&b);
}

/* A line that another engine wrote. */
static void
take_line(void *arg, const char *line, size_t n)
{
    struct engine *en = arg;
    char engine[sizeof(en->journal_id)];
    struct event ev;

    if (!event_from_json(line, n, &ev, engine, sizeof(engine)) ||
        strcmp(engine, en->journal_id) == 0 ||
        (seen_by_all(&ev) && !en->host.observer))
        return;
    event_keep(en, &ev);
    hooks_event(en->hooks, &ev);
}

static void
failed(void *arg, const char *why)
{
    event_note(arg, EVENT_WARN, "%s: events are not kept meanwhile", why);
}

static void
keep_lines(struct engine *en, const char *p)
{
    char engine[sizeof(en->journal_id)];
    struct event ev;
    const char *end;

    for (; (end = strchr(p, '\n')) != NULL; p = end + 1)
        if (event_from_json(p, (size_t)(end - p), &ev, engine,
                            sizeof(engine)) &&
            strcmp(engine, en->journal_id) != 0)
            event_keep(en, &ev);
}

/* Before what this engine has seen already. */
static void
load_history(struct engine *en)
{
    size_t i, n = engine_event_count(en);
    struct event *own = xcalloc(n + 1, sizeof(*own));
    struct buf b = { 0 };

    for (i = 0; i < n; i++)
        own[i] = *engine_event_at(en, i);
    en->n_events = en->head_event = 0;
    if (event_file_tail(en->journal, HISTORY, &b, NULL) == 0)
        keep_lines(en, buf_text(&b));
    for (i = 0; i < n; i++)
        event_keep(en, &own[i]);
    free(own);
    buf_free(&b);
}

void
engine_events_load(struct engine *en)
{
    struct err e = { 0 };

    if (en->loaded || en->journal == NULL)
        return;
    en->loaded = true;
    load_history(en);
    if (event_file_follow(en->journal, &e) < 0)
        event_note(en, EVENT_WARN, "%s: events of others are not seen", e.msg);
}

void
event_log_open(struct engine *en)
{
    char dir[sizeof(en->paths.state) + 8];
    struct event_file_opts o = { .lp = en->lp,
                                 .dir = en->opts.event_dir,
                                 .line = take_line,
                                 .failed = failed,
                                 .arg = en };
    struct err e = { 0 };
    uint32_t salt = 0;

    if (getrandom(&salt, sizeof(salt), GRND_NONBLOCK) < 0)
        salt = (uint32_t)loop_now_ns(en->lp);
    text_fmt(en->journal_id, sizeof(en->journal_id), "%ld-%08x", (long)getpid(),
             salt);
    if (o.dir == NULL) {
        text_fmt(dir, sizeof(dir), "%s/events", en->paths.state);
        o.dir = dir;
    }
    en->journal = event_file_open(&o, &e);
    if (en->journal == NULL)
        event_note(en, EVENT_WARN, "%s: events are not kept", e.msg);
    else if (!en->opts.one_shot)
        engine_events_load(en);
}

void
event_log_close(struct engine *en)
{
    event_file_close(en->journal);
    en->journal = NULL;
}

int
engine_journal_read(struct engine *en, size_t max, struct buf *out,
                    struct err *e)
{
    if (en->journal == NULL)
        return err_set(e, ERR_UNSUPPORTED, "the journal could not be opened");
    return event_file_tail(en->journal, max, out, e);
}
