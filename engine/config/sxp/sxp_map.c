/*
 * sxp_map.c - a domain's configuration from the tree that xend kept of it:
 * (vm (name ..) (memory ..) (image (linux ..)) (device (vbd ..)) ..), and the
 * form of its later versions and of "xm list --long", (domain ..).
 */
#include "engine/config/sxp/sxp_config.h"
#include "engine/config/sxp/sxp_image.h"
#include "engine/config/sxp/sxp_int.h"

#include <stdlib.h>
#include <string.h>

#include "engine/config/core/value.h"
#include "src/base/xalloc.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])
#define WARN_MAX (64 * 1024) /* bytes of warnings */
#define NO_LABEL                                                               \
    "none: this version sets no security label, and the domain would have "    \
    "another's rights"

/* --- one field */

static char *
sxp_map_path_of(const struct sxp *field, const char *path)
{
    if (field->atom != NULL)
        return xstrdup(path);
    return xasprintf("%s.%.60s", path, sxp_name(field));
}

int
sxp_map_refuse(const struct sxp_map *m, const struct sxp *field,
               const char *path, const char *allowed)
{
    char *shown = sxp_map_path_of(field, path);
    struct config_item it = { .name = shown, .line = field->line };
    int rc;

    it.value = field->atom != NULL ? field->atom : sxp_value(field);
    if (it.value == NULL)
        it.found = field->n < 2 ? "nothing" : "a list";
    rc = value_refuse(&m->src, ERR_INVALID, &it, "%s", allowed);
    free(shown);
    return rc;
}

void
sxp_map_warn(const struct sxp_map *m, const struct sxp *field, const char *path,
             const char *why)
{
    char *shown;

    if (m->src.warn == NULL || m->src.warn->len > WARN_MAX)
        return;
    shown = sxp_map_path_of(field, path);
    config_warn(&m->src, field->line, shown, "not honoured: %s", why);
    free(shown);
}

int
sxp_map_text(const struct sxp_map *m, const struct sxp *field, const char *path,
             const char **out)
{
    const char *text = sxp_value(field);

    *out = NULL;
    if (text == NULL && field->n != 1)
        return sxp_map_refuse(m, field, path, "one text or number");
    if (text != NULL && *text != '\0')
        *out = text;
    return 0;
}

bool
sxp_map_is_off(const struct sxp *field)
{
    const struct sxp *v;

    if (field->n != 2)
        return field->n < 2;
    v = &field->kids[1];
    return v->atom != NULL ? *v->atom == '\0' || strcmp(v->atom, "0") == 0
                           : v->n == 0;
}

static int
set_field(struct sxp_map *m, const struct sxp *field,
          const struct sxp_fields *t, const char *native)
{
    struct config_item it = { .name = native, .line = field->line };
    char *shown = sxp_map_path_of(field, t->path);
    int rc = sxp_map_text(m, field, t->path, &it.value);

    it.shown = shown;
    if (rc == 0 && it.value != NULL)
        rc = t->cd != NULL ? config_device_set(&m->src, t->cd, &it)
                           : config_set(&m->src, m->c, &it);
    free(shown);
    return rc;
}

/* seen: a bit for each field of the table that stood before s: of two with one
 * name xend read the first. */
static int
one_field(struct sxp_map *m, const struct sxp *s, const struct sxp_fields *t,
          uint64_t *seen)
{
    const struct sxp_field *f = NULL;
    bool again = false;
    size_t i;

    for (i = 0; s->atom == NULL && i < t->n && f == NULL; i++)
        if (strcmp(t->at[i].name, sxp_name(s)) == 0) {
            f = &t->at[i];
            again = (*seen >> i & 1) != 0;
            *seen |= UINT64_C(1) << i;
        }
    if (f == NULL && s->atom == NULL && t->other != NULL) {
        int rc = t->other(m, s, t);

        if (rc != 0)
            return rc < 0 ? -1 : 0;
    }
    if (f == NULL) {
        sxp_map_warn(m, s, t->path,
                     s->atom != NULL ? "a text outside of any field"
                                     : "xendeck knows no such field");
        return 0;
    }
    if (again && (f->class == SXP_SET || f->class == SXP_OTHER)) {
        sxp_map_warn(m, s, t->path, "set more than once, the first one holds");
        return 0;
    }
    switch (f->class) {
    case SXP_SET:
        return set_field(m, s, t, f->native);
    case SXP_OTHER:
    case SXP_MANY:
    case SXP_QUIET:
        return 0;
    case SXP_UNMET:
        if (!sxp_map_is_off(s))
            sxp_map_warn(m, s, t->path, f->why);
        return 0;
    case SXP_REFUSED:
        break;
    }
    return sxp_map_is_off(s) ? 0 : sxp_map_refuse(m, s, t->path, f->why);
}

