/*
 * events.c - the ring of events, newest last; each also goes to the log, to
 * the journal and to the hooks.
 */
#include <stdlib.h>
#include <string.h>

#include "engine/event/event_file.h"
#include "engine/event/event_int.h"
#include "src/base/log.h"
#include "src/base/loop.h"
#include "src/base/xalloc.h"

static struct event *
event_slot(struct event_room *r)
{
    struct event *ev;

    if (r->events == NULL)
        r->events = xcalloc(ENGINE_EVENTS_KEPT, sizeof(*r->events));
    if (r->n_events < ENGINE_EVENTS_KEPT)
        return &r->events[r->n_events++];
    ev = &r->events[r->head_event];
    r->head_event = (r->head_event + 1) % ENGINE_EVENTS_KEPT;
    return ev;
}

static enum log_level
events_level_of(enum event_level l)
{
    static const enum log_level levels[] = { LOGL_INFO, LOGL_WARN, LOGL_ERROR };

    return levels[l];
}

void
event_keep(struct event_room *r, const struct event *ev)
{
    struct event *slot = event_slot(r);

    *slot = *ev;
    slot->seq = ++r->next_event;
    engine_changed(r->en, ENGINE_CH_EVENTS);
}

/* "web1 (7): pause done, by root@pts/3" */
static void
event_say(struct engine *en, const struct event *ev)
{
    struct buf b = { 0 };

    if (ev->name[0] != '\0' && ev->domid != DOM_NO_DOMID)
        buf_fmt(&b, "%s (%u): ", ev->name, ev->domid);
    else if (ev->name[0] != '\0')
        buf_fmt(&b, "%s: ", ev->name);
    buf_str(&b, ev->text);
    if (ev->who[0] != '\0')
        buf_fmt(&b, ", by %s", ev->who);
    log_line(engine_log(en), events_level_of(ev->level), "%s", buf_text(&b));
    buf_free(&b);
}

/* --- what others know of it --- */

void
events_ask(struct engine *en, struct event_witness *w)
{
    list_append(event_room(en)->witnesses.next, &w->node); /* in front */
}

void
events_forget(struct event_witness *w)
{
    list_del(&w->node);
}

void
event_take_op(struct event *ev, const struct op *o)
{
    static const uint8_t none[16];

    if (o == NULL)
        return;
    ev->op = o->id;
    ev->verb = o->verb;
    if (ev->who[0] == '\0')
        memcpy(ev->who, o->who, sizeof(ev->who));
    ev->hook = ev->hook || o->by_hook;
    if (ev->name[0] != '\0' && strcmp(o->name, ev->name) == 0 &&
        memcmp(ev->uuid, none, sizeof(none)) == 0)
        memcpy(ev->uuid, o->uuid, sizeof(ev->uuid));
}

/* Births and deaths are seen by chance in some operation: witnesses know
 * whether one is behind them. */
static void
events_fill_in(struct event_room *r, struct event *ev)
{
    bool seen = ev->kind == EVENT_BIRTH || ev->kind == EVENT_DEATH;
    struct list_node *it;

    list_foreach (it, &r->witnesses) {
        struct event_witness *w = list_entry(it, struct event_witness, node);

        if (w->fill != NULL)
            w->fill(w, ev);
    }
    if (ev->op == 0 && !seen)
        event_take_op(ev, engine_acting_in(r->en));
    ev->hook = ev->hook || engine_is(r->en, ENGINE_FROM_HOOK);
    ev->wall_s = loop_wall_s(engine_loop(r->en));
}

static void
event_vadd(struct engine *en, const struct event *head, const char *fmt,
           va_list ap)
{
    struct event_room *r = event_room(en);
    struct event ev = *head;
    struct buf b = { 0 };

    buf_vfmt(&b, fmt, ap);
    text_safe(ev.text, sizeof(ev.text), buf_text(&b), b.len);
    buf_free(&b);
    if (r != NULL)
        events_fill_in(r, &ev);
    event_say(en, &ev);
    if (r == NULL || !event_log_take(r, &ev))
        return;
    event_keep(r, &ev);
    if (engine_is(en, ENGINE_OPENING) && ev.kind == EVENT_BIRTH)
        return; /* it was there before: shown, but no news */
    event_log_add(r, &ev);
    hooks_event(r->hooks, &ev);
}

void
event_add_head(struct engine *en, const struct event *head, const char *fmt,
               ...)
{
    va_list ap;

    va_start(ap, fmt);
    event_vadd(en, head, fmt, ap);
    va_end(ap);
}

void
event_add_for(struct engine *en, enum event_kind k, enum event_level l,
              uint32_t domid, const char *name, const char *fmt, ...)
{
    struct event head = { .kind = k, .level = l, .domid = domid };
    va_list ap;

    text_fmt(head.name, sizeof(head.name), "%s", name);
    va_start(ap, fmt);
    event_vadd(en, &head, fmt, ap);
    va_end(ap);
}

