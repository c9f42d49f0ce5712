/*
 * kept.c - texts that users keep by name, in files of the engine's own
 * directory: no session needs a home directory that the engine can write.
 */
#include "engine/record/kept.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/core/engine.h"
#include "engine/core/paths.h"
#include "engine/record/db.h"
#include "src/base/fdio.h"
#include "src/base/text.h"
#include "src/base/xalloc.h"

/* No dot: NAME.new is a file that is being written. */
static bool
kept_name_ok(const char *name)
{
    size_t i, n = strlen(name);

    if (n == 0 || n > KEPT_NAME_MAX || !isalnum((unsigned char)name[0]))
        return false;
    for (i = 1; i < n; i++)
        if (!isalnum((unsigned char)name[i]) && strchr("_-", name[i]) == NULL)
            return false;
    return true;
}

static char *
kept_dir(const struct engine *en, unsigned uid)
{
    return xasprintf("%s/kept/%u", engine_paths(en)->state, uid);
}

/* The path of a text; NULL with *e: that is no name. */
static char *
kept_path(const struct engine *en, unsigned uid, const char *name,
          struct err *e)
{
    if (kept_name_ok(name))
        return xasprintf("%s/kept/%u/%s", engine_paths(en)->state, uid, name);
    err_set(e, ERR_INVALID,
            "'%.40s' is no name for a layout: allowed are up to %d letters, "
            "digits, _ and -, beginning with a letter or digit",
            name, KEPT_NAME_MAX);
    return NULL;
}

static int
make_kept_dir(const struct engine *en, const char *dir, struct err *e)
{
    char *above = xasprintf("%s/kept", engine_paths(en)->state);
    int rc = 0;

    if ((mkdir(above, 0700) < 0 && errno != EEXIST) ||
        (mkdir(dir, 0700) < 0 && errno != EEXIST))
        rc = err_sys(e, errno, "directory %s", dir);
    free(above);
    return rc;
}

static int
by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The names in a directory, in *names (each to be freed); at most max. */
static size_t
read_names(const char *dir, char **names, size_t max)
{
    DIR *d = opendir(dir);
    struct dirent *de;
    size_t n = 0;

    while (d != NULL && n < max && (de = readdir(d)) != NULL)
        if (kept_name_ok(de->d_name))
            names[n++] = xstrdup(de->d_name);
    if (d != NULL)
        closedir(d);
    qsort(names, n, sizeof(*names), by_name);
    return n;
}

void
kept_names(const struct engine *en, unsigned uid, struct buf *out)
{
    char *names[KEPT_TEXTS_MAX], *dir = kept_dir(en, uid);
    size_t i, n = read_names(dir, names, KEPT_TEXTS_MAX);

    for (i = 0; i < n; i++) {
        buf_fmt(out, "%s\n", names[i]);
        free(names[i]);
    }
    free(dir);
}

/* Whether one more of this name may be kept. */
static int
check_count(const struct engine *en, unsigned uid, const char *path,
            struct err *e)
{
    char *names[KEPT_TEXTS_MAX], *dir = kept_dir(en, uid);
    size_t i, n = read_names(dir, names, KEPT_TEXTS_MAX);

    for (i = 0; i < n; i++)
        free(names[i]);
    free(dir);
    if (n < KEPT_TEXTS_MAX || access(path, F_OK) == 0)
        return 0;
    return err_set(e, ERR_RANGE,
                   "%d layouts are kept, which is all that may be: delete one",
                   KEPT_TEXTS_MAX);
}

int
kept_put(const struct engine *en, unsigned uid, const char *name,
         const struct buf *text, struct err *e)
{
    char *path = kept_path(en, uid, name, e), *dir = kept_dir(en, uid);
    int rc = -1;

    if (path != NULL && make_kept_dir(en, dir, e) == 0 &&
        check_count(en, uid, path, e) == 0)
        rc = db_replace_file(path, text, e);
    free(dir);
    free(path);
    return rc;
}

int
kept_get(const struct engine *en, unsigned uid, const char *name,
         struct buf *out, struct err *e)
{
    char *path = kept_path(en, uid, name, e);
    int rc = -1;

    if (path != NULL && access(path, F_OK) < 0 && errno == ENOENT)
        err_set(e, ERR_NOENT, "no layout '%s' is kept: `layouts' lists them",
                name);
    else if (path != NULL)
        rc = fd_read_file(path, KEPT_BYTES_MAX, out, e);
    free(path);
    return rc;
}

int
kept_remove(const struct engine *en, unsigned uid, const char *name,
            struct err *e)
{
    char *path = kept_path(en, uid, name, e);
    int rc = -1;

    if (path != NULL && unlink(path) == 0)
        rc = 0;
    else if (path != NULL && errno == ENOENT)
        err_set(e, ERR_NOENT, "no layout '%s' is kept: `layouts' lists them",
                name);
    else if (path != NULL)
        err_sys(e, errno, "layout %s", name);
    free(path);
    return rc;
}
