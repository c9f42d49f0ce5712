/*
 * xl_conf.c - see xl_conf.h. libxlutil parses it, as for xl.
 */
#include "engine/config/xl/xl_conf.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "engine/config/xl/xl_lib.h"
#include "engine/config/xl/xl_scan.h"
#include "src/base/conf.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* The later names win over those of long ago. */
static const struct {
    const char *name;
    size_t at, size;
} texts[] = {
#define TEXT(n, member)                                                        \
    {                                                                          \
        n, offsetof(struct xl_conf, member),                                   \
            sizeof(((struct xl_conf *)NULL)->member)                           \
    }
    TEXT("vifscript", script),
    TEXT("defaultbridge", bridge),
    TEXT("vif.default.script", script),
    TEXT("vif.default.bridge", bridge),
    TEXT("vif.default.gatewaydev", gatewaydev),
    TEXT("vif.default.backend", backend),
    TEXT("lockfile", lockfile),
#undef TEXT
};

static int
xl_conf_text(const struct xl_lib *l, const char *path, size_t i,
             struct xl_conf *out, struct err *e)
{
    const char *text;
    size_t n;

    if (xlu_cfg_get_string(l->cfg, texts[i].name, &text, 1) != 0)
        return 0;
    n = strlen(text);
    if (n >= texts[i].size || !conf_is_safe(text, n))
        return err_set(e, ERR_INVALID,
                       "%s: %s: found %zu bytes, allowed at most %zu of text",
                       path, texts[i].name, n, texts[i].size - 1);
    memcpy((char *)out + texts[i].at, text, n + 1);
    return 0;
}

static int
xl_conf_balloon(const struct xl_lib *l, const char *path, struct xl_conf *out,
                struct err *e)
{
    static const struct {
        const char *word;
        enum xl_autoballoon value;
    } words[] = { { "auto", XL_BALLOON_AUTO },
                  { "on", XL_BALLOON_ON },
                  { "1", XL_BALLOON_ON },
                  { "off", XL_BALLOON_OFF },
                  { "0", XL_BALLOON_OFF } };
    const char *text;
    char safe[64];
    size_t i;

    if (xlu_cfg_get_string(l->cfg, "autoballoon", &text, 1) != 0)
        return 0;
    for (i = 0; i < COUNT(words); i++)
        if (strcmp(words[i].word, text) == 0) {
            out->autoballoon = words[i].value;
            return 0;
        }
    (void)text_safe(safe, sizeof(safe), text, strlen(text));
    return err_set(e, ERR_INVALID,
                   "%s: autoballoon: found \"%s\", allowed \"auto\", \"on\", "
                   "\"off\", 1 or 0",
                   path, safe);
}

static const struct {
    const char *name;
    size_t at;
} limits[] = {
    { "max_grant_frames", offsetof(struct xl_conf, max_grant_frames) },
    { "max_maptrack_frames", offsetof(struct xl_conf, max_maptrack_frames) },
    { "max_grant_version", offsetof(struct xl_conf, max_grant_version) },
};

static int
xl_conf_limit(const struct xl_lib *l, const char *path, size_t i,
              struct xl_conf *out, struct err *e)
{
    struct xl_limit *limit =
        (struct xl_limit *)(void *)((char *)out + limits[i].at);
    long v = 0;
    int r = xlu_cfg_get_long(l->cfg, limits[i].name, &v, 1);

    if (r == ESRCH)
        return 0;
    if (r != 0 || v < 0 || v > INT_MAX)
        return err_set(e, ERR_INVALID, "%s: %s: allowed 0 to %d", path,
                       limits[i].name, INT_MAX);
    *limit = (struct xl_limit){ .set = true, .value = (uint32_t)v };
    return 0;
}

/* What is not done for these is named, unless it is what they ask for. What
 * only concerns xl's own output and its replication is not. */
static void
xl_conf_unmet(const struct xl_lib *l, struct xl_conf *out)
{
    static const struct {
        const char *name, *off;
    } names[] = {
        { "vm.cpumask", "all" },
        { "vm.pv.cpumask", "all" },
        { "vm.hvm.cpumask", "all" },
        { "claim_mode",
          "1" }, /* memory is always claimed before it is filled */
        { "run_hotplug_scripts", "1" },
    };
    struct buf b = { 0 };
    const char *text;
    size_t i;

    for (i = 0; i < COUNT(names); i++)
        if (xlu_cfg_get_string(l->cfg, names[i].name, &text, 1) == 0 &&
            strcmp(text, names[i].off) != 0)
            buf_fmt(&b, "%s%s", b.len > 0 ? ", " : "", names[i].name);
    text_fmt(out->unmet, sizeof(out->unmet), "%s", buf_text(&b));
    buf_free(&b);
}

static int
xl_conf_take(const struct xl_lib *l, const char *path, struct xl_conf *out,
             struct err *e)
{
    size_t i;

    for (i = 0; i < COUNT(texts); i++)
        if (xl_conf_text(l, path, i, out, e) < 0)
            return -1;
    for (i = 0; i < COUNT(limits); i++)
        if (xl_conf_limit(l, path, i, out, e) < 0)
            return -1;
    xl_conf_unmet(l, out);
    return xl_conf_balloon(l, path, out, e);
}

static int
xl_conf_parse(struct xl_lib *l, const char *path, const struct buf *text,
              struct xl_conf *out, struct err *e)
{
    struct xl_names names = { 0 };
    struct buf plain = { 0 }, said = { 0 };
    unsigned line;
    int rc;

    xl_normalise(buf_text(text), &plain);
    rc = xl_scan(buf_text(&plain), path, &names, e); /* bounds it */
    if (rc == 0 && plain.len > 0 &&
        xlu_cfg_readdata(l->cfg, plain.data, (int)plain.len) != 0) {
        line = xl_lib_said(l, &said);
        rc = err_set(e, ERR_INVALID, "%s:%u: found a mistake %s", path, line,
                     buf_text(&said));
    }
    if (rc == 0)
        rc = xl_conf_take(l, path, out, e);
    xl_names_fini(&names);
    buf_free(&plain);
    buf_free(&said);
    return rc;
}

int
xl_conf_read(const char *path, struct xl_conf *out, struct err *e)
{
    static const struct xl_conf none = { 0 };
    struct xl_lib l = { 0 };
    struct buf text = { 0 };
    struct err why = { 0 };
    int rc = conf_read(path, &text, &why);

    *out = none;
    if (rc < 0 && why.code != ERR_NOENT && e != NULL)
        *e = why;
    if (rc < 0 && why.code == ERR_NOENT)
        rc = 0;
    else if (rc == 0 && (rc = xl_lib_init(&l, e)) == 0) {
        rc = xl_conf_parse(&l, path, &text, out, e);
        xl_lib_fini(&l);
    }
    buf_free(&text);
    if (rc < 0)
        *out = none;
    return rc;
}
