/*
 * format.c - the formats of a configuration: their words, and which one a text
 * is in.
 */
#include <ctype.h>
#include <string.h>

#include "engine/config/load.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

bool
config_format_parse(const char *word, enum config_format *out)
{
    static const struct {
        const char *word;
        enum config_format format;
    } words[] = {
        { "conf", FORMAT_CONF },
        { "xl", FORMAT_XL },
        { "sxp", FORMAT_SXP },
        { "json", FORMAT_JSON },
    };
    size_t i;

    for (i = 0; i < COUNT(words); i++)
        if (strcmp(words[i].word, word) == 0) {
            *out = words[i].format;
            return true;
        }
    return false;
}

/* --- which format */

#define BOM "\xef\xbb\xbf"

const char *
config_skip_bom(const char *text)
{
    return strncmp(text, BOM, 3) == 0 ? text + 3 : text;
}

/* Comments of all three formats, and blanks. */
static const char *
skip_blank(const char *p)
{
    const char *end;

    for (;;) {
        p += strspn(p, " \t\r\n\f\v");
        if (*p == '#' || strncmp(p, "//", 2) == 0) {
            p += strcspn(p, "\n");
        } else if (strncmp(p, "/*", 2) == 0) {
            end = strstr(p + 2, "*/");
            p = end != NULL ? end + 2 : p + strlen(p);
        } else {
            return p;
        }
    }
}

static const char *
skip_string(const char *p)
{
    char quote = *p++;

    for (; *p != '\0' && *p != quote && *p != '\n'; p++)
        if (*p == '\\' && p[1] != '\0')
            p++;
    return *p == quote ? p + 1 : p;
}

/* xm create --dryrun prints "Using config file ..." before its expression. */
const char *
config_skip_banner(const char *text)
{
    static const char said[] = "Using config file ";

    return strncmp(text, said, sizeof(said) - 1) == 0
               ? text + strcspn(text, "\n")
               : text;
}

/* What a text has shown of itself. */
struct guess {
    bool conf, xl;  /* certain */
    bool word;      /* a setting that xl has outside of any group */
    bool semicolon; /* a setting ended with one: usual in libconfig */
    bool setting;   /* there was one */
};

/* True for the beginning of "{ kernel = ..." and "( { type = ...", which no
 * Python that xl refuses looks like. Over blanks alone: a comment is not to be
 * scanned once for each value in front of it. */
static bool
begins_group(const char *p)
{
    static const char blanks[] = " \t\r\n";

    if (*p == '(')
        p += 1 + strspn(p + 1, blanks);
    return *p == '{' && isalpha((unsigned char)p[1 + strspn(p + 1, blanks)]);
}

/* From behind a setting's "=" to the end of its value. */
static const char *
skip_value(const char *p, struct guess *g)
{
    unsigned depth = 0;

    p = skip_blank(p);
    g->setting = true;
    g->conf = g->word ? begins_group(p) : *p == '{' || *p == '(';
    while (*p != '\0' && !g->conf) {
        if (depth == 0 && strchr(";,\n#", *p) != NULL)
            break;
        g->xl |= *p == '\'';
        depth += *p == '[';
        depth -= *p == ']' && depth > 0;
        p = *p == '"' || *p == '\'' ? skip_string(p) : p + 1;
    }
    g->semicolon |= *p == ';';
    return p;
}

/* True for the settings that xl has outside of any group, and every xl.cfg
 * has one of them. */
static bool
is_of_xl(const char *name, size_t len)
{
    static const char *const names[] = { "kernel", "bootloader", "builder",
                                         "type",   "disk",       "vif",
                                         "extra",  "ramdisk" };
    size_t i;

    for (i = 0; i < COUNT(names); i++)
        if (strlen(names[i]) == len && strncmp(names[i], name, len) == 0)
            return true;
    return false;
}

/* A setting: a pointer behind its value; NULL: there is none here. */
static const char *
skip_setting(const char *p, struct guess *g)
{
    static const char chars[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                "abcdefghijklmnopqrstuvwxyz0123456789-_.*";
    size_t len = strspn(p, chars);
    const char *op = skip_blank(p + len);

    if (len == 0)
        return NULL;
    /* for "=", libconfig alone; Python's "else:" comes behind settings of xl */
    g->conf = *op == ':' && !g->word;
    if (op[0] == '+' && op[1] == '=')
        g->xl = true;
    else if (*op != '=')
        return NULL;
    g->word |= is_of_xl(p, len);
    return skip_value(op + 1 + (*op == '+'), g);
}

enum config_format
config_recognise(const char *text)
{
    const char *p = skip_blank(config_skip_bom(text)), *next;
    struct guess g = { 0 };

    if (*skip_blank(config_skip_banner(p)) == '(')
        return FORMAT_SXP;
    if (*p == '[' || (*p == '{' && p[1 + strspn(p + 1, " \t\r\n")] == '"'))
        return FORMAT_JSON;
    while (*p != '\0' && !g.conf && !g.xl) {
        next = skip_setting(p, &g);
        p = next != NULL ? next : p + strcspn(p, "\n;");
        p += *p == ';' || *p == ','; /* libconfig takes either */
        p = skip_blank(p);
    }
    /* Nothing that could be told: the native reader says what is missing. */
    if (g.conf || (!g.xl && !g.word && (g.semicolon || !g.setting)))
        return FORMAT_CONF;
    return FORMAT_XL;
}
