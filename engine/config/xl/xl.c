/*
 * xl.c - a domain's configuration from an xl.cfg. libxlutil parses the file, so
 * that quotes, lists, += and numbers are what they are to xl; xl_table.c says
 * what becomes of each setting.
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "engine/config/core/setting.h"
#include "engine/config/xl/xl.h"
#include "engine/config/xl/xl_int.h"
#include "engine/config/xl/xl_kind.h"
#include "src/base/xalloc.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

/* --- what the file says */

const struct xl_name *
xl_file_name(const struct xl_file *f, const char *name)
{
    size_t i;

    for (i = 0; i < f->names.n; i++)
        if (strcmp(f->names.at[i].name, name) == 0)
            return &f->names.at[i];
    return NULL;
}

int
xl_file_refuse(struct xl_file *f, const char *name, enum err_code code,
               const char *allowed)
{
    struct config_item it = { .name = name,
                              .line = xl_file_name(f, name)->line };

    if (xlu_cfg_get_string(f->lib.cfg, name, &it.value, 1) != 0)
        it.found = "a list";
    return value_refuse(&f->src, code, &it, "%s", allowed);
}

int
xl_file_text(struct xl_file *f, const char *name, const char **out)
{
    const char *text = "";
    int r = xlu_cfg_get_string(f->lib.cfg, name, &text, 1);

    *out = NULL;
    if (r != 0 && r != ESRCH)
        return xl_file_refuse(f, name, ERR_INVALID,
                              "a text in quotes or a number");
    if (r == 0 && *text != '\0')
        *out = text;
    return 0;
}

int
xl_file_flag(struct xl_file *f, const char *name, bool *on_out)
{
    long v = 0;
    int r = xlu_cfg_get_long(f->lib.cfg, name, &v, 1);

    if (r != 0 && r != ESRCH)
        return xl_file_refuse(f, name, ERR_INVALID, "1 or 0");
    *on_out = v != 0;
    return 0;
}

/* --- one setting */

int
xl_file_set(struct xl_file *f, const char *native, const char *name,
            const char *value)
{
    struct config_item it = { .name = native,
                              .shown = name,
                              .value = value,
                              .line = xl_file_name(f, name)->line };

    return config_set(&f->src, f->c, &it);
}

static int
set_text(struct xl_file *f, const struct xl_setting *s)
{
    const char *text;

    if (xl_file_text(f, s->name, &text) < 0)
        return -1;
    return text == NULL ? 0 : xl_file_set(f, s->native, s->name, text);
}

/* xl takes no units. */
static int
set_mib(struct xl_file *f, const struct xl_setting *s)
{
    static const char allowed[] =
        "4 to 16777216 whole MiB without a unit, set with =";
    char text[32];
    long v;

    if (xlu_cfg_get_long(f->lib.cfg, s->name, &v, 1) != 0 ||
        v < (long)(CONFIG_MEM_MIN_KIB / 1024) ||
        v > (long)(CONFIG_MEM_MAX_KIB / 1024))
        return xl_file_refuse(f, s->name, ERR_RANGE, allowed);
    text_fmt(text, sizeof text, "%ld", v);
    return xl_file_set(f, s->native, s->name, text);
}

static int
set_number(struct xl_file *f, const struct xl_setting *s)
{
    const char *written;
    char text[32];
    long v;
    int r = xlu_cfg_get_long(f->lib.cfg, s->name, &v, 1);

    if (r == ERANGE && xl_file_text(f, s->name, &written) == 0)
        return xl_file_set(f, s->native, s->name,
                           written); /* refused with its range */
    if (r != 0)
        return xl_file_refuse(f, s->name, ERR_INVALID,
                              "a whole number, set with =");
    text_fmt(text, sizeof text, "%ld", v);
    return xl_file_set(f, s->native, s->name, text);
}

static int
set_bool(struct xl_file *f, const struct xl_setting *s)
{
    bool on;

    if (xl_file_flag(f, s->name, &on) < 0)
        return -1;
    return xl_file_set(f, s->native, s->name, on ? "true" : "false");
}

