/*
 * record.c - see record.h. The file's text names its holder; only the lock
 * counts.
 * Invariant: record.fd >= 0 exactly while the lock is held.
 */
#include "engine/record/record.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "engine/host/host_room.h"
#include "engine/host/listing.h"
#include "engine/host/vnet.h"
#include "engine/record/record_int.h"
#include "src/base/fdio.h"
#include "src/base/log.h"
#include "src/base/maker.h"
#include "src/base/xalloc.h"

#define RETRY_MS   1000
#define SWEEP_MS   3000 /* whoever ended a domain has removed its own by then */
#define BUSY_STEPS 30   /* of 10 ms */

static void
record_lock_path(const struct engine *en, char *dst, size_t n)
{
    text_fmt(dst, n, "%s/engine.lock", engine_paths(en)->run);
}

static void
name_us(int fd)
{
    char text[128];

    maker_self(text, sizeof(text));
    if (ftruncate(fd, 0) < 0 || pwrite(fd, text, strlen(text), 0) < 0)
        return; /* it is for people */
}

/* Two engines never share a host. */
static int
refuse_second(const char *path, struct err *e)
{
    struct buf text = { 0 };
    char who[64] = "another process";

    if (fd_read_file(path, 256, &text, NULL) == 0 && text.len > 0)
        maker_show(buf_text(&text), who, sizeof(who));
    buf_free(&text);
    return err_set(e, ERR_BUSY,
                   "an engine runs on this host already, %s: `xendeck' "
                   "attaches to it, `xendeck --replace' ends it",
                   who);
}

/* The lock itself. -1: another has it (ERR_BUSY), or it cannot be had. */
static int
record_take(struct engine *en, struct err *e)
{
    char path[320];
    int fd, errnum;

    record_lock_path(en, path, sizeof(path));
    if (engine_paths_run(en, e) < 0)
        return -1;
    fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return err_sys(e, errno, "lock %s", path);
    if (fd_lock(fd) < 0) {
        errnum = errno;
        close(fd);
        if (errnum == EAGAIN || errnum == EACCES)
            return refuse_second(path, e);
        return err_sys(e, errnum, "lock %s", path);
    }
    name_us(fd);
    record_room(en)->fd = fd;
    return 0;
}

/* Somebody may have emptied the directory: a lock on a file that nobody else
 * can find protects nothing. */
static bool
still_there(const struct engine *en)
{
    char path[320];
    struct stat a, b;

    record_lock_path(en, path, sizeof(path));
    if (stat(path, &a) < 0)
        return errno != ENOENT;
    return fstat(record_room(en)->fd, &b) < 0 ||
           (a.st_ino == b.st_ino && a.st_dev == b.st_dev);
}

/* Without the lock nothing is reaped: the engine that has it might do so, too.
 */
static void
go_without(struct engine *en, const struct err *why)
{
    host_set_unlocked(en, true);
    event_add(en, EVENT_ENGINE, EVENT_ERROR, NULL,
              "nobody reaps and restarts the domains: %s; this engine does "
              "once it can have it",
              why->msg);
}

static void
record_take_over(struct engine *en)
{
    event_add(en, EVENT_ENGINE, EVENT_INFO, NULL,
              "has the lock now; this engine reaps and restarts the domains");
    host_set_unlocked(en, false);
    vnets_restore(en);
    recover_run(en);
}

static void
record_look_again(struct engine *en)
{
    struct err e = { 0 };

    if (record_room(en)->fd < 0) {
        if (record_take(en, &e) == 0)
            record_take_over(en);
        return;
    }
    if (!still_there(en)) {
        close(record_room(en)->fd);
        record_room(en)->fd = -1;
        if (record_take(en, &e) < 0)
            go_without(en, &e);
    }
    if (record_room(en)->fd >= 0)
        recover_tick(en);
}

/* Nobody asked for what is begun here. */
static void
record_due(struct loop_timer *lt)
{
    struct engine *en = container_of(lt, struct record_room, tick)->en;
    struct actor before = engine_act_for(en, ENGINE_ITSELF, NULL);

    loop_timer_arm(engine_loop(en), lt, RETRY_MS, record_due);
    record_look_again(en);
    engine_act_as(en, before);
}

/* A helper of an engine that was killed holds the lock, too, until it has
 * become another program. */
static int
take_patiently(struct engine *en, struct err *e)
{
    static const struct timespec step = { .tv_nsec = 10000000L };
    int i, rc = record_take(en, e);

    for (i = 0; rc < 0 && e->code == ERR_BUSY && i < BUSY_STEPS; i++) {
        (void)nanosleep(&step, NULL);
        err_clear(e);
        rc = record_take(en, e);
    }
    return rc;
}

