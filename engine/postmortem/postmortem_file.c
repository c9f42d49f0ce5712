/*
 * postmortem_file.c - see postmortem_file.h.
 */
#include "engine/postmortem/postmortem_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "engine/config/core/uuid.h"
#include "src/base/fdio.h"
#include "src/base/text.h"
#include "src/base/xalloc.h"

#define TMP         ".new-"
#define SUMMARY     "summary"
#define SUMMARY_MAX 4096
#define NAMES_MAX   1000

/* --- names --- */

static void
pm_path(const char *dir, const char *tmp, const char *id, char *dst, size_t n)
{
    text_fmt(dst, n, "%s/%s%s", dir, tmp, id);
}

void
postmortem_file_name(const char *dir, struct postmortem *p)
{
    time_t at = (time_t)p->wall_s;
    char path[512], stamp[32] = "", name[MODEL_NAME_MAX];
    unsigned i;
    struct tm tm;

    if (gmtime_r(&at, &tm) != NULL)
        strftime(stamp, sizeof(stamp), "%Y%m%dT%H%M%SZ", &tm);
    text_file_name(name, sizeof(name), p->name); /* xl gives any name */
    for (i = 0; i < NAMES_MAX; i++) {
        text_fmt(p->id, sizeof(p->id), "%s-%s-%u", stamp, name, p->domid);
        if (i > 0)
            text_fmt(p->id, sizeof(p->id), "%s-%s-%u.%u", stamp, name, p->domid,
                     i);
        pm_path(dir, "", p->id, path, sizeof(path));
        if (access(path, F_OK) < 0)
            return;
    }
}

/* --- the summary --- */

static void
pm_print(const struct postmortem *p, struct buf *out)
{
    char uuid[37];

    uuid_print_text(p->uuid, uuid);
    buf_fmt(out, "name %s\nuuid %s\ndomid %u\nkind %s\nwhy %s\n", p->name, uuid,
            p->domid, p->kind, postmortem_why_name(p->why));
    buf_fmt(out, "at %.3f\nstarted %.3f\n", p->wall_s, p->start_wall_s);
    buf_fmt(out, "detail %s\nword %s\nfile %s\nline %u\ntext %s\n", p->detail,
            p->word, p->file, p->line, p->text);
}

static void
pm_take_text(char *dst, size_t n, const char *value)
{
    (void)text_safe(dst, n, value, strlen(value));
}

static void
pm_take(struct postmortem *p, const char *key, const char *value)
{
    unsigned i;

    if (strcmp(key, "name") == 0)
        pm_take_text(p->name, sizeof(p->name), value);
    else if (strcmp(key, "uuid") == 0)
        (void)uuid_parse_text(value, p->uuid);
    else if (strcmp(key, "domid") == 0)
        p->domid = (uint32_t)strtoul(value, NULL, 10);
    else if (strcmp(key, "kind") == 0)
        pm_take_text(p->kind, sizeof(p->kind), value);
    else if (strcmp(key, "at") == 0)
        p->wall_s = strtod(value, NULL);
    else if (strcmp(key, "started") == 0)
        p->start_wall_s = strtod(value, NULL);
    else if (strcmp(key, "detail") == 0)
        pm_take_text(p->detail, sizeof(p->detail), value);
    else if (strcmp(key, "word") == 0)
        pm_take_text(p->word, sizeof(p->word), value);
    else if (strcmp(key, "file") == 0)
        pm_take_text(p->file, sizeof(p->file), value);
    else if (strcmp(key, "line") == 0)
        p->line = (unsigned)strtoul(value, NULL, 10);
    else if (strcmp(key, "text") == 0)
        pm_take_text(p->text, sizeof(p->text), value);
    for (i = 0; strcmp(key, "why") == 0 && i <= POSTMORTEM_BOOT; i++)
        if (strcmp(value, postmortem_why_name(i)) == 0)
            p->why = (enum postmortem_why)i;
}

/* False: there is none, or it has no name. */
static bool
pm_load(const char *dir, const char *id, struct postmortem *p)
{
    char path[512], *line, *save = NULL, *value;
    struct buf text = { 0 };

    *p = (struct postmortem){ 0 };
    text_fmt(p->id, sizeof(p->id), "%s", id);
    text_fmt(path, sizeof(path), "%s/%s/" SUMMARY, dir, id);
    if (strlen(id) >= sizeof(p->id) ||
        fd_read_file(path, SUMMARY_MAX, &text, NULL) < 0 || text.len == 0) {
        buf_free(&text);
        return false;
    }
    for (line = strtok_r(text.data, "\n", &save); line != NULL;
         line = strtok_r(NULL, "\n", &save)) {
        value = strchr(line, ' ');
        if (value == NULL)
            continue;
        *value++ = '\0';
        pm_take(p, line, value);
    }
    buf_free(&text);
    return p->name[0] != '\0';
}

/* --- writing: in the loop, and so without a sync, which may take seconds on a
 * busy disk. The rename makes a folder whole for whoever comes after an engine
 * that was killed; one that a power cut has emptied is no folder of ours. */

static int
pm_fill(int fd, const void *arg)
{
    const struct buf *text = arg;

    return fd_write_all(fd, buf_text(text), text->len);
}

