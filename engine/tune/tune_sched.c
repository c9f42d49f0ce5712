/*
 * tune_sched.c - scheduler parameters of a domain and its vcpus. Which there
 * are depends on the scheduler of the domain's cpupool, which is asked each
 * time.
 */
#include <stdlib.h>
#include <string.h>

#include "engine/task/oplog.h"
#include "engine/tune/tune.h"
#include "engine/tune/tuning.h"
#include "src/base/xalloc.h"

#define RTDS_MIN_US 10
#define COUNT(a)    (sizeof(a) / sizeof((a)[0]))

enum param {
    PARAM_WEIGHT,
    PARAM_CAP,
    PARAM_PERIOD,
    PARAM_BUDGET,
    PARAM_EXTRATIME,
    PARAMS
};

#define BIT(k)   (1U << (k))
#define CREDITS  (BIT(SCHEDULER_CREDIT) | BIT(SCHEDULER_CREDIT2))
#define PER_VCPU 100 /* percent of one cpu */

static const struct {
    const char *name;
    unsigned kinds; /* of scheduler that know it */
    unsigned min, max;
} params[PARAMS] = {
    [PARAM_WEIGHT] = { "weight", CREDITS, 1, 65535 },
    [PARAM_CAP] = { "cap", CREDITS, 0, PER_VCPU }, /* times the vcpus */
    [PARAM_PERIOD] = { "period", BIT(SCHEDULER_RTDS), RTDS_MIN_US, UINT32_MAX },
    [PARAM_BUDGET] = { "budget", BIT(SCHEDULER_RTDS), RTDS_MIN_US, UINT32_MAX },
    [PARAM_EXTRATIME] = { "extratime", BIT(SCHEDULER_RTDS), 0, 1 },
};

struct sched {
    struct tune tn;
    unsigned vcpu;
    bool has[PARAMS];
    unsigned value[PARAMS];
};

static struct sched *
tune_sched_self(struct task *t)
{
    return container_of(t, struct sched, tn.t);
}

/* --- what is asked for --- */

static int
find_param(const char *name)
{
    int i;

    for (i = 0; i < PARAMS; i++)
        if (strcmp(params[i].name, name) == 0)
            return i;
    return -1;
}

static int
refuse_name(enum sched_kind k, const char *name, struct err *e)
{
    struct buf allowed = { 0 };
    int i, rc;

    for (i = 0; i < PARAMS; i++)
        if (params[i].kinds & BIT(k))
            buf_fmt(&allowed, "%s%s", allowed.len > 0 ? ", " : "",
                    params[i].name);
    rc = err_set(e, ERR_INVALID,
                 "scheduler parameter: found \"%.32s\", allowed %s: its cpu "
                 "pool has the %s scheduler",
                 name, allowed.len > 0 ? buf_text(&allowed) : "none",
                 sched_kind_name(k));
    buf_free(&allowed);
    return rc;
}

static int
tune_sched_take(struct sched *s, const struct dom *d, enum sched_kind k,
                const char *name, const char *value, struct err *e)
{
    int i = find_param(name);
    unsigned long long v, max;

    if (i < 0 || !(params[i].kinds & BIT(k)))
        return refuse_name(k, name, e);
    max = params[i].max;
    if (i == PARAM_CAP)
        max *= d->vcpus_max;
    if (!text_u64(value, params[i].min, max, &v))
        return err_set(
            e, ERR_RANGE, "%s of '%s': found \"%.32s\", allowed %u to %llu%s",
            name, d->name, value, params[i].min, max,
            i == PARAM_CAP ? " (percent of one cpu, 0: no cap)" : "");
    s->has[i] = true;
    s->value[i] = (unsigned)v;
    return 0;
}

/* --- the task --- */

static void
tune_sched_overlay(const struct sched *s, struct sched_params *p)
{
    if (s->has[PARAM_WEIGHT])
        p->weight = s->value[PARAM_WEIGHT];
    if (s->has[PARAM_CAP])
        p->cap = s->value[PARAM_CAP];
    if (s->has[PARAM_PERIOD])
        p->period_us = s->value[PARAM_PERIOD];
    if (s->has[PARAM_BUDGET])
        p->budget_us = s->value[PARAM_BUDGET];
    if (s->has[PARAM_EXTRATIME])
        p->extratime = s->value[PARAM_EXTRATIME] != 0;
}

static int
check_budget(const struct sched_params *p, const char *name, struct err *e)
{
    if (p->kind != SCHEDULER_RTDS || p->budget_us <= p->period_us)
        return 0;
    return err_set(e, ERR_RANGE,
                   "budget of '%s': found %u, allowed %d to its period of %u "
                   "(microseconds)",
                   name, p->budget_us, RTDS_MIN_US, p->period_us);
}

static void
keep_params(struct domain_config *c, const void *arg)
{
    const struct sched_params *p = arg;

    if (p->kind == SCHEDULER_RTDS) {
        c->period_us = p->period_us;
        c->budget_us = p->budget_us;
        c->extratime = p->extratime;
        c->extratime_set = true;
    } else {
        c->weight = p->weight;
        c->cap = p->cap;
    }
}

