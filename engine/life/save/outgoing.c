/*
 * outgoing.c - see outgoing.h. The state of a device model lies in a file
 * without a name between the model, which writes it, and the helper: nothing is
 * left of it, whoever dies.
 */
#include "engine/life/save/outgoing.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "engine/task/helper.h"
#include "engine/task/helper_save.h"
#include "engine/task/tasks.h"

#define STOP_LIMIT_MS 5000

void
outgoing_init(struct outgoing *o, struct task *t, const struct dom *d)
{
    *o = (struct outgoing){ .suspend = { .task = t,
                                         .dom_id = d->id,
                                         .domid = d->domid,
                                         .state_fd = -1 },
                            .fd = -1,
                            .state_fd = -1 };
}

static struct task *
outgoing_task(const struct outgoing *o)
{
    return o->suspend.task;
}

/* --- what the helper says --- */

static void
outgoing_progress(void *arg, int percent, const char *what)
{
    const struct outgoing *o = arg;

    task_progress(outgoing_task(o), percent, what);
}

static void
outgoing_silent(void *arg, long pid, unsigned seconds)
{
    const struct outgoing *o = arg;

    task_helper_silent(outgoing_task(o), pid, seconds);
}

static void
outgoing_question(void *arg, const char *name, const char *text)
{
    struct outgoing *o = arg;
    struct task *t = outgoing_task(o);
    struct err e = { 0 };

    if (strcmp(name, HELPER_ASK_SUSPEND) == 0) {
        o->asks_suspend = true;
        task_progress(t, t->op->percent, "suspending the guest");
        task_wake(t);
    } else if (strcmp(name, HELPER_ASK_LOG_DIRTY) == 0) {
        o->asks_dirty = true;
        o->dirty_wanted = strcmp(text, "1") == 0;
        task_wake(t);
    } else {
        err_set(&e, ERR_UNSUPPORTED, "a save does not know '%s'", name);
        (void)helper_answer(o->helper, name, "", &e);
    }
}

static void
outgoing_done(void *arg, const char *result, const struct err *e)
{
    struct outgoing *o = arg;

    o->helper = NULL;
    o->asks_suspend = o->asks_dirty = false;
    o->finished = true;
    o->written = result != NULL;
    if (result != NULL) {
        (void)helper_result_u64(result, "sent_kib", &o->sent_kib);
        (void)helper_result_u64(result, "rounds", &o->rounds);
    }
    o->err = *e;
    task_wake(outgoing_task(o));
}

/* --- its start --- */

/* The model is given a descriptor that it can only write to: QEMU takes no
 * other. */
static int
outgoing_make_state(struct outgoing *o, struct err *e)
{
    char path[48];

    if (!dm_has_state(outgoing_task(o)->en, o->suspend.domid) ||
        o->state_fd >= 0)
        return 0;
    o->state_fd = memfd_create("device-model", MFD_CLOEXEC);
    if (o->state_fd < 0)
        return err_sys(e, errno, "state of the device model");
    text_fmt(path, sizeof(path), "/proc/self/fd/%d", o->state_fd);
    o->suspend.state_fd = open(path, O_WRONLY | O_CLOEXEC);
    if (o->suspend.state_fd < 0)
        return err_sys(e, errno, "state of the device model");
    return 0;
}

static int
outgoing_start(struct outgoing *o, struct err *e)
{
    struct engine *en = outgoing_task(o)->en;
    const struct dom_entry *de = domains_by_id(en, o->suspend.dom_id);
    unsigned own = o->fd >= 0 ? 1 : 0;
    struct buf text = { 0 };
    struct helper_job j = { .progress = outgoing_progress,
                            .question = outgoing_question,
                            .silent = outgoing_silent,
                            .done = outgoing_done,
                            .arg = o,
                            .kind = HELPER_SLOW };

    if (de == NULL)
        return err_set(e, ERR_NOENT, "domain %u no longer exists",
                       o->suspend.domid);
    if (outgoing_make_state(o, e) < 0)
        return -1;
    buf_fmt(&text,
            "job save\ndomid %u\nkind %u\nmem_kib %llu\npace_ms %u\n"
            "state %u\nstop_first %d\n%s\n",
            o->suspend.domid, (unsigned)de->d.kind,
            (unsigned long long)o->mem_kib,
            engine_options(en)->one_shot ? 0 : hv_pace_ms(engine_hv(en)),
            o->state_fd >= 0 ? own + 1 : 0, o->stop_first,
            o->words != NULL ? o->words : "");
    j.text = buf_text(&text);
    j.fds[0] = o->fd;
    j.fds[own] = o->state_fd;
    j.fds[own + 1] = -1;
    o->helper = helper_start(tasks_helpers(en), &j, e);
    buf_free(&text);
    return o->helper != NULL ? 0 : -1;
}

