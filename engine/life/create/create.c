/*
 * create.c - creation of a domain: a table of steps in Xen's order, each with
 * what takes it back. A failure at any of them leaves the host as it was. What
 * only one kind of guest needs comes from its handler (engine/guest/guest.h),
 * steps of its own among it: parsing its kernel, filling its memory.
 */
#include "engine/life/create.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/console/consoles_own.h"
#include "engine/device/machine_devices.h"
#include "engine/guest/guest_machine.h"
#include "engine/host/listing.h"
#include "engine/life/create/create_tune.h"
#include "engine/life/create_int.h"
#include "engine/life/ending.h"
#include "engine/life/host_stop.h"
#include "engine/life/life.h"
#include "engine/life/migrate/incoming.h"
#include "engine/life/retry.h"
#include "engine/postmortem/postmortem_room.h"
#include "engine/task/helper.h"
#include "engine/task/operations.h"
#include "engine/task/oplog.h"
#include "engine/task/tasks.h"
#include "src/base/xalloc.h"

#define OFFER_LIMIT_MS 60000
#define TTY_LIMIT_MS   20000 /* libxl waits 10 s for xenconsoled */

static struct create *
create_self(struct task *t)
{
    return container_of(t, struct create, t);
}

/* --- the domain and its nodes --- */

/* "BOOT_ID PID STARTTIME JOURNAL": enough to tell later whether the maker
 * lives. */
static void
fill_nodes(struct create *c)
{
    char self_text[96];

    maker_self(self_text, sizeof(self_text));
    text_fmt(c->maker, sizeof(c->maker), "%s %s", self_text,
             oplog_name(c->t.en));
    c->nodes.domid = c->domid;
    memcpy(c->nodes.uuid, c->cfg->uuid, sizeof(c->nodes.uuid));
    c->nodes.cmdline = buf_text(&c->guest.cmdline);
    c->nodes.maker = c->maker;
    c->nodes.restarts = c->o.restarts;
    c->nodes.name = c->shown[0] != '\0' ? c->shown : c->cfg->name;
}

/* A restarted domain gets its domid again unless another has it now. */
static int
make_in_hv(struct create *c, struct hv_create *hc, struct err *e)
{
    hc->domid = c->o.domid;
    if (hc->domid != 0) {
        if (hv_create(engine_hv(c->t.en), hc, &c->domid, e) == 0)
            return 0;
        if (e->code != ERR_EXISTS)
            return -1;
        err_clear(e);
        hc->domid = 0;
    }
    return hv_create(engine_hv(c->t.en), hc, &c->domid, e);
}

static int
make_and_name(struct create *c, struct err *e)
{
    struct engine *en = c->t.en;
    struct hv_limits limits;
    struct hv_create hc = { .kind = c->guest.type->hv,
                            .max_vcpus = c->cfg->maxvcpus,
                            .cpupool = c->pool,
                            .limits = &limits };
    bool dying;

    guest_limits(c->cfg, &limits);
    if (create_check_unique(c, &dying, e) < 0)
        return -1;
    memcpy(hc.uuid, c->cfg->uuid, sizeof(hc.uuid));
    if (make_in_hv(c, &hc, e) < 0)
        return -1;
    c->made = true;
    fill_nodes(c);
    return nodes_write_skeleton(engine_store(en), &c->nodes, e);
}

static enum step_rc
run_make(struct task *t, struct err *e)
{
    struct create *c = create_self(t);
    struct dom_entry *de;
    enum step_rc got;
    int lock, rc;

    got = task_lock_names(t, &lock, e);
    if (got != STEP_DONE)
        return got;
    rc = make_and_name(c, e);
    close(lock);
    if (rc < 0 || domains_scan(t->en, false, e) < 0)
        return STEP_FAIL;
    de = domains_by_domid(t->en, c->domid);
    if (de == NULL) {
        err_set(e, ERR_LOST, "the new domain vanished");
        return STEP_FAIL;
    }
    domains_read_store(de);
    task_set_dom(t, &de->d);
    return STEP_DONE;
}

static void
create_remove_nodes(struct create *c)
{
    struct err e = { 0 };

    if (nodes_remove(engine_store(c->t.en), c->domid, c->cfg->uuid, &e) < 0)
        event_add_for(c->t.en, EVENT_ENGINE, EVENT_ERROR, c->domid,
                      c->cfg->name, "left in xenstore: %s", e.msg);
}

