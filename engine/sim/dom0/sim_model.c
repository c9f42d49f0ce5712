/*
 * sim_model.c - device models of the simulated dom0: no processes, but all
 * that a toolstack sees of one. It takes a while to come up, says so in
 * xenstore, then serves the devices of its domain (sim_backend.c), and can
 * end by itself.
 */
#include "engine/sim/dom0/sim_model.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/sim/dom0/sim_backend.h"
#include "engine/sim/dom0/sim_dom0.h"
#include "engine/sim/hv/sim_dom.h"
#include "engine/sim/sim_int.h"
#include "engine/sim/sim_outside.h"
#include "engine/sim/sim_outside_model.h"
#include "engine/sim/store/sim_store.h"
#include "src/base/xalloc.h"

#define START_MS 50
#define END_MS   1
#define NO_PID   DOM0_MODEL_PID_MAX /* that no process can have */

static struct sim_model *
sim_model_find(const struct sim *s, uint32_t domid)
{
    struct list_node *it;

    list_foreach (it, &s->models) {
        struct sim_model *m = list_entry(it, struct sim_model, node);

        if (m->domid == domid)
            return m;
    }
    return NULL;
}

static void
model_free(struct sim_model *m)
{
    loop_timer_del(&m->tm);
    sim_qmp_close(m);
    buf_free(&m->args);
    dom0_model_files_free(&m->files);
    if (m->fdset >= 0)
        close(m->fdset);
    list_del(&m->node);
    free(m);
}

static void
model_ends(struct sim_model *m, int status)
{
    struct dom0_model *watched = m->watched;

    model_free(m);
    if (watched != NULL)
        watched->ended(watched, status);
}

static uint64_t
model_card_kib(const struct sim_model *m)
{
    static const char *const words[] = { ",vgamem_mb=", ",vram_size_mb=",
                                         ",ram_size_mb=" };
    const char *s, *end = m->args.data + m->args.len, *at;
    uint64_t mib = 0;
    size_t i;

    for (s = m->args.data; s != NULL && s < end; s += strlen(s) + 1)
        for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
            at = strstr(s, words[i]);
            if (at != NULL)
                mib += strtoull(at + strlen(words[i]), NULL, 10);
        }
    return mib * 1024;
}

/* As QEMU does it, which ends if it cannot. */
static bool
model_fills_card(const struct sim_model *m)
{
    struct sim_dom *d = sim_dom_find(m->s, m->domid);
    uint64_t kib = model_card_kib(m);

    if (d == NULL)
        return true;
    d->card_kib = kib;
    return m->goes_on || (d->mem_kib + kib <= d->max_kib &&
                          sim_dom_set_mem(d, d->mem_kib + kib));
}

static void
start_due(struct loop_timer *lt)
{
    struct sim_model *m = container_of(lt, struct sim_model, tm);
    struct err e = { 0 };
    char path[96];

    if (m->garbled || sim_call(m->s, SIM_DM_START, &e) < 0) {
        if (m->garbled || e.sys != ETIMEDOUT) /* else it hangs */
            model_ends(m, W_EXITCODE(1, 0));
        return;
    }
    if (!sim_model_knows_args(m) || !model_fills_card(m)) {
        model_ends(m, W_EXITCODE(1, 0));
        return;
    }
    m->up = m->begun = true;
    text_fmt(path, sizeof(path), "/local/domain/0/device-model/%u/state",
             m->domid);
    sim_dom0_write(m->s, path, "running");
    sim_back_kick(m->s, m->domid);
    sim_qmp_wake(m);
}

/* The display that it asks for, or the next free one ("127.0.0.1:0,to=99"). */
static unsigned
model_vnc_port(struct sim *s, const struct sim_model *m)
{
    const char *vnc = sim_model_arg(m, "-vnc");
    const char *colon = vnc != NULL ? strrchr(vnc, ':') : NULL;
    struct list_node *it;
    unsigned port;

    if (colon == NULL)
        return 0;
    port = 5900 + (unsigned)strtoul(colon + 1, NULL, 10);
    if (strstr(colon, ",to=") == NULL)
        return port;
    for (it = s->models.next; it != &s->models; it = it->next)
        if (list_entry(it, struct sim_model, node)->vnc_port == port) {
            port++;
            it = &s->models; /* from the first again */
        }
    return port;
}

/* It begins as a state of QEMU does, and ends there in the sim. */
static bool
model_takes_state(const struct dom0_model_job *j)
{
    char bytes[16];

    return !j->has_state ||
           (read(j->state_fd, bytes, sizeof(bytes)) == SIM_STATE_LEN &&
            memcmp(bytes, SIM_STATE, SIM_STATE_LEN) == 0);
}

