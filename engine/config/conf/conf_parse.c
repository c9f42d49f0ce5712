/*
 * conf_parse.c - a domain's configuration from libconfig text: each setting,
 * with the type that its author gave it, goes through the table of settings.
 */
#include <stdlib.h>
#include <string.h>

#include "engine/config/core/value.h"
#include "src/base/xalloc.h"

/* A setting as it is shown in messages, and as text. */
struct written {
    struct buf shown, found, value;
    struct config_item it;
};

static void
written_init(struct written *w, const config_setting_t *s, const char *name)
{
    *w = (struct written){ 0 };
    conf_path(s, &w->shown);
    conf_found(s, &w->found);
    w->it = (struct config_item){ .name = name,
                                  .shown = buf_text(&w->shown),
                                  .value = "",
                                  .line = config_setting_source_line(s),
                                  .found = buf_text(&w->found) };
}

static void
written_fini(struct written *w)
{
    buf_free(&w->shown);
    buf_free(&w->found);
    buf_free(&w->value);
}

static bool
is_integer(const config_setting_t *s)
{
    int type = config_setting_type(s);

    return type == CONFIG_TYPE_INT || type == CONFIG_TYPE_INT64;
}

/* True if the type of s is one that values of the rule are written in. */
static bool
type_fits(const struct value_rule *rule, const config_setting_t *s)
{
    const char *text = config_setting_get_string(s);

    switch (rule->type) {
    case VALUE_NUMBER:
    case VALUE_SIGNED:
        return is_integer(s);
    case VALUE_BOOL:
        return config_setting_type(s) == CONFIG_TYPE_BOOL;
    case VALUE_SIZE: /* digits in quotes may be meant for bytes */
        return is_integer(s) ||
               (text != NULL && strspn(text, "0123456789") != strlen(text));
    case VALUE_ID:
    case VALUE_CPUS:
        return text != NULL || is_integer(s);
    case VALUE_GROUP:
    case VALUE_LIST:
        return false;
    default:
        return text != NULL;
    }
}

static void
conf_parse_value_text(const config_setting_t *s, struct buf *out)
{
    switch (config_setting_type(s)) {
    case CONFIG_TYPE_STRING:
        buf_str(out, config_setting_get_string(s));
        break;
    case CONFIG_TYPE_BOOL:
        buf_str(out, config_setting_get_bool(s) ? "true" : "false");
        break;
    default:
        buf_fmt(out, "%lld", config_setting_get_int64(s));
        break;
    }
}

/* A number among cpus has bounds of its own: as a text it would be a list of
 * one, and refused as such. */
static int
check_cpu(const struct config_src *src, const struct written *w)
{
    static const struct value_rule number = { .type = VALUE_NUMBER,
                                              .max = CONFIG_CPUS_MAX - 1 };
    struct value v;
    int rc = value_take(src, &number, &w->it, &v);

    free(v.text);
    return rc;
}

/* The value of s into *w; rule NULL: an unknown setting, refused by whom it is
 * given to. */
static int
conf_parse_take(const struct config_src *src, const struct value_rule *rule,
                const config_setting_t *s, struct written *w)
{
    if (rule == NULL)
        return 0;
    if (rule->secret)
        w->it.found = "a password";
    if (!type_fits(rule, s))
        return value_refuse_type(src, rule, &w->it);
    conf_parse_value_text(s, &w->value);
    w->it.value = buf_text(&w->value);
    return rule->type == VALUE_CPUS && is_integer(s) ? check_cpu(src, w) : 0;
}

/* nth: as that of an item. */
static int
conf_parse_read_value(const struct config_src *src, const config_setting_t *s,
                      const char *name, unsigned nth, struct domain_config *c)
{
    struct written w;
    int rc;

    written_init(&w, s, name);
    w.it.nth = nth;
    rc = conf_parse_take(src, config_rule(name), s, &w);
    if (rc == 0)
        rc = config_set(src, c, &w.it);
    written_fini(&w);
    return rc;
}

static void
conf_parse_remember(struct domain_config *c, const config_setting_t *s,
                    const char *name)
{
    struct written w;

    written_init(&w, s, name);
    config_remember(c, &w.it);
    written_fini(&w);
}

/* A list of texts, or of one list of cpus for each vcpu. */
static int
read_each(const struct config_src *src, const config_setting_t *s,
          const char *name, struct domain_config *c)
{
    unsigned i, n = (unsigned)config_setting_length(s);
    struct written w;

    if (n == 0) {
        written_init(&w, s, name);
        if (config_rule(name)->type == VALUE_CPUS)
            value_refuse(src, ERR_INVALID, &w.it,
                         "one cpu list, or one for each virtual cpu");
        else
            value_refuse(src, ERR_INVALID, &w.it,
                         "a text, a list of texts, or no such setting");
        written_fini(&w);
        return -1;
    }
    for (i = 0; i < n; i++)
        if (conf_parse_read_value(src, config_setting_get_elem(s, i), name,
                                  i + 1, c) < 0)
            return -1;
    conf_parse_remember(c, s, name);
    return 0;
}

