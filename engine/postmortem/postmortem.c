/*
 * postmortem.c - see postmortem_room.h: whose last words are kept, when they
 * are written, and what is told of them.
 * Invariant: one folder is being written at a time, that of the first in the
 * list that is gathered; texts of the others wait in memory, of a bounded
 * number.
 */
#include "engine/postmortem/postmortem.h"

#include <stdlib.h>
#include <string.h>

#include "engine/config/core/uuid.h"
#include "engine/host/xen_messages.h"
#include "engine/postmortem/postmortem_file.h"
#include "engine/postmortem/postmortem_int.h"
#include "engine/postmortem/postmortem_room.h"
#include "src/base/log.h"
#include "src/base/xalloc.h"

#define SETTLE_MS 500 /* what a dead guest wrote is in its tty by then */
#define WRITE_MS  1   /* between two files: keys come between */
#define DYING_MAX 64
#define QUOTE_MAX 130 /* of a line, in an event */

const char *
postmortem_why_name(unsigned why)
{
    static const char *const words[] = { "crash", "watchdog", "device-model",
                                         "boot" };

    return why < sizeof(words) / sizeof(words[0]) ? words[why] : "unknown";
}

static const struct {
    const char *file, *title;
} parts[POSTMORTEM_PARTS] = {
    [POSTMORTEM_CONSOLE] = { "console", "the end of its console" },
    [POSTMORTEM_XEN] = { "xen.log", "Xen's log since its birth" },
    [POSTMORTEM_LOG] = { "model.log", "the log of its device model" },
    [POSTMORTEM_VCPUS] = { "vcpus", "its virtual cpus" },
    [POSTMORTEM_CONFIG] = { "config", "its configuration" },
};

const char *
postmortem_part_file(enum postmortem_part part)
{
    return parts[part].file;
}

const char *
postmortem_part_title(enum postmortem_part part)
{
    return parts[part].title;
}

static void
pm_dir(const struct engine *en, char *dst, size_t n)
{
    text_fmt(dst, n, "%s/postmortem", engine_paths(en)->state);
}

/* --- what is told --- */

static void __attribute__((format(printf, 3, 4)))
pm_tell(const struct dying *y, enum event_level l, const char *fmt, ...)
{
    struct event head = { .kind = EVENT_POSTMORTEM,
                          .level = l,
                          .domid = y->p.domid };
    struct buf text = { 0 };
    va_list ap;

    memcpy(head.name, y->p.name, sizeof(head.name));
    memcpy(head.uuid, y->p.uuid, sizeof(head.uuid));
    text_fmt(head.reason, sizeof(head.reason), "%s",
             postmortem_why_name(y->p.why));
    va_start(ap, fmt);
    buf_vfmt(&text, fmt, ap);
    va_end(ap);
    event_add_head(y->en, &head, "%s", buf_text(&text));
    buf_free(&text);
}

/* The decisive line, and who says it: the guest may lie. */
static void
pm_quote(const struct dying *y, struct buf *out)
{
    const struct postmortem *p = &y->p;
    size_t n = text_cut(p->text, strnlen(p->text, QUOTE_MAX));

    if (p->word[0] == '\0')
        buf_str(out, "it said nothing");
    else if (strcmp(p->file, postmortem_part_file(POSTMORTEM_CONSOLE)) == 0)
        buf_fmt(out, "its console says (%s): %.*s", p->word, (int)n, p->text);
    else
        buf_fmt(out, "%s: %.*s", p->word, (int)n, p->text);
}

static void
pm_tell_kept(const struct dying *y)
{
    struct buf quote = { 0 };

    pm_quote(y, &quote);
    pm_tell(y, EVENT_ERROR, "%s; `postmortem %s' shows all that is kept",
            buf_text(&quote), y->p.name);
    buf_free(&quote);
}

static void
pm_tell_lost(const struct dying *y, const struct err *why)
{
    struct buf quote = { 0 };

    pm_quote(y, &quote);
    pm_tell(y, EVENT_ERROR, "%s; not kept: %s", buf_text(&quote), why->msg);
    buf_free(&quote);
}

/* --- writing --- */

static void
dying_free(struct dying *y)
{
    unsigned i;

    loop_timer_del(&y->settle);
    list_del(&y->node);
    for (i = 0; i < POSTMORTEM_PARTS; i++)
        buf_free(&y->part[i]);
    free(y);
}

static void
pm_prune(const struct dying *y, const char *dir)
{
    const struct engine_opts *o = engine_options(y->en);
    struct postmortem_limits l = { o->postmortems, o->postmortem_bytes };

    postmortem_file_prune(dir, &y->p, &l);
}

/* One file more. 1: the folder is whole, and has its name. */
static int
pm_write_next(struct dying *y, const char *dir, struct err *e)
{
    if (!y->begun) {
        postmortem_file_name(dir, &y->p);
        if (postmortem_file_begin(dir, &y->p, e) < 0)
            return -1;
        y->begun = true;
    }
    while (y->at < POSTMORTEM_PARTS && y->part[y->at].len == 0)
        y->at++;
    if (y->at < POSTMORTEM_PARTS) {
        y->at++;
        return postmortem_file_put(dir, &y->p, parts[y->at - 1].file,
                                   &y->part[y->at - 1], e);
    }
    return postmortem_file_end(dir, &y->p, e) < 0 ? -1 : 1;
}

