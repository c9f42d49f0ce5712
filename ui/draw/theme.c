/*
 * theme.c - how each role looks: the theme built into the program and the
 * files that users write. A file says only what differs from the built-in.
 */
#include "ui/draw/theme.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "src/base/conf.h"
#include "src/base/xalloc.h"

#define THEME_SUFFIX ".theme"
#define BLACK        0
#define RED          1
#define GREEN        2
#define YELLOW       3
#define BLUE         4
#define MAGENTA      5
#define CYAN         6
#define WHITE        7
#define GRAY         8

static const struct {
    const char *name;
    struct role_style style;
} roles[ROLE_COUNT] = {
    [ROLE_TEXT] = { "text", { COLOR_NONE, COLOR_NONE, 0, 0 } },
    [ROLE_DIM] = { "dim", { COLOR_NONE, COLOR_NONE, STYLE_DIM, STYLE_DIM } },
    [ROLE_TITLE] = { "title", { COLOR_NONE, COLOR_NONE, 0, 0 } },
    [ROLE_TITLE_FOCUS] = { "title_focus",
                           { CYAN, COLOR_NONE, STYLE_BOLD, STYLE_BOLD } },
    [ROLE_BORDER] = { "border", { GRAY, COLOR_NONE, 0, STYLE_DIM } },
    [ROLE_BORDER_FOCUS] = { "border_focus", { CYAN, COLOR_NONE, 0, 0 } },
    [ROLE_COLUMN] = { "column", { BLACK, CYAN, 0, STYLE_UNDERLINE } },
    [ROLE_COLUMN_SORT] = { "column_sort",
                           { BLACK, CYAN, STYLE_BOLD | STYLE_UNDERLINE,
                             STYLE_BOLD | STYLE_UNDERLINE } },
    [ROLE_SELECTED] = { "selected",
                        { WHITE, BLUE, STYLE_BOLD,
                          STYLE_REVERSE | STYLE_BOLD } },
    [ROLE_SELECTED_IDLE] = { "selected_idle",
                             { COLOR_NONE, COLOR_NONE, STYLE_REVERSE,
                               STYLE_UNDERLINE } },
    [ROLE_RUNNING] = { "running", { GREEN, COLOR_NONE, 0, 0 } },
    [ROLE_PAUSED] = { "paused", { YELLOW, COLOR_NONE, 0, STYLE_DIM } },
    [ROLE_SHUTDOWN] = { "shutdown", { GRAY, COLOR_NONE, 0, STYLE_DIM } },
    [ROLE_CRASHED] = { "crashed",
                       { RED, COLOR_NONE, STYLE_BOLD,
                         STYLE_BOLD | STYLE_UNDERLINE } },
    [ROLE_BUILDING] = { "building", { MAGENTA, COLOR_NONE, 0, STYLE_DIM } },
    [ROLE_FOREIGN] = { "foreign", { COLOR_NONE, COLOR_NONE, 0, 0 } },
    [ROLE_BAR_USED] = { "bar_used",
                        { GREEN, COLOR_NONE, STYLE_BOLD, STYLE_BOLD } },
    [ROLE_BAR_FREE] = { "bar_free", { GRAY, COLOR_NONE, 0, STYLE_DIM } },
    [ROLE_KEY] = { "key", { COLOR_NONE, COLOR_NONE, STYLE_BOLD, STYLE_BOLD } },
    [ROLE_KEY_LABEL] = { "key_label", { BLACK, CYAN, 0, STYLE_REVERSE } },
    [ROLE_PROMPT] = { "prompt",
                      { COLOR_NONE, COLOR_NONE, STYLE_BOLD, STYLE_BOLD } },
    [ROLE_MATCH] = { "match",
                     { BLACK, YELLOW, 0, STYLE_REVERSE | STYLE_UNDERLINE } },
    [ROLE_INFO] = { "info", { COLOR_NONE, COLOR_NONE, 0, 0 } },
    [ROLE_WARN] = { "warn", { YELLOW, COLOR_NONE, STYLE_BOLD, STYLE_BOLD } },
    [ROLE_ERROR] = { "error",
                     { WHITE, RED, STYLE_BOLD, STYLE_REVERSE | STYLE_BOLD } },
};

