/*
 * dom_filter.c - a line of conditions, parsed, and whether a domain passes.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/xalloc.h"
#include "src/command/filter/dom_filter_int.h"

#define TERMS_MAX 16

/* --- parsing --- */

/* One condition of a line: its text without the mark of inversion. */
struct cond {
    const char *line; /* all of it: a fault names the place in it */
    const char *at;
    size_t n;
};

/* Characters of the line up to the condition, counted from 1. */
static size_t
cond_place(const struct cond *c)
{
    const char *p;
    size_t n = 1;

    for (p = c->line; p < c->at; p++)
        n += ((unsigned char)*p & 0xC0U) != 0x80U;
    return n;
}

static int
cond_refuse(const struct cond *c, const char *allowed, struct err *e)
{
    return err_set(e, ERR_INVALID, "filter, character %zu: found %.*s, %s",
                   cond_place(c), (int)c->n, c->at, allowed);
}

static bool
dom_filter_take_text(const char *from, size_t n, char out[DOM_FILTER_TEXT])
{
    if (n >= DOM_FILTER_TEXT)
        return false;
    memcpy(out, from, n);
    out[n] = '\0';
    return true;
}

static int
too_long(const struct cond *c, struct err *e)
{
    char allowed[64];

    text_fmt(allowed, sizeof allowed, "allowed at most %d bytes of text",
             DOM_FILTER_TEXT - 1);
    return cond_refuse(c, allowed, e);
}

/* The end of the set in brackets at re: its last byte, or the last of all. One
 * that stands first is a character of the set, as is each in [:class:]. */
static const char *
bracket_end(const char *re)
{
    const char *p = re + 1 + (re[1] == '^');

    for (p += *p == ']'; *p != '\0' && *p != ']'; p++)
        if (*p == '[' && p[1] != '\0' && strchr(":.=", p[1]) != NULL) {
            const char kind[3] = { p[1], ']', '\0' };
            const char *end = strstr(p + 2, kind);

            if (end != NULL)
                p = end + 1;
        }
    return *p != '\0' ? p : p - 1;
}

/* Counts in braces and references back can take glibc any time and memory, and
 * so does a + on what has one: it is compiled as a copy of that, with a star.
 * The engine serves others as well. */
static bool
is_costly(const char *re)
{
    char before = '\0';

    for (; *re != '\0'; re++) {
        if (*re == '{' || (*re == '\\' && isdigit((unsigned char)re[1])))
            return true;
        if (*re == '+' && before != '\0' && strchr(")+*?", before) != NULL)
            return true;
        before = *re;
        if (*re == '[')
            re = bracket_end(re);
        else if (*re == '\\' && re[1] != '\0')
            re++;
    }
    return false;
}

/* Between slashes. */
static int
parse_regex(const struct cond *c, struct dom_filter_term *t, struct err *e)
{
    char why[80], allowed[128];
    int r;

    if (c->n < 3 || c->at[c->n - 1] != '/')
        return cond_refuse(c, "allowed /EXPRESSION/ with both slashes", e);
    if (!dom_filter_take_text(c->at + 1, c->n - 2, t->text))
        return too_long(c, e);
    if (is_costly(t->text))
        return cond_refuse(c,
                           "allowed an extended regular expression without "
                           "{counts}, \\1, and + after ) * + ?",
                           e);
    r = regcomp(&t->re, t->text, REG_EXTENDED | REG_ICASE | REG_NOSUB);
    if (r == 0)
        return 0;
    (void)regerror(r, &t->re, why, sizeof why);
    text_fmt(allowed, sizeof allowed,
             "allowed an extended regular expression: %s", why);
    return cond_refuse(c, allowed, e);
}

static const char *
unit_letters(enum dom_unit u)
{
    static const char *const letters[] = { [DOM_UNIT_NONE] = "%",
                                           [DOM_UNIT_KIB] = "KMGT",
                                           [DOM_UNIT_BYTES] = "BKMGT",
                                           [DOM_UNIT_SPAN] = "SMHD" };

    return letters[u];
}

static double
unit_factor(enum dom_unit u, char letter)
{
    static const double spans[] = { 1, 60, 3600, 86400 };
    const char *letters = unit_letters(u);
    long i = letter != '\0' ? strchr(letters, letter) - letters : 0;
    double factor = 1;

    if (u == DOM_UNIT_NONE)
        return 1;
    if (u == DOM_UNIT_SPAN)
        return spans[i];
    if (u == DOM_UNIT_KIB && letter == '\0')
        i = 1;
    for (; i > 0; i--)
        factor *= 1024;
    return factor;
}

/* Digits, a point and digits after it, and a letter of the unit. */
static bool
parse_number(const char *text, enum dom_unit u, double *out)
{
    size_t whole = strspn(text, "0123456789"), n = whole;
    double v = 0, part = 1;
    char letter;
    size_t i;

    if (text[n] == '.')
        n += 1 + strspn(text + n + 1, "0123456789");
    if (whole == 0 || n > 15)
        return false;
    for (i = 0; i < n; i++)
        if (i < whole)
            v = v * 10 + (text[i] - '0');
        else if (i > whole)
            v += (text[i] - '0') * (part /= 10);
    letter = (char)toupper((unsigned char)text[n]);
    if (letter != '\0' &&
        (text[n + 1] != '\0' || strchr(unit_letters(u), letter) == NULL))
        return false;
    *out = v * unit_factor(u, letter);
    return true;
}

