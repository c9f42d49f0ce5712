/*
 * leftover.c - what dead domains of ours left: nodes below /libxl with our
 * mark, libxl's userdata files, configurations that are no definitions. Only
 * what no listed domain and no operation at work can own is touched.
 */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "engine/config/core/config.h"
#include "engine/guest/nodes.h"
#include "engine/host/domains.h"
#include "engine/life/define.h"
#include "engine/life/leftover.h"
#include "engine/life/life_int.h"
#include "engine/model/mark.h"
#include "engine/record/db.h"
#include "engine/record/db_before.h"
#include "engine/record/userdata.h"
#include "engine/task/oplog.h"

struct in_use {
    struct engine *en;
    struct oplog_list ops; /* of all engines, ours too */
};

static bool
leftover_used(const struct in_use *u, const uint8_t uuid[16])
{
    size_t i;

    if (domains_by_uuid(u->en, uuid) != NULL)
        return true;
    for (i = 0; i < u->ops.n; i++)
        if (u->ops.list[i].live && memcmp(u->ops.list[i].uuid, uuid, 16) == 0)
            return true;
    return false;
}

void
leftovers_forget(struct engine *en, const uint8_t uuid[16])
{
    struct err e = { 0 };

    userdata_remove_all(engine_paths(en)->libxl, uuid);
    if (db_forget(engine_paths(en)->state, uuid, &e) < 0)
        log_line(engine_log(en), LOGL_WARN, "%s", e.msg);
    if (db_before_found(engine_paths(en)->state, uuid))
        defs_changed(en, uuid);
}

/* --- xenstore --- */

static bool
marked(struct engine *en, uint32_t domid, uint8_t uuid[16])
{
    char path[96], text[64];

    store_path(path, sizeof(path), "/libxl/%u/" MARK_DIR "/owner", domid);
    if (store_read_text(engine_store(en), 0, path, text, sizeof(text), NULL) <
            0 ||
        strcmp(text, MARK_OWNER) != 0)
        return false;
    store_path(path, sizeof(path), "/libxl/%u/" MARK_DIR "/uuid", domid);
    return store_read_text(engine_store(en), 0, path, text, sizeof(text),
                           NULL) == 0 &&
           uuid_parse_text(text, uuid);
}

static size_t
leftover_remove_nodes(const struct in_use *u)
{
    struct engine *en = u->en;
    struct buf ids = { 0 };
    unsigned long long domid;
    uint8_t uuid[16];
    const char *id;
    size_t i, n, left = 0;
    struct err e = { 0 };

    if (store_list(engine_store(en), 0, "/libxl", &ids, &n, NULL) < 0)
        return 0;
    for (i = 0, id = ids.data; i < n; i++, id += strlen(id) + 1) {
        if (!text_u64(id, 1, HV_DOMID_MAX, &domid) ||
            domains_by_domid(en, (uint32_t)domid) != NULL ||
            !marked(en, (uint32_t)domid, uuid) || leftover_used(u, uuid))
            continue;
        left++;
        if (nodes_remove(engine_store(en), (uint32_t)domid, uuid, &e) < 0)
            log_line(engine_log(en), LOGL_WARN, "%s", e.msg);
        else
            event_add_for(en, EVENT_ENGINE, EVENT_WARN, (uint32_t)domid, "",
                          "nodes of domain %llu, which is gone, are removed "
                          "from xenstore",
                          domid);
    }
    buf_free(&ids);
    return left;
}

/* --- files --- */

/* One that cannot be read is kept: somebody may mend it. */
static bool
forget_one(struct engine *en, const uint8_t uuid[16])
{
    struct domain_config *c = NULL;
    struct err e = { 0 };

    if (db_load(engine_paths(en)->state, uuid, &c, &e) < 0) {
        log_line(engine_log(en), LOGL_WARN,
                 "recovery: this configuration is of no domain, and kept as it "
                 "cannot be read: %s",
                 e.msg);
        return false;
    }
    event_add_for(en, EVENT_ENGINE, EVENT_WARN, 0, c->name,
                  "ended by another tool, or while no engine ran: its "
                  "configuration is forgotten");
    config_free(c);
    leftovers_forget(en, uuid);
    return true;
}

