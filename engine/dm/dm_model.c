/*
 * dm_model.c - the device models that this engine watches: one record a domain,
 * from its start, or from when the domain was taken in, to its end.
 */
#include <stdlib.h>
#include <string.h>

#include "engine/dm/dm_fate.h"
#include "engine/dm/dm_int.h"
#include "engine/dm/plug/dm_plug.h"
#include "engine/task/tasks.h"
#include "src/base/xalloc.h"

#define LOG_DIR      "/var/log/xen"
#define OWN_AGAIN_MS 1000

void
dm_dir(uint32_t domid, const char *rest, char *dst, size_t n)
{
    store_path(dst, n, "/local/domain/0/device-model/%u%s", domid, rest);
}

void
dm_pid_path(uint32_t domid, char *dst, size_t n)
{
    store_path(dst, n, "/local/domain/%u/image/device-model-pid", domid);
}

void
dm_log_path(const char *name, char *dst, size_t n)
{
    char *s;

    text_fmt(dst, n, LOG_DIR "/qemu-dm-%s.log", name);
    for (s = dst + sizeof(LOG_DIR); *s != '\0'; s++)
        if (*s == '/')
            *s = '_';
}

struct model *
dm_find(const struct engine *en, uint32_t domid)
{
    struct list_node *it;

    list_foreach (it, &dm_room(en)->models) {
        struct model *m = list_entry(it, struct model, node);

        if (m->domid == domid)
            return m;
    }
    return NULL;
}

/* --- its control socket --- */

static int
model_qmp_connect(struct qmp *q, int *fd_out, bool *shared_out, struct err *e)
{
    struct model *m = container_of(q, struct model, qmp);

    return dom0_model_connect(engine_dom0(m->en), m->domid, fd_out, shared_out,
                              e);
}

/* A disk that fails is worth a line; but it is the guest who makes them. */
static void
model_io_error(struct model *m, struct json_object *data)
{
    uint64_t now = loop_now_ms(engine_loop(m->en));
    const char *device = data != NULL ? qmp_text(data, "device") : NULL;
    char name[64] = "a disk";

    if (m->io_error_ms != 0 && now - m->io_error_ms < MODEL_IO_ERROR_MS)
        return;
    m->io_error_ms = now;
    if (device != NULL && device[0] != '\0')
        (void)text_safe(name, sizeof(name), device, strlen(device));
    event_add_for(m->en, EVENT_DEVICE, EVENT_WARN, m->domid, m->name,
                  "its device model reports an error of input or output: %s",
                  name);
}

static void
model_event(struct qmp *q, const char *name, struct json_object *data)
{
    struct model *m = container_of(q, struct model, qmp);

    if (strcmp(name, "STOP") == 0)
        text_fmt(m->said, sizeof(m->said), "paused");
    else if (strcmp(name, "RESUME") == 0)
        text_fmt(m->said, sizeof(m->said), "running");
    else if (strcmp(name, "BLOCK_IO_ERROR") == 0)
        model_io_error(m, data);
    else if (strcmp(name, "DEVICE_TRAY_MOVED") == 0)
        engine_changed(m->en, ENGINE_CH_DOMS);
}

static const struct qmp_ops model_qmp_ops = { .connect = model_qmp_connect,
                                              .event = model_event };

/* --- the record --- */

/* One that is being started or stopped is waited for by its task. */
static void
model_ended(struct dom0_model *proc, int status)
{
    struct model *m = container_of(proc, struct model, proc);
    bool waited = m->starting || loop_timer_active(&m->limit);

    loop_timer_del(&m->limit);
    loop_timer_del(&m->beat_tm);
    m->ended = true;
    m->status = status;
    if (!m->starting && !m->stopping)
        dm_fate_ended(m);
    tasks_wake_dom(m->en, 0);
    if (!waited)
        dm_drop(m);
}

struct model *
dm_add(struct engine *en, uint32_t domid, const char *name, pid_t pid,
       struct err *e)
{
    struct model *m = xcalloc(1, sizeof(*m));

    m->en = en;
    m->domid = domid;
    m->proc =
        (struct dom0_model){ .domid = domid, .pid = pid, .ended = model_ended };
    text_fmt(m->name, sizeof(m->name), "%s", name);
    list_append(&dm_room(en)->models, &m->node);
    qmp_init(&m->qmp, engine_loop(en), &model_qmp_ops);
    if (dom0_model_watch(engine_dom0(en), &m->proc, e) < 0) {
        dm_drop(m);
        return NULL;
    }
    return m;
}

/* Those whose command was under way hear that it has ended. */
void
dm_drop(struct model *m)
{
    loop_timer_del(&m->limit);
    loop_timer_del(&m->beat_tm);
    m->ended = true;
    dom0_model_unwatch(engine_dom0(m->en), &m->proc);
    list_del(&m->node);
    qmp_fini(&m->qmp);
    loop_timer_del(&m->beat_tm);
    free(m);
}

/* --- taking one in --- */

