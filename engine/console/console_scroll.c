/*
 * console_scroll.c - see console_scroll.h. Only the primary console of a domain
 * is kept, and only while the domain lives or is on record.
 * Invariant: the last `unsaved' bytes of a capture are not on disk.
 */
#include "engine/console/console_scroll.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "engine/config/core/uuid.h"
#include "engine/console/scroll_file.h"
#include "src/base/log.h"

#define SAVE_MS    1000  /* a killed engine loses no more than this */
#define NEXT_MS    20    /* while there is more to write */
#define RETRY_MS   30000 /* while the disk takes nothing */
#define TURN_BYTES (256 * 1024)
#define SWEEP_MS   10000 /* a domain that restarts is back by then */

static void
scroll_dir(const struct engine *en, char *dst, size_t n)
{
    text_fmt(dst, n, "%s/console", engine_paths(en)->state);
}

static bool
scroll_kept(const struct console *c)
{
    static const uint8_t none[16];
    const struct engine_opts *o = engine_options(c->en);

    return o->scroll_bytes > 0 && !o->one_shot && c->place.number == 0 &&
           memcmp(c->uuid, none, sizeof(none)) != 0;
}

/* Is there a domain, or a record of one? One that cannot be looked at counts.
 */
static bool
scroll_wanted(void *arg, const uint8_t uuid[16])
{
    struct engine *en = arg;
    char path[360], text[37];

    if (engine_options(en)->scroll_bytes == 0)
        return false;
    if (domains_by_uuid(en, uuid) != NULL)
        return true;
    uuid_print_text(uuid, text);
    text_fmt(path, sizeof(path), "%s/%s.conf", engine_paths(en)->state, text);
    return access(path, F_OK) == 0 || errno != ENOENT;
}

/* --- saving --- */

static void scroll_save_due(struct loop_timer *lt);

/* Told once for each time that it ceases to work. */
static void
scroll_tell_saved(struct engine *en, const struct err *e)
{
    struct console_room *r = console_room(en);
    bool failed = e->code != ERR_NONE;

    if (failed && !r->save_failed)
        event_add(en, EVENT_ENGINE, EVENT_WARN, NULL,
                  "the text of consoles is not written to disk: %s; it stays "
                  "in memory, and xendeck tries again",
                  e->msg);
    else if (!failed && r->save_failed)
        event_add(en, EVENT_ENGINE, EVENT_INFO, NULL,
                  "the text of consoles is written to disk again");
    r->save_failed = failed;
}

/* At most *budget bytes, which are taken from it. */
static int
scroll_save(struct console *c, size_t *budget, struct err *e)
{
    size_t max = engine_options(c->en)->scroll_bytes;
    struct scroll_text t = { 0 };
    char dir[320];
    int rc;

    if (c->unsaved == 0 || !scroll_wanted(c->en, c->uuid))
        return 0;
    if (c->unsaved > max)
        c->unsaved = max; /* the rest would be dropped again at once */
    t.bytes = c->capture.data + c->capture.len - c->unsaved;
    t.n = c->unsaved < *budget ? c->unsaved : *budget;
    scroll_dir(c->en, dir, sizeof(dir));
    rc = scroll_file_add(dir, c->uuid, max, &t, e);
    c->unsaved -= t.done;
    *budget -= t.done;
    return rc;
}

/* Each console in its turn, so that a flood on one does not keep the others
 * waiting; those that were served go to the end of the list. */
static int
scroll_save_some(struct console_room *r, size_t *budget, struct err *e)
{
    struct list_node *it;
    size_t n = 0;
    int rc = 0;

    list_foreach (it, &r->consoles)
        n++;
    for (; n > 0 && rc == 0 && *budget > 0; n--) {
        struct console *c = list_entry(r->consoles.next, struct console, node);

        list_del(&c->node);
        list_append(&r->consoles, &c->node);
        rc = scroll_save(c, budget, e);
    }
    return rc;
}

/* A turn writes little, so that keys come between. */
static void
scroll_save_due(struct loop_timer *lt)
{
    struct console_room *r = container_of(lt, struct console_room, save);
    size_t budget = TURN_BYTES;
    struct err e = { 0 };
    int rc = scroll_save_some(r, &budget, &e);

    scroll_tell_saved(r->en, &e);
    if (rc < 0)
        loop_timer_arm(engine_loop(r->en), lt, RETRY_MS, scroll_save_due);
    else if (budget == 0)
        loop_timer_arm(engine_loop(r->en), lt, NEXT_MS, scroll_save_due);
}

void
scroll_grown(struct console *c, size_t n)
{
    struct console_room *r = console_room(c->en);

    if (!scroll_kept(c))
        return;
    c->unsaved += n;
    if (!loop_timer_active(&r->save))
        loop_timer_arm(engine_loop(c->en), &r->save, SAVE_MS, scroll_save_due);
}