static bool
sxp_map_goes_on(struct sxp_map *m, const struct sxp *field,
                const struct sxp_fields *t)
{
    const char *native = NULL;
    size_t i;

    for (i = 0; field->atom == NULL && i < t->n; i++)
        if (strcmp(t->at[i].name, sxp_name(field)) == 0)
            native = t->at[i].native;
    if (t->cd != NULL)
        t->cd->refused = true;
    return config_goes_on(&m->src, t->cd == NULL ? native : NULL);
}

int
sxp_map_fields(struct sxp_map *m, const struct sxp *s,
               const struct sxp_fields *t)
{
    uint64_t seen = 0;
    size_t i;

    for (i = 1; i < s->n; i++)
        if (one_field(m, &s->kids[i], t, &seen) < 0 &&
            !sxp_map_goes_on(m, &s->kids[i], t))
            return -1;
    return 0;
}

/* --- the fields of a vm that are not just a setting */

int
sxp_map_set(struct sxp_map *m, const struct sxp *field, const char *path,
            const char *native, const char *value)
{
    struct config_item it = { .name = native,
                              .value = value,
                              .line = field->line };
    char *shown = sxp_map_path_of(field, path);
    int rc;

    it.shown = shown;
    rc = config_set(&m->src, m->c, &it);
    free(shown);
    return rc;
}

static int
set_value(struct sxp_map *m, const struct sxp *field, const char *native,
          const char *value)
{
    return sxp_map_set(m, field, "vm", native, value);
}

/* One cpu to begin on; -1 is any. */
static int
map_cpu(struct sxp_map *m, const struct sxp *field)
{
    const char *text;

    if (sxp_map_text(m, field, "vm", &text) < 0)
        return -1;
    if (text == NULL || strcmp(text, "-1") == 0 ||
        sxp_child(m->vm, "cpus") != NULL)
        return 0;
    return set_value(m, field, "cpus", text);
}

/* xend's first versions had weights of BVT, about 1. */
static int
map_weight(struct sxp_map *m, const struct sxp *field)
{
    const char *text;

    if (sxp_map_text(m, field, "vm", &text) < 0)
        return -1;
    if (text == NULL)
        return 0;
    if (strchr(text, '.') == NULL)
        return set_value(m, field, "weight", text);
    sxp_map_warn(m, field, "vm",
                 "a fraction is a weight of the BVT scheduler, which Xen has "
                 "no more");
    return 0;
}

/* xend took a uuid without its dashes, too. */
static int
map_uuid(struct sxp_map *m, const struct sxp *field)
{
    static const char hex[] = "0123456789abcdefABCDEF";
    char dashed[37];
    const char *v;

    if (sxp_map_text(m, field, "vm", &v) < 0)
        return -1;
    if (v == NULL)
        return 0;
    if (strlen(v) == 32 && strspn(v, hex) == 32) {
        text_fmt(dashed, sizeof dashed, "%.8s-%.4s-%.4s-%.4s-%s", v, v + 8,
                 v + 12, v + 16, v + 20);
        v = dashed;
    }
    return set_value(m, field, "uuid", v);
}

static bool
is_backend_word(const char *word)
{
    return strcmp(word, "blkif") == 0 || strcmp(word, "netif") == 0;
}

static int
map_backend(struct sxp_map *m, const struct sxp *field)
{
    const char *kind = sxp_value(field);

    if (kind == NULL && field->n == 2)
        kind = sxp_name(&field->kids[1]);
    if (kind == NULL || *kind == '\0')
        return sxp_map_refuse(m, field, "vm", "(blkif) or (netif)");
    if (!is_backend_word(kind)) {
        sxp_map_warn(m, field, "vm",
                     "backends are (blkif), of disks, and (netif), of "
                     "interfaces");
        return 0;
    }
    return set_value(m, field, "driver_domain", "true");
}

static int
map_start(struct sxp_map *m, const struct sxp *field)
{
    const char *text;

    if (sxp_map_text(m, field, "vm", &text) < 0)
        return -1;
    if (text != NULL && strcmp(text, "start") == 0)
        return set_value(m, field, "autostart", "true");
    if (text != NULL && strcmp(text, "ignore") != 0)
        sxp_map_warn(m, field, "vm", "it is start or ignore");
    return 0;
}