static enum step_rc
run_set(struct task *t, struct err *e)
{
    const struct sched *s = tune_sched_self(t);
    const struct dom_entry *de = tune_dom(t, e);
    struct sched_params p;

    if (de == NULL ||
        hv_sched_get(engine_hv(t->en), de->d.domid, s->vcpu, &p, e) < 0)
        return STEP_FAIL;
    tune_sched_overlay(s, &p);
    if (check_budget(&p, de->d.name, e) < 0 ||
        hv_sched_set(engine_hv(t->en), de->d.domid, s->vcpu, &p, e) < 0)
        return STEP_FAIL;
    if (s->vcpu == ENGINE_ALL_VCPUS && tune_keep(de, keep_params, &p, e) < 0)
        return STEP_FAIL;
    return STEP_DONE;
}

static void
sched_free(struct task *t)
{
    free(tune_sched_self(t));
}

static const struct step steps[] = {
    { .id = "set", .label = "set scheduler parameters", .run = run_set }
};
static const struct task_type type = { .steps = steps,
                                       .n_steps = 1,
                                       .free = sched_free };

/* --- engine.h --- */

static int
tune_sched_check_vcpu(const struct dom *d, enum sched_kind k, unsigned vcpu,
                      struct err *e)
{
    if (vcpu == ENGINE_ALL_VCPUS)
        return 0;
    if (k != SCHEDULER_RTDS)
        return err_set(e, ERR_INVALID,
                       "vcpu of '%s': found %u, allowed all of them: the %s "
                       "scheduler sets domains, not vcpus",
                       d->name, vcpu, sched_kind_name(k));
    if (vcpu < d->vcpus_max)
        return 0;
    return err_set(e, ERR_RANGE, "vcpu of '%s': found %u, allowed 0 to %u",
                   d->name, vcpu, d->vcpus_max - 1);
}

int
engine_sched_get(struct engine *en, uint64_t dom_id, unsigned vcpu,
                 struct sched_params *out, struct err *e)
{
    const struct dom_entry *de = tune_target(en, dom_id, OP_TUNE, true, e);

    if (de == NULL)
        return -1;
    return hv_sched_get(engine_hv(en), de->d.domid, vcpu, out, e);
}

/* xl takes none of the three of rtds without the others, nor without a vcpu. */
static void
xl_rtds(const struct sched *s, const struct sched_params *p, struct buf *b)
{
    if (s->vcpu == ENGINE_ALL_VCPUS)
        buf_str(b, " -v all");
    else
        buf_fmt(b, " -v %u", s->vcpu);
    buf_fmt(b, " -p %u -b %u -e %d", p->period_us, p->budget_us, p->extratime);
}

/* p: what is to be. */
static void
xl_line(const struct sched *s, const struct dom_entry *de,
        const struct sched_params *p, char *dst, size_t n)
{
    static const char letters[PARAMS] = { 'w', 'c' };
    char q[TUNE_XL_NAME];
    struct buf b = { 0 };
    int i;

    buf_fmt(&b, "xl sched-%s -d %s", sched_kind_name(p->kind),
            tune_xl_name(de, q));
    if (p->kind == SCHEDULER_RTDS)
        xl_rtds(s, p, &b);
    for (i = 0; i < PARAMS; i++)
        if (s->has[i] && letters[i] != '\0')
            buf_fmt(&b, " -%c %u", letters[i], s->value[i]);
    text_fmt(dst, n, "%s", buf_text(&b));
    buf_free(&b);
}

/* For tune_repeat. */
static void
in_words(const struct sched *s, char *dst, size_t n)
{
    struct buf b = { 0 };
    int i;

    buf_fmt(&b, "scheduler %u", s->vcpu);
    for (i = 0; i < PARAMS; i++)
        if (s->has[i])
            buf_fmt(&b, " %s %u", params[i].name, s->value[i]);
    text_fmt(dst, n, "%s", buf_text(&b));
    buf_free(&b);
}

static int
tune_sched_take_all(struct sched *s, const struct dom *d, enum sched_kind k,
                    const struct engine_sched *want, struct err *e)
{
    size_t i;

    for (i = 0; i < want->n; i++)
        if (tune_sched_take(s, d, k, want->names[i], want->values[i], e) < 0)
            return -1;
    return 0;
}

int
engine_sched_set(struct engine *en, uint64_t dom_id,
                 const struct engine_sched *want, uint64_t *op_out,
                 struct err *e)
{
    char xl[TUNE_XL_MAX], want_text[OPLOG_WANT_MAX];
    const struct tune_begin b = {
        .type = &type, .verb = OP_TUNE, .want = want_text, .title = want_text
    };
    struct dom_entry *de = tune_target(en, dom_id, OP_TUNE, true, e);
    struct sched_params now;
    struct sched *s;
    bool ok;

    if (de == NULL || tune_check_built(de, e) < 0 ||
        hv_sched_get(engine_hv(en), de->d.domid, ENGINE_ALL_VCPUS, &now, e) <
            0 ||
        tune_sched_check_vcpu(&de->d, now.kind, want->vcpu, e) < 0 ||
        (want->vcpu != ENGINE_ALL_VCPUS &&
         hv_sched_get(engine_hv(en), de->d.domid, want->vcpu, &now, e) < 0))
        return -1;
    s = xcalloc(1, sizeof(*s));
    s->vcpu = want->vcpu;
    ok = tune_sched_take_all(s, &de->d, now.kind, want, e) == 0;
    tune_sched_overlay(s, &now);
    if (!ok || check_budget(&now, de->d.name, e) < 0) {
        free(s);
        return -1;
    }
    xl_line(s, de, &now, xl, sizeof(xl));
    in_words(s, want_text, sizeof(want_text));
    return tune_begin(de, &s->tn, &b, xl, op_out);
}