static int
read_setting(const struct config_src *src, const config_setting_t *s,
             const char *name, struct domain_config *c)
{
    const struct value_rule *rule = config_rule(name);

    if (rule != NULL &&
        (rule->type == VALUE_CPUS || rule->type == VALUE_TEXTS) &&
        (config_setting_is_array(s) || config_setting_is_list(s)))
        return read_each(src, s, name, c);
    return conf_parse_read_value(src, s, name, 0, c);
}

/* --- groups and lists */

/* A group, "image": its members are settings, "image.kernel". */
static int
read_members(const struct config_src *src, const config_setting_t *s,
             const char *group, struct domain_config *c)
{
    const config_setting_t *m;
    int i, rc = 0;
    char *name;

    if (!config_setting_is_group(s))
        return read_setting(src, s, group, c); /* which is refused */
    conf_parse_remember(c, s, group);
    for (i = 0; i < config_setting_length(s) && rc == 0; i++) {
        m = config_setting_get_elem(s, (unsigned)i);
        name = xasprintf("%s.%s", group, config_setting_name(m));
        rc = read_setting(src, m, name, c);
        if (rc < 0 && config_goes_on(src, name))
            rc = 0;
        free(name);
    }
    return rc;
}

static int
conf_parse_read_key(const struct config_src *src, const config_setting_t *s,
                    struct config_device *d)
{
    const char *name = config_setting_name(s);
    struct written w;
    int rc;

    if (strcmp(name, "type") == 0)
        return 0; /* known by now */
    written_init(&w, s, name);
    rc = conf_parse_take(src, device_rule(d->kind, name), s, &w);
    if (rc == 0)
        rc = config_device_set(src, d, &w.it);
    written_fini(&w);
    return rc;
}

/* The device that a group makes, without its settings. */
static struct config_device *
begin_device(const struct config_src *src, const config_setting_t *s,
             struct domain_config *c)
{
    const config_setting_t *type = config_setting_get_member(s, "type");
    unsigned line = config_setting_source_line(s);
    struct written w;

    if (type != NULL && config_setting_type(type) == CONFIG_TYPE_STRING)
        return config_device_begin(src, c, config_setting_get_string(type),
                                   line);
    written_init(&w, type != NULL ? type : s, "type");
    if (type == NULL)
        value_bad(src, ERR_INVALID, line, w.it.shown,
                  "found a device without type, allowed one with type, such "
                  "as \"vbd\"");
    else
        device_refuse_kind(src, &w.it);
    written_fini(&w);
    return NULL;
}

static int
read_device(const struct config_src *src, const config_setting_t *s,
            struct domain_config *c)
{
    struct config_device *d;
    struct written w;
    int i;

    if (!config_setting_is_group(s)) {
        written_init(&w, s, "devices");
        value_refuse(src, ERR_INVALID, &w.it,
                     "a group, { type = \"vbd\"; ... }");
        written_fini(&w);
        return -1;
    }
    d = begin_device(src, s, c);
    if (d == NULL)
        return -1;
    written_init(&w, s, "devices");
    config_device_name(d, w.it.shown); /* also behind one that was refused */
    written_fini(&w);
    for (i = 0; i < config_setting_length(s); i++) {
        if (conf_parse_read_key(src, config_setting_get_elem(s, (unsigned)i),
                                d) == 0)
            continue;
        d->refused = true;
        if (!config_goes_on(src, NULL))
            return -1;
    }
    return 0;
}

static int
conf_parse_read_devices(const struct config_src *src, const config_setting_t *s,
                        struct domain_config *c)
{
    int i;

    if (!config_setting_is_list(s))
        return read_setting(src, s, "devices", c); /* which is refused */
    conf_parse_remember(c, s, "devices");
    for (i = 0; i < config_setting_length(s); i++)
        if (read_device(src, config_setting_get_elem(s, (unsigned)i), c) < 0 &&
            !config_goes_on(src, NULL))
            return -1;
    return 0;
}

static int
conf_parse_read_all(const struct config_src *src, const config_setting_t *root,
                    struct domain_config *c)
{
    const config_setting_t *s;
    const struct value_rule *rule;
    const char *name;
    int i, rc = 0;

    for (i = 0; i < config_setting_length(root) && rc == 0; i++) {
        s = config_setting_get_elem(root, (unsigned)i);
        name = config_setting_name(s);
        rule = config_rule(name);
        if (rule != NULL && rule->type == VALUE_GROUP)
            rc = read_members(src, s, name, c);
        else if (rule != NULL && rule->type == VALUE_LIST)
            rc = conf_parse_read_devices(src, s, c);
        else
            rc = read_setting(src, s, name, c);
        if (rc < 0 && config_goes_on(src, name))
            rc = 0;
    }
    return rc < 0 ? -1 : config_finish(src, c);
}

int
config_conf_parse(const char *text, const struct config_src *src,
                  struct domain_config **out)
{
    struct domain_config *c;
    config_t cfg;
    int rc;

    if (conf_parse(text, src->file, &cfg, src->e) < 0)
        return -1;
    c = config_new(src->file);
    rc = conf_parse_read_all(src, config_root_setting(&cfg), c);
    config_destroy(&cfg);
    if (rc < 0)
        config_free(c);
    else
        *out = c;
    return rc;
}

int
config_parse(const char *text, const char *file, const char *dir,
             struct domain_config **out, struct err *e)
{
    const struct config_src src = { .file = file, .dir = dir, .e = e };

    return config_conf_parse(text, &src, out);
}
