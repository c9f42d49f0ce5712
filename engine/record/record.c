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
#include <unistd.h>

#include "engine/host/host_room.h"
#include "engine/host/listing.h"
#include "engine/host/vnet.h"
#include "engine/record/record_int.h"
#include "src/base/fdio.h"
#include "src/base/log.h"
#include "src/base/maker.h"
#include "src/base/xalloc.h"

#define RETRY_MS 1000
#define SWEEP_MS 3000 /* whoever ended a domain has removed its own by then */
#define NOBODY   "nobody" /* the lock cannot be had */

static void
lock_path(const struct engine *en, char *dst, size_t n)
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

/* The lock itself. -1: another has it (ERR_BUSY), or it cannot be had. */
static int
take(struct engine *en, struct err *e)
{
    char path[320];
    int fd, errnum;

    lock_path(en, path, sizeof(path));
    if (engine_paths_run(en, e) < 0)
        return -1;
    fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return err_sys(e, errno, "lock %s", path);
    if (fd_lock(fd) < 0) {
        errnum = errno;
        close(fd);
        if (errnum == EAGAIN || errnum == EACCES)
            return err_set(e, ERR_BUSY, "lock %s: held by another", path);
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

    lock_path(en, path, sizeof(path));
    if (stat(path, &a) < 0)
        return errno != ENOENT;
    return fstat(record_room(en)->fd, &b) < 0 ||
           (a.st_ino == b.st_ino && a.st_dev == b.st_dev);
}

/* Whom we observe; it may be another after a while. */
static void
name_holder(struct engine *en)
{
    const struct host *h = engine_host_info(en);
    char now[sizeof(h->record)];

    if (!record_elsewhere(en, now, sizeof(now)))
        text_fmt(now, sizeof(now), "another engine");
    if (strcmp(now, h->record) != 0)
        host_set_record(en, true, now);
}

static void
observe(struct engine *en, const struct err *why)
{
    engine_set(en, ENGINE_OBSERVER, true);
    if (why->code == ERR_BUSY) {
        name_holder(en);
        event_add(en, EVENT_ENGINE, EVENT_WARN, NULL,
                  "observer: %s reaps and restarts the domains; this engine "
                  "takes over when that ends",
                  engine_host_info(en)->record);
    } else {
        host_set_record(en, true, NOBODY);
        event_add(en, EVENT_ENGINE, EVENT_ERROR, NULL,
                  "nobody reaps and restarts the domains: %s; this engine "
                  "does once it can have it",
                  why->msg);
    }
}

static void
take_over(struct engine *en)
{
    const struct host *h = engine_host_info(en);
    bool after = strcmp(h->record, NOBODY) != 0;

    event_add(en, EVENT_ENGINE, EVENT_INFO, NULL,
              "takes over%s%s%s; this engine reaps and restarts the domains "
              "now",
              after ? ": " : "", after ? h->record : "",
              after ? " has ended" : "");
    host_set_record(en, false, "");
    vnets_restore(en);
    recover_run(en);
}

static void
look_again(struct engine *en)
{
    struct err e = { 0 };

    if (record_room(en)->fd < 0) {
        if (take(en, &e) == 0)
            take_over(en);
        else if (e.code == ERR_BUSY)
            name_holder(en);
        return;
    }
    if (!still_there(en)) {
        close(record_room(en)->fd);
        record_room(en)->fd = -1;
        if (take(en, &e) < 0)
            observe(en, &e);
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
    look_again(en);
    engine_act_as(en, before);
}

void
record_start(struct engine *en)
{
    struct err e = { 0 };

    if (engine_options(en)->one_shot)
        return;
    if (take(en, &e) < 0)
        observe(en, &e);
    loop_timer_arm(engine_loop(en), &record_room(en)->tick, RETRY_MS,
                   record_due);
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

bool
record_elsewhere(const struct engine *en, char *out, size_t out_size)
{
    char path[320], text[128] = "";
    int fd, held;
    ssize_t n;

    if (record_room(en)->fd >= 0)
        return false;
    lock_path(en, path, sizeof(path));
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) /* one that cannot be looked for may be there */
        return errno != ENOENT && errno != EISDIR;
    held = fd_locked(fd);
    n = held ? read(fd, text, sizeof(text) - 1) : 0;
    close(fd);
    if (held && out != NULL && n >= 0)
        maker_show(text, out, out_size);
    return held != 0;
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

/* --- open and close --- */

static bool
told_elsewhere(struct event_witness *w)
{
    return record_elsewhere(container_of(w, struct record_room, witness)->en,
                            NULL, 0);
}

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
    r->witness.told_elsewhere = told_elsewhere;
    events_ask(en, &r->witness);
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
    events_forget(&r->witness);
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
