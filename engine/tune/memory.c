/*
 * memory.c - a domain's memory target and maximum. A target is written in one
 * transaction with what depends on it; then the guest is watched until it has
 * ballooned there. A target that was set stays, whatever the guest does.
 */
#include <stdlib.h>

#include "engine/device/machine_devices.h"
#include "engine/host/dom0_memory.h"
#include "engine/host/listing.h"
#include "engine/model/dom_kind.h"
#include "engine/record/db.h"
#include "engine/tune/tune.h"
#include "engine/tune/tuning.h"
#include "src/base/xalloc.h"

#define DOM0_MIN_KIB (128ULL * 1024) /* libxl's floor */
#define SLACK_KIB    (4ULL * 1024)   /* owned is never just the target */
#define SLACK_SHARE  256
#define MIB(kib)     ((unsigned long long)((kib) / 1024))

struct memory {
    struct tune tn;
    uint64_t kib;
    uint64_t from_kib;                 /* owned before */
    uint64_t max_kib;                  /* limit before */
    uint64_t target_kib, kept_max_kib; /* target before, maximum on record */
    bool limited;                      /* the limit may be changed already */
    bool set;                          /* the target is written */
    struct tune_wait wait;
};

static struct memory *
memory_self(struct task *t)
{
    return container_of(t, struct memory, tn.t);
}

/* --- the range --- */

struct range {
    uint64_t min, max, videoram;
    bool no_nodes; /* dom0 before its first balloon operation */
};

/* dom0 has no static-max until a toolstack writes it. */
static uint64_t
own_limit(const struct dom_entry *de)
{
    uint64_t total = engine_host_info(de->en)->total_kib;

    return de->d.max_kib < total ? de->d.max_kib : total;
}

/* A node that is not there, or holds no number, is as good as none; one that
 * cannot be read now says nothing, and another value must not take its place.
 */
static int
read_limit(struct store *st, store_tx tx, const struct dom_entry *de,
           const char *node, uint64_t *out, struct err *e)
{
    struct err why = { 0 };
    char path[64];

    store_path(path, sizeof(path), "/local/domain/%u/memory/%s", de->d.domid,
               node);
    if (store_read_u64(st, tx, path, CONFIG_MEM_MAX_KIB, out, &why) == 0)
        return 1;
    if (why.code == ERR_NOENT || why.code == ERR_INVALID)
        return 0;
    if (e != NULL)
        *e = why;
    return -1;
}

static int
read_range(struct store *st, store_tx tx, const struct dom_entry *de,
           struct range *out, struct err *e)
{
    int has;

    out->videoram = 0;
    out->min = de->d.domid == 0 ? DOM0_MIN_KIB : CONFIG_MEM_MIN_KIB;
    if (read_limit(st, tx, de, "videoram", &out->videoram, e) < 0)
        return -1;
    has = read_limit(st, tx, de, "static-max", &out->max, e);
    if (has < 0)
        return -1;
    out->no_nodes = has == 0;
    if (out->no_nodes)
        out->max = own_limit(de);
    if (out->max >
        engine_host_info(de->en)->total_kib) /* made with more than there is */
        out->max = engine_host_info(de->en)->total_kib;
    return 0;
}

/* Whole MiB as such, else KiB: rounded, a value could stand in its range. */
static int
out_of_range(const struct dom_entry *de, const char *what, uint64_t kib,
             const struct range *r, struct err *e)
{
    unsigned unit = kib % 1024 != 0 ? 1 : 1024;

    return err_set(
        e, ERR_RANGE, "%s of '%s': found %llu %s, allowed %llu to %llu %s",
        what, de->d.name, (unsigned long long)kib / unit,
        unit == 1 ? "KiB" : "MiB", (unsigned long long)r->min / unit,
        (unsigned long long)r->max / unit, unit == 1 ? "KiB" : "MiB");
}

static int
check_range(const struct dom_entry *de, const char *what, uint64_t kib,
            const struct range *r, struct err *e)
{
    if (kib >= r->min && kib <= r->max)
        return 0;
    return out_of_range(de, what, kib, r, e);
}

/* --- the target --- */

static int
write_nodes(struct store *st, store_tx tx, const struct dom_entry *de,
            const struct range *r, uint64_t kib, struct err *e)
{
    char path[96], uuid[37];

    if (r->no_nodes) {
        store_path(path, sizeof(path), "/local/domain/%u/memory/static-max",
                   de->d.domid);
        if (store_writef(st, tx, e, path, "%llu", (unsigned long long)r->max) <
            0)
            return -1;
    }
    store_path(path, sizeof(path), "/local/domain/%u/memory/target",
               de->d.domid);
    if (store_writef(st, tx, e, path, "%llu",
                     (unsigned long long)(kib - r->videoram)) < 0)
        return -1;
    if (de->d.domid == 0)
        return 0;
    uuid_print_text(de->d.uuid, uuid);
    store_path(path, sizeof(path), "/vm/%s/memory", uuid);
    return store_writef(st, tx, e, path, "%llu", MIB(kib));
}

