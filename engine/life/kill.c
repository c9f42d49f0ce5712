/*
 * kill.c - see kill.h.
 */
#include "engine/life/kill.h"

#include "engine/core/paths.h"
#include "engine/hv/hv.h"
#include "engine/record/userdata.h"
#include "engine/task/helper.h"
#include "engine/task/tasks.h"

/* Freeing costs about 0.1 ms a MiB on hardware: what fits in two frames
 * is done in place. The simulated host frees nothing that takes time. */
#define INLINE_MAX_KIB (256 * 1024)

static void
helper_done(void *arg, const char *result, const struct err *e)
{
    struct kill *k = arg;

    (void)result;
    k->helper = NULL;
    k->done = true;
    k->err = *e;
    task_wake(k->task);
}

static void
kill_inline(struct kill *k, struct task *t, uint32_t domid)
{
    k->done = true;
    if (hv_destroy(engine_hv(t->en), domid, &k->err) == 0 ||
        k->err.code == ERR_NOENT)
        err_clear(&k->err);
}

static enum step_rc
killed(struct kill *k, struct task *t, uint32_t domid)
{
    if (k->err.code != ERR_NONE)
        return STEP_FAIL;
    if (!k->noted && !k->again)
        domid_history_add(engine_paths(t->en)->history, domid,
                          loop_now_ms(engine_loop(t->en)) / 1000);
    k->noted = true;
    return STEP_DONE;
}

static bool
start_helper(struct kill *k, struct task *t, uint32_t domid)
{
    char text[96];
    struct helper_job j = {
        .text = text, .fds = { -1, -1 }, .done = helper_done, .arg = k
    };

    text_fmt(text, sizeof(text), "job destroy\ndomid %u\n\n", domid);
    k->helper = helper_start(tasks_helpers(t->en), &j, NULL);
    return k->helper != NULL;
}

enum step_rc
kill_domain(struct kill *k, struct task *t, uint32_t domid)
{
    struct hv_dom d;

    if (k->helper != NULL)
        return STEP_WAIT;
    if (k->done)
        return killed(k, t, domid);
    k->task = t;
    if (hv_destroys_slowly(engine_hv(t->en)) &&
        hv_get(engine_hv(t->en), domid, &d, NULL) == 0 &&
        d.mem_kib > INLINE_MAX_KIB && start_helper(k, t, domid))
        return STEP_WAIT;
    kill_inline(k, t, domid);
    return killed(k, t, domid);
}

void
kill_fini(struct kill *k)
{
    helper_cancel(k->helper);
    k->helper = NULL;
}
