/*
 * sim_loader.c - boot loaders of the simulated dom0: real programs of the
 * machine that it runs on, as kernels are its files. Whoever runs the simulated
 * host runs them, with the rights that he has.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "engine/dom0/linux/loader/loader_program.h"
#include "engine/sim/dom0/sim_dom0.h"
#include "engine/sim/sim_int.h"
#include "engine/sim/sim_outside.h"
#include "src/base/fdio.h"

int
sim_dom0_loader_find(struct dom0 *d, const char *name, char *dst, size_t n,
                     struct err *e)
{
    (void)d;
    return loader_program_find(name, dst, n, e);
}

int
sim_dom0_loader_can_open(struct dom0 *d, const char *format, struct err *e)
{
    (void)d;
    if (strcmp(format, "qcow2") == 0)
        return 0;
    return err_set(e, ERR_UNSUPPORTED,
                   "nothing on this host shows a %s image to a boot loader",
                   format);
}

/* The simulated disks hold nothing: what is seen of an image is its name. */
static int
sim_loader_show(const struct dom0_loader_job *j, struct err *e)
{
    int fd = open(j->disk, O_WRONLY | O_TRUNC | O_CLOEXEC), r;
    struct buf text = { 0 };

    if (fd < 0)
        return err_sys(e, errno, "%s", j->disk);
    buf_fmt(&text, "%s of %s\n", j->format, j->image);
    r = fd_write_all(fd, text.data, text.len);
    buf_free(&text);
    close(fd);
    return r < 0 ? err_sys(e, errno, "%s", j->disk) : 0;
}

void
sim_dom0_loader_let_go(struct dom0 *d, const char *disk)
{
    (void)d;
    (void)disk;
}

int
sim_dom0_loader_start(struct dom0 *d, struct dom0_loader *l,
                      const struct dom0_loader_job *j, struct err *e)
{
    struct sim *s = container_of(d, struct sim, dom0);
    struct dom0_loader_job own = *j;

    own.confined = false;
    own.image = NULL;
    if (j->image != NULL && sim_loader_show(j, e) < 0)
        return -1;
    if (loader_program_start(s->lp, l, &own, e) < 0)
        return -1;
    loop_child_rest(&l->child, s->loaders_wait);
    return 0;
}

void
sim_dom0_loader_stop(struct dom0 *d, struct dom0_loader *l)
{
    (void)d;
    loader_program_stop(l);
}

void
sim_loaders_wait(struct sim *s, bool wait)
{
    s->loaders_wait = wait;
}
