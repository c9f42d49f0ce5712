/*
 * served_scan.c - what an engine finds at its start, or takes over: which
 * devices of our domains are served by others, and which of them have lost
 * their server while nobody looked. A few domains a turn, for a host has
 * hundreds and most of them no such device. A look that fails is no answer: the
 * domain is looked at again after a while.
 */
#include <stdlib.h>
#include <string.h>

#include "engine/device/device_handler.h"
#include "engine/device/device_read.h"
#include "engine/device/served/served_int.h"
#include "engine/record/db.h"
#include "src/base/xalloc.h"

#define SCAN_DOMAINS 8 /* a turn */
#define SCAN_MS      10
#define RESCAN_MS    1000

/* A domain that is looked at. */
struct scan {
    struct engine *en;
    const struct dom *d;
    size_t n_served; /* devices that dom0 does not serve */
    struct err why;  /* one could not be read */
    bool unsure;     /* one is lost, and not found in the configuration */
};

struct config_device *
served_config(const struct dom_device *row, struct domain_config *c)
{
    struct device probe = { .type = device_type_find(row->kind),
                            .devid = row->devid };
    size_t i;

    if (probe.type == NULL || probe.type->is_config == NULL)
        return NULL;
    if (probe.type->note_id != NULL)
        probe.type->note_id(&probe, row);
    for (i = 0; i < c->n_devices; i++)
        if (strcmp(c->devices[i].kind, row->kind) == 0 &&
            probe.type->is_config(&probe, &c->devices[i]))
            return &c->devices[i];
    return NULL;
}

/* --- one device --- */

/* The name of the server that the configuration has; "": it has none. A number
 * there is that of a domain which is gone, whatever has it as its name. */
static int
scan_server(const struct scan *sc, const struct dom_device *row,
            char dst[MODEL_NAME_MAX], struct err *e)
{
    const char *dir = engine_paths(sc->en)->state, *name = NULL;
    const struct config_device *dev;
    struct domain_config *c;
    unsigned long long domid;
    struct err why = { 0 };

    dst[0] = '\0';
    if (db_load(dir, sc->d->uuid, &c, &why) < 0) {
        if (why.code == ERR_NOENT || why.sys == 0)
            return 0;
        *e = why;
        return -1;
    }
    dev = served_config(row, c);
    if (dev != NULL)
        name = config_device_value(dev, "backend");
    if (name != NULL && !text_u64(name, 0, HV_DOMID_MAX, &domid))
        text_fmt(dst, MODEL_NAME_MAX, "%s", name);
    config_free(c);
    return 0;
}

/* DOM_DEVICE_LOST, or the state of its backend. */
static int
scan_state(struct engine *en, const struct device_place *at, unsigned *state,
           struct err *e)
{
    struct err why = { 0 };
    char path[200];
    uint64_t v = XENBUS_INIT;
    bool there;

    *state = DOM_DEVICE_LOST;
    if (!device_server_lives(en, at->back_domid))
        return 0;
    if (store_has(engine_store(en), 0, at->back, &there, e) < 0)
        return -1;
    if (!there)
        return 0;
    store_path(path, sizeof(path), "%s/state", at->back);
    if (store_read_u64(engine_store(en), 0, path, 16, &v, &why) < 0 &&
        why.code != ERR_NOENT && why.code != ERR_INVALID) {
        *e = why;
        return -1;
    }
    *state = (unsigned)v;
    return 0;
}

/* An entry that stands is right as a rule, and may be at work. */
static bool
scan_differs(const struct served *s, unsigned state)
{
    if (s->name[0] == '\0') /* new */
        return true;
    if (s->state == SERVED_WELL)
        return state == DOM_DEVICE_LOST;
    return s->state == SERVED_LOST && state == XENBUS_CONNECTED;
}

/* An engine that died may have left it to be taken by its guest, or to be tried
 * again. */
static bool
scan_is_awaited(const struct dom *d, unsigned state)
{
    return state != DOM_DEVICE_LOST && state != XENBUS_CONNECTED && d->owned &&
           !d->building && !(d->flags & (DOM_F_SHUTDOWN | DOM_F_DYING));
}