/* --- its questions --- */

/* The helper is told how the suspend went; a refusal ends it, with the reason
 * as its own. */
static void
outgoing_suspend(struct outgoing *o)
{
    struct engine *en = outgoing_task(o)->en;
    char words[HV_WORDS_MAX] = "";
    struct err e = { 0 };
    enum step_rc rc = suspend_run(&o->suspend, &e);

    if (o->suspend.down && o->down_ms == 0)
        o->down_ms = loop_now_ms(engine_loop(en));
    if (rc == STEP_WAIT)
        return;
    if (rc == STEP_DONE)
        (void)hv_save_words(engine_hv(en), o->suspend.domid, words, &e);
    o->asks_suspend = false;
    (void)helper_answer(o->helper, HELPER_ASK_SUSPEND, words, &e);
}

static void
outgoing_log_dirty(struct outgoing *o)
{
    struct err e = { 0 };
    enum step_rc rc;

    if (o->dirty_wanted)
        o->dirty = true;
    rc = dm_log_dirty(&o->dirty_talk, outgoing_task(o), o->suspend.domid,
                      o->dirty_wanted, &e);
    if (rc == STEP_WAIT)
        return;
    if (rc == STEP_DONE)
        o->dirty = o->dirty_wanted;
    o->asks_dirty = false;
    (void)helper_answer(o->helper, HELPER_ASK_LOG_DIRTY, "", &e);
}

enum step_rc
outgoing_run(struct outgoing *o, struct err *e)
{
    if (o->finished) {
        *e = o->err;
        return o->written ? STEP_DONE : STEP_FAIL;
    }
    if (o->helper == NULL && outgoing_start(o, e) < 0)
        return STEP_FAIL;
    if (o->asks_suspend)
        outgoing_suspend(o);
    if (o->asks_dirty)
        outgoing_log_dirty(o);
    return STEP_WAIT;
}

/* --- the way back --- */

/* A killed process that waits for a dead disk does not end: it is not waited
 * for long. */
static enum step_rc
outgoing_stop(struct outgoing *o)
{
    struct task *t = outgoing_task(o);
    uint64_t now = loop_now_ms(engine_loop(t->en));

    if (o->helper == NULL)
        return STEP_DONE;
    if (o->stop_until_ms == 0 && helper_stop(o->helper))
        o->stop_until_ms = now + STOP_LIMIT_MS;
    if (now < o->stop_until_ms) {
        task_wake_in(t, o->stop_until_ms - now);
        return STEP_WAIT;
    }
    helper_cancel(o->helper);
    o->helper = NULL;
    return STEP_DONE;
}

/* A model that goes on noting what it writes is only slower. */
static enum step_rc
outgoing_undo_dirty(struct outgoing *o)
{
    struct err e = { 0 };
    enum step_rc rc;

    if (!o->dirty)
        return STEP_DONE;
    rc = dm_log_dirty(&o->dirty_talk, outgoing_task(o), o->suspend.domid, false,
                      &e);
    o->dirty = rc == STEP_WAIT;
    return rc == STEP_WAIT ? rc : STEP_DONE;
}

enum step_rc
outgoing_resume(struct outgoing *o, struct err *e)
{
    enum step_rc rc = o->resumed ? STEP_DONE : suspend_resume(&o->suspend, e);

    o->resumed = rc == STEP_DONE;
    return rc != STEP_DONE ? rc : outgoing_undo_dirty(o);
}

/* The process is ended first, and the guest runs on at once. */
enum step_rc
outgoing_undo(struct outgoing *o)
{
    if (!o->undoing)
        dm_talk_fini(&o->dirty_talk);
    o->undoing = true;
    if (outgoing_stop(o) == STEP_WAIT || suspend_undo(&o->suspend) == STEP_WAIT)
        return STEP_WAIT;
    return outgoing_undo_dirty(o);
}

void
outgoing_fini(struct outgoing *o)
{
    helper_cancel(o->helper);
    o->helper = NULL;
    suspend_fini(&o->suspend);
    dm_talk_fini(&o->dirty_talk);
    if (o->suspend.state_fd >= 0)
        close(o->suspend.state_fd);
    if (o->state_fd >= 0)
        close(o->state_fd);
    o->suspend.state_fd = o->state_fd = -1;
}
