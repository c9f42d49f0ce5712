/*
 * incoming.c - see incoming.h. The permission is on record before anything
 * follows from it; what makes the domain ours (its identity among those that
 * have come, its name, its mark) is the next engine's to do if this one dies.
 */
#include "engine/life/migrate/incoming.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/config/core/setting.h"
#include "engine/dom0/dom0.h"
#include "engine/life/define.h"
#include "engine/life/life_int.h"
#include "engine/model/mark.h"
#include "src/base/xalloc.h"

#define NOT_STARTED 1 /* the report of a domain that does not run */

static struct create *
incoming_create(struct task *t)
{
    return container_of(t, struct create, t);
}

void
incoming_enter(struct create *c)
{
    struct incoming *in = c->o.incoming;

    in->link.task = &c->t;
    list_append(&life_room(c->t.en)->incomings, &in->node);
    text_fmt(c->shown, sizeof(c->shown), "%.*s--incoming",
             (int)(sizeof(c->shown) - sizeof("--incoming")), c->cfg->name);
    oplog_note(&c->t, "want", "%s", in->note.id);
}

void
incoming_free(struct incoming *in)
{
    if (in == NULL)
        return;
    if (list_linked(&in->node))
        list_del(&in->node);
    move_link_close(&in->link);
    free(in);
}

/* --- could it run here? */

static int
check_version(const struct move_note *n, const struct hv_host *host,
              struct err *e)
{
    unsigned long major = strtoul(host->version, NULL, 10), minor = 0;
    const char *dot = strchr(host->version, '.');

    if (dot != NULL)
        minor = strtoul(dot + 1, NULL, 10);
    if (n->xen_major < major ||
        (n->xen_major == major && n->xen_minor <= minor))
        return 0;
    return err_set(e, ERR_UNSUPPORTED,
                   "it comes from Xen %u.%u, and this is Xen %lu.%lu: a domain "
                   "goes to the same version or a later one",
                   n->xen_major, n->xen_minor, major, minor);
}

static int
incoming_check_cpu(struct engine *en, const struct move_note *n,
                   enum hv_kind kind, struct err *e)
{
    uint32_t words[MOVE_CPU_WORDS] = { 0 };
    unsigned i, have = MOVE_CPU_WORDS;

    if (n->n_cpu == 0)
        return 0;
    if (hv_cpu_features(engine_hv(en), kind, words, &have, e) < 0)
        return -1;
    for (i = 0; i < n->n_cpu; i++)
        if ((n->cpu[i] & ~words[i]) != 0)
            return err_set(e, ERR_UNSUPPORTED,
                           "the processors here lack features that it may use "
                           "(0x%08x of word %u)",
                           n->cpu[i] & ~words[i], i);
    return 0;
}

int
incoming_check_host(struct engine *en, const struct move_note *n,
                    enum hv_kind kind, struct err *e)
{
    struct hv_host host;

    if (hv_host(engine_hv(en), &host, e) < 0 || check_version(n, &host, e) < 0)
        return -1;
    return incoming_check_cpu(en, n, kind, e);
}

/* --- has it come? */

static struct create *
incoming_at_work(struct engine *en, const char *id)
{
    struct list_node *it;

    list_foreach (it, &life_room(en)->incomings) {
        struct incoming *in = list_entry(it, struct incoming, node);

        if (!in->ask && strcmp(in->note.id, id) == 0)
            return incoming_create(in->link.task);
    }
    return NULL;
}

enum move_answer
incoming_settle(struct engine *en, const char *id)
{
    struct create *c = incoming_at_work(en, id);
    struct err why = { 0 };

    int found;

    if (c == NULL) {
        found = moved_ids_find(en, id);
        return found > 0 ? MOVE_TAKEN : found == 0 ? MOVE_FREE : MOVE_BUSY;
    }
    if (c->o.incoming->taken)
        return MOVE_BUSY;
    err_set(&why, ERR_LOST,
            "the connection was lost, and the other host keeps it");
    task_fail(&c->t, &why);
    return MOVE_FREE;
}

/* --- the permission --- */

enum step_rc
incoming_run_offer(struct task *t, struct err *e)
{
    struct incoming *in = incoming_create(t)->o.incoming;
    enum step_rc rc;

    if (in == NULL)
        return STEP_DONE;
    if (!in->offered)
        move_link_put(&in->link, MOVE_READY, sizeof(MOVE_READY));
    in->offered = true;
    rc = move_link_flush(&in->link, e);
    if (rc == STEP_DONE)
        rc = move_link_read(&in->link, sizeof(MOVE_GO), e);
    if (rc != STEP_DONE)
        return rc;
    if (memcmp(in->link.got.data, MOVE_GO, sizeof(MOVE_GO)) != 0) {
        err_set(e, ERR_INVALID, "the other host's permission is garbled");
        return STEP_FAIL;
    }
    oplog_note(t, "given", "1");
    in->taken = true;
    return STEP_DONE;
}

struct naming {
    uint32_t domid;
    const uint8_t *uuid;
    const char *name;
};

