/*
 * xl_scan.c - see xl_scan.h. The tokens are those of libxlutil's lexer: names
 * of small letters, digits, "." and "_", numbers, strings of one line, "#"
 * comments; a statement ends with its line or ";", but not inside brackets.
 */
#include "engine/config/xl/xl_scan.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/conf.h"
#include "src/base/xalloc.h"

#define NAME_CHARS "abcdefghijklmnopqrstuvwxyz0123456789._"

struct xl_scanner {
    struct conf_at at; /* the line of p */
    const char *p;
    struct xl_names *names;
    struct xl_name *now; /* of the statement at work, or NULL */
    unsigned depth;
    bool fresh;  /* no token of this statement yet */
    bool adding; /* its operator is += */
    size_t n_statements, n_items, added;
};

void
xl_normalise(const char *text, struct buf *out)
{
    size_t n;

    if (strncmp(text, "\xef\xbb\xbf", 3) == 0)
        text += 3;
    while (*text != '\0') {
        n = strcspn(text, "\r");
        buf_add(out, text, n);
        text += n;
        if (text[0] == '\r' && text[1] != '\n')
            buf_chr(out, '\r');
        text += *text == '\r';
    }
    if (out->len > 0 && out->data[out->len - 1] != '\n')
        buf_chr(out, '\n');
}

void
xl_names_fini(struct xl_names *names)
{
    size_t i;

    for (i = 0; i < names->n; i++)
        free(names->at[i].item);
    free(names->at);
    *names = (struct xl_names){ 0 };
}

static int
too_many(const struct xl_scanner *sc, const char *what, int max)
{
    return conf_bad_at(&sc->at, ERR_RANGE, "syntax", "found too %s, allowed %d",
                       what, max);
}

static struct xl_name *
intern(struct xl_names *names, const char *text, size_t len)
{
    struct xl_name *name;
    size_t i;

    for (i = 0; i < names->n; i++)
        if (strlen(names->at[i].name) == len &&
            strncmp(names->at[i].name, text, len) == 0)
            return &names->at[i];
    names->at = xrealloc(names->at, names->n + 1, sizeof names->at[0]);
    name = &names->at[names->n++];
    *name = (struct xl_name){ 0 };
    text_fmt(name->name, sizeof name->name, "%.*s", (int)len, text);
    return name;
}

/* A name at the start of a statement, with what follows it. */
static int
xl_scan_take_name(struct xl_scanner *sc)
{
    size_t len = strspn(sc->p, NAME_CHARS), blank;
    const char *op = sc->p + len;

    blank = strspn(op, " \t");
    op += blank;
    sc->fresh = false;
    sc->adding = strncmp(op, "+=", 2) == 0;
    if (!sc->adding && *op != '=') {
        sc->p += len;
        return 0;
    }
    if (len > XL_NAME_MAX)
        return too_many(sc, "long a name", XL_NAME_MAX);
    if (sc->n_statements++ == XL_STATEMENTS_MAX)
        return too_many(sc, "many settings", XL_STATEMENTS_MAX);
    sc->now = intern(sc->names, sc->p, len);
    if (!sc->adding) {
        sc->now->twice = sc->now->line > 0;
        sc->now->n_items = 0;
    }
    sc->now->line = sc->at.line;
    sc->p = op + (sc->adding ? 2 : 1);
    return 0;
}

/* An element of a list begins here. */
static int
xl_scan_take_item(struct xl_scanner *sc)
{
    struct xl_name *name = sc->now;

    if (sc->depth == 0)
        return 0;
    if (sc->n_items++ == XL_ITEMS_MAX)
        return too_many(sc, "many list elements", XL_ITEMS_MAX);
    if (sc->depth > 1 || name == NULL)
        return 0;
    name->item = xrealloc(name->item, name->n_items + 1, sizeof name->item[0]);
    name->item[name->n_items++] = sc->at.line;
    return 0;
}

static int
take_string(struct xl_scanner *sc)
{
    char quote = *sc->p++;
    const char *begin = sc->p;
    size_t len;

    while (*sc->p != quote && *sc->p != '\n' && *sc->p != '\0')
        sc->p +=
            sc->p[0] == '\\' && sc->p[1] != '\n' && sc->p[1] != '\0' ? 2 : 1;
    len = (size_t)(sc->p - begin);
    sc->p += *sc->p == quote;
    if (len > XL_STRING_MAX)
        return too_many(sc, "many bytes of text", XL_STRING_MAX);
    if (sc->adding && (sc->added += len + 1) > XL_ADDED_MAX)
        return too_many(sc, "many bytes added with +=", XL_ADDED_MAX);
    return xl_scan_take_item(sc);
}

static int
xl_scan_open_list(struct xl_scanner *sc)
{
    if (sc->depth == XL_DEPTH_MAX)
        return too_many(sc, "many lists inside each other", XL_DEPTH_MAX);
    if (xl_scan_take_item(sc) < 0)
        return -1;
    sc->depth++;
    sc->p++;
    return 0;
}

static void
end_statement(struct xl_scanner *sc)
{
    if (sc->depth > 0)
        return;
    sc->fresh = true;
    sc->adding = false;
    sc->now = NULL;
}

static int
xl_scan_take_word(struct xl_scanner *sc)
{
    if (sc->fresh && islower((unsigned char)*sc->p))
        return xl_scan_take_name(sc);
    sc->fresh = false;
    if (isdigit((unsigned char)*sc->p)) {
        sc->p += strspn(sc->p, NAME_CHARS);
        return xl_scan_take_item(sc);
    }
    sc->p++;
    return 0;
}

static int
take_token(struct xl_scanner *sc)
{
    switch (*sc->p) {
    case '\n':
        end_statement(sc);
        sc->at.line++;
        sc->p++;
        return 0;
    case ';':
        end_statement(sc);
        sc->p++;
        return 0;
    case '#':
        sc->p += strcspn(sc->p, "\n");
        return 0;
    case ' ':
    case '\t':
        sc->p++;
        return 0;
    case '"':
    case '\'':
        return take_string(sc);
    case '[':
        return xl_scan_open_list(sc);
    case ']':
        sc->depth -= sc->depth > 0;
        sc->p++;
        return 0;
    default:
        return xl_scan_take_word(sc);
    }
}

void
xl_names_drop_lines(struct xl_names *names, unsigned last)
{
    size_t i, k;

    for (i = 0; i < names->n; i++) {
        if (names->at[i].line > last)
            names->at[i].line = 0;
        for (k = 0; k < names->at[i].n_items; k++)
            if (names->at[i].item[k] > last)
                names->at[i].item[k] = 0;
    }
}

int
xl_scan(const char *text, const char *file, struct xl_names *out, struct err *e)
{
    struct xl_scanner sc = {
        .at = { file, 1, e }, .p = text, .names = out, .fresh = true
    };

    *out = (struct xl_names){ 0 };
    while (*sc.p != '\0') {
        if (take_token(&sc) == 0)
            continue;
        xl_names_fini(out);
        return -1;
    }
    return 0;
}
