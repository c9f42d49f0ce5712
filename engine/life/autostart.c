/*
 * autostart.c - starts the defined domains that are marked so, one after the
 * other in their order with the delays they ask for; each once a boot of the
 * host: an engine that is started anew goes on where the last one was. Those
 * that were saved as the host stopped come back with them.
 */
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/config/core/config.h"
#include "engine/life/define.h"
#include "engine/life/definitions.h"
#include "engine/life/life_int.h"
#include "engine/life/save.h"
#include "engine/task/operations.h"
#include "engine/task/oplog.h"
#include "src/base/fdio.h"
#include "src/base/log.h"
#include "src/base/xalloc.h"

#define LIST_MAX  (4 * 1024 * 1024)
#define POLL_MS   200
#define UNREAD_MS 1000

#define LATE_FIRST_MS 10000 /* pauses between attempts to start one */
#define LATE_LAST_MS  600000

static void
done_path(const struct engine *en, char *dst, size_t n)
{
    text_fmt(dst, n, "%s/autostarted", engine_paths(en)->run);
}

/* Of the list: "BOOT UUID". */
static void
done_line(const struct engine *en, const char *uuid, struct buf *out)
{
    buf_fmt(out, "%s %s\n", oplog_boot(en), uuid);
}

/* -1 with *e: what was started in this boot cannot be told now. */
static int
started_load(const struct life_room *r, struct buf *out, struct err *e)
{
    char path[320];

    done_path(r->en, path, sizeof(path));
    if (oplog_boot(r->en)[0] == '\0')
        return err_set(e, ERR_IO, "the id of this boot cannot be read");
    if (fd_read_file(path, LIST_MAX, out, e) < 0 && e->code != ERR_NOENT)
        return -1;
    return 0;
}

static bool
was_started(const struct life_room *r, const struct buf *list,
            const uint8_t uuid[16])
{
    struct buf line = { 0 };
    char text[37];
    bool yes;

    uuid_print_text(uuid, text);
    done_line(r->en, text, &line);
    yes = strstr(buf_text(list), buf_text(&line)) != NULL ||
          strstr(buf_text(&r->unnoted), text) != NULL;
    buf_free(&line);
    return yes;
}

/* False: not all of it is in the file. */
static bool
started_write(struct life_room *r)
{
    struct buf lines = { 0 };
    char path[320], uuid[37];
    size_t at;
    int fd, rc;

    if (oplog_boot(r->en)[0] == '\0')
        return false;
    done_path(r->en, path, sizeof(path));
    fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW,
              0600);
    if (fd < 0)
        return false;
    for (at = 0; at + 37 <= r->unnoted.len; at += 37) {
        text_fmt(uuid, sizeof(uuid), "%.36s", r->unnoted.data + at);
        done_line(r->en, uuid, &lines);
    }
    rc = fd_write_all(fd, lines.data, lines.len);
    close(fd);
    buf_free(&lines);
    return rc == 0;
}

static void
noting_due(struct loop_timer *lt)
{
    struct life_room *r = container_of(lt, struct life_room, noting);

    if (r->unnoted.len == 0)
        return;
    if (started_write(r))
        buf_clear(&r->unnoted);
    else
        loop_timer_arm(engine_loop(r->en), lt, UNREAD_MS, noting_due);
}

/* It counts from now on; what cannot be written is written later. */
static void
note_started(struct life_room *r, const uint8_t uuid[16])
{
    char text[37];

    uuid_print_text(uuid, text);
    if (strstr(buf_text(&r->unnoted), text) == NULL)
        buf_fmt(&r->unnoted, "%s\n", text);
    noting_due(&r->noting);
}

/* --- what failed --- */

struct late {
    uint8_t uuid[16];
    uint64_t due_ms, pause_ms;
    bool news; /* it has not been told yet */
    char why[ERR_MSG_MAX];
    struct list_node node;
};

static struct late *
late_of(const struct life_room *r, const uint8_t uuid[16])
{
    struct list_node *it;

    list_foreach (it, &r->late) {
        struct late *l = list_entry(it, struct late, node);

        if (memcmp(l->uuid, uuid, sizeof(l->uuid)) == 0)
            return l;
    }
    return NULL;
}

static struct late *
late_keep(struct life_room *r, const uint8_t uuid[16], const char *why)
{
    struct late *l = late_of(r, uuid);

    if (l == NULL) {
        l = xcalloc(1, sizeof(*l));
        memcpy(l->uuid, uuid, sizeof(l->uuid));
        list_append(&r->late, &l->node);
    }
    l->news = strcmp(l->why, why) != 0;
    text_fmt(l->why, sizeof(l->why), "%s", why);
    l->pause_ms = l->pause_ms == 0                 ? LATE_FIRST_MS
                  : l->pause_ms * 2 < LATE_LAST_MS ? l->pause_ms * 2
                                                   : LATE_LAST_MS;
    l->due_ms = loop_now_ms(engine_loop(r->en)) + l->pause_ms;
    return l;
}

