/*
 * config.c - a domain's configuration as a whole: asked, freed; and all
 * that is wrong with one (faults.h).
 */
#include "engine/config/core/config.h"

#include <stdlib.h>
#include <string.h>

#include "engine/config/core/setting.h"
#include "engine/config/hardware/cpuid.h"
#include "src/base/xalloc.h"

#define FAULTS_MAX 64 /* of one file; a hostile one has no end of them */

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

int
config_refuse(const struct domain_config *c, const char *name,
              enum err_code code, struct err *e, const char *fmt, ...)
{
    const struct config_seen *s = config_seen_find(c, name);
    struct conf_at at = { c->file, s != NULL ? s->line : 0, e };
    va_list ap;

    va_start(ap, fmt);
    conf_vbad_at(&at, code, s != NULL ? s->shown : name, fmt, ap);
    va_end(ap);
    return -1;
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

bool
config_device_true(const struct config_device *d, const char *key)
{
    const char *v = config_device_value(d, key);

    return v != NULL && strcmp(v, "true") == 0;
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
    free(d->lines);
    free(d->kind);
    free(d->shown);
}

void
config_device_del(struct domain_config *c, size_t nth)
{
    config_device_fini(&c->devices[nth]);
    memmove(&c->devices[nth], &c->devices[nth + 1],
            (c->n_devices - nth - 1) * sizeof(c->devices[0]));
    c->n_devices--;
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
    settings_fini(c);
    config_cpus_fini(&c->cpus);
    config_cpus_fini(&c->cpus_soft);
    config_seen_free(c->seen);
    free(c->file);
    free(c);
}

size_t
config_cpuid_texts(const struct config_texts *t, struct cpuid_leaf *out)
{
    size_t i, n = 0;

    for (i = 0; i < t->n && n != SIZE_MAX; i++)
        n = cpuid_add(t->at[i], out, n);
    return n;
}

size_t
config_cpuid(const struct domain_config *c, struct cpuid_leaf *out)
{
    size_t n = config_cpuid_texts(&c->machine.cpuid, out);

    if (n != SIZE_MAX && c->kind == DOM_HVM && !c->machine.nx)
        n = cpuid_add("host,nx=0", out, n);
    return n;
}

/* --- faults */

void
config_faults_add(struct config_faults *f, const struct err *e)
{
    if (e->code == ERR_NONE)
        return;
    if (f->n++ > 0)
        buf_fmt(&f->before, "%s\n", f->last.msg);
    f->last = *e;
}

void
config_faults_fini(struct config_faults *f)
{
    buf_free(&f->before);
    buf_free(&f->names);
}

bool
config_goes_on(const struct config_src *src, const char *name)
{
    struct config_faults *f = src->faults;

    if (f == NULL || f->n >= FAULTS_MAX)
        return false;
    config_faults_add(f, src->e);
    err_clear(src->e);
    if (name != NULL)
        buf_fmt(&f->names, "\n%s\n", name);
    return true;
}

bool
config_refused(const struct config_src *src, const char *prefix)
{
    const char *p;
    size_t n = strlen(prefix);

    if (src->faults == NULL)
        return false;
    for (p = buf_text(&src->faults->names); (p = strchr(p, '\n')) != NULL; p++)
        if (strncmp(p + 1, prefix, n) == 0)
            return true;
    return false;
}

void
config_stand_in(const struct config_src *src, struct domain_config *c)
{
    size_t i;

    if (c->name == NULL && config_refused(src, "name\n"))
        c->name = xstrdup("unnamed");
    if (c->mem_kib == 0 && config_refused(src, "memory\n"))
        c->mem_kib = CONFIG_MEM_MIN_KIB;
    for (i = c->n_devices; i-- > 0;)
        if (c->devices[i].refused)
            config_device_del(c, i);
}