/* Nodes first: xenconsoled lets go of the rings before the memory is freed. */
static enum step_rc
undo_make(struct task *t)
{
    struct create *c = create_self(t);
    enum step_rc rc;

    if (!c->made)
        return STEP_DONE;
    if (!c->nodes_gone) {
        create_remove_nodes(c);
        c->nodes_gone = true;
    }
    rc = kill_domain(&c->kill, t, c->domid);
    if (rc == STEP_WAIT)
        return rc;
    if (rc == STEP_FAIL)
        event_add_for(t->en, EVENT_ENGINE, EVENT_ERROR, c->domid, c->cfg->name,
                      "not destroyed: %s", c->kill.err.msg);
    c->made = false;
    domains_scan_soon(t->en);
    return STEP_DONE;
}

/* --- what is set before the memory is filled --- */

/* Which domain runs a daemon: /tool/NAME/domid, dom0 where it is missing. */
static int
daemon_domid(struct store *st, const char *path, uint32_t *out, struct err *e)
{
    struct err why = { 0 };
    uint64_t v = 0;

    if (store_read_u64(st, 0, path, HV_DOMID_MAX, &v, &why) < 0 &&
        why.code != ERR_NOENT) {
        *e = why;
        return -1;
    }
    *out = (uint32_t)v;
    return 0;
}

static enum step_rc
run_set_up(struct task *t, struct err *e)
{
    struct create *c = create_self(t);
    struct hv *h = engine_hv(t->en);
    struct guest *g = &c->guest;
    struct guest_memory m;

    g->type->memory(c->cfg, &m);
    if (daemon_domid(engine_store(t->en), "/tool/xenstored/domid",
                     &g->store_domid, e) < 0 ||
        daemon_domid(engine_store(t->en), "/tool/xenconsoled/domid",
                     &g->console_domid, e) < 0 ||
        hv_set_max_vcpus(h, c->domid, c->cfg->maxvcpus, e) < 0 ||
        create_tune(c, e) < 0 || hv_set_maxmem(h, c->domid, m.own_kib, e) < 0 ||
        hv_alloc_evtchn(h, c->domid, g->store_domid, &c->nodes.store_port, e) <
            0 ||
        hv_alloc_evtchn(h, c->domid, g->console_domid, &c->nodes.console_port,
                        e) < 0 ||
        (m.map_kib > 0 && hv_set_memmap_limit(h, c->domid, m.map_kib, e) < 0) ||
        guest_set_machine(g, e) < 0)
        return STEP_FAIL;
    return STEP_DONE;
}

/* --- the steps of the guest's kind --- */

static enum step_rc
run_own(struct task *t, struct err *e)
{
    struct create *c = create_self(t);

    return c->guest.type->steps[t->at - c->own_at].run(&c->guest, e);
}

/* While a task is undone, t->at is one past the step at work. */
static enum step_rc
undo_own(struct task *t)
{
    struct create *c = create_self(t);
    const struct guest_step *s = &c->guest.type->steps[t->at - 1 - c->own_at];

    return s->undo == NULL ? STEP_DONE : s->undo(&c->guest);
}

/* --- after the build --- */

static enum step_rc
run_introduce(struct task *t, struct err *e)
{
    struct create *c = create_self(t);

    c->nodes.start_wall_s = loop_wall_s(engine_loop(t->en));
    c->nodes.start_boot_s = loop_boot_s(engine_loop(t->en));
    if (nodes_write_rings(engine_store(t->en), &c->nodes, e) < 0 ||
        store_introduce(engine_store(t->en), c->domid, c->nodes.built.store_mfn,
                        c->nodes.store_port, e) < 0)
        return STEP_FAIL;
    return STEP_DONE;
}

static void
create_tty_changed(struct store_watch *w, const char *path)
{
    (void)path;
    task_wake(&container_of(w, struct create, tty_watch)->t);
}

/* All side by side: scripts take their time. */
static enum step_rc
create_run_devices(struct task *t, struct err *e)
{
    struct create *c = create_self(t);
    enum step_rc rc = c->devices.begun ? STEP_DONE : create_reach(c, e);

    if (rc != STEP_DONE)
        return rc;
    c->devices.domid = c->domid;
    return devices_attach(&c->devices, e);
}

static enum step_rc
undo_devices(struct task *t)
{
    return devices_undo(&create_self(t)->devices);
}

static enum step_rc
create_run_model(struct task *t, struct err *e)
{
    struct create *c = create_self(t);

    return dm_start_run(&c->model, &c->devices,
                        &(struct dm_want){ .name = c->cfg->name,
                                           .mem_kib = c->cfg->maxmem_kib,
                                           .cfg = c->cfg,
                                           .restores = c->guest.state_fd >= 0,
                                           .state_fd = c->guest.state_fd },
                        e);
}

/* It has its state, and serves from there. Before that the domain must not run:
 * a model that cannot go on (its disks are not to be had) would leave it with
 * dead ones. */
