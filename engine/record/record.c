/*
 * record.c - see record.h. The file's text names its holder; only the lock
 * counts.
 * Invariant: record.fd >= 0 exactly while the lock is held.
 */
#include "engine/record/record.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/core/engine_int.h"
#include "engine/host/vnet.h"
#include "engine/record/maker.h"
#include "engine/record/recover.h"
#include "src/base/fdio.h"

#define RETRY_MS 1000
#define NOBODY   "nobody" /* the lock cannot be had */

static void
lock_path(const struct engine *en, char *dst, size_t n)
{
    text_fmt(dst, n, "%s/engine.lock", en->paths.run);
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
    en->record.fd = fd;
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
    return stat(path, &a) == 0 && fstat(en->record.fd, &b) == 0 &&
           a.st_ino == b.st_ino && a.st_dev == b.st_dev;
}

/* Whom we observe; it may be another after a while. */
static void
name_holder(struct engine *en)
{
    struct host *h = &en->host;
    char now[sizeof(h->record)];

    if (!record_elsewhere(en, now, sizeof(now)))
        text_fmt(now, sizeof(now), "another engine");
    if (strcmp(now, h->record) == 0)
        return;
    text_fmt(h->record, sizeof(h->record), "%s", now);
    engine_changed(en, ENGINE_CH_HOST);
}

static void
observe(struct engine *en, const struct err *why)
{
    struct host *h = &en->host;

    h->observer = true;
    if (why->code == ERR_BUSY) {
        name_holder(en);
        event_add(en, EVENT_ENGINE, EVENT_WARN, NULL,
                  "observer: %s reaps and restarts the domains; this engine "
                  "takes over when that ends",
                  h->record);
    } else {
        text_fmt(h->record, sizeof(h->record), NOBODY);
        event_add(en, EVENT_ENGINE, EVENT_ERROR, NULL,
                  "nobody reaps and restarts the domains: %s; this engine "
                  "does once it can have it",
                  why->msg);
    }
    engine_changed(en, ENGINE_CH_HOST);
}

static void
take_over(struct engine *en)
{
    struct host *h = &en->host;
    bool after = strcmp(h->record, NOBODY) != 0;

    event_add(en, EVENT_ENGINE, EVENT_INFO, NULL,
              "takes over%s%s%s; this engine reaps and restarts the domains "
              "now",
              after ? ": " : "", after ? h->record : "",
              after ? " has ended" : "");
    h->observer = false;
    h->record[0] = '\0';
    engine_changed(en, ENGINE_CH_HOST);
    vnets_restore(en);
    recover_run(en);
}

static void
look_again(struct engine *en)
{
    struct err e = { 0 };

    if (en->record.fd < 0) {
        if (take(en, &e) == 0)
            take_over(en);
        else if (e.code == ERR_BUSY)
            name_holder(en);
        return;
    }
    if (!still_there(en)) {
        close(en->record.fd);
        en->record.fd = -1;
        if (take(en, &e) < 0)
            observe(en, &e);
    }
    if (en->record.fd >= 0)
        recover_tick(en);
}

/* Nobody asked for what is begun here. */
static void
record_due(struct loop_timer *lt)
{
    struct engine *en = container_of(lt, struct engine, record.tick);
    struct actor before = engine_act_for(en, ENGINE_ITSELF, NULL);

    loop_timer_arm(en->lp, lt, RETRY_MS, record_due);
    look_again(en);
    en->actor = before;
}

void
record_start(struct engine *en)
{
    struct err e = { 0 };

    if (en->opts.one_shot)
        return;
    if (take(en, &e) < 0)
        observe(en, &e);
    loop_timer_arm(en->lp, &en->record.tick, RETRY_MS, record_due);
}

void
record_stop(struct engine *en)
{
    loop_timer_del(&en->record.tick);
    if (en->record.fd >= 0)
        close(en->record.fd);
    en->record.fd = -1;
}

bool
record_ours(const struct engine *en)
{
    return en->record.fd >= 0;
}

bool
record_elsewhere(const struct engine *en, char *out, size_t out_size)
{
    char path[320], text[128] = "";
    bool held;
    ssize_t n;
    int fd;

    if (en->record.fd >= 0)
        return false;
    lock_path(en, path, sizeof(path));
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return false;
    held = fd_locked(fd);
    n = held ? read(fd, text, sizeof(text) - 1) : 0;
    close(fd);
    if (held && out != NULL && n >= 0)
        maker_show(text, out, out_size);
    return held;
}
