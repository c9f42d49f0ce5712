/*
 * device_read.c - the devices of a domain for the front end, and whom a domain
 * serves. Which devices there are and where their backends stand comes from
 * below /libxl, which is dom0's alone; of a backend only its state and error
 * are read, as a bounded number and as text made safe.
 */
#include "engine/device/device_read.h"

#include <stdlib.h>
#include <string.h>

#include "engine/device/device_handler.h"
#include "engine/device/devices.h"
#include "engine/device/step.h"
#include "engine/host/rates.h"

struct listing {
    struct engine *en;
    uint32_t domid;
    struct dom_device *out;
    size_t max, n;
};

static void
device_read_no_rates(struct dom_device *row)
{
    row->rates.rx_bytes = row->rates.tx_bytes = -1;
    row->rates.rd_bytes = row->rates.wr_bytes = -1;
    row->rd_reqs = row->wr_reqs = row->rx_pkts = row->tx_pkts = -1;
}

/* The state of the backend; xenconsoled shakes no hands and leaves it as it
 * was written: nothing is known of it. */
static unsigned
shown_state(struct engine *en, const char *kind, const char *back)
{
    unsigned state = device_back_state(en, back);
    bool untouched = state == XENBUS_INIT;

    return untouched && device_traits(kind)->no_handshake ? 0 : state;
}

bool
device_server_lives(struct engine *en, uint32_t domid)
{
    const struct dom_entry *de = domains_by_domid(en, domid);

    if (domid == 0)
        return true;
    return de != NULL && !(de->d.flags & DOM_F_DYING) &&
           (!(de->d.flags & DOM_F_SHUTDOWN) || de->d.reason == DOM_SUSPEND);
}

bool
device_is_lost(struct engine *en, const struct device_place *at)
{
    return at->back_domid != 0 && (!device_server_lives(en, at->back_domid) ||
                                   store_absent(engine_store(en), 0, at->back));
}

static void
add_row(void *arg, const char *kind, uint32_t devid)
{
    struct listing *l = arg;
    const struct device_type *type = device_type_find(kind);
    struct device_place at;
    struct dom_device row = { .class = device_traits(kind)->class,
                              .devid = devid };
    size_t room, n = 1;

    if (l->n >= 4 * DEVICES_MAX ||
        !device_place_read(l->en, l->domid, kind, devid, &at, NULL))
        return;
    room = l->n < l->max ? l->max - l->n : 0;
    text_fmt(row.kind, sizeof(row.kind), "%s", kind);
    text_fmt(row.name, sizeof(row.name), "%.15s%u", kind, devid);
    text_fmt(row.back_kind, sizeof(row.back_kind), "%s", at.back_kind);
    row.backend_domid = at.back_domid;
    row.state = device_is_lost(l->en, &at) ? DOM_DEVICE_LOST
                                           : shown_state(l->en, kind, at.back);
    device_error(l->en, at.back, row.error, sizeof(row.error));
    device_read_no_rates(&row);
    if (type != NULL && type->rows != NULL)
        n = type->rows(
            &(struct device_stands){ l->en, l->domid, at.copy, at.back }, &row,
            l->out + l->n, room);
    else if (room > 0)
        l->out[l->n] = row;
    l->n += n;
}

/* The names below a directory of devices, which may not be there. */
static int
device_names(struct engine *en, const char *path, struct buf *out, size_t *n,
             struct err *e)
{
    struct err why = { 0 };

    *n = 0;
    if (store_list(engine_store(en), 0, path, out, n, &why) == 0 ||
        why.code == ERR_NOENT)
        return 0;
    if (e != NULL)
        *e = why;
    return -1;
}

int
device_ids_each(struct engine *en, uint32_t domid, const char *kind,
                device_id_cb *cb, void *arg, struct err *e)
{
    struct buf ids = { 0 };
    unsigned long long devid;
    char path[160];
    const char *s;
    size_t i, n;
    int rc;

    store_path(path, sizeof(path), "/libxl/%u/device/%s", domid, kind);
    rc = device_names(en, path, &ids, &n, e);
    for (i = 0, s = ids.data; i < n; i++, s += strlen(s) + 1)
        if (text_u64(s, 0, UINT32_MAX, &devid))
            cb(arg, kind, (uint32_t)devid);
    buf_free(&ids);
    return rc;
}

int
device_kinds_each(struct engine *en, uint32_t domid, device_kind_cb *cb,
                  void *arg, struct err *e)
{
    struct buf kinds = { 0 };
    char path[64];
    const char *s;
    size_t i, n;
    int rc;

    store_path(path, sizeof(path), "/libxl/%u/device", domid);
    rc = device_names(en, path, &kinds, &n, e);
    for (i = 0, s = kinds.data; rc == 0 && i < n; i++, s += strlen(s) + 1)
        rc = cb(arg, s, e);
    buf_free(&kinds);
    return rc;
}