static void
late_drop(struct life_room *r, const uint8_t uuid[16])
{
    struct late *l = late_of(r, uuid);

    if (l == NULL)
        return;
    list_del(&l->node);
    free(l);
}

bool
autostart_late(const struct life_room *r, const uint8_t uuid[16])
{
    return late_of(r, uuid) != NULL;
}

void
autostart_left_out(struct life_room *r, const uint8_t uuid[16])
{
    (void)late_keep(r, uuid, "");
}

bool
autostart_goes_on(const struct life_room *r)
{
    return loop_timer_active(&r->autostart) || r->autostart_look.helper != NULL;
}

void
autostart_close(struct life_room *r)
{
    struct list_node *it, *tmp;

    loop_timer_del(&r->autostart);
    look_fini(&r->autostart_look);
    loop_timer_del(&r->noting);
    if (r->unnoted.len > 0 && !engine_is(r->en, ENGINE_ABANDONED))
        (void)started_write(r);
    buf_free(&r->unnoted);
    list_foreach_safe (it, tmp, &r->late)
        free(list_entry(it, struct late, node));
    list_init(&r->late);
}

/* Those that are due again stay in the list until they are started. */
static bool
may_start(const struct life_room *r, const uint8_t uuid[16])
{
    const struct late *l = late_of(r, uuid);

    return l == NULL || l->due_ms <= loop_now_ms(engine_loop(r->en));
}

/* Nothing else is to be started: when is the first of them due? */
static bool
late_next(const struct life_room *r, uint64_t *delay_ms)
{
    uint64_t now = loop_now_ms(engine_loop(r->en)), at;
    struct list_node *it;

    *delay_ms = UINT64_MAX;
    list_foreach (it, &r->late) {
        /* What late_drop freed has left the list, which the analyzer misses.
         * NOLINTNEXTLINE(clang-analyzer-unix.Malloc) */
        at = list_entry(it, struct late, node)->due_ms;
        if (at <= now)
            at = now + LATE_FIRST_MS; /* it cannot be read yet, or runs */
        if (at - now < *delay_ms)
            *delay_ms = at - now;
    }
    return *delay_ms != UINT64_MAX;
}

/* What runs has been started, by whomever. What a dead engine left half-built
 * is finished or undone first: true while there is such a one. */
static bool
note_running(struct life_room *r, const struct buf *list)
{
    struct engine *en = r->en;
    const struct dom_entry *de;
    bool half = false;
    size_t i;

    for (i = 0; (de = domains_at(en, i)) != NULL; i++) {
        const struct dom *d = &de->d;

        if (!d->autostart || defs_by_uuid(en, d->uuid) == NULL ||
            was_started(r, list, d->uuid))
            continue;
        if (d->owned && !d->building) {
            note_started(r, d->uuid);
            late_drop(r, d->uuid);
        } else {
            half = half || d->building || d->op != 0;
        }
    }
    return half;
}

/* What was saved as the host stopped comes back once, in whichever boot. */
static bool
is_due(const struct life_room *r, const struct buf *list, const struct def *f)
{
    if (!may_start(r, f->d.uuid))
        return false;
    return f->resume ||
           (f->d.autostart && !f->held && !was_started(r, list, f->d.uuid));
}

/* By order, then by name as the list has them. */
static struct def *
next_one(const struct life_room *r, const struct buf *list)
{
    struct def *best = NULL;
    size_t i;

    for (i = 0; i < r->n_offs; i++) {
        struct def *f = r->offs[i];

        if ((best == NULL || f->order < best->order) && is_due(r, list, f))
            best = f;
    }
    return best;
}

static void autostart_due(struct loop_timer *lt);

/* The others are started meanwhile. */
static void
start_failed(struct life_room *r, const struct err *e)
{
    const struct def *f = defs_by_uuid(r->en, r->autostart_uuid);
    const struct late *l = late_keep(r, r->autostart_uuid, e->msg);

    if (l->news)
        event_add_for(r->en, EVENT_ENGINE, EVENT_ERROR, 0,
                      f != NULL ? f->d.name : "",
                      "autostart: %s; tried again in %llu s", e->msg,
                      (unsigned long long)l->pause_ms / 1000);
    defs_reload(r->en);
}

/* e: why it cannot even be tried, or ERR_NONE. */
static void
autostart_start(struct life_room *r, const struct err *why)
{
    struct engine *en = r->en;
    const struct def *f = defs_by_uuid(en, r->autostart_uuid);
    unsigned delay_s = f != NULL ? f->delay_s : 0;
    struct err e = *why;

    if (e.code != ERR_NONE ||
        (f != NULL &&
         engine_start(en, f->d.id, false, &r->autostart_op, &e) < 0)) {
        start_failed(r, &e);
        r->autostart_op = 0;
        delay_s = 0;
    }
    r->autostart_delay_ms = delay_s * 1000ULL;
    loop_timer_arm(engine_loop(en), &r->autostart, POLL_MS, autostart_due);
}

