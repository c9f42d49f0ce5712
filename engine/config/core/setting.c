/*
 * setting.c - see setting.h: a setting taken by its row of the table, kept in
 * the configuration, and read from it again.
 */
#include "engine/config/core/setting.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/xalloc.h"

static const char *
setting_word_of(const struct value_word *words, uint64_t value)
{
    for (; words->word != NULL; words++)
        if (words->value == value)
            return words->word;
    return NULL;
}

static bool
get_tri(const char *at, struct setting_value *out)
{
    unsigned tri;

    memcpy(&tri, at, sizeof tri);
    out->form = tri != CONFIG_UNSET ? SETTING_BOOL : SETTING_NONE;
    out->number = tri == CONFIG_ON;
    return tri != CONFIG_UNSET;
}

/* What stands at the row's member. */
static bool
get_member(const struct setting *k, const struct domain_config *c,
           struct setting_value *out)
{
    const char *at = (const char *)c + k->at;
    unsigned number = 0;
    int whole = 0;
    bool on = false;

    switch (k->rule.type) {
    case VALUE_GROUP:
    case VALUE_LIST:
        return false;
    case VALUE_TEXTS:
        out->texts = (const struct config_texts *)(const void *)at;
        out->form = out->texts->n > 0 ? SETTING_TEXTS : SETTING_NONE;
        return out->texts->n > 0;
    case VALUE_SIGNED:
        out->form = SETTING_SIGNED;
        memcpy(&whole, at, sizeof whole);
        out->number = (uint64_t)(int64_t)whole;
        break;
    case VALUE_SIZE:
        out->form = SETTING_NUMBER;
        memcpy(&out->number, at, sizeof out->number);
        out->number /= 1024;
        break;
    case VALUE_NUMBER:
        out->form = SETTING_NUMBER;
        memcpy(&number, at, sizeof number);
        out->number = number;
        break;
    case VALUE_WORD:
        out->form = SETTING_TEXT;
        memcpy(&number, at, sizeof number);
        out->number = number;
        out->text = setting_word_of(k->rule.words, number);
        break;
    case VALUE_BOOL:
        if ((k->flags & SETTING_TRI) != 0)
            return get_tri(at, out);
        out->form = SETTING_BOOL;
        memcpy(&on, at, sizeof on);
        out->number = on;
        break;
    default:
        memcpy(&out->text, at, sizeof out->text);
        out->form = out->text != NULL ? SETTING_TEXT : SETTING_NONE;
        return out->text != NULL;
    }
    return out->number != k->unset;
}

bool
setting_get(const struct setting *k, const struct domain_config *c,
            struct setting_value *out)
{
    *out = (struct setting_value){ 0 };
    if (k->get == NULL)
        return get_member(k, c, out);
    k->get(c, out);
    return out->form != SETTING_NONE;
}

/* The number of its row; of one behind the last if there is none. */
static size_t
setting_find(const char *name)
{
    const struct setting *k;
    size_t i;

    for (i = 0; (k = setting_at(i)) != NULL; i++)
        if (strcmp(k->rule.name, name) == 0)
            break;
    return i;
}

static size_t
count(void)
{
    size_t i = 0;

    while (setting_at(i) != NULL)
        i++;
    return i;
}

const struct setting *
setting_named(const char *name)
{
    return setting_at(setting_find(name));
}

const struct value_rule *
config_rule(const char *name)
{
    const struct setting *k = setting_at(setting_find(name));

    return k != NULL ? &k->rule : NULL;
}

/* The nearest of the settings of the same group, without its name; of one that
 * stands outside of its group, its whole name. */
static int
refuse_unknown(const struct config_src *src, const struct config_item *it)
{
    const char *dot = strchr(it->name, '.'), *near = "name";
    size_t i, skip = dot == NULL ? 0 : (size_t)(dot + 1 - it->name);
    const struct setting *k;
    unsigned distance = UINT_MAX;

    for (i = 0; (k = setting_at(i)) != NULL; i++) {
        const char *name = k->rule.name;

        if (strncmp(name, it->name, skip) == 0 &&
            strchr(name + skip, '.') == NULL)
            value_nearer(it->name + skip, name + skip, &distance, &near);
        if (strchr(name, '.') != NULL && dot == NULL &&
            strcmp(strchr(name, '.') + 1, it->name) == 0)
            return value_refuse_name(src, it, name);
    }
    return value_refuse_name(src, it, near);
}

