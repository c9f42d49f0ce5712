/*
 * create_memory.c - the memory of a domain that is to be made: what it needs of
 * the host, and what domain 0 gives of its own where that is too little and the
 * settings allow it (dom0_memory.h).
 * xl does the same under a lock of its own from there to the end of its
 * creation: under that lock memory which it has just freed is not taken here.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "engine/host/dom0_memory.h"
#include "engine/host/host_xl.h"
#include "engine/host/listing.h"
#include "engine/life/create_int.h"

#define POLL_MS     200
#define STALL_MS    30000 /* in which domain 0 gives nothing */
#define LOCK_MS     60000
#define SCRUB_MS    10000 /* what the last life had comes back by itself */
#define SLACK_KIB   (4ULL * 1024)
#define SLACK_SHARE 256 /* a balloon stops somewhere near its target */
#define MIB(kib)    ((unsigned long long)((kib) / 1024))
#define MIB_UP(kib) MIB((kib) + 1023)

/* What the host lacks; *h as it is now. -1: it cannot be told, or the host
 * runs no such guests. */
static int
create_lacks(const struct create *c, struct hv_host *h, uint64_t *lack_out,
             uint64_t *need_out, struct err *e)
{
    struct guest_memory m;

    c->guest.type->memory(c->cfg, &m);
    if (hv_host(engine_hv(c->t.en), h, e) < 0 ||
        c->guest.type->check_host(h, e) < 0)
        return -1;
    *need_out = m.need_kib;
    *lack_out = m.need_kib > h->free_kib ? m.need_kib - h->free_kib : 0;
    return 0;
}

static int
create_refuse_memory(const struct create *c, uint64_t need_kib,
                     uint64_t free_kib, struct err *e)
{
    char remedy[256];

    dom0_memory_remedy(c->t.en, need_kib - free_kib, remedy, sizeof(remedy));
    return config_refuse(
        c->cfg, "memory", ERR_NOMEM, e,
        "%llu MiB needs %llu MiB with its overhead, the host has %llu MiB "
        "free: %s",
        MIB(c->cfg->mem_kib), MIB(need_kib), MIB(free_kib), remedy);
}

int
create_check_memory(struct create *c, struct err *e)
{
    uint64_t lack, need;
    struct hv_host h;

    if (create_lacks(c, &h, &lack, &need, e) < 0)
        return -1;
    if (lack == 0 ||
        (dom0_memory_may_go(c->t.en, &h) && dom0_memory_spare(c->t.en) >= lack))
        return 0;
    return create_refuse_memory(c, need, h.free_kib, e);
}

/* --- xl's lock --- */

static void
create_unlock_memory(struct create_memory *m)
{
    if (m->locked)
        close(m->lock_fd);
    m->locked = false;
}

static enum step_rc
create_wait_lock(struct create *c, int fd, const char *path, struct err *e)
{
    struct create_memory *m = &c->memory;
    uint64_t now = loop_now_ms(engine_loop(c->t.en));
    struct flock fl = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

    if (m->lock_until_ms == 0)
        m->lock_until_ms = now + LOCK_MS;
    if (now < m->lock_until_ms) {
        close(fd);
        task_progress(&c->t, -1, "waits until xl has made its domain");
        task_wake_in(&c->t, POLL_MS);
        return STEP_WAIT;
    }
    if (fcntl(fd, F_OFD_GETLK, &fl) < 0 || fl.l_type == F_UNLCK)
        fl.l_pid = 0;
    close(fd);
    err_set(e, ERR_BUSY,
            "memory: xl's lock %s is held by process %ld for over %d s", path,
            (long)fl.l_pid, LOCK_MS / 1000);
    return STEP_FAIL;
}

/* The lock is the open file's, so that two creations of this process do not
 * count the same memory either. */
static enum step_rc
create_lock_memory(struct create *c, struct err *e)
{
    struct flock fl = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
    struct create_memory *m = &c->memory;
    struct xl_conf xl;
    const char *path;
    int fd;

    if (m->locked)
        return STEP_DONE;
    host_xl_conf(c->t.en, &xl);
    path =
        xl.lockfile[0] != '\0' ? xl.lockfile : engine_paths(c->t.en)->xl_lock;
    fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY, 0600);
    if (fd < 0) {
        err_sys(e, errno, "xl's lock %s", path);
        return STEP_FAIL;
    }
    if (fcntl(fd, F_OFD_SETLK, &fl) < 0)
        return create_wait_lock(c, fd, path, e);
    m->lock_fd = fd;
    m->locked = true;
    m->lock_until_ms = 0;
    return STEP_DONE;
}

/* --- domain 0 gives --- */

static bool
create_dom0_there(uint64_t now_kib, uint64_t target_kib)
{
    return now_kib <= target_kib + SLACK_KIB + target_kib / SLACK_SHARE;
}