static void
autostart_slow(struct look *l)
{
    struct life_room *r = container_of(l, struct life_room, autostart_look);
    const struct def *f = defs_by_uuid(r->en, r->autostart_uuid);

    event_add_for(
        r->en, EVENT_ENGINE, EVENT_WARN, 0, f != NULL ? f->d.name : "",
        "autostart waits for %s: its file server does not answer", l->now);
}

static void
autostart_looked(struct look *l, const struct err *e)
{
    struct life_room *r = container_of(l, struct life_room, autostart_look);

    if (!engine_is(r->en, ENGINE_CLOSING))
        autostart_start(r, e);
}

/* The file of one that is saved may lie on a server that is dead. */
static void
autostart_look(struct life_room *r, const struct def *f)
{
    struct look *l = &r->autostart_look;
    struct err e = { 0 };
    char path[PATH_MAX];

    *l = (struct look){ .slow = autostart_slow, .done = autostart_looked };
    if (engine_saved_file(r->en, f->d.id, path, sizeof(path)))
        look_add(l, r->en, path);
    if (look_is_needed(l) && look_start(l, r->en, &e) == 0)
        return;
    look_fini(l);
    autostart_start(r, &e);
}

static void
autostart_attempt(struct life_room *r, const struct def *f)
{
    memcpy(r->autostart_uuid, f->d.uuid, sizeof(r->autostart_uuid));
    event_add_for(r->en, EVENT_ENGINE, EVENT_INFO, 0, f->d.name, "autostart%s",
                  autostart_late(r, f->d.uuid) ? ", tried again" : "");
    autostart_look(r, f);
}

/* How long until this is to be looked at again; false: the start that was begun
 * sees to that, or nothing is to be done any more. list: what was started in
 * this boot. */
static bool
autostart_step(struct life_room *r, const struct buf *list, uint64_t *ms_out)
{
    const struct def *f;

    *ms_out = POLL_MS;
    if (note_running(r, list))
        return true;
    f = next_one(r, list);
    if (f == NULL)
        return late_next(r, ms_out);
    autostart_attempt(r, f);
    return false;
}

/* What was shut down on purpose is not started because a list could not be
 * read. */
static void
autostart_start_next(struct life_room *r)
{
    struct buf list = { 0 };
    struct err e = { 0 };
    uint64_t ms = UNREAD_MS;
    bool more = true;

    if (started_load(r, &list, &e) == 0)
        more = autostart_step(r, &list, &ms);
    else if (!r->unread_told)
        log_line(engine_log(r->en), LOGL_WARN,
                 "autostart waits, what was started cannot be told: %s", e.msg);
    r->unread_told = e.code != ERR_NONE && e.code != ERR_NOENT;
    buf_free(&list);
    if (more)
        loop_timer_arm(engine_loop(r->en), &r->autostart, ms, autostart_due);
}

/* An operator who cancels it means it; a failure is tried again. */
static void
start_ended(struct life_room *r, const struct op *o)
{
    struct err unseen = { 0 };

    if (o == NULL && domains_by_uuid(r->en, r->autostart_uuid) == NULL)
        err_set(&unseen, ERR_LOST, "the end of its start was not seen");
    if (unseen.code != ERR_NONE || (o != NULL && o->state == OP_FAILED)) {
        start_failed(r, o != NULL ? &o->err : &unseen);
        return;
    }
    note_started(r, r->autostart_uuid);
    late_drop(r, r->autostart_uuid);
}

/* What an engine that ends takes back is begun again by the next. The delay
 * counts from the end of the creation. */
static void
autostart_due(struct loop_timer *lt)
{
    struct life_room *r = container_of(lt, struct life_room, autostart);
    struct engine *en = r->en;
    const struct op *o = engine_op_by_id(en, r->autostart_op);
    uint64_t delay_ms = r->autostart_delay_ms;

    if (engine_is(en, ENGINE_CLOSING))
        return;
    if (o != NULL && o->state <= OP_RUNNING) {
        loop_timer_arm(engine_loop(en), lt, POLL_MS, autostart_due);
        return;
    }
    if (r->autostart_op != 0)
        start_ended(r, o);
    r->autostart_op = 0;
    r->autostart_delay_ms = 0;
    if (delay_ms > 0)
        loop_timer_arm(engine_loop(en), lt, delay_ms, autostart_due);
    else
        autostart_start_next(r);
}

void
autostart_begin(struct life_room *r)
{
    if (engine_options(r->en)->autostart && !loop_timer_active(&r->autostart) &&
        r->autostart_look.helper == NULL)
        loop_timer_arm(engine_loop(r->en), &r->autostart, 0, autostart_due);
}
