/*
 * sim_seed.c - what is on the simulated host when it starts: dom0, the demo
 * guests with the nodes that a toolstack and their kernels would have left,
 * and the little that happens on a lively host.
 */
#include "engine/sim/sim_seed.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "engine/model/mark.h"
#include "engine/sim/dom0/sim_dom0.h"
#include "engine/sim/guest/sim_console.h"
#include "engine/sim/guest/sim_guest.h"
#include "engine/sim/guest/sim_shell.h"
#include "engine/sim/hv/sim_dom.h"
#include "engine/sim/hv/sim_hv.h"
#include "engine/sim/sim_int.h"
#include "engine/sim/store/sim_store.h"
#include "src/base/xalloc.h"

#define NICE_NAMES 8
#define PAUSED_AT  3 /* among the nice names */
#define BOOTING_AT 4
#define LIVELY_MS  1000
#define DAY_S      86400ULL

struct shape {
    const char *name;
    unsigned mib, vcpus;
};

static const struct shape shapes[NICE_NAMES] = {
    { "web1", 1024, 2 }, { "web2", 1024, 2 },  { "db1", 4096, 4 },
    { "mail", 512, 1 },  { "build", 2048, 4 }, { "ci", 2048, 2 },
    { "proxy", 256, 1 }, { "backup", 512, 1 },
};

/* Permission sets as a toolstack gives them. */
enum set { NOPERM, RO, RW, FRONT, SETS };

struct seed {
    struct sim *s;
    struct sim_perms *sets[SETS];
    char home[32], vm[48];
    char text[96];
};

static struct sim_node *
sim_seed_put(struct seed *sd, struct sim_node *dir, const char *name,
             enum set set, const char *val)
{
    struct sim_node *n = sim_node_child(&sd->s->tree, dir, name, strlen(name));

    sim_node_set(&sd->s->tree, n, val, strlen(val));
    if (sd->sets[set] != n->perms)
        sim_node_set_perms(&sd->s->tree, n, sim_perms_ref(sd->sets[set]));
    return n;
}

static const char *__attribute__((format(printf, 2, 3)))
fmt(struct seed *sd, const char *f, ...)
{
    va_list ap;
    struct buf b = { 0 };

    va_start(ap, f);
    buf_vfmt(&b, f, ap);
    va_end(ap);
    text_fmt(sd->text, sizeof(sd->text), "%s", buf_text(&b));
    buf_free(&b);
    return sd->text;
}

static void
sets_make(struct seed *sd, uint32_t domid)
{
    const struct store_perm none = { 0, STORE_PERM_NONE };
    const struct store_perm ro[] = { none, { domid, STORE_PERM_READ } };
    const struct store_perm rw = { domid, STORE_PERM_NONE };
    const struct store_perm front[] = { rw, { 0, STORE_PERM_READ } };

    sd->sets[NOPERM] = sim_perms_new(&none, 1);
    sd->sets[RO] = sim_perms_new(ro, 2);
    sd->sets[RW] = sim_perms_new(&rw, 1);
    sd->sets[FRONT] = sim_perms_new(front, 2);
}

static void
sets_free(struct seed *sd)
{
    unsigned i;

    for (i = 0; i < SETS; i++)
        sim_perms_unref(sd->sets[i]);
}

/* A directory of the host's; made with dom0's permissions if missing. */
static struct sim_node *
dir(struct seed *sd, const char *path)
{
    return sim_tree_make(&sd->s->tree, path, 0);
}

static void
seed_console(struct seed *sd, const struct sim_dom *d, struct sim_node *fe,
             struct sim_node *libxl)
{
    unsigned id = d->domid;
    struct sim_node *n, *be;
    char back[64];