static enum step_rc
create_run_model_on(struct task *t, struct err *e)
{
    struct create *c = create_self(t);
    enum step_rc rc;

    if (c->guest.state_fd < 0 || c->model_goes_on)
        return STEP_DONE;
    rc = dm_cont(&c->model_talk, t, c->domid, e);
    c->model_goes_on = rc == STEP_DONE;
    return rc;
}

/* A domain has all before its first instruction: the cards of interfaces are on
 * their bridges, the host's devices in the machine. */
static enum step_rc
create_run_late(struct task *t, struct err *e)
{
    return devices_attach_late(&create_self(t)->devices, e);
}

static enum step_rc
create_undo_model(struct task *t)
{
    return dm_start_undo(&create_self(t)->model);
}

static enum step_rc
run_tty(struct task *t, struct err *e)
{
    struct create *c = create_self(t);
    char path[64], tty[64];

    store_path(path, sizeof(path), "/local/domain/%u/console/tty", c->domid);
    if (c->tty_watch.st == NULL &&
        store_watch_add(engine_store(t->en), &c->tty_watch, path,
                        create_tty_changed, e) < 0)
        return STEP_FAIL;
    if (store_read_text(engine_store(t->en), 0, path, tty, sizeof(tty), e) < 0)
        return STEP_FAIL;
    if (tty[0] == '\0')
        return STEP_WAIT;
    store_watch_del(&c->tty_watch);
    return STEP_DONE;
}

/* The console is read from before the first instruction: nothing of the boot
 * is lost. A console that cannot be had is no reason to have no domain. */
static enum step_rc
run_start(struct task *t, struct err *e)
{
    struct create *c = create_self(t);
    struct dom_entry *de = domains_by_domid(t->en, c->domid);

    if (de == NULL) {
        err_set(e, ERR_LOST, "domain %u vanished before its start", c->domid);
        return STEP_FAIL;
    }
    domains_read_store(de);
    console_own(de);
    if (dm_start_check(&c->model, e) < 0 ||
        (!c->o.paused && hv_unpause(engine_hv(t->en), c->domid, e) < 0))
        return STEP_FAIL;
    if (c->guest.stream_fd >= 0)
        create_announce(c);
    (void)domains_scan(t->en, false, NULL); /* it runs: as all can see */
    return STEP_DONE;
}

static const struct step steps[] = {
    { .id = "check", .label = "check", .run = create_run_check },
    { .id = "memory",
      .label = "free memory",
      .run = create_run_memory,
      .undo = create_undo_memory,
      .cancellable = true },
    { .id = "make",
      .label = "make domain",
      .run = run_make,
      .undo = undo_make },
    { .id = "set-up", .label = "set up", .run = run_set_up },
    { .run = run_own, .undo = undo_own }, /* stands for all of the kind's */
    { .id = "introduce", .label = "introduce", .run = run_introduce },
    { .id = "devices",
      .label = "attach devices",
      .run = create_run_devices,
      .undo = undo_devices,
      .cancellable = true },
    { .id = "model",
      .label = "start device model",
      .run = create_run_model,
      .undo = create_undo_model,
      .timeout_ms = DM_START_LIMIT_MS,
      .cancellable = true },
    { .id = "model-on",
      .label = "let the device model go on",
      .run = create_run_model_on,
      .cancellable = true },
    { .id = "late",
      .label = "attach what the model has",
      .run = create_run_late,
      .cancellable = true },
    { .id = "console",
      .label = "wait for console",
      .run = run_tty,
      .timeout_ms = TTY_LIMIT_MS,
      .late = "see whether xenconsoled runs, which gives guests their console",
      .cancellable = true },
    { .id = "record",
      .label = "record",
      .run = create_run_record,
      .undo = create_undo_record },
    { .id = "offer",
      .label = "wait for the other host's permission",
      .run = incoming_run_offer,
      .timeout_ms = OFFER_LIMIT_MS,
      .late = "look at the other host's journal",
      .cancellable = true },
    { .id = "take",
      .label = "take it in",
      .run = incoming_run_take,
      .undo = incoming_undo_take },
    { .id = "start", .label = "start", .run = run_start },
};

static void
create_free(struct task *t)
{
    struct create *c = create_self(t);

    store_watch_del(&c->tty_watch);
    loop_timer_del(&c->again);
    create_fini_memory(c);
    file_look_fini(&c->look);
    guest_fini(&c->guest);
    devices_fini(&c->devices);
    dm_start_fini(&c->model);
    dm_talk_fini(&c->model_talk);
    buf_free(&c->begun);
    db_before_fini(&c->before);
    kill_fini(&c->kill);
    incoming_free(c->o.incoming);
    config_free(c->cfg);
    free(c->steps);
    free(c);
}

/* What was restored, or came from another host, has not booted: its words are
 * of no use, and it lives on where it is. */