/* True if the setting asks for nothing that is not so anyway. */
static bool
xl_is_off(struct xl_file *f, const struct xl_setting *s)
{
    const char *text;
    long v;
    int n;

    if (xlu_cfg_get_list(f->lib.cfg, s->name, NULL, &n, 1) == 0)
        return n == 0;
    if (xlu_cfg_get_string(f->lib.cfg, s->name, &text, 1) != 0)
        return false;
    if (*text == '\0' || (s->off != NULL && strcmp(text, s->off) == 0))
        return true;
    return !s->zero_counts &&
           xlu_cfg_get_long(f->lib.cfg, s->name, &v, 1) == 0 && v == 0;
}

/* xl takes a word or, as it did once, its number. */
static int
xl_set_word(struct xl_file *f, const struct xl_setting *s)
{
    const struct value_word *w = config_rule(s->native)->words;
    const char *text;
    long v;

    if (xl_file_text(f, s->name, &text) < 0)
        return -1;
    if (text == NULL)
        return 0;
    if (xlu_cfg_get_long(f->lib.cfg, s->name, &v, 1) == 0)
        for (; w->word != NULL; w++)
            if (v == (long)w->value)
                text = w->word;
    return xl_file_set(f, s->native, s->name, text);
}

int
xl_file_texts(struct xl_file *f, const struct xl_setting *s)
{
    struct config_item it = { .name = s->native,
                              .shown = s->name,
                              .line = xl_file_name(f, s->name)->line };
    XLU_ConfigList *list;
    int i, n;

    if (xlu_cfg_get_list(f->lib.cfg, s->name, &list, &n, 1) != 0)
        return set_text(f, s);
    for (i = 0; i < n; i++) {
        it.value = xlu_cfg_get_listitem(list, i);
        it.nth = (unsigned)i + 1;
        if (it.value == NULL)
            return xl_file_refuse(f, s->name, ERR_INVALID, "a list of texts");
        if (config_set(&f->src, f->c, &it) < 0)
            return -1;
    }
    it.found = "a list";
    if (n > 0)
        config_remember(f->c, &it);
    return 0;
}

/* Of a kind of domain for which xl does not look at it, or refuses it. */
static int
xl_means_nothing(struct xl_file *f, const struct xl_setting *s, unsigned line)
{
    const char *kind = setting_kind_words(f->c->kind);
    char why[96];

    if (xl_is_off(f, s))
        return 0;
    if (s->kinds_only) {
        text_fmt(why, sizeof why, "none for %s, as with xl", kind);
        return xl_file_refuse(f, s->name, ERR_UNSUPPORTED, why);
    }
    config_warn(&f->src, line, s->name, "not honoured: it means nothing for %s",
                kind);
    return 0;
}

static int
one_setting(struct xl_file *f, const struct xl_setting *s, unsigned line)
{
    unsigned kinds = xl_setting_kinds(s);

    if (kinds != 0 && (kinds >> f->c->kind & 1) == 0)
        return xl_means_nothing(f, s, line);
    switch (s->class) {
    case XL_TEXT:
        return set_text(f, s);
    case XL_NUMBER:
        return set_number(f, s);
    case XL_MIB:
        return set_mib(f, s);
    case XL_BOOL:
        return set_bool(f, s);
    case XL_WORD:
        return xl_set_word(f, s);
    case XL_TEXTS:
        return xl_file_texts(f, s);
    case XL_SPECIAL:
        return 0;
    case XL_UNMET:
        if (!xl_is_off(f, s))
            config_warn(&f->src, line, s->name, "not honoured: %s", s->why);
        return 0;
    case XL_REFUSED:
        break;
    }
    if (xl_is_off(f, s))
        return 0;
    return xl_file_refuse(f, s->name, ERR_UNSUPPORTED, s->why);
}

