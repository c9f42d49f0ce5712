/*
 * autostart.c - starts the defined domains that are marked so, one after the
 * other in their order with the delays they ask for; each once a boot of the
 * host: an engine that is started anew goes on where the last one was.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/config/core/config.h"
#include "engine/life/define.h"
#include "engine/life/definitions.h"
#include "engine/life/life_int.h"
#include "engine/task/operations.h"
#include "src/base/fdio.h"
#include "src/base/maker.h"
#include "src/base/xalloc.h"

#define LIST_MAX (256 * 1024)
#define POLL_MS  200

#define LATE_FIRST_MS 10000 /* pauses between attempts to start one */
#define LATE_LAST_MS  600000

static void
done_path(const struct engine *en, char *dst, size_t n)
{
    text_fmt(dst, n, "%s/autostarted", engine_paths(en)->run);
}

/* "BOOT UUID" a line. */
static void
done_line(const uint8_t uuid[16], char *dst, size_t n)
{
    char boot[64], text[37];

    maker_boot(boot, sizeof(boot));
    uuid_print_text(uuid, text);
    text_fmt(dst, n, "%s %s\n", boot, text);
}

static bool
was_started(const struct engine *en, const uint8_t uuid[16])
{
    struct buf text = { 0 };
    char path[320], line[128];
    bool yes;

    done_path(en, path, sizeof(path));
    done_line(uuid, line, sizeof(line));
    yes = fd_read_file(path, LIST_MAX, &text, NULL) == 0 &&
          strstr(buf_text(&text), line) != NULL;
    buf_free(&text);
    return yes;
}

static void
note_started(const struct engine *en, const uint8_t uuid[16])
{
    char path[320], line[128];
    int fd;

    done_path(en, path, sizeof(path));
    done_line(uuid, line, sizeof(line));
    fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW,
              0600);
    if (fd < 0)
        return;
    (void)fd_write_all(fd, line, strlen(line));
    close(fd);
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

void
autostart_close(struct life_room *r)
{
    struct list_node *it, *tmp;

    loop_timer_del(&r->autostart);
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
note_running(struct engine *en)
{
    const struct dom_entry *de;
    bool half = false;
    size_t i;

    for (i = 0; (de = domains_at(en, i)) != NULL; i++) {
        const struct dom *d = &de->d;

        if (!d->autostart || defs_by_uuid(en, d->uuid) == NULL ||
            was_started(en, d->uuid))
            continue;
        if (d->owned && !d->building) {
            note_started(en, d->uuid);
            late_drop(life_room(en), d->uuid);
        } else {
            half = half || d->building || d->op != 0;
        }
    }
    return half;
}

/* By order, then by name as the list has them. */
static struct def *
next_one(const struct life_room *r)
{
    struct def *best = NULL;
    size_t i;

    for (i = 0; i < r->n_offs; i++) {
        struct def *f = r->offs[i];

        if (f->d.autostart && may_start(r, f->d.uuid) &&
            (best == NULL || f->order < best->order) &&
            !was_started(r->en, f->d.uuid))
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

static void
start_next(struct life_room *r)
{
    struct engine *en = r->en;
    struct def *f;
    unsigned delay_s;
    uint64_t late_ms;
    struct err e = { 0 };

    if (note_running(en)) {
        loop_timer_arm(engine_loop(en), &r->autostart, POLL_MS, autostart_due);
        return;
    }
    f = next_one(r);
    if (f == NULL) {
        if (late_next(r, &late_ms))
            loop_timer_arm(engine_loop(en), &r->autostart, late_ms,
                           autostart_due);
        return;
    }
    delay_s = f->delay_s;
    memcpy(r->autostart_uuid, f->d.uuid, sizeof(r->autostart_uuid));
    event_add_for(en, EVENT_ENGINE, EVENT_INFO, 0, f->d.name, "autostart%s",
                  autostart_late(r, f->d.uuid) ? ", tried again" : "");
    if (engine_start(en, f->d.id, false, &r->autostart_op, &e) < 0) {
        start_failed(r, &e);
        r->autostart_op = 0;
        delay_s = 0;
    }
    r->autostart_delay_ms = delay_s * 1000ULL;
    loop_timer_arm(engine_loop(en), &r->autostart, POLL_MS, autostart_due);
}

/* An operator who cancels it means it; a failure is tried again. */
static void
start_ended(struct life_room *r, const struct op *o)
{
    if (o != NULL && o->state == OP_FAILED) {
        start_failed(r, &o->err);
        return;
    }
    note_started(r->en, r->autostart_uuid);
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
        start_next(r);
}

void
autostart_begin(struct life_room *r)
{
    if (engine_options(r->en)->autostart && !loop_timer_active(&r->autostart))
        loop_timer_arm(engine_loop(r->en), &r->autostart, 0, autostart_due);
}
