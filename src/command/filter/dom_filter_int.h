/*
 * dom_filter_int.h - what the files of src/command/filter share: the fields of
 * a domain that a condition may name, and a parsed condition.
 */
#ifndef XENDECK_COMMAND_DOM_FILTER_INT_H
#define XENDECK_COMMAND_DOM_FILTER_INT_H

#include <regex.h>

#include "src/command/filter/dom_filter.h"

#define DOM_FILTER_TEXT 64 /* bytes of a text, with the NUL */

/* How a number is written. */
enum dom_unit {
    DOM_UNIT_NONE,
    DOM_UNIT_KIB,   /* 512M, 1.5G; without a letter MiB, as mem-set takes it
                     */
    DOM_UNIT_BYTES, /* 10M; without a letter bytes */
    DOM_UNIT_SPAN   /* 30s, 10m, 2h, 3d; without a letter seconds */
};

/* A field has either words or a number. */
struct dom_field {
    const char *name;
    /* Whether the value that was typed fits d; it has passed allows. */
    bool (*fits)(const struct dom *d, const char *value);
    const char *words; /* that there are, "a|b"; NULL: any text */
    /* Less than 0: not known, which no comparison is true for. */
    double (*number)(const struct dom *d, double now_s);
    enum dom_unit unit;
    bool rates; /* known only while RATES_DEVICES is wanted */
};

enum dom_compare { DOM_LESS, DOM_AT_MOST, DOM_EQUAL, DOM_AT_LEAST, DOM_MORE };

struct dom_filter_term {
    const struct dom_field *field; /* NULL: an expression for the name */
    bool inverted;
    enum dom_compare compare;
    double number;
    char text[DOM_FILTER_TEXT];
    regex_t re; /* compiled if field is NULL */
};

/* By position; NULL past the end. The first is the name. */
const struct dom_field *dom_field_at(size_t i);
/* The n bytes of a name; NULL: there is no such field. */
const struct dom_field *dom_field_find(const char *name, size_t n);
/* Whether a typed value is one of the field's words, or begins one. */
bool dom_field_allows(const struct dom_field *f, const char *value);

#endif
