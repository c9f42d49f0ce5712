/*
 * create_look.c - what a creation would ask of a configuration and of this
 * host, asked without one: it goes on after a fault, so that all are named.
 */
#include <string.h>
#include <unistd.h>

#include "engine/device/device_check.h"
#include "engine/dom0/dom0.h"
#include "engine/guest/guest_kernel.h"
#include "engine/guest/guest_machine.h"
#include "engine/life/create/create_tune.h"
#include "engine/life/create_int.h"

struct create_look {
    struct engine *en; /* NULL: the host is not asked */
    struct domain_config *cfg;
    const struct hv_host *host; /* NULL: nothing is known of it */
    struct config_faults *faults;
    struct buf *warn; /* or NULL */
};

static void
look_line(struct create_look *l, const char *text)
{
    if (l->warn != NULL)
        buf_fmt(l->warn, "%s\n", text);
}

/* Who reads of several faults has to know of which file each is. What another
 * domain has now may be free when this one is made. */
static void
look_fault(void *arg, const struct err *fault)
{
    struct create_look *l = arg;
    struct err e = *fault;

    if (strncmp(e.msg, l->cfg->file, strlen(l->cfg->file)) != 0)
        err_wrap(&e, "%s", l->cfg->file);
    if (e.code == ERR_BUSY) {
        look_line(l, e.msg);
        return;
    }
    config_faults_add(l->faults, &e);
}

/* The engine's loop must not hang for what it opens. A process without one
 * holds up nobody but its caller. */
static bool
look_is_remote(struct create_look *l, const char *path)
{
    if (l->en == NULL || path[0] != '/' ||
        !dom0_file_is_remote(engine_dom0(l->en), path))
        return false;
    if (l->warn != NULL)
        buf_fmt(l->warn,
                "%s is served by another host: `check' does not look at it\n",
                path);
    return true;
}

/* Opens it as a creation would, and lets go of it. */
static void
look_file(void *arg, const char *setting, const char *path)
{
    struct create_look *l = arg;
    struct err e = { 0 };
    int fd = -1, rc;

    if (look_is_remote(l, path))
        return;
    rc = image_open_own(l->cfg, setting, path, &fd, &e);
    if (rc == 0 && strcmp(setting, "image.kernel") == 0)
        rc = guest_kernel_check_file(l->cfg, fd, &e);
    if (fd >= 0)
        close(fd);
    if (rc < 0)
        look_fault(l, &e);
}

static void
look_devices(struct create_look *l, struct create *c)
{
    struct err e = { 0 };

    devices_init(&c->devices, &c->t, l->cfg);
    devices_check_each(&c->devices, look_fault, l);
    if (l->cfg->model.program != NULL &&
        !look_is_remote(l, l->cfg->model.program) &&
        dm_check_program(&c->devices, l->cfg, &e) < 0)
        look_fault(l, &e);
    if (l->warn != NULL)
        buf_str(l->warn, buf_text(&c->devices.warn));
    devices_fini(&c->devices);
}

/* What the hypervisor tells of itself. */
static void
look_hypervisor(struct create_look *l)
{
    struct err e = { 0 };

    if (guest_type_of(l->cfg)->check_host(l->host, &e) < 0)
        look_fault(l, &e);
    if (create_check_cpus(l->cfg, l->host->cpus, &e) < 0)
        look_fault(l, &e);
}

static void
look_host(struct create_look *l)
{
    struct create c = { .t = { .en = l->en }, .cfg = l->cfg };
    struct err e = { 0 };

    if (create_find_pool(&c, &e) < 0)
        look_fault(l, &e);
    if (guest_check_machine(l->en, l->cfg, &e) < 0)
        look_fault(l, &e);
    if (dm_check_config(l->en, l->cfg, &e) < 0)
        look_fault(l, &e);
    if (dm_check_disks(l->cfg, &e) < 0)
        look_fault(l, &e);
    look_devices(l, &c);
}

/* A boot loader, or a firmware in the place of a kernel. Of one that does not
 * fit the configuration its reader has told. */
static void
look_kernel(struct create_look *l)
{
    const char *path = guest_kernel_looked_for(l->cfg);
    struct err e = { 0 }, told = { 0 };

    if (path != NULL && guest_check(l->cfg, &told) == 0 &&
        !look_is_remote(l, path) && guest_kernel_look(l->en, l->cfg, &e) < 0)
        look_fault(l, &e);
}

void
create_look(struct engine *en, const struct hv_host *host,
            struct domain_config *cfg, struct config_faults *faults,
            struct buf *warn)
{
    struct create_look l = {
        .en = en, .cfg = cfg, .host = host, .faults = faults, .warn = warn
    };
    struct buf cmdline = { 0 };
    struct err why = { 0 };

    if (image_cmdline(cfg, &cmdline, &why) < 0)
        look_fault(&l, &why);
    buf_free(&cmdline);
    if (guest_kernel_in_dom0(cfg))
        image_files_each(cfg, look_file, &l);
    if (host != NULL)
        look_hypervisor(&l);
    if (en != NULL) {
        look_kernel(&l);
        look_host(&l);
    }
}
