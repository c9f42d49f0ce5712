/*
 * info_text.c - long texts for `info` and `node`: what the engine holds, and
 * what the host has. One "NAME  VALUE" a line; a name may come again.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "engine/api/texts.h"
#include "engine/console/consoles_own.h"
#include "engine/core/trace_switch.h"
#include "engine/event/journal.h"
#include "engine/host/domains.h"
#include "engine/host/history.h"
#include "engine/host/listing.h"
#include "engine/task/operations.h"
#include "src/base/fdio.h"
#include "src/base/log.h"
#include "src/base/loop.h"
#include "src/base/xalloc.h"

static unsigned long long
resident_kib(void)
{
    struct buf b = { 0 };
    unsigned long long pages = 0;
    char *s;

    if (fd_read_file("/proc/self/statm", 4096, &b, NULL) == 0 &&
        b.data != NULL && (s = strchr(b.data, ' ')) != NULL)
        pages = strtoull(s, NULL, 10);
    buf_free(&b);
    return pages * (unsigned long long)sysconf(_SC_PAGESIZE) / 1024;
}

/* Backends that dom0 serves, by kind, from the store. */
static void
backend_lines(struct engine *en, struct buf *out)
{
    static const char *const dir = "/local/domain/0/backend";
    struct buf kinds = { 0 }, doms = { 0 };
    char path[160];
    const char *k;
    size_t i, n = 0, n_doms;

    if (store_list(engine_store(en), 0, dir, &kinds, &n, NULL) < 0)
        n = 0;
    for (i = 0, k = kinds.data; i < n; i++, k += strlen(k) + 1) {
        text_fmt(path, sizeof(path), "%s/%.64s", dir, k);
        n_doms = 0;
        (void)store_list(engine_store(en), 0, path, &doms, &n_doms, NULL);
        buf_str(out, "backend      ");
        buf_safe(out, k, 64);
        buf_fmt(out, " for %zu domains\n", n_doms);
    }
    buf_free(&kinds);
    buf_free(&doms);
}

static void
event_lines(struct engine *en, struct buf *out)
{
    bool on = engine_trace_on(en);
    char path[512];

    engine_events_info(en, out);
    engine_trace_path(en, path, sizeof(path));
    buf_fmt(out, "trace        %s%s%s\n", on ? "on, " : "off", on ? path : "",
            engine_trace_error(en) != NULL ? " (cannot be written)" : "");
}

void
engine_info_text(struct engine *en, struct buf *out)
{
    const struct host *h = engine_host_info(en);
    unsigned bound = hv_virq_bound(engine_hv(en));

    buf_fmt(out, "driver       %s, store %s\n", hv_driver_name(engine_hv(en)),
            engine_store(en)->ops->name);
    buf_fmt(out, "xen          %s, scheduler %s, %u cpus\n", h->version,
            h->scheduler, h->cpus);
    buf_fmt(out, "capabilities %s\n", h->caps);
    buf_fmt(out, "domains      %zu, operations %zu, consoles %zu\n",
            engine_dom_count(en), engine_ops_info(en, NULL),
            consoles_info(en, NULL));
    buf_fmt(out, "watches      %zu, descriptors %zu, timers %zu\n",
            store_watch_count(engine_store(en)), loop_fd_count(engine_loop(en)),
            loop_timer_count(engine_loop(en)));
    buf_fmt(out, "interrupts   %s%s%s%s\n",
            bound & HV_VIRQ_DOM_EXC ? "DOM_EXC " : "",
            bound & HV_VIRQ_CON_RING ? "CON_RING " : "",
            bound & HV_VIRQ_ENOMEM ? "ENOMEM " : "", bound == 0 ? "none" : "");
    buf_fmt(out, "memory       %llu KiB resident\n", resident_kib());
    buf_fmt(out, "state        %s\n", engine_paths(en)->state);
    if (h->unlocked)
        buf_str(out, "lock         cannot be had: nothing is reaped\n");
    if (engine_log(en) != NULL && log_file_error(engine_log(en)) != NULL)
        buf_fmt(out, "log          %s\n", log_file_error(engine_log(en)));
    event_lines(en, out);
    backend_lines(en, out);
    (void)engine_ops_info(en, out);
    (void)consoles_info(en, out);
}