    text_fmt(back, sizeof(back), "/local/domain/0/backend/console/%u/0", id);
    n = sim_seed_put(sd, fe, "console", RO, "");
    sim_seed_put(sd, n, "backend", RO, back);
    sim_seed_put(sd, n, "backend-id", FRONT, "0");
    sim_seed_put(sd, n, "limit", RO, "1048576");
    sim_seed_put(sd, n, "output", RO, "pty");
    sim_seed_put(sd, n, "port", RO, "2");
    sim_seed_put(sd, n, "ring-ref", RO, fmt(sd, "%u", 1823234 + id * 512));
    sim_seed_put(sd, n, "tty", RO, sd->s->no_consoled ? "" : SIM_TTY_LAZY);
    sim_seed_put(sd, n, "type", RO, "xenconsoled");
    be = dir(sd, "/local/domain/0/backend/console");
    be = sim_seed_put(sd, be, fmt(sd, "%u", id), NOPERM, "");
    be = sim_seed_put(sd, be, "0", RO, "");
    sim_seed_put(sd, be, "frontend", RO, fmt(sd, "%s/console", sd->home));
    sim_seed_put(sd, be, "frontend-id", RO, fmt(sd, "%u", id));
    sim_seed_put(sd, be, "online", RO, "1");
    sim_seed_put(sd, be, "protocol", RO, "vt100");
    sim_seed_put(sd, be, "state", RO, "1");
    n = sim_seed_put(sd, libxl, "device", NOPERM, "");
    n = sim_seed_put(sd, n, "console", NOPERM, "");
    n = sim_seed_put(sd, n, "0", NOPERM, "");
    sim_seed_put(sd, n, "backend", NOPERM, back);
    sim_seed_put(sd, n, "frontend", NOPERM, fmt(sd, "%s/console", sd->home));
    sim_seed_put(sd, n, "frontend-id", NOPERM, fmt(sd, "%u", id));
    sim_seed_put(sd, n, "online", NOPERM, "1");
    sim_seed_put(sd, n, "protocol", NOPERM, "vt100");
    sim_seed_put(sd, n, "state", NOPERM, "1");
}

static void
seed_libxl(struct seed *sd, const struct sim_dom *d, struct sim_node *fe,
           bool ours)
{
    struct sim_node *l = dir(sd, "/libxl"), *m;

    l = sim_seed_put(sd, l, fmt(sd, "%u", d->domid), NOPERM, "");
    sim_seed_put(sd, l, "dm-version", NOPERM, "qemu_xen");
    sim_seed_put(sd, l, "type", NOPERM, "pv");
    seed_console(sd, d, fe, l);
    if (!ours)
        return;
    m = sim_seed_put(sd, l, MARK_DIR, NOPERM, "");
    sim_seed_put(sd, m, "owner", NOPERM, MARK_OWNER);
    sim_seed_put(sd, m, "state", NOPERM, MARK_BUILT);
}

/* What the kernel wrote by itself shows only in a guest that has booted. */
static void
seed_control(struct seed *sd, struct sim_node *fe, bool booted)
{
    struct sim_node *n = sim_seed_put(sd, fe, "control", RO, "");
    const char *can = booted ? "1" : "";

    sim_seed_put(sd, n, "feature-poweroff", RW, can);
    sim_seed_put(sd, n, "feature-reboot", RW, can);
    sim_seed_put(sd, n, "feature-suspend", RW, can);
    sim_seed_put(sd, n, "platform-feature-multiprocessor-suspend", RO, "1");
    sim_seed_put(sd, n, "platform-feature-xs_reset_watches", RO, "1");
    sim_seed_put(sd, n, "shutdown", RW, "");
    sim_seed_put(sd, n, "sysrq", RW, "");
    n = sim_seed_put(sd, fe, "device", RO, "");
    n = sim_seed_put(sd, n, "suspend", RO, "");
    sim_seed_put(sd, n, "event-channel", RW, "");
}

static void
seed_home(struct seed *sd, const struct sim_dom *d, const char *name,
          bool booted, bool ours)
{
    static const char *const own[] = { "attr", "data", "drivers", "error",
                                       "feature" };
    struct sim_node *fe = dir(sd, "/local/domain"), *n, *cpu;
    size_t i;

    fe = sim_seed_put(sd, fe, fmt(sd, "%u", d->domid), RO, "");
    for (i = 0; i < sizeof(own) / sizeof(*own); i++)
        sim_seed_put(sd, fe, own[i], RW, "");
    seed_control(sd, fe, booted);
    n = sim_seed_put(sd, fe, "cpu", RO, "");
    for (i = 0; i < d->max_vcpus; i++) {
        cpu = sim_seed_put(sd, n, fmt(sd, "%zu", i), RO, "");
        sim_seed_put(sd, cpu, "availability", RO, "online");
    }
    sim_seed_put(sd, fe, "domid", RO, fmt(sd, "%u", d->domid));
    n = sim_seed_put(sd, fe, "memory", RO, "");
    fmt(sd, "%llu", (unsigned long long)d->mem_kib);
    sim_seed_put(sd, n, "static-max", RO, sd->text);
    sim_seed_put(sd, n, "target", RO, sd->text);
    sim_seed_put(sd, n, "videoram", RO, "0");
    sim_seed_put(sd, fe, "name", RO, name);
    n = sim_seed_put(sd, fe, "store", RO, "");
    sim_seed_put(sd, n, "port", RO, "1");
    sim_seed_put(sd, n, "ring-ref", RO,
                 fmt(sd, "%llu", (unsigned long long)d->store_mfn));
    sim_seed_put(sd, fe, "vm", RO, sd->vm);
    seed_libxl(sd, d, fe, ours);
}

