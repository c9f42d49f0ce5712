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
#include "engine/record/maker.h"
#include "src/base/fdio.h"

#define LIST_MAX (256 * 1024)
#define POLL_MS  200

static void
done_path(const struct engine *en, char *dst, size_t n)
{
    text_fmt(dst, n, "%s/autostarted", en->paths.run);
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

/* What runs has been started, by whomever. What a dead engine left half-built
 * is finished or undone first: true while there is such a one. */
static bool
note_running(struct engine *en)
{
    bool half = false;
    size_t i;

    for (i = 0; i < en->n_doms; i++) {
        const struct dom *d = &en->doms[i]->d;

        if (!d->autostart || defs_by_uuid(en, d->uuid) == NULL ||
            was_started(en, d->uuid))
            continue;
        if (d->owned && !d->building)
            note_started(en, d->uuid);
        else
            half = half || d->building || d->op != 0;
    }
    return half;
}

/* By order, then by name as the list has them. */
static struct def *
next_one(const struct engine *en)
{
    struct def *best = NULL;
    size_t i;

    for (i = 0; i < en->n_offs; i++) {
        struct def *f = en->offs[i];

        if (f->d.autostart && (best == NULL || f->order < best->order) &&
            !was_started(en, f->d.uuid))
            best = f;
    }
    return best;
}

static void autostart_due(struct loop_timer *lt);

static void
start_next(struct engine *en)
{
    struct def *f;
    unsigned delay_s;
    struct err e = { 0 };

    if (note_running(en)) {
        loop_timer_arm(en->lp, &en->autostart, POLL_MS, autostart_due);
        return;
    }
    f = next_one(en);
    if (f == NULL)
        return;
    delay_s = f->delay_s;
    memcpy(en->autostart_uuid, f->d.uuid, sizeof(en->autostart_uuid));
    event_add_for(en, EVENT_ENGINE, EVENT_INFO, 0, f->d.name, "autostart");
    if (engine_start(en, f->d.id, false, &en->autostart_op, &e) < 0) {
        event_add_for(en, EVENT_ENGINE, EVENT_ERROR, 0, f->d.name,
                      "autostart: %s", e.msg);
        note_started(en, en->autostart_uuid);
        en->autostart_op = 0;
        delay_s = 0;
    }
    en->autostart_delay_ms = delay_s * 1000ULL;
    loop_timer_arm(en->lp, &en->autostart, POLL_MS, autostart_due);
}

/* Started or not, that was its one attempt; but what an engine that ends takes
 * back is begun again by the next. The delay counts from the end of the
 * creation. */
static void
autostart_due(struct loop_timer *lt)
{
    struct engine *en = container_of(lt, struct engine, autostart);
    const struct op *o = engine_op_by_id(en, en->autostart_op);
    uint64_t delay_ms = en->autostart_delay_ms;

    if (en->closing)
        return;
    if (o != NULL && o->state <= OP_RUNNING) {
        loop_timer_arm(en->lp, lt, POLL_MS, autostart_due);
        return;
    }
    if (en->autostart_op != 0)
        note_started(en, en->autostart_uuid);
    en->autostart_op = 0;
    en->autostart_delay_ms = 0;
    if (delay_ms > 0)
        loop_timer_arm(en->lp, lt, delay_ms, autostart_due);
    else
        start_next(en);
}

void
autostart_begin(struct engine *en)
{
    if (en->opts.autostart && !loop_timer_active(&en->autostart))
        loop_timer_arm(en->lp, &en->autostart, 0, autostart_due);
}

void
autostart_stop(struct engine *en)
{
    loop_timer_del(&en->autostart);
}