static const char *const color_names[16] = {
    "black",        "red",
    "green",        "yellow",
    "blue",         "magenta",
    "cyan",         "white",
    "gray",         "bright_red",
    "bright_green", "bright_yellow",
    "bright_blue",  "bright_magenta",
    "bright_cyan",  "bright_white",
};

static const struct {
    const char *name;
    unsigned bit;
} attr_names[] = {
    { "bold", STYLE_BOLD },
    { "underline", STYLE_UNDERLINE },
    { "reverse", STYLE_REVERSE },
    { "dim", STYLE_DIM },
};

#define N_ATTRS (sizeof attr_names / sizeof attr_names[0])

const char *
role_name(enum role r)
{
    return r < ROLE_COUNT ? roles[r].name : "?";
}

void
theme_default(struct theme *out)
{
    size_t i;

    memset(out, 0, sizeof *out);
    text_fmt(out->name, sizeof out->name, "dark");
    for (i = 0; i < ROLE_COUNT; i++)
        out->roles[i] = roles[i].style;
}

static int
hex_color(const char *text)
{
    unsigned long v;
    char *end;

    if (strlen(text) != 7 || strspn(text + 1, "0123456789abcdefABCDEF") != 6)
        return -2;
    v = strtoul(text + 1, &end, 16);
    return (int)(0x1000000UL | v);
}

/* -2: no colour. */
static int
theme_color_of(const char *text)
{
    unsigned long long n;
    int i;

    if (strcmp(text, "default") == 0)
        return COLOR_NONE;
    if (text[0] == '#')
        return hex_color(text);
    if (text_u64(text, 0, 255, &n))
        return (int)n;
    for (i = 0; i < 16; i++)
        if (strcmp(text, color_names[i]) == 0)
            return i;
    return -2;
}

static int
read_color(const char *file, const config_setting_t *s, int *out, struct err *e)
{
    const char *text = config_setting_get_string(s);
    long long n;
    int c = -2;

    if (text != NULL)
        c = theme_color_of(text);
    if (config_setting_type(s) == CONFIG_TYPE_INT64) {
        n = config_setting_get_int64(s);
        c = n >= 0 && n < 256 ? (int)n : -2;
    }
    if (c == -2)
        return conf_refuse(file, s, e,
                           "a colour name, \"default\", 0 to 255 or "
                           "\"#rrggbb\"");
    *out = c;
    return 0;
}

static int
read_attrs(const char *file, const config_setting_t *s, unsigned *out,
           struct err *e)
{
    const char *p;
    unsigned bits = 0;
    size_t n, i;

    if (conf_text(file, s, 64, &p, e) < 0)
        return -1;
    for (p += strspn(p, " ,"); *p != '\0'; p += n + strspn(p + n, " ,")) {
        n = strcspn(p, " ,");
        for (i = 0; i < N_ATTRS; i++)
            if (strlen(attr_names[i].name) == n &&
                strncmp(attr_names[i].name, p, n) == 0)
                break;
        if (i < N_ATTRS)
            bits |= attr_names[i].bit;
        else if (n != 4 || strncmp(p, "none", 4) != 0)
            return conf_bad(file, s, e,
                            "found \"%.*s\", allowed bold, underline, "
                            "reverse, dim or none",
                            (int)n, p);
    }
    *out = bits;
    return 0;
}

static int
read_style(const char *file, config_setting_t *g, struct role_style *st,
           struct err *e)
{
    int i, rc = 0, n = config_setting_length(g);

    if (!config_setting_is_group(g))
        return conf_bad(file, g, e,
                        "found no group, allowed { fg = ...; bg = ...; "
                        "attrs = ...; mono = ...; }");
    for (i = 0; rc == 0 && i < n; i++) {
        config_setting_t *s = config_setting_get_elem(g, (unsigned)i);
        const char *name = config_setting_name(s);

        if (strcmp(name, "fg") == 0)
            rc = read_color(file, s, &st->fg, e);
        else if (strcmp(name, "bg") == 0)
            rc = read_color(file, s, &st->bg, e);
        else if (strcmp(name, "attrs") == 0)
            rc = read_attrs(file, s, &st->attrs, e);
        else if (strcmp(name, "mono") == 0)
            rc = read_attrs(file, s, &st->mono, e);
        else
            rc =
                conf_bad(file, s, e, "unknown, allowed fg, bg, attrs and mono");
    }
    return rc;
}

static int
read_roles(const char *file, const config_t *cf, struct theme *th,
           struct err *e)
{
    config_setting_t *root = config_root_setting(cf);
    int i, n = config_setting_length(root);
    size_t r;

