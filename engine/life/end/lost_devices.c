/*
 * lost_devices.c - devices that another tool took from a domain of ours, or
 * attached to it, while it ran: xl tells nobody, so at its end what libxl's
 * tree no longer has is struck from the configuration that its next life is
 * made from, what it has more is added, and what it has changed is followed.
 * Invariant: compared once a life, before the first device is removed here;
 * a node says so, for whoever tries this ending again.
 */
#include "engine/device/device.h"
#include "engine/device/device_take.h"
#include "engine/life/ending.h"
#include "engine/model/mark.h"
#include "engine/record/db.h"

static enum device_found
look_device(const struct ending *x, const struct config_device *d)
{
    const struct device_type *type = device_traits(d->kind);

    if (x->cfg->model.dm_restrict && type->by_model != NULL &&
        type->by_model(d))
        return DEVICE_UNKNOWN;
    return type->find != NULL ? type->find(x->t.en, x->domid, d) : DEVICE_THERE;
}

static const char *
lost_devices_name(const struct config_device *d)
{
    const char *key = device_traits(d->kind)->id_key;
    const char *name = key != NULL ? config_device_value(d, key) : NULL;

    return name != NULL ? name : "";
}

static void
lost_devices_tell(const struct ending *x, const struct config_device *d)
{
    event_add_for(x->t.en, EVENT_DEVICE, EVENT_WARN, x->domid, x->t.op->name,
                  "%s %s was removed by another tool: off its configuration",
                  d->kind, lost_devices_name(d));
}

static size_t
strike_out(struct ending *x)
{
    size_t i = 0, n = 0;

    while (i < x->cfg->n_devices) {
        if (look_device(x, &x->cfg->devices[i]) != DEVICE_ABSENT) {
            i++;
            continue;
        }
        lost_devices_tell(x, &x->cfg->devices[i]);
        config_device_del(x->cfg, i);
        n++;
    }
    return n;
}

static void
lost_devices_tell_new(void *arg, const char *kind, const char *name,
                      enum device_taken how)
{
    static const char *const words[] = {
        [DEVICE_TAKEN] = "was attached by another tool: its configuration has "
                         "it now",
        [DEVICE_NOT_TAKEN] = "was attached by another tool: it is not in its "
                             "configuration, and its next life is without it",
        [DEVICE_UNREAD] = "could not be looked at: if another tool attached "
                          "it, its next life is without it",
    };
    const struct ending *x = arg;

    event_add_for(x->t.en, EVENT_DEVICE,
                  how == DEVICE_TAKEN ? EVENT_INFO : EVENT_WARN, x->domid,
                  x->t.op->name, "%s %s %s", kind,
                  name[0] != '\0' ? name : "(any)", words[how]);
}

/* Has another tool changed it? */
static bool
follow_device(const struct ending *x, struct config_device *d)
{
    const struct device_type *type = device_traits(d->kind);
    struct buf what = { 0 };
    bool blind = false, changed;

    if (type->follow == NULL)
        return false;
    changed = type->follow(x->t.en, x->domid, d, &what, &blind);
    if (changed)
        event_add_for(x->t.en, EVENT_DEVICE, EVENT_INFO, x->domid,
                      x->t.op->name,
                      "%s %s: %s by another tool: its configuration has that "
                      "now",
                      d->kind, lost_devices_name(d), buf_text(&what));
    if (blind)
        event_add_for(x->t.en, EVENT_DEVICE, EVENT_WARN, x->domid,
                      x->t.op->name,
                      "%s %s could not be looked at: what another tool changed "
                      "of it is not in its next life",
                      d->kind, lost_devices_name(d));
    buf_free(&what);
    return changed;
}

static size_t
follow_devices(struct ending *x)
{
    size_t i, n = 0;

    for (i = 0; i < x->cfg->n_devices; i++)
        n += follow_device(x, &x->cfg->devices[i]);
    return n;
}

/* A domain that xl destroys loses its devices before it is gone; a
 * configuration from a file may have devices that this life never had. */
static bool
comparable(const struct ending *x, const struct dom_entry *de)
{
    struct err e = { 0 };
    struct db_state s;
    char path[96];
    bool has;

    if (x->cfg == NULL || de == NULL || x->verb == OP_DESTROY || x->bare ||
        (de->d.flags & (DOM_F_SHUTDOWN | DOM_F_DYING)) != DOM_F_SHUTDOWN)
        return false;
    db_state_load(engine_paths(x->t.en)->state, x->uuid, &s);
    if (s.redefined)
        return false;
    store_path(path, sizeof(path), "/libxl/%u/" MARK_DIR "/owner", x->domid);
    if (store_absent(engine_store(x->t.en), 0, path))
        return false;
    store_path(path, sizeof(path), "/libxl/%u/" MARK_DIR "/compared", x->domid);
    if (store_has(engine_store(x->t.en), 0, path, &has, &e) == 0)
        return !has;
    event_add_for(x->t.en, EVENT_DEVICE, EVENT_WARN, x->domid, x->t.op->name,
                  "its devices could not be looked at: what another tool "
                  "attached, took or changed is not in its configuration (%s)",
                  e.msg);
    return false;
}

void
ending_compare_devices(struct ending *x)
{
    const struct dom_entry *de = domains_by_id(x->t.en, x->dom_id);
    struct err e = { 0 };
    char path[96];
    size_t n;

    if (!comparable(x, de))
        return;
    n = strike_out(x) + follow_devices(x);
    n += devices_take(x->t.en, x->domid, x->cfg, lost_devices_tell_new, x);
    if (n > 0 && db_save(engine_paths(x->t.en)->state, x->uuid, x->cfg, &e) < 0)
        log_line(engine_log(x->t.en), LOGL_WARN, "%s: %s", x->t.op->name,
                 e.msg);
    store_path(path, sizeof(path), "/libxl/%u/" MARK_DIR "/compared", x->domid);
    if (store_write(engine_store(x->t.en), 0, path, "1", &e) < 0)
        log_line(engine_log(x->t.en), LOGL_WARN, "%s: %s", x->t.op->name,
                 e.msg);
}
