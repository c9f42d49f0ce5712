/*
 * lost_devices.c - devices that another tool took from a domain of ours while
 * it ran: xl tells nobody, so at its end what libxl's tree no longer has is
 * struck from the configuration that its next life is made from.
 * Invariant: compared once a life, before the first device is removed here;
 * a node says so, for whoever tries this ending again.
 */
#include <string.h>
#include <strings.h>

#include "engine/config/core/vdev.h"
#include "engine/device/device.h"
#include "engine/life/ending.h"
#include "engine/model/mark.h"
#include "engine/record/db.h"

enum found { THERE, ABSENT, UNKNOWN };

/* Only a plain "there is none" says that it is gone. */
static enum found
look(struct store *st, const char *path, char *dst, size_t n)
{
    struct err e = { 0 };

    if (store_read_text(st, 0, path, dst, n, &e) == 0)
        return THERE;
    return e.code == ERR_NOENT ? ABSENT : UNKNOWN;
}

static enum found
look_vbd(const struct ending *x, const struct config_device *d)
{
    const char *vdev = config_device_value(d, "vdev");
    char path[96], text[16];
    uint32_t number;

    if (config_device_value(d, "path") == NULL || vdev == NULL ||
        !vdev_parse(vdev, &number))
        return UNKNOWN; /* an empty drive has no nodes */
    store_path(path, sizeof(path), "/libxl/%u/device/vbd/%u", x->domid, number);
    return look(engine_store(x->t.en), path, text, sizeof(text));
}

static enum found
look_vif(const struct ending *x, const struct config_device *d)
{
    const char *mac = config_device_value(d, "mac"), *id;
    struct store *st = engine_store(x->t.en);
    enum found rc = ABSENT, one;
    struct buf ids = { 0 };
    struct err e = { 0 };
    char path[128], text[32];
    size_t i, n = 0;

    store_path(path, sizeof(path), "/libxl/%u/device/vif", x->domid);
    if (mac == NULL ||
        (store_list(st, 0, path, &ids, &n, &e) < 0 && e.code != ERR_NOENT))
        rc = UNKNOWN;
    for (i = 0, id = ids.data; i < n && rc == ABSENT; i++) {
        store_path(path, sizeof(path), "/libxl/%u/device/vif/%.16s/mac",
                   x->domid, id);
        one = look(st, path, text, sizeof(text));
        if (one == UNKNOWN || (one == THERE && strcasecmp(text, mac) == 0))
            rc = one;
        id += strlen(id) + 1;
    }
    buf_free(&ids);
    return rc;
}

static enum found
look_pci(const struct ending *x, const struct config_device *d)
{
    const char *bdf = config_device_value(d, "bdf");
    struct dom_device rows[DEVICES_MAX];
    char path[96], text[16];
    size_t i, n = 0, n_pci = 0;
    enum found dir;

    store_path(path, sizeof(path), "/libxl/%u/device/pci/0", x->domid);
    dir = look(engine_store(x->t.en), path, text, sizeof(text));
    if (dir != THERE || bdf == NULL)
        return bdf == NULL ? UNKNOWN : dir;
    if (devices_read(x->t.en, x->domid, rows, DEVICES_MAX, &n, NULL) < 0)
        return UNKNOWN;
    for (i = 0; i < n && i < DEVICES_MAX; i++) {
        if (strcmp(rows[i].kind, "pci") != 0)
            continue;
        if (strcmp(rows[i].name, bdf) == 0)
            return THERE;
        n_pci++;
    }
    return n_pci > 0 && n <= DEVICES_MAX ? ABSENT : UNKNOWN;
}

/* Other kinds no tool takes from a running domain. */
static enum found
look_device(const struct ending *x, const struct config_device *d)
{
    if (strcmp(d->kind, "vbd") == 0)
        return look_vbd(x, d);
    if (strcmp(d->kind, "vif") == 0)
        return look_vif(x, d);
    if (strcmp(d->kind, "pci") == 0)
        return look_pci(x, d);
    return THERE;
}

static void
tell(const struct ending *x, const struct config_device *d)
{
    const char *keys[] = { "vdev", "mac", "bdf" }, *name = NULL;
    size_t i;

    for (i = 0; i < 3 && name == NULL; i++)
        name = config_device_value(d, keys[i]);
    event_add_for(x->t.en, EVENT_DEVICE, EVENT_WARN, x->domid, x->t.op->name,
                  "%s %s was removed by another tool: off its configuration",
                  d->kind, name != NULL ? name : "");
}

static size_t
strike_out(struct ending *x)
{
    size_t i = 0, n = 0;

    while (i < x->cfg->n_devices) {
        if (look_device(x, &x->cfg->devices[i]) != ABSENT) {
            i++;
            continue;
        }
        tell(x, &x->cfg->devices[i]);
        config_device_del(x->cfg, i);
        n++;
    }
    return n;
}

/* A domain that xl destroys loses its devices before it is gone; a
 * configuration from a file may have devices that this life never had. */
static bool
comparable(const struct ending *x, const struct dom_entry *de)
{
    struct db_state s;
    char path[96];

    if (x->cfg == NULL || x->cfg->n_devices == 0 || de == NULL ||
        x->verb == OP_DESTROY || x->bare ||
        (de->d.flags & (DOM_F_SHUTDOWN | DOM_F_DYING)) != DOM_F_SHUTDOWN)
        return false;
    db_state_load(engine_paths(x->t.en)->state, x->uuid, &s);
    if (s.redefined)
        return false;
    store_path(path, sizeof(path), "/libxl/%u/" MARK_DIR "/owner", x->domid);
    if (!store_exists(engine_store(x->t.en), 0, path))
        return false;
    store_path(path, sizeof(path), "/libxl/%u/" MARK_DIR "/compared", x->domid);
    return !store_exists(engine_store(x->t.en), 0, path);
}

void
ending_compare_devices(struct ending *x)
{
    const struct dom_entry *de = domains_by_id(x->t.en, x->dom_id);
    struct err e = { 0 };
    char path[96];

    if (!comparable(x, de))
        return;
    if (strike_out(x) > 0 &&
        db_save(engine_paths(x->t.en)->state, x->uuid, x->cfg, &e) < 0)
        log_line(engine_log(x->t.en), LOGL_WARN, "%s: %s", x->t.op->name,
                 e.msg);
    store_path(path, sizeof(path), "/libxl/%u/" MARK_DIR "/compared", x->domid);
    if (store_write(engine_store(x->t.en), 0, path, "1", &e) < 0)
        log_line(engine_log(x->t.en), LOGL_WARN, "%s: %s", x->t.op->name,
                 e.msg);
}
