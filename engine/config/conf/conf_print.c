/*
 * conf_print.c - a domain's configuration as libconfig text, of which
 * config_parse makes an equal one: all that is not the default.
 */
#include <string.h>

#include "engine/config/core/setting.h"

/* The settings in front of a dot, "image", are members of a group. */
static const char *
member_name(const char *name)
{
    const char *dot = strchr(name, '.');

    return dot != NULL ? dot + 1 : name;
}

static void
print_texts(const struct config_texts *t, struct buf *out)
{
    size_t i;

    if (t->n > 1)
        buf_chr(out, '(');
    for (i = 0; i < t->n; i++) {
        buf_str(out, i > 0 ? ", " : "");
        value_quoted(out, t->at[i]);
    }
    if (t->n > 1)
        buf_chr(out, ')');
}

static void
print_value(const char *name, const struct setting_value *v, struct buf *out)
{
    if (v->form == SETTING_CPUS) {
        config_cpus_print(v->cpus, name, ";\n", out);
        return;
    }
    buf_fmt(out, "%s = ", name);
    if (v->form == SETTING_TEXT)
        value_quoted(out, v->text);
    else if (v->form == SETTING_TEXTS)
        print_texts(v->texts, out);
    else if (v->form == SETTING_SIGNED)
        buf_fmt(out, "%lld", (long long)v->number);
    else if (v->form == SETTING_BOOL)
        buf_str(out, v->number != 0 ? "true" : "false");
    else
        buf_fmt(out, "%llu", (unsigned long long)v->number);
    buf_str(out, ";\n");
}

/* Whether one short word says what the four long settings say. */
static bool
short_says_all(const struct domain_config *c)
{
    enum config_restart r;

    return config_restart_of(c->on, &r);
}

/* False: it is left out. */
static bool
conf_print_wants(const struct setting *k, const struct domain_config *c,
                 struct setting_value *out)
{
    bool set = setting_get(k, c, out);

    if (!set && (k->flags & SETTING_ALWAYS) == 0)
        return false;
    return (k->flags & SETTING_LONG) == 0 || !short_says_all(c);
}

/* *group: the one that is not closed yet; NULL: none. */
static void
conf_print_print_setting(const struct setting *k, const struct setting_value *v,
                         const char **group, const char *new_group,
                         struct buf *out)
{
    if (*group != new_group && new_group != NULL)
        buf_fmt(out, "%s = {\n", new_group);
    *group = new_group;
    buf_str(out, new_group != NULL ? "    " : "");
    print_value(member_name(k->rule.name), v, out);
}

static void
print_device(const struct config_device *d, struct buf *out)
{
    size_t i;

    buf_str(out, "    { type = ");
    value_quoted(out, d->kind);
    buf_chr(out, ';');
    for (i = 0; i < d->n_keys; i++) {
        buf_fmt(out, " %s = ", d->keys[i]);
        if (device_key_bare(d->kind, d->keys[i]))
            buf_str(out, d->values[i]);
        else
            value_quoted(out, d->values[i]);
        buf_chr(out, ';');
    }
    buf_str(out, " }");
}

static void
print_devices(const struct domain_config *c, struct buf *out)
{
    size_t i;

    if (c->n_devices == 0)
        return;
    buf_str(out, "devices = (\n");
    for (i = 0; i < c->n_devices; i++) {
        print_device(&c->devices[i], out);
        buf_str(out, i + 1 < c->n_devices ? ",\n" : "\n");
    }
    buf_str(out, ");\n");
}

/* A group is opened by its first member that is written. */
void
config_print(const struct domain_config *c, struct buf *out)
{
    const char *open = NULL, *group = NULL;
    const struct setting *k;
    struct setting_value v;
    size_t i;

    for (i = 0; (k = setting_at(i)) != NULL; i++) {
        if (open != NULL && strchr(k->rule.name, '.') == NULL) {
            buf_str(out, "};\n");
            open = NULL;
        }
        if (k->rule.type == VALUE_GROUP)
            group = k->rule.name;
        else if (k->rule.type == VALUE_LIST)
            print_devices(c, out);
        else if (conf_print_wants(k, c, &v))
            conf_print_print_setting(
                k, &v, &open, strchr(k->rule.name, '.') ? group : NULL, out);
    }
}

int
config_print_checked(const struct domain_config *c, struct buf *out,
                     struct err *e)
{
    struct domain_config *again = NULL;
    struct buf text = { 0 };
    int rc;

    config_print(c, &text);
    rc = config_parse(buf_text(&text), "record", NULL, &again, e);
    if (rc == 0)
        buf_add(out, buf_text(&text), text.len);
    else
        err_wrap(e, "'%s' cannot be put on record", c->name);
    config_free(again);
    buf_free(&text);
    return rc;
}