    for (i = 0; i < n; i++) {
        config_setting_t *s = config_setting_get_elem(root, (unsigned)i);

        for (r = 0; r < ROLE_COUNT; r++)
            if (strcmp(config_setting_name(s), roles[r].name) == 0)
                break;
        if (r == ROLE_COUNT)
            return conf_bad(file, s, e,
                            "unknown role, those allowed are in "
                            "xendeck.conf(5)");
        if (read_style(file, s, &th->roles[r], e) < 0)
            return -1;
    }
    return 0;
}

static int
load_file(const char *path, const char *name, struct theme *out, struct err *e)
{
    struct theme th;
    config_t cf;
    int rc;

    if (conf_load(path, &cf, e) < 0)
        return -1;
    theme_default(&th);
    text_fmt(th.name, sizeof th.name, "%s", name);
    rc = read_roles(path, &cf, &th, e);
    config_destroy(&cf);
    if (rc == 0)
        *out = th;
    return rc;
}

/* Letters, digits and . _ - : no path can be made of it. */
static bool
theme_name_ok(const char *name)
{
    size_t n = strlen(name);

    return n > 0 && n < sizeof((struct theme *)0)->name && name[0] != '.' &&
           strspn(name, "abcdefghijklmnopqrstuvwxyz"
                        "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") == n;
}

int
theme_load(const char *dirs, const char *name, struct theme *out, struct err *e)
{
    const char *p = dirs != NULL ? dirs : "";
    size_t n;

    if (!theme_name_ok(name))
        return err_set(e, ERR_INVALID,
                       "theme '%s': found a name that is no file's, allowed "
                       "at most 31 letters, digits and . _ -",
                       name);
    for (; *p != '\0'; p += n + (p[n] == ':')) {
        char *path;
        int rc;

        n = strcspn(p, ":");
        path = xasprintf("%.*s/%s" THEME_SUFFIX, (int)n, p, name);
        rc = n > 0 && access(path, F_OK) == 0;
        if (rc != 0)
            rc = load_file(path, name, out, e) == 0 ? 1 : -1;
        free(path);
        if (rc != 0)
            return rc > 0 ? 0 : -1;
    }
    if (strcmp(name, "dark") != 0)
        return err_set(
            e, ERR_NOENT, "theme '%s': no file %s" THEME_SUFFIX " in %s", name,
            name, p == dirs || dirs == NULL ? "any directory" : dirs);
    theme_default(out);
    return 0;
}

struct names {
    char **at;
    size_t n;
};

static void
names_add(struct names *ns, const char *name, size_t len)
{
    ns->at = xrealloc(ns->at, ns->n + 1, sizeof ns->at[0]);
    ns->at[ns->n++] = xstrndup(name, len);
}

static void
names_scan(struct names *ns, const char *dir)
{
    DIR *d = opendir(dir);
    const struct dirent *de;

    if (d == NULL)
        return; /* a directory of the search path need not exist */
    while ((de = readdir(d)) != NULL) {
        size_t n = strlen(de->d_name), m = strlen(THEME_SUFFIX);
        char name[256];

        if (n <= m || strcmp(de->d_name + n - m, THEME_SUFFIX) != 0)
            continue;
        text_fmt(name, sizeof name, "%.*s", (int)(n - m), de->d_name);
        if (theme_name_ok(name))
            names_add(ns, name, n - m);
    }
    closedir(d);
}

static int
theme_by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

void
theme_names(const char *dirs, struct buf *out)
{
    const char *p = dirs != NULL ? dirs : "";
    struct names ns = { 0 };
    size_t i, n;

    names_add(&ns, "dark", 4);
    for (; *p != '\0'; p += n + (p[n] == ':')) {
        char *dir;

        n = strcspn(p, ":");
        dir = xstrndup(p, n);
        if (n > 0)
            names_scan(&ns, dir);
        free(dir);
    }
    qsort(ns.at, ns.n, sizeof ns.at[0], theme_by_text);
    for (i = 0; i < ns.n; i++) {
        if (i == 0 || strcmp(ns.at[i], ns.at[i - 1]) != 0)
            buf_fmt(out, "%s\n", ns.at[i]);
    }
    for (i = 0; i < ns.n; i++)
        free(ns.at[i]);
    free(ns.at);
}
