/*
 * linux_dom0.c - the driver of dom0's boundary for Linux: its table, and what
 * needs no file of its own.
 */
#include "engine/dom0/linux/linux_dom0.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>

#include "engine/dom0/linux/bridge.h"
#include "engine/dom0/linux/dev_stats.h"
#include "engine/dom0/linux/disk_facts.h"
#include "engine/dom0/linux/linux_int.h"
#include "engine/dom0/linux/linux_model.h"
#include "engine/dom0/linux/loader/loader_image.h"
#include "engine/dom0/linux/loader/loader_program.h"
#include "engine/dom0/linux/pci_sysfs.h"
#include "engine/dom0/same_file.h"
#include "src/base/fdio.h"
#include "src/base/xalloc.h"

#define MOUNTS_MAX (4U << 20)

struct linux_dom0 {
    struct dom0 dom0;        /* first */
    struct dev_stats *stats; /* made at the first use */
    const char *model_dir;
    struct model_known model_known;
};

static struct dev_stats *
linux_dom0_stats_of(struct dom0 *d)
{
    struct linux_dom0 *l = container_of(d, struct linux_dom0, dom0);

    if (l->stats == NULL)
        l->stats = dev_stats_new("");
    return l->stats;
}

int
linux_disk(struct dom0 *d, const char *path, struct dom0_disk *out,
           struct err *e)
{
    (void)d;
    return disk_facts(path, out, e);
}