static size_t
remove_files(const struct in_use *u)
{
    struct engine *en = u->en;
    struct dirent **names;
    int i, n = scandir(engine_paths(en)->state, &names, NULL, alphasort);
    uint8_t uuid[16];
    size_t left = 0;

    for (i = 0; i < n; i++) {
        if (db_before_is(names[i]->d_name, uuid) && !leftover_used(u, uuid) &&
            db_before_found(engine_paths(en)->state, uuid))
            defs_changed(en, uuid);
        if (db_is_conf(names[i]->d_name, uuid) && !leftover_used(u, uuid) &&
            !db_kept(engine_paths(en)->state, uuid) && forget_one(en, uuid))
            left++;
        free(names[i]);
    }
    if (n >= 0)
        free(names);
    return left;
}

static bool
domid_used(const struct in_use *u, uint32_t domid)
{
    size_t i;

    for (i = 0; i < u->ops.n; i++)
        if (u->ops.list[i].live && u->ops.list[i].domid == domid)
            return true;
    return domains_by_domid(u->en, domid) != NULL;
}

/* What a script wrote after another tool had removed the device: it makes the
 * node of the backend anew. */
static void
remove_backend(struct engine *en, const char *kind, uint32_t domid)
{
    struct err e = { 0 };
    char path[96];

    store_path(path, sizeof(path), "/local/domain/0/backend/%s/%u", kind,
               domid);
    if (store_rm_up(engine_store(en), 0, path, 1, &e) < 0)
        log_line(engine_log(en), LOGL_WARN, "%s", e.msg);
    else
        event_add_for(en, EVENT_ENGINE, EVENT_WARN, domid, "",
                      "%s is removed: its domain is gone", path);
}

/* Those of one kind whose domains this engine saw go. */
static bool
remove_gone_of(const struct in_use *u, const char *kind)
{
    struct buf ids = { 0 };
    struct err e = { 0 };
    unsigned long long domid;
    char path[96];
    const char *id;
    size_t i, n;

    store_path(path, sizeof(path), "/local/domain/0/backend/%s", kind);
    if (store_list(engine_store(u->en), 0, path, &ids, &n, &e) < 0)
        return e.code == ERR_NOENT;
    for (i = 0, id = ids.data; i < n; i++, id += strlen(id) + 1)
        if (text_u64(id, 1, HV_DOMID_MAX, &domid) &&
            life_is_gone(life_room(u->en), (uint32_t)domid) &&
            !domid_used(u, (uint32_t)domid))
            remove_backend(u->en, kind, (uint32_t)domid);
    buf_free(&ids);
    return true;
}

/* Once all kinds could be looked at nobody is left to look for. */
static void
remove_gone(const struct in_use *u)
{
    struct life_room *r = life_room(u->en);
    struct buf kinds = { 0 };
    struct err e = { 0 };
    const char *kind;
    bool seen = true;
    size_t i, n;

    if (!r->any_gone)
        return;
    if (store_list(engine_store(u->en), 0, "/local/domain/0/backend", &kinds,
                   &n, &e) < 0) {
        n = 0;
        seen = e.code == ERR_NOENT;
    }
    for (i = 0, kind = kinds.data; i < n; i++, kind += strlen(kind) + 1)
        seen = remove_gone_of(u, kind) && seen;
    buf_free(&kinds);
    if (!seen)
        return;
    memset(r->gone, 0, sizeof(r->gone));
    r->any_gone = false;
}

size_t
leftovers_remove(struct engine *en)
{
    struct in_use u = { .en = en };
    size_t left = 0;

    oplog_read_all(en, &u.ops);
    if (u.ops.whole && u.ops.newer[0] == '\0') {
        remove_gone(&u);
        left = leftover_remove_nodes(&u) + remove_files(&u);
    }
    free(u.ops.list);
    return left;
}
