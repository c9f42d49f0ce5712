/*
 * create.c - creation of a PV domain: a table of steps in Xen's order, each
 * with what takes it back. A failure at any of them leaves the host as it was.
 * Parsing the kernel and filling the memory is the helper's (build.c).
 */
#include "engine/life/create.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/config/core/set.h"
#include "engine/config/load.h"
#include "engine/console/consoles_own.h"
#include "engine/guest/guest_json.h"
#include "engine/guest/image.h"
#include "engine/guest/nodes.h"
#include "engine/host/host_room.h"
#include "engine/host/listing.h"
#include "engine/life/create_int.h"
#include "engine/life/define.h"
#include "engine/life/ending.h"
#include "engine/life/formats.h"
#include "engine/life/host_stop.h"
#include "engine/life/life.h"
#include "engine/life/retry.h"
#include "engine/record/db.h"
#include "engine/record/userdata.h"
#include "engine/task/helper.h"
#include "engine/task/oplog.h"
#include "engine/task/tasks.h"
#include "src/base/xalloc.h"

#define MEMORY_LIMIT_MS  10000
#define MEMORY_POLL_MS   200
#define TTY_LIMIT_MS     20000 /* libxl waits 10 s for xenconsoled */
#define MAXMEM_EXTRA_KIB 1024  /* libxl's LIBXL_MAXMEM_CONSTANT */
#define OVERHEAD_KIB     1024  /* of a PV domain, in Xen's own memory */
#define ROUND_KIB        2048

static struct create *
self(struct task *t)
{
    return container_of(t, struct create, t);
}

/* --- before anything is made --- */

static int
check_memory(struct create *c, struct err *e)
{
    uint64_t need = c->cfg->mem_kib + OVERHEAD_KIB;
    char remedy[160];
    struct hv_host h;

    need = (need + ROUND_KIB - 1) / ROUND_KIB * ROUND_KIB;
    if (hv_host(engine_hv(c->t.en), &h, e) < 0)
        return -1;
    if (!h.has_pv)
        return err_set(e, ERR_UNSUPPORTED,
                       "this Xen was built without PV guests");
    if (need <= h.free_kib)
        return 0;
    host_memory_remedy(c->t.en, need - h.free_kib, remedy, sizeof(remedy));
    return config_refuse(
        c->cfg, "memory", ERR_NOMEM, e,
        "%llu MiB needs %llu MiB with its overhead, the host has %llu MiB "
        "free: %s",
        (unsigned long long)c->cfg->mem_kib / 1024,
        (unsigned long long)need / 1024, (unsigned long long)h.free_kib / 1024,
        remedy);
}

static int
check_cpus(struct create *c, struct err *e)
{
    const struct config_cpus *k = &c->cfg->cpus;
    unsigned i, cpus = engine_host_info(c->t.en)->cpus;
    uint8_t mask[CONFIG_CPUS_MAX / 8];
    char vcpu[32] = "";

    for (i = 0; i < k->n && cpus > 0; i++) {
        if (!config_cpus_mask(k, i, mask) || cpus_any_below(mask, cpus))
            continue;
        if (k->each)
            text_fmt(vcpu, sizeof(vcpu), " for vcpu %u", i);
        return config_refuse(c->cfg, "cpus", ERR_RANGE, e,
                             "found \"%s\"%s, allowed 0 to %u",
                             config_cpus_text(k, i), vcpu, cpus - 1);
    }
    return 0;
}

