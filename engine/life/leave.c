/*
 * leave.c - an operator's request by an engine that is not of record: it asks
 * the guest and waits, the engine of record reaps and restarts. So the work is
 * done exactly once, and what is restarted is in the hands of an engine that
 * stays.
 */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "engine/life/leave.h"
#include "engine/model/mark.h"
#include "engine/record/record.h"
#include "engine/task/task_lock.h"
#include "src/base/fdio.h"

#define POLL_MS 250
#define LIMIT_S 120 /* it may have devices to wait for */

static void
asked_path(const struct ending *x, char *dst, size_t n)
{
    store_path(dst, n, "/libxl/%u/" MARK_DIR "/asked", x->domid);
}

int
leave_asked(struct ending *x, struct err *e)
{
    struct engine *en = x->t.en;
    char path[96];

    if (!x->owned || !record_elsewhere(en, NULL, 0))
        return 0;
    asked_path(x, path, sizeof(path));
    if (store_write(engine_store(en), 0, path, op_verb_name(x->verb), e) < 0)
        return -1;
    x->asked = true;
    task_unlock(&x->t);
    return 0;
}

void
leave_withdrawn(struct ending *x)
{
    char path[96];

    if (!x->asked)
        return;
    asked_path(x, path, sizeof(path));
    (void)store_rm(engine_store(x->t.en), 0, path, NULL);
    x->asked = false;
}

void
leave_take_asked(struct ending *x)
{
    char path[96], verb[16];

    asked_path(x, path, sizeof(path));
    if (x->owned &&
        store_read_text(engine_store(x->t.en), 0, path, verb, sizeof(verb),
                        NULL) == 0 &&
        strcmp(verb, op_verb_name(OP_SHUTDOWN)) == 0)
        x->verb = OP_SHUTDOWN;
}

/* In the file of its lock, for its nodes go before it does. Names the domain
 * by its uuid: the number may be another's one day. */
void
leave_destroyed(const struct ending *x)
{
    char path[512], uuid[37];
    int fd = x->t.lock_fd;

    if (fd < 0) { /* another engine is at work on it: it looks before it ends */
        task_lock_path(x->t.en, x->domid, path, sizeof(path));
        fd = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
    }
    uuid_print_text(x->uuid, uuid);
    if (fd >= 0 && pwrite(fd, uuid, strlen(uuid), 0) < 0) {
        log_line(engine_log(x->t.en), LOGL_WARN,
                 "%s: another engine will not know that it was destroyed",
                 x->t.op->name);
    }
    if (fd >= 0 && fd != x->t.lock_fd)
        close(fd);
}

bool
leave_says_destroyed(const struct engine *en, uint32_t domid,
                     const uint8_t uuid[16])
{
    char path[512], is[37];
    struct buf text = { 0 };
    bool is_it;

    task_lock_path(en, domid, path, sizeof(path));
    uuid_print_text(uuid, is);
    is_it = fd_read_file(path, sizeof(is), &text, NULL) == 0 &&
            text.data != NULL && strcmp(text.data, is) == 0;
    buf_free(&text);
    return is_it;
}

bool
leave_was_destroyed(const struct dom_entry *de)
{
    return leave_says_destroyed(de->en, de->d.domid, de->d.uuid);
}

static void
poll_due(struct loop_timer *lt)
{
    task_wake(&container_of(lt, struct ending, poll)->t);
}

/* Whether the engine of record is done with it: gone, or to be kept. */
static bool
reaped(struct ending *x, const struct dom_entry *de)
{
    return de == NULL || de->d.preserved || de->d.id != x->dom_id;
}

static enum step_rc
wait_for_record(struct ending *x, struct err *e)
{
    struct engine *en = x->t.en;
    uint64_t now = loop_now_ms(engine_loop(en));

    if (x->deadline_ms == 0)
        x->deadline_ms = now + LIMIT_S * 1000ULL;
    if (now >= x->deadline_ms)
        return err_set(e, ERR_TIMEOUT,
                       "'%s' has ended, but the engine of record has not "
                       "reaped it in %d s",
                       x->t.op->name, LIMIT_S) < 0
                   ? STEP_FAIL
                   : STEP_DONE;
    loop_timer_arm(engine_loop(en), &x->poll, POLL_MS, poll_due);
    return STEP_WAIT;
}

enum step_rc
leave_run(struct task *t, struct err *e)
{
    struct ending *x = container_of(t, struct ending, t);
    struct dom_entry *de;

    if (!x->owned || x->verb == OP_SUSPEND || x->reason == DOM_SUSPEND)
        return STEP_DONE;
    if (!record_elsewhere(t->en, NULL, 0)) {
        x->deadline_ms = 0;
        return task_lock(t, e) < 0 ? STEP_FAIL : STEP_DONE;
    }
    task_unlock(t);
    if (domains_scan(t->en, false, e) < 0)
        return STEP_FAIL;
    de = domains_by_id(t->en, x->dom_id);
    if (de != NULL)
        domains_read_store(de);
    if (!reaped(x, de))
        return wait_for_record(x, e);
    x->left = true;
    return STEP_DONE;
}
