/*
 * dm_fate.c - what is told of a model that has died or hangs, and what becomes
 * of its domain: the policy of the domain, or the engine's.
 */
#include <string.h>
#include <sys/wait.h>

#include "engine/dm/dm_fate.h"
#include "engine/dm/dm_int.h"
#include "engine/dm/dm_observer.h"
#include "engine/dom0/dom0_model_log.h"
#include "engine/model/mark.h"
#include "engine/record/db.h"

#define SERVED "what it served, disks and the screen,"

void
dm_end_words(const struct model *m, char *dst, size_t n)
{
    char how[64], said[200] = "", path[160];

    if (m->status == MODEL_STATUS_UNKNOWN)
        text_fmt(how, sizeof(how), "ended");
    else if (WIFSIGNALED(m->status))
        text_fmt(how, sizeof(how), "was killed by signal %d",
                 WTERMSIG(m->status));
    else
        text_fmt(how, sizeof(how), "ended with status %d",
                 WEXITSTATUS(m->status));
    dm_log_path(m->name, path, sizeof(path));
    dom0_model_log_tail(engine_dom0(m->en), path, said, sizeof(said));
    text_fmt(dst, n, "its device model %s (%s%s%s)", how, path,
             said[0] != '\0' ? ": " : ", which is empty", said);
}

void
dm_observe(struct engine *en, struct dm_observer *o)
{
    list_append(&dm_room(en)->observers, &o->node);
}

void
dm_unobserve(struct dm_observer *o)
{
    list_del(&o->node);
}

/* --- the policy --- */

/* One that cannot be read is no leave to end the domain. */
static unsigned
policy_of(const struct dom_entry *de)
{
    struct domain_config *c = NULL;
    unsigned p = CONFIG_DM_UNSET;
    struct err why = { 0 };

    if (db_load(engine_paths(de->en)->state, de->d.uuid, &c, &why) == 0) {
        p = c->model.on_death;
    } else if (why.code != ERR_NOENT) {
        event_add(de->en, EVENT_DEVICE, EVENT_ERROR, &de->d,
                  "its device model has died, and what it wants then cannot be "
                  "read: %s",
                  why.msg);
        p = CONFIG_DM_LEAVE;
    }
    config_free(c);
    if (p == CONFIG_DM_UNSET)
        p = engine_options(de->en)->model_death;
    return p != CONFIG_DM_UNSET ? p : CONFIG_DM_CRASH;
}

/* On record before the domain ends: whoever reaps it makes it again. */
static int
fate_mark(const struct dom_entry *de, struct err *e)
{
    char path[96];

    store_path(path, sizeof(path), "/libxl/%u/" MARK_DIR "/model", de->d.domid);
    return store_write(engine_store(de->en), 0, path, MARK_MODEL_RESTART, e);
}

static void
fate_do(struct dom_entry *de, unsigned p, const char *words)
{
    struct err e = { 0 };

    if (p == CONFIG_DM_LEAVE) {
        event_add(de->en, EVENT_DEVICE, EVENT_ERROR, &de->d,
                  "%s: " SERVED " hangs until the domain is made again", words);
        return;
    }
    event_add(de->en, EVENT_DEVICE, EVENT_ERROR, &de->d, "%s: the domain %s",
              words,
              p == CONFIG_DM_RESTART ? "is made again" : "is made to crash");
    if ((p == CONFIG_DM_RESTART && fate_mark(de, &e) < 0) ||
        hv_shutdown(engine_hv(de->en), de->d.domid, HV_CRASH, &e) < 0)
        event_add(de->en, EVENT_DEVICE, EVENT_ERROR, &de->d,
                  "not ended after its device model: %s", e.msg);
    domains_scan_soon(de->en);
}

/* A creation or a removal at work sees for itself. */
static bool
fate_is_ours(const struct dom_entry *de)
{
    return de->d.owned && !de->d.building && record_ours(de->en);
}

static void
fate_tell(struct dom_entry *de, unsigned p, const char *words)
{
    char log[160];
    struct list_node *it;

    dm_log_path(de->d.name, log, sizeof(log));
    list_foreach (it, &dm_room(de->en)->observers) {
        struct dm_observer *o = list_entry(it, struct dm_observer, node);

        o->died(o, de, words, log, p == CONFIG_DM_LEAVE);
    }
}

static void
fate_decide(struct dom_entry *de, const char *words)
{
    unsigned p = policy_of(de);
    char path[96];

    fate_tell(de, p, words);
    fate_do(de, p, words);
    dm_pid_path(de->d.domid, path, sizeof(path));
    (void)store_rm(engine_store(de->en), 0, path, NULL);
}

/* --- what happened --- */

/* Whoever ends a model with its domain removes its directory first, as libxl
 * does. */
static bool
is_expected(const struct dom_entry *de)
{
    char path[96];

    dm_dir(de->d.domid, "", path, sizeof(path));
    return (de->d.flags & (DOM_F_DYING | DOM_F_SHUTDOWN)) ||
           store_absent(engine_store(de->en), 0, path);
}

void
dm_fate_ended(struct model *m)
{
    struct dom_entry *de = domains_by_domid(m->en, m->domid);
    char words[400];

    if (de == NULL || !fate_is_ours(de) || is_expected(de))
        return;
    dm_end_words(m, words, sizeof(words));
    fate_decide(de, words);
}

/* Left alone it may answer again; else it is ended, for it would write to its
 * disks when it wakes. */
void
dm_fate_hung(struct model *m)
{
    struct dom_entry *de = domains_by_domid(m->en, m->domid);
    char words[128];

    if (de == NULL || !fate_is_ours(de) || is_expected(de))
        return;
    text_fmt(words, sizeof(words),
             "its device model (process %d) has not answered for %u s",
             (int)m->proc.pid, engine_options(m->en)->model_hang_s);
    if (policy_of(de) == CONFIG_DM_LEAVE) {
        event_add(m->en, EVENT_DEVICE, EVENT_ERROR, &de->d,
                  "%s: " SERVED " hangs until it answers again", words);
        return;
    }
    m->stopping = m->killed = true;
    dom0_model_end(engine_dom0(m->en), &m->proc, true);
    fate_decide(de, words);
}

void
dm_fate_missing(struct dom_entry *de)
{
    if (fate_is_ours(de) && !is_expected(de))
        fate_decide(de, "its device model ended while no engine watched");
}
