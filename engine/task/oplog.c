/*
 * oplog.c - see oplog.h.
 * Invariant: a file whose lock is free belongs to nobody alive.
 */
#include "engine/task/oplog.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/config/core/config.h"
#include "engine/task/oplog_read.h"
#include "engine/task/task_int.h"
#include "src/base/fdio.h"
#include "src/base/maker.h"
#include "src/base/xalloc.h"

#define FILE_MAX     (4 * 1024 * 1024)
#define SHRINK_BYTES (16 * 1024)
#define NAMES_MAX    1000
#define OWED_MAX     (1024 * 1024)

static struct oplog *
oplog_of(const struct engine *en)
{
    return &task_room(en)->oplog;
}

static void
oplog_dir_path(const struct engine *en, char *dst, size_t n, const char *name)
{
    text_fmt(dst, n, "%s/ops%s%s", engine_paths(en)->run,
             *name != '\0' ? "/" : "", name);
}

/* --- writing --- */

static void
oplog_tell(struct engine *en, bool failed, const char *why)
{
    if (failed && !oplog_of(en)->failed)
        log_line(engine_log(en), LOGL_WARN,
                 "operations are not on record (%s): a killed engine could "
                 "leave some half-done",
                 why);
    else if (!failed && oplog_of(en)->failed)
        log_line(engine_log(en), LOGL_INFO, "operations are on record again");
    oplog_of(en)->failed = failed;
}

/* What was written in part is taken back: a later reader cannot tell "end 1"
 * from the half of "end 12". */
static int
oplog_append(struct oplog *o, const struct buf *b)
{
    off_t was = lseek(o->fd, 0, SEEK_END);
    bool torn = o->torn;
    int errnum;

    if (fd_append_lines(o->fd, &o->torn, OPLOG_TORN "\n", b->data, b->len) == 0)
        return 0;
    errnum = errno;
    if (was >= 0 && ftruncate(o->fd, was) == 0)
        o->torn = torn;
    errno = errnum;
    return -1;
}

/* What it has no room for is written once it has: with an end that is missing
 * the next engine would finish what is over. */
static void
oplog_put(struct engine *en, const struct buf *b)
{
    struct oplog *o = oplog_of(en);

    if (o->owed.len + b->len <= OWED_MAX)
        buf_add(&o->owed, b->data, b->len);
    if (o->fd < 0 || o->owed.len == 0)
        return;
    if (oplog_append(o, &o->owed) < 0) {
        oplog_tell(en, true, strerror(errno));
        return;
    }
    oplog_tell(en, false, NULL);
    o->bytes += o->owed.len;
    buf_clear(&o->owed);
}

const char *
oplog_boot(const struct engine *en)
{
    struct oplog *o = oplog_of(en);

    if (o->boot[0] == '\0')
        maker_boot(o->boot, sizeof(o->boot));
    return o->boot;
}

static void
put_boot(struct engine *en)
{
    struct buf b = { 0 };
    const char *boot = oplog_boot(en);

    oplog_of(en)->boot_put = boot[0] != '\0';
    if (boot[0] != '\0')
        buf_fmt(&b, "boot %s\n", boot);
    oplog_put(en, &b);
    buf_free(&b);
}

static void
put_head(struct engine *en)
{
    struct buf b = { 0 };

    buf_fmt(&b, "version %d\n", OPLOG_VERSION);
    oplog_of(en)->bytes = 0;
    oplog_put(en, &b);
    buf_free(&b);
    put_boot(en);
}

/* Gives the file that is at `made` a name nobody else has. */
static int
name_file(struct engine *en, const char *made)
{
    char path[320];
    unsigned i;

    for (i = 0; i < NAMES_MAX; i++) {
        text_fmt(oplog_of(en)->name, sizeof(oplog_of(en)->name), "%ld.%u",
                 (long)getpid(), i);
        oplog_dir_path(en, path, sizeof(path), oplog_of(en)->name);
        if (link(made, path) == 0)
            return 0;
        if (errno != EEXIST)
            break;
    }
    return -1;
}