static enum step_rc
create_take(struct create *c, uint64_t lack_kib, struct err *e)
{
    struct create_memory *m = &c->memory;
    int64_t moved;

    if (dom0_memory_move(c->t.en, -(int64_t)(lack_kib + SLACK_KIB), &moved, e) <
        0)
        return STEP_FAIL;
    m->taken_kib -= moved;
    m->moved_ms = 0; /* it begins anew */
    if (moved == 0) {
        err_set(e, ERR_NOMEM,
                "memory: %llu MiB are lacking, and domain 0 keeps %llu MiB "
                "(dom0_min of xendeck.conf)",
                MIB_UP(lack_kib), MIB(engine_options(c->t.en)->dom0_min_kib));
        return STEP_FAIL;
    }
    return STEP_WAIT;
}

/* Lowers the target once domain 0 has come to the last one; waits for it as
 * long as it moves. */
static enum step_rc
create_shrink(struct create *c, uint64_t lack_kib, struct err *e)
{
    struct create_memory *m = &c->memory;
    uint64_t now = loop_now_ms(engine_loop(c->t.en)), target;
    struct hv_dom h;

    if (hv_get(engine_hv(c->t.en), 0, &h, e) < 0)
        return STEP_FAIL;
    if (m->moved_ms == 0 || h.mem_kib < m->seen_kib) {
        m->moved_ms = now;
        m->seen_kib = h.mem_kib;
    }
    if (store_read_u64(engine_store(c->t.en), 0,
                       "/local/domain/0/memory/target", UINT64_MAX, &target,
                       NULL) < 0)
        target = h.mem_kib;
    if (create_dom0_there(h.mem_kib, target))
        return create_take(c, lack_kib, e);
    if (now < m->moved_ms + STALL_MS)
        return STEP_WAIT;
    err_set(e, ERR_TIMEOUT,
            "memory: domain 0 stands at %llu MiB on its way to %llu MiB, "
            "nothing moved in %d s: its balloon driver does not follow",
            MIB(h.mem_kib), MIB(target), STALL_MS / 1000);
    return STEP_FAIL;
}

static enum step_rc
create_make_room(struct create *c, uint64_t lack_kib, struct err *e)
{
    enum step_rc rc = create_lock_memory(c, e);
    char text[64];

    if (rc == STEP_DONE)
        rc = create_shrink(c, lack_kib, e);
    if (rc != STEP_WAIT || !c->memory.locked)
        return rc;
    text_fmt(text, sizeof(text), "domain 0 gives memory: %llu MiB lacking",
             MIB_UP(lack_kib));
    task_progress(&c->t, -1, text);
    task_wake_in(&c->t, POLL_MS);
    return STEP_WAIT;
}

enum step_rc
create_run_memory(struct task *t, struct err *e)
{
    struct create *c = container_of(t, struct create, t);
    struct create_memory *m = &c->memory;
    uint64_t lack, need, now = loop_now_ms(engine_loop(t->en));
    struct hv_host h;

    if (create_lacks(c, &h, &lack, &need, e) < 0)
        return STEP_FAIL;
    if (lack == 0) {
        create_unlock_memory(m);
        return STEP_DONE;
    }
    if (!dom0_memory_may_go(t->en, &h)) {
        create_refuse_memory(c, need, h.free_kib, e);
        return STEP_FAIL;
    }
    if (m->since_ms == 0)
        m->since_ms = now;
    if (!c->o.again || now >= m->since_ms + SCRUB_MS)
        return create_make_room(c, lack, e);
    task_wake_in(t, POLL_MS);
    return STEP_WAIT;
}

/* A domain that is not made needs nothing. */
enum step_rc
create_undo_memory(struct task *t)
{
    struct create_memory *m = &container_of(t, struct create, t)->memory;
    struct err e = { 0 };
    int64_t moved;

    create_unlock_memory(m);
    if (m->taken_kib > 0 &&
        dom0_memory_move(t->en, m->taken_kib, &moved, &e) < 0)
        event_add(t->en, EVENT_ENGINE, EVENT_WARN, NULL,
                  "memory: domain 0 does not get back %llu MiB: %s",
                  MIB((uint64_t)m->taken_kib), e.msg);
    m->taken_kib = 0;
    return STEP_DONE;
}

void
create_fini_memory(struct create *c)
{
    create_unlock_memory(&c->memory);
}

void
create_tell_memory(struct engine *en, const struct hv_host *h,
                   const struct domain_config *cfg, struct buf *out)
{
    uint64_t lack, spare;
    struct guest_memory m;

    guest_type_of(cfg)->memory(cfg, &m);
    buf_fmt(out, "needs %llu MiB", MIB(m.need_kib));
    if (h == NULL) {
        buf_str(out, " of memory");
        return;
    }
    buf_fmt(out, " of %llu MiB free", MIB(h->free_kib));
    if (m.need_kib <= h->free_kib)
        return;
    lack = m.need_kib - h->free_kib;
    spare = en != NULL ? dom0_memory_spare(en) : 0;
    if (en == NULL)
        buf_fmt(out, ", which is %llu MiB too little", MIB_UP(lack));
    else if (lack > spare)
        buf_fmt(out, ", and domain 0 can give no more than %llu MiB",
                MIB(spare));
    else if (dom0_memory_may_go(en, h))
        buf_fmt(out, "; domain 0 will give %llu MiB", MIB_UP(lack));
    else
        buf_fmt(out, "; shrinking domain 0 by %llu MiB would do", MIB_UP(lack));
}
