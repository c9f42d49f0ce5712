/*
 * domains.c - the table of domains the engine knows, by ascending domid.
 * Invariant: one entry per listed domain; an entry's id is never reused. One
 * listing and a merge with the table find births, deaths and changes; names,
 * ownership and targets are cached and refreshed by watches.
 */
#include <stdlib.h>
#include <string.h>

#include "engine/config/core/config.h"
#include "engine/host/hist_ring.h"
#include "engine/host/hist_room.h"
#include "engine/host/host_int.h"
#include "src/base/log.h"
#include "src/base/loop.h"
#include "src/base/xalloc.h"

#define SCAN_CHUNK  1024
#define GONE_A_SCAN 32
#define CPU_STEP_NS 1000000000U

#define NAMED_MS 2000 /* later than that it has no name */

/* --- lookups --- */

static size_t
lower_bound(const struct host_room *h, uint32_t domid)
{
    size_t lo = 0, hi = h->n_doms;

    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;

        if (h->doms[mid]->d.domid < domid)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

struct dom_entry *
domains_by_domid(const struct engine *en, uint32_t domid)
{
    const struct host_room *h = host_room(en);
    size_t i = lower_bound(h, domid);

    if (i < h->n_doms && h->doms[i]->d.domid == domid)
        return h->doms[i];
    return NULL;
}

struct dom_entry *
domains_by_id(const struct engine *en, uint64_t id)
{
    const struct host_room *h = host_room(en);
    size_t i;

    for (i = 0; id != 0 && i < h->n_doms; i++)
        if (h->doms[i]->d.id == id)
            return h->doms[i];
    return NULL;
}

struct dom_entry *
domains_by_name(const struct engine *en, const char *name)
{
    const struct host_room *h = host_room(en);
    size_t i;

    for (i = 0; i < h->n_doms; i++)
        if (strcmp(h->doms[i]->d.name, name) == 0)
            return h->doms[i];
    return NULL;
}

struct dom_entry *
domains_by_uuid(const struct engine *en, const uint8_t uuid[16])
{
    const struct host_room *h = host_room(en);
    size_t i;

    for (i = 0; i < h->n_doms; i++)
        if (memcmp(h->doms[i]->d.uuid, uuid, 16) == 0)
            return h->doms[i];
    return NULL;
}

struct dom_entry *
domains_at(const struct engine *en, size_t i)
{
    const struct host_room *h = host_room(en);

    return i < h->n_doms ? h->doms[i] : NULL;
}

/* --- what the store says --- */

/* A refusal other than "no such node" says nothing: what is known is kept. */
bool
domains_read_node(struct dom_entry *de, const char *path, char *dst, size_t n)
{
    struct err e = { 0 };

    if (store_read_text(engine_store(de->en), 0, path, dst, n, &e) == 0)
        return true;
    if (e.code != ERR_NOENT) {
        log_line(engine_log(de->en), LOGL_WARN, "%s", e.msg);
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
    if (domains_read_node(de, path, name, sizeof(name)) && name[0] != '\0')
        text_fmt(de->d.name, sizeof(de->d.name), "%s", name);
    else if (de->d.name[0] == '\0')
        text_fmt(de->d.name, sizeof(de->d.name), DOM_NAMELESS);
}

static void
read_target(struct dom_entry *de)
{
    char path[64];
    struct err e = { 0 };
    uint64_t kib = 0;

    store_path(path, sizeof(path), "/local/domain/%u/memory/target",
               de->d.domid);
    if (store_read_u64(engine_store(de->en), 0, path, CONFIG_MEM_MAX_KIB, &kib,
                       &e) == 0)
        de->d.target_kib = kib;
    else if (e.code == ERR_NOENT || e.code == ERR_INVALID)
        de->d.target_kib = 0;
    else
        log_line(engine_log(de->en), LOGL_WARN, "%s", e.msg);
}

/* VM/start_time; the directory follows from the uuid, which no guest writes. */
static void
read_start(struct dom_entry *de)
{
    char path[64], text[32], uuid[37], *end;
    double v;

    uuid_print_text(de->d.uuid, uuid);
    store_path(path, sizeof(path), "/vm/%s/start_time", uuid);
    if (store_read_text(engine_store(de->en), 0, path, text, sizeof(text),
                        NULL) < 0)
        return;
    v = strtod(text, &end);
    if (end != text && v > 0 && v < 1e11)
        de->d.start_wall_s = v;
}

void
domains_read_store(struct dom_entry *de)
{
    if (de->d.domid != 0) {
        dom_tell_read(de);
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
    if (de->birth_told || (!nameless && strcmp(de->d.name, DOM_NAMELESS) == 0))
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
    if (strcmp(before, DOM_NAMELESS) != 0)
        dom_tell_renamed(de, before);
    engine_changed(de->en, ENGINE_CH_DOMS);
}

void
domains_read_names(struct engine *en, bool all)
{
    struct host_room *h = host_room(en);
    size_t i;

    for (i = 0; i < h->n_doms; i++)
        if (h->doms[i]->d.domid != 0 &&
            (all || strcmp(h->doms[i]->d.name, DOM_NAMELESS) == 0))
            name_changed(&h->doms[i]->name_watch, NULL);
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

    if (engine_options(en)->one_shot)
        return; /* each command lists anew */
    store_path(path, sizeof(path), "/local/domain/%u/name", de->d.domid);
    if (store_watch_add(engine_store(en), &de->name_watch, path, name_changed,
                        &e) < 0)
        log_line(engine_log(en), LOGL_WARN, "%s", e.msg);
    store_path(path, sizeof(path), "/local/domain/%u/memory/target",
               de->d.domid);
    if (store_watch_add(engine_store(en), &de->target_watch, path,
                        target_changed, &e) < 0)
        log_line(engine_log(en), LOGL_WARN, "%s", e.msg);
}

/* --- births and deaths --- */

static void
entry_free(struct dom_entry *de)
{
    store_watch_del(&de->name_watch);
    store_watch_del(&de->target_watch);
    free(de->vcpu_ns);
    hist_ring_free(de->hist);
    free(de->hist_vcpus);
    free(de);
}

/* dom0's limit is that of Xen's command line, without slack. */
static uint64_t
domains_max_kib(const struct hv_dom *h)
{
    bool slack =
        h->domid != 0 && h->max_kib != UINT64_MAX && h->max_kib > DOM_SLACK_KIB;

    return slack ? h->max_kib - DOM_SLACK_KIB : h->max_kib;
}

static void
domains_take_facts(struct dom_entry *de, const struct hv_dom *h)
{
    struct dom *d = &de->d;

    d->kind = (enum dom_kind)h->kind;
    d->flags = h->flags;
    d->reason = h->reason <= HV_SOFT_RESET ? (enum dom_reason)h->reason
                                           : DOM_REASON_UNKNOWN;
    d->mem_kib = h->mem_kib;
    d->max_kib = domains_max_kib(h);
    d->cpu_ns = h->cpu_ns;
    d->vcpus_online = h->vcpus_online;
    d->vcpus_max = h->vcpus_max;
    d->cpupool = h->cpupool;
}

static void
table_add(struct host_room *r, struct dom_entry *de)
{
    size_t at = lower_bound(r, de->d.domid);

    if (r->n_doms == r->cap_doms) {
        r->cap_doms = r->cap_doms == 0 ? 64 : r->cap_doms * 2;
        r->doms = xrealloc(r->doms, r->cap_doms, sizeof(r->doms[0]));
    }
    memmove(&r->doms[at + 1], &r->doms[at],
            (r->n_doms - at) * sizeof(r->doms[0]));
    r->doms[at] = de;
    r->n_doms++;
}

static struct dom_entry *
entry_born(struct engine *en, const struct hv_dom *h)
{
    struct dom_entry *de = xcalloc(1, sizeof(*de));

    de->en = en;
    de->born_ms = loop_now_ms(engine_loop(en));
    de->d.id = dom_ask_id(en, h->uuid);
    if (de->d.id == 0)
        de->d.id = domains_new_id(en);
    de->d.domid = h->domid;
    de->d.cpu_pct = -1;
    de->d.rates = (struct dom_rates){ -1, -1, -1, -1 };
    memcpy(de->d.uuid, h->uuid, sizeof(de->d.uuid));
    domains_take_facts(de, h);
    domains_read_store(de);
    table_add(host_room(en), de);
    entry_watch(de);
    tell_birth(de,
               engine_options(en)->one_shot || engine_is(en, ENGINE_OPENING));
    dom_tell_born(de);
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

/* Whoever destroys a domain that lives leaves no reason in it. */
static void
domains_tell_gone(struct dom_entry *de)
{
    if (de->end == DOM_DESTROYED && !(de->d.flags & DOM_F_SHUTDOWN))
        tell_death(de, EVENT_INFO, DOM_DESTROYED, "destroyed");
    else if (!de->death_told)
        tell_death(de, EVENT_INFO, DOM_REASON_UNKNOWN, "gone");
}

static void
entry_gone(struct host_room *h, size_t at)
{
    struct dom_entry *de = h->doms[at];
    uint64_t id = de->d.id;

    tell_birth(de, true);
    domains_tell_gone(de);
    dom_tell_gone(de, de->death_told ? dom_reason_name(de->end) : "gone");
    memmove(&h->doms[at], &h->doms[at + 1],
            (h->n_doms - at - 1) * sizeof(h->doms[0]));
    h->n_doms--;
    history_gone(h->en, de);
    entry_free(de);
    tasks_wake_dom(h->en, id);
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

static void
entry_update(struct dom_entry *de, const struct hv_dom *h)
{
    unsigned before = de->d.flags;
    const unsigned lasting = DOM_F_SHUTDOWN | DOM_F_DYING | DOM_F_PAUSED;

    domains_take_facts(de, h);
    tell_birth(de, loop_now_ms(engine_loop(de->en)) >= de->born_ms + NAMED_MS);
    if (((before ^ de->d.flags) & lasting) != 0) {
        engine_changed(de->en, ENGINE_CH_DOMS);
        tasks_wake_dom(de->en, de->d.id);
    }
    if ((de->d.flags & DOM_F_SHUTDOWN) && !(before & DOM_F_SHUTDOWN))
        entry_ended(de);
    else if ((before & DOM_F_SHUTDOWN) && !(de->d.flags & DOM_F_SHUTDOWN))
        de->death_told = false; /* resumed after a suspend */
    dom_tell_listed(de);
}

/* --- the scan --- */

static int
list_all(struct host_room *h, size_t *n_out, struct err *e)
{
    size_t n = 0, got;

    do {
        if (h->cap_scan < n + SCAN_CHUNK) {
            h->cap_scan = n + SCAN_CHUNK;
            h->scan = xrealloc(h->scan, h->cap_scan, sizeof(h->scan[0]));
        }
        if (hv_list(engine_hv(h->en), n == 0 ? 0 : h->scan[n - 1].domid + 1,
                    h->scan + n, SCAN_CHUNK, &got, e) < 0)
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
merge(struct host_room *h, size_t n)
{
    struct engine *en = h->en;
    size_t i, at, gone = 0;

    for (i = 0; i < n; i++) {
        struct dom_entry *de = domains_by_domid(en, h->scan[i].domid);

        if (de != NULL && !same_instance(de, &h->scan[i])) {
            entry_gone(h, lower_bound(h, de->d.domid));
            de = NULL;
        }
        if (de == NULL) {
            de = entry_born(en, &h->scan[i]);
            engine_changed(en, ENGINE_CH_DOMS);
            if (de->d.flags & DOM_F_SHUTDOWN)
                entry_ended(de);
        }
        de->seen = true;
        entry_update(de, &h->scan[i]);
    }
    for (at = h->n_doms; at-- > 0;) {
        if (h->doms[at]->seen) {
            h->doms[at]->seen = false;
            continue;
        }
        if (gone++ >= GONE_A_SCAN) { /* each is some round trips */
            domains_scan_soon(en);
            continue;
        }
        entry_gone(h, at);
        engine_changed(en, ENGINE_CH_DOMS);
    }
}

static void
sample_cpu(struct host_room *h)
{
    uint64_t now = loop_now_ns(engine_loop(h->en));
    size_t i;

    for (i = 0; i < h->n_doms; i++) {
        struct dom_entry *de = h->doms[i];
        uint64_t wall = now - de->sample_ns;

        if (de->sample_ns != 0 && wall > 0 && de->d.cpu_ns >= de->sample_cpu_ns)
            de->d.cpu_pct = 100.0 * (double)(de->d.cpu_ns - de->sample_cpu_ns) /
                            (double)wall;
        de->sample_ns = now;
        de->sample_cpu_ns = de->d.cpu_ns;
    }
}

static void
domains_count_doms(struct host_room *r)
{
    struct host *h = &r->host;
    size_t i;

    h->doms_running = h->doms_paused = h->doms_dead = 0;
    for (i = 0; i < r->n_doms; i++) {
        unsigned f = r->doms[i]->d.flags;

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
    struct host_room *h = host_room(en);
    struct actor before;
    size_t n;

    if (list_all(h, &n, e) < 0)
        return -1;
    before = engine_act_for(en, ENGINE_ITSELF, NULL);
    merge(h, n);
    if (engine_changes(en) & ENGINE_CH_DOMS)
        dom_tell_changed(en);
    engine_act_as(en, before);
    domains_count_doms(h);
    if (stats) {
        sample_cpu(h);
        engine_changed(en, ENGINE_CH_STATS);
    }
    return 0;
}

static void
rescan_due(struct loop_timer *lt)
{
    struct engine *en = container_of(lt, struct host_room, rescan)->en;
    struct err e = { 0 };

    if (domains_scan(en, false, &e) < 0)
        log_line(engine_log(en), LOGL_WARN, "list of domains: %s", e.msg);
}

void
domains_scan_in(struct engine *en, uint64_t ms)
{
    struct loop_timer *lt = &host_room(en)->rescan;
    uint64_t due_ns = loop_now_ns(engine_loop(en)) + ms * 1000000;

    if (!loop_timer_active(lt) || lt->due_ns > due_ns)
        loop_timer_arm(engine_loop(en), lt, ms, rescan_due);
}

void
domains_scan_soon(struct engine *en)
{
    domains_scan_in(en, 0);
}

void
domains_free(struct host_room *h)
{
    size_t i;

    for (i = 0; i < h->n_doms; i++)
        entry_free(h->doms[i]);
    free(h->doms);
    free(h->scan);
    h->n_doms = 0;
}
