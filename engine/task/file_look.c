/*
 * file_look.c - see file_look.h. A server may die between the look of the
 * helper and that of the engine: what is left of the risk are these
 * milliseconds, in which the kernel's cache mostly answers.
 */
#include "engine/task/file_look.h"

#include <string.h>
#include <unistd.h>

#include "engine/dom0/dom0.h"
#include "engine/task/helper.h"
#include "engine/task/task_int.h"

#define LOOK_TELL_MS  2000
#define LOOK_LIMIT_MS 60000 /* an NFS server may be booting */
#define LOOK_PATH_MAX 4000
#define LOOK_JOB_MAX  12000 /* of a helper's job, which is read whole */

/* --- what an operation and a line have in common --- */

static void
files_add(struct buf *files, char now[LOOK_NOW_MAX], struct engine *en,
          const char *path)
{
    size_t n = strlen(path);

    /* What cannot be a path of a job is none of a file either. */
    if (path[0] != '/' || n > LOOK_PATH_MAX || strchr(path, '\n') != NULL ||
        files->len + n > LOOK_JOB_MAX ||
        !dom0_file_is_remote(engine_dom0(en), path))
        return;
    if (files->len == 0)
        text_safe(now, LOOK_NOW_MAX, path, n);
    buf_fmt(files, "path %s\n", path);
}

/* j: all but text and kind is the caller's. */
static struct helper *
files_ask(const struct buf *files, struct engine *en, struct helper_job *j,
          struct err *e)
{
    struct buf text = { 0 };
    struct helper *h;

    buf_fmt(&text, "job look\n%s\n", buf_text(files));
    j->text = buf_text(&text);
    j->fds[0] = -1;
    j->kind = HELPER_LOOK;
    h = helper_start(tasks_helpers(en), j, e);
    buf_free(&text);
    return h;
}

static void
files_refuse(const char *now, struct err *e)
{
    err_set(e, ERR_TIMEOUT,
            "%s: its file server has not answered for %d s: see to that "
            "server, or unmount its file system with umount -l, then try "
            "again",
            now, LOOK_LIMIT_MS / 1000);
}

/* --- asked by an operation --- */

void
file_look_add(struct file_look *r, struct engine *en, const char *path)
{
    files_add(&r->files, r->now, en, path);
}

static void
file_look_progress(void *arg, int percent, const char *what)
{
    struct file_look *r = arg;

    (void)percent;
    text_safe(r->now, sizeof(r->now), what, strlen(what));
}

static void
file_look_done(void *arg, const char *result, const struct err *e)
{
    struct file_look *r = arg;

    (void)result;
    r->helper = NULL;
    r->answered = true;
    r->err = *e;
    task_wake(r->task);
}

static enum step_rc
file_look_start(struct file_look *r, struct task *t, struct err *e)
{
    struct helper_job j = { .progress = file_look_progress,
                            .done = file_look_done,
                            .arg = r };

    r->task = t;
    r->since_ms = loop_now_ms(engine_loop(t->en));
    r->helper = files_ask(&r->files, t->en, &j, e);
    if (r->helper == NULL)
        return STEP_FAIL;
    t->op->cancellable = true;
    task_wake_in(t, LOOK_TELL_MS);
    return STEP_WAIT;
}

static void
file_look_tell(struct file_look *r, struct task *t)
{
    char text[sizeof(t->op->label)];

    text_fmt(text, sizeof(text), "waits for %s", r->now);
    task_progress(t, -1, text);
    event_add_for(t->en, EVENT_ENGINE, EVENT_WARN, t->op->domid, t->op->name,
                  "%s waits for %s: its file server does not answer; cancel "
                  "ends the wait",
                  op_verb_name(t->op->verb), r->now);
    r->told = true;
}

static enum step_rc
file_look_wait(struct file_look *r, struct task *t, struct err *e)
{
    uint64_t ms = loop_now_ms(engine_loop(t->en)) - r->since_ms;

    if (ms >= LOOK_LIMIT_MS) {
        files_refuse(r->now, e);
        file_look_fini(r);
        return STEP_FAIL;
    }
    if (!r->told && ms >= LOOK_TELL_MS)
        file_look_tell(r, t);
    task_wake_in(t, r->told ? LOOK_LIMIT_MS - ms : LOOK_TELL_MS - ms);
    return STEP_WAIT;
}

