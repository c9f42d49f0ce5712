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
word_of(const struct value_word *words, uint64_t value)
{
    for (; words->word != NULL; words++)
        if (words->value == value)
            return words->word;
    return NULL;
}

/* What stands at the row's member. */
static bool
get_member(const struct setting *k, const struct domain_config *c,
           struct setting_value *out)
{
    const char *at = (const char *)c + k->at;
    unsigned number = 0;
    bool on = false;

    switch (k->rule.type) {
    case VALUE_GROUP:
    case VALUE_LIST:
        return false;
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
        out->text = word_of(k->rule.words, number);
        break;
    case VALUE_BOOL:
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
find(const char *name)
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

const struct value_rule *
config_rule(const char *name)
{
    const struct setting *k = setting_at(find(name));

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
        if (strncmp(name, "image.", 6) == 0 && strcmp(name + 6, it->name) == 0)
            return value_refuse_name(src, it, name);
    }
    return value_refuse_name(src, it, near);
}

static void
store(const struct setting *k, struct domain_config *c, struct value *v)
{
    char *at = (char *)c + k->at;
    unsigned number = (unsigned)v->number;
    bool on = v->number != 0;

    switch (k->rule.type) {
    case VALUE_SIZE:
        memcpy(at, &v->number, sizeof v->number);
        break;
    case VALUE_NUMBER:
    case VALUE_WORD:
        memcpy(at, &number, sizeof number);
        break;
    case VALUE_BOOL:
        memcpy(at, &on, sizeof on);
        break;
    default:
        free(*(char **)(void *)at);
        *(char **)(void *)at = v->text;
        v->text = NULL;
        break;
    }
}

void
config_remember(struct domain_config *c, const struct config_item *it)
{
    struct config_seen *s = &c->seen[find(it->name)];
    struct buf found = { 0 };

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
    const struct setting *k = setting_at(find(it->name));
    struct value v;
    int rc = 0;

    if (k == NULL)
        return refuse_unknown(src, it);
    if (value_take(src, &k->rule, it, &v) < 0)
        return -1;
    if (k->store != NULL)
        rc = k->store(src, c, it, &v);
    else
        store(k, c, &v);
    free(v.text);
    if (rc == 0 && it->nth == 0)
        config_remember(c, it);
    return rc;
}

struct domain_config *
config_new(const char *file)
{
    struct domain_config *c = xcalloc(1, sizeof *c);

    c->file = xstrdup(file);
    c->seen = xcalloc(count(), sizeof c->seen[0]);
    config_actions_of(CONFIG_RESTART_ONREBOOT, c->on);
    c->restart_min_s = CONFIG_RESTART_MIN_UNSET;
    c->autostart_order = CONFIG_AUTOSTART_ORDER;
    return c;
}

const struct config_seen *
config_seen_find(const struct domain_config *c, const char *name)
{
    size_t i = find(name);

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