/* xend split the text as a shell does. */
static int
map_loader_args(struct sxp_map *m, const struct sxp *field)
{
    struct config_item it = { .name = "image.bootloader_args",
                              .shown = "vm.bootloader_args",
                              .line = field->line };

    if (sxp_map_text(m, field, "vm", &it.value) < 0)
        return -1;
    return it.value == NULL ? 0 : config_set_words(&m->src, m->c, &it, true);
}

/* What xend did with its domains when it ended itself: xendeck leaves them,
 * but `host shutdown` stops them. */
static int
map_stop(struct sxp_map *m, const struct sxp *field)
{
    const char *text;

    if (sxp_map_text(m, field, "vm", &text) < 0)
        return -1;
    if (text != NULL && strcmp(text, "suspend") == 0)
        return set_value(m, field, "host_stop", "save");
    if (text != NULL && strcmp(text, "ignore") != 0 &&
        strcmp(text, "shutdown") != 0)
        sxp_map_warn(m, field, "vm",
                     "domains run on without xendeck; a shutdown of the host "
                     "shuts them down");
    return 0;
}

/* --- the vm */

static const struct sxp_field vm_fields[] = {
    { "name", SXP_SET, "name", NULL },
    { "memory", SXP_SET, "memory", NULL },
    { "maxmem", SXP_SET, "maxmem", NULL },
    { "cpu_cap", SXP_SET, "cap", NULL },
    { "pool_name", SXP_SET, "pool", NULL },
    { "restart", SXP_SET, "restart", NULL },
    { "on_poweroff", SXP_SET, "on_poweroff", NULL },
    { "on_reboot", SXP_SET, "on_reboot", NULL },
    { "on_crash", SXP_SET, "on_crash", NULL },
    { "on_watchdog", SXP_SET, "on_watchdog", NULL },
    { "features", SXP_SET, "features", NULL },
    SXP_ELSEWHERE("uuid"),
    SXP_ELSEWHERE("vcpus"),
    SXP_ELSEWHERE("vcpu_avail"),
    SXP_ELSEWHERE("cpus"),
    SXP_ELSEWHERE("cpu"),
    SXP_ELSEWHERE("cpu_weight"),
    SXP_REPEATED("backend"),
    SXP_ELSEWHERE("on_xend_start"),
    SXP_ELSEWHERE("on_xend_stop"),
    SXP_ELSEWHERE("image"),
    SXP_REPEATED("device"),
    SXP_REPEATED("vnet"),
    SXP_REPEATED("vfr"),
    SXP_QUIETLY("id"),
    SXP_QUIETLY("domid"),
    SXP_QUIETLY("start_time"),
    SXP_QUIETLY("cpu_time"),
    SXP_QUIETLY("up_time"),
    SXP_QUIETLY("online_vcpus"),
    SXP_QUIETLY("state"),
    SXP_QUIETLY("status"),
    SXP_QUIETLY("shutdown_reason"),
    SXP_QUIETLY("store_mfn"),
    SXP_QUIETLY("console_mfn"),
    SXP_QUIETLY("platform"),
    { "ssidref", SXP_REFUSED, NULL, NO_LABEL },
    { "security", SXP_REFUSED, NULL, NO_LABEL },
    { "bootloader", SXP_SET, "image.bootloader", NULL },
    SXP_ELSEWHERE("bootloader_args"),
    { "console", SXP_UNMET, NULL, "a console needs no port" },
    { "shadow_memory", SXP_OTHER, NULL, NULL },
    SXP_ELSEWHERE("localtime"),
    SXP_ELSEWHERE("rtc/timeoffset"),
    SXP_ELSEWHERE("tsc_mode"),
    SXP_ELSEWHERE("nomigrate"),
    SXP_ELSEWHERE("oos"),
    SXP_ELSEWHERE("hap"),
    { "description", SXP_UNMET, NULL, "xendeck keeps no descriptions" },
};

_Static_assert(COUNT(vm_fields) <= 64, "a bit each in one_field");

static const struct {
    const char *name;
    int (*map)(struct sxp_map *m, const struct sxp *field);
    bool many; /* not the first one alone */
} special[] = {
    { "uuid", map_uuid, false },
    { "cpus", sxp_map_cpus, false },
    { "cpu", map_cpu, false },
    { "cpu_weight", map_weight, false },
    { "backend", map_backend, true },
    { "on_xend_start", map_start, false },
    { "on_xend_stop", map_stop, false },
    { "image", sxp_map_image, false },
    { "device", sxp_map_device, true },
    { "bootloader_args", map_loader_args, false },
};