static void
model_takes_files(struct sim_model *m, const struct dom0_model_files *f)
{
    size_t i;

    for (i = 0; f != NULL && i < f->n; i++)
        dom0_model_files_add(&m->files, f->at[i].path, f->at[i].writable);
}

int
sim_dom0_model_start(struct dom0 *d, const struct dom0_model_job *j,
                     pid_t *pid_out, struct err *e)
{
    struct sim *s = container_of(d, struct sim, dom0);
    struct sim_model *m = xcalloc(1, sizeof(*m));

    (void)e;
    m->s = s;
    m->domid = j->domid;
    m->fdset = -1;
    m->stopped = j->confined; /* -S */
    m->goes_on = j->has_state;
    m->garbled = !model_takes_state(j);
    buf_add(&m->args, j->args->data, j->args->len);
    model_takes_files(m, j->files);
    list_init(&m->clients);
    m->vnc_port = model_vnc_port(s, m);
    list_append(&s->models, &m->node);
    loop_timer_arm(s->lp, &m->tm, START_MS, start_due);
    *pid_out = NO_PID;
    return 0;
}

enum life
sim_dom0_model_serves(struct dom0 *d, uint32_t domid, uint64_t pid)
{
    struct sim *s = container_of(d, struct sim, dom0);

    if (s->procs_hidden)
        return LIFE_UNKNOWN;
    return pid == NO_PID && sim_model_find(s, domid) != NULL ? LIFE_ALIVE
                                                             : LIFE_GONE;
}

int
sim_dom0_model_find(struct dom0 *d, uint32_t domid, pid_t *pid_out,
                    struct err *e)
{
    enum life life = sim_dom0_model_serves(d, domid, NO_PID);

    *pid_out = life == LIFE_ALIVE ? NO_PID : 0;
    return life != LIFE_UNKNOWN ? 0 : err_sys(e, EMFILE, "/proc");
}

int
sim_dom0_model_watch(struct dom0 *d, struct dom0_model *w, struct err *e)
{
    struct sim_model *m =
        sim_model_find(container_of(d, struct sim, dom0), w->domid);

    if (m == NULL)
        return err_sys(e, ESRCH, "device model of domain %u", w->domid);
    m->watched = w;
    w->confined = m->begun && sim_model_has_root(m);
    return 0;
}

void
sim_dom0_model_unwatch(struct dom0 *d, struct dom0_model *w)
{
    struct sim_model *m =
        sim_model_find(container_of(d, struct sim, dom0), w->domid);

    if (m != NULL && m->watched == w)
        m->watched = NULL;
}

static void
end_due(struct loop_timer *lt)
{
    model_ends(container_of(lt, struct sim_model, tm), W_EXITCODE(0, 0));
}

static void
kill_due(struct loop_timer *lt)
{
    model_ends(container_of(lt, struct sim_model, tm), W_EXITCODE(0, SIGKILL));
}

void
sim_model_quit(struct sim_model *m)
{
    m->up = false;
    loop_timer_arm(m->s->lp, &m->tm, END_MS, end_due);
}

/* A stopped process takes no signal but SIGKILL. */
void
sim_dom0_model_end(struct dom0 *d, const struct dom0_model *w, bool at_once)
{
    struct sim_model *m =
        sim_model_find(container_of(d, struct sim, dom0), w->domid);

    if (m == NULL || (m->hung && !at_once))
        return;
    if (!at_once) {
        sim_model_quit(m);
        return;
    }
    m->up = false;
    loop_timer_arm(m->s->lp, &m->tm, END_MS, kill_due);
}

int
sim_dom0_model_connect(struct dom0 *d, uint32_t domid, int *fd_out,
                       bool *shared_out, struct err *e)
{
    struct sim_model *m =
        sim_model_find(container_of(d, struct sim, dom0), domid);

    if (m == NULL)
        return err_set(e, ERR_LOST, "qmp-xendeck-%u: %s", domid,
                       strerror(ENOENT));
    *shared_out = false;
    return sim_qmp_connect(m, fd_out, e);
}

void
sim_dom0_model_sweep(struct dom0 *d, bool (*lives)(void *arg, uint32_t domid),
                     void *arg)
{
    (void)d;
    (void)lives;
    (void)arg;
}