static void
seed_vm(struct seed *sd, const struct sim_dom *d, const char *name,
        uint64_t uptime_s)
{
    struct sim_node *vm = dir(sd, "/vm"), *n;

    vm = sim_seed_put(sd, vm, sd->vm + 4, RO, "");
    n = sim_seed_put(sd, vm, "image", RO, "");
    sim_seed_put(sd, n, "cmdline", RO, d->cmdline);
    sim_seed_put(sd, n, "kernel", RO, "/srv/guest/vmlinuz");
    sim_seed_put(sd, n, "ostype", RO, "linux");
    sim_seed_put(sd, n, "ramdisk", RO, "/srv/guest/initrd.img");
    sim_seed_put(sd, vm, "name", RO, name);
    sim_seed_put(sd, vm, "start_time", RO,
                 fmt(sd, "%.2f", loop_wall_s(sd->s->lp) - (double)uptime_s));
    sim_seed_put(sd, vm, "uuid", RO, sd->vm + 4);
}

static void
seed_uuid(struct sim *s, uint8_t *uuid)
{
    uint64_t r[2] = { sim_rand(s), sim_rand(s) };

    memcpy(uuid, r, 16);
    uuid[6] = (uint8_t)((uuid[6] & 0x0f) | 0x40); /* a random one, RFC 4122 */
    uuid[8] = (uint8_t)((uuid[8] & 0x3f) | 0x80);
}

struct sim_dom *
sim_seed_guest(struct sim *s, const char *name, uint64_t mem_kib,
               unsigned vcpus, bool ours)
{
    uint64_t up = 600 + sim_rand(s) % (45 * DAY_S);
    struct sim_dom *d = sim_dom_add(s, 0);
    struct seed sd = { .s = s };

    if (d == NULL)
        return NULL;
    d->iommu = true;
    seed_uuid(s, d->uuid);
    d->max_vcpus = d->online = vcpus;
    d->vcpus_made = d->built = d->introduced = true;
    d->mem_kib = mem_kib;
    d->max_kib = mem_kib + 1024;
    d->ports = 2;
    d->pauses = 0;
    d->store_port = 1;
    d->store_mfn = 1823233 + d->domid * 512;
    d->cmdline = xstrdup("root=/dev/xvda1 ro console=hvc0");
    d->cpu_ns = d->cpu_base_ns = up * (5 + sim_rand(s) % 120) * SIM_NS_PER_MS;
    text_fmt(sd.home, sizeof(sd.home), "/local/domain/%u", d->domid);
    memcpy(sd.vm, "/vm/", 4);
    sim_uuid_text(d->uuid, sd.vm + 4);
    sets_make(&sd, d->domid);
    seed_home(&sd, d, name, true, ours);
    seed_vm(&sd, d, name, up);
    sets_free(&sd);
    sim_guest_seed(d, name, up);
    sim_dom_schedule(d);
    return d;
}

