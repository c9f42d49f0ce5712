/*
 * preserve.c - see preserve.h. As libxl does it the dead domain gets a new
 * directory below /vm; unlike libxl its handle in the hypervisor follows, for
 * two domains of one uuid cannot be told apart by it.
 */
#include "engine/life/end/preserve.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "engine/console/consoles_own.h"
#include "engine/model/mark.h"
#include "engine/record/db.h"
#include "engine/record/userdata.h"
#include "engine/task/oplog.h"
#include "engine/task/task.h"
#include "src/base/xalloc.h"

#define STAMP_CHARS 16 /* "-YYYYMMDDTHHMMSS" */
#define STAMP_TRIES 60

static void
preserve_mark_path(const struct dom_entry *de, char *dst, size_t n)
{
    store_path(dst, n, "/libxl/%u/" MARK_DIR "/preserved", de->d.domid);
}

static void
preserve_told(struct dom_entry *de)
{
    de->d.preserved = true;
    event_add(de->en, EVENT_ENGINE, EVENT_WARN, &de->d,
              "preserved after %s, as its configuration asks: destroy it when "
              "you are done",
              dom_reason_name(de->d.reason));
    engine_changed(de->en, ENGINE_CH_DOMS);
}

int
preserve_mark(struct dom_entry *de, struct err *e)
{
    char path[96];

    preserve_mark_path(de, path, sizeof(path));
    if (store_write(engine_store(de->en), 0, path,
                    dom_reason_name(de->d.reason), e) < 0)
        return -1;
    preserve_told(de);
    return 0;
}

/* Its new identity, and the old one. */
struct alias {
    const struct dom_entry *de;
    char name[MODEL_NAME_MAX];
    uint8_t uuid[16];
};

static void
stamped(char *out, size_t out_size, const char *name, double wall_s)
{
    time_t at = (time_t)wall_s;
    char stamp[32] = "";
    struct tm tm;

    if (localtime_r(&at, &tm) != NULL)
        strftime(stamp, sizeof(stamp), "%Y%m%dT%H%M%S", &tm);
    text_fmt(out, out_size, "%.*s-%s", CONFIG_NAME_MAX - STAMP_CHARS, name,
             stamp);
}

/* Two deaths in one second get two names. */
static int
preserve_choose(struct alias *a, struct err *e)
{
    struct engine *en = a->de->en;
    double now = loop_wall_s(engine_loop(en));
    int i;

    for (i = 0; i < STAMP_TRIES; i++) {
        stamped(a->name, sizeof(a->name), a->de->d.name, now + i);
        if (domains_by_name(en, a->name) == NULL)
            return uuid_make(a->uuid, e);
    }
    return err_set(e, ERR_EXISTS, "no free name for the dead '%s'",
                   a->de->d.name);
}

/* One node of /vm/OLD into /vm/NEW; no guest can write there. */
static int
copy_node(struct store *st, store_tx tx, const char *from, const char *to,
          const char *name, struct err *e)
{
    struct buf value = { 0 };
    struct err why = { 0 };
    char path[128];
    int rc;

    store_path(path, sizeof(path), "%s/%s", from, name);
    rc = store_read(st, tx, path, &value, &why);
    if (rc == 0) {
        store_path(path, sizeof(path), "%s/%s", to, name);
        rc = store_write(st, tx, path, buf_text(&value), e);
    } else if (why.code == ERR_NOENT) {
        rc = 0;
    } else {
        *e = why;
    }
    buf_free(&value);
    return rc;
}

