/*
 * xen_stream.c - a domain's memory and state as libxenguest's stream, and back.
 * Blocks, maps guest memory and parses what guests wrote: helper processes
 * only. The stream's file must take pages of a guest as they are mapped: most
 * file systems do, 9p does not.
 */
#include "engine/hv/xen/xen_flow.h"
#include "engine/hv/xen/xen_int.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "src/base/buf.h"
#include "src/base/sys/clock.h"

#define ROUNDS_MAX 2  /* of what a running guest writes meanwhile */
#define DIRTY_FEW  50 /* pages, as the library has it */
#define PAGE_KIB   4
#define TICK_MS    1000 /* what is read is told so often */

static int
flow_refuse(const struct xen *x, uint32_t domid, int errnum, const char *what,
            struct err *e)
{
    const char *d = xen_log_detail(x->xl.first);

    if (errnum == EFAULT)
        return err_set(e, ERR_UNSUPPORTED,
                       "the file system cannot take a guest's pages as they "
                       "are mapped (9p cannot): use another one");
    if (errnum == ENOSPC || errnum == EDQUOT || errnum == EFBIG ||
        errnum == EPIPE)
        return err_sys(e, errnum, "file of the saved domain");
    if (d[0] != '\0')
        return err_set(e, ERR_IO, "%s of domain %u: %s%s%s", what, domid, d,
                       errnum != 0 ? ": " : "",
                       errnum != 0 ? strerror(errnum) : "");
    return xen_err_dom(e, domid, errnum != 0 ? errnum : EIO, what);
}

/* --- saving --- */

/* A live save sends all memory, then what was written meanwhile, and so on. */
struct rounds {
    int64_t begin_ms;
    uint64_t pages, before; /* of the round at work, and of the one before it */
    double pages_s;         /* < 0: not known yet */
};

struct saving {
    const struct hv_save *s;
    struct rounds r;
    struct err err; /* of what was asked */
};

static int
stream_on_suspend(void *data)
{
    struct saving *sv = data;
    char words[HV_WORDS_MAX];

    return sv->s->suspend(sv->s->arg, words, &sv->err) == 0;
}

static void
round_begins(struct saving *sv, uint64_t dirty, bool first)
{
    struct rounds *r = &sv->r;

    r->before = r->pages;
    r->pages = first ? sv->s->mem_kib / PAGE_KIB : dirty;
    r->begin_ms = clock_now_ms();
}

static void
round_ended(struct saving *sv, unsigned n)
{
    struct rounds *r = &sv->r;
    int64_t ms = clock_now_ms() - r->begin_ms;

    if (ms > 0)
        r->pages_s = (double)r->pages * 1000 / (double)ms;
    if (sv->s->sent == NULL)
        return;
    sv->s->sent->rounds = n;
    sv->s->sent->kib += r->pages * PAGE_KIB;
}

/* "round 2, 45.1M/s, the guest writes 3.2M/s" */
static void
tell_round(const struct saving *sv, unsigned n, uint64_t dirty)
{
    const struct rounds *r = &sv->r;
    char text[96], rate[16], writes[16];
    double s = r->pages_s > 0 ? (double)r->pages / r->pages_s : 0;

    if (sv->s->progress == NULL || s <= 0)
        return;
    text_rate(rate, sizeof(rate), r->pages_s * PAGE_KIB * 1024);
    text_rate(writes, sizeof(writes), (double)dirty * PAGE_KIB * 1024 / s);
    text_fmt(text, sizeof(text), "round %u, %s/s, the guest writes %s/s", n + 1,
             rate, writes);
    sv->s->progress(sv->s->arg, 99, text);
}

/* Does another round bring the rest down to less than there is now? */
static bool
rounds_are_enough(const struct saving *sv, unsigned n, uint64_t dirty)
{
    const struct rounds *r = &sv->r;
    unsigned max = sv->s->rounds_max > 0 ? sv->s->rounds_max : ROUNDS_MAX;

    if (dirty < DIRTY_FEW || n >= max)
        return true;
    if (sv->s->stop_ms > 0 && r->pages_s > 0 &&
        (double)dirty * 1000 / r->pages_s <= sv->s->stop_ms)
        return true;
    return n > 2 && dirty >= r->before && dirty >= r->pages;
}

/* Called before each round, with how much is to be sent, and after it, when
 * that is not known yet (-1). */
static int
on_round(struct precopy_stats st, void *data)
{
    struct saving *sv = data;
    uint64_t dirty = st.dirty_count > 0 ? (uint64_t)st.dirty_count : 0;

    if (st.dirty_count < 0) {
        round_ended(sv, st.iteration);
        return XGS_POLICY_CONTINUE_PRECOPY;
    }
    if (st.iteration > 0) {
        tell_round(sv, st.iteration, dirty);
        if (rounds_are_enough(sv, st.iteration, dirty))
            return XGS_POLICY_STOP_AND_COPY;
    }
    round_begins(sv, dirty, st.iteration == 0);
    return XGS_POLICY_CONTINUE_PRECOPY;
}

/* The library asks for PVH domains as well, which have no such model. */
static int
on_log_dirty(uint32_t domid, unsigned enable, void *data)
{
    struct saving *sv = data;

    (void)domid;
    if (sv->s->kind != HV_HVM)
        return 0;
    return sv->s->log_dirty(sv->s->arg, enable != 0, &sv->err);
}

