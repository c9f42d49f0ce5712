/*
 * events.c - the ring of events, newest last; each also goes to the log.
 */
#include <stdlib.h>

#include "engine/engine_int.h"
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

static void
event_vadd(struct engine *en, const struct event *head, const char *fmt,
           va_list ap)
{
    struct event *ev = event_slot(en);
    struct buf b = { 0 };

    *ev = *head;
    ev->seq = ++en->next_event;
    ev->wall_s = loop_wall_s(en->lp);
    buf_vfmt(&b, fmt, ap);
    text_safe(ev->text, sizeof(ev->text), buf_text(&b), b.len);
    buf_free(&b);
    if (ev->name[0] != '\0')
        log_line(en->log, level_of(ev->level), "%s (%u): %s", ev->name,
                 ev->domid, ev->text);
    else
        log_line(en->log, level_of(ev->level), "%s", ev->text);
    engine_changed(en, ENGINE_CH_EVENTS);
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
event_add_head(struct engine *en, const struct event *head, const char *fmt,
               ...)
{
    va_list ap;

    va_start(ap, fmt);
    event_vadd(en, head, fmt, ap);
    va_end(ap);
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