static int
check_unique(struct create *c, struct err *e)
{
    struct engine *en = c->t.en;
    const struct dom_entry *de;
    size_t i;

    if (domains_scan(en, false, e) < 0)
        return -1;
    for (i = 0; (de = domains_at(en, i)) != NULL; i++) {
        const struct dom *d = &de->d;

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
    if (check_cpus(c, e) < 0 || create_find_pool(c, e) < 0 ||
        check_unique(c, e) < 0)
        return STEP_FAIL;
    if (check_memory(c, e) < 0)
        return memory_may_come(c, e) ? STEP_WAIT : STEP_FAIL;
    devices_init(&c->devices, t, c->cfg);
    if (devices_check(&c->devices, e) < 0)
        return STEP_FAIL;
    if (image_cmdline(c->cfg, &c->cmdline, e) < 0 ||
        image_open(c->cfg, &c->files, e) < 0)
        return STEP_FAIL;
    return STEP_DONE;
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
    c->nodes.cfg = c->cfg;
    c->nodes.cmdline = buf_text(&c->cmdline);
    c->nodes.ostype = image_type_find(c->cfg->image.type)->ostype;
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
    struct hv_create hc = { .kind = HV_PV,
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
    const struct domain_config *cf = c->cfg;

    c->store_domid = daemon_domid(engine_store(t->en), "/tool/xenstored/domid");
    c->console_domid =
        daemon_domid(engine_store(t->en), "/tool/xenconsoled/domid");
    if (hv_set_max_vcpus(h, c->domid, cf->maxvcpus, e) < 0 ||
        create_tune(c, e) < 0 ||
        hv_set_maxmem(h, c->domid, cf->mem_kib + MAXMEM_EXTRA_KIB, e) < 0 ||
        hv_alloc_evtchn(h, c->domid, c->store_domid, &c->nodes.store_port, e) <
            0 ||
        hv_alloc_evtchn(h, c->domid, c->console_domid, &c->nodes.console_port,
                        e) < 0 ||
        hv_set_memmap_limit(h, c->domid, cf->maxmem_kib + MAXMEM_EXTRA_KIB, e) <
            0 ||
        hv_set_tsc(h, c->domid, e) < 0 || hv_apply_cpuid(h, c->domid, e) < 0)
        return STEP_FAIL;
    return STEP_DONE;
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
    { .id = "build",
      .label = "build",
      .run = create_run_build,
      .undo = create_undo_build,
      .cancellable = true },
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
    helper_cancel(c->helper);
    devices_fini(&c->devices);
    dm_start_fini(&c->model);
    kill_fini(&c->kill);
    image_close(&c->files);
    config_free(c->cfg);
    buf_free(&c->cmdline);
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

static const struct task_type type = { .steps = steps,
                                       .n_steps =
                                           sizeof(steps) / sizeof(steps[0]),
                                       .free = create_free,
                                       .ended = create_ended,
                                       .goes_on = create_goes_on,
                                       .stays = create_stays };

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
    c->files.kernel_fd = c->files.ramdisk_fd = -1;
    op = task_begin(en, &c->t, &type, OP_CREATE, NULL, cfg->name);
    memcpy(c->t.op->uuid, cfg->uuid, sizeof(cfg->uuid));
    uuid_print_text(cfg->uuid, uuid);
    oplog_note(&c->t, "uuid", "%s", uuid);
    oplog_note(&c->t, "paused", "%d", c->o.paused);
    oplog_note(&c->t, "again", "%d", c->o.again);
    oplog_note(&c->t, "restarts", "%u", c->o.restarts);
    oplog_note(&c->t, "domid", "%u", c->o.domid);
    return op;
}

/* --- engine.h --- */

int
create_load(const char *path, struct domain_config **out, struct buf *warn,
            struct err *e)
{
    struct domain_config *c;

    if (config_load_any(path, &c, warn, e) < 0)
        return -1;
    if (!c->uuid_set && uuid_make(c->uuid, e) < 0) {
        config_free(c);
        return -1;
    }
    c->uuid_set = true;
    *out = c;
    return 0;
}

static void
create_xl(struct task *t, const char *path, bool paused)
{
    char word[sizeof(t->op->xl) - 16];

    if (*xl_quote(word, sizeof(word), path) != '\0')
        task_set_xl(t, "xl create%s %s", paused ? " -p" : "", word);
}

int
engine_create(struct engine *en, const char *path,
              const struct engine_create_opts *o, uint64_t *op_out,
              struct err *e)
{
    struct create_opts co = { .paused = o != NULL && o->paused };
    struct domain_config *c;
    struct buf warn = { 0 };
    uint64_t op;

    if (create_load(path, &c, &warn, e) < 0) {
        buf_free(&warn);
        return -1;
    }
    if (defs_check_free(en, c, e) < 0) {
        config_free(c);
        buf_free(&warn);
        return -1;
    }
    formats_warn(en, c->name, &warn);
    op = create_begin(en, c, &co);
    create_xl(task_by_op(en, op), path, co.paused);
    if (op_out != NULL)
        *op_out = op;
    buf_free(&warn);
    return 0;
}
