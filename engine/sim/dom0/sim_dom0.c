/*
 * sim_dom0.c - what the simulated dom0 has for devices: disks, and what its
 * hotplug scripts would do. Every path below /dev is a block device
 * of the simulated host; any other is looked up on the machine it runs on, as
 * kernels are.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "engine/sim/sim_int.h"
#include "src/base/xalloc.h"

#define SCRIPT_MS  20
#define DISK_MAJOR 253 /* as the device mapper's */

struct sim_disk {
    char path[256], user[160];
};

struct sim_script {
    struct sim *s;
    struct hv_hotplug job;
    char back[160];
    char verb[16], kind[16];
    struct loop_timer tm;
    struct list_node node;
};

static struct sim *
sim_of(struct hv *h)
{
    return container_of(h, struct sim, hv);
}

/* --- disks --- */

static unsigned
minor_of(const char *path)
{
    unsigned h = 5381;

    for (; *path != '\0'; path++)
        h = h * 33 + (unsigned char)*path;
    return h & 0xfffff;
}

/* "/dev/sdb" and "/dev/sdb2", with Linux's numbers: 15 partitions at most. */
static bool
scsi_disk(const char *path, struct hv_disk *out)
{
    unsigned long part;
    char *end;
    size_t i;

    if (strncmp(path, "/dev/sd", 7) != 0 || path[7] < 'a' || path[7] > 'p')
        return false;
    part = strtoul(path + 8, &end, 10);
    if (*end != '\0' || part > 15)
        return false;
    out->major = 8;
    out->minor = (unsigned)(path[7] - 'a') * 16 + (unsigned)part;
    for (i = part == 0 ? 1 : 0; i < (part == 0 ? 16 : 1); i++)
        out->also[out->n_also++] =
            (struct hv_disk_number){ 8, (out->minor & ~15U) + (unsigned)i };
    return true;
}

static void
look_up(struct sim *s, const char *path, struct hv_disk *out)
{
    struct stat st;
    size_t i;

    *out = (struct hv_disk){ .kind = HV_DISK_NONE };
    text_fmt(out->path, sizeof(out->path), "%s", path);
    if (strncmp(path, "/dev/", 5) == 0) {
        out->kind = HV_DISK_BLOCK;
        out->major = DISK_MAJOR;
        out->minor = minor_of(path);
        (void)scsi_disk(path, out);
    } else if (stat(path, &st) == 0) {
        out->kind = S_ISREG(st.st_mode) ? HV_DISK_FILE : HV_DISK_OTHER;
        out->file_dev = S_ISREG(st.st_mode) ? st.st_dev : 0;
        out->file_ino = S_ISREG(st.st_mode) ? st.st_ino : 0;
    }
    for (i = 0; i < s->n_disks; i++)
        if (strcmp(s->disks[i].path, path) == 0) {
            text_fmt(out->user, sizeof(out->user), "%s", s->disks[i].user);
            out->used_rw = out->user[0] != '\0';
        }
}

int
sim_hv_disk(struct hv *h, const char *path, struct hv_disk *out, struct err *e)
{
    struct sim *s = sim_of(h);

    if (sim_call(s, SIM_HV_DISK, e) < 0)
        return -1;
    look_up(s, path, out);
    return 0;
}

void
sim_disk_use(struct sim *s, const char *path, const char *user)
{
    struct sim_disk *d;

    s->disks = xrealloc(s->disks, s->n_disks + 1, sizeof(*s->disks));
    d = &s->disks[s->n_disks++];
    text_fmt(d->path, sizeof(d->path), "%s", path);
    text_fmt(d->user, sizeof(d->user), "%s", user);
}

/* --- scripts --- */

static void
write_back(struct sim_script *j, const char *name, const char *val)
{
    char path[256];

    text_fmt(path, sizeof(path), "%s/%s", j->back, name);
    sim_dom0_write(j->s, path, val);
}

static int
refuse(struct sim_script *j, const char *why, char *said, size_t n)
{
    text_fmt(said, n, "%s", why);
    if (sim_tree_find(&j->s->tree, j->back) != NULL) {
        write_back(j, "hotplug-error", why);
        write_back(j, "hotplug-status", "error");
    }
    return W_EXITCODE(1, 0);
}

static int
plug(struct sim_script *j, char *said, size_t n)
{
    char path[256], params[256], number[32];
    const struct sim_node *node;
    struct hv_disk disk;

    if (sim_tree_find(&j->s->tree, j->back) == NULL)
        return refuse(j, "the backend is gone", said, n);
    if (strcmp(j->kind, "vbd") == 0) {
        text_fmt(path, sizeof(path), "%s/params", j->back);
        node = sim_tree_find(&j->s->tree, path);
        text_fmt(params, sizeof(params), "%.*s",
                 node != NULL ? (int)node->len : 0,
                 node != NULL && node->val != NULL ? node->val : "");
        look_up(j->s, params, &disk);
        if (disk.kind != HV_DISK_FILE && disk.kind != HV_DISK_BLOCK)
            return refuse(j, "its disk does not exist.", said, n);
        if (disk.kind == HV_DISK_FILE) { /* a loop device */
            disk.major = 7;
            disk.minor = minor_of(params) & 0xff;
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
    struct hv_hotplug job = j->job;
    struct err e = { 0 };
    char said[ERR_MSG_MAX] = "";
    int status = 0;

    if (sim_call(j->s, SIM_DEV_SCRIPT, &e) < 0) {
        if (e.sys == ETIMEDOUT)
            return; /* it hangs */
        status = refuse(j, e.msg, said, sizeof(said));
    } else if (add) {
        status = plug(j, said, sizeof(said));
    }
    script_free(j);
    job.done(job.arg, status, said);
}

int
sim_hv_hotplug(struct hv *h, const struct hv_hotplug *job, struct err *e)
{
    struct sim *s = sim_of(h);
    struct sim_script *j;

    if (sim_call(s, SIM_HV_HOTPLUG, e) < 0)
        return -1;
    j = xcalloc(1, sizeof(*j));
    j->s = s;
    j->job = *job;
    text_fmt(j->back, sizeof(j->back), "%s", job->back);
    text_fmt(j->verb, sizeof(j->verb), "%s", job->verb);
    text_fmt(j->kind, sizeof(j->kind), "%s", job->kind);
    list_append(&s->scripts, &j->node);
    loop_timer_arm(s->lp, &j->tm, SCRIPT_MS + s->delay_ms[SIM_DELAY_SCRIPT],
                   script_due);
    return 0;
}

void
sim_hv_hotplug_stop(struct hv *h, void *arg)
{
    struct sim *s = sim_of(h);
    struct list_node *it, *tmp;

    list_foreach_safe (it, tmp, &s->scripts) {
        struct sim_script *j = list_entry(it, struct sim_script, node);

        if (j->job.arg == arg)
            script_free(j);
    }
}

void
sim_dom0_free(struct sim *s)
{
    struct list_node *it, *tmp;

    list_foreach_safe (it, tmp, &s->scripts)
        script_free(list_entry(it, struct sim_script, node));
    free(s->disks);
}
