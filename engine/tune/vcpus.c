/*
 * vcpus.c - how many of a domain's vcpus run, and on which physical cpus they
 * may and should. The guest takes vcpus off and on when their nodes in
 * xenstore say so; it is watched until it has.
 */
#include <stdlib.h>
#include <string.h>

#include "engine/model/dom_kind.h"
#include "engine/record/db.h"
#include "engine/task/xl_line.h"
#include "engine/tune/tune.h"
#include "engine/tune/tuning.h"
#include "src/base/xalloc.h"

#define MASK_BYTES (HV_CPUS_MAX / 8)

/* --- online --- */

struct online {
    struct tune tn;
    unsigned n, from;
    unsigned kept, kept_max; /* on record before; 0: nothing was */
    struct tune_wait wait;
};

static struct online *
online_of(struct task *t)
{
    return container_of(t, struct online, tn.t);
}

struct nodes_arg {
    uint32_t domid;
    unsigned n, max;
};

static int
nodes_body(struct store *st, store_tx tx, void *arg, struct err *e)
{
    const struct nodes_arg *a = arg;
    char path[96], now[16];
    unsigned i;

    for (i = 0; i < a->max; i++) {
        const char *want = i < a->n ? "online" : "offline";

        store_path(path, sizeof(path), "/local/domain/%u/cpu/%u/availability",
                   a->domid, i);
        if (store_read_text(st, tx, path, now, sizeof(now), NULL) == 0 &&
            strcmp(now, want) == 0)
            continue;
        if (store_write(st, tx, path, want, e) < 0)
            return -1;
    }
    return 0;
}

static void
keep_vcpus(struct domain_config *c, const void *arg)
{
    const struct online *o = arg;

    c->vcpus = o->n;
    if (c->maxvcpus < c->vcpus)
        c->maxvcpus = c->vcpus;
}

static void
keep_vcpus_before(struct domain_config *c, const void *arg)
{
    const struct online *o = arg;

    c->vcpus = o->kept;
    c->maxvcpus = o->kept_max;
}

/* What stands on record before it is changed. */
static void
vcpus_read_kept(struct online *o, const struct dom_entry *de)
{
    struct domain_config *c;

    if (!de->d.owned ||
        db_load(engine_paths(de->en)->state, de->d.uuid, &c, NULL) < 0)
        return;
    o->kept = c->vcpus;
    o->kept_max = c->maxvcpus;
    config_free(c);
}

static enum step_rc
vcpus_run_nodes(struct task *t, struct err *e)
{
    struct online *o = online_of(t);
    struct dom_entry *de = tune_dom(t, e);
    struct nodes_arg a = { .n = o->n };

    if (de == NULL || (!o->tn.again && tune_can_follow(de, e) < 0))
        return STEP_FAIL;
    a.domid = de->d.domid;
    a.max = de->d.vcpus_max;
    o->from = de->d.vcpus_online;
    vcpus_read_kept(o, de);
    if (store_tx_run(engine_store(t->en), nodes_body, &a, e) < 0 ||
        tune_keep(de, keep_vcpus, o, e) < 0)
        return STEP_FAIL;
    return STEP_DONE;
}

static enum step_rc
run_online(struct task *t, struct err *e)
{
    struct online *o = online_of(t);
    const struct dom_entry *de = tune_dom(t, e);
    struct hv_dom h;
    char text[64];

    if (de == NULL || hv_get(engine_hv(t->en), de->d.domid, &h, e) < 0)
        return STEP_FAIL;
    if (h.vcpus_online == o->n) {
        tune_wait_over(&o->wait);
        (void)domains_scan(t->en, false, NULL);
        return STEP_DONE;
    }
    if (tune_stalled(&o->wait, t, h.vcpus_online)) {
        err_set(e, ERR_TIMEOUT,
                "'%s' has %u vcpus online, %u were asked for, nothing moved in "
                "%d s: its kernel does not follow, or its udev does not bring "
                "up what comes; the request stays",
                t->op->name, h.vcpus_online, o->n, TUNE_STALL_S);
        return STEP_FAIL;
    }
    text_fmt(text, sizeof(text), "vcpus: %u online, %u wanted", h.vcpus_online,
             o->n);
    task_progress(t, -1, text);
    return STEP_WAIT;
}

/* Asks the guest for as many as ran before. */
static int
vcpus_restore(struct task *t, struct err *e)
{
    struct online *o = online_of(t);
    const struct dom_entry *de = tune_dom(t, e);
    struct nodes_arg a = { .n = o->from };

    if (de == NULL)
        return -1;
    a.domid = de->d.domid;
    a.max = de->d.vcpus_max;
    if (store_tx_run(engine_store(t->en), nodes_body, &a, e) < 0)
        return -1;
    return o->kept == 0 ? 0 : tune_keep(de, keep_vcpus_before, o, e);
}