static int
add_rows(void *arg, const char *kind, struct err *e)
{
    struct listing *l = arg;

    return device_ids_each(l->en, l->domid, kind, add_row, l, e);
}

int
devices_read(struct engine *en, uint32_t domid, struct dom_device *out,
             size_t max, size_t *n_out, struct err *e)
{
    struct listing l = { .en = en, .domid = domid, .out = out, .max = max };

    if (device_kinds_each(en, domid, add_rows, &l, e) < 0)
        return -1;
    *n_out = l.n;
    return 0;
}

int
engine_devices(struct engine *en, uint64_t dom_id, struct dom_device *out,
               size_t max, size_t *n_out, struct err *e)
{
    const struct dom_entry *de = domains_by_id(en, dom_id);

    if (de == NULL)
        return err_set(e, ERR_NOENT, "this domain no longer exists");
    *n_out = 0;
    if (de->d.domid == DOM_NO_DOMID)
        return 0; /* off: it has none */
    if (devices_read(en, de->d.domid, out, max, n_out, e) < 0)
        return -1;
    rates_devices(en, de->d.domid, out, *n_out < max ? *n_out : max);
    return 0;
}

/* --- whom a domain serves --- */

struct served {
    struct engine *en;
    uint32_t domid; /* of the server */
    struct buf *out;
    int n;
    bool blind; /* something could not be read */
};

/* What is not there has no names. */
static size_t
served_list(struct served *s, const char *path, struct buf *names)
{
    struct err why = { 0 };
    size_t n = 0;

    if (store_list(engine_store(s->en), 0, path, names, &n, &why) == 0)
        return n;
    s->blind |= why.code != ERR_NOENT;
    return 0;
}

/* The directory may be a driver domain's work: what counts is that the record
 * of the guest's devices says the same. */
static bool
serves_device(struct served *s, uint32_t domid, const char *front,
              uint32_t devid)
{
    struct device_place at;
    struct err why = { 0 };

    if (device_place_read(s->en, domid, front, devid, &at, &why))
        return at.back_domid == s->domid;
    s->blind |= why.code != ERR_NOENT;
    return false;
}

static bool
is_served(struct served *s, const char *kind, const char *guest)
{
    struct buf ids = { 0 };
    unsigned long long domid, devid;
    char path[128];
    const char *id, *front = device_kind_of_back(kind);
    bool found = false;
    size_t i, n;

    store_path(path, sizeof(path), "/local/domain/%u/backend/%s/%s", s->domid,
               kind, guest);
    if (!text_u64(guest, 1, HV_DOMID_MAX, &domid))
        return false;
    n = served_list(s, path, &ids);
    for (i = 0, id = ids.data; i < n && !found; i++, id += strlen(id) + 1)
        found = text_u64(id, 0, UINT32_MAX, &devid) &&
                serves_device(s, (uint32_t)domid, front, (uint32_t)devid);
    buf_free(&ids);
    return found;
}

static bool
has_name(const struct buf *list, const char *name)
{
    size_t n = strlen(name);
    const char *s = buf_text(list);

    for (; (s = strstr(s, name)) != NULL; s += n)
        if ((s == list->data || s[-1] == ' ') && (s[n] == ' ' || s[n] == '\0'))
            return true;
    return false;
}

static void
served_by_kind(struct served *s, const char *kind)
{
    struct buf guests = { 0 };
    const struct dom_entry *de;
    unsigned long long domid;
    char path[96];
    const char *id;
    size_t i, n;

    store_path(path, sizeof(path), "/local/domain/%u/backend/%s", s->domid,
               kind);
    n = served_list(s, path, &guests);
    for (i = 0, id = guests.data; i < n; i++, id += strlen(id) + 1) {
        if (!is_served(s, kind, id) || !text_u64(id, 1, HV_DOMID_MAX, &domid))
            continue;
        de = domains_by_domid(s->en, (uint32_t)domid);
        if (de == NULL || has_name(s->out, de->d.name))
            continue;
        buf_fmt(s->out, "%s%s", s->n++ > 0 ? " " : "", de->d.name);
    }
    buf_free(&guests);
}

int
engine_dependants(struct engine *en, uint64_t dom_id, struct buf *out)
{
    const struct dom_entry *de = domains_by_id(en, dom_id);
    struct served s = { .en = en, .out = out };
    struct buf kinds = { 0 };
    char path[64];
    const char *k;
    size_t i, n;

    if (de == NULL || de->d.domid == DOM_NO_DOMID)
        return 0;
    s.domid = de->d.domid;
    store_path(path, sizeof(path), "/local/domain/%u/backend", s.domid);
    n = served_list(&s, path, &kinds);
    for (i = 0, k = kinds.data; i < n; i++, k += strlen(k) + 1)
        served_by_kind(&s, k);
    buf_free(&kinds);
    return s.blind ? -1 : s.n;
}
