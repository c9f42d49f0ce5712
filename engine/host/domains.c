/*
 * domains.c - the table of domains the engine knows, by ascending domid.
 * Invariant: one entry per listed domain; an entry's id is never reused. One
 * listing and a merge with the table find births, deaths and changes; names,
 * ownership and targets are cached and refreshed by watches.
 */
#include <stdlib.h>
#include <string.h>

#include "engine/config/core/config.h"
#include "engine/core/engine_int.h"
#include "engine/dm/dm.h"
#include "engine/life/core_dump.h"
#include "engine/life/define.h"
#include "engine/life/ending.h"
#include "engine/record/db.h"
#include "engine/record/mark.h"
#include "engine/task/task.h"
#include "src/base/xalloc.h"

#define SCAN_CHUNK  1024
#define GONE_A_SCAN 32
#define CPU_STEP_NS 1000000000U
#define NAMELESS    "(null)" /* as xl shows one */
#define NAMED_MS    2000     /* later than that it has no name */

/* --- lookups --- */

static size_t
lower_bound(const struct engine *en, uint32_t domid)
{
    size_t lo = 0, hi = en->n_doms;

    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;

        if (en->doms[mid]->d.domid < domid)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

struct dom_entry *
domains_by_domid(const struct engine *en, uint32_t domid)
{
    size_t i = lower_bound(en, domid);

    if (i < en->n_doms && en->doms[i]->d.domid == domid)
        return en->doms[i];
    return NULL;
}

struct dom_entry *
domains_by_id(const struct engine *en, uint64_t id)
{
    size_t i;

    for (i = 0; id != 0 && i < en->n_doms; i++)
        if (en->doms[i]->d.id == id)
            return en->doms[i];
    return NULL;
}

struct dom_entry *
domains_by_name(const struct engine *en, const char *name)
{
    size_t i;

    for (i = 0; i < en->n_doms; i++)
        if (strcmp(en->doms[i]->d.name, name) == 0)
            return en->doms[i];
    return NULL;
}

/* --- what the store says --- */

/* A refusal other than "no such node" says nothing: what is known is kept. */
static bool
read_node(struct dom_entry *de, const char *path, char *dst, size_t n)
{
    struct err e = { 0 };

    if (store_read_text(de->en->st, 0, path, dst, n, &e) == 0)
        return true;
    if (e.code != ERR_NOENT) {
        log_line(de->en->log, LOGL_WARN, "%s", e.msg);
        return false;
    }
    dst[0] = '\0';
    return true;
}

static void
read_name(struct dom_entry *de)
{
    char path[64], name[MODEL_NAME_MAX];

    store_path(path, sizeof(path), "/local/domain/%u/name", de->d.domid);
    /* A domain on its way out loses its node first: it keeps its last name. */
    if (read_node(de, path, name, sizeof(name)) && name[0] != '\0')
        text_fmt(de->d.name, sizeof(de->d.name), "%s", name);
    else if (de->d.name[0] == '\0')
        text_fmt(de->d.name, sizeof(de->d.name), NAMELESS);
}

static void
read_target(struct dom_entry *de)
{
    char path[64];
    uint64_t kib = 0;

    store_path(path, sizeof(path), "/local/domain/%u/memory/target",
               de->d.domid);
    if (store_read_u64(de->en->st, 0, path, CONFIG_MEM_MAX_KIB, &kib, NULL) < 0)
        kib = 0;
    de->d.target_kib = kib;
}

static void
read_lives(struct dom_entry *de)
{
    char path[64], text[32];
    struct db_state s;
    uint64_t n;

    store_path(path, sizeof(path), "/libxl/%u/" MARK_DIR "/preserved",
               de->d.domid);
    if (read_node(de, path, text, sizeof(text)))
        de->d.preserved = text[0] != '\0';
    store_path(path, sizeof(path), "/libxl/%u/" MARK_DIR "/restarts",
               de->d.domid);
    if (store_read_u64(de->en->st, 0, path, UINT_MAX, &n, NULL) == 0)
        de->d.restarts = (unsigned)n;
    db_state_load(de->en->paths.state, de->d.uuid, &s);
    memcpy(de->d.last_end, s.last_end, sizeof(de->d.last_end));
    de->d.last_end_wall_s = s.last_end_wall_s;
}

static void
read_mark(struct dom_entry *de)
{
    char path[64], text[32];

    store_path(path, sizeof(path), "/libxl/%u/" MARK_DIR "/owner", de->d.domid);
    if (read_node(de, path, text, sizeof(text)))
        de->d.owned = strcmp(text, MARK_OWNER) == 0;
    if (!de->d.owned) {
        de->d.building = false;
        return;
    }
    store_path(path, sizeof(path), "/libxl/%u/" MARK_DIR "/state", de->d.domid);
    if (read_node(de, path, text, sizeof(text)))
        de->d.building = strcmp(text, MARK_BUILDING) == 0;
    read_lives(de);
}

/* VM/start_time; the directory follows from the uuid, which no guest writes. */
static void
read_start(struct dom_entry *de)
{
    char path[64], text[32], uuid[37], *end;
    double v;

    uuid_print_text(de->d.uuid, uuid);
    store_path(path, sizeof(path), "/vm/%s/start_time", uuid);
    if (store_read_text(de->en->st, 0, path, text, sizeof(text), NULL) < 0)
        return;
    v = strtod(text, &end);
    if (end != text && v > 0 && v < 1e11)
        de->d.start_wall_s = v;
}

void
domains_read_store(struct dom_entry *de)
{
    if (de->d.domid != 0) {
        read_mark(de);
        read_start(de);
    }
    read_name(de);
    read_target(de);
}

/* Xen lists a domain some milliseconds before its toolstack has named it: who
 * reads of its birth, a hook too, wants the name. */
static void
tell_birth(struct dom_entry *de, bool nameless)
{
    if (de->birth_told || (!nameless && strcmp(de->d.name, NAMELESS) == 0))
        return;
    de->birth_told = true;
    event_add(de->en, EVENT_BIRTH, EVENT_INFO, &de->d, "%s domain, %s",
              dom_kind_name(de->d.kind), de->d.owned ? "ours" : "not ours");
}

static void
name_changed(struct store_watch *w, const char *path)
{
    struct dom_entry *de = container_of(w, struct dom_entry, name_watch);
    char before[MODEL_NAME_MAX];

    (void)path;
    memcpy(before, de->d.name, sizeof(before));
    read_name(de);
    if (strcmp(before, de->d.name) == 0)
        return;
    /* Between its listing and its naming a domain of another tool has neither
     * name nor start: both come in one transaction. */
    domains_read_store(de);
    tell_birth(de, false);
    engine_changed(de->en, ENGINE_CH_DOMS);
}

static void
target_changed(struct store_watch *w, const char *path)
{
    struct dom_entry *de = container_of(w, struct dom_entry, target_watch);

    (void)path;
    read_target(de);
    engine_changed(de->en, ENGINE_CH_STATS);
}

static void
entry_watch(struct dom_entry *de)
{
    struct engine *en = de->en;
    struct err e = { 0 };
    char path[64];

    if (en->opts.one_shot)
        return; /* each command lists anew */
    store_path(path, sizeof(path), "/local/domain/%u/name", de->d.domid);
    if (store_watch_add(en->st, &de->name_watch, path, name_changed, &e) < 0)
        log_line(en->log, LOGL_WARN, "%s", e.msg);
    store_path(path, sizeof(path), "/local/domain/%u/memory/target",
               de->d.domid);
    if (store_watch_add(en->st, &de->target_watch, path, target_changed, &e) <
        0)
        log_line(en->log, LOGL_WARN, "%s", e.msg);
}

/* --- births and deaths --- */

static void
entry_free(struct dom_entry *de)
{
    store_watch_del(&de->name_watch);
    store_watch_del(&de->target_watch);
    free(de->vcpu_ns);
    free(de);
}

static void
take_facts(struct dom_entry *de, const struct hv_dom *h)
{
    struct dom *d = &de->d;

    d->kind = (enum dom_kind)h->kind;
    d->flags = h->flags;
    d->reason = h->reason <= HV_SOFT_RESET ? (enum dom_reason)h->reason
                                           : DOM_REASON_UNKNOWN;
    d->mem_kib = h->mem_kib;
    d->max_kib = h->max_kib;
    d->cpu_ns = h->cpu_ns;
    d->vcpus_online = h->vcpus_online;
    d->vcpus_max = h->vcpus_max;
    d->cpupool = h->cpupool;
}

static struct dom_entry *
entry_born(struct engine *en, const struct hv_dom *h)
{
    struct dom_entry *de = xcalloc(1, sizeof(*de));
    size_t at = lower_bound(en, h->domid);

    de->en = en;
    de->born_ms = loop_now_ms(en->lp);
    de->d.id = defs_take_id(en, h->uuid);
    if (de->d.id == 0)
        de->d.id = ++en->next_dom_id;
    de->d.domid = h->domid;
    de->d.cpu_pct = -1;
    de->d.rates = (struct dom_rates){ -1, -1, -1, -1 };
    memcpy(de->d.uuid, h->uuid, sizeof(de->d.uuid));
    take_facts(de, h);
    domains_read_store(de);
    if (en->n_doms == en->cap_doms) {
        en->cap_doms = en->cap_doms == 0 ? 64 : en->cap_doms * 2;
        en->doms = xrealloc(en->doms, en->cap_doms, sizeof(en->doms[0]));
    }
    memmove(&en->doms[at + 1], &en->doms[at],
            (en->n_doms - at) * sizeof(en->doms[0]));
    en->doms[at] = de;
    en->n_doms++;
    entry_watch(de);
    tell_birth(de, en->opts.one_shot || en->opening);
    if (de->d.owned && !de->d.building)
        console_own(de);
    dm_own(de);
    if (!en->opts.one_shot)
        dump_recover(de);
    return de;
}

static void
tell_death(const struct dom_entry *de, enum event_level l, enum dom_reason why,
           const char *text)
{
    struct event ev = { .kind = EVENT_DEATH, .level = l, .domid = de->d.domid };

    memcpy(ev.name, de->d.name, sizeof(ev.name));
    memcpy(ev.uuid, de->d.uuid, sizeof(ev.uuid));
    text_fmt(ev.reason, sizeof(ev.reason), "%s", dom_reason_name(why));
    event_add_head(de->en, &ev, "%s", text);
}

/* Whoever destroys a domain that lives leaves no reason in it; another engine
 * of ours says so beside it. */
static void
tell_gone(struct dom_entry *de)
{
    if (!de->death_told && leave_was_destroyed(de)) {
        de->end = DOM_DESTROYED;
        de->death_told = true;
    }
    if (de->end == DOM_DESTROYED && !(de->d.flags & DOM_F_SHUTDOWN))
        tell_death(de, EVENT_INFO, DOM_DESTROYED, "destroyed");
    else if (!de->death_told)
        tell_death(de, EVENT_INFO, DOM_REASON_UNKNOWN, "gone");
}

static void
entry_gone(struct engine *en, size_t at)
{
    struct dom_entry *de = en->doms[at];
    uint64_t id = de->d.id;

    tell_birth(de, true);
    tell_gone(de);
    console_dom_gone(de, de->death_told ? dom_reason_name(de->end) : "gone");
    memmove(&en->doms[at], &en->doms[at + 1],
            (en->n_doms - at - 1) * sizeof(en->doms[0]));
    en->n_doms--;
    entry_free(de);
    tasks_wake_dom(en, id);
}

/* The first sight of a shutdown. A suspend belongs to whoever asked for it. */
static void
entry_ended(struct dom_entry *de)
{
    bool bad = de->d.reason == DOM_CRASH || de->d.reason == DOM_WATCHDOG;

    tell_birth(de, true);
    de->end = de->d.reason;
    if (!de->death_told && !de->d.preserved)
        tell_death(de, bad ? EVENT_ERROR : EVENT_INFO, de->d.reason,
                   dom_reason_name(de->d.reason));
    de->death_told = true;
}

static bool
entry_wants_reaping(const struct dom_entry *de)
{
    return de->d.owned && !de->d.building && !de->d.preserved &&
           engine_reaps(de->en) && (de->d.flags & DOM_F_SHUTDOWN) &&
           !(de->d.flags & DOM_F_DYING) && de->d.reason != DOM_SUSPEND &&
           de->d.op == 0 && task_on_dom(de->en, de->d.id) == NULL;
}

static void
entry_update(struct dom_entry *de, const struct hv_dom *h)
{
    unsigned before = de->d.flags;
    const unsigned lasting = DOM_F_SHUTDOWN | DOM_F_DYING | DOM_F_PAUSED;

    take_facts(de, h);
    tell_birth(de, loop_now_ms(de->en->lp) >= de->born_ms + NAMED_MS);
    if (((before ^ de->d.flags) & lasting) != 0) {
        engine_changed(de->en, ENGINE_CH_DOMS);
        tasks_wake_dom(de->en, de->d.id);
    }
    if ((de->d.flags & DOM_F_SHUTDOWN) && !(before & DOM_F_SHUTDOWN))
        entry_ended(de);
    else if ((before & DOM_F_SHUTDOWN) && !(de->d.flags & DOM_F_SHUTDOWN))
        de->death_told = false; /* resumed after a suspend */
    if (de->d.building && de->d.op == 0)
        recover_half_built(de);
    if (entry_wants_reaping(de))
        reap_begin(de);
}

/* --- the scan --- */

static int
list_all(struct engine *en, size_t *n_out, struct err *e)
{
    size_t n = 0, got;

    do {
        if (en->cap_scan < n + SCAN_CHUNK) {
            en->cap_scan = n + SCAN_CHUNK;
            en->scan = xrealloc(en->scan, en->cap_scan, sizeof(en->scan[0]));
        }
        if (hv_list(en->hv, n == 0 ? 0 : en->scan[n - 1].domid + 1,
                    en->scan + n, SCAN_CHUNK, &got, e) < 0)
            return -1;
        n += got;
    } while (got == SCAN_CHUNK);
    *n_out = n;
    return 0;
}

/* A domid may have been given to another domain since the last listing, or to
 * the next life of this one: then death is undone, or processor time lost.
 * Xen's own sum of it may step back a little when a vcpu stops. */
static bool
same_instance(const struct dom_entry *de, const struct hv_dom *h)
{
    bool was_dead =
        (de->d.flags & DOM_F_DYING) ||
        ((de->d.flags & DOM_F_SHUTDOWN) && de->d.reason != DOM_SUSPEND);

    return de->d.domid == h->domid &&
           memcmp(de->d.uuid, h->uuid, sizeof(h->uuid)) == 0 &&
           h->cpu_ns + CPU_STEP_NS >= de->d.cpu_ns &&
           (!was_dead || (h->flags & (HV_SHUTDOWN | HV_DYING)));
}

static void
merge(struct engine *en, size_t n)
{
    size_t i, at, gone = 0;

    for (i = 0; i < n; i++) {
        struct dom_entry *de = domains_by_domid(en, en->scan[i].domid);

        if (de != NULL && !same_instance(de, &en->scan[i])) {
            entry_gone(en, lower_bound(en, de->d.domid));
            de = NULL;
        }
        if (de == NULL) {
            de = entry_born(en, &en->scan[i]);
            engine_changed(en, ENGINE_CH_DOMS);
            if (de->d.flags & DOM_F_SHUTDOWN)
                entry_ended(de);
        }
        de->seen = true;
        entry_update(de, &en->scan[i]);
    }
    for (at = en->n_doms; at-- > 0;) {
        if (en->doms[at]->seen) {
            en->doms[at]->seen = false;
            continue;
        }
        if (gone++ >= GONE_A_SCAN) { /* each is some round trips */
            domains_scan_soon(en);
            continue;
        }
        entry_gone(en, at);
        engine_changed(en, ENGINE_CH_DOMS);
    }
}

static void
sample_cpu(struct engine *en)
{
    uint64_t now = loop_now_ns(en->lp);
    size_t i;

    for (i = 0; i < en->n_doms; i++) {
        struct dom_entry *de = en->doms[i];
        uint64_t wall = now - de->sample_ns;

        if (de->sample_ns != 0 && wall > 0 && de->d.cpu_ns >= de->sample_cpu_ns)
            de->d.cpu_pct = 100.0 * (double)(de->d.cpu_ns - de->sample_cpu_ns) /
                            (double)wall;
        de->sample_ns = now;
        de->sample_cpu_ns = de->d.cpu_ns;
    }
}

static void
count_doms(struct engine *en)
{
    struct host *h = &en->host;
    size_t i;

    h->doms = (unsigned)en->n_doms;
    h->doms_running = h->doms_paused = h->doms_dead = 0;
    for (i = 0; i < en->n_doms; i++) {
        unsigned f = en->doms[i]->d.flags;

        if (f & (DOM_F_SHUTDOWN | DOM_F_DYING))
            h->doms_dead++;
        else if (f & DOM_F_PAUSED)
            h->doms_paused++;
        else
            h->doms_running++;
    }
}

int
domains_scan(struct engine *en, bool stats, struct err *e)
{
    struct actor before;
    size_t n;

    if (list_all(en, &n, e) < 0)
        return -1;
    before = engine_act_for(en, ENGINE_ITSELF, NULL);
    merge(en, n);
    if (en->changed & ENGINE_CH_DOMS)
        defs_refresh(en);
    en->actor = before;
    count_doms(en);
    if (stats) {
        sample_cpu(en);
        engine_changed(en, ENGINE_CH_STATS);
    }
    return 0;
}

static void
rescan_due(struct loop_timer *lt)
{
    struct engine *en = container_of(lt, struct engine, rescan);
    struct err e = { 0 };

    if (domains_scan(en, false, &e) < 0)
        log_line(en->log, LOGL_WARN, "list of domains: %s", e.msg);
}

void
domains_scan_in(struct engine *en, uint64_t ms)
{
    uint64_t due_ns = loop_now_ns(en->lp) + ms * 1000000;

    if (!loop_timer_active(&en->rescan) || en->rescan.due_ns > due_ns)
        loop_timer_arm(en->lp, &en->rescan, ms, rescan_due);
}

void
domains_scan_soon(struct engine *en)
{
    domains_scan_in(en, 0);
}

void
domains_free(struct engine *en)
{
    size_t i;

    for (i = 0; i < en->n_doms; i++)
        entry_free(en->doms[i]);
    free(en->doms);
    free(en->scan);
    en->n_doms = 0;
}

/* --- reading --- */

size_t
engine_dom_count(const struct engine *en)
{
    return en->n_doms + en->n_offs;
}

const struct dom *
engine_dom_at(const struct engine *en, size_t i)
{
    if (i < en->n_doms)
        return &en->doms[i]->d;
    i -= en->n_doms;
    return i < en->n_offs ? &en->offs[i]->d : NULL;
}

const struct dom *
engine_dom_by_id(const struct engine *en, uint64_t id)
{
    const struct dom_entry *de = domains_by_id(en, id);

    return de != NULL ? &de->d : defs_off_by_id(en, id);
}

const struct dom *
engine_dom_by_domid(const struct engine *en, uint32_t domid)
{
    const struct dom_entry *de = domains_by_domid(en, domid);

    return de != NULL ? &de->d : NULL;
}

static bool
matches(const struct dom *d, const char *name, const uint8_t *uuid)
{
    if (uuid != NULL && memcmp(d->uuid, uuid, sizeof(d->uuid)) == 0)
        return true;
    return strcmp(d->name, name) == 0;
}

const struct dom *
engine_dom_find(const struct engine *en, const char *name, struct err *e)
{
    const struct dom *found = NULL;
    unsigned long long domid;
    uint8_t uuid[16];
    bool is_uuid = uuid_parse_text(name, uuid);
    size_t i;

    for (i = 0; i < en->n_doms; i++) {
        if (!matches(&en->doms[i]->d, name, is_uuid ? uuid : NULL))
            continue;
        if (found != NULL) {
            err_set(e, ERR_INVALID,
                    "'%s' names domains %u and %u: give the domid", name,
                    found->domid, en->doms[i]->d.domid);
            return NULL;
        }
        found = &en->doms[i]->d;
    }
    for (i = 0; found == NULL && i < en->n_offs; i++)
        if (matches(&en->offs[i]->d, name, is_uuid ? uuid : NULL))
            found = &en->offs[i]->d;
    if (found == NULL && text_u64(name, 0, HV_DOMID_MAX, &domid))
        found = engine_dom_by_domid(en, (uint32_t)domid);
    if (found == NULL)
        err_set(e, ERR_NOENT, "there is no domain '%s'", name);
    return found;
}
