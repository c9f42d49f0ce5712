/*
 * load.c - see load.h.
 */
#include "engine/config/load.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/config/core/set.h"
#include "engine/config/sxp/sxp_config.h"
#include "engine/config/xl/xl.h"
#include "engine/config/xl/xl_json.h"
#include "src/base/conf.h"
#include "src/base/xalloc.h"

/* The directory of path, without symbolic links; the caller's. NULL with
 * errno. */
static char *
directory_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *dir, *real;

    if (slash == NULL)
        dir = xstrdup(".");
    else
        dir = xstrndup(path, slash == path ? 1 : (size_t)(slash - path));
    real = realpath(dir, NULL);
    free(dir);
    return real;
}

static int
load_json(const char *text, const struct config_src *src,
          struct domain_config **out)
{
    struct config_src made = *src;
    struct buf cfg = { 0 };
    int rc = config_xl_pick_json(text, src->file, src->pick, &cfg, src->e);

    made.lineless = true;
    if (rc == 0)
        rc = config_xl_parse(buf_text(&cfg), &made, out);
    buf_free(&cfg);
    return rc;
}

static int
load_parse(const char *text, enum config_format format,
           const struct config_src *src, struct domain_config **out)
{
    switch (format) {
    case FORMAT_XL:
        return config_xl_parse(text, src, out);
    case FORMAT_SXP:
        return config_sxp_parse(config_skip_banner(text), src, out);
    case FORMAT_JSON:
        return load_json(text, src, out);
    case FORMAT_CONF:
        break;
    }
    return config_conf_parse(text, src, out);
}

/* "FILE#NAME" is the domain NAME of those in FILE, unless there is a file that
 * is called so. Gives FILE, the caller's. */
static char *
load_split(const char *path, const char **pick_out)
{
    const char *hash = strrchr(path, '#');

    *pick_out = NULL;
    if (hash == NULL || hash[1] == '\0' || access(path, F_OK) == 0)
        return xstrdup(path);
    *pick_out = hash + 1;
    return xstrndup(path, (size_t)(hash - path));
}

/* format NULL: the one that the text is in. src: what is asked beside the
 * file. */
static int
load(const char *name, const enum config_format *format, struct config_src src,
     struct domain_config **out)
{
    struct buf text = { 0 };
    char *dir = NULL, *path = load_split(name, &src.pick);
    enum config_format is = FORMAT_CONF;
    int rc = conf_read(path, &text, src.e);

    src.file = path;
    if (rc == 0) {
        const char *body = buf_text(&text);

        src.dir = dir = directory_of(path);
        if (dir == NULL)
            rc = err_sys(src.e, errno, "%s: its directory", path);
        else if (format != NULL)
            rc = load_parse(body, *format, &src, out);
        else
            rc = load_parse(config_skip_bom(body), is = config_recognise(body),
                            &src, out);
    }
    if (rc == 0)
        (*out)->xl_file = is == FORMAT_XL;
    free(dir);
    free(path);
    buf_free(&text);
    return rc;
}

int
config_load(const char *path, struct domain_config **out, struct err *e)
{
    static const enum config_format native = FORMAT_CONF;

    return load(path, &native, (struct config_src){ .e = e }, out);
}

int
config_load_any(const char *path, struct domain_config **out, struct buf *warn,
                struct err *e)
{
    return load(path, NULL, (struct config_src){ .warn = warn, .e = e }, out);
}

/* One of them would be lines of their own behind an xl.cfg. */
static int
load_check_vars(const char *const *vars, size_t n, struct err *e)
{
    size_t i;

    for (i = 0; i < n; i++)
        if (!conf_is_safe(vars[i], strlen(vars[i])))
            return err_set(e, ERR_INVALID,
                           "a setting beside the file has control characters");
    return 0;
}

int
config_load_with(const char *path, const char *const *vars, size_t n_vars,
                 struct domain_config **out, struct buf *warn, struct err *e)
{
    if (load_check_vars(vars, n_vars, e) < 0)
        return -1;
    return load(path, NULL,
                (struct config_src){
                    .warn = warn, .e = e, .vars = vars, .n_vars = n_vars },
                out);
}

int
config_load_each(const char *path, struct config_faults *faults,
                 struct domain_config **out, struct buf *warn)
{
    struct err e = { 0 };
    int rc = load(
        path, NULL,
        (struct config_src){ .warn = warn, .e = &e, .faults = faults }, out);

    if (rc < 0)
        config_faults_add(faults, &e);
    return rc;
}

/* "0000:01:00.0", "/dev/vg/x,raw,xvdb,w", "mac=00:16:3e:00:00:01,bridge=br0":
 * all that xl knows goes into one word. */
static bool
is_xl_word(const char *word)
{
    return strchr(word, '=') == NULL || strchr(word, ',') != NULL;
}

int
config_device_parse(const char *kind, const char *const *words, size_t n,
                    struct config_device *out, struct err *e)
{
    if (n == 1 && config_device_is_kind(kind) && is_xl_word(words[0]))
        return config_xl_device(kind, words[0], out, e);
    return config_device_pairs(kind, words, n, out, e);
}
