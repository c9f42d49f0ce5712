/*
 * dm_plug.c - see dm_plug.h.
 * Facts of QEMU: device_add has put the device in when it is answered;
 * device_del only asks the guest, whose firmware or driver may take its time,
 * or never do it. query-pci says what is there, under the id that it was given
 * ("qdev_id"); what it lists is bounded by the client of the socket.
 */
#include "engine/dm/plug/dm_plug.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "engine/dm/dm_int.h"
#include "src/base/xalloc.h"

#define DRIVER     "xen-pci-passthrough"
#define LOOK_MS    1000 /* libxl looks as often, as long */
#define LOOKS_MAX  10
#define BRIDGE_MAX 8 /* buses behind buses */

enum plug_stage { PLUG_CHANGE, PLUG_LOOK, PLUG_REST };

struct model_plug {
    struct task *task;
    uint32_t domid;
    enum plug_stage stage;
    unsigned looks;
    bool asked, answered, there;
    char id[32];
    struct err err;
    struct qmp_cmd cmd;
    struct loop_timer rest;
};

/* --- what query-pci says --- */

static bool plug_bus_has(json_object *bus, const char *id, unsigned depth);

static bool
plug_is(json_object *device, const char *id, unsigned depth)
{
    const char *said = qmp_text(device, "qdev_id");
    json_object *bridge = qmp_member(device, "pci_bridge", json_type_object);

    return (said != NULL && strcmp(said, id) == 0) ||
           (bridge != NULL && depth < BRIDGE_MAX &&
            plug_bus_has(bridge, id, depth + 1));
}

static bool
plug_bus_has(json_object *bus, const char *id, unsigned depth)
{
    json_object *devices = qmp_member(bus, "devices", json_type_array);
    size_t i, n = devices != NULL ? json_object_array_length(devices) : 0;

    for (i = 0; i < n; i++)
        if (plug_is(json_object_array_get_idx(devices, i), id, depth))
            return true;
    return false;
}

static bool
plug_list_has(json_object *ret, const char *id)
{
    size_t i, n = json_object_is_type(ret, json_type_array)
                      ? json_object_array_length(ret)
                      : 0;

    for (i = 0; i < n; i++)
        if (plug_bus_has(json_object_array_get_idx(ret, i), id, 0))
            return true;
    return false;
}

/* --- the talk --- */

static void
plug_answered(struct qmp_cmd *c, struct json_object *ret, const struct err *e)
{
    struct model_plug *p = container_of(c, struct model_plug, cmd);

    p->answered = true;
    p->err = *e;
    if (ret != NULL && p->stage == PLUG_LOOK &&
        !json_object_is_type(ret, json_type_array))
        err_set(&p->err, ERR_INVALID,
                "its device model answered query-pci with no list");
    p->there =
        ret != NULL && p->stage == PLUG_LOOK && plug_list_has(ret, p->id);
    task_wake(p->task);
}

static void
plug_rested(struct loop_timer *lt)
{
    task_wake(container_of(lt, struct model_plug, rest)->task);
}

/* args: taken. STEP_DONE: it has answered, without a refusal. */
static enum step_rc
plug_ask(struct model_plug *p, const char *command, json_object *args,
         struct err *e)
{
    struct model *m = NULL;
    int rc = dm_reach(p->task->en, p->domid, &m, e);

    if (rc < 0 || m == NULL) {
        json_object_put(args);
        if (rc == 0)
            err_set(e, ERR_LOST, "its device model is gone");
        return STEP_FAIL;
    }
    p->asked = true;
    p->answered = false;
    qmp_send(&m->qmp, &p->cmd, command, args, QMP_LIMIT_MS, plug_answered);
    return STEP_WAIT;
}

static enum step_rc
plug_hear(struct model_plug *p, struct err *e)
{
    if (!p->answered)
        return STEP_WAIT;
    p->asked = false;
    if (p->err.code == ERR_NONE)
        return STEP_DONE;
    *e = p->err;
    return STEP_FAIL;
}

static json_object *
plug_words(const struct model_pci *want)
{
    json_object *o = json_object_new_object();

    json_object_object_add(o, "driver", json_object_new_string(DRIVER));
    json_object_object_add(o, "id", json_object_new_string(want->id));
    json_object_object_add(o, "hostaddr", json_object_new_string(want->host));
    if (want->addr != NULL)
        json_object_object_add(o, "addr", json_object_new_string(want->addr));
    if (want->permissive)
        json_object_object_add(o, "permissive", json_object_new_boolean(true));
    return o;
}

