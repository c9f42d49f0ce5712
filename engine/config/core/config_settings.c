/*
 * config_settings.c - the settings of a domain: the one table of their names,
 * what each takes and where it is kept, for readers of every format. Rules
 * between settings are finish.c's, devices are device.c's.
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "engine/config/core/value.h"
#include "engine/guest/image.h"
#include "src/base/xalloc.h"

#define COUNT(a)   (sizeof(a) / sizeof(a)[0])
#define AT(member) offsetof(struct domain_config, member)

_Static_assert(CONFIG_NAME_MAX == 63, "as the table says");
_Static_assert(CONFIG_VCPUS_MAX == 128, "as the manual says");
_Static_assert(sizeof(enum config_action) == sizeof(unsigned),
               "words are kept as unsigned");
_Static_assert(sizeof(enum config_host_stop) == sizeof(unsigned),
               "words are kept as unsigned");

/* Keeps a value; may take v->text, leaving NULL. */
typedef int (*store_fn)(const struct config_src *src, struct domain_config *c,
                        const struct config_item *it, struct value *v);

struct setting {
    struct value_rule rule;
    size_t at; /* of the member, without store */
    store_fn store;
};

/* --- checks and stores of single settings */

static bool
uuid_ok(const char *text)
{
    static const uint8_t dom0[16] = { 0 };
    uint8_t uuid[16];

    return uuid_parse_text(text, uuid) && memcmp(uuid, dom0, 16) != 0;
}

static int
store_uuid(const struct config_src *src, struct domain_config *c,
           const struct config_item *it, struct value *v)
{
    (void)src, (void)it;
    c->uuid_set = uuid_parse_text(v->text, c->uuid);
    return 0;
}

static bool
one_word(const char *text)
{
    return strchr(text, ' ') == NULL;
}

/* xl takes nearly any name. */
static bool
pool_ok(const char *text)
{
    return strlen(text) <= CONFIG_NAME_MAX && strchr(text, '/') == NULL;
}

/* libxenguest's form: words joined by "|", "!" in front of one that the
 * kernel must have. */
static bool
features_ok(const char *p)
{
    size_t len;

    for (;;) {
        p += *p == '!';
        len = strspn(p, "abcdefghijklmnopqrstuvwxyz0123456789_");
        if (len == 0 || len > 63)
            return false;
        p += len;
        if (*p == '\0')
            return true;
        if (*p++ != '|')
            return false;
    }
}

static int
store_image_type(const struct config_src *src, struct domain_config *c,
                 const struct config_item *it, struct value *v)
{
    struct buf names = { 0 };

    if (image_type_find(v->text) == NULL) {
        image_type_names(&names);
        value_refuse(src, ERR_INVALID, it, "%s", buf_text(&names));
        buf_free(&names);
        return -1;
    }
    free(c->image.type);
    c->image.type = v->text;
    v->text = NULL;
    return 0;
}

static int
take_cpus(const struct config_src *src, struct config_cpus *k,
          const struct config_item *it, const struct value *v)
{
    uint8_t mask[CONFIG_CPUS_MAX / 8];
    struct err why = { 0 };

    if (it->nth > CONFIG_VCPUS_MAX)
        return value_refuse(src, ERR_RANGE, it,
                            "%d cpu lists, one for each virtual cpu",
                            CONFIG_VCPUS_MAX);
    if (cpus_parse(v->text, mask, &why) < 0)
        return value_bad(src, why.code, it->line,
                         it->shown != NULL ? it->shown : it->name, "%s",
                         why.msg);
    if (it->nth <= 1)
        config_cpus_fini(k);
    if (it->nth > 0)
        config_cpus_add(k, v->text);
    else
        config_cpus_all(k, v->text);
    return 0;
}

static int
store_cpus(const struct config_src *src, struct domain_config *c,
           const struct config_item *it, struct value *v)
{
    return take_cpus(src, &c->cpus, it, v);
}

static int
store_cpus_soft(const struct config_src *src, struct domain_config *c,
                const struct config_item *it, struct value *v)
{
    return take_cpus(src, &c->cpus_soft, it, v);
}

/* restart stands for all ends but those that have a setting of their own,
 * before it or after. */
static int
store_restart(const struct config_src *src, struct domain_config *c,
              const struct config_item *it, struct value *v)
{
    enum config_action on[CONFIG_ENDS];
    size_t i;

    (void)src, (void)it;
    config_actions_of((enum config_restart)v->number, on);
    for (i = 0; i < CONFIG_ENDS; i++)
        if (config_seen_find(c, config_end_settings[i]) == NULL)
            c->on[i] = on[i];
    return 0;
}

static int
store_extratime(const struct config_src *src, struct domain_config *c,
                const struct config_item *it, struct value *v)
{
    (void)src, (void)it;
    c->extratime = v->number != 0;
    c->extratime_set = true;
    return 0;
}

/* --- the table */

#define ON(n, end)                                                             \
    {                                                                          \
        .rule = RULE_WORD(n, config_action_words), .at = AT(on[(end)])         \
    }