static int
check_saved(struct xen *x, uint32_t domid, struct err *e)
{
    uint32_t nodes = 0, ranges = 0, vcpus = 0;

    errno = 0;
    if (xc_domain_getvnuma(x->xch, domid, &nodes, &ranges, &vcpus, NULL, NULL,
                           NULL) == 0 ||
        errno == ENOBUFS)
        return err_set(e, ERR_UNSUPPORTED,
                       "domain %u has NUMA nodes of its own: Xen's library "
                       "cannot save those",
                       domid);
    return 0;
}

/* A guest without paging of Xen's has no log of what it writes: PV guests stop
 * for all of it where Xen has no shadow paging, as Debian's. */
static uint32_t
save_flags(const struct hv_save *s)
{
    return (s->kind == HV_PV && !s->shadow) || s->stop_first ? 0 : XCFLAGS_LIVE;
}

int
xen_save(struct hv *h, const struct hv_save *s, struct err *e)
{
    struct xen *x = xen_of(h);
    struct saving sv = { .s = s, .r = { .pages_s = -1 } };
    struct save_callbacks cb = { .suspend = stream_on_suspend,
                                 .precopy_policy = on_round,
                                 .switch_qemu_logdirty = on_log_dirty,
                                 .data = &sv };
    struct xen_flow f = { .fd = s->fd,
                          .what = "writing memory",
                          .mem_kib = s->mem_kib,
                          .progress = s->progress,
                          .arg = s->arg };
    int r, errnum;

    if (check_saved(x, s->domid, e) < 0)
        return -1;
    xen_flow_begin(&f);
    x->xl.progress = xen_flow_tell;
    x->xl.progress_arg = &f;
    xen_log_reset(&x->xl);
    errno = 0;
    r = xc_domain_save(x->xch, s->fd, s->domid, save_flags(s), &cb,
                       XC_STREAM_PLAIN, -1);
    errnum = errno;
    x->xl.progress = NULL;
    if (r == 0)
        return 0;
    if (sv.err.code != ERR_NONE) {
        *e = sv.err;
        return -1;
    }
    return flow_refuse(x, s->domid, errnum, "saving", e);
}

int
xen_save_words(struct hv *h, uint32_t domid, char words[HV_WORDS_MAX],
               struct err *e)
{
    (void)h; /* a helper's handle sees all of a domain */
    (void)domid;
    (void)e;
    words[0] = '\0';
    return 0;
}

/* --- restoring --- */

struct restoring {
    struct xen *x;
    const struct hv_restore *r;
};

/* A stream from before Xen 4.15 says nothing of cpu features. */
static int
on_static_data(unsigned missing, void *data)
{
    const struct restoring *rs = data;

    if ((missing & XGR_SDD_MISSING_CPUID) == 0)
        return 0;
    return xc_cpuid_apply_policy(rs->x->xch, rs->r->domid, true, NULL, 0, true,
                                 false, false, NULL, NULL);
}

int
xen_restore(struct hv *h, const struct hv_restore *r, struct hv_restored *out,
            struct err *e)
{
    struct xen *x = xen_of(h);
    struct restoring rs = { .x = x, .r = r };
    struct restore_callbacks cb = { .static_data_done = on_static_data,
                                    .data = &rs };
    struct xen_flow f = { .fd = r->fd,
                          .what = "reading memory",
                          .mem_kib = r->mem_kib,
                          .progress = r->progress,
                          .arg = r->arg };
    unsigned long store = 0, console = 0;
    int rc, errnum;

    xen_flow_begin(&f);
    xen_flow_count(&f, TICK_MS);
    xen_log_reset(&x->xl);
    errno = 0;
    rc = xc_domain_restore(x->xch, r->fd, r->domid, r->store_port, &store,
                           r->store_domid, r->console_port, &console,
                           r->console_domid, XC_STREAM_PLAIN, &cb, -1);
    errnum = errno;
    xen_flow_count_end(&f);
    if (rc != 0)
        return flow_refuse(x, r->domid, errnum, "restoring", e);
    *out = (struct hv_restored){ .rings = { .store_mfn = store,
                                            .console_mfn = console } };
    return 0;
}

int
xen_check_restored(struct hv *h, const struct hv_restore *r,
                   const struct hv_restored *got, struct err *e)
{
    struct hv_dom d;

    if (hv_get(h, r->domid, &d, e) < 0)
        return -1;
    if (d.mem_kib > 0 && got->rings.store_mfn != 0 &&
        got->rings.console_mfn != 0)
        return 0;
    return err_set(e, ERR_INVALID,
                   "domain %u was not restored: it has no memory, or no rings "
                   "for its store and console",
                   r->domid);
}

int
xen_cpu_features(struct hv *h, enum hv_kind kind, uint32_t *words,
                 unsigned *n_inout, struct err *e)
{
    uint32_t n = *n_inout;

    if (xc_get_cpu_featureset(xen_of(h)->xch,
                              kind == HV_PV ? XEN_SYSCTL_cpu_featureset_pv
                                            : XEN_SYSCTL_cpu_featureset_hvm,
                              &n, words) < 0)
        return xen_err_host(e, errno, "features of the processors");
    *n_inout = n;
    return 0;
}
