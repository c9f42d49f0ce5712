/*
 * conf_print.c - a domain's configuration as libconfig text, of which
 * config_parse makes an equal one: all that is not the default.
 */
#include "engine/config/core/value.h"

/* NULL: the setting is left out. */
static void
print_text(struct buf *out, const char *indent, const char *key,
           const char *text)
{
    if (text == NULL)
        return;
    buf_fmt(out, "%s%s = ", indent, key);
    value_quoted(out, text);
    buf_str(out, ";\n");
}

static void
print_image(const struct config_image *im, struct buf *out)
{
    buf_str(out, "image = {\n");
    print_text(out, "    ", "type", im->type);
    print_text(out, "    ", "kernel", im->kernel);
    print_text(out, "    ", "ramdisk", im->ramdisk);
    print_text(out, "    ", "root", im->root);
    print_text(out, "    ", "ip", im->ip);
    print_text(out, "    ", "args", im->args);
    buf_str(out, "};\n");
}

/* The short word where it says all, the four long ones otherwise. */
static void
print_actions(const struct domain_config *c, struct buf *out)
{
    enum config_restart r;
    size_t i;

    if (config_restart_of(c->on, &r)) {
        print_text(out, "", "restart", config_restart_name(r));
        return;
    }
    for (i = 0; i < CONFIG_ENDS; i++)
        print_text(out, "", config_end_settings[i],
                   config_action_name(c->on[i]));
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

static void
print_number(struct buf *out, const char *key, unsigned value, unsigned unset)
{
    if (value != unset)
        buf_fmt(out, "%s = %u;\n", key, value);
}

static void
print_true(struct buf *out, const char *key, bool on)
{
    if (on)
        buf_fmt(out, "%s = true;\n", key);
}

static void
print_sched(const struct domain_config *c, struct buf *out)
{
    print_text(out, "", "pool", c->pool);
    print_number(out, "weight", c->weight, 0);
    print_number(out, "cap", c->cap, 0);
    print_number(out, "period", c->period_us, 0);
    print_number(out, "budget", c->budget_us, 0);
    if (c->extratime_set)
        buf_fmt(out, "extratime = %s;\n", c->extratime ? "true" : "false");
}

static void
print_life(const struct domain_config *c, struct buf *out)
{
    print_actions(c, out);
    print_number(out, "restart_min", c->restart_min_s,
                 CONFIG_RESTART_MIN_UNSET);
    print_true(out, "autostart", c->autostart);
    print_number(out, "autostart_order", c->autostart_order,
                 CONFIG_AUTOSTART_ORDER);
    print_number(out, "autostart_delay", c->autostart_delay_s, 0);
    if (c->host_stop != CONFIG_STOP_SHUTDOWN)
        print_text(out, "", "host_stop", config_host_stop_name(c->host_stop));
    print_true(out, "driver_domain", c->driver_domain);
}

void
config_print(const struct domain_config *c, struct buf *out)
{
    char uuid[37];

    print_text(out, "", "name", c->name);
    if (c->uuid_set) {
        uuid_print_text(c->uuid, uuid);
        print_text(out, "", "uuid", uuid);
    }
    buf_fmt(out,
            "memory = %llu;\nmaxmem = %llu;\nvcpus = %u;\nmaxvcpus = %u;\n",
            (unsigned long long)c->mem_kib / 1024,
            (unsigned long long)c->maxmem_kib / 1024, c->vcpus, c->maxvcpus);
    config_cpus_print(&c->cpus, "cpus", ";\n", out);
    config_cpus_print(&c->cpus_soft, "cpus_soft", ";\n", out);
    print_sched(c, out);
    print_image(&c->image, out);
    print_life(c, out);
    print_text(out, "", "features", c->features);
    print_devices(c, out);
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
