/*
 * core_dump.c - see core_dump.h.
 */
#include "engine/life/core_dump.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "engine/life/create_int.h"
#include "engine/model/mark.h"
#include "engine/task/helper.h"
#include "engine/task/tasks.h"
#include "src/base/fdio.h"

#define NOTES_KIB 1024
#define P2M_SHARE 256 /* 16 bytes a page of 4 KiB */

/* --- where to --- */

static void
default_path(struct dump *d)
{
    const struct engine *en = d->task->en;
    time_t now = (time_t)loop_wall_s(engine_loop(en));
    char name[MODEL_NAME_MAX], when[32] = "";
    struct tm tm;

    text_file_name(name, sizeof(name), d->task->op->name);
    if (localtime_r(&now, &tm) != NULL)
        (void)strftime(when, sizeof(when), "%Y%m%d-%H%M%S", &tm);
    text_fmt(d->path, sizeof(d->path), "%s/%s.%s.core", engine_paths(en)->dump,
             name, when);
}

static int
choose_path(struct dump *d, const char *path, struct err *e)
{
    char cwd[DUMP_PATH_MAX] = "";

    if (path == NULL || path[0] == '\0') {
        default_path(d);
        return 0;
    }
    if (path[0] != '/' && getcwd(cwd, sizeof(cwd)) == NULL)
        return err_sys(e, errno, "current directory");
    if (strlen(cwd) + strlen(path) + 2 > sizeof(d->path))
        return err_set(e, ERR_RANGE,
                       "file of the core dump: found %zu bytes, allowed %d",
                       strlen(cwd) + strlen(path) + 1, DUMP_PATH_MAX - 1);
    text_fmt(d->path, sizeof(d->path), "%s%s%s", cwd, cwd[0] != '\0' ? "/" : "",
             path);
    return 0;
}

static void
core_dump_directory(const struct dump *d, char dir[DUMP_PATH_MAX])
{
    char *slash;

    text_fmt(dir, DUMP_PATH_MAX, "%s", d->path);
    slash = strrchr(dir, '/');
    slash[slash == dir] = '\0';
}

/* Only the usual directory is made, where nobody named another one. */
static int
make_directory(const struct dump *d, struct err *e)
{
    const char *usual = engine_paths(d->task->en)->dump;
    char dir[DUMP_PATH_MAX];

    core_dump_directory(d, dir);
    if (strcmp(dir, usual) == 0 && mkdir(usual, 0700) < 0 && errno != EEXIST)
        return err_sys(e, errno, "directory %s", usual);
    return 0;
}

static int
check_room(const struct dump *d, uint64_t mem_kib, struct err *e)
{
    uint64_t need = mem_kib + mem_kib / P2M_SHARE + NOTES_KIB, room;
    char dir[DUMP_PATH_MAX];

    core_dump_directory(d, dir);
    if (fd_free_kib(dir, &room, e) < 0)
        return -1;
    if (room >= need)
        return 0;
    return err_set(e, ERR_NOMEM,
                   "core dump of '%s': needs %llu MiB in %s, found %llu MiB "
                   "free",
                   d->task->op->name, (unsigned long long)need / 1024 + 1, dir,
                   (unsigned long long)room / 1024);
}

static int
core_dump_make_file(struct dump *d, struct err *e)
{
    d->fd = open(d->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
                 0600);
    if (d->fd >= 0) {
        d->made = true;
        return 0;
    }
    if (errno == EEXIST)
        return err_set(e, ERR_EXISTS,
                       "file %s exists already: a core dump replaces nothing",
                       d->path);
    return err_sys(e, errno, "file %s", d->path);
}

/* --- the domain stands still --- */

static void
core_dump_mark_path(uint32_t domid, char *dst, size_t n)
{
    store_path(dst, n, "/libxl/%u/" MARK_DIR "/dump", domid);
}

/* Writes the mark, which names this process and the file. It is written before
 * the pause and removed after the unpause: an engine that finds it and whose
 * maker is dead removes the file and unpauses the domain. */
static int
core_dump_put_mark(struct dump *d, struct err *e)
{
    char path[96], maker[96];

    maker_self(maker, sizeof(maker));
    core_dump_mark_path(d->domid, path, sizeof(path));
    if (store_writef(engine_store(d->task->en), 0, e, path, "%s %s", maker,
                     d->path) < 0)
        return -1;
    d->marked = true;
    return 0;
}

/* A domain of others has no other mark. */
static void
remove_mark(struct engine *en, uint32_t domid)
{
    char path[96];

    core_dump_mark_path(domid, path, sizeof(path));
    (void)store_rm_up(engine_store(en), 0, path, 1, NULL);
}

static int
stand_still(struct dump *d, const struct hv_dom *h, struct err *e)
{
    if (h->flags & (HV_PAUSED | HV_SHUTDOWN))
        return 0;
    if (core_dump_put_mark(d, e) < 0 ||
        hv_pause(engine_hv(d->task->en), d->domid, e) < 0)
        return -1;
    d->paused = true;
    domains_scan_soon(d->task->en);
    return 0;
}

/* Idempotent. -1: it stays paused. */
static int
run_on(struct dump *d, struct err *e)
{
    struct engine *en = d->task->en;
    struct err why = { 0 };
    bool paused;

    if (d->paused && hv_unpause(engine_hv(en), d->domid, &why) < 0 &&
        why.code != ERR_NOENT) {
        *e = why;
        return err_wrap(e, "'%s' stays paused", d->task->op->name);
    }
    if (d->marked)
        remove_mark(en, d->domid);
    paused = d->paused;
    d->paused = d->marked = false;
    /* Whoever looks next sees it run on. */
    if (paused && !engine_is(en, ENGINE_CLOSING))
        (void)domains_scan(en, false, NULL);
    return 0;
}