static void
warn_unknown(struct xl_file *f, const struct xl_name *n)
{
    const char *near = xl_setting_near(n->name);

    config_warn(&f->src, n->line, n->name,
                "not honoured: xl knows no such setting either%s%s",
                near != NULL ? ", the nearest known one is " : "",
                near != NULL ? near : "");
}

static int
all_settings(struct xl_file *f)
{
    const struct xl_setting *s;
    const struct xl_name *n;
    size_t i;

    for (i = 0; i < f->names.n; i++) {
        n = &f->names.at[i];
        s = xl_setting_find(n->name);
        if (n->twice && n->line != 0)
            config_warn(&f->src, n->line, n->name,
                        "set more than once, the last value holds");
        if (s == NULL)
            warn_unknown(f, n);
        else if (one_setting(f, s, n->line) < 0 &&
                 !config_goes_on(&f->src,
                                 s->native != NULL ? s->native : s->name))
            return -1;
    }
    return 0;
}

/* --- the special ones */

static int
set_cmdline(struct xl_file *f)
{
    static const char *const names[] = { "cmdline", "root", "extra" };
    const char *text[COUNT(names)] = { NULL };
    bool whole = xl_file_name(f, "cmdline") != NULL; /* an empty one, too */
    size_t i;

    for (i = 0; i < COUNT(names); i++)
        if (xl_file_text(f, names[i], &text[i]) < 0)
            return -1;
    for (i = 1; i < COUNT(names) && whole; i++)
        if (text[i] != NULL)
            config_warn(&f->src, xl_file_name(f, names[i])->line, names[i],
                        "not honoured: cmdline holds all, as with xl");
    if (whole)
        return text[0] == NULL
                   ? 0
                   : xl_file_set(f, "image.args", "cmdline", text[0]);
    if (text[1] != NULL && xl_file_set(f, "image.root", "root", text[1]) < 0)
        return -1;
    return text[2] == NULL ? 0 : xl_file_set(f, "image.args", "extra", text[2]);
}

/* The cpus of one vcpu; those of a node are any. */
static int
set_vcpu(struct xl_file *f, const char *name, const char *text, unsigned vcpu)
{
    char *shown = xasprintf("%s[%u]", name, vcpu);
    struct config_item it = { .name = name,
                              .shown = shown,
                              .value = text,
                              .line = xl_file_name(f, name)->line,
                              .nth = vcpu + 1 };
    int rc;

    if (strstr(text, "node") != NULL) {
        config_warn(&f->src, it.line, shown,
                    "not honoured: cpus are not looked up by their node, the "
                    "virtual cpu may run on any");
        it.value = "all";
    }
    rc = config_set(&f->src, f->c, &it);
    free(shown);
    return rc;
}

/* xl does not look at the items for which there is no vcpu. */
static int
set_each(struct xl_file *f, const char *name, XLU_ConfigList *list, int n)
{
    struct config_item all = { .name = name,
                               .line = xl_file_name(f, name)->line,
                               .found = "a list" };
    const struct domain_config *c = f->c;
    unsigned i, vcpus = c->maxvcpus > 0 ? c->maxvcpus
                        : c->vcpus > 0  ? c->vcpus
                                        : 1;

    for (i = 0; i < (unsigned)n && i < vcpus; i++) {
        const char *item = xlu_cfg_get_listitem(list, (int)i);

        if (item == NULL)
            return xl_file_refuse(f, name, ERR_INVALID, "a list of texts");
        if (set_vcpu(f, name, item, i) < 0)
            return -1;
    }
    config_remember(f->c, &all);
    return 0;
}

static int
set_cpus(struct xl_file *f, const char *name)
{
    XLU_ConfigList *list;
    const char *text;
    int n;

    if (xl_file_name(f, name) == NULL)
        return 0;
    if (xlu_cfg_get_list(f->lib.cfg, name, &list, &n, 1) == 0)
        return n == 0 ? 0 : set_each(f, name, list, n);
    if (xl_file_text(f, name, &text) < 0)
        return -1;
    if (text == NULL)
        return 0;
    if (strstr(text, "node") == NULL)
        return xl_file_set(f, name, name, text);
    config_warn(&f->src, xl_file_name(f, name)->line, name,
                "not honoured: cpus are not looked up by their node, the "
                "domain may run on any");
    return 0;
}