struct setting {
    struct memory *m;
    const struct dom_entry *de;
};

/* The calls of the hypervisor are part of the body as libxl's are: each may be
 * made again. */
static int
target_body(struct store *st, store_tx tx, void *arg, struct err *e)
{
    struct setting *s = arg;
    const struct dom *d = &s->de->d;
    struct hv *h = engine_hv(s->de->en);
    uint64_t kib = s->m->kib;
    struct range r;

    if (read_range(st, tx, s->de, &r, e) < 0 ||
        check_range(s->de, "memory", kib, &r, e) < 0)
        return -1;
    s->m->limited = true;
    if (hv_set_maxmem(h, d->domid, kib + DOM_SLACK_KIB, e) < 0)
        return -1;
    if (dom_kind_in_container(d->kind) &&
        hv_set_pod_target(h, d->domid, kib - r.videoram + DOM_SLACK_KIB, e) < 0)
        return -1;
    return write_nodes(st, tx, s->de, &r, kib, e);
}

/* One that wants all of its memory at its start has this target until its end
 * only. */
static void
keep_target(struct domain_config *c, const void *arg)
{
    if (machine_wants_all_memory(c))
        return;
    c->mem_kib = *(const uint64_t *)arg;
    if (c->maxmem_kib < c->mem_kib)
        c->maxmem_kib = c->mem_kib;
}

/* As mem-set takes it; 0: nobody has set one yet. */
static int
target_now(const struct dom_entry *de, uint64_t *kib_out, struct err *e)
{
    struct store *st = engine_store(de->en);
    struct range r;
    int has = read_limit(st, 0, de, "target", kib_out, e);

    if (has < 0 || read_range(st, 0, de, &r, e) < 0)
        return -1;
    *kib_out = has == 0 ? 0 : *kib_out + r.videoram;
    return 0;
}

static enum step_rc
run_target(struct task *t, struct err *e)
{
    struct memory *m = memory_self(t);
    struct dom_entry *de = tune_dom(t, e);
    struct setting s = { .m = m, .de = de };
    struct hv_dom h;

    if (de == NULL || (!m->tn.again && tune_can_follow(de, e) < 0) ||
        hv_get(engine_hv(t->en), de->d.domid, &h, e) < 0)
        return STEP_FAIL;
    m->from_kib = h.mem_kib;
    m->max_kib = h.max_kib;
    m->kept_max_kib = engine_mem_max_kept(t->en, de->d.id);
    if (target_now(de, &m->target_kib, e) < 0)
        return STEP_FAIL;
    if (store_tx_run(engine_store(t->en), target_body, &s, e) < 0)
        return STEP_FAIL;
    m->set = true;
    domains_read_store(de);
    engine_changed(t->en, ENGINE_CH_DOMS);
    return tune_keep(de, keep_target, &m->kib, e) < 0 ? STEP_FAIL : STEP_DONE;
}

/* Without its target the new limit would only be in the guest's way. */
static enum step_rc
undo_target(struct task *t)
{
    struct memory *m = memory_self(t);
    struct err e = { 0 };

    if (m->limited && !m->set &&
        hv_set_maxmem(engine_hv(t->en), t->op->domid, m->max_kib, &e) < 0 &&
        e.code != ERR_NOENT)
        log_line(engine_log(t->en), LOGL_WARN, "%s: %s", t->op->name, e.msg);
    m->limited = false;
    return STEP_DONE;
}

/* --- the balloon --- */

static uint64_t
memory_distance(uint64_t a, uint64_t b)
{
    return a > b ? a - b : b - a;
}

static void
memory_tell_progress(struct task *t, const struct memory *m, uint64_t now_kib)
{
    uint64_t whole = memory_distance(m->from_kib, m->kib);
    uint64_t left = memory_distance(now_kib, m->kib);
    char at[16], to[16], text[64];

    text_kib(at, sizeof(at), now_kib);
    text_kib(to, sizeof(to), m->kib);
    text_fmt(text, sizeof(text), "balloon: at %s, target %s", at, to);
    if (left > whole)
        left = whole;
    task_progress(t, (int)((whole - left) * 100 / whole), text);
}