static const struct setting settings[] = {
    { .rule = RULE_TEXT(
          "name", config_name_ok,
          "1 to 63 letters, digits and . _ - +, a letter or digit first, not "
          "digits alone, not \"Domain-0\""),
      .at = AT(name) },
    /* all zeroes is the uuid of dom0 */
    { .rule = RULE_TEXT("uuid", uuid_ok,
                        "hexadecimal digits as 8-4-4-4-12, not all zero"),
      .store = store_uuid },
    { .rule = RULE("memory", VALUE_SIZE), .at = AT(mem_kib) },
    { .rule = RULE("maxmem", VALUE_SIZE), .at = AT(maxmem_kib) },
    { .rule = RULE_NUMBER("vcpus", 1, CONFIG_VCPUS_MAX), .at = AT(vcpus) },
    { .rule = RULE_NUMBER("maxvcpus", 1, CONFIG_VCPUS_MAX),
      .at = AT(maxvcpus) },
    { .rule = RULE("cpus", VALUE_CPUS), .store = store_cpus },
    { .rule = RULE("cpus_soft", VALUE_CPUS), .store = store_cpus_soft },
    { .rule = RULE_ID(
          "pool", pool_ok,
          "the name of a cpu pool, at most 63 bytes without /, or its number"),
      .at = AT(pool) },
    { .rule = RULE_NUMBER("weight", 1, 65535), .at = AT(weight) },
    { .rule = RULE_NUMBER("cap", 0, 100 * CONFIG_VCPUS_MAX), .at = AT(cap) },
    { .rule = RULE_NUMBER("period", 10, INT_MAX), .at = AT(period_us) },
    { .rule = RULE_NUMBER("budget", 10, INT_MAX), .at = AT(budget_us) },
    { .rule = RULE("extratime", VALUE_BOOL), .store = store_extratime },
    { .rule = { .name = "image",
                .type = VALUE_GROUP,
                .allowed = "a group, image = { kernel = \"PATH\"; }" } },
    { .rule = RULE_TEXT("image.type", NULL, NULL), .store = store_image_type },
    { .rule = RULE("image.kernel", VALUE_PATH), .at = AT(image.kernel) },
    { .rule = RULE("image.ramdisk", VALUE_PATH), .at = AT(image.ramdisk) },
    { .rule = RULE_TEXT("image.root", NULL, NULL), .at = AT(image.root) },
    { .rule = RULE_TEXT("image.ip", one_word,
                        "one word (other arguments go into args)"),
      .at = AT(image.ip) },
    { .rule = RULE_TEXT("image.args", NULL, NULL), .at = AT(image.args) },
    { .rule = RULE_WORD("restart", config_restart_words),
      .store = store_restart },
    ON("on_poweroff", CONFIG_ON_POWEROFF),
    ON("on_reboot", CONFIG_ON_REBOOT),
    ON("on_crash", CONFIG_ON_CRASH),
    ON("on_watchdog", CONFIG_ON_WATCHDOG),
    { .rule = RULE_NUMBER("restart_min", 0, 86400), .at = AT(restart_min_s) },
    { .rule = RULE("autostart", VALUE_BOOL), .at = AT(autostart) },
    { .rule = RULE_NUMBER("autostart_order", 0, 10000),
      .at = AT(autostart_order) },
    { .rule = RULE_NUMBER("autostart_delay", 0, 3600),
      .at = AT(autostart_delay_s) },
    { .rule = RULE_WORD("host_stop", config_host_stop_words),
      .at = AT(host_stop) },
    { .rule = RULE("driver_domain", VALUE_BOOL), .at = AT(driver_domain) },
    { .rule = RULE_TEXT(
          "features", features_ok,
          "names of kernel features joined by |, each with or without ! in "
          "front"),
      .at = AT(features) },
    { .rule = { .name = "devices",
                .type = VALUE_LIST,
                .allowed = "a list of groups, ( { type = \"vbd\"; ... } )" } },
};

/* --- */

/* COUNT(settings) if there is no such setting. */
static size_t
find(const char *name)
{
    size_t i;

    for (i = 0; i < COUNT(settings); i++)
        if (strcmp(settings[i].rule.name, name) == 0)
            break;
    return i;
}

const struct value_rule *
config_rule(const char *name)
{
    size_t i = find(name);

    return i < COUNT(settings) ? &settings[i].rule : NULL;
}

/* The nearest of the settings of the same group, without its name; of one that
 * stands outside of its group, its whole name. */
static int
refuse_unknown(const struct config_src *src, const struct config_item *it)
{
    const char *dot = strchr(it->name, '.'), *near = "name";
    size_t i, skip = dot == NULL ? 0 : (size_t)(dot + 1 - it->name);
    unsigned distance = UINT_MAX;

    for (i = 0; i < COUNT(settings); i++) {
        const char *name = settings[i].rule.name;

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
    size_t i = find(it->name);
    const struct setting *k = &settings[i];
    struct value v;
    int rc = 0;

    if (i == COUNT(settings))
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
    c->seen = xcalloc(COUNT(settings), sizeof c->seen[0]);
    config_actions_of(CONFIG_RESTART_ONREBOOT, c->on);
    c->restart_min_s = CONFIG_RESTART_MIN_UNSET;
    c->autostart_order = CONFIG_AUTOSTART_ORDER;
    return c;
}

const struct config_seen *
config_seen_find(const struct domain_config *c, const char *name)
{
    size_t i = find(name);

    if (i == COUNT(settings) || c->seen == NULL || c->seen[i].shown == NULL)
        return NULL;
    return &c->seen[i];
}

void
config_seen_free(struct config_seen *seen)
{
    size_t i;

    for (i = 0; seen != NULL && i < COUNT(settings); i++) {
        free(seen[i].shown);
        free(seen[i].found);
    }
    free(seen);
}
