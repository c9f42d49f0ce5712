/*
 * events.c - the ring of events, newest last; each also goes to the log, to
 * the journal and to the hooks.
 */
#include <stdlib.h>
#include <string.h>

#include "engine/core/engine_int.h"
#include "engine/event/hooks.h"
#include "engine/task/task.h"
#include "src/base/xalloc.h"

static struct event *
event_slot(struct engine *en)
{
    struct event *ev;

    if (en->events == NULL)
        en->events = xcalloc(ENGINE_EVENTS_KEPT, sizeof(*en->events));
    if (en->n_events < ENGINE_EVENTS_KEPT)
        return &en->events[en->n_events++];
    ev = &en->events[en->head_event];
    en->head_event = (en->head_event + 1) % ENGINE_EVENTS_KEPT;
    return ev;
}

static enum log_level
level_of(enum event_level l)
{
    static const enum log_level levels[] = { LOGL_INFO, LOGL_WARN, LOGL_ERROR };

    return levels[l];
}

void
event_keep(struct engine *en, const struct event *ev)
{
    struct event *slot = event_slot(en);

    *slot = *ev;
    slot->seq = ++en->next_event;
    engine_changed(en, ENGINE_CH_EVENTS);
}

static void
event_say(struct engine *en, const struct event *ev)
{
    if (ev->name[0] != '\0' && ev->domid != DOM_NO_DOMID)
        log_line(en->log, level_of(ev->level), "%s (%u): %s", ev->name,
                 ev->domid, ev->text);
    else if (ev->name[0] != '\0')
        log_line(en->log, level_of(ev->level), "%s: %s", ev->name, ev->text);
    else
        log_line(en->log, level_of(ev->level), "%s", ev->text);
}

/* A domain is born into the creation that makes it, and dies in the operation
 * at work on it. */
static const struct op *
op_behind(const struct engine *en, const struct event *ev)
{
    const struct dom_entry *de;
    const struct list_node *it;

    if (ev->kind == EVENT_DEATH) {
        de = domains_by_domid(en, ev->domid);
        return de != NULL ? engine_op_by_id(en, de->d.op) : NULL;
    }
    if (ev->kind != EVENT_BIRTH)
        return en->actor.op;
    list_foreach (it, &en->tasks) {
        const struct op *o = list_entry(it, struct task, node)->op;

        if (o->verb == OP_CREATE && strcmp(o->name, ev->name) == 0)
            return o;
    }
    return NULL;
}

/* A name without a number: of a domain that does not run, but for dom0. */
static bool
is_off(const struct engine *en, const struct event *ev)
{
    const struct dom_entry *de = domains_by_domid(en, 0);

    return ev->domid == 0 && ev->name[0] != '\0' &&
           strcmp(ev->name, "Domain-0") != 0 &&
           (de == NULL || strcmp(de->d.name, ev->name) != 0);
}

/* Of the domain that is there, or of the one that an operation ended. */
static void
fill_uuid(struct engine *en, struct event *ev, const struct op *o)
{
    const struct dom_entry *de = domains_by_domid(en, ev->domid);

    if (de != NULL && strcmp(de->d.name, ev->name) == 0)
        memcpy(ev->uuid, de->d.uuid, sizeof(ev->uuid));
    else if (o != NULL && strcmp(o->name, ev->name) == 0)
        memcpy(ev->uuid, o->uuid, sizeof(ev->uuid));
}

static void
fill_in(struct engine *en, struct event *ev)
{
    static const uint8_t none[16];
    const struct op *o = NULL;

    if (is_off(en, ev))
        ev->domid = DOM_NO_DOMID;
    if (ev->op == 0)
        o = op_behind(en, ev);
    if (o != NULL) {
        ev->op = o->id;
        ev->verb = o->verb;
        if (ev->who[0] == '\0')
            memcpy(ev->who, o->who, sizeof(ev->who));
    }
    if (ev->name[0] != '\0' && memcmp(ev->uuid, none, sizeof(none)) == 0)
        fill_uuid(en, ev, o);
    ev->hook = ev->hook || en->from_hook;
    ev->wall_s = loop_wall_s(en->lp);
}

static void
event_vadd(struct engine *en, const struct event *head, const char *fmt,
           va_list ap)
{
    struct event ev = *head;
    struct buf b = { 0 };

    buf_vfmt(&b, fmt, ap);
    text_safe(ev.text, sizeof(ev.text), buf_text(&b), b.len);
    buf_free(&b);
    fill_in(en, &ev);
    event_say(en, &ev);
    if (!event_log_take(en, &ev))
        return;
    event_keep(en, &ev);
    if (en->opening && ev.kind == EVENT_BIRTH)
        return; /* it was there before: shown, but no news */
    event_log_add(en, &ev);
    hooks_event(en->hooks, &ev);
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
    ev.wall_s = loop_wall_s(en->lp);
    event_say(en, &ev);
    event_keep(en, &ev);
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
engine_event_inject(struct engine *en, const char *kind, uint64_t dom_id,
                    const char *text, struct err *e)
{
    const struct dom *d = engine_dom_by_id(en, dom_id);
    struct event ev = { .kind = EVENT_INJECTED };

    if (!kind_ok(kind))
        return err_set(e, ERR_INVALID,
                       "event: found the kind '%s', allowed 1 to %zu of "
                       "letters, digits, '.', '_' and '-'",
                       kind, sizeof(ev.reason) - 1);
    if (dom_id != 0 && d == NULL)
        return err_set(e, ERR_NOENT, "this domain no longer exists");
    if (dom_id != 0) {
        ev.domid = d->domid;
        memcpy(ev.name, d->name, sizeof(ev.name));
        memcpy(ev.uuid, d->uuid, sizeof(ev.uuid));
    }
    memcpy(ev.who, en->who, sizeof(ev.who));
    text_fmt(ev.reason, sizeof(ev.reason), "%s", kind);
    event_add_head(en, &ev, "%s", text);
    return 0;
}

size_t
engine_event_count(const struct engine *en)
{
    return en->n_events;
}

const struct event *
engine_event_at(const struct engine *en, size_t i)
{
    if (i >= en->n_events)
        return NULL;
    return &en->events[(en->head_event + i) % ENGINE_EVENTS_KEPT];
}