/* What the guest did not do in time stays asked for: it may do it yet. */
static enum step_rc
undo_online(struct task *t)
{
    const struct online *o = online_of(t);
    struct err e = { 0 };

    tune_wait_over(&online_of(t)->wait);
    if (t->err.code != ERR_CANCELLED || o->tn.again || o->from == o->n)
        return STEP_DONE;
    if (vcpus_restore(t, &e) == 0)
        event_add_for(t->en, EVENT_ENGINE, EVENT_INFO, t->op->domid,
                      t->op->name, "it is asked for %u vcpus again", o->from);
    else
        event_add_for(t->en, EVENT_ENGINE, EVENT_WARN, t->op->domid,
                      t->op->name,
                      "it stays asked for %u vcpus, only the wait has ended: "
                      "%s",
                      o->n, e.msg);
    return STEP_DONE;
}

static void
online_free(struct task *t)
{
    tune_wait_over(&online_of(t)->wait);
    free(online_of(t));
}

static const struct step online_steps[] = {
    { .id = "tell", .label = "tell the guest", .run = vcpus_run_nodes },
    { .id = TUNE_STEP_WAIT,
      .label = "wait for the guest",
      .run = run_online,
      .undo = undo_online,
      .cancellable = true },
};
static const struct task_type online_type = { .steps = online_steps,
                                              .n_steps = 2,
                                              .free = online_free };

int
engine_vcpu_set(struct engine *en, uint64_t dom_id, unsigned online,
                uint64_t *op_out, struct err *e)
{
    struct dom_entry *de = tune_target(en, dom_id, OP_VCPUS, true, e);
    char xl[TUNE_XL_MAX], q[TUNE_XL_NAME];
    char want[32];
    const struct tune_begin b = {
        .type = &online_type, .verb = OP_VCPUS, .want = want, .title = want
    };
    struct online *o;

    if (de == NULL || tune_check_built(de, e) < 0)
        return -1;
    if (online < 1 || online > de->d.vcpus_max)
        return err_set(e, ERR_RANGE, "vcpus of '%s': found %u, allowed 1 to %u",
                       de->d.name, online, de->d.vcpus_max);
    if (dom_kind_has_machine(de->d.kind))
        return err_set(e, ERR_UNSUPPORTED,
                       "'%s' is an HVM domain: its device model plugs its "
                       "vcpus, and only the toolstack that made it has a "
                       "connection to that",
                       de->d.name);
    o = xcalloc(1, sizeof(*o));
    o->n = online;
    text_fmt(want, sizeof(want), "vcpus %u", online);
    text_fmt(xl, sizeof(xl), "xl vcpu-set %s %u", tune_xl_name(de, q), online);
    return tune_begin(de, &o->tn, &b, xl, op_out);
}

/* --- affinity --- */

struct pin {
    struct tune tn;
    unsigned first, n; /* vcpus */
    bool all;
    char *hard, *soft; /* as on record; NULL: as it is */
    uint8_t hard_mask[MASK_BYTES], soft_mask[MASK_BYTES];
    struct hv_vcpu *before; /* of those done */
    unsigned done;
};

static struct pin *
pin_of(struct task *t)
{
    return container_of(t, struct pin, tn.t);
}

/* *words_out: as on record; NULL: as it is. */
static int
parse_cpus(struct engine *en, const char *what, const char *text, uint8_t *mask,
           char **words_out, struct err *e)
{
    char *words;

    *words_out = NULL;
    if (text == NULL)
        return 0;
    words = cpu_words(en, text, e);
    if (words == NULL || cpus_parse(words, mask, e) < 0) {
        free(words);
        return err_wrap(e, "%s affinity", what);
    }
    *words_out = words;
    return 0;
}

static void
keep_pin(const struct pin *p, unsigned vcpus, struct config_cpus *k,
         const char *text)
{
    if (text != NULL && p->all)
        config_cpus_all(k, text);
    else if (text != NULL)
        config_cpus_pin(k, vcpus, p->first, text);
}

static void
keep_pins(struct domain_config *c, const void *arg)
{
    const struct pin *p = arg;

    keep_pin(p, c->maxvcpus, &c->cpus, p->hard);
    keep_pin(p, c->maxvcpus, &c->cpus_soft, p->soft);
}

