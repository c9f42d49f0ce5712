/*
 * xen_build.c - builds a guest with libxenguest: a table of phases.
 * Blocks and parses untrusted images: helper processes only. A kernel file
 * that shrinks meanwhile kills the helper with SIGBUS, and only the helper.
 */
#include "engine/hv/xen/build/xen_build_int.h"

#include <errno.h>
#include <string.h>

#include "engine/hv/kernel_file.h"
#include "src/base/buf.h"

#define KERNEL_MAX  ((size_t)256 << 20)
#define RAMDISK_MAX ((size_t)1 << 30)
/* MAX_GUEST_CMDLINE with its NUL; the library would cut silently. */
#define PV_CMDLINE_MAX 1024
#define MEM_MAX_MIB    (UINT32_C(16) << 20)

/* What a 4.17 host with a 64-bit only PV interface says of itself. */
#define DRY_VERSION ((4 << 16) | 17)
#define DRY_CAPS    "xen-3.0-x86_64 hvm-3.0-x86_32 hvm-3.0-x86_32p hvm-3.0-x86_64 "

/* run returns what the library returned, errno and xl->last telling why; refuse
 * turns that into the sentence and returns -1. */
struct phase {
    const char *what;
    int from, to; /* percent of the whole */
    bool dry;     /* part of a dry build too */
    int (*run)(struct build *);
    int (*refuse)(struct build *, int errnum, struct err *);
};

static unsigned
mem_mib(const struct build *bc)
{
    const struct hv_build *b = bc->b;

    return (unsigned)((b->kind == HV_PV ? b->mem_kib : b->seen_kib) / 1024);
}

/* The most specific complaint is the first: later ones say that it failed. */
static const char *
detail(const struct build *bc)
{
    return xen_log_detail(bc->xl->first);
}

/* Length of d without the library's name for the class of its error. */
static int
detail_len(const char *d)
{
    const char *end = strstr(d, ": Invalid kernel");

    if (end == NULL)
        end = strstr(d, ": Internal error");
    return (int)(end != NULL ? (size_t)(end - d) : strlen(d));
}

static int
refuse_with_detail(struct build *bc, struct err *e, enum err_code code,
                   const char *sentence)
{
    const char *d = detail(bc);
    int n = detail_len(d);

    if (n == 0)
        return err_set(e, code, "%s", sentence);
    return err_set(e, code, "%s (%.*s)", sentence, n, d);
}

static bool
complained(const struct build *bc, const char *words)
{
    return strstr(bc->xl->first, words) != NULL ||
           strstr(bc->xl->last, words) != NULL;
}

static int
run_ramdisk(struct build *bc)
{
    char path[64];

    if (bc->b->ramdisk_fd < 0)
        return 0;
    text_fmt(path, sizeof(path), "/proc/self/fd/%d", bc->b->ramdisk_fd);
    return xc_dom_module_file(bc->dom, path, NULL);
}

static int
run_xen_init(struct build *bc)
{
    if (!bc->dry)
        return xc_dom_boot_xen_init(bc->dom, bc->xch, bc->b->domid);
    bc->dom->xen_version = DRY_VERSION;
    text_fmt(bc->dom->xen_caps, sizeof(bc->dom->xen_caps), "%s", DRY_CAPS);
    return 0;
}

static int
run_mem_init(struct build *bc)
{
    return xc_dom_mem_init(bc->dom, mem_mib(bc));
}

static int
run_populate(struct build *bc)
{
    return xc_dom_boot_mem_init(bc->dom);
}

static int
run_load(struct build *bc)
{
    return xc_dom_build_image(bc->dom);
}

static int
run_boot(struct build *bc)
{
    return xc_dom_boot_image(bc->dom);
}

/* A PV domain's frames are the host's, others have their own. */
static int
run_gnttab(struct build *bc)
{
    int r = xc_dom_gnttab_init(bc->dom);

    if (r != 0)
        return r;
    bc->out.console_mfn = bc->dom->console_pfn;
    bc->out.store_mfn = bc->dom->xenstore_pfn;
    if (bc->b->kind == HV_PV) {
        bc->out.console_mfn = xc_dom_p2m(bc->dom, bc->dom->console_pfn);
        bc->out.store_mfn = xc_dom_p2m(bc->dom, bc->dom->xenstore_pfn);
    }
    return 0;
}

/* The sentence of a phase that has none of its own. */
static int
refuse_plain(struct build *bc, int errnum, struct err *e)
{
    char s[128];

    if (errnum == ESRCH)
        return xen_err_dom(e, bc->b->domid, errnum, "the build");
    text_fmt(s, sizeof(s), "the build of the domain stopped while %s",
             bc->phase->what);
    return refuse_with_detail(bc, e, ERR_IO, s);
}