/* A number, as the type of the row keeps it. */
static void
setting_store_number(const struct setting *k, char *at, uint64_t value)
{
    unsigned number = (unsigned)value;
    int whole = (int)(int64_t)value;
    bool on = value != 0;

    if (k->rule.type == VALUE_SIZE)
        memcpy(at, &value, sizeof value);
    else if (k->rule.type == VALUE_SIGNED)
        memcpy(at, &whole, sizeof whole);
    else if (k->rule.type != VALUE_BOOL)
        memcpy(at, &number, sizeof number);
    else if ((k->flags & SETTING_TRI) == 0)
        memcpy(at, &on, sizeof on);
}

static void
setting_store_tri(char *at, bool on)
{
    unsigned tri = on ? CONFIG_ON : CONFIG_OFF;

    memcpy(at, &tri, sizeof tri);
}

/* Of a list the first value, or a single one, takes the place of what there
 * was. */
static void
setting_store_text(const struct setting *k, char *at, unsigned nth,
                   struct value *v)
{
    struct config_texts *texts = (struct config_texts *)(void *)at;

    if (k->rule.type == VALUE_TEXTS) {
        if (nth <= 1)
            config_texts_fini(texts);
        config_texts_add(texts, v->text);
        return;
    }
    free(*(char **)(void *)at);
    *(char **)(void *)at = v->text;
    v->text = NULL;
}

static bool
setting_is_number(const struct setting *k)
{
    switch (k->rule.type) {
    case VALUE_SIZE:
    case VALUE_NUMBER:
    case VALUE_SIGNED:
    case VALUE_WORD:
    case VALUE_BOOL:
        return true;
    default:
        return false;
    }
}

static void
store(const struct setting *k, struct domain_config *c, unsigned nth,
      struct value *v)
{
    char *at = (char *)c + k->at;

    if (k->rule.type == VALUE_BOOL && (k->flags & SETTING_TRI) != 0)
        setting_store_tri(at, v->number != 0);
    else if (setting_is_number(k))
        setting_store_number(k, at, v->number);
    else
        setting_store_text(k, at, nth, v);
}

/* --- all members */

void
settings_init(struct domain_config *c)
{
    const struct setting *k;
    size_t i;

    for (i = 0; (k = setting_at(i)) != NULL; i++)
        if (k->at != 0 && setting_is_number(k))
            setting_store_number(k, (char *)c + k->at, k->unset);
}

static void
setting_clear(const struct setting *k, struct domain_config *c)
{
    char *at = (char *)c + k->at;

    if (k->at == 0 || setting_is_number(k))
        return;
    if (k->rule.type == VALUE_TEXTS) {
        config_texts_fini((struct config_texts *)(void *)at);
        return;
    }
    free(*(char **)(void *)at);
    *(char **)(void *)at = NULL;
}

void
settings_fini(struct domain_config *c)
{
    const struct setting *k;
    size_t i;

    for (i = 0; (k = setting_at(i)) != NULL; i++)
        setting_clear(k, c);
}

void
settings_drop_secrets(struct domain_config *c, struct buf *warn)
{
    const struct setting *k;
    struct setting_value v;
    size_t i;

    for (i = 0; (k = setting_at(i)) != NULL; i++) {
        if (!k->rule.secret || !setting_get(k, c, &v))
            continue;
        setting_clear(k, c);
        if (warn != NULL)
            buf_fmt(warn, "%s: left out: a password is not shown\n",
                    k->rule.name);
    }
}

void
config_texts_add(struct config_texts *t, const char *text)
{
    t->at = xrealloc(t->at, t->n + 1, sizeof t->at[0]);
    t->at[t->n++] = xstrdup(text);
}

void
config_texts_fini(struct config_texts *t)
{
    size_t i;

    for (i = 0; i < t->n; i++)
        free(t->at[i]);
    free(t->at);
    *t = (struct config_texts){ 0 };
}

/* --- kinds */