const char *
sim_model_arg(const struct sim_model *m, const char *name)
{
    const char *s, *end = m->args.data + m->args.len;

    for (s = m->args.data; s != NULL && s < end; s += strlen(s) + 1)
        if (strcmp(s, name) == 0 && s + strlen(s) + 1 < end)
            return s + strlen(s) + 1;
    return NULL;
}

/* vif3.0-emu is domain 3's, and QEMU's argument says "ifname=vif3.0-emu,". */
bool
sim_model_has_tap(const struct sim *s, const char *tap)
{
    unsigned domid;
    const struct sim_model *m;
    const char *arg, *end;
    char want[64];

    if (sscanf(tap, "vif%u.", &domid) != 1 ||
        (m = sim_model_find(s, domid)) == NULL || !m->up)
        return false;
    text_fmt(want, sizeof(want), ",ifname=%s,", tap);
    end = m->args.data + m->args.len;
    for (arg = m->args.data; arg != NULL && arg < end; arg += strlen(arg) + 1)
        if (strstr(arg, want) != NULL)
            return true;
    return false;
}

void
sim_dom0_model_clean(struct dom0 *d, uint32_t domid)
{
    (void)d;
    (void)domid;
}

bool
sim_model_serves(const struct sim *s, uint32_t domid)
{
    const struct sim_model *m = sim_model_find(s, domid);

    return m != NULL && m->up && !m->hung;
}

int
sim_model_hang(struct sim *s, uint32_t domid, bool hang)
{
    struct sim_model *m = sim_model_find(s, domid);

    if (m == NULL)
        return -1;
    m->hung = hang;
    if (!hang)
        sim_qmp_wake(m);
    return 0;
}

const char *
sim_model_given(const struct sim *s, uint32_t domid, const char *name)
{
    const struct sim_model *m = sim_model_find(s, domid);

    return m != NULL ? sim_model_arg(m, name) : NULL;
}

bool
sim_model_has_arg(const struct sim *s, uint32_t domid, const char *text)
{
    const struct sim_model *m = sim_model_find(s, domid);
    const char *at, *end = m != NULL ? m->args.data + m->args.len : NULL;

    for (at = m != NULL ? m->args.data : NULL; at != NULL && at < end;
         at += strlen(at) + 1)
        if (strcmp(at, text) == 0)
            return true;
    return false;
}

bool
sim_model_keeps_fd(const struct sim *s, uint32_t domid)
{
    const struct sim_model *m = sim_model_find(s, domid);

    return m != NULL && m->fdset >= 0;
}

const char *
sim_model_handed(const struct sim *s, uint32_t domid, size_t i, bool *writable)
{
    const struct sim_model *m = sim_model_find(s, domid);

    if (m == NULL || i >= m->files.n)
        return NULL;
    *writable = m->files.at[i].writable;
    return m->files.at[i].path;
}

const char *
sim_model_password(const struct sim *s, uint32_t domid)
{
    const struct sim_model *m = sim_model_find(s, domid);

    return m != NULL ? m->password : NULL;
}

bool
sim_model_stopped(const struct sim *s, uint32_t domid)
{
    const struct sim_model *m = sim_model_find(s, domid);

    return m != NULL && m->stopped;
}

bool
sim_model_notes(const struct sim *s, uint32_t domid)
{
    const struct sim_model *m = sim_model_find(s, domid);

    return m != NULL && m->notes;
}

const char *
sim_model_medium(const struct sim *s, uint32_t domid)
{
    const struct sim_model *m = sim_model_find(s, domid);

    return m != NULL ? m->medium : NULL;
}

int
sim_model_kill(struct sim *s, uint32_t domid)
{
    struct sim_model *m = sim_model_find(s, domid);

    if (m == NULL)
        return -1;
    model_ends(m, W_EXITCODE(0, SIGKILL));
    return 0;
}

static void
model_dump(const struct sim_model *m, struct buf *out)
{
    size_t i;

    buf_fmt(out, "device model of %u%s%s", m->domid,
            m->stopped ? " stopped" : "", m->notes ? " noting" : "");
    for (i = 0; i < SIM_PCI_DEVICES; i++)
        if (m->pci[i][0] != '\0')
            buf_fmt(out, " %s", m->pci[i]);
    buf_chr(out, '\n');
}

void
sim_models_dump(const struct sim *s, struct buf *out)
{
    struct list_node *it;

    list_foreach (it, &s->models)
        model_dump(list_entry(it, struct sim_model, node), out);
}

void
sim_models_free(struct sim *s)
{
    struct list_node *it, *tmp;

    list_foreach_safe (it, tmp, &s->models)
        model_free(list_entry(it, struct sim_model, node));
}