static void
seed_host_nodes(struct sim *s)
{
    static const char *const nodes[][2] = {
        { "/@introduceDomain", "" },
        { "/@releaseDomain", "" },
        { "/libxl", "" },
        { "/local/domain/0/backend/console", "" },
        { "/local/domain/0/control/feature-poweroff", "1" },
        { "/local/domain/0/control/feature-reboot", "1" },
        { "/local/domain/0/control/feature-suspend", "1" },
        { "/local/domain/0/device-model/0/backends/9pfs", "" },
        { "/local/domain/0/device-model/0/backends/console", "" },
        { "/local/domain/0/device-model/0/backends/qnic", "" },
        { "/local/domain/0/device-model/0/backends/qusb", "" },
        { "/local/domain/0/device-model/0/backends/vfb", "" },
        { "/local/domain/0/device-model/0/backends/vkbd", "" },
        { "/local/domain/0/device-model/0/state", "running" },
        { "/local/domain/0/domid", "0" },
        { "/local/domain/0/name", "Domain-0" },
        { "/local/pool/0/name", "Pool-0" },
        { "/tool/xenstored", "/usr/lib/xen-4.17/bin/oxenstored" },
        { "/vm", "" },
    };
    size_t i;

    for (i = 0; i < sizeof(nodes) / sizeof(*nodes); i++)
        sim_dom0_write(s, nodes[i][0], nodes[i][1]);
}

static void
seed_dom0(struct sim *s)
{
    struct sim_dom *d = sim_dom_add(s, 0);

    d->pauses = 0;
    d->vcpus_made = d->built = true;
    d->max_vcpus = d->online = s->o.cpus < 4 ? s->o.cpus : 4;
    d->mem_kib = SIM_DOM0_KIB;
    d->max_kib = UINT64_MAX;
    d->guest.state = SIM_GUEST_UP; /* it balloons as any other */
    d->load = SIM_LOAD_DOM0;
    d->cpu_ns = d->cpu_base_ns = s->uptime_ns / 1000 * SIM_LOAD_DOM0;
    sim_dom_schedule(d);
}

static void
seed_ring(struct sim *s)
{
    sim_ring(s, "Xen version 4.17.5 (Debian 4.17.5) (gcc 12.2.0) debug=n");
    sim_ring(s, "Bootloader: GRUB 2.06");
    sim_ring(s, "Command line: placeholder dom0_mem=4096M,max:4096M");
    sim_ring(s, "Xen image load base address: 0x7a000000");
    sim_ring(s, "System RAM: %lluMB (%llukB)",
             (unsigned long long)s->total_kib / 1024,
             (unsigned long long)s->total_kib);
    sim_ring(s, "Using scheduler: SMP Credit Scheduler rev2 (credit2)");
    sim_ring(s, "Detected 2600.000 MHz processor.");
    sim_ring(s, "I/O virtualisation enabled");
    sim_ring(s, "HVM: ASIDs enabled.");
    sim_ring(s, "HVM: Hardware Assisted Paging (HAP) detected");
    sim_ring(s, "Brought up %u CPUs", s->o.cpus);
    sim_ring(s, "Dom0 has maximum %u VCPUs", s->o.cpus < 4 ? s->o.cpus : 4);
    sim_ring(s, "*** Serial input to DOM0 (type 'CTRL-a' three times to "
                "switch input)");
    sim_ring(s, "Freed 652kB init memory");
    s->virqs = 0; /* nobody was there to be told */
}

static void
guest_shape(struct sim *s, unsigned i, char *name, size_t size,
            struct shape *out)
{
    uint64_t r = sim_rand(s);

    if (s->o.domains <= NICE_NAMES) {
        *out = shapes[i];
        text_fmt(name, size, "%s", out->name);
        return;
    }
    text_fmt(name, size, s->o.domains > 999 ? "vm%04u" : "vm%03u", i + 1);
    out->mib = 256U << (r % 3);
    out->vcpus = 1 + (unsigned)(r >> 8) % 4;
}

static uint64_t
guests_kib(struct sim *s)
{
    uint64_t rng = s->rng, kib = 0;
    struct shape sh;
    char name[16];
    unsigned i;

    for (i = 0; i < s->o.domains; i++) {
        guest_shape(s, i, name, sizeof(name), &sh);
        kib += sh.mib * 1024ULL;
    }
    s->rng = rng;
    return kib;
}

/* A guest that starts in front of the reader's eyes. */
static void
begin_boot(struct sim_dom *d)
{
    char path[96], uuid[37], now[32];

    sim_uuid_text(d->uuid, uuid);
    text_fmt(path, sizeof(path), "/vm/%s/start_time", uuid);
    text_fmt(now, sizeof(now), "%.2f", loop_wall_s(d->s->lp));
    sim_dom0_write(d->s, path, now);
    d->guest.state = SIM_GUEST_OFF;
    d->online = 1;
    d->cpu_ns = d->cpu_base_ns = 0;
    text_fmt(path, sizeof(path), "/local/domain/%u/console/tty", d->domid);
    (void)sim_tree_rm(&d->s->tree, path);
    sim_console_check(d);
    sim_dom_schedule(d);
}