static const char *
number_form(enum dom_unit u)
{
    static const char *const forms[] = {
        [DOM_UNIT_NONE] = "allowed a number",
        [DOM_UNIT_KIB] = "allowed a size, as 512M or 1.5G",
        [DOM_UNIT_BYTES] = "allowed bytes a second, as 500K or 10M",
        [DOM_UNIT_SPAN] = "allowed a time, as 30s, 10m, 2h or 3d"
    };

    return forms[u];
}

/* The operator at the beginning of text; 0 bytes: it is none for numbers. */
static size_t
parse_compare(const char *text, size_t n, enum dom_compare *out)
{
    static const struct {
        const char *text;
        enum dom_compare compare;
    } ops[] = { { "<=", DOM_AT_MOST }, { ">=", DOM_AT_LEAST },
                { "<", DOM_LESS },     { ">", DOM_MORE },
                { "=", DOM_EQUAL },    { ":", DOM_EQUAL } };
    size_t i, len;

    for (i = 0; i < sizeof ops / sizeof ops[0]; i++) {
        len = strlen(ops[i].text);
        if (n >= len && strncmp(text, ops[i].text, len) == 0) {
            *out = ops[i].compare;
            return len;
        }
    }
    return 0;
}

static int
parse_words(const struct cond *c, struct dom_filter_term *t, struct err *e)
{
    char allowed[320];

    if (t->compare != DOM_EQUAL) {
        text_fmt(allowed, sizeof allowed, "allowed %s:TEXT", t->field->name);
        return cond_refuse(c, allowed, e);
    }
    if (dom_field_allows(t->field, t->text))
        return 0;
    text_fmt(allowed, sizeof allowed, "allowed %s:%s", t->field->name,
             t->field->words);
    return cond_refuse(c, allowed, e);
}

/* FIELD OPERATOR VALUE; op is where the operator stands. */
static int
parse_field(const struct cond *c, const char *op, struct dom_filter_term *t,
            struct err *e)
{
    size_t name = (size_t)(op - c->at), n;
    struct buf all = { 0 };
    size_t i;
    int rc;

    t->field = dom_field_find(c->at, name);
    if (t->field == NULL) {
        buf_str(&all, "allowed ");
        for (i = 0; dom_field_at(i) != NULL; i++)
            buf_fmt(&all, "%s%s", i > 0 ? ", " : "", dom_field_at(i)->name);
        buf_str(&all, "; or, if it is a name, in quotes");
        rc = cond_refuse(c, buf_text(&all), e);
        buf_free(&all);
        return rc;
    }
    n = parse_compare(op, c->n - name, &t->compare);
    if (!dom_filter_take_text(op + n, c->n - name - n, t->text))
        return too_long(c, e);
    if (t->field->number == NULL)
        return parse_words(c, t, e);
    if (!parse_number(t->text, t->field->unit, &t->number))
        return cond_refuse(c, number_form(t->field->unit), e);
    return 0;
}

/* A part of the name. */
static int
filter_parse_name(const struct cond *c, const char *from, size_t n,
                  struct dom_filter_term *t, struct err *e)
{
    t->field = dom_field_at(0);
    t->compare = DOM_EQUAL;
    if (n == 0)
        return cond_refuse(c, "allowed a text after it", e);
    return dom_filter_take_text(from, n, t->text) ? 0 : too_long(c, e);
}

static int
parse_term(struct cond *c, struct dom_filter_term *t, struct err *e)
{
    size_t op;

    t->inverted = c->n > 0 && *c->at == '!';
    if (t->inverted && c->n == 1)
        return cond_refuse(c, "allowed a condition after it", e);
    c->at += t->inverted;
    c->n -= t->inverted;
    if (*c->at == '/')
        return parse_regex(c, t, e);
    if (*c->at == '"') {
        if (c->n < 2 || c->at[c->n - 1] != '"')
            return cond_refuse(c, "allowed \"TEXT\" with both quotes", e);
        return filter_parse_name(c, c->at + 1, c->n - 2, t, e);
    }
    for (op = 0; op < c->n && strchr(":=<>", c->at[op]) == NULL; op++)
        ;
    if (op < c->n)
        return parse_field(c, c->at + op, t, e);
    return filter_parse_name(c, c->at, c->n, t, e);
}

/* Bytes of the condition at the beginning of text: up to a blank, which one
 * between slashes or quotes may have. */
static size_t
cond_bytes(const char *text)
{
    size_t n = text[0] == '!';
    char end = text[n] == '/' || text[n] == '"' ? text[n] : '\0';

    if (end == '\0')
        return strcspn(text, " ");
    for (n++; text[n] != '\0'; n++) {
        if (text[n] == '\\' && text[n + 1] != '\0')
            n++;
        else if (text[n] == end)
            return n + 1 + strcspn(text + n + 1, " ");
    }
    return n;
}