/* A device that it began and could not end is refused as a whole. */
static int
sxp_map_special(struct sxp_map *m, const struct sxp *s, size_t k)
{
    size_t n = m->c->n_devices;

    if (special[k].map(m, s) == 0)
        return 0;
    for (; n < m->c->n_devices; n++)
        m->c->devices[n].refused = true;
    return config_goes_on(&m->src, special[k].name) ? 0 : -1;
}

static int
map_special(struct sxp_map *m)
{
    bool done[COUNT(special)] = { false };
    const struct sxp *s;
    size_t i, k;

    for (i = 1; i < m->vm->n; i++)
        for (k = 0; k < COUNT(special); k++) {
            s = &m->vm->kids[i];
            if (s->atom != NULL || done[k] ||
                strcmp(sxp_name(s), special[k].name) != 0)
                continue;
            done[k] = !special[k].many;
            if (sxp_map_special(m, s, k) < 0)
                return -1;
        }
    return 0;
}

static int
map_vm(struct sxp_map *m)
{
    const struct sxp_fields t = { vm_fields, COUNT(vm_fields), "vm", NULL,
                                  NULL };

    if (sxp_map_kind(m) < 0 || sxp_map_fields(m, m->vm, &t) < 0 ||
        (sxp_map_vcpus(m) < 0 && !config_goes_on(&m->src, "vcpus")) ||
        map_special(m) < 0 ||
        (sxp_map_machine(m) < 0 && !config_goes_on(&m->src, "machine")) ||
        (sxp_map_check_vifs(m) < 0 && !config_goes_on(&m->src, NULL)))
        return -1;
    return config_finish(&m->src, m->c);
}

/* --- the file */

static bool
sxp_is_domain(const struct sxp *s)
{
    return strcmp(sxp_name(s), "vm") == 0 || strcmp(sxp_name(s), "domain") == 0;
}

/* What xend 2.0 showed of a domain that ran holds the vm that it was made of:
 * (domain (id 1) .. (config (vm ..))). The rest are facts of that run. */
static const struct sxp *
sxp_vm_of(const struct sxp *s)
{
    const struct sxp *config = sxp_child(s, "config"), *vm;

    vm = config != NULL ? sxp_child(config, "vm") : NULL;
    return vm != NULL ? vm : s;
}

static const char *
sxp_name_of(const struct sxp *vm)
{
    const struct sxp *name = sxp_child(vm, "name");
    const char *text = name != NULL ? sxp_value(name) : NULL;

    return text != NULL ? text : "";
}

/* xm list -l shows all domains, domain 0 first. */
static int
sxp_pick(struct sxp_map *m, const struct sxp *file)
{
    const char *want = m->src.pick, *name;
    struct buf names = { 0 };
    size_t i, n = 0;
    int rc;

    for (i = 0; i < file->n; i++) {
        const struct sxp *vm = sxp_vm_of(&file->kids[i]);

        name = sxp_name_of(vm);
        if (file->n > 1 && strcmp(name, "Domain-0") == 0)
            continue;
        buf_str(&names, names.len > 0 ? ", " : "");
        buf_safe(&names, name, strnlen(name, 64));
        if (want != NULL && strcmp(want, name) != 0)
            continue;
        m->vm = vm;
        n++;
    }
    rc = config_picked(m->src.file, want, n, &names, m->src.e);
    buf_free(&names);
    return rc;
}

static int
find_vm(struct sxp_map *m, const struct sxp *file)
{
    size_t i;

    for (i = 0; i < file->n && sxp_is_domain(&file->kids[i]); i++)
        ;
    if (i == file->n && i > 0)
        return sxp_pick(m, file);
    return value_bad(&m->src, ERR_INVALID, i < file->n ? file->kids[i].line : 1,
                     "syntax",
                     "found %s, allowed (vm ...) or (domain ...), one for each "
                     "domain",
                     file->n < 1 ? "nothing" : "another expression");
}

static const char *
sxp_word(const char *native)
{
    if (strcmp(native, "image.kernel") == 0)
        return "vm.image.kernel";
    if (strcmp(native, "memory") == 0)
        return "vm.memory";
    return strcmp(native, "name") == 0 ? "vm.name" : NULL;
}

int
config_sxp_parse(const char *text, const struct config_src *src,
                 struct domain_config **out)
{
    struct sxp_map m = { .src = *src };
    struct sxp file;
    int rc;

    if (sxp_read(text, src->file, &file, src->e) < 0)
        return -1;
    m.src.word = sxp_word;
    m.c = config_new(src->file);
    rc = find_vm(&m, &file);
    if (rc == 0)
        rc = map_vm(&m);
    sxp_fini(&file);
    if (rc < 0)
        config_free(m.c);
    else
        *out = m.c;
    return rc;
}
