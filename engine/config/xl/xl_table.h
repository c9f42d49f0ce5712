/*
 * xl_table.h - every setting of xl.cfg(5), and what becomes of it here. Private
 * to engine/config.
 */
#ifndef XENDECK_ENGINE_CONFIG_XL_TABLE_H
#define XENDECK_ENGINE_CONFIG_XL_TABLE_H

#include <stdbool.h>
#include <stddef.h>

enum xl_class {
    XL_TEXT,    /* honoured: a text for the native setting */
    XL_NUMBER,  /* honoured: a number as xl reads it, octal and hexadecimal */
    XL_MIB,     /* likewise, an amount of memory */
    XL_BOOL,    /* honoured: 0 or not */
    XL_WORD,    /* honoured: a word, or the number that it stands for */
    XL_TEXTS,   /* honoured: a text, or a list of them */
    XL_SPECIAL, /* honoured: by a function of xl.c */
    XL_UNMET,   /* not honoured: a warning says why */
    XL_REFUSED  /* not honoured, and dangerous to ignore: an error */
};

struct xl_setting {
    const char *name;
    enum xl_class class;
    const char *native; /* of the honoured ones */
    const char *why;    /* of the others */
    const char *off;    /* a value that asks for nothing, besides "", [] and,
                           unless zero_counts, 0 */
    bool zero_counts;
    /* Of which kinds of domains (KIND_ of setting.h) it means anything; 0: what
     * the native setting says, or all. To xl it means nothing for others
     * either: a warning. */
    unsigned kinds;
    bool kinds_only; /* xl refuses it for other kinds, too */
};

unsigned xl_setting_kinds(const struct xl_setting *s);

const struct xl_setting *xl_setting_find(const char *name);
/* NULL past the end: for the manual and the tests. */
const struct xl_setting *xl_setting_at(size_t i);
/* The nearest known name, if it is near; else NULL. */
const char *xl_setting_near(const char *name);

#endif
