/*
 * tags.c - see tags.h. What the file holds is checked as what is typed: it may
 * have been edited.
 */
#include "engine/record/tags.h"

#include <stdlib.h>
#include <string.h>

#include "engine/record/db.h"
#include "src/base/buf.h"

#define TAG_BYTES 32 /* of one, with the NUL */
#define TAGS_MAX  16 /* as many as fit if each has a few letters */

static const char tag_chars[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";

struct tag_set {
    char at[TAGS_MAX][TAG_BYTES];
    size_t n;
};

static size_t
tag_find(const struct tag_set *s, const char *tag)
{
    size_t i;

    for (i = 0; i < s->n && strcmp(s->at[i], tag) != 0; i++)
        ;
    return i;
}

static int
tag_check(const char *word, size_t n, struct err *e)
{
    if (n > 0 && n < TAG_BYTES && word[0] != '-' &&
        strspn(word, tag_chars) >= n)
        return 0;
    return err_set(e, ERR_INVALID,
                   "tag: found '%.*s', allowed 1 to %d of A-Z a-z 0-9 . _ -, "
                   "with commas between tags",
                   (int)n, word, TAG_BYTES - 1);
}

static int
tag_give(struct tag_set *s, const char *word, size_t n, struct err *e)
{
    char tag[TAG_BYTES];

    text_fmt(tag, sizeof(tag), "%.*s", (int)n, word);
    if (tag_find(s, tag) < s->n)
        return 0;
    if (s->n == TAGS_MAX)
        return err_set(e, ERR_RANGE, "tag: allowed %d tags on a domain",
                       TAGS_MAX);
    memcpy(s->at[s->n++], tag, sizeof(tag));
    return 0;
}

static void
tag_take(struct tag_set *s, const char *word, size_t n)
{
    char tag[TAG_BYTES];
    size_t i;

    text_fmt(tag, sizeof(tag), "%.*s", (int)n, word);
    i = tag_find(s, tag);
    if (i < s->n)
        memmove(s->at[i], s->at[i + 1], (--s->n - i) * sizeof(s->at[0]));
}

/* The words of a change, without the mark in front of all. */
static int
tags_take_words(struct tag_set *s, const char *text, struct err *e)
{
    bool off;
    size_t n;

    for (; *text != '\0'; text += n + (text[n] == ',')) {
        off = *text == '-';
        text += off;
        n = strcspn(text, ",");
        if (tag_check(text, n, e) < 0)
            return -1;
        if (off)
            tag_take(s, text, n);
        else if (tag_give(s, text, n, e) < 0)
            return -1;
    }
    return 0;
}

static int
tag_compare(const void *a, const void *b)
{
    return strcmp(a, b);
}

int
tags_change(char tags[DOM_TAGS_BYTES], const char *change, struct err *e)
{
    struct tag_set s = { .n = 0 };
    struct buf text = { 0 };
    size_t i;
    int rc = 0;

    if (*change == '\0')
        return tag_check(change, 0, e);
    if (*change == '=')
        change++;
    else
        rc = tags_take_words(&s, tags, e);
    if (rc < 0 || tags_take_words(&s, change, e) < 0)
        return -1;
    qsort(s.at, s.n, sizeof(s.at[0]), tag_compare);
    for (i = 0; i < s.n; i++)
        buf_fmt(&text, "%s%s", i > 0 ? "," : "", s.at[i]);
    if (text.len >= DOM_TAGS_BYTES)
        rc = err_set(e, ERR_RANGE, "tag: found %zu bytes of tags, allowed %d",
                     text.len, DOM_TAGS_BYTES - 1);
    else
        memcpy(tags, buf_text(&text), text.len + 1);
    buf_free(&text);
    return rc;
}

void
tags_load(const char *dir, const uint8_t uuid[16], char out[DOM_TAGS_BYTES])
{
    struct buf text = { 0 };

    out[0] = '\0';
    if (db_get_text(dir, uuid, ".tags", &text, NULL) == 0 && text.len > 0) {
        text.data[strcspn(text.data, "\n")] = '\0';
        if (tags_change(out, text.data, NULL) < 0)
            out[0] = '\0';
    }
    buf_free(&text);
}

int
tags_save(const char *dir, const uint8_t uuid[16], const char *tags,
          struct err *e)
{
    struct buf text = { 0 };
    int rc;

    if (tags[0] == '\0')
        return db_drop_text(dir, uuid, ".tags", e);
    buf_fmt(&text, "%s\n", tags);
    rc = db_put_text(dir, uuid, ".tags", &text, e);
    buf_free(&text);
    return rc;
}