/* One that grows may want what the host has not. */
static void
why_stuck(const struct memory *m, uint64_t now_kib, char *dst, size_t n)
{
    struct hv_host host;
    char remedy[256];

    text_fmt(dst, n, "its balloon driver does not follow, or is at its limit");
    if (m->kib > now_kib && hv_host(engine_hv(m->tn.t.en), &host, NULL) == 0 &&
        host.free_kib < m->kib - now_kib) {
        dom0_memory_remedy(m->tn.t.en, m->kib - now_kib - host.free_kib, remedy,
                           sizeof(remedy));
        text_fmt(dst, n,
                 "it needs %llu MiB more, and the host has %llu MiB free: %s",
                 MIB(m->kib - now_kib), MIB(host.free_kib), remedy);
    }
}

static enum step_rc
stuck(const struct memory *m, uint64_t now_kib, struct err *e)
{
    char why[448];

    why_stuck(m, now_kib, why, sizeof(why));
    err_set(e, ERR_TIMEOUT,
            "'%s' stands at %llu MiB on its way from %llu to %llu MiB, nothing "
            "moved in %d s: %s; the target stays",
            m->tn.t.op->name, MIB(now_kib), MIB(m->from_kib), MIB(m->kib),
            TUNE_STALL_S, why);
    return STEP_FAIL;
}

static enum step_rc
run_balloon(struct task *t, struct err *e)
{
    struct memory *m = memory_self(t);
    const struct dom_entry *de = tune_dom(t, e);
    struct hv_dom h;

    if (de == NULL || hv_get(engine_hv(t->en), de->d.domid, &h, e) < 0)
        return STEP_FAIL;
    if (memory_distance(h.mem_kib, m->kib) <=
        SLACK_KIB + m->kib / SLACK_SHARE) {
        tune_wait_over(&m->wait);
        (void)domains_scan(t->en, false, NULL);
        return STEP_DONE;
    }
    if (tune_stalled(&m->wait, t, h.mem_kib))
        return stuck(m, h.mem_kib, e);
    memory_tell_progress(t, m, h.mem_kib);
    return STEP_WAIT;
}

static void
keep_former(struct domain_config *c, const void *arg)
{
    const struct memory *m = arg;

    if (machine_wants_all_memory(c))
        return;
    c->mem_kib = m->kib;
    c->maxmem_kib = m->kept_max_kib;
}

/* Sets the target that it had before; the guest goes back there by itself. */
static int
target_restore(struct task *t, struct err *e)
{
    struct memory *m = memory_self(t);
    struct dom_entry *de = tune_dom(t, e);
    struct setting s = { .m = m, .de = de };
    uint64_t wanted = m->kib;

    if (de == NULL)
        return -1;
    if (m->target_kib == 0)
        return err_set(e, ERR_NOENT, "what it was before is not known");
    m->kib = m->target_kib;
    if (store_tx_run(engine_store(t->en), target_body, &s, e) < 0) {
        m->kib = wanted;
        return -1;
    }
    (void)hv_set_maxmem(engine_hv(t->en), de->d.domid, m->max_kib, NULL);
    domains_read_store(de);
    engine_changed(t->en, ENGINE_CH_DOMS);
    return tune_keep(de, keep_former, m, e);
}

/* One that the guest did not reach stays: it may get there yet. */
static enum step_rc
undo_balloon(struct task *t)
{
    struct memory *m = memory_self(t);
    struct err e = { 0 };

    tune_wait_over(&m->wait);
    if (t->err.code != ERR_CANCELLED || m->target_kib == m->kib)
        return STEP_DONE;
    if (target_restore(t, &e) == 0)
        event_add_for(t->en, EVENT_ENGINE, EVENT_INFO, t->op->domid,
                      t->op->name, "its memory target is %llu MiB again",
                      MIB(m->kib));
    else
        event_add_for(t->en, EVENT_ENGINE, EVENT_WARN, t->op->domid,
                      t->op->name,
                      "its memory target stays at %llu MiB, only the wait for "
                      "it has ended: %s",
                      MIB(m->kib), e.msg);
    return STEP_DONE;
}

static const struct step target_steps[] = {
    { .id = "set",
      .label = "set the target",
      .run = run_target,
      .undo = undo_target },
    { .id = TUNE_STEP_WAIT,
      .label = "balloon",
      .run = run_balloon,
      .undo = undo_balloon,
      .cancellable = true },
};

/* --- the maximum --- */

static void
keep_max(struct domain_config *c, const void *arg)
{
    uint64_t kib = *(const uint64_t *)arg;

    if (machine_wants_all_memory(c) && kib > c->mem_kib)
        return;
    c->maxmem_kib = kib;
    if (c->mem_kib > c->maxmem_kib)
        c->mem_kib = c->maxmem_kib;
}