bool
setting_fits(const struct setting *k, unsigned kind)
{
    return k->kinds == 0 || (k->kinds >> kind & 1) != 0;
}

const char *
setting_kind_words(unsigned kind)
{
    static const char *const words[] = { "a PV domain", "a PVH domain",
                                         "an HVM domain" };

    return words[kind];
}

/* --- one setting */

void
config_remember(struct domain_config *c, const struct config_item *it)
{
    struct config_seen *s = &c->seen[setting_find(it->name)];
    struct buf found = { 0 };

    if (config_rule(it->name)->secret)
        buf_str(&found, "a password");
    else
        value_found(it, &found);
    free(s->shown);
    free(s->found);
    s->shown = xstrdup(it->shown != NULL ? it->shown : it->name);
    s->found = buf_take(&found);
    s->line = it->line;
}

int
config_set(const struct config_src *src, struct domain_config *c,
           const struct config_item *it)
{
    const struct setting *k = setting_at(setting_find(it->name));
    struct value v;
    int rc = 0;

    if (k == NULL)
        return refuse_unknown(src, it);
    if (value_take(src, &k->rule, it, &v) < 0)
        return -1;
    if (k->store != NULL)
        rc = k->store(src, c, it, &v);
    else
        store(k, c, it->nth, &v);
    free(v.text);
    if (rc == 0 && it->nth == 0)
        config_remember(c, it);
    return rc;
}

/* The end of a word: a blank, but none between quotes or behind a backslash. */
static size_t
setting_word_end(const char *p, bool shell)
{
    size_t n = 0;
    char quote = '\0';

    for (; p[n] != '\0'; n++) {
        if (shell && quote != '\'' && p[n] == '\\' && p[n + 1] != '\0')
            n++;
        else if (shell && quote == '\0' && (p[n] == '"' || p[n] == '\''))
            quote = p[n];
        else if (quote != '\0' && p[n] == quote)
            quote = '\0';
        else if (quote == '\0' && (p[n] == ' ' || p[n] == '\t'))
            break;
    }
    return n;
}

/* Without its quotes, as a shell takes it; the caller's. */
static char *
setting_word_plain(const char *p, size_t n)
{
    char *word = xcalloc(1, n + 1), *to = word, quote = '\0';
    size_t i;

    for (i = 0; i < n; i++) {
        if (quote != '\'' && p[i] == '\\' && i + 1 < n &&
            (quote == '\0' || p[i + 1] == '"' || p[i + 1] == '\\'))
            *to++ = p[++i];
        else if (quote == '\0' && (p[i] == '"' || p[i] == '\''))
            quote = p[i];
        else if (quote != '\0' && p[i] == quote)
            quote = '\0';
        else
            *to++ = p[i];
    }
    return word;
}

int
config_set_words(const struct config_src *src, struct domain_config *c,
                 const struct config_item *it, bool shell)
{
    struct config_item one = *it;
    const char *p;
    size_t n;
    int rc = 0;

    for (p = it->value; *p != '\0' && rc == 0; p += n) {
        char *word;

        p += strspn(p, " \t");
        n = setting_word_end(p, shell);
        one.value = word = shell ? setting_word_plain(p, n) : xstrndup(p, n);
        one.nth += n > 0;
        if (n > 0)
            rc = config_set(src, c, &one);
        free(word);
    }
    if (rc == 0 && one.nth > 0)
        config_remember(c, it);
    return rc;
}

struct domain_config *
config_new(const char *file)
{
    struct domain_config *c = xcalloc(1, sizeof *c);

    c->file = xstrdup(file);
    c->seen = xcalloc(count(), sizeof c->seen[0]);
    settings_init(c);
    config_actions_of(CONFIG_RESTART_ONREBOOT, c->on);
    return c;
}

const struct config_seen *
config_seen_find(const struct domain_config *c, const char *name)
{
    size_t i = setting_find(name);

    if (setting_at(i) == NULL || c->seen == NULL || c->seen[i].shown == NULL)
        return NULL;
    return &c->seen[i];
}

void
config_seen_free(struct config_seen *seen)
{
    size_t i;

    for (i = 0; seen != NULL && setting_at(i) != NULL; i++) {
        free(seen[i].shown);
        free(seen[i].found);
    }
    free(seen);
}