void
scroll_end(struct console *c)
{
    size_t all = SIZE_MAX;
    struct err e = { 0 };

    if (engine_is(c->en, ENGINE_ABANDONED) || c->unsaved == 0)
        return;
    if (scroll_save(c, &all, &e) < 0)
        log_line(engine_log(c->en), LOGL_WARN,
                 "the last text of %s's console is lost: %s", c->name, e.msg);
}

/* --- reading --- */

/* Behind the number at p, which may be none. A guest may send a megabyte of
 * them: nothing is read twice. */
static const char *
scroll_number(const char *p, const char *end, unsigned *out)
{
    unsigned n = 0;

    for (; p < end && *p >= '0' && *p <= '9'; p++)
        n = n < 10000 ? n * 10 + (unsigned)(*p - '0') : n;
    *out = n;
    return p;
}

/* Whether a program of the guest's has the alternate screen at the end of this
 * text: a line of ours would spoil what it shows. */
static bool
scroll_ends_alternate(const char *s, size_t n)
{
    const char *end = s + n, *p = s;
    bool alt = false, named;
    unsigned mode;

    while ((p = memmem(p, (size_t)(end - p), "\x1b[?", 3)) != NULL) {
        named = false;
        p += 2; /* on what stands before the first number */
        do {
            p = scroll_number(p + 1, end, &mode);
            named = named || mode == 47 || mode == 1047 || mode == 1049;
        } while (p < end && *p == ';');
        if (named && p < end && (*p == 'h' || *p == 'l'))
            alt = *p == 'h';
    }
    return alt;
}

/* Behind what earlier engines kept: CAN ends a sequence that was torn. */
static void
scroll_engine_seam(struct console *c)
{
    time_t at = (time_t)loop_wall_s(engine_loop(c->en));
    struct buf *b = &c->capture;
    size_t was = b->len, end = sizeof(CONSOLE_SEAM_END) - 1;
    char clock[32] = "";
    struct tm tm;

    if (was >= end && memcmp(b->data + was - end, CONSOLE_SEAM_END, end) == 0)
        return; /* nothing has come since the last one */
    buf_chr(b, '\x18');
    if (!scroll_ends_alternate(b->data, b->len)) {
        if (localtime_r(&at, &tm) != NULL)
            strftime(clock, sizeof(clock), "%Y-%m-%d %H:%M:%S", &tm);
        buf_fmt(b, CONSOLE_STRAIGHT "\r\n--- %s %s:" CONSOLE_SEAM_END, clock,
                c->name);
    }
    scroll_grown(c, b->len - was);
}

void
scroll_begin(struct console *c)
{
    struct err e = { 0 };
    char dir[320];

    if (c->scroll_begun)
        return;
    c->scroll_begun = true;
    if (!scroll_kept(c))
        return;
    scroll_dir(c->en, dir, sizeof(dir));
    if (scroll_file_read(dir, c->uuid, CONSOLE_CAPTURE_MAX, &c->capture, &e) <
        0)
        log_line(engine_log(c->en), LOGL_WARN, "%s", e.msg);
    if (c->capture.len > 0)
        scroll_engine_seam(c);
}

/* --- forgetting --- */

/* Should its uuid come again, all that is in memory is to be written. */
static void
scroll_unsave(struct engine *en)
{
    struct list_node *it;

    list_foreach (it, &console_room(en)->consoles) {
        struct console *c = list_entry(it, struct console, node);

        if (c->dom_id == 0 && scroll_kept(c) && !scroll_wanted(en, c->uuid))
            c->unsaved = c->capture.len;
    }
}

void
scroll_forget(struct engine *en, const uint8_t uuid[16])
{
    char dir[320];

    scroll_dir(en, dir, sizeof(dir));
    if (!scroll_wanted(en, uuid))
        scroll_file_remove(dir, uuid);
    scroll_unsave(en);
}

void
scroll_sweep(struct engine *en)
{
    char dir[320];

    if (engine_options(en)->one_shot)
        return;
    scroll_dir(en, dir, sizeof(dir));
    scroll_files_sweep(dir, scroll_wanted, en);
    scroll_unsave(en);
}

static void
scroll_sweep_due(struct loop_timer *lt)
{
    struct engine *en = container_of(lt, struct console_room, sweep)->en;

    if (record_reaps(en))
        scroll_sweep(en);
}

void
scroll_sweep_later(struct engine *en)
{
    loop_timer_arm(engine_loop(en), &console_room(en)->sweep, SWEEP_MS,
                   scroll_sweep_due);
}

void
scroll_room_close(struct console_room *r)
{
    loop_timer_del(&r->save);
    loop_timer_del(&r->sweep);
}