static int
naming_body(struct store *st, store_tx tx, void *arg, struct err *e)
{
    const struct naming *n = arg;
    char path[96], uuid[37];

    uuid_print_text(n->uuid, uuid);
    store_path(path, sizeof(path), "/local/domain/%u/name", n->domid);
    if (store_write(st, tx, path, n->name, e) < 0)
        return -1;
    store_path(path, sizeof(path), "/vm/%s/name", uuid);
    if (store_write(st, tx, path, n->name, e) < 0)
        return -1;
    store_path(path, sizeof(path), "/libxl/%u/" MARK_DIR "/state", n->domid);
    return store_write(st, tx, path, MARK_BUILT, e);
}

/* A name is one domain's: another may have taken it meanwhile. */
static int
take_name(struct create *c, struct err *e)
{
    struct naming n = { c->domid, c->cfg->uuid, c->cfg->name };
    const struct dom_entry *de;

    domains_read_names(c->t.en, true);
    de = domains_by_name(c->t.en, c->cfg->name);
    if (de != NULL && de->d.domid != c->domid)
        return err_set(e, ERR_EXISTS, "domain %u has got its name meanwhile",
                       de->d.domid);
    return store_tx_run(engine_store(c->t.en), naming_body, &n, e);
}

/* A definition that came along. */
static void
keep_definition(struct engine *en, const uint8_t uuid[16])
{
    const char *dir = engine_paths(en)->state;
    struct db_state st;

    db_state_load(dir, uuid, &st);
    st.defined = true;
    (void)db_state_save(dir, uuid, &st, NULL);
    defs_changed(en, uuid);
}

static int
take_over_record(struct create *c, struct err *e)
{
    int rc = create_used_saved(c, e);

    if (c->o.incoming->note.defined)
        keep_definition(c->t.en, c->cfg->uuid);
    return rc;
}

/* It is ours by now, whatever its record says. */
static void
take_record(struct create *c)
{
    struct err e = { 0 };

    if (create_write_record(c, take_over_record, &e) < 0)
        event_add_for(c->t.en, EVENT_ENGINE, EVENT_ERROR, c->domid,
                      c->cfg->name,
                      "what was saved of it here, if anything, is out of date "
                      "and still on record: %s",
                      e.msg);
}

enum step_rc
incoming_run_take(struct task *t, struct err *e)
{
    struct create *c = incoming_create(t);
    struct incoming *in = c->o.incoming;
    enum step_rc rc;
    int lock;

    if (in == NULL)
        return STEP_DONE;
    rc = task_lock_names(t, &lock, e);
    if (rc != STEP_DONE)
        return rc;
    rc = moved_ids_add(t->en, in->note.id, e) < 0 || take_name(c, e) < 0
             ? STEP_FAIL
             : STEP_DONE;
    close(lock);
    if (rc != STEP_DONE)
        return rc;
    dom0_console_logs(engine_dom0(t->en));
    take_record(c);
    return STEP_DONE;
}

/* In this order: an engine that dies in between leaves it ours, or not ours,
 * and the sender is told the same. */
enum step_rc
incoming_undo_take(struct task *t)
{
    struct create *c = incoming_create(t);
    struct incoming *in = c->o.incoming;
    char path[96];

    if (in == NULL || !in->taken)
        return STEP_DONE;
    store_path(path, sizeof(path), "/libxl/%u/" MARK_DIR "/state", c->domid);
    if (!store_absent(engine_store(t->en), 0, path))
        (void)store_write(engine_store(t->en), 0, path, MARK_BUILDING, NULL);
    oplog_note(t, "given", "0");
    moved_ids_drop(t->en, in->note.id);
    return STEP_DONE;
}

int
incoming_finish(struct dom_entry *de, const struct oplog_entry *j,
                struct err *e)
{
    struct naming n = { de->d.domid, de->d.uuid, j->name };

    if (moved_ids_add(de->en, j->want, e) < 0 ||
        store_tx_run(engine_store(de->en), naming_body, &n, e) < 0)
        return -1;
    domains_read_store(de);
    domains_read_names(de->en, true);
    return 0;
}

/* --- the end of its creation --- */

static void
incoming_answer(const struct create *c)
{
    struct move_link *l = &c->o.incoming->link;
    const struct op *op = c->t.op;
    struct buf b = { 0 };

    if (op->state == OP_DONE)
        move_answer_print(MOVE_YES, NULL, &b);
    else
        move_answer_print(MOVE_NO, op->err.msg, &b);
    move_link_put(l, b.data, b.len);
    buf_free(&b);
}

static void
incoming_report(const struct create *c)
{
    struct move_link *l = &c->o.incoming->link;
    char status = c->t.op->state == OP_DONE ? 0 : NOT_STARTED;

    move_link_put(l, MOVE_REPORT, sizeof(MOVE_REPORT));
    move_link_put(l, &status, 1);
    if (status != 0) /* nothing of it is left: it is the sender's again */
        move_link_put(l, MOVE_GO, sizeof(MOVE_GO));
}

void
incoming_ended(struct create *c)
{
    struct incoming *in = c->o.incoming;

    if (in == NULL)
        return;
    if (in->ask)
        incoming_answer(c);
    else if (in->taken)
        incoming_report(c);
    move_link_last(&in->link);
}