static int
read_max_range(const struct dom_entry *de, struct range *out, struct err *e)
{
    if (read_range(engine_store(de->en), 0, de, out, e) < 0)
        return -1;
    out->max = engine_host_info(de->en)->total_kib;
    if (de->d.target_kib + out->videoram > out->min)
        out->min = de->d.target_kib + out->videoram;
    return 0;
}

static enum step_rc
run_max(struct task *t, struct err *e)
{
    struct memory *m = memory_self(t);
    struct dom_entry *de = tune_dom(t, e);
    struct range r;

    if (de == NULL)
        return STEP_FAIL;
    domains_read_store(de);
    if (read_max_range(de, &r, e) < 0 ||
        check_range(de, "maximum memory", m->kib, &r, e) < 0 ||
        hv_set_maxmem(engine_hv(t->en), de->d.domid, m->kib + DOM_SLACK_KIB,
                      e) < 0 ||
        domains_scan(t->en, false, e) < 0 ||
        tune_keep(de, keep_max, &m->kib, e) < 0)
        return STEP_FAIL;
    return STEP_DONE;
}

static const struct step max_steps[] = {
    { .id = "set", .label = "set the maximum", .run = run_max }
};

/* --- engine.h --- */

static void
memory_free(struct task *t)
{
    struct memory *m = memory_self(t);

    tune_wait_over(&m->wait);
    free(m);
}

static const struct task_type target_type = { .steps = target_steps,
                                              .n_steps = 2,
                                              .free = memory_free };
static const struct task_type max_type = { .steps = max_steps,
                                           .n_steps = 1,
                                           .free = memory_free };

/* Whole MiB as such, else KiB. Returns dst. */
static const char *
memory_words(uint64_t kib, char *dst, size_t n)
{
    text_fmt(dst, n, "%llu %s",
             (unsigned long long)(kib % 1024 != 0 ? kib : kib / 1024),
             kib % 1024 != 0 ? "KiB" : "MiB");
    return dst;
}

static int
memory_begin(struct dom_entry *de, uint64_t kib, const struct task_type *type,
             uint64_t *op_out)
{
    char xl[TUNE_XL_MAX], q[TUNE_XL_NAME];
    char want[48], title[64], size[24];
    const struct tune_begin b = {
        .type = type, .verb = OP_MEMORY, .want = want, .title = title
    };
    struct memory *m = xcalloc(1, sizeof(*m));

    m->kib = kib;
    text_fmt(want, sizeof(want), "%s %llu",
             type == &max_type ? "maximum" : "target", (unsigned long long)kib);
    text_fmt(title, sizeof(title), "memory %s %s",
             type == &max_type ? "maximum" : "target",
             memory_words(kib, size, sizeof(size)));
    text_fmt(xl, sizeof(xl), "xl %s %s %lluk",
             type == &max_type ? "mem-max" : "mem-set", tune_xl_name(de, q),
             (unsigned long long)kib);
    return tune_begin(de, &m->tn, &b, xl, op_out);
}

int
engine_mem_set(struct engine *en, uint64_t dom_id, uint64_t kib,
               uint64_t *op_out, struct err *e)
{
    struct dom_entry *de = tune_target(en, dom_id, OP_MEMORY, true, e);
    struct range r;

    if (de == NULL || tune_check_built(de, e) < 0)
        return -1;
    if (read_range(engine_store(en), 0, de, &r, e) < 0 ||
        check_range(de, "memory", kib, &r, e) < 0)
        return -1;
    return memory_begin(de, kib, &target_type, op_out);
}

int
engine_mem_max(struct engine *en, uint64_t dom_id, uint64_t kib,
               uint64_t *op_out, struct err *e)
{
    struct dom_entry *de = tune_target(en, dom_id, OP_MEMORY, false, e);
    struct range r;

    if (de == NULL || tune_check_built(de, e) < 0)
        return -1;
    if (read_max_range(de, &r, e) < 0 ||
        check_range(de, "maximum memory", kib, &r, e) < 0)
        return -1;
    return memory_begin(de, kib, &max_type, op_out);
}

uint64_t
engine_mem_max_kept(struct engine *en, uint64_t dom_id)
{
    const struct dom_entry *de = domains_by_id(en, dom_id);
    struct domain_config *c;
    uint64_t kib;

    if (de == NULL)
        return UINT64_MAX;
    if (!de->d.owned ||
        db_load(engine_paths(en)->state, de->d.uuid, &c, NULL) < 0)
        return de->d.max_kib;
    kib = c->maxmem_kib;
    config_free(c);
    return kib;
}
