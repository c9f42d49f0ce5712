/*
 * xl_int.h - what the parts of the xl.cfg reader share. Only they include
 * headers of libxlutil. Private to engine/config.
 */
#ifndef XENDECK_ENGINE_CONFIG_XL_INT_H
#define XENDECK_ENGINE_CONFIG_XL_INT_H

#include <libxlutil.h>
#include <stdbool.h>
#include <stdio.h>

#include "engine/config/core/set.h"
#include "engine/config/xl/xl_scan.h"

/* --- xl_lib.c: libxlutil, and what it reports as text */
struct xl_lib {
    XLU_Config *cfg;
    FILE *report;    /* into said */
    struct buf said; /* its beginning, after a flush */
    size_t told;
};

/* *l is zeroed, and stays where it is. -1: no memory. */
int xl_lib_init(struct xl_lib *l, struct err *e);
void xl_lib_fini(struct xl_lib *l);
/* Appends the first complaint since the last call, one line without the name
 * of the file, and gives its line (0: none was named). */
unsigned xl_lib_said(struct xl_lib *l, struct buf *out);
/* True if it complained of Python in a file. */
bool xl_lib_python(struct xl_lib *l);

/* --- xl_device.c: a device from xl's specification */
#define XL_PAIRS_MAX 24

struct xl_device {
    const struct config_src *src;
    struct xl_lib *lib;
    const char *shown; /* "disk[0]" */
    unsigned line;
    /* Of a pci that does not say otherwise: pci_permissive = 1... */
    bool permissive, msitranslate, seize, power_mgmt;
    struct {
        const char *key; /* native */
        char *value;
        unsigned line; /* of a setting that stands by itself; else 0 */
    } pairs[XL_PAIRS_MAX];
    size_t n;
};

/* Each takes a specification apart; 0 with the pairs, to be freed by
 * xl_device_fini also after -1. */
int xl_disk(struct xl_device *d, const char *spec);
int xl_vif(struct xl_device *d, const char *spec);
int xl_pci(struct xl_device *d, const char *spec);
int xl_vfb(struct xl_device *d, const char *spec);
/* Sets a key; an earlier value is replaced. */
void xl_device_put(struct xl_device *d, const char *key, const char *value);
const char *xl_device_get(const struct xl_device *d, const char *key);
void xl_device_fini(struct xl_device *d);

/* --- xl_devices.c: all devices of a file */
struct xl_file {
    struct config_src src;
    struct xl_lib lib;
    struct xl_names names;
    struct domain_config *c;
};

int xl_devices(struct xl_file *f);
/* xl.c: the name as the file has it; NULL: it has none. */
const struct xl_name *xl_file_name(const struct xl_file *f, const char *name);
/* "FILE:LINE: NAME: found VALUE, allowed " and the text. -1. */
int xl_file_refuse(struct xl_file *f, const char *name, enum err_code code,
                   const char *allowed);
/* The text of a setting in *out, NULL if there is none or it is empty. -1: it
 * is a list. */
int xl_file_text(struct xl_file *f, const char *name, const char **out);
/* Whether a number is there and not 0. -1: it is no number. */
int xl_file_flag(struct xl_file *f, const char *name, bool *on_out);

/* --- xl_table.c: every setting of xl.cfg(5) */
enum xl_class {
    XL_TEXT,    /* honoured: a text for the native setting */
    XL_NUMBER,  /* honoured: a number as xl reads it, octal and hexadecimal */
    XL_MIB,     /* likewise, an amount of memory */
    XL_BOOL,    /* honoured: 0 or not */
    XL_SPECIAL, /* honoured: by a function of xl.c */
    XL_UNMET,   /* not honoured: a warning says why */
    XL_NOT_PV,  /* means nothing for a PV domain, to xl either: a warning */
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
};

const struct xl_setting *xl_setting_find(const char *name);
/* NULL past the end: for the manual and the tests. */
const struct xl_setting *xl_setting_at(size_t i);
/* The nearest known name, if it is near; else NULL. */
const char *xl_setting_near(const char *name);

#endif