static int
move_vm(struct store *st, store_tx tx, const struct alias *a, struct err *e)
{
    static const char *const nodes[] = { "start_time", "image/ostype",
                                         "image/kernel", "image/cmdline",
                                         "image/ramdisk" };
    struct store_perm perm[2] = { { 0, STORE_PERM_NONE },
                                  { a->de->d.domid, STORE_PERM_READ } };
    char from[64], to[64], path[96], old[37], new[37];
    size_t i;

    uuid_print_text(a->de->d.uuid, old);
    uuid_print_text(a->uuid, new);
    store_path(from, sizeof(from), "/vm/%s", old);
    store_path(to, sizeof(to), "/vm/%s", new);
    if (store_write(st, tx, to, "", e) < 0 ||
        store_set_perms(st, tx, to, perm, 2, e) < 0)
        return -1;
    for (i = 0; i < sizeof(nodes) / sizeof(nodes[0]); i++)
        if (copy_node(st, tx, from, to, nodes[i], e) < 0)
            return -1;
    store_path(path, sizeof(path), "%s/uuid", to);
    if (store_write(st, tx, path, new, e) < 0)
        return -1;
    store_path(path, sizeof(path), "%s/name", to);
    if (store_write(st, tx, path, a->name, e) < 0 ||
        store_rm(st, tx, from, e) < 0)
        return -1;
    store_path(path, sizeof(path), "/local/domain/%u/vm", a->de->d.domid);
    return store_write(st, tx, path, to, e);
}

static int
preserve_rename_body(struct store *st, store_tx tx, void *arg, struct err *e)
{
    const struct alias *a = arg;
    char path[96], uuid[37];

    if (move_vm(st, tx, a, e) < 0)
        return -1;
    store_path(path, sizeof(path), "/local/domain/%u/name", a->de->d.domid);
    if (store_write(st, tx, path, a->name, e) < 0)
        return -1;
    store_path(path, sizeof(path), "/libxl/%u/" MARK_DIR "/uuid",
               a->de->d.domid);
    uuid_print_text(a->uuid, uuid);
    if (store_write(st, tx, path, uuid, e) < 0)
        return -1;
    preserve_mark_path(a->de, path, sizeof(path));
    return store_write(st, tx, path, dom_reason_name(a->de->d.reason), e);
}

/* The dead one's own entry: an engine that finds it later knows it as ours. */
static int
preserve_record(const struct alias *a, const struct domain_config *cfg,
                struct err *e)
{
    struct domain_config copy = *cfg;

    copy.name = (char *)(uintptr_t)a->name;
    memcpy(copy.uuid, a->uuid, sizeof(copy.uuid));
    copy.autostart = false;
    return db_save(engine_paths(a->de->en)->state, a->uuid, &copy, e);
}

static int
apply(struct alias *a, struct err *e)
{
    struct engine *en = a->de->en;
    uint32_t domid = a->de->d.domid;

    if (hv_set_uuid(engine_hv(en), domid, a->uuid, e) < 0)
        return -1;
    if (store_tx_run(engine_store(en), preserve_rename_body, a, e) == 0)
        return 0;
    (void)hv_set_uuid(engine_hv(en), domid, a->de->d.uuid, NULL);
    return -1;
}

/* A killed engine may leave it with the new uuid in the hypervisor only. */
static void
note_alias(const struct alias *a)
{
    struct task *t = task_on_dom(a->de->en, a->de->d.id);
    char uuid[37];

    uuid_print_text(a->uuid, uuid);
    if (t != NULL)
        oplog_note(t, "alias", "%s", uuid);
}

int
preserve_rename(struct dom_entry *de, const struct domain_config *cfg,
                struct err *e)
{
    struct alias a = { .de = de };
    struct engine *en = de->en;

    if (preserve_choose(&a, e) < 0 || preserve_record(&a, cfg, e) < 0)
        return -1;
    note_alias(&a);
    if (apply(&a, e) < 0) {
        (void)db_remove(engine_paths(en)->state, a.uuid, NULL);
        return -1;
    }
    userdata_rename(engine_paths(en)->libxl, de->d.domid, de->d.uuid, a.uuid);
    /* xl lists it by the name in xenstore: the one in the file may be late. */
    (void)userdata_set_name(engine_paths(en)->libxl, de->d.domid, a.uuid,
                            a.name, NULL);
    /* Whoever reads its console reads on in its next life. */
    console_dom_gone(de, dom_reason_name(de->d.reason));
    memcpy(de->d.uuid, a.uuid, sizeof(a.uuid));
    text_fmt(de->d.name, sizeof(de->d.name), "%s", a.name);
    preserve_told(de);
    return 0;
}