static void
seed_guests(struct sim *s)
{
    struct shape *sh = xcalloc(s->o.domains, sizeof(*sh));
    char(*name)[16] = xcalloc(s->o.domains, sizeof(*name));
    struct sim_dom *d;
    unsigned i;

    for (i = 0; i < s->o.domains; i++)
        guest_shape(s, i, name[i], sizeof(name[i]), &sh[i]);
    for (i = 0; i < s->o.domains; i++) {
        d = sim_seed_guest(s, name[i], sh[i].mib * 1024ULL, sh[i].vcpus, true);
        if (s->o.domains > NICE_NAMES)
            continue;
        if (s->o.lively)
            sim_seed_devices(d, name[i]);
        if (i == PAUSED_AT) {
            d->pauses = 1;
            sim_dom_schedule(d);
        } else if (i == BOOTING_AT && s->o.lively) {
            begin_boot(d);
        }
    }
    free(name);
    free(sh);
}

int
sim_seed_host(struct sim *s, struct err *e)
{
    uint64_t need = SIM_XEN_KIB + SIM_DOM0_KIB + guests_kib(s);

    if (s->o.total_kib != 0 && s->o.total_kib < need)
        return err_set(e, ERR_NOMEM,
                       "%u simulated guests need %llu MiB of host memory, "
                       "%llu MiB given",
                       s->o.domains, (unsigned long long)need / 1024,
                       (unsigned long long)s->o.total_kib / 1024);
    s->total_kib = s->o.total_kib;
    if (s->total_kib == 0) {
        s->total_kib = 64ULL << 20;
        if (s->total_kib < need + need / 8)
            s->total_kib = (need + need / 8 + (1U << 20) - 1) >> 20 << 20;
    }
    s->seeding = true;
    seed_ring(s);
    seed_dom0(s);
    seed_host_nodes(s);
    if (s->o.domains > 0)
        seed_guests(s);
    s->seeding = false;
    return 0;
}

static bool
lively_can(const struct sim_dom *d)
{
    return d != NULL && sim_guest_alive(d) && d->guest.state == SIM_GUEST_UP &&
           d->guest.mode == SIM_SH_PROMPT;
}

/* A line of a daemon, only where somebody has opened the console. */
static void
lively_say(struct sim_dom *d, uint64_t r)
{
    static const char *const says[] = {
        "systemd[1]: Started session-%u.scope - Session of user root.",
        "kernel: TCP: request_sock_TCP: Possible SYN flooding on port %u.",
        "cron[402]: (root) CMD (run-parts --report /etc/cron.hourly) %u",
    };

    if (d->cons == NULL || d->cons->master < 0 || d->guest.line_len > 0 ||
        !sim_console_room(d))
        return;
    sim_console_print(d, "\r");
    sim_console_print(d, says[r % 3], (unsigned)(r >> 8) % 900 + 80);
    sim_console_print(d, "\n");
    sim_shell_prompt(d);
}

/* Those that worked rest, a few others work: the cost of it does not grow with
 * the host. */
static void
lively_step(struct loop_timer *lt)
{
    struct sim *s = container_of(lt, struct sim, lively);
    struct sim_dom *d;
    uint64_t r;
    unsigned i;

    for (i = 0; i < SIM_BUSY && s->n_doms > 1; i++) {
        d = s->busy[i] == 0 ? NULL : sim_dom_find(s, s->busy[i]);
        if (lively_can(d))
            sim_dom_load(d, SIM_LOAD_IDLE);
        r = sim_rand(s);
        d = s->doms[1 + r % (s->n_doms - 1)];
        s->busy[i] = d->domid;
        if (!lively_can(d))
            continue;
        r >>= 16;
        sim_dom_load(d, (unsigned)(r % (d->online * 400ULL)) + 5);
        if (r % 29 == 0)
            lively_say(d, r >> 8);
    }
    loop_timer_arm(s->lp, lt, LIVELY_MS, lively_step);
}

void
sim_seed_lively(struct sim *s)
{
    loop_timer_arm(s->lp, &s->lively, LIVELY_MS, lively_step);
}
