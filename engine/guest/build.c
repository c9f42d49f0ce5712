/*
 * build.c - the step of a creation that is done by a helper process: parsing
 * the kernel, filling the memory, loading. The engine only shows progress, may
 * kill it, and checks the result.
 */
#include <string.h>

#include "engine/core/engine_options.h"
#include "engine/core/paths.h"
#include "engine/guest/guest.h"
#include "engine/hv/kernel_keep.h"
#include "engine/task/helper.h"
#include "engine/task/tasks.h"

#define STOP_LIMIT_MS 5000

static void
build_progress(void *arg, int percent, const char *what)
{
    struct guest *g = arg;

    task_progress(g->task, percent, what);
}

static void
build_silent(void *arg, long pid, unsigned seconds)
{
    const struct guest *g = arg;

    task_helper_silent(g->task, pid, seconds);
}

static void
fill_build(const struct guest *g, struct hv_build *b)
{
    struct engine *en = g->task->en;
    struct guest_memory m;

    g->type->memory(g->nodes->cfg, &m);
    *b = (struct hv_build){
        .domid = g->nodes->domid,
        .kind = g->type->hv,
        .kernel_fd = -1,
        .ramdisk_fd = -1,
        .firmware_fd = -1,
        .acpi_fd = -1,
        .smbios_fd = -1,
        .mem_kib = m.build_kib,
        .seen_kib = m.seen_kib,
        .max_vcpus = g->nodes->cfg->maxvcpus,
        .vcpus = g->nodes->cfg->vcpus,
        .acpi = g->nodes->cfg->machine.acpi,
        .apic = g->nodes->cfg->machine.apic,
        .mmio_hole_mib = g->nodes->cfg->machine.mmio_hole_mib,
        .store_domid = g->store_domid,
        .console_domid = g->console_domid,
        .store_port = g->nodes->store_port,
        .console_port = g->nodes->console_port,
        .pace_ms = engine_options(en)->one_shot ? 0 : hv_pace_ms(engine_hv(en)),
    };
    g->type->job(g, b);
}

/* Where unpacked kernels are kept. A path that is no line of a job has none. */
static void
build_job_keep(struct engine *en, struct buf *out)
{
    const char *state = engine_paths(en)->state;
    uint64_t kib = engine_options(en)->kernel_cache_kib;

    if (kib > 0 && strchr(state, '\n') == NULL)
        buf_fmt(out, "keep_kib %llu\nkeep_dir %s/%s\n", (unsigned long long)kib,
                state, KERNEL_KEEP_DIR);
}

static int
take_result(struct guest *g, const char *result, struct err *e)
{
    struct hv_built r = { 0 };
    struct hv_build b;
    const struct {
        const char *key;
        uint64_t *to;
    } words[] = {
        { "store_mfn", &r.store_mfn }, { "console_mfn", &r.console_mfn },
        { "acpi_at", &r.acpi_at },     { "acpi_bytes", &r.acpi_bytes },
        { "smbios_at", &r.smbios_at }, { "smbios_bytes", &r.smbios_bytes },
    };
    size_t i;

    for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (!helper_result_u64(result, words[i].key, words[i].to))
            return err_set(e, ERR_LOST, "the helper's result is garbled");
    fill_build(g, &b);
    g->nodes->built = r;
    return hv_check_built(engine_hv(g->task->en), b.domid, &b, &r, e);
}

static void
build_done(void *arg, const char *result, const struct err *e)
{
    struct guest *g = arg;

    g->helper = NULL;
    g->built = true;
    g->build_err = *e;
    if (result != NULL && g->stream_fd >= 0)
        (void)guest_restore_take(g, result, &g->build_err);
    else if (result != NULL)
        (void)take_result(g, result, &g->build_err);
    task_wake(g->task);
}

/* The descriptors that there are, in this order; "KEY N" says which one is
 * which. */
static void
build_job_fds(const struct hv_build *b, struct helper_job *j, struct buf *out)
{
    const struct {
        const char *key;
        int fd;
    } files[] = { { "kernel", b->kernel_fd },
                  { "ramdisk", b->ramdisk_fd },
                  { "firmware", b->firmware_fd },
                  { "acpi_file", b->acpi_fd },
                  { "smbios_file", b->smbios_fd } };
    unsigned i, n = 0;

    for (i = 0; i < HELPER_FDS_MAX; i++)
        j->fds[i] = -1;
    for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        if (files[i].fd < 0)
            continue;
        j->fds[n++] = files[i].fd;
        buf_fmt(out, "%s %u\n", files[i].key, n);
    }
}

/* Read by job_build in engine/task/helper_main.c, of the same binary. */
static void
build_job_text(struct engine *en, const struct hv_build *b,
               struct helper_job *j, struct buf *out)
{
    buf_fmt(out,
            "job build\ndomid %u\nkind %u\nmem_kib %llu\nseen_kib %llu\n"
            "max_vcpus %u\nvcpus %u\nacpi %d\napic %d\nmmio_hole_mib %u\n"
            "store_domid %u\nconsole_domid %u\nstore_port %u\n"
            "console_port %u\npace_ms %u\n",
            b->domid, (unsigned)b->kind, (unsigned long long)b->mem_kib,
            (unsigned long long)b->seen_kib, b->max_vcpus, b->vcpus, b->acpi,
            b->apic, b->mmio_hole_mib, b->store_domid, b->console_domid,
            b->store_port, b->console_port, b->pace_ms);
    build_job_fds(b, j, out);
    build_job_keep(en, out);
    buf_fmt(out, "cmdline %s\n", b->cmdline);
    if (b->features != NULL)
        buf_fmt(out, "features %s\n", b->features);
    buf_str(out, "\n");
}

enum step_rc
guest_build_run(struct guest *g, struct err *e)
{
    struct engine *en = g->task->en;
    struct hv_build b;
    struct buf text = { 0 };
    struct helper_job j = { .fds = { -1, -1 },
                            .progress = build_progress,
                            .silent = build_silent,
                            .done = build_done,
                            .arg = g };

    if (g->built) {
        *e = g->build_err;
        return e->code == ERR_NONE ? STEP_DONE : STEP_FAIL;
    }
    if (g->helper != NULL)
        return STEP_WAIT;
    if (g->stream_fd < 0) {
        fill_build(g, &b);
        build_job_text(en, &b, &j, &text);
    } else if (guest_restore_job(g, &j, &text, e) < 0) {
        return STEP_FAIL;
    }
    j.text = buf_text(&text);
    g->helper = helper_start(tasks_helpers(en), &j, e);
    buf_free(&text);
    if (g->helper == NULL ||
        nodes_write_rest(engine_store(en), g->nodes, e) < 0) /* beside it */
        return STEP_FAIL;
    return STEP_WAIT;
}

/* The memory that it fills is free only when it has ended, which is told
 * (build_done); a killed process that waits for a dead disk does not end. */
enum step_rc
guest_build_undo(struct guest *g)
{
    uint64_t now = loop_now_ms(engine_loop(g->task->en));

    if (g->helper == NULL)
        return STEP_DONE;
    if (g->stop_until_ms == 0 && helper_stop(g->helper))
        g->stop_until_ms = now + STOP_LIMIT_MS;
    if (now < g->stop_until_ms) {
        task_wake_in(g->task, g->stop_until_ms - now);
        return STEP_WAIT;
    }
    helper_cancel(g->helper);
    g->helper = NULL;
    return STEP_DONE;
}