static void
scan_enter(const struct scan *sc, const struct dom_device *row,
           const struct dom *by, unsigned state, const char *server)
{
    struct served *s =
        served_add(served_room(sc->en), sc->d, row->kind, row->devid);

    if (!scan_differs(s, state))
        return;
    served_wait_end(s);
    text_fmt(s->name, sizeof(s->name), "%s", row->name);
    text_fmt(s->server, sizeof(s->server), "%s", server);
    s->server_id = by != NULL ? by->id : 0;
    s->state = state == DOM_DEVICE_LOST ? SERVED_LOST : SERVED_WELL;
    if (!scan_is_awaited(sc->d, state))
        return;
    s->tries = 1;
    served_wait(s);
}

static int
scan_row(struct scan *sc, const struct dom_device *row, struct err *e)
{
    const struct dom_entry *by;
    char server[MODEL_NAME_MAX];
    struct device_place at;
    struct err why = { 0 };
    unsigned state;
    bool lost;

    if (!device_place_read(sc->en, sc->d->domid, row->kind, row->devid, &at,
                           &why)) {
        *e = why;
        return why.code == ERR_NOENT ? 0 : -1;
    }
    if (scan_state(sc->en, &at, &state, e) < 0)
        return -1;
    lost = state == DOM_DEVICE_LOST;
    by = lost ? NULL : domains_by_domid(sc->en, at.back_domid);
    if (lost && scan_server(sc, row, server, e) < 0)
        return -1;
    if (!lost)
        text_fmt(server, sizeof(server), "%s", by != NULL ? by->d.name : "");
    if (server[0] == '\0')
        sc->unsure |= lost;
    else
        scan_enter(sc, row, by != NULL ? &by->d : NULL, state, server);
    return 0;
}

/* --- all of a domain --- */

static void
scan_id(void *arg, const char *kind, uint32_t devid)
{
    struct scan *sc = arg;
    struct device_place at;
    struct err why = { 0 };

    if (device_place_read(sc->en, sc->d->domid, kind, devid, &at, &why))
        sc->n_served += at.back_domid != 0;
    else if (why.code != ERR_NOENT)
        sc->why = why;
}

static int
scan_kind(void *arg, const char *kind, struct err *e)
{
    const struct device_type *type = device_type_find(kind);
    struct scan *sc = arg;

    if (type == NULL || !type->kernel)
        return 0;
    return device_ids_each(sc->en, sc->d->domid, kind, scan_id, sc, e);
}

static int
scan_rows(struct scan *sc, const struct dom_device *rows, size_t n,
          struct err *e)
{
    size_t i, seen = 0;

    for (i = 0; i < n && i < DEVICES_MAX; i++) {
        const struct device_type *type = device_type_find(rows[i].kind);

        if (type == NULL || !type->kernel || rows[i].backend_domid == 0)
            continue;
        seen++;
        if (scan_row(sc, &rows[i], e) < 0)
            return -1;
    }
    return seen >= sc->n_served
               ? 0
               : err_set(e, ERR_IO, "xenstore does not tell of all of them");
}

static int
scan_domain(struct scan *sc, struct err *e)
{
    struct dom_device *rows;
    size_t n = 0;
    int rc;

    if (device_kinds_each(sc->en, sc->d->domid, scan_kind, sc, e) < 0)
        return -1;
    if (sc->why.code != ERR_NONE) {
        *e = sc->why;
        return -1;
    }
    if (sc->n_served == 0)
        return 0;
    rows = xcalloc(DEVICES_MAX, sizeof(*rows));
    rc = devices_read(sc->en, sc->d->domid, rows, DEVICES_MAX, &n, e);
    if (rc == 0)
        rc = scan_rows(sc, rows, n, e);
    free(rows);
    return rc;
}

/* --- those that are looked at again --- */

static struct scan_failed *
scan_failed_of(const struct served_room *r, uint64_t dom_id)
{
    size_t i;

    for (i = 0; i < r->n_failed; i++)
        if (r->failed[i].dom_id == dom_id)
            return &r->failed[i];
    return NULL;
}

