/*
 * served_scan.c - what an engine finds at its start, or takes over: which
 * devices of our domains are served by others, and which of them have lost
 * their server while nobody looked. A few domains a turn, for a host has
 * hundreds and most of them no such device.
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

/* The name of the server that the configuration has; "": it has none. A number
 * there is that of a domain which is gone, whatever has it as its name. */
static void
scan_server(const struct dom *d, const struct dom_device *row,
            char dst[MODEL_NAME_MAX], struct engine *en)
{
    struct domain_config *c;
    const struct config_device *dev;
    const char *name = NULL;
    unsigned long long domid;

    dst[0] = '\0';
    if (db_load(engine_paths(en)->state, d->uuid, &c, NULL) < 0)
        return;
    dev = served_config(row, c);
    if (dev != NULL)
        name = config_device_value(dev, "backend");
    if (name != NULL && !text_u64(name, 0, HV_DOMID_MAX, &domid))
        text_fmt(dst, MODEL_NAME_MAX, "%s", name);
    config_free(c);
}

static void
scan_row(struct engine *en, const struct dom *d, const struct dom_device *row)
{
    const struct dom_entry *by = domains_by_domid(en, row->backend_domid);
    bool lost = row->state == DOM_DEVICE_LOST;
    char server[MODEL_NAME_MAX];
    struct served *s;

    if (lost)
        scan_server(d, row, server, en);
    else
        text_fmt(server, sizeof(server), "%s", by != NULL ? by->d.name : "");
    if (server[0] == '\0')
        return;
    s = served_add(served_room(en), d, row->kind, row->devid);
    text_fmt(s->name, sizeof(s->name), "%s", row->name);
    text_fmt(s->server, sizeof(s->server), "%s", server);
    s->server_id = lost || by == NULL ? 0 : by->d.id;
    s->state = lost ? SERVED_LOST : SERVED_WELL;
}

struct scan {
    struct engine *en;
    uint32_t domid;
    bool served; /* it has one at least that dom0 does not serve */
};

static void
scan_id(void *arg, const char *kind, uint32_t devid)
{
    struct scan *sc = arg;
    struct device_place at;

    sc->served = sc->served || (device_place_read(sc->en, sc->domid, kind,
                                                  devid, &at, NULL) &&
                                at.back_domid != 0);
}

static int
scan_kind(void *arg, const char *kind, struct err *e)
{
    const struct device_type *type = device_type_find(kind);
    struct scan *sc = arg;

    if (type == NULL || !type->kernel)
        return 0;
    return device_ids_each(sc->en, sc->domid, kind, scan_id, sc, e);
}

static void
scan_domain(struct engine *en, const struct dom *d)
{
    struct scan sc = { .en = en, .domid = d->domid };
    struct dom_device *rows;
    struct err e = { 0 };
    size_t i, n = 0;

    if (device_kinds_each(en, d->domid, scan_kind, &sc, &e) < 0)
        log_line(engine_log(en), LOGL_WARN, "devices of %s: %s", d->name,
                 e.msg);
    if (!sc.served)
        return;
    rows = xcalloc(DEVICES_MAX, sizeof(*rows));
    if (devices_read(en, d->domid, rows, DEVICES_MAX, &n, &e) < 0)
        n = 0;
    for (i = 0; i < n && i < DEVICES_MAX; i++) {
        const struct device_type *type = device_type_find(rows[i].kind);

        if (type != NULL && type->kernel && rows[i].backend_domid != 0)
            scan_row(en, d, &rows[i]);
    }
    free(rows);
}

static void
scan_some(struct loop_timer *lt)
{
    struct served_room *r = container_of(lt, struct served_room, scanning);
    unsigned n;

    for (n = 0; n < SCAN_DOMAINS && r->n_scan > 0; n++) {
        const struct dom_entry *de = domains_by_id(r->en, r->scan[--r->n_scan]);

        if (de != NULL && de->d.domid != DOM_NO_DOMID)
            scan_domain(r->en, &de->d);
    }
    if (r->n_scan > 0)
        loop_timer_arm(engine_loop(r->en), &r->scanning, SCAN_MS, scan_some);
    else
        served_look_in(r->en, SCAN_MS);
}

void
served_scan(struct served_room *r, uint64_t dom_id)
{
    r->scan = xrealloc(r->scan, r->n_scan + 1, sizeof(r->scan[0]));
    r->scan[r->n_scan++] = dom_id;
    if (!loop_timer_active(&r->scanning))
        loop_timer_arm(engine_loop(r->en), &r->scanning, SCAN_MS, scan_some);
}

void
served_scan_close(struct served_room *r)
{
    loop_timer_del(&r->scanning);
    free(r->scan);
    r->scan = NULL;
    r->n_scan = 0;
}