static void
terms_free(struct dom_filter_term *terms, size_t n)
{
    size_t i;

    for (i = 0; i < n; i++)
        if (terms[i].field == NULL)
            regfree(&terms[i].re);
    free(terms);
}

/* All conditions of f->line. -1: *e has the first fault; the faulty ones are
 * left out. */
static int
parse_terms(struct dom_filter *f, struct err *e)
{
    const char *at = f->line + strspn(f->line, " ");
    struct cond c = { .line = f->line };
    int rc = 0;

    for (; *at != '\0'; at += strspn(at, " ")) {
        c.at = at;
        c.n = cond_bytes(at);
        at += c.n;
        if (f->n == TERMS_MAX)
            return cond_refuse(&c, "allowed 16 conditions", rc == 0 ? e : NULL);
        f->terms = xrealloc(f->terms, f->n + 1, sizeof f->terms[0]);
        f->terms[f->n] = (struct dom_filter_term){ 0 };
        if (parse_term(&c, &f->terms[f->n], rc == 0 ? e : NULL) < 0)
            rc = -1;
        else
            f->n++;
    }
    return rc;
}

/* faulty: it is taken all the same, without what is faulty. */
static int
filter_take(struct dom_filter *f, const char *line, bool faulty, struct err *e)
{
    struct dom_filter next = { 0 };
    int rc;

    if (line != NULL && strlen(line) >= sizeof next.line)
        return err_set(e, ERR_RANGE, "filter: found %zu bytes, allowed %d",
                       strlen(line), DOM_FILTER_LINE - 1);
    text_fmt(next.line, sizeof next.line, "%s", line != NULL ? line : "");
    rc = parse_terms(&next, e);
    if (rc < 0 && !faulty) {
        dom_filter_fini(&next);
        return -1;
    }
    dom_filter_fini(f);
    *f = next;
    return rc;
}

int
dom_filter_set(struct dom_filter *f, const char *line, struct err *e)
{
    return filter_take(f, line, false, e);
}

int
dom_filter_type(struct dom_filter *f, const char *line, struct err *e)
{
    return filter_take(f, line, true, e);
}

void
dom_filter_fini(struct dom_filter *f)
{
    terms_free(f->terms, f->n);
    *f = (struct dom_filter){ 0 };
}

bool
dom_filter_empty(const struct dom_filter *f)
{
    return f->n == 0;
}

bool
dom_filter_wants_rates(const struct dom_filter *f)
{
    size_t i;

    for (i = 0; i < f->n; i++)
        if (f->terms[i].field != NULL && f->terms[i].field->rates)
            return true;
    return false;
}

/* --- matching --- */

static bool
compares(double found, enum dom_compare compare, double with)
{
    switch (compare) {
    case DOM_LESS:
        return found < with;
    case DOM_AT_MOST:
        return found <= with;
    case DOM_AT_LEAST:
        return found >= with;
    case DOM_MORE:
        return found > with;
    case DOM_EQUAL:
        break;
    }
    return !(found < with) && !(found > with);
}

static bool
term_fits(const struct dom_filter_term *t, const struct dom *d, double now_s)
{
    double found;

    if (t->field == NULL)
        return regexec(&t->re, d->name, 0, NULL, 0) == 0;
    if (t->field->number == NULL)
        return t->field->fits(d, t->text);
    found = t->field->number(d, now_s);
    return found >= 0 && compares(found, t->compare, t->number);
}

bool
dom_filter_match(const struct dom_filter *f, const struct dom *d, double now_s)
{
    size_t i;

    for (i = 0; i < f->n; i++)
        if (term_fits(&f->terms[i], d, now_s) == f->terms[i].inverted)
            return false;
    return true;
}

/* --- completion --- */

static void
complete_words(const struct dom_field *f, const char *head, size_t head_len,
               struct buf *out)
{
    const char *typed = head + head_len, *word = f->words;
    size_t n;

    while (word != NULL && *word != '\0') {
        n = strcspn(word, "|");
        if (strncasecmp(word, typed, strlen(typed)) == 0)
            buf_fmt(out, "%.*s%.*s\n", (int)head_len, head, (int)n, word);
        word += n + (word[n] == '|');
    }
}

size_t
dom_filter_complete(const char *line, struct buf *out)
{
    const char *at = line + strspn(line, " "), *head, *colon;
    const struct dom_field *f;
    size_t i;

    while (*at != '\0' && at[cond_bytes(at)] != '\0')
        for (at += cond_bytes(at); *at == ' '; at++)
            ;
    head = at + (*at == '!');
    colon = head + strcspn(head, ":=");
    f = *colon != '\0' ? dom_field_find(head, (size_t)(colon - head)) : NULL;
    if (f != NULL)
        complete_words(f, head, (size_t)(colon + 1 - head), out);
    for (i = 0; *colon == '\0' && (f = dom_field_at(i)) != NULL; i++)
        if (strncasecmp(f->name, head, strlen(head)) == 0)
            buf_fmt(out, "%s%s\n", f->name, f->number != NULL ? ">" : ":");
    return (size_t)(head - line);
}
