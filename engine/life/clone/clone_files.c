/*
 * clone_files.c - the files of a clone. A copy grows under a name that has the
 * clone's uuid in it, so that it is nobody else's, and gets its own once all
 * copies are whole and the clone is defined. The record UUID.clone, a line
 * "PART TAB FILE" for each, is there from before the first until after the
 * last: whoever finds it with no cloning at work renames what belongs to a
 * definition and removes the rest, again and again until that is done.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/core/paths.h"
#include "engine/device/disk.h"
#include "engine/dom0/dom0.h"
#include "engine/hv/hv.h"
#include "engine/life/clone/clone_int.h"
#include "engine/life/life_int.h"
#include "engine/record/db.h"
#include "engine/task/helper.h"
#include "engine/task/tasks.h"
#include "src/base/xalloc.h"

#define RECORD     ".clone"
#define RECORD_MAX (CONFIG_DEVICES_MAX * 2 * (size_t)CLONE_PART_MAX)

static void
clone_record_path(const struct engine *en, const uint8_t uuid[16], char *dst,
                  size_t n)
{
    char text[37];

    uuid_print_text(uuid, text);
    text_fmt(dst, n, "%s/%s" RECORD, engine_paths(en)->state, text);
}

static void
clone_remove_record(const struct engine *en, const uint8_t uuid[16])
{
    char path[600];

    clone_record_path(en, uuid, path, sizeof(path));
    (void)unlink(path);
}

/* --- what is in the way */

/* It is written over: nobody may use it. */
static int
clone_check_device(struct engine *en, const struct clone_disk *k,
                   const struct dom0_disk *disk, struct err *e)
{
    struct disk_spec s = { .mode = "w", .format = "raw" };
    struct disk_user user;
    int used;

    if (disk->kind != DOM0_DISK_BLOCK)
        return err_set(e, ERR_NOENT,
                       "clone: %s: there is no device %s to copy %s to: make "
                       "the volume first, or name a file (%s=FILE) or a folder "
                       "(--to DIR)",
                       k->name, k->to, k->from, k->name);
    if (disk->user[0] != '\0')
        return err_set(e, ERR_BUSY, "clone: %s: %s is in use by dom0: %s",
                       k->name, k->to, disk->user);
    text_fmt(s.params, sizeof(s.params), "%s", k->to);
    used = disk_used_by_guest(en, &s, disk, &user, e);
    if (used > 0)
        err_set(e, ERR_BUSY, "clone: %s: %s is in use by %s", k->name, k->to,
                user.who);
    return used == 0 ? 0 : -1;
}

static int
clone_check_target(struct engine *en, const struct clone_disk *k, struct err *e)
{
    struct dom0_disk disk;

    if (dom0_disk(engine_dom0(en), k->to, &disk, e) < 0)
        return -1;
    if (k->part[0] == '\0')
        return clone_check_device(en, k, &disk, e);
    if (disk.kind == DOM0_DISK_NONE)
        return 0;
    return err_set(e, ERR_EXISTS,
                   "clone: %s: %s exists already, and a copy replaces nothing: "
                   "name another file (%s=FILE)",
                   k->name, k->to, k->name);
}

int
clone_check_files(struct clone *k, struct err *e)
{
    struct dom0_disk disk;
    size_t i;

    for (i = 0; i < k->plan.n; i++) {
        const struct clone_disk *c = &k->plan.disks[i];

        if (c->way != CLONE_COPY)
            continue;
        if (dom0_disk(engine_dom0(k->t.en), c->from, &disk, e) < 0)
            return -1;
        if (disk.kind != DOM0_DISK_FILE && disk.kind != DOM0_DISK_BLOCK)
            return err_set(e, ERR_NOENT,
                           "clone: %s: %s is not there, or is neither a file "
                           "nor a block device",
                           c->name, c->from);
        if (clone_check_target(k->t.en, c, e) < 0)
            return -1;
    }
    return 0;
}

/* --- the copies */

int
clone_note_files(struct clone *k, struct err *e)
{
    struct buf text = { 0 };
    size_t i;
    int rc = 0;

    for (i = 0; i < k->plan.n; i++)
        if (k->plan.disks[i].part[0] != '\0')
            buf_fmt(&text, "%s\t%s\n", k->plan.disks[i].part,
                    k->plan.disks[i].to);
    if (text.len > 0) {
        rc = db_put_text(engine_paths(k->t.en)->state, k->plan.cfg->uuid,
                         RECORD, &text, e);
        k->noted = rc == 0;
    }
    buf_free(&text);
    return rc;
}