/* --- the node, as xl info names things --- */

static void info_text_put(struct buf *out, const char *name, const char *fmt,
                          ...) __attribute__((format(printf, 3, 4)));

static void
info_text_put(struct buf *out, const char *name, const char *fmt, ...)
{
    va_list ap;

    buf_fmt(out, "%-22s : ", name);
    va_start(ap, fmt);
    buf_vfmt(out, fmt, ap);
    va_end(ap);
    buf_chr(out, '\n');
}

static void
kernel_lines(const struct host *h, struct buf *out)
{
    struct utsname u;

    info_text_put(out, "host", "%s", h->hostname);
    if (uname(&u) < 0)
        return;
    info_text_put(out, "release", "%s", u.release);
    info_text_put(out, "version", "%s", u.version);
    info_text_put(out, "machine", "%s", u.machine);
}

static void
cpu_lines(struct engine *en, const struct hv_topology *t, struct buf *out)
{
    char busy[32];
    double pct;
    unsigned i;

    for (i = 0; i < t->n_cpus; i++) {
        if (!t->cpu[i].online)
            continue;
        engine_history_last(en, HISTORY_HOST, HISTORY_VCPU(i), &pct, 1);
        busy[0] = '\0';
        if (pct >= 0)
            text_fmt(busy, sizeof(busy), " busy %.0f%%", pct);
        info_text_put(out, "cpu", "%u core %u socket %u node %u%s", i,
                      t->cpu[i].core, t->cpu[i].socket, t->cpu[i].node, busy);
    }
    for (i = 0; i < t->n_nodes; i++)
        info_text_put(out, "numa_node", "%u memory %llu free %llu MiB",
                      t->node[i].id,
                      (unsigned long long)t->node[i].total_kib / 1024,
                      (unsigned long long)t->node[i].free_kib / 1024);
}

int
engine_node_text(struct engine *en, struct buf *out, struct err *e)
{
    struct hv_topology *t = xcalloc(1, sizeof(*t));
    struct hv_host v;
    int rc = hv_host(engine_hv(en), &v, e);

    if (rc == 0)
        rc = hv_topology(engine_hv(en), t, e);
    if (rc == 0) {
        kernel_lines(engine_host_info(en), out);
        info_text_put(out, "nr_cpus", "%u", v.cpus);
        info_text_put(out, "nr_nodes", "%u", v.nodes);
        info_text_put(out, "cores_per_socket", "%u", v.cores_per_socket);
        info_text_put(out, "threads_per_core", "%u", v.threads_per_core);
        info_text_put(out, "cpu_mhz", "%.3f", (double)v.cpu_khz / 1000);
        info_text_put(out, "virt_caps", "%s%s%s%s%s", v.has_pv ? "pv " : "",
                      v.has_hvm ? "hvm " : "", v.has_iommu ? "directio " : "",
                      v.has_hap ? "hap " : "",
                      v.gnttab_v2 ? "gnttab-v2" : "gnttab-v1");
        info_text_put(out, "total_memory", "%llu",
                      (unsigned long long)v.total_kib / 1024);
        info_text_put(out, "free_memory", "%llu",
                      (unsigned long long)v.free_kib / 1024);
        info_text_put(out, "xen_version", "%s", v.version);
        info_text_put(out, "xen_caps", "%s", v.caps);
        info_text_put(out, "xen_scheduler", "%s", v.scheduler);
        info_text_put(out, "xen_pagesize", "%u", HV_PAGE_KIB * 1024);
        info_text_put(out, "xen_commandline", "%s", v.cmdline);
        cpu_lines(en, t, out);
    }
    free(t);
    return rc;
}
