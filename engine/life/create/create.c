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
#include "engine/guest/guest_json.h"
#include "engine/host/listing.h"
#include "engine/life/create_int.h"
#include "engine/life/ending.h"
#include "engine/life/host_stop.h"
#include "engine/life/life.h"
#include "engine/life/retry.h"
#include "engine/record/db.h"
#include "engine/record/userdata.h"
#include "engine/task/helper.h"
#include "engine/task/operations.h"
#include "engine/task/oplog.h"
#include "engine/task/tasks.h"
#include "src/base/xalloc.h"

#define MEMORY_LIMIT_MS 10000
#define MEMORY_POLL_MS  200
#define TTY_LIMIT_MS    20000 /* libxl waits 10 s for xenconsoled */

static struct create *
self(struct task *t)
{
    return container_of(t, struct create, t);
}

/* --- before anything is made --- */

static int
check_unique(struct create *c, struct err *e)
{
    struct engine *en = c->t.en;
    const struct dom_entry *de;
    size_t i;

    if (domains_scan(en, false, e) < 0)
        return -1;
    domains_read_names(en, false);
    for (i = 0; (de = domains_at(en, i)) != NULL; i++) {
        const struct dom *d = &de->d;

        if (memcmp(d->uuid, c->cfg->uuid, sizeof(d->uuid)) == 0 &&
            (d->building || !d->owned))
            domains_read_store(domains_by_domid(en, d->domid));
        if (memcmp(d->uuid, c->cfg->uuid, sizeof(d->uuid)) == 0 && d->building)
            return err_set(e, ERR_BUSY,
                           "'%s' is being started already, as domain %u",
                           c->cfg->name, d->domid);
        if (strcmp(d->name, c->cfg->name) == 0)
            return config_refuse(c->cfg, "name", ERR_EXISTS, e,
                                 "found \"%s\", which domain %u has already",
                                 d->name, d->domid);
        if (memcmp(d->uuid, c->cfg->uuid, sizeof(d->uuid)) == 0)
            return err_set(e, ERR_EXISTS,
                           "%s: uuid: domain %u ('%s') has the same",
                           c->cfg->file, d->domid, d->name);
    }
    return 0;
}

static void
memory_due(struct loop_timer *lt)
{
    task_wake(&container_of(lt, struct create, memory)->t);
}

/* Xen scrubs what the last life held after the domain is gone. */
static bool
memory_may_come(struct create *c, struct err *e)
{
    uint64_t now = loop_now_ms(engine_loop(c->t.en));

    if (!c->o.again || e->code != ERR_NOMEM)
        return false;
    if (c->memory_until_ms == 0)
        c->memory_until_ms = now + MEMORY_LIMIT_MS;
    if (now >= c->memory_until_ms)
        return false;
    err_clear(e);
    loop_timer_arm(engine_loop(c->t.en), &c->memory, MEMORY_POLL_MS,
                   memory_due);
    return true;
}

