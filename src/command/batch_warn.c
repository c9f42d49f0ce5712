/*
 * batch_warn.c - see batch_warn.h.
 */
#include "src/command/batch_warn.h"

#include <string.h>

/* The first event after the last that was looked at. Its number is another one
 * once the history is loaded; then its time tells it. */
static size_t
first_new(const struct batch_warn *w, const struct engine *en)
{
    size_t i, by_time = 0;

    for (i = engine_event_count(en); i > 0; i--) {
        const struct event *ev = engine_event_at(en, i - 1);

        if (ev->foreign || ev->wall_s != w->told_s)
            continue;
        if (ev->seq == w->told)
            return i;
        if (by_time == 0)
            by_time = i;
    }
    return by_time;
}

static void
look_at_all(struct batch_warn *w, const struct engine *en)
{
    size_t i = engine_event_count(en);

    for (; i > 0; i--) {
        const struct event *ev = engine_event_at(en, i - 1);

        if (ev->foreign)
            continue;
        w->told = ev->seq;
        w->told_s = ev->wall_s;
        return;
    }
}

void
batch_warn_begin(struct batch_warn *w, const struct engine *en, bool all)
{
    *w = (struct batch_warn){ .all = all };
    if (!all && en != NULL)
        look_at_all(w, en);
}

/* Settings of a configuration that are not honoured, a restart that was
 * refused, what a device of the operation could not have. */
static bool
is_warning(const struct event *ev, const struct op *op)
{
    if (ev->kind == EVENT_REFUSED)
        return true;
    return ev->level == EVENT_WARN &&
           (ev->kind == EVENT_ENGINE ||
            (ev->kind == EVENT_DEVICE && op != NULL && ev->op == op->id));
}

static bool
is_of_op(const struct event *ev, const struct op *op)
{
    static const uint8_t none[16];

    if (op == NULL)
        return false;
    return ev->op == op->id || (memcmp(op->uuid, none, sizeof none) != 0 &&
                                memcmp(ev->uuid, op->uuid, sizeof none) == 0);
}

static void
add_event(struct buf *out, const struct event *ev)
{
    if (ev->name[0] != '\0' && ev->domid != DOM_NO_DOMID)
        buf_fmt(out, "%s: ", ev->name); /* which of several it is about */
    buf_fmt(out, "%s\n", ev->text);
}

void
batch_warn_take(struct batch_warn *w, const struct engine *en,
                const struct op *op, bool own, struct buf *out)
{
    const struct event *ev;
    size_t i;

    if (en == NULL)
        return;
    for (i = first_new(w, en); (ev = engine_event_at(en, i)) != NULL; i++)
        if (!ev->foreign && is_warning(ev, op) &&
            (own || w->all || is_of_op(ev, op)))
            add_event(out, ev);
    look_at_all(w, en);
}