void
event_add(struct engine *en, enum event_kind k, enum event_level l,
          const struct dom *d, const char *fmt, ...)
{
    struct event head = { .kind = k, .level = l };
    va_list ap;

    if (d != NULL) {
        head.domid = d->domid;
        text_fmt(head.name, sizeof(head.name), "%s", d->name);
    }
    va_start(ap, fmt);
    event_vadd(en, &head, fmt, ap);
    va_end(ap);
}

void
event_note(struct engine *en, enum event_level l, const char *fmt, ...)
{
    struct event ev = { .kind = EVENT_ENGINE, .level = l, .hook = true };
    struct buf b = { 0 };
    va_list ap;

    va_start(ap, fmt);
    buf_vfmt(&b, fmt, ap);
    va_end(ap);
    text_safe(ev.text, sizeof(ev.text), buf_text(&b), b.len);
    buf_free(&b);
    ev.wall_s = loop_wall_s(engine_loop(en));
    event_say(en, &ev);
    if (event_room(en) != NULL)
        event_keep(event_room(en), &ev);
}

/* A word, as xend's event names were: "xend.domain.died". */
static bool
kind_ok(const char *kind)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
                                  "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    size_t n = strlen(kind);

    return n > 0 && n < sizeof(((struct event *)0)->reason) &&
           strspn(kind, allowed) == n;
}

int
event_inject(struct engine *en, const char *kind, const struct dom *d,
             const char *text, struct err *e)
{
    struct event ev = { .kind = EVENT_INJECTED };

    if (!kind_ok(kind))
        return err_set(e, ERR_INVALID,
                       "event: found the kind '%s', allowed 1 to %zu of "
                       "letters, digits, '.', '_' and '-'",
                       kind, sizeof(ev.reason) - 1);
    if (d != NULL) {
        ev.domid = d->domid;
        memcpy(ev.name, d->name, sizeof(ev.name));
        memcpy(ev.uuid, d->uuid, sizeof(ev.uuid));
    }
    text_fmt(ev.who, sizeof(ev.who), "%s", engine_who(en));
    text_fmt(ev.reason, sizeof(ev.reason), "%s", kind);
    event_add_head(en, &ev, "%s", text);
    return 0;
}

size_t
engine_event_count(const struct engine *en)
{
    return event_room(en)->n_events;
}

const struct event *
engine_event_at(const struct engine *en, size_t i)
{
    const struct event_room *r = event_room(en);

    if (i >= r->n_events)
        return NULL;
    return &r->events[(r->head_event + i) % ENGINE_EVENTS_KEPT];
}

void
engine_events_info(struct engine *en, struct buf *out)
{
    const struct event_room *r = event_room(en);
    const char *why =
        r->journal != NULL ? event_file_error(r->journal) : "not open";
    struct hooks_stats hs;

    hooks_stats(r->hooks, &hs);
    buf_fmt(out, "journal      %s, %llu events lost\n",
            why != NULL ? why : "written",
            r->journal != NULL ? event_file_lost(r->journal) : 0);
    buf_fmt(out,
            "hooks        %zu, %zu at work, %zu wait, %llu done, %llu failed, "
            "%llu dropped\n",
            hs.files, hs.running, hs.queued, hs.done, hs.failed, hs.dropped);
}

bool
engine_hook_has(struct engine *en, const char *mark)
{
    return hooks_started(event_room(en)->hooks, mark);
}

/* --- open and close --- */

/* One engine a host runs hooks, and no single verb does. */
static bool
may_hook(void *arg)
{
    const struct engine *en = arg;

    return !engine_options(en)->one_shot && !engine_is(en, ENGINE_UNLOCKED) &&
           !engine_is(en, ENGINE_CLOSING);
}

static void
hook_says(void *arg, enum event_level l, const char *text)
{
    struct event ev = { .kind = EVENT_ENGINE, .level = l, .hook = true };

    event_add_head(arg, &ev, "%s", text);
}

static bool
events_have_duty(const struct engine_duty *d)
{
    return hooks_at_work(container_of(d, const struct event_room, duty)->hooks);
}

void
events_open(struct engine *en)
{
    struct event_room *r = xcalloc(1, sizeof(*r));
    struct hooks_opts ho = { .lp = engine_loop(en),
                             .log = engine_log(en),
                             .dir = engine_options(en)->hook_dir,
                             .enabled = may_hook,
                             .note = hook_says,
                             .arg = en };

    r->en = en;
    list_init(&r->witnesses);
    engine_set_room(en, ROOM_EVENT, r);
    if (ho.dir == NULL && engine_paths(en)->hooks[0] != '\0')
        ho.dir = engine_paths(en)->hooks;
    event_log_open(r);
    r->hooks = hooks_new(&ho);
    r->duty.has = events_have_duty;
    engine_enter_duty(en, &r->duty);
}

void
events_close(struct engine *en)
{
    struct event_room *r = event_room(en);

    if (r == NULL)
        return;
    engine_leave_duty(&r->duty);
    hooks_free(r->hooks);
    event_log_close(r);
    engine_set_room(en, ROOM_EVENT, NULL);
    free(r->events);
    free(r);
}
