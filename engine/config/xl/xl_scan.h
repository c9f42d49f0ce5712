/*
 * xl_scan.h - which settings an xl.cfg has, and where. libxlutil gives the
 * value of a setting that one asks for by name, but no list of names and no
 * lines. Private to engine/config.
 */
#ifndef XENDECK_ENGINE_CONFIG_XL_SCAN_H
#define XENDECK_ENGINE_CONFIG_XL_SCAN_H

#include <stdbool.h>
#include <stddef.h>

#include "src/base/buf.h"
#include "src/base/err.h"

#define XL_NAME_MAX       63
#define XL_STATEMENTS_MAX 1024
#define XL_ITEMS_MAX      2048  /* list elements of a file */
#define XL_DEPTH_MAX      8     /* lists inside lists */
#define XL_STRING_MAX     8192  /* bytes between two quotes */
#define XL_ADDED_MAX      65536 /* bytes in all that follow a += */

struct xl_name {
    char name[XL_NAME_MAX + 1];
    unsigned line;  /* of its last statement */
    bool twice;     /* assigned (=) more than once */
    unsigned *item; /* lines of the elements of its list */
    size_t n_items;
};

struct xl_names {
    struct xl_name *at; /* in the order of their first statement */
    size_t n;
};

/* Appends text as libxlutil wants it: no byte order mark, lines that end with
 * a newline alone, the last one too. */
void xl_normalise(const char *text, struct buf *out);
/* Finds the names, and refuses what would cost libxlutil without bound: it
 * copies the value so far for each +=, and frees lists by recursion. Of a text
 * with a mistake that is all: libxlutil says what it is. */
int xl_scan(const char *text, const char *file, struct xl_names *out,
            struct err *e);
void xl_names_fini(struct xl_names *names);
/* Lines behind this one stand in no file: they become 0. */
void xl_names_drop_lines(struct xl_names *names, unsigned last);

#endif