int
postmortem_file_begin(const char *dir, const struct postmortem *p,
                      struct err *e)
{
    char path[512];

    if (mkdir(dir, 0700) < 0 && errno != EEXIST)
        return err_sys(e, errno, "directory %s", dir);
    pm_path(dir, TMP, p->id, path, sizeof(path));
    if (mkdir(path, 0700) < 0)
        return err_sys(e, errno, "directory %s", path);
    return 0;
}

int
postmortem_file_put(const char *dir, const struct postmortem *p,
                    const char *name, const struct buf *text, struct err *e)
{
    char path[560];

    text_fmt(path, sizeof(path), "%s/" TMP "%s/%s", dir, p->id, name);
    return fd_new_file(path, "last words are written", pm_fill, text, e);
}

int
postmortem_file_end(const char *dir, const struct postmortem *p, struct err *e)
{
    char from[512], to[512];
    struct buf text = { 0 };
    int rc;

    pm_print(p, &text);
    rc = postmortem_file_put(dir, p, SUMMARY, &text, e);
    buf_free(&text);
    if (rc < 0)
        return -1;
    pm_path(dir, TMP, p->id, from, sizeof(from));
    pm_path(dir, "", p->id, to, sizeof(to));
    if (rename(from, to) < 0)
        return err_sys(e, errno, "directory %s", to);
    return 0;
}

void
postmortem_file_drop(const char *dir, const struct postmortem *p)
{
    char path[512];

    pm_path(dir, TMP, p->id, path, sizeof(path));
    fd_remove_tree(path);
}

/* --- reading --- */

static int
pm_newest_first(const void *a, const void *b)
{
    const struct postmortem *x = a, *y = b;

    if (x->wall_s != y->wall_s)
        return x->wall_s < y->wall_s ? 1 : -1;
    return -strcmp(x->id, y->id);
}

size_t
postmortem_file_list(const char *dir, struct postmortem *out, size_t max)
{
    const struct dirent *de;
    DIR *d = opendir(dir);
    size_t n = 0;

    while (d != NULL && n < max && (de = readdir(d)) != NULL)
        if (de->d_name[0] != '.' && pm_load(dir, de->d_name, &out[n]))
            n++;
    if (d != NULL)
        closedir(d);
    if (n > 0)
        qsort(out, n, sizeof(out[0]), pm_newest_first);
    return n;
}

void
postmortem_file_get(const char *dir, const struct postmortem *p,
                    const char *name, struct buf *out)
{
    char path[560];

    text_fmt(path, sizeof(path), "%s/%s/%s", dir, p->id, name);
    (void)fd_read_file(path, POSTMORTEM_FILE_MAX, out, NULL);
}

/* --- bounds --- */

static uint64_t
pm_size(const char *dir, const char *id)
{
    const struct dirent *de;
    uint64_t bytes = 0;
    char path[512];
    struct stat sb;
    DIR *d;

    pm_path(dir, "", id, path, sizeof(path));
    d = opendir(path);
    while (d != NULL && (de = readdir(d)) != NULL)
        if (fstatat(dirfd(d), de->d_name, &sb, AT_SYMLINK_NOFOLLOW) == 0 &&
            S_ISREG(sb.st_mode))
            bytes += (uint64_t)sb.st_size;
    if (d != NULL)
        closedir(d);
    return bytes;
}

/* What is kept so far of all, and of one domain. */
struct pm_kept {
    unsigned all, same;
    uint64_t bytes;
};

/* Is there a place for one more, of this size? */
static bool
pm_fits(const struct pm_kept *k, const struct postmortem_limits *l, bool same,
        uint64_t bytes)
{
    unsigned share = l->folders < 4 ? 1 : l->folders / 4;

    return k->all < l->folders && k->bytes + bytes <= l->bytes &&
           (!same || k->same < share);
}

void
postmortem_file_prune(const char *dir, const struct postmortem *p,
                      const struct postmortem_limits *l)
{
    struct postmortem *all = xcalloc(POSTMORTEM_LIST_MAX, sizeof(*all));
    size_t i, n = postmortem_file_list(dir, all, POSTMORTEM_LIST_MAX);
    struct pm_kept k = { 1, 1, pm_size(dir, p->id) };
    char path[512];

    for (i = 0; i < n; i++) {
        bool same = memcmp(all[i].uuid, p->uuid, sizeof(p->uuid)) == 0;
        uint64_t bytes = pm_size(dir, all[i].id);

        if (strcmp(all[i].id, p->id) == 0)
            continue;
        if (pm_fits(&k, l, same, bytes)) {
            k.all++;
            k.same += same;
            k.bytes += bytes;
            continue;
        }
        pm_path(dir, "", all[i].id, path, sizeof(path));
        fd_remove_tree(path);
    }
    free(all);
}

void
postmortem_file_sweep(const char *dir)
{
    const struct dirent *de;
    char path[512];
    DIR *d = opendir(dir);

    while (d != NULL && (de = readdir(d)) != NULL)
        if (strncmp(de->d_name, TMP, sizeof(TMP) - 1) == 0) {
            pm_path(dir, "", de->d_name, path, sizeof(path));
            fd_remove_tree(path);
        }
    if (d != NULL)
        closedir(d);
}