void
create_undoing(const struct task *t)
{
    const struct create *c = container_of(t, const struct create, t);
    struct postmortem_cause cause = { .why = POSTMORTEM_BOOT };
    struct dom_entry *de;

    if (t->type->free != create_free || !c->made ||
        t->err.code == ERR_CANCELLED || c->guest.stream_fd >= 0)
        return;
    de = domains_by_domid(t->en, c->domid);
    cause.detail = t->err.msg;
    cause.cfg = c->cfg;
    if (de != NULL)
        postmortem_begin(de, &cause);
}

/* A next life that did not come to be. */
static void
create_ended_again(struct create *c)
{
    struct task *t = &c->t;

    if (t->overtaken)
        restart_destroyed(t->en, c->cfg, c->o.domid, &t->op->err);
    else if (!t->abandoned) /* else the next engine brings it back */
        restart_failed(t->en, c->cfg, &c->o, t->op->id, &t->op->err);
}

static void
create_ended(struct task *t)
{
    struct create *c = create_self(t);

    if (t->op->state != OP_DONE && c->o.again)
        create_ended_again(c);
    else if (c->o.again)
        retry_drop(t->en, c->cfg->uuid);
    if (t->op->state == OP_DONE)
        create_drop_saved(c);
    else
        err_wrap(&t->op->err, "%s '%s'", op_verb_name(t->op->verb),
                 c->cfg->name);
    incoming_ended(c);
}

/* Whatever ended it but a destruction. */
static bool
create_goes_on(const struct task *t)
{
    return container_of(t, const struct create, t)->o.again && !t->overtaken;
}

/* What is taken back of a restart the next engine makes again. One that has
 * failed by itself, or was cancelled, is what restart_failed makes of it. */
static bool
create_stays(const struct task *t)
{
    return container_of(t, const struct create, t)->o.again && !t->undoing;
}

/* Its steps are laid out for each creation. */
static const struct task_type type = { .free = create_free,
                                       .ended = create_ended,
                                       .goes_on = create_goes_on,
                                       .stays = create_stays };

/* The table of steps with those of the guest's kind in their place. */
static void
lay_out_steps(struct create *c)
{
    const struct guest_type *g = c->guest.type;
    const size_t common = sizeof(steps) / sizeof(steps[0]);
    size_t i, j, n = 0;

    c->steps = xcalloc(common + g->n_steps, sizeof(*c->steps));
    for (i = 0; i < common; i++) {
        if (steps[i].run != run_own) {
            c->steps[n++] = steps[i];
            continue;
        }
        c->own_at = n;
        for (j = 0; j < g->n_steps; j++) {
            c->steps[n] = g->steps[j].step;
            c->steps[n].run = run_own;
            c->steps[n++].undo = undo_own;
        }
    }
    c->type = type;
    c->type.steps = c->steps;
    c->type.n_steps = n;
}

uint64_t
create_begin(struct engine *en, struct domain_config *cfg,
             const struct create_opts *o)
{
    return create_begin_from(en, cfg, &(struct create_from){ .fd = -1 }, o);
}

static enum op_verb
create_verb(const struct create *c)
{
    if (c->o.incoming != NULL)
        return OP_RECEIVE;
    return c->guest.stream_fd < 0 ? OP_CREATE : OP_RESTORE;
}

uint64_t
create_begin_from(struct engine *en, struct domain_config *cfg,
                  const struct create_from *from, const struct create_opts *o)
{
    struct create *c = xcalloc(1, sizeof(*c));
    char uuid[37];
    uint64_t op;

    c->cfg = cfg;
    if (o != NULL)
        c->o = *o;
    guest_init(&c->guest, &c->t, &c->nodes, cfg);
    c->guest.stream_fd = from->fd;
    c->guest.packed = from->packed;
    c->guest.moved = c->o.incoming != NULL;
    lay_out_steps(c);
    (void)db_get_text(engine_paths(en)->state, cfg->uuid, ".conf", &c->begun,
                      NULL);
    if (c->o.incoming != NULL && c->o.incoming->ask)
        c->type.n_steps = 1; /* the check */
    op = task_begin(en, &c->t, &c->type, create_verb(c), NULL, cfg->name);
    memcpy(c->t.op->uuid, cfg->uuid, sizeof(cfg->uuid));
    uuid_print_text(cfg->uuid, uuid);
    oplog_note(&c->t, "uuid", "%s", uuid);
    oplog_note(&c->t, "paused", "%d", c->o.paused);
    oplog_note(&c->t, "again", "%d", c->o.again);
    oplog_note(&c->t, "restarts", "%u", c->o.restarts);
    oplog_note(&c->t, "domid", "%u", c->o.domid);
    if (c->o.incoming != NULL)
        incoming_enter(c);
    return op;
}
