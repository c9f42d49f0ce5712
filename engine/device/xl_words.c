/*
 * xl_words.c - see xl_words.h.
 * Facts of xl 4.17: block-attach takes a specification as xl.cfg has it,
 * network-attach the words of one, each an argument; cd-insert and cd-eject
 * are refused for all but HVM domains.
 */
#include "engine/device/xl_words.h"

#include <stdlib.h>
#include <string.h>

#include "engine/config/core/set.h"
#include "engine/config/xl/xl.h"
#include "engine/device/device.h"
#include "engine/task/xl_line.h"
#include "src/base/xalloc.h"

#define WORD_MAX 4200 /* each byte of a value may need four */

/* --- read --- */

static char *
join_words(const struct device_want *want)
{
    struct buf spec = { 0 };
    size_t i;

    for (i = 0; i < want->n; i++)
        buf_fmt(&spec, "%s%s", i > 0 ? "," : "", want->words[i]);
    return buf_take(&spec);
}

/* A specification is left to those who read specifications. */
static char *
read_word(const struct device_type *type, const char *word, bool first)
{
    const struct device_xl_name *n = type->xl.names;

    if (first && type->xl.by_id && strpbrk(word, "=,") == NULL)
        return xasprintf("%s=%s", type->id_key, word);
    for (; n != NULL && n->xl != NULL && strchr(word, ',') == NULL; n++)
        if (strncmp(word, n->xl, strlen(n->xl)) == 0)
            return xasprintf("%s%s", n->ours, word + strlen(n->xl));
    return xstrdup(word);
}

char **
xl_words_read(const struct device_want *want, size_t *n_out)
{
    const struct device_type *type = device_traits(want->kind);
    char **words = xcalloc(want->n + 1, sizeof(*words));
    size_t i;

    *n_out = type->xl.joined ? 1 : want->n;
    if (type->xl.joined)
        words[0] = join_words(want);
    else
        for (i = 0; i < want->n; i++)
            words[i] = read_word(type, want->words[i], i == 0);
    return words;
}

void
xl_words_free(char **words, size_t n)
{
    size_t i;

    for (i = 0; i < n; i++)
        free(words[i]);
    free(words);
}

/* --- printed --- */

static void
xl_words_add_word(struct buf *out, const char *text)
{
    char word[WORD_MAX];

    buf_fmt(out, " %s", xl_quote(word, sizeof(word), text));
}

/* None of them holds a comma, or there is no specification. */
static void
add_words(struct buf *out, const char *spec)
{
    char word[WORD_MAX / 4];
    size_t n;

    for (; *spec != '\0'; spec += n, spec += *spec == ',') {
        n = strcspn(spec, ",");
        text_fmt(word, sizeof(word), "%.*s", (int)n, spec);
        xl_words_add_word(out, word);
    }
}

void
xl_words_attach(const struct dom *d, const struct config_device *c,
                struct buf *out)
{
    const struct device_xl *xl = &device_traits(c->kind)->xl;
    struct buf spec = { 0 };

    if (xl->verbs != NULL && config_xl_spec(c, &spec)) {
        buf_fmt(out, "xl %s-attach", xl->verbs);
        xl_words_add_word(out, d->name);
        if (xl->split)
            add_words(out, buf_text(&spec));
        else
            xl_words_add_word(out, buf_text(&spec));
        if (xl->key != NULL && config_device_value(c, xl->key) == NULL)
            xl_words_add_word(out, xl->word);
    }
    buf_free(&spec);
}

void
xl_words_detach(const struct dom *d, const struct dom_device *row, bool force,
                struct buf *out)
{
    const struct device_xl *xl = &device_traits(row->kind)->xl;
    char id[16];

    if (xl->verbs == NULL)
        return;
    text_fmt(id, sizeof(id), "%u", row->devid);
    buf_fmt(out, "xl %s-detach", xl->verbs);
    if (force && xl->force != NULL)
        buf_fmt(out, " %s", xl->force);
    xl_words_add_word(out, d->name);
    xl_words_add_word(out, xl->by_devid ? id : row->name);
    if (force && xl->force_last != NULL)
        buf_fmt(out, " %s", xl->force_last);
}

void
xl_words_cd(const struct dom *d, const struct dom_device *had,
            const struct config_device *c, struct buf *out)
{
    if (had != NULL)
        xl_words_detach(d, had, false, out);
    if (had != NULL && c != NULL)
        buf_str(out, " && ");
    if (c != NULL)
        xl_words_attach(d, c, out);
}
