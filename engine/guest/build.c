/*
 * build.c - the step of a creation that is done by a helper process: parsing
 * the kernel, filling the memory, loading. The engine only shows progress, may
 * kill it, and checks the result.
 */
#include <string.h>

#include "engine/life/create_int.h"
#include "engine/task/helper.h"
#include "engine/task/tasks.h"

#define STOP_LIMIT_MS 5000

static struct create *
self(struct task *t)
{
    return container_of(t, struct create, t);
}

static void
build_progress(void *arg, int percent, const char *what)
{
    struct create *c = arg;

    task_progress(&c->t, percent, what);
}

static void
build_silent(void *arg, long pid, unsigned seconds)
{
    struct create *c = arg;

    task_helper_silent(&c->t, pid, seconds);
}

static void
fill_build(const struct create *c, struct hv_build *b)
{
    *b = (struct hv_build){
        .domid = c->domid,
        .kind = HV_PV,
        .kernel_fd = c->files.kernel_fd,
        .ramdisk_fd = c->files.ramdisk_fd,
        .cmdline = buf_text(&c->cmdline),
        .features = c->cfg->features,
        .mem_kib = (c->cfg->mem_kib + 1023) / 1024 * 1024,
        .max_vcpus = c->cfg->maxvcpus,
        .store_domid = c->store_domid,
        .console_domid = c->console_domid,
        .store_port = c->nodes.store_port,
        .console_port = c->nodes.console_port,
        .pace_ms = engine_options(c->t.en)->one_shot
                       ? 0
                       : hv_pace_ms(engine_hv(c->t.en)),
    };
}

static int
take_result(struct create *c, const char *result, struct err *e)
{
    struct hv_built r;
    struct hv_build b;

    if (!helper_result_u64(result, "store_mfn", &r.store_mfn) ||
        !helper_result_u64(result, "console_mfn", &r.console_mfn))
        return err_set(e, ERR_LOST, "the helper's result is garbled");
    fill_build(c, &b);
    c->nodes.store_mfn = r.store_mfn;
    c->nodes.console_mfn = r.console_mfn;
    return hv_check_built(engine_hv(c->t.en), c->domid, &b, &r, e);
}

static void
build_done(void *arg, const char *result, const struct err *e)
{
    struct create *c = arg;

    c->helper = NULL;
    c->built = true;
    c->build_err = *e;
    if (result != NULL)
        (void)take_result(c, result, &c->build_err);
    task_wake(&c->t);
}

static void
job_text(const struct hv_build *b, struct buf *out)
{
    buf_fmt(out,
            "job build\ndomid %u\nmem_kib %llu\nmax_vcpus %u\n"
            "store_domid %u\nconsole_domid %u\nstore_port %u\n"
            "console_port %u\npace_ms %u\ncmdline %s\n",
            b->domid, (unsigned long long)b->mem_kib, b->max_vcpus,
            b->store_domid, b->console_domid, b->store_port, b->console_port,
            b->pace_ms, b->cmdline);
    if (b->features != NULL)
        buf_fmt(out, "features %s\n", b->features);
    buf_str(out, "\n");
}

enum step_rc
create_run_build(struct task *t, struct err *e)
{
    struct create *c = self(t);
    struct hv_build b;
    struct buf text = { 0 };
    struct helper_job j = { .progress = build_progress,
                            .silent = build_silent,
                            .done = build_done,
                            .arg = c };

    if (c->built) {
        *e = c->build_err;
        return e->code == ERR_NONE ? STEP_DONE : STEP_FAIL;
    }
    if (c->helper != NULL)
        return STEP_WAIT;
    fill_build(c, &b);
    job_text(&b, &text);
    j.text = buf_text(&text);
    j.fds[0] = b.kernel_fd;
    j.fds[1] = b.ramdisk_fd;
    c->helper = helper_start(tasks_helpers(t->en), &j, e);
    buf_free(&text);
    if (c->helper == NULL ||
        nodes_write_rest(engine_store(t->en), &c->nodes, e) < 0) /* beside it */
        return STEP_FAIL;
    return STEP_WAIT;
}

/* The memory that it fills is free only when it has ended, which is told
 * (build_done); a killed process that waits for a dead disk does not end. */
enum step_rc
create_undo_build(struct task *t)
{
    struct create *c = self(t);
    uint64_t now = loop_now_ms(engine_loop(t->en));

    if (c->helper == NULL)
        return STEP_DONE;
    if (c->stop_until_ms == 0 && helper_stop(c->helper))
        c->stop_until_ms = now + STOP_LIMIT_MS;
    if (now < c->stop_until_ms) {
        task_wake_in(t, c->stop_until_ms - now);
        return STEP_WAIT;
    }
    helper_cancel(c->helper);
    c->helper = NULL;
    return STEP_DONE;
}