enum step_rc
file_look_run(struct file_look *r, struct task *t, struct err *e)
{
    const struct step *s = &t->type->steps[t->at];
    enum step_rc rc = STEP_DONE;

    if (!r->answered && r->files.len == 0)
        return STEP_DONE;
    if (!r->answered)
        return r->helper != NULL ? file_look_wait(r, t, e)
                                 : file_look_start(r, t, e);
    if (r->err.code != ERR_NONE) {
        *e = r->err;
        rc = STEP_FAIL;
    }
    t->op->cancellable = s->cancellable;
    if (r->told)
        task_progress(t, -1, s->label);
    file_look_fini(r);
    return rc;
}

void
file_look_fini(struct file_look *r)
{
    helper_cancel(r->helper);
    buf_free(&r->files);
    *r = (struct file_look){ .task = NULL };
}

/* --- asked by a line, or by whoever else waits in the loop --- */

void
look_add(struct look *l, struct engine *en, const char *path)
{
    files_add(&l->files, l->now, en, path);
}

bool
look_is_needed(const struct look *l)
{
    return l->files.len > 0;
}

static void
look_end(struct look *l, const struct err *e)
{
    void (*done)(struct look *, const struct err *) = l->done;

    look_fini(l);
    done(l, e);
}

static void
look_progress(void *arg, int percent, const char *what)
{
    struct look *l = arg;

    (void)percent;
    text_safe(l->now, sizeof(l->now), what, strlen(what));
}

static void
look_answered(void *arg, const char *result, const struct err *e)
{
    struct look *l = arg;
    struct err why = *e;

    (void)result;
    l->helper = NULL;
    look_end(l, &why);
}

static void
look_tick(struct loop_timer *lt)
{
    struct look *l = container_of(lt, struct look, timer);
    uint64_t ms = loop_now_ms(engine_loop(l->en)) - l->since_ms;
    struct err e = { 0 };

    if (ms >= LOOK_LIMIT_MS) {
        files_refuse(l->now, &e);
        look_end(l, &e);
        return;
    }
    loop_timer_arm(engine_loop(l->en), lt,
                   ms < LOOK_TELL_MS ? LOOK_TELL_MS - ms : LOOK_LIMIT_MS - ms,
                   look_tick);
    if (ms >= LOOK_TELL_MS && !l->told) {
        l->told = true;
        l->slow(l);
    }
}

int
look_start(struct look *l, struct engine *en, struct err *e)
{
    struct helper_job j = { .progress = look_progress,
                            .done = look_answered,
                            .arg = l };

    l->en = en;
    l->since_ms = loop_now_ms(engine_loop(en));
    l->helper = files_ask(&l->files, en, &j, e);
    if (l->helper == NULL)
        return -1;
    loop_timer_arm(engine_loop(en), &l->timer, LOOK_TELL_MS, look_tick);
    return 0;
}

void
look_fini(struct look *l)
{
    helper_cancel(l->helper);
    l->helper = NULL;
    loop_timer_del(&l->timer);
    buf_free(&l->files);
}

/* --- asked by nobody --- */

/* By the name that the kernel has for it; no file system is asked. */
static bool
fd_is_remote(struct engine *en, int fd)
{
    char link[48], path[LOOK_PATH_MAX];
    ssize_t n;

    text_fmt(link, sizeof(link), "/proc/self/fd/%d", fd);
    n = readlink(link, path, sizeof(path) - 1);
    path[n > 0 ? n : 0] = '\0';
    return n > 0 && dom0_file_is_remote(engine_dom0(en), path);
}

void
file_look_close(struct engine *en, int *fds, size_t n)
{
    struct helper_job j = { .text = "job look\n\n", .kind = HELPER_LOOK };
    size_t i, far = 0;

    for (i = 0; i < n; i++)
        if (fds[i] >= 0 && far < HELPER_FDS_MAX && fd_is_remote(en, fds[i]))
            j.fds[far++] = fds[i];
    if (far < HELPER_FDS_MAX)
        j.fds[far] = -1;
    if (far > 0)
        (void)helper_start(tasks_helpers(en), &j, NULL);
    for (i = 0; i < n; i++) {
        if (fds[i] >= 0)
            close(fds[i]);
        fds[i] = -1;
    }
}

void
file_look_remove(struct engine *en, const char *path)
{
    struct buf text = { 0 };
    struct helper_job j = { .fds = { -1, -1 }, .kind = HELPER_LOOK };

    if (!dom0_file_is_remote(engine_dom0(en), path)) {
        (void)unlink(path);
        return;
    }
    buf_fmt(&text, "job remove\npath %s\n\n", path);
    j.text = buf_text(&text);
    (void)helper_start(tasks_helpers(en), &j, NULL);
    buf_free(&text);
}
