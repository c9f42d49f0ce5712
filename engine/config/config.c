/*
 * config.c - a domain's configuration as a whole: read from a file, printed,
 * freed.
 */
#include "engine/config/config.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "engine/config/reader.h"
#include "src/base/xalloc.h"

bool
config_name_ok(const char *name)
{
    static const char alnum[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                "abcdefghijklmnopqrstuvwxyz0123456789";
    static const char legal[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                "abcdefghijklmnopqrstuvwxyz0123456789._-+";
    size_t len = strlen(name);

    if (len == 0 || len > CONFIG_NAME_MAX || strspn(name, legal) != len)
        return false;
    if (strchr(alnum, name[0]) == NULL || strspn(name, "0123456789") == len)
        return false;
    return strcmp(name, "Domain-0") != 0;
}

const char *
config_device_value(const struct config_device *d, const char *key)
{
    size_t i;

    for (i = 0; i < d->n_keys; i++)
        if (strcmp(d->keys[i], key) == 0)
            return d->values[i];
    return NULL;
}

void
config_device_fini(struct config_device *d)
{
    size_t i;

    for (i = 0; i < d->n_keys; i++) {
        free(d->keys[i]);
        free(d->values[i]);
    }
    free(d->keys);
    free(d->values);
    free(d->kind);
}

void
config_free(struct domain_config *c)
{
    size_t i;

    if (c == NULL)
        return;
    for (i = 0; i < c->n_devices; i++)
        config_device_fini(&c->devices[i]);
    free(c->devices);
    free(c->image.type);
    free(c->image.kernel);
    free(c->image.ramdisk);
    free(c->image.root);
    free(c->image.ip);
    free(c->image.args);
    free(c->features);
    free(c->cpus_text);
    free(c->cpus_soft_text);
    free(c->pool);
    free(c->name);
    free(c->file);
    free(c);
}

/* The directory of path, without symbolic links; NULL with errno. */
static char *
dir_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *dir, *real;

    if (slash == NULL)
        dir = xstrdup(".");
    else
        dir = xstrndup(path, slash == path ? 1 : (size_t)(slash - path));
    real = realpath(dir, NULL);
    free(dir);
    return real;
}

int
config_load(const char *path, struct domain_config **out, struct err *e)
{
    struct buf text = { 0 };
    char *dir = NULL;
    int rc = conf_read(path, &text, e);

    if (rc == 0) {
        dir = dir_of(path);
        rc = dir == NULL ? err_sys(e, errno, "%s: its directory", path)
                         : config_parse(buf_text(&text), path, dir, out, e);
    }
    free(dir);
    buf_free(&text);
    return rc;
}

static void
print_quoted(struct buf *out, const char *text)
{
    buf_chr(out, '"');
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\')
            buf_chr(out, '\\');
        buf_chr(out, *text);
    }
    buf_chr(out, '"');
}

/* NULL: the setting is left out. */
static void
print_text(struct buf *out, const char *indent, const char *key,
           const char *text)
{
    if (text == NULL)
        return;
    buf_fmt(out, "%s%s = ", indent, key);
    print_quoted(out, text);
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
    static const char *const names[CONFIG_ENDS] = { "on_poweroff", "on_reboot",
                                                    "on_crash", "on_watchdog" };
    enum config_restart r;
    size_t i;

    if (config_restart_of(c->on, &r)) {
        print_text(out, "", "restart", config_restart_name(r));
        return;
    }
    for (i = 0; i < CONFIG_ENDS; i++)
        print_text(out, "", names[i], config_action_name(c->on[i]));
}

static void
print_device(const struct config_device *d, struct buf *out)
{
    size_t i;

    buf_str(out, "    { type = ");
    print_quoted(out, d->kind);
    buf_chr(out, ';');
    for (i = 0; i < d->n_keys; i++) {
        buf_fmt(out, " %s = ", d->keys[i]);
        if (device_key_bare(d->keys[i]))
            buf_str(out, d->values[i]);
        else
            print_quoted(out, d->values[i]);
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
    if (c->cpus_set)
        print_text(out, "", "cpus", c->cpus_text);
    print_image(&c->image, out);
    print_actions(c, out);
    print_text(out, "", "features", c->features);
    print_devices(c, out);
}