static void
scan_again(struct loop_timer *lt)
{
    struct served_room *r = container_of(lt, struct served_room, rescanning);
    size_t i = 0;

    while (i < r->n_failed) {
        if (domains_by_id(r->en, r->failed[i].dom_id) != NULL)
            served_scan(r, r->failed[i++].dom_id);
        else
            r->failed[i] = r->failed[--r->n_failed];
    }
}

/* e: why, NULL: it may just have nothing to be found. */
static void
scan_put_off(struct served_room *r, const struct dom *d, const struct err *e)
{
    struct scan_failed *f = scan_failed_of(r, d->id);

    if (f == NULL) {
        r->failed = xrealloc(r->failed, r->n_failed + 1, sizeof(r->failed[0]));
        f = &r->failed[r->n_failed++];
        *f = (struct scan_failed){ .dom_id = d->id };
    }
    if (e != NULL && !f->told) {
        f->told = true;
        event_add(r->en, EVENT_DEVICE, EVENT_WARN, d,
                  "whether other domains serve its devices cannot be told now, "
                  "and is looked for again: %s",
                  e->msg);
    }
    if (!loop_timer_active(&r->rescanning))
        loop_timer_arm(engine_loop(r->en), &r->rescanning, RESCAN_MS,
                       scan_again);
}

/* A lost device that no configuration names may be another tool's, or have a
 * name that could not be read: a second look tells. */
static void
scan_look(struct served_room *r, const struct dom *d)
{
    struct scan sc = { .en = r->en, .d = d };
    struct scan_failed *f = scan_failed_of(r, d->id);
    struct err e = { 0 };

    if (scan_domain(&sc, &e) < 0)
        scan_put_off(r, d, &e);
    else if (f == NULL && sc.unsure)
        scan_put_off(r, d, NULL);
    else if (f != NULL)
        *f = r->failed[--r->n_failed];
}

static void
scan_some(struct loop_timer *lt)
{
    struct served_room *r = container_of(lt, struct served_room, scanning);
    unsigned n;

    for (n = 0; n < SCAN_DOMAINS && r->n_scan > 0; n++) {
        const struct dom_entry *de = domains_by_id(r->en, r->scan[--r->n_scan]);

        if (de != NULL && de->d.domid != DOM_NO_DOMID)
            scan_look(r, &de->d);
    }
    if (r->n_scan > 0)
        loop_timer_arm(engine_loop(r->en), &r->scanning, SCAN_MS, scan_some);
    else
        served_look_in(r->en, SCAN_MS);
}

static bool
scan_has(const uint64_t *ids, size_t n, uint64_t id)
{
    size_t i;

    for (i = 0; i < n; i++)
        if (ids[i] == id)
            return true;
    return false;
}

void
served_scan_new(struct served_room *r, uint64_t dom_id)
{
    if (scan_has(r->scanned, r->n_scanned, dom_id))
        return;
    r->scanned = xrealloc(r->scanned, r->n_scanned + 1, sizeof(r->scanned[0]));
    r->scanned[r->n_scanned++] = dom_id;
    served_scan(r, dom_id);
}

void
served_scan_forget(struct served_room *r, uint64_t dom_id)
{
    size_t i;

    for (i = 0; i < r->n_scanned; i++)
        if (r->scanned[i] == dom_id) {
            r->scanned[i] = r->scanned[--r->n_scanned];
            return;
        }
}

void
served_scan(struct served_room *r, uint64_t dom_id)
{
    if (scan_has(r->scan, r->n_scan, dom_id))
        return;
    r->scan = xrealloc(r->scan, r->n_scan + 1, sizeof(r->scan[0]));
    r->scan[r->n_scan++] = dom_id;
    if (!loop_timer_active(&r->scanning))
        loop_timer_arm(engine_loop(r->en), &r->scanning, SCAN_MS, scan_some);
}

void
served_scan_close(struct served_room *r)
{
    loop_timer_del(&r->scanning);
    loop_timer_del(&r->rescanning);
    free(r->scan);
    free(r->scanned);
    free(r->failed);
    r->scan = r->scanned = NULL;
    r->failed = NULL;
    r->n_scan = r->n_scanned = r->n_failed = 0;
}