/* Locked before others can see it: an unlocked one is taken for a dead
 * engine's. */
static int
oplog_make_file(struct engine *en)
{
    char path[320], name[48];
    int fd, rc = -1;

    oplog_dir_path(en, path, sizeof(path), "");
    if (engine_paths_run(en, NULL) < 0 ||
        (mkdir(path, 0700) < 0 && errno != EEXIST))
        return -1;
    text_fmt(name, sizeof(name), ".new-%ld", (long)getpid());
    oplog_dir_path(en, path, sizeof(path), name);
    (void)unlink(path);
    fd = open(path,
              O_RDWR | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC | O_NOFOLLOW,
              0600);
    if (fd < 0)
        return -1;
    if (fd_lock(fd) == 0)
        rc = name_file(en, path);
    (void)unlink(path);
    if (rc == 0)
        return fd;
    close(fd);
    return -1;
}

/* What was begun before there was a file follows its head. */
static void
oplog_begin_file(struct engine *en)
{
    struct buf owed = oplog_of(en)->owed;

    oplog_of(en)->owed = (struct buf){ 0 };
    put_head(en);
    oplog_put(en, &owed);
    buf_free(&owed);
}

static void
oplog_open_file(struct engine *en)
{
    if (oplog_of(en)->fd >= 0)
        return;
    oplog_of(en)->fd = oplog_make_file(en);
    if (oplog_of(en)->fd >= 0) {
        oplog_begin_file(en);
        return;
    }
    oplog_of(en)->name[0] = '\0';
    oplog_tell(en, true, strerror(errno));
}

const char *
oplog_name(struct engine *en)
{
    oplog_open_file(en);
    return oplog_of(en)->name;
}

static void
add_set(struct buf *b, const struct task *t, const char *key, const char *value)
{
    buf_fmt(b, "set %llu %s ", (unsigned long long)t->op->id, key);
    buf_safe(b, value, strlen(value)); /* a line stays one line */
    buf_chr(b, '\n');
}

static void
add_notes(struct buf *b, const struct task *t)
{
    const char *line, *end;

    for (line = t->notes; line != NULL && *line != '\0'; line = end + 1) {
        end = strchr(line, '\n');
        buf_fmt(b, "set %llu %.*s\n", (unsigned long long)t->op->id,
                (int)(end - line), line);
    }
}

void
oplog_begin(struct task *t)
{
    const struct dom *d = task_dom(t->en, t->op->dom_id);
    struct buf b = { 0 };
    char text[40];

    oplog_open_file(t->en);
    if (!oplog_of(t->en)->boot_put)
        put_boot(t->en);
    buf_fmt(&b, "begin %llu %s\n", (unsigned long long)t->op->id,
            op_verb_id(t->op->verb));
    add_set(&b, t, "name", t->op->name);
    if (d != NULL) {
        uuid_print_text(d->uuid, text);
        add_set(&b, t, "uuid", text);
        text_fmt(text, sizeof(text), "%u", d->domid);
        add_set(&b, t, "domid", text);
        add_set(&b, t, "owned", d->owned ? "1" : "0");
    }
    add_notes(&b, t);
    oplog_put(t->en, &b);
    buf_free(&b);
    oplog_of(t->en)->live++;
}

void
oplog_note(struct task *t, const char *key, const char *fmt, ...)
{
    struct buf value = { 0 }, b = { 0 };
    va_list ap;

    va_start(ap, fmt);
    buf_vfmt(&value, fmt, ap);
    va_end(ap);
    add_set(&b, t, key, buf_text(&value));
    oplog_put(t->en, &b);
    buf_free(&b);
    buf_free(&value);
}

void
oplog_step(struct task *t)
{
    oplog_note(t, "step", "%s", t->type->steps[t->at].id);
}

/* With nothing at work the file starts anew: it stays short, and what it had no
 * room for is of no use any more. */