int
record_start(struct engine *en, struct err *e)
{
    struct err why = { 0 };

    if (engine_options(en)->one_shot)
        return 0;
    if (take_patiently(en, &why) < 0 && why.code == ERR_BUSY)
        return err_set(e, ERR_BUSY, "%s", why.msg);
    if (why.code != ERR_NONE)
        go_without(en, &why);
    loop_timer_arm(engine_loop(en), &record_room(en)->tick, RETRY_MS,
                   record_due);
    return 0;
}

void
record_say_closing(struct engine *en)
{
    const struct record_room *r = record_room(en);

    if (r != NULL && r->fd >= 0)
        maker_add_closing(r->fd);
}

bool
record_ours(const struct engine *en)
{
    return record_room(en)->fd >= 0;
}

bool
record_reaps(const struct engine *en)
{
    return record_ours(en) && !engine_is(en, ENGINE_RECOVERING) &&
           !engine_is(en, ENGINE_CLOSING);
}

/* --- those who look on --- */

void
record_observe(struct engine *en, struct record_observer *o)
{
    list_append(&record_room(en)->observers, &o->node);
}

void
record_unobserve(struct record_observer *o)
{
    list_del(&o->node);
}

void
record_tell_own(struct dom_entry *de)
{
    struct list_node *it;

    list_foreach (it, &record_room(de->en)->observers) {
        struct record_observer *o =
            list_entry(it, struct record_observer, node);

        if (o->own != NULL)
            o->own(o, de);
    }
}

void
record_tell_disown(struct dom_entry *de)
{
    struct list_node *it;

    list_foreach (it, &record_room(de->en)->observers) {
        struct record_observer *o =
            list_entry(it, struct record_observer, node);

        if (o->disown != NULL)
            o->disown(o, de);
    }
}

void
record_tell_begins(struct engine *en)
{
    struct list_node *it;

    list_foreach (it, &record_room(en)->observers) {
        struct record_observer *o =
            list_entry(it, struct record_observer, node);

        if (o->begins != NULL)
            o->begins(o);
    }
}

void
record_tell_sweep(struct engine *en)
{
    struct list_node *it;

    list_foreach (it, &record_room(en)->observers) {
        struct record_observer *o =
            list_entry(it, struct record_observer, node);

        if (o->sweep != NULL)
            o->sweep(o);
    }
}

void
record_tell_recovered(struct engine *en)
{
    struct list_node *it;

    list_foreach (it, &record_room(en)->observers) {
        struct record_observer *o =
            list_entry(it, struct record_observer, node);

        if (o->recovered != NULL)
            o->recovered(o);
    }
}

/* Nobody asked for what is swept. */
static void
sweep_due(struct loop_timer *lt)
{
    struct engine *en = container_of(lt, struct record_room, sweep)->en;
    struct actor before;

    if (!record_reaps(en))
        return;
    before = engine_act_for(en, ENGINE_ITSELF, NULL);
    record_tell_sweep(en);
    engine_act_as(en, before);
}

/* Another tool may have ended it, which knows nothing of our files. */
static void
record_gone(struct dom_observer *o, struct dom_entry *de, const char *why)
{
    struct record_room *r = container_of(o, struct record_room, doms);

    (void)why;
    if (!engine_options(r->en)->one_shot && de->d.owned)
        loop_timer_arm(engine_loop(r->en), &r->sweep, SWEEP_MS, sweep_due);
}

/* --- its networks --- */

/* One that is on the list of ours has been made again before. */
static void
recover_network(struct recovery *r, struct oplog_entry *j)
{
    struct vnet v;

    recover_say(r->en, j,
                vnet_find(r->en, j->name, &v) ? "network '%s' is there now"
                                              : "there is no network '%s' now",
                j->name);
}

/* --- open and close --- */

void
record_open(struct engine *en)
{
    struct record_room *r = xcalloc(1, sizeof(*r));

    r->en = en;
    r->fd = -1;
    list_init(&r->observers);
    engine_set_room(en, ROOM_RECORD, r);
    r->doms.read = mark_read;
    r->doms.gone = record_gone;
    domains_observe(en, &r->doms);
    recover_enter(en, OP_NETWORK, recover_network);
}

void
record_quiet(struct engine *en)
{
    struct record_room *r = record_room(en);

    if (r == NULL)
        return;
    loop_timer_del(&r->tick);
    loop_timer_del(&r->sweep);
    store_watch_del(&r->mark_watch);
    domains_unobserve(&r->doms);
}

void
record_close(struct engine *en)
{
    struct record_room *r = record_room(en);

    if (r == NULL)
        return;
    if (r->fd >= 0)
        close(r->fd);
    engine_set_room(en, ROOM_RECORD, NULL);
    free(r);
}
