/*
 * served_wait.c - a device that stands again: until it is connected, for its
 * server may be booting, which is no reason to hold an operation of the guest
 * up. A guest that has not seen its old device go takes no new one (Linux, see
 * hot.c): then it is tried again, a few times.
 */
#include "engine/device/device_handler.h"
#include "engine/device/served/served_int.h"

#define TICK_MS 5000
#define MISS_MS 10000 /* doubled with each further try */
#define TELL_MS 60000

void
served_wait_end(struct served *s)
{
    store_watch_del(&s->watch);
    loop_timer_del(&s->timer);
}

/* As the guest has it: 0 if that is no state. */
static unsigned
front_state(const struct served *s)
{
    char path[128];
    uint64_t v;

    store_path(path, sizeof(path), "/local/domain/%u/device/%s/%u/state",
               s->domid, s->kind, s->devid);
    return store_read_u64(engine_store(s->en), 0, path, 16, &v, NULL) == 0
               ? (unsigned)v
               : 0;
}

/* The backend is ready, or was closed at once; the guest does nothing. */
static bool
is_missed(const struct served *s, unsigned back)
{
    unsigned front = front_state(s);

    return back >= XENBUS_CLOSING ||
           (back >= XENBUS_WAIT && (front < 3 || front >= XENBUS_CLOSING));
}

/* For so long that it is not just slow. */
static bool
is_given_up(struct served *s, unsigned back, uint64_t now)
{
    if (!is_missed(s, back) || s->tries >= SERVED_TRIES)
        s->missed_ms = 0;
    else if (s->missed_ms == 0)
        s->missed_ms = now;
    return s->missed_ms != 0 &&
           now - s->missed_ms >= (uint64_t)MISS_MS
                                     << served_doublings(s->tries);
}

static void
served_tell_late(struct served *s, const char *back)
{
    const struct dom_entry *de = domains_by_id(s->en, s->dom_id);
    char said[256];

    device_error(s->en, back, said, sizeof(said));
    event_add(
        s->en, EVENT_DEVICE, EVENT_WARN, &de->d,
        "%s %s is not connected to %s yet: %s", s->kind, s->name, s->server,
        said[0] != '\0' ? said : "look at the drivers and the toolstack there");
}

/* False: there is nothing to look at (now); s may be gone. */
static bool
served_waits_on(struct served *s, struct device_place *at, unsigned *back_out)
{
    const struct dom_entry *de = domains_by_id(s->en, s->dom_id);

    if (de == NULL || served_is_gone(s)) {
        served_drop(s);
        return false;
    }
    if (!served_place(s, at))
        return false;
    *back_out = device_back_state(s->en, at->back);
    if (*back_out != XENBUS_CONNECTED)
        return true;
    served_wait_end(s);
    s->state = SERVED_WELL;
    event_add(s->en, EVENT_DEVICE, EVENT_INFO, &de->d,
              "%s %s is connected again, to %s (domain %u)", s->kind, s->name,
              s->server, at->back_domid);
    return false;
}

static void
served_back_changed(struct store_watch *w, const char *path)
{
    struct device_place at;
    unsigned back;

    (void)path;
    (void)served_waits_on(container_of(w, struct served, watch), &at, &back);
}

static void
served_tick(struct loop_timer *lt)
{
    struct served *s = container_of(lt, struct served, timer);
    uint64_t now = loop_now_ms(engine_loop(s->en));
    const struct dom_entry *de;
    struct device_place at;
    unsigned back;

    loop_timer_arm(engine_loop(s->en), &s->timer, TICK_MS, served_tick);
    if (!served_waits_on(s, &at, &back))
        return;
    de = domains_by_id(s->en, s->dom_id);
    if (de->d.flags & DOM_F_PAUSED) {
        s->since_ms = now; /* it can see nothing */
        s->missed_ms = 0;
    } else if (is_given_up(s, back, now)) {
        served_wait_end(s);
        s->state = SERVED_LOST;
        served_look_in(s->en, 0);
    } else if (now - s->since_ms >= TELL_MS) {
        loop_timer_del(&s->timer); /* the watch stays */
        served_tell_late(s, at.back);
    }
}

void
served_wait(struct served *s)
{
    struct device_place at;
    struct err e = { 0 };
    char path[200];

    s->state = SERVED_WAITS;
    s->since_ms = loop_now_ms(engine_loop(s->en));
    s->missed_ms = 0;
    loop_timer_arm(engine_loop(s->en), &s->timer, TICK_MS, served_tick);
    if (!served_place(s, &at))
        return; /* the tick finds out */
    store_path(path, sizeof(path), "%s/state", at.back);
    store_watch_del(&s->watch);
    if (store_watch_add(engine_store(s->en), &s->watch, path,
                        served_back_changed, &e) < 0)
        log_line(engine_log(s->en), LOGL_WARN, "%s: %s", path, e.msg);
}