static int
pin_one(struct task *t, struct pin *p, unsigned vcpu, struct err *e)
{
    struct hv *h = engine_hv(t->en);
    uint32_t domid = t->op->domid;

    if (hv_vcpu(h, domid, vcpu, &p->before[p->done], e) < 0 ||
        hv_set_affinity(h, domid, vcpu, p->hard != NULL ? p->hard_mask : NULL,
                        p->soft != NULL ? p->soft_mask : NULL, e) < 0)
        return -1;
    p->done++;
    return 0;
}

static enum step_rc
run_pin(struct task *t, struct err *e)
{
    struct pin *p = pin_of(t);
    const struct dom_entry *de = tune_dom(t, e);

    if (de == NULL)
        return STEP_FAIL;
    p->before = xcalloc(p->n, sizeof(p->before[0]));
    while (p->done < p->n)
        if (pin_one(t, p, p->first + p->done, e) < 0)
            return STEP_FAIL;
    if (tune_keep(de, keep_pins, p, e) < 0) {
        p->done = 0; /* set, as the sentence says */
        return STEP_FAIL;
    }
    return STEP_DONE;
}

static enum step_rc
undo_pin(struct task *t)
{
    struct pin *p = pin_of(t);

    while (p->done > 0) {
        const struct hv_vcpu *v = &p->before[--p->done];

        (void)hv_set_affinity(engine_hv(t->en), t->op->domid,
                              p->first + p->done, v->hard, v->soft, NULL);
    }
    return STEP_DONE;
}

static void
pin_free(struct task *t)
{
    struct pin *p = pin_of(t);

    free(p->hard);
    free(p->soft);
    free(p->before);
    free(p);
}

static const struct step pin_steps[] = {
    { .id = "set", .label = "set affinity", .run = run_pin, .undo = undo_pin }
};
static const struct task_type pin_type = { .steps = pin_steps,
                                           .n_steps = 1,
                                           .free = pin_free };

static void
pin_line(const struct dom_entry *de, const struct engine_pin *p, char *dst,
         size_t n)
{
    char id[16], q[TUNE_XL_NAME], hq[TUNE_XL_NAME], sq[TUNE_XL_NAME];

    text_fmt(id, sizeof(id), "%u", p->vcpu);
    text_fmt(dst, n, "xl vcpu-pin %s %s %s%s%s", tune_xl_name(de, q),
             p->vcpu == ENGINE_ALL_VCPUS ? "all" : id,
             p->hard != NULL ? xl_quote(hq, sizeof(hq), p->hard) : "-",
             p->soft != NULL ? " " : "",
             p->soft != NULL ? xl_quote(sq, sizeof(sq), p->soft) : "");
}

/* As one word. */
static void
add_cpus(struct buf *b, const char *text)
{
    for (; text != NULL && *text != '\0'; text++)
        if (*text != ' ' && *text != '\t')
            buf_chr(b, *text);
    if (b->data[b->len - 1] == ' ')
        buf_chr(b, '-');
}

int
engine_vcpu_pin(struct engine *en, uint64_t dom_id,
                const struct engine_pin *pin, uint64_t *op_out, struct err *e)
{
    struct tune_begin b = { .type = &pin_type,
                            .verb = OP_VCPUS,
                            .title = "vcpus pin" };
    struct buf want = { 0 };
    struct dom_entry *de = tune_target(en, dom_id, OP_VCPUS, true, e);
    bool all = pin->vcpu == ENGINE_ALL_VCPUS;
    char xl[TUNE_XL_MAX];
    struct pin *p;

    if (de == NULL || tune_check_built(de, e) < 0)
        return -1;
    if (!all && pin->vcpu >= de->d.vcpus_max)
        return err_set(e, ERR_RANGE, "vcpu of '%s': found %u, allowed 0 to %u",
                       de->d.name, pin->vcpu, de->d.vcpus_max - 1);
    p = xcalloc(1, sizeof(*p));
    if (parse_cpus(en, "hard", pin->hard, p->hard_mask, &p->hard, e) < 0 ||
        parse_cpus(en, "soft", pin->soft, p->soft_mask, &p->soft, e) < 0) {
        pin_free(&p->tn.t);
        return -1;
    }
    p->first = all ? 0 : pin->vcpu;
    p->n = all ? de->d.vcpus_max : 1;
    p->all = p->n == de->d.vcpus_max;
    pin_line(de, pin, xl, sizeof(xl));
    buf_fmt(&want, "pin %u ", pin->vcpu);
    add_cpus(&want, p->hard);
    buf_chr(&want, ' ');
    add_cpus(&want, p->soft);
    b.want = buf_text(&want);
    (void)tune_begin(de, &p->tn, &b, xl, op_out);
    buf_free(&want);
    return 0;
}