static enum step_rc
run_check(struct task *t, struct err *e)
{
    struct create *c = self(t);

    if (host_stopping(t->en)) {
        err_set(e, ERR_DENIED,
                "the host is being stopped: no domain is "
                "started");
        return STEP_FAIL;
    }
    helper_warm(tasks_helpers(t->en)); /* starts while the rest is prepared */
    if (create_check_cpus(c, e) < 0 || create_find_pool(c, e) < 0 ||
        check_unique(c, e) < 0)
        return STEP_FAIL;
    if (create_check_memory(c, e) < 0)
        return memory_may_come(c, e) ? STEP_WAIT : STEP_FAIL;
    devices_init(&c->devices, t, c->cfg);
    if (devices_check(&c->devices, e) < 0)
        return STEP_FAIL;
    return c->guest.type->prepare(&c->guest, e) < 0 ? STEP_FAIL : STEP_DONE;
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
    struct hv_create hc = { .kind = c->guest.type->hv,
                            .max_vcpus = c->cfg->maxvcpus,
                            .cpupool = c->pool };

    if (check_unique(c, e) < 0)
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
    struct create *c = self(t);
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
remove_nodes(struct create *c)
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
    struct create *c = self(t);
    enum step_rc rc;

    if (!c->made)
        return STEP_DONE;
    if (!c->nodes_gone) {
        remove_nodes(c);
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
static uint32_t
daemon_domid(struct store *st, const char *path)
{
    uint64_t v;

    if (store_read_u64(st, 0, path, HV_DOMID_MAX, &v, NULL) < 0)
        return 0;
    return (uint32_t)v;
}

static enum step_rc
run_set_up(struct task *t, struct err *e)
{
    struct create *c = self(t);
    struct hv *h = engine_hv(t->en);
    struct guest *g = &c->guest;
    struct guest_memory m;

    g->type->memory(c->cfg, &m);
    g->store_domid = daemon_domid(engine_store(t->en), "/tool/xenstored/domid");
    g->console_domid =
        daemon_domid(engine_store(t->en), "/tool/xenconsoled/domid");
    if (hv_set_max_vcpus(h, c->domid, c->cfg->maxvcpus, e) < 0 ||
        create_tune(c, e) < 0 || hv_set_maxmem(h, c->domid, m.own_kib, e) < 0 ||
        hv_alloc_evtchn(h, c->domid, g->store_domid, &c->nodes.store_port, e) <
            0 ||
        hv_alloc_evtchn(h, c->domid, g->console_domid, &c->nodes.console_port,
                        e) < 0 ||
        hv_set_memmap_limit(h, c->domid, m.map_kib, e) < 0 ||
        hv_set_tsc(h, c->domid, e) < 0 || hv_apply_cpuid(h, c->domid, e) < 0)
        return STEP_FAIL;
    return STEP_DONE;
}

/* --- the steps of the guest's kind --- */

static enum step_rc
run_own(struct task *t, struct err *e)
{
    struct create *c = self(t);

    return c->guest.type->steps[t->at - c->own_at].run(&c->guest, e);
}

/* While a task is undone, t->at is one past the step at work. */
static enum step_rc
undo_own(struct task *t)
{
    struct create *c = self(t);
    const struct guest_step *s = &c->guest.type->steps[t->at - 1 - c->own_at];

    return s->undo == NULL ? STEP_DONE : s->undo(&c->guest);
}

/* --- after the build --- */

static enum step_rc
run_introduce(struct task *t, struct err *e)
{
    struct create *c = self(t);

    c->nodes.start_wall_s = loop_wall_s(engine_loop(t->en));
    c->nodes.start_boot_s = loop_boot_s(engine_loop(t->en));
    if (nodes_write_rings(engine_store(t->en), &c->nodes, e) < 0 ||
        store_introduce(engine_store(t->en), c->domid, c->nodes.store_mfn,
                        c->nodes.store_port, e) < 0)
        return STEP_FAIL;
    return STEP_DONE;
}

static void
tty_changed(struct store_watch *w, const char *path)
{
    (void)path;
    task_wake(&container_of(w, struct create, tty_watch)->t);
}

/* All side by side: scripts take their time. */
static enum step_rc
run_devices(struct task *t, struct err *e)
{
    struct create *c = self(t);

    c->devices.domid = c->domid;
    return devices_attach(&c->devices, e);
}

static enum step_rc
undo_devices(struct task *t)
{
    return devices_undo(&self(t)->devices);
}

static enum step_rc
run_model(struct task *t, struct err *e)
{
    struct create *c = self(t);

    return dm_start_run(&c->model, &c->devices, c->cfg->name,
                        c->cfg->maxmem_kib, e);
}

static enum step_rc
undo_model(struct task *t)
{
    return dm_start_undo(&self(t)->model);
}

static enum step_rc
run_tty(struct task *t, struct err *e)
{
    struct create *c = self(t);
    char path[64], tty[64];

    store_path(path, sizeof(path), "/local/domain/%u/console/tty", c->domid);
    if (c->tty_watch.st == NULL &&
        store_watch_add(engine_store(t->en), &c->tty_watch, path, tty_changed,
                        e) < 0)
        return STEP_FAIL;
    if (store_read_text(engine_store(t->en), 0, path, tty, sizeof(tty), e) < 0)
        return STEP_FAIL;
    if (tty[0] == '\0')
        return STEP_WAIT;
    store_watch_del(&c->tty_watch);
    return STEP_DONE;
}

static void
record_start_time(struct create *c)
{
    const char *dir = engine_paths(c->t.en)->state;
    struct db_state s;
    struct err e = { 0 };

    db_state_load(dir, c->cfg->uuid, &s);
    s.start_wall_s = c->nodes.start_wall_s;
    s.restarts = c->o.restarts;
    s.refused = s.redefined = false;
    if (db_state_save(dir, c->cfg->uuid, &s, &e) < 0)
        log_line(engine_log(c->t.en), LOGL_WARN, "%s: %s", c->cfg->name, e.msg);
}

/* A restart has its configuration on disk already: a disk that is full keeps
 * nobody from coming back. What is missing then is told. */
static int
write_files(struct create *c, struct err *e)
{
    const struct engine_paths *p = engine_paths(c->t.en);

    if (guest_json_write(p->libxl, &c->nodes, e) < 0) {
        if (!c->o.again)
            return -1;
        event_add_for(c->t.en, EVENT_ENGINE, EVENT_WARN, c->domid, c->cfg->name,
                      "xl cannot know its configuration: %s", e->msg);
        err_clear(e);
    }
    if (db_save(p->state, c->cfg->uuid, c->cfg, e) < 0) {
        if (!c->o.again)
            return -1;
        event_add_for(
            c->t.en, EVENT_ENGINE, EVENT_ERROR, c->domid, c->cfg->name,
            "changes of its configuration are not on disk: %s", e->msg);
        err_clear(e);
    }
    return 0;
}

static enum step_rc
run_record(struct task *t, struct err *e)
{
    struct create *c = self(t);

    c->recorded = true;
    record_start_time(c);
    if (write_files(c, e) < 0 ||
        nodes_mark_built(engine_store(t->en), c->domid, e) < 0)
        return STEP_FAIL;
    return STEP_DONE;
}

static enum step_rc
undo_record(struct task *t)
{
    struct create *c = self(t);
    struct err e = { 0 };

    if (!c->recorded)
        return STEP_DONE;
    userdata_remove(engine_paths(t->en)->libxl, c->domid, c->cfg->uuid);
    if (t->abandoned || c->o.again)
        return STEP_DONE; /* its next life is made from the same */
    if (db_forget(engine_paths(t->en)->state, c->cfg->uuid, &e) < 0)
        log_line(engine_log(t->en), LOGL_WARN, "%s: %s", c->cfg->name, e.msg);
    return STEP_DONE;
}

/* The console is read from before the first instruction: nothing of the boot
 * is lost. A console that cannot be had is no reason to have no domain. */
static enum step_rc
run_start(struct task *t, struct err *e)
{
    struct create *c = self(t);
    struct dom_entry *de = domains_by_domid(t->en, c->domid);

    if (de == NULL) {
        err_set(e, ERR_LOST, "domain %u vanished before its start", c->domid);
        return STEP_FAIL;
    }
    domains_read_store(de);
    console_own(de);
    if (!c->o.paused && hv_unpause(engine_hv(t->en), c->domid, e) < 0)
        return STEP_FAIL;
    (void)domains_scan(t->en, false, NULL); /* it runs: as all can see */
    return STEP_DONE;
}

static const struct step steps[] = {
    { .id = "check", .label = "check", .run = run_check },
    { .id = "make",
      .label = "make domain",
      .run = run_make,
      .undo = undo_make },
    { .id = "set-up", .label = "set up", .run = run_set_up },
    { .run = run_own, .undo = undo_own }, /* stands for all of the kind's */
    { .id = "introduce", .label = "introduce", .run = run_introduce },
    { .id = "devices",
      .label = "attach devices",
      .run = run_devices,
      .undo = undo_devices,
      .cancellable = true },
    { .id = "model",
      .label = "start device model",
      .run = run_model,
      .undo = undo_model,
      .timeout_ms = DM_START_LIMIT_MS,
      .cancellable = true },
    { .id = "console",
      .label = "wait for console",
      .run = run_tty,
      .timeout_ms = TTY_LIMIT_MS,
      .late = "see whether xenconsoled runs, which gives guests their console",
      .cancellable = true },
    { .id = "record",
      .label = "record",
      .run = run_record,
      .undo = undo_record },
    { .id = "start", .label = "start", .run = run_start },
};

static void
create_free(struct task *t)
{
    struct create *c = self(t);

    store_watch_del(&c->tty_watch);
    loop_timer_del(&c->memory);
    guest_fini(&c->guest);
    devices_fini(&c->devices);
    dm_start_fini(&c->model);
    kill_fini(&c->kill);
    config_free(c->cfg);
    free(c->steps);
    free(c);
}

static void
create_ended(struct task *t)
{
    struct create *c = self(t);

    if (t->op->state != OP_DONE && c->o.again)
        restart_failed(t->en, c->cfg, &c->o, t->op->id, &t->op->err);
    else if (c->o.again)
        retry_drop(t->en, c->cfg->uuid);
    if (t->op->state != OP_DONE)
        err_wrap(&t->op->err, "create '%s'", c->cfg->name);
}

static bool
create_goes_on(const struct task *t)
{
    return container_of(t, const struct create, t)->o.again &&
           restart_goes_on(t->en, &t->err);
}

/* What is taken back of a restart the next engine makes again. One that has
 * failed by itself is over. */
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
    struct create *c = xcalloc(1, sizeof(*c));
    char uuid[37];
    uint64_t op;

    c->cfg = cfg;
    if (o != NULL)
        c->o = *o;
    guest_init(&c->guest, &c->t, &c->nodes, cfg);
    lay_out_steps(c);
    op = task_begin(en, &c->t, &c->type, OP_CREATE, NULL, cfg->name);
    memcpy(c->t.op->uuid, cfg->uuid, sizeof(cfg->uuid));
    uuid_print_text(cfg->uuid, uuid);
    oplog_note(&c->t, "uuid", "%s", uuid);
    oplog_note(&c->t, "paused", "%d", c->o.paused);
    oplog_note(&c->t, "again", "%d", c->o.again);
    oplog_note(&c->t, "restarts", "%u", c->o.restarts);
    oplog_note(&c->t, "domid", "%u", c->o.domid);
    return op;
}