static int
refuse_ramdisk(struct build *bc, int errnum, struct err *e)
{
    (void)errnum;
    return refuse_with_detail(bc, e, ERR_INVALID, "the ramdisk cannot be read");
}

static int
refuse_kernel(struct build *bc, int errnum, struct err *e)
{
    const char *kind = kernel_file_kind(bc->b->kernel_fd);
    char s[160];

    (void)errnum;
    if (kernel_file_cut_short(bc->b->kernel_fd))
        text_fmt(s, sizeof(s),
                 "the kernel file is cut short: it is %s without its end",
                 kind);
    else
        text_fmt(s, sizeof(s), "the kernel is not bootable: it is %s%s", kind,
                 kernel_file_for_x86(bc->b->kernel_fd)
                     ? " that cannot be unpacked or read"
                     : "");
    return refuse_with_detail(bc, e, ERR_INVALID, s);
}

static int
refuse_compat(struct build *bc, int errnum, struct err *e)
{
    const char *type = bc->dom->guest_type ? bc->dom->guest_type : "";

    (void)errnum;
    if (strncmp(type, "xen-3.0-x86_32", 14) == 0)
        return err_set(e, ERR_UNSUPPORTED,
                       "the kernel is a 32-bit PV kernel (%s): this Xen runs "
                       "64-bit PV kernels only",
                       type);
    return refuse_with_detail(bc, e, ERR_UNSUPPORTED,
                              "this Xen does not run guests of the kernel's "
                              "type");
}

/* An ELF image, packed or not, that unpacks well and has no note for us: the
 * library then finds no loader, without any complaint before that. */
static bool
lacks_entry(const struct build *bc)
{
    int fd = bc->b->kernel_fd;

    if (kernel_file_cut_short(fd) || !kernel_file_for_x86(fd))
        return false;
    return complained(bc, "ELF notes") || complained(bc, "Xen-ELF") ||
           strncmp(detail(bc), "no loader found", 15) == 0;
}

static int
refuse_parse(struct build *bc, int errnum, struct err *e)
{
    if (complained(bc, "not supported by xen kernel"))
        return refuse_compat(bc, errnum, e);
    if (complained(bc, "unsupported feature"))
        return refuse_with_detail(
            bc, e, ERR_UNSUPPORTED,
            "the kernel lacks a feature that it or the configuration requires");
    if (lacks_entry(bc))
        return refuse_with_detail(
            bc, e, ERR_UNSUPPORTED,
            bc->b->kind == HV_PV
                ? "the kernel has no Xen PV entry (CONFIG_XEN_PV)"
                : "the kernel has no PVH entry (CONFIG_PVH)");
    return refuse_kernel(bc, errnum, e);
}

static int
refuse_memory(struct build *bc, int errnum, struct err *e)
{
    char s[128];

    if (errnum == ESRCH)
        return refuse_plain(bc, errnum, e);
    text_fmt(s, sizeof(s),
             "not enough memory: the host has no %u MiB free for the domain",
             mem_mib(bc));
    return refuse_with_detail(bc, e, ERR_NOMEM, s);
}

static int
refuse_load(struct build *bc, int errnum, struct err *e)
{
    char s[128];

    if (!complained(bc, "too large") && !complained(bc, "too small"))
        return refuse_plain(bc, errnum, e);
    text_fmt(s, sizeof(s),
             "kernel and ramdisk do not fit into the domain's %u MiB",
             mem_mib(bc));
    return refuse_with_detail(bc, e, ERR_NOMEM, s);
}

/* Time goes into populating and loading; the order is the library's, but for
 * the ramdisk: nothing that may wait for another host stands between the last
 * two of the kernel, where others may wait for us (kernel_keep.h). */
static const struct phase phases[] = {
    { "reading the ramdisk", 0, 2, true, run_ramdisk, refuse_ramdisk },
    { "asking the hypervisor", 2, 3, true, run_xen_init, refuse_plain },
    { "reading the kernel", 3, 7, true, build_kernel_file, refuse_kernel },
    { "parsing the kernel", 7, 21, true, build_kernel_parse, refuse_parse },
    { "laying out memory", 21, 22, false, run_mem_init, refuse_memory },
    { "populating memory", 22, 60, false, run_populate, refuse_memory },
    { "describing the machine", 60, 61, false, build_hvm_describe,
      refuse_plain },
    { "loading the kernel", 61, 92, false, run_load, refuse_load },
    { "setting up the first vcpu", 92, 97, false, run_boot, refuse_plain },
    { "granting store and console", 97, 99, false, run_gnttab, refuse_plain },
    { "describing the vcpus", 99, 100, false, build_hvm_vcpus, refuse_plain },
};

static void
xen_build_tell(const struct build *bc, int percent, const char *what)
{
    if (bc->b->progress != NULL)
        bc->b->progress(bc->b->arg, percent, what);
}