enum life
dm_pid_on_record(struct engine *en, uint32_t domid, pid_t *pid_out,
                 bool *recorded, struct err *e)
{
    struct err why = { 0 };
    uint64_t pid = 0;
    enum life life;
    char path[96];
    int rc;

    dm_pid_path(domid, path, sizeof(path));
    rc = store_read_u64(engine_store(en), 0, path, DOM0_MODEL_PID_MAX, &pid,
                        &why);
    *recorded = rc == 0 && pid >= 2;
    *pid_out = 0;
    if (rc < 0 && why.code != ERR_NOENT) {
        *e = why;
        return LIFE_UNKNOWN;
    }
    if (!*recorded)
        return LIFE_GONE;
    life = dom0_model_serves(engine_dom0(en), domid, pid);
    if (life != LIFE_GONE)
        *pid_out = (pid_t)pid;
    if (life == LIFE_UNKNOWN)
        err_set(e, ERR_BUSY,
                "whether process %llu still is the device model of domain %u "
                "cannot be told now: try again",
                (unsigned long long)pid, domid);
    return life;
}

bool
dm_may_run(struct engine *en, uint32_t domid)
{
    bool recorded;
    struct err e;
    pid_t pid;

    return dm_pid_on_record(en, domid, &pid, &recorded, &e) != LIFE_GONE;
}

static void own_again(struct loop_timer *lt);

/* Until it can be looked at nobody would hear of its death. */
static void
own_later(struct dom_entry *de, const struct err *why)
{
    struct dm_room *r = dm_room(de->en);

    if (!r->blind_told)
        log_line(engine_log(de->en), LOGL_WARN,
                 "%s: its device model is not watched yet: %s", de->d.name,
                 why->msg);
    r->blind_told = true;
    loop_timer_arm(engine_loop(de->en), &r->again, OWN_AGAIN_MS, own_again);
}

/* A process that cannot be looked at is taken for a model: whoever watches it
 * hears of its end, and does it no harm. */
static void
own_on_record(struct dom_entry *de)
{
    struct err e = { 0 };
    struct model *m;
    bool recorded;
    pid_t pid;
    enum life life = dm_pid_on_record(de->en, de->d.domid, &pid, &recorded, &e);

    if (life == LIFE_GONE) {
        if (recorded)
            dm_fate_missing(de);
        return;
    }
    m = pid != 0 ? dm_add(de->en, de->d.domid, de->d.name, pid, &e) : NULL;
    if (m != NULL)
        dm_beat_start(m);
    else
        own_later(de, &e);
}

void
dm_own(struct dom_entry *de)
{
    struct engine *en = de->en;
    struct model *m;

    if (engine_options(en)->one_shot || !de->d.owned || de->d.building ||
        (de->d.flags & (DOM_F_DYING | DOM_F_SHUTDOWN)))
        return;
    m = dm_find(en, de->d.domid);
    if (m != NULL) {
        if (!m->starting && !m->ended && !loop_timer_active(&m->beat_tm) &&
            m->beat.q == NULL) /* it was but talked to so far */
            dm_beat_start(m);
        return;
    }
    own_on_record(de);
}

static void
own_again(struct loop_timer *lt)
{
    struct dm_room *r = container_of(lt, struct dm_room, again);
    struct dom_entry *de;
    size_t i;

    for (i = 0; (de = domains_at(r->en, i)) != NULL; i++)
        dm_own(de);
    r->blind_told = loop_timer_active(&r->again);
}

/* --- the room --- */

static void
dm_model_dom_born(struct dom_observer *o, struct dom_entry *de)
{
    (void)o;
    dm_own(de);
}

static void
dm_model_dom_ours(struct record_observer *o, struct dom_entry *de)
{
    (void)o;
    dm_own(de);
}

static bool
dm_model_lives(void *arg, uint32_t domid)
{
    const struct engine *en = arg;

    return domains_by_domid(en, domid) != NULL || dm_find(en, domid) != NULL;
}

static void
dm_model_recovered(struct record_observer *o)
{
    struct engine *en = container_of(o, struct dm_room, record)->en;

    if (record_ours(en))
        dom0_model_sweep(engine_dom0(en), dm_model_lives, en);
}

static bool
dm_model_confined(const struct engine *en, uint32_t domid)
{
    const struct model *m = dm_find(en, domid);

    return m != NULL && m->proc.confined;
}

static bool
dm_model_emulates(const char *vdev)
{
    char id[24];

    return dm_drive_id(vdev, id, sizeof(id));
}

static const struct model_server server = { .check = dm_check,
                                            .may_run = dm_may_run,
                                            .confined = dm_model_confined,
                                            .emulates = dm_model_emulates,
                                            .start = dm_start_run,
                                            .undo = dm_start_undo,
                                            .has_drive = dm_cd_is_ours,
                                            .change = dm_cd_change,
                                            .plug = dm_plug_in,
                                            .unplug = dm_plug_out,
                                            .plug_end = dm_plug_end };

void
dm_open(struct engine *en)
{
    struct dm_room *r = xcalloc(1, sizeof(*r));

    r->en = en;
    list_init(&r->models);
    list_init(&r->observers);
    r->doms.born = dm_model_dom_born;
    r->record.own = dm_model_dom_ours;
    r->record.recovered = dm_model_recovered;
    engine_set_room(en, ROOM_DM, r);
    device_serve_models(en, &server);
    domains_observe(en, &r->doms);
    record_observe(en, &r->record);
}

void
dm_close(struct engine *en)
{
    struct dm_room *r = dm_room(en);
    struct list_node *it, *tmp;

    if (r == NULL)
        return;
    loop_timer_del(&r->again);
    domains_unobserve(&r->doms);
    record_unobserve(&r->record);
    list_foreach_safe (it, tmp, &r->models)
        dm_drop(list_entry(it, struct model, node));
    engine_set_room(en, ROOM_DM, NULL);
    free(r);
}
