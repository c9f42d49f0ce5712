/*
 * corpus.h - files of foreign formats and what becomes of them, checked in one
 * way: what is said, and that it comes back the same when written again.
 */
#ifndef XENDECK_TESTS_CORPUS_H
#define XENDECK_TESTS_CORPUS_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/config/core/set.h"
#include "engine/config/load.h"
#include "tests/unit/config_fixture.h"

/* says: after the file's name; of one that loads its warnings, of one that is
 * refused the sentence. */
struct corpus_file {
    const char *file;
    enum { LOADS, REFUSED } outcome;
    const char *says;
};

struct corpus {
    const char *dir, *suffix;
    enum config_format format;
    int (*parse)(const char *text, const struct config_src *src,
                 struct domain_config **out);
    void (*print)(const struct domain_config *c, struct buf *out);
    const struct corpus_file *files; /* all there are */
    size_t n;
};

/* What was said, with the file's name left out; the caller's. */
static inline char *
corpus_said(const char *said, const char *path)
{
    struct buf out = { 0 };
    size_t n = strlen(path);

    while (*said != '\0') {
        if (strncmp(said, path, n) == 0)
            said += n;
        buf_chr(&out, *said++);
    }
    return buf_take(&out);
}

/* Written and read again it is the same, says nothing, and is written so
 * again. */
static inline void
corpus_round_trip(const struct corpus *co, const struct domain_config *c)
{
    struct buf text = { 0 }, warn = { 0 }, again_text = { 0 };
    struct err e = { 0 };
    struct config_src src = {
        .file = "again", .dir = "/", .warn = &warn, .e = &e
    };
    struct domain_config *again = NULL;

    co->print(c, &text);
    assert_int_equal(config_recognise(buf_text(&text)), co->format);
    if (co->parse(buf_text(&text), &src, &again) < 0)
        fail_msg("%s in\n%s", e.msg, buf_text(&text));
    assert_same_config(c, again);
    config_lost(c, co->format, &warn);
    assert_string_equal(buf_text(&warn), "");
    co->print(again, &again_text);
    assert_string_equal(buf_text(&text), buf_text(&again_text));
    config_free(again);
    buf_free(&text);
    buf_free(&again_text);
    buf_free(&warn);
}

static inline struct domain_config *
corpus_load(const struct corpus *co, const char *file)
{
    struct domain_config *c = NULL;
    struct err e = { 0 };
    char path[128];

    snprintf(path, sizeof path, "%s%s%s", co->dir, file, co->suffix);
    if (config_load_any(path, &c, NULL, &e) < 0)
        fail_msg("%s", e.msg);
    return c;
}

static inline void
corpus_check(const struct corpus *co, const struct corpus_file *f)
{
    struct domain_config *c = NULL;
    struct buf warn = { 0 };
    struct err e = { 0 };
    char path[128], *said;
    int rc;

    snprintf(path, sizeof path, "%s%s%s", co->dir, f->file, co->suffix);
    rc = config_load_any(path, &c, &warn, &e);
    said = corpus_said(rc < 0 ? e.msg : buf_text(&warn), path);
    if ((rc == 0) != (f->outcome == LOADS) || strcmp(said, f->says) != 0)
        fail_msg("%s: %s\n%s\nnot\n%s", f->file, rc < 0 ? "refused" : "loads",
                 said, f->says);
    if (rc == 0)
        corpus_round_trip(co, c);
    else
        assert_int_not_equal(e.code, ERR_NONE);
    free(said);
    buf_free(&warn);
    config_free(c);
}

static inline size_t
corpus_count(const struct corpus *co)
{
    DIR *d = opendir(co->dir);
    const struct dirent *de;
    size_t n = 0;

    assert_non_null(d);
    while ((de = readdir(d)) != NULL)
        n += de->d_name[0] != '.';
    closedir(d);
    return n;
}

static inline void
corpus_check_all(const struct corpus *co)
{
    size_t i;

    assert_int_equal(corpus_count(co), co->n);
    for (i = 0; i < co->n; i++)
        corpus_check(co, &co->files[i]);
}

static inline void
assert_device(const struct domain_config *c, size_t i, const char *key,
              const char *value)
{
    const char *found;

    assert_true(i < c->n_devices);
    found = config_device_value(&c->devices[i], key);
    if (value == NULL)
        assert_null(found);
    else if (found == NULL || strcmp(found, value) != 0)
        fail_msg("device %zu: %s is %s, not %s", i, key,
                 found != NULL ? found : "not set", value);
}

#endif