/* False: it is written, or never will be, and freed. */
static bool
pm_write_some(struct dying *y)
{
    char dir[320];
    struct err e = { 0 };
    int rc;

    pm_dir(y->en, dir, sizeof(dir));
    rc = pm_write_next(y, dir, &e);
    if (rc == 0)
        return true;
    if (rc < 0) {
        postmortem_file_drop(dir, &y->p);
        pm_tell_lost(y, &e);
    } else {
        pm_prune(y, dir);
        pm_tell_kept(y);
    }
    dying_free(y);
    return false;
}

static struct dying *
pm_first_gathered(const struct postmortem_room *r)
{
    struct list_node *it;

    list_foreach (it, &r->dying)
        if (list_entry(it, struct dying, node)->gathered)
            return list_entry(it, struct dying, node);
    return NULL;
}

static void
pm_write_due(struct loop_timer *lt)
{
    struct postmortem_room *r = container_of(lt, struct postmortem_room, write);
    struct actor before = engine_act_for(r->en, ENGINE_ITSELF, NULL);
    struct dying *y = pm_first_gathered(r);

    if (y != NULL)
        (void)pm_write_some(y);
    engine_act_as(r->en, before);
    if (pm_first_gathered(r) != NULL)
        loop_timer_arm(engine_loop(r->en), lt, WRITE_MS, pm_write_due);
}

/* --- gathering --- */

static void
pm_gather(struct dying *y)
{
    struct postmortem_room *r = postmortem_room(y->en);

    loop_timer_del(&y->settle);
    if (y->gathered)
        return;
    postmortem_gather(y);
    y->gathered = true;
    if (!loop_timer_active(&r->write))
        loop_timer_arm(engine_loop(y->en), &r->write, WRITE_MS, pm_write_due);
}

static void
pm_settled(struct loop_timer *lt)
{
    pm_gather(container_of(lt, struct dying, settle));
}

/* Is the same end kept already: by an engine that died before it had reaped the
 * domain, or of a boot that fails again and again? */
static bool
pm_is_known(const struct dying *y)
{
    const struct postmortem *p = &y->p;
    char uuid[37];
    struct postmortem last;

    uuid_print_text(p->uuid, uuid);
    if (engine_postmortems(y->en, uuid, &last, 1) == 0 || last.why != p->why)
        return false;
    if (p->why == POSTMORTEM_BOOT)
        return strcmp(last.detail, p->detail) == 0;
    return last.domid == p->domid && p->start_wall_s > 0 &&
           (uint64_t)(last.start_wall_s * 1000 + 0.5) ==
               (uint64_t)(p->start_wall_s * 1000 + 0.5);
}

static bool
pm_has_room(struct postmortem_room *r, const struct dom *d)
{
    struct list_node *it;
    unsigned n = 0;

    list_foreach (it, &r->dying)
        n++;
    if (n < DYING_MAX) {
        r->lost = 0;
        return true;
    }
    if (r->lost++ == 0)
        event_add(r->en, EVENT_ENGINE, EVENT_WARN, d,
                  "more than %d domains ended at once: the last words of this "
                  "one and of others are not kept",
                  DYING_MAX);
    return false;
}

void
postmortem_begin(struct dom_entry *de, const struct postmortem_cause *c)
{
    struct engine *en = de->en;
    struct postmortem_room *r = postmortem_room(en);
    struct dying *y;

    if (de->last_words || !record_ours(en) ||
        engine_options(en)->postmortems == 0 || !pm_has_room(r, &de->d))
        return;
    de->last_words = true;
    y = xcalloc(1, sizeof(*y));
    y->en = en;
    list_append(&r->dying, &y->node);
    postmortem_freeze(y, de, c);
    if (pm_is_known(y))
        dying_free(y);
    else
        loop_timer_arm(engine_loop(en), &y->settle, SETTLE_MS, pm_settled);
}

/* --- who is told --- */

/* What belongs to the last life is gathered before the next one says a word. */
static void
pm_born(struct dom_observer *o, struct dom_entry *de)
{
    struct postmortem_room *r = container_of(o, struct postmortem_room, doms);
    struct list_node *it;
    size_t n;

    if (!engine_is(de->en, ENGINE_OPENING))
        de->xen_line = engine_xen_log_range(de->en, &n) + n;
    list_foreach (it, &r->dying) {
        struct dying *y = list_entry(it, struct dying, node);

        if (memcmp(y->p.uuid, de->d.uuid, sizeof(de->d.uuid)) == 0)
            pm_gather(y);
    }
}