/* Progress inside a library call, scaled into its phase. */
static void
xen_build_on_progress(void *arg, int percent, const char *what)
{
    const struct build *bc = arg;
    const struct phase *p = bc->phase;

    (void)what; /* the library's words name its internals */
    xen_build_tell(bc, p->from + (p->to - p->from) * percent / 100, p->what);
}

static int
run_phases(struct build *bc, struct err *e)
{
    size_t i;
    int errnum;

    for (i = 0; i < sizeof(phases) / sizeof(phases[0]); i++) {
        bc->phase = &phases[i];
        if (bc->dry && !bc->phase->dry)
            continue;
        xen_build_tell(bc, bc->phase->from, bc->phase->what);
        xen_log_reset(bc->xl);
        errno = 0;
        if (bc->phase->run(bc) != 0) {
            errnum = errno;
            return bc->phase->refuse(bc, errnum, e);
        }
    }
    xen_build_tell(bc, 100, "done");
    return 0;
}

static bool
whole_mib(uint64_t kib)
{
    return kib > 0 && kib % 1024 == 0 && kib / 1024 <= MEM_MAX_MIB;
}

static int
check_memory(const struct hv_build *b, struct err *e)
{
    if (whole_mib(b->mem_kib) &&
        (b->kind == HV_PV ||
         (whole_mib(b->seen_kib) && b->seen_kib >= b->mem_kib)))
        return 0;
    return err_set(e, ERR_RANGE,
                   "memory of %llu KiB: whole MiB are allowed, from 1 to %u",
                   (unsigned long long)b->mem_kib, MEM_MAX_MIB);
}

static int
check_build(const struct hv_build *b, struct err *e)
{
    size_t n = b->cmdline == NULL ? 0 : strlen(b->cmdline);

    if (b->kind == HV_PV && n >= PV_CMDLINE_MAX)
        return err_set(e, ERR_RANGE,
                       "the kernel command line has %zu bytes: a PV guest "
                       "takes at most %d",
                       n, PV_CMDLINE_MAX - 1);
    if (check_memory(b, e) < 0 ||
        kernel_file_check(b->kernel_fd, "kernel", KERNEL_MAX, e) < 0)
        return -1;
    return b->ramdisk_fd < 0
               ? 0
               : kernel_file_check(b->ramdisk_fd, "ramdisk", RAMDISK_MAX, e);
}

static void
fill_image(struct build *bc)
{
    const struct hv_build *b = bc->b;
    struct xc_dom_image *dom = bc->dom;

    dom->container_type =
        b->kind == HV_PV ? XC_DOM_PV_CONTAINER : XC_DOM_HVM_CONTAINER;
    if (b->kind != HV_PV)
        build_hvm_layout(bc);
    dom->flags = 0;
    dom->console_evtchn = b->console_port;
    dom->console_domid = b->console_domid;
    dom->xenstore_evtchn = b->store_port;
    dom->xenstore_domid = b->store_domid;
    dom->claim_enabled = 1;
    dom->max_vcpus = b->max_vcpus;
    xc_dom_kernel_max_size(dom, KERNEL_MAX);
    xc_dom_module_max_size(dom, RAMDISK_MAX);
}

static int
build_all(struct build *bc, struct err *e)
{
    int rc;

    if (check_build(bc->b, e) < 0)
        return -1;
    xen_log_reset(bc->xl);
    bc->dom = xc_dom_allocate(bc->xch, bc->b->cmdline, bc->b->features);
    if (bc->dom == NULL)
        return refuse_with_detail(bc, e, ERR_INVALID,
                                  "the required features are not understood");
    fill_image(bc);
    bc->xl->progress = xen_build_on_progress;
    bc->xl->progress_arg = bc;
    rc = build_hvm_files(bc, e);
    if (rc == 0)
        rc = run_phases(bc, e);
    bc->xl->progress = NULL;
    xc_dom_release(bc->dom);
    build_kernel_fini(bc);
    build_hvm_fini(bc);
    return rc;
}

int
xen_build(struct hv *h, const struct hv_build *b, struct hv_built *out,
          struct err *e)
{
    struct xen *x = xen_of(h);
    struct build bc = { .b = b, .xl = &x->xl, .xch = x->xch };

    if (build_all(&bc, e) < 0)
        return -1;
    *out = bc.out;
    return 0;
}

int
xen_build_dry(const struct hv_build *b, xen_say_cb say, void *arg,
              struct err *e)
{
    struct xen_logger xl;
    struct build bc = { .b = b, .xl = &xl, .dry = true };
    int rc;

    xen_log_init(&xl, NULL, say, arg);
    bc.xch = xc_interface_open(&xl.xtl, &xl.xtl, XC_OPENFLAG_DUMMY);
    if (bc.xch == NULL)
        return err_set(e, ERR_NOMEM, "no memory to parse the kernel");
    rc = build_all(&bc, e);
    xc_interface_close(bc.xch);
    return rc;
}