int
linux_disk_open(struct dom0 *d, const char *path, bool write, int *fd_out,
                struct err *e)
{
    /* Of a block device O_EXCL is refused while a mount or a volume has it. */
    int flags = write ? O_RDWR | O_EXCL : O_RDONLY;
    int fd = open(path, flags | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

    (void)d;
    if (fd < 0 && errno == EBUSY)
        return err_set(e, ERR_BUSY, "%s is in use by dom0", path);
    if (fd < 0)
        return err_sys(e, errno, "%s", path);
    *fd_out = fd;
    return 0;
}

bool
linux_file_is_remote(struct dom0 *d, const char *path)
{
    struct buf mounts = { 0 };
    bool remote;

    (void)d;
    remote =
        fd_read_file("/proc/self/mountinfo", MOUNTS_MAX, &mounts, NULL) < 0 ||
        path_is_remote(buf_text(&mounts), path);
    buf_free(&mounts);
    return remote;
}

int
linux_dev_list(struct dom0 *d, struct dom0_dev *out, size_t max, size_t *n_out,
               struct err *e)
{
    return dev_stats_list(linux_dom0_stats_of(d), out, max, n_out, e);
}

int
linux_dev_stats(struct dom0 *d, const struct dom0_dev *devs, size_t n,
                bool full, struct dom0_dev_stats *out, struct err *e)
{
    return dev_stats_read(linux_dom0_stats_of(d), devs, n, full, out, e);
}

int
linux_pci_list(struct dom0 *d, struct dom0_pci *out, size_t max, size_t *n_out,
               struct err *e)
{
    (void)d;
    return pci_sysfs_list("", out, max, n_out, e);
}

int
linux_pci_get(struct dom0 *d, uint32_t sbdf, struct dom0_pci *out,
              struct err *e)
{
    (void)d;
    return pci_sysfs_get("", sbdf, out, e);
}

int
linux_pci_reset(struct dom0 *d, uint32_t sbdf, struct err *e)
{
    (void)d;
    return pci_sysfs_reset("", sbdf, e);
}

int
linux_pci_permissive(struct dom0 *d, uint32_t sbdf, struct err *e)
{
    (void)d;
    return pci_sysfs_permissive("", sbdf, e);
}

int
linux_bridge_list(struct dom0 *d, struct vnet *out, size_t max, size_t *n_out,
                  struct err *e)
{
    (void)d;
    return bridges_read(BRIDGE_SYSFS, out, max, n_out, e);
}

int
linux_bridge_create(struct dom0 *d, const char *name, struct err *e)
{
    (void)d;
    return bridge_make(name, e);
}

int
linux_port_join(struct dom0 *d, const struct dom0_port *p, unsigned *mtu_out,
                struct err *e)
{
    (void)d;
    if (bridge_port_needs_script(HOTPLUG_DIR, BRIDGE_FILTER))
        return err_set(e, ERR_UNSUPPORTED,
                       "hooks or a firewall of bridges are set up here");
    return bridge_port_join(p, mtu_out, e);
}

int
linux_port_leave(struct dom0 *d, const struct dom0_port *p, struct err *e)
{
    (void)d;
    if (bridge_port_needs_script(HOTPLUG_DIR, BRIDGE_FILTER))
        return err_set(e, ERR_UNSUPPORTED,
                       "hooks or a firewall of bridges are set up here");
    return bridge_port_leave(p, e);
}

int
linux_bridge_remove(struct dom0 *d, const char *name, struct err *e)
{
    (void)d;
    return bridge_unmake(name, e);
}

int
linux_loader_find(struct dom0 *d, const char *name, char *dst, size_t n,
                  struct err *e)
{
    (void)d;
    return loader_program_find(name, dst, n, e);
}

int
linux_loader_start(struct dom0 *d, struct dom0_loader *l,
                   const struct dom0_loader_job *j, struct err *e)
{
    return loader_program_start(d->lp, l, j, e);
}

void
linux_loader_stop(struct dom0 *d, struct dom0_loader *l)
{
    (void)d;
    loader_program_stop(l);
}

int
linux_loader_can_open(struct dom0 *d, const char *format, struct err *e)
{
    (void)d;
    return loader_image_can_open(format, e);
}

void
linux_loader_let_go(struct dom0 *d, const char *disk)
{
    (void)d;
    loader_image_let_go(disk);
}

/* Xen's own paths are those that Debian's packages are built with. */
static int
linux_places(struct dom0 *d, const char *state, const char *run,
             struct engine_paths *out, struct err *e)
{
    (void)d;
    (void)e;
    text_fmt(out->state, sizeof(out->state), "%s",
             state != NULL ? state : "/var/lib/xendeck");
    text_fmt(out->run, sizeof(out->run), "%s",
             run != NULL ? run : PLACES_RUN_DIR);
    text_fmt(out->libxl, sizeof(out->libxl), "/var/lib/xen");
    text_fmt(out->consoles, sizeof(out->consoles), "/var/lock");
    text_fmt(out->dump, sizeof(out->dump), "/var/lib/xen/dump");
    text_fmt(out->history, sizeof(out->history), "/var/run/xen/domid-history");
    text_fmt(out->hooks, sizeof(out->hooks), "/etc/xendeck/hooks");
    text_fmt(out->xl_conf, sizeof(out->xl_conf), "/etc/xen/xl.conf");
    text_fmt(out->xl_lock, sizeof(out->xl_lock), "/var/lock/xl");
    return 0;
}

/* --- powering off --- */

static void
shutdown_ended(struct loop_child *lc, int status)
{
    struct dom0_power *p = container_of(lc, struct dom0_power, child);

    p->ended(p, status);
}

int
linux_power(struct dom0 *d, struct dom0_power *p, bool reboot, struct err *e)
{
    char exe[] = DOM0_SHUTDOWN_EXE, how[] = "-h", now[] = "now";
    char path[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
    char *argv[] = { exe, how, now, NULL }, *envp[] = { path, NULL };
    posix_spawnattr_t at;
    sigset_t none;
    pid_t pid;
    int r;

    if (reboot)
        how[1] = 'r';
    sigemptyset(&none);
    posix_spawnattr_init(&at);
    posix_spawnattr_setsigmask(&at, &none);
    posix_spawnattr_setflags(&at, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSID);
    r = posix_spawn(&pid, exe, NULL, &at, argv, envp);
    posix_spawnattr_destroy(&at);
    if (r != 0)
        return err_sys(e, r, "%s", exe);
    if (loop_child_add(d->lp, &p->child, pid, shutdown_ended) < 0)
        return err_sys(e, errno, "watch on %s", exe);
    return 0;
}

/* --- the driver --- */

static void
linux_close(struct dom0 *d)
{
    struct linux_dom0 *l = container_of(d, struct linux_dom0, dom0);

    dev_stats_free(l->stats);
    free(l);
}

static const struct dom0_ops linux_ops = {
    .name = "linux",
    .close = linux_close,
    .places = linux_places,
    .file_is_remote = linux_file_is_remote,
    .script_errno = linux_script_errno,
    .end_left_scripts = linux_end_left_scripts,
    .has_model_program = linux_has_model_program,
    .model_user = linux_model_user,
    .model_root = linux_model_root,
    .model_serves = linux_model_serves,
    .model_log_end = linux_model_log_end,
#define DOM0_OP(op, params, args, ...) .op = linux_##op,
#define DOM0_DO                        DOM0_OP
#include "engine/dom0/dom0_ops.def"
};

const char *
linux_model_dir(const struct dom0 *d)
{
    return container_of(d, const struct linux_dom0, dom0)->model_dir;
}

struct model_known *
linux_model_known(struct dom0 *d)
{
    return &container_of(d, struct linux_dom0, dom0)->model_known;
}

struct dom0 *
linux_dom0_open(struct loop *lp)
{
    return linux_dom0_open_at(lp, "/var/run/xen");
}

struct dom0 *
linux_dom0_open_at(struct loop *lp, const char *dir)
{
    struct linux_dom0 *l = xcalloc(1, sizeof(*l));

    l->dom0.ops = &linux_ops;
    l->dom0.lp = lp;
    l->model_dir = dir;
    return &l->dom0;
}