static void
oplog_shrink(struct engine *en)
{
    struct oplog *o = oplog_of(en);

    if (o->fd < 0)
        buf_clear(&o->owed);
    else if ((o->bytes > SHRINK_BYTES || o->owed.len > 0) &&
             ftruncate(o->fd, 0) == 0) {
        buf_clear(&o->owed);
        o->torn = false;
        put_head(en);
    }
}

void
oplog_end_op(struct engine *en, uint64_t op)
{
    struct buf b = { 0 };

    buf_fmt(&b, "end %llu\n", (unsigned long long)op);
    oplog_put(en, &b);
    buf_free(&b);
    if (oplog_of(en)->live > 0)
        oplog_of(en)->live--;
    if (oplog_of(en)->live == 0)
        oplog_shrink(en);
}

void
oplog_close(struct engine *en)
{
    struct oplog *o = oplog_of(en);
    char path[320];

    if (o->fd < 0)
        return;
    oplog_dir_path(en, path, sizeof(path), o->name);
    if (o->live == 0) /* else the next engine has to see it */
        (void)unlink(path);
    else
        oplog_put(en, &(struct buf){ 0 });
    close(o->fd);
    o->fd = -1;
}

/* --- who lives --- */

static bool
oplog_name_ok(const char *name)
{
    return *name >= '0' && *name <= '9' && strlen(name) < 32 &&
           name[strspn(name, "0123456789.")] == '\0';
}

enum life
oplog_life(const struct engine *en, const char *name)
{
    char path[320];
    int fd, locked;

    if (!oplog_name_ok(name))
        return LIFE_GONE;
    if (strcmp(name, oplog_of(en)->name) == 0)
        return LIFE_ALIVE;
    oplog_dir_path(en, path, sizeof(path), name);
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return errno == ENOENT ? LIFE_GONE : LIFE_UNKNOWN;
    locked = fd_locked(fd);
    close(fd);
    return locked < 0 ? LIFE_UNKNOWN : locked > 0 ? LIFE_ALIVE : LIFE_GONE;
}

enum life
oplog_maker_life(const struct engine *en, const char *maker)
{
    const char *s = strrchr(maker, ' ');
    enum life life = maker_life(maker);

    if (life != LIFE_ALIVE)
        return life;
    /* The process may have begun anew; a maker without a file has none. */
    if (s == NULL || strchr(s, '.') == NULL)
        return LIFE_ALIVE;
    return oplog_life(en, s + 1);
}

/* --- reading what others left --- */

/* True: what it holds can be told from what another boot left. The operations
 * of one that cannot be told count as living: nobody touches what is theirs. */
static bool
take_whole(struct engine *en, struct oplog_reading *r, char *text)
{
    enum of_boot of = oplog_take_file(r, text, oplog_boot(en));
    size_t i;

    if (of == BOOT_OTHER) {
        r->boots += r->n - r->from;
        r->n = r->from;
    }
    for (i = r->from; of == BOOT_UNKNOWN && i < r->n; i++)
        r->list[i].live = true;
    return of != BOOT_UNKNOWN || r->n == r->from;
}

/* A dead engine's, which only a later version can recover. Nobody touches what
 * its operations are on. */
static bool
is_beyond_us(struct oplog_reading *r, const char *name)
{
    const struct oplog_entry *j = oplog_first_strange(r);
    size_t i;

    if (r->live || j == NULL)
        return false;
    text_fmt(r->newer, sizeof(r->newer), "%s", name);
    text_fmt(r->strange, sizeof(r->strange), "%s", j->strange);
    for (i = r->from; i < r->n; i++)
        r->list[i].live = true;
    return true;
}

