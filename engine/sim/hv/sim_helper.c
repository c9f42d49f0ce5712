/*
 * sim_helper.c - the hypervisor driver of a helper process of the simulated
 * host, which has nothing of that host in its memory: kernels are parsed, core
 * dumps are written, and what would take time on Xen takes some.
 */
#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "engine/hv/xen/xen.h"
#include "engine/sim/hv/sim_hv.h"
#include "engine/sim/sim_int.h"
#include "src/base/fdio.h"
#include "src/base/xalloc.h"

#define STEPS          10
#define CORE_MAX_BYTES (1ULL << 40)

struct sim_helper {
    struct hv hv; /* first */
    xen_say_cb say;
    void *arg;
};

/* One step of what takes ms in all. */
static void
pace(unsigned ms)
{
    struct timespec ts = { .tv_nsec = (long)(ms / STEPS) * 1000000 };

    nanosleep(&ts, NULL);
}

static int
helper_build(struct hv *h, const struct hv_build *b, struct hv_built *out,
             struct err *e)
{
    const struct sim_helper *sh = container_of(h, struct sim_helper, hv);
    int i;

    /* the loader of an HVM domain is no kernel, and the host's own */
    if (b->kind != HV_HVM && xen_build_dry(b, sh->say, sh->arg, e) < 0)
        return -1;
    for (i = 1; i <= STEPS && b->pace_ms > 0; i++) {
        pace(b->pace_ms);
        b->progress(b->arg, i * 100 / STEPS, "populating memory");
    }
    *out = (struct hv_built){ .store_mfn = 0x100000 + b->domid,
                              .console_mfn = 0x200000 + b->domid };
    return 0;
}

/* Sparse: as long as the memory, without a byte of it. */
int
sim_core_write(const struct hv_core *c, uint64_t mem_kib, struct err *e)
{
    Elf64_Ehdr eh = { .e_type = ET_CORE,
                      .e_machine = EM_X86_64,
                      .e_version = EV_CURRENT,
                      .e_ehsize = sizeof(eh) };
    uint64_t bytes = mem_kib * 1024;
    unsigned i;

    memcpy(eh.e_ident, ELFMAG, SELFMAG);
    eh.e_ident[EI_CLASS] = ELFCLASS64;
    eh.e_ident[EI_DATA] = ELFDATA2LSB;
    eh.e_ident[EI_VERSION] = EV_CURRENT;
    if (fd_write_all(c->fd, &eh, sizeof(eh)) < 0 || bytes > CORE_MAX_BYTES)
        return err_sys(e, bytes > CORE_MAX_BYTES ? EFBIG : errno,
                       "file of the core dump");
    for (i = 1; i <= STEPS; i++) {
        pace(c->pace_ms);
        if (ftruncate(c->fd, (off_t)(sizeof(eh) + bytes / STEPS * i)) < 0)
            return err_sys(e, errno, "file of the core dump");
        if (c->progress != NULL)
            c->progress(c->arg, (int)(i * 100 / STEPS), "writing memory");
    }
    return 0;
}

static int
helper_dump_core(struct hv *h, const struct hv_core *c, struct err *e)
{
    (void)h;
    return sim_core_write(c, c->mem_kib, e);
}

static int
helper_save(struct hv *h, const struct hv_save *s, struct err *e)
{
    (void)h;
    return sim_stream_write(s, e);
}

static int
helper_restore(struct hv *h, const struct hv_restore *r,
               struct hv_restored *out, struct err *e)
{
    (void)h;
    return sim_stream_read(r, out, e);
}

static void
helper_close(struct hv *h)
{
    free(container_of(h, struct sim_helper, hv));
}

static const struct hv_ops helper_ops = {
    .name = "sim",
    .close = helper_close,
    .build = helper_build,
    .dump_core = helper_dump_core,
    .save = helper_save,
    .restore = helper_restore,
};

struct hv *
sim_open_helper(void (*say)(void *arg, enum log_level level, const char *text),
                void *arg, struct err *e)
{
    struct sim_helper *sh = xcalloc(1, sizeof(*sh));

    (void)e;
    sh->hv.ops = &helper_ops;
    sh->say = say;
    sh->arg = arg;
    return &sh->hv;
}