static struct model_plug *
plug_begin(struct model_plug **p, struct task *t, uint32_t domid,
           const char *id)
{
    if (*p == NULL) {
        *p = xcalloc(1, sizeof(**p));
        (*p)->task = t;
        (*p)->domid = domid;
        text_fmt((*p)->id, sizeof((*p)->id), "%s", id);
    }
    return *p;
}

/* A talk that is over begins anew with the next call. */
static enum step_rc
plug_over(struct model_plug **p, enum step_rc rc)
{
    if (rc != STEP_WAIT)
        dm_plug_end(p);
    return rc;
}

void
dm_plug_end(struct model_plug **p)
{
    if (*p == NULL)
        return;
    qmp_cancel(&(*p)->cmd);
    loop_timer_del(&(*p)->rest);
    free(*p);
    *p = NULL;
}

/* --- in --- */

static enum step_rc
plug_in_look(struct model_plug *p, struct err *e)
{
    enum step_rc rc;

    if (!p->asked)
        return plug_ask(p, "query-pci", NULL, e);
    rc = plug_hear(p, e);
    if (rc == STEP_DONE && !p->there) {
        err_set(e, ERR_LOST, "its device model took it and does not have it");
        return STEP_FAIL;
    }
    return rc;
}

enum step_rc
dm_plug_in(struct model_plug **at, struct task *t, uint32_t domid,
           const struct model_pci *want, struct err *e)
{
    struct model_plug *p = plug_begin(at, t, domid, want->id);
    enum step_rc rc;

    if (p->stage == PLUG_CHANGE) {
        rc = p->asked ? plug_hear(p, e)
                      : plug_ask(p, "device_add", plug_words(want), e);
        if (rc != STEP_DONE)
            return plug_over(at, rc);
        p->stage = PLUG_LOOK;
    }
    return plug_over(at, plug_in_look(p, e));
}

/* --- out --- */

static json_object *
plug_id_words(const char *id)
{
    json_object *o = json_object_new_object();

    json_object_object_add(o, "id", json_object_new_string(id));
    return o;
}

/* A model that does not know it has let go of it. Any other refusal may be that
 * it is being let go of already: it is looked at. */
static enum step_rc
plug_out_ask(struct model_plug *p, struct err *e)
{
    struct err why = { 0 };
    enum step_rc rc;

    if (!p->asked)
        return plug_ask(p, "device_del", plug_id_words(p->id), e);
    rc = plug_hear(p, &why);
    if (rc == STEP_FAIL && (why.code == ERR_LOST || why.code == ERR_TIMEOUT)) {
        *e = why;
        return rc;
    }
    return rc == STEP_WAIT ? rc : STEP_DONE;
}

static enum step_rc
plug_out_look(struct model_plug *p, struct err *e)
{
    enum step_rc rc;

    if (p->stage == PLUG_REST) {
        if (loop_timer_active(&p->rest))
            return STEP_WAIT;
        p->stage = PLUG_LOOK;
    }
    if (!p->asked)
        return plug_ask(p, "query-pci", NULL, e);
    rc = plug_hear(p, e);
    if (rc != STEP_DONE || !p->there)
        return rc;
    if (++p->looks > LOOKS_MAX) {
        err_set(e, ERR_TIMEOUT, "the guest did not let go of it in %d s",
                LOOKS_MAX * LOOK_MS / 1000);
        return STEP_FAIL;
    }
    p->stage = PLUG_REST;
    loop_timer_arm(engine_loop(p->task->en), &p->rest, LOOK_MS, plug_rested);
    return STEP_WAIT;
}

enum step_rc
dm_plug_out(struct model_plug **at, struct task *t, uint32_t domid,
            const char *id, struct err *e)
{
    struct model_plug *p = plug_begin(at, t, domid, id);
    enum step_rc rc;

    if (p->stage == PLUG_CHANGE) {
        rc = plug_out_ask(p, e);
        if (rc != STEP_DONE)
            return plug_over(at, rc);
        p->stage = PLUG_LOOK;
    }
    return plug_over(at, plug_out_look(p, e));
}