static void
oplog_read_one(struct engine *en, struct oplog_reading *r, const char *name)
{
    struct buf text = { 0 }, *dead = &oplog_of(en)->dead;
    enum life life = oplog_life(en, name);
    struct err e = { 0 };
    char path[320];
    bool newer, known = true;
    int rc;

    oplog_dir_path(en, path, sizeof(path), name);
    r->live = life != LIFE_GONE;
    r->from = r->n;
    rc = fd_read_file(path, FILE_MAX, &text, &e);
    newer = rc == 0 && text.data != NULL &&
            oplog_text_version(text.data) > OPLOG_VERSION;
    if (newer) {
        text_fmt(r->newer, sizeof(r->newer), "%s", name);
        r->strange[0] = '\0';
    }
    if (!newer && rc == 0 && text.data != NULL) {
        known = take_whole(en, r, text.data);
        newer = is_beyond_us(r, name);
    }
    if (!known || life == LIFE_UNKNOWN || (rc < 0 && e.code != ERR_NOENT))
        r->unknown++;
    else if (life == LIFE_GONE && !newer)
        buf_add(dead, name, strlen(name) + 1);
    buf_free(&text);
}

/* oplog_read leaves it alone. */
static bool
is_newer(struct engine *en, const char *name)
{
    struct oplog_reading r = { 0 };
    struct buf text = { 0 };
    char path[320];
    bool newer = false;

    oplog_dir_path(en, path, sizeof(path), name);
    if (fd_read_file(path, FILE_MAX, &text, NULL) == 0 && text.data != NULL)
        newer =
            oplog_text_version(text.data) > OPLOG_VERSION ||
            (take_whole(en, &r, text.data) && oplog_first_strange(&r) != NULL);
    free(r.list);
    buf_free(&text);
    return newer;
}

/* Names of the files but our own, sorted; the caller's to free. */
static int
list_files(struct engine *en, struct dirent ***names_out)
{
    char path[320];

    oplog_dir_path(en, path, sizeof(path), "");
    return scandir(path, names_out, NULL, alphasort);
}

static bool
is_others(const struct engine *en, const char *name)
{
    return oplog_name_ok(name) && strcmp(name, oplog_of(en)->name) != 0;
}

static void
read_files(struct engine *en, bool own, struct oplog_list *out)
{
    struct oplog_reading r = { 0 };
    struct dirent **names;
    int i, n = list_files(en, &names);

    if (n < 0 && errno != ENOENT)
        r.unknown++;
    buf_clear(&oplog_of(en)->dead);
    for (i = 0; i < n; i++) {
        if (own ? oplog_name_ok(names[i]->d_name)
                : is_others(en, names[i]->d_name))
            oplog_read_one(en, &r, names[i]->d_name);
        free(names[i]);
    }
    if (n >= 0)
        free(names);
    *out = (struct oplog_list){
        .list = r.list, .n = r.n, .boots = r.boots, .whole = r.unknown == 0
    };
    text_fmt(out->newer, sizeof(out->newer), "%s", r.newer);
    text_fmt(out->strange, sizeof(out->strange), "%s", r.strange);
}

void
oplog_read(struct engine *en, struct oplog_list *out)
{
    read_files(en, false, out);
}

void
oplog_read_all(struct engine *en, struct oplog_list *out)
{
    struct buf dead = oplog_of(en)->dead;

    oplog_of(en)->dead = (struct buf){ 0 };
    read_files(en, true, out);
    buf_free(&oplog_of(en)->dead);
    oplog_of(en)->dead = dead;
}

void
oplog_drop_dead(struct engine *en)
{
    struct buf *dead = &oplog_of(en)->dead;
    char path[320];
    const char *s;

    for (s = dead->data; s != NULL && s < dead->data + dead->len;
         s += strlen(s) + 1) {
        oplog_dir_path(en, path, sizeof(path), s);
        (void)unlink(path);
    }
    buf_clear(dead);
}

bool
oplog_any_dead(struct engine *en)
{
    struct dirent **names;
    int i, n = list_files(en, &names);
    bool any = false;

    for (i = 0; i < n; i++) {
        any = any || (is_others(en, names[i]->d_name) &&
                      oplog_life(en, names[i]->d_name) == LIFE_GONE &&
                      !is_newer(en, names[i]->d_name));
        free(names[i]);
    }
    if (n >= 0)
        free(names);
    return any;
}
