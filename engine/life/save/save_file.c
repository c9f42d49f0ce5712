/*
 * save_file.c - the file of a save: where it is, whether there is room for it,
 * what stands at its beginning, and how it becomes whole: it grows under a name
 * of its own and gets its real one when all of it is on disk.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <json-c/json.h>

#include "engine/config/core/setting.h"
#include "engine/config/xl/xl.h"
#include "engine/guest/guest_json.h"
#include "engine/life/save/save_int.h"
#include "engine/model/dom_kind.h"
#include "engine/record/userdata.h"
#include "engine/saved/saved_file.h"
#include "engine/task/helper.h"
#include "engine/task/tasks.h"
#include "src/base/conf.h"
#include "src/base/fdio.h"

#define PART_SUFFIX  ".part"
#define EXTRA_KIB    2048 /* headers, tables, state of vcpus and devices */
#define TABLE_SHARE  256  /* 16 bytes a page of 4 KiB */
#define PACKED_SHARE 4    /* what is compressed needs so much less, as a rule */

/* --- where */

static void
save_default_dir(const struct engine *en, char *dst, size_t n)
{
    text_fmt(dst, n, "%s/save", engine_paths(en)->state);
}

bool
save_keeps_file(const struct engine *en, const char *path)
{
    char dir[DB_FILE_MAX];
    size_t n;

    save_default_dir(en, dir, sizeof(dir));
    n = strlen(dir);
    return strncmp(path, dir, n) == 0 && path[n] == '/' &&
           strchr(path + n + 1, '/') == NULL;
}

/* A file of ours that is there already is of an earlier life. */
static int
save_default_path(struct save *s, struct err *e)
{
    char dir[DB_FILE_MAX - 48], uuid[37];

    save_default_dir(s->t.en, dir, sizeof(dir));
    s->o.replace = true;
    if (mkdir(dir, 0700) < 0 && errno != EEXIST)
        return err_sys(e, errno, "directory %s", dir);
    uuid_print_text(s->uuid, uuid);
    text_fmt(s->path, sizeof(s->path), "%s/%s.save", dir, uuid);
    return 0;
}

int
save_choose_path(struct save *s, const char *path, struct err *e)
{
    if (path == NULL || path[0] == '\0')
        return save_default_path(s, e);
    if (path[0] != '/')
        return err_set(e, ERR_INVALID, "save: '%s' is no absolute path", path);
    if (strlen(path) + sizeof(PART_SUFFIX) > sizeof(s->path))
        return err_set(e, ERR_RANGE,
                       "save: the path has %zu bytes, %zu are allowed",
                       strlen(path), sizeof(s->path) - sizeof(PART_SUFFIX));
    if (!conf_is_safe(path, strlen(path)))
        return err_set(e, ERR_INVALID,
                       "save: the path has characters that cannot be shown");
    text_fmt(s->path, sizeof(s->path), "%s", path);
    return 0;
}

void
save_part_path(const struct save *s, char *dst, size_t n)
{
    text_fmt(dst, n, "%s" PART_SUFFIX, s->path);
}

static void
save_dir_of(const struct save *s, char *dst, size_t n)
{
    char *slash;

    text_fmt(dst, n, "%s", s->path);
    slash = strrchr(dst, '/');
    slash[slash == dst] = '\0';
}

enum step_rc
save_reach(struct save *s, struct err *e)
{
    char dir[DB_FILE_MAX];
    enum step_rc rc;

    if (s->reached)
        return STEP_DONE;
    if (s->look.helper == NULL && !s->look.answered) {
        save_dir_of(s, dir, sizeof(dir));
        file_look_add(&s->look, s->t.en, dir);
    }
    rc = file_look_run(&s->look, &s->t, e);
    s->reached = rc == STEP_DONE;
    return rc;
}

/* --- is there room */

static int
refuse_existing(const struct save *s, struct err *e)
{
    return err_set(e, ERR_EXISTS,
                   "file %s exists already: --replace replaces it", s->path);
}