/* As the original for whoever may read it. */
static int
clone_make_part(struct clone_disk *c, int from, struct err *e)
{
    int fd =
        open(c->part, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    struct stat sb;

    if (fd < 0)
        return err_sys(e, errno, "clone: %s: file %s", c->name, c->part);
    c->made = true;
    if (fstat(from, &sb) < 0 || !S_ISREG(sb.st_mode))
        return fd;
    if (fchown(fd, sb.st_uid, sb.st_gid) < 0 ||
        fchmod(fd, sb.st_mode & 0777) < 0) {
        err_sys(e, errno, "clone: %s: owner of %s", c->name, c->part);
        close(fd);
        return -1;
    }
    return fd;
}

static void
clone_copied(void *arg, int percent, const char *what)
{
    struct clone *k = arg;
    size_t i, before = 0, all = 0;
    char text[96];

    for (i = 0; i < k->plan.n; i++) {
        bool copied = k->plan.disks[i].way == CLONE_COPY;

        all += copied;
        before += copied && i < k->at;
    }
    text_fmt(text, sizeof(text), "copy %s: %s", k->plan.disks[k->at].name,
             what);
    task_progress(&k->t,
                  (int)((before * 100 + (size_t)percent) / (all > 0 ? all : 1)),
                  text);
}

static void
clone_silent(void *arg, long pid, unsigned seconds)
{
    task_helper_silent(&((struct clone *)arg)->t, pid, seconds);
}

static void
clone_helped(void *arg, const char *result, const struct err *e)
{
    struct clone *k = arg;

    (void)result;
    k->helper = NULL;
    k->ended = true;
    k->err = *e;
    task_wake(&k->t);
}

static int
clone_start(struct clone *k, const struct helper_job *what, struct err *e)
{
    struct helper_job j = *what;

    j.silent = clone_silent;
    j.done = clone_helped;
    j.arg = k;
    k->ended = false;
    k->helper = helper_start(tasks_helpers(k->t.en), &j, e);
    return k->helper != NULL ? 0 : -1;
}

static int
clone_start_copy(struct clone *k, struct err *e)
{
    struct clone_disk *c = &k->plan.disks[k->at];
    struct helper_job j = { .fds = { -1, -1, -1, -1, -1 },
                            .progress = clone_copied,
                            .kind = HELPER_COPY };
    struct dom0 *d0 = engine_dom0(k->t.en);
    char text[96];
    int rc = -1;

    text_fmt(
        text, sizeof(text), "job copy\nfresh %d\npace_ms %u\n\n",
        c->part[0] != '\0',
        engine_options(k->t.en)->one_shot ? 0 : hv_pace_ms(engine_hv(k->t.en)));
    j.text = text;
    if (dom0_disk_open(d0, c->from, false, &j.fds[0], e) < 0)
        return -1;
    if (c->part[0] != '\0')
        j.fds[1] = clone_make_part(c, j.fds[0], e);
    else if (dom0_disk_open(d0, c->to, true, &j.fds[1], e) < 0)
        j.fds[1] = -1;
    if (j.fds[1] >= 0) {
        rc = clone_start(k, &j, e);
        close(j.fds[1]); /* the helper writes it back */
    }
    close(j.fds[0]);
    return rc;
}

enum step_rc
clone_copy_disk(struct clone *k, struct err *e)
{
    const struct clone_disk *c = &k->plan.disks[k->at];

    if (k->helper != NULL)
        return STEP_WAIT;
    if (!k->ended)
        return clone_start_copy(k, e) < 0 ? STEP_FAIL : STEP_WAIT;
    k->ended = false;
    if (k->err.code == ERR_NONE)
        return STEP_DONE;
    *e = k->err;
    err_wrap(e, "clone: %s: %s to %s", c->name, c->from, c->to);
    return STEP_FAIL;
}

static int
clone_start_name(struct clone *k, struct err *e)
{
    const struct clone_disk *c = &k->plan.disks[k->at];
    struct helper_job j = { .fds = { -1, -1, -1, -1, -1 },
                            .kind = HELPER_LOOK };
    struct buf text = { 0 };
    int rc;

    buf_fmt(&text, "job name\nfrom %s\nto %s\nreplace 0\n\n", c->part, c->to);
    j.text = buf_text(&text);
    rc = clone_start(k, &j, e);
    buf_free(&text);
    return rc;
}

enum step_rc
clone_name_disk(struct clone *k, struct err *e)
{
    struct clone_disk *c = &k->plan.disks[k->at];

    if (c->part[0] == '\0')
        return STEP_DONE;
    if (k->helper != NULL)
        return STEP_WAIT;
    if (!k->ended)
        return clone_start_name(k, e) < 0 ? STEP_FAIL : STEP_WAIT;
    k->ended = false;
    if (k->err.code != ERR_NONE) {
        *e = k->err;
        err_wrap(e, "clone: %s", c->name);
        return STEP_FAIL;
    }
    c->named = true;
    return STEP_DONE;
}

void
clone_forget_files(struct clone *k)
{
    if (k->noted)
        clone_remove_record(k->t.en, k->plan.cfg->uuid);
    k->noted = false;
}

void
clone_drop_files(struct clone *k)
{
    size_t i;

    helper_cancel(k->helper);
    k->helper = NULL;
    for (i = 0; i < k->plan.n; i++) {
        struct clone_disk *c = &k->plan.disks[i];

        if (c->made)
            file_look_remove(k->t.en, c->named ? c->to : c->part);
        c->made = c->named = false;
    }
    clone_forget_files(k);
}

/* --- after the death of an engine */

/* The file system of the copies may not be there yet, which looks as if they
 * were gone: a line of a record is done only where that is certain. */

/* The record is read again at each sweep, but told once. */
static void
clone_tell_unnamed(struct engine *en, const char *part, const char *file,
                   int why)
{
    struct life_room *r = life_room(en);

    if (!r->clone_told)
        event_add_for(en, EVENT_ENGINE, EVENT_ERROR, 0, "",
                      "the copy %s of a clone could not be named %s: %s", part,
                      file, strerror(why));
    r->clone_told = true;
}

/* Whether it has its name. */
static bool
clone_finish_file(struct engine *en, const char *part, const char *file)
{
    int why;

    if (renameat2(AT_FDCWD, part, AT_FDCWD, file, RENAME_NOREPLACE) == 0)
        return true;
    why = errno;
    if (why == ENOENT && access(file, F_OK) == 0)
        return true;
    clone_tell_unnamed(en, part, file, why);
    return why == EEXIST && access(file, F_OK) == 0; /* it stays so */
}

static bool
clone_has_folder(const char *path)
{
    char *folder = xstrdup(path), *end = strrchr(folder, '/');
    bool there;

    end[end == folder] = '\0';
    there = access(folder, F_OK) == 0;
    free(folder);
    return there;
}

/* Whether it is gone. That of a remote file system goes without a word. */
static bool
clone_remove_file(struct engine *en, const char *part)
{
    if (!dom0_file_is_remote(engine_dom0(en), part))
        return unlink(part) == 0 || (errno == ENOENT && clone_has_folder(part));
    file_look_remove(en, part);
    return true;
}

/* Of a record: each line is taken apart. Whether all of them are done. */
static bool
clone_end_files(struct engine *en, char *text, bool defined)
{
    char *line, *tab, *save = NULL;
    bool done = true;

    for (line = strtok_r(text, "\n", &save); line != NULL;
         line = strtok_r(NULL, "\n", &save)) {
        tab = strchr(line, '\t');
        if (line[0] != '/' || tab == NULL)
            continue;
        *tab = '\0';
        if (!(defined ? clone_finish_file(en, line, tab + 1)
                      : clone_remove_file(en, line)))
            done = false;
    }
    return done;
}

static bool
clone_is_of(struct task *t, void *arg)
{
    return t->op->verb == OP_CLONE &&
           memcmp(container_of(t, struct clone, t)->plan.cfg->uuid, arg, 16) ==
               0;
}

static void
clone_sweep_one(struct engine *en, uint8_t uuid[16])
{
    const char *state = engine_paths(en)->state;
    struct buf text = { 0 };
    struct err e = { 0 };
    bool done = true;

    if (tasks_find(en, clone_is_of, uuid) != NULL)
        return;
    if (db_get_text(state, uuid, RECORD, &text, &e) < 0) {
        log_line(engine_log(en), LOGL_WARN, "%s", e.msg);
        return;
    }
    if (text.len > 0)
        done = clone_end_files(en, text.data, db_defined(state, uuid));
    buf_free(&text);
    if (done)
        clone_remove_record(en, uuid);
}

void
clones_sweep(struct engine *en)
{
    DIR *dir = opendir(engine_paths(en)->state);
    struct dirent *ent;
    uint8_t uuid[16];
    char name[37];

    while (dir != NULL && (ent = readdir(dir)) != NULL) {
        if (strlen(ent->d_name) != 36 + strlen(RECORD) ||
            strcmp(ent->d_name + 36, RECORD) != 0)
            continue;
        text_fmt(name, sizeof(name), "%.36s", ent->d_name);
        if (uuid_parse_text(name, uuid))
            clone_sweep_one(en, uuid);
    }
    if (dir != NULL)
        closedir(dir);
}
