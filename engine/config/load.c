/*
 * load.c - see load.h.
 */
#include "engine/config/load.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "engine/config/core/set.h"
#include "engine/config/sxp/sxp_config.h"
#include "engine/config/xl/xl.h"
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
parse(const char *text, enum config_format format, const struct config_src *src,
      struct domain_config **out)
{
    switch (format) {
    case FORMAT_XL:
        return config_xl_parse(text, src, out);
    case FORMAT_SXP:
        return config_sxp_parse(text, src, out);
    case FORMAT_CONF:
    case FORMAT_JSON: /* is written, not read */
        break;
    }
    return config_parse(text, src->file, src->dir, out, src->e);
}

/* format NULL: the one that the text is in. */
static int
load(const char *path, const enum config_format *format, struct buf *warn,
     struct domain_config **out, struct err *e)
{
    struct config_src src = { .file = path, .warn = warn, .e = e };
    struct buf text = { 0 };
    char *dir = NULL;
    int rc = conf_read(path, &text, e);

    if (rc == 0) {
        const char *body = buf_text(&text);

        src.dir = dir = directory_of(path);
        if (dir == NULL)
            rc = err_sys(e, errno, "%s: its directory", path);
        else if (format != NULL)
            rc = parse(body, *format, &src, out);
        else
            rc =
                parse(config_skip_bom(body), config_recognise(body), &src, out);
    }
    free(dir);
    buf_free(&text);
    return rc;
}

int
config_load(const char *path, struct domain_config **out, struct err *e)
{
    static const enum config_format native = FORMAT_CONF;

    return load(path, &native, NULL, out, e);
}

int
config_load_any(const char *path, struct domain_config **out, struct buf *warn,
                struct err *e)
{
    return load(path, NULL, warn, out, e);
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
