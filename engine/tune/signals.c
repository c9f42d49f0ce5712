/*
 * signals.c - what is poked into a running guest: a sysrq key through
 * xenstore, which its kernel takes and clears, a non-maskable interrupt, and
 * the buttons of an HVM domain's ACPI.
 */
#include <ctype.h>
#include <stdlib.h>

#include "engine/model/dom_kind.h"
#include "engine/tune/tune.h"
#include "engine/tune/tuning.h"
#include "src/base/xalloc.h"

#define SYSRQ_LIMIT_MS 5000

struct signal {
    struct tune tn;
    char key; /* sysrq */
    enum hv_trigger what;
    unsigned vcpu; /* nmi */
    bool written;
    struct store_watch watch;
};

static struct signal *
signals_self(struct task *t)
{
    return container_of(t, struct signal, tn.t);
}

static void
key_path(uint32_t domid, char *dst, size_t n)
{
    store_path(dst, n, "/local/domain/%u/control/sysrq", domid);
}

static void
key_changed(struct store_watch *w, const char *path)
{
    (void)path;
    task_wake(&container_of(w, struct signal, watch)->tn.t);
}

static int
signals_press(struct task *t, struct signal *s, struct err *e)
{
    const struct dom_entry *de = tune_dom(t, e);
    char path[96], key[2] = { s->key, '\0' };

    key_path(t->op->domid, path, sizeof(path));
    if (de == NULL || tune_can_follow(de, e) < 0 ||
        store_write(engine_store(t->en), 0, path, key, e) < 0)
        return -1;
    s->written = true;
    return store_watch_add(engine_store(t->en), &s->watch, path, key_changed,
                           e);
}

/* Taken once it is cleared: Linux writes a NUL, so any other byte will do. A
 * key may end the guest: then it took it as well. */
static enum step_rc
run_sysrq(struct task *t, struct err *e)
{
    struct signal *s = signals_self(t);
    struct buf v = { 0 };
    char path[96];
    bool waits;

    if (!s->written && signals_press(t, s, e) < 0)
        return STEP_FAIL;
    key_path(t->op->domid, path, sizeof(path));
    waits = store_read(engine_store(t->en), 0, path, &v, NULL) == 0 &&
            v.len > 0 && v.data[0] == s->key;
    buf_free(&v);
    return waits ? STEP_WAIT : STEP_DONE;
}

struct withdrawal {
    const char *path;
    char key;
};

/* Only a key that still stands is taken back. */
static int
signals_withdraw_body(struct store *st, store_tx tx, void *arg, struct err *e)
{
    const struct withdrawal *w = arg;
    struct buf v = { 0 };
    int rc = 0;

    if (store_read(st, tx, w->path, &v, NULL) == 0 && v.len > 0 &&
        v.data[0] == w->key)
        rc = store_write(st, tx, w->path, "", e);
    buf_free(&v);
    return rc;
}

int
sysrq_withdraw(struct engine *en, uint32_t domid, char key, struct err *e)
{
    char path[96];
    struct withdrawal w = { .path = path, .key = key };

    key_path(domid, path, sizeof(path));
    return store_tx_run(engine_store(en), signals_withdraw_body, &w, e);
}

static enum step_rc
undo_sysrq(struct task *t)
{
    struct signal *s = signals_self(t);

    store_watch_del(&s->watch);
    if (!s->written)
        return STEP_DONE;
    s->written = false;
    (void)sysrq_withdraw(t->en, t->op->domid, s->key, NULL);
    return STEP_DONE;
}

static enum step_rc
run_trigger(struct task *t, struct err *e)
{
    const struct dom_entry *de = tune_dom(t, e);
    const struct signal *s = signals_self(t);

    if (de == NULL ||
        hv_trigger(engine_hv(t->en), de->d.domid, s->what, s->vcpu, e) < 0)
        return STEP_FAIL;
    return STEP_DONE;
}

static const struct step sysrq_steps[] = {
    { .id = "wait-key",
      .label = "wait for the guest to take the key",
      .run = run_sysrq,
      .undo = undo_sysrq,
      .timeout_ms = SYSRQ_LIMIT_MS,
      .cancellable = true },
};
static const struct step nmi_steps[] = {
    { .id = "interrupt", .label = "interrupt", .run = run_trigger }
};
static const struct step button_steps[] = {
    { .id = "button", .label = "press the button", .run = run_trigger }
};