int
save_check_room(const struct save *s, struct err *e)
{
    uint64_t need = s->out.mem_kib + s->out.mem_kib / TABLE_SHARE + EXTRA_KIB,
             room;
    char dir[DB_FILE_MAX];
    struct stat sb;

    if (s->o.compress)
        need /= PACKED_SHARE;
    if (lstat(s->path, &sb) == 0 && !s->o.replace)
        return refuse_existing(s, e);
    save_dir_of(s, dir, sizeof(dir));
    if (fd_free_kib(dir, &room, e) < 0)
        return -1;
    if (room >= need)
        return 0;
    return err_set(e, ERR_NOMEM,
                   "save of '%s': needs %llu MiB in %s, where %llu MiB are "
                   "free: make room, or name a file elsewhere",
                   s->t.op->name, (unsigned long long)need / 1024 + 1, dir,
                   (unsigned long long)room / 1024);
}

/* --- what is in it */

/* With the memory that it has now: a guest that grew or shrank comes back as it
 * went. One in a container has a few pages beside its memory. */
static void
set_memory(const struct save *s, struct domain_config *c)
{
    uint64_t kib = s->out.mem_kib;

    kib = (kib + (dom_kind_in_container(c->kind) ? 512 : 1023)) / 1024 * 1024;
    if (kib >= CONFIG_MEM_MIN_KIB && kib <= c->maxmem_kib)
        c->mem_kib = kib;
}

/* *out: NULL if there is none on record. */
static int
load_native(const struct save *s, const struct dom_entry *de,
            struct domain_config **out, struct err *e)
{
    *out = NULL;
    if (!s->owned ||
        db_load(engine_paths(s->t.en)->state, s->uuid, out, e) == 0)
        return 0;
    *out = NULL;
    if (e->code != ERR_NOENT)
        return err_wrap(e, "'%s' cannot be saved", de->d.name);
    err_clear(e); /* libxl may have it on record */
    return 0;
}

static int
put_native(const struct save *s, struct domain_config *c, struct saved_head *h,
           struct err *e)
{
    if (c == NULL)
        return 0;
    set_memory(s, c);
    if (config_print_checked(c, &h->native, e) < 0)
        return -1;
    if (h->config.len == 0)
        config_xl_print(c, &h->config);
    return 0;
}

/* libxl's own record of it, but with the passwords of its screen: xl would give
 * it one that anybody may see. */
static int
put_json(const struct save *s, const struct domain_config *c,
         struct saved_head *h, struct err *e)
{
    json_object *o;

    if (userdata_load(engine_paths(s->t.en)->libxl, s->domid, s->uuid, &o, e) <
        0)
        return -1;
    if (o == NULL)
        return 0;
    if (c != NULL)
        guest_json_add_secrets(c, o);
    h->json = true;
    buf_str(&h->config,
            json_object_to_json_string_ext(o, JSON_C_TO_STRING_PRETTY));
    json_object_put(o);
    return 0;
}

int
save_fill_head(const struct save *s, const struct dom_entry *de,
               struct saved_head *h, struct err *e)
{
    struct domain_config *c = NULL;
    int rc = load_native(s, de, &c, e);

    if (rc == 0)
        rc = put_json(s, c, h, e);
    if (rc == 0)
        rc = put_native(s, c, h, e);
    if (rc == 0 && h->config.len == 0)
        rc = err_set(e, ERR_NOENT,
                     "'%s' cannot be saved: its configuration is not on "
                     "record here, nor has libxl one",
                     de->d.name);
    config_free(c);
    return rc;
}

static int
write_head(const struct save *s, const struct dom_entry *de, int fd,
           struct err *e)
{
    struct saved_head h = { .packed = s->o.compress };
    struct buf b = { 0 };
    int rc = save_fill_head(s, de, &h, e);