/* --- the file */

static const char *
xl_word(const char *native)
{
    const struct xl_setting *s;
    size_t i;

    for (i = 0; (s = xl_setting_at(i)) != NULL; i++)
        if (s->native != NULL && strcmp(s->native, native) == 0)
            return s->name;
    return NULL;
}

/* What libxlutil says is "near 'vcpus': syntax error, unexpected IDENT". */
static int
xl_refuse_syntax(struct xl_file *f)
{
    struct buf said = { 0 };
    bool python = xl_lib_python(&f->lib);
    unsigned line = xl_lib_said(&f->lib, &said);

    value_bad(&f->src, ERR_INVALID, line, "syntax",
              "found a mistake %s, allowed NAME = \"TEXT\", NAME = NUMBER or "
              "NAME = [ LIST ]%s",
              buf_text(&said), python ? ", but no Python, as with xl" : "");
    buf_free(&said);
    return -1;
}

static int
xl_fill(struct xl_file *f, const struct buf *text)
{
    if (xl_scan(buf_text(text), f->src.file, &f->names, f->src.e) < 0 ||
        xl_lib_init(&f->lib, f->src.e) < 0)
        return -1;
    xl_names_drop_lines(&f->names, f->src.lineless ? 0 : f->file_lines);
    if (text->len > 0 &&
        xlu_cfg_readdata(f->lib.cfg, text->data, (int)text->len) != 0)
        return xl_refuse_syntax(f);
    if (xl_kind_take(f) < 0 || all_settings(f) < 0 || xl_kind_rest(f) < 0)
        return -1;
    if ((set_cmdline(f) < 0 && !config_goes_on(&f->src, "image.args")) ||
        (set_cpus(f, "cpus") < 0 && !config_goes_on(&f->src, "cpus")) ||
        (set_cpus(f, "cpus_soft") < 0 &&
         !config_goes_on(&f->src, "cpus_soft")) ||
        xl_devices(f) < 0)
        return -1;
    return config_finish(&f->src, f->c);
}

/* xl wants quotes around a text; a shell has taken them off. */
static bool
xl_var_is_bare(const char *value)
{
    size_t n = strspn(value, "0123456789xabcdefABCDEF");

    return strchr("'\"[", value[0]) != NULL ||
           (isdigit((unsigned char)value[0]) && value[n] == '\0');
}

/* Settings given beside the file go behind it, each in a line. */
static void
xl_add_vars(struct xl_file *f, struct buf *plain)
{
    const char *p = buf_text(plain);
    size_t i, n;

    for (; *p != '\0'; p++)
        f->file_lines += *p == '\n';
    for (i = 0; i < f->src.n_vars; i++) {
        const char *var = f->src.vars[i], *value;
        char quote;

        n = strcspn(var, "=");
        value = var[n] == '=' ? var + n + 1 : "";
        quote = strchr(value, '"') == NULL ? '"' : '\'';
        if (*value != '\0' && xl_var_is_bare(value))
            buf_fmt(plain, "%.*s = %s\n", (int)n, var, value);
        else
            buf_fmt(plain, "%.*s = %c%s%c\n", (int)n, var, quote, value, quote);
    }
    f->src.n_vars = 0;
}

int
config_xl_parse(const char *text, const struct config_src *src,
                struct domain_config **out)
{
    struct xl_file f = { .src = *src };
    struct buf plain = { 0 };
    int rc;

    f.src.word = xl_word;
    f.c = config_new(src->file);
    xl_normalise(text, &plain);
    xl_add_vars(&f, &plain);
    rc = xl_fill(&f, &plain);
    xl_lib_fini(&f.lib);
    xl_names_fini(&f.names);
    buf_free(&plain);
    if (rc < 0)
        config_free(f.c);
    else
        *out = f.c;
    return rc;
}