/* --- the file --- */

static void
dump_progress(void *arg, int percent, const char *what)
{
    struct dump *d = arg;

    task_progress(d->task, percent, what);
}

static void
dump_silent(void *arg, long pid, unsigned seconds)
{
    struct dump *d = arg;

    task_helper_silent(d->task, pid, seconds);
}

static void
dump_done(void *arg, const char *result, const struct err *e)
{
    struct dump *d = arg;

    d->helper = NULL;
    d->written = result != NULL;
    d->ended = true;
    d->err = *e;
    task_wake(d->task);
}

static int
core_dump_start(struct dump *d, uint64_t mem_kib, struct err *e)
{
    struct engine *en = d->task->en;
    char text[128];
    struct helper_job j = { .text = text,
                            .fds = { d->fd, -1 },
                            .progress = dump_progress,
                            .silent = dump_silent,
                            .done = dump_done,
                            .arg = d,
                            .kind = HELPER_SLOW };

    text_fmt(text, sizeof(text),
             "job dump\ndomid %u\nmem_kib %llu\npace_ms %u\n\n", d->domid,
             (unsigned long long)mem_kib,
             engine_options(en)->one_shot ? 0 : hv_pace_ms(engine_hv(en)));
    d->helper = helper_start(tasks_helpers(en), &j, e);
    /* The helper writes it back. Here closing could wait for a file server. */
    close(d->fd);
    d->fd = -1;
    return d->helper != NULL ? 0 : -1;
}

static enum step_rc
core_dump_reach(struct dump *d, const char *path)
{
    char dir[DUMP_PATH_MAX];
    enum step_rc rc;

    if (!d->begun) {
        if (choose_path(d, path, &d->err) < 0)
            return STEP_FAIL;
        core_dump_directory(d, dir);
        file_look_add(&d->look, d->task->en, dir);
    }
    d->begun = true;
    rc = file_look_run(&d->look, d->task, &d->err);
    d->reached = rc == STEP_DONE;
    return rc;
}

static int
core_dump_begin(struct dump *d, struct err *e)
{
    struct hv_dom h;

    if (hv_get(engine_hv(d->task->en), d->domid, &h, e) < 0)
        return -1;
    if (h.flags & HV_DYING)
        return err_set(e, ERR_INVALID,
                       "'%s' is being destroyed: its memory is gone",
                       d->task->op->name);
    if (make_directory(d, e) < 0 || check_room(d, h.mem_kib, e) < 0 ||
        core_dump_make_file(d, e) < 0 || stand_still(d, &h, e) < 0)
        return -1;
    return core_dump_start(d, h.mem_kib, e);
}

/* The file of a dump that came to nothing. */
static void
drop_file(struct dump *d)
{
    if (!d->made)
        return;
    if (d->fd >= 0)
        close(d->fd); /* nothing was written to it */
    if (!d->written)
        file_look_remove(d->task->en, d->path);
    d->made = false;
}

static enum step_rc
fail(struct dump *d)
{
    struct err e = { 0 };

    d->ended = true;
    drop_file(d);
    if (run_on(d, &e) < 0)
        event_add_for(d->task->en, EVENT_ENGINE, EVENT_ERROR, d->domid,
                      d->task->op->name, "%s", e.msg);
    return STEP_FAIL;
}

enum step_rc
dump_domain(struct dump *d, struct task *t, uint32_t domid, const char *path)
{
    enum step_rc rc;

    d->task = t;
    d->domid = domid;
    if (!d->reached) {
        rc = core_dump_reach(d, path);
        if (rc != STEP_DONE)
            return rc == STEP_FAIL ? fail(d) : rc;
        return core_dump_begin(d, &d->err) < 0 ? fail(d) : STEP_WAIT;
    }
    if (!d->ended)
        return STEP_WAIT;
    if (!d->written)
        return fail(d);
    drop_file(d);
    return run_on(d, &d->err) < 0 ? STEP_FAIL : STEP_DONE;
}

void
dump_fini(struct dump *d)
{
    file_look_fini(&d->look);
    if (!d->begun)
        return;
    helper_cancel(d->helper);
    d->helper = NULL;
    (void)fail(d);
}

/* --- after the death of an engine --- */

/* "BOOT PID START PATH": the file is the fourth word and all after it. */
static const char *
path_in(const char *mark)
{
    int i;

    for (i = 0; i < 3 && mark != NULL; i++) {
        mark = strchr(mark, ' ');
        mark = mark != NULL ? mark + 1 : NULL;
    }
    return mark;
}

bool
dump_recover(struct dom_entry *de)
{
    struct engine *en = de->en;
    char path[96], mark[DUMP_PATH_MAX + 128];
    const char *file;
    struct err e = { 0 };
    enum life life;

    core_dump_mark_path(de->d.domid, path, sizeof(path));
    if (store_read_text(engine_store(en), 0, path, mark, sizeof(mark), &e) < 0)
        return e.code == ERR_NOENT;
    life = maker_life(mark);
    if (life != LIFE_GONE)
        return life == LIFE_ALIVE;
    file = path_in(mark);
    if (file != NULL && file[0] == '/')
        file_look_remove(en, file);
    if ((de->d.flags & DOM_F_PAUSED) &&
        hv_unpause(engine_hv(en), de->d.domid, &e) < 0) {
        event_add(en, EVENT_ENGINE, EVENT_ERROR, &de->d, "stays paused: %s",
                  e.msg);
        return true;
    }
    remove_mark(en, de->d.domid);
    domains_scan_soon(en);
    event_add(en, EVENT_ENGINE, EVENT_WARN, &de->d,
              "its core dump was left half-written by a process that is gone: "
              "removed, the domain runs on");
    return true;
}