static void
signal_free(struct task *t)
{
    store_watch_del(&signals_self(t)->watch);
    free(signals_self(t));
}

static const struct task_type sysrq_type = { .steps = sysrq_steps,
                                             .n_steps = 1,
                                             .free = signal_free };
static const struct task_type nmi_type = { .steps = nmi_steps,
                                           .n_steps = 1,
                                           .free = signal_free };
static const struct task_type button_type = { .steps = button_steps,
                                              .n_steps = 1,
                                              .free = signal_free };

int
engine_sysrq(struct engine *en, uint64_t dom_id, char key, uint64_t *op_out,
             struct err *e)
{
    struct dom_entry *de = tune_target(en, dom_id, OP_TUNE, false, e);
    char xl[TUNE_XL_MAX], q[TUNE_XL_NAME];
    char want[16];
    const struct tune_begin b = {
        .type = &sysrq_type, .verb = OP_TUNE, .want = want, .title = want
    };
    struct signal *s;

    if (de == NULL)
        return -1;
    if (!isascii(key) || !isalnum((unsigned char)key))
        return err_set(e, ERR_INVALID,
                       "sysrq key: found '%c', allowed a letter or a digit "
                       "(h: help, b: reboot, c: crash, s: sync, t: tasks)",
                       isprint((unsigned char)key) ? key : '?');
    s = xcalloc(1, sizeof(*s));
    s->key = key;
    text_fmt(want, sizeof(want), "sysrq %c", key);
    text_fmt(xl, sizeof(xl), "xl sysrq %s %c", tune_xl_name(de, q), key);
    return tune_begin(de, &s->tn, &b, xl, op_out);
}

int
engine_nmi(struct engine *en, uint64_t dom_id, unsigned vcpu, uint64_t *op_out,
           struct err *e)
{
    struct dom_entry *de = tune_target(en, dom_id, OP_TUNE, false, e);
    char xl[TUNE_XL_MAX], q[TUNE_XL_NAME];
    const struct tune_begin b = { .type = &nmi_type,
                                  .verb = OP_TUNE,
                                  .title = "nmi" };
    struct signal *s;

    if (de == NULL || tune_check_built(de, e) < 0)
        return -1;
    if (vcpu >= de->d.vcpus_max)
        return err_set(e, ERR_RANGE, "vcpu of '%s': found %u, allowed 0 to %u",
                       de->d.name, vcpu, de->d.vcpus_max - 1);
    s = xcalloc(1, sizeof(*s));
    s->what = HV_NMI;
    s->vcpu = vcpu;
    text_fmt(xl, sizeof(xl), "xl trigger %s nmi %u", tune_xl_name(de, q), vcpu);
    return tune_begin(de, &s->tn, &b, xl, op_out);
}

int
engine_button(struct engine *en, uint64_t dom_id, enum engine_button button,
              uint64_t *op_out, struct err *e)
{
    struct dom_entry *de = tune_target(en, dom_id, OP_TUNE, false, e);
    const bool power = button == ENGINE_POWER_BUTTON;
    char xl[TUNE_XL_MAX], q[TUNE_XL_NAME];
    const struct tune_begin b = { .type = &button_type,
                                  .verb = OP_TUNE,
                                  .title =
                                      power ? "power button" : "sleep button" };
    struct signal *s;

    if (de == NULL)
        return -1;
    if (!dom_kind_has_machine(de->d.kind))
        return err_set(e, ERR_UNSUPPORTED,
                       "'%s' is a %s domain and has no ACPI buttons: only an "
                       "HVM domain has",
                       de->d.name, dom_kind_name(de->d.kind));
    s = xcalloc(1, sizeof(*s));
    s->what = power ? HV_POWER_BUTTON : HV_SLEEP_BUTTON;
    text_fmt(xl, sizeof(xl), "xl trigger %s %s", tune_xl_name(de, q),
             power ? "power" : "sleep");
    return tune_begin(de, &s->tn, &b, xl, op_out);
}