static void
pm_listed(struct dom_observer *o, struct dom_entry *de)
{
    const struct dom *d = &de->d;
    struct postmortem_cause c = { .why = d->reason == DOM_CRASH
                                             ? POSTMORTEM_CRASH
                                             : POSTMORTEM_WATCHDOG };

    (void)o;
    if (!(d->flags & DOM_F_SHUTDOWN) || !d->owned || d->building ||
        d->preserved || (d->reason != DOM_CRASH && d->reason != DOM_WATCHDOG))
        return;
    postmortem_begin(de, &c);
}

static void
pm_model_died(struct dm_observer *o, struct dom_entry *de, const char *words,
              const char *log, bool lives_on)
{
    struct postmortem_cause c = { .why = POSTMORTEM_MODEL,
                                  .detail = words,
                                  .model_log = log };

    (void)o;
    postmortem_begin(de, &c);
    if (lives_on)
        de->last_words = false; /* it has an end of its own to come */
}

/* Xen's log is followed from here on, so that it can be told from when on it is
 * a domain's. */
static void
pm_recovered(struct record_observer *o)
{
    struct engine *en = container_of(o, struct postmortem_room, record)->en;
    struct err e = { 0 };
    char dir[320];

    if (!record_ours(en) || engine_options(en)->postmortems == 0)
        return;
    pm_dir(en, dir, sizeof(dir));
    postmortem_file_sweep(dir);
    if (engine_xen_log_read(en, &e) < 0)
        log_line(engine_log(en), LOGL_WARN, "%s", e.msg);
}

void
postmortem_open(struct engine *en)
{
    struct postmortem_room *r = xcalloc(1, sizeof(*r));

    r->en = en;
    list_init(&r->dying);
    r->doms.born = pm_born;
    r->doms.listed = pm_listed;
    r->record.recovered = pm_recovered;
    r->models.died = pm_model_died;
    engine_set_room(en, ROOM_POSTMORTEM, r);
    domains_observe(en, &r->doms);
    record_observe(en, &r->record);
    dm_observe(en, &r->models);
}

void
postmortem_close(struct engine *en)
{
    struct postmortem_room *r = postmortem_room(en);
    struct list_node *it, *tmp;

    if (r == NULL)
        return;
    domains_unobserve(&r->doms);
    record_unobserve(&r->record);
    dm_unobserve(&r->models);
    list_foreach_safe (it, tmp, &r->dying) {
        struct dying *y = list_entry(it, struct dying, node);

        if (engine_is(en, ENGINE_ABANDONED)) {
            dying_free(y);
            continue;
        }
        pm_gather(y);
        while (pm_write_some(y))
            ;
    }
    loop_timer_del(&r->write);
    engine_set_room(en, ROOM_POSTMORTEM, NULL);
    free(r);
}

/* --- for front ends --- */

static bool
pm_is_of(const struct postmortem *p, const char *of)
{
    char uuid[37];

    uuid_print_text(p->uuid, uuid);
    return of == NULL || strcmp(p->name, of) == 0 || strcmp(uuid, of) == 0;
}

size_t
engine_postmortems(const struct engine *en, const char *of,
                   struct postmortem *out, size_t max)
{
    struct postmortem *all = xcalloc(POSTMORTEM_LIST_MAX, sizeof(*all));
    size_t i, n, k = 0;
    char dir[320];

    pm_dir(en, dir, sizeof(dir));
    n = postmortem_file_list(dir, all, POSTMORTEM_LIST_MAX);
    for (i = 0; i < n && k < max; i++)
        if (pm_is_of(&all[i], of))
            out[k++] = all[i];
    free(all);
    return k;
}

void
engine_postmortem_dir(const struct engine *en, const struct postmortem *p,
                      char *dst, size_t n)
{
    char dir[320];

    pm_dir(en, dir, sizeof(dir));
    text_fmt(dst, n, "%s/%s", dir, p->id);
}

/* Lines of a part behind a margin; the decisive one has a mark in it. */
static void
pm_put_lines(const struct buf *text, unsigned marked, struct buf *out)
{
    const char *s = buf_text(text);
    unsigned line = 1;
    size_t n;

    for (; *s != '\0'; s += n + (s[n] == '\n'), line++) {
        n = strcspn(s, "\n");
        buf_str(out, line == marked ? "> " : "  ");
        buf_safe(out, s, n);
        buf_chr(out, '\n');
    }
}

int
engine_postmortem_text(const struct engine *en, const struct postmortem *p,
                       struct buf *out, struct err *e)
{
    size_t begin = out->len;
    struct buf text = { 0 };
    char dir[320];
    unsigned i;

    pm_dir(en, dir, sizeof(dir));
    for (i = 0; i < POSTMORTEM_PARTS; i++) {
        buf_clear(&text);
        postmortem_file_get(dir, p, parts[i].file, &text);
        if (text.len == 0)
            continue;
        buf_fmt(out, "%s--- %s (%s) ---\n", out->len > begin ? "\n" : "",
                parts[i].title, parts[i].file);
        pm_put_lines(&text, strcmp(p->file, parts[i].file) == 0 ? p->line : 0,
                     out);
    }
    buf_free(&text);
    if (out->len == begin)
        return err_set(e, ERR_NOENT,
                       "the last words of '%s' are gone: newer "
                       "ones had to have their place",
                       p->name);
    return 0;
}