    if (rc == 0) {
        saved_head_print(&h, &b);
        if (fd_write_all(fd, b.data, b.len) < 0)
            rc = err_sys(e, errno, "file %s", s->path);
    }
    saved_head_fini(&h);
    buf_free(&b);
    return rc;
}

int
save_make_file(struct save *s, const struct dom_entry *de, struct err *e)
{
    char part[DB_FILE_MAX + sizeof(PART_SUFFIX)];
    struct stat sb;
    int fd, rc;

    save_part_path(s, part, sizeof(part));
    fd = open(part, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0 && errno == EEXIST)
        return err_set(e, ERR_EXISTS,
                       "file %s exists: another save writes it, or one that "
                       "was killed left it; remove it then",
                       part);
    if (fd < 0)
        return err_sys(e, errno, "file %s", part);
    s->made = true;
    rc = fstat(fd, &sb);
    s->inode = rc == 0 ? (uint64_t)sb.st_ino : 0;
    rc = rc < 0 ? err_sys(e, errno, "file %s", part) : write_head(s, de, fd, e);
    if (close(fd) < 0 && rc == 0)
        rc = err_sys(e, errno, "file %s", part);
    return rc;
}

const char *
save_words(struct save *s)
{
    char part[DB_FILE_MAX + sizeof(PART_SUFFIX)];

    save_part_path(s, part, sizeof(part));
    text_fmt(s->words, sizeof(s->words), "file %s\ninode %llu\n%s", part,
             (unsigned long long)s->inode, s->o.compress ? "packed 1\n" : "");
    return s->words;
}

/* --- how it ends */

static void
save_named(void *arg, const char *result, const struct err *e)
{
    struct save *s = arg;

    s->naming.helper = NULL;
    s->naming.answered = true;
    s->naming.err = *e;
    s->renamed = result != NULL;
    s->made = s->made && !s->renamed;
    task_wake(&s->t);
}

static void
naming_silent(void *arg, long pid, unsigned seconds)
{
    struct save *s = arg;

    task_helper_silent(&s->t, pid, seconds);
}

static int
naming_start(struct save *s, struct err *e)
{
    char part[DB_FILE_MAX + sizeof(PART_SUFFIX)];
    struct buf text = { 0 };
    struct helper_job j = { .fds = { -1 },
                            .silent = naming_silent,
                            .done = save_named,
                            .arg = s,
                            .kind = HELPER_LOOK };

    save_part_path(s, part, sizeof(part));
    buf_fmt(&text, "job name\nfrom %s\nto %s\nreplace %d\n\n", part, s->path,
            s->o.replace);
    j.text = buf_text(&text);
    s->naming.helper = helper_start(tasks_helpers(s->t.en), &j, e);
    buf_free(&text);
    return s->naming.helper != NULL ? 0 : -1;
}

enum step_rc
save_name_file(struct save *s, struct err *e)
{
    if (s->renamed)
        return STEP_DONE;
    if (s->naming.answered) {
        *e = s->naming.err;
        if (e->code == ERR_EXISTS)
            (void)refuse_existing(s, e);
        return STEP_FAIL;
    }
    if (s->naming.helper == NULL && naming_start(s, e) < 0)
        return STEP_FAIL;
    return STEP_WAIT;
}

bool
save_is_renamed(const struct save *s)
{
    char part[DB_FILE_MAX + sizeof(PART_SUFFIX)];

    save_part_path(s, part, sizeof(part));
    return access(part, F_OK) < 0 && errno == ENOENT &&
           access(s->path, F_OK) == 0;
}

void
save_drop_file(struct save *s)
{
    char part[DB_FILE_MAX + sizeof(PART_SUFFIX)];

    save_part_path(s, part, sizeof(part));
    if (s->made)
        file_look_remove(s->t.en, part);
    s->made = false;
    if (s->renamed)
        file_look_remove(s->t.en, s->path);
    s->renamed = false;
}
