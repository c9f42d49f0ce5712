/*
 * kill.c - see kill.h.
 */
#include "engine/life/kill.h"

#include "engine/core/paths.h"
#include "engine/event/events.h"
#include "engine/hv/hv.h"
#include "engine/record/userdata.h"
#include "engine/task/helper.h"
#include "engine/task/tasks.h"

/* Freeing costs about 0.1 ms a MiB on hardware: what fits in two frames
 * is done in place. The simulated host frees nothing that takes time. */
#define INLINE_MAX_KIB (256 * 1024)

#define HISTORY_POLL_MS  50
#define HISTORY_LIMIT_MS 5000

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
helper_silent(void *arg, long pid, unsigned seconds)
{
    struct kill *k = arg;

    task_helper_silent(k->task, pid, seconds);
}

static void
kill_inline(struct kill *k, struct task *t, uint32_t domid)
{
    k->done = true;
    if (hv_destroy(engine_hv(t->en), domid, &k->err) == 0 ||
        k->err.code == ERR_NOENT)
        err_clear(&k->err);
}

/* libxl's own lock, which xl has for a moment. Who holds it for longer keeps
 * nobody from ending domains. */
static bool
note_domid(struct kill *k, uint32_t domid)
{
    struct engine *en = k->task->en;
    uint64_t now = loop_now_ms(engine_loop(en));
    struct err e = { 0 };

    if (domid_history_add(engine_paths(en)->history, domid, now / 1000, &e) ==
        0)
        return true;
    if (k->history_until_ms == 0)
        k->history_until_ms = now + HISTORY_LIMIT_MS;
    if (e.code == ERR_BUSY && now < k->history_until_ms) {
        task_wake_in(k->task, HISTORY_POLL_MS);
        return false;
    }
    event_add_for(en, EVENT_ENGINE, EVENT_WARN, domid, k->task->op->name,
                  "domid %u may be given out again at once: %s", domid, e.msg);
    return true;
}

static enum step_rc
killed(struct kill *k, uint32_t domid)
{
    if (k->err.code != ERR_NONE)
        return STEP_FAIL;
    if (!k->noted && !k->again && !note_domid(k, domid))
        return STEP_WAIT;
    k->noted = true;
    return STEP_DONE;
}

static bool
start_helper(struct kill *k, struct task *t, uint32_t domid)
{
    char text[96];
    struct helper_job j = { .text = text,
                            .fds = { -1, -1 },
                            .silent = helper_silent,
                            .done = helper_done,
                            .arg = k };

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
        return killed(k, domid);
    k->task = t;
    if (hv_destroys_slowly(engine_hv(t->en)) &&
        hv_get(engine_hv(t->en), domid, &d, NULL) == 0 &&
        d.mem_kib > INLINE_MAX_KIB && start_helper(k, t, domid))
        return STEP_WAIT;
    kill_inline(k, t, domid);
    return killed(k, domid);
}

void
kill_reset(struct kill *k)
{
    k->done = false;
    err_clear(&k->err);
}

void
kill_fini(struct kill *k)
{
    helper_cancel(k->helper);
    k->helper = NULL;
}
