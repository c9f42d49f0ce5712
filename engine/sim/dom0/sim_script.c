/*
 * sim_script.c - what hotplug scripts of the simulated dom0 would do.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "engine/sim/dom0/sim_backend.h"
#include "engine/sim/dom0/sim_dom0.h"
#include "engine/sim/sim_int.h"
#include "engine/sim/store/sim_store.h"
#include "src/base/xalloc.h"

#define SCRIPT_MS 20

struct sim_script {
    struct sim *s;
    struct hotplug *hp;
    char back[160];
    char verb[16], kind[16];
    char tap[40]; /* it is run for this; "": for the device itself */
    struct loop_timer tm;
    struct list_node node;
};

static void
write_back(struct sim_script *j, const char *name, const char *val)
{
    char path[256];

    text_fmt(path, sizeof(path), "%s/%s", j->back, name);
    sim_dom0_write(j->s, path, val);
}

static int
sim_script_refuse(struct sim_script *j, const char *why, char *said, size_t n)
{
    text_fmt(said, n, "%s", why);
    if (sim_tree_find(&j->s->tree, j->back) != NULL) {
        write_back(j, "hotplug-error", why);
        write_back(j, "hotplug-status", "error");
    }
    return W_EXITCODE(1, 0);
}

/* The card of an interface that the model emulates. */
static int
plug_card(struct sim_script *j, char *said, size_t n)
{
    struct err e = { 0 };

    if (sim_tap_join(j->s, j->tap, &e) < 0)
        return sim_script_refuse(j, e.msg, said, n);
    return 0;
}

static int
plug(struct sim_script *j, char *said, size_t n)
{
    char path[256], params[256], number[32];
    const struct sim_node *node;
    struct dom0_disk disk;

    if (sim_tree_find(&j->s->tree, j->back) == NULL)
        return sim_script_refuse(j, "the backend is gone", said, n);
    if (j->tap[0] != '\0')
        return plug_card(j, said, n);
    if (sim_back_has_disk(j->kind)) {
        text_fmt(path, sizeof(path), "%s/params", j->back);
        node = sim_tree_find(&j->s->tree, path);
        text_fmt(params, sizeof(params), "%.*s",
                 node != NULL ? (int)node->len : 0,
                 node != NULL && node->val != NULL ? node->val : "");
        sim_disk_look(j->s, params, &disk);
        if (disk.kind != DOM0_DISK_FILE && disk.kind != DOM0_DISK_BLOCK)
            return sim_script_refuse(j, "its disk does not exist.", said, n);
        if (disk.kind == DOM0_DISK_FILE) { /* a loop device */
            disk.major = 7;
            disk.minor = sim_disk_minor(params) & 0xff;
        }
        text_fmt(number, sizeof(number), "%x:%x", disk.major, disk.minor);
        write_back(j, "physical-device", number);
    }
    write_back(j, "hotplug-status", "connected");
    return 0;
}

static void
script_free(struct sim_script *j)
{
    loop_timer_del(&j->tm);
    list_del(&j->node);
    free(j);
}

static void
script_due(struct loop_timer *lt)
{
    struct sim_script *j = container_of(lt, struct sim_script, tm);
    bool add = strcmp(j->verb, "add") == 0 || strcmp(j->verb, "online") == 0;
    struct hotplug *hp = j->hp;
    struct err e = { 0 };
    char said[ERR_MSG_MAX] = "";
    int status = 0;

    if (sim_call(j->s, SIM_DEV_SCRIPT, &e) < 0) {
        if (e.sys == ETIMEDOUT)
            return; /* it hangs */
        status = sim_script_refuse(j, e.msg, said, sizeof(said));
    } else if (add) {
        status = plug(j, said, sizeof(said));
    } else if (j->tap[0] != '\0') {
        sim_tap_leave(j->s, j->tap);
    }
    script_free(j);
    buf_str(&hp->said, said);
    hotplug_ended(hp, status);
}

int
sim_dom0_script_start(struct dom0 *d, struct hotplug *hp,
                      const struct hotplug_job *job, struct err *e)
{
    struct sim *s = container_of(d, struct sim, dom0);
    struct sim_script *j = xcalloc(1, sizeof(*j));

    (void)e;
    j->s = s;
    j->hp = hp;
    text_fmt(j->back, sizeof(j->back), "%s", job->back);
    text_fmt(j->verb, sizeof(j->verb), "%s", job->verb);
    text_fmt(j->kind, sizeof(j->kind), "%s", job->kind);
    if (job->arg != NULL && strcmp(job->arg, "type_if=tap") == 0)
        text_fmt(j->tap, sizeof(j->tap), "%s", job->tap);
    list_append(&s->scripts, &j->node);
    loop_timer_arm(s->lp, &j->tm, SCRIPT_MS + s->delay_ms[SIM_DELAY_SCRIPT],
                   script_due);
    return 0;
}

void
sim_dom0_script_stop(struct dom0 *d, struct hotplug *hp)
{
    struct sim *s = container_of(d, struct sim, dom0);
    struct list_node *it, *tmp;

    list_foreach_safe (it, tmp, &s->scripts) {
        struct sim_script *j = list_entry(it, struct sim_script, node);

        if (j->hp == hp)
            script_free(j);
    }
}

void
sim_dom0_script_kill(struct dom0 *d, struct hotplug *hp)
{
    sim_dom0_script_stop(d, hp);
    hotplug_ended(hp, SIGKILL);
}

void
sim_scripts_free(struct sim *s)
{
    struct list_node *it, *tmp;

    list_foreach_safe (it, tmp, &s->scripts)
        script_free(list_entry(it, struct sim_script, node));
}
